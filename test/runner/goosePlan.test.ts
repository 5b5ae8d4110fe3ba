import { describe, expect, test } from 'vitest';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import { planGoose } from '../../server/src/runner/goosePlan.ts';
import { type Command, type Plan, samePlan } from '../../server/src/runner/plan.ts';
import { RunRefused } from '../../server/src/runner/runRefused.ts';
import { GooseVersionTable, type VersionRow } from '../../server/src/runner/tracking/gooseVersionTable.ts';
import { gooseFolder } from './gooseFolder.ts';

/** Rows in the order they were inserted: versions, negative ones as rows that are not applied. */
function rows(...versions: number[]): VersionRow[] {
  return versions
    .map((version, i) => ({
      id: BigInt(i + 1),
      version: BigInt(Math.abs(version)),
      applied: version >= 0,
      at: null,
    }))
    .reverse();
}

function folder(...versions: number[]): FileContent[] {
  const files = versions.map((v) => [
    `${String(v).padStart(5, '0')}_m.sql`,
    { up: `SELECT ${v};`, down: `SELECT -${v};` },
  ]);
  return gooseFolder(Object.fromEntries(files));
}

function plan(command: Command, files: FileContent[], applied: VersionRow[] | undefined): Plan {
  return planGoose(command, files, applied, () => undefined, new GooseVersionTable('goose_db_version'));
}

/** What would run: `3` for up, `-3` for down; then what stops it. */
function planned(command: Command, files: FileContent[], applied: VersionRow[]): unknown[] {
  const { runs, barrier } = plan(command, files, applied);
  const steps = runs.map(({ version, direction }) => Number(version) * (direction === 'up' ? 1 : -1));
  return barrier ? [...steps, barrier.kind] : steps;
}

function refusal(command: Command, files: FileContent[], applied: VersionRow[]): RunRefused {
  try {
    planned(command, files, applied);
  } catch (error) {
    if (error instanceof RunRefused) return error;
    throw error;
  }
  throw new Error('not refused');
}

const up: Command = { kind: 'up' };
const down: Command = { kind: 'down' };
const redo: Command = { kind: 'redo' };

describe('up', () => {
  test.each<[string, Command, number[], number[], unknown[]]>([
    ['everything on a fresh database', up, [1, 2, 3], [0], [1, 2, 3]],
    ['in the order of versions, not of names', up, [10, 9, 100], [0], [9, 10, 100]],
    ['what is after the last applied', up, [1, 2, 3], [0, 1, 2], [3]],
    ['nothing when all is applied', up, [1, 2], [0, 1, 2], []],
    ['nothing when later versions have no file', up, [1, 2], [0, 1, 2, 9], []],
    ['up to a version', { kind: 'up', to: '2' }, [1, 2, 3], [0], [1, 2]],
    ['up to one that no file has', { kind: 'up', to: '5' }, [1, 4, 8], [0], [1, 4]],
    ['up to one that is applied', { kind: 'up', to: '1' }, [1, 2], [0, 1], []],
    ['the next only', { kind: 'up', onlyNext: true }, [1, 2, 3], [0, 1], [2]],
    ['a row that says not applied counts as applied', up, [1, 2, 3], [0, 1, -2], [3]],
    [
      'missing ones first, where that is allowed',
      { kind: 'up', allowMissing: true },
      [1, 2, 3, 4, 5],
      [0, 1, 3],
      [2, 4, 5],
    ],
    [
      'missing ones only up to the target',
      { kind: 'up', allowMissing: true, to: '2' },
      [1, 2, 3, 5],
      [0, 4],
      [1, 2],
    ],
  ])('%s', (_, command, files, applied, expected) => {
    expect(planned(command, folder(...files), rows(...applied))).toEqual(expected);
  });

  test('a database without a version table gets one, and is as one with row 0', () => {
    const without = plan(up, folder(1, 2), undefined);
    const fresh = plan(up, folder(1, 2), rows(0));
    expect(samePlan(without, fresh)).toBe(true);
    expect(without.versionTable).toHaveLength(2);
    expect(fresh.versionTable).toEqual([]);
  });

  test('refuses to leave a gap, in the words of goose', () => {
    const { message, reason } = refusal(up, folder(1, 2, 3, 4), rows(0, 2, 4));
    expect(reason).toBe('missing');
    expect(message).toBe(
      'found 2 missing migrations before current version 4:\n\tversion 1: migrations/00001_m.sql\n\tversion 3: migrations/00003_m.sql',
    );
  });

  test('a gap after the target is none', () => {
    expect(planned({ kind: 'up', to: '2' }, folder(1, 2, 3, 5), rows(0, 1, 2, 5))).toEqual([]);
  });
});

