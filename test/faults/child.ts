/**
 * A run as a process of its own, for tests that kill it: node child.mjs JSON. Prints a line per event.
 */
import { embeddedDatabase } from '../../server/src/database/embeddedDatabase.ts';
import { embeddedDirectory } from '../../server/src/database/embeddedDirectory.ts';
import { embeddedProgram } from '../../server/src/database/embeddedProgram.ts';
import type { Database } from '../../server/src/database/session.ts';
import { gooseTool } from '../../server/src/runner/gooseTool.ts';
import { runMigrations } from '../../server/src/runner/runMigrations.ts';
import { databaseOf } from '../postgres/databaseAt.ts';
import { files, scenarios } from './scenario.ts';

export interface ChildOrder {
  readonly scenario: string;
  /** Of a server. */
  readonly url?: string;
  /** The migration folder of an embedded database. */
  readonly folder?: string;
  readonly worker: string;
  readonly assets: string;
}

async function databaseFor({ url, folder, worker, assets }: ChildOrder): Promise<Database> {
  if (url !== undefined) return databaseOf(url);
  const directory = await embeddedDirectory(folder ?? '.');
  return embeddedDatabase({ directory, program: embeddedProgram(worker, assets), texts: [] });
}

const order: ChildOrder = JSON.parse(process.argv[2] ?? '{}');
const scenario = scenarios.find(({ name }) => name === order.scenario);
if (!scenario) throw new Error('no such scenario');
const report = await runMigrations({
  database: await databaseFor(order),
  tool: gooseTool(() => undefined, 'goose_db_version'),
  files,
  command: scenario.command,
  now: () => performance.now(),
  onEvent: ({ kind }) => process.stdout.write(`${kind}\n`),
}).catch((error: Error) => ({ outcome: error.message }));
process.stdout.write(`end: ${report.outcome}\n`);
