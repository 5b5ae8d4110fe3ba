import type { DeleteStmt, Node, UpdateStmt } from '@pgsql/types';
import { columnOf, displayName, tableOf } from '../catalog/catalog.ts';
import { walk } from '../catalog/expression.ts';
import { objectKeyParts, stringsOf } from '../catalog/resolve.ts';
import { volatileFunction } from '../effects/volatility.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import type { Token } from '../sql/lexer.ts';
import { quoteName } from '../sql/names.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import {
  inBatches,
  type ManyRows,
  type RowOrder,
  rowOrder,
  triggersInWords,
  triggersOn,
  withoutOrder,
} from './batches.ts';
import { migrationName } from './migrationName.ts';
import type { Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';

/** An UPDATE or DELETE of rows that were there before the script. */
export interface RowWrite {
  readonly verb: 'UPDATE' | 'DELETE';
  /** Key of its table. */
  readonly table: string;
  readonly statement: UpdateStmt | DeleteStmt;
  /** The columns that UPDATE sets. */
  readonly sets: readonly string[];
}

/** An UPDATE or DELETE of many rows as batches that are committed one by one. */
export function rewriteInBatches(site: Site, database: LiveDatabase, write: RowWrite): readonly Offer[] {
  const { step } = site;
  if (!('UpdateStmt' in step.node) && !('DeleteStmt' in step.node)) return [];
  const key = rowOrder(step.before, write.table, database);
  if (key === undefined) return [withoutOrder(write.table, 'worked through')];
  // Later migrations must have left the key.
  const end = tableOf(site.end(), write.table);
  if (key !== 'blocks' && !key.every((each) => columnOf(end, each) !== undefined)) return [];
  const rows = manyRows(step, write, key);
  if (rows === undefined || 'refused' in rows) return rows === undefined ? [] : [rows];
  const event = write.verb === 'UPDATE' ? 'update' : 'delete';
  const verb = write.verb === 'UPDATE' ? 'Update' : 'Delete from';
  return phasedFix(site, database, {
    goal: `${verb} ${displayName(write.table)} in batches`,
    stays: undefined,
    undoing: [],
    // What a down does with the rows it does as before.
    undoneAsBefore: true,
    writesData: true,
    phases: [
      {
        deploy: 1,
        name: migrationName('backfill', objectKeyParts(write.table).name),
        does: `writes the rows that need it, each batch in a transaction of its own${triggersInWords(triggersOn(step.before, write.table, event))}`,
        transactional: false,
        up: [inBatches(rows, key)],
        down: [],
      },
    ],
  });
}

/** The statement as a DO block that writes batch by batch; undefined where it cannot be said so. */
export function batchesOf(
  step: Step,
  database: Pick<LiveDatabase, 'postgresVersion'>,
  write: RowWrite,
): string | undefined {
  if (!('UpdateStmt' in step.node) && !('DeleteStmt' in step.node)) return undefined;
  const key = rowOrder(step.before, write.table, database);
  const rows = key && manyRows(step, write, key);
  return key === undefined || rows === undefined || 'refused' in rows ? undefined : inBatches(rows, key);
}

/** The statement as a write of many rows; undefined where it reads other tables or gives rows. */
function manyRows(
  step: Step,
  { table, statement, sets }: RowWrite,
  key: RowOrder,
): ManyRows | { readonly refused: string } | undefined {
  const sources = 'fromClause' in statement || 'usingClause' in statement;
  if (sources || statement.withClause !== undefined || statement.returningClause !== undefined)
    return undefined;
  const { statement: parsed } = step;
  const where = statement.whereClause === undefined ? undefined : findKeywords(parsed, ['where']);
  if (statement.whereClause !== undefined && where === undefined) return undefined;
  const write = parsed.text.slice(0, where?.start).trimEnd();
  const condition = where === undefined ? undefined : parsed.text.slice(where.end).trim();
  const alias = statement.relation?.alias?.aliasname;
  const common = { table, write, ...(alias === undefined ? {} : { alias }) };
  if (!('targetList' in statement)) return { ...common, needed: condition ?? 'true' };
  const values = (statement.targetList ?? []).flatMap((each) =>
    'ResTarget' in each && each.ResTarget.val !== undefined ? each.ResTarget.val : [],
  );
  if (key !== 'blocks' && sets.some((each) => key.includes(each))) {
    return {
      refused: `it changes ${key.join(', ')}, by which batches of ${displayName(table)} would be told apart`,
    };
  }
  if (values.some((value) => speaksOf(value, sets))) {
    return {
      refused: `${sets.join(', ')} would be computed from itself again where a run is interrupted: batches cannot be told apart`,
    };
  }
  const ofItsOwn = values.some((value) => volatileFunction(step.before, step.session, value) !== undefined);
  if (ofItsOwn && condition === undefined) {
    return { refused: 'each run would write other values: a WHERE has to say which rows still need one' };
  }
  const differs = ofItsOwn ? undefined : assignmentsDiffer(step, table, write);
  if (differs === undefined && !ofItsOwn) return undefined;
  const parts = [condition, differs].filter((each) => each !== undefined && each !== '');
  const [only = 'true'] = parts;
  return { ...common, needed: parts.length < 2 ? only : parts.map((each) => `(${each})`).join(' AND ') };
}

function speaksOf(value: Node, columns: readonly string[]): boolean {
  let found = false;
  walk(value, (kind, body) => {
    if (kind === 'ColumnRef' && columns.includes(stringsOf(body.fields as Node[] | undefined).at(-1) ?? '')) {
      found = true;
    }
  });
  return found;
}

/** Types that know no equality (pg_operator has no = for them). */
const WITHOUT_EQUALITY: ReadonlySet<string> = new Set(['json', 'xml', 'point', 'polygon', 'txid_snapshot']);

/** Whether a row still lacks the values of `UPDATE t SET a = x, b = y`; empty where that cannot be compared. */
function assignmentsDiffer(step: Step, table: string, write: string): string | undefined {
  const set = findKeywords(step.statement, ['set']);
  if (set === undefined) return undefined;
  const parts = splitAtCommas(step.statement.tokens, set.end, write.length).map(({ start, end }) =>
    write.slice(start, end),
  );
  const conditions: string[] = [];
  for (const part of parts) {
    const assignment = /^\s*((?:"(?:[^"]|"")*"|[^\s="(.[]+))\s*=\s*([\s\S]*)$/.exec(part);
    if (assignment === null) return undefined;
    const [, column = '', value = ''] = assignment;
    if (/^default$/i.test(value.trim())) return undefined;
    const name = column.startsWith('"') ? column.slice(1, -1).replaceAll('""', '"') : column.toLowerCase();
    const type = columnOf(tableOf(step.before, table), name)?.type;
    if (type !== undefined && !type.array && WITHOUT_EQUALITY.has(type.name)) return '';
    conditions.push(`${quoteName(name)} IS DISTINCT FROM (${value.trim()})`);
  }
  return conditions.join(' OR ');
}

/** The parts between commas outside parentheses, in a statement's text from `start` to `end`. */
function splitAtCommas(
  tokens: readonly Token[],
  start: number,
  end: number,
): readonly { readonly start: number; readonly end: number }[] {
  const parts: { start: number; end: number }[] = [];
  let depth = 0;
  let from = start;
  for (const token of tokens) {
    if (token.start < start || token.start >= end) continue;
    if (token.value === '(' || token.value === '[') depth++;
    else if (token.value === ')' || token.value === ']') depth--;
    else if (token.value === ',' && depth === 0) {
      parts.push({ start: from, end: token.start });
      from = token.end;
    }
  }
  return [...parts, { start: from, end }];
}
