import type { Fix } from '../migrations/change.ts';

/** What can be done about a finding: a fix, one that wants an answer first, or nothing, and why. */
export type Offer = Fix | Question | Refusal;

/** A fix for which a person has to say what a column of old rows is to hold. */
export interface Question {
  readonly title: string;
  /** Key of the table in the catalog, and the column. */
  readonly asks: { readonly table: string; readonly column: string };
  /** What is to be said where nobody has answered, one sentence. */
  readonly without: string;
  /** What comes of an answer: a SQL expression over the row's own columns. */
  answered(expression: string): readonly Fix[];
}

/** A rewrite that is not possible here. */
export interface Refusal {
  /** One sentence. */
  readonly refused: string;
}

/** Where later migrations have changed what is made here. */
export function changedLater(what: string): Refusal {
  return {
    refused: `later migrations change ${what}, and what is split off would come after those: this one has to stay as it is`,
  };
}
