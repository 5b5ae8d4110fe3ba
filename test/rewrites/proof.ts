import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import type { TestDatabase, TestServerDatabase } from '../postgres/databaseAt.ts';
import { onEmbedded, onServer, serverVersions } from '../postgres/testDatabase.ts';
import { runOn } from '../runner/runs.ts';
import { interrupting, placesToStrike } from './interrupting.ts';
import { modelFiles, type Original, type RewrittenFolder, rewritten } from './original.ts';
import { rowsOf, schemaOf } from './schemaSnapshot.ts';

/**
 * Holds the rewrites of some rules to what they promise, on each server: the same schema and the same rows as the
 * originals, back to the schema before, forth again, what runs outside a transaction twice; clean; and to be run again
 * wherever they were interrupted.
 */
export function prove(
  rules: readonly string[],
  originals: readonly Original[],
  /** How many of them are interrupted on the newest server: where the parts of a file are only put apart, few tell all. */
  interrupted: 'all' | 'some' = 'all',
): void {
  beforeAll(loadParser);

  describe('as files', () => {
    test.each(originals)('$about', (original) => {
      const folder = rewritten(original, rules);
      expect(folder.refusals).toEqual([]);
      expect(folder.applied.length, 'nothing was rewritten').toBeGreaterThan(0);
      expect(seriousFindings(folder), textsOf(folder.files)).toEqual([]);
    });
  });

  describe.each(serverVersions)('on PostgreSQL %i', (version) => {
    const fitting = originals.filter(
      ({ since = 0, before = Number.POSITIVE_INFINITY }) => since <= version && version < before,
    );
    let shared: TestServerDatabase;
    beforeAll(async () => {
      shared = await onServer(version);
    });
    afterAll(() => shared.drop());
    // Emptied after each: making and dropping a database takes several times as long.
    const make = async () => ({ ...shared, drop: async () => void (await shared.query(CLEAR)) });
    test.each(fitting)('$about', (original) => proveOn(make, original, rewritten(original, rules).files));
    // What a killed connection leaves hardly differs between versions: all on the newest, some on the others.
    const all = interrupted === 'all' && version === serverVersions.at(-1);
    const some = fitting.filter((_, i) => all || i % 4 === 0);
    test.each(some)('interrupted: $about', (original) =>
      proveInterrupted(make, original, rewritten(original, rules).files),
    );
  });

  test('on the embedded PostgreSQL', async () => {
    const embedded = await onEmbedded();
    // One session for all: opening one takes seconds.
    const session = await embedded.database.connect();
    const staying = Object.create(session, {
      close: { value: async () => undefined },
      onNotice: { value: () => undefined },
    });
    const query = async (text: string) => [...(await session.query(text))];
    const database = {
      database: { ...embedded.database, connect: async () => staying },
      query,
      drop: async () => void (await session.run(CLEAR)),
    };
    try {
      for (const original of originals.filter(({ before }) => before === undefined))
        await proveOn(async () => database, original, rewritten(original, rules).files);
    } finally {
      await session.close();
      await embedded.drop();
    }
  });
}

/** All that a migration can have made. */
export const CLEAR = `DO $$ DECLARE s text; BEGIN
  FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', s);
  END LOOP;
  CREATE SCHEMA public;
  GRANT USAGE ON SCHEMA public TO PUBLIC;
END $$`;

const serious: ReadonlySet<string> = new Set(['error', 'warning']);

function seriousFindings({ files, analysis }: RewrittenFolder): readonly string[] {
  return files.slice(1).flatMap(({ path }) =>
    analysis
      .findings(path)
      .filter(({ severity }) => serious.has(severity))
      .map(({ rule, message }) => `${path}: ${rule}: ${message}`),
  );
}

export function textsOf(files: readonly FileContent[]): string {
  return files
    .slice(1)
    .map(({ path, text }) => `=== ${path}\n${text}`)
    .join('\n');
}

async function using<D extends TestDatabase, T>(
  make: () => Promise<D>,
  work: (database: D) => Promise<T>,
): Promise<T> {
  const database = await make();
  try {
    return await work(database);
  } finally {
    await database.drop();
  }
}

async function apply(database: TestDatabase, files: readonly FileContent[], to?: bigint): Promise<void> {
  const report = await runOn(database, files, {
    kind: 'up',
    ...(to === undefined ? {} : { to: String(to) }),
  });
  expect(report.failure, textsOf(files)).toBeUndefined();
}

/** Applies file by file, each that runs outside a transaction twice: it claims that it can run again. */
async function applyTwice(database: TestDatabase, files: readonly FileContent[]): Promise<void> {
  for (const { path, text } of files) {
    const version = BigInt(/(\d+)_[^/]*$/.exec(path)?.[1] ?? 0);
    await apply(database, files, version);
    if (!/^-- \+goose NO TRANSACTION/m.test(text)) continue;
    await database.query(`DELETE FROM goose_db_version WHERE version_id = ${version}`);
    await apply(database, files, version);
  }
}

/** What the original comes to. */
export async function outcomeOf(make: () => Promise<TestDatabase>, original: Original) {
  return using(make, async (database) => {
    const files = modelFiles(original);
    await apply(database, files, 1n);
    const before = await schemaOf(database);
    await apply(database, files);
    return { before, schema: await schemaOf(database), rows: await rowsOf(database) };
  });
}

async function proveOn(
  make: () => Promise<TestDatabase>,
  original: Original,
  files: readonly FileContent[],
): Promise<void> {
  const wanted = await outcomeOf(make, original);
  await using(make, async (database) => {
    await apply(database, files);
    expect(await schemaOf(database), textsOf(files)).toEqual(wanted.schema);
    expect(await rowsOf(database), textsOf(files)).toEqual(wanted.rows);
    const back = await runOn(database, files, { kind: 'down', to: '1' });
    expect(back.failure, textsOf(files)).toBeUndefined();
    const mayDiffer = (line: string) => original.stays?.test(line) ?? false;
    expect(
      (await schemaOf(database)).filter((line) => !mayDiffer(line)),
      textsOf(files),
    ).toEqual(wanted.before.filter((line) => !mayDiffer(line)));
    await applyTwice(database, files);
    expect(await schemaOf(database), textsOf(files)).toEqual(wanted.schema);
    expect(await rowsOf(database), textsOf(files)).toEqual(wanted.rows);
  });
}

/** Breaks the connection before and after every statement in turn, and runs the rest again. */
async function proveInterrupted(
  make: () => Promise<TestServerDatabase>,
  original: Original,
  files: readonly FileContent[],
): Promise<void> {
  const wanted = await outcomeOf(make, original);
  const run = (at: number): Promise<readonly string[]> =>
    using(make, async (database) => {
      await apply(database, files, 1n);
      const broken = interrupting(database, at);
      await runOn({ database: broken.database }, files).catch(() => undefined);
      await apply(database, files);
      expect(await schemaOf(database), `interrupted at ${at}\n${textsOf(files)}`).toEqual(wanted.schema);
      expect(await rowsOf(database), `interrupted at ${at}\n${textsOf(files)}`).toEqual(wanted.rows);
      return broken.texts;
    });
  const texts = await run(0);
  expect(texts.length).toBeGreaterThan(0);
  for (const at of placesToStrike(texts)) await run(at);
}
