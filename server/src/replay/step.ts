import type { Node } from '@pgsql/types';
import type { Catalog } from '../catalog/catalog.ts';
import type { Mention } from '../catalog/mentions.ts';
import type { PersistentMap } from '../catalog/persistentMap.ts';
import type { Effect } from '../effects/effect.ts';
import type { Direction, UnitMode } from '../migrations/migration.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import type { Session } from './session.ts';

/** Where a statement stands among what reaches the server. */
export interface Placement {
  readonly direction: Direction;
  readonly mode: UnitMode;
  /** True when other statements travel in the same query string. */
  readonly inCompany: boolean;
}

/** One statement at its moment in the history: what rules look at. Without a place in a document. */
export interface Step {
  readonly statement: ParsedStatement;
  readonly node: Node;
  readonly placement: Placement;
  /** The schema before the statement runs. */
  readonly before: Catalog;
  /** The session it runs in. */
  readonly session: Session;
  readonly effect: Effect;
  readonly mentions: readonly Mention[];
  /** What this script has made before, by `mentionKey`: relations and types, columns and constraints. */
  readonly created: PersistentMap<true>;
  /** Objects that this script has dropped before and not made since, by `mentionKey`. */
  readonly cleared: PersistentMap<true>;
  /** True for a statement inside DO that may not run (under IF, in a loop). */
  readonly conditional: boolean;
  /** True for a statement that the file itself runs who knows how often. */
  readonly repeated: boolean;
  /** True for a statement inside another one. */
  readonly nested: boolean;
  /** What has been worked out of it: see perStep. */
  readonly answers: unknown[];
  /** Offset in `statement.text` to offset in the text of the statement that stands in the document. */
  toTop(offset: number): number;
}

/** Whether an existing relation was made by this same script, itself or (for an index) with its table. */
export function isNew(step: Step, relation: string): boolean {
  if (step.created.has(relation)) return true;
  const known = step.before.relations.get(relation);
  return known?.kind === 'index' && step.created.has(known.table);
}

/** Whether a part of an existing table was added by this same script, or the whole table was. */
export function isNewPart(step: Step, table: string, part: string): boolean {
  return isNew(step, table) || step.created.has(partKey(table, part));
}

/** Whether a table has no rows here, since the same transaction has truncated it and holds it locked. */
export function isEmptied(step: Step, table: string): boolean {
  return step.session.emptied?.includes(table) === true;
}

/** Whether the statement runs inside a transaction block: its tool's or one that the file opened. */
export function inTransactionBlock(step: Step): boolean {
  return step.session.transaction !== 'none';
}

/** One key for all mentions of an object. A function's overloads share it. */
export function mentionKey(mention: Mention): string {
  const part = mention.kind === 'function' ? undefined : mention.part;
  return part === undefined ? mention.key : partKey(mention.key, part);
}

/** The `mentionKey` of a column, constraint or other part of a table. */
export function partKey(table: string, part: string): string {
  return `${table}\u0000${part}`;
}
