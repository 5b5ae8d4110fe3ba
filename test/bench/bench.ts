import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HistoryAnalysis } from '../../server/src/analysis/historyAnalysis.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { loadParser, parseStatement } from '../../server/src/sql/parser.ts';
import { readStatements } from '../../server/src/sql/reader.ts';
import { history, longMigration, longRevision, revisionHistory } from './migrations.ts';
import { environment, ServerProcess } from './server.ts';

const EDITS = 1000;
const STARTS = 15;

const folders: string[] = [];
/** Where the servers keep what the next start needs: empty before the first. */
const cache = temporaryFolder();
try {
  const server = join(process.cwd(), 'dist', 'server.js');
  // While this process is small: to start another one takes longer the more memory it has.
  await starting(server);
  await editing(server);
  await throughput();
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** Statements a second, once through, each text seen for the first time. */
async function throughput(): Promise<void> {
  await loadParser();
  const files = history(3000).map(({ name, text }) => ({
    path: `migrations/${name}`,
    text,
    byteOrderMark: false,
  }));
  const texts = files.flatMap(({ text }) => readTexts(text));
  const unique = texts.map((text, i) => `${text} /* ${i} */`);
  let begin = performance.now();
  for (const text of unique) parseStatement(text);
  row('parsed', `${perSecond(unique.length, begin)} statements/s`);

  const analysis = new HistoryAnalysis('migrations', gooseFormat, {});
  begin = performance.now();
  for (const file of files) analysis.set(file);
  analysis.setComplete(true);
  let findings = 0;
  for (const { path } of files) findings += analysis.findings(path).length;
  row(
    'read, parsed, replayed and linted',
    `${perSecond(texts.length, begin)} statements/s (${files.length} files, ${findings} findings)`,
  );
}

function readTexts(text: string): readonly string[] {
  return readStatements(text).statements.map((statement) => statement.parsed.text);
}

/** A keystroke inside a statement, until its diagnostics are there. */
async function editing(server: string): Promise<void> {
  for (const lines of [200, 2000]) {
    for (const before of [0, 499]) await edited(server, goose(before, lines), lines);
  }
  for (const before of [0, 499]) await edited(server, alembic(before, 200), 200);
}

/** Types a letter and takes it away again, in one column's name after the other. */
async function edited(server: string, project: Project, lines: number): Promise<void> {
  const { folder, path, text, what } = project;
  const process = new ServerProcess(server, cache);
  await process.initialize(folder);
  const { diagnostics } = await process.open(path, text);
  await process.folderKnown;
  const times: number[] = [];
  const all = text.split('\n');
  const places = all.flatMap((line, i) => (project.place.test(line) ? [i] : []));
  for (let i = 0; i < EDITS + 20; i++) {
    const line = places[(i >> 1) % places.length] ?? 0;
    const character = all[line]?.indexOf(project.behind) ?? 0;
    const position = { line, character };
    const time =
      i % 2 === 0
        ? await process.edit(path, { start: position, end: position }, 'x')
        : await process.edit(path, { start: position, end: { line, character: character + 1 } }, '');
    if (i >= 20) times.push(time);
  }
  await process.stop();
  row(`edit, ${lines} lines, ${what}`, `${spread(times)} (${diagnostics} diagnostics)`);
}

/** From the start of the process to the diagnostics of the file that is open; and a process that does nothing. */
async function starting(server: string): Promise<void> {
  const empty = Array.from({ length: STARTS }, () => {
    const begin = performance.now();
    spawnSync(process.execPath, ['-e', '0'], { env: environment(cache) });
    return performance.now() - begin;
  });
  row('node -e 0', spread(empty));
  const startOn = async ({ folder, path, text }: Project): Promise<number> => {
    const process = new ServerProcess(server, cache);
    await process.initialize(folder);
    const { sinceStart } = await process.open(path, text);
    await process.stop();
    return sinceStart;
  };
  row(
    'process start to first diagnostics, after an installation',
    `${(await startOn(goose(0, 200))).toFixed(1)} ms`,
  );
  for (const before of [0, 499]) {
    const project = goose(before, 200);
    const times: number[] = [];
    for (let i = 0; i < STARTS; i++) times.push(await startOn(project));
    row(`process start to first diagnostics, 200 lines, ${project.what}`, spread(times));
  }
}

/** A folder with a long migration that comes last, and where a person types in it. */
interface Project {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
  readonly what: string;
  /** The lines that are typed in, and what stands behind the place. */
  readonly place: RegExp;
  readonly behind: string;
}

function goose(before: number, lines: number): Project {
  const file = { name: `${String(before + 1).padStart(5, '0')}_long.sql`, text: longMigration(lines) };
  const what = before === 0 ? 'alone' : `last of ${before + 1} migrations`;
  return {
    ...written('migrations', [...history(before), file]),
    what,
    place: /^\s+name text NOT NULL/,
    behind: ' text',
  };
}

function alembic(before: number, lines: number): Project {
  const revisions = revisionHistory(before);
  const file = { name: 'ffff_long.py', text: longRevision(lines, revisions.at(-1)?.id) };
  const what = before === 0 ? 'an alembic revision, alone' : `the last of ${before + 1} alembic revisions`;
  return {
    ...written('versions', [...revisions, file]),
    what,
    place: /^\s+sa\.Column\("name", /,
    behind: '", sa.Text',
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skein-bench-'));
  folders.push(folder);
  return folder;
}

/** Writes a folder, of which the last file is the long one. */
function written(
  name: string,
  files: readonly { readonly name: string; readonly text: string }[],
): Pick<Project, 'folder' | 'path' | 'text'> {
  const root = temporaryFolder();
  const folder = join(root, name);
  mkdirSync(folder);
  for (const file of files) writeFileSync(join(folder, file.name), file.text);
  const last = files.at(-1);
  return { folder: root, path: join(folder, last?.name ?? ''), text: last?.text ?? '' };
}

function perSecond(count: number, begin: number): string {
  return Math.round(count / ((performance.now() - begin) / 1000)).toLocaleString('en');
}

function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}

function row(what: string, figure: string): void {
  console.log(`${what.padEnd(72)} ${figure}`);
}
