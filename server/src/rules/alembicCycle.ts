import type { Fix } from '../migrations/change.ts';
import type { RevisionGraph, RevisionNode, RevisionProblem } from '../migrations/revisionGraph.ts';
import { revisionFile } from './revisionExample.ts';
import { nodeOf, reparent, spanOf } from './revisions.ts';
import type { Rule } from './rule.ts';

export const alembicCycle: Rule = {
  id: 'alembic-cycle',
  category: 'ordering',
  level: 'error',
  since: '0.1.0',
  peers: ['alembic'],
  summary: 'Revisions come after each other in a circle.',
  why: 'There is no order in which they could run, and alembic refuses every command: “Cycle is detected in revisions (…)”. It happens when a `down_revision` is put right by hand. Say of one of them what it really comes after.',
  bad: () => [
    {
      files: [
        revisionFile('1975ea83b712'),
        revisionFile('27c6a30d7c24', ['ae1027a6acf4']),
        revisionFile('ae1027a6acf4', ['27c6a30d7c24']),
      ],
      fixed: revisionFile('ae1027a6acf4', ['1975ea83b712']).text,
    },
    {
      files: [revisionFile('1975ea83b712', ['1975ea83b712'])],
      fixed: revisionFile('1975ea83b712').text,
    },
    {
      files: [
        revisionFile('27c6a30d7c24', ['1975ea83b712']),
        revisionFile('1975ea83b712', [], { dependsOn: '27c6a30d7c24' }),
      ],
    },
  ],
  good: () => [
    { files: [revisionFile('1975ea83b712'), revisionFile('27c6a30d7c24', ['1975ea83b712'])] },
    // Beside a circle, not in it.
    {
      files: [
        revisionFile('27c6a30d7c24', ['ae1027a6acf4']),
        revisionFile('ae1027a6acf4', ['27c6a30d7c24']),
        revisionFile('1975ea83b712'),
      ],
    },
  ],

  *checkFileInHistory(file, { complete, graph }) {
    const node = graph && nodeOf(file, graph);
    if (!complete || graph === undefined || node === undefined) return;
    for (const problem of graph.problems) {
      if (problem.kind !== 'cycle' || !problem.revisions.includes(node.id)) continue;
      yield {
        span: spanOf(file, problem.message.startsWith('Dependency') ? 'dependsOn' : 'downRevisions'),
        message: `${problem.message}.`,
        why: 'There is no order in which they could run: alembic refuses every command. Say what this one really comes after.',
        fixes: () => outOf(problem, node, graph),
      };
    }
  },
};

/** After the last revision outside the circle, if there is just one; first, if there is none. */
function outOf(
  { revisions, message }: RevisionProblem,
  node: RevisionNode,
  graph: RevisionGraph,
): readonly Fix[] {
  if (message.startsWith('Dependency')) return [];
  const inside = new Set(revisions);
  const outside = [...graph.nodes.values()].filter(({ id }) => !inside.has(id));
  if (outside.length === 0) return [reparent('Make it the first revision', [])];
  const [head, ...more] = outside.filter(({ children }) => children.length === 0);
  const onlyOne = head !== undefined && more.length === 0 && head !== node;
  return onlyOne ? [reparent(`Put it after ${head.id}`, [head.id])] : [];
}
