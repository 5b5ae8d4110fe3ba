import { Uri, WorkspaceEdit, window, workspace } from 'vscode';
import type { NewFile } from '../../../server/src/languageServer/protocol.ts';

/** Makes files that are not there yet, and opens the first. Gives its URI. */
export async function openNewFiles(files: readonly NewFile[]): Promise<string | undefined> {
  const edit = new WorkspaceEdit();
  for (const { uri, text } of files) {
    edit.createFile(Uri.parse(uri), { overwrite: false, contents: new TextEncoder().encode(text) });
  }
  await workspace.applyEdit(edit);
  const [first] = files;
  if (first) await window.showTextDocument(Uri.parse(first.uri), { preview: false });
  return first?.uri;
}
