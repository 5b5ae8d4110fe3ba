import { afterEach, describe, expect, it } from 'vitest';
import type { DocumentSymbol } from 'vscode-languageserver/node';
import { Editor, pullClient } from './editor.ts';

const orders =
  "-- +goose Up\nCREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE orders (\n  id bigint PRIMARY KEY,\n  user_id int NOT NULL REFERENCES users (id),\n  note varchar(20) DEFAULT 'a|b'\n);\nCREATE INDEX orders_note_idx ON orders (note) WHERE note IS NOT NULL;\n";

let editor: Editor;
afterEach(() => editor.stop());

/** Opens the last of two migrations. */
async function opened(text: string): Promise<void> {
  editor = new Editor().write({ 'db/1_a.sql': orders, 'db/2_b.sql': text });
  await editor.start(pullClient);
  editor.open('db/2_b.sql', text);
}

describe('hover', () => {
  /** What is shown over the first place of `needle` in the text. */
  async function over(text: string, needle: string): Promise<string> {
    await opened(text);
    const before = text.slice(0, text.indexOf(needle)).split('\n');
    const hover = await editor.hover('db/2_b.sql', {
      line: before.length - 1,
      character: before.at(-1)?.length ?? 0,
    });
    return hover ?? 'nothing';
  }

  it('says what is locked, written and read, and what stands there', async () => {
    const shown = await over('-- +goose Up\nALTER TABLE orders ALTER COLUMN id TYPE int;\n', 'ALTER');
    expect(shown).toContain('**On PostgreSQL 14**');
    expect(shown).toContain('- blocks reads and writes on `orders` (ACCESS EXCLUSIVE lock)');
    expect(shown).toContain('- writes `orders` anew');
    expect(shown).toContain('- can run in a transaction, as it does here');
    expect(shown).toContain('**Table `orders`**');
    expect(shown).toContain('| `user_id` | integer | not null |');
    expect(shown).toContain('| `note` | varchar(20) | default |');
    expect(shown).toMatch(/- `orders_user_id_fkey` foreign key \(`user_id`\) → `users`/);
    expect(shown).toContain('- `orders_note_idx` btree (`note`), partial');
  });

  it('tells where other versions of PostgreSQL differ', async () => {
    const shown = await over('-- +goose Up\nGRANT SELECT ON orders TO app;\n', 'GRANT');
    expect(shown).toMatch(/- PostgreSQL 18: .*`orders`/);
    expect(shown.match(/- PostgreSQL/g)).toHaveLength(1);
    await editor.stop();
    const same = await over('-- +goose Up\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n', 'SET');
    expect(same).toContain('reads all of `orders` to look for nulls');
    expect(same).not.toContain('- PostgreSQL');
  });

  it('shows the object that is pointed at', async () => {
    const text = '-- +goose Up\nALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);\n';
    const shown = await over(text, 'users');
    expect(shown).toContain('**Table `users`**');
    expect(shown).not.toContain('**Table `orders`**');
    expect(shown).toContain('blocks writes on `orders` and `users` (SHARE ROW EXCLUSIVE lock)');
  });

  it('speaks of the statement inside DO that is pointed at', async () => {
    const text =
      '-- +goose Up\n-- +goose StatementBegin\nDO $$ BEGIN\n  DROP INDEX orders_note_idx;\nEND $$;\n-- +goose StatementEnd\n';
    expect(await over(text, 'INDEX')).toContain('**Index `orders_note_idx`** on `orders`');
  });

  it('says where a statement cannot run', async () => {
    const text = '-- +goose Up\nCREATE INDEX CONCURRENTLY ON orders (id);\n';
    expect(await over(text, 'CREATE')).toContain(
      '- cannot run in a transaction: CREATE INDEX CONCURRENTLY fails here',
    );
  });

  it('is silent between statements, over what does not parse, and in files that are no migrations', async () => {
    expect(await over('-- +goose Up\n\nSELECT 1;\n', '\nSELECT')).toBe('nothing');
    await editor.stop();
    expect(await over('-- +goose Up\nSELEC 1;\n', 'SELEC')).toBe('nothing');
    editor.open('other/x.sql', 'SELECT 1;');
    expect(await editor.hover('other/x.sql', { line: 0, character: 1 })).toBeUndefined();
  });
});

const whole = `-- +goose Up
-- Two lines
-- of comment.
CREATE TABLE IF NOT EXISTS items (
  id bigint
);
INSERT INTO items VALUES (1);
-- +goose StatementBegin
CREATE FUNCTION f() RETURNS int LANGUAGE sql
AS $$
  SELECT 1
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE items;
`;

describe('the outline', () => {
  it('has the sections and their statements', async () => {
    await opened(whole);
    const short = (symbols: readonly DocumentSymbol[]): unknown[] =>
      symbols.map(({ name, range, children = [] }) => [name, range.start.line, ...short(children)]);
    const symbols = await editor.symbols('db/2_b.sql');
    expect(short(symbols)).toEqual([
      ['Up', 1, ['CREATE TABLE items', 3], ['INSERT INTO items VALUES (1)', 6], ['CREATE FUNCTION f', 8]],
      ['Down', 15, ['DROP TABLE items', 15]],
    ]);
    const [table] = symbols[0]?.children ?? [];
    expect(table?.selectionRange).toEqual({
      start: { line: 3, character: 27 },
      end: { line: 3, character: 32 },
    });
  });

  it('is empty for other files', async () => {
    await opened(whole);
    editor.open('other/x.sql', 'SELECT 1;');
    expect(await editor.symbols('other/x.sql')).toEqual([]);
  });
});

describe('folding', () => {
  it('has sections, blocks, statements, bodies and comments', async () => {
    await opened(whole);
    expect(
      (await editor.foldings('db/2_b.sql')).map(({ startLine, endLine }) => [startLine, endLine]),
    ).toEqual([
      [0, 12],
      [1, 2],
      [3, 5],
      [7, 12],
      [8, 11],
      [9, 11],
      [14, 15],
    ]);
  });
});

describe('formatting', () => {
  const text = '-- +goose Up\nselect   1;\nselect   2;\n';

  it('of a document and of a selection is edits', async () => {
    await opened(text);
    expect((await editor.format('db/2_b.sql')).map(({ newText }) => newText)).toEqual([
      'SELECT 1;',
      'SELECT 2;',
    ]);
    const line = { start: { line: 2, character: 3 }, end: { line: 2, character: 9 } };
    expect(await editor.format('db/2_b.sql', line)).toEqual([
      { range: { start: { line: 2, character: 0 }, end: { line: 2, character: 11 } }, newText: 'SELECT 2;' },
    ]);
    editor.change('db/2_b.sql', { text: '-- +goose Up\nSELECT 1;\n' });
    expect(await editor.format('db/2_b.sql')).toEqual([]);
  });

  it('tells a person what it left alone', async () => {
    await opened("-- +goose Up\r\nselect 'a\nb';\r\n");
    expect(await editor.format('db/2_b.sql')).toEqual([]);
    await editor.until(() => editor.messages.length > 0);
    expect(editor.messages).toEqual([
      'Skein left the statement at line 2 as it is: formatting it would change what it does.',
    ]);
  });

  it('leaves files alone that are no migrations', async () => {
    await opened(text);
    editor.open('other/x.sql', 'select 1;');
    expect(await editor.format('other/x.sql')).toEqual([]);
  });
});
