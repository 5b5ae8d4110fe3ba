import type { Node } from '@pgsql/types';
import {
  type Catalog,
  type Column,
  type Constraint,
  type Index,
  indexOf,
  type Relation,
  type Table,
  type Trigger,
  type TypeName,
  tableOf,
  type Uses,
} from './catalog.ts';
import {
  type ApplyScope,
  dependentsOf,
  putRelation,
  updateTable,
  withoutRelation,
  withRelation,
  withSequenceInDefault,
} from './edit.ts';
import { columnsIn, indexUses, walk } from './expression.ts';
import { overloadCalled } from './overload.ts';
import { objectKeyParts, qualified, relationKey, routineKey, stringsOf } from './resolve.ts';

/** A foreign key that goes, and whether its table stays. */
export interface DroppedForeignKey {
  readonly from: string;
  readonly constraint: Constraint;
}

/**
 * What goes when an object goes, followed through the catalog as PostgreSQL follows pg_depend (performMultipleDeletions,
 * catalog/dependency.c). Only CASCADE gets as far as what merely depends; without it there is nothing of that.
 */
export class Cascade {
  /** The catalog without what has gone so far. */
  catalog: Catalog;
  /** Keys of the relations that went, and of those that lost a part. */
  readonly dropped = new Set<string>();
  readonly touched = new Set<string>();
  readonly foreignKeys: DroppedForeignKey[] = [];
  private readonly scope: ApplyScope;

  constructor(catalog: Catalog, scope: ApplyScope) {
    this.catalog = catalog;
    this.scope = scope;
  }

  /** A table with its partitions, indexes and sequences, a view, a materialized view, an index, a sequence. */
  relation(key: string): void {
    const relation = this.catalog.relations.get(key);
    if (relation === undefined || this.dropped.has(key)) return;
    this.dropped.add(key);
    if (relation.kind === 'index') this.index(key, relation);
    for (const index of 'indexes' in relation ? relation.indexes : []) this.relation(index);
    const table = tableOf(this.catalog, key);
    if (table !== undefined) this.table(key, table);
    if (relation.kind === 'sequence')
      this.defaults(withSequenceInDefault(this.catalog, relation.name), (body) =>
        this.namesSequence(body, key),
      );
    this.readers(key, ({ dependsOn, usesTypes }) => dependsOn.includes(key) || usesTypes.includes(key));
    if (relation.kind !== 'index' && relation.kind !== 'sequence') this.columnsOfType(key);
    this.catalog = withoutRelation(this.catalog, key, { how: 'dropped', path: this.scope.path });
  }

  /** A column of one table, with the constraints, indexes and generated columns over it. */
  column(key: string, name: string): void {
    const table = tableOf(this.catalog, key);
    if (table?.columns.some((each) => each.name === name) !== true && table?.complete !== false) return;
    this.touched.add(key);
    for (const each of table.indexes) {
      const index = indexOf(this.catalog, each);
      if (index !== undefined && indexUses(index, name)) this.relation(each);
    }
    for (const each of table.constraints) if (each.columns.includes(name)) this.constraint(key, each.name);
    this.foreignKeysTo(key, (columns) => columns.includes(name));
    for (const [sequence, each] of dependentsOf(this.catalog, key)) {
      if (each.kind === 'sequence' && each.ownedBy?.table === key && each.ownedBy.column === name)
        this.relation(sequence);
    }
    this.catalog = updateTable(this.catalog, key, (old) => ({
      ...old,
      columns: old.columns.filter((each) => each.name !== name),
      triggers: old.triggers.filter((each) => !each.columns.includes(name)),
    }));
    for (const each of table.columns) {
      if (each.generated && columnsIn(each.generated.expression.node).includes(name))
        this.columnOfTree(key, each.name);
    }
    for (const [statistics, each] of [...this.catalog.statistics.entries()]) {
      if (each.table === key && each.columns.includes(name)) this.statistics(statistics);
    }
    const uses = ({ usesColumns }: Uses): boolean => usesColumns.includes(`${key}.${name}`);
    const own = this.catalog.relations.get(key);
    if (own !== undefined && attachments(own).some(uses)) this.detach(key, own, uses);
    this.readers(key, uses);
  }

