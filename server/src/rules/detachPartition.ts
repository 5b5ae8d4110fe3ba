import { displayName } from '../catalog/catalog.ts';
import { defaultPartition } from '../effects/relations.ts';
import type { Site } from '../replay/site.ts';
import { runOutsideTransaction } from '../rewrites/ownMigration.ts';
import { alteredTable } from './alteredTable.ts';
import { effectContext } from './effectContext.ts';
import type { Rule } from './rule.ts';
import { lockInWords } from './wording.ts';

export const detachPartition: Rule = {
  id: 'detach-partition',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: [
    'squawk require-concurrent-partition-detach',
    'pgsafe detach-partition',
    'pgfence detach-partition',
  ],
  summary: 'DETACH PARTITION blocks reads and writes of the whole partitioned table.',
  why: 'DETACH PARTITION takes an ACCESS EXCLUSIVE lock on the partitioned table: it waits for every query that runs on it, and every new query waits behind it. DETACH PARTITION … CONCURRENTLY (PostgreSQL 14 and later) waits without standing in the way; it cannot run in a transaction, nor while the table has a default partition.',
  bad: () => [
    {
      files: ['ALTER TABLE m DETACH PARTITION m_1;'],
      fixed: 'ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY;',
    },
    {
      files: ['-- +goose Up\nALTER TABLE m DETACH PARTITION shop."M 1";\n'],
      fixed:
        '-- +goose NO TRANSACTION\n-- +goose Up\nALTER TABLE m DETACH PARTITION shop."M 1" CONCURRENTLY;\n',
      postgresVersion: 14,
    },
    {
      files: [
        'CREATE TABLE m (id int) PARTITION BY RANGE (id);\nCREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (5);\nCREATE TABLE m_rest PARTITION OF m DEFAULT;',
        'ALTER TABLE m DETACH PARTITION m_1;',
      ],
    },
  ],
  good: () => [
    { files: ['ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY;'] },
    { files: ['ALTER TABLE m DETACH PARTITION m_1 FINALIZE;'] },
    { files: ['ALTER TABLE m DETACH PARTITION m_1;'], postgresVersion: 13 },
    {
      files: [
        'CREATE TABLE m (id int) PARTITION BY RANGE (id);\nCREATE TABLE m_1 PARTITION OF m DEFAULT;\nALTER TABLE m DETACH PARTITION m_1;',
      ],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE m DETACH PARTITION m_1;\n'] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step, context) {
    const altered = context.postgresVersion < 14 ? undefined : alteredTable(step);
    if (altered === undefined) return;
    const { key, name } = altered;
    for (const { command, span } of altered.commands) {
      if (command.subtype !== 'AT_DetachPartition' || !command.def || !('PartitionCmd' in command.def))
        continue;
      if (command.def.PartitionCmd.concurrent) continue;
      const rest = defaultPartition(effectContext(step, context), key);
      const lock = `It takes ${lockInWords(step, key)}, once all queries that run on it have ended, while new ones wait behind it.`;
      yield {
        span,
        message: `DETACH PARTITION blocks reads and writes of ${name}, all its partitions included.`,
        why:
          rest === undefined
            ? `${lock} DETACH PARTITION … CONCURRENTLY waits without blocking; it must run outside a transaction.`
            : `${lock} CONCURRENTLY is not possible while there is a default partition (${displayName(rest)}; SQLSTATE 55000): set a short lock_timeout and detach in a migration of its own.`,
        ...(rest === undefined
          ? { fixes: (site: Site) => concurrently(site, span.end, partitionName(command.def)) }
          : {}),
      };
    }
  },
};

function partitionName(definition: object | undefined): string {
  const node = definition as { PartitionCmd?: { name?: { relname?: string } } } | undefined;
  return node?.PartitionCmd?.name?.relname ?? 'partition';
}

function concurrently(site: Site, offset: number, partition: string) {
  return runOutsideTransaction(site, {
    title: 'Detach the partition CONCURRENTLY',
    form: () => ({ clauses: [{ offset, text: 'CONCURRENTLY' }] }),
    down: [],
    undoing: [],
    name: `detach_${partition}`,
  });
}
