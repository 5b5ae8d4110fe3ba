import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** A process that runs another one, which holds a connection as long as it lives. */
const parent = `
import { runPython } from ${JSON.stringify(resolve('server/src/runner/pythonProcess.ts'))};
const [port, end] = process.argv.slice(2);
const child = "require('node:net').connect(" + port + "); setInterval(() => undefined, 1000)";
if (end === 'handled') process.on('SIGTERM', () => undefined);
process.stdin.on('data', () => process.exit(0));
void runPython({ program: process.execPath, args: [] }, ['-e', child], { cwd: '.', patience: 1000 });
`;

let folder: string;
let script: string;
let server: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skein-python-'));
  script = join(folder, 'parent.cjs');
  await build({
    stdin: { contents: parent, resolveDir: resolve('.'), loader: 'ts' },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'warning',
  });
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function started(end: string): Promise<{ process: ChildProcess; connection: Socket }> {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const process = spawn(globalThis.process.execPath, [script, String(port), end], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const [connection] = await once(server, 'connection');
  return { process, connection };
}

async function closed(connection: Socket): Promise<void> {
  if (!connection.closed) await once(connection.on('error', () => undefined).resume(), 'close');
}

describe.runIf(process.platform !== 'win32')('what this process has started ends with it', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('on %s', async (signal) => {
    const { process, connection } = await started('alone');
    const exit = once(process, 'exit');
    process.kill(signal);
    await closed(connection);
    expect(await exit).toEqual([null, signal]);
  });

  test('when it ends by itself', async () => {
    const { process, connection } = await started('alone');
    const exit = once(process, 'exit');
    process.stdin?.write('end');
    await closed(connection);
    expect(await exit).toEqual([0, null]);
  });

  test('but not on a signal that it goes on after', async () => {
    const { process, connection } = await started('handled');
    process.kill('SIGTERM');
    const exit = once(process, 'exit');
    process.stdin?.write('end');
    await closed(connection);
    expect(await exit).toEqual([0, null]);
  });
});
