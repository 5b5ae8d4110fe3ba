import type { Direction, Script, UnitMode } from '../migrations/migration.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import type { Placement } from './step.ts';

/** The statements of a script in the order in which they are sent, and how each is sent, as a number: see `sendingOf`. */
export interface Sent {
  readonly parsed: readonly ParsedStatement[];
  readonly how: readonly number[];
}

/** How a statement is sent. */
export interface Sending {
  readonly placement: Placement;
  readonly conditional: boolean;
  readonly repeated: boolean;
  readonly namesOpen: boolean;
}

/** What is asked of every statement after each edit is kept in two lists: it is compared without a look at them. */
export function sentBy(script: Script): Sent {
  const parsed: ParsedStatement[] = [];
  const how: number[] = [];
  let ends = 0;
  for (const { mode, queries } of script.units) {
    let begins = BEGINS;
    for (const { statements } of queries) {
      const query = MODES.indexOf(mode) * FIRST_MODE + (statements.length > 1 ? IN_COMPANY : 0);
      for (const { parsed: each, conditional, repeated, namesOpen } of statements) {
        parsed.push(each);
        how.push(
          query +
            ends +
            begins +
            (conditional === true ? CONDITIONAL : 0) +
            (repeated === true ? REPEATED : 0) +
            (namesOpen === true ? NAMES_OPEN : 0),
        );
        ends = 0;
        begins = 0;
      }
    }
    // Nothing is sent in it, but it ends a transaction.
    if (begins > 0 && mode !== 'transaction') ends = ENDS;
  }
  return { parsed, how };
}

const NAMES_OPEN = 1;
const CONDITIONAL = 2;
const IN_COMPANY = 4;
const REPEATED = 8;
const BEGINS = 16;
const ENDS = 32;
const FIRST_MODE = 64;
const MODES: readonly UnitMode[] = ['transaction', 'oneQueryString', 'autocommit'];

/** What the number of a statement says. */
export function sendingOf(how: number, direction: Direction): Sending {
  const mode = MODES[Math.floor(how / FIRST_MODE)] ?? 'transaction';
  return {
    placement: { direction, mode, inCompany: (how & IN_COMPANY) > 0 },
    conditional: (how & CONDITIONAL) > 0,
    repeated: (how & REPEATED) > 0,
    namesOpen: (how & NAMES_OPEN) > 0,
  };
}

/** The units that have begun since the statement before: of each, whether the tool wraps it in a transaction. */
export function unitsBegun(parsed: ParsedStatement, how: number): readonly boolean[] {
  if ((how & (BEGINS | ENDS)) === 0) return NONE;
  const own = (how & BEGINS) > 0 ? [isWrapped(MODES[Math.floor(how / FIRST_MODE)], parsed)] : [];
  return (how & ENDS) > 0 ? [false, ...own] : own;
}

const NONE: readonly boolean[] = [];

/** A plain file's own BEGIN opens the transaction itself. */
function isWrapped(mode: UnitMode | undefined, { node }: ParsedStatement): boolean {
  return mode === 'transaction' && !(node !== undefined && 'TransactionStmt' in node);
}
