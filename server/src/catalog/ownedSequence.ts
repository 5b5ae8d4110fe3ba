import { type Catalog, type Expression, type Sequence, tableOf } from './catalog.ts';
import { type ApplyScope, putRelation, updateTable } from './edit.ts';
import { expressionOf } from './expression.ts';
import { generatedName } from './generatedNames.ts';

/** The sequence of a serial or identity column: `table_column_seq`. A serial one's default takes its values. */
export function addOwnedSequence(catalog: Catalog, scope: ApplyScope, key: string, column: string): Catalog {
  const table = tableOf(catalog, key);
  if (table === undefined) return catalog;
  const name = generatedName(catalog, table.schema, table.name, column, 'seq', () => false);
  const sequence: Sequence = {
    kind: 'sequence',
    schema: table.schema,
    name,
    path: scope.path,
    ownedBy: { table: key, column },
  };
  const next = nextval(sequence);
  const given = updateTable(catalog, key, (old) => ({
    ...old,
    columns: old.columns.map((each) =>
      each.name === column && each.identity === undefined ? { ...each, default: next } : each,
    ),
  }));
  return putRelation(given, sequence);
}

/** `nextval('schema.name')`. */
function nextval({ schema, name }: Sequence): Expression {
  const funcname = [{ String: { sval: 'nextval' } }];
  return expressionOf({
    FuncCall: {
      funcname,
      args: [{ A_Const: { sval: { sval: `"${schema}"."${name}"` } } }],
      funcformat: 'COERCE_EXPLICIT_CALL',
    },
  });
}