describe('down', () => {
  test.each<[string, Command, number[], number[], unknown[]]>([
    ['the last applied', down, [1, 2, 3], [0, 1, 2, 3], [-3]],
    ['the last inserted, not the greatest', down, [1, 2, 3], [0, 1, 3, 2], [-2]],
    ['a version counts by its last row', down, [1, 2], [0, 1, 2, -2], [-1]],
    ['all after a version', { kind: 'down', to: '1' }, [1, 2, 3], [0, 1, 2, 3], [-3, -2]],
    ['all', { kind: 'down', to: '0' }, [1, 2, 3], [0, 1, 2, 3], [-3, -2, -1]],
    [
      'stops at the first current version that is not after the target',
      { kind: 'down', to: '2' },
      [1, 2, 3, 4],
      [0, 1, 4, 2, 3],
      [-3],
    ],
    ['nothing on a fresh database', { kind: 'down', to: '0' }, [1], [0], []],
    ['nothing when the target is ahead', { kind: 'down', to: '9' }, [1, 2], [0, 1, 2], []],
    ['as far as there are files', { kind: 'down', to: '0' }, [1, 3], [0, 1, 2, 3], [-3, 'no-file']],
    ['both ways', redo, [1, 2], [0, 1, 2], [-2, 2]],
  ])('%s', (_, command, files, applied, expected) => {
    expect(planned(command, folder(...files), rows(...applied))).toEqual(expected);
  });

  test('refuses when there is nothing to roll back', () => {
    expect(refusal(down, folder(1), rows(0)).reason).toBe('files');
    expect(refusal(redo, folder(1), rows(0)).reason).toBe('files');
  });

  test('refuses when the file of the current version is gone, and names the version', () => {
    for (const command of [down, redo, { kind: 'down', to: '1' } as const]) {
      const { message, reason } = refusal(command, folder(1, 2), rows(0, 1, 2, 7));
      expect(reason).toBe('barrier');
      expect(message).toContain('version 7');
    }
  });
});

describe('files', () => {
  const go = { path: 'migrations/00002_fill.go', text: 'package migrations', byteOrderMark: false };

  test('a Go migration is a barrier, named', () => {
    expect(planned(up, [...folder(1, 3), go], rows(0))).toEqual([1, 'go']);
    const { message, place } = refusal(up, [...folder(1, 3), go], rows(0, 1));
    expect(message).toContain('00002_fill.go');
    expect(place?.path).toBe(go.path);
    expect(planned({ kind: 'down', to: '0' }, [...folder(1, 3), go], rows(0, 1, 2, 3))).toEqual([-3, 'go']);
  });

  test('an applied Go migration is none, nor a test or helper file', () => {
    const helpers = ['fill_test.go', '00009_x_test.go', 'main.go'].map((name) => ({
      ...go,
      path: `migrations/${name}`,
    }));
    expect(planned(up, [...folder(1, 3), go, ...helpers], rows(0, 1, 2))).toEqual([3]);
  });

  test('a name that goose refuses stops everything, in its words', () => {
    const files = [...folder(1), ...gooseFolder({ 'add_users.sql': { up: 'SELECT 1;' } })];
    expect(refusal(up, files, rows(0)).message).toBe(
      'could not parse SQL migration file "migrations/add_users.sql": failed to parse version from migration file: add_users.sql: strconv.ParseInt: parsing "add": invalid syntax',
    );
  });

  test('a version twice stops everything that would collect it', () => {
    const files = [...folder(1, 5), ...gooseFolder({ '5_other.sql': { up: 'SELECT 1;' } })];
    expect(refusal(up, files, rows(0)).message).toContain(
      'migrations/00005_m.sql and migrations/5_other.sql',
    );
    expect(planned({ kind: 'up', to: '4' }, files, rows(0))).toEqual([1]);
  });

  test('other files are passed over, as are versions with a sign or with zeros', () => {
    const files = gooseFolder({
      'README.md': 'x',
      '00003_x.SQL': { up: 'SELECT 1;' },
      '+2_b.sql': { up: 'SELECT 1;' },
      '0001_a.sql': { up: 'SELECT 1;' },
    });
    expect(planned(up, files, rows(0))).toEqual([1, 2]);
  });

  test('no file at all', () => {
    expect(refusal(up, [], rows(0)).message).toBe('no migration files found');
    expect(refusal({ kind: 'up', to: '0' }, folder(1), rows(0)).message).toBe('no migration files found');
  });

  test('a table without an applied row is none to go by', () => {
    expect(refusal(up, folder(1), []).reason).toBe('version-table');
    expect(refusal(down, folder(1), rows(-1)).reason).toBe('version-table');
  });

  test('nothing runs when one of the selected files does not parse; its place is told', () => {
    const broken = gooseFolder({ '00002_b.sql': '-- +goose Up\nSELECT 1;\nSELECT 2\n' });
    const { message, place, reason } = refusal(up, [...folder(1), ...broken], rows(0));
    expect(reason).toBe('unparsable');
    expect(message).toContain('migrations/00002_b.sql');
    expect(message).toContain('missing semicolon?');
    const text = broken[0]?.text ?? '';
    expect(text.slice(place?.span.start, place?.span.end)).toBe('SELECT 2');
  });

  test('only what is selected, and the direction that is run, has to parse', () => {
    const files = gooseFolder({
      '1_a.sql': '-- +goose Up\nSELECT 1\n',
      '2_b.sql': '-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2\n',
    });
    expect(planned(up, files, rows(0, 1))).toEqual([2]);
    expect(refusal(down, files, rows(0, 1, 2)).reason).toBe('unparsable');
  });

  test('a byte order mark and bytes that are no text are refused, as goose and the server do', () => {
    const [file] = folder(1);
    if (!file) throw new Error('no file');
    expect(refusal(up, [{ ...file, byteOrderMark: true }], rows(0)).message).toContain('unexpected state 0');
    expect(refusal(up, [{ ...file, text: '', unreadable: 'is not UTF-8' }], rows(0)).reason).toBe(
      'unparsable',
    );
  });
});
