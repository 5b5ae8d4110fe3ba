import { emptyCatalog, writtenName } from '../catalog/catalog.ts';
import { type Mention, mentionsOf } from '../catalog/mentions.ts';
import type { Session } from '../database/session.ts';
import { type FileContent, type MigrationFile, statementsOf } from '../migrations/migration.ts';
import type { FolderOnDatabase } from './folderOnDatabase.ts';
import type { Standing } from './runnableTool.ts';
import { RunRefused } from './runRefused.ts';

/** What a database that is in use tells of a folder. */
export interface KnownDatabase {
  /** The server's major version; absent of the embedded one, which says nothing of where the migrations will run. */
  readonly postgresVersion?: number;
  /** Paths of the files that it has. */
  readonly applied: ReadonlySet<string>;
}

/**
 * Asks a database for its version and for the files that it has. Changes nothing, takes no lock. Rejects with
 * ConnectionFailed, ConnectionLost, ServerError (explainError puts them into words) or RunRefused.
 */
export async function lookAtDatabase(
  {
    database,
    directory,
    tool,
    files: contents,
  }: Pick<FolderOnDatabase, 'database' | 'directory' | 'tool' | 'files'>,
  files: readonly MigrationFile[],
): Promise<KnownDatabase> {
  if (!database.isMade()) return { applied: new Set() };
  const session = await database.connect();
  try {
    const groups = tool instanceof RunRefused ? [] : recorded(await tool.read(session), contents, files);
    const applied = await thoseApplied(session, groups);
    const postgresVersion = Math.floor(session.capabilities.version / 10_000);
    return directory === undefined ? { postgresVersion, applied } : { applied };
  } finally {
    await session.close();
  }
}

/** The files of which the version table has the version; several that claim one version together. */
function recorded(
  standing: Standing,
  contents: readonly FileContent[],
  files: readonly MigrationFile[],
): readonly (readonly MigrationFile[])[] {
  const groups = new Map<string, MigrationFile[]>();
  for (const file of files) {
    const id = file.revision?.id ?? file.version;
    if (id !== undefined) groups.set(id, [...(groups.get(id) ?? []), file]);
  }
  // A folder in which two files claim one version is one that the tool refuses.
  const first = new Set([...groups.values()].flatMap(([each]) => each?.path ?? []));
  const { files: standings } = standing.status(contents.filter(({ path }) => first.has(path)));
  const applied = new Set(standings.filter(({ state }) => state === 'applied').map(({ path }) => path));
  return [...groups.values()].filter(([each]) => each !== undefined && applied.has(each.path));
}

/** Of several files with one version that is recorded, the one whose objects are there; all of them where that does not tell. */
async function thoseApplied(
  session: Session,
  groups: readonly (readonly MigrationFile[])[],
): Promise<ReadonlySet<string>> {
  const applied = new Set<string>();
  for (const files of groups) {
    const traces: Traces[] = [];
    for (const file of files.length === 1 ? [] : files) traces.push(await tracesOf(session, file));
    const one = traces.filter((each) => each === 'there').length === 1;
    for (const [i, { path }] of files.entries()) {
      if (one ? traces[i] === 'there' : traces[i] !== 'absent') applied.add(path);
    }
  }
  return applied;
}

/** Whether what a file makes is in the database. */
type Traces = 'there' | 'absent' | 'unclear';

async function tracesOf(session: Session, file: MigrationFile): Promise<Traces> {
  const found = new Set<boolean>();
  for (const { parsed } of statementsOf(file.up)) {
    const mentions = parsed.node === undefined ? [] : mentionsOf(parsed.node, emptyCatalog(), PUBLIC);
    for (const mention of mentions) {
      const question = mention.role === 'makes' ? existsQuery(mention) : undefined;
      if (question === undefined) continue;
      const [row] = await session.query(question.text, question.values);
      found.add(row?.there === 't');
    }
  }
  if (found.size !== 1) return 'unclear';
  return found.has(true) ? 'there' : 'absent';
}

const PUBLIC = { searchPath: ['public'] };

function existsQuery({ kind, key, part = '' }: Mention): { text: string; values: string[] } | undefined {
  const name = writtenName(key);
  switch (kind) {
    case 'table':
    case 'view':
    case 'materialized view':
    case 'index':
    case 'sequence':
    case 'relation':
      return { text: 'SELECT to_regclass($1) IS NOT NULL AS there', values: [name] };
    case 'type':
      return { text: 'SELECT to_regtype($1) IS NOT NULL AS there', values: [name] };
    case 'column':
      return {
        text: 'SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped) AS there',
        values: [name, part],
      };
    case 'constraint':
      return {
        text: 'SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2) AS there',
        values: [name, part],
      };
    default:
      return undefined;
  }
}
