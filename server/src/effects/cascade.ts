import {
  type Catalog,
  type Column,
  type Relation,
  type TypeName,
  tableOf,
  tableTree,
} from '../catalog/catalog.ts';
import { columnsIn, indexUses, walk } from '../catalog/expression.ts';
import { objectKeyParts, qualified, relationKey, routineKey, stringsOf } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { dropForeignKey } from './foreignKeys.ts';
import { defaultPartition } from './partitions.ts';
import {
  foreignKeysOf,
  foreignKeysTo,
  indexesOf,
  indexesWhere,
  indexTree,
  ownedSequences,
  partitionTree,
} from './relations.ts';

const AX = 'ACCESS EXCLUSIVE';

/**
 * What goes when an object goes, followed through the catalog as pg_depend would have it (performMultipleDeletions,
 * catalog/dependency.c). Whatever part of a relation goes, that relation is locked against everything.
 */
export class Cascade {
  private readonly to: EffectBuilder;
  private readonly context: EffectContext;
  private readonly catalog: Catalog;
  private readonly seen = new Set<string>();

  constructor(to: EffectBuilder, context: EffectContext) {
    this.to = to;
    this.context = context;
    this.catalog = context.catalog;
  }

  /** A table, view, materialized view or sequence. */
  relation(key: string): void {
    if (!this.first(`relation ${key}`)) return;
    const { to, context, catalog } = this;
    to.drop(key);
    for (const index of indexesOf(catalog, key)) to.drop(index);
    for (const sequence of ownedSequences(catalog, key)) this.relation(sequence);
    for (const constraint of foreignKeysOf(catalog, key)) dropForeignKey(to, context, key, constraint);
    for (const { from, constraint } of foreignKeysTo(catalog, key))
      dropForeignKey(to, context, from, constraint);
    const table = tableOf(catalog, key);
    if (table?.partitionOf !== undefined) {
      // Its rows belong to the default partition from now on (heap_drop_with_catalog, catalog/heap.c).
      const rest = defaultPartition(context, table.partitionOf.parent);
      to.lockAll([table.partitionOf.parent, ...(rest === undefined ? [] : [rest])], AX);
    }
    for (const child of table?.children ?? []) this.relation(child);
    if (catalog.relations.get(key)?.kind === 'sequence')
      this.defaultsOf((body) => this.namesSequence(body, key));
    this.readers(({ dependsOn }) => dependsOn.includes(key));
    if (table !== undefined) this.columnsOfType({ schema: table.schema, name: table.name });
  }

  /** A column of a table and of those below it. */
  columnOfTree(key: string, name: string): void {
    for (const table of tableTree(this.catalog, key)) this.column(table, name);
  }

  /** A column of one table. */
  column(key: string, name: string): void {
    if (!this.first(`column ${key} ${name}`)) return;
    const { to, context, catalog } = this;
    to.lock(key, AX);
    for (const index of indexesWhere(catalog, key, (each) => indexUses(each, name))) {
      for (const part of indexTree(catalog, index)) to.drop(part);
    }
    for (const sequence of ownedSequences(catalog, key, name)) this.relation(sequence);
    for (const each of foreignKeysOf(catalog, key)) {
      if (each.columns.includes(name)) dropForeignKey(to, context, key, each);
    }
    for (const { from, constraint } of foreignKeysTo(catalog, key, [name]))
      dropForeignKey(to, context, from, constraint);
    for (const column of tableOf(catalog, key)?.columns ?? []) {
      const uses = column.generated && columnsIn(column.generated.expression.node).includes(name);
      if (uses) this.column(key, column.name);
    }
    this.readers(({ usesColumns }) => usesColumns.includes(`${key}.${name}`));
  }

