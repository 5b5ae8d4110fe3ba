import { describe, expect, test } from 'vitest';
import { statusText } from '../../../client/src/views/statusText.ts';

const quiet = { uri: 'file:///m/00001_a.sql', errors: 0, warnings: 0, tool: 'goose', loading: false };

describe('the status bar', () => {
  test('a clean migration', () => {
    expect(statusText('running', quiet)).toMatchObject({
      text: 'Skein $(check)',
      tooltip: 'No errors or warnings in this goose migration.',
    });
  });

  test.each([
    [{ errors: 1 }, 'Skein $(error) 1', '1 error in this goose migration.'],
    [{ warnings: 2 }, 'Skein $(warning) 2', '2 warnings in this goose migration.'],
    [
      { errors: 3, warnings: 1 },
      'Skein $(error) 3 $(warning) 1',
      '3 errors and 1 warning in this goose migration.',
    ],
    [{ warnings: 1, tool: 'plain' }, 'Skein $(warning) 1', '1 warning in this numbered SQL migration.'],
  ])('%j', (counts, text, tooltip) => {
    expect(statusText('running', { ...quiet, ...counts })).toMatchObject({ text, tooltip });
  });

  test('while the folder is being read, no tick is promised', () => {
    const shown = statusText('running', { ...quiet, loading: true });
    expect(shown?.text).toBe('Skein $(sync~spin)');
    expect(shown?.tooltip).toContain('still being read');
  });

  test.each([
    ['no editor', undefined],
    ['SQL that is no migration', { uri: 'file:///report.sql', errors: 0, warnings: 0, loading: false }],
  ])('nothing for %s', (_, status) => {
    expect(statusText('running', status)).toBeUndefined();
  });

  test('a server that is not running is said, whatever was known, and a click starts it', () => {
    expect(statusText('stopped', quiet)?.command).toBe('skein.restartServer');
    expect(statusText('starting', quiet)?.text).toBe('$(sync~spin) Skein');
  });

  test.each([
    [1, 'One more finding is hidden'],
    [12, '12 more findings are hidden'],
  ])('%d hidden: a click shows them', (hidden, sentence) => {
    const shown = statusText('running', { ...quiet, hidden });
    expect(shown?.text).toBe(`Skein $(check) $(history) ${hidden}`);
    expect(shown?.tooltip).toContain(`${sentence}, because the file is the same on the base branch.`);
    expect(shown?.command).toBe('skein.showHistoryFindings');
  });
});
