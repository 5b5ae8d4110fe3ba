import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

/**
 * What VS Code calls in its extension host: runs the bundled *.test.js beside this file. Rejects when a test fails.
 * The results go to the file that SKEIN_TEST_RESULTS names, as mocha's json.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({
    ui: 'tdd',
    // The first file opened starts the server, which has taken 13 s on a busy machine, window and all; a test that starts
    // the embedded PostgreSQL again and again took 51 s there.
    timeout: 180_000,
    reporter: 'json',
    reporterOptions: { output: process.env.SKEIN_TEST_RESULTS },
  });
  for (const file of readdirSync(__dirname)
    .filter((name) => name.endsWith('.test.js'))
    .sort())
    mocha.addFile(join(__dirname, file));
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} failed`);
}
