/**
 * A URL of SQLAlchemy's as a connection string of PostgreSQL's: `postgresql+psycopg2://…` without its driver. Undefined
 * where it is one of another database, or has a name in it that was not replaced. Holds a password, as the URL does.
 */
export function connectionUrl(url: string): string | undefined {
  const [, driver, rest] = /^postgres(?:ql)?(?:\+(\w+))?:(\/\/.*)$/s.exec(url.trim()) ?? [];
  if (rest === undefined || /%\(\w+\)s|\$\{/.test(rest)) return undefined;
  // asyncpg calls it ssl.
  return `postgresql:${driver === 'asyncpg' ? rest.replace(/([?&])ssl=/, '$1sslmode=') : rest}`;
}
