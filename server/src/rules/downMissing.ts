import { type MigrationFile, type Script, statementsOf } from '../migrations/migration.ts';
import { inTransactionBlock } from '../replay/step.ts';
import type { Offer } from '../rewrites/offer.ts';
import type { HistoryView, ReplayedScript, Rule } from './rule.ts';
import { schemaDifferences } from './schemaDifferences.ts';
import { listed } from './wording.ts';
import { wholeDown, writtenDown } from './writtenDown.ts';

export const downMissing: Rule = {
  id: 'down-missing',
  category: 'reversibility',
  level: 'information',
  since: '0.1.0',
  peers: ['django-migration-linter RUNSQL_REVERSIBLE', 'dbmate'],
  summary: 'The migration changes the schema and has no down.',
  why: 'Rolled back, the tool takes the migration for undone while the schema stays: the next run fails on what is there. Where migrations are never rolled back, say forwardOnly in skein.json.',
  bad: () => [
    // Whether it was there before is not known.
    {
      files: [
        '-- +goose Up\nALTER TABLE users ADD a int;\n-- +goose Down\nALTER TABLE users DROP COLUMN a;\n',
        '-- +goose Up\nCREATE TABLE IF NOT EXISTS orders (id int);\n',
      ],
      fixed:
        '-- +goose Up\nCREATE TABLE IF NOT EXISTS orders (id int);\n\n-- +goose Down\n-- The table orders goes even if it was there before the up.\nDROP TABLE IF EXISTS orders;\n',
    },
    // It was not.
    {
      files: [
        '-- +goose Up\nCREATE TABLE users (id int);\n-- +goose Down\nDROP TABLE users;\n',
        '-- +goose Up\nCREATE TABLE IF NOT EXISTS orders (id int);\n',
      ],
      fixed:
        '-- +goose Up\nCREATE TABLE IF NOT EXISTS orders (id int);\n\n-- +goose Down\nDROP TABLE IF EXISTS orders;\n',
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE orders (id bigint);\nALTER TABLE carts ADD COLUMN a int, ADD COLUMN b int;\n',
      ],
      fixed:
        '-- +goose Up\nCREATE TABLE orders (id bigint);\nALTER TABLE carts ADD COLUMN a int, ADD COLUMN b int;\n\n-- +goose Down\nALTER TABLE carts DROP COLUMN IF EXISTS b, DROP COLUMN IF EXISTS a;\nDROP TABLE IF EXISTS orders;\n',
    },
    { files: ['-- +goose Up\nDROP INDEX orders_i;\n'] },
    { files: ['-- +goose Up\nCREATE TABLE a (id int);\n-- +goose Down\n'] },
    { files: [{ name: '0001_a.up.sql', text: 'CREATE TABLE a (id int);' }] },
  ],
  good: () => [
    { files: ['-- +goose Up\nCREATE TABLE a (id int);\n-- +goose Down\nDROP TABLE a;\n'] },
    { files: ['-- +goose Up\nUPDATE a SET x = 1 WHERE id = 1;\n'] },
    {
      files: [
        '-- +goose Up\nCREATE TABLE a (id int);\n-- +goose Down\n-- nothing to undo: others use it by now\n',
      ],
    },
    { files: ['-- +goose Up\nCREATE TABLE a (id int);\n'], config: { forwardOnly: true } },
    { files: ['CREATE TABLE a (id int);'] },
    {
      files: [
        { name: '0001_a.down.sql', text: 'DROP TABLE a;' },
        { name: '0001_a.up.sql', text: 'CREATE TABLE a (id int);' },
      ],
    },
    { files: ["-- +goose Up\nALTER TYPE mood ADD VALUE 'meh';\n"] },
    { files: ['-- +goose Up\nCREATE EXTENSION IF NOT EXISTS citext;\n'] },
  ],

  *checkScript(script, history) {
    const { forwardOnly, files, complete } = history;
    const { file } = script;
    if (script.script.direction === 'down' || forwardOnly || !lacksDown(file, files, complete)) return;
    const made = schemaDifferences(script.before, script.after, script.steps);
    const [step] = script.steps;
    if (made.length === 0 || step === undefined) return;
    const names = made.map((each) => each.inWords);
    yield {
      span: { start: 0, end: file.text.search(/\r?\n|$/) },
      message: `This migration changes the schema and has no down: ${some(names)}.`,
      why: 'Rolled back, the tool takes it for undone while the schema stays as it is: the next run fails on what is there.',
      fixes: () => writeDown(script, history),
    };
  },
};

/** Some of a list, for a message. */
export function some(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : listed(names);
}

function lacksDown(file: MigrationFile, files: readonly MigrationFile[], complete: boolean): boolean {
  if (file.tool === 'plain') {
    // Only who keeps the two halves apart has downs at all.
    if (!file.path.endsWith('.up.sql') || !complete) return false;
    const other = file.path.replace(/\.up\.sql$/, '.down.sql');
    return !files.some(({ path }) => path === other);
  }
  if (file.down === undefined) return true;
  return statementsOf(file.down).length === 0 && commentOf(file, file.down) === '';
}

/** What a person has written in a section's comments. */
export function commentOf(file: MigrationFile, script: Script): string {
  const { start, end } = script.span;
  if (file.comments !== undefined) {
    const own = file.comments.filter((comment) => start <= comment.start && comment.end <= end);
    return own.map((comment) => file.text.slice(comment.start, comment.end)).join('\n');
  }
  const text = file.text.slice(start, end);
  const comments = text.match(/--.*|\/\*[\s\S]*?\*\//g) ?? [];
  return comments.filter((each) => !each.includes('+goose')).join('\n');
}

/** A down that takes back all of it, where one can be written. */
function writeDown(script: ReplayedScript, history: HistoryView): readonly Offer[] {
  const { file, steps } = script;
  // Where the two directions are no pair to the folder's tool, the other file would be a migration of its own.
  if (file.tool === 'plain' && file.name.endsWith('.up')) return [];
  // What was made outside of the transaction is taken back there; a down of both kinds is a person's to write.
  const outside = !steps.some(inTransactionBlock);
  if (file.statementsOptOut === true && !outside && !steps.every(inTransactionBlock)) return [];
  const down = wholeDown(script, history);
  if ('refused' in down) return [down];
  const changes = writtenDown(file, down, steps, (statements) => [
    { kind: 'prependToDown', statements, outside },
  ]);
  return [{ title: 'Write the down', grade: 'review', changes }];
}