  /** A column of a table and of those below it. */
  columnOfTree(key: string, name: string): void {
    const children = tableOf(this.catalog, key)?.children ?? [];
    this.column(key, name);
    for (const child of children) this.columnOfTree(child, name);
  }

  /** A constraint of one table; a key takes its index along, and the foreign keys that stand on it. */
  constraint(key: string, name: string): void {
    const constraint = tableOf(this.catalog, key)?.constraints.find((each) => each.name === name);
    if (constraint === undefined) return;
    this.touched.add(key);
    this.catalog = updateTable(this.catalog, key, (table) => ({
      ...table,
      constraints: table.constraints.filter((each) => each.name !== name),
      columns: constraint.kind === 'notNull' ? nullable(table.columns, constraint.columns) : table.columns,
    }));
    if (constraint.kind === 'foreignKey') {
      this.foreignKeys.push({ from: key, constraint });
      this.shares(key, (each) => each.inherited && sameForeignKey(each, constraint));
    }
    if (constraint.index !== undefined) this.relation(constraint.index);
    if (constraint.kind === 'primaryKey' || constraint.kind === 'unique') {
      const columns = constraint.columns.join();
      this.foreignKeysTo(key, (named) => named.join() === columns);
    }
  }

  /** Overloads of a routine, all unless `dropped` says which. */
  routine(key: string, dropped = this.catalog.routines.get(key)?.signatures): void {
    const routine = this.catalog.routines.get(key);
    const isDropped = (called: string | undefined): boolean =>
      dropped === undefined || (called !== undefined && dropped.includes(called));
    const fires = (trigger: Trigger): boolean => trigger.routine === key && isDropped('');
    const callsOf = (relation: Relation): ((body: unknown) => boolean) => {
      const columns = this.columnsSeenBy(relation);
      return (body) => this.calls(body, key, columns, isDropped);
    };
    for (const entry of [...this.catalog.relations.entries()]) this.defaults([entry], callsOf(entry[1]));
    for (const [each, relation] of [...this.catalog.relations.entries()]) {
      const calls = callsOf(relation);
      if ('triggers' in relation && relation.triggers.some(fires)) {
        this.touched.add(each);
        this.catalog = putRelation(this.catalog, {
          ...relation,
          triggers: relation.triggers.filter((trigger) => !fires(trigger)),
        });
      }
      if ('query' in relation && calls(relation.query.node)) this.relation(each);
      if (relation.kind === 'index' && calls([relation.elements, relation.predicate])) this.relation(each);
      if (relation.kind !== 'table') continue;
      for (const constraint of relation.constraints) {
        if (constraint.expression && calls(constraint.expression.node))
          this.constraint(each, constraint.name);
      }
      for (const column of relation.columns) {
        if (column.generated && calls(column.generated.expression.node)) this.columnOfTree(each, column.name);
      }
    }
    const signatures = routine?.signatures.filter((each) => !isDropped(each)) ?? [];
    if (routine !== undefined && signatures.length > 0) {
      this.catalog = {
        ...this.catalog,
        routines: this.catalog.routines.set(key, { ...routine, signatures }),
      };
      return;
    }
    this.catalog = {
      ...this.catalog,
      routines: this.catalog.routines.delete(key),
      gone: this.catalog.gone.set(key, { kind: 'routine', how: 'dropped', path: this.scope.path }),
    };
  }

  /** An enum, domain, range or composite type, with columns of it, domains over it and tables OF it. */
  type(key: string): void {
    if (!this.catalog.types.has(key)) return;
    const composite = this.catalog.relations.get(key)?.kind === 'compositeType';
    this.catalog = {
      ...this.catalog,
      types: this.catalog.types.delete(key),
      gone: this.catalog.gone.set(key, { kind: 'type', how: 'dropped', path: this.scope.path }),
    };
    const type = objectKeyParts(key);
    for (const [other, each] of [...this.catalog.types.entries()]) {
      if (each.kind === 'domain' && isOfType(each.base, type)) this.type(other);
    }
    for (const [table, each] of dependentsOf(this.catalog, key)) {
      if (each.kind === 'table' && each.ofType === key) this.relation(table);
    }
    this.columnsOfType(key);
    this.readers(key, ({ usesTypes }) => usesTypes.includes(key));
    if (!composite) return;
    this.dropped.add(key);
    this.catalog = withRelation(this.catalog, key, undefined);
  }

