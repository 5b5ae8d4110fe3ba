import type { DropStmt } from '@pgsql/types';
import {
  type Catalog,
  type Constraint,
  displayName,
  indexOf,
  type Relation,
  type Trigger,
  tableOf,
} from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import { dependentsOf } from '../catalog/edit.ts';
import { keyOfRangeVar, objectKeyParts, qualified, routineKey, typeKey } from '../catalog/resolve.ts';
import { perStep } from '../replay/perStep.ts';
import type { Step } from '../replay/step.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { isMissing } from './alteredTable.ts';

/** An object that stands in the way of a DROP without CASCADE. */
export interface Dependent {
  /** "the view notes", "the foreign key lines_order of lines". */
  readonly inWords: string;
  /** What is dropped: a name, for a message. */
  readonly dropped: string;
  /** Whether a column is dropped, on which a view depends. */
  readonly viewOfColumn: boolean;
  /** Whether it is there no more. */
  isGone(catalog: Catalog): boolean;
}

/** What makes the step fail because it depends on what the step drops (2BP01). Only what is certain. */
export const dependentsInTheWay = perStep((step: Step): readonly Dependent[] => {
  if (step.conditional || step.before.uncertain || step.statement.templated) return [];
  if ('DropStmt' in step.node) {
    return step.node.DropStmt.behavior === 'DROP_CASCADE' ? [] : ofDrop(step, step.node.DropStmt);
  }
  return 'AlterTableStmt' in step.node ? ofCommands(step) : [];
});

function ofDrop(step: Step, statement: DropStmt): readonly Dependent[] {
  const { before, session } = step;
  const dropped = new Set(step.mentions.map((each) => each.key));
  switch (statement.removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      return [...dropped]
        .filter((key) => !isMissing(step, key))
        .flatMap((key) => onRelation(before, key, dropped));
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return (statement.objects ?? []).flatMap((object) => {
        const { schema, name } = qualified(objectNames(object));
        return onType(before, typeKey(before, session, schema, name));
      });
    case 'OBJECT_FUNCTION':
      return (statement.objects ?? []).flatMap((object) => {
        // What a trigger calls has no arguments.
        if (!('ObjectWithArgs' in object) || object.ObjectWithArgs.objargs !== undefined) return [];
        const { schema, name } = qualified(objectNames(object));
        return onTriggerFunction(before, routineKey(before, session, schema, name));
      });
    default:
      return [];
  }
}

function onTriggerFunction(catalog: Catalog, key: string): readonly Dependent[] {
  return [...catalog.relations.entries()].flatMap(([table, relation]) => {
    if (!('triggers' in relation)) return [];
    const calls = (trigger: Trigger): boolean => trigger.routine === key && !trigger.inherited;
    return relation.triggers.filter(calls).map(({ name }) => ({
      inWords: `the trigger ${name} of ${displayName(table)}`,
      dropped: displayName(key),
      viewOfColumn: false,
      isGone: (later: Catalog) => {
        const now = later.relations.get(table);
        const triggers = now !== undefined && 'triggers' in now ? now.triggers : [];
        return !triggers.some((each) => each.name === name && calls(each));
      },
    }));
  });
}

function onRelation(catalog: Catalog, key: string, dropped: ReadonlySet<string>): readonly Dependent[] {
  return dependentsOf(catalog, key).flatMap(([other, relation]): Dependent[] => {
    if (dropped.has(other) || other === key) return [];
    const base = { dropped: displayName(key), viewOfColumn: false };
    const inWords = relationInWords(other, relation);
    if (relation.kind === 'view' || relation.kind === 'materializedView') {
      return [{ ...base, inWords, isGone: (later) => !uses(later, other, key) }];
    }
    if (relation.kind !== 'table' && relation.kind !== 'foreignTable') return [];
    if (relation.inherits.includes(key)) {
      return [
        { ...base, inWords, isGone: (later) => tableOf(later, other)?.inherits.includes(key) !== true },
      ];
    }
    return foreignKeys(catalog, other, key, () => true).map((each) => ({ ...each, ...base }));
  });
}

type ForeignKeyDependent = Omit<Dependent, 'dropped' | 'viewOfColumn'>;

function foreignKeys(
  catalog: Catalog,
  from: string,
  to: string,
  which: (columns: readonly string[]) => boolean,
): readonly ForeignKeyDependent[] {
  return (tableOf(catalog, from)?.constraints ?? [])
    .filter((each) => each.references?.table === to && !each.inherited && which(each.references.columns))
    .map(({ name }) => ({
      inWords: `the foreign key ${name} of ${displayName(from)}`,
      isGone: (later) => tableOf(later, from)?.constraints.some((each) => each.name === name) !== true,
    }));
}

