import type { Step } from '../replay/step.ts';
import type { ReplayedScript } from './rule.ts';

/**
 * The steps of a script in the transactions that they run in, in order: from BEGIN to COMMIT, the tool's own, several
 * statements in one query string, or one statement alone with all that runs inside it. A COMMIT inside DO ends one too.
 */
export function transactionsOf(whole: ReplayedScript): readonly (readonly Step[])[] {
  let found = known.get(whole);
  if (found === undefined) {
    found = cutIntoTransactions(whole);
    known.set(whole, found);
  }
  return found;
}

const known = new WeakMap<ReplayedScript, readonly (readonly Step[])[]>();

/** A transaction of which only some steps matter. */
export interface PartOfTransaction {
  /** The first of all its steps. */
  readonly first: Step;
  /** Those that matter, in order; at least one. */
  readonly steps: readonly Step[];
}

/** The transactions that these steps of a script run in. */
export function transactionsAmong(
  script: ReplayedScript,
  concerning: readonly Step[],
): readonly PartOfTransaction[] {
  const wanted = new Set(concerning);
  return transactionsOf(script).flatMap((transaction) => {
    const steps = transaction.filter((step) => wanted.has(step));
    const [first] = transaction;
    return first === undefined || steps.length === 0 ? [] : [{ first, steps }];
  });
}

function cutIntoTransactions({ script, steps }: ReplayedScript): readonly (readonly Step[])[] {
  const groups = withInner(steps);
  const transactions: Step[][] = [];
  const start = (): Step[] => {
    const begun: Step[] = [];
    transactions.push(begun);
    return begun;
  };
  let next = 0;
  let block: Step[] | undefined;
  for (const unit of script.units) {
    for (const query of unit.queries) {
      let implicit: Step[] | undefined;
      for (const { parsed } of query.statements) {
        const group = groups[next];
        // What could not be read has no step.
        if (group?.[0]?.statement !== parsed) continue;
        next++;
        if (group[0].session.transaction !== 'none') {
          block ??= start();
          block.push(...group);
          continue;
        }
        block = undefined;
        if (query.statements.length > 1) {
          implicit ??= start();
          implicit.push(...group);
        } else for (const part of cutAtCommit(group)) start().push(...part);
      }
    }
  }
  return transactions;
}

/** Each statement of the document with those inside it. */
function withInner(steps: readonly Step[]): readonly (readonly Step[])[] {
  const groups: Step[][] = [];
  for (const step of steps) {
    if (step.nested) groups.at(-1)?.push(step);
    else groups.push([step]);
  }
  return groups;
}

function cutAtCommit(group: readonly Step[]): readonly (readonly Step[])[] {
  const parts: Step[][] = [[]];
  for (const step of group) {
    parts.at(-1)?.push(step);
    if (step.nested && 'TransactionStmt' in step.node) parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}
