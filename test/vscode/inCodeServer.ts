/**
 * npm run test:vscode: installs the packaged extension (skein.vsix) in VS Codes that have never seen the source, runs
 * test/vscode/suite in the extension host of one, then walks through windows of others. With `--pictures DIRECTORY`
 * what they look like is written there.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from './chromium.ts';
import { type CodeServer, type CodeServerOptions, startCodeServer } from './codeServer.ts';
import { installCodeServer } from './codeServerInstall.ts';
import { runHostSuite } from './hostSuite.ts';
import type { Results } from './results.ts';
import { walkThroughRewrite } from './rewriteWindow.ts';
import { walkThroughRuns } from './runsWindow.ts';
import { walkUntrusted } from './untrustedWindow.ts';
import { walkThroughWindow, windowSettings } from './window.ts';

const { values } = parseArgs({
  options: { pictures: { type: 'string', default: 'dist-test' } },
});
const picture = (name: string) => join(values.pictures, `${name}.png`);
const install = installCodeServer();
const home = mkdtempSync(join(tmpdir(), 'skein-vscode-'));
mkdirSync('dist-test', { recursive: true });
const browser = await launchChromium();

/** In a VS Code of its own, with a directory of its own. */
async function inServer(
  name: string,
  options: CodeServerOptions,
  run: (server: CodeServer, home: string) => Promise<Results>,
): Promise<Results> {
  console.log(name);
  const own = join(home, name.replaceAll(' ', '-'));
  mkdirSync(own);
  const server = await startCodeServer(install, own, resolve('skein.vsix'), {
    settings: windowSettings,
    ...options,
  });
  try {
    const results = await run(server, own);
    if (results.failed > 0) console.log(`\ncode-server printed:\n${server.log().slice(-4000)}`);
    return results;
  } finally {
    await server.stop();
  }
}

try {
  const all = [
    await inServer('In the extension host', { runsTests: true }, (server, own) =>
      runHostSuite(server, browser, own),
    ),
    await inServer('In a window that finds mistakes', {}, (server, own) =>
      walkThroughWindow(server, browser, own, picture('editor')),
    ),
    await inServer('In a window that rewrites', {}, (server, own) =>
      walkThroughRewrite(server, browser, own),
    ),
    await inServer('In a window that runs migrations', {}, (server, own) =>
      walkThroughRuns(server, browser, own, {
        view: picture('migrations-view'),
        failure: picture('failing-migration'),
      }),
    ),
    await inServer('In a window that is not trusted', { asksForTrust: true }, (server, own) =>
      walkUntrusted(server, browser, own),
    ),
  ];
  const sum = (count: (results: Results) => number) => all.map(count).reduce((a, b) => a + b);
  const failed = sum((results) => results.failed);
  console.log(`${sum(({ passed }) => passed)} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
