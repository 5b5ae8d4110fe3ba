import type {
  AlterTableStmt,
  CreateStmt,
  DropStmt,
  Node,
  ObjectType,
  RangeVar,
  RenameStmt,
  TypeName,
} from '@pgsql/types';
import { BUILTIN_TYPES } from './builtinTypes.ts';
import type { Catalog } from './catalog.ts';
import { columnConstraints } from './defineTable.ts';
import { objectNames } from './drop.ts';
import { walk } from './expression.ts';
import {
  keyForNew,
  keyForNewRelation,
  keyOfRangeVar,
  type NameScope,
  objectKeyParts,
  qualified,
  relationKey,
  routineKey,
  stringsOf,
  typeKey,
} from './resolve.ts';
import { routineSignature } from './typeText.ts';

export type ObjectKind =
  | 'table'
  | 'view'
  | 'materialized view'
  | 'index'
  | 'sequence'
  | 'relation'
  | 'type'
  | 'function'
  | 'schema'
  | 'extension'
  | 'column'
  | 'constraint'
  | 'trigger'
  | 'policy';

/** An object that a statement speaks of. */
export interface Mention {
  /** Whether the object must be there (`needs`), or must not (`makes`). */
  readonly role: 'needs' | 'makes';
  readonly kind: ObjectKind;
  /** The object's catalog key; for a part of a table (column, constraint, trigger) the table's. */
  readonly key: string;
  /** The part's name; of a function to be made its input types. */
  readonly part?: string;
  /** True with IF EXISTS, IF NOT EXISTS or OR REPLACE, and for what the same statement drops before it makes it. */
  readonly tolerant: boolean;
  /** Name of the schema as written; absent where the search path decides. */
  readonly schema?: string;
  /** The name as it stands in the statement (folded); a place for a finding. */
  readonly name: string;
  /** Where to look for the name: UTF-16 offset in the statement's text, at or before it. */
  readonly near: number;
}

/**
 * The objects that a statement needs to be there and those that it makes, in the order in which they are looked at.
 * Names inside expressions and function bodies are not among them, columns only where they are certain.
 */
export function mentionsOf(node: Node, catalog: Catalog, scope: NameScope): readonly Mention[] {
  const collector = new Collector(catalog, scope);
  collector.statement(node);
  return collector.mentions;
}

class Collector {
  readonly mentions: Mention[] = [];
  private readonly catalog: Catalog;
  private readonly scope: NameScope;

  constructor(catalog: Catalog, scope: NameScope) {
    this.catalog = catalog;
    this.scope = scope;
  }

