import type { Constraint as ConstraintNode, Node } from '@pgsql/types';
import { displayName, type Index, indexOf, tableOf, tableTree } from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import { dependentsOf } from '../catalog/edit.ts';
import { keyOfRangeVar, qualified, relationKey } from '../catalog/resolve.ts';
import { optionsOf } from '../catalog/routine.ts';
import { effectsOf } from '../effects/effectsOf.ts';
import { defaultPartition, foreignKeysTo, indexesOf } from '../effects/relations.ts';
import { statementsOf } from '../effects/routineBody.ts';
import type { Fix } from '../migrations/change.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock, type Step } from '../replay/step.ts';
import { quoteName, quotePath } from '../sql/names.ts';
import type { Span } from '../sql/span.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { addedConstraint } from './addedConstraint.ts';
import { effectContext } from './effectContext.ts';
import { keywordsSpan, tokenSpan } from './place.ts';
import { refusedColumnChanges } from './refusedColumnChange.ts';
import type { Rule, RuleContext, ScriptReport, StepReport } from './rule.ts';
import { listed } from './wording.ts';

const PARTITIONED =
  'CREATE TABLE m (id int, a int) PARTITION BY RANGE (id);\nCREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (5);';
const SHOPS =
  'CREATE TABLE shops (id int PRIMARY KEY, code text);\nCREATE TABLE orders (shop_id int REFERENCES shops);';
const VIEW = 'CREATE TABLE o (a int, b int);\nCREATE VIEW v AS SELECT a FROM o;';

