import { reachable } from '../migrations/reachable.ts';
import { revisionFile } from './revisionExample.ts';
import { nodeOf, reparent, spanOf } from './revisions.ts';
import type { Rule } from './rule.ts';
import { listed } from './wording.ts';

const line = [revisionFile('1975ea83b712'), revisionFile('27c6a30d7c24', ['1975ea83b712'])];

export const alembicOverlap: Rule = {
  id: 'alembic-overlap',
  category: 'ordering',
  level: 'warning',
  since: '0.1.0',
  peers: [],
  summary: 'A revision names as its parents one and another that comes before it.',
  why: 'The two overlap: who has the later one has the earlier one too, so naming it adds nothing. `alembic upgrade head` goes through, but from the earlier one `upgrade +1` has two ways to go, and `downgrade -1` from here too: “Ambiguous walk”. And where both are stamped, as they stand here, alembic refuses: “Requested revision … overlaps with other requested revisions …”.',
  bad: () => [
    {
      files: [...line, revisionFile('ae1027a6acf4', ['1975ea83b712', '27c6a30d7c24'])],
      fixed: revisionFile('ae1027a6acf4', ['27c6a30d7c24']).text,
    },
  ],
  good: () => [
    { files: [...line, revisionFile('ae1027a6acf4', ['27c6a30d7c24'])] },
    {
      files: [
        ...line,
        revisionFile('ae1027a6acf4', ['1975ea83b712']),
        revisionFile('b3f1c09d2e55', ['27c6a30d7c24', 'ae1027a6acf4']),
      ],
    },
    // A merge of heads of which one depends on the other.
    {
      files: [
        revisionFile('1975ea83b712'),
        revisionFile('27c6a30d7c24', [], { dependsOn: '1975ea83b712' }),
        revisionFile('ae1027a6acf4', ['1975ea83b712', '27c6a30d7c24']),
      ],
    },
    // A dependency on an ancestor is only said twice.
    { files: [...line, revisionFile('ae1027a6acf4', ['27c6a30d7c24'], { dependsOn: '1975ea83b712' })] },
  ],

  *checkFileInHistory(file, { complete, graph }) {
    const node = graph && nodeOf(file, graph);
    if (!complete || graph === undefined || node === undefined || node.parents.length < 2) return;
    if (graph.problems.some(({ kind }) => kind === 'cycle')) return;
    const implied = reachable(
      node.parents.flatMap(({ parents }) => parents),
      ({ parents }) => parents,
    );
    const earlier = node.parents.filter((parent) => implied.has(parent)).map(({ id }) => id);
    if (earlier.length === 0) return;
    const later = node.downRevisions.filter((id) => !earlier.includes(id));
    yield {
      span: spanOf(file, 'downRevisions'),
      message: `Revision ${listed(later)} overlaps with ${listed(earlier)}, which comes before it.`,
      why: `Naming ${listed(earlier)} here adds nothing, and makes relative steps ambiguous: \`alembic downgrade -1\` from here stops with “Ambiguous walk”.`,
      fixes: () => [reparent(`Leave out ${listed(earlier)}`, later)],
    };
  },
};
