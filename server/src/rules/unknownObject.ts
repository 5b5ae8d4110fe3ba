import { goneOf } from '../catalog/existence.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import { isNew } from '../replay/step.ts';
import { type Lacking, lackingIn, lacksSomething } from './lacking.ts';
import { objectInWords } from './objectInWords.ts';
import { mentionSpan } from './place.ts';
import type { HistoryView, Rule, StepReport } from './rule.ts';
import { baseName } from './wording.ts';

export const unknownObject: Rule = {
  id: 'unknown-object',
  category: 'ordering',
  level: 'error',
  since: '0.1.0',
  peers: ['safe-migrate chain simulation'],
  summary: 'The statement needs an object that is not there at this point of the history.',
  why: 'Replaying the folder’s migrations in order, nothing has made this object, or something has dropped or renamed it. On a fresh database the migration fails here. Where a later file makes it, the two are in the wrong order. In a folder that does not start from an empty database only what its own files make, drop or rename is judged.',
  bad: () => [
    {
      files: [
        "CREATE TABLE a (b int);\nCREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'UPDATE a SET b = 1';\nSELECT f();\nSELECT setval('a_b_seq', 1);",
        'ALTER TABLE made ADD d int;',
      ],
    },
    { files: ['CREATE TABLE orders (id bigint);', 'ALTER TABLE order_lines ADD COLUMN qty int;'] },
    { files: ['CREATE TABLE orders (id bigint);', 'ALTER TABLE orders DROP COLUMN total;'] },
    { files: ['CREATE TABLE a (id bigint);\nDROP TABLE a;', 'INSERT INTO a VALUES (1);'] },
    { files: ['ALTER TABLE old RENAME TO new;', 'ALTER TABLE old ADD COLUMN x int;'] },
    { files: ['CREATE TABLE a (id bigint);', 'CREATE TABLE b (mood mood_t);'] },
    {
      files: [
        '-- +goose Up\nCREATE TABLE a (id bigint);\n-- +goose Down\nDROP TABLE a;\nALTER TABLE a DROP COLUMN id;\n',
      ],
    },
  ],
  good: () => [
    {
      files: ['CREATE TABLE a (b int NOT NULL);', 'ALTER TABLE a DROP CONSTRAINT a_b_not_null;'],
      postgresVersion: 18,
    },
    {
      files: [
        "CREATE TABLE readings (at timestamptz);\nSELECT create_hypertable('readings', 'at');",
        'DROP INDEX readings_at_idx;',
      ],
    },
    {
      files: [
        'CREATE TABLE a (b int);\nCREATE FUNCTION make() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE made (c int); END $$;\nSELECT make();',
        'ALTER TABLE made ADD d int;',
      ],
    },
    { files: ['CREATE TABLE orders (id bigint);', 'ALTER TABLE orders ADD COLUMN qty int;'] },
    { files: ['ALTER TABLE orders ADD COLUMN qty int;'] },
    { files: ['CREATE TABLE orders (id bigint);', 'DROP TABLE IF EXISTS carts;'] },
    { files: ['CREATE TABLE orders (id bigint);', 'ALTER TABLE billing.invoices ADD COLUMN x int;'] },
    { files: ['CREATE TABLE orders (id bigint);', 'SELECT count(*) FROM pg_class;'] },
    {
      files: [
        "CREATE TABLE o (id bigint);\nDO $$ BEGIN EXECUTE 'CREATE TABLE ' || current_user; END $$;",
        'DROP TABLE postgres;',
      ],
    },
    {
      files: [
        'CREATE EXTENSION citext;\nCREATE TABLE o (id bigint);',
        'ALTER TABLE o ADD COLUMN name citext;',
      ],
    },
    { files: ['CREATE TABLE o (id bigint, name citext);'] },
    {
      files: ['CREATE TABLE o (id bigint);', 'WITH x AS (SELECT id FROM o) INSERT INTO o SELECT id FROM x;'],
    },
  ],

  scriptConcerns: lacksSomething,
  *checkScript(script, history, concerning) {
    if (!history.complete) return;
    for (const lacking of lackingIn(script, concerning)) {
      // What another order of the file's statements would cure is for statement-order and down-order.
      const report = lacking.order === undefined ? judge(lacking, script.file, history) : undefined;
      if (report !== undefined) yield { step: lacking.step, ...report };
    }
  },
};

function judge(
  { step, mention, state }: Lacking,
  file: MigrationFile,
  history: HistoryView,
): StepReport | undefined {
  const later =
    step.before.uncertain || isNew(step, mention.key)
      ? undefined
      : history.madeLater(file, mention.kind, mention.key, mention.part);
  if (state === 'unsure' && (later === undefined || mention.part !== undefined)) return undefined;
  const gone = goneOf(step.before, mention);
  const what = objectInWords(mention);
  return {
    span: mentionSpan(step.statement, mention),
    message: later
      ? `The ${what} is created later, in ${baseName(later.path)}.`
      : gone?.how === 'renamed'
        ? `The ${what} was renamed to ${gone.to} in ${baseName(gone.path)}.`
        : gone
          ? `The ${what} was dropped in ${baseName(gone.path)}.`
          : `No migration before this one makes the ${what}.`,
    why: later
      ? 'Migrations run in the order of their versions: on a fresh database this one fails. Give it a version after that one.'
      : 'On a database that has run the migrations before this one, the statement fails.',
  };
}
