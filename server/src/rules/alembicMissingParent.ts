import type { Fix } from '../migrations/change.ts';
import { reachable } from '../migrations/reachable.ts';
import type { RevisionGraph, RevisionNode } from '../migrations/revisionGraph.ts';
import { revisionFile } from './revisionExample.ts';
import { nodeOf, reparent, spanOf } from './revisions.ts';
import type { Rule } from './rule.ts';

export const alembicMissingParent: Rule = {
  id: 'alembic-missing-parent',
  category: 'ordering',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'A revision comes after, or depends on, one that is not there.',
  why: "A file was deleted, renamed to another id, or not committed. alembic cannot build its graph without it: every command stops with a KeyError. A database in which the missing revision has been applied refuses too: “Can't locate revision identified by …”. Bring the file back, or name the revision that comes before.",
  bad: () => [
    {
      files: [revisionFile('1975ea83b712'), revisionFile('27c6a30d7c24', ['ae1027a6acf4'])],
      fixed: revisionFile('27c6a30d7c24', ['1975ea83b712']).text,
    },
    {
      files: [revisionFile('27c6a30d7c24', ['ae1027a6acf4'])],
      fixed: revisionFile('27c6a30d7c24').text,
    },
    {
      files: [revisionFile('1975ea83b712'), revisionFile('27c6a30d7c24', ['1975ea83b712', 'ae1027a6acf4'])],
      fixed: revisionFile('27c6a30d7c24', ['1975ea83b712']).text,
    },
    {
      files: [revisionFile('27c6a30d7c24', [], { dependsOn: 'ae1027a6acf4' })],
      fixed: revisionFile('27c6a30d7c24', [], { dependsOn: 'x' }).text.replace('"x"', 'None'),
    },
    // A label names no parent.
    {
      files: [
        revisionFile('1975ea83b712', [], { branchLabel: 'shop' }),
        revisionFile('27c6a30d7c24', ['shop']),
      ],
    },
  ],
  good: () => [
    { files: [revisionFile('1975ea83b712'), revisionFile('27c6a30d7c24', ['1975ea83b712'])] },
    {
      files: [
        revisionFile('1975ea83b712', [], { branchLabel: 'shop' }),
        revisionFile('27c6a30d7c24', ['1975ea83b712'], { dependsOn: 'shop' }),
      ],
    },
    // It may be the one that cannot be read.
    {
      files: [
        { name: 'a.py', text: 'revision = new_id()\ndown_revision = None\n' },
        revisionFile('b', ['a']),
      ],
    },
  ],

  *checkFileInHistory(file, history) {
    const { wholeGraph: graph } = history;
    const node = graph && nodeOf(file, graph);
    if (graph === undefined || node === undefined) return;
    for (const { kind, revisions, names, message } of graph.problems) {
      if (kind !== 'missing' || !revisions.includes(node.id)) continue;
      const onBase = history.base?.files.some(({ revision }) => revision && names.includes(revision.id));
      const asParent = names.some((name) => node.downRevisions.includes(name));
      yield {
        span: spanOf(file, asParent ? 'downRevisions' : 'dependsOn'),
        message: onBase === true ? `${message} yet: it is on the base branch.` : `${message}.`,
        ...(onBase === true ? { severity: 'information' } : {}),
        why: `alembic builds no graph without it: every command stops with KeyError: '${names.join()}'. Bring the file back, or name the revision that this one really comes after.`,
        fixes: () => {
          if (onBase === true) return [];
          return asParent ? otherParents(node, graph) : withoutDependencies(node, names);
        },
      };
    }
  },
};

function withoutDependencies({ dependsOn }: RevisionNode, missing: readonly string[]): readonly Fix[] {
  const dependencies = dependsOn.filter((each) => !missing.includes(each));
  return [
    {
      title: 'Leave out what is missing',
      grade: 'review',
      changes: [{ kind: 'setDependencies', dependencies }],
    },
  ];
}

/** The parents that there are; else the last revision of the others, if there is one, or none if there are none. */
function otherParents(node: RevisionNode, graph: RevisionGraph): readonly Fix[] {
  if (node.parents.length > 0) {
    return [
      reparent(
        'Leave out what is missing',
        node.parents.map(({ id }) => id),
      ),
    ];
  }
  const after = reachable([node], ({ neededBy }) => neededBy);
  if (after.size === graph.nodes.size) return [reparent('Make it the first revision', [])];
  const [head, ...more] = graph.heads.filter((each) => !after.has(each));
  return head === undefined || more.length > 0 ? [] : [reparent(`Put it after ${head.id}`, [head.id])];
}
