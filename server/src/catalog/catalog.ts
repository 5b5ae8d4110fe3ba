import type { Node } from '@pgsql/types';
import { quotePath } from '../sql/names.ts';
import { isPlaceholder } from '../sql/placeholders.ts';
import { PersistentMap } from './persistentMap.ts';

/**
 * The schema of a database as the history makes it, as an immutable value: what one statement changes is copied,
 * the rest is shared. Two catalogs are compared with `sameCatalog`.
 */
export interface Catalog {
  /** Schemas that the history made, and public. */
  readonly schemas: PersistentMap<Schema>;
  /** Tables, views, indexes and sequences: one namespace per schema, as in pg_class. Keyed by `objectKey`. */
  readonly relations: PersistentMap<Relation>;
  /**
   * The keys of the relations that speak of a relation: tables whose foreign keys reference it, views that read it,
   * sequences that its columns own, tables that inherit from it, parts of a partitioned index; those of a type are its
   * columns' tables and the views that name it. Kept by `withRelation`.
   */
  readonly dependents: PersistentMap<readonly string[]>;
  /** Enums, domains, composite and range types. Keyed by `objectKey`. */
  readonly types: PersistentMap<TypeDefinition>;
  /** Functions, procedures and aggregates, overloads together. Keyed by `objectKey`. */
  readonly routines: PersistentMap<Routine>;
  readonly extensions: PersistentMap<{ readonly path: string }>;
  readonly publications: PersistentMap<Publication>;
  /** Extended statistics. Keyed by `objectKey`. */
  readonly statistics: PersistentMap<Statistics>;
  /** Relations and types that the history once had and dropped or renamed, by their old key. */
  readonly gone: PersistentMap<Gone>;
  /**
   * Whether the history starts from an empty database: its first statement that mentions a table creates that table.
   * Undefined until such a statement has come.
   */
  readonly fromScratch: boolean | undefined;
  /** True once something ran that could have changed anything: dynamic SQL, a Go migration, an unreadable file. */
  readonly uncertain: boolean;
}

export interface Schema {
  readonly name: string;
  /** The file that made it; absent for public. */
  readonly path?: string;
}

export type Relation = Table | View | Index | Sequence | CompositeRelation;

export interface Table {
  readonly kind: 'table' | 'foreignTable';
  readonly schema: string;
  readonly name: string;
  /** The file that made it; absent when the history only speaks of it. */
  readonly path?: string;
  readonly columns: readonly Column[];
  /** False when there may be columns, constraints and indexes that the history does not show. */
  readonly complete: boolean;
  readonly constraints: readonly Constraint[];
  /** Keys of its indexes in `relations`. */
  readonly indexes: readonly string[];
  readonly triggers: readonly Trigger[];
  readonly policies: readonly Policy[];
  readonly rules: readonly RewriteRule[];
  readonly persistence: 'permanent' | 'unlogged' | 'temporary';
  readonly rowSecurity: boolean;
  readonly partitionBy?: PartitionKey;
  /** Key of the partitioned table it is a partition of, and its bounds. */
  readonly partitionOf?: { readonly parent: string; readonly bound: Expression | 'default' };
  /** Keys of the tables it inherits from (not partitioning). */
  readonly inherits: readonly string[];
  /** Keys of its partitions and of the tables that inherit from it. */
  readonly children: readonly string[];
  /** Key of the composite type of a typed table (`CREATE TABLE … OF`). */
  readonly ofType?: string;
  readonly accessMethod?: string;
  readonly tablespace?: string;
  readonly replicaIdentity?: string;
  /** Of a foreign table. */
  readonly server?: string;
  /** Key of the index that CLUSTER uses when it names none. */
  readonly clusteredOn?: string;
  /** The role that OWNER TO gave it to. */
  readonly owner?: string;
}

export interface PartitionKey {
  readonly strategy: 'range' | 'list' | 'hash';
  /** Column names in order; undefined stands for an expression. */
  readonly columns: readonly (string | undefined)[];
}

export interface Column {
  readonly name: string;
  /** Undefined when the history does not say. */
  readonly type?: TypeName;
  /** Undefined when the history does not say. */
  readonly notNull: boolean | undefined;
  readonly default?: Expression;
  readonly identity?: 'always' | 'byDefault';
  readonly generated?: { readonly kind: 'stored' | 'virtual'; readonly expression: Expression };
  readonly collation?: string;
  readonly path?: string;
}

/** A type as a column has it. Names are Postgres's internal ones: int4, varchar, timestamptz. */
export interface TypeName {
  /** Absent for types of pg_catalog. */
  readonly schema?: string;
  readonly name: string;
  /** Length, precision and scale, as written. */
  readonly modifiers: readonly number[];
  readonly array: boolean;
}

/** An expression as a tree; `fingerprint` is equal for equal trees, whatever their place in the text. */
export interface Expression {
  readonly node: Node;
  readonly fingerprint: string;
}

export type ConstraintKind = 'check' | 'unique' | 'primaryKey' | 'foreignKey' | 'exclude' | 'notNull';

