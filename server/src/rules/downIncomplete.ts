import { compareVersions } from '../migrations/history.ts';
import { statementsOf } from '../migrations/migration.ts';
import { mentionKey, partKey, type Step } from '../replay/step.ts';
import { downOf, schemaAfter } from '../rewrites/down/downScript.ts';
import { subjectsOf } from '../rewrites/down/subjects.ts';
import type { Offer } from '../rewrites/offer.ts';
import { some } from './downMissing.ts';
import { keywordsSpan } from './place.ts';
import type { HistoryView, ReplayedScript, Rule } from './rule.ts';
import { type Difference, schemaDifferences } from './schemaDifferences.ts';
import { originsOf, writtenAnew, writtenDown } from './writtenDown.ts';

export const downIncomplete: Rule = {
  id: 'down-incomplete',
  category: 'reversibility',
  level: 'warning',
  since: '0.1.0',
  peers: [],
  summary: 'After the up and then the down, the schema is not what it was before.',
  why: 'What the down leaves behind makes the next up fail; what it does not bring back is missing to the application version that is rolled back to. Compared are tables, columns, constraints, indexes, views, types, functions, triggers and policies, as the history knows them.',
  bad: () => [
    {
      files: [
        '-- +goose Up\nCREATE TABLE a (id int);\nALTER TABLE b ADD COLUMN c int;\n-- +goose Down\nDROP TABLE a;\n',
      ],
      fixed:
        '-- +goose Up\nCREATE TABLE a (id int);\nALTER TABLE b ADD COLUMN c int;\n-- +goose Down\nDROP TABLE a;\nALTER TABLE b DROP COLUMN IF EXISTS c;\n',
    },
    {
      files: [
        'CREATE TABLE a (id int, c int);\nCREATE INDEX a_c ON a (c);',
        '-- +goose Up\nALTER TABLE a DROP COLUMN c;\n-- +goose Down\nALTER TABLE a ADD COLUMN c int;\n',
      ],
    },
    {
      files: ['-- +goose Up\nDROP INDEX a_c;\nDROP INDEX a_d;\n-- +goose Down\nCREATE INDEX a_c ON a (c);\n'],
    },
    {
      files: [
        'CREATE TABLE a (c int NOT NULL);',
        '-- +goose Up\nALTER TABLE a ALTER c DROP NOT NULL;\n-- +goose Down\nSELECT 1;\n',
      ],
    },
    {
      files: [
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        "-- +goose Up\nCREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';\n-- +goose Down\nSELECT 1;\n",
      ],
    },
    {
      files: [
        'CREATE TABLE a (n text);\nCREATE INDEX a_n ON a (n text_pattern_ops) WHERE one.f(n);',
        '-- +goose Up\nDROP INDEX a_n;\n-- +goose Down\nCREATE INDEX a_n ON a (n) WHERE one.f(n);\n',
      ],
    },
    {
      files: [
        'CREATE TABLE a (n text);\nCREATE INDEX a_n ON a (n) WHERE one.f(n);',
        '-- +goose Up\nDROP INDEX a_n;\n-- +goose Down\nCREATE INDEX a_n ON a (n) WHERE two.f(n);\n',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE user_a (id serial PRIMARY KEY, c int);\nALTER TABLE user_a RENAME TO a;',
        '-- +goose Up\nALTER TABLE a DROP COLUMN id;\n-- +goose Down\nALTER TABLE a ADD COLUMN id serial CONSTRAINT user_a_pkey PRIMARY KEY;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE a (id serial PRIMARY KEY);\nCREATE INDEX a_i ON a (id);\n-- +goose Down\nDROP TABLE a;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nALTER TABLE b ADD COLUMN c int;\n-- +goose Down\nALTER TABLE b DROP COLUMN c;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nALTER TABLE b DROP COLUMN c;\n-- +goose Down\nALTER TABLE b ADD COLUMN c int;\n',
      ],
    },
    { files: ['-- +goose Up\nDROP INDEX a_c;\n-- +goose Down\nCREATE INDEX a_c ON a (c);\n'] },
    { files: ['-- +goose Up\nDROP TABLE old;\n-- +goose Down\nCREATE TABLE old (id int);\n'] },
    { files: ['-- +goose Up\nALTER TABLE a RENAME TO b;\n-- +goose Down\nALTER TABLE b RENAME TO a;\n'] },
    {
      files: [
        'CREATE TABLE a (id int, b int, c int);',
        '-- +goose Up\nALTER TABLE a DROP COLUMN b;\n-- +goose Down\nALTER TABLE a ADD COLUMN b int;\n',
      ],
    },
    {
      files: [
        'CREATE TABLE a (b int);',
        '-- +goose Up\nALTER TABLE a ADD CHECK (b > 0) NOT VALID;\n-- +goose Down\nALTER TABLE a DROP CONSTRAINT a_b_check;\n',
      ],
    },
    {
      files: [
        'CREATE TABLE a (b int);\nALTER TABLE a ADD CONSTRAINT c CHECK (b > 0) NOT VALID;',
        '-- +goose Up\nALTER TABLE a VALIDATE CONSTRAINT c;\n-- +goose Down\nSELECT 1;\n',
      ],
    },
    { files: ["-- +goose Up\nALTER TYPE mood ADD VALUE 'meh';\n-- +goose Down\nSELECT 1;\n"] },
    { files: ['-- +goose Up\nCREATE EXTENSION IF NOT EXISTS citext;\n-- +goose Down\nSELECT 1;\n'] },
    {
      files: [
        "-- +goose Up\nDROP TABLE a;\n-- +goose Down\n-- +goose StatementBegin\nDO $$ BEGIN\n  RAISE EXCEPTION 'no way back';\nEND $$;\n-- +goose StatementEnd\n",
      ],
    },
    {
      files: [
        "CREATE TYPE public.mood AS ENUM ('ok');\nCREATE TABLE a (m public.mood, n text, CONSTRAINT sure CHECK (m = 'ok'::public.mood AND pg_catalog.lower(n) > ''));\nCREATE INDEX a_m ON a (m, n) WHERE m = 'ok'::public.mood;\nCREATE VIEW v AS SELECT m FROM public.a;",
        "-- +goose Up\nDROP VIEW v;\nDROP INDEX a_m;\nALTER TABLE a DROP CONSTRAINT sure;\n-- +goose Down\nALTER TABLE a ADD CONSTRAINT sure CHECK (m = 'ok'::mood AND lower(n) > '');\nCREATE INDEX a_m ON a (m enum_ops, n text_ops) WHERE m = 'ok'::mood;\nCREATE VIEW v AS SELECT m FROM a;\n",
      ],
    },
    { files: ['-- +goose Up\nCREATE TABLE a (id int);\n-- +goose Down\n'] },
    { files: ['-- +goose Up\nUPDATE a SET x = 1 WHERE id = 1;\n-- +goose Down\nSELECT 1;\n'] },
  ],

  *checkScript(script, history) {
    const [step] = script.steps;
    if (
      script.script.direction !== 'down' ||
      script.up === undefined ||
      step === undefined ||
      history.forwardOnly
    )
      return;
    if (script.after.uncertain || script.steps.some(refuses)) return;
    const start = startOf(script, history);
    if (start === undefined) return;
    const found = schemaDifferences(start.before, script.after, start.up);
    if (found.length === 0) return;
    const of = (kind: Difference['kind']): readonly string[] =>
      found.filter((each) => each.kind === kind).map((each) => each.inWords);
    const sentences = [
      ['leaves', of('left')] as const,
      ['does not bring back', of('lost')] as const,
      ['leaves otherwise than before', of('changed')] as const,
    ].filter(([, names]) => names.length > 0);
    yield {
      step,
      span: keywordsSpan(step.statement),
      message: `The down ${sentences.map(([verb, names]) => `${verb} ${some(names)}`).join('; it ')}.`,
      why: 'After the up and then this down the schema is not what it was. What is left makes the next up fail; what is missing, the older version of the application misses.',
      fixes: () => undoTheRest(script, start.up, found, history),
    };
  },
};

