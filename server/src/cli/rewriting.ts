import { rm } from 'node:fs/promises';
import type { FileContent } from '../migrations/migration.ts';
import type { Finding } from '../rules/finding.ts';
import { isRule } from '../workspace/configFiles.ts';
import { encode, readContent } from '../workspace/fileContent.ts';
import { absolutePath } from '../workspace/filePath.ts';
import { obstacleInWords } from '../workspace/fileSystem.ts';
import { createFile, nodeFileSystem, renameFile, replaceFile } from '../workspace/nodeFileSystem.ts';
import { type RewrittenFile, rewriteFile } from '../workspace/rewriting.ts';
import { answers } from './answers.ts';
import { CannotRun } from './cannotRun.ts';
import { askDatabaseInUse } from './databaseInUse.ts';
import type { DatabaseValues } from './databaseOptions.ts';
import { paintFor, printable } from './paint.ts';
import { targets } from './targets.ts';
import type { Terminal } from './terminal.ts';
import { paintDiff, unifiedDiff } from './unifiedDiff.ts';

export interface RewriteRequest {
  readonly paths: readonly string[];
  readonly rules: readonly string[];
  readonly set: readonly string[];
  readonly config: string | undefined;
  readonly dryRun: boolean;
  /** `--database` and `--embedded`: the database in use. */
  readonly database: Pick<DatabaseValues, 'database' | 'embedded'>;
}

/**
 * Rewrites what the rules find in the files, or with `dryRun` shows what would become of them. Without rules it is
 * what weighs as much as a warning. Gives the exit code; throws CannotRun where nothing could be rewritten.
 */
export async function rewrite(request: RewriteRequest, terminal: Terminal): Promise<number> {
  const rules = new Set(request.rules.flatMap((ids) => ids.split(',')));
  for (const id of rules) if (!isRule(id)) throw new CannotRun(`--rule: there is no rule "${id}"`);
  const wanted = ({ rule, severity }: Finding): boolean =>
    rules.size > 0 ? rules.has(rule) : severity === 'error' || severity === 'warning';
  const options = { allocate: { now: () => new Date() }, wanted, answer: answers(request.set) };
  const warn = (line: string) => terminal.error(`skein: ${line}\n`);
  const folders = await targets({
    files: nodeFileSystem,
    paths: request.paths,
    config: request.config,
    warn,
  });
  const refusals: string[] = [];
  let done = 0;
  for (const { history, paths, named } of folders) {
    await askDatabaseInUse(history, request.database, warn);
    for (const path of paths) {
      const before = history.content(path);
      const result = rewriteFile(history, path, { ...options, named });
      if (before === undefined || result === undefined) continue;
      refusals.push(...result.refusals.map((reason) => `${path}: ${reason}`));
      if (result.applied.length === 0) continue;
      done++;
      if (request.dryRun) show(before, result, terminal);
      else await write(before, result, terminal);
    }
  }
  if (done > 0) {
    for (const reason of refusals) warn(reason);
    return 0;
  }
  throw new CannotRun(
    refusals.join('; ') || `nothing to rewrite in ${request.paths.join(', ') || 'the working directory'}`,
  );
}

function show(
  before: FileContent,
  { applied, file, created, renames }: RewrittenFile,
  terminal: Terminal,
): void {
  const paint = paintFor(terminal.colour);
  for (const { rule, title } of applied) {
    terminal.out(
      `${paint('bold', printable(before.path))}: ${printable(title)} ${paint('dim', `[${rule}]`)}\n`,
    );
  }
  for (const { from, to } of renames) terminal.out(`${printable(from)} → ${printable(to)}\n`);
  terminal.out(paintDiff(unifiedDiff(before.path, before.text, file.text), terminal.colour));
  for (const { path, text } of created) {
    terminal.out(paintDiff(unifiedDiff(path, '', text), terminal.colour));
  }
}

/** All of it is written, or nothing: half of the phases would be other migrations than anyone wanted. */
async function write(
  before: FileContent,
  { applied, file, created, renames }: RewrittenFile,
  terminal: Terminal,
): Promise<void> {
  const { path } = before;
  const onDisk = await readContent(nodeFileSystem, path);
  if (onDisk?.text !== before.text || onDisk.byteOrderMark !== before.byteOrderMark) {
    throw new CannotRun(`${path} has changed while it was being rewritten: nothing was written`);
  }
  const undo: (() => Promise<void>)[] = [];
  let at = path;
  try {
    // The new files first: while the old one is as it was, nothing is lost.
    for (const each of created) {
      at = each.path;
      const target = absolutePath(at);
      await createFile(target, encode(each));
      undo.push(() => rm(target, { force: true }));
    }
    at = path;
    if (file.text !== before.text) {
      await replaceFile(path, encode(file));
      undo.push(() => replaceFile(path, encode(before)));
    }
    for (const { from, to } of renames) {
      at = to;
      await renameFile(absolutePath(from), absolutePath(to));
      undo.push(() => renameFile(absolutePath(to), absolutePath(from)));
    }
  } catch (error) {
    const left: string[] = [];
    for (const back of undo.reverse()) await back().catch((reason) => left.push(obstacleInWords(reason)));
    const after =
      left.length === 0 ? 'nothing was changed' : `what was written before stays: ${left.join('; ')}`;
    throw new CannotRun(`${at} cannot be written: ${obstacleInWords(error)}; ${after}`);
  }
  const paint = paintFor(terminal.colour);
  for (const { rule, title } of applied) {
    terminal.out(`${paint('bold', printable(path))}: ${printable(title)} ${paint('dim', `[${rule}]`)}\n`);
  }
  for (const each of created) terminal.out(`${printable(each.path)}\n`);
  for (const { to } of renames) terminal.out(`${printable(to)}\n`);
}
