import { readGooseComments } from '../migrations/formats/gooseComments.ts';
import type { Environment } from '../migrations/formats/gooseEnvsub.ts';
import { isGoMigration, readGooseFileName } from '../migrations/formats/gooseFileName.ts';
import { type GooseError, type GooseStatement, runGoose } from '../migrations/formats/gooseLines.ts';
import type { Direction, FileContent } from '../migrations/migration.ts';
import { baseNameOf } from '../migrations/paths.ts';
import { unreadableFile } from '../migrations/unreadable.ts';
import { RunRefused } from './runRefused.ts';

/** A file that goose takes for a migration. */
export interface GooseFile {
  readonly path: string;
  readonly version: bigint;
  readonly kind: 'sql' | 'go';
  readonly content: FileContent;
}

/** What goose sends for one direction of a file. */
export interface GooseScript {
  readonly statements: readonly GooseStatement[];
  readonly useTransaction: boolean;
}

/**
 * The migrations of a folder in the order of their versions, as goose's command line (v3.27.3, CollectMigrations)
 * collects them. Throws RunRefused where goose aborts: a .sql file with a bad name, a version that two files claim.
 * `upTo` leaves out later versions, as `up-to` does before it looks for duplicates.
 */
export function collectGooseFiles(contents: readonly FileContent[], upTo?: bigint): GooseFile[] {
  const files = contents
    .flatMap(asGooseFile)
    .filter(({ version }) => upTo === undefined || version <= upTo)
    .sort((a, b) => (a.version < b.version ? -1 : a.version > b.version ? 1 : a.path < b.path ? -1 : 1));
  files.forEach((file, i) => {
    const before = files[i - 1];
    if (before?.version === file.version) throw duplicate(before, file);
  });
  return files;
}

function asGooseFile(content: FileContent): GooseFile[] {
  const baseName = baseNameOf(content.path);
  const kind = isGoMigration(baseName) ? 'go' : baseName.endsWith('.sql') ? 'sql' : undefined;
  if (kind === undefined) return [];
  const { version, error } = readGooseFileName(baseName);
  if (version !== undefined) return [{ path: content.path, version: BigInt(version), kind, content }];
  // goose passes over Go files with other names.
  if (kind === 'go') return [];
  throw new RunRefused(
    'files',
    `could not parse SQL migration file "${content.path}": ${error ?? ''}`,
    'Name the file by its version, an underscore and a name: 00012_add_users.sql.',
    { path: content.path, span: { start: 0, end: 0 } },
  );
}

function duplicate(first: GooseFile, second: GooseFile): RunRefused {
  return new RunRefused(
    'files',
    `version ${second.version} is claimed by two files: ${first.path} and ${second.path}`,
    'Give one of them another version; goose stops here too.',
    { path: second.path, span: { start: 0, end: 0 } },
  );
}

/** What goose would send. Throws RunRefused where goose would refuse the file, in goose's words, at their place. */
export function gooseScript(file: GooseFile, direction: Direction, environment: Environment): GooseScript {
  const { content, path } = file;
  const problem = unreadableFile(content);
  if (problem) {
    throw new RunRefused('unparsable', `${path}: ${problem.message}`, problem.why, {
      path,
      span: problem.span,
    });
  }
  // goose reads bytes: a byte order mark is text before the first annotation.
  const text = content.byteOrderMark ? `\ufeff${content.text}` : content.text;
  const { statements, useTransaction, errors } = runGoose(
    text,
    readGooseComments(text),
    direction,
    environment,
  );
  const [error] = errors;
  if (error) throw unparsable(file, error);
  return { statements, useTransaction };
}

function unparsable({ path, content }: GooseFile, { message, span }: GooseError): RunRefused {
  const shift = content.byteOrderMark ? 1 : 0;
  const start = Math.max(0, span.start - shift);
  return new RunRefused(
    'unparsable',
    `goose cannot read ${path}: ${message.replace(/, see https:\S+$/, '')}`,
    'Put it right first: nothing has been run.',
    { path, span: { start, end: Math.max(start, span.end - shift) } },
  );
}
