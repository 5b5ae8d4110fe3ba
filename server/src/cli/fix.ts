import { parseArgs } from 'node:util';
import type { FileContent } from '../migrations/migration.ts';
import { isRule } from '../workspace/configFiles.ts';
import { encode, readContent } from '../workspace/fileContent.ts';
import { obstacleInWords } from '../workspace/fileSystem.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { nodeFileSystem, replaceFile } from '../workspace/nodeFileSystem.ts';
import { applySafeFixes } from '../workspace/safeFixes.ts';
import { CannotRun } from './cannotRun.ts';
import { paintFor, printable } from './paint.ts';
import { rewrite } from './rewriting.ts';
import { targets } from './targets.ts';
import type { Terminal } from './terminal.ts';
import { amount } from './textReporter.ts';
import { paintDiff, unifiedDiff } from './unifiedDiff.ts';

/** `skein fix`: writes the safe fixes, with `--rewrite` whole migrations; `--dry-run` shows a diff. Gives the exit code. */
export async function fix(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rule: { type: 'string', multiple: true, default: [] },
      'dry-run': { type: 'boolean', default: false },
      rewrite: { type: 'boolean', default: false },
      set: { type: 'string', multiple: true, default: [] },
      config: { type: 'string' },
      database: { type: 'string' },
      embedded: { type: 'boolean', default: false },
    },
  });
  if (values.rewrite) {
    const { rule, set, config, 'dry-run': dryRun, database, embedded } = values;
    return rewrite(
      { paths: positionals, rules: rule, set, config, dryRun, database: { database, embedded } },
      terminal,
    );
  }
  if (values.set.length > 0) throw new CannotRun('--set goes with --rewrite');
  if (values.database !== undefined || values.embedded) {
    throw new CannotRun('--database and --embedded go with --rewrite');
  }
  const rules = new Set(values.rule.flatMap((ids) => ids.split(',')));
  for (const id of rules) if (!isRule(id)) throw new CannotRun(`--rule: there is no rule "${id}"`);
  const folders = await targets({
    files: nodeFileSystem,
    paths: positionals,
    config: values.config,
    warn: (line) => terminal.error(`skein: ${line}\n`),
  });
  let fixes = 0;
  let files = 0;
  for (const { history, paths } of folders) {
    for (const path of paths) {
      const applied = await fixFile(history, path, rules, values['dry-run'], terminal);
      fixes += applied;
      if (applied > 0) files++;
    }
  }
  // A diff on stdout is for `patch` and `git apply`: what is said about it goes elsewhere.
  const say = values['dry-run'] ? terminal.error : terminal.out;
  const verb = values['dry-run'] ? 'would be applied' : 'applied';
  say(
    fixes === 0
      ? 'Nothing to fix.\n'
      : `${amount(fixes, 'safe fix', 'safe fixes')} ${verb} in ${amount(files, 'file')}.\n`,
  );
  return 0;
}

/** Gives how many fixes were applied. */
async function fixFile(
  history: FolderHistory,
  path: string,
  rules: ReadonlySet<string>,
  dryRun: boolean,
  terminal: Terminal,
): Promise<number> {
  const before = history.content(path);
  const allocate = { now: () => new Date() };
  const wanted = (rule: string) => rules.size === 0 || rules.has(rule);
  const { text, applied } = applySafeFixes(history, path, allocate, (finding) => wanted(finding.rule));
  if (!before || applied.length === 0) return 0;
  const after = { ...before, text };
  if (dryRun) {
    terminal.out(paintDiff(unifiedDiff(path, textWithMark(before), textWithMark(after)), terminal.colour));
  } else {
    await write(before, after);
    const paint = paintFor(terminal.colour);
    for (const { rule, title } of applied) {
      terminal.out(`${paint('bold', printable(path))}: ${printable(title)} ${paint('dim', `[${rule}]`)}\n`);
    }
  }
  // The files after it are judged by what it says now.
  history.written(after);
  return applied.length;
}

async function write(before: FileContent, after: FileContent): Promise<void> {
  const { path } = after;
  const onDisk = await readContent(nodeFileSystem, path);
  if (onDisk?.text !== before.text || onDisk.byteOrderMark !== before.byteOrderMark) {
    throw new CannotRun(`${path} has changed while it was being fixed: nothing was written to it`);
  }
  try {
    await replaceFile(path, encode(after));
  } catch (error) {
    throw new CannotRun(`${path} cannot be written: ${obstacleInWords(error)}`);
  }
}

function textWithMark({ byteOrderMark, text }: FileContent): string {
  return byteOrderMark ? `\uFEFF${text}` : text;
}
