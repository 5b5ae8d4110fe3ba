import type { Allocate, Fix } from '../migrations/change.ts';
import type { FileContent } from '../migrations/migration.ts';
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
  /** The file's new path, where it was given another name. */
  readonly renamedTo?: string;
  /** What could not be rewritten: why, one sentence each. */
  readonly refusals: readonly string[];
}

export interface RewriteOptions {
  readonly allocate: Allocate;
  /** Whether a finding is to be rewritten. */
  readonly wanted: (finding: Finding) => boolean;
  /** The answer to what only a person can say, as SQL: table is a key of the catalog. */
  readonly answer: (asked: { readonly table: string; readonly column: string }) => string | undefined;
}

/** What still finds work after this many rounds would find it for ever. */
const mostRounds = 100;

/** Applies the first fix of each wanted finding of one file, one after the other. The history takes up what comes of it. */
export function rewriteFile(
  history: Pick<FolderHistory, 'content' | 'findings' | 'edits' | 'written'>,
  path: string,
  { allocate, wanted, answer }: RewriteOptions,
): RewrittenFile | undefined {
  const start = history.content(path);
  if (start === undefined || start.unreadable !== undefined) return undefined;
  let file = start;
  const applied: { rule: string; title: string }[] = [];
  const created: FileContent[] = [];
  const seen = new Set([file.text]);
  const refusals = new Set<string>();
  for (let round = 0; round < mostRounds; round++) {
    refusals.clear();
    const next = history
      .findings(path)
      .filter(wanted)
      .flatMap((finding) => {
        for (const refusal of finding.refusals) refusals.add(refusal);
        return fixesOf(finding, answer, refusals).map((fix) => ({ finding, fix }));
      })
      .map(({ finding, fix }) => ({ finding, fix, edits: history.edits(fix, path, allocate) }))
      .find(({ edits }) => edits.renames.length > 0 || !seen.has(applyEdits(file.text, edits.edits)));
    if (next === undefined) break;
    const { finding, fix, edits } = next;
    applied.push({ rule: finding.rule, title: fix.title });
    file = { ...file, text: applyEdits(file.text, edits.edits) };
    seen.add(file.text);
    history.written(file);
    for (const each of edits.creates) {
      const content = { ...each, byteOrderMark: false };
      created.push(content);
      history.written(content);
    }
    const [renamed] = edits.renames;
    if (renamed !== undefined) return { applied, file, created, renamedTo: renamed.to, refusals: [] };
  }
  return { applied, file, created, refusals: [...refusals] };
}

/** The finding's fixes, and what its questions come to once they are answered. */
function fixesOf(finding: Finding, answer: RewriteOptions['answer'], refusals: Set<string>): readonly Fix[] {
  const answered = finding.questions.flatMap((question) => {
    const expression = answer(question.asks);
    if (expression === undefined) refusals.add(question.without);
    return expression === undefined ? [] : question.answered(expression);
  });
  return [...answered, ...finding.fixes].slice(0, 1);
}
