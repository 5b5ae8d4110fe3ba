import { commands, type Disposable, window, workspace } from 'vscode';
import type { AnswerCommand, AskedValue } from '../../../server/src/languageServer/protocol.ts';
import type { Server } from '../languageClient.ts';

const command: AnswerCommand = 'skein.answer';

/** Asks for what only a person can say of a fix, and makes the edit. No palette command: quick fixes run it. */
export function answer(server: Server): Disposable {
  return commands.registerCommand(command, async ({ uri, rule, position, title, prompt }: AskedValue) => {
    const expression = await window.showInputBox({ title, prompt, ignoreFocusOut: true });
    if (!expression) return;
    const edit = await server.answer({ uri, rule, position, expression });
    if (typeof edit === 'string') await window.showErrorMessage(edit);
    else await workspace.applyEdit(edit);
  });
}
