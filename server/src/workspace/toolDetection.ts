import { isAbsolute } from 'node:path';
import { isRevisionFile } from '../migrations/formats/alembicFileName.ts';
import type { ToolId } from '../migrations/migration.ts';
import type { ConfigFile } from './configFiles.ts';
import { absolutePath, baseNameOf, childOf, parentOf, selfAndAncestors } from './filePath.ts';
import type { DirectoryEntry, FileSystem } from './fileSystem.ts';

/** Which tool applies the files of a folder. */
export interface DetectedTool {
  readonly tool: ToolId;
  /** Plain files that come as .up.sql and .down.sql pairs. */
  readonly pairs: boolean;
}

/** A folder as detection sees it. */
export interface FolderView {
  readonly path: string;
  readonly entries: readonly DirectoryEntry[];
  /** The first part of a file's text, empty when it cannot be read. Names that are asked first should decide most often. */
  head(name: string): Promise<string>;
}

/** How much of a file is read to see whose it is: annotations stand near the top, below a licence at most. */
export const headBytes = 16 * 1024;

/** So many files are looked into before a folder counts as read. */
const mostProbes = 64;

/** So many Python files are looked into: a folder of revisions has hardly any others. */
const mostPythonProbes = 4;

/** Whether a text shows by itself whose its folder is. */
export function showsTool(text: string): boolean {
  return showsGoose(text) || showsAlembic(text);
}

function showsGoose(text: string): boolean {
  return gooseAnnotation.test(text);
}

function showsAlembic(text: string): boolean {
  return revisionId.test(text) && parentRevision.test(text);
}

/** goose's own test for an annotation line: a comment that holds the word (parser.go, v3.27.3). */
const gooseAnnotation = /^[ \t]*--.*\+goose/m;

/** What alembic asks of every file of revisions (script/base.py, 1.20). */
const revisionId = /^revision[ \t]*(?::[^=\n]+)?=/m;
const parentRevision = /^down_revision[ \t]*(?::[^=\n]+)?=/m;

/** Numbered SQL, and the two names of folders in which it counts as a migration without further words. */
const numberedSql = /^\d+[_-].*\.sql$/;
const migrationFolderNames = new Set(['migrations', 'migrate']);

/** What gives away that a folder of SQL belongs to a tool Skein does not read yet: it is left alone. */
const foreignMarks: readonly { readonly tool: string; readonly name?: RegExp; readonly text?: RegExp }[] = [
  { tool: 'golang-migrate or sqlx', name: /\.(up|down)\.sql$/i },
  { tool: 'flyway', name: /^([VUB]\d[\d._]*|R)__.*\.sql$/i },
  { tool: 'prisma', name: /^migration_lock\.toml$/ },
  { tool: 'postgrator', name: /\.(do|undo)\.sql$/ },
  { tool: 'atlas', name: /^atlas\.sum$/ },
  { tool: 'dbmate', text: /^--[ \t]*migrate:(up|down)\b/m },
  { tool: 'node-pg-migrate', text: /^\s*--[\s-]*(up|down)\s+migration/im },
  { tool: 'sqlx', text: /^-- no-transaction/ },
  { tool: 'sql-migrate', text: /^--[ \t]*\+migrate\b/m },
  { tool: 'liquibase', text: /^--[ \t]*liquibase formatted sql/im },
  { tool: 'drizzle', text: /^--> statement-breakpoint/m },
  { tool: 'tern', text: /^---- create above \/ drop below ----/m },
];

/**
 * The tool of a folder, or undefined when it is no migration folder or that of a tool Skein does not read.
 * `config` is the skein.json that applies to it; what that says about the folder goes before what the files show.
 */
export async function detectTool(
  view: FolderView,
  files: FileSystem,
  config: ConfigFile | undefined,
): Promise<DetectedTool | undefined> {
  const configured = configuredFolder(view.path, config);
  if (configured) {
    const { tool, pairs = false } = configured;
    return isRead(tool) ? { tool, pairs } : undefined;
  }
  const names = view.entries.filter((entry) => entry.kind === 'file').map((entry) => entry.name);
  const sql = names.filter((name) => name.endsWith('.sql'));
  if (sql.length === 0) return (await isAlembic(names, view)) ? { tool: 'alembic', pairs: false } : undefined;

  let foreign = names.some((name) => foreignMarks.some((mark) => mark.name?.test(name)));
  for (const name of endsFirst(sql)) {
    const head = await view.head(name);
    if (showsGoose(head)) return { tool: 'goose', pairs: false };
    foreign ||= foreignMarks.some((mark) => mark.text?.test(head));
  }
  const plain =
    !foreign &&
    migrationFolderNames.has(baseNameOf(absolutePath(view.path))) &&
    sql.some((name) => numberedSql.test(name)) &&
    !(await hasForeignSurroundings(view.path, files));
  return plain ? { tool: 'plain', pairs: false } : undefined;
}

const read: ReadonlySet<string> = new Set<ToolId>(['goose', 'plain', 'alembic']);

function isRead(tool: string): tool is ToolId {
  return read.has(tool);
}

async function isAlembic(names: readonly string[], view: FolderView): Promise<boolean> {
  const revisions = names.filter(isRevisionFile);
  for (const name of endsFirst(revisions).slice(0, mostPythonProbes)) {
    if (showsAlembic(await view.head(name))) return true;
  }
  return false;
}

/** The entry of skein.json that says what a folder is. */
export function configuredFolder(path: string, config: ConfigFile | undefined) {
  const absolute = absolutePath(path);
  return config?.config.folders?.find((folder) => configuredPath(config, folder.path) === absolute);
}

/** The absolute path of an entry in `folders`. */
export function configuredPath(config: ConfigFile, path: string): string {
  return absolutePath(isAbsolute(path) ? path : childOf(config.folder, path));
}

/** The first and the last name, then those between: the newest file shows a tool that the oldest does not. */
function endsFirst(names: readonly string[]): readonly string[] {
  return [...new Set([...names.slice(0, 1), ...names.slice(-1), ...names.slice(1, -1)])].slice(0, mostProbes);
}

/** supabase/migrations and the folders of a Rust crate with sqlx hold numbered SQL that looks like nobody's. */
async function hasForeignSurroundings(path: string, files: FileSystem): Promise<boolean> {
  const absolute = absolutePath(path);
  if (baseNameOf(parentOf(absolute)) === 'supabase') return true;
  for (const ancestor of selfAndAncestors(absolute)) {
    const manifest = await readHead(files, childOf(ancestor, 'Cargo.toml'));
    if (/^\s*(sqlx\b|\[.*dependencies\.sqlx\])/m.test(manifest)) return true;
  }
  return false;
}

/** The first part of a file as text, byte by byte where it is no UTF-8; empty when it cannot be read. */
export async function readHead(files: FileSystem, path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await files.readFile(path, headBytes));
  } catch {
    return '';
  }
}
