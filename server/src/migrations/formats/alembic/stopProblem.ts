import { unmapped } from '../../../python/mappedText.ts';
import { tokenize } from '../../../sql/lexer.ts';
import type { Span } from '../../../sql/span.ts';
import type { Statement } from '../../../sql/statement.ts';
import type { Fix } from '../../change.ts';
import type { FileProblem, Obstacle } from '../../migration.ts';
import { LoweredStatement } from './loweredStatement.ts';
import { LONGEST_NAME, quoted } from './sqlText.ts';

/** What is certain to stop a script, said where it stands; undefined of what stops nobody but the runner. */
export function stopProblem(
  { openParameter, refusedName, span, message }: Obstacle,
  script: { readonly statements: readonly Statement[] },
): FileProblem | undefined {
  if (refusedName !== undefined) {
    const repair = script.statements.map((each) => cutName(each, span, refusedName)).find((fix) => fix);
    return {
      rule: 'identifier-too-long',
      severity: 'error',
      span,
      message,
      why: WHY_REFUSED,
      ...(repair && { repair }),
    };
  }
  if (openParameter === undefined) return undefined;
  const repair = script.statements
    .map((each) => plainColon(each, span, openParameter))
    .find((fix) => fix !== undefined);
  return { rule: 'alembic-bind-parameter', span, message, why: WHY, ...(repair && { repair }) };
}

const WHY_REFUSED =
  'The revision stops here with IdentifierError. Choose a shorter name; or give it with op.f(…), which has alembic shorten it.';

const WHY =
  'SQLAlchemy takes :name for a parameter wherever it stands in a text, in quotes and comments too. The revision stops here with “A value is required for bind parameter”; give it one with sa.text(…).bindparams(…), or write the colon as \\:.';

/** Has the name end where SQLAlchemy's longest does. */
function cutName(statement: Statement, { start, end }: Span, name: string): Fix | undefined {
  if (!(statement instanceof LoweredStatement)) return undefined;
  const { text: sql, pieces } = statement.mapped;
  const whole = pieces.find(({ origin, exact }) => !exact && origin.start === start && origin.end === end);
  if (whole === undefined) return undefined;
  const cut = [...name].slice(0, LONGEST_NAME).join('');
  // The end that alembic would shorten may be all that wants quotes.
  const isQuoted = sql[whole.start - 1] === '"';
  const text = isQuoted ? cut.replaceAll('"', '""') : quoted(unmapped(cut)).text;
  return {
    title: `Cut the name to ${cut}`,
    grade: 'review',
    changes: [{ kind: 'replaceStatement', statement, span: { start: whole.start, end: whole.end }, text }],
  };
}

/** Has a colon in a literal begin no parameter; undefined in SQL itself, which has no use for it. */
function plainColon(statement: Statement, { start, end }: Span, name: string): Fix | undefined {
  if (!(statement instanceof LoweredStatement)) return undefined;
  const { text, pieces } = statement.mapped;
  const placeholder = pieces.find(({ origin }) => origin.start === start && origin.end === end);
  const isQuoted = (at: number) =>
    tokenize(text).some((token) => token.kind === 'string' && token.start < at && at < token.end);
  if (placeholder === undefined || !isQuoted(placeholder.start)) return undefined;
  const span = { start: placeholder.start, end: placeholder.end };
  return {
    title: 'Write \\: for a colon that begins no parameter',
    grade: 'review',
    changes: [{ kind: 'replaceStatement', statement, span, text: `:${name}` }],
  };
}
