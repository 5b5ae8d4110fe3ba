/** What may be said about a database: everything but its password. */
export interface DatabaseName {
  readonly kind: 'server' | 'embedded';
  /** Empty for the embedded database. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** For people: `shop on db.example.com:5432 as app`. */
  readonly text: string;
}

/** The name of a database on a server; `host` may be the directory of a Unix socket. */
export function serverName(host: string, port: number, database: string, user: string): DatabaseName {
  const address = host.startsWith('/') ? `${host} (socket ${port})` : `${bracketed(host)}:${port}`;
  return { kind: 'server', host, port, database, user, text: `${database} on ${address} as ${user}` };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
