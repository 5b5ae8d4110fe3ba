import { tokenize } from '../../server/src/sql/lexer.ts';
import { readStatements } from '../../server/src/sql/reader.ts';

/** A number in [0, below). */
export type Random = (below: number) => number;

/** Random numbers that a seed decides (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What a slip of the hand makes of a statement and its semicolon; undefined where it cannot happen. */
type Slip = (statement: string, terminator: string, random: Random) => string | undefined;

export const SLIPS: Readonly<Record<string, Slip>> = {
  'keyword typo': (statement, terminator) =>
    statement.replace(/^\w+/, (word) => `${word.slice(0, -1)}zz`) + terminator,
  'missing )': (statement, terminator) =>
    statement.includes(')') ? statement.replace(/\)(?![\s\S]*\))/, '') + terminator : undefined,
  'extra (': (statement, terminator) =>
    statement.includes('(') ? statement.replace('(', '((') + terminator : undefined,
  "stray '": (statement, terminator, random) => insert(statement, "'", random) + terminator,
  'stray "': (statement, terminator, random) => insert(statement, '"', random) + terminator,
  'stray $$': (statement, terminator, random) => insert(statement, '$$', random) + terminator,
  'open /*': (statement, terminator, random) => insert(statement, '/*', random) + terminator,
  'missing ;': (statement, terminator) => (terminator === '' ? undefined : statement),
  'cut in half': (statement) => statement.slice(0, Math.floor(statement.length / 2)),
};

/** Before some token of the statement that stands outside its quotes, but the first. */
function insert(statement: string, mark: string, random: Random): string {
  const places = tokenize(statement).slice(1);
  const at = places[random(Math.max(places.length, 1))]?.start ?? statement.length;
  return `${statement.slice(0, at)}${mark} ${statement.slice(at)}`;
}

export interface Outcome {
  /** Statements of the file but the damaged one. */
  readonly others: number;
  /** … that are seen as they were. */
  readonly intact: number;
  /** Statements that parse and were never written, the damaged one aside. */
  readonly invented: number;
  /** Statements reported as broken. */
  readonly broken: number;
  readonly text: string;
}

/** Damages the statement number `victim` of `text` and reads it; undefined where the slip does not apply. */
export function damage(text: string, victim: number, slip: Slip, random: Random): Outcome | undefined {
  const before = readStatements(text).statements;
  const target = before[victim];
  if (target === undefined) return undefined;
  const { span, terminatedEnd } = target;
  const damaged = slip(text.slice(span.start, span.end), text.slice(span.end, terminatedEnd), random);
  if (damaged === undefined || damaged === text.slice(span.start, terminatedEnd)) return undefined;
  const after = text.slice(0, span.start) + damaged + text.slice(terminatedEnd);
  const left = new Map<string, number>();
  for (const other of before)
    if (other !== target) left.set(other.parsed.text, (left.get(other.parsed.text) ?? 0) + 1);
  const outcome = { others: before.length - 1, intact: 0, invented: 0, broken: 0, text: after };
  for (const statement of readStatements(after).statements) {
    const count = left.get(statement.parsed.text) ?? 0;
    if (statement.error !== undefined) outcome.broken++;
    if (count > 0 && statement.parsed.error === undefined) {
      left.set(statement.parsed.text, count - 1);
      outcome.intact++;
    } else if (statement.error === undefined && statement.span.start !== span.start) outcome.invented++;
  }
  return outcome;
}
