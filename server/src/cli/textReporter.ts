import type { Severity } from '../config/severity.ts';
import { codeFrame } from './codeFrame.ts';
import { columnsOf, type Look, type Paint, paintFor, printable } from './paint.ts';
import type { Report, ReportedFinding } from './report.ts';
import type { Terminal } from './terminal.ts';

const looks: Readonly<Record<Severity, Look>> = {
  error: 'red',
  warning: 'yellow',
  information: 'blue',
  hint: 'cyan',
};

const indent = '  ';

/** Findings for a person to read: place, message, the lines, why, what can be done. Hints only with `all`. */
export function textReport(
  report: Report,
  all: boolean,
  { colour, width }: Omit<Terminal, 'out' | 'error'>,
): string {
  const paint = paintFor(colour);
  const shown = report.findings.filter(({ finding }) => all || finding.severity !== 'hint');
  const blocks = shown.map((reported) => findingInText(reported, paint, width));
  return `${[...blocks, summary(report, shown, paint)].join('\n\n')}\n`;
}

function findingInText({ finding, history }: ReportedFinding, paint: Paint, width: number): string {
  const look = looks[finding.severity];
  const lines = history.lines(finding.path);
  const place = (path: string, offset: number) => {
    const { line, character } = history.lines(path).position(offset);
    return `${printable(path)}:${line + 1}:${character + 1}`;
  };
  const head = `${paint('bold', place(finding.path, finding.span.start))}: ${paint(look, finding.severity)}: `;
  const wrapped = (text: string) => wrap(printable(text), width - indent.length).map((line) => indent + line);
  return [
    `${head}${paint('bold', printable(finding.message))} ${paint('dim', `[${finding.rule}]`)}`,
    ...codeFrame(lines, finding.span, look, paint).map((line) => indent + line),
    ...wrapped(finding.why),
    ...finding.related.map(
      (other) => `${indent}${place(other.path, other.span.start)}: ${printable(other.message)}`,
    ),
    ...finding.fixes.map(
      (fix) =>
        `${indent}${paint('green', fix.grade === 'safe' ? 'safe fix' : 'fix')}: ${printable(fix.title)}`,
    ),
  ].join('\n');
}

function summary(
  { findings, migrations, since }: Report,
  shown: readonly ReportedFinding[],
  paint: Paint,
): string {
  const count = (severity: Severity) =>
    findings.filter(({ finding }) => finding.severity === severity).length;
  const counts = [
    amount(count('error'), 'error'),
    amount(count('warning'), 'warning'),
    // It has no plural.
    count('information') > 0 ? `${count('information')} information` : '',
    shown.length < findings.length ? '' : amount(count('hint'), 'hint'),
  ].filter((part) => part !== '');
  const fixable = shown.filter(({ finding }) => finding.fixes.some((fix) => fix.grade === 'safe')).length;
  const hidden = findings.length - shown.length;
  if (migrations === 0)
    return paint('green', `No migration is new or changed since ${printable(since ?? '')}.`);
  const looked = `${amount(migrations, 'migration')}${since === undefined ? '' : ` new or changed since ${printable(since)}`}`;
  return [
    counts.length > 0
      ? paint('bold', `${counts.join(', ')} in ${looked}.`)
      : paint('green', `${looked}, nothing to report.`),
    fixable > 0 ? ` ${fixable} can be fixed with "skein fix".` : '',
    hidden > 0 ? paint('dim', ` ${amount(hidden, 'hint')} not shown (--all shows them).`) : '',
  ].join('');
}

/** "2 errors", "1 error", and nothing for none. */
export function amount(count: number, noun: string, plural = `${noun}s`): string {
  if (count === 0) return '';
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Text in lines of at most `width` columns, broken at blanks; its own line breaks stay. */
function wrap(text: string, width: number): string[] {
  if (text === '') return [];
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && columnsOf(longer) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    return [...lines, line];
  });
}
