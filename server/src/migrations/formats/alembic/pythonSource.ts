import type { FunctionDefinition, PythonModule } from '../../../python/syntax.ts';
import { stringLiteral } from '../../../python/writtenString.ts';
import { PARAMETER } from './expressions.ts';

/** `op.execute("…")`; what SQLAlchemy would take for a parameter is escaped. */
export function executed(sql: string, op: string, quote: '"' | "'"): string {
  const literal = stringLiteral(withoutParameters(sql), quote);
  return `${op}.execute(${literal})`;
}

/** SQL as text() takes it (SQLAlchemy, sql/elements.py: TextClause). */
export function withoutParameters(sql: string): string {
  return sql.replace(PARAMETER, '\\$&');
}

/** The source with `by` before each line but the first, and lines that begin inside a string. */
export function indented(source: string, by: string, parse: (text: string) => PythonModule): string {
  return withLineStarts(source, parse, (line) => (line.trim() === '' ? line : by + line));
}

/** The source without `by` before each such line. */
export function dedented(source: string, by: string, parse: (text: string) => PythonModule): string {
  return withLineStarts(source, parse, (line) => (line.startsWith(by) ? line.slice(by.length) : line));
}

function withLineStarts(
  source: string,
  parse: (text: string) => PythonModule,
  change: (line: string) => string,
): string {
  if (!source.includes('\n')) return source;
  const { strings } = parse(source);
  let at = 0;
  return source
    .split('\n')
    .map((line, i) => {
      const start = at;
      at += line.length + 1;
      const inString = strings.some((each) => each.start < start && start < each.end);
      return i === 0 || inString ? line : change(line);
    })
    .join('\n');
}

/** A function of the file. */
export function functionNamed(module: PythonModule, name: string): FunctionDefinition | undefined {
  return module.body.flatMap((each) =>
    each.kind === 'function' && each.definition.name === name ? [each.definition] : [],
  )[0];
}
