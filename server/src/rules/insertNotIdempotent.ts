import type { Node } from '@pgsql/types';
import { displayName, tableOf } from '../catalog/catalog.ts';
import { volatileFunction } from '../effects/volatility.ts';
import type { Fix } from '../migrations/change.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import { emptiedBy } from './emptiedTables.ts';
import { type Insertion, insertions, literalRows, unlessThere } from './insertedRows.ts';
import { keywordsSpan } from './place.ts';
import { uniqueKeysOf } from './rowWrites.ts';
import type { Rule } from './rule.ts';

export const insertNotIdempotent: Rule = {
  id: 'insert-not-idempotent',
  category: 'idempotency',
  level: 'information',
  since: '0.1.0',
  peers: ['pgsafe insert-without-on-conflict'],
  summary: 'Run again, the INSERT fails on its own rows or makes them twice.',
  why: 'Seeds are run again: after a failure half-way, on a database that was filled by hand, in a test setup. Where a unique key tells the rows apart, ON CONFLICT DO NOTHING passes over those that are there; where there is none it never finds a conflict, and only WHERE NOT EXISTS helps.',
  bad: () => [
    {
      files: [
        'CREATE TABLE states (code text PRIMARY KEY, name text);',
        "INSERT INTO states (code, name) VALUES ('n', 'new'), ('d', 'done');",
      ],
      fixed: "INSERT INTO states (code, name) VALUES ('n', 'new'), ('d', 'done') ON CONFLICT DO NOTHING;",
    },
    {
      files: [
        'CREATE TABLE states (id bigserial PRIMARY KEY, name text, at date);',
        "-- +goose Up\nINSERT INTO states (name, at) VALUES ('new', NULL);\n",
      ],
      fixed:
        "-- +goose Up\nINSERT INTO states (name, at) SELECT 'new', NULL WHERE NOT EXISTS (SELECT FROM states WHERE name = 'new' AND at IS NULL);\n",
    },
    {
      files: [
        'CREATE TABLE states (id uuid PRIMARY KEY, name text);',
        "-- +goose Up\nINSERT INTO states (id, name) VALUES (gen_random_uuid(), 'new');\n",
      ],
      fixed:
        "-- +goose Up\nINSERT INTO states (id, name) SELECT gen_random_uuid(), 'new' WHERE NOT EXISTS (SELECT FROM states WHERE name = 'new');\n",
    },
    {
      files: [
        'CREATE TABLE states (id uuid PRIMARY KEY);',
        '-- +goose Up\nINSERT INTO states (id) VALUES (gen_random_uuid());\n',
      ],
    },
    { files: ["INSERT INTO states SELECT 'n', 'new';"] },
    { files: ["INSERT INTO states (code) VALUES ('n') RETURNING code;"] },
  ],
  good: () => [
    { files: ["INSERT INTO states VALUES ('n') ON CONFLICT DO NOTHING;"] },
    { files: ["INSERT INTO states SELECT 'n' WHERE NOT EXISTS (SELECT FROM states WHERE code = 'n');"] },
    { files: ['INSERT INTO archive SELECT * FROM orders;'] },
    { files: ["DO $$ BEGIN IF now() > '2026-01-01' THEN INSERT INTO s VALUES (1); END IF; END $$;"] },
    { files: ['CREATE TEMP TABLE batch (id int);\nINSERT INTO batch VALUES (1);'] },
    { files: ['TRUNCATE states;\nINSERT INTO states VALUES (1);'] },
    { files: ['INSERT INTO states DEFAULT VALUES ON CONFLICT DO NOTHING;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nINSERT INTO states VALUES (1);\n'] },
  ],

  scriptConcerns: (step) => emptiedBy(step).length > 0 || seeds(step).length > 0,
  *checkScript({ script }, _history, concerning) {
    if (script.direction === 'down') return;
    const emptied = new Set<string>();
    for (const step of concerning) {
      for (const key of emptiedBy(step)) emptied.add(key);
      for (const insertion of seeds(step)) {
        const { table } = insertion;
        if (emptied.has(table)) continue;
        const told = isToldApart(step, insertion);
        yield {
          step,
          span: keywordsSpan(step.statement, 'insert', 'into'),
          message: told
            ? `Run again, this INSERT fails: its rows are in ${displayName(table)} already.`
            : `Run again, this INSERT makes its rows in ${displayName(table)} twice, or fails on them.`,
          why: told
            ? 'ON CONFLICT DO NOTHING passes over those that are there.'
            : 'Nothing that the history shows makes these rows unique, so ON CONFLICT would find no conflict: WHERE NOT EXISTS does.',
          fixes: (site) => fixes(site, insertion, told),
        };
      }
    }
  },
};

/** The rows that a step brings along for tables that stay. */
const seeds = perStep((step) =>
  (step.conditional ? [] : insertions(step)).filter(
    ({ statement, table }) =>
      statement.onConflictClause === undefined &&
      literalRows(statement) !== undefined &&
      tableOf(step.before, table)?.persistence !== 'temporary',
  ),
);

/** Whether a unique key is among the columns that the INSERT gives values for, the same ones each time it runs. */
function isToldApart(step: Step, insertion: Insertion): boolean {
  const repeated = insertion.columns.filter((_, i) => isRepeated(step, insertion, i));
  return uniqueKeysOf(step.before, insertion.table).some(
    (key) => key.length > 0 && key.every((column) => column !== undefined && repeated.includes(column)),
  );
}

/** Whether the values of a column are what they were when the INSERT is run again: not gen_random_uuid(). */
function isRepeated(step: Step, { statement }: Insertion, column: number): boolean {
  return literalRows(statement)?.every((row) => !isMadeAnew(step, row[column])) ?? true;
}

function isMadeAnew({ before, session }: Step, value: Node | undefined): boolean {
  return value !== undefined && volatileFunction(before, session, value) !== undefined;
}

function fixes(site: Site, insertion: Insertion, told: boolean): readonly Fix[] {
  const { step } = site;
  const { statement, table } = insertion;
  const known = tableOf(step.before, table)?.complete === true;
  if (!told && known) {
    const { columns } = insertion;
    return unlessThere(
      site,
      columns.filter((_, i) => isRepeated(site.step, insertion, i)),
    );
  }
  if (step.nested || !('InsertStmt' in step.node) || statement !== step.node.InsertStmt) return [];
  const offset = findKeywords(step.statement, ['returning'])?.start ?? step.statement.text.length;
  const changes = [
    { kind: 'insertClause', statement: site.statement, offset, text: 'ON CONFLICT DO NOTHING' } as const,
  ];
  return [{ title: 'Add ON CONFLICT DO NOTHING', grade: 'review', changes }];
}
