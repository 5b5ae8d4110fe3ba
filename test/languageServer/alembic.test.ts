import { afterEach, expect, it } from 'vitest';
import { Editor, pullClient } from './editor.ts';

const first = `from alembic import op
import sqlalchemy as sa

revision = "a1"
down_revision = None


def upgrade():
    op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("note", sa.Text()))


def downgrade():
    op.drop_table("orders")
`;

const second = `from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.create_index("orders_note_idx", "orders", ["note"])
    op.execute(
        """
        UPDATE ordres SET note = 'é'
        """
    )


def downgrade():
    op.drop_index("orders_note_idx")
`;

let editor: Editor;
afterEach(() => editor.stop());

async function opened(capabilities = pullClient): Promise<void> {
  // By their names the files stand the other way round.
  editor = new Editor().write({ 'versions/z_first.py': first, 'versions/a_second.py': second });
  await editor.start(capabilities);
  editor.open('versions/a_second.py', second);
  await editor.pull('versions/a_second.py');
  await editor.until(() => editor.refreshes > 0);
}

it('finds things in revisions, in the order of the graph and at the characters of the file', async () => {
  await opened();
  const [found, status] = await editor.withStatus(() => editor.pull('versions/a_second.py'));
  const index = found.find(({ code }) => code === 'index-not-concurrent');
  expect(index?.range).toEqual({ start: { line: 7, character: 4 }, end: { line: 7, character: 19 } });
  const unknown = found.find(({ code }) => code === 'unknown-object');
  expect(unknown?.message).toContain('ordres');
  expect(unknown?.range).toEqual({ start: { line: 10, character: 15 }, end: { line: 10, character: 21 } });
  expect(status).toMatchObject({ tool: 'alembic', loading: false });
});

it('follows the text as it is typed', async () => {
  await opened();
  const range = { start: { line: 10, character: 15 }, end: { line: 10, character: 21 } };
  editor.change('versions/a_second.py', { range, text: 'orders' });
  expect(await editor.rules('versions/a_second.py')).not.toContain('unknown-object');
});

it('says over an argument what the statement does', async () => {
  await opened();
  const shown = await editor.hover('versions/a_second.py', { line: 7, character: 42 });
  expect(shown).toContain('blocks writes on `orders` (SHARE lock)');
});

it('leaves outline, folding and formatting of Python to others, where the editor can tell languages apart', async () => {
  const dynamicRegistration = true;
  await opened({
    ...pullClient,
    textDocument: {
      ...pullClient.textDocument,
      documentSymbol: { dynamicRegistration },
      foldingRange: { dynamicRegistration },
      formatting: { dynamicRegistration },
      rangeFormatting: { dynamicRegistration },
    },
  });
  expect(editor.initializeResult?.capabilities.documentFormattingProvider).toBeUndefined();
  expect(editor.registrations).toEqual(
    expect.arrayContaining([
      'textDocument/documentSymbol',
      'textDocument/foldingRange',
      'textDocument/formatting',
      'textDocument/rangeFormatting',
    ]),
  );
});

it('reads all folders that alembic.ini names as one history', async () => {
  editor = new Editor().write({
    'alembic.ini': '[alembic]\nscript_location = db\nversion_locations = db/core db/plugin\n',
    'db/core/a.py': first,
    'db/plugin/b.py': second,
  });
  await editor.start(pullClient);
  editor.open('db/plugin/b.py', second);
  await editor.pull('db/plugin/b.py');
  await editor.until(() => editor.refreshes > 0);
  const range = { start: { line: 10, character: 15 }, end: { line: 10, character: 21 } };
  expect(await editor.rules('db/plugin/b.py')).toContain('unknown-object');
  editor.change('db/plugin/b.py', { range, text: 'orders' });
  expect(await editor.rules('db/plugin/b.py')).not.toContain('unknown-object');
});

it('splits a revision into phases, all files shown before they are written', async () => {
  await opened();
  const range = { start: { line: 7, character: 4 }, end: { line: 7, character: 50 } };
  editor.change('versions/a_second.py', {
    range: { start: { line: 7, character: 0 }, end: { line: 12, character: 5 } },
    text: '    op.alter_column("orders", "note", nullable=False)',
  });
  await editor.pull('versions/a_second.py');
  const actions = await editor.codeActions('versions/a_second.py', range);
  const split = actions.find(({ title }) => title.startsWith('Split into 2 migrations'));
  const texts = JSON.stringify(split?.edit?.documentChanges);
  expect(texts).toContain('CHECK (note IS NOT NULL) NOT VALID');
  expect(texts).toContain('down_revision = \\"b2\\"');
  expect(texts).toContain('VALIDATE CONSTRAINT');
});

it('writes fixes as Python', async () => {
  await opened();
  const range = { start: { line: 7, character: 4 }, end: { line: 7, character: 19 } };
  const actions = await editor.codeActions('versions/a_second.py', range);
  expect(JSON.stringify(actions.map(({ edit }) => edit))).toContain(
    'op.create_index(\\"orders_note_idx\\", \\"orders\\", [\\"note\\"], postgresql_concurrently=True',
  );
});

it('a revision that a fix has made is taken up when it is opened: the fork is gone from the file that it was made from', async () => {
  const third = second.replace('"b2"', '"c3"').replace(/op\.create_index.*/, 'pass');
  editor = new Editor().write({
    'versions/a1.py': first,
    'versions/b2.py': second,
    'versions/c3.py': third,
  });
  await editor.start(pullClient);
  editor.open('versions/c3.py', third);
  await editor.pull('versions/c3.py');
  await editor.until(() => editor.refreshes > 0);
  expect(await editor.rules('versions/c3.py')).toContain('alembic-multiple-heads');
  const { refreshes } = editor;
  editor.open(
    'versions/d4.py',
    'revision = "d4"\ndown_revision = ("b2", "c3")\n\n\ndef upgrade():\n    pass\n',
  );
  await editor.until(() => editor.refreshes > refreshes);
  expect(await editor.rules('versions/c3.py')).not.toContain('alembic-multiple-heads');
});
