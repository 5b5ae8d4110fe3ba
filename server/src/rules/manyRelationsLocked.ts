import { displayName, tableOf } from '../catalog/catalog.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import { perStep } from '../replay/perStep.ts';
import type { Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import { existingLocks } from './existingLocks.ts';
import { keywordsSpan } from './place.ts';
import type { HistoryView, ReplayedScript, Rule, ScriptReport } from './rule.ts';
import { transactionsAmong, transactionsOf } from './transactions.ts';
import { baseName, listedBriefly } from './wording.ts';

/** From this many on. */
const MANY = 3;

export const manyRelationsLocked: Rule = {
  id: 'many-relations-locked',
  category: 'transaction',
  level: 'information',
  since: '0.1.0',
  peers: ['eugene W12', 'pgls multipleAlterTable'],
  summary: 'One transaction locks several existing tables, or two in an order opposite to another’s.',
  why: 'The locks are collected one after the other and all held until the end: while the transaction waits for the last, the first is blocked already, and an application that takes the same tables in another order runs into a deadlock. Split the file, one table or two at a time.',
  bad: () => [
    {
      files: ['-- +goose Up\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nALTER TABLE c ADD x int;\n'],
    },
    {
      files: [
        'BEGIN;\nALTER TABLE a ADD x int;\nALTER TABLE b ADD FOREIGN KEY (x) REFERENCES c NOT VALID;\nCOMMIT;',
      ],
    },
    { files: ['DROP TABLE a, b, c;'] },
    { files: ['CREATE TABLE n (a int REFERENCES a, b int REFERENCES b, c int REFERENCES c);'] },
    {
      files: [
        '-- +goose Up\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\n',
        '-- +goose Up\nALTER TABLE b ADD y int;\nALTER TABLE a ADD y int;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nALTER TABLE a ADD x int;\n',
        '-- +goose Up\nALTER TABLE a ADD y int;\nALTER TABLE b ADD y int;\n',
        '-- +goose Up\nCREATE TABLE n (b int REFERENCES b);\nDROP TABLE a;\n',
      ],
      base: ['00001_step.sql'],
    },
  ],
  good: () => [
    {
      files: [
        '-- +goose Up\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\n',
        '-- +goose Up\nALTER TABLE b ADD y int;\nALTER TABLE a ADD y int;\n',
      ],
      base: ['00001_step.sql'],
    },
    {
      files: [
        '-- +goose Up\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\n',
        '-- +goose Up\nALTER TABLE a ADD y int;\nALTER TABLE b ADD y int;\n',
      ],
    },
    {
      files: [
        'ALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;',
        'BEGIN;\nALTER TABLE b ADD y int;\nALTER TABLE a ADD y int;\nCOMMIT;',
      ],
    },
    {
      files: [
        'BEGIN;\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nCOMMIT;',
        'ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a NOT VALID;',
      ],
    },
    { files: ['ALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nALTER TABLE c ADD x int;'] },
    {
      files: ['-- +goose Up\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nALTER TABLE a ADD y int;\n'],
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE c (y int);\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nALTER TABLE c ADD x int;\n',
      ],
    },
    {
      files: ['-- +goose Up\nCREATE INDEX i ON a (x);\nCREATE INDEX j ON b (x);\nCREATE INDEX k ON c (x);\n'],
    },
    {
      files: [
        'CREATE TABLE m (id int) PARTITION BY RANGE (id);\nCREATE TABLE m_1 PARTITION OF m DEFAULT;\nCREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (1) TO (2);',
        '-- +goose Up\nALTER TABLE m ADD x int;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE a DROP x;\nALTER TABLE b DROP x;\nALTER TABLE c DROP x;\n',
      ],
    },
  ],

  scriptConcerns: (step) => stronglyLocked(step).length > 0,
  *checkScript(script, history, concerning) {
    if (script.script.direction === 'down') return;
    const transactions = transactionsAmong(script, concerning).map(({ steps }) => steps);
    for (const steps of transactions) {
      const many = manyLocked(steps);
      const report = many ?? crossing(steps, script.file, history);
      if (report !== undefined) yield report;
    }
  },
};

