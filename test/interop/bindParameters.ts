import { execFileSync } from 'node:child_process';
import { alembicBindParameter } from '../../server/src/rules/alembicBindParameter.ts';
import type { Example } from '../../server/src/rules/rule.ts';
import { databaseAt } from '../postgres/databaseAt.ts';
import type { Alembic } from './realAlembic.ts';

/** Runs the upgrade of each revision on the standard input; prints what it stopped with. */
const program = `
import json, os, sys
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine
url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+psycopg2://")
answers = []
with create_engine(url).connect() as connection:
    for text in json.load(sys.stdin):
        transaction = connection.begin()
        revision = {}
        try:
            with Operations.context(MigrationContext.configure(connection)):
                exec(text, revision)
                revision["upgrade"]()
            answers.append("")
        except Exception as error:
            answers.append(str(error))
        transaction.rollback()
print(json.dumps(answers))
`;

/** What the rule says of colons, asked of SQLAlchemy: its examples stop there, what fixes make of them runs, the quiet ones do not stop there. */
export async function bindParameters(
  port: number,
  { python }: Alembic,
  check: (what: string, found: unknown, expected: unknown) => void,
): Promise<void> {
  const { bad, good } = alembicBindParameter;
  const stopping = bad().flatMap(textsOf);
  const mended = bad().flatMap(({ fixed }) => fixed ?? []);
  const quiet = good().flatMap(textsOf);
  const database = await databaseAt(port);
  try {
    await database.query('CREATE TABLE orders (id bigint, note text, at time)');
    const input = JSON.stringify([...stopping, ...mended, ...quiet]);
    const env = { PATH: process.env.PATH, DATABASE_URL: database.url };
    const answers: unknown = JSON.parse(
      execFileSync(python, ['-c', program], { input, env, encoding: 'utf8' }),
    );
    if (!Array.isArray(answers)) throw new Error(`${python} does not give a list`);
    const isOfParameter = (answer: string) => answer.includes('A value is required for bind parameter');
    const said: readonly string[] = answers;
    for (const [i, text] of [...stopping, ...mended, ...quiet].entries()) {
      const answer = said[i] ?? 'nothing';
      if (i < stopping.length) check(text, isOfParameter(answer), true);
      else if (i < stopping.length + mended.length) check(text, answer, '');
      // What it names otherwise may not be there; that is not asked here.
      else check(text, isOfParameter(answer), false);
    }
  } finally {
    await database.drop();
  }
}

function textsOf({ files }: Example): readonly string[] {
  return files.map((file) => (typeof file === 'string' ? file : file.text));
}
