import { CodeActionKind } from './lsp.ts';

/** All safe fixes of a file in one action. */
export const fixAllKind = `${CodeActionKind.SourceFixAll}.skein`;

/** The kinds of code actions that there are. */
export const codeActionKinds = [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, fixAllKind];
