import { describe, expect, it } from 'vitest';
import {
  gooseFileNameProblem,
  isGooseFileName,
  readGooseFileName,
} from '../../../server/src/migrations/formats/gooseFileName.ts';

describe('readGooseFileName', () => {
  it.each([
    ['00012_add_users.sql', '12', 'add_users'],
    ['1_.sql', '1', ''],
    ['+5_x.sql', '5', 'x'],
    ['20240102030405_a.go', '20240102030405', 'a'],
    ['9223372036854775807_last.sql', '9223372036854775807', 'last'],
  ])('%s', (baseName, version, name) => {
    expect(readGooseFileName(baseName)).toEqual({ version, name });
    expect(isGooseFileName(baseName)).toBe(true);
    expect(gooseFileNameProblem(`m/${baseName}`, baseName)).toBeUndefined();
  });
});

describe('gooseFileNameProblem', () => {
  it.each([
    ['init.sql', "no filename separator '_' found", undefined],
    ['20240102030405.sql', "no filename separator '_' found", '20240102030405_migration.sql'],
    ['001-add users.sql', "no filename separator '_' found", '001_add_users.sql'],
    [
      'a_b.sql',
      'failed to parse version from migration file: a_b.sql: strconv.ParseInt: parsing "a": invalid syntax',
      undefined,
    ],
    [
      'V3__add.sql',
      'failed to parse version from migration file: V3__add.sql: strconv.ParseInt: parsing "V3": invalid syntax',
      '3_add.sql',
    ],
    [
      '1-2_x.sql',
      'failed to parse version from migration file: 1-2_x.sql: strconv.ParseInt: parsing "1-2": invalid syntax',
      '1_2_x.sql',
    ],
    [
      '9223372036854775808_x.sql',
      'failed to parse version from migration file: 9223372036854775808_x.sql: strconv.ParseInt: parsing "9223372036854775808": value out of range',
      undefined,
    ],
    ['0_x.sql', 'migration version must be greater than zero', undefined],
    ['-1_x.sql', 'migration version must be greater than zero', '1_x.sql'],
  ])('%s', (baseName, error, to) => {
    expect(isGooseFileName(baseName)).toBe(true);
    const problem = gooseFileNameProblem(`m/${baseName}`, baseName);
    expect(problem?.message).toBe(`could not parse SQL migration file "m/${baseName}": ${error}`);
    expect(problem?.repair?.changes).toEqual(to === undefined ? undefined : [{ kind: 'renameFile', to }]);
  });

  it('says of an extension in capitals that goose passes it over', () => {
    const problem = gooseFileNameProblem('m/3_x.SQL', '3_x.SQL');
    expect(problem?.message).toMatch(/goose reads only files that end in ".sql"/);
    expect(problem?.repair?.changes).toEqual([{ kind: 'renameFile', to: '3_x.sql' }]);
  });

  it('leaves to Go what is Go’s', () => {
    expect(
      ['main.go', '1_x_test.go', 'x_test.go', 'notes.md', '1_x.sql.bak'].filter(isGooseFileName),
    ).toEqual([]);
  });
});
