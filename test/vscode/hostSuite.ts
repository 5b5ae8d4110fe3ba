import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import type { CodeServer } from './codeServer.ts';
import { printResults, type Results } from './results.ts';
import { bundleSuite } from './suiteBundle.ts';
import { suiteEnvironment } from './suiteEnvironment.ts';

/** Far above the time it takes (one minute, on a busy machine four): a window that hangs must not hang CI. */
const limit = 600_000;

/**
 * Runs test/vscode/suite in the extension host of a new window, in a copy of test/vscode/workspace.
 * What Skein is, the window knows only from the installed package.
 */
export async function runHostSuite(server: CodeServer, browser: Browser, home: string): Promise<Results> {
  const workspace = join(home, 'workspace');
  cpSync(resolve('test/vscode/workspace'), workspace, { recursive: true });
  const results = join(home, 'results.json');
  const environment = await suiteEnvironment(results);
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });

  const ended = new Promise<number>((done) => {
    // VS Code calls these two by name: with the exit code at the end, and for each line of a console.
    void page.exposeFunction('codeAutomationExit', done);
    setTimeout(() => done(-1), limit).unref();
  });
  await page.exposeFunction('codeAutomationLog', () => {});

  const remote = (path: string): string => `vscode-remote://${server.authority}${path}`;
  const payload = [
    ['extensionEnvironment', JSON.stringify(environment.variables)],
    ['extensionDevelopmentPath', remote(emptyExtension(home))],
    ['extensionTestsPath', remote(await bundleSuite())],
  ];
  const query = new URLSearchParams({
    workspace: join(workspace, 'two.code-workspace'),
    payload: JSON.stringify(payload),
  });
  await page.goto(`http://${server.authority}/?${query}`);
  const exitCode = await ended;
  if (exitCode !== 0) await page.screenshot({ path: 'dist-test/vscode-suite-failed.png' });
  await page.close();
  await environment.stop();
  return printResults(results, exitCode);
}

/** VS Code runs tests only beside an extension under development. This one does nothing. */
function emptyExtension(home: string): string {
  const folder = join(home, 'nothing');
  mkdirSync(folder);
  const manifest = { name: 'nothing', publisher: 'skein-test', version: '0.0.0', engines: { vscode: '*' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}
