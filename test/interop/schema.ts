import type { TestDatabase } from '../postgres/databaseAt.ts';

/** What stands in the schema public, but for the names of schemas. */
export async function schemaOf(
  database: Pick<TestDatabase, 'query'>,
): Promise<Readonly<Record<'columns' | 'indexes' | 'constraints' | 'enums', unknown>>> {
  const columns = await database.query(
    `SELECT c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, a.attidentity,
       pg_get_expr(d.adbin, d.adrelid) AS default, col_description(c.oid, a.attnum) AS comment
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, a.attnum`,
  );
  const indexes = await database.query(
    `SELECT pg_get_indexdef(indexrelid) AS definition, indisvalid FROM pg_index
     WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 1`,
  );
  const constraints = await database.query(
    `SELECT conrelid::regclass::text AS on, conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
  );
  const enums = await database.query(
    `SELECT t.typname, e.enumlabel FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
     WHERE t.typnamespace = 'public'::regnamespace ORDER BY 1, e.enumsortorder`,
  );
  return { columns, indexes, constraints, enums };
}
