import { withFormattedFiles } from '../analysis/formatMigration.ts';
import type { Allocate, Fix } from '../migrations/change.ts';
import type { Span } from '../sql/span.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import type { Report, ReportedFinding } from './report.ts';

/** One JSON object. Lines and columns count from 1, columns in UTF-16 code units. A public format: see the README. */
export function jsonReport({ findings, allocate }: Report): string {
  return `${JSON.stringify({ findings: findings.map((reported) => findingInJson(reported, allocate)) })}\n`;
}

function findingInJson({ finding, history }: ReportedFinding, allocate: Allocate) {
  const { path, rule, severity, message, why, span, fixes } = finding;
  return {
    path,
    rule,
    severity,
    message,
    why,
    range: rangeInJson(history, path, span),
    fixes: fixes.map((fix) => fixInJson(fix, path, history, allocate)),
  };
}

function fixInJson(fix: Fix, path: string, history: FolderHistory, allocate: Allocate) {
  const { edits, creates, renames } = withFormattedFiles(history.edits(fix, path, allocate), history.format);
  return {
    title: fix.title,
    grade: fix.grade,
    edits: edits.map((edit) => ({
      path: edit.path,
      range: rangeInJson(history, edit.path, edit.span),
      newText: edit.newText,
    })),
    creates: creates.map((created) => ({ path: created.path, text: created.text })),
    renames: renames.map(({ from, to }) => ({ from, to })),
  };
}

function rangeInJson(history: FolderHistory, path: string, span: Span) {
  const { start, end } = history.lines(path).range(span);
  return {
    start: { line: start.line + 1, column: start.character + 1 },
    end: { line: end.line + 1, column: end.character + 1 },
  };
}
