import { type MigrationFile, statementsOf } from '../migrations/migration.ts';
import type { Finding } from '../rules/finding.ts';
import type { Rule } from '../rules/rule.ts';
import { type Token, tokenize } from '../sql/lexer.ts';
import { firstFrom } from '../sql/lists.ts';
import type { Span } from '../sql/span.ts';
import type { Statement } from '../sql/statement.ts';

/**
 * A comment that ignores rules: `-- skein:ignore rule, rule reason`, `-- skein:ignore-file rule`, `-- squawk-ignore …`;
 * in Python with `#`.
 */
export interface Ignore {
  /** Whose words it uses. squawk's rules go by other names, and it may be there for squawk alone. */
  readonly tool: 'skein' | 'squawk';
  /** From the comment's dashes to the last name. */
  readonly span: Span;
  readonly names: readonly IgnoredName[];
  /** Where findings are hidden; the whole file where it says so. */
  readonly range: Span;
}

export interface IgnoredName {
  readonly name: string;
  readonly span: Span;
}

/** What is left of a file's findings, and the names that hid nothing. */
export interface Suppressed {
  readonly findings: readonly Finding[];
  /** A whole comment where it names no rule at all. */
  readonly unused: readonly (IgnoredName & { readonly ignore: Ignore })[];
  readonly unknown: readonly IgnoredName[];
}

/** Hides the findings, which are in order of their place, that the file's comments ignore. */
export function suppress(
  file: MigrationFile,
  findings: readonly Finding[],
  rules: readonly Rule[],
): Suppressed {
  const ignores = ignoresIn(file);
  if (ignores.length === 0) return { findings, unused: [], unknown: [] };
  const hidden = new Set<Finding>();
  const unused: Suppressed['unused'][number][] = [];
  const unknown: IgnoredName[] = [];
  for (const ignore of ignores) {
    const near = within(findings, ignore.range);
    if (ignore.names.length === 0) {
      if (ignore.tool === 'squawk')
        hide(near, new Set(rules.filter(hasSquawkName).map(({ id }) => id)), hidden);
      else unused.push({ name: '', span: ignore.span, ignore });
    }
    for (const each of ignore.names) {
      const ids = idsOf(each.name, ignore.tool, rules);
      const hides = hide(near, ids, hidden);
      if (ignore.tool === 'squawk') continue;
      if (ids.size === 0) unknown.push(each);
      else if (!hides) unused.push({ ...each, ignore });
    }
  }
  return { findings: findings.filter((finding) => !hidden.has(finding)), unused, unknown };
}

function hide(near: readonly Finding[], ids: ReadonlySet<string>, hidden: Set<Finding>): boolean {
  const found = near.filter((finding) => ids.has(finding.rule));
  for (const finding of found) hidden.add(finding);
  return found.length > 0;
}

/** The findings that start in a range. */
function within(findings: readonly Finding[], range: Span): readonly Finding[] {
  const found: Finding[] = [];
  for (
    let i = firstFrom(findings, (finding) => finding.span.start >= range.start);
    i < findings.length;
    i++
  ) {
    const finding = findings[i];
    if (finding === undefined || finding.span.start > range.end) break;
    if (finding.span.start < range.end || finding.span.end === range.end) found.push(finding);
  }
  return found;
}

function idsOf(name: string, tool: Ignore['tool'], rules: readonly Rule[]): ReadonlySet<string> {
  const found = rules.filter((rule) =>
    tool === 'skein' ? rule.id === name : rule.peers.includes(`squawk ${name}`),
  );
  return new Set(found.map(({ id }) => id));
}

function hasSquawkName({ peers }: Rule): boolean {
  return peers.some((peer) => peer.startsWith('squawk '));
}

