import type { AlembicRuntime } from '../migrations/alembicRuntime.ts';
import { readEnvironmentScript, usualEnvironment } from '../migrations/formats/alembic/environmentScript.ts';
import { graphOf } from '../migrations/revisionHistory.ts';
import { withNeeds } from '../migrations/revisionRows.ts';
import { planAlembic, revisionsOf } from './alembicPlan.ts';
import { alembicStatus } from './alembicStatus.ts';
import type { RunnableTool, Standing } from './runnableTool.ts';
import { AlembicVersionTable } from './tracking/alembicVersionTable.ts';

/** alembic itself takes no lock; this one, of our own, keeps two runs of ours apart ("skei" in ASCII). */
const lock = '1936418153';

/** alembic 1.20 without Python: revisions are run as they are read, with the rows that alembic would write. */
export function alembicTool(project: AlembicRuntime): RunnableTool {
  const environment =
    project.environment === undefined ? usualEnvironment : readEnvironmentScript(project.environment.text);
  const table = new AlembicVersionTable(environment);
  const standing = (rows: readonly string[] | undefined): Standing => ({
    status: (files) => alembicStatus(files, rows),
    plan: (command, files) => planAlembic(command, files, { project, environment, table, rows }),
    holds: ({ version, direction }, files) => {
      const { nodes } = graphOf(revisionsOf(files));
      const applied = withNeeds((rows ?? []).flatMap((row) => nodes.get(row) ?? []));
      const node = nodes.get(version);
      return node !== undefined && applied.has(node) === (direction === 'up');
    },
  });
  return {
    lock,
    remarks: {
      transactionEnded:
        'This statement ends the transaction that alembic has opened: what follows is committed statement by statement',
      transactionDropped: 'The transaction that this statement opens is rolled back before the next one',
    },
    advice: {
      '25001':
        'Let this statement run outside a transaction: write it inside "with op.get_context().autocommit_block():".',
    },
    unmade: standing(undefined),
    read: async (session) => standing(await table.read(session)),
    refusedTable: () => undefined,
  };
}
