import type { Command } from '../../server/src/runner/plan.ts';
import type { RunReport } from '../../server/src/runner/runReport.ts';
import type { TestDatabase } from '../postgres/databaseAt.ts';
import { gooseFolder } from '../runner/gooseFolder.ts';
import { recorded, runOn, tables } from '../runner/runs.ts';

/** Every file makes one table of its name, and does nothing else that could be half done in a transaction. */
export const files = gooseFolder({
  '1_a.sql': {
    up: 'CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nCREATE INDEX a_id ON a (id);',
    down: 'DROP INDEX a_id;\nDROP TABLE a;',
  },
  '2_b.sql': {
    up: 'CREATE TABLE IF NOT EXISTS b (id int);\nDROP INDEX IF EXISTS b_id;\nCREATE INDEX b_id ON b (id);',
    down: 'DROP INDEX IF EXISTS b_id;\nDROP TABLE IF EXISTS b;',
    noTransaction: true,
  },
  '3_c.sql': { up: 'CREATE TABLE c (id int);', down: 'DROP TABLE c;' },
});

const names = ['a', 'b', 'c'];

/** A command and the versions that are applied before it and after it. */
export interface Scenario {
  readonly name: string;
  readonly before: readonly number[];
  readonly command: Command;
  readonly after: readonly number[];
}

export const scenarios: readonly Scenario[] = [
  { name: 'up', before: [], command: { kind: 'up' }, after: [1, 2, 3] },
  { name: 'down', before: [1, 2, 3], command: { kind: 'down', to: '0' }, after: [] },
  { name: 'redo', before: [1, 2], command: { kind: 'redo' }, after: [1, 2] },
];

/** Brings an empty database to where the scenario begins. */
export async function prepare(database: Pick<TestDatabase, 'database'>, { before }: Scenario): Promise<void> {
  const last = before.at(-1);
  if (last !== undefined) await runOn(database, files, { kind: 'up', to: String(last) });
}

/** What is wrong after a fault; nothing when all is well. `report` is what the run said, if it lived to say it. */
export async function complaints(
  database: Pick<TestDatabase, 'database' | 'query'>,
  report: RunReport | undefined,
  scenario: Scenario,
): Promise<string[]> {
  const found: string[] = [];
  const versions = await versionsOf(database);
  found.push(...disagreements(versions, await tables(database)));
  found.push(...(report ? untruths(report, versions) : []));
  await goOn(database, scenario);
  const afterwards = await versionsOf(database);
  const expected = scenario.after.length === 0 && afterwards.length === 0 ? [] : [0, ...scenario.after];
  if (JSON.stringify(afterwards) !== JSON.stringify(expected)) {
    found.push(`after the next run the versions are ${afterwards}, not ${expected}`);
  }
  found.push(...disagreements(afterwards, await tables(database)));
  return found;
}

/** The next run: the same command; redo may have been left between its halves, where up completes it. */
async function goOn(database: Pick<TestDatabase, 'database'>, { name, command }: Scenario): Promise<void> {
  const next: Command = name === 'redo' ? { kind: 'up', to: '2' } : command;
  const report = await runOn(database, files, next);
  if (report.outcome !== 'done') {
    throw new Error(`the next run ${report.outcome}: ${report.failure?.title ?? report.barrier?.message}`);
  }
}

async function versionsOf(database: Pick<TestDatabase, 'query'>): Promise<number[]> {
  return recorded(database).catch((error: Error) => {
    if (/does not exist/.test(error.message)) return [];
    throw error;
  });
}

/** A file that runs in a transaction is there if and only if it is recorded; the other may be half there if it is not. */
function disagreements(versions: readonly number[], existing: readonly string[]): string[] {
  const duplicates = versions.filter((version, i) => versions.indexOf(version) !== i);
  const wrong = names.flatMap((table, i) => {
    const version = i + 1;
    const isRecorded = versions.includes(version);
    const exists = existing.includes(table);
    if (isRecorded === exists || version === 2) return [];
    return [
      `version ${version} is ${isRecorded ? '' : 'not '}recorded, its table ${exists ? 'exists' : 'does not'}`,
    ];
  });
  return [...wrong, ...duplicates.map((version) => `version ${version} is recorded twice`)];
}

/** What the report says was done must have been done; what it says was not must not. */
function untruths({ finished, failure }: RunReport, versions: readonly number[]): string[] {
  const last = new Map(finished.map(({ version, direction }) => [Number(version), direction]));
  const wrong = [...last].flatMap(([version, direction]) =>
    versions.includes(version) === (direction === 'up')
      ? []
      : [`${version} was reported ${direction}, and is not`],
  );
  const failed = failure?.version === undefined ? undefined : Number(failure.version);
  if (failed === undefined || failure?.left === 'unknown') return wrong;
  const done = versions.includes(failed) === (failure?.direction === 'up');
  return done
    ? [...wrong, `${failed} was reported as failed, and was ${failure?.direction} all the same`]
    : wrong;
}
