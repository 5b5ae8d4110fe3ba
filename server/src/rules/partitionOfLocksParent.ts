import type { CreateStmt } from '@pgsql/types';
import { displayName, tableOf } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { isNew } from '../replay/step.ts';
import { findKeywords, statementHead } from '../sql/spans/statementHead.ts';
import { existingLocks } from './existingLocks.ts';
import type { Rule } from './rule.ts';
import { lockInWords } from './wording.ts';

export const partitionOfLocksParent: Rule = {
  id: 'partition-of-locks-parent',
  category: 'locking',
  level: 'hint',
  since: '0.1.0',
  peers: [],
  summary: 'CREATE TABLE … PARTITION OF blocks reads and writes of the partitioned table for a moment.',
  why: 'It takes an ACCESS EXCLUSIVE lock on the partitioned table: it waits for every running query on it, and every new query waits behind it. Create the table by itself and ATTACH it: that takes a SHARE UPDATE EXCLUSIVE lock, in whose way no query stands.',
  bad: () => [
    {
      files: [
        'CREATE TABLE m (id int) PARTITION BY RANGE (id);',
        'CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (5);',
      ],
      fixed:
        'CREATE TABLE m_1 (LIKE m INCLUDING DEFAULTS INCLUDING CONSTRAINTS);\nALTER TABLE m ATTACH PARTITION m_1 FOR VALUES FROM (1) TO (5);',
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE IF NOT EXISTS shop."M 1" PARTITION OF shop.m FOR VALUES IN (\'a\') PARTITION BY HASH (id);\n',
      ],
      fixed:
        '-- +goose Up\nCREATE TABLE IF NOT EXISTS shop."M 1" (LIKE shop.m INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY HASH (id);\nALTER TABLE shop.m ATTACH PARTITION shop."M 1" FOR VALUES IN (\'a\');\n',
    },
    { files: ['CREATE TABLE m_1 PARTITION OF m (PRIMARY KEY (id)) DEFAULT;'] },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE m (id int) PARTITION BY RANGE (id);\nCREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (5);',
      ],
    },
    { files: ['CREATE TABLE m_1 (LIKE m);\nALTER TABLE m ATTACH PARTITION m_1 DEFAULT;'] },
    { files: ['CREATE TABLE child () INHERITS (parent);'] },
    {
      files: [
        'CREATE TABLE m (id int) PARTITION BY RANGE (id);\nCREATE TABLE m_1 PARTITION OF m DEFAULT;',
        'CREATE TABLE IF NOT EXISTS m_1 PARTITION OF m DEFAULT;',
      ],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nCREATE TABLE m_1 PARTITION OF m DEFAULT;\n'] },
  ],

  statements: ['CreateStmt'],
  *checkStep(step) {
    if (!('CreateStmt' in step.node) || step.node.CreateStmt.partbound === undefined) return;
    const statement = step.node.CreateStmt;
    const [node] = statement.inhRelations ?? [];
    const parent = node !== undefined && 'RangeVar' in node ? node.RangeVar : undefined;
    const key = keyOfRangeVar(step.before, step.session, parent);
    if (isNew(step, key) || !existingLocks(step).some(({ relation }) => relation === key)) return;
    const clause = findKeywords(step.statement, ['PARTITION', 'OF']);
    yield {
      span: clause ?? { start: 0, end: step.statement.text.length },
      message: `CREATE TABLE … PARTITION OF blocks reads and writes of ${displayName(key)} for a moment.`,
      why: `It takes ${lockInWords(step, key)}: it waits for every query that runs on it, while new ones wait behind it. Create the table LIKE ${displayName(key)} and ATTACH it, which lets reads and writes go on.`,
      // Where there is a default partition, attaching reads it just the same.
      ...(tableOf(step.before, key)?.children.some((each) => isDefault(tableOf(step.before, each)))
        ? {}
        : { fixes: (site: Site) => createThenAttach(site, statement) }),
    };
  },
};

function isDefault(table: ReturnType<typeof tableOf>): boolean {
  return table?.partitionOf?.bound === 'default';
}

/** Only where the statement says nothing of columns or storage: its words are used again. */
function createThenAttach({ step, statement }: Site, node: CreateStmt): readonly Fix[] {
  const { text, templated } = step.statement;
  const clause = findKeywords(step.statement, ['PARTITION', 'OF']);
  const head = statementHead(step.statement)?.name;
  const values =
    findKeywords(step.statement, ['FOR', 'VALUES'], clause?.end) ??
    findKeywords(step.statement, ['DEFAULT'], clause?.end);
  if (step.nested || templated || clause === undefined || head === undefined || values === undefined)
    return [];
  if (node.tableElts ?? node.options ?? node.tablespacename ?? node.accessMethod) return [];
  const parent = text.slice(clause.end, values.start).trim();
  const by = node.partspec?.location;
  const bound = text.slice(values.start, by).trim();
  const partitioning = by === undefined ? '' : ` ${text.slice(by)}`;
  return [
    {
      title: 'Create the table, then ATTACH it',
      grade: 'review',
      changes: [
        {
          kind: 'replaceStatement',
          statement,
          span: { start: clause.start, end: text.length },
          text: `(LIKE ${parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)${partitioning}`,
        },
        {
          kind: 'insertAfter',
          statement,
          text: `ALTER TABLE ${parent} ATTACH PARTITION ${text.slice(head.start, head.end)} ${bound}`,
        },
      ],
    },
  ];
}
