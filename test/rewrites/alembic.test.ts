import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import { alembicTool } from '../../server/src/runner/alembicTool.ts';
import type { Command } from '../../server/src/runner/plan.ts';
import { runMigrations } from '../../server/src/runner/runMigrations.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';
import { onServer, serverVersions } from '../postgres/testDatabase.ts';
import { type PythonOriginal, pythonOriginals, revisionsOf } from './alembicOriginals.ts';
import { rewrittenProject } from './alembicRewritten.ts';
import { CLEAR } from './proof.ts';
import { rowsOf, schemaOf } from './schemaSnapshot.ts';

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

// The real alembic runs the same: test/interop/alembicRewrites.ts.
describe.each(serverVersions)('rewritten revisions on PostgreSQL %i', (version) => {
  let database: TestServerDatabase;
  beforeAll(async () => {
    database = await onServer(version);
  });
  afterAll(() => database.drop());

  const tool = alembicTool({ namesByConvention: async () => false });

  async function run(files: readonly FileContent[], command: Command): Promise<void> {
    const report = await runMigrations({ database: database.database, tool, files, command, now: () => 0 });
    expect(report.failure, files.map(({ text }) => text).join('\n')).toBeUndefined();
  }

  async function state() {
    const rows = await rowsOf(database);
    return {
      schema: await schemaOf(database),
      rows: rows.filter((row) => !row.startsWith('alembic_version ')),
    };
  }

  async function outcome(original: PythonOriginal) {
    const files = revisionsOf(original, original.comesTo).map((each) => ({ ...each, byteOrderMark: false }));
    await run(files.slice(0, 1), { kind: 'up' });
    const before = await schemaOf(database);
    await run(files, { kind: 'up' });
    const after = await state();
    await database.query(CLEAR);
    return { before, after };
  }

  test.each(pythonOriginals)('$about', async (original) => {
    const { before, after } = await outcome(original);
    const { files } = rewrittenProject(original);
    try {
      await run(files, { kind: 'up' });
      expect(await state()).toEqual(after);
      if (original.oneWay) return;
      await run(files, { kind: 'down', to: '1a2b3c4d5e6f' });
      expect(await schemaOf(database)).toEqual(before);
      await run(files, { kind: 'up' });
      expect(await schemaOf(database)).toEqual(after.schema);
    } finally {
      await database.query(CLEAR);
    }
  });
});
