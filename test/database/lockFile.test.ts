import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock, LockHeld } from '../../server/src/database/lockFile.ts';
import { processIdentity } from '../../server/src/database/processIdentity.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'skein-lock-'));
  path = join(directory, 'lock');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Leaves the lock file of a holder. */
function held(holder: { pid: number; started?: string; host?: string }): void {
  writeFileSync(path, JSON.stringify({ host: hostname(), since: 'now', nonce: 'n', ...holder }));
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}

test('names its holder, refuses the next one, and is free again when released', async () => {
  const lock = await acquireLock(path);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    pid: process.pid,
    started: expect.stringMatching(/./),
  });
  await expect(acquireLock(path)).rejects.toMatchObject({ holder: { pid: process.pid } });
  await lock.release();
  await (await acquireLock(path)).release();
  expect(readdirSync(directory)).toEqual([]);
});

test('is taken over from a process that is gone', async () => {
  held({ pid: await deadPid(), started: 'x' });
  await (await acquireLock(path)).release();
});

test('is taken over from a process whose id a later one has', async () => {
  held({ pid: process.pid, started: 'another boot 1' });
  await (await acquireLock(path)).release();
});

test('is not taken over from a process that runs', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    const identity = await processIdentity(child.pid ?? 0);
    held({ pid: child.pid ?? 0, ...(typeof identity === 'object' ? identity : {}) });
    await expect(acquireLock(path)).rejects.toThrow(LockHeld);
    expect(JSON.parse(readFileSync(path, 'utf8')).nonce).toBe('n');
  } finally {
    child.kill('SIGKILL');
  }
});

test('is not taken over from another machine', async () => {
  held({ pid: await deadPid(), host: 'elsewhere' });
  await expect(acquireLock(path)).rejects.toThrow(LockHeld);
});

test('a file that names nobody is taken over', async () => {
  writeFileSync(path, '{"pid": 1');
  await (await acquireLock(path)).release();
});

test('of many that take over a dead lock one has it', async () => {
  const pid = await deadPid();
  for (let round = 0; round < 20; round++) {
    held({ pid, started: 'x' });
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(path)));
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(won).toHaveLength(1);
    await won[0]?.release();
  }
});
