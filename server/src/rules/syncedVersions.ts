import type { InsertStmt, Node } from '@pgsql/types';
import { walk } from '../catalog/expression.ts';
import { perStep } from '../replay/perStep.ts';
import type { Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import { columnsNamed, insertions } from './insertedRows.ts';
import { isGooseTable } from './versionTables.ts';

/** A version that an INSERT writes into goose_db_version. */
export interface SyncedVersion {
  /** Without leading zeros. */
  readonly version: string;
  /** Where it stands, in the statement's text. */
  readonly span: Span;
}

/** The versions that a step marks as applied in goose_db_version, as far as they are written out. */
export const syncedVersions = perStep((step): readonly SyncedVersion[] =>
  insertions(step).flatMap(({ statement, table }) =>
    isGooseTable(table) ? versionsIn(step, statement) : [],
  ),
);

/** Whole numbers where a version stands: in its column of VALUES or of a SELECT's list, or in a list of one column. */
function versionsIn(step: Step, statement: InsertStmt): readonly SyncedVersion[] {
  const columns = columnsNamed(statement);
  const at = Math.max(0, columns.indexOf('version_id'));
  const found: SyncedVersion[] = [];
  const add = (node: Node | undefined): void => {
    const version = wholeNumber(node);
    if (version !== undefined) found.push({ version, span: placeOf(step, node) });
  };
  walk([statement.selectStmt], (kind, body) => {
    if (kind !== 'SelectStmt') return;
    const { valuesLists, targetList } = body as { valuesLists?: Node[]; targetList?: Node[] };
    for (const row of valuesLists ?? []) {
      const items = 'List' in row ? (row.List.items ?? []) : [];
      add(items.length === 1 ? items[0] : items[at]);
    }
    const target = targetList?.[at];
    if (target === undefined || !('ResTarget' in target)) return;
    for (const each of listOf(target.ResTarget.val)) add(each);
  });
  return found;
}

/** A value, or those of `unnest(ARRAY[…])`. */
function listOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return [];
  if (!('FuncCall' in node)) return [node];
  const [list] = node.FuncCall.args ?? [];
  const array = list !== undefined && 'TypeCast' in list ? list.TypeCast.arg : list;
  return array !== undefined && 'A_ArrayExpr' in array ? (array.A_ArrayExpr.elements ?? []) : [];
}

function wholeNumber(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ('TypeCast' in node) return wholeNumber(node.TypeCast.arg);
  if (!('A_Const' in node)) return undefined;
  const { ival, fval } = node.A_Const;
  if (ival !== undefined) return String(ival.ival ?? 0);
  return fval?.fval !== undefined && /^\d+$/.test(fval.fval) ? BigInt(fval.fval).toString() : undefined;
}

function placeOf(step: Step, node: Node | undefined): Span {
  if (node !== undefined && 'TypeCast' in node) return placeOf(step, node.TypeCast.arg);
  const start = node !== undefined && 'A_Const' in node ? (node.A_Const.location ?? 0) : 0;
  const token = step.statement.tokens.find((each) => each.start >= start) ?? step.statement.tokens[0];
  return { start: token?.start ?? 0, end: token?.end ?? 0 };
}