  schema(name: string): void {
    for (const [key, each] of [...this.catalog.relations.entries()]) {
      if (each.schema === name && each.kind !== 'compositeType') this.relation(key);
    }
    for (const [key, each] of [...this.catalog.types.entries()]) if (each.schema === name) this.type(key);
    for (const [key, each] of [...this.catalog.routines.entries()])
      if (each.schema === name) this.routine(key);
    this.catalog = {
      ...this.catalog,
      schemas: this.catalog.schemas.delete(name),
      gone: this.catalog.gone.set(name, { kind: 'schema', how: 'dropped', path: this.scope.path }),
    };
  }

  /** A foreign server with its foreign tables. */
  server(name: string): void {
    for (const [key, each] of [...this.catalog.relations.entries()]) {
      if (each.kind === 'foreignTable' && each.server === name) this.relation(key);
    }
  }

  /** The types of an extension are not in the history; the names of those that columns use are known. */
  extension(name: string): void {
    for (const type of EXTENSION_TYPES[name] ?? []) {
      for (const [key, relation] of [...this.catalog.relations.entries()])
        this.columnsWithType(key, relation, { name: type });
    }
    this.catalog = { ...this.catalog, extensions: this.catalog.extensions.delete(name) };
  }

  private table(key: string, table: Table): void {
    for (const child of table.children) this.relation(child);
    for (const constraint of table.constraints) {
      if (constraint.kind === 'foreignKey') this.foreignKeys.push({ from: key, constraint });
    }
    this.foreignKeysTo(key, () => true);
    for (const [sequence, each] of dependentsOf(this.catalog, key)) {
      if (each.kind === 'sequence' && each.ownedBy?.table === key) this.relation(sequence);
    }
    for (const [name, each] of [...this.catalog.statistics.entries()]) {
      if (each.table === key) this.statistics(name);
    }
  }

  private statistics(key: string): void {
    this.catalog = { ...this.catalog, statistics: this.catalog.statistics.delete(key) };
  }

  /** The parts of a partitioned index go with it, and with each the constraint it backs. */
  private index(key: string, index: Index): void {
    this.touched.add(index.table);
    for (const [part, each] of dependentsOf(this.catalog, key)) {
      if (each.kind === 'index' && each.attachedTo === key) this.relation(part);
    }
    if (index.constraint !== undefined) this.constraint(index.table, index.constraint);
  }

  private foreignKeysTo(key: string, which: (columns: readonly string[]) => boolean): void {
    for (const [from, relation] of dependentsOf(this.catalog, key)) {
      if (from === key || relation.kind !== 'table') continue;
      for (const { name, references } of relation.constraints) {
        if (references?.table === key && which(references.columns)) this.constraint(from, name);
      }
    }
  }

  /** What partitions have of a constraint of their table. */
  private shares(key: string, which: (constraint: Constraint) => boolean): void {
    const table = tableOf(this.catalog, key);
    if (table?.partitionBy === undefined) return;
    for (const child of table.children) {
      for (const each of tableOf(this.catalog, child)?.constraints ?? [])
        if (which(each)) this.constraint(child, each.name);
    }
  }

  /** Views go whole; a policy or rule is taken from its table. */
  private readers(of: string, which: (uses: Uses) => boolean): void {
    for (const [key] of dependentsOf(this.catalog, of)) {
      // One may have gone with another.
      const relation = this.catalog.relations.get(key);
      if (relation === undefined) continue;
      if ('dependsOn' in relation && which(relation)) this.relation(key);
      else if (attachments(relation).some(which)) this.detach(key, relation, which);
    }
  }

  private detach(key: string, relation: Relation, which: (uses: Uses) => boolean): void {
    this.touched.add(key);
    this.catalog = putRelation(this.catalog, withoutAttachments(relation, which));
  }

  /** Takes from relations the defaults that speak of something. */
  private defaults(
    relations: Iterable<readonly [string, Relation]>,
    which: (body: unknown) => boolean,
  ): void {
    for (const [key, relation] of relations) {
      if (
        relation.kind !== 'table' ||
        !relation.columns.some((each) => each.default && which(each.default.node))
      )
        continue;
      this.touched.add(key);
      this.catalog = putRelation(this.catalog, {
        ...relation,
        columns: relation.columns.map((column) => {
          const { default: given, ...rest } = column;
          return given !== undefined && which(given.node) ? rest : column;
        }),
      });
    }
  }

