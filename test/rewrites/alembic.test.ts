import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { pythonOriginals } from './alembicOriginals.ts';
import { rewrittenProject } from './alembicRewritten.ts';

beforeAll(loadParser);

const texts: string[] = [];

afterAll(() => {
  const program = 'import ast, json, sys\nfor text in json.load(sys.stdin): ast.parse(text)';
  execFileSync('python3', ['-c', program], { input: JSON.stringify(texts) });
});

describe('revisions are rewritten', () => {
  test.each(pythonOriginals)('$about', (original) => {
    const { files, refusals, serious } = rewrittenProject(original);
    const whole = files.map(({ path, text }) => `# ${path}\n${text}`).join('\n');
    texts.push(...files.map(({ text }) => text));
    expect(refusals).toEqual([]);
    expect(files.length, whole).toBe(original.revisions);
    for (const text of original.says ?? []) expect(whole).toContain(text);
    expect(serious, whole).toEqual([]);
    // One line of revisions, each after the one before.
    const parents = files.map(({ text }) => /^down_revision = (.*)$/m.exec(text)?.[1]?.replaceAll("'", '"'));
    const ids = files.map(({ text }) => /^revision = (.*)$/m.exec(text)?.[1]?.replaceAll("'", '"'));
    expect(parents).toEqual(['None', ...ids.slice(0, -1)]);
  });
});
