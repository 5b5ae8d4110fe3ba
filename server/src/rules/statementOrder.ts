import { columnOf, displayName } from '../catalog/catalog.ts';
import { walk } from '../catalog/expression.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { scansOf } from '../effects/effect.ts';
import { perStep } from '../replay/perStep.ts';
import type { Step } from '../replay/step.ts';
import { type AlteredColumn, alteredTable } from './alteredTable.ts';
import { dependentsInTheWay } from './dependentObjects.ts';
import { lackingIn, lacksSomething } from './lacking.ts';
import { moveAfter, moveBefore } from './moveStatement.ts';
import { objectInWords } from './objectInWords.ts';
import { keywordsSpan, mentionSpan } from './place.ts';
import type { ReplayedScript, Rule, ScriptReport, StepReport } from './rule.ts';
import { listed } from './wording.ts';

export const statementOrder: Rule = {
  id: 'statement-order',
  category: 'ordering',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'The statements of the file are in an order in which one of them fails.',
  why: 'A table, column or type is used before the same file makes it; something is dropped before what depends on it; a column is set NOT NULL before its old rows are filled. The statement fails, and with it the migration. Move it.',
  bad: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint);',
        'CREATE INDEX o_state ON orders (state);\nALTER TABLE orders ADD COLUMN state text;',
      ],
      fixed: 'ALTER TABLE orders ADD COLUMN state text;\nCREATE INDEX o_state ON orders (state);',
    },
    {
      files: [
        'ALTER TABLE orders ADD CHECK (x > 0), ADD UNIQUE (state);\nALTER TABLE orders ADD COLUMN state text;',
      ],
    },
    {
      files: [
        'CREATE TABLE lines (o bigint REFERENCES orders (id));\nCREATE TABLE orders (id bigint PRIMARY KEY);',
      ],
    },
    { files: ["CREATE TABLE a (m mood);\nCREATE TYPE mood AS ENUM ('ok');"] },
    {
      files: [
        'CREATE TABLE p (id int, x int);\nCREATE VIEW v_over_x AS SELECT x FROM p;',
        'ALTER TABLE p DROP COLUMN IF EXISTS x;\nDROP VIEW IF EXISTS v_over_x;',
      ],
      fixed: 'DROP VIEW IF EXISTS v_over_x;\nALTER TABLE p DROP COLUMN IF EXISTS x;',
    },
    {
      files: [
        'CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a);',
        '-- +goose Up\nDROP TABLE a;\nDROP TABLE b;\n',
      ],
    },
    {
      files: ["CREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE a (m mood);", 'DROP TYPE mood;\nDROP TABLE a;'],
    },
    {
      files: [
        "CREATE TYPE mood AS ENUM ('ok');\nCREATE VIEW v AS SELECT 'ok'::mood AS m;",
        'DROP TYPE mood;\nDROP VIEW v;',
      ],
    },
    {
      files: [
        'CREATE TABLE a (id int PRIMARY KEY);\nCREATE INDEX a_i ON a (id);',
        'DROP TABLE a;\nDROP INDEX a_i;',
      ],
    },
    {
      files: [
        "ALTER TABLE orders ADD COLUMN state text;\nALTER TABLE orders ALTER COLUMN state SET NOT NULL;\nUPDATE orders SET state = 'new' WHERE state IS NULL;",
      ],
      fixed:
        "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new' WHERE state IS NULL;\nALTER TABLE orders ALTER COLUMN state SET NOT NULL;",
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint);',
        'ALTER TABLE orders ADD COLUMN state text;\nCREATE INDEX o_state ON orders (state);',
      ],
    },
    { files: ['ALTER TABLE orders ADD COLUMN a int;\nCREATE TABLE IF NOT EXISTS orders (id int);'] },
    { files: ['UPDATE orders SET a = 1;\nDROP TABLE orders;\nCREATE TABLE orders (id int);'] },
    { files: ['UPDATE o SET a = 1;\nALTER TABLE o RENAME TO o_old;\nCREATE TABLE o (id int);'] },
    { files: ['ALTER TABLE o DROP COLUMN a;\nALTER TABLE o ADD COLUMN a int;'] },
    {
      files: [
        'CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a);',
        'DROP TABLE a CASCADE;\nDROP TABLE b;',
      ],
    },
    {
      files: [
        'CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a);',
        'DROP TABLE a, b;',
      ],
    },
    {
      files: [
        'CREATE TABLE a (id int PRIMARY KEY, x int);\nCREATE VIEW v AS SELECT id FROM a;',
        'ALTER TABLE a DROP COLUMN x;\nDROP VIEW v;',
      ],
    },
    {
      files: [
        "ALTER TABLE o ADD s text;\nUPDATE o SET s = 'a';\nALTER TABLE o ALTER s SET NOT NULL;\nUPDATE o SET s = 'b' WHERE id = 1;",
      ],
    },
    {
      files: ["CREATE TABLE o (s text);\nALTER TABLE o ALTER s SET NOT NULL;\nUPDATE o SET s = 'b';"],
    },
    { files: ['CREATE TABLE a (id int);\nDROP TABLE a;', 'INSERT INTO a VALUES (1);'] },
    {
      files: [
        "DO $$ BEGIN EXECUTE 'DROP TABLE ' || current_user; END $$;\nCREATE TABLE b (m mood);",
        'CREATE TABLE c (id int);',
      ],
    },
  ],

  scriptConcerns: (step) =>
    lacksSomething(step) || dependentsInTheWay(step).length > 0 || filledColumns(step).length > 0,
  *checkScript(script, _history, concerning) {
    for (const { step, mention, order } of lackingIn(script, concerning)) {
      if (order === undefined || (order.kind === 'wentWith' && script.script.direction === 'down')) continue;
      const what = objectInWords(mention);
      yield {
        step,
        span: mentionSpan(step.statement, mention),
        message:
          order.kind === 'madeLater'
            ? `The ${what} is used before this file makes it.`
            : `The ${what} is gone already: an earlier statement drops what it belongs to.`,
        why:
          order.kind === 'madeLater'
            ? 'The statement fails. Move it behind the one that makes it.'
            : 'The statement fails. Drop the part first, or leave it out: it goes with the whole.',
        fixes: (site) =>
          order.kind === 'madeLater' ? moveAfter(site, script, order.by) : moveBefore(site, script, order.by),
      };
    }
    if (script.script.direction === 'down') return;
    yield* inTheWay(script, concerning);
    yield* requiredTooEarly(script, concerning);
  },
};

