import { Disposable, StatusBarAlignment, window, workspace } from 'vscode';
import type { StatusParams } from '../../../server/src/languageServer/protocol.ts';
import type { Server, ServerState } from '../languageClient.ts';
import { statusText } from './statusText.ts';

/** The item at the right of the status bar. It speaks of the file in the active editor, and hides for other files. */
export function statusBar(server: Server): Disposable {
  const item = window.createStatusBarItem('status', StatusBarAlignment.Right, 100);
  item.name = 'Skein';
  const known = new Map<string, StatusParams>();
  let state: ServerState = 'starting';

  const draw = (): void => {
    const uri = window.activeTextEditor?.document.uri.toString();
    const shown = statusText(state, uri === undefined ? undefined : known.get(uri));
    if (shown === undefined) {
      item.hide();
      return;
    }
    Object.assign(item, shown);
    item.show();
  };
  draw();
  return Disposable.from(
    item,
    server.onStateChanged((newState) => {
      state = newState;
      known.clear();
      draw();
    }),
    server.onStatusReported((status) => {
      known.set(status.uri, status);
      draw();
    }),
    window.onDidChangeActiveTextEditor(draw),
    workspace.onDidCloseTextDocument(({ uri }) => known.delete(uri.toString())),
  );
}
