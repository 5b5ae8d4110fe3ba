import type { Constraint as ConstraintNode } from '@pgsql/types';
import { type Catalog, displayName, indexOf, type Table, tableOf, writtenName } from '../catalog/catalog.ts';
import { columnConstraints } from '../catalog/defineTable.ts';
import { columnsPart, generatedName } from '../catalog/generatedNames.ts';
import { keyForNewRelation, keyOfRangeVar, objectKeyParts, stringsOf } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { commonEnd, commonStart } from '../sql/lists.ts';
import { quoteName, quotePath } from '../sql/names.ts';
import type { Span } from '../sql/span.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { tableElements } from '../sql/spans/createTable.ts';
import type { Rule, ScriptReport } from './rule.ts';
import { listed } from './wording.ts';

export const foreignKeyWithoutIndex: Rule = {
  id: 'foreign-key-without-index',
  category: 'locking',
  level: 'information',
  since: '0.1.0',
  peers: ['eugene E15', 'pgfence fk-missing-index', 'online_migrations add_foreign_key index'],
  summary: 'A new foreign key’s columns have no index.',
  why: 'PostgreSQL indexes the referenced side of a foreign key, not the referencing one. Whenever a row of the referenced table is deleted or its key changes, the referencing table is read whole, under a row lock that others wait for. Create an index that begins with those columns, CONCURRENTLY where the table exists.',
  bad: () => [
    {
      files: [
        'CREATE TABLE shops (id int PRIMARY KEY);\nCREATE TABLE orders (id int PRIMARY KEY, shop_id int);',
        'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop_id) REFERENCES shops NOT VALID;',
      ],
      fixed: 'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop_id) REFERENCES shops NOT VALID;',
      created: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_shop_id_idx ON orders (shop_id);\n'],
    },
    { files: ['-- +goose Up\nALTER TABLE orders ADD COLUMN shop_id int REFERENCES shops;\n'] },
    {
      files: ['CREATE TABLE orders (id int PRIMARY KEY, shop_id int REFERENCES shops);'],
      fixed:
        'CREATE TABLE orders (id int PRIMARY KEY, shop_id int REFERENCES shops);\nCREATE INDEX IF NOT EXISTS orders_shop_id_idx ON orders (shop_id);',
    },
    { files: ['CREATE TABLE o (a int, b int, PRIMARY KEY (a, b), FOREIGN KEY (b) REFERENCES t);'] },
    {
      files: [
        'CREATE TABLE o (a int, b int);\nCREATE INDEX i ON o (a) WHERE b > 0;',
        'ALTER TABLE o ADD FOREIGN KEY (a) REFERENCES t NOT VALID;',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE orders (id int, shop_id int);\nCREATE INDEX i ON orders (shop_id, id);',
        'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops NOT VALID;',
      ],
    },
    { files: ['CREATE TABLE orders (shop_id int REFERENCES shops);\nCREATE INDEX ON orders (shop_id);'] },
    { files: ['CREATE TABLE orders (shop_id int PRIMARY KEY REFERENCES shops);'] },
    { files: ['CREATE TABLE o (a int, b int, UNIQUE (b, a), FOREIGN KEY (a, b) REFERENCES t);'] },
    { files: ['CREATE TABLE o (a int REFERENCES t);\nCREATE INDEX ON o (a) WHERE a IS NOT NULL;'] },
    { files: ['CREATE TABLE o (a int REFERENCES t);\nDROP TABLE o;'] },
    { files: ['CREATE TABLE o (a int);\nALTER TABLE o ADD FOREIGN KEY (a) REFERENCES t;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nCREATE TABLE o (a int REFERENCES t);\n'] },
  ],

  scriptConcerns: (step) => foreignKeysMade(step).length > 0,
  *checkScript({ after }, _history, concerning) {
    for (const reports of withoutIndex(after, concerning)) yield* reports;
  },
};

/** What was found of a script's foreign keys: for each step that makes some, those without an index. */
interface Found {
  readonly after: Catalog;
  readonly steps: readonly Step[];
  readonly reports: readonly (readonly ScriptReport[])[];
}

/** Kept with the first of the steps, which most edits leave as it is. */
const found = new WeakMap<Step, Found>();

/**
 * For each step the foreign keys without an index. After an edit of the script it looks only at steps that are others,
 * and at tables that are.
 */
function withoutIndex(after: Catalog, steps: readonly Step[]): Found['reports'] {
  const [first] = steps;
  if (first === undefined) return [];
  const last = found.get(first) ?? { after, steps: [], reports: [] };
  const start = commonStart(last.steps, steps);
  const tail = steps.length - commonEnd(last.steps, steps, start);
  const changed = changedTables(last.after, after);
  const reports = steps.map((step, i) => {
    const before = i < start ? i : i < tail ? -1 : i + last.steps.length - steps.length;
    const made = foreignKeysMade(step);
    const known = made.some(({ table }) => changed.has(table)) ? undefined : last.reports[before];
    return known ?? made.filter((each) => lacksIndex(after, each)).map(({ report }) => report);
  });
  found.set(first, { after, steps, reports });
  return reports;
}

