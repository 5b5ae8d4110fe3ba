import { withFormattedFiles } from '../analysis/formatMigration.ts';
import type { Shows } from '../analysis/shownFindings.ts';
import { displayName } from '../catalog/catalog.ts';
import type { Allocate, FileEdits, Fix } from '../migrations/change.ts';
import type { Finding } from '../rules/finding.ts';
import { expressionProblem } from '../sql/expression.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { applySafeFixes } from '../workspace/safeFixes.ts';
import type { ClientAbilities } from './clientAbilities.ts';
import { fixAllKind } from './codeActionKinds.ts';
import { type DiagnosticOptions, toDiagnostic } from './diagnostics.ts';
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  CreateFile,
  type Range,
  RenameFile,
  ResourceOperationKind,
  TextDocumentEdit,
  TextEdit,
  type WorkspaceEdit,
} from './lsp.ts';
import type { AnswerCommand, Answered, AnswerParams, AskedValue } from './protocol.ts';

const answerCommand: AnswerCommand = 'skein.answer';

export interface CodeActionContext extends DiagnosticOptions {
  readonly abilities: ClientAbilities;
  /** The client asks what a fix wants to know. */
  readonly asks: boolean;
  readonly allocate: Allocate;
  /** What is not shown is not repaired either. */
  readonly shows: Shows;
  /** The version of an open document; null for one that is not open. */
  readonly version: (path: string) => number | null;
}

/** The fixes of the findings at a place, and where it is asked for, one action for all safe fixes of the file. */
export function codeActions(
  path: string,
  history: FolderHistory,
  { range, context: { only } }: Pick<CodeActionParams, 'range' | 'context'>,
  context: CodeActionContext,
): CodeAction[] {
  const asked = (kind: string) => only?.some((wanted) => wanted === '' || isKind(kind, wanted));
  const actions: CodeAction[] = [];
  if (asked(CodeActionKind.QuickFix) ?? true) {
    for (const finding of findingsAt(path, history, range).filter(context.shows))
      actions.push(...quickFixes(finding, history, context), ...questions(finding, history, context));
  }
  if (context.abilities.disabledActions && asked(CodeActionKind.RefactorRewrite)) {
    for (const finding of findingsAt(path, history, range).filter(context.shows))
      actions.push(...refusals(finding, history, context));
  }
  // Source actions belong to the file, not to the place: never in the list under the light bulb.
  if (asked(fixAllKind) ?? false) actions.push(...fixAll(path, history, context));
  return actions;
}

/** Kinds are a tree: `source.fixAll.skein` is a `source.fixAll` and a `source`. */
function isKind(kind: string, wanted: string): boolean {
  return kind === wanted || kind.startsWith(`${wanted}.`);
}

function findingsAt(path: string, history: FolderHistory, range: Range): Finding[] {
  const lines = history.lines(path);
  const start = lines.offset(range.start);
  const end = lines.offset(range.end);
  return history.findings(path).filter(({ span }) => span.start <= end && start <= span.end);
}

/** Fixes that want an answer: a command that asks for it, where the client has one. */
function questions(finding: Finding, history: FolderHistory, context: CodeActionContext): CodeAction[] {
  if (!context.asks) return [];
  return finding.questions.map(({ title, asks }) => {
    const { start } = history.lines(finding.path).range(finding.span);
    const asked: AskedValue = {
      uri: context.uri(finding.path),
      rule: finding.rule,
      position: start,
      title,
      prompt: `What are the rows of ${displayName(asks.table)} to have in ${asks.column}? A SQL expression over their columns.`,
    };
    return {
      title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [toDiagnostic(finding, history, context)],
      command: { title, command: answerCommand, arguments: [asked] },
    };
  });
}

/** Why a finding has no fix: shown in grey to those who ask for what rewrites code. */
function refusals(finding: Finding, history: FolderHistory, context: CodeActionContext): CodeAction[] {
  return finding.refusals.map((reason) => ({
    title: `Rewrite for ${finding.rule}`,
    kind: CodeActionKind.RefactorRewrite,
    diagnostics: [toDiagnostic(finding, history, context)],
    disabled: { reason },
  }));
}

/** The edit that comes of an answer to a finding's question. */
export function answer(
  path: string,
  history: FolderHistory,
  { rule, position, expression }: AnswerParams,
  context: CodeActionContext,
): Answered {
  const problem = expressionProblem(expression);
  if (problem !== undefined) return { problem: `This is no SQL expression: ${problem}.` };
  const at = history.lines(path).offset(position);
  const found = history.findings(path).find((each) => each.rule === rule && each.span.start === at);
  const fix = found?.questions.flatMap((question) => question.answered(expression))[0];
  const edit = fix && workspaceEdit(editsOf(fix, path, history, context), history, context);
  return fix && edit
    ? { edit: offered(fix, edit, context) }
    : { problem: 'The migration has changed meanwhile.' };
}