export interface Constraint {
  readonly kind: ConstraintKind;
  readonly name: string;
  /** True when Postgres chose the name (we follow its rule). */
  readonly nameIsGenerated: boolean;
  /** Only a guess: the tool may have chosen another name, or it may be gone. */
  readonly nameIsOpen?: true;
  readonly columns: readonly string[];
  readonly validated: boolean;
  /** False for NOT ENFORCED (18). */
  readonly enforced: boolean;
  readonly deferrable: boolean;
  readonly expression?: Expression;
  readonly references?: Reference;
  /** Key of the index that backs it. */
  readonly index?: string;
  readonly inherited: boolean;
  /** NO INHERIT: it stays out of the tables below. */
  readonly noInherit: boolean;
  /** INITIALLY DEFERRED: looked at when the transaction ends. */
  readonly deferred: boolean;
  readonly path: string;
}

/** What a foreign key points at. */
export interface Reference {
  readonly table: string;
  readonly columns: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  readonly matchFull?: true;
  /** The columns that ON DELETE SET NULL or SET DEFAULT sets, where not all. */
  readonly sets?: readonly string[];
}

export type ReferentialAction = 'noAction' | 'restrict' | 'cascade' | 'setNull' | 'setDefault';

export interface Trigger {
  readonly name: string;
  readonly routine?: string;
  /** FOR EACH ROW: partitions have such a trigger of their partitioned table too. */
  readonly row: boolean;
  readonly timing: 'before' | 'after' | 'insteadOf';
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  /** Those of UPDATE OF and WHEN: without one of them the trigger goes. */
  readonly columns: readonly string[];
  readonly enabled: boolean;
  /** True in a partition, for what came from the partitioned table. */
  readonly inherited: boolean;
}

export interface Policy extends Uses {
  readonly name: string;
}

/** CREATE RULE. */
export interface RewriteRule extends Uses {
  readonly name: string;
  readonly event: 'select' | 'insert' | 'update' | 'delete';
  readonly instead: boolean;
  readonly enabled: boolean;
  readonly actions: readonly Expression[];
}

/** What a query or an expression speaks of. */
export interface Uses {
  /** Keys of the relations it reads. */
  readonly dependsOn: readonly string[];
  /** Columns it names, as `table key` + `.` + column where they can be told; every column when a star is used. */
  readonly usesColumns: readonly string[];
  /** Keys of the types and relations that it names as a type, in a cast. */
  readonly usesTypes: readonly string[];
}

export interface View extends Uses {
  readonly kind: 'view' | 'materializedView';
  readonly schema: string;
  readonly name: string;
  readonly path: string;
  /** Undefined when the query does not tell. */
  readonly columns: readonly string[] | undefined;
  readonly indexes: readonly string[];
  readonly triggers: readonly Trigger[];
  readonly rules: readonly RewriteRule[];
  readonly query: Expression;
  readonly clusteredOn?: string;
  readonly owner?: string;
}

export interface Index {
  readonly kind: 'index';
  readonly schema: string;
  readonly name: string;
  readonly path: string;
  /** Key of its table or materialized view. */
  readonly table: string;
  readonly method: string;
  readonly elements: readonly IndexElement[];
  readonly include: readonly string[];
  readonly unique: boolean;
  readonly nullsNotDistinct?: true;
  /** It has storage parameters, options of an operator class or a tablespace, which are not kept. */
  readonly hasSettings?: true;
  readonly predicate?: Expression;
  /** False after CREATE INDEX … ON ONLY on a partitioned table, until its parts are attached. */
  readonly valid: boolean;
  /** Name of the constraint it backs. */
  readonly constraint?: string;
  /** Key of the partitioned index it is attached to. */
  readonly attachedTo?: string;
  /** True when its table is partitioned. */
  readonly partitioned: boolean;
}

export interface IndexElement {
  /** Undefined for an expression. */
  readonly column?: string;
  readonly expression?: Expression;
  /** As written; absent for the column's own. */
  readonly collation?: string;
  /** As written; absent for the type's default. */
  readonly operatorClass?: string;
  /** ASC, DESC, NULLS FIRST, NULLS LAST as written; absent where nothing is. */
  readonly order?: string;
}

export interface Sequence {
  readonly kind: 'sequence';
  readonly schema: string;
  readonly name: string;
  readonly path: string;
  readonly ownedBy?: { readonly table: string; readonly column: string };
  readonly owner?: string;
}

export interface CompositeRelation {
  readonly kind: 'compositeType';
  readonly schema: string;
  readonly name: string;
  readonly path: string;
  readonly columns: readonly Column[];
}

export type TypeDefinition =
  | {
      readonly kind: 'enum';
      readonly schema: string;
      readonly name: string;
      readonly path: string;
      readonly values: readonly string[];
    }
  | {
      readonly kind: 'domain';
      readonly schema: string;
      readonly name: string;
      readonly path: string;
      readonly base?: TypeName;
      readonly notNull: boolean;
      readonly default?: Expression;
      readonly checks: readonly Constraint[];
    }
  | { readonly kind: 'other'; readonly schema: string; readonly name: string; readonly path: string };