export const statementRefused: Rule = {
  id: 'statement-refused',
  category: 'transaction',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'PostgreSQL always refuses this here.',
  why: 'Whatever the data, the statement fails: CONCURRENTLY inside DO or a function, or on a partitioned table; several indexes or CASCADE in one DROP INDEX CONCURRENTLY; a COMMIT inside DO within a transaction; LOCK TABLE outside of one; a constraint USING an index that is not unique, has a condition or an expression; TRUNCATE of a table that another one references; the index of a constraint dropped; a change of a column that a view shows, or that its key, its identity or its expression forbids.',
  bad: () => [
    { files: ['DO $$ BEGIN\n  CREATE INDEX CONCURRENTLY i ON o (a);\nEND $$;'] },
    { files: ['CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN DROP INDEX CONCURRENTLY i; END $$;'] },
    { files: [PARTITIONED, 'CREATE INDEX CONCURRENTLY i ON m (a);'] },
    {
      files: ['DROP INDEX CONCURRENTLY i, shop.j;'],
      fixed: 'DROP INDEX CONCURRENTLY IF EXISTS i;\nDROP INDEX CONCURRENTLY IF EXISTS shop.j;',
    },
    { files: ['DROP INDEX CONCURRENTLY i CASCADE;'] },
    {
      files: [
        `${PARTITIONED}\nCREATE TABLE m_r PARTITION OF m DEFAULT;`,
        'ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY;',
      ],
    },
    {
      files: [`${PARTITIONED}\n${SHOPS}`, 'ALTER TABLE m ADD FOREIGN KEY (a) REFERENCES shops NOT VALID;'],
      postgresVersion: 17,
    },
    {
      files: [
        '-- +goose Up\n-- +goose StatementBegin\nDO $$ BEGIN\n  COMMIT;\nEND $$;\n-- +goose StatementEnd\n',
      ],
    },
    { files: ['LOCK TABLE orders IN SHARE MODE;'] },
    {
      files: [
        'CREATE TABLE o (a int);\nCREATE UNIQUE INDEX i ON o (a) WHERE a > 0;',
        'ALTER TABLE o ADD UNIQUE USING INDEX i;',
      ],
    },
    {
      files: [
        'CREATE TABLE o (a text);\nCREATE UNIQUE INDEX i ON o (lower(a));',
        'ALTER TABLE o ADD UNIQUE USING INDEX i;',
      ],
    },
    {
      files: [
        'CREATE TABLE o (a int);\nCREATE INDEX i ON o (a);',
        'ALTER TABLE o ADD PRIMARY KEY USING INDEX i;',
      ],
    },
    { files: [SHOPS, 'TRUNCATE shops;'] },
    { files: [VIEW, 'ALTER TABLE o ALTER COLUMN a TYPE bigint;'] },
    { files: [VIEW, '-- +goose Up\nALTER TABLE o DROP COLUMN a;\n'] },
    { files: [VIEW.replace('FROM o', 'FROM o WHERE b > 0'), 'ALTER TABLE o DROP COLUMN b;'] },
    { files: [VIEW, '-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE o DROP COLUMN a;\n'] },
    {
      files: [
        'CREATE TABLE o (a int PRIMARY KEY);',
        '-- +goose Up\nALTER TABLE o ALTER a SET NOT NULL;\n-- +goose Down\nALTER TABLE o ALTER a DROP NOT NULL;\n',
      ],
    },
    {
      files: [
        'CREATE TABLE o (a int CONSTRAINT k PRIMARY KEY);\nDO $$ BEGIN\n  ALTER TABLE o ADD CONSTRAINT k UNIQUE (a);\nEXCEPTION WHEN duplicate_table THEN NULL;\nEND $$;',
        'ALTER TABLE o ALTER a DROP NOT NULL;',
      ],
    },
    { files: ['CREATE TABLE o (a serial);', 'ALTER TABLE o ALTER a ADD GENERATED ALWAYS AS IDENTITY;'] },
    { files: [PARTITIONED, 'ALTER TABLE m DROP COLUMN id;'] },
    {
      files: ['CREATE TABLE o (a int CONSTRAINT o_a UNIQUE);', 'DROP INDEX IF EXISTS o_a;'],
      fixed: 'ALTER TABLE public.o DROP CONSTRAINT IF EXISTS o_a;',
    },
    { files: ['CREATE TABLE o (a int PRIMARY KEY);', 'DROP INDEX CONCURRENTLY o_pkey;'] },
  ],
  good: () => [
    { files: ['CREATE INDEX CONCURRENTLY i ON o (a);\nDO $$ BEGIN CREATE INDEX j ON o (a); END $$;'] },
    { files: [PARTITIONED, 'CREATE INDEX CONCURRENTLY i ON m_1 (a);'] },
    { files: ['DROP INDEX CONCURRENTLY i;\nDROP INDEX j, k CASCADE;'] },
    { files: [PARTITIONED, 'ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY;'] },
    {
      files: [`${PARTITIONED}\n${SHOPS}`, 'ALTER TABLE m ADD FOREIGN KEY (a) REFERENCES shops NOT VALID;'],
      postgresVersion: 18,
    },
    {
      files: [`${PARTITIONED}\n${SHOPS}`, 'ALTER TABLE m_1 ADD FOREIGN KEY (a) REFERENCES shops NOT VALID;'],
    },
    { files: ['DO $$ BEGIN\n  COMMIT;\nEND $$;'] },
    { files: ['BEGIN;\nLOCK TABLE orders IN SHARE MODE;\nCOMMIT;\nDO $$ BEGIN LOCK TABLE orders; END $$;'] },
    { files: ['-- +goose Up\nLOCK TABLE orders IN SHARE MODE;\n'] },
    {
      files: [
        'CREATE TABLE o (a int);\nCREATE UNIQUE INDEX i ON o (a);',
        'ALTER TABLE o ADD UNIQUE USING INDEX i;',
      ],
    },
    { files: ['ALTER TABLE o ADD UNIQUE USING INDEX i;'] },
    { files: [SHOPS, 'TRUNCATE shops, orders;\nTRUNCATE shops CASCADE;\nTRUNCATE orders;'] },
    { files: [`${SHOPS}\nALTER TABLE orders DROP COLUMN shop_id;`, 'TRUNCATE shops;'] },
    { files: [VIEW, 'ALTER TABLE o ALTER COLUMN b TYPE bigint;\nALTER TABLE o DROP COLUMN b;'] },
    { files: [VIEW, 'ALTER TABLE o DROP COLUMN a CASCADE;'] },
    { files: [VIEW, 'DROP VIEW v;\nALTER TABLE o ALTER COLUMN a TYPE bigint;'] },
    { files: [VIEW, 'ALTER TABLE o DROP COLUMN a;\nDROP VIEW v;'] },
    {
      files: [
        'CREATE TABLE o (a int PRIMARY KEY);',
        'ALTER TABLE o DROP CONSTRAINT o_pkey, ALTER a DROP NOT NULL;\nALTER TABLE o ALTER a DROP NOT NULL;',
      ],
    },
    {
      files: [
        'CREATE TABLE o (a serial);',
        'ALTER TABLE o ALTER a DROP DEFAULT, ALTER a ADD GENERATED ALWAYS AS IDENTITY;',
      ],
    },
    {
      files: [
        'ALTER TABLE o ALTER a ADD GENERATED ALWAYS AS IDENTITY;\nALTER TABLE p ALTER a DROP IDENTITY;',
      ],
    },
    {
      files: [
        'CREATE TABLE o (a int CONSTRAINT o_a UNIQUE, b int);\nCREATE UNIQUE INDEX o_b ON o (b);',
        'ALTER TABLE o DROP CONSTRAINT o_a;\nDROP INDEX IF EXISTS o_a;\nDROP INDEX o_b;',
      ],
    },
    { files: [PARTITIONED, 'ALTER TABLE m DROP COLUMN a;\nALTER TABLE m_1 ALTER a TYPE bigint;'] },
  ],

  *checkStep(step, context) {
    const found = refusal(step, context);
    if (found !== undefined) yield found;
    yield* refusedConstraints(step, context);
    yield* refusedColumnChanges(step);
  },

  scriptConcerns: (step) => shownColumns(step).length > 0,
  *checkScript({ steps }, _history, concerning) {
    for (const step of concerning) yield* columnsOfViews(step, steps.slice(steps.indexOf(step) + 1));
  },
};