/** Whether the step says on purpose that there is no way back. */
export function refuses({ node, statement }: Step): boolean {
  return 'DoStmt' in node && /\braise\s+exception\b/i.test(statement.text);
}

interface Start {
  /** The schema before the up. */
  readonly before: ReplayedScript['before'];
  readonly up: readonly Step[];
}

/** Where the down should lead back to: for a file of its own, the schema before the other half. */
function startOf({ file, up }: ReplayedScript, history: HistoryView): Start | undefined {
  if (up === undefined) return undefined;
  if (statementsOf(file.up).length > 0) return { before: up.before, up: up.steps };
  if (file.tool === 'goose' || file.version === undefined) return undefined;
  const other = history.files.find(
    (each) =>
      each.down === undefined &&
      each.version !== undefined &&
      compareVersions(each.version, file.version ?? '') === 0,
  );
  return other === undefined ? undefined : { before: history.before(other), up: [] };
}

/**
 * What takes back those statements of the up that have to do with what is not as it was, after the last statement of
 * the down; the whole down anew where that does not lead back.
 */
function undoTheRest(
  script: ReplayedScript,
  up: readonly Step[],
  found: readonly Difference[],
  history: HistoryView,
): readonly Offer[] {
  const last = statementsOf(script.script).at(-1);
  if (last === undefined || script.up === undefined || up.length === 0) return [];
  const keys = new Set(found.map(({ key }) => key));
  const wanted = (step: Step) => keysOf(step).some((key) => keys.has(key));
  const rest = downOf(script.up, { origins: originsOf(script.up, history), wanted });
  if (!('refused' in rest) && rest.statements.length > 0) {
    const after = schemaAfter(script.after, rest.statements);
    if (after !== undefined && schemaDifferences(script.up.before, after, up).length === 0) {
      const changes = writtenDown(script.file, rest, up.filter(wanted), (statements) =>
        statements.map((text) => ({ kind: 'insertAfter', statement: last, text })),
      );
      return [{ title: 'Add what takes back the rest', grade: 'review', changes }];
    }
  }
  return writtenAnew(script, history);
}

/** What a step makes, drops or alters. */
function keysOf(step: Step): readonly string[] {
  const subjects = subjectsOf(step).flatMap(({ key, part }) =>
    part === undefined ? [key] : [key, partKey(key, part)],
  );
  return [...step.mentions.map(mentionKey), ...subjects];
}
