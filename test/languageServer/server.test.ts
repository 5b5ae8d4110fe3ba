import { afterEach, describe, expect, it } from 'vitest';
import {
  type CodeAction,
  FileChangeType,
  ShutdownRequest,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { Editor, pullClient, pushClient } from './editor.ts';

const sound = '-- +goose Up\nSELECT 1;\n';
const unterminated = '-- +goose Up\nSELECT 2\n';
const everywhere = { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } };

let editor: Editor;
afterEach(() => editor.stop());

/** What a workspace edit in the form of documentChanges comes to, short enough to compare. */
function shown(edit: WorkspaceEdit | undefined): unknown[] {
  return (edit?.documentChanges ?? []).map((change) => {
    if (!('kind' in change)) {
      const { uri, version } = change.textDocument;
      return [
        uri.split('/').at(-1),
        version,
        ...change.edits.map((textEdit) => ('newText' in textEdit ? textEdit.newText : '')),
      ];
    }
    return [change.kind, 'uri' in change ? change.uri.split('/').at(-1) : ''];
  });
}

describe('a client that asks for diagnostics', () => {
  it('gets those of the open text first, and is told to ask again when the history is known', async () => {
    editor = new Editor().write({ 'db/1_a.sql': sound, 'db/2_b.sql': sound, 'db/2_c.sql': sound });
    await editor.start(pullClient);
    expect(editor.initializeResult?.capabilities).toMatchObject({
      diagnosticProvider: { interFileDependencies: true, workspaceDiagnostics: false },
      textDocumentSync: { openClose: true, change: 2 },
    });
    editor.open('db/2_b.sql', sound);
    await editor.pull('db/2_b.sql');
    // What else is to be told waits until somebody who types has them.
    expect(editor.statuses).toEqual([]);
    await editor.until(() => editor.refreshes > 0);
    const [diagnostics, status] = await editor.withStatus(() => editor.pull('db/2_b.sql'));
    const duplicate = diagnostics.find(({ code }) => code === 'duplicate-version');
    expect(duplicate).toMatchObject({ source: 'skein', severity: 1 });
    expect(duplicate?.relatedInformation?.[0]?.location.uri).toBe(editor.uri('db/2_c.sql'));
    expect(editor.publishCount).toBe(0);
    expect(editor.statuses.at(0)?.loading).toBe(true);
    expect(status).toMatchObject({
      uri: editor.uri('db/2_b.sql'),
      tool: 'goose',
      folder: editor.uri('db'),
      loading: false,
    });
    expect(status.errors).toBe(diagnostics.filter(({ severity }) => severity === 1).length);
  });

  it('is told to ask again also when something else has asked for the history first', async () => {
    editor = new Editor().write({ 'db/2_b.sql': sound, 'db/2_c.sql': sound });
    await editor.start(pullClient);
    editor.open('db/2_b.sql', sound);
    await Promise.all([editor.codeActions('db/2_b.sql', everywhere), editor.pull('db/2_b.sql')]);
    await editor.until(() => editor.refreshes > 0);
    expect(await editor.rules('db/2_b.sql')).toContain('duplicate-version');
  });

  it('that cannot be told to ask again, gets the whole truth at once', async () => {
    editor = new Editor().write({ 'db/2_b.sql': sound, 'db/2_c.sql': sound });
    await editor.start({ textDocument: { diagnostic: {} } });
    editor.open('db/2_b.sql', sound);
    expect(await editor.rules('db/2_b.sql')).toContain('duplicate-version');
    expect(editor.refreshes + editor.publishCount).toBe(0);
  });

  it('sees each edit, also of text that is not saved', async () => {
    editor = new Editor().write({ 'db/1_a.sql': sound });
    await editor.start(pullClient);
    editor.open('db/1_a.sql', sound);
    expect(await editor.rules('db/1_a.sql')).not.toContain('goose-unterminated');
    const semicolon = { start: { line: 1, character: 8 }, end: { line: 1, character: 9 } };
    editor.change('db/1_a.sql', { range: semicolon, text: '' });
    expect(await editor.rules('db/1_a.sql')).toContain('goose-unterminated');
    editor.change('db/1_a.sql', { range: { ...semicolon, end: semicolon.start }, text: ';' });
    expect(await editor.rules('db/1_a.sql')).not.toContain('goose-unterminated');
    editor.change('db/1_a.sql', { text: unterminated });
    expect(await editor.rules('db/1_a.sql')).toContain('goose-unterminated');
    editor.close('db/1_a.sql');
    expect(await editor.rules('db/1_a.sql')).not.toContain('goose-unterminated');
  });

  it('knows a folder by the text of a file that is not on disk yet', async () => {
    editor = new Editor().write({ 'db/readme.md': '' });
    await editor.start(pullClient);
    editor.open('db/1_a.sql', 'CREATE TABLE t (');
    const [found, status] = await editor.withStatus(() => editor.pull('db/1_a.sql'));
    expect(found).toEqual([]);
    expect(status).toEqual({
      uri: editor.uri('db/1_a.sql'),
      errors: 0,
      warnings: 0,
      loading: false,
    });
    editor.change('db/1_a.sql', { text: unterminated });
    expect(await editor.rules('db/1_a.sql')).toContain('goose-unterminated');
  });

  it('hears of files that come, change and go on disk', async () => {
    editor = new Editor().write({ 'db/1_a.sql': sound, 'db/2_b.sql': sound });
    await editor.start(pullClient);
    await editor.until(() => editor.registrations.includes('workspace/didChangeWatchedFiles'));
    editor.open('db/2_b.sql', sound);
    await editor.pull('db/2_b.sql');
    await editor.until(() => editor.refreshes === 1);
    expect(await editor.rules('db/2_b.sql')).not.toContain('duplicate-version');

    editor.write({ 'db/2_c.sql': sound }).changedOnDisk('db/2_c.sql', FileChangeType.Created);
    await editor.until(() => editor.refreshes === 2);
    expect(await editor.rules('db/2_b.sql')).toContain('duplicate-version');

    editor.write({ 'db/2_c.sql': undefined }).changedOnDisk('db/2_c.sql', FileChangeType.Deleted);
    await editor.until(() => editor.refreshes === 3);
    expect(await editor.rules('db/2_b.sql')).not.toContain('duplicate-version');

    editor.write({ 'skein.json': '{"rules": {"duplicate-version": "off"}}', 'db/2_d.sql': sound });
    editor.changedOnDisk('skein.json', FileChangeType.Created);
    await editor.until(() => editor.refreshes === 4);
    await editor.pull('db/2_b.sql');
    await editor.until(() => editor.refreshes === 5);
    expect(await editor.rules('db/2_b.sql')).not.toContain('duplicate-version');
  });

  it('lets the bytes on disk decide about a byte order mark', async () => {
    editor = new Editor().write({ 'db/1_a.sql': `\uFEFF${sound}` });
    await editor.start(pullClient);
    editor.open('db/1_a.sql', sound);
    expect(await editor.rules('db/1_a.sql')).toContain('goose-annotation');
    editor.write({ 'db/1_a.sql': sound }).changedOnDisk('db/1_a.sql', FileChangeType.Changed);
    await editor.until(() => editor.refreshes > 1);
    expect(await editor.rules('db/1_a.sql')).not.toContain('goose-annotation');
  });

  it('hears nothing about SQL that is no migration', async () => {
    editor = new Editor().write({ 'queries/1_a.sql': 'SELEC 1', 'migrations/1_a.up.sql': 'SELEC 1' });
    await editor.start(pullClient);
    for (const name of ['queries/1_a.sql', 'migrations/1_a.up.sql']) {
      editor.open(name, 'SELEC 1');
      expect(await editor.pull(name)).toEqual([]);
    }
    expect(editor.log).toEqual([]);
  });

  it('keeps the folders of a workspace apart', async () => {
    editor = new Editor().write({ 'a/db/1_a.sql': sound, 'b/db/1_b.sql': sound });
    await editor.start({ textDocument: { diagnostic: {} } });
    editor.open('a/db/1_a.sql', sound);
    editor.open('b/db/1_b.sql', unterminated);
    expect(await editor.rules('a/db/1_a.sql')).not.toContain('duplicate-version');
    expect(await editor.rules('b/db/1_b.sql')).toContain('goose-unterminated');
  });
});

