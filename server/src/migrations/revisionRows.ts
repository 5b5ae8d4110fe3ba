import { reachable } from './reachable.ts';
import { RevisionError } from './revisionError.ts';
import type { RevisionNode } from './revisionGraph.ts';

/** A change of one row of the version table. */
export type RowChange =
  | { readonly kind: 'insert'; readonly id: string }
  | { readonly kind: 'delete'; readonly id: string }
  | { readonly kind: 'update'; readonly id: string; readonly to: string };

/** The rows of the version table, as the revisions they name. */
export type Rows = ReadonlySet<RevisionNode>;

/** The revisions themselves and all that must have been applied before them. */
export function withNeeds(nodes: Iterable<RevisionNode>): Set<RevisionNode> {
  return reachable(nodes, ({ needs }) => needs);
}

/** What an upgrade to a revision does to the rows: it takes the place of those it needs (alembic 1.20, RevisionStep). */
export function upgradeRows(node: RevisionNode, rows: Rows): RowChange[] {
  const present = node.needs.filter((needed) => rows.has(needed));
  if (present.length === 0) return [{ kind: 'insert', id: node.id }];
  if (present.length === 1) return replaced(present, node);
  const others = [...rows].filter((row) => !node.needs.includes(row));
  const implied = withNeeds(others);
  return replaced(
    node.needs.filter((needed) => !implied.has(needed)),
    node,
  );
}

/** What the downgrade of a revision does to the rows: what it needed comes back, but for what other rows imply. */
export function downgradeRows(node: RevisionNode, rows: Rows): RowChange[] {
  const others = [...rows].filter((row) => row !== node);
  const implied =
    others.length > 0 ? withNeeds(others) : withNeeds(node.needs.flatMap((needed) => needed.needs));
  const back = node.needs.filter((needed) => !implied.has(needed));
  const last = back.pop();
  if (last === undefined) return [{ kind: 'delete', id: node.id }];
  return [
    ...back.map(({ id }) => ({ kind: 'insert', id }) as const),
    { kind: 'update', id: node.id, to: last.id },
  ];
}

/** One row for several. */
export function replaced(rows: readonly RevisionNode[], by: RevisionNode): RowChange[] {
  const last = rows.at(-1);
  if (last === undefined) return [];
  return [
    ...rows.slice(0, -1).map(({ id }) => ({ kind: 'delete', id }) as const),
    { kind: 'update', id: last.id, to: by.id },
  ];
}

/** The rows after changes. Throws RevisionError where a row to change is not there, or one to make is there. */
export function withChanges(
  rows: Rows,
  changes: readonly RowChange[],
  nodes: ReadonlyMap<string, RevisionNode>,
): Set<RevisionNode> {
  const ids = new Set([...rows].map(({ id }) => id));
  for (const change of changes) {
    if (change.kind !== 'insert' && !ids.delete(change.id)) throw notOneRow(change, 'alembic_version', 0);
    const made = change.kind === 'update' ? change.to : change.kind === 'insert' ? change.id : undefined;
    if (made === undefined) continue;
    if (ids.has(made)) throw new RevisionError(`Row '${made}' is in 'alembic_version' already`);
    ids.add(made);
  }
  return new Set([...ids].flatMap((id) => nodes.get(id) ?? []));
}

/** What alembic says where a row that it changes is not there just once, but `found` times. */
export function notOneRow(
  change: Exclude<RowChange, { kind: 'insert' }>,
  table: string,
  found: number,
): RevisionError {
  const what =
    change.kind === 'update' ? `updating '${change.id}' to '${change.to}'` : `deleting '${change.id}'`;
  return new RevisionError(
    `Online migration expected to match one row when ${what} in '${table}'; ${found} found`,
  );
}
