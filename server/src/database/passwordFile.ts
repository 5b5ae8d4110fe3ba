/**
 * Looks a password up in the text of a `.pgpass` file: lines `host:port:database:user:password`, `*` for any, `\` before
 * a `:` or a `\` that is meant (PostgreSQL documentation, "The Password File"). The first line that fits counts.
 */
export function findPassword(
  text: string,
  wanted: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
  },
): string | undefined {
  // libpq: a Unix socket is looked up as localhost.
  const host = wanted.host.startsWith('/') ? 'localhost' : wanted.host;
  const fields = [host, String(wanted.port), wanted.database, wanted.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const parts = [...line.matchAll(/((?:[^:\\]|\\.)*)(?::|$)/gs)].map(([, part = '']) => unescaped(part));
    const password = parts[4];
    if (password !== undefined && fields.every((field, i) => parts[i] === '*' || parts[i] === field)) {
      return password;
    }
  }
  return undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}
