import type { Fix } from '../migrations/change.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import { isUsableId } from '../migrations/revisionGraph.ts';
import { problemsOf } from './fileProblems.ts';
import { revisionFile } from './revisionExample.ts';
import { reparent, spanOf } from './revisions.ts';
import type { HistoryView, Rule } from './rule.ts';

const revision = (text: string) => ({ files: [{ name: 'a1b2_add_users.py', text }] });

export const alembicMetadata: Rule = {
  id: 'alembic-metadata',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: ['alembic'],
  summary: 'What a file says of its revision is missing, cannot be read, or is refused by alembic.',
  why: 'alembic imports every Python file of the folder, and every command stops at one that does not declare `revision` and `down_revision`. An id has at most 32 characters, which is what the version table holds, and none of `@ - + :`; a branch label is used once. Values that only come about while the file runs hide the order of the revisions from people and from Skein.',
  bad: () => [
    revision('down_revision = None\n\n\ndef upgrade():\n    pass\n'),
    {
      files: [
        revisionFile('27c6a30d7c24'),
        { name: 'a.py', text: 'revision = "1975ea83b712"\n\n\ndef upgrade():\n    pass\n' },
      ],
      fixed: 'revision = "1975ea83b712"\ndown_revision = "27c6a30d7c24"\n\n\ndef upgrade():\n    pass\n',
    },
    revision('revision = "1975ea83b712"\ndown_revision = latest()\n'),
    revision('revision = "add-users"\ndown_revision = None\n'),
    revision('revision = "add_users_and_their_addresses_too"\ndown_revision = None\n'),
    {
      files: [
        revisionFile('1975ea83b712', [], { branchLabel: 'shop' }),
        revisionFile('27c6a30d7c24', [], { branchLabel: 'shop' }),
      ],
    },
  ],
  good: () => [
    revision('revision = "1975ea83b712"\ndown_revision = None\n'),
    revision('revision: str = "1975ea83b712"\ndown_revision: Union[str, None] = "27c6a30d7c24"\n'),
    revision(
      'PREVIOUS = "27c6a30d7c24"\nrevision = "1975ea83b712"\ndown_revision = (PREVIOUS, "ae1027a6acf4")\n',
    ),
    // Named by its id, as in the first versions of alembic.
    { files: [{ name: '1975ea83b712.py', text: 'down_revision = None\n' }] },
  ],

  *checkFileInHistory(file, history) {
    const { complete, graph } = history;
    for (const report of problemsOf(file, 'alembic-metadata')) {
      yield { ...report, fixes: () => repairs(file, history) };
    }
    if (!complete) return;
    for (const { kind, revisions, message } of graph?.problems ?? []) {
      if (kind !== 'repeatedLabel' || revisions[0] !== file.revision?.id) continue;
      yield {
        span: spanOf(file, 'branchLabels'),
        message: `${message}.`,
        why: 'A label names one branch: alembic refuses every command. Choose another one.',
      };
    }
  },
};

/** A parent where none is named; another id for one that alembic refuses, unless others come after it by that id. */
function repairs(file: MigrationFile, { complete, graph }: HistoryView): readonly Fix[] {
  const { revision, revisionSpans } = file;
  if (!complete || graph === undefined || revision === undefined) return [];
  if (revisionSpans?.downRevisions === undefined) {
    const [head, ...others] = graph.heads.filter(({ id }) => id !== revision.id);
    if (others.length > 0) return [];
    return head === undefined
      ? [reparent('Make it the first revision', [])]
      : [reparent(`Put it after ${head.id}`, [head.id])];
  }
  const isNeeded = (graph.nodes.get(revision.id)?.neededBy.length ?? 0) > 0;
  if (isUsableId(revision.id) || isNeeded) return [];
  return [{ title: 'Give it a new id', grade: 'review', changes: [{ kind: 'newRevisionId' }] }];
}