function refusal(step: Step, context: RuleContext): StepReport | undefined {
  return (
    insideBlock(step) ??
    insideRoutine(step, context) ??
    commitInTransaction(step) ??
    outsideTransaction(step) ??
    concurrentIndex(step) ??
    concurrentDrop(step) ??
    dropOfConstraintIndex(step) ??
    concurrentDetach(step, context) ??
    truncateOfReferenced(step)
  );
}

function report(step: Step, word: string, message: string, why: string): StepReport {
  return { span: tokenSpan(step.statement, word), message, why };
}

/** PreventInTransactionBlock, access/transam/xact.c: what runs inside another statement is refused, too. */
function insideBlock(step: Step): StepReport | undefined {
  const refused = step.effect.refusedInTransaction;
  if (!step.nested || refused?.code !== '25001') return undefined;
  return report(
    step,
    refused.command.includes('CONCURRENTLY') ? 'concurrently' : '',
    `${refused.command} cannot run inside DO.`,
    'PostgreSQL refuses it with SQLSTATE 25001: it has to be a statement of its own. Run it as one, outside a transaction.',
  );
}

function insideRoutine(step: Step, context: RuleContext): StepReport | undefined {
  if (!('CreateFunctionStmt' in step.node)) return undefined;
  const options = optionsOf(step.node.CreateFunctionStmt.options);
  const at = effectContext(step, context);
  const refused = statementsOf(options.get('language'), options.get('as') ?? '')
    .map(({ node }) => effectsOf(node, at).refusedInTransaction)
    .find((each) => each?.code === '25001');
  if (refused === undefined) return undefined;
  const what = step.node.CreateFunctionStmt.is_procedure ? 'procedure' : 'function';
  return report(
    step,
    what,
    `${refused.command} cannot run inside a ${what}.`,
    `The ${what} can be made, but every call of it fails there with SQLSTATE 25001. Run the statement by itself, outside a transaction.`,
  );
}

