import { type DatabaseName, serverName } from './databaseName.ts';

/** Looks up an environment variable: undefined when it is not set. */
export type Environment = (name: string) => string | undefined;

export type TlsMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** Where and as whom to connect. Holds the password: never print it, print `name`. */
export interface ConnectionTarget {
  readonly name: DatabaseName;
  /** In the order in which they are tried. A host that starts with "/" is the directory of a Unix socket. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly database: string;
  readonly password?: string;
  /** The file that libpq looks a password up in when none is given. */
  readonly passwordFile?: string;
  readonly tls: TlsMode;
  /** Paths of PEM files. */
  readonly rootCertificate?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** Settings that the session starts with: search_path, application_name … */
  readonly parameters: Readonly<Record<string, string>>;
  /** In milliseconds. */
  readonly connectTimeout: number;
}

/** What a connection string leaves out, as libpq fills it in from the machine. */
export interface MachineDefaults {
  readonly user: string;
  /** The directory of the local server's socket, or a host name. */
  readonly host: string;
  readonly passwordFile?: string;
}

/** Why a connection string cannot be used. The message never quotes the string: it may hold a password. */
export class ConnectionStringError extends Error {}

const usualTimeout = 30_000;

/** libpq's environment variables, as pgx (goose's driver, v5) knows them. */
const environmentNames: Readonly<Record<string, string>> = {
  PGHOST: 'host',
  PGPORT: 'port',
  PGDATABASE: 'database',
  PGUSER: 'user',
  PGPASSWORD: 'password',
  PGPASSFILE: 'passfile',
  PGAPPNAME: 'application_name',
  PGCONNECT_TIMEOUT: 'connect_timeout',
  PGSSLMODE: 'sslmode',
  PGSSLKEY: 'sslkey',
  PGSSLCERT: 'sslcert',
  PGSSLROOTCERT: 'sslrootcert',
  PGTARGETSESSIONATTRS: 'target_session_attrs',
  PGSERVICE: 'service',
  PGTZ: 'timezone',
  PGOPTIONS: 'options',
};

/** Settings of the connection, not of the session; the rest is sent to the server. */
const connectionKeys = new Set([
  ...[
    'host',
    'port',
    'database',
    'user',
    'password',
    'passfile',
    'connect_timeout',
    'service',
    'servicefile',
  ],
  ...['sslmode', 'sslkey', 'sslcert', 'sslrootcert', 'sslnegotiation', 'sslpassword', 'sslsni', 'hostaddr'],
  ...['krbspn', 'krbsrvname', 'gssencmode', 'target_session_attrs', 'channel_binding', 'require_auth'],
  ...['min_protocol_version', 'max_protocol_version', 'keepalives', 'keepalives_idle'],
  // pgx's own.
  ...['default_query_exec_mode', 'statement_cache_capacity', 'description_cache_capacity'],
]);

const tlsModes: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

type Settings = Map<string, string>;

/**
 * Reads `postgres://user:password@host:port/database?…` or `user=… password=… host=… dbname=…`, with what is left out
 * taken from libpq's environment variables, as goose's driver does. Throws ConnectionStringError.
 */
export function parseConnectionString(
  text: string,
  environment: Environment,
  machine: MachineDefaults,
): ConnectionTarget {
  const settings: Settings = new Map();
  for (const [variable, key] of Object.entries(environmentNames)) {
    const value = environment(variable);
    if (value !== undefined && value !== '') settings.set(key, value);
  }
  for (const [key, value] of settingsOf(text.trim())) settings.set(key, value);
  return targetOf(settings, machine);
}

function settingsOf(text: string): Settings {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return keywordSettings(text);
  // SQLAlchemy writes the driver into the scheme: postgresql+asyncpg://
  if (!/^postgres(ql)?(\+[a-z0-9_]+)?$/.test(scheme)) {
    throw new ConnectionStringError(`the connection string is one for "${scheme}", not for PostgreSQL`);
  }
  return urlSettings(text.slice(text.indexOf('://') + 3));
}

/** `rest` is what follows the scheme. */
function urlSettings(rest: string): Settings {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  const tail = rest.slice(authority.length);
  // A "/", "?" or "#" in a password ends the authority; what is left of it must not be taken for a host.
  if (tail.includes('#') || (!authority.includes('@') && tail.includes('@'))) {
    throw new ConnectionStringError(
      'the connection URL cannot be read: in a user name or password, write "#", "/", "?", "@" and "%" as %23, %2F, %3F, %40 and %25',
    );
  }
  const at = authority.lastIndexOf('@');
  const settings: Settings = new Map();
  const [user, password] = splitOnce(authority.slice(0, Math.max(at, 0)), ':');
  if (user !== '') settings.set('user', decoded(user));
  if (password !== undefined) settings.set('password', decoded(password));
  addHosts(settings, authority.slice(at + 1));
  const [path = '', query = ''] = splitOnce(tail, '?');
  const database = decoded(path.replace(/^\/+/, ''));
  if (database !== '') settings.set('database', database);
  for (const [key, value] of new URLSearchParams(query)) settings.set(canonical(key), value);
  return settings;
}

