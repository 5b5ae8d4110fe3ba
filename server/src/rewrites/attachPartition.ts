import { displayName, type PartitionKey, tableOf, writtenName } from '../catalog/catalog.ts';
import { generatedName } from '../catalog/generatedNames.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import { defaultPartition } from '../effects/relations.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import { quoteName } from '../sql/names.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import { migrationName } from './migrationName.ts';
import { changedLater, type Offer, type Refusal } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';
import { transactionPlace } from './transactionPlace.ts';
import { undoingCommands } from './undoing.ts';

/**
 * ATTACH PARTITION: first a CHECK that says the same as the bounds, and one that keeps such rows out of the default
 * partition, validated while reads and writes go on; ATTACH then reads nothing (documentation: Table Partitioning, Partition Maintenance). Keys of the catalog.
 */
export function attachPartition(
  site: Site,
  database: LiveDatabase,
  parent: string,
  partition: string,
): readonly Offer[] {
  const { step, file } = site;
  const partitionBy = tableOf(step.before, parent)?.partitionBy;
  if (partitionBy === undefined) return [];
  const transaction = transactionPlace(site, database);
  if (typeof transaction !== 'string') return [transaction];
  const bounds = boundsOf(step.statement, partitionBy);
  // Later migrations must have left it where it is put here.
  const attached = tableOf(site.end(), partition)?.partitionOf?.parent === parent;
  if (!attached) return [changedLater(displayName(partition))];
  if (typeof bounds !== 'string') return bounds === undefined ? [] : [bounds];
  const { name } = objectKeyParts(partition);
  const rest = defaultPartition({ catalog: step.before }, parent);
  const checks = [
    proof(step, partition, 'fits', bounds),
    ...(rest === undefined ? [] : [proof(step, rest, 'rest', `NOT (${bounds})`)]),
  ];
  const drops = checks.map(({ drop }) => drop);
  const adds = checks.map(({ add }) => add);
  return phasedFix(site, database, {
    goal: `Attach ${displayName(partition)} to ${displayName(parent)}`,
    stays: undefined,
    transaction,
    undoing: undoingCommands(file, parent, ({ subtype, def }) => {
      const detached =
        def !== undefined && 'PartitionCmd' in def ? def.PartitionCmd.name?.relname : undefined;
      return subtype === 'AT_DetachPartition' && detached === name;
    }),
    phases: [
      {
        deploy: 1,
        name: migrationName('check', name),
        does: `refuses new rows outside the bounds${rest === undefined ? '' : `, and such as belong within them in ${displayName(rest)},`} from now on, and reads none of the old ones`,
        transactional: true,
        locksBriefly: true,
        up: adds,
        down: drops,
      },
      {
        deploy: 1,
        name: migrationName('validate', name, 'fits'),
        does: 'reads every old row; reads and writes go on meanwhile',
        mustBeTrueBefore: `no old row lies outside the bounds${rest === undefined ? '' : `, and none of ${displayName(rest)} within them`}`,
        transactional: true,
        up: checks.map(({ validate }) => validate),
        down: [],
      },
      {
        deploy: 1,
        name: migrationName('attach', name),
        does: `attaches the partition, which reads nothing, and drops ${rest === undefined ? 'the CHECK' : 'both CHECKs'}`,
        transactional: true,
        locksBriefly: true,
        up: [step.statement.text, ...drops],
        down: [`ALTER TABLE ${writtenName(parent)} DETACH PARTITION ${writtenName(partition)}`, ...adds],
      },
    ],
  });
}

/** A CHECK of a table that proves something about its rows, and the statements that make it, test it and take it away. */
function proof(
  { before }: Step,
  table: string,
  suffix: string,
  condition: string,
): { readonly add: string; readonly validate: string; readonly drop: string } {
  const { schema, name } = objectKeyParts(table);
  const taken = new Set(tableOf(before, table)?.constraints.map((each) => each.name));
  const check = quoteName(generatedName(before, schema, name, undefined, suffix, (each) => taken.has(each)));
  const alter = `ALTER TABLE ${writtenName(table)}`;
  return {
    add: `${alter} ADD CONSTRAINT ${check} CHECK (${condition}) NOT VALID`,
    validate: `${alter} VALIDATE CONSTRAINT ${check}`,
    drop: `${alter} DROP CONSTRAINT IF EXISTS ${check}`,
  };
}

