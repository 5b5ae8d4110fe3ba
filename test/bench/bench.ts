import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HistoryAnalysis } from '../../server/src/analysis/historyAnalysis.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { loadParser, parseStatement } from '../../server/src/sql/parser.ts';
import { readStatements } from '../../server/src/sql/reader.ts';
import { history, longMigration } from './migrations.ts';
import { ServerProcess } from './server.ts';

const EDITS = 200;
const STARTS = 15;

const folders: string[] = [];
try {
  await throughput();
  const server = join(process.cwd(), 'dist', 'server.js');
  await editing(server);
  await starting(server);
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
    for (const before of [0, 499]) {
      const { folder, path, text } = project(before, lines);
      const process = new ServerProcess(server);
      await process.initialize(folder);
      const { diagnostics } = await process.open(path, text);
      await process.folderKnown;
      const times: number[] = [];
      const all = text.split('\n');
      const places = all.flatMap((line, i) => (/^\s+name text NOT NULL/.test(line) ? [i] : []));
      for (let i = 0; i < EDITS + 20; i++) {
        const line = places[(i >> 1) % places.length] ?? 0;
        const character = all[line]?.indexOf(' text') ?? 0;
        const position = { line, character };
        // A letter is typed at the end of a column's name, and taken away again.
        const time =
          i % 2 === 0
            ? await process.edit(path, { start: position, end: position }, 'x')
            : await process.edit(path, { start: position, end: { line, character: character + 1 } }, '');
        if (i >= 20) times.push(time);
      }
      await process.stop();
      const where = before === 0 ? 'alone' : `last of ${before + 1} migrations`;
      row(`edit, ${lines} lines, ${where}`, `${spread(times)} (${diagnostics} diagnostics)`);
    }
  }
}

/** From the start of the process to the diagnostics of the file that is open. */
async function starting(server: string): Promise<void> {
  for (const before of [0, 499]) {
    const { folder, path, text } = project(before, 200);
    const times: number[] = [];
    for (let i = 0; i < STARTS; i++) {
      const process = new ServerProcess(server);
      await process.initialize(folder);
      times.push((await process.open(path, text)).sinceStart);
      await process.stop();
    }
    const where = before === 0 ? 'alone' : `last of ${before + 1} migrations`;
    row(`process start to first diagnostics, 200 lines, ${where}`, spread(times));
  }
}

function project(before: number, lines: number): { folder: string; path: string; text: string } {
  const root = mkdtempSync(join(tmpdir(), 'skein-bench-'));
  folders.push(root);
  const folder = join(root, 'migrations');
  mkdirSync(folder);
  for (const { name, text } of history(before)) writeFileSync(join(folder, name), text);
  const path = join(folder, `${String(before + 1).padStart(5, '0')}_long.sql`);
  const text = longMigration(lines);
  writeFileSync(path, text);
  return { folder: root, path, text };
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
