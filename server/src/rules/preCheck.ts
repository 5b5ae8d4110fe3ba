import { displayName, writtenName } from '../catalog/catalog.ts';
import { quoteName } from '../sql/names.ts';

/** How to find out whether old rows break a constraint. */
export interface PreCheck {
  /** What must not be: "orders.note is NULL in some rows". */
  readonly ifSo: string;
  /** The SQLSTATE with which it fails. */
  readonly code: string;
  /** Gives a row if it is so. Absent where the text does not tell. */
  readonly query?: string;
}

export function nulls(table: string, column: string): PreCheck {
  return {
    ifSo: `${displayName(table)}.${column} is NULL in some rows`,
    code: '23502',
    query: `SELECT FROM ${writtenName(table)} WHERE ${quoteName(column)} IS NULL`,
  };
}

/** Rows that share `keys`, which are columns or expressions as written; none where they cannot be told. */
export function duplicates(
  table: string,
  keys: readonly string[],
  options: { readonly where?: string | undefined; readonly nullsToo: boolean },
): PreCheck {
  const list = keys.join(', ');
  const ifSo = `${displayName(table)} has rows with the same ${keys.length === 0 ? 'key' : `(${list})`}`;
  if (keys.length === 0) return { ifSo, code: '23505' };
  const row = keys.length === 1 ? list : `(${list})`;
  const distinct = options.nullsToo ? '' : ` AND ${row} IS NOT NULL`;
  const where = options.where === undefined ? '' : ` ${options.where}`;
  const query = `SELECT FROM ${writtenName(table)}${where} GROUP BY ${list} HAVING count(*) > 1${distinct}`;
  return { ifSo, code: '23505', query };
}

export function violations(table: string, condition: string | undefined): PreCheck {
  const code = '23514';
  if (condition === undefined) return { ifSo: `${displayName(table)} has rows that break the check`, code };
  return {
    ifSo: `${displayName(table)} has rows that break the check (${condition.trim().replace(/\s+/g, ' ')})`,
    code,
    query: `SELECT FROM ${writtenName(table)} WHERE NOT (${condition})`,
  };
}

/** Rows whose `columns` are in no row of `target`. */
export function orphans(
  table: string,
  columns: readonly string[],
  target: string,
  referenced: readonly string[],
): PreCheck {
  const ifSo = `${displayName(table)} has rows whose (${columns.join(', ')}) is not in ${displayName(target)}`;
  if (columns.length === 0 || columns.length !== referenced.length) return { ifSo, code: '23503' };
  const set = columns.map((column) => `c.${quoteName(column)} IS NOT NULL`).join(' AND ');
  const same = columns
    .map((column, i) => `p.${quoteName(referenced[i] ?? '')} = c.${quoteName(column)}`)
    .join(' AND ');
  const query = `SELECT FROM ${writtenName(table)} AS c WHERE ${set} AND NOT EXISTS (SELECT FROM ${writtenName(target)} AS p WHERE ${same})`;
  return { ifSo, code: '23503', query };
}
