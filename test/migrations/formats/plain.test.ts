import { beforeAll, describe, expect, it } from 'vitest';
import { plainFormat } from '../../../server/src/migrations/formats/plain.ts';
import { loadParser } from '../../../server/src/sql/parser.ts';
import { changed, unitsOf } from '../migrationFile.ts';

beforeAll(loadParser);

const read = (text: string, path = 'migrations/0001_x.sql', pairs = false) =>
  plainFormat({ pairs }).read({ path, text, byteOrderMark: false });

describe('units', () => {
  it('runs statements one by one, psql commands and COPY data aside', () => {
    const text =
      '\\set x 1\nSELECT 1; SELECT 2;\nCOPY t FROM STDIN;\n1\t2\n\\.\nDO $$\nBEGIN\n  PERFORM 1;\nEND $$;\nSELECT 3';
    const file = read(text);
    expect(unitsOf(file.up)).toEqual([
      ['autocommit', ['SELECT 1']],
      ['autocommit', ['SELECT 2']],
      ['autocommit', ['COPY t FROM STDIN']],
      ['autocommit', ['DO $$\nBEGIN\n  PERFORM 1;\nEND $$']],
      ['autocommit', ['SELECT 3']],
    ]);
    expect(file).toMatchObject({ version: '1', name: 'x', transactional: false, problems: [] });
    expect(file.down).toBeUndefined();
  });

  it.each([
    ['BEGIN', 'COMMIT'],
    ['START TRANSACTION', 'END'],
    ['BEGIN ISOLATION LEVEL SERIALIZABLE', 'ROLLBACK'],
  ])('holds together what stands between %s and %s', (begins, ends) => {
    expect(
      unitsOf(read(`SELECT 1; ${begins}; SELECT 2; SAVEPOINT s; ROLLBACK TO s; ${ends}; SELECT 3;`).up),
    ).toEqual([
      ['autocommit', ['SELECT 1']],
      ['transaction', [begins], ['SELECT 2'], ['SAVEPOINT s'], ['ROLLBACK TO s'], [ends]],
      ['autocommit', ['SELECT 3']],
    ]);
  });

  it('runs a BEGIN that is never ended to the end, and goes on after COMMIT AND CHAIN', () => {
    expect(unitsOf(read('BEGIN; SELECT 1; COMMIT AND CHAIN; SELECT 2').up)).toEqual([
      ['transaction', ['BEGIN'], ['SELECT 1'], ['COMMIT AND CHAIN'], ['SELECT 2']],
    ]);
    expect(unitsOf(read('COMMIT; SELECT 1;').up)).toEqual([
      ['autocommit', ['COMMIT']],
      ['autocommit', ['SELECT 1']],
    ]);
  });
});

describe('names', () => {
  it.each(['1_x.sql', '0002-add.sql', '20240102030405_a b.sql', '1_.sql'])('takes %s', (baseName) => {
    expect(read('', `m/${baseName}`).problems).toEqual([]);
    expect(plainFormat().claims(baseName)).toBe(true);
  });

  it.each([
    ['0003.sql', '0003_migration.sql'],
    ['0003 add users.sql', '0003_add_users.sql'],
    ['0003.add.sql', '0003_add.sql'],
    ['0003_add.SQL', '0003_add.sql'],
  ])('reports %s, which is passed over', (baseName, to) => {
    expect(plainFormat().claims(baseName)).toBe(true);
    const file = read('SELECT 1;', `m/${baseName}`);
    expect(file.problems).toMatchObject([
      { rule: 'migration-file-name', repair: { changes: [{ kind: 'renameFile', to }] } },
    ]);
    expect(file.version).toBeUndefined();
  });

  it.each(['seed.sql', 'schema.sql', '1_x.sql.bak', 'README.md'])('has nothing to do with %s', (baseName) => {
    expect(plainFormat().claims(baseName)).toBe(false);
  });
});

describe('pairs', () => {
  it('are two files of one version, each with its own direction', () => {
    const up = read('SELECT 1;', 'm/1_x.up.sql', true);
    const down = read('SELECT 2;', 'm/1_x.down.sql', true);
    expect([up.version, up.name, unitsOf(up.up), up.down]).toEqual([
      '1',
      'x',
      [['autocommit', ['SELECT 1']]],
      undefined,
    ]);
    expect([down.version, down.name, unitsOf(down.up), unitsOf(down.down)]).toEqual([
      '1',
      'x',
      [],
      [['autocommit', ['SELECT 2']]],
    ]);
    const { turns } = plainFormat({ pairs: true }).order([down, up]);
    expect(turns.map(({ path }) => path)).toEqual(['m/1_x.up.sql', 'm/1_x.down.sql']);
  });

  it('need their halves named', () => {
    expect(read('', 'm/0001_x.sql', true).problems).toMatchObject([
      { rule: 'migration-file-name', repair: { changes: [{ kind: 'renameFile', to: '0001_x.up.sql' }] } },
    ]);
    expect(read('', 'm/1_x.up.sql').problems).toEqual([]);
  });
});

it('says why a file cannot be read', () => {
  expect(read('SELECT \0')).toMatchObject({
    opaque: true,
    problems: [{ rule: 'unreadable-file' }],
    up: { units: [] },
  });
});

it('opts out of a transaction by taking its own BEGIN and COMMIT away', () => {
  const file = read('BEGIN;\nSELECT 1;\nCOMMIT;\n');
  expect(
    changed(plainFormat(), file, [{ kind: 'setTransactional', transactional: false, statements: [] }]),
  ).toBe('SELECT 1;\n');
});
