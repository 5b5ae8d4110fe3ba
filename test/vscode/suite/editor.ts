import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';

/** Absolute path of a folder of the workspace, as VS Code opened it. */
export function workspaceFolder(name: 'shop' | 'billing'): string {
  const folder = vscode.workspace.workspaceFolders?.find((candidate) => candidate.name === name);
  if (folder === undefined) throw new Error(`no workspace folder ${name}`);
  return folder.uri.fsPath;
}

/**
 * Writes goose migrations to the disk behind VS Code's back, in a folder of their own under the workspace folder
 * shop. Gives the folder's path. Each test takes a name of its own, so that none sees another's files. One new folder,
 * not one in another: VS Code's watcher on Linux can miss the inner one when both appear at once.
 */
export async function migrations(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(workspaceFolder('shop'), name);
  for (const [file, text] of Object.entries(files)) await write(join(folder, file), text);
  return folder;
}

export async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** Opens a file as a person does: in the active editor. */
export async function open(path: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  await vscode.window.showTextDocument(document, { preview: false });
  return document;
}

/** The rules Skein names in a document, in order of place. */
export function rulesIn(uri: vscode.Uri): string[] {
  return diagnosticsIn(uri).map(ruleOf);
}

export function diagnosticsIn(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'skein')
    .sort((a, b) => a.range.start.compareTo(b.range.start));
}

function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

/** Waits until the document's findings hold `rule`, and gives the first of them. */
export async function finding(uri: vscode.Uri, rule: string): Promise<vscode.Diagnostic> {
  return until(
    () => diagnosticsIn(uri).find((diagnostic) => ruleOf(diagnostic) === rule),
    () => `${rule} in ${uri.fsPath}; found: ${rulesIn(uri).join(', ') || 'nothing'}`,
  );
}

/** Waits until the document's findings no longer hold `rule`. */
export async function noFinding(uri: vscode.Uri, rule: string): Promise<void> {
  await until(
    () => !rulesIn(uri).includes(rule) || undefined,
    () => `no ${rule} in ${uri.fsPath}`,
  );
}

/** The first value other than undefined. Asks again while there is none, and gives up after 15 seconds. */
export async function until<T>(ask: () => T | undefined, wanted: () => string): Promise<T> {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    const value = ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain for ${wanted()}`);
}

/** What the light bulb offers for a finding. */
export async function quickFixes(
  uri: vscode.Uri,
  { range }: vscode.Diagnostic,
): Promise<readonly vscode.CodeAction[]> {
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    uri,
    range,
    vscode.CodeActionKind.QuickFix.value,
  );
}

/** Applies what a code action carries, as VS Code does when a person chooses it. */
export async function apply(action: vscode.CodeAction): Promise<void> {
  if (action.edit === undefined) throw new Error(`"${action.title}" has no edit`);
  if (!(await vscode.workspace.applyEdit(action.edit))) throw new Error(`"${action.title}" was not applied`);
}

/** Puts `text` in place of the first `part` of the document, without saving. */
export async function replace(document: vscode.TextDocument, part: string, text: string): Promise<void> {
  const start = document.getText().indexOf(part);
  if (start < 0) throw new Error(`no "${part}" in ${document.uri.fsPath}`);
  const edit = new vscode.WorkspaceEdit();
  const range = new vscode.Range(document.positionAt(start), document.positionAt(start + part.length));
  edit.replace(document.uri, range, text);
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error('the edit was not applied');
}