/** The tables that are others in the one catalog than in the other, or have other indexes. */
function changedTables(before: Catalog, after: Catalog): ReadonlySet<string> {
  const changed = after.relations.differences(before.relations);
  for (const key of [...changed]) {
    for (const catalog of [before, after]) {
      const table = indexOf(catalog, key)?.table;
      if (table !== undefined) changed.add(table);
    }
  }
  return changed;
}

function lacksIndex(after: Catalog, { table, columns }: Made): boolean {
  const known = tableOf(after, table);
  return known !== undefined && columns.length > 0 && !hasIndex(after, known, columns);
}

interface Made {
  readonly table: string;
  readonly columns: readonly string[];
  /** What there is to say where no index goes with it. */
  readonly report: ScriptReport;
}

/** The foreign keys that a step gives to a table: a new one's own, or those that ALTER TABLE adds to an old one. */
const foreignKeysMade = perStep((step: Step): readonly Made[] => {
  if ('CreateStmt' in step.node) {
    const table = keyForNewRelation(step.session, step.node.CreateStmt.relation);
    if (step.before.relations.has(table) || step.node.CreateStmt.relation?.relpersistence === 't') return [];
    return tableElements(step.statement).flatMap(({ element, span }) => made(step, table, element, span));
  }
  if (!('AlterTableStmt' in step.node)) return [];
  const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
  if (isNew(step, table)) return [];
  return alterTableCommands(step.statement).flatMap(({ command, span }) =>
    command.def === undefined ? [] : made(step, table, command.def, span),
  );
});

function made(step: Step, table: string, definition: object, span: Span): readonly Made[] {
  const columns = referencing(definition);
  if (columns === undefined) return [];
  const name = displayName(table);
  const report: ScriptReport = {
    step,
    span,
    message: `No index begins with ${listed(columns)} of ${name}, which references another table.`,
    why: `Each DELETE in the referenced table, and each change of its key, reads all of ${name} to find the rows that reference it. Create an index on (${columns.join(', ')}).`,
    fixes: (site) => createIndex(site, table, columns),
  };
  return [{ table, columns, report }];
}

/** The columns of the foreign key that a column or a constraint brings; undefined where it brings none. */
function referencing(definition: object): readonly string[] | undefined {
  const isForeign = ({ contype }: ConstraintNode): boolean => contype === 'CONSTR_FOREIGN';
  if ('Constraint' in definition) {
    const node = definition.Constraint as ConstraintNode;
    return isForeign(node) ? stringsOf(node.fk_attrs) : undefined;
  }
  if (!('ColumnDef' in definition)) return undefined;
  const column = definition.ColumnDef as Parameters<typeof columnConstraints>[0];
  return columnConstraints(column).some(isForeign) ? [column.colname ?? ''] : undefined;
}

/** Whether an index can find rows by these columns: they come first in it, in any order. */
function hasIndex(catalog: Catalog, { indexes }: Table, columns: readonly string[]): boolean {
  return indexes.some((key) => {
    const index = indexOf(catalog, key);
    if (index === undefined || !SEARCHABLE.has(index.method)) return false;
    const covers = columns.every((column) => {
      const place = index.elements.findIndex((element) => element.column === column);
      return place >= 0 && place < columns.length;
    });
    return covers && (index.predicate === undefined || onlyNotNull(index.predicate.node));
  });
}

/** Access methods with equality, as the lookups of a foreign key need it. */
const SEARCHABLE: ReadonlySet<string> = new Set(['btree', 'hash']);

/** A lookup by a value implies that it is not NULL. */
function onlyNotNull(predicate: object): boolean {
  return 'NullTest' in predicate && JSON.stringify(predicate.NullTest).includes('"IS_NOT_NULL"');
}

function createIndex(site: Site, table: string, columns: readonly string[]): readonly Fix[] {
  const { step, statement, script, end } = site;
  const known = tableOf(end(), table);
  if (step.nested || script.direction !== 'up' || known === undefined || known.partitionBy !== undefined)
    return [];
  if (columns.some((column) => known.complete && !known.columns.some(({ name }) => name === column)))
    return [];
  const { schema, name: tableName } = objectKeyParts(table);
  const name = generatedName(end(), schema, tableName, columnsPart(columns), 'idx', () => false);
  const on = `${quoteName(name)} ON ${writtenName(table)} (${columns.map(quoteName).join(', ')})`;
  if ('CreateStmt' in step.node) {
    return [
      {
        title: 'Create an index on the new table',
        grade: 'review',
        changes: [{ kind: 'insertAfter', statement, text: `CREATE INDEX IF NOT EXISTS ${on}` }],
      },
    ];
  }
  return [
    {
      title: 'Create an index CONCURRENTLY in a migration of its own',
      grade: 'review',
      changes: [
        {
          kind: 'newMigration',
          migration: {
            name: `add_${name}`,
            transactional: false,
            up: [`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${on}`],
            down: [
              `DROP INDEX CONCURRENTLY IF EXISTS ${quotePath(schema === 'public' ? undefined : schema, name)}`,
            ],
          },
        },
      ],
    },
  ];
}
