import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeServerInstall } from './codeServerInstall.ts';

/** A VS Code in a browser, on a free port of this machine, with data of its own. */
export interface CodeServer {
  /** "127.0.0.1:PORT", as it stands in the address of a page and in `vscode-remote://` URIs. */
  readonly authority: string;
  /** All that the server printed so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface CodeServerOptions {
  /** The person's own settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether it asks if a folder is to be trusted; else all are. */
  readonly asksForTrust?: boolean;
  /** Whether windows can run tests in their extension host. They show no notifications then. */
  readonly runsTests?: boolean;
}

/** What keeps a fresh VS Code quiet: no welcome page, no chat, no update checks. */
const quiet = {
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'files.autoSave': 'off',
  'files.hotExit': 'off',
};

/**
 * Starts code-server with the packaged extension and nothing else installed. All it writes goes to `home`.
 * Rejects with the server's own words when it does not come up.
 */
export async function startCodeServer(
  install: CodeServerInstall,
  home: string,
  vsix: string,
  { settings = {}, asksForTrust = false, runsTests = false }: CodeServerOptions = {},
): Promise<CodeServer> {
  mkdirSync(join(home, 'user-data/User'), { recursive: true });
  mkdirSync(join(home, 'extensions'));
  writeFileSync(join(home, 'user-data/User/settings.json'), JSON.stringify({ ...quiet, ...settings }));
  writeFileSync(join(home, 'config.yaml'), 'bind-addr: 127.0.0.1:0\nauth: none\ncert: false\n');
  const env = environment(home);
  const args = [
    install.entry,
    ...['--config', join(home, 'config.yaml')],
    ...['--user-data-dir', join(home, 'user-data')],
    ...['--extensions-dir', join(home, 'extensions')],
  ];
  const installed = spawnSync(install.node, [...args, '--install-extension', vsix, '--force'], {
    env,
    encoding: 'utf8',
  });
  if (installed.status !== 0)
    throw new Error(`${vsix} was not installed: ${installed.stdout}${installed.stderr}`);

  const process_ = spawn(
    install.node,
    [
      ...args,
      '--disable-telemetry',
      '--disable-update-check',
      ...(asksForTrust ? [] : ['--disable-workspace-trust']),
      '--disable-getting-started-override',
      '--ignore-last-opened',
      // A built workbench runs extension tests only with this (VS Code 1.139).
      ...(runsTests ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ],
    // A group of its own, so that its children can be ended with it.
    { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  const ended = new Promise<void>((resolve) => process_.once('exit', () => resolve()));
  const authority = await new Promise<string>((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`code-server ${reason}\n${log}`));
    const timer = setTimeout(() => fail('did not start within 60 s'), 60_000);
    void ended.then(() => fail('ended'));
    for (const stream of [process_.stdout, process_.stderr]) {
      stream.on('data', (data) => {
        log += data;
        const address = /HTTP server listening on http:\/\/([\d.:]+)/.exec(log)?.[1];
        if (address === undefined) return;
        clearTimeout(timer);
        resolve(address);
      });
    }
  });
  return {
    authority,
    log: () => log,
    stop: async () => {
      if (process_.pid !== undefined && process_.exitCode === null) process.kill(-process_.pid, 'SIGTERM');
      await ended;
    },
  };
}

/** Where a window on a folder is opened. */
export function addressOf({ authority }: CodeServer, folder: string): string {
  return `http://${authority}/?${new URLSearchParams({ folder })}`;
}

function environment(home: string): NodeJS.ProcessEnv {
  // An address where nobody answers, or the workbench would ask a marketplace.
  const nowhere = 'http://127.0.0.1:9';
  const { VSCODE_IPC_HOOK_CLI: _hook, PORT: _port, PASSWORD: _password, ...rest } = process.env;
  return {
    ...rest,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    EXTENSIONS_GALLERY: JSON.stringify({
      serviceUrl: nowhere,
      itemUrl: nowhere,
      resourceUrlTemplate: nowhere,
    }),
  };
}
