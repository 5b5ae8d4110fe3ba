/**
 * Rewritten revisions, run by the real alembic: the same schema and rows as the originals, back to the schema before, and
 * forth again. npm run test:interop:rewrites [WORDS]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_NAMING } from '../../server/src/config/alembicConfig.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { databaseAt } from '../postgres/databaseAt.ts';
import { startPostgres } from '../postgres/startPostgres.ts';
import { type PythonOriginal, pythonOriginals, revisionsOf } from '../rewrites/alembicOriginals.ts';
import { rewrittenProject } from '../rewrites/alembicRewritten.ts';
import { rowsOf, schemaOf } from '../rewrites/schemaSnapshot.ts';
import { type Alembic, type Release, realAlembic, releases, writeProject } from './realAlembic.ts';

/** The originals whose description holds this. */
const wanted = process.argv[2] ?? '';
let passed = 0;
let failed = 0;

/** What a database holds after each command, but for alembic's own rows. */
async function states(
  port: number,
  alembic: Alembic,
  files: readonly { readonly path: string; readonly text: string }[],
  commands: readonly (readonly string[])[],
): Promise<readonly unknown[]> {
  const project = mkdtempSync(join(tmpdir(), 'skein-alembic-'));
  const database = await databaseAt(port);
  try {
    const named = files.map(({ path, text }) => [path.slice(path.lastIndexOf('/') + 1), text] as const);
    writeProject(project, Object.fromEntries(named));
    const found: unknown[] = [];
    for (const command of commands) {
      const { ok, refusal } = alembic.run(database.url, project, ...command);
      const rows = await rowsOf(database);
      found.push({
        ok: ok ? true : `${command.join(' ')} failed: ${refusal}`,
        schema: await schemaOf(database),
        rows: rows.filter((row) => !row.startsWith('alembic_version ')),
      });
      if (!ok) break;
    }
    return found;
  } finally {
    await database.drop();
    rmSync(project, { recursive: true });
  }
}

async function prove(
  port: number,
  release: Release,
  alembic: Alembic,
  original: PythonOriginal,
): Promise<void> {
  const up = ['upgrade', 'head'];
  const first = ['upgrade', '1a2b3c4d5e6f'];
  const model = await states(port, alembic, revisionsOf(original, original.comesTo), [first, up]);
  const { files } = rewrittenProject(original, { naming: DEFAULT_NAMING, release });
  const back = ['downgrade', '1a2b3c4d5e6f'];
  const found = await states(port, alembic, files, [up, back, up]);
  const [before, after] = model;
  check(`alembic ${release}: ${original.about}: up`, found[0], after, files);
  // What a column held that was taken back is lost.
  if (original.oneWay) return;
  const schemas = found.slice(1).map((each) => (each as { schema: unknown }).schema);
  const expected = [before, after].map((each) => (each as { schema: unknown } | undefined)?.schema);
  check(`alembic ${release}: ${original.about}: down and up`, schemas, expected, files);
}

function check(
  what: string,
  found: unknown,
  expected: unknown,
  files: readonly { readonly path: string; readonly text: string }[],
): void {
  if (isDeepStrictEqual(found, expected)) {
    passed++;
    return;
  }
  failed++;
  console.log(
    `${what}: ${JSON.stringify(found, undefined, 1)}, not ${JSON.stringify(expected, undefined, 1)}`,
  );
  for (const { path, text } of files.slice(1)) console.log(`=== ${path}\n${text}`);
}

await loadParser();
const postgres = await startPostgres(18);
try {
  for (const release of Object.keys(releases) as Release[]) {
    const alembic = realAlembic(release);
    for (const original of pythonOriginals.filter(({ about }) => about.includes(wanted)))
      await prove(postgres.port, release, alembic, original);
  }
} finally {
  await postgres.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