  statement(node: Node): void {
    if ('CreateStmt' in node) this.createTable(node.CreateStmt);
    else if ('AlterTableStmt' in node) this.alterTable(node.AlterTableStmt);
    else if ('DropStmt' in node) this.drop(node.DropStmt);
    else if ('RenameStmt' in node) this.rename(node.RenameStmt);
    else if ('IndexStmt' in node) {
      const { relation, idxname, if_not_exists, indexParams } = node.IndexStmt;
      this.needsRelation('relation', relation);
      this.needsColumns(relation, [
        ...(indexParams ?? []).flatMap((each) => ('IndexElem' in each ? (each.IndexElem.name ?? []) : [])),
      ]);
      if (idxname !== undefined) {
        const { schema } = objectKeyParts(keyOfRangeVar(this.catalog, this.scope, relation));
        this.push('makes', 'index', keyForNew(this.scope, schema, idxname), idxname, 0, if_not_exists);
      }
    } else if ('ViewStmt' in node) {
      this.makesRelation('view', node.ViewStmt.view, node.ViewStmt.replace);
      this.query(node.ViewStmt.query);
    } else if ('CreateTableAsStmt' in node) {
      const { into, objtype, if_not_exists, query } = node.CreateTableAsStmt;
      this.makesRelation(
        objtype === 'OBJECT_MATVIEW' ? 'materialized view' : 'table',
        into?.rel,
        if_not_exists,
      );
      this.query(query);
    } else if ('CreateSeqStmt' in node) {
      this.makesRelation('sequence', node.CreateSeqStmt.sequence, node.CreateSeqStmt.if_not_exists);
    } else if ('AlterSeqStmt' in node) {
      this.needsRelation('sequence', node.AlterSeqStmt.sequence, node.AlterSeqStmt.missing_ok);
    } else if ('CreateSchemaStmt' in node) {
      const { schemaname = '', if_not_exists, schemaElts } = node.CreateSchemaStmt;
      this.push('makes', 'schema', schemaname, schemaname, 0, if_not_exists);
      for (const each of schemaElts ?? []) this.statement(each);
    } else if ('CreateExtensionStmt' in node) {
      const { extname = '', if_not_exists } = node.CreateExtensionStmt;
      this.push('makes', 'extension', extname, extname, 0, if_not_exists);
    } else if ('CreateTrigStmt' in node) {
      const { relation, trigname = '', replace } = node.CreateTrigStmt;
      this.needsRelation('relation', relation);
      this.pushPart('makes', 'trigger', relation, trigname, 0, replace);
    } else if ('CreatePolicyStmt' in node) {
      const { table, policy_name = '' } = node.CreatePolicyStmt;
      this.needsRelation('table', table);
      this.pushPart('makes', 'policy', table, policy_name, 0, false);
    } else if ('RefreshMatViewStmt' in node)
      this.needsRelation('materialized view', node.RefreshMatViewStmt.relation);
    else if ('AlterObjectSchemaStmt' in node) {
      this.needsRelation(
        'relation',
        node.AlterObjectSchemaStmt.relation,
        node.AlterObjectSchemaStmt.missing_ok,
      );
    } else if ('InsertStmt' in node) {
      this.query(node);
      const columns = (node.InsertStmt.cols ?? []).flatMap((each) =>
        'ResTarget' in each ? (each.ResTarget.name ?? []) : [],
      );
      this.needsColumns(node.InsertStmt.relation, columns);
    } else if ('UpdateStmt' in node) {
      this.query(node);
      const columns = (node.UpdateStmt.targetList ?? []).flatMap((each) =>
        'ResTarget' in each ? (each.ResTarget.name ?? []) : [],
      );
      this.needsColumns(node.UpdateStmt.relation, columns);
    } else this.types(node);
  }

  private types(node: Node): void {
    if ('CreateEnumStmt' in node) this.makesType(node.CreateEnumStmt.typeName);
    else if ('CreateDomainStmt' in node) {
      this.makesType(node.CreateDomainStmt.domainname);
      this.needsType(node.CreateDomainStmt.typeName);
    } else if ('CreateRangeStmt' in node) this.makesType(node.CreateRangeStmt.typeName);
    else if ('CompositeTypeStmt' in node) {
      const typevar = node.CompositeTypeStmt.typevar;
      const key = keyForNew(this.scope, typevar?.schemaname, typevar?.relname ?? '');
      this.push(
        'makes',
        'type',
        key,
        typevar?.relname ?? '',
        typevar?.location ?? 0,
        false,
        typevar?.schemaname,
      );
    } else if ('AlterEnumStmt' in node) this.needsNamedType(stringsOf(node.AlterEnumStmt.typeName), false);
    else if ('AlterDomainStmt' in node) {
      this.needsNamedType(stringsOf(node.AlterDomainStmt.typeName), false);
    } else if ('CreateFunctionStmt' in node) {
      const { schema, name } = qualified(stringsOf(node.CreateFunctionStmt.funcname));
      this.mentions.push({
        role: 'makes',
        kind: 'function',
        key: keyForNew(this.scope, schema, name),
        part: routineSignature(this.catalog, this.scope, node.CreateFunctionStmt),
        name,
        near: 0,
        tolerant: node.CreateFunctionStmt.replace === true,
        ...(schema === undefined ? {} : { schema }),
      });
    } else if (READS_ONLY.some((kind) => kind in node)) this.query(node);
  }

