import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Constant,
  implies,
  negated,
  type Operator,
  type Predicate,
} from '../../server/src/effects/predicate.ts';
import { seed } from '../randomSeed.ts';

/* Implication is held against all rows there can be: two columns that are NULL or a small number. */

const VALUES: readonly (number | null)[] = [null, 0, 1, 2, 3, 4];
const ROWS = VALUES.flatMap((a) => VALUES.map((b) => ({ a, b })));

type Row = { readonly a: number | null; readonly b: number | null };

/** SQL's answer: true, false, or NULL. */
function evaluate(predicate: Predicate, row: Row): boolean | null {
  switch (predicate.kind) {
    case 'and': {
      const parts = predicate.parts.map((part) => evaluate(part, row));
      return parts.includes(false) ? false : parts.includes(null) ? null : true;
    }
    case 'or': {
      const parts = predicate.parts.map((part) => evaluate(part, row));
      return parts.includes(true) ? true : parts.includes(null) ? null : false;
    }
    case 'null':
      return row[predicate.column as keyof Row] === null;
    case 'notNull':
      return row[predicate.column as keyof Row] !== null;
    case 'compare': {
      const value = row[predicate.column as keyof Row];
      return value === null ? null : holds(value, predicate.operator, predicate.value as number);
    }
    case 'other':
      return null;
  }
}

function holds(value: number, operator: Operator, constant: number): boolean {
  const order = Math.sign(value - constant);
  return {
    '<': order < 0,
    '<=': order <= 0,
    '=': order === 0,
    '>=': order >= 0,
    '>': order > 0,
    '<>': order !== 0,
  }[operator];
}

const column = fc.constantFrom('a', 'b');
const atom: fc.Arbitrary<Predicate> = fc.oneof(
  fc.record({
    kind: fc.constant('compare' as const),
    column,
    operator: fc.constantFrom<Operator>('<', '<=', '=', '>=', '>', '<>'),
    value: fc.integer({ min: 0, max: 4 }) as fc.Arbitrary<Constant>,
  }),
  fc.record({ kind: fc.constantFrom('null' as const, 'notNull' as const), column }),
);
const predicates = fc.letrec<{ any: Predicate }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).any;

describe('implication', () => {
  it('is never claimed where a row passes the clauses and fails the predicate', () => {
    let claimed = 0;
    fc.assert(
      fc.property(fc.array(predicates, { minLength: 1, maxLength: 2 }), predicates, (clauses, predicate) => {
        if (!implies(clauses, predicate)) return;
        claimed++;
        for (const row of ROWS) {
          if (clauses.every((clause) => evaluate(clause, row) !== false)) {
            expect({ row, passes: evaluate(predicate, row) }).not.toEqual({ row, passes: false });
          }
        }
      }),
      { seed: seed(), numRuns: 3000 },
    );
    expect(claimed).toBeGreaterThan(50);
  });

  it('holds of every predicate and itself', () => {
    fc.assert(
      fc.property(predicates, (predicate) => implies([predicate], predicate)),
      { seed: seed() },
    );
  });

  it('NOT gives the opposite answer for every row', () => {
    fc.assert(
      fc.property(predicates, (predicate) => {
        for (const row of ROWS) {
          const answer = evaluate(predicate, row);
          expect(evaluate(negated(predicate), row)).toBe(answer === null ? null : !answer);
        }
      }),
      { seed: seed() },
    );
  });
});