describe('a client that does not ask', () => {
  it('is sent what is new, and nothing else', async () => {
    editor = new Editor().write({ 'db/1_a.sql': sound, 'db/2_b.sql': sound });
    await editor.start(pushClient);
    expect(editor.initializeResult?.capabilities.diagnosticProvider).toBeUndefined();
    const codes = (name: string) =>
      editor.published.get(editor.uri(name))?.diagnostics.map(({ code }) => code);
    editor.open('db/1_a.sql', sound);
    editor.open('db/2_b.sql', unterminated);
    await editor.until(() => codes('db/2_b.sql')?.includes('goose-unterminated'));
    expect(await editor.until(() => codes('db/1_a.sql'))).not.toContain('goose-unterminated');

    editor.change('db/2_b.sql', { text: sound });
    await editor.until(() => editor.published.get(editor.uri('db/2_b.sql'))?.version === 2);
    expect(codes('db/2_b.sql')).not.toContain('goose-unterminated');

    editor.write({ 'db/2_c.sql': sound }).changedOnDisk('db/2_c.sql', FileChangeType.Created);
    await editor.until(() => codes('db/2_b.sql')?.includes('duplicate-version'));
    expect(codes('db/1_a.sql')).not.toContain('duplicate-version');
    expect(editor.refreshes).toBe(0);

    editor.close('db/2_b.sql');
    await editor.until(() => codes('db/2_b.sql')?.length === 0);
  });
});

