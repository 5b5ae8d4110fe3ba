import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExplainedError, explainError } from '../../server/src/database/explainError.ts';
import { certificateAuthority } from '../postgres/certificate.ts';
import { databaseOf } from '../postgres/databaseAt.ts';
import { type RunningPostgres, startPostgres } from '../postgres/startPostgres.ts';

let postgres: RunningPostgres;
let folder: string;
/** Paths of PEM files: of the authority that the server's certificate is from, of another, of a client. */
let files: Readonly<Record<'trusted' | 'other' | 'client' | 'clientKey', string>>;

beforeAll(async () => {
  const authority = certificateAuthority('Test authority');
  const client = authority.issue('certified');
  folder = mkdtempSync(join(tmpdir(), 'skein-tls-'));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  files = {
    trusted: file('trusted.pem', authority.certificate),
    other: file('other.pem', certificateAuthority('Another authority').certificate),
    client: file('client.pem', client.certificate),
    clientKey: file('client.key', client.key),
  };
  postgres = await startPostgres(18, { ...authority.issue('localhost'), authority: authority.certificate });
  const session = await databaseOf(postgres.url('postgres')).connect();
  for (const role of ['secured', 'unsecured', 'certified']) await session.run(`CREATE ROLE ${role} LOGIN`);
  await session.close();
});

afterAll(async () => {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** `localhost` is the name in the server's certificate, 127.0.0.1 is not. */
function url(user: string, settings: string, host = 'localhost'): string {
  return `postgres://${user}@${host}:${postgres.port}/postgres?${settings}`;
}

/** Whether the session that comes about is encrypted. */
async function isEncrypted(where: string): Promise<boolean> {
  const session = await databaseOf(where).connect();
  try {
    const [row] = await session.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    return row?.ssl === 't';
  } finally {
    await session.close();
  }
}

async function refusal(where: string): Promise<ExplainedError> {
  const database = databaseOf(where);
  try {
    await (await database.connect()).close();
  } catch (error) {
    return explainError(error, database.name);
  }
  throw new Error('it was let in');
}

describe('what is encrypted', () => {
  test.each<[string, boolean]>([
    ['sslmode=disable', false],
    ['sslmode=allow', false],
    ['sslmode=prefer', true],
    ['', true],
    ['sslmode=require', true],
  ])('%s', async (settings, encrypted) => {
    expect(await isEncrypted(url('postgres', settings))).toBe(encrypted);
  });

  test('allow and prefer try the other way, too', async () => {
    expect(await isEncrypted(url('secured', 'sslmode=allow'))).toBe(true);
    expect(await isEncrypted(url('unsecured', 'sslmode=prefer'))).toBe(false);
  });
});

describe('whose certificate is accepted', () => {
  const trusting = (mode: string) => `sslmode=${mode}&sslrootcert=${files.trusted}`;

  test('of the authority: for verify-ca under any name, for verify-full under its own', async () => {
    expect(await isEncrypted(url('postgres', trusting('verify-ca'), '127.0.0.1'))).toBe(true);
    expect(await isEncrypted(url('postgres', trusting('verify-full')))).toBe(true);
    const { title, advice } = await refusal(url('postgres', trusting('verify-full'), '127.0.0.1'));
    expect(title).toMatch(/cannot be reached: .*127\.0\.0\.1/);
    expect(advice).toMatch(/^Name the host .* as its certificate does/);
  });

  test.each(['verify-ca', 'verify-full', 'require'])('of nobody else: %s', async (mode) => {
    const { title, advice } = await refusal(url('postgres', `sslmode=${mode}&sslrootcert=${files.other}`));
    expect(title).toMatch(/^postgres on localhost:\d+ as postgres cannot be reached: /);
    expect(advice).toContain('sslrootcert');
  });

  test('without a root certificate only those that the system trusts', async () => {
    const { advice } = await refusal(url('postgres', 'sslmode=verify-full'));
    expect(advice).toContain('sslrootcert');
  });
});

test('a client shows its own certificate', async () => {
  const certified = `sslmode=require&sslcert=${files.client}&sslkey=${files.clientKey}`;
  expect(await isEncrypted(url('certified', certified))).toBe(true);
  const { code } = await refusal(url('certified', 'sslmode=require'));
  expect(code).toBe('28000');
});

test('who may come in only encrypted is told of pg_hba.conf', async () => {
  const { code, advice } = await refusal(url('secured', 'sslmode=disable'));
  expect(code).toBe('28000');
  expect(advice).toContain('pg_hba.conf');
});

test('a statement is cancelled over an encrypted connection', async () => {
  const session = await databaseOf(url('secured', 'sslmode=require')).connect();
  const watcher = await databaseOf(url('secured', 'sslmode=require')).connect();
  const refused = expect(session.run('SELECT pg_sleep(600)')).rejects.toMatchObject({
    fields: { code: '57014' },
  });
  // A server passes over a cancellation that comes before its statement.
  const running =
    "SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND wait_event = 'PgSleep'";
  while ((await watcher.query(running)).length === 0);
  await session.cancel();
  await refused;
  expect(await session.run('SELECT 1')).toEqual(['SELECT']);
  await watcher.close();
  await session.close();
});