function manyLocked(steps: readonly Step[]): ScriptReport | undefined {
  const locked = new Set<string>();
  let at: Step | undefined;
  for (const step of steps) {
    for (const relation of stronglyLocked(step)) locked.add(relation);
    if (locked.size >= MANY) at ??= step;
  }
  if (at === undefined) return undefined;
  const names = [...locked].map(displayName);
  const advice = stronglyLocked(at).length === locked.size ? apart(at) : 'Split the migration.';
  return {
    step: at,
    span: headSpan(at),
    message: `One transaction locks ${names.length} existing relations: ${listedBriefly(names)}.`,
    why: `While it waits for one of them, those before it are blocked already, and all stay blocked until the end; sessions that take them in another order end in a deadlock. ${advice}`,
  };
}

/** What can be done where a single statement takes all the locks. */
function apart({ node }: Step): string {
  if ('CreateStmt' in node)
    return 'Make the table without its foreign keys, and add them one at a time, each in a migration of its own.';
  if ('DropStmt' in node || 'TruncateStmt' in node)
    return 'Take the tables one at a time, and drop foreign keys between them first, each in a migration of its own.';
  return 'Take the statement apart, one table at a time, each in a migration of its own.';
}

/** Two relations that an earlier pending migration locks the other way round. */
function crossing(
  steps: readonly Step[],
  file: MigrationFile,
  history: HistoryView,
): ScriptReport | undefined {
  const [own] = pairsInOrder(steps);
  if (own === undefined) return undefined;
  const earlier = history.files.slice(0, history.files.indexOf(file));
  const other = earlier.find(
    (each) =>
      history.base?.has(each.path) !== true &&
      pairsOf(history.up(each)).some(({ first, second }) => first === own.second && second === own.first),
  );
  if (other === undefined) return undefined;
  const [first, second] = [displayName(own.first), displayName(own.second)];
  return {
    step: own.at,
    span: headSpan(own.at),
    message: `This transaction locks ${first} and then ${second}; ${baseName(other.path)} locks them the other way round.`,
    why: `Where the two run at the same time, or one of them beside the application that follows its order, each waits for what the other holds: a deadlock, and PostgreSQL ends one of them (40P01). Lock the tables in one order everywhere, or each in a migration of its own.`,
  };
}

interface Pair {
  readonly first: string;
  readonly second: string;
  /** The step that locks the second while the first is locked already. */
  readonly at: Step;
}

/** The relations that later steps lock while earlier ones hold others; what one statement takes has no order of its own. */
function pairsInOrder(steps: readonly Step[]): readonly Pair[] {
  const held = new Set<string>();
  const pairs: Pair[] = [];
  for (const at of steps) {
    const taken = stronglyLocked(at).filter((each) => !held.has(each));
    for (const second of taken) for (const first of held) pairs.push({ first, second, at });
    for (const each of taken) held.add(each);
  }
  return pairs;
}

/** Those of all transactions of a script. */
function pairsOf(script: ReplayedScript | undefined): readonly Pair[] {
  if (script === undefined) return [];
  let known = pairsOfScripts.get(script);
  if (known === undefined) {
    known = transactionsOf(script).flatMap(pairsInOrder);
    pairsOfScripts.set(script, known);
  }
  return known;
}

const pairsOfScripts = new WeakMap<ReplayedScript, readonly Pair[]>();

function headSpan({ statement }: Step): Span {
  const [one = '', two = ''] = statement.tokens.map(({ value }) => value);
  return keywordsSpan(statement, one, two);
}

/** What the step locks against writes or more; partitions count with their partitioned table. */
const stronglyLocked = perStep((step: Step): readonly string[] =>
  existingLocks(step).flatMap(({ relation, mode }) =>
    mode === 'ACCESS EXCLUSIVE' || mode === 'SHARE ROW EXCLUSIVE' ? [root(step, relation)] : [],
  ),
);

function root(step: Step, relation: string): string {
  const parent = tableOf(step.before, relation)?.partitionOf?.parent;
  return parent === undefined ? relation : root(step, parent);
}
