import type { Client } from 'pg';
import type { Catalog, Constraint, Table } from '../../server/src/catalog/catalog.ts';

/* A schema as lines of text, one for each thing in it: from a server's pg_catalog, and from our catalog. */

/** One query, so that a comparison is one round trip. */
const LINES = `
WITH rel AS (
  SELECT c.oid, c.relkind, n.nspname || '.' || c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
), dependent AS (SELECT d.objid FROM pg_depend d WHERE d.deptype = 'P')
SELECT 'relation ' || name || ' ' || relkind::text AS line FROM rel
UNION ALL
SELECT concat_ws(' ', 'column', rel.name, a.attname, t.typname, substring(format_type(a.atttypid, a.atttypmod) from '\\([0-9,]+\\)'),
  CASE WHEN a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = a.attrelid AND o.contype = 'n'
    AND o.conkey[1] = a.attnum AND NOT o.convalidated) THEN 'not null' END, CASE WHEN a.atthasdef THEN 'default' END,
  CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'byDefault' END, CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END)
FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid JOIN pg_type t ON t.oid = a.atttypid
WHERE rel.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT concat_ws(' ', 'constraint', rel.name, o.conname, o.contype::text, CASE WHEN o.convalidated THEN 'valid' END,
  CASE WHEN o.contype IN ('u', 'p', 'f') THEN (
    SELECT string_agg(a.attname, ',' ORDER BY k.at) FROM unnest(o.conkey) WITH ORDINALITY k(num, at)
    JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.num) END)
FROM rel JOIN pg_constraint o ON o.conrelid = rel.oid
WHERE o.contype IN ('c', 'u', 'p', 'f', 'x')
  AND NOT EXISTS (SELECT FROM pg_constraint parent WHERE parent.oid = o.conparentid AND parent.conrelid = o.conrelid)
UNION ALL
SELECT concat_ws(' ', 'index', rel.name, x.relname, CASE WHEN i.indisunique THEN 'unique' END, CASE WHEN i.indisvalid THEN 'valid' END,
  (SELECT 'part of ' || p.relname FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent WHERE h.inhrelid = x.oid))
FROM rel JOIN pg_index i ON i.indrelid = rel.oid JOIN pg_class x ON x.oid = i.indexrelid
UNION ALL
SELECT concat_ws(' ', 'type', n.nspname || '.' || t.typname, CASE t.typtype WHEN 'e' THEN 'enum' ELSE 'domain' END,
  (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
  CASE WHEN t.typtype = 'd' THEN (SELECT count(*) FROM pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'c') END,
  CASE WHEN t.typnotnull THEN 'not null' END)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT concat_ws(' ', 'trigger', rel.name, g.tgname) FROM rel JOIN pg_trigger g ON g.tgrelid = rel.oid
WHERE g.tgname !~ '^RI_' AND (NOT g.tgisinternal OR g.oid IN (SELECT objid FROM dependent))
UNION ALL
SELECT concat_ws(' ', 'policy', rel.name, p.polname) FROM rel JOIN pg_policy p ON p.polrelid = rel.oid
UNION ALL
SELECT concat_ws(' ', 'statistics', n.nspname || '.' || s.stxname) FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
UNION ALL
SELECT concat_ws(' ', 'routine', n.nspname || '.' || p.proname) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
GROUP BY n.nspname, p.proname`;

/** What the server's catalogs say. */
export async function linesOfServer(client: Client): Promise<readonly string[]> {
  // By name, so that it is planned once.
  const { rows } = await client.query<{ line: string }>({ name: 'lines', text: LINES });
  return rows.map(({ line }) => line).sort();
}

const CONSTRAINTS: Partial<Record<Constraint['kind'], string>> = {
  check: 'c',
  unique: 'u',
  primaryKey: 'p',
  foreignKey: 'f',
  exclude: 'x',
};

/** Whether a line of ours says the same: a type that a query hides is `?`. */
export function saysTheSame(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  const [before, after] = ours.split(' ?');
  return after !== undefined && theirs.startsWith(`${before} `) && theirs.endsWith(after);
}

/** The same of our catalog. */
export function linesOf(catalog: Catalog): readonly string[] {
  const lines: string[] = [];
  const add = (...words: readonly (string | false | undefined)[]): void => {
    lines.push(words.filter((word) => word !== false && word !== undefined && word !== '').join(' '));
  };
  for (const [key, relation] of catalog.relations.entries()) {
    const name = key.replace('\u0000', '.');
    if (relation.kind === 'table' || relation.kind === 'foreignTable') addTable(add, name, relation);
    else if (relation.kind === 'view') add('relation', name, 'v');
    else if (relation.kind === 'materializedView') add('relation', name, 'm');
    else if (relation.kind === 'sequence') add('relation', name, 'S');
    else if (relation.kind === 'index') {
      const parent = relation.attachedTo?.split('\u0000')[1];
      const part = parent && `part of ${parent}`;
      add(
        'index',
        relation.table.replace('\u0000', '.'),
        relation.name,
        relation.unique && 'unique',
        relation.valid && 'valid',
        part,
      );
    }
    if ('triggers' in relation) for (const each of relation.triggers) add('trigger', name, each.name);
  }
  for (const [key, type] of catalog.types.entries()) {
    const name = key.replace('\u0000', '.');
    if (type.kind === 'enum') add('type', name, 'enum', type.values.join(','));
    else if (type.kind === 'domain')
      add('type', name, 'domain', String(type.checks.length), type.notNull && 'not null');
  }
  for (const [key] of catalog.statistics.entries()) add('statistics', key.replace('\u0000', '.'));
  for (const [key] of catalog.routines.entries()) add('routine', key.replace('\u0000', '.'));
  return lines.sort();
}

function addTable(add: (...words: (string | false | undefined)[]) => void, name: string, table: Table): void {
  add('relation', name, table.kind === 'foreignTable' ? 'f' : table.partitionBy ? 'p' : 'r');
  for (const column of table.columns) {
    const type = column.type;
    const modifiers =
      type === undefined || type.modifiers.length === 0 ? '' : `(${type.modifiers.join(',')})`;
    const typeName = type === undefined ? '?' : `${type.array ? '_' : ''}${type.name}`;
    const filled = column.default !== undefined || column.generated !== undefined;
    add(
      ...['column', name, column.name, typeName, withScale(typeName, modifiers)],
      column.notNull === true && 'not null',
      filled && 'default',
      column.identity,
      column.generated?.kind,
    );
  }
  for (const each of table.constraints) {
    const kind = CONSTRAINTS[each.kind];
    const listed = kind === 'u' || kind === 'p' || kind === 'f';
    if (kind !== undefined)
      add('constraint', name, each.name, kind, each.validated && 'valid', listed && each.columns.join(','));
  }
  for (const each of table.policies) add('policy', name, each.name);
}

/** numeric(8) is numeric(8,0). */
function withScale(type: string, modifiers: string): string {
  return type.endsWith('numeric') && /^\(\d+\)$/.test(modifiers) ? modifiers.replace(')', ',0)') : modifiers;
}
