import { describe, expect, test } from 'vitest';
import { type ChoiceInputs, chooseDatabase } from '../../server/src/database/databaseChoice.ts';
import { parseDotEnv } from '../../server/src/database/dotEnv.ts';

interface Sources extends Pick<ChoiceInputs, 'option' | 'embedded' | 'setting' | 'project'> {
  readonly environment?: Record<string, string>;
  readonly dotEnv?: string;
}

/** `database reason`, or `embedded reason`. */
function chosen({ environment = {}, dotEnv = '', ...rest }: Sources, isGoose = true): string {
  const choice = chooseDatabase({
    ...rest,
    variables: isGoose ? ['GOOSE_DBSTRING', 'DATABASE_URL'] : ['DATABASE_URL'],
    environment: (name) => environment[name],
    dotEnv: parseDotEnv(dotEnv),
    machine: { user: 'me', host: 'localhost' },
  });
  return `${choice.kind === 'server' ? choice.target.database : 'embedded'} ${choice.reason}`;
}

describe('which database, and why', () => {
  const all = {
    option: 'dbname=option',
    setting: 'dbname=setting',
    environment: { GOOSE_DBSTRING: 'dbname=goose', DATABASE_URL: 'postgres://h/url' },
    dotEnv: 'GOOSE_DBSTRING=dbname=file\nDATABASE_URL=postgres://h/file',
  };

  test('the order', () => {
    const { environment, dotEnv } = all;
    expect(chosen(all)).toBe('option from --database');
    expect(chosen({ ...all, option: undefined })).toBe('setting from the setting skein.database');
    expect(chosen({ ...all, option: undefined, embedded: true })).toBe('embedded because of --embedded');
    expect(chosen({ environment, dotEnv })).toBe('goose from GOOSE_DBSTRING');
    expect(chosen({ dotEnv })).toBe('file from GOOSE_DBSTRING in .env');
    expect(chosen({ environment: { DATABASE_URL: 'postgres://h/url' } })).toBe('url from DATABASE_URL');
    expect(chosen({ dotEnv: 'DATABASE_URL=postgres://h/file' })).toBe('file from DATABASE_URL in .env');
    const project = { text: 'postgresql://h/project', source: 'sqlalchemy.url in alembic.ini' };
    expect(chosen({ ...all, option: undefined, project })).toBe('setting from the setting skein.database');
    expect(chosen({ environment, project })).toBe('project from sqlalchemy.url in alembic.ini');
    expect(chosen({ environment }, false)).toBe('url from DATABASE_URL');
    expect(chosen({})).toBe('embedded because no other database is configured');
  });

  test('empty ones count as not set', () => {
    expect(chosen({ setting: '', environment: { GOOSE_DBSTRING: '', DATABASE_URL: '' } })).toContain(
      'embedded',
    );
  });

  test('a setting may name a variable, of the environment or of .env', () => {
    const setting = `\${env:DEV_DB}`;
    expect(chosen({ setting, environment: { DEV_DB: 'dbname=dev' } })).toContain('dev ');
    expect(chosen({ setting, dotEnv: 'DEV_DB="dbname=dev"' })).toContain('dev ');
    expect(() => chosen({ setting })).toThrow(
      'the setting skein.database: the environment variable DEV_DB is not set',
    );
  });

  test('a driver of goose for another database is no choice', () => {
    const environment = { GOOSE_DRIVER: 'mysql', GOOSE_DBSTRING: 'user:secret@/db' };
    expect(() => chosen({ environment })).toThrow('GOOSE_DRIVER is "mysql"');
    expect(chosen({ environment: { GOOSE_DRIVER: 'pgx', GOOSE_DBSTRING: 'dbname=x' } })).toContain('x ');
  });

  test('an error names the source, not the string', () => {
    const environment = { DATABASE_URL: 'sqlite://secret' };
    expect(() => chosen({ environment })).toThrow(/^DATABASE_URL: .*"sqlite"/);
  });
});

describe('.env, as godotenv reads it', () => {
  test.each<[string, Record<string, string>]>([
    ['A=1\nB=2', { A: '1', B: '2' }],
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['# note\n\n  A = 1  \n\texport B=2', { A: '1', B: '2' }],
    ['A: yaml', { A: 'yaml' }],
    ['A=1 # note\nB=a#b\nC=#c', { A: '1', B: 'a#b', C: '#c' }],
    ['A="x # y" # z', { A: 'x # y' }],
    [`A='$B \\n' \nB="l1\\nl2"`, { A: '$B \\n', B: 'l1\nl2' }],
    [`A=x\nB=\${A}y\nC="$A-$NONE-"\nD=\\$A`, { A: 'x', B: 'xy', C: 'x--', D: '$A' }],
    ['A="two\nlines"', { A: 'two\nlines' }],
    ['A=\nB=2', { A: '', B: '2' }],
    ['A=a=b', { A: 'a=b' }],
  ])('%j', (text, expected) => {
    expect(Object.fromEntries(parseDotEnv(text))).toEqual(expected);
  });

  test.each(['A="open', "A=1\nB='open", 'A-B=1', 'A=1\n!'])('a wrong line voids the file: %j', (text) => {
    expect(parseDotEnv(text).size).toBe(0);
  });
});