  routine(key: string): void {
    if (!this.first(`routine ${key}`)) return;
    const calls = (body: unknown): boolean => this.calls(body, key);
    this.defaultsOf(calls);
    for (const [table, relation] of this.catalog.relations.entries()) {
      if ('triggers' in relation && relation.triggers.some((each) => each.routine === key)) {
        this.to.lockAll(partitionTree(this.catalog, table), AX);
      }
      if (relation.kind === 'view' || relation.kind === 'materializedView') {
        if (calls(relation.query.node)) this.relation(table);
      } else if (relation.kind === 'table') {
        if (relation.constraints.some((each) => each.expression && calls(each.expression.node)))
          this.to.lock(table, AX);
        for (const index of indexesWhere(this.catalog, table, (each) =>
          calls([each.elements, each.predicate]),
        )) {
          this.to.lock(table, AX).drop(index);
        }
        for (const column of relation.columns) {
          if (column.generated && calls(column.generated.expression.node))
            this.columnOfTree(table, column.name);
        }
      }
    }
  }

  type(key: string): void {
    if (!this.first(`type ${key}`)) return;
    this.columnsOfType(objectKeyParts(key));
    for (const [other, definition] of this.catalog.types.entries()) {
      if (definition.kind === 'domain' && isType(definition.base, objectKeyParts(key))) this.type(other);
    }
    const composite = this.catalog.relations.get(key);
    if (composite?.kind !== 'compositeType') return;
    this.to.lock(key, AX);
    for (const [table, relation] of this.catalog.relations.entries()) {
      if (relation.kind === 'table' && relation.ofType === key) this.relation(table);
    }
  }

  schema(name: string): void {
    for (const [key, relation] of this.catalog.relations.entries()) {
      if (relation.schema === name && relation.kind !== 'index') this.relation(key);
    }
    for (const [key, type] of this.catalog.types.entries()) if (type.schema === name) this.type(key);
    for (const [key, routine] of this.catalog.routines.entries())
      if (routine.schema === name) this.routine(key);
  }

  /** A foreign server goes with its foreign tables. */
  server(name: string): void {
    for (const [key, relation] of this.catalog.relations.entries()) {
      if (relation.kind === 'foreignTable' && relation.server === name) this.relation(key);
    }
  }

  /** The types of an extension are not in the history: of those that columns use, the names are known. */
  extension(name: string): void {
    for (const type of EXTENSION_TYPES[name] ?? []) this.columnsOfType({ name: type });
  }

  private first(what: string): boolean {
    if (this.seen.has(what)) return false;
    this.seen.add(what);
    return true;
  }

  /** Views go whole; a policy or rule is taken from its table. */
  private readers(
    which: (uses: { dependsOn: readonly string[]; usesColumns: readonly string[] }) => boolean,
  ): void {
    for (const [key, relation] of this.catalog.relations.entries()) {
      if ('dependsOn' in relation && which(relation)) this.relation(key);
      for (const each of attachments(relation)) if (which(each)) this.to.lock(key, AX);
    }
  }

  private defaultsOf(which: (body: unknown) => boolean): void {
    for (const [key, relation] of this.catalog.relations.entries()) {
      if (relation.kind !== 'table') continue;
      if (relation.columns.some((each) => each.default && which(each.default.node))) this.to.lock(key, AX);
    }
  }

  private columnsOfType(type: { schema?: string; name: string }): void {
    for (const [key, relation] of this.catalog.relations.entries()) {
      if (relation.kind !== 'table') continue;
      for (const column of relation.columns) if (hasType(column, type)) this.columnOfTree(key, column.name);
    }
  }

  private calls(body: unknown, key: string): boolean {
    let found = false;
    walk(body, (kind, call) => {
      if (kind !== 'FuncCall') return;
      const { schema, name } = qualified(stringsOf(call.funcname as Parameters<typeof stringsOf>[0]));
      if (routineKey(this.catalog, this.context.scope, schema, name) === key) found = true;
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
      if (relationKey(this.catalog, this.context.scope, schema, name) === key) found = true;
    });
    return found;
  }
}

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

function attachments(relation: Relation) {
  const policies = 'policies' in relation ? relation.policies : [];
  return 'rules' in relation ? [...policies, ...relation.rules] : policies;
}

function hasType(column: Column, type: { schema?: string; name: string }): boolean {
  return isType(column.type, type);
}

function isType(type: TypeName | undefined, wanted: { schema?: string; name: string }): boolean {
  return type !== undefined && type.name === wanted.name && type.schema === wanted.schema;
}
