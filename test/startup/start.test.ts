import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
let cache: string;
let bundle: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-start-'));
  cache = join(folder, 'cache');
  bundle = join(folder, 'bundle.js');
  writeFileSync(
    join(folder, 'door.ts'),
    `import { start } from ${JSON.stringify(starter)}; start(process.argv[2] ?? '', 0);`,
  );
  buildSync({
    entryPoints: [join(folder, 'door.ts')],
    outfile: join(folder, 'door.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
  });
  say('one');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const starter = join(process.cwd(), 'server/src/startup/start.ts');

/** A bundle that shows what it was given, and says a word. */
function say(word: string): void {
  writeFileSync(
    bundle,
    Module.wrap(`const path = require('node:path'); function said() { return '${word}'; }
     module.exports = 1; console.log(said(), path.basename(__filename), __dirname === path.dirname(__filename));`),
  );
}

function run(home = cache): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, 'door.js'), bundle], {
    encoding: 'utf8',
    env: { ...process.env, HOME: home, XDG_CACHE_HOME: home, LOCALAPPDATA: home },
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.trim();
}

/** The file of machine code, wherever the platform keeps it. */
function kept(): string {
  const files = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  expect(files).toHaveLength(1);
  return join(files[0]?.parentPath ?? '', files[0]?.name ?? '');
}

test('a bundle runs as node runs it, the first time and from its kept code', () => {
  expect(run()).toBe('one bundle.js true');
  const code = readFileSync(kept());
  expect(run()).toBe('one bundle.js true');
  expect(readFileSync(kept()).equals(code)).toBe(true);
});

test('another bundle at the same place is not taken for the old one', () => {
  run();
  const code = readFileSync(kept());
  say('another word');
  expect(run()).toBe('another word bundle.js true');
  expect(readFileSync(kept()).equals(code)).toBe(false);
});

test('code that is damaged is made anew', () => {
  run();
  const whole = readFileSync(kept());
  const end = whole.indexOf('\n') + 1;
  for (const damaged of [
    whole.subarray(0, 10),
    Buffer.concat([whole.subarray(0, end), Buffer.from('no code')]),
  ]) {
    writeFileSync(kept(), damaged);
    expect(run()).toBe('one bundle.js true');
    expect(readFileSync(kept()).equals(damaged)).toBe(false);
  }
});

test('what a process that was killed has left is not there for ever', () => {
  run();
  writeFileSync(`${kept()}.new`, 'half');
  say('another word');
  expect(run()).toBe('another word bundle.js true');
  expect(readFileSync(kept(), 'latin1')).not.toContain('half');
  expect(run()).toBe('another word bundle.js true');
});

test('what a later run has compiled besides is kept too, but looked for only once a day', () => {
  const long = Array.from(
    { length: 50 },
    (_, i) => `console.log(${i}, 'a line of a function that is called later');`,
  );
  writeFileSync(
    bundle,
    Module.wrap(`function more() { ${long.join('\n')} } if (process.env.WANTED) more(); console.log('one');`),
  );
  const wanting = (wanted: string) => {
    const env = { ...process.env, HOME: cache, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache, WANTED: wanted };
    spawnSync(process.execPath, [join(folder, 'door.js'), bundle], { env });
    return readFileSync(kept()).length;
  };
  const days = (count: number) => new Date(Date.now() - count * 24 * 3_600_000);
  const first = wanting('');
  expect(wanting('more')).toBe(first);
  utimesSync(kept(), days(2), days(2));
  expect(wanting('')).toBe(first);
  // It has been looked for.
  expect(statSync(kept()).mtime.getTime()).toBeGreaterThan(days(1).getTime());
  utimesSync(kept(), days(2), days(2));
  const second = wanting('more');
  expect(second).toBeGreaterThan(first);
  utimesSync(kept(), days(2), days(2));
  expect(wanting('')).toBe(second);
});

test('code is kept while the bundle still runs', () => {
  writeFileSync(
    bundle,
    Module.wrap(`const fs = require('node:fs'); const { XDG_CACHE_HOME: cache } = process.env;
     fs.mkdirSync(cache, { recursive: true });
     const files = () => fs.readdirSync(cache, { recursive: true }).filter((name) => name.endsWith(process.arch));
     // Ends without a word to anybody.
     const look = () => files().length > 0 && process.kill(process.pid, 'SIGKILL');
     const looking = setInterval(look, 1);`),
  );
  const { signal } = spawnSync(process.execPath, [join(folder, 'door.js'), bundle], {
    env: { ...process.env, HOME: cache, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache },
  });
  expect(signal).toBe('SIGKILL');
  expect(readFileSync(kept()).length).toBeGreaterThan(100);
});

test('where nothing can be kept, it runs all the same', () => {
  expect(run(bundle)).toBe('one bundle.js true');
});
