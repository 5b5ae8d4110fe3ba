import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { terminalAsk } from '../../server/src/cli/ask.ts';
import { codeFrame } from '../../server/src/cli/codeFrame.ts';
import { columnsOf, paintFor, printable } from '../../server/src/cli/paint.ts';
import { mayColour } from '../../server/src/cli/terminal.ts';
import { LineIndex } from '../../server/src/workspace/lineIndex.ts';

describe('terminalAsk', () => {
  const typing = (keys: string, isTTY = true) => {
    const stdin = Object.assign(new PassThrough(), { isTTY });
    const stderr = Object.assign(new PassThrough(), { isTTY, columns: 80 });
    stdin.write(keys);
    return terminalAsk({ stdin, stderr } as unknown as Pick<NodeJS.Process, 'stdin' | 'stderr'>);
  };

  it('gives what is typed, and nothing when the person leaves', async () => {
    expect(await typing('yes\n')?.('Go on? ')).toBe('yes');
    for (const key of ['\x03', '\x04']) expect(await typing(key)?.('Go on? ')).toBeUndefined();
  });

  it('asks nobody where there is no terminal', () => {
    expect(typing('yes\n', false)).toBeUndefined();
  });
});

describe('mayColour', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    [{ TERM: 'dumb' }, true, false],
  ])('%j at a terminal: %s gives %s', (env, isTerminal, expected) => {
    expect(mayColour(env, isTerminal)).toBe(expected);
  });
});

describe('printable', () => {
  it('leaves nothing that a terminal would act on', () => {
    expect(printable('a\x1b[31mb\u202Ec\r')).toBe('a\uFFFD[31mb\uFFFDc\uFFFD');
    expect(printable('é\t😀\n')).toBe('é\t😀\n');
  });
});

describe('columnsOf', () => {
  it('counts what a terminal shows', () => {
    expect(columnsOf('abc')).toBe(3);
    expect(columnsOf('é')).toBe(1);
    expect(columnsOf('e\u0301')).toBe(1);
    expect(columnsOf('表a')).toBe(3);
    expect(columnsOf('😀')).toBe(2);
  });
});

describe('codeFrame', () => {
  const frame = (text: string, marked: string) => {
    const start = text.indexOf(marked);
    return codeFrame(new LineIndex(text), { start, end: start + marked.length }, 'red', paintFor(false));
  };

  it('underlines the place, and shows the line before it', () => {
    expect(frame('-- +goose Up\nDROP INDEX i;\n', 'DROP INDEX')).toEqual([
      '  1 | -- +goose Up',
      '> 2 | DROP INDEX i;',
      '    | ^^^^^^^^^^',
    ]);
  });

  it('lines up under tabs and wide characters', () => {
    expect(frame("\tSELECT '表', x", 'x')).toEqual(["> 1 |     SELECT '表', x", '    |                  ^']);
  });

  it('shows the first lines of a long place, without their indentation marked', () => {
    const text = 'CREATE TABLE t (\r\n  a int,\r\n\r\n  b int,\r\n  c int\r\n);';
    expect(frame(text, text)).toEqual([
      '> 1 | CREATE TABLE t (',
      '    | ^^^^^^^^^^^^^^^^',
      '> 2 |   a int,',
      '    |   ^^^^^^',
      '> 3 | ',
      '> 4 |   b int,',
      '    |   ^^^^^^',
    ]);
  });

  it('points at an empty place, also at the end of the text', () => {
    expect(codeFrame(new LineIndex(''), { start: 0, end: 0 }, 'red', paintFor(false))).toEqual([
      '> 1 | ',
      '    | ^',
    ]);
    expect(codeFrame(new LineIndex('ab'), { start: 2, end: 2 }, 'red', paintFor(false)).at(-1)).toBe(
      '    |   ^',
    );
  });

  it('cuts a very long line around the place', () => {
    const [line, under] = frame(`${'x'.repeat(5000)}DROP${'y'.repeat(5000)}`, 'DROP');
    expect(line?.length).toBeLessThan(180);
    expect(line?.slice(under?.indexOf('^'), (under?.lastIndexOf('^') ?? 0) + 1)).toBe('DROP');
  });
});
