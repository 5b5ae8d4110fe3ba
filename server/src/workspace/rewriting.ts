import { withFormattedFiles } from '../analysis/formatMigration.ts';
import type { Allocate, Fix } from '../migrations/change.ts';
import type { FileContent } from '../migrations/migration.ts';
import { concurrentIndexRetry } from '../rules/concurrentIndexRetry.ts';
import type { Finding } from '../rules/finding.ts';
import type { FolderHistory } from './folderHistory.ts';
import { applyEdits } from './safeFixes.ts';

/** A file rewritten, with what became of the folder. */
export interface RewrittenFile {
  /** Title and rule of every rewrite, in order. */
  readonly applied: readonly { readonly rule: string; readonly title: string }[];
  /** The file as it is now. */
  readonly file: FileContent;
  /** The files that are new, in order. */
  readonly created: readonly FileContent[];
  /** Files that were given other names: the file itself, and the other half of a pair. */
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  /** What could not be rewritten: why, one sentence each. */
  readonly refusals: readonly string[];
}

export interface RewriteOptions {
  readonly allocate: Allocate;
  /** Whether the file was asked for by its name, not as one of its folder. */
  readonly named: boolean;
  /** Whether a finding is to be rewritten. */
  readonly wanted: (finding: Finding) => boolean;
  /** The answer to what only a person can say, as SQL: table is a key of the catalog. */
  readonly answer: (asked: { readonly table: string; readonly column: string }) => string | undefined;
}

/** What still finds work after this many rounds would find it for ever. */
const mostRounds = 100;

/**
 * Applies the first fix of each wanted finding of one file, one after the other. The history takes up what comes of it.
 * What an index that is built CONCURRENTLY from now on would leave behind when it fails is cleared away first.
 */
export function rewriteFile(
  history: Pick<FolderHistory, 'format' | 'content' | 'findings' | 'edits' | 'written' | 'removed'>,
  path: string,
  { allocate, named, wanted, answer }: RewriteOptions,
): RewrittenFile | undefined {
  const start = history.content(path);
  if (start === undefined || start.unreadable !== undefined) return undefined;
  let file = start;
  const applied: { rule: string; title: string }[] = [];
  const created: FileContent[] = [];
  const renames: { from: string; to: string }[] = [];
  const seen = new Set([file.text]);
  /** How many findings like it there were when a fix was applied: one that leaves them all is not applied again. */
  const left = new Map<string, number>();
  const refusals = new Set<string>();
  const builtBefore = new Set(retried(history.findings(path)).map(({ message }) => message));
  for (let round = 0; round < mostRounds; round++) {
    refusals.clear();
    const next = nextFix();
    if (next === undefined) break;
    const { finding, fix, edits, count } = next;
    left.set(kindOf(finding, fix), count);
    applied.push({ rule: finding.rule, title: fix.title });
    file = { ...file, text: applyEdits(file.text, edits.edits) };
    seen.add(file.text);
    history.written(file);
    for (const each of edits.creates) {
      const content = { ...each, byteOrderMark: false };
      created.push(content);
      history.written(content);
    }
    for (const { from, to } of edits.renames) {
      const content = history.content(from);
      if (content === undefined) continue;
      renames.push({ from, to });
      history.removed(from);
      history.written({ ...content, path: to });
      if (from === file.path) file = { ...file, path: to };
    }
  }
  return { applied, file, created, renames, refusals: [...refusals] };

  /** The first that leads to a text which has not been there yet; what stands before it and is refused says why. */
  function nextFix() {
    const coarse: { readonly finding: Finding; readonly fix: Fix }[] = [];
    const findings = history.findings(file.path);
    const built = applied.length === 0 ? [] : retried(findings);
    const follow = new Set(built.filter((each) => !wanted(each) && !builtBefore.has(each.message)));
    for (const finding of [...findings.filter(wanted), ...follow]) {
      // Nobody has asked for what follows.
      if (!follow.has(finding)) for (const refusal of finding.refusals) refusals.add(refusal);
      // What else is offered then leaves the statement as it is.
      if (finding.refusals.length > 0) continue;
      for (const fix of fixesOf(finding, { answer, named }, refusals)) {
        if (fix.comesLast) coarse.push({ finding, fix });
        const found = fix.comesLast ? undefined : leadingOn(finding, fix, findings);
        if (found !== undefined) return found;
      }
    }
    // What stays in the file before what takes it apart.
    const inFile = coarse.filter(({ fix }) => !fix.preview);
    for (const { finding, fix } of [...inFile, ...coarse.filter(({ fix }) => fix.preview)]) {
      const found = leadingOn(finding, fix, findings);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function leadingOn(finding: Finding, fix: Fix, findings: readonly Finding[]) {
    const count = findings.filter(
      ({ rule, message }) => rule === finding.rule && message === finding.message,
    ).length;
    if (count >= (left.get(kindOf(finding, fix)) ?? Number.POSITIVE_INFINITY)) return undefined;
    const edits = withFormattedFiles(history.edits(fix, file.path, allocate), history.format);
    const isNew = edits.renames.length > 0 || !seen.has(applyEdits(file.text, edits.edits));
    return isNew ? { finding, fix, edits, count } : undefined;
  }
}

/** Indexes whose build may have to be tried again. */
function retried(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ rule }) => rule === concurrentIndexRetry.id);
}

/** What a fix and its finding are called: where it stands moves with the text. */
function kindOf({ rule, message }: Finding, { title }: Fix): string {
  return JSON.stringify([rule, message, title]);
}

/** The finding's fixes, and what its questions come to once they are answered. */
function fixesOf(
  finding: Finding,
  { answer, named }: Pick<RewriteOptions, 'answer' | 'named'>,
  refusals: Set<string>,
): readonly Fix[] {
  const answered = finding.questions.flatMap((question) => {
    const expression = answer(question.asks);
    if (expression === undefined) refusals.add(question.without);
    return expression === undefined ? [] : question.answered(expression);
  });
  const fixes = finding.fixes.filter(({ ofNamedFile }) => named || !ofNamedFile);
  return [...answered, ...fixes].slice(0, 1);
}
