import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Client, DatabaseError } from 'pg';
import type { ConnectionTarget } from './connectionString.ts';
import { findPassword } from './passwordFile.ts';
import { serverError, sessionOf } from './pgSession.ts';
import { ConnectionFailed, type ConnectionFailure, type Database, type Session } from './session.ts';

/** After so many milliseconds connecting is something that takes its time. */
const patience = 1000;

/** A database on a PostgreSQL server. */
export function serverDatabase(target: ConnectionTarget): Database {
  return {
    name: target.name,
    isMade: () => true,
    connect: async ({ signal, onProgress } = {}) => {
      const slow = setTimeout(() => onProgress?.(`Connecting to ${target.name.text}`), patience);
      try {
        return await connect(target, signal);
      } finally {
        clearTimeout(slow);
      }
    },
  };
}

type Address = ConnectionTarget['addresses'][number];

/** One way to reach the server. */
interface Attempt extends Address {
  readonly tls: ConnectionOptions | false;
}

interface Connected {
  readonly client: Client;
  readonly attempt: Attempt;
  readonly socket: Socket;
}

async function connect(target: ConnectionTarget, signal: AbortSignal | undefined): Promise<Session> {
  const connected = await reach(target, signal);
  const { client, attempt, socket } = connected;
  try {
    return await sessionOf(client, {
      secondSession: true,
      timeouts: true,
      doubtful: false,
      cancel: (backend) => cancelBackend(target, attempt, backend, socket),
      release: async () => void socket.destroy(),
    });
  } catch (error) {
    socket.destroy();
    throw failure(error, target);
  }
}

