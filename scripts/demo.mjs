/**
 * Builds Skein, then shows what it says about examples/ and what its safe fixes would write; then runs the goose
 * example on the embedded PostgreSQL, in a copy, up to the first mistake that a database refuses, and back again, and
 * the alembic one without Python.
 * The examples hold mistakes on purpose, so findings and that failure are none of the demo.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

run(process.execPath, [join('scripts', 'build.mjs')]);
skein(['lint', 'examples', '--fail-on', 'never']);
skein(['fix', 'examples', '--dry-run']);

const copy = mkdtempSync(join(tmpdir(), 'skein-demo-'));
try {
  cpSync(join(root, 'examples/goose'), copy, { recursive: true });
  writeFileSync(join(copy, 'skein.json'), '{}\n');
  skein(['up', '--embedded', '--yes', '--to', '4'], copy);
  skein(['status', '--embedded'], copy);
  skein(['up', '--embedded', '--yes'], copy, 1);
  skein(['down', '--embedded', '--yes', '--to', '0'], copy);
  skein(['status', '--embedded'], copy);
  const revisions = join(copy, 'alembic');
  cpSync(join(root, 'examples/alembic'), revisions, { recursive: true });
  skein(['up', '--embedded', '--yes'], revisions);
  skein(['down', '--embedded', '--yes', '--to', 'base'], revisions);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log('\nNothing in examples/ was written. To check your own migrations: node dist/cli.js lint PATH');

function skein(args, cwd = root, expected = 0) {
  console.log(`\n$ skein ${args.join(' ')}\n`);
  run(process.execPath, [join(root, 'dist', 'cli.js'), ...args], cwd, expected);
}

function run(command, args, cwd = root, expected = 0) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== expected) {
    console.error(`exit code ${status}, not ${expected}`);
    process.exit(status || 1);
  }
}
