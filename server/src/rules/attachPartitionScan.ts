import { displayName, tableOf, tableTree } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { attachPartition } from '../rewrites/attachPartition.ts';
import type { Span } from '../sql/span.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import type { Rule, RuleContext, StepReport } from './rule.ts';
import { isScannedFor } from './tableWork.ts';
import { lockInWords } from './wording.ts';

const PARENT =
  'CREATE TABLE m (id int NOT NULL) PARTITION BY RANGE (id);\nCREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (1);\nCREATE TABLE x (id int NOT NULL);';
const ATTACH = 'ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM (1) TO (5);';

export const attachPartitionScan: Rule = {
  id: 'attach-partition-scan',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['pgls avoidAttachingPartition', 'pgfence attach-partition', 'pgsafe attach-partition'],
  summary: 'ATTACH PARTITION reads the new partition, or the default one, while it blocks reads and writes.',
  why: 'ATTACH PARTITION has to know that every row fits the bounds, and that the default partition holds none of them. It reads those tables under an ACCESS EXCLUSIVE lock, unless a validated CHECK proves it. Add such a CHECK NOT VALID, VALIDATE it (reads and writes go on), then ATTACH, and drop the CHECK. Indexes of the parent that the partition lacks are built under the same lock: build them CONCURRENTLY before.',
  bad: () => [
    { files: [ATTACH] },
    { files: [PARENT, ATTACH] },
    { files: [PARENT, 'ALTER TABLE x ADD CONSTRAINT fits CHECK (id >= 1 AND id < 5) NOT VALID;', ATTACH] },
    {
      files: [
        `${PARENT.replace('x (id int NOT NULL)', 'x (id int)')}\nALTER TABLE x ADD CHECK (id >= 1 AND id < 5);`,
        ATTACH,
      ],
    },
    {
      files: [
        `${PARENT}\nCREATE TABLE m_rest PARTITION OF m DEFAULT;\nALTER TABLE x ADD CHECK (id >= 1 AND id < 5);`,
        ATTACH,
      ],
    },
    {
      files: [
        `${PARENT}\nALTER TABLE x ADD CHECK (id >= 1 AND id < 5);\nCREATE INDEX m_id ON m (id);`,
        `-- +goose Up\n${ATTACH}\n`,
      ],
    },
  ],
  good: () => [
    { files: [`${PARENT}\nALTER TABLE x ADD CONSTRAINT fits CHECK (id >= 1 AND id < 5);`, ATTACH] },
    {
      files: [
        `${PARENT.replace('x (id int NOT NULL)', 'x (id int)')}\nALTER TABLE x ADD CHECK (id IS NOT NULL AND id >= 1 AND id < 5);`,
        ATTACH,
      ],
    },
    {
      files: [
        `${PARENT}\nCREATE TABLE m_rest PARTITION OF m DEFAULT;\nALTER TABLE m_rest ADD CHECK (id >= 5);\nALTER TABLE x ADD CHECK (id >= 1 AND id < 5);`,
        ATTACH,
      ],
    },
    { files: [PARENT, `CREATE TABLE x2 (LIKE m);\n${ATTACH.replace('PARTITION x', 'PARTITION x2')}`] },
    { files: [`${PARENT}\n${ATTACH}`] },
    { files: ['CREATE INDEX i ON ONLY m (id);', 'ALTER INDEX i ATTACH PARTITION i1;'] },
    { files: [PARENT, `-- +goose Up\nSELECT 1;\n-- +goose Down\n${ATTACH}\n`] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step, context) {
    if (!('AlterTableStmt' in step.node) || step.node.AlterTableStmt.objtype !== 'OBJECT_TABLE') return;
    const parent = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
    for (const { command, name, span } of alterTableCommands(step.statement)) {
      if (command.subtype !== 'AT_AttachPartition' || !command.def || !('PartitionCmd' in command.def))
        continue;
      const partition = keyOfRangeVar(step.before, step.session, command.def.PartitionCmd.name);
      const found =
        onPartition(step, parent, partition, name ?? span, context) ??
        onDefault(step, parent, partition, name ?? span);
      if (found !== undefined) yield found;
    }
  },
};

function onPartition(
  step: Step,
  parent: string,
  partition: string,
  span: Span,
  context: RuleContext,
): StepReport | undefined {
  if (isNew(step, partition)) return undefined;
  const name = displayName(partition);
  const tested = isScannedFor(step, partition, 'partitionBound');
  if (!tested && !isScannedFor(step, partition, 'indexBuild')) return undefined;
  return {
    span,
    message: tested
      ? `ATTACH PARTITION reads all of ${name} while it blocks reads and writes.`
      : `ATTACH PARTITION builds the indexes that ${name} lacks while it blocks reads and writes.`,
    why: tested
      ? `It takes ${lockInWords(step, partition)}, and holds it while it tests every row against the bounds. Add a CHECK that says the same as the bounds (and IS NOT NULL) NOT VALID, VALIDATE it, then ATTACH: nothing is read.`
      : `It takes ${lockInWords(step, partition)}. Build the same indexes on ${name} CONCURRENTLY before: then they are only attached.`,
    ...(tested ? { fixes: (site: Site) => attachPartition(site, context, parent, partition) } : {}),
  };
}

function onDefault(step: Step, parent: string, partition: string, span: Span): StepReport | undefined {
  const rest = (tableOf(step.before, parent)?.children ?? []).find(
    (each) =>
      !isNew(step, each) &&
      !tableTree(step.before, partition).includes(each) &&
      isScannedFor(step, each, 'partitionBound'),
  );
  if (rest === undefined) return undefined;
  const name = displayName(rest);
  return {
    span,
    message: `ATTACH PARTITION reads all of the default partition ${name} while it blocks reads and writes of it.`,
    why: `It takes ${lockInWords(step, rest)}, and holds it while it looks for rows that belong to the new partition. Add a CHECK to ${name} that excludes them NOT VALID, VALIDATE it, then ATTACH: nothing is read.`,
  };
}
