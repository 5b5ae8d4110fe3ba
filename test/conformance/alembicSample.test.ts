import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { alembicFormat } from '../../server/src/migrations/formats/alembic.ts';
import type { Direction, MigrationFile, Script } from '../../server/src/migrations/migration.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { readStatements } from '../../server/src/sql/reader.ts';

/*
 * What alembic emits for a project (`alembic upgrade head --sql`) beside what is read from its revisions:
 * equal, statement by statement, and in the same transactions.
 */

const sample = join(import.meta.dirname, 'alembic-sample');
const directives = join(import.meta.dirname, 'alembic-directives');

beforeAll(loadParser);

const sampled = (project: string, direction: Direction, version: string) =>
  [
    `${project}, ${direction}, alembic ${version}`,
    direction,
    join(sample, `golden/${project}-${version}.${direction}.sql`),
    join(sample, project, 'versions'),
  ] as const;

describe.each([
  sampled('core', 'up', '1.20.0'),
  sampled('core', 'down', '1.20.0'),
  sampled('core', 'up', '1.8.1'),
  sampled('core', 'down', '1.8.1'),
  sampled('modern', 'up', '1.20.0'),
  sampled('branches', 'up', '1.20.0'),
  sampled('branches', 'up', '1.8.1'),
  ['directives, up', 'up', join(directives, 'golden/up.sql'), join(directives, 'versions')],
  ['directives, down', 'down', join(directives, 'golden/down.sql'), join(directives, 'versions')],
] as const)('%s', (_, direction, golden, folder) => {
  const emitted = runsIn(readFileSync(golden, 'utf8'), direction);
  const names = readdirSync(folder).filter((name) => name.endsWith('.py'));

  test('is made of the revisions in the folder', () => {
    expect(emitted.size).toBe(names.length);
  });

  test.each(names)('%s', (name) => {
    const file = read(join(folder, name));
    const expected = emitted.get(file.revision?.id ?? '');
    expect(file.problems).toEqual([]);
    expect(expected).toBeDefined();
    expect(sent((direction === 'up' ? file.up : file.down) ?? file.up)).toEqual(expected);
  });
});

function read(path: string): MigrationFile {
  return alembicFormat().read({ path, text: readFileSync(path, 'utf8'), byteOrderMark: false });
}

/** Offline, alembic ends its transaction for an autocommit block, and begins another one after it. */
function sent(script: Script): string[] {
  const texts = script.units.flatMap((unit) => {
    const each = unit.queries.flatMap(({ statements }) => statements.map(({ parsed }) => parsed.text));
    return unit.mode === 'transaction' ? each : ['COMMIT', ...each, 'BEGIN'];
  });
  // What is written is printed with blanks for tabs.
  return unordered(texts.map((text) => text.replaceAll('\t', '    ')));
}

/** The statements of each revision, without those of the version table. */
function runsIn(sql: string, direction: Direction): Map<string, readonly string[]> {
  const pieces = sql.split(/^-- Running (?:upgrade|downgrade) (.*) -> (.*)\n/m).slice(1);
  const runs = new Map<string, readonly string[]>();
  for (let i = 0; i < pieces.length; i += 3) {
    const revision = (direction === 'up' ? pieces[i + 1] : pieces[i]) ?? '';
    const statements = readStatements(pieces[i + 2] ?? '').statements.map(({ parsed }) => parsed.text);
    const own = statements.filter((text) => !/\balembic_version\b/.test(text));
    const isLast = i + 3 >= pieces.length;
    runs.set(revision, unordered(isLast ? own.slice(0, -1) : own));
  }
  return runs;
}

/** CREATE INDEX statements that follow each other are those of one table, in the order of a set of Python's. */
function unordered(texts: readonly string[]): string[] {
  const result = [...texts];
  for (let start = 0; start < result.length; start++) {
    let end = start;
    while (result[end]?.startsWith('CREATE INDEX')) end++;
    if (end - start > 1) result.splice(start, end - start, ...result.slice(start, end).sort());
    start = end;
  }
  return result;
}
