/**
 * npm run test:vscode: installs the packaged extension (skein.vsix) in a VS Code that has never seen the source, and
 * runs test/vscode/suite in its extension host, then walks through its windows. With `--pictures DIRECTORY` their
 * pictures are written there.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from './chromium.ts';
import { startCodeServer } from './codeServer.ts';
import { installCodeServer } from './codeServerInstall.ts';
import { runHostSuite } from './hostSuite.ts';
import type { Results } from './results.ts';
import { walkThroughRuns } from './runsWindow.ts';
import { walkUntrusted } from './untrustedWindow.ts';
import { walkThroughWindow, windowSettings } from './window.ts';

const { values } = parseArgs({
  options: { pictures: { type: 'string', default: 'dist-test' } },
});
const install = installCodeServer();
const home = mkdtempSync(join(tmpdir(), 'skein-vscode-'));
mkdirSync('dist-test', { recursive: true });

const server = await startCodeServer(install, home, resolve('skein.vsix'), { settings: windowSettings });
const browser = await launchChromium();
try {
  console.log('In the extension host');
  const host = await runHostSuite(server, browser, home);
  console.log('In the window');
  const walks = [
    await walkThroughWindow(server, browser, home, join(values.pictures, 'editor.png')),
    await walkThroughRuns(server, browser, home, {
      view: join(values.pictures, 'migrations-view.png'),
      failure: join(values.pictures, 'failing-migration.png'),
    }),
    await untrusted(),
  ];
  const sum = (count: (results: Results) => number) => [host, ...walks].map(count).reduce((a, b) => a + b);
  const failed = sum((results) => results.failed);
  if (failed > 0) console.log(`\ncode-server printed:\n${server.log().slice(-4000)}`);
  console.log(`${sum(({ passed }) => passed)} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await browser.close();
  await server.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

/** In a VS Code of its own, which asks whether a folder is trusted. */
async function untrusted(): Promise<Results> {
  const own = join(home, 'asking');
  mkdirSync(own);
  const asking = await startCodeServer(install, own, resolve('skein.vsix'), {
    settings: windowSettings,
    asksForTrust: true,
  });
  try {
    return await walkUntrusted(asking, browser, home);
  } finally {
    await asking.stop();
  }
}
