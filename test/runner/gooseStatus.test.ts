import { expect, test } from 'vitest';
import { gooseStatus } from '../../server/src/runner/gooseStatus.ts';
import type { VersionRow } from '../../server/src/runner/tracking/gooseVersionTable.ts';
import { gooseFolder } from './gooseFolder.ts';

const files = gooseFolder({ '1_a.sql': '', '2_b.sql': '', '3_c.go': '', '4_d.sql': '' });

/** The last inserted first, as they are read. */
function row(version: number, at: string | null, applied = true): VersionRow {
  return { id: 1n, version: BigInt(version), applied, at };
}

function states(rows: VersionRow[] | undefined): string[] {
  return gooseStatus(files, rows).files.map(({ state }) => state);
}

test('a database without a version table has everything before it', () => {
  expect(states(undefined)).toEqual(['pending', 'pending', 'pending', 'pending']);
  expect(gooseStatus(files, undefined)).toMatchObject({ current: '0', tracked: false, withoutFile: [] });
});

test('applied, and pending after it', () => {
  const rows = [row(2, '2026-01-02 00:00:00'), row(1, '2026-01-01 00:00:00'), row(0, '2026-01-01 00:00:00')];
  expect(states(rows)).toEqual(['applied', 'applied', 'pending', 'pending']);
  expect(gooseStatus(files, rows).files[1]?.appliedAt).toBe('2026-01-02 00:00:00');
});

test('what was passed by is missing; what has a row that says no is passed over', () => {
  expect(states([row(4, 'b'), row(2, 'a', false), row(0, 'a')])).toEqual([
    'missing',
    'passedOver',
    'missing',
    'applied',
  ]);
});

test('the row with the latest time counts; among equal ones the last inserted', () => {
  expect(states([row(1, 'a', false), row(1, 'b', true), row(0, 'a')])[0]).toBe('applied');
  expect(states([row(1, 'b', false), row(1, 'b', true), row(0, 'a')])[0]).toBe('passedOver');
  expect(states([row(1, 'z', false), row(1, null, true), row(0, 'a')])[0]).toBe('applied');
});

test('applied versions that no file has are told, in their order', () => {
  const { withoutFile, current } = gooseStatus(files, [
    row(9, 'z'),
    row(7, 'x'),
    row(8, 'y', false),
    row(0, 'a'),
  ]);
  expect(withoutFile).toEqual([
    { version: '7', appliedAt: 'x' },
    { version: '9', appliedAt: 'z' },
  ]);
  expect(current).toBe('9');
});

test('a table without an applied row has no current version', () => {
  expect(gooseStatus(files, [row(1, 'a', false)]).current).toBeUndefined();
});
