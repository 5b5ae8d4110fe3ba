import type { Fix } from '../migrations/change.ts';
import type { MigrationFile, RevisionSpans } from '../migrations/migration.ts';
import type { RevisionGraph, RevisionNode } from '../migrations/revisionGraph.ts';
import type { Span } from '../sql/span.ts';

/** The file's revision in the graph; undefined where it is not the one that its id stands for. */
export function nodeOf({ revision }: MigrationFile, graph: RevisionGraph): RevisionNode | undefined {
  return revision && graph.nodes.get(revision.id);
}

/** Where a file says something of its revision; its id, or its first line, where it does not say it. */
export function spanOf({ text, revisionSpans }: MigrationFile, what: keyof RevisionSpans): Span {
  return revisionSpans?.[what] ?? revisionSpans?.id ?? { start: 0, end: text.search(/\r?\n|$/) };
}

/** Whether each of several heads is on a branch that has a name and none of the others: they are meant to stay apart. */
export function areSeparateBranches(heads: readonly RevisionNode[]): boolean {
  return heads.every(({ labels }, i) =>
    [...labels].some((label) => heads.every((other, j) => i === j || !other.labels.has(label))),
  );
}

/** Has the file's revision come after others. */
export function reparent(title: string, parents: readonly string[]): Fix {
  return { title, grade: 'review', changes: [{ kind: 'setParents', parents }] };
}
