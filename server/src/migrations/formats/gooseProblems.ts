import type { Span } from '../../sql/span.ts';
import type { Statement } from '../../sql/statement.ts';
import type { Fix } from '../change.ts';
import type { FileProblem } from '../migration.ts';
import { lineEnd } from '../textLines.ts';
import { annotationText } from './gooseIntention.ts';
import { cutStatements, type GooseLines, type ReadRegion, statementsIn } from './gooseLayout.ts';
import type { GooseError } from './gooseLines.ts';
import {
  type GooseText,
  removeEmptyBlock,
  repairError,
  repairUnfinished,
  stopSubstitution,
  wrapInBlock,
} from './gooseRepairs.ts';

/** More would help nobody, and each costs its repair. */
const maxProblems = 100;

/** What is wrong with a goose file, each at its place. Repairs are worked out when first asked for. */
export function gooseProblems(text: string, file: GooseLines, regions: readonly ReadRegion[]): FileProblem[] {
  const statements = statementsIn(regions);
  const source = { text, file, statements };
  const problems = [
    ...file.errors
      .filter(({ span }, i) => span.start !== file.errors[i - 1]?.span.start)
      .slice(0, maxProblems)
      .map((error) => errorProblem(source, error)),
    ...swallowedLines(source),
    ...regions.flatMap((region) => regionProblems(source, region)),
    ...regions.flatMap((region) => psqlOnly(source, region)),
    ...substitutedQuotes(source),
  ];
  return problems.sort((a, b) => a.span.start - b.span.start);
}

/** A problem whose repair is worked out once, when it is asked for. */
function problem(known: Omit<FileProblem, 'repair'>, repair: () => Fix | undefined): FileProblem {
  let worked: { readonly fix: Fix | undefined } | undefined;
  return {
    ...known,
    get repair() {
      worked ??= { fix: repair() };
      return worked.fix;
    },
  };
}

const down = annotationText('Down');
const up = annotationText('Up');
const begin = annotationText('StatementBegin');
const end = annotationText('StatementEnd');

/** What follows from an error and what to do. */
const advice: Readonly<Record<GooseError['fault'], string>> = {
  annotation: `goose reads every comment line that holds "+goose" as an annotation, which must start its line and say no more than Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, ENVSUB ON or ENVSUB OFF. It refuses the whole file.`,
  duplicateUp: `A file has one "${up}". goose refuses the whole file: remove this line, or write "${down}" if the undoing begins here.`,
  misplacedDown: `"${down}" stands once, after "${up}", outside a block. goose refuses the whole file.`,
  misplacedBegin: `A block begins inside a section and outside another block: the one before needs its "${end}". goose refuses the whole file.`,
  misplacedEnd: `No block is open here: "${begin}" is missing above, or this line is too much. goose refuses the whole file.`,
  outsideSection: `Before "${up}" goose takes only comment lines that start with "--" and empty lines. It refuses the whole file: put "${up}" above this line.`,
  noUp: `goose refuses a file that never says "${up}".`,
  noEnd: `The block that begins here runs to the end of the file. goose refuses the file: add "${end}" after the statement.`,
  unfinished: `goose ends a statement only at a ";" that ends a line, before nothing but a comment of its own word ("; -- note"). It refuses to run this direction.`,
  substitution: `Between ENVSUB ON and OFF every "$" starts a variable; write "\\$" for the sign itself. goose refuses the whole file.`,
  tooLong: 'goose reads lines shorter than 4 MiB. It refuses the whole file: break the line.',
};

const ignoredAdvice =
  'goose runs this file as if the line were not there. An annotation is written in lower case, "+" joined to the word: "-- +goose Up".';

function errorProblem(source: GooseText, error: GooseError): FileProblem {
  const line = source.text.slice(error.span.start, lineEnd(source.text, error.span.start));
  const ignored = error.fault === 'annotation' && !line.includes('+goose');
  return problem(
    {
      rule: error.fault === 'unfinished' ? 'goose-unterminated' : 'goose-annotation',
      message: abbreviated(error.message),
      why: ignored ? ignoredAdvice : advice[error.fault],
      span:
        error.fault === 'unfinished' ? unfinishedSpan(source, error.span) : visible(source.text, error.span),
    },
    () => repairError(source, error),
  );
}