function addHosts(settings: Settings, list: string): void {
  const hosts: string[] = [];
  const ports: string[] = [];
  for (const item of list.split(',').filter((part) => part !== '')) {
    const parts = /^(\[[^\]]*\]|[^:]*)(?::([0-9]*))?$/.exec(item);
    if (parts === null) throw new ConnectionStringError('the connection URL has no valid host and port');
    if (parts[1]) hosts.push(decoded(parts[1].replace(/^\[|\]$/g, '')));
    if (parts[2]) ports.push(parts[2]);
  }
  if (hosts.length > 0) settings.set('host', hosts.join(','));
  if (ports.length > 0) settings.set('port', ports.join(','));
}

/** libpq's "keyword = value" form: values in single quotes where they hold spaces, `\` escapes. */
function keywordSettings(text: string): Settings {
  const settings: Settings = new Map();
  const pair = /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*)?)(?=\s|$)/suy;
  while (pair.lastIndex < text.length) {
    const from = pair.lastIndex;
    const match = pair.exec(text);
    if (match === null) {
      const what = text.slice(from).includes('=') || settings.size > 0 ? '' : ' It holds no "=".';
      throw new ConnectionStringError(
        `the connection string is neither postgres://… nor key=value pairs; values with spaces stand in single quotes.${what}`,
      );
    }
    const value = (match[2] ?? match[3] ?? '').replace(/\\(['\\])/g, '$1');
    if (match[1] !== undefined && !(match[1] === 'user' && value === '')) {
      settings.set(canonical(match[1]), value);
    }
  }
  return settings;
}

function targetOf(settings: Settings, machine: MachineDefaults): ConnectionTarget {
  refuseUnsupported(settings);
  const user = settings.get('user') ?? machine.user;
  // The server takes the user's name for the database's when none is given.
  const database = settings.get('database') || user;
  const addresses = addressesOf(settings.get('host') || machine.host, settings.get('port') || '5432');
  const [first] = addresses;
  if (first === undefined) throw new ConnectionStringError('the connection string names no host');
  const parameters = [...settings].filter(
    ([key]) => !connectionKeys.has(key) && !/^pool_(min|max|health)_/.test(key),
  );
  return {
    name: serverName(first.host, first.port, database, user),
    addresses,
    user,
    database,
    password: settings.get('password') || undefined,
    passwordFile: settings.get('passfile') ?? machine.passwordFile,
    tls: tlsMode(settings),
    rootCertificate: settings.get('sslrootcert'),
    certificate: settings.get('sslcert'),
    key: settings.get('sslkey'),
    parameters: { application_name: 'skein', ...Object.fromEntries(parameters) },
    connectTimeout: connectTimeout(settings),
  };
}

function refuseUnsupported(settings: Settings): void {
  const attributes = settings.get('target_session_attrs') ?? 'any';
  if (settings.has('service')) {
    throw new ConnectionStringError(
      'connection service files are not read: give host, database and user themselves',
    );
  }
  if (attributes !== 'any') {
    throw new ConnectionStringError(
      'target_session_attrs is not supported: name the primary server as the host',
    );
  }
}

function addressesOf(hosts: string, ports: string): { host: string; port: number }[] {
  const written = ports.split(',');
  return hosts.split(',').map((host, i) => {
    const port = Number(written[i] ?? written[0]);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new ConnectionStringError('the port in the connection string is not a number from 1 to 65535');
    }
    return { host: host.trim(), port };
  });
}

function tlsMode(settings: Settings): TlsMode {
  const mode = settings.get('sslmode') || 'prefer';
  if (!isTlsMode(mode)) {
    throw new ConnectionStringError(`sslmode must be one of ${tlsModes.join(', ')}`);
  }
  // libpq: with a root certificate at hand, "require" checks the chain as verify-ca does.
  return mode === 'require' && settings.has('sslrootcert') ? 'verify-ca' : mode;
}

function isTlsMode(mode: string): mode is TlsMode {
  return tlsModes.includes(mode);
}

/** connect_timeout is in seconds; 0 means none. */
function connectTimeout(settings: Settings): number {
  const written = settings.get('connect_timeout');
  if (written === undefined) return usualTimeout;
  const seconds = Number(written);
  if (!Number.isFinite(seconds) || seconds < 0) {
    throw new ConnectionStringError('connect_timeout is not a number of seconds');
  }
  return seconds * 1000;
}

function canonical(key: string): string {
  return key === 'dbname' ? 'database' : key;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConnectionStringError('the connection URL holds a "%" that is no escape: write it as %25');
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