export interface Routine {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'function' | 'procedure' | 'aggregate';
  /** Each overload's input types, as text; a history may make the same one again with OR REPLACE. */
  readonly signatures: readonly string[];
  readonly volatility?: 'immutable' | 'stable' | 'volatile';
  /** Its language and body, as the last CREATE said. */
  readonly language?: string;
  readonly body?: string;
  /** What the planner puts in place of a call, where it does; absent when there are overloads. */
  readonly inlined?: Expression;
  readonly path: string;
}

/** What CREATE PUBLICATION publishes: tables by name, not those of FOR ALL TABLES or FOR TABLES IN SCHEMA. */
export interface Publication {
  readonly name: string;
  /** Keys of those that it names. */
  readonly tables: readonly string[];
  /** Names of the schemas that it holds with all their tables. */
  readonly schemas: readonly string[];
  /** FOR ALL TABLES. */
  readonly allTables?: true;
  readonly path: string;
}

/** CREATE STATISTICS. */
export interface Statistics {
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly path: string;
}

export interface Gone {
  readonly kind: Relation['kind'] | 'type' | 'routine' | 'schema';
  readonly how: 'dropped' | 'renamed';
  /** The new name, when renamed. */
  readonly to?: string;
  readonly path: string;
}

/** The key of an object. Names are as Postgres keeps them: unquoted ones folded to lower case. */
export function objectKey(schema: string, name: string): string {
  return `${schema}\u0000${name}`;
}

/** How a person writes the object: without its schema when that is public, and … for what only a program knows. */
export function displayName(key: string): string {
  const [schema = '', name = ''] = key.split('\u0000').map((part) => (isPlaceholder(part) ? '…' : part));
  return schema === 'public' || schema === '' ? name : `${schema}.${name}`;
}

/** The object's name as SQL has to write it: its schema too, unless that is public. */
export function writtenName(key: string): string {
  const [schema = '', name = ''] = key.split('\u0000');
  return quotePath(schema === 'public' ? undefined : schema, name);
}

/** The catalog of an empty database. */
export function emptyCatalog(): Catalog {
  return {
    schemas: PersistentMap.empty<Schema>().set('public', { name: 'public' }),
    relations: PersistentMap.empty(),
    dependents: PersistentMap.empty(),
    types: PersistentMap.empty(),
    routines: PersistentMap.empty(),
    extensions: PersistentMap.empty(),
    publications: PersistentMap.empty(),
    statistics: PersistentMap.empty(),
    gone: PersistentMap.empty(),
    fromScratch: undefined,
    uncertain: false,
  };
}

/** The table or foreign table under a key. */
export function tableOf(catalog: Catalog, key: string | undefined): Table | undefined {
  const relation = key === undefined ? undefined : catalog.relations.get(key);
  return relation?.kind === 'table' || relation?.kind === 'foreignTable' ? relation : undefined;
}

/** The index under a key. */
export function indexOf(catalog: Catalog, key: string | undefined): Index | undefined {
  const relation = key === undefined ? undefined : catalog.relations.get(key);
  return relation?.kind === 'index' ? relation : undefined;
}

export function columnOf(table: Table | undefined, name: string): Column | undefined {
  return table?.columns.find((column) => column.name === name);
}

export function constraintOf(table: Table | undefined, name: string): Constraint | undefined {
  return table?.constraints.find((constraint) => constraint.name === name);
}

/** All tables below a partitioned or inherited table, itself first. */
export function tableTree(catalog: Catalog, key: string): readonly string[] {
  const keys: string[] = [];
  const visit = (each: string): void => {
    if (keys.includes(each)) return;
    keys.push(each);
    for (const child of tableOf(catalog, each)?.children ?? []) visit(child);
  };
  visit(key);
  return keys;
}

/** Whether two catalogs say the same. Quick where they share their parts. */
export function sameCatalog(a: Catalog, b: Catalog): boolean {
  return (
    a === b ||
    (a.fromScratch === b.fromScratch &&
      a.uncertain === b.uncertain &&
      a.relations.equals(b.relations, sameValue) &&
      a.types.equals(b.types, sameValue) &&
      a.routines.equals(b.routines, sameValue) &&
      a.schemas.equals(b.schemas, sameValue) &&
      a.extensions.equals(b.extensions, sameValue) &&
      a.publications.equals(b.publications, sameValue) &&
      a.statistics.equals(b.statistics, sameValue) &&
      a.gone.equals(b.gone, sameValue))
  );
}

/** Whether two plain values are equal part by part. Trees are compared by their fingerprints. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof PersistentMap || b instanceof PersistentMap) {
    return a instanceof PersistentMap && b instanceof PersistentMap && a.equals(b, sameValue);
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((each, i) => sameValue(each, b[i]));
  }
  if ('fingerprint' in a && 'fingerprint' in b) return a.fingerprint === b.fingerprint;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => key in b && sameValue(a[key as keyof typeof a], b[key as keyof typeof b]));
}
