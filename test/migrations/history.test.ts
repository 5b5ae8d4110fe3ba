import { beforeAll, describe, expect, it } from 'vitest';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { plainFormat } from '../../server/src/migrations/formats/plain.ts';
import { duplicateVersions, latestVersion } from '../../server/src/migrations/history.ts';
import { nextVersion } from '../../server/src/migrations/nextVersion.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { goose } from './migrationFile.ts';

beforeAll(loadParser);

const files = (...names: string[]) => names.map((name) => goose('-- +goose Up\n', `m/${name}`));
const halves = (...names: string[]) => {
  const format = plainFormat({ pairs: true });
  return names.map((name) => format.read({ path: `m/${name}`, text: 'SELECT 1;', byteOrderMark: false }));
};
const paths = (list: readonly { readonly path: string }[]) => list.map(({ path }) => path);

describe('history', () => {
  it('is in the order of numbers, whatever their spelling; files without a version last', () => {
    const { turns, last } = gooseFormat.order(
      files('bad.sql', '20240101000000_d.sql', '10_c.sql', '009_b.sql', '1_a.sql', '10_b.sql'),
    );
    expect(paths(turns)).toEqual([
      'm/1_a.sql',
      'm/009_b.sql',
      'm/10_b.sql',
      'm/10_c.sql',
      'm/20240101000000_d.sql',
      'm/bad.sql',
    ]);
    expect(last).toBe(turns.at(-1));
    for (const [i, { before }] of turns.entries()) expect(before).toBe(turns[i - 1]);
  });

  it('finds versions that are claimed twice, but no halves and no files without one', () => {
    const twice = duplicateVersions(
      files('1_a.sql', '2_a.sql', '0002_b.go', 'bad.sql', 'worse.sql', '3_a.sql'),
    );
    expect(twice.map(paths)).toEqual([['m/2_a.sql', 'm/0002_b.go']]);
    expect(duplicateVersions(halves('1_a.up.sql', '1_a.down.sql'))).toEqual([]);
    expect(duplicateVersions(halves('1_a.up.sql', '1_a.down.sql', '01_b.up.sql')).map(paths)).toEqual([
      ['m/1_a.up.sql', 'm/01_b.up.sql'],
    ]);
  });

  it('knows its latest version', () => {
    expect(latestVersion(files('9_a.sql', '10_a.sql', 'x.sql'))).toBe('10');
    expect(latestVersion(files('x.sql'))).toBeUndefined();
  });
});

describe('nextVersion', () => {
  const now = new Date('2024-05-06T07:08:09.123Z');

  it.each([
    [['00001_a.sql', '00009_b.sql'], '00010'],
    [['1_a.sql', '9_b.sql'], '10'],
    [['099_a.sql'], '100'],
    [['20240101000000_a.sql'], '20240506070809'],
    [['20240101_a.sql'], '20240506'],
    [['20240506070809_a.sql'], '20240506070810'],
    [['20991231235959_a.sql'], '21000101000000'],
    [['20240599999999_a.sql'], '20240600000000'],
    [['00001_a.sql', '20240101000000_b.sql'], '20240506070809'],
    [['1700000000_a.sql'], '1700000001'],
    [[], '20240506070809'],
  ])('after %j is %s', (names, version) => {
    expect(nextVersion(files(...names), now, 'timestamp')).toBe(version);
  });

  it('begins a sequence where the format says so', () => {
    expect(nextVersion([], now, 'sequence')).toBe('0001');
  });
});