  private createTable(statement: CreateStmt): void {
    this.makesRelation('table', statement.relation, statement.if_not_exists);
    for (const node of statement.inhRelations ?? []) {
      if ('RangeVar' in node) this.needsRelation('table', node.RangeVar);
    }
    const own = keyForNewRelation(this.scope, statement.relation);
    for (const node of statement.tableElts ?? []) {
      if ('TableLikeClause' in node) this.needsRelation('relation', node.TableLikeClause.relation);
      if ('ColumnDef' in node) {
        this.needsType(node.ColumnDef.typeName);
        for (const constraint of columnConstraints(node.ColumnDef))
          this.referenced(constraint.pktable, constraint.pk_attrs, own);
      }
      if ('Constraint' in node) this.referenced(node.Constraint.pktable, node.Constraint.pk_attrs, own);
    }
  }

  private alterTable(statement: AlterTableStmt): void {
    const kind = RELATION_KINDS[statement.objtype ?? 'OBJECT_TABLE'] ?? 'relation';
    if (statement.objtype === 'OBJECT_TYPE') return;
    this.needsRelation(kind, statement.relation, statement.missing_ok);
    if (kind !== 'table') return;
    const commands = (statement.cmds ?? []).flatMap((node) =>
      'AlterTableCmd' in node ? [node.AlterTableCmd] : [],
    );
    const added = commands.flatMap((command) =>
      command.subtype === 'AT_AddColumn' && command.def && 'ColumnDef' in command.def
        ? (command.def.ColumnDef.colname ?? [])
        : [],
    );
    // Drops come first (AT_PASS_DROP): what the same statement drops may be made again.
    const dropped = new Set(
      commands.flatMap(({ subtype, name }) =>
        subtype === 'AT_DropColumn' || subtype === 'AT_DropConstraint' ? (name ?? []) : [],
      ),
    );
    const near = (statement.relation?.location ?? 0) + 1;
    const needsColumns = (names: readonly string[]): void =>
      this.needsColumns(
        statement.relation,
        names.filter((name) => !added.includes(name)),
        near,
      );
    for (const command of commands) {
      const name = command.name ?? '';
      if (command.subtype === 'AT_AddColumn' && command.def && 'ColumnDef' in command.def) {
        const definition = command.def.ColumnDef;
        const at = definition.location ?? near;
        const column = definition.colname ?? '';
        this.pushPart(
          'makes',
          'column',
          statement.relation,
          column,
          at,
          command.missing_ok || dropped.has(column),
        );
        this.needsType(definition.typeName);
        for (const constraint of columnConstraints(definition))
          this.referenced(constraint.pktable, constraint.pk_attrs);
      } else if (command.subtype === 'AT_AddConstraint' && command.def && 'Constraint' in command.def) {
        const constraint = command.def.Constraint;
        if (constraint.conname !== undefined) {
          const tolerant = dropped.has(constraint.conname);
          this.pushPart(
            'makes',
            'constraint',
            statement.relation,
            constraint.conname,
            constraint.location ?? near,
            tolerant,
          );
        }
        needsColumns(stringsOf(constraint.keys ?? constraint.fk_attrs));
        if (constraint.indexname !== undefined) {
          const { schema } = objectKeyParts(keyOfRangeVar(this.catalog, this.scope, statement.relation));
          const index = relationKey(this.catalog, this.scope, schema, constraint.indexname);
          this.push(
            'needs',
            'index',
            index,
            constraint.indexname,
            constraint.location ?? near,
            false,
            schema,
          );
        }
        this.referenced(constraint.pktable, constraint.pk_attrs);
      } else if (command.subtype === 'AT_DropConstraint' || command.subtype === 'AT_ValidateConstraint') {
        this.pushPart('needs', 'constraint', statement.relation, name, near, command.missing_ok);
      } else if (COLUMN_COMMANDS.has(command.subtype ?? '') && !command.missing_ok) {
        if (command.def && 'ColumnDef' in command.def) this.needsType(command.def.ColumnDef.typeName);
        needsColumns([name]);
      } else if (command.subtype === 'AT_AttachPartition' && command.def && 'PartitionCmd' in command.def) {
        this.needsRelation('table', command.def.PartitionCmd.name);
      }
    }
  }

