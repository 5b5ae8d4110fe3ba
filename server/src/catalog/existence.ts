import { EXTENSION_TYPES } from './builtinTypes.ts';
import { type Catalog, type Gone, tableOf } from './catalog.ts';
import type { Mention } from './mentions.ts';
import { type NameScope, objectKeyParts } from './resolve.ts';

/** `unsure`: the history does not say. */
export type Existence = 'there' | 'missing' | 'unsure';

/**
 * Whether an object is there at this point of the history. `missing` only where that is certain: in a history from
 * scratch, for what the history itself dropped or renamed, and for parts of a table whose making it holds.
 */
export function existence(catalog: Catalog, mention: Mention, scope: NameScope): Existence {
  if (mention.part !== undefined) return partExistence(catalog, mention, mention.part);
  if (isThere(catalog, mention)) return 'there';
  if (catalog.uncertain || isForeign(catalog, mention, scope)) return 'unsure';
  if (catalog.gone.has(mention.key)) return 'missing';
  if (catalog.fromScratch !== true || mention.kind === 'schema' || mention.kind === 'extension')
    return 'unsure';
  if (mention.kind === 'type' && (catalog.extensions.size > 0 || EXTENSION_TYPES.has(mention.name)))
    return 'unsure';
  // Functions come from pg_catalog and from languages we do not read: only one that history dropped is missing.
  return mention.kind === 'function' ? 'unsure' : 'missing';
}

/** What became of an object that is no longer there. */
export function goneOf(catalog: Catalog, mention: Mention): Gone | undefined {
  return mention.part === undefined ? catalog.gone.get(mention.key) : undefined;
}

function isThere(catalog: Catalog, mention: Mention): boolean {
  switch (mention.kind) {
    case 'type':
      // A table's row type bears the table's name.
      return catalog.types.has(mention.key) || catalog.relations.has(mention.key);
    case 'function':
      return catalog.routines.has(mention.key);
    case 'schema':
      return catalog.schemas.has(mention.key);
    case 'extension':
      return catalog.extensions.has(mention.key);
    default:
      return catalog.relations.has(mention.key);
  }
}

/** Names that no migration is expected to make: the system's, and schemas that the history did not make. */
function isForeign(catalog: Catalog, mention: Mention, scope: NameScope): boolean {
  const { schema, name } = objectKeyParts(mention.key);
  if (mention.schema !== undefined) return !catalog.schemas.has(mention.schema);
  if (mention.kind === 'schema' || mention.kind === 'extension') return false;
  if (name.startsWith('pg_') || schema === 'pg_temp') return true;
  return scope.searchPath.some((each) => !catalog.schemas.has(each));
}

function partExistence(catalog: Catalog, mention: Mention, part: string): Existence {
  const table = tableOf(catalog, mention.key);
  if (table === undefined) return 'unsure';
  const parts =
    mention.kind === 'column'
      ? table.columns
      : mention.kind === 'constraint'
        ? table.constraints
        : mention.kind === 'trigger'
          ? table.triggers
          : table.policies;
  const found = parts.find((each) => each.name === part);
  if (found !== undefined) return isOpen(found) ? 'unsure' : 'there';
  if (mention.kind === 'constraint' && (NOT_NULL_NAME.test(part) || table.constraints.some(isOpen)))
    return 'unsure';
  if (catalog.uncertain || !table.complete || table.path === undefined || SYSTEM_COLUMNS.has(part))
    return 'unsure';
  return 'missing';
}

function isOpen(part: object): boolean {
  return 'nameIsOpen' in part;
}

/** Since 18 each NOT NULL is a constraint, under the name of the table and column of its day (ChooseConstraintName). */
const NOT_NULL_NAME = /_not_null\d*$/;

/** Documentation: System Columns. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/**
 * The file that made an object which is certainly there, so that making it again fails; undefined when the history
 * only speaks of it, or may have dropped it out of our sight.
 */
export function madeBy(catalog: Catalog, mention: Mention): string | undefined {
  if (catalog.uncertain) return undefined;
  const { key, part } = mention;
  if (mention.kind === 'function') {
    const routine = catalog.routines.get(key);
    return part !== undefined && routine?.signatures.includes(part) ? routine.path : undefined;
  }
  if (part !== undefined) {
    const table = tableOf(catalog, key);
    if (mention.kind === 'column') return table?.columns.find((each) => each.name === part)?.path;
    if (mention.kind === 'constraint') return table?.constraints.find((each) => each.name === part)?.path;
    return undefined;
  }
  if (mention.kind === 'schema') return catalog.schemas.get(key)?.path;
  if (mention.kind === 'extension') return catalog.extensions.get(key)?.path;
  const relation = catalog.relations.get(key);
  return mention.kind === 'type' ? catalog.types.get(key)?.path : relation?.path;
}
