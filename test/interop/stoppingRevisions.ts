import { execFileSync } from 'node:child_process';
import { alembicBindParameter } from '../../server/src/rules/alembicBindParameter.ts';
import { identifierTooLong } from '../../server/src/rules/identifierTooLong.ts';
import type { Example, Rule } from '../../server/src/rules/rule.ts';
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

/** What a rule says will stop a revision, and how alembic says that it has. */
const STOPPING: readonly { readonly rule: Rule; readonly says: string }[] = [
  { rule: alembicBindParameter, says: 'A value is required for bind parameter' },
  { rule: identifierTooLong, says: 'exceeds maximum length of 63 characters' },
];

/** Rules that say where a revision stops: their examples stop there, what fixes make of them runs, the quiet ones do not. */
export async function stoppingRevisions(
  port: number,
  { python }: Alembic,
  check: (what: string, found: unknown, expected: unknown) => void,
): Promise<void> {
  const database = await databaseAt(port);
  try {
    await database.query('CREATE TABLE orders (id bigint, note text, at time)');
    const env = { PATH: process.env.PATH, DATABASE_URL: database.url };
    for (const { rule, says } of STOPPING) {
      const stopping = rule.bad().flatMap(revisionsOf);
      const mended = rule.bad().flatMap((each) => (revisionsOf(each).length > 0 ? (each.fixed ?? []) : []));
      const quiet = rule.good().flatMap(revisionsOf);
      check(`${rule.id} has examples of both kinds`, stopping.length > 0 && quiet.length > 0, true);
      const input = JSON.stringify([...stopping, ...mended, ...quiet]);
      const answers: unknown = JSON.parse(
        execFileSync(python, ['-c', program], { input, env, encoding: 'utf8' }),
      );
      if (!Array.isArray(answers)) throw new Error(`${python} does not give a list`);
      const said: readonly string[] = answers;
      for (const [i, text] of [...stopping, ...mended, ...quiet].entries()) {
        const answer = said[i] ?? 'nothing';
        if (i < stopping.length) check(text, answer.includes(says), true);
        else if (i < stopping.length + mended.length) check(text, answer, '');
        // What it names otherwise may not be there; that is not asked here.
        else check(text, answer.includes(says), false);
      }
    }
  } finally {
    await database.drop();
  }
}

/** Of an example's files those that are Python. */
function revisionsOf({ files }: Example): readonly string[] {
  return files.flatMap((file) => (typeof file !== 'string' && file.name.endsWith('.py') ? file.text : []));
}