  private drop(statement: DropStmt): void {
    for (const object of statement.objects ?? []) {
      const names = objectNames(object);
      const { schema, name } = qualified(names);
      const tolerant = statement.missing_ok;
      const kind = RELATION_KINDS[statement.removeType ?? 'OBJECT_TABLE'];
      if (kind !== undefined) {
        const key = relationKey(this.catalog, this.scope, schema, name);
        this.push('needs', kind, key, name, 0, tolerant, schema);
      } else if (statement.removeType === 'OBJECT_TYPE' || statement.removeType === 'OBJECT_DOMAIN') {
        this.needsNamedType(names, tolerant === true);
      } else if (ROUTINES.has(statement.removeType ?? '')) {
        const key = routineKey(this.catalog, this.scope, schema, name);
        this.push('needs', 'function', key, name, 0, tolerant, schema);
      } else if (statement.removeType === 'OBJECT_TRIGGER' || statement.removeType === 'OBJECT_POLICY') {
        const part = statement.removeType === 'OBJECT_TRIGGER' ? 'trigger' : 'policy';
        const table = qualified(names.slice(0, -1));
        const rangeVar = {
          relname: table.name,
          ...(table.schema === undefined ? {} : { schemaname: table.schema }),
        };
        this.needsRelation('relation', rangeVar, tolerant);
        this.pushPart('needs', part, rangeVar, name, 0, tolerant);
      }
    }
  }

  private rename(statement: RenameStmt): void {
    const kind = RELATION_KINDS[statement.renameType ?? 'OBJECT_TABLE'];
    const newName = statement.newname ?? '';
    if (kind !== undefined) {
      this.needsRelation(kind, statement.relation, statement.missing_ok);
      const { schema } = objectKeyParts(keyOfRangeVar(this.catalog, this.scope, statement.relation));
      this.push(
        'makes',
        kind,
        keyForNew(this.scope, schema, newName),
        newName,
        statement.relation?.location ?? 0,
        false,
      );
    } else if (statement.renameType === 'OBJECT_COLUMN' || statement.renameType === 'OBJECT_TABCONSTRAINT') {
      const part = statement.renameType === 'OBJECT_COLUMN' ? 'column' : 'constraint';
      const near = (statement.relation?.location ?? 0) + 1;
      this.needsRelation('relation', statement.relation, statement.missing_ok);
      this.pushPart('needs', part, statement.relation, statement.subname ?? '', near, statement.missing_ok);
      this.pushPart('makes', part, statement.relation, newName, near, statement.missing_ok);
    } else if (statement.renameType === 'OBJECT_TYPE') {
      this.needsNamedType(statement.object ? objectNames(statement.object) : [], false);
    }
  }

  /** The table that a foreign key points at. */
  private referenced(table: RangeVar | undefined, columns: Node[] | undefined, own?: string): void {
    if (table === undefined || keyOfRangeVar(this.catalog, this.scope, table) === own) return;
    this.needsRelation('table', table);
    this.needsColumns(table, stringsOf(columns));
  }

  /** Every relation that a statement reads or writes, names of its own WITH queries left out. */
  private query(node: Node | undefined): void {
    const local = new Set<string>();
    walk(node, (kind, body) => {
      if (kind === 'CommonTableExpr' && typeof body.ctename === 'string') local.add(body.ctename);
    });
    const visit = (rangeVar: RangeVar): void => {
      if (rangeVar.schemaname !== undefined || !local.has(rangeVar.relname ?? ''))
        this.needsRelation('relation', rangeVar);
    };
    // The target of INSERT, UPDATE and DELETE is a bare RangeVar, without the node's wrapper.
    for (const body of Object.values(node ?? {})) {
      const relation = (body as { relation?: RangeVar }).relation;
      if (relation?.relname !== undefined) visit(relation);
    }
    walk(node, (kind, body) => {
      if (kind === 'RangeVar') visit(body as RangeVar);
    });
  }

