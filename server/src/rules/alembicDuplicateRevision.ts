import type { Fix } from '../migrations/change.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import { graphOf } from '../migrations/revisionHistory.ts';
import { givingWay } from './renumbering.ts';
import { revisionFile } from './revisionExample.ts';
import { spanOf } from './revisions.ts';
import type { Rule } from './rule.ts';
import { baseName, listed } from './wording.ts';

export const alembicDuplicateRevision: Rule = {
  id: 'alembic-duplicate-revision',
  category: 'ordering',
  level: 'error',
  since: '0.1.0',
  peers: ['alembic'],
  summary: 'Two files have one revision id.',
  why: 'Mostly a file that was copied. alembic warns (“Revision … is present more than once”), reads the one whose name comes last, and refuses `upgrade head`, since the other one counts as a head too. Give the newer file an id of its own.',
  bad: () => [
    {
      files: [
        revisionFile('1975ea83b712'),
        { ...revisionFile('1975ea83b712'), name: '1975ea83b712_step_copy.py' },
      ],
      fixed: revisionFile('40e7b20a143e', ['1975ea83b712']).text,
    },
  ],
  good: () => [{ files: [revisionFile('1975ea83b712'), revisionFile('27c6a30d7c24', ['1975ea83b712'])] }],

  *checkFileInHistory(file, history) {
    const { files, graph } = history;
    const id = file.revision?.id ?? '';
    const repeated = graph?.problems.find(
      ({ kind, revisions }) => kind === 'repeatedId' && revisions.includes(id),
    );
    if (repeated === undefined) return;
    const all = files.filter(({ revision }) => revision?.id === id);
    const others = all.filter((other) => other !== file);
    yield {
      span: spanOf(file, 'id'),
      message: `${repeated.message}: ${listed(others.map(({ path }) => baseName(path)))} has this id too.`,
      why: 'alembic reads only the one whose file name comes last, and `upgrade head` stops, because the other one counts as a head too. Give the newer one an id of its own.',
      related: others.map((other) => ({
        path: other.path,
        span: spanOf(other, 'id'),
        message: `${id} here too`,
      })),
      fixes: () => {
        const { title, changes } = anotherId(file, files);
        return givingWay(file, all, history, title, changes);
      },
    };
  },
};

/** An id of its own, and the place after all others: as a copy it would fork them. */
function anotherId(file: MigrationFile, files: readonly MigrationFile[]): Fix {
  const { heads } = graphOf(files.filter((other) => other !== file));
  const [head, ...more] = heads.map(({ id }) => id);
  const last = head === undefined || more.length > 0 ? undefined : head;
  return {
    title: last === undefined ? 'Give it an id of its own' : `Give it an id of its own, after ${last}`,
    grade: 'review',
    changes: [
      { kind: 'newRevisionId' },
      ...(last === undefined ? [] : [{ kind: 'setParents', parents: [last] } as const]),
    ],
  };
}