/** goose's words without the address it adds, and without a page of quoted SQL. */
function abbreviated(message: string): string {
  const words = message
    .replace(/, see https:\S+$/, '')
    .replace(/^(variable substitution failed: .*):\n.*$/s, '$1')
    .replace(/(SQL query: ".{80}).*(": missing semicolon\?)$/s, '$1…$2');
  return words.length <= 300 ? words : `${words.slice(0, 300)}…`;
}

/** The line that holds the span's start, without the blanks around it; the file's first line for an empty span. */
function visible(text: string, span: Span): Span {
  const start = span.start === span.end ? 0 : span.start;
  const line = text.slice(start, lineEnd(text, start));
  const first = start + line.length - line.trimStart().length;
  return { start: first, end: Math.max(first, start + line.trimEnd().length) };
}

/** The last word of the statement that lacks its semicolon. */
function unfinishedSpan(source: GooseText, span: Span): Span {
  const statement = source.statements.findLast((s) => s.span.start < span.end && s.span.end > span.start);
  return statement === undefined ? span : lastToken(statement);
}

function lastToken(statement: Statement): Span {
  const { parsed, span } = statement;
  const token = parsed.notAnalysed === 'too-large' ? undefined : parsed.tokens.at(-1);
  return token === undefined ? span : tokensSpan(statement, token, token);
}

function tokensSpan(statement: Statement, first: Span, last: Span): Span {
  return { start: statement.toDocument(first.start), end: statement.toDocument(last.end) };
}

function swallowedLines(source: GooseText): FileProblem[] {
  const { up, down } = source.file.runs;
  return [...up.swallowed, ...down.swallowed].map((line) =>
    problem(
      {
        rule: 'goose-annotation',
        message: 'goose drops this line: the empty block above swallows it.',
        why: `A block without a statement makes goose skip the line after its "${end}", without a word.`,
        span: visible(source.text, line),
      },
      () => removeEmptyBlock(source, line),
    ),
  );
}

function regionProblems(source: GooseText, region: ReadRegion): FileProblem[] {
  if (region.block !== undefined) return severalInBlock(region);
  const run = source.file.runs[region.direction];
  const problems = cutStatements(run, region.statements)
    .filter((statement) => statement.error === undefined && !endIsStray(source, statement))
    .map((statement) => cutStatement(source, statement));
  return [...problems, ...joinedWithBlock(source, region)];
}

/** A StatementEnd without its StatementBegin follows: that error says what to do. */
function endIsStray({ text, file }: GooseText, { terminatedEnd }: Statement): boolean {
  const stray = file.errors.find(
    ({ fault, span }) => fault === 'misplacedEnd' && span.start >= terminatedEnd,
  );
  return stray !== undefined && text.slice(terminatedEnd, stray.span.start).trim() === '';
}

function cutStatement(source: GooseText, statement: Statement): FileProblem {
  return problem(
    {
      rule: 'goose-statement-block',
      message: `goose cuts this ${kindInWords(statement)} statement at the first ";" that ends a line.`,
      why: `goose knows no quotes and no dollar quotes: outside a block every ";" at a line's end ends a statement, and PostgreSQL gets broken pieces. Put the statement between "${begin}" and "${end}".`,
      span: firstWords(statement),
    },
    () => wrapInBlock(source, statement),
  );
}

/** "CREATE FUNCTION", "DO" */
function kindInWords({ parsed }: Statement): string {
  const words = parsed.tokens.slice(0, 4).filter(({ kind, value }) => {
    return kind === 'word' && value !== 'or' && value !== 'replace';
  });
  const [first, second] = words.map(({ value }) => value.toUpperCase());
  return /^(CREATE|ALTER)$/.test(first ?? '') && second !== undefined ? `${first} ${second}` : (first ?? '');
}

