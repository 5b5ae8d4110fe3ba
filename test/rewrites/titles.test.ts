import { expect, test } from 'vitest';
import { analysisOf } from '../rules/exampleHistory.ts';

/** What is offered for a rule's finding in the last of these files. */
function titles(rule: string, ...texts: readonly string[]): readonly string[] {
  const files = texts.map((text, i) => ({ path: `migrations/0000${i + 1}_step.sql`, text }));
  const path = files.at(-1)?.path ?? '';
  const finding = analysisOf(files)
    .findings(path)
    .find((each) => each.rule === rule);
  return finding?.fixes.map(({ title }) => title) ?? [];
}

const given =
  '-- +goose Up\nCREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (id int PRIMARY KEY, a int);\n';

test.each([
  [
    'several migrations, where the tool wraps each in a transaction',
    'add-foreign-key',
    '-- +goose Up\nALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES a;\n',
    'Split into 2 migrations: Add f to b',
  ],
  [
    'several statements, where each is a transaction of its own',
    'add-foreign-key',
    '-- +goose NO TRANSACTION\n-- +goose Up\nALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES a;\n',
    'Add f to b in 2 statements that block nobody',
  ],
  [
    'one statement',
    'backfill-in-transaction',
    '-- +goose NO TRANSACTION\n-- +goose Up\nUPDATE b SET a = 1;\n',
    'Update b in batches, which blocks nobody',
  ],
])('the title of a rewrite into %s', (_, rule, text, title) => {
  expect(titles(rule, given, text)).toContain(title);
});

test('what blocks nobody is not rewritten', () => {
  const text = '-- +goose Up\nALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES a NOT VALID;\n';
  expect(titles('add-foreign-key', given, text)).toEqual([]);
});
