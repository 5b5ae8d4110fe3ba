import { describe, expect, test } from 'vitest';
import {
  ConnectionStringError,
  type ConnectionTarget,
  parseConnectionString,
} from '../../server/src/database/connectionString.ts';

const machine = { user: 'me', host: '/var/run/postgresql', passwordFile: '/home/me/.pgpass' };

function parse(text: string, environment: Record<string, string> = {}): ConnectionTarget {
  return parseConnectionString(text, (name) => environment[name], machine);
}

describe('connection strings', () => {
  test.each([
    ['postgres://app:secret@db.example.com:5433/shop', 'shop on db.example.com:5433 as app', 'secret'],
    ['postgresql://app@db.example.com/shop?sslmode=disable', 'shop on db.example.com:5432 as app', undefined],
    ['postgres://app:p%40ss%2Fw%23@h/d', 'd on h:5432 as app', 'p@ss/w#'],
    ['postgres://app:p@ss@h/d', 'd on h:5432 as app', 'p@ss'],
    ['postgres://app:a:b@h/d', 'd on h:5432 as app', 'a:b'],
    ['postgres://[::1]:6000/d', 'd on [::1]:6000 as me', undefined],
    ['postgres:///d?host=/tmp&port=6000&user=u', 'd on /tmp (socket 6000) as u', undefined],
    ['postgresql+asyncpg://app:x@h/d', 'd on h:5432 as app', 'x'],
    ['user=app password=secret host=h dbname=shop sslmode=disable', 'shop on h:5432 as app', 'secret'],
    ["host = h dbname = 'my shop' user=app password='it\\'s \\\\'", 'my shop on h:5432 as app', "it's \\"],
    ['host=h user=app', 'app on h:5432 as app', undefined],
    ['dbname=shop', 'shop on /var/run/postgresql (socket 5432) as me', undefined],
  ])('%s', (text, name, password) => {
    const target = parse(text);
    expect(target.name.text).toBe(name);
    expect(target.password).toBe(password);
  });

  test('several hosts are tried in their order', () => {
    expect(parse('postgres://a:1,b:2,c/d').addresses).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
      { host: 'c', port: 1 },
    ]);
  });

  test('what is left out comes from the variables of libpq', () => {
    const environment = {
      PGHOST: 'h',
      PGPORT: '99',
      PGUSER: 'u',
      PGDATABASE: 'd',
      PGPASSWORD: 'p',
      PGSSLMODE: 'require',
    };
    expect(parse('dbname=x', environment)).toMatchObject({
      name: { text: 'x on h:99 as u' },
      password: 'p',
      tls: 'require',
    });
  });

  test('other keys are settings of the session, those of drivers are not', () => {
    const url =
      'postgres://h/d?search_path=app,public&pool_max_conns=4&default_query_exec_mode=exec&lock_timeout=5s';
    expect(parse(url).parameters).toEqual({
      application_name: 'skein',
      search_path: 'app,public',
      lock_timeout: '5s',
    });
  });

  test('TLS as libpq understands it', () => {
    expect(parse('host=h').tls).toBe('prefer');
    expect(parse('host=h sslmode=require').tls).toBe('require');
    expect(parse('host=h sslmode=require sslrootcert=ca.pem').tls).toBe('verify-ca');
  });

  test.each([
    'mysql://root:secret@h/d',
    'postgres://app:sec#ret@h/d',
    'postgres://app:sec/ret@h/d',
    'postgres://app:12?secret@h/d',
    'postgres://app:%zzsecret@h/d',
    'host=h password=secret dbname',
    "host=h password='secret dbname=d",
    'secret',
    'host=h port=secret password=secret',
    'host=h password=secret sslmode=secret',
    'service=secret',
  ])('an error quotes nothing of the string: %s', (text) => {
    expect(() => parse(text)).toThrow(ConnectionStringError);
    try {
      parse(text);
    } catch (error) {
      expect(String(error)).not.toMatch(/sec|ret\b/);
    }
  });
});
