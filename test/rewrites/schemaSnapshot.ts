import type { TestDatabase } from '../postgres/databaseAt.ts';

/**
 * All that a database holds besides what goose itself keeps there, as lines of text: each column with its type,
 * default and comment, each constraint and index with its name and definition, views, triggers, rules, policies, grants,
 * sequences, types, routines. NO INHERIT is a word of CHECK and NOT NULL alone. Columns stand by name: a column that was made anew comes last in its table.
 */
const SCHEMA = `
WITH rel AS (
  SELECT c.oid, c.relkind, c.relacl, c.relowner, c.reloptions, c.relrowsecurity, c.relpersistence, c.relispartition, c.relpartbound, n.nspname,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname !~ '^goose_db_version'
)
SELECT concat_ws(' ', 'schema', nspname) AS line FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
UNION ALL
SELECT concat_ws(' ', 'relation', name, relkind::text, relpersistence::text, reloptions::text, (SELECT string_agg(each::text, ',' ORDER BY each::text) FROM unnest(coalesce(relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", relowner))) AS each), CASE WHEN relrowsecurity THEN 'rls' END,
  pg_get_expr(relpartbound, oid), CASE WHEN relkind = 'p' THEN pg_get_partkeydef(oid) END, obj_description(oid, 'pg_class'),
  (SELECT 'below ' || string_agg(i.inhparent::regclass::text, ',') FROM pg_inherits i WHERE i.inhrelid = rel.oid AND relkind IN ('r', 'p')))
FROM rel WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
UNION ALL
SELECT concat_ws(' ', 'column', name, a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
  'default ' || pg_get_expr(d.adbin, d.adrelid), 'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif(a.attgenerated::text, ''),
  'collate ' || nullif(a.attcollation, t.typcollation)::regcollation::text, a.attacl::text, col_description(rel.oid, a.attnum), a.attstorage::text,
  'statistics ' || nullif(a.attstattarget, -1)::text, a.attoptions::text)
FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT concat_ws(' ', 'constraint', name, o.conname, pg_get_constraintdef(o.oid), CASE WHEN o.convalidated THEN 'valid' END,
  CASE WHEN o.connoinherit AND o.contype IN ('c', 'n') THEN 'no inherit' END, 'inherited ' || o.coninhcount, CASE WHEN o.conislocal THEN 'local' END, obj_description(o.oid, 'pg_constraint'))
FROM rel JOIN pg_constraint o ON o.conrelid = rel.oid
-- What a foreign key has for each partition of the table it refers to: VALIDATE leaves them as they are before 18.
WHERE NOT EXISTS (SELECT FROM pg_constraint parent WHERE parent.oid = o.conparentid AND parent.conrelid = o.conrelid)
UNION ALL
SELECT concat_ws(' ', 'index', name, pg_get_indexdef(i.indexrelid), CASE WHEN i.indisvalid THEN 'valid' END, CASE WHEN i.indisprimary THEN 'primary' END,
  CASE WHEN i.indisreplident THEN 'replica identity' END, CASE WHEN i.indisclustered THEN 'clustered' END, obj_description(i.indexrelid, 'pg_class'),
  (SELECT 'part of ' || h.inhparent::regclass::text FROM pg_inherits h WHERE h.inhrelid = i.indexrelid))
FROM rel JOIN pg_index i ON i.indrelid = rel.oid
UNION ALL
SELECT concat_ws(' ', 'view', name, pg_get_viewdef(oid)) FROM rel WHERE relkind IN ('v', 'm')
UNION ALL
SELECT concat_ws(' ', 'rule', name, pg_get_ruledef(r.oid)) FROM rel JOIN pg_rewrite r ON r.ev_class = rel.oid AND r.rulename <> '_RETURN'
UNION ALL
SELECT concat_ws(' ', 'trigger', name, pg_get_triggerdef(g.oid), g.tgenabled::text) FROM rel JOIN pg_trigger g ON g.tgrelid = rel.oid WHERE NOT g.tgisinternal
UNION ALL
SELECT concat_ws(' ', 'policy', name, p.polname, p.polcmd::text, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM rel JOIN pg_policy p ON p.polrelid = rel.oid
UNION ALL
SELECT concat_ws(' ', 'sequence', name, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcycle,
  (SELECT 'owned by ' || d.refobjid::regclass::text || '.' || a.attname::text FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
   WHERE d.objid = rel.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass))
FROM rel JOIN pg_sequence s ON s.seqrelid = rel.oid
UNION ALL
SELECT concat_ws(' ', 'type', n.nspname, t.typname, t.typtype::text, format_type(nullif(t.typbasetype, 0), t.typtypmod), CASE WHEN t.typnotnull THEN 'not null' END,
  t.typdefault, (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
  (SELECT string_agg(o.conname::text || ' ' || pg_get_constraintdef(o.oid), ',' ORDER BY 1) FROM pg_constraint o WHERE o.contypid = t.oid))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT concat_ws(' ', 'routine', n.nspname, pg_get_functiondef(p.oid), (SELECT string_agg(each::text, ',' ORDER BY each::text) FROM unnest(coalesce(p.proacl, acldefault('f', p.proowner))) AS each), obj_description(p.oid, 'pg_proc')) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND p.prokind IN ('f', 'p')
UNION ALL
SELECT concat_ws(' ', 'statistics', pg_get_statisticsobjdef(s.oid)) FROM pg_statistic_ext s`;

/** The schema of a database, line by line. */
export async function schemaOf(database: Pick<TestDatabase, 'query'>): Promise<readonly string[]> {
  const rows = await database.query(SCHEMA);
  return rows.map(({ line }) => String(line)).sort();
}

const TABLES = `
SELECT c.oid::regclass::text AS name,
  (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname <> 'goose_db_version' ORDER BY 1`;

/** All rows of all tables and views, by relation. */
export async function rowsOf(database: Pick<TestDatabase, 'query'>): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { name, columns } of await database.query(TABLES)) {
    if (columns === null) continue;
    const rows = await database.query(
      `SELECT row_to_json(r)::text AS row FROM (SELECT ${columns} FROM ${name}) AS r ORDER BY 1`,
    );
    lines.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return lines;
}
