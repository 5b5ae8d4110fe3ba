/**
 * npm run share:alembic -- FOLDER…: of the calls on alembic's `op` (and of a batch) in the revisions of each folder, how
 * many came to SQL. The calls are counted in the text, by what they are called on: not by what was understood.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DIRECTIVES } from '../../server/src/migrations/formats/alembic/directives.ts';
import { LoweredStatement } from '../../server/src/migrations/formats/alembic/loweredStatement.ts';
import { alembicFormat } from '../../server/src/migrations/formats/alembic.ts';
import { isRevisionFile } from '../../server/src/migrations/formats/alembicFileName.ts';
import { type MigrationFile, statementsOf } from '../../server/src/migrations/migration.ts';
import { ParsedPython } from '../../server/src/python/parsePython.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import type { Span } from '../../server/src/sql/span.ts';

/** They send nothing. */
const SILENT =
  /^(?:get_bind|get_context|f|inline_literal|batch_alter_table|implementation_for|register_operation)$/;

const format = alembicFormat();
await loadParser();
const folders = process.argv.slice(2);
if (folders.length === 0) {
  console.error('usage: npm run share:alembic -- FOLDER… (folders of revisions)');
  process.exit(2);
}
for (const folder of folders) report(folder);

function report(folder: string): void {
  const names = readdirSync(folder).filter(isRevisionFile).sort();
  const files = names.map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return format.read({ path: join(folder, name), text, byteOrderMark: false });
  });
  const graph = format.order(files).graph;
  const calls = files.flatMap((file) => callsIn(file).map((at) => ({ file, at })));
  const left = calls.filter(({ file, at }) => !isLowered(file, at));
  // What other packages put onto op only they know.
  const foreign = left.filter(({ file, at }) => !isAlembics(file.text, at)).length;
  const own = calls.length - foreign;
  const share = own === 0 ? 100 : (100 * (calls.length - left.length)) / own;
  console.log(
    `${folder}: ${files.length} files, ${graph?.nodes.size ?? 0} revisions in the graph; ${calls.length - left.length} of ${own} calls of alembic's came to SQL (${share.toFixed(2)} %), and none of ${foreign} of other packages`,
  );
  for (const { file, at } of left) {
    const line = file.text.slice(0, at).split('\n').length;
    const source = file.text.slice(at, file.text.indexOf('\n', at)).trim();
    const end = file.text.indexOf('\n', at);
    const said = file.problems.some(
      ({ span }) => isWithin(at, span) || isWithin(span.start, { start: at, end }),
    );
    console.log(`  ${basename(file.path)}:${line} ${said ? 'said' : 'passed over'}: ${source}`);
  }
}

/** Where calls on `op`, or on what `op.batch_alter_table` gives, stand in the code of a file. */
function callsIn({ text }: MigrationFile): readonly number[] {
  const { strings, comments } = ParsedPython.of(text);
  const batches = [...text.matchAll(/batch_alter_table\([^)]*\)\s+as\s+(\w+)/g)].map(
    ([, name]) => name ?? '',
  );
  const names = ['op', ...new Set(batches)].join('|');
  return [...text.matchAll(new RegExp(`(?<![\\w.])(?:${names})\\.(\\w+)\\(`, 'g'))]
    .filter(({ index, 1: name = '' }) => {
      const inText = [...strings, ...comments].some((span) => isWithin(index, span));
      return !inText && !SILENT.test(name);
    })
    .map(({ index }) => index);
}

function isLowered({ up, down }: MigrationFile, at: number): boolean {
  return [up, ...(down === undefined ? [] : [down])]
    .flatMap((script) => statementsOf(script))
    .some((statement) => statement instanceof LoweredStatement && statement.site.span.start === at);
}

function isAlembics(text: string, at: number): boolean {
  const name = /^\w+\.(\w+)/.exec(text.slice(at, at + 100))?.[1] ?? '';
  return /^(?:execute|bulk_insert|invoke)$/.test(name) || Object.hasOwn(DIRECTIVES, name);
}

function isWithin(at: number, { start, end }: Span): boolean {
  return start <= at && at < end;
}