function commitInTransaction(step: Step): StepReport | undefined {
  const refused = step.effect.refusedInTransaction;
  const together = step.placement.mode === 'oneQueryString' && step.placement.inCompany;
  if (refused?.code !== '2D000' || !('DoStmt' in step.node) || !(inTransactionBlock(step) || together))
    return undefined;
  const why =
    'PostgreSQL refuses the COMMIT or ROLLBACK in it with SQLSTATE 2D000 (invalid transaction termination). Run the block alone, in a file that opts out of its tool’s transaction.';
  if (refused.certain) return report(step, 'do', 'A DO block inside a transaction cannot COMMIT.', why);
  const message = 'This DO block fails inside a transaction as soon as it comes to its COMMIT or ROLLBACK.';
  return { ...report(step, 'do', message, why), severity: 'warning' };
}

/** RequireTransactionBlock, access/transam/xact.c; several statements in one string are a transaction. */
function outsideTransaction(step: Step): StepReport | undefined {
  const refused = step.effect.refusedOutsideTransaction;
  const together = step.placement.mode === 'oneQueryString' && step.placement.inCompany;
  if (refused === undefined || inTransactionBlock(step) || step.nested || together) return undefined;
  return {
    span: keywordsSpan(step.statement),
    message: `${refused.command} can only run inside a transaction.`,
    why: `Outside of one it would end with the statement itself: PostgreSQL refuses it with SQLSTATE ${refused.code}. Put it between BEGIN and COMMIT with what it is for.`,
  };
}

/** DefineIndex, commands/indexcmds.c. */
function concurrentIndex(step: Step): StepReport | undefined {
  if (!('IndexStmt' in step.node) || !step.node.IndexStmt.concurrent) return undefined;
  const key = keyOfRangeVar(step.before, step.session, step.node.IndexStmt.relation);
  if (tableOf(step.before, key)?.partitionBy === undefined) return undefined;
  const name = displayName(key);
  return report(
    step,
    'concurrently',
    `An index on the partitioned table ${name} cannot be built CONCURRENTLY.`,
    `PostgreSQL refuses it with SQLSTATE 0A000. Create it ON ONLY ${name}, then one CONCURRENTLY on each partition, and ATTACH each with ALTER INDEX.`,
  );
}

/** RemoveRelations, commands/tablecmds.c. */
function concurrentDrop(step: Step): StepReport | undefined {
  if (!('DropStmt' in step.node)) return undefined;
  const { removeType, concurrent, behavior, objects } = step.node.DropStmt;
  if (removeType !== 'OBJECT_INDEX' || !concurrent) return undefined;
  const names = (objects ?? []).map((object) => qualified(objectNames(object)));
  const partitioned = names
    .map(({ schema, name }) => relationKey(step.before, step.session, schema, name))
    .find((key) => indexOf(step.before, key)?.partitioned);
  const refused = 'PostgreSQL refuses it with SQLSTATE 0A000.';
  if (names.length > 1) {
    const statements = names.map(
      ({ schema, name }) => `DROP INDEX CONCURRENTLY IF EXISTS ${quotePath(schema, name)}`,
    );
    return {
      ...report(
        step,
        'concurrently',
        'DROP INDEX CONCURRENTLY takes one index at a time.',
        `${refused} Write one statement for each.`,
      ),
      ...(behavior === 'DROP_CASCADE' ? {} : { fixes: (site: Site) => oneByOne(site, statements) }),
    };
  }
  if (behavior === 'DROP_CASCADE')
    return report(
      step,
      'cascade',
      'DROP INDEX CONCURRENTLY takes no CASCADE.',
      `${refused} Drop what depends on the index first.`,
    );
  if (partitioned === undefined) return undefined;
  return report(
    step,
    'concurrently',
    `The partitioned index ${displayName(partitioned)} cannot be dropped CONCURRENTLY.`,
    `${refused} Drop it without CONCURRENTLY, with a short lock_timeout.`,
  );
}

