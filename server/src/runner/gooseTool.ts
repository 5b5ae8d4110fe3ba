import { ServerError, type Session } from '../database/session.ts';
import type { Environment } from '../migrations/formats/gooseEnvsub.ts';
import { planGoose } from './goosePlan.ts';
import { gooseStatus } from './gooseStatus.ts';
import type { RunnableTool, Standing } from './runnableTool.ts';
import { GooseVersionTable, isRecorded, type VersionRow } from './tracking/gooseVersionTable.ts';

/**
 * The key that goose's library locks with when it is told to (lock/locker.go, v3.27.3: crc64 of "goose").
 */
const lock = '4097083626';

const remarks = {
  transactionEnded:
    'This statement ends the transaction that goose has opened: what follows in the file is committed statement by statement',
  transactionDropped:
    'The transaction that this statement opens is rolled back before the next one: goose sends the statements of a NO TRANSACTION file one by one, each to a connection without a transaction',
};

const invalidSchema = '3F000';

/**
 * goose 3.27. `environment` is for ENVSUB: the process's variables over those of `.env`; `table` is GOOSE_TABLE, else
 * defaultGooseTable. Throws RunRefused when that is no name.
 */
export function gooseTool(environment: Environment, table: string): RunnableTool {
  const versions = new GooseVersionTable(table);
  const standing = (rows: readonly VersionRow[] | undefined): Standing => ({
    status: (files) => gooseStatus(files, rows),
    plan: async (command, files) => planGoose(command, files, rows, environment, versions),
    holds: ({ version, direction }) => isRecorded(rows ?? [], BigInt(version)) === (direction === 'up'),
  });
  return {
    lock,
    remarks,
    advice: {
      '25001':
        'Let this statement run outside a transaction: put "-- +goose NO TRANSACTION" at the top of a file of its own, one such statement after the other.',
    },
    unmade: standing(undefined),
    read: async (session: Session) => standing(await versions.read(session)),
    refusedTable: (error) =>
      error instanceof ServerError && error.code === invalidSchema
        ? versions.withoutSchema(error)
        : undefined,
  };
}
