import type { MappedText } from '../../../python/mappedText.ts';
import type { CallArguments, Item } from '../../../python/value.ts';
import { alterColumn } from './alterColumn.ts';
import { type Bound, bind, listOf, switchedOn } from './arguments.ts';
import { clause, ifExists, ifNotExists } from './clauses.ts';
import {
  columnChecks,
  columnOf,
  columnSpecification,
  foreignKeyConstraint,
  inlineReference,
} from './columns.ts';
import { check, exclusion, foreignKey, primaryKey, tableName, unique } from './constraints.ts';
import { columnNames } from './expressions.ts';
import { dropIndex, indexStatement } from './indexes.ts';
import { literal, NOTHING, nameOf, qualified, sql, textOf, words } from './sqlText.ts';
import {
  columnComment,
  columnIndex,
  countingColumn,
  createTable,
  type EnumsMade,
  enumCheck,
  readTable,
  uniqueOf,
} from './tables.ts';

/** What one directive of `op` emits on PostgreSQL (alembic 1.20, SQLAlchemy 2.1). */
export interface Directive {
  /** In the order in which they may be given without their names. */
  readonly parameters: readonly string[];
  /** The same under `op.batch_alter_table(…)`, whose table is not said again; undefined where there is none. */
  readonly inBatch?: readonly string[];
  /** Those of the parameters that need not be given. */
  readonly optional?: readonly string[];
  /** The statements, in order. `knownEnums` are the enums that the script has made, which are not made again. */
  readonly emit: (bound: Bound, knownEnums: EnumsMade) => MappedText[];
}

/** The directives that are statements, by their names. */
export const DIRECTIVES: Readonly<Record<string, Directive>> = {
  add_column: {
    parameters: ['table_name', 'column'],
    inBatch: ['column'],
    emit: addColumn,
  },
  alter_column: {
    parameters: ['table_name', 'column_name'],
    inBatch: ['column_name'],
    emit: alterColumn,
  },
  create_check_constraint: {
    parameters: ['constraint_name', 'table_name', 'condition'],
    inBatch: ['constraint_name', 'condition'],
    emit: (bound) => [
      addConstraint(bound, check(bound.get('constraint_name'), bound.get('condition'), bound)),
    ],
  },
  create_exclude_constraint: {
    parameters: ['constraint_name', 'table_name'],
    inBatch: ['constraint_name'],
    emit: (bound) => [addConstraint(bound, exclusion(bound.get('constraint_name'), bound.rest, bound))],
  },
  create_foreign_key: {
    parameters: ['constraint_name', 'source_table', 'referent_table', 'local_cols', 'remote_cols'],
    inBatch: ['constraint_name', 'referent_table', 'local_cols', 'remote_cols'],
    emit: (bound) => {
      const referent = {
        table: tableName(bound.get('referent_table'), bound.get('referent_schema')),
        columns: columnNames(bound.get('remote_cols')),
      };
      const columns = columnNames(bound.get('local_cols'));
      return [addConstraint(bound, foreignKey(bound.get('constraint_name'), columns, referent, bound))];
    },
  },
  create_index: {
    parameters: ['index_name', 'table_name', 'columns'],
    inBatch: ['index_name', 'columns'],
    emit: (bound) => [
      indexStatement(bound.get('index_name'), tableOf(bound), listOf(bound.get('columns')), bound),
    ],
  },
  create_primary_key: {
    parameters: ['constraint_name', 'table_name', 'columns'],
    inBatch: ['constraint_name', 'columns'],
    emit: (bound) => {
      const key = primaryKey(bound.get('constraint_name'), columnNames(bound.get('columns')), bound);
      return [addConstraint(bound, key)];
    },
  },
  create_table: {
    parameters: ['table_name'],
    emit: (bound, knownEnums) => {
      const name = bound.get('table_name');
      return name === undefined ? [] : createTable(readTable(name, bound.rest, bound), knownEnums);
    },
  },
  create_table_comment: {
    parameters: ['table_name', 'comment'],
    inBatch: ['comment'],
    emit: (bound) => {
      const comment = bound.get('comment');
      const text = comment === undefined ? 'NULL' : literal(textOf(comment));
      return [sql`COMMENT ON TABLE ${tableOf(bound)} IS ${text}`];
    },
  },
  create_unique_constraint: {
    parameters: ['constraint_name', 'table_name', 'columns'],
    inBatch: ['constraint_name', 'columns'],
    emit: (bound) => {
      const constraint = unique(bound.get('constraint_name'), columnNames(bound.get('columns')), bound);
      return [addConstraint(bound, constraint)];
    },
  },
  drop_column: {
    parameters: ['table_name', 'column_name'],
    inBatch: ['column_name'],
    emit: (bound) => [
      words('ALTER TABLE', tableOf(bound), 'DROP COLUMN', ifExists(bound), name(bound, 'column_name')),
    ],
  },
  drop_constraint: {
    parameters: ['constraint_name', 'table_name', 'type_'],
    inBatch: ['constraint_name', 'type_'],
    optional: ['type_'],
    emit: (bound) => [
      words(
        'ALTER TABLE',
        tableOf(bound),
        'DROP CONSTRAINT',
        ifExists(bound),
        name(bound, 'constraint_name'),
      ),
    ],
  },
  drop_index: {
    parameters: ['index_name', 'table_name'],
    inBatch: ['index_name'],
    optional: ['table_name'],
    emit: (bound) => [dropIndex(qualified(bound.get('schema'), name(bound, 'index_name')), bound)],
  },
  drop_table: {
    parameters: ['table_name'],
    emit: (bound) => [words('DROP TABLE', ifExists(bound), tableOf(bound))],
  },
  drop_table_comment: {
    parameters: ['table_name'],
    inBatch: [],
    emit: (bound) => [sql`COMMENT ON TABLE ${tableOf(bound)} IS NULL`],
  },
  rename_table: {
    parameters: ['old_table_name', 'new_table_name'],
    emit: (bound) => {
      const table = tableName(bound.get('old_table_name'), bound.get('schema'));
      return [words('ALTER TABLE', table, 'RENAME TO', name(bound, 'new_table_name'))];
    },
  },
};

