import { type Catalog, columnOf, displayName, type Table, tableOf } from '../catalog/catalog.ts';
import { existence } from '../catalog/existence.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { isNew, isNewPart, type Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import { type AlterTableCommandSpans, alterTableCommands } from '../sql/spans/alterTable.ts';

/** An existing table under ALTER TABLE. */
export interface AlteredTable {
  readonly key: string;
  /** As the history knows it. */
  readonly table: Table | undefined;
  /** As a person writes it. */
  readonly name: string;
  readonly commands: readonly AlterTableCommandSpans[];
}

/**
 * The table that an ALTER TABLE changes; undefined of any other statement, of a table that this script made, and of one
 * that is certainly not there where IF EXISTS passes over it (without that, unknown-object speaks of it as well).
 */
export function alteredTable(step: Step): AlteredTable | undefined {
  if (!('AlterTableStmt' in step.node)) return undefined;
  const { objtype, relation, missing_ok } = step.node.AlterTableStmt;
  if (objtype !== 'OBJECT_TABLE' && objtype !== 'OBJECT_FOREIGN_TABLE') return undefined;
  const key = keyOfRangeVar(step.before, step.session, relation);
  const table = tableOf(step.before, key);
  if (isNew(step, key) || table?.persistence === 'temporary') return undefined;
  if (missing_ok && isMissing(step, key)) return undefined;
  return { key, table, name: displayName(key), commands: alterTableCommands(step.statement) };
}

/** A column of an altered table that a rule has something to say of. */
export interface AlteredColumn {
  /** The table's key. */
  readonly table: string;
  readonly column: string;
  /** In the statement's text. */
  readonly span: Span;
}

/** Whether something that the statement speaks of is certainly not there. */
export function isMissing(step: Step, key: string): boolean {
  const mention = step.mentions.find(
    (each) => each.role === 'needs' && each.key === key && each.part === undefined,
  );
  return mention !== undefined && existence(step.before, mention, step.session) === 'missing';
}

/** Whether a column was there before this script: not one that it added, nor one that is certainly missing. */
export function isOldColumn(step: Step, key: string, column: string): boolean {
  return !isNewPart(step, key, column) && !lacksColumn(step.before, key, column);
}

/** Whether the history shows all columns of a table, and this one is not among them. */
export function lacksColumn(catalog: Catalog, key: string, column: string): boolean {
  const table = tableOf(catalog, key);
  const known = table?.complete === true && table.path !== undefined && !catalog.uncertain;
  return known && columnOf(table, column) === undefined;
}
