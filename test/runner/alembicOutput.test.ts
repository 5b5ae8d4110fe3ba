import { describe, expect, test } from 'vitest';
import { failureIn, masked, revisionBegun } from '../../server/src/runner/alembicOutput.ts';

const text = 'import x\n\ndef upgrade():\n    op.execute("DROP TABLE nosuch")\n';
const file = { path: '/app/versions/a.py', text, byteOrderMark: false };

describe('a failure', () => {
  test('of the database: its words, and the line of the revision', () => {
    const stderr = `Traceback (most recent call last):
  File "/venv/sqlalchemy/base.py", line 19, in _execute
psycopg2.errors.UndefinedTable: table "nosuch" does not exist


The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/env.py", line 9, in <module>
  File "/app/versions/a.py", line 4, in upgrade
    op.execute("DROP TABLE nosuch")
  File "/venv/alembic/ops.py", line 2414, in execute
sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) table "nosuch" does not exist
HINT:  Look again.

[SQL: DROP TABLE nosuch]
(Background on this error at: https://example.org)
`;
    expect(failureIn('', stderr, [file])).toEqual({
      title: 'table "nosuch" does not exist',
      hint: 'Look again.',
      advice: 'Correct it at this place, then run it again.',
      path: file.path,
      place: {
        span: { start: text.indexOf('op.'), end: text.length - 1 },
        statement: 'DROP TABLE nosuch',
        line: 4,
        column: 5,
      },
    });
  });

  test('of asyncpg, whose message has two names', () => {
    const stderr =
      'Traceback (most recent call last):\n  File "/app/versions/a.py", line 4, in upgrade\nsqlalchemy.exc.ProgrammingError: (sqlalchemy.dialects.postgresql.asyncpg.ProgrammingError) <class \'asyncpg.exceptions.UndefinedTableError\'>: table "nosuch" does not exist\n[SQL: DROP TABLE nosuch]\n(Background on this error at: https://example.org)\n';
    expect(failureIn('', stderr, [file]).title).toBe('table "nosuch" does not exist');
  });

  test('of Python', () => {
    const stderr =
      'Traceback (most recent call last):\n  File "/app/versions/a.py", line 1, in <module>\n    import x\nModuleNotFoundError: No module named \'x\'\n';
    expect(failureIn('', stderr, [file])).toMatchObject({
      title: "ModuleNotFoundError: No module named 'x'",
      place: { line: 1, column: 1 },
    });
    // Where nothing of the traceback is the project's own.
    expect(failureIn('', stderr, [])).toMatchObject({ advice: expect.stringContaining('log') });
  });

  test.each([
    ["Can't locate revision identified by 'ae10'", /file/],
    ['Target database is not up to date.', /pending/],
    ["Multiple head revisions are present for given argument 'head'; please specify", /merge/],
  ])('that alembic itself tells: %s', (message, advice) => {
    const found = failureIn(`INFO\n  FAILED: ${message}\n`, '', [file]);
    expect(found.title).toBe(message.replace(/\.$/, ''));
    expect(found.advice).toMatch(advice);
    expect(found.place).toBeUndefined();
  });
});

test.each([
  ['INFO  [alembic.runtime.migration] Running upgrade  -> aa01, first', 'aa01'],
  ['INFO  [alembic.runtime.migration] Running upgrade dd04, ee05 -> ff06, merge', 'ff06'],
  ['INFO  [alembic.runtime.migration] Running downgrade bb02 -> aa01, x', 'bb02'],
  ['INFO  [alembic.runtime.migration] Running downgrade aa01 -> , x', 'aa01'],
  ['INFO  [alembic.runtime.migration] Running stamp_revision aa01 -> cc03', 'cc03'],
  ['INFO  [alembic.runtime.migration] Will assume transactional DDL.', undefined],
])('%s', (line, revision) => {
  expect(revisionBegun(line)).toBe(revision);
});

test('passwords are taken out, wherever they stand', () => {
  expect(masked('postgresql+psycopg2://app:s3cret@db/x and s3cret', ['s3cret'])).toBe(
    'postgresql+psycopg2://app:***@db/x and ***',
  );
  expect(masked('connect(password=s3cret host=db)')).toBe('connect(password=*** host=db)');
  expect(masked("create_engine(password='s3 cret')")).toBe('create_engine(password=***)');
});