/** The table and schema that a directive under `batch_alter_table` works on. */
export interface BatchTable {
  readonly table: Item | undefined;
  readonly schema: Item | undefined;
}

/** Whether all is given that alembic asks for. */
export function isWhole({ parameters, optional = [] }: Directive, bound: Bound): boolean {
  return parameters.every((name) => optional.includes(name) || bound.given(name) !== undefined);
}

/** Binds the arguments of a directive; `batch` where it is called on a batch. */
export function boundTo(directive: Directive, call: CallArguments, batch: BatchTable | undefined): Bound {
  if (batch === undefined) return bind(call, directive.parameters);
  const bound = bind(call, directive.inBatch ?? directive.parameters);
  const own = (wanted: string): Item | undefined => {
    if (wanted === 'table_name' || wanted === 'source_table') return batch.table;
    return wanted === 'schema' || wanted === 'source_schema' ? batch.schema : undefined;
  };
  return {
    ...bound,
    get: (wanted) => own(wanted) ?? bound.get(wanted),
    given: (wanted) => own(wanted) ?? bound.given(wanted),
  };
}

function tableOf(bound: Bound): MappedText {
  return tableName(bound.get('table_name'), bound.get('schema'));
}

/** A name that has to be there: for None a naming convention may give it. */
function name(bound: Bound, parameter: string): MappedText {
  const item = bound.given(parameter);
  return item === undefined ? NOTHING : nameOf(item);
}

function addConstraint(bound: Bound, constraint: MappedText): MappedText {
  const source = bound.get('source_table');
  const table = source === undefined ? tableOf(bound) : tableName(source, bound.get('source_schema'));
  return words('ALTER TABLE', table, 'ADD', constraint);
}

/** ADD COLUMN, and a statement for each thing that alembic does not write into it. */
function addColumn(bound: Bound): MappedText[] {
  const item = bound.get('column');
  const column = item && columnOf(item);
  const table = tableOf(bound);
  if (item === undefined) return [];
  if (column === undefined) return [words('ALTER TABLE', table, 'ADD COLUMN', textOf(item))];
  const tableItem = bound.get('table_name') ?? item;
  const schema = bound.get('schema');
  const inline = switchedOn(bound, 'inline_references') !== undefined && column.foreignKeys.length === 1;
  const [reference] = column.foreignKeys;
  const add = (constraint: MappedText) => words('ALTER TABLE', table, 'ADD', constraint);
  return [
    words(
      'ALTER TABLE',
      table,
      'ADD COLUMN',
      ifNotExists(bound),
      columnSpecification(
        column,
        column.primaryKey,
        column.primaryKey && countingColumn([column]) === column,
      ),
      column.primaryKey ? clause(bound, 'inline_primary_key', 'PRIMARY KEY') : undefined,
      inline && reference !== undefined ? inlineReference(reference) : undefined,
      columnChecks(column),
    ),
    ...uniqueOf(column).map(add),
    ...(inline ? [] : column.foreignKeys).map((key) => add(foreignKeyConstraint(column, key))),
    ...enumCheck(column.name, column.type).map(add),
    ...columnIndex(column, tableItem, schema, table),
    ...columnComment(column, table),
  ];
}
