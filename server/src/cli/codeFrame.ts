import type { Span } from '../sql/span.ts';
import type { LineIndex } from '../workspace/lineIndex.ts';
import { columnsOf, type Look, type Paint, printable } from './paint.ts';

/** Of a place that spans many lines, the first ones show what it is. */
const mostLines = 4;

/** A line is cut to this many characters around the place. */
const longestLine = 160;
const kept = 40;

/** The lines around a place in a file, with the place underlined. */
export function codeFrame(lines: LineIndex, span: Span, look: Look, paint: Paint): string[] {
  const first = lines.position(span.start).line;
  const last = Math.min(lines.position(span.end).line, first + mostLines - 1);
  const gutter = String(last + 1).length;
  const frame: string[] = [];
  for (let line = Math.max(0, first - 1); line <= last; line++) {
    const number = String(line + 1).padStart(gutter);
    const { text, from, to } = cut(lines, line, span);
    if (line < first) {
      if (text.trim() !== '') frame.push(paint('dim', `  ${number} | ${shown(text)}`));
      continue;
    }
    frame.push(`${paint(look, '>')} ${paint('dim', `${number} |`)} ${shown(text)}`);
    if (to <= from && line > first) continue;
    const before = ' '.repeat(columnsOf(shown(text.slice(0, from))));
    const under = '^'.repeat(Math.max(1, columnsOf(shown(text.slice(from, to)))));
    frame.push(`  ${' '.repeat(gutter)} ${paint('dim', '|')} ${before}${paint(look, under)}`);
  }
  return frame;
}

/** One line's text, cut if it is too long, and where in it the place lies, its leading blanks left out. */
function cut(lines: LineIndex, line: number, span: Span): { text: string; from: number; to: number } {
  const { start, end } = lines.line(line);
  const whole = lines.text.slice(start, Math.min(end, start + 1_000_000));
  const from = Math.max(span.start - start, whole.search(/\S|$/));
  const to = Math.min(span.end - start, whole.trimEnd().length);
  if (whole.length <= longestLine) return { text: whole, from: Math.min(from, whole.length), to };
  const left = Math.max(0, Math.min(from - kept, whole.length - longestLine));
  const text = `${left > 0 ? '…' : ''}${whole.slice(left, left + longestLine)}${left + longestLine < whole.length ? '…' : ''}`;
  const shift = left - (left > 0 ? 1 : 0);
  return { text, from: from - shift, to: Math.min(to - shift, text.length) };
}

function shown(text: string): string {
  return printable(text).replaceAll('\t', '    ');
}
