/** Folders that projects with several databases keep their revisions in. */
const DIALECTS: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  mssql: 'SQL Server',
  oracle: 'Oracle',
};

/** The database that a folder of the path names, where that is not PostgreSQL. */
export function otherDialect(path: string): string | undefined {
  const folders = path.split(/[\\/]/).slice(0, -1);
  const named = folders.findLast((folder) => Object.hasOwn(DIALECTS, folder.toLowerCase()));
  return named === undefined ? undefined : DIALECTS[named.toLowerCase()];
}