/** What is dropped while something depends on it. A view of a column that stays is for statement-refused. */
export function* inTheWay(
  script: ReplayedScript,
  concerning: readonly Step[],
): Generator<StepReport & { step: Step }> {
  for (const step of concerning) {
    const dependents = dependentsInTheWay(step);
    if (dependents.length === 0) continue;
    const i = script.steps.indexOf(step);
    const last = script.steps.findIndex((_, j) => {
      const after = script.steps[j + 1]?.before ?? script.after;
      return j > i && dependents.every((each) => each.isGone(after));
    });
    const mover = last < 0 ? undefined : script.steps[last];
    const told = mover === undefined ? dependents.filter((each) => !each.viewOfColumn) : dependents;
    const [dropped] = told.map((each) => each.dropped).sort();
    if (dropped === undefined) continue;
    const names = [...new Set(told.map((each) => each.inWords))].sort();
    yield {
      step,
      span: keywordsSpan(step.statement, 'drop'),
      message: `${dropped} cannot be dropped here: ${listed(names)} ${names.length === 1 ? 'depends' : 'depend'} on it.`,
      why:
        mover === undefined
          ? 'PostgreSQL refuses it (2BP01). Drop what depends on it first.'
          : 'PostgreSQL refuses it (2BP01). Later in this file that is dropped: move this statement behind it.',
      fixes: (site) => (mover === undefined ? [] : moveAfter(site, script, mover)),
    };
  }
}

/** SET NOT NULL before the UPDATE that fills the column. */
function* requiredTooEarly(script: ReplayedScript, concerning: readonly Step[]): Generator<ScriptReport> {
  const { steps } = script;
  for (const step of concerning) {
    for (const { table, column, span } of filledColumns(step)) {
      const i = steps.indexOf(step);
      const fills = steps.map((each) => fillsColumn(each, table, column));
      const later = fills.indexOf(true, i);
      const filler = steps[later];
      if (filler === undefined || fills.slice(0, i).includes(true)) continue;
      yield {
        step,
        span,
        message: `${displayName(table)}.${column} is set NOT NULL before this file fills it.`,
        why: 'Rows that still have NULL in it make the statement fail (23502). Move it behind the UPDATE.',
        fixes: (site) => moveAfter(site, script, filler),
      };
    }
  }
}

/** The columns of old tables that a step sets NOT NULL and whose rows have to be filled before. */
const filledColumns = perStep((step): readonly AlteredColumn[] => {
  const altered = step.conditional ? undefined : alteredTable(step);
  if (altered === undefined) return [];
  return altered.commands.flatMap(({ command, name, span }) => {
    const column = command.name ?? '';
    if (command.subtype !== 'AT_SetNotNull') return [];
    const scanned = scansOf(step.effect, altered.key).some(
      (scan) => scan.reason === 'notNull' && scan.subject === column,
    );
    // A default has filled the rows of a column that was added with it.
    if (!scanned || columnOf(altered.table, column)?.default !== undefined) return [];
    return [{ table: altered.key, column, span: name ?? span }];
  });
});

function fillsColumn(step: Step, table: string, column: string): boolean {
  let fills = false;
  if (!('UpdateStmt' in step.node) && !('SelectStmt' in step.node) && !('InsertStmt' in step.node))
    return false;
  walk(step.node, (kind, body) => {
    if (kind !== 'UpdateStmt') return;
    const { relation, targetList } = body as {
      relation?: object;
      targetList?: { ResTarget?: { name?: string } }[];
    };
    const key = keyOfRangeVar(step.before, step.session, relation);
    if (key === table && targetList?.some((each) => each.ResTarget?.name === column)) fills = true;
  });
  return fills;
}