/**
 * The bounds of an ATTACH PARTITION as a condition on the key, in the form in which PostgreSQL has them itself
 * (get_qual_for_range and get_qual_for_list, partitioning/partbounds.c): so they prove each other.
 */
function boundsOf(statement: ParsedStatement, key: PartitionKey): string | Refusal | undefined {
  const columns = key.columns.flatMap((each) => (each === undefined ? [] : quoteName(each)));
  if (columns.length < key.columns.length) {
    return { refused: 'the table is partitioned by an expression, of which no CHECK proves that rows fit' };
  }
  if (key.strategy === 'hash') {
    return { refused: 'where a row stands by its hash no CHECK can prove: attach it while it is empty' };
  }
  const values = findKeywords(statement, ['for', 'values']);
  if (values === undefined) {
    return {
      refused: 'what the default partition takes follows from all others: attach it while it is empty',
    };
  }
  const lists = listsAfter(statement, values.end);
  const [first, second] = lists;
  if (first === undefined) return undefined;
  if (key.strategy === 'list') return listCondition(columns[0] ?? '', first);
  return second === undefined ? undefined : rangeCondition(columns, first, second);
}

/** The texts between commas of each list in parentheses. */
function listsAfter({ text, tokens }: ParsedStatement, start: number): readonly (readonly string[])[] {
  const lists: string[][] = [];
  let depth = 0;
  let from = 0;
  for (const token of tokens) {
    if (token.start < start) continue;
    const opens = token.value === '(' || token.value === '[';
    const closes = token.value === ')' || token.value === ']';
    if (opens && depth++ === 0) {
      lists.push([]);
      from = token.end;
    }
    if (closes) depth--;
    if ((closes && depth === 0) || (token.value === ',' && depth === 1)) {
      lists.at(-1)?.push(text.slice(from, token.start).trim());
      from = token.end;
    }
  }
  return lists;
}

/** A list that holds NULL takes rows without a value. */
function listCondition(column: string, values: readonly string[]): string {
  const isNull = (value: string) => /^null$/i.test(value);
  const given = values.filter((each) => !isNull(each));
  const among = `${column} IN (${given.join(', ')})`;
  if (given.length === values.length) return `${column} IS NOT NULL AND ${among}`;
  return given.length === 0 ? `${column} IS NULL` : `${column} IS NULL OR ${among}`;
}

function rangeCondition(
  columns: readonly string[],
  lower: readonly string[],
  upper: readonly string[],
): string {
  let same = 0;
  while (same < columns.length && lower[same] === upper[same]) same++;
  return [
    ...columns.map((each) => `${each} IS NOT NULL`),
    ...columns.slice(0, same).map((each, i) => `${each} = ${lower[i]}`),
    ...edge(columns.slice(same), lower.slice(same), '>'),
    ...edge(columns.slice(same), upper.slice(same), '<'),
  ].join(' AND ');
}

/** `(a, b) >= (1, 2)` as `a > 1 OR (a = 1 AND b >= 2)`; nothing where the first has no end there. The lower end is part of the range. */
function edge(columns: readonly string[], values: readonly string[], beyond: '>' | '<'): readonly string[] {
  const [column, ...others] = columns;
  const [value = '', ...rest] = values;
  const isEnd = (text: string | undefined) => /^(min|max)value$/i.test(text ?? '');
  if (column === undefined || isEnd(value)) return [];
  const includes =
    beyond === '>' ? /^minvalue$/i.test(rest[0] ?? 'minvalue') : /^maxvalue$/i.test(rest[0] ?? '');
  if (others.length === 0 || isEnd(rest[0])) return [`${column} ${beyond}${includes ? '=' : ''} ${value}`];
  const [next = 'true'] = edge(others, rest, beyond);
  return [`(${column} ${beyond} ${value} OR (${column} = ${value} AND ${next}))`];
}