/** Tries all addresses, each with and without TLS as sslmode says. Of several failures the first refusal by a server is told. */
async function reach(target: ConnectionTarget, signal: AbortSignal | undefined): Promise<Connected> {
  let first: ConnectionFailed | undefined;
  for (const attempt of await attempts(target)) {
    signal?.throwIfAborted();
    try {
      return await open(target, attempt, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const failed = failure(error, target);
      // What the server knows about the person stays the same on every way to it.
      if (failed.server && !mayDifferByWay(failed.server.code)) throw failed;
      if (failed.reason === 'no-password') throw failed;
      if (!first || (failed.server && !first.server)) first = failed;
    }
  }
  throw first ?? new ConnectionFailed('unreachable', `no address to reach ${target.name.text}`);
}

/** pg_hba.conf lets people in by address and encryption (28000); a server that starts up may have a standby (57P03). */
function mayDifferByWay(code: string): boolean {
  return code === '28000' || code.startsWith('57P');
}

async function attempts(target: ConnectionTarget): Promise<Attempt[]> {
  const tls = await tlsOptions(target);
  return target.addresses.flatMap((address) => {
    // libpq: no TLS over a Unix socket.
    if (address.host.startsWith('/')) return [{ ...address, tls: false as const }];
    const secured = { ...address, tls };
    const plain = { ...address, tls: false as const };
    switch (target.tls) {
      case 'disable':
        return [plain];
      case 'allow':
        return [plain, secured];
      case 'prefer':
        return [secured, plain];
      default:
        return [secured];
    }
  });
}

async function tlsOptions(target: ConnectionTarget): Promise<ConnectionOptions> {
  const pem = async (path: string | undefined, what: string) => {
    if (path === undefined) return undefined;
    return readFile(path).catch((error: Error) => {
      throw new ConnectionFailed('certificate-file', `the ${what} cannot be read: ${error.message}`);
    });
  };
  const ca =
    target.rootCertificate === 'system'
      ? undefined
      : await pem(target.rootCertificate, 'root certificate (sslrootcert)');
  const cert = await pem(target.certificate, 'certificate (sslcert)');
  const key = await pem(target.key, 'key (sslkey)');
  const verifies = target.tls === 'verify-ca' || target.tls === 'verify-full';
  // libpq: verify-ca asks who signed the certificate, not for whom.
  const anyName = target.tls === 'verify-ca' ? { checkServerIdentity: () => undefined } : {};
  return { ca, cert, key, rejectUnauthorized: verifies, ...anyName };
}

async function open(
  target: ConnectionTarget,
  attempt: Attempt,
  signal: AbortSignal | undefined,
): Promise<Connected> {
  const socket = new Socket();
  const client = new Client({
    host: attempt.host,
    port: attempt.port,
    user: target.user,
    database: target.database,
    password: () => passwordFor(target, attempt),
    ssl: attempt.tls,
    options: startOptions(target.parameters),
    application_name: target.parameters.application_name,
    connectionTimeoutMillis: target.connectTimeout,
    // Notices a peer that has gone while a long statement runs.
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    stream: () => socket,
  });
  const stop = () => void socket.destroy(new Error('cancelled'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    return { client, attempt, socket };
  } catch (error) {
    client.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function passwordFor(target: ConnectionTarget, attempt: Attempt): Promise<string> {
  if (target.password !== undefined) return target.password;
  const text = target.passwordFile && (await readFile(target.passwordFile, 'utf8').catch(() => ''));
  const { database, user } = target;
  const found = text && findPassword(text, { ...attempt, database, user });
  if (found) return found;
  throw new ConnectionFailed('no-password', `${target.name.text} asks for a password, and none is given`);
}

/** Settings for the start of the session, as the command line of a backend: `-c name=value`, `\` before a space. */
function startOptions(parameters: Readonly<Record<string, string>>): string {
  const settings = Object.entries(parameters).flatMap(([name, value]) => {
    if (name === 'application_name' || name === 'options') return [];
    return [`-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`];
  });
  return [parameters.options ?? '', ...settings].filter((part) => part !== '').join(' ');
}

/** A second session can end what the first one runs. Where there is none to be had, the first one's connection is cut. */
async function cancelBackend(
  target: ConnectionTarget,
  attempt: Attempt,
  backend: string,
  socket: Socket,
): Promise<void> {
  try {
    const { client } = await open({ ...target, connectTimeout: 10_000 }, attempt, undefined);
    client.on('error', () => undefined);
    try {
      await client.query('SELECT pg_cancel_backend($1)', [backend]);
    } finally {
      await client.end();
    }
  } catch {
    socket.destroy();
  }
}

function failure(error: unknown, target: ConnectionTarget): ConnectionFailed {
  if (error instanceof ConnectionFailed) return error;
  if (error instanceof DatabaseError) {
    const server = serverError(error);
    return new ConnectionFailed('server', server.message, server);
  }
  const { code, message } = innermost(error);
  const sentence = `${target.name.text} cannot be reached: ${message}`;
  return new ConnectionFailed(reasonOf(code, message), sentence);
}

/** When a host has several addresses, Node collects their errors in one that says nothing itself. */
function innermost(error: unknown): { code: string; message: string } {
  const [inner] = error instanceof AggregateError ? error.errors : [error];
  if (!(inner instanceof Error)) return { code: '', message: String(inner) };
  const { code } = inner as NodeJS.ErrnoException;
  return { code: code ?? '', message: inner.message };
}

/** OpenSSL's verdicts on a certificate, as Node names them (Node documentation, "X509 certificate error codes"). */
const certificateErrors =
  /^(UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|SELF_SIGNED|DEPTH_ZERO|CERT_|INVALID_(CA|PURPOSE))/;

function reasonOf(code: string, message: string): ConnectionFailure {
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return 'refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknown-host';
  if (code === 'ETIMEDOUT' || message === 'timeout expired') return 'timeout';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'certificate-name';
  if (certificateErrors.test(code)) return 'untrusted-certificate';
  if (/SSL|TLS|certificate/i.test(`${code} ${message}`) || code.startsWith('ERR_TLS')) return 'tls';
  return 'unreachable';
}
