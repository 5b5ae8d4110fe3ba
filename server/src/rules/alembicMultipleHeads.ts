import type { Fix } from '../migrations/change.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import { reachable } from '../migrations/reachable.ts';
import type { RevisionNode } from '../migrations/revisionGraph.ts';
import { revisionFile } from './revisionExample.ts';
import { areSeparateBranches, nodeOf, reparent, spanOf } from './revisions.ts';
import type { HistoryView, Rule } from './rule.ts';
import { listed } from './wording.ts';

const fork = [
  revisionFile('1975ea83b712'),
  revisionFile('27c6a30d7c24', ['1975ea83b712']),
  revisionFile('ae1027a6acf4', ['1975ea83b712']),
];

export const alembicMultipleHeads: Rule = {
  id: 'alembic-multiple-heads',
  category: 'ordering',
  level: 'error',
  since: '0.1.0',
  peers: ['alembic heads', 'django-linear-migrations'],
  summary: 'Two revisions come last, so that `alembic upgrade head` does not know where to go.',
  why: "Two branches of the code each added a revision after the same one. alembic refuses: “Multiple head revisions are present for given argument 'head'”. Put one after the other, or write a revision that merges them (`alembic merge heads`). Branches that are meant to stay apart have a label each (`branch_labels`), and are upgraded with `alembic upgrade heads`: of them nothing is said.",
  bad: () => [
    {
      files: fork,
      created: [
        `"""merge 27c6a30d7c24 and ae1027a6acf4

Revision ID: af3959b566db
Revises: 27c6a30d7c24, ae1027a6acf4
Create Date: 2026-01-02 03:04:05
"""
revision = "af3959b566db"
down_revision = ("27c6a30d7c24", "ae1027a6acf4")
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
`,
      ],
    },
    // The first revision of another base.
    { files: [revisionFile('1975ea83b712'), revisionFile('27c6a30d7c24')] },
    // A head that another depends on is one all the same.
    {
      files: [revisionFile('1975ea83b712'), revisionFile('27c6a30d7c24', [], { dependsOn: '1975ea83b712' })],
    },
    // Both are on the one branch that has a name.
    {
      files: [
        revisionFile('1975ea83b712', [], { branchLabel: 'shop' }),
        revisionFile('27c6a30d7c24', ['1975ea83b712']),
        revisionFile('ae1027a6acf4', ['1975ea83b712']),
      ],
    },
  ],
  good: () => [
    { files: [...fork, revisionFile('b3f1c09d2e55', ['27c6a30d7c24', 'ae1027a6acf4'])] },
    {
      files: [
        revisionFile('1975ea83b712', [], { branchLabel: 'shop' }),
        revisionFile('27c6a30d7c24', [], { branchLabel: 'billing' }),
      ],
    },
    // Not a head itself.
    { files: [...fork].reverse() },
    // What it comes after cannot be read.
    { files: [{ name: 'a.py', text: 'revision = "a"\ndown_revision = last()\n' }, revisionFile('b')] },
  ],

  *checkFileInHistory(file, history) {
    const { wholeGraph: graph } = history;
    const node = graph && nodeOf(file, graph);
    if (graph === undefined || node === undefined || !graph.heads.includes(node)) return;
    // Of an unsound graph alembic says something else.
    if (graph.problems.length > 0) return;
    const others = graph.heads.filter((head) => head !== node);
    if (others.length === 0 || areSeparateBranches(graph.heads)) return;
    const ids = others.map(({ id }) => id);
    yield {
      span: spanOf(file, 'id'),
      message: `Multiple head revisions are present: beside ${node.id} also ${listed(ids)}.`,
      why: "`alembic upgrade head` refuses to choose: “Multiple head revisions are present for given argument 'head'; please specify a specific target revision, '<branchname>@head' to narrow to a specific head, or 'heads' for all heads”. Put one after the other, or merge them.",
      related: history.files
        .filter(({ revision }) => revision !== undefined && ids.includes(revision.id))
        .map((other) => ({
          path: other.path,
          span: spanOf(other, 'id'),
          message: `${other.revision?.id} is a head too`,
        })),
      fixes: () => [mergeOf([node, ...others]), ...afterOther(file, node, others, history)],
    };
  },
};

function mergeOf(heads: readonly RevisionNode[]): Fix {
  const parents = heads.map(({ id }) => id).sort();
  return {
    title: `Write a revision that merges ${listed(parents)}`,
    grade: 'review',
    changes: [
      {
        kind: 'newMigration',
        migration: { name: `merge_${parents.join('_and_')}`, transactional: true, up: [], down: [], parents },
      },
    ],
  };
}

/** Of two heads the newer one can come after the other, where it is alone on its side of the fork. */
function afterOther(
  { path }: MigrationFile,
  node: RevisionNode,
  others: readonly RevisionNode[],
  { base }: HistoryView,
): readonly Fix[] {
  const [other, ...more] = others;
  if (other === undefined || more.length > 0 || base?.has(path) || node.parents.length > 1) return [];
  const before = reachable([other], ({ parents }) => parents);
  const alone = node.parents.every((parent) => before.has(parent));
  return alone ? [reparent(`Put it after ${other.id}`, [other.id])] : [];
}
