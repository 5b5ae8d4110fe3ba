import { createHash } from 'node:crypto';
import type { ReportedFinding } from './report.ts';

/**
 * Names for findings that stay the same when lines move, when they are told in other words and when code around them
 * changes: of the rule, the file, and the text at the place. Equal ones are told apart by their order.
 */
export function fingerprints(findings: readonly ReportedFinding[]): string[] {
  const seen = new Map<string, number>();
  return findings.map(({ finding: { rule, path, span }, history }) => {
    const text = history.lines(path).text.slice(span.start, span.end).replace(/\s+/g, ' ');
    const what = JSON.stringify([rule, path, text]);
    const count = seen.get(what) ?? 0;
    seen.set(what, count + 1);
    return createHash('sha256').update(`${what}${count}`).digest('hex');
  });
}