function onType(catalog: Catalog, key: string): readonly Dependent[] {
  const type = catalog.types.get(key);
  if (type === undefined) return [];
  const of = (each: Catalog, table: string): string | undefined =>
    tableOf(each, table)?.columns.find(
      ({ type: its }) => its?.name === type.name && (its.schema ?? 'pg_catalog') === type.schema,
    )?.name;
  return dependentsOf(catalog, key).flatMap(([other, relation]): Dependent[] => {
    const base = { dropped: displayName(key), viewOfColumn: false };
    if (uses(catalog, other, key)) {
      const inWords = relationInWords(other, relation);
      return [{ ...base, inWords, isGone: (later) => !uses(later, other, key) }];
    }
    const column = of(catalog, other);
    if (column === undefined) return [];
    const inWords = `the column ${column} of ${displayName(other)}`;
    return [{ ...base, inWords, isGone: (later) => of(later, other) === undefined }];
  });
}

function ofCommands(step: Step): readonly Dependent[] {
  if (!('AlterTableStmt' in step.node)) return [];
  const { before } = step;
  const table = keyOfRangeVar(before, step.session, step.node.AlterTableStmt.relation);
  return alterTableCommands(step.statement).flatMap(({ command }): readonly Dependent[] => {
    const name = command.name ?? '';
    if (command.behavior === 'DROP_CASCADE') return [];
    const dropped = `${displayName(table)}.${name}`;
    if (command.subtype === 'AT_DropColumn') return onColumn(before, table, name, dropped);
    if (command.subtype !== 'AT_DropConstraint') return [];
    const constraint = tableOf(before, table)?.constraints.find((each) => each.name === name);
    if (constraint?.kind !== 'primaryKey' && constraint?.kind !== 'unique') return [];
    // A foreign key takes the first unique index of its columns, in whatever order (transformFkeyCheckAttrs).
    const same = (columns: readonly string[]): boolean => isPermutation(columns, constraint.columns);
    if (otherKeys(before, table, constraint).some(same)) return [];
    return dependentsOf(before, table).flatMap(([other]) =>
      foreignKeys(before, other, table, same).map((each) => ({ ...each, dropped, viewOfColumn: false })),
    );
  });
}

/** The columns of the unique indexes of a table that are not this constraint's. */
function otherKeys(catalog: Catalog, table: string, constraint: Constraint): readonly (readonly string[])[] {
  return (tableOf(catalog, table)?.indexes ?? []).flatMap((key) => {
    const index = indexOf(catalog, key);
    if (index === undefined || !index.unique || index.constraint === constraint.name) return [];
    return [index.elements.flatMap(({ column }) => column ?? [])];
  });
}

function isPermutation(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}

function onColumn(catalog: Catalog, table: string, column: string, dropped: string): readonly Dependent[] {
  return dependentsOf(catalog, table).flatMap(([other, relation]): readonly Dependent[] => {
    if (relation.kind === 'view' || relation.kind === 'materializedView') {
      const isUsed = (later: Catalog): boolean => {
        const view = later.relations.get(other);
        return view !== undefined && 'usesColumns' in view && view.usesColumns.includes(`${table}.${column}`);
      };
      if (!isUsed(catalog)) return [];
      const inWords = relationInWords(other, relation);
      return [{ inWords, dropped, viewOfColumn: true, isGone: (later) => !isUsed(later) }];
    }
    if (other === table) return [];
    return foreignKeys(catalog, other, table, (columns) => columns.includes(column)).map((each) => ({
      ...each,
      dropped,
      viewOfColumn: false,
    }));
  });
}

/** Whether a view reads the relation, or casts to the type. */
function uses(catalog: Catalog, view: string, key: string): boolean {
  const known = catalog.relations.get(view);
  return (
    known !== undefined &&
    'dependsOn' in known &&
    (known.dependsOn.includes(key) || known.usesTypes.includes(key))
  );
}

function relationInWords(key: string, relation: Relation): string {
  const { name, schema } = objectKeyParts(key);
  const kind =
    relation.kind === 'view' ? 'view' : relation.kind === 'materializedView' ? 'materialized view' : 'table';
  return `the ${kind} ${schema === 'public' ? name : `${schema}.${name}`}`;
}