/** The words that begin a statement, at most two. */
function firstWords(statement: Statement): Span {
  const [first, second] = statement.parsed.tokens;
  if (first === undefined) return statement.span;
  return tokensSpan(statement, first, second?.kind === 'word' ? second : first);
}

/** goose sends it to the server, which knows no backslash outside quotes. */
function psqlOnly({ text }: GooseText, { asides }: ReadRegion): FileProblem[] {
  return asides.map(({ kind, span }) => ({
    rule: 'psql-meta-command',
    message:
      kind === 'psqlCommand'
        ? `Only psql knows ${/^\\\S*/.exec(text.slice(span.start, span.end))?.[0] ?? 'this command'}: goose sends the line to the server as SQL.`
        : 'Only psql reads the data of COPY … FROM STDIN: goose sends the lines to the server as SQL.',
    why:
      kind === 'psqlCommand'
        ? 'PostgreSQL rejects it as a syntax error, together with the statement that follows. Write in SQL what it stands for.'
        : 'PostgreSQL rejects them as a syntax error. Write the rows as INSERT … VALUES.',
    span,
  }));
}

function severalInBlock(region: ReadRegion): FileProblem[] {
  const second = region.statements[1];
  if (second === undefined) return [];
  return [
    {
      rule: 'goose-statement-block',
      message: `This block holds ${region.statements.length} statements, which goose sends as one query.`,
      why: 'PostgreSQL runs them as one implicit transaction, also in a file that says NO TRANSACTION. Give each statement a block of its own, or none.',
      span: firstWords(second),
      severity: 'information',
    },
  ];
}

/** A statement without semicolon before StatementBegin: goose takes it into the block. */
function joinedWithBlock(source: GooseText, region: ReadRegion): FileProblem[] {
  const last = region.statements.at(-1);
  if (last === undefined || last.terminatedEnd > last.span.end) return [];
  const run = source.file.runs[region.direction];
  const joined = run.statements.find(({ span }) => span.start < last.span.end && span.end > region.span.end);
  if (joined === undefined) return [];
  return [
    problem(
      {
        rule: 'goose-unterminated',
        message: 'goose sends this statement together with the block below: it has no semicolon.',
        why: 'What is not ended before StatementBegin goes into the block, so PostgreSQL gets both as one broken statement.',
        span: lastToken(last),
      },
      () => repairUnfinished(source, { start: joined.span.start, end: last.span.end }),
    ),
  ];
}

/** Dollar quotes where variables are substituted: `$$` becomes `$`. */
function substitutedQuotes(source: GooseText): FileProblem[] {
  const stretches = substitutedStretches(source.file);
  if (stretches.length === 0) return [];
  return source.statements.flatMap((statement) => {
    const { span, parsed } = statement;
    if (statement.error !== undefined) return [];
    if (!stretches.some(({ start, end }) => start <= span.start && span.start < end)) return [];
    const quote = parsed.tokens.find(({ kind, value }) => kind === 'string' && value.startsWith('$$'));
    if (quote === undefined) return [];
    const start = statement.toDocument(quote.start);
    return [
      problem(
        {
          rule: 'goose-annotation',
          message: 'ENVSUB turns "$$" into "$", so PostgreSQL gets no dollar quote.',
          why: 'Between ENVSUB ON and OFF goose reads "$$" as one dollar sign. Switch it off for this statement.',
          span: { start, end: start + 2 },
        },
        () => (parsed.text.includes('${') ? undefined : stopSubstitution(source, statement)),
      ),
    ];
  });
}

function substitutedStretches(file: GooseLines): Span[] {
  const stretches: { start: number; end: number }[] = [];
  let open: { start: number; end: number } | undefined;
  for (const line of file.comments) {
    const command = line.annotation?.command;
    if (command === 'ENVSUB ON' && open === undefined) {
      open = { start: line.next, end: Number.POSITIVE_INFINITY };
      stretches.push(open);
    } else if (command === 'ENVSUB OFF' && open !== undefined) {
      open.end = line.start;
      open = undefined;
    }
  }
  return stretches;
}