describe('code actions', () => {
  const actionOf = (actions: readonly CodeAction[], code: string) =>
    actions.find((action) => action.diagnostics?.[0]?.code === code);

  it('offers the fixes at a place, as edits of the version that is open', async () => {
    editor = new Editor().write({ 'db/1_a.sql': unterminated });
    await editor.start(pullClient);
    editor.open('db/1_a.sql', unterminated);
    const place = { start: { line: 1, character: 8 }, end: { line: 1, character: 8 } };
    const action = actionOf(await editor.codeActions('db/1_a.sql', place), 'goose-unterminated');
    expect(action).toMatchObject({ kind: 'quickfix', isPreferred: true });
    expect(shown(action?.edit)).toEqual([['1_a.sql', 1, ';']]);
    const elsewhere = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    expect(actionOf(await editor.codeActions('db/1_a.sql', elsewhere), 'goose-unterminated')).toBeUndefined();
    expect(await editor.codeActions('db/1_a.sql', place, ['refactor'])).toEqual([]);
  });

  it('makes a new migration after all others, also those that were not read yet', async () => {
    const text =
      '-- +goose Up\nCREATE TABLE IF NOT EXISTS u (id int);\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (id);\n';
    editor = new Editor().write({
      'db/00001_a.sql': '-- +goose Up\nCREATE TABLE IF NOT EXISTS t (id int);\n',
      'db/00002_b.sql': text,
      'db/00007_z.sql': sound,
    });
    await editor.start(pullClient);
    editor.open('db/00002_b.sql', text);
    const actions = await editor.codeActions('db/00002_b.sql', everywhere);
    const action = actionOf(actions, 'concurrently-in-transaction');
    expect(action).toMatchObject({ isPreferred: false });
    const [create, content, edit, ...others] = shown(action?.edit);
    expect(create).toEqual(['create', expect.stringMatching(/^00008_\w+\.sql$/)]);
    expect(content).toEqual([
      expect.stringMatching(/^00008_/),
      null,
      expect.stringContaining('+goose NO TRANSACTION'),
    ]);
    expect(edit).toEqual(['00002_b.sql', 1, '']);
    expect(others).toEqual([]);
    await editor.stop();

    editor = new Editor().write({ 'db/00001_a.sql': sound, 'db/00002_b.sql': text });
    await editor.start(pushClient);
    editor.open('db/00002_b.sql', text);
    expect(
      actionOf(await editor.codeActions('db/00002_b.sql', everywhere), 'concurrently-in-transaction'),
    ).toBeUndefined();
  });

  it('has several migrations shown before they are made, where the client can', async () => {
    const change = '-- +goose Up\nALTER TABLE a ALTER COLUMN b SET NOT NULL;\n';
    const files = { 'db/1_a.sql': '-- +goose Up\nCREATE TABLE a (b int);\n', 'db/2_b.sql': change };
    for (const changeAnnotationSupport of [{}, undefined]) {
      editor = new Editor().write(files);
      const workspaceEdit = { ...pullClient.workspace?.workspaceEdit, changeAnnotationSupport };
      await editor.start({ ...pullClient, workspace: { ...pullClient.workspace, workspaceEdit } });
      editor.open('db/2_b.sql', change);
      const action = actionOf(await editor.codeActions('db/2_b.sql', everywhere), 'set-not-null');
      expect(action?.title).toBe('Split into 2 migrations: Set b of a NOT NULL');
      const { changeAnnotations = {}, documentChanges = [] } = action?.edit ?? {};
      const confirmed = Object.values(changeAnnotations).map(({ needsConfirmation }) => needsConfirmation);
      expect(confirmed).toEqual(changeAnnotationSupport ? [true] : []);
      // What has to be confirmed is left out unless it is ticked: nothing is.
      const marked = documentChanges
        .flatMap((each) => ('edits' in each ? each.edits : []))
        .flatMap((each) => ('annotationId' in each && 'newText' in each ? [each.newText] : []));
      expect(marked).toEqual(changeAnnotationSupport ? [''] : []);
      if (changeAnnotationSupport) await editor.stop();
    }
  });

  it('says why there is no rewrite to who asks for one, where the client can', async () => {
    const change = '-- +goose Up\nALTER TABLE a ALTER COLUMN b TYPE bigint;\n';
    const files = { 'db/1_a.sql': '-- +goose Up\nCREATE TABLE a (b int);\n', 'db/2_b.sql': change };
    for (const disabledSupport of [true, false]) {
      editor = new Editor().write(files);
      const codeAction = { ...pullClient.textDocument?.codeAction, disabledSupport };
      await editor.start({ ...pullClient, textDocument: { ...pullClient.textDocument, codeAction } });
      editor.open('db/2_b.sql', change);
      const refused = (await editor.codeActions('db/2_b.sql', everywhere, ['refactor'])).map((each) =>
        'disabled' in each ? `${each.title}: ${each.disabled?.reason}` : each.title,
      );
      expect(refused).toEqual(
        disabledSupport
          ? [
              'Rewrite for change-column-type: the type of a.b cannot be changed in phases: the history shows no primary key of the table: give it one first',
            ]
          : [],
      );
      const shown = await editor.codeActions('db/2_b.sql', everywhere);
      expect(shown.filter((each) => 'disabled' in each)).toEqual([]);
      if (disabledSupport) await editor.stop();
    }
  });

  it('asks what only a person can say, where the client can', async () => {
    const change = '-- +goose Up\nALTER TABLE a ADD COLUMN "N" text NOT NULL;\n';
    const files = {
      'db/1_a.sql': '-- +goose Up\nCREATE TABLE a (b int PRIMARY KEY);\n',
      'db/2_b.sql': change,
    };
    editor = new Editor().write(files);
    await editor.start(pullClient, { asks: true });
    editor.open('db/2_b.sql', change);
    const action = actionOf(await editor.codeActions('db/2_b.sql', everywhere), 'add-column-not-null');
    expect(action).toMatchObject({ command: { command: 'skein.answer' } });
    const [asked] = action?.command?.arguments ?? [];
    const wrong = await editor.answer({ ...asked, expression: '1 +' });
    expect(wrong).toMatchObject({ problem: expect.stringContaining('no SQL expression') });
    const answered = await editor.answer({ ...asked, expression: "b || 'x'" });
    const { edit } = 'edit' in answered ? answered : { edit: {} };
    expect(JSON.stringify(shown(edit))).toContain("(b || 'x')");
    await editor.stop();

    editor = new Editor().write(files);
    await editor.start(pullClient);
    editor.open('db/2_b.sql', change);
    expect(
      actionOf(await editor.codeActions('db/2_b.sql', everywhere), 'add-column-not-null'),
    ).toBeUndefined();
  });

  it('renames only where the client can', async () => {
    editor = new Editor().write({ 'db/1_a.sql': sound, 'db/2-b.sql': sound });
    await editor.start(pullClient);
    editor.open('db/2-b.sql', sound);
    const action = actionOf(await editor.codeActions('db/2-b.sql', everywhere), 'migration-file-name');
    expect(shown(action?.edit).at(-1)).toEqual(['rename', '']);
    await editor.stop();

    editor = new Editor().write({ 'db/1_a.sql': sound, 'db/2-b.sql': sound });
    await editor.start(pushClient);
    editor.open('db/2-b.sql', sound);
    expect(
      actionOf(await editor.codeActions('db/2-b.sql', everywhere), 'migration-file-name'),
    ).toBeUndefined();
  });

  it('gives older clients edits without versions', async () => {
    editor = new Editor().write({ 'db/1_a.sql': unterminated });
    await editor.start(pushClient);
    editor.open('db/1_a.sql', unterminated);
    const action = actionOf(await editor.codeActions('db/1_a.sql', everywhere), 'goose-unterminated');
    expect(Object.keys(action?.edit?.changes ?? {})).toEqual([editor.uri('db/1_a.sql')]);
  });

  it('fixes all that is safe in one edit, only when asked for', async () => {
    const text = '-- +goose up now\nDO $$\nBEGIN\n  PERFORM 1;\nEND $$;\nSELECT 1\n';
    editor = new Editor().write({ 'db/1_a.sql': sound, 'db/2_b.sql': text });
    await editor.start(pullClient);
    editor.open('db/2_b.sql', text);
    for (const only of ['source', 'source.fixAll', 'source.fixAll.skein']) {
      const [action, ...others] = await editor.codeActions('db/2_b.sql', everywhere, [only]);
      expect(others).toEqual([]);
      expect(action?.kind).toBe('source.fixAll.skein');
      const [change, ...more] = action?.edit?.documentChanges ?? [];
      expect(more).toEqual([]);
      if (!change || !('edits' in change)) throw new Error('no edit');
      expect(change.edits.length).toBe(1);
      if (only !== 'source') continue;
      editor.change(
        'db/2_b.sql',
        ...change.edits.map((edit) =>
          'newText' in edit ? { range: edit.range, text: edit.newText } : { text: '' },
        ),
      );
      const left = await editor.rules('db/2_b.sql');
      expect(left.filter((rule) => String(rule).startsWith('goose-'))).toEqual([]);
      editor.change('db/2_b.sql', { text });
    }
    const under = await editor.codeActions('db/2_b.sql', everywhere);
    expect(under.map(({ kind }) => kind)).not.toContain('source.fixAll.skein');
    editor.open('db/1_a.sql', sound);
    expect(await editor.codeActions('db/1_a.sql', everywhere, ['source.fixAll.skein'])).toEqual([]);
  });
});