/** findDependentObjects, catalog/dependency.c: the index is a part of its constraint, CASCADE or not. */
function dropOfConstraintIndex(step: Step): StepReport | undefined {
  if (!('DropStmt' in step.node) || step.conditional || step.before.uncertain) return undefined;
  const { removeType, objects = [], missing_ok } = step.node.DropStmt;
  if (removeType !== 'OBJECT_INDEX') return undefined;
  const index = objects
    .map((object) => qualified(objectNames(object)))
    .map(({ schema, name }) => indexOf(step.before, relationKey(step.before, step.session, schema, name)))
    .find((each) => each?.constraint !== undefined);
  const table = index && tableOf(step.before, index.table);
  if (index?.constraint === undefined || table === undefined) return undefined;
  const drop = `DROP CONSTRAINT ${missing_ok ? 'IF EXISTS ' : ''}${quoteName(index.constraint)}`;
  const text = `ALTER TABLE ${quotePath(table.schema, table.name)} ${drop}`;
  return {
    span: keywordsSpan(step.statement, 'drop', 'index'),
    message: `The index ${index.name} cannot be dropped: the constraint ${index.constraint} of ${displayName(index.table)} requires it.`,
    why: 'PostgreSQL refuses it with SQLSTATE 2BP01, also with CASCADE. DROP CONSTRAINT takes the index along.',
    fixes: ({ statement }) =>
      step.nested || objects.length > 1
        ? []
        : [
            {
              title: 'Drop the constraint',
              grade: 'review',
              changes: [{ kind: 'replaceStatement', statement, text }],
            },
          ],
  };
}

function oneByOne({ step, statement }: Site, [first = '', ...rest]: readonly string[]): readonly Fix[] {
  if (step.nested || step.placement.inCompany) return [];
  return [
    {
      title: 'Drop the indexes one by one',
      grade: 'safe',
      changes: [
        { kind: 'replaceStatement', statement, text: first },
        ...rest.map((text) => ({ kind: 'insertAfter', statement, text }) as const),
      ],
    },
  ];
}

/** ATExecDetachPartition, commands/tablecmds.c. */
function concurrentDetach(step: Step, context: RuleContext): StepReport | undefined {
  if (!('AlterTableStmt' in step.node)) return undefined;
  const key = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
  const detaches = (step.node.AlterTableStmt.cmds ?? []).some(
    (each) =>
      'AlterTableCmd' in each &&
      each.AlterTableCmd.def !== undefined &&
      'PartitionCmd' in each.AlterTableCmd.def &&
      each.AlterTableCmd.def.PartitionCmd.concurrent === true,
  );
  const rest = detaches ? defaultPartition(effectContext(step, context), key) : undefined;
  if (rest === undefined) return undefined;
  return report(
    step,
    'concurrently',
    `No partition of ${displayName(key)} can be detached CONCURRENTLY while there is a default one, ${displayName(rest)}.`,
    'PostgreSQL refuses it with SQLSTATE 55000. Detach it without CONCURRENTLY, with a short lock_timeout, or detach the default partition first.',
  );
}

/** heap_truncate_check_FKs, catalog/heap.c: rows do not matter, the foreign key alone does. */
function truncateOfReferenced(step: Step): StepReport | undefined {
  if (!('TruncateStmt' in step.node) || step.node.TruncateStmt.behavior === 'DROP_CASCADE') return undefined;
  const tables = (step.node.TruncateStmt.relations ?? []).flatMap((node) =>
    'RangeVar' in node ? [keyOfRangeVar(step.before, step.session, node.RangeVar)] : [],
  );
  const all = new Set(tables.flatMap((key) => tableTree(step.before, key)));
  for (const key of all) {
    const other = foreignKeysTo(step.before, key).find(({ from }) => !all.has(from));
    if (other === undefined) continue;
    return {
      span: keywordsSpan(step.statement, 'truncate'),
      message: `${displayName(key)} cannot be truncated: a foreign key of ${displayName(other.from)} references it.`,
      why: `PostgreSQL refuses it with SQLSTATE 0A000, even when ${displayName(other.from)} is empty. Truncate both in one statement, DELETE the rows instead, or say CASCADE, which empties ${displayName(other.from)} too.`,
    };
  }
  return undefined;
}

