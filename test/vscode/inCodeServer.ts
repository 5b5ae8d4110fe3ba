/**
 * npm run test:vscode: installs the packaged extension (skein.vsix) in a VS Code that has never seen the source, and
 * runs test/vscode/suite in its extension host, then the walk through its windows. With `--picture FILE` the walk's
 * screenshot is written there.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from './chromium.ts';
import { startCodeServer } from './codeServer.ts';
import { installCodeServer } from './codeServerInstall.ts';
import { runHostSuite } from './hostSuite.ts';
import { walkThroughWindow, windowSettings } from './window.ts';

const { values } = parseArgs({
  options: { picture: { type: 'string', default: 'dist-test/editor.png' } },
});
const install = installCodeServer();
const home = mkdtempSync(join(tmpdir(), 'skein-vscode-'));
mkdirSync('dist-test', { recursive: true });

const server = await startCodeServer(install, home, resolve('skein.vsix'), windowSettings);
const browser = await launchChromium();
try {
  console.log('In the extension host');
  const host = await runHostSuite(server, browser, home);
  console.log('In the window');
  const window = await walkThroughWindow(server, browser, home, values.picture);
  const failed = host.failed + window.failed;
  if (failed > 0) console.log(`\ncode-server printed:\n${server.log().slice(-4000)}`);
  console.log(`${host.passed + window.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await browser.close();
  await server.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
