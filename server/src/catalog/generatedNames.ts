import { type Catalog, objectKey, tableOf } from './catalog.ts';

/** NAMEDATALEN - 1: names are cut to 63 bytes (pg_config_manual.h). */
const MAX_NAME_BYTES = 63;

/**
 * The name Postgres gives to an unnamed index or constraint: `table_columns_label`, the longer part shortened until
 * it fits, a number appended until it is free (makeObjectName and ChooseRelationName, commands/indexcmds.c;
 * ChooseConstraintName, catalog/pg_constraint.c).
 */
export function generatedName(
  catalog: Catalog,
  schema: string,
  table: string,
  columns: string | undefined,
  label: string,
  taken: (name: string) => boolean,
): string {
  for (let pass = 0; ; pass++) {
    const name = objectName(table, columns, pass === 0 ? label : `${label}${pass}`);
    if (
      !taken(name) &&
      !catalog.relations.has(objectKey(schema, name)) &&
      !constraintExists(catalog, schema, name)
    ) {
      return name;
    }
  }
}

/** The columns' part of an index's or a foreign key's name: joined by underscores, "expr" for an expression. */
export function columnsPart(columns: readonly (string | undefined)[]): string {
  const parts: string[] = [];
  const seen = new Set<string>();
  for (const column of columns) {
    // An expression that stands again is expr1, expr2 … (ChooseIndexColumnNames).
    let part = column ?? 'expr';
    for (let i = 1; seen.has(part); i++) part = `${column ?? 'expr'}${i}`;
    seen.add(part);
    parts.push(part);
  }
  return clip(parts.join('_'), MAX_NAME_BYTES);
}

/** Whether another table's constraint bears the name: one whose own name is what the name begins with. */
function constraintExists(catalog: Catalog, schema: string, name: string): boolean {
  for (let at = name.indexOf('_'); at >= 0; at = name.indexOf('_', at + 1)) {
    const table = tableOf(catalog, objectKey(schema, name.slice(0, at)));
    if (table?.constraints.some((constraint) => constraint.name === name)) return true;
  }
  return false;
}

function objectName(first: string, second: string | undefined, label: string): string {
  const overhead = label.length + 1 + (second === undefined ? 0 : 1);
  const room = MAX_NAME_BYTES - overhead;
  let firstBytes = byteLength(first);
  let secondBytes = second === undefined ? 0 : byteLength(second);
  while (firstBytes + secondBytes > room) {
    if (firstBytes > secondBytes) firstBytes--;
    else secondBytes--;
  }
  const parts = [clip(first, firstBytes)];
  if (second !== undefined) parts.push(clip(second, secondBytes));
  return [...parts, label].join('_');
}

function byteLength(text: string): number {
  return ASCII.test(text) ? text.length : new TextEncoder().encode(text).length;
}

/** The beginning of a name that fits into what names can hold, `less` bytes kept free. */
export function clipName(name: string, less = 0): string {
  return clip(name, MAX_NAME_BYTES - less);
}

const ASCII = /^[\x00-\x7f]*$/;

/** The longest beginning of `text` that has at most `bytes` bytes in UTF-8. */
function clip(text: string, bytes: number): string {
  if (byteLength(text) <= bytes) return text;
  let out = '';
  let used = 0;
  for (const character of text) {
    used += byteLength(character);
    if (used > bytes) break;
    out += character;
  }
  return out;
}
