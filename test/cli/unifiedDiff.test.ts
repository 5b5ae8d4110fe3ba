import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../server/src/cli/unifiedDiff.ts';

const folder = mkdtempSync(join(tmpdir(), 'skein-diff-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `git apply` makes of `before` with the diff. */
function applied(before: string, diff: string): string {
  writeFileSync(join(folder, 'a.sql'), before);
  const { status, stderr } = spawnSync('git', ['apply', '--unidiff-zero', '--whitespace=nowarn', '-'], {
    cwd: folder,
    input: diff,
  });
  if (status !== 0) throw new Error(`${stderr}\n${diff}`);
  return readFileSync(join(folder, 'a.sql'), 'utf8');
}

describe('unifiedDiff', () => {
  it('is empty where nothing changed', () => {
    expect(unifiedDiff('a.sql', 'x\n', 'x\n')).toBe('');
  });

  it('shows three lines around a change, and joins changes that are near', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `${index + 1}\n`);
    const after = lines.map((line) => (line === '5\n' || line === '11\n' ? 'new\n' : line)).join('');
    expect(unifiedDiff('m/a.sql', lines.join(''), `${after}31`)).toBe(
      '--- a/m/a.sql\n+++ b/m/a.sql\n@@ -2,13 +2,13 @@\n 2\n 3\n 4\n-5\n+new\n 6\n 7\n 8\n 9\n 10\n-11\n+new\n 12\n 13\n 14\n' +
        '@@ -28,3 +28,4 @@\n 28\n 29\n 30\n+31\n\\ No newline at end of file\n',
    );
  });

  it('keeps an absolute path as it is, and both kinds of line ends', () => {
    expect(unifiedDiff('/m/a.sql', 'a\r\nb', 'a\r\nc\n')).toBe(
      '--- /m/a.sql\n+++ /m/a.sql\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+c\n',
    );
  });

  it('is what git apply needs', () => {
    const line = fc.constantFrom('a', 'b', 'c', 'd\r');
    const text = fc
      .tuple(fc.array(line, { minLength: 1, maxLength: 25 }), fc.constantFrom('', '\n'))
      .map(([lines, end]) => lines.join('\n') + end);
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after && after !== '');
        expect(applied(before, unifiedDiff('a.sql', before, after))).toBe(after);
      }),
      { numRuns: 40 },
    );
  });

  it('takes no table of all pairs for large files', () => {
    const before = Array.from({ length: 5000 }, (_, index) => `a${index}\n`).join('');
    const after = before.replaceAll('a', 'b');
    expect(unifiedDiff('a.sql', before, after).split('\n').length).toBe(3 + 10_000 + 1);
  });
});