  private needsRelation(kind: ObjectKind, rangeVar: RangeVar | undefined, tolerant?: boolean): void {
    if (rangeVar?.relname === undefined) return;
    const key = keyOfRangeVar(this.catalog, this.scope, rangeVar);
    this.push('needs', kind, key, rangeVar.relname, rangeVar.location ?? 0, tolerant, rangeVar.schemaname);
  }

  private makesRelation(
    kind: ObjectKind,
    rangeVar: RangeVar | undefined,
    tolerant: boolean | undefined,
  ): void {
    if (rangeVar?.relname === undefined) return;
    const key = keyForNewRelation(this.scope, rangeVar);
    this.push('makes', kind, key, rangeVar.relname, rangeVar.location ?? 0, tolerant, rangeVar.schemaname);
  }

  private needsColumns(rangeVar: RangeVar | undefined, names: readonly string[], near?: number): void {
    for (const name of names) {
      this.pushPart('needs', 'column', rangeVar, name, near ?? (rangeVar?.location ?? 0) + 1, false);
    }
  }

  private needsType(node: TypeName | undefined): void {
    const names = stringsOf(node?.names);
    const { schema, name } = qualified(names);
    if (names.length === 0 || schema === 'pg_catalog' || (schema === undefined && BUILTIN_TYPES.has(name)))
      return;
    this.push(
      'needs',
      'type',
      typeKey(this.catalog, this.scope, schema, name),
      name,
      node?.location ?? 0,
      false,
      schema,
    );
  }

  private needsNamedType(names: readonly string[], tolerant: boolean): void {
    const { schema, name } = qualified(names);
    this.push('needs', 'type', typeKey(this.catalog, this.scope, schema, name), name, 0, tolerant, schema);
  }

  private makesType(names: Node[] | undefined): void {
    const { schema, name } = qualified(stringsOf(names));
    this.push('makes', 'type', keyForNew(this.scope, schema, name), name, 0, false, schema);
  }

  private push(
    role: Mention['role'],
    kind: ObjectKind,
    key: string,
    name: string,
    near: number,
    tolerant: boolean | undefined,
    schema?: string,
  ): void {
    const mention = { role, kind, key, name, near, tolerant: tolerant === true };
    this.mentions.push(schema === undefined ? mention : { ...mention, schema });
  }

  private pushPart(
    role: Mention['role'],
    kind: ObjectKind,
    rangeVar: RangeVar | undefined,
    part: string,
    near: number,
    tolerant: boolean | undefined,
  ): void {
    const key = keyOfRangeVar(this.catalog, this.scope, rangeVar);
    this.mentions.push({ role, kind, key, part, name: part, near, tolerant: tolerant === true });
  }
}

const RELATION_KINDS: Partial<Record<ObjectType, ObjectKind>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
};

const ROUTINES: ReadonlySet<string> = new Set([
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_AGGREGATE',
]);

/** ALTER TABLE commands whose name is a column of the table. */
const COLUMN_COMMANDS: ReadonlySet<string> = new Set([
  'AT_DropColumn',
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_AlterColumnType',
  'AT_SetStatistics',
  'AT_SetStorage',
  'AT_SetCompression',
  'AT_SetExpression',
  'AT_DropExpression',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_DropIdentity',
]);

/** Statements that make nothing: whatever relation stands in them must be there. */
const READS_ONLY = [
  'SelectStmt',
  'DeleteStmt',
  'MergeStmt',
  'TruncateStmt',
  'LockStmt',
  'CopyStmt',
  'VacuumStmt',
  'ReindexStmt',
  'ClusterStmt',
] as const;