describe('bad input', () => {
  it('is told, and leaves the server alive and other files served', async () => {
    const huge = `-- +goose Up\n${"INSERT INTO t VALUES (1, 'some text that makes it long');\n".repeat(10)}`;
    const inputs: Record<string, Uint8Array | string> = {
      'db/2_binary.sql': Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0x00, 0xff, 0xfe]),
      'db/3_latin1.sql': Buffer.from("-- +goose Up\nSELECT 'caf\xe9';\n", 'latin1'),
      'db/4_utf16.sql': Buffer.from('\uFEFF-- +goose Up\n', 'utf16le'),
      'db/5_parens.sql': `-- +goose Up\nSELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)};\n`,
      'db/6_huge.sql': huge + huge.slice(13).repeat(2 ** 15),
      'db/7_half.sql': "-- +goose Up\nCREATE TABLE t (a int, b text DEFAULT 'x",
      'db/8_crlf.sql': sound.replaceAll('\n', '\r\n'),
      'db/9_empty.sql': '',
      'db/10_nul.sql': '-- +goose Up\nSELECT 1;\0\n',
      'db/11_gone.sql': sound,
    };
    editor = new Editor().write({ 'db/1_a.sql': sound, ...inputs });
    await editor.start(pullClient);
    editor.open('db/1_a.sql', sound);
    await editor.pull('db/1_a.sql');
    editor.write({ 'db/11_gone.sql': undefined });
    const expected: Record<string, string> = {
      'db/2_binary.sql': 'unreadable-file',
      'db/3_latin1.sql': 'unreadable-file',
      'db/4_utf16.sql': 'unreadable-file',
      'db/7_half.sql': 'goose-unterminated',
      'db/9_empty.sql': 'goose-annotation',
      'db/10_nul.sql': 'unreadable-file',
    };
    for (const [name, content] of Object.entries(inputs)) {
      editor.open(name, typeof content === 'string' ? content : Buffer.from(content).toString('utf8'));
      const rules = await editor.rules(name);
      if (expected[name]) expect(rules, name).toContain(expected[name]);
      await editor.codeActions(name, everywhere);
      editor.close(name);
    }
    editor.change('db/1_a.sql', { text: unterminated });
    expect(await editor.rules('db/1_a.sql')).toContain('goose-unterminated');
    expect(editor.server?.exitCode).toBeNull();
    expect(editor.log.filter((line) => line.includes('unexpected') || line.includes('Error'))).toEqual([]);
  });

  it('survives messages that make no sense', async () => {
    editor = new Editor().write({ 'db/1_a.sql': sound });
    await editor.start(pullClient);
    editor.change('db/not-open.sql', { text: 'x' });
    editor.close('db/not-open.sql');
    editor.changedOnDisk('db/nothing.sql', FileChangeType.Deleted);
    editor.changedOnDisk('nowhere/nothing.sql', FileChangeType.Changed);
    expect(await editor.pull('nowhere/1_a.sql')).toEqual([]);
    await editor.connection?.sendNotification('textDocument/didOpen', {
      textDocument: { uri: 'untitled:x', languageId: 'sql', version: 1, text: unterminated },
    });
    await editor.connection?.sendNotification('no/such', {});
    await expect(editor.connection?.sendRequest('no/such', {})).rejects.toThrow();
    editor.open('db/1_a.sql', unterminated);
    expect(await editor.rules('db/1_a.sql')).toContain('goose-unterminated');
  });

  it('ends when nobody reads what it says', async () => {
    editor = new Editor().write({ 'db/1_a.sql': sound });
    await editor.start(pushClient);
    const gone = new Promise((resolve) => editor.server?.on('exit', resolve));
    editor.server?.stdout?.destroy();
    editor.open('db/1_a.sql', unterminated);
    expect(await gone).toBe(1);
  });

  it.each([
    ['has not said goodbye', false, 1],
    ['has said goodbye', true, 0],
  ])('ends when the client is gone that %s', async (_, goodbye, code) => {
    editor = new Editor().write({ 'db/1_a.sql': sound });
    await editor.start(pullClient);
    const gone = new Promise((resolve) => editor.server?.on('exit', resolve));
    if (goodbye) await editor.connection?.sendRequest(ShutdownRequest.type);
    editor.server?.stdin?.end();
    expect(await gone).toBe(code);
  });

  it('names the place in a skein.json that is open', async () => {
    editor = new Editor().write({ 'skein.json': '' });
    await editor.start(pullClient);
    editor.open('skein.json', '{\n  "rules": {"add-check": "loud"}\n}');
    const [diagnostic] = await editor.pull('skein.json');
    expect(diagnostic).toMatchObject({ severity: 1, range: { start: { line: 1, character: 25 } } });
  });
});
