import { earlierText } from '../../sql/earlierText.ts';
import { readStatements } from '../../sql/reader.ts';
import type { SqlReading } from '../../sql/reading.ts';
import type { Statement } from '../../sql/statement.ts';
import type { Change } from '../change.ts';
import {
  areWritableInSql,
  type PlacedMigration,
  type SqlWriting,
  sqlComment,
  writeChanges,
} from '../edits.ts';
import type { MigrationFormat } from '../format.ts';
import { byVersion, inOneLine } from '../history.ts';
import type { Direction, FileContent, FileProblem, MigrationFile, Script, Unit } from '../migration.ts';
import { statementsOf } from '../migration.ts';
import { nextVersion } from '../nextVersion.ts';
import { baseNameOf } from '../paths.ts';
import { closedFile, emptyScript } from '../unreadable.ts';

export interface PlainOptions {
  /** Whether `x.up.sql` and `x.down.sql` are the two halves of one migration (`skein.json` says so). */
  readonly pairs?: boolean;
}

/**
 * Numbered SQL files that psql or its like runs: statement by statement, each its own transaction unless the file
 * says BEGIN; psql commands are allowed.
 */
export function plainFormat(options: PlainOptions = {}): MigrationFormat {
  const pairs = options.pairs === true;
  return {
    tool: 'plain',
    claims: (baseName) => /^[0-9].*\.sql$/i.test(baseName),
    read: (content, previous) => readPlain(content, pairs, previous),
    order: (files) => inOneLine(byVersion(files)),
    writes: areWritableInSql,
    apply: (changes, file, files, allocate) =>
      writeChanges(changes, file, files, allocate, plainWriting(file, pairs)),
  };
}

const fileName = /^([0-9]+)([_-])(.*)\.sql$/;

function readPlain(content: FileContent, pairs: boolean, previous?: MigrationFile): MigrationFile {
  const { path, text } = content;
  const baseName = baseNameOf(path);
  const parts = fileName.exec(baseName);
  const half = pairs ? (/\.(up|down)\.sql$/.exec(baseName)?.[1] ?? undefined) : undefined;
  const direction: Direction = half === 'down' ? 'down' : 'up';
  const wrongName = nameProblem(baseName, pairs);
  const closed = closedFile(content);
  const sql = closed === undefined ? readStatements(text, undefined, earlierText(previous, text)) : undefined;
  const script = sql === undefined ? emptyScript(direction) : scriptOf(sql, direction);
  return {
    tool: 'plain',
    path,
    text,
    version: parts?.[1] === undefined || wrongName !== undefined ? undefined : BigInt(parts[1]).toString(),
    name: (parts?.[3] ?? baseName.replace(/\.sql$/i, '')).replace(
      half === undefined ? /(?!)/ : /\.(up|down)$/,
      '',
    ),
    ...(direction === 'up' ? { up: script } : { up: emptyScript('up'), down: script }),
    transactional: false,
    problems: [wrongName, closed].filter((problem) => problem !== undefined),
    ...(sql === undefined ? {} : { sql: [sql] }),
    opaque: closed !== undefined,
  };
}

function scriptOf({ span, statements }: SqlReading, direction: Direction): Script {
  return { direction, span, units: unitsOf(statements) };
}

/** Statements alone, but those from BEGIN to COMMIT together. A BEGIN that is never ended runs to the end. */
function unitsOf(statements: readonly Statement[]): Unit[] {
  const units: { mode: Unit['mode']; queries: Unit['queries'][number][] }[] = [];
  let open = false;
  for (const statement of statements) {
    const query = { span: statement.span, statements: [statement] };
    const control = transactionControl(statement);
    if (open) units.at(-1)?.queries.push(query);
    else units.push({ mode: control === 'begins' ? 'transaction' : 'autocommit', queries: [query] });
    open = control === 'begins' || (open && control !== 'ends');
  }
  return units;
}

/** Whether the statement begins or ends a transaction; COMMIT AND CHAIN does both, so the transaction goes on. */
function transactionControl({ parsed: { node } }: Statement): 'begins' | 'ends' | undefined {
  const control = node !== undefined && 'TransactionStmt' in node ? node.TransactionStmt : undefined;
  switch (control?.kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return 'begins';
    case 'TRANS_STMT_COMMIT':
    case 'TRANS_STMT_ROLLBACK':
    case 'TRANS_STMT_PREPARE':
      return control.chain === true ? undefined : 'ends';
    default:
      return undefined;
  }
}

function nameProblem(baseName: string, pairs: boolean): FileProblem | undefined {
  const numbered = fileName.test(baseName);
  if (numbered && (!pairs || /\.(up|down)\.sql$/.test(baseName))) return undefined;
  const form = pairs ? '"0012_add_users.up.sql" and "0012_add_users.down.sql"' : '"0012_add_users.sql"';
  const parts = /^([0-9]+)[^\p{L}\p{N}]*(.*?)[^\p{L}\p{N}]*\.sql$/iu.exec(baseName);
  const words = (parts?.[2] ?? '').replace(/[^\p{L}\p{N}.]+/gu, '_');
  const to = `${parts?.[1]}_${words === '' ? 'migration' : words}${pairs && !/\.(up|down)$/.test(words) ? '.up' : ''}.sql`;
  return {
    rule: 'migration-file-name',
    message: `"${baseName}" is not named like a migration, so it is passed over without a word.`,
    why: `Migrations here are named by a number, "_" or "-", and a name: ${form}.`,
    span: { start: 0, end: 0 },
    repair:
      parts === null || to === baseName
        ? undefined
        : { title: `Rename the file to ${to}`, grade: 'review', changes: [{ kind: 'renameFile', to }] },
  };
}

function plainWriting(file: MigrationFile, pairs: boolean): SqlWriting {
  return {
    write: (sql) => `${sql};`,
    blockOf: () => undefined,
    comment: sqlComment,
    downSection: () => undefined,
    optOut: () => withoutTransactions(file),
    create(migration, files, now) {
      const version = nextVersion(files, now, 'sequence');
      const separator = fileName.exec(baseNameOf(file.path))?.[2] ?? '_';
      const stem = `${version}${separator}${migration.name}`;
      const up = { baseName: `${stem}${pairs ? '.up' : ''}.sql`, text: newFile(migration, 'up') };
      if (!pairs) return { version, files: [up] };
      return { version, files: [up, { baseName: `${stem}.down.sql`, text: newFile(migration, 'down') }] };
    },
    optIn: () => [],
    otherHalf: (baseName) => {
      const other = baseName.replace(/\.(up|down)(?=\.sql$)/, (half) => (half === '.up' ? '.down' : '.up'));
      return pairs && other !== baseName ? [other] : [];
    },
    isMark: () => false,
  };
}

/** Only the file's own BEGIN and COMMIT put its statements into a transaction. */
function withoutTransactions(file: MigrationFile): Change[] {
  const scripts = file.down === undefined ? [file.up] : [file.up, file.down];
  return scripts
    .flatMap((script) => statementsOf(script))
    .filter((statement) => transactionControl(statement) !== undefined)
    .map((statement) => ({ kind: 'removeStatement', statement }));
}

function newFile(migration: PlacedMigration, direction: Direction): string {
  const statements = migration[direction].map((sql) => `${sql};`);
  const together = migration.transactional && statements.length > 1;
  const body = together ? ['BEGIN;', ...statements, 'COMMIT;'] : statements;
  const { comment = [] } = migration;
  const head = direction === 'up' && comment.length > 0 ? [sqlComment(comment)] : [];
  const lines = [...head, ...migration.comments[direction], ...body];
  return `${lines.join('\n')}\n`;
}
