import type { Allocate, Fix, TextEdit } from '../migrations/change.ts';
import type { Finding } from '../rules/finding.ts';
import type { FolderHistory, SupposedHistory } from './folderHistory.ts';

export interface FixedText {
  /** The file's text with the fixes applied: the text it has when there was nothing to fix. */
  readonly text: string;
  /** Title and rule of every fix that was applied, in order. */
  readonly applied: readonly { readonly rule: string; readonly title: string }[];
}

/** A fix may make room for the next; what still finds work after this many rounds would find it for ever. */
const mostRounds = 100;

/**
 * Applies the safe fixes of the wanted findings of one file, again and again until none is left. A fix after which
 * the file has more errors than before is left out. The history itself stays as it is.
 */
export function applySafeFixes(
  history: Pick<FolderHistory, 'content' | 'supposing'>,
  path: string,
  allocate: Allocate,
  wanted: (finding: Finding) => boolean = () => true,
): FixedText {
  const start = history.content(path);
  if (!start || start.unreadable !== undefined) return { text: start?.text ?? '', applied: [] };
  return history.supposing(path, (supposed) => {
    const fixing = new Fixing(supposed, start.text, path, allocate, wanted);
    for (let round = 0; round < mostRounds && fixing.round(); round++);
    return fixing;
  });
}

interface Candidate {
  readonly finding: Finding;
  readonly fix: Fix;
  readonly edits: readonly TextEdit[];
}

class Fixing implements FixedText {
  text: string;
  readonly applied: { rule: string; title: string }[] = [];
  private readonly history: SupposedHistory;
  private readonly path: string;
  private readonly allocate: Allocate;
  private readonly wanted: (finding: Finding) => boolean;
  private readonly refused = new Set<string>();
  private readonly seen: Set<string>;

  constructor(
    history: SupposedHistory,
    text: string,
    path: string,
    allocate: Allocate,
    wanted: (finding: Finding) => boolean,
  ) {
    this.history = history;
    this.text = text;
    this.path = path;
    this.allocate = allocate;
    this.wanted = wanted;
    this.seen = new Set([text]);
  }

  /** Applies what can be applied at the same time. False when nothing was left to do. */
  round(): boolean {
    const candidates = this.candidates();
    const together = withoutOverlap(candidates);
    if (together.length === 0) return false;
    if (this.attempt(together)) return true;
    // One of them did harm: find out which.
    return together.some(
      (candidate) => this.attempt([candidate]) || !this.refused.add(keyOf(candidate, this.text)),
    );
  }

  private candidates(): Candidate[] {
    return this.history.findings().flatMap((finding) => {
      if (!this.wanted(finding)) return [];
      const fix = finding.fixes.find((offered) => offered.grade === 'safe');
      if (!fix) return [];
      const { edits, creates, renames } = this.history.edits(fix, this.allocate);
      const here = edits.length > 0 && edits.every((edit) => edit.path === this.path);
      const candidate = { finding, fix, edits };
      const allowed = here && creates.length === 0 && renames.length === 0;
      return allowed && !this.refused.has(keyOf(candidate, this.text)) ? [candidate] : [];
    });
  }

  /** Keeps the edits when the file is no worse for them and has not been there before. */
  private attempt(candidates: readonly Candidate[]): boolean {
    const errors = errorCount(this.history);
    const text = applyEdits(
      this.text,
      candidates.flatMap((candidate) => candidate.edits),
    );
    this.history.setText(text);
    if (this.seen.has(text) || errorCount(this.history) > errors) {
      this.history.setText(this.text);
      return false;
    }
    this.text = text;
    this.seen.add(text);
    for (const { finding, fix } of candidates) this.applied.push({ rule: finding.rule, title: fix.title });
    return true;
  }
}

/** `text` with the edits applied, which do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const inOrder = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  let result = '';
  let at = 0;
  for (const { span, newText } of inOrder) {
    result += text.slice(at, span.start) + newText;
    at = span.end;
  }
  return result + text.slice(at);
}

/** The first of those that touch each other: two fixes may both want to write the same line. */
function withoutOverlap(candidates: readonly Candidate[]): Candidate[] {
  const chosen: Candidate[] = [];
  for (const candidate of candidates) {
    const free = candidate.edits.every((edit) =>
      chosen.every((other) => other.edits.every((taken) => !touches(edit, taken))),
    );
    if (free) chosen.push(candidate);
  }
  return chosen;
}

function touches(a: TextEdit, b: TextEdit): boolean {
  return a.span.start <= b.span.end && b.span.start <= a.span.end;
}

function errorCount(history: SupposedHistory): number {
  return history.findings().filter((finding) => finding.severity === 'error').length;
}

/** Names a fix across rounds, in which its place in the text moves. */
function keyOf({ finding, fix }: Candidate, text: string): string {
  return JSON.stringify([
    finding.rule,
    fix.title,
    finding.message,
    text.slice(finding.span.start, finding.span.end),
  ]);
}
