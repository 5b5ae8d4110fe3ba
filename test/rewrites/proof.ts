import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainFormat } from '../../server/src/migrations/formats/plain.ts';
import { type FileContent, statementsOf } from '../../server/src/migrations/migration.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import type { TestDatabase, TestServerDatabase } from '../postgres/databaseAt.ts';
import { onEmbedded, onServer, serverVersions } from '../postgres/testDatabase.ts';
import { runOn } from '../runner/runs.ts';
import { interrupting, placesToStrike } from './interrupting.ts';
import { modelFiles, type Original, type PlainForm, type RewrittenFolder, rewritten } from './original.ts';
import { rowsOf, schemaOf } from './schemaSnapshot.ts';

interface Extent {
  /** How many are interrupted on the newest server: where the parts of a file are only put apart, few tell all. */
  readonly interrupted?: 'all' | 'some' | 'none';
  /** False for what PostgreSQL lets run only once. */
  readonly again?: boolean;
  /** The forms of plain SQL that are rewritten: what is about a transaction has one. */
  readonly plain?: readonly PlainForm[];
}

/**
 * Holds the rewrites of some rules to what they promise, on each server: the same schema and the same rows as the
 * originals, back to the schema before, forth again, what runs outside a transaction twice; clean; and to be run again
 * wherever they were interrupted. The same migrations as plain SQL come to that too, each on one of the servers.
 */
export function prove(
  rules: readonly string[],
  originals: readonly Original[],
  { interrupted = 'all', again = true, plain = ['plain', 'plain, in a transaction'] }: Extent = {},
): void {
  beforeAll(loadParser);

  /** An original as plain SQL, where it is this engine's turn: all forms come to all engines. */
  const plainOn = (engine: number, original: Original): readonly FileContent[] | undefined => {
    const i = originals.indexOf(original);
    const form = plain[i % plain.length];
    const mine = i % (serverVersions.length + 1) === engine || original.since !== undefined;
    return mine && form !== undefined && suits(original, form)
      ? rewritten(original, rules, form).files
      : undefined;
  };

  describe('as files', () => {
    test.each(originals)('$about', (original) => {
      const folder = rewritten(original, rules);
      expect(folder.refusals).toEqual([]);
      expect(folder.applied.length, 'nothing was rewritten').toBeGreaterThan(0);
      expect(seriousFindings(folder), textsOf(folder.files)).toEqual([]);
    });

    describe.each(plain)('%s', (form) => {
      test.each(originals.filter((each) => suits(each, form)))('$about', (original) => {
        const folder = rewritten(original, rules, form);
        expect(folder.refusals).toEqual([]);
        expect(folder.applied.length, 'nothing was rewritten').toBeGreaterThan(0);
        // What runs again is said of a plain file's own statements, rewritten or not.
        const others = seriousFindings(folder).filter((each) => !each.includes(': not-idempotent'));
        expect(others, textsOf(folder.files)).toEqual([]);
      });
    });
  });

  describe.each(serverVersions)('on PostgreSQL %i', (version) => {
    const engine = serverVersions.indexOf(version);
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
    test.each(fitting)('$about', async (original) =>
      proveOn(
        make,
        original,
        rewritten(original, rules).files,
        await wantedOf(original),
        again,
        plainOn(engine, original),
      ),
    );
    // Each is worked out once.
    const outcomes = new Map<Original, Promise<Outcome>>();
    const wantedOf = (original: Original) => {
      const outcome = outcomes.get(original) ?? outcomeOf(make, original);
      outcomes.set(original, outcome);
      return outcome;
    };
    // What a killed connection leaves hardly differs between versions: all on the newest, some on the others.
    const all = interrupted === 'all' && version === serverVersions.at(-1);
    const some = fitting.filter((_, i) => interrupted !== 'none' && (all || i % 4 === 0));
    test.each(some)('interrupted: $about', async (original) =>
      proveInterrupted(make, rewritten(original, rules).files, await wantedOf(original)),
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
        await proveOn(
          async () => database,
          original,
          rewritten(original, rules).files,
          await outcomeOf(async () => database, original),
          again,
          plainOn(serverVersions.length, original),
        );
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

/** What runs without a transaction in goose has none as plain SQL. */
function suits({ noTransaction }: Original, form: PlainForm): boolean {
  return form === 'plain' || !noTransaction;
}

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

/** Sends the statements of plain files one by one, as psql does. */
async function applyPlain({ database }: TestDatabase, files: readonly FileContent[]): Promise<void> {
  const session = await database.connect();
  try {
    for (const file of files) {
      for (const { parsed } of statementsOf(plainFormat().read(file).up)) {
        await session.run(parsed.text).catch((error: unknown) => {
          throw new Error(`${textsOf(files)}\n${parsed.text}`, { cause: error });
        });
      }
    }
  } finally {
    await session.close();
  }
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

interface Outcome {
  /** The schema before it. */
  readonly before: readonly string[];
  readonly schema: readonly string[];
  readonly rows: readonly string[];
}

/** What the original comes to. */
async function outcomeOf(make: () => Promise<TestDatabase>, original: Original): Promise<Outcome> {
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
  wanted: Outcome,
  again: boolean,
  plain?: readonly FileContent[],
): Promise<void> {
  const schemaIn = async (database: TestDatabase) =>
    (await schemaOf(database)).filter((line) => !original.leaves?.test(line));
  if (plain !== undefined) {
    await using(make, async (database) => {
      await applyPlain(database, plain);
      expect(await schemaIn(database), textsOf(plain)).toEqual(wanted.schema);
      expect(await rowsOf(database), textsOf(plain)).toEqual(wanted.rows);
    });
  }
  await using(make, async (database) => {
    await apply(database, files);
    expect(await schemaIn(database), textsOf(files)).toEqual(wanted.schema);
    expect(await rowsOf(database), textsOf(files)).toEqual(wanted.rows);
    const back = await runOn(database, files, { kind: 'down', to: '1' });
    expect(back.failure, textsOf(files)).toBeUndefined();
    const mayDiffer = (line: string) => original.stays?.test(line) ?? false;
    expect(
      (await schemaIn(database)).filter((line) => !mayDiffer(line)),
      textsOf(files),
    ).toEqual(wanted.before.filter((line) => !mayDiffer(line)));
    await (again ? applyTwice : apply)(database, files);
    expect(await schemaIn(database), textsOf(files)).toEqual(wanted.schema);
    expect(await rowsOf(database), textsOf(files)).toEqual(wanted.rows);
  });
}

/** Breaks the connection before and after every statement in turn, and runs the rest again. */
async function proveInterrupted(
  make: () => Promise<TestServerDatabase>,
  files: readonly FileContent[],
  wanted: Outcome,
): Promise<void> {
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
