import type { MigrationFile } from '../migrations/migration.ts';
import { reachable } from '../migrations/reachable.ts';
import {
  type Revision,
  type RevisionGraph,
  type RevisionNode,
  revisionGraph,
} from '../migrations/revisionGraph.ts';
import { revisionFile } from './revisionExample.ts';
import { areSeparateBranches, reparent, spanOf } from './revisions.ts';
import type { BaseBranch, Rule } from './rule.ts';
import { listed } from './wording.ts';

const here = [revisionFile('1975ea83b712'), revisionFile('27c6a30d7c24', ['1975ea83b712'])];
const onBase = ['1975ea83b712_step.py'];

export const alembicBranchBehindBase: Rule = {
  id: 'alembic-branch-behind-base',
  category: 'ordering',
  level: 'warning',
  since: '0.1.0',
  peers: ['django-linear-migrations'],
  summary: 'The base branch has got a revision after the same one meanwhile: the merge will have two heads.',
  why: 'Both branches are fine by themselves, and git merges them without a conflict. Only then `alembic upgrade head` refuses: “Multiple head revisions are present”, on the base branch, for everybody. Put the new revision after the head of the base branch before it is merged, and bring the base branch in.',
  bad: () => [
    {
      files: here,
      base: [...onBase, 'ae1027a6acf4_step.py'],
      incoming: [revisionFile('ae1027a6acf4', ['1975ea83b712'])],
      fixed: revisionFile('27c6a30d7c24', ['ae1027a6acf4']).text,
    },
    // Each first revision of a branch is told; this one has another after it.
    {
      files: [here[0], revisionFile('b3f1c09d2e55', ['27c6a30d7c24']), here[1]].flatMap((file) => file ?? []),
      base: [...onBase, 'ae1027a6acf4_step.py'],
      incoming: [revisionFile('ae1027a6acf4', ['1975ea83b712'])],
    },
  ],
  good: () => [
    { files: here, base: onBase },
    // It comes after what the base branch has got.
    {
      files: [here[0], revisionFile('27c6a30d7c24', ['ae1027a6acf4'])].flatMap((file) => file ?? []),
      base: [...onBase, 'ae1027a6acf4_step.py'],
      incoming: [revisionFile('ae1027a6acf4', ['1975ea83b712'])],
    },
    // Not the first of its branch: that one is told.
    {
      files: [...here, revisionFile('b3f1c09d2e55', ['27c6a30d7c24'])],
      base: [...onBase, 'ae1027a6acf4_step.py'],
      incoming: [revisionFile('ae1027a6acf4', ['1975ea83b712'])],
    },
    // Branches that are meant to stay apart.
    {
      files: [
        revisionFile('1975ea83b712', [], { branchLabel: 'shop' }),
        revisionFile('27c6a30d7c24', ['1975ea83b712']),
      ],
      base: [...onBase, 'ae1027a6acf4_step.py'],
      incoming: [revisionFile('ae1027a6acf4', [], { branchLabel: 'billing' })],
    },
  ],

  *checkFileInHistory(file, history) {
    const { base, complete, files, graph } = history;
    if (!complete || base === undefined || base.has(file.path)) return;
    if (graph === undefined || file.revision === undefined) return;
    const incoming = incomingTo(files, base);
    if (incoming.length === 0) return;
    const merged = mergedGraph(graph, incoming, base);
    const node = merged.nodes.get(file.revision.id);
    const isFirst = node?.parents.every(({ id }) => !isNew(id, files, base));
    if (node === undefined || isFirst !== true || merged.problems.length > 0) return;
    const after = reachable([node], ({ children }) => children);
    const theirs = merged.heads.filter(
      (head) => !after.has(head) && incoming.some(({ id }) => id === head.id),
    );
    if (theirs.length === 0 || areSeparateBranches(merged.heads)) return;
    const ids = listed(theirs.map(({ id }) => id));
    yield {
      span: spanOf(file, 'downRevisions'),
      message: `The base branch has gone on to ${ids} meanwhile: with this revision it will have several heads.`,
      why: `git will merge both without a conflict, and then \`alembic upgrade head\` refuses. Put this revision after ${ids}, and bring the base branch in.`,
      fixes: () => afterTheirs(node, theirs),
    };
  },
};

const mergedGraphs = new WeakMap<
  RevisionGraph,
  { readonly base: BaseBranch; readonly merged: RevisionGraph }
>();

/** The graph as it will be, made once for a graph and a base branch. */
function mergedGraph(graph: RevisionGraph, incoming: readonly Revision[], base: BaseBranch): RevisionGraph {
  const known = mergedGraphs.get(graph);
  if (known?.base === base) return known.merged;
  const merged = revisionGraph([...graph.nodes.values(), ...incoming]);
  mergedGraphs.set(graph, { base, merged });
  return merged;
}

/** What the base branch has got that is not here yet. */
function incomingTo(files: readonly MigrationFile[], base: BaseBranch): readonly Revision[] {
  const paths = new Set(files.map(({ path }) => path));
  return base.files.flatMap(({ path, incoming, revision }) =>
    incoming && revision !== undefined && !paths.has(path) ? [revision] : [],
  );
}

/** Whether a revision is this branch's own. */
function isNew(id: string, files: readonly MigrationFile[], base: BaseBranch): boolean {
  return files.some(({ path, revision }) => revision?.id === id && !base.has(path));
}

function afterTheirs(node: RevisionNode, [head, ...more]: readonly RevisionNode[]) {
  const plain = head !== undefined && more.length === 0 && node.parents.length <= 1;
  return plain ? [reparent(`Put it after ${head.id}`, [head.id])] : [];
}
