import type { FileProblem } from '../../migration.ts';
import type { Unseen, UnseenKind } from './revisionScript.ts';

/** What cannot be seen of a revision, said where it stands. */
export function unseenProblem({ span, what, source }: Unseen): FileProblem {
  return {
    rule: 'alembic-dynamic',
    message: MESSAGES[what](shortened(source)),
    why: WHY[what],
    span,
  };
}

/** Whether it could have changed the schema in a way that nobody knows. */
export function changesSchema({ what }: Unseen): boolean {
  return what !== 'data' && what !== 'dataLoop' && what !== 'value';
}

const MESSAGES: Readonly<Record<UnseenKind, (source: string) => string>> = {
  code: (source) => `What ${source} does to the database cannot be seen from here.`,
  directive: (source) => `What ${source} emits is not known.`,
  incomplete: (source) => `${source} lacks an argument that alembic asks for: it stops here.`,
  sql: (source) => `The SQL that is executed here, ${source}, is put together while the migration runs.`,
  loop: (source) => `What "${source}" goes through is not known: its body was read once.`,
  dataLoop: (source) => `What "${source}" goes through is not known: its body was read once.`,
  data: (source) => `Which rows ${source} reads or writes cannot be seen from here.`,
  value: (source) =>
    source === 'None'
      ? 'This name is left to a naming convention, which is not known here; without one alembic stops.'
      : `The value of ${source} is not known: the statement was checked with a placeholder for it.`,
};

const UNKNOWN_SCHEMA =
  'That no finding stands here does not mean that it is safe. Later revisions are checked as if it could have made or dropped anything.';

const MANY_ROWS =
  'Changes of many rows in one transaction hold their locks until it ends; whether this is one could not be checked.';

const WHY: Readonly<Record<UnseenKind, string>> = {
  code: UNKNOWN_SCHEMA,
  directive: UNKNOWN_SCHEMA,
  incomplete: 'Python raises a TypeError when the revision is run.',
  sql: UNKNOWN_SCHEMA,
  loop: UNKNOWN_SCHEMA,
  dataLoop: MANY_ROWS,
  data: MANY_ROWS,
  value: 'Checks that need this value keep quiet.',
};

/** The first line, and of that no more than fits into a message. */
function shortened(source: string): string {
  const line = source.split('\n', 1)[0] ?? '';
  return line.length > 60 || line.length < source.length ? `${line.slice(0, 60).trimEnd()}…` : line;
}
