import type { InsertStmt, Node } from '@pgsql/types';
import { columnOf, tableOf } from '../catalog/catalog.ts';
import { walk } from '../catalog/expression.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import { quoteName } from '../sql/names.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import { segments, TokenCursor } from '../sql/spans/tokenCursor.ts';

/** An INSERT of a step, its own or one in WITH. */
export interface Insertion {
  readonly statement: InsertStmt;
  /** Key of its table. */
  readonly table: string;
  /** The columns it gives values for: those it names, else all of the table as far as they are known. */
  readonly columns: readonly string[];
}

/** The INSERTs of a step, those in WITH too. */
export function insertions(step: Step): readonly Insertion[] {
  if (!('InsertStmt' in step.node) && !('SelectStmt' in step.node)) return [];
  const found: Insertion[] = [];
  walk(step.node, (kind, body) => {
    if (kind !== 'InsertStmt') return;
    const statement = body as InsertStmt;
    const table = keyOfRangeVar(step.before, step.session, statement.relation);
    const named = columnsNamed(statement);
    const all = tableOf(step.before, table)?.columns.map((column) => column.name) ?? [];
    found.push({ statement, table, columns: named.length > 0 ? named : all });
  });
  return found;
}

/** The columns that an INSERT names. */
export function columnsNamed(statement: InsertStmt): readonly string[] {
  return (statement.cols ?? []).flatMap((node) => ('ResTarget' in node ? (node.ResTarget.name ?? []) : []));
}

/** The rows of an INSERT that brings its values along: VALUES, or a SELECT from nothing. Undefined of any other. */
export function literalRows({ selectStmt }: InsertStmt): readonly (readonly Node[])[] | undefined {
  if (selectStmt === undefined || !('SelectStmt' in selectStmt)) return undefined;
  const { valuesLists, fromClause, targetList, whereClause, larg } = selectStmt.SelectStmt;
  if (valuesLists !== undefined) {
    return valuesLists.map((row) => ('List' in row ? (row.List.items ?? []) : []));
  }
  if (fromClause !== undefined || whereClause !== undefined || larg !== undefined) return undefined;
  return [(targetList ?? []).flatMap((node) => ('ResTarget' in node ? (node.ResTarget.val ?? []) : []))];
}

/**
 * The fix that lets an INSERT … VALUES of one row go by where the row is there: INSERT … SELECT … WHERE NOT EXISTS, told
 * by `identifying` columns, or by all that it names. Anything behind the VALUES but ON CONFLICT is beyond it.
 */
export function unlessThere(site: Site, identifying?: readonly string[]): readonly Fix[] {
  const { step, statement } = site;
  if (step.nested || !('InsertStmt' in step.node)) return [];
  const insertion = step.node.InsertStmt;
  const columns = columnsNamed(insertion);
  const values = valueTexts(step);
  if (values === undefined || columns.length !== values.length || insertion.returningClause !== undefined)
    return [];
  const { relname = '', schemaname } = insertion.relation ?? {};
  const table =
    schemaname === undefined ? quoteName(relname) : `${quoteName(schemaname)}.${quoteName(relname)}`;
  const same = columns.flatMap((column, i) => {
    if (identifying !== undefined && !identifying.includes(column)) return [];
    return [
      /^null$/i.test(values[i] ?? '')
        ? `${quoteName(column)} IS NULL`
        : `${quoteName(column)} = ${values[i]}`,
    ];
  });
  const at = findKeywords(step.statement, ['values']);
  if (at === undefined || same.length === 0) return [];
  const text = `SELECT ${values.join(', ')} WHERE NOT EXISTS (SELECT FROM ${table} WHERE ${same.join(' AND ')})`;
  return [
    {
      title: 'Insert the row only where it is not there (WHERE NOT EXISTS)',
      grade: 'review',
      changes: [
        {
          kind: 'replaceStatement',
          statement,
          span: { start: at.start, end: step.statement.text.length },
          text,
        },
      ],
    },
  ];
}

/** The values of a single VALUES row as written; undefined of more rows, and of DEFAULT, which SELECT does not know. */
function valueTexts(step: Step): readonly string[] | undefined {
  const { tokens, text } = step.statement;
  const at = findKeywords(step.statement, ['values']);
  if (at === undefined) return undefined;
  const cursor = new TokenCursor(tokens);
  cursor.seek(at.end);
  const list = cursor.parentheses();
  if (list === undefined || cursor.sees(',')) return undefined;
  const values = segments(tokens, list.first, list.end).map(({ start, end }) => text.slice(start, end));
  return values.some((value) => /^default$/i.test(value)) ? undefined : values;
}

/** Whether the table gives the column a value of its own. */
export function hasDefault(step: Step, table: string, column: string): boolean {
  const known = columnOf(tableOf(step.before, table), column);
  return known?.default !== undefined || known?.identity !== undefined || known?.generated !== undefined;
}
