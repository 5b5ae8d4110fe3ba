import { objectKeyParts } from '../catalog/resolve.ts';

/** The tables in which migration tools write down what has been applied, and whose they are. */
const VERSION_TABLES: ReadonlyMap<string, string> = new Map([
  ['goose_db_version', 'goose'],
  ['alembic_version', 'alembic'],
  ['schema_migrations', 'golang-migrate, dbmate or Rails'],
  ['flyway_schema_history', 'Flyway'],
  ['_sqlx_migrations', 'sqlx'],
  ['_prisma_migrations', 'Prisma'],
  ['pgmigrations', 'node-pg-migrate'],
  ['atlas_schema_revisions', 'Atlas'],
  ['databasechangelog', 'Liquibase'],
  ['databasechangeloglock', 'Liquibase'],
  ['django_migrations', 'Django'],
]);

/** The tool that keeps its versions in this table; undefined of any other table. */
export function toolOfVersionTable(table: string): string | undefined {
  return VERSION_TABLES.get(objectKeyParts(table).name);
}

export function isVersionTable(table: string): boolean {
  return toolOfVersionTable(table) !== undefined;
}

/** Whether it is the table of goose. */
export function isGooseTable(table: string): boolean {
  return objectKeyParts(table).name === 'goose_db_version';
}
