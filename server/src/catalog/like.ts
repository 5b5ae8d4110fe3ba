import type { TableLikeClause } from '@pgsql/types';
import { type Catalog, type Column, tableOf } from './catalog.ts';
import { type ApplyScope, updateTable } from './edit.ts';
import { copyIndex } from './indexCopies.ts';
import { addOwnedSequence } from './ownedSequence.ts';
import { columnsOfRelation } from './queryColumns.ts';
import { keyOfRangeVar } from './resolve.ts';
import { copyStatistics } from './statistics.ts';

/** TableLikeOption bits (nodes/parsenodes.h). */
const LIKE = {
  constraints: 1 << 2,
  defaults: 1 << 3,
  generated: 1 << 4,
  identity: 1 << 5,
  indexes: 1 << 6,
  statistics: 1 << 7,
};

export function copyLike(catalog: Catalog, scope: ApplyScope, key: string, like: TableLikeClause): Catalog {
  const sourceKey = keyOfRangeVar(catalog, scope, like.relation);
  const options = like.options ?? 0;
  const from = tableOf(catalog, sourceKey);
  const columns = from?.columns ?? columnsOfRelation(catalog, scope, sourceKey) ?? [];
  const known = from === undefined ? columns.length > 0 : from.complete;
  const copied = columns.map((each) => likeColumn({ notNull: false, ...each }, options, scope.path));
  let next = updateTable(catalog, key, (table) => ({
    ...table,
    complete: table.complete && known,
    columns: [...table.columns, ...copied],
    constraints: [
      ...table.constraints,
      ...(from?.constraints ?? []).filter(
        (each) => each.kind === 'notNull' || (each.kind === 'check' && (options & LIKE.constraints) !== 0),
      ),
    ],
  }));
  for (const { name, identity } of copied) {
    if (identity !== undefined) next = addOwnedSequence(next, scope, key, name);
  }
  if ((options & LIKE.statistics) !== 0) next = copyStatistics(next, scope, sourceKey, key);
  if ((options & LIKE.indexes) === 0) return next;
  for (const indexKey of from?.indexes ?? []) next = copyIndex(next, scope, key, indexKey, from);
  return next;
}

function likeColumn(column: Column, options: number, path: string): Column {
  const { default: itsDefault, identity, generated, ...rest } = column;
  return {
    ...rest,
    path,
    ...(itsDefault && (options & LIKE.defaults) !== 0 ? { default: itsDefault } : {}),
    ...(identity && (options & LIKE.identity) !== 0 ? { identity } : {}),
    ...(generated && (options & LIKE.generated) !== 0 ? { generated } : {}),
  };
}
