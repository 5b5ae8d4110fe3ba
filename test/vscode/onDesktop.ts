/**
 * npm run test:vscode:desktop: the suite in a desktop VS Code, which is downloaded into .tools/ on the first run.
 * SKEIN_VSCODE_VERSION names another version than the newest ("1.91.0" is the oldest that Skein supports).
 * On Linux without a display, run it under xvfb-run.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { printResults } from './results.ts';
import { bundleSuite } from './suiteBundle.ts';
import { suiteEnvironment } from './suiteEnvironment.ts';

const home = mkdtempSync(join(tmpdir(), 'skein-'));
try {
  const workspace = join(home, 'workspace');
  cpSync(resolve('test/vscode/workspace'), workspace, { recursive: true });
  const results = join(home, 'results.json');
  const environment = await suiteEnvironment(results);
  const exitCode = await runTests({
    version: process.env.SKEIN_VSCODE_VERSION ?? 'stable',
    cachePath: resolve('.tools/vscode-desktop'),
    extensionDevelopmentPath: resolve('.'),
    extensionTestsPath: await bundleSuite(),
    extensionTestsEnv: environment.variables,
    launchArgs: [
      join(workspace, 'two.code-workspace'),
      '--disable-extensions',
      '--disable-workspace-trust',
      '--user-data-dir',
      join(home, 'user-data'),
    ],
  }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  });
  await environment.stop();
  const { passed, failed } = printResults(results, exitCode);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