  private columnsOfType(key: string): void {
    for (const [table, relation] of dependentsOf(this.catalog, key))
      this.columnsWithType(table, relation, objectKeyParts(key));
  }

  private columnsWithType(table: string, relation: Relation, type: { schema?: string; name: string }): void {
    if (relation.kind !== 'table') return;
    for (const column of relation.columns)
      if (isOfType(column.type, type)) this.columnOfTree(table, column.name);
  }

  /** The columns that the expressions of a relation may name. */
  private columnsSeenBy(relation: Relation): readonly Column[] {
    if ('columns' in relation && 'constraints' in relation) return relation.columns;
    const keys =
      relation.kind === 'index' ? [relation.table] : 'dependsOn' in relation ? relation.dependsOn : [];
    return keys.flatMap((key) => tableOf(this.catalog, key)?.columns ?? []);
  }

  private calls(
    body: unknown,
    key: string,
    columns: readonly Column[],
    isDropped: (overload: string | undefined) => boolean,
  ): boolean {
    const routine = this.catalog.routines.get(key);
    let found = false;
    walk(body, (kind, call) => {
      if (kind !== 'FuncCall') return;
      const { schema, name } = qualified(stringsOf(call.funcname as Parameters<typeof stringsOf>[0]));
      if (routineKey(this.catalog, this.scope, schema, name) !== key) return;
      const args = (call.args ?? []) as readonly Node[];
      const overload = routine && overloadCalled(this.catalog, this.scope, routine, args, columns);
      if (isDropped(overload)) found = true;
    });
    return found;
  }

  /** nextval('name'): the name is a constant of type regclass. */
  private namesSequence(body: unknown, key: string): boolean {
    let found = false;
    walk(body, (kind, constant) => {
      const text = kind === 'A_Const' ? (constant.sval as { sval?: string } | undefined)?.sval : undefined;
      if (text === undefined) return;
      const { schema, name } = qualified(text.split('.').map((each) => each.replaceAll('"', '')));
      if (relationKey(this.catalog, this.scope, schema, name) === key) found = true;
    });
    return found;
  }
}

/** Types of extensions that columns have (their CREATE TYPE statements). */
const EXTENSION_TYPES: Readonly<Record<string, readonly string[]>> = {
  citext: ['citext'],
  cube: ['cube'],
  hstore: ['hstore'],
  isn: ['ean13', 'isbn', 'isbn13', 'ismn', 'ismn13', 'issn', 'issn13', 'upc'],
  ltree: ['ltree', 'lquery', 'ltxtquery'],
  postgis: ['geometry', 'geography', 'box2d', 'box3d'],
  seg: ['seg'],
  vector: ['vector', 'halfvec', 'sparsevec'],
};

/** Whether two foreign keys are one: a partition's share has its table's columns and reference. */
export function sameForeignKey(
  a: Pick<Constraint, 'columns' | 'references'>,
  b: Pick<Constraint, 'columns' | 'references'>,
): boolean {
  return (
    a.columns.join() === b.columns.join() &&
    a.references?.table === b.references?.table &&
    a.references?.columns.join() === b.references?.columns.join() &&
    a.references?.onDelete === b.references?.onDelete &&
    a.references?.onUpdate === b.references?.onUpdate
  );
}

function attachments(relation: Relation): readonly Uses[] {
  const policies = 'policies' in relation ? relation.policies : [];
  return 'rules' in relation ? [...policies, ...relation.rules] : policies;
}

function withoutAttachments(relation: Relation, which: (uses: Uses) => boolean): Relation {
  if (!('rules' in relation)) return relation;
  const rules = relation.rules.filter((each) => !which(each));
  return 'policies' in relation
    ? { ...relation, rules, policies: relation.policies.filter((each) => !which(each)) }
    : { ...relation, rules };
}

function nullable(columns: readonly Column[], names: readonly string[]): readonly Column[] {
  return columns.map((column) => (names.includes(column.name) ? { ...column, notNull: false } : column));
}

function isOfType(type: TypeName | undefined, wanted: { schema?: string; name: string }): boolean {
  return type !== undefined && type.name === wanted.name && type.schema === wanted.schema;
}
