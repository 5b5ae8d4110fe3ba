import type { FileContent } from '../../server/src/migrations/migration.ts';
import { gooseTool } from '../../server/src/runner/gooseTool.ts';
import type { Command } from '../../server/src/runner/plan.ts';
import type { RunEvent } from '../../server/src/runner/runEvent.ts';
import { type RunOptions, runMigrations } from '../../server/src/runner/runMigrations.ts';
import type { RunReport } from '../../server/src/runner/runReport.ts';
import type { TestDatabase } from '../postgres/databaseAt.ts';

/** goose with nothing in its environment. */
export const goose = gooseTool(() => undefined, 'goose_db_version');

/** Runs a command as a door would, with short patience. */
export function runOn(
  { database }: Pick<TestDatabase, 'database'>,
  files: readonly FileContent[],
  command: Command = { kind: 'up' },
  more: Partial<RunOptions> = {},
): Promise<RunReport> {
  return runMigrations({
    database,
    tool: goose,
    files,
    command,
    now: () => performance.now(),
    lockPatience: { total: 20_000, between: 20 },
    reconnectPatience: { total: 20_000, between: 20 },
    ...more,
  });
}

/** What a run says, and a promise of the first event of a kind. */
export function listening(): {
  readonly events: RunEvent[];
  readonly onEvent: (event: RunEvent) => void;
  readonly seen: (wanted: (event: RunEvent) => boolean) => Promise<void>;
} {
  const events: RunEvent[] = [];
  const waiting: { wanted: (event: RunEvent) => boolean; done: () => void }[] = [];
  return {
    events,
    onEvent: (event) => {
      events.push(event);
      for (const { wanted, done } of waiting) if (wanted(event)) done();
    },
    seen: (wanted) =>
      events.some(wanted) ? Promise.resolve() : new Promise((done) => waiting.push({ wanted, done })),
  };
}

/** The versions that goose's table records, in the order they were recorded. */
export async function recorded(
  database: Pick<TestDatabase, 'query'>,
  table = 'goose_db_version',
): Promise<number[]> {
  const rows = await database.query(`SELECT version_id FROM ${table} ORDER BY id`);
  return rows.map(({ version_id: version }) => Number(version));
}

/** The tables of the schema public, by name, without goose's own. */
export async function tables(database: Pick<TestDatabase, 'query'>): Promise<string[]> {
  const rows = await database.query(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version' ORDER BY 1",
  );
  return rows.map(({ tablename }) => String(tablename));
}
