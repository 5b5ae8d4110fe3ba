import type { Severity } from '../config/severity.ts';
import type { Report, ReportedFinding } from './report.ts';

/** GitHub has no level for hints, and they are no news in a pull request. */
const commands: Readonly<Partial<Record<Severity, string>>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
};

/** Workflow commands that GitHub shows at the lines of a pull request, one line each. Without hints. */
export function githubReport({ findings }: Report): string {
  return findings.map(annotation).join('');
}

function annotation({ finding, history }: ReportedFinding): string {
  const { path, rule, severity, message, why, span } = finding;
  const command = commands[severity];
  if (command === undefined) return '';
  const { start, end } = history.lines(path).range(span);
  const properties = {
    file: path,
    line: start.line + 1,
    endLine: end.line + 1,
    // Columns count only within one line.
    ...(start.line === end.line && { col: start.character + 1, endColumn: end.character + 1 }),
    title: rule,
  };
  const listed = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
  return `::${command} ${listed.join(',')}::${data(why === '' ? message : `${message}\n${why}`)}\n`;
}

/** What the runner undoes again (actions/toolkit, packages/core/src/command.ts). */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
