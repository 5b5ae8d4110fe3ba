import { version } from '../../../package.json';
import { loadParser } from '../sql/parser.ts';
import { CannotRun } from './cannotRun.ts';
import { current } from './current.ts';
import { down } from './down.ts';
import { fix } from './fix.ts';
import { heads } from './heads.ts';
import { lint } from './lint.ts';
import { lsp } from './lsp.ts';
import { merge } from './merge.ts';
import { newMigration } from './new.ts';
import { plan } from './plan.ts';
import { redo } from './redo.ts';
import { stamp } from './stamp.ts';
import { status } from './status.ts';
import type { Terminal } from './terminal.ts';
import { up } from './up.ts';

const help = `Skein ${version}: checks and runs PostgreSQL migrations (goose, alembic; plain numbered SQL is checked)

  skein lint [PATH…]     show what is dangerous or wrong
      --format text|json|sarif|github|gitlab   (text)
      --fail-on error|warning|information|never   exit with 1 from this severity on (error)
      --since REF            only files that are new or changed since this branch left the commit or branch REF
      --all                  show hints too
      --config FILE          use this skein.json instead of the nearest at or above each folder
  skein fix [PATH…]      write the fixes that keep the meaning
      --rule ID              only those of this rule; may be given more than once
      --dry-run              show them as a diff, write nothing
      --rewrite              write what is dangerous as migrations that block nobody: of warnings, or of --rule ID
      --set T.COLUMN=EXPR    with --rewrite: what old rows get in a column, as SQL over the row
      --database URL         with --rewrite: the database in use, for its version and what is applied there
      --embedded             with --rewrite: the embedded PostgreSQL is in use
      --config FILE
  skein plan FILE        show what fix --rewrite would write; takes its options
  skein status [PATH]    show which migrations a database has
  skein up [PATH]        apply what is pending
      --to VERSION           up to this version; of alembic any target: REVISION, heads, +2, label@head
      --allow-missing        also what is missing before later ones
  skein down [PATH]      roll back the last one
      --to VERSION           all after this version; of alembic any target: REVISION, base, -2
  skein redo [PATH]      roll back the last one and apply it again
      --database URL         on this database: a connection string, or the name of a variable as \${env:NAME}
      --embedded             on the embedded PostgreSQL
      --alembic              let the project's own alembic do it, on the database that its env.py names: runs its Python
      --python PATH          with --alembic: this Python; else that of skein.json, .venv, uv, poetry, PATH
      --dry-run              show the plan and the SQL, run nothing
      --yes                  do not ask
      --format text|json     (text)
  skein stamp REV… [PATH]  record revisions of alembic without running them (base: none)
      --purge                empty the version table first
                         upgrade and downgrade are other names of up and down; --alembic goes with all of these
  skein current [PATH]   show the revisions of alembic that a database is at
  skein heads [PATH]     show the revisions of alembic that come last
  skein merge [PATH]     write the revision of alembic that merges them
      --message TEXT         what it says of itself
  skein new NAME [PATH]  make a migration file
  skein lsp --stdio      serve an editor (Language Server Protocol)

A PATH is a migration, or a directory that is searched for folders of them; without one it is the working directory.
Without --database it is what alembic.ini names, or GOOSE_DBSTRING; else DATABASE_URL, from the environment or .env;
else the embedded one.
Exit code: 0 nothing at or above --fail-on, or all was run; 1 findings, or not all was run; 2 it could not run.
`;

const commands: Readonly<Record<string, (args: string[], terminal: Terminal) => Promise<number>>> = {
  lint,
  fix,
  plan,
  status,
  up,
  down,
  redo,
  upgrade: up,
  downgrade: down,
  stamp,
  current,
  heads,
  merge,
  new: newMigration,
};

/** Runs `skein` with these arguments. Gives the exit code; never rejects. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    terminal.error(`skein: ${reason(error)}\n`);
    return 2;
  }
}

async function dispatch([name, ...args]: readonly string[], terminal: Terminal): Promise<number> {
  const options = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
  if (
    name === '--help' ||
    name === '-h' ||
    name === 'help' ||
    options.some((arg) => arg === '--help' || arg === '-h')
  ) {
    terminal.out(help);
    return 0;
  }
  if (name === '--version') {
    terminal.out(`${version}\n`);
    return 0;
  }
  if (name === 'lsp') return lsp(args);
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    throw new CannotRun(
      `${name === undefined ? 'no command' : `unknown command "${name}"`}: skein --help lists them`,
    );
  }
  await loadParser().catch((error: Error) => {
    throw new CannotRun(error.message);
  });
  return command(args, terminal);
}

/** One line: for what a person can put right, what that is; for a mistake of ours, where it happened. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof CannotRun) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  // parseArgs goes on to explain "--"; the first sentence is what matters.
  if (code?.startsWith('ERR_PARSE_ARGS_')) return `${error.message.split(/\.\s/)[0]}: see skein --help`;
  return `this is a mistake in Skein: ${error.stack?.replaceAll(/\s*\n\s*/g, ' ') ?? error.message}`;
}
