import { apply } from '../catalog/apply.ts';
import { columnOf, displayName, type Table, tableOf } from '../catalog/catalog.ts';
import { keyForNewRelation } from '../catalog/resolve.ts';
import { typeText } from '../catalog/typeText.ts';
import type { Step } from '../replay/step.ts';
import { statementHead } from '../sql/spans/statementHead.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { baseName, listed } from './wording.ts';

export const ifNotExistsHidesDifference: Rule = {
  id: 'if-not-exists-hides-difference',
  category: 'idempotency',
  level: 'information',
  since: '0.1.0',
  peers: [],
  summary: 'CREATE TABLE IF NOT EXISTS does nothing, and the table that is there has other columns.',
  why: 'An earlier migration has made a table of this name, so this statement passes over it without a word. The columns that it lists and that table lacks are not added; what comes after and counts on them fails, or worse, does not. Alter the table that is there.',
  bad: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY);',
        'CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, note text);',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id int);',
        '-- +goose Up\nCREATE TABLE IF NOT EXISTS orders (id bigint);\n',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id bigint);',
        'ALTER TABLE orders ADD COLUMN note text;',
        'CREATE TABLE IF NOT EXISTS orders (id bigint);',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(20));',
        'CREATE TABLE IF NOT EXISTS orders (note character varying(20), id int8);',
      ],
    },
    { files: ['CREATE TABLE IF NOT EXISTS orders (id bigint);'] },
    { files: ['CREATE TABLE a (id bigint);', 'CREATE TABLE IF NOT EXISTS shop.a (id int);'] },
    { files: ['ALTER TABLE orders ADD COLUMN note text;', 'CREATE TABLE IF NOT EXISTS orders (id bigint);'] },
    { files: ['CREATE TABLE a (id int);\nDROP TABLE a;', 'CREATE TABLE IF NOT EXISTS a (id bigint);'] },
    { files: ['CREATE TABLE a AS SELECT 1 AS id;', 'CREATE TABLE IF NOT EXISTS a (id bigint);'] },
  ],

  statements: ['CreateStmt'],
  *checkStep(step) {
    if (!('CreateStmt' in step.node) || step.node.CreateStmt.if_not_exists !== true) return;
    const key = keyForNewRelation(step.session, step.node.CreateStmt.relation);
    const known = tableOf(step.before, key);
    if (known?.path === undefined || !known.complete || step.before.uncertain || step.conditional) return;
    const asked = tableAsWritten(step, key);
    const differences = asked === undefined ? [] : compare(known, asked);
    if (differences.length === 0) return;
    yield {
      span: statementHead(step.statement)?.exists ?? keywordsSpan(step.statement, 'create', 'table'),
      message: `${displayName(key)} is there already and differs: ${listed(differences)}.`,
      why: `${baseName(known.path)} has made it, so this statement does nothing. ALTER the table that is there.`,
    };
  },
};

function tableAsWritten(step: Step, key: string): Table | undefined {
  const without = { ...step.before, relations: step.before.relations.delete(key) };
  return tableOf(apply(without, step.node, { searchPath: step.session.searchPath, path: '' }), key);
}

/** In words: what the table that is there has otherwise than the one that is written. */
function compare(known: Table, asked: Table): readonly string[] {
  const out: string[] = [];
  for (const column of asked.columns) {
    const there = columnOf(known, column.name);
    if (there === undefined) out.push(`it lacks ${column.name}`);
    else if (
      there.type !== undefined &&
      column.type !== undefined &&
      typeText(there.type) !== typeText(column.type)
    )
      out.push(`its ${column.name} is ${typeText(there.type)}, not ${typeText(column.type)}`);
  }
  if (!asked.complete) return out;
  for (const column of known.columns) {
    if (columnOf(asked, column.name) === undefined) out.push(`it has ${column.name} too`);
  }
  return out;
}
