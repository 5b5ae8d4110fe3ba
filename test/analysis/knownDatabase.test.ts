import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { analysisOf, NOW } from '../rules/exampleHistory.ts';

beforeAll(loadParser);

const files = [
  { path: 'migrations/00001_a.sql', text: '-- +goose Up\nCREATE TABLE a (id int PRIMARY KEY, v int);\n' },
  { path: 'migrations/00002_b.sql', text: '-- +goose Up\nALTER TABLE a ALTER v SET NOT NULL;\n' },
];
const [, { path = '' } = {}] = files;
const told = (...paths: readonly string[]) => ({
  postgresVersion: 18,
  applied: { database: 'shop', paths: new Set(paths) },
});

describe('what the database in use tells', () => {
  const analysis = analysisOf(files);
  const notNull = () => {
    const finding = analysis.findings(path).find(({ rule }) => rule === 'set-not-null');
    const [fix] = finding?.fixes ?? [];
    const edits = fix && analysis.edits(fix, path, { now: () => NOW }).edits;
    return { text: edits?.map(({ newText }) => newText).join(''), refusals: finding?.refusals };
  };

  test('counts until another one tells nothing', () => {
    const before = notNull();
    expect(before.text).toContain('CHECK (v IS NOT NULL)');
    analysis.setDatabase(told());
    expect(notNull().text).toContain('NOT NULL v NOT VALID');
    analysis.setDatabase({ applied: { database: 'embedded', paths: new Set() } });
    expect(notNull()).toEqual(before);
    analysis.setDatabase(told());
    analysis.setDatabase(undefined);
    expect(notNull()).toEqual(before);
  });

  test('keeps what is applied in one piece', () => {
    analysis.setDatabase(told('migrations/00001_a.sql'));
    expect(notNull()).toMatchObject({ text: expect.stringContaining('NOT VALID'), refusals: [] });
    analysis.setDatabase(told('migrations/00001_a.sql', path));
    expect(notNull()).toEqual({
      text: undefined,
      refusals: [
        '00002_b.sql stays one migration: it is applied in shop as it is; roll it back there first, or write a new migration',
      ],
    });
  });
});