function* refusedConstraints(step: Step, { postgresVersion }: RuleContext): Generator<StepReport> {
  if (!('AlterTableStmt' in step.node)) return;
  const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
  const partitioned = tableOf(step.before, table)?.partitionBy !== undefined;
  for (const spans of alterTableCommands(step.statement)) {
    const node = addedConstraint(spans);
    const span = spans.constraint ?? spans.span;
    const why = node === undefined ? undefined : unfitIndex(step, table, node);
    if (why !== undefined) {
      yield {
        span,
        message: `The index ${node?.indexname} cannot become this constraint: ${why}.`,
        why: 'A constraint takes over a unique index over plain columns and all rows. PostgreSQL refuses any other; build such an index first.',
      };
    }
    const notValid = node?.contype === 'CONSTR_FOREIGN' && node.skip_validation && partitioned;
    if (notValid && postgresVersion < 18) {
      yield {
        span,
        message: `A foreign key of the partitioned table ${displayName(table)} cannot be added NOT VALID before PostgreSQL 18.`,
        why: 'PostgreSQL refuses it with SQLSTATE 42809. Add it to each partition NOT VALID, validate those, then add it to the partitioned table.',
      };
    }
  }
}

/** What makes the index of USING INDEX unfit (transformIndexConstraint, parser/parse_utilcmd.c). */
function unfitIndex(step: Step, table: string, { indexname }: ConstraintNode): string | undefined {
  if (indexname === undefined) return undefined;
  const index: Index | undefined = indexesOf(step.before, table)
    .map((key) => indexOf(step.before, key))
    .find((each) => each?.name === indexname);
  if (index === undefined) return undefined;
  if (index.partitioned) return 'a partitioned table takes no constraint USING INDEX';
  if (!index.unique) return 'it is not unique';
  if (index.predicate !== undefined) return 'it has a condition (WHERE)';
  if (index.elements.some(({ column }) => column === undefined)) return 'it is over an expression';
  return index.valid ? undefined : 'it is not valid';
}

/** ATExecAlterColumnType and ATExecDropColumn: a view keeps the columns that it shows as they are. */
interface ShownColumn {
  readonly column: string;
  /** Dropped, or else given another type. */
  readonly drops: boolean;
  /** Keys of the views that show it. */
  readonly views: readonly string[];
  readonly span: Span;
}

/** The columns that a step drops or retypes although views show them. */
const shownColumns = perStep((step): readonly ShownColumn[] => {
  if (!('AlterTableStmt' in step.node)) return [];
  const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
  return alterTableCommands(step.statement).flatMap(({ command, span, name }) => {
    const drops = command.subtype === 'AT_DropColumn' && command.behavior !== 'DROP_CASCADE';
    if (!drops && command.subtype !== 'AT_AlterColumnType') return [];
    const column = command.name ?? '';
    const views = viewsOf(step, table, column);
    return views.length === 0 ? [] : [{ column, drops, views, span: name ?? span }];
  });
});

function* columnsOfViews(step: Step, later: readonly Step[]): Generator<ScriptReport> {
  for (const { column, drops, views, span } of shownColumns(step)) {
    // Dropped further down, they only stand in the wrong order: statement-order.
    if (views.some((view) => later.some(({ node }) => dropsRelation(node, step, view)))) continue;
    const names = listed(views.map(displayName));
    yield {
      step,
      span,
      message: drops
        ? `${column} cannot be dropped: the view ${names} shows it.`
        : `The type of ${column} cannot be changed: the view ${names} shows it.`,
      why: drops
        ? 'PostgreSQL refuses it with SQLSTATE 2BP01. Drop the view before it, and create it again without the column.'
        : 'PostgreSQL refuses it with SQLSTATE 0A000, whatever the type. Drop the view before it, and create it again afterwards.',
    };
  }
}

function viewsOf(step: Step, table: string, column: string): readonly string[] {
  return dependentsOf(step.before, table).flatMap(([key, relation]) =>
    'usesColumns' in relation && relation.usesColumns.includes(`${table}.${column}`) ? [key] : [],
  );
}

function dropsRelation(node: Node, step: Step, view: string): boolean {
  if (!('DropStmt' in node)) return false;
  return (node.DropStmt.objects ?? []).some((object) => {
    const { schema, name } = qualified(objectNames(object));
    return relationKey(step.before, step.session, schema, name) === view;
  });
}