const MARK =
  /(?:--|\/\*|#)[ \t]*(skein:ignore|squawk-ignore)(-file)?(?![\w-]):?(?:[ \t]+([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*))?/g;

/** The comments of a file that ignore rules, in order. */
export function ignoresIn(file: MigrationFile): readonly Ignore[] {
  const { text } = file;
  // Most files have none: that is found out without a look at the statements.
  if (!text.includes('skein:ignore') && !text.includes('squawk-ignore')) return [];
  const places = new Places(file);
  return [...text.matchAll(MARK)].flatMap((match): Ignore[] => {
    const start = match.index;
    const scope = places.scopeOf(start);
    if (scope === undefined) return [];
    const [all, mark = '', whole, list = ''] = match;
    const end = start + all.length;
    return [
      {
        tool: mark.startsWith('squawk') ? 'squawk' : 'skein',
        span: { start, end },
        names: namesIn(list, end - list.length),
        range: whole === undefined ? rangeOf(text, start, scope) : { start: 0, end: text.length },
      },
    ];
  });
}

function namesIn(list: string, at: number): readonly IgnoredName[] {
  return [...list.matchAll(/[\w-]+/g)].map(({ 0: name, index }) => {
    const start = at + index;
    return { name, span: { start, end: start + name.length } };
  });
}

/** Statements one after the other, at one level of the file. */
interface Scope {
  /** With their semicolons. */
  readonly statements: readonly Span[];
  /** The DO block, where they are inside one. */
  readonly block?: Span;
}

/** The stretch of the document that a comment at `at` speaks for. */
function rangeOf(text: string, at: number, { statements, block }: Scope): Span {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const newline = text.indexOf('\n', at);
  const line = { start: lineStart, end: newline < 0 ? text.length : newline };
  const after = firstFrom(statements, ({ start }) => start >= at);
  const before = statements[after - 1];
  const inside = before !== undefined && at < before.end ? before : undefined;
  if (text.slice(lineStart, at).trim() !== '') {
    if (inside !== undefined) return line;
    let start = lineStart;
    for (let i = after - 1; i >= 0; i--) {
      const ended = statements[i];
      if (ended === undefined || ended.end <= lineStart) break;
      start = Math.min(start, ended.start);
    }
    return { start, end: line.end };
  }
  if (inside !== undefined) return inside;
  const next = statements[after];
  return next === undefined ? (block ?? { start: at, end: text.length }) : { start: at, end: next.end };
}

/** Where the comments of a file stand among its statements. */
class Places {
  private readonly text: string;
  private readonly comments: MigrationFile['comments'];
  private readonly statements: readonly Statement[];
  private readonly spans: readonly Span[];

  constructor(file: MigrationFile) {
    this.text = file.text;
    this.comments = file.comments;
    const down = file.down === undefined ? [] : statementsOf(file.down);
    this.statements = [...statementsOf(file.up), ...down].sort((a, b) => a.span.start - b.span.start);
    this.spans = this.statements.map(({ span, terminatedEnd }) => ({
      start: span.start,
      end: terminatedEnd,
    }));
  }

  /** The statements that a comment at `at` stands among; undefined where no comment can begin there. */
  scopeOf(at: number): Scope | undefined {
    if (this.comments !== undefined) {
      const isComment = this.comments.some(({ start }) => start === at);
      return isComment ? { statements: this.spans } : undefined;
    }
    const next = firstFrom(this.spans, ({ start }) => start > at);
    const statement = this.statements[next - 1];
    const span = this.spans[next - 1];
    if (statement === undefined || span === undefined || at >= span.end) {
      const from = span?.end ?? 0;
      const to = this.spans[next]?.start ?? this.text.length;
      const tokens = tokenize(this.text.slice(from, to));
      return covering(tokens, at - from) === undefined ? { statements: this.spans } : undefined;
    }
    const token = covering(tokenize(this.text.slice(span.start, span.end)), at - span.start);
    if (token === undefined) return { statements: this.spans };
    return this.isCommentInBody(token, span.start, at)
      ? { statements: this.inner(statement), block: span }
      : undefined;
  }

  /** The comments of a body between dollars are comments too. */
  private isCommentInBody(token: Token, offset: number, at: number): boolean {
    const tag = /^\$[^$]*\$/.exec(token.value)?.[0];
    if (token.kind !== 'string' || tag === undefined) return false;
    const start = offset + token.start + tag.length;
    const body = this.text.slice(start, offset + token.end - tag.length);
    return covering(tokenize(body), at - start) === undefined;
  }

  private inner(statement: Statement): readonly Span[] {
    return statement.parsed.inner.map(({ parsed, toOuter }) => {
      const span = { start: toOuter(0), end: toOuter(parsed.text.length) };
      const { start, end } = statement.spanInDocument(span);
      return { start, end: end + (this.text[end] === ';' ? 1 : 0) };
    });
  }
}

function covering(tokens: readonly Token[], at: number): Token | undefined {
  const token = tokens[firstFrom(tokens, ({ start }) => start > at) - 1];
  return token !== undefined && at < token.end ? token : undefined;
}