/** An edit of several files is shown before it is made, where the client can. */
function offered(fix: Fix, edit: WorkspaceEdit, { abilities }: CodeActionContext): WorkspaceEdit {
  return fix.preview === true && abilities.changeAnnotations ? toBeConfirmed(edit, fix.title) : edit;
}

function editsOf(fix: Fix, path: string, history: FolderHistory, { allocate }: CodeActionContext): FileEdits {
  return withFormattedFiles(history.edits(fix, path, allocate), history.format);
}

function quickFixes(finding: Finding, history: FolderHistory, context: CodeActionContext): CodeAction[] {
  return finding.fixes.flatMap((fix) => {
    const edits = editsOf(fix, finding.path, history, context);
    const edit = isEmpty(edits) ? undefined : workspaceEdit(edits, history, context);
    if (!edit) return [];
    return [
      {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [toDiagnostic(finding, history, context)],
        isPreferred: fix.grade === 'safe',
        edit: offered(fix, edit, context),
      },
    ];
  });
}

/**
 * The edit as one that the editor shows before it is made. VS Code shows it for one change that needs confirmation, and
 * leaves such a change out unless it is ticked: only one that changes nothing is of that kind, all others are ticked.
 */
function toBeConfirmed(edit: WorkspaceEdit, label: string): WorkspaceEdit {
  const annotationId = 'look';
  const nothing = { ...TextEdit.insert({ line: 0, character: 0 }, ''), annotationId };
  const last = edit.documentChanges?.findLast((each) => 'edits' in each);
  return {
    ...edit,
    changeAnnotations: { [annotationId]: { label, needsConfirmation: true } },
    documentChanges: edit.documentChanges?.map((change) =>
      change === last && 'edits' in change ? { ...change, edits: [...change.edits, nothing] } : change,
    ),
  };
}

function fixAll(path: string, history: FolderHistory, context: CodeActionContext): CodeAction[] {
  const before = history.content(path)?.text ?? '';
  const { text, applied } = applySafeFixes(history, path, context.allocate, context.shows);
  if (applied.length === 0) return [];
  const edits = [{ path, ...replacement(before, text) }];
  const edit = workspaceEdit({ edits, creates: [], renames: [] }, history, context);
  return edit ? [{ title: 'Skein: apply all safe fixes', kind: fixAllKind, edit }] : [];
}

/** The one edit from `before` to `after`, without what they begin and end with in common. */
function replacement(before: string, after: string) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < shorter - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return {
    span: { start, end: before.length - tail },
    newText: after.slice(start, after.length - tail),
  };
}

/** Nothing comes of a fix whose changes the tool's format does not write. */
function isEmpty({ edits, creates, renames }: FileEdits): boolean {
  return edits.length + creates.length + renames.length === 0;
}

/** Edits in the protocol's words; undefined when the client cannot carry them out. */
function workspaceEdit(
  { edits, creates, renames }: FileEdits,
  history: FolderHistory,
  { abilities, uri, version }: CodeActionContext,
): WorkspaceEdit | undefined {
  const paths = [...new Set(edits.map((edit) => edit.path))];
  const textEdits = (path: string) =>
    edits
      .filter((edit) => edit.path === path)
      .map((edit) => TextEdit.replace(history.lines(path).range(edit.span), edit.newText));

  const able = (kind: ResourceOperationKind) => abilities.resourceOperations.includes(kind);
  if (creates.length > 0 && !able(ResourceOperationKind.Create)) return undefined;
  if (renames.length > 0 && !able(ResourceOperationKind.Rename)) return undefined;
  if (!abilities.documentChanges) {
    if (creates.length + renames.length > 0) return undefined;
    return { changes: Object.fromEntries(paths.map((path) => [uri(path), textEdits(path)])) };
  }
  return {
    documentChanges: [
      // All files before all texts: VS Code makes one undo of neighbours of a kind, and may stop between others.
      ...creates.map(({ path }) => CreateFile.create(uri(path))),
      ...creates.map(({ path, text }) =>
        TextDocumentEdit.create({ uri: uri(path), version: null }, [
          TextEdit.insert({ line: 0, character: 0 }, text),
        ]),
      ),
      ...paths.map((path) =>
        TextDocumentEdit.create({ uri: uri(path), version: version(path) }, textEdits(path)),
      ),
      // Last: the edits above name the file as it is called now.
      ...renames.map(({ from, to }) => RenameFile.create(uri(from), uri(to))),
    ],
  };
}
