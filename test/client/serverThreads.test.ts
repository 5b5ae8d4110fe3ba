import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { threadArguments } from '../../client/src/serverThreads.ts';

test.each([
  [1, 1],
  [2, 1],
  [4, 3],
  [64, 4],
])('on %i processors the server gets %i threads beside its own, and Node takes it', (processors, threads) => {
  const args = threadArguments(processors, process.versions);
  expect(args).toEqual([`--v8-pool-size=${threads}`]);
  expect(execFileSync(process.execPath, [...args, '-p', '1 + 1'], { encoding: 'utf8' })).toBe('2\n');
});

test('Electron is told nothing', () => {
  expect(threadArguments(2, { ...process.versions, electron: '30.1.2' })).toEqual([]);
});
