import { problemsOf } from './fileProblems.ts';
import { revisionFile } from './revisionExample.ts';
import { spanOf } from './revisions.ts';
import type { Rule } from './rule.ts';

const revision = (text: string) => ({ files: [{ name: 'a1b2_add_users.py', text }] });

export const alembicMetadata: Rule = {
  id: 'alembic-metadata',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: ['alembic'],
  summary: 'What a file says of its revision is missing, cannot be read, or is refused by alembic.',
  why: 'alembic imports every Python file of the folder, and every command stops at one that does not declare `revision` and `down_revision`. An id has at most 32 characters, which is what the version table holds, and none of `@ - + :`; a branch label is used once. Values that only come about while the file runs hide the order of the revisions from people and from Skein.',
  bad: [
    revision('down_revision = None\n\n\ndef upgrade():\n    pass\n'),
    revision('revision = "1975ea83b712"\n\n\ndef upgrade():\n    pass\n'),
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
  good: [
    revision('revision = "1975ea83b712"\ndown_revision = None\n'),
    revision('revision: str = "1975ea83b712"\ndown_revision: Union[str, None] = "27c6a30d7c24"\n'),
    revision(
      'PREVIOUS = "27c6a30d7c24"\nrevision = "1975ea83b712"\ndown_revision = (PREVIOUS, "ae1027a6acf4")\n',
    ),
    // Named by its id, as in the first versions of alembic.
    { files: [{ name: '1975ea83b712.py', text: 'down_revision = None\n' }] },
  ],

  checkFile: (file) => problemsOf(file, 'alembic-metadata'),

  *checkFileInHistory(file, { complete, graph }) {
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
