import {
  type Catalog,
  type Column,
  type Constraint,
  columnOf,
  displayName,
  type Index,
  type IndexElement,
  type Relation,
  sameValue,
  type Table,
  type TypeDefinition,
  tableOf,
} from '../catalog/catalog.ts';
import { sameExpression } from '../catalog/expression.ts';
import type { PersistentMap } from '../catalog/persistentMap.ts';
import { keyOfRangeVar, stringsOf } from '../catalog/resolve.ts';
import { typeText } from '../catalog/typeText.ts';
import { perStep } from '../replay/perStep.ts';
import { mentionKey, partKey, type Step } from '../replay/step.ts';

/** One thing in which a schema differs from an earlier one. */
export interface Difference {
  /** `left`: it was not there before. `lost`: it was. `changed`: it is another. */
  readonly kind: 'left' | 'lost' | 'changed';
  /** "the column note of orders". */
  readonly inWords: string;
  /** The `mentionKey` of the object. */
  readonly key: string;
}

/**
 * In what the schema after an up script, or after it and its down, differs from the one before. What the history does
 * not show whole is judged by what `up` made and dropped there. Left out: the order of columns, whether constraints
 * are validated, values added to enums and extensions made IF NOT EXISTS, which a down leaves be.
 */
export function schemaDifferences(
  before: Catalog,
  after: Catalog,
  up: readonly Step[],
): readonly Difference[] {
  const touched = new Touched(up);
  const found: Difference[] = [];
  for (const key of after.relations.differences(before.relations)) {
    found.push(...relation(before, after, key, touched));
  }
  for (const key of touched.unknownDropped(before)) {
    if (!after.relations.has(key) && !after.types.has(key) && !after.routines.has(key)) {
      found.push({ kind: 'lost', inWords: displayName(key), key });
    }
  }
  for (const key of after.types.differences(before.types)) {
    if (before.relations.has(key) || after.relations.has(key)) continue;
    const old = before.types.get(key);
    const now = after.types.get(key);
    found.push(
      ...entry('type', key, old, now, old !== undefined && now !== undefined && typeChanged(old, now)),
    );
  }
  for (const key of after.routines.differences(before.routines)) {
    const old = before.routines.get(key);
    const now = after.routines.get(key);
    const changed =
      words(old?.body) !== words(now?.body) || !sameValue(sorted(old?.signatures), sorted(now?.signatures));
    found.push(...entry('function', key, old, now, changed));
  }
  found.push(...plain('schema', before.schemas, after.schemas, touched));
  found.push(...plain('extension', before.extensions, after.extensions, touched));
  found.push(...plain('publication', before.publications, after.publications, touched));
  found.push(...plain('statistics object', before.statistics, after.statistics, touched));
  // The order of a map's keys is that in which they came into it.
  return [...withoutParts(found, before, after)].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** What the steps of an up script made and dropped, by `mentionKey`. */
class Touched {
  private readonly steps: readonly Step[];
  private readonly dropped = new Set<string>();
  /** What was made, and of it what may have been there before; most often nobody asks. */
  private all: { readonly made: Set<string>; readonly ifAbsent: Set<string> } | undefined;

  constructor(steps: readonly Step[]) {
    this.steps = steps;
    if (!steps.some((step) => droppedBy(step).length > 0)) return;
    const made = new Set<string>();
    for (const step of steps) {
      for (const key of madeBy(step).made) made.add(key);
      for (const key of droppedBy(step)) if (!made.has(key)) this.dropped.add(key);
    }
  }

  isMade(key: string): boolean {
    return this.making.made.has(key);
  }

  isMadeIfAbsent(key: string): boolean {
    return this.making.ifAbsent.has(key);
  }

  private get making(): { readonly made: Set<string>; readonly ifAbsent: Set<string> } {
    this.all ??= {
      made: new Set(this.steps.flatMap((step) => madeBy(step).made)),
      ifAbsent: new Set(this.steps.flatMap((step) => madeBy(step).ifAbsent)),
    };
    return this.all;
  }

  isDropped(key: string): boolean {
    return this.dropped.has(key);
  }

  /** Dropped IF EXISTS, and then made: what a failed run may have left, not what was there. */
  private isCleared(key: string): boolean {
    const ifExists = (step: Step): boolean =>
      'DropStmt' in step.node && step.node.DropStmt.missing_ok === true;
    return (
      (this.isMade(key) || this.isMadeIfAbsent(key)) &&
      this.steps.some((step) => ifExists(step) && droppedBy(step).includes(key))
    );
  }

  /** Whole objects that the up dropped and of which the history had not spoken. */
  *unknownDropped(before: Catalog): Generator<string> {
    for (const key of this.dropped) {
      const isPart = key.split('\u0000').length > 2;
      const known = before.relations.has(key) || before.types.has(key) || before.routines.has(key);
      if (this.isCleared(key)) continue;
      if (!isPart && key.includes('\u0000') && !known && !before.gone.has(key) && before.fromScratch !== true)
        yield key;
    }
  }
}

/** What a step makes, and what of it only where it is not there. */
const madeBy = perStep((step) => {
  const makes = step.mentions.filter(({ role }) => role === 'makes');
  return {
    made: makes.filter(({ tolerant }) => !tolerant).map(mentionKey),
    ifAbsent: makes.filter(({ tolerant }) => tolerant).map(mentionKey),
  };
});

/** What a step drops by name. */
const droppedBy = perStep((step): readonly string[] => {
  if ('DropStmt' in step.node) return step.mentions.filter(({ role }) => role !== 'makes').map(mentionKey);
  return [...columnsAndConstraintsDropped(step)];
});

function* columnsAndConstraintsDropped(step: Step): Generator<string> {
  if (!('AlterTableStmt' in step.node)) return;
  const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
  for (const each of step.node.AlterTableStmt.cmds ?? []) {
    if (!('AlterTableCmd' in each)) continue;
    const { subtype, name = '' } = each.AlterTableCmd;
    if (subtype === 'AT_DropColumn' || subtype === 'AT_DropConstraint') yield partKey(table, name);
  }
}

function relation(before: Catalog, after: Catalog, key: string, touched: Touched): readonly Difference[] {
  const old = before.relations.get(key);
  const now = after.relations.get(key);
  if (old !== undefined && now !== undefined) {
    const [oldTable, table] = [tableOf(before, key), tableOf(after, key)];
    if (oldTable !== undefined && table !== undefined) return tables(key, oldTable, table, touched);
    return relationChanged(old, now) ? [{ kind: 'changed', inWords: relationInWords(key, now), key }] : [];
  }
  if (now === undefined)
    return old === undefined ? [] : [{ kind: 'lost', inWords: relationInWords(key, old), key }];
  const table = tableOf(after, key);
  // The history only speaks of it: it was there, but for the parts that the up made.
  if (table !== undefined && table.path === undefined) return unknownTable(key, table, touched);
  return touched.isDropped(key) ? [] : [{ kind: 'left', inWords: relationInWords(key, now), key }];
}

function unknownTable(key: string, table: Table, touched: Touched): readonly Difference[] {
  return tables(
    key,
    { ...table, columns: [], constraints: [], triggers: [], policies: [], rules: [] },
    table,
    touched,
  );
}

/** Whether a part that is not known to have been there is new. */
function isNewPart(old: Table, key: string, touched: Touched): boolean {
  if (touched.isDropped(key)) return false;
  return (old.complete && old.path !== undefined) || touched.isMade(key) || touched.isMadeIfAbsent(key);
}

function tables(key: string, old: Table, now: Table, touched: Touched): readonly Difference[] {
  const found: Difference[] = [];
  const name = displayName(key);
  for (const column of now.columns) {
    const known = columnOf(old, column.name);
    const part = partKey(key, column.name);
    const inWords = `the column ${column.name} of ${name}`;
    if (known === undefined) {
      if (isNewPart(old, part, touched)) found.push({ kind: 'left', inWords, key: part });
    } else if (columnChanged(known, column)) found.push({ kind: 'changed', inWords, key: part });
  }
  for (const column of old.columns) {
    if (columnOf(now, column.name) !== undefined) continue;
    found.push({
      kind: 'lost',
      inWords: `the column ${column.name} of ${name}`,
      key: partKey(key, column.name),
    });
  }
  found.push(...constraints(key, old, now, touched));
  for (const [what, was, is] of [
    ['trigger', old.triggers, now.triggers],
    ['policy', old.policies, now.policies],
    ['rule', old.rules, now.rules],
  ] as const) {
    const has = (list: readonly { name: string }[], each: string): boolean =>
      list.some((one) => one.name === each);
    for (const each of is) {
      const part = partKey(key, each.name);
      if (!has(was, each.name) && isNewPart(old, part, touched))
        found.push({ kind: 'left', inWords: `the ${what} ${each.name} of ${name}`, key: part });
    }
    for (const each of was) {
      if (!has(is, each.name))
        found.push({
          kind: 'lost',
          inWords: `the ${what} ${each.name} of ${name}`,
          key: partKey(key, each.name),
        });
    }
  }
  const otherwise =
    old.rowSecurity !== now.rowSecurity ||
    old.persistence !== now.persistence ||
    old.partitionOf?.parent !== now.partitionOf?.parent;
  if (otherwise) found.push({ kind: 'changed', inWords: `the table ${name}`, key });
  return found;
}

function constraints(key: string, old: Table, now: Table, touched: Touched): readonly Difference[] {
  const own = (table: Table): readonly Constraint[] =>
    table.constraints.filter((each) => !each.inherited && each.kind !== 'notNull');
  const inWords = (each: Constraint): string => `the constraint ${each.name} of ${displayName(key)}`;
  const matches = (a: Constraint, b: Constraint): boolean =>
    a.name === b.name || ((a.nameIsGenerated || b.nameIsGenerated) && !constraintChanged(a, b));
  const found: Difference[] = [];
  // One of which nobody knows the name may be there, or gone under that name.
  const sure = (table: Table) => own(table).filter((each) => each.nameIsOpen !== true);
  for (const each of sure(now)) {
    const known = own(old).find((other) => matches(each, other));
    const part = partKey(key, each.name);
    if (known === undefined) {
      // One without a name is made by the up all the same.
      const made = isNewPart(old, part, touched) || each.nameIsGenerated;
      if (made && !touched.isDropped(part)) found.push({ kind: 'left', inWords: inWords(each), key: part });
    } else if (constraintChanged(known, each))
      found.push({ kind: 'changed', inWords: inWords(each), key: part });
  }
  for (const each of sure(old)) {
    if (!own(now).some((other) => matches(each, other)))
      found.push({ kind: 'lost', inWords: inWords(each), key: partKey(key, each.name) });
  }
  return found;
}

function constraintChanged(a: Constraint, b: Constraint): boolean {
  return (
    a.kind !== b.kind ||
    !sameExpression(a.expression, b.expression) ||
    !sameValue(a.columns, b.columns) ||
    a.references?.table !== b.references?.table ||
    a.references?.onDelete !== b.references?.onDelete ||
    a.deferrable !== b.deferrable
  );
}

function columnChanged(a: Column, b: Column): boolean {
  const known = <Value>(x: Value | undefined, y: Value | undefined): boolean =>
    x !== undefined && y !== undefined;
  return (
    (known(a.type, b.type) && typeText(a.type) !== typeText(b.type)) ||
    (known(a.notNull, b.notNull) && a.notNull !== b.notNull) ||
    (known(a.type, b.type) && !sameDefault(a.default, b.default)) ||
    a.identity !== b.identity ||
    !sameExpression(a.generated?.expression, b.generated?.expression)
  );
}

/** A sequence's name only tells what its table was called when it was made. */
function sameDefault(a: Column['default'], b: Column['default']): boolean {
  return sameExpression(a, b) || (isNextval(a) && isNextval(b));
}

/** Whether a default is the next number of a sequence. */
export function isNextval(value: Column['default']): boolean {
  const node = value?.node;
  return node !== undefined && 'FuncCall' in node && stringsOf(node.FuncCall.funcname).at(-1) === 'nextval';
}

function relationChanged(a: Relation, b: Relation): boolean {
  if (a.kind !== b.kind) return true;
  if ('query' in a && 'query' in b) return !sameExpression(a.query, b.query);
  if (a.kind === 'index' && b.kind === 'index') return indexChanged(a, b);
  return false;
}

function indexChanged(a: Index, b: Index): boolean {
  return (
    a.table !== b.table ||
    a.unique !== b.unique ||
    a.method !== b.method ||
    !sameExpression(a.predicate, b.predicate) ||
    a.elements.length !== b.elements.length ||
    a.elements.some((element, i) => elementChanged(a.method, element, b.elements[i] ?? {}))
  );
}

function elementChanged(method: string, a: IndexElement, b: IndexElement): boolean {
  return (
    a.column !== b.column ||
    !sameExpression(a.expression, b.expression) ||
    a.collation !== b.collation ||
    classChanged(method, a, b) ||
    a.order !== b.order
  );
}

/** A class that one leaves out is the one that the type has anyway. */
function classChanged(method: string, a: IndexElement, b: IndexElement): boolean {
  const [one, other] = [a, b].map(({ operatorClass }) => operatorClass?.split('.').at(-1));
  if (one !== undefined && other !== undefined) return one !== other;
  const named = one ?? other;
  return named !== undefined && isChosenClass(method, named);
}

/**
 * Whether an operator class is no type's default in an access method, by what such classes are called in PostgreSQL
 * (pg_opclass) and pg_trgm. varchar_ops and cidr_ops are the defaults of text and inet by another name.
 */
export function isChosenClass(method: string, name: string): boolean {
  return (
    /_(bloom|image|minmax_multi|path|pattern|trgm)_ops$/.test(name) ||
    /^(brin inet_minmax|gist inet|spgist kd_point)_ops$/.test(`${method} ${name}`)
  );
}

function typeChanged(a: TypeDefinition, b: TypeDefinition): boolean {
  if (a.kind === 'enum' && b.kind === 'enum') return a.values.some((value) => !b.values.includes(value));
  if (a.kind === 'domain' && b.kind === 'domain') {
    return a.notNull !== b.notNull || a.checks.length !== b.checks.length || !sameValue(a.base, b.base);
  }
  return a.kind !== b.kind;
}

function entry<Value>(
  what: string,
  key: string,
  old: Value | undefined,
  now: Value | undefined,
  changed: boolean,
): readonly Difference[] {
  const inWords = `the ${what} ${displayName(key)}`;
  if (old === undefined) return now === undefined ? [] : [{ kind: 'left', inWords, key }];
  if (now === undefined) return [{ kind: 'lost', inWords, key }];
  return changed ? [{ kind: 'changed', inWords, key }] : [];
}

/** Objects of which only their being there counts; what was made IF NOT EXISTS may have been there for others. */
function plain<Value>(
  what: string,
  before: PersistentMap<Value>,
  after: PersistentMap<Value>,
  touched: Touched,
): readonly Difference[] {
  return [...after.differences(before)].flatMap((key) => {
    const shared = touched.isMadeIfAbsent(key) && !touched.isMade(key);
    const name = key.includes('\u0000') ? displayName(key) : key;
    const found = entry(what, key, before.get(key), after.get(key), false);
    return found.flatMap((each) =>
      each.kind === 'left' && shared ? [] : [{ ...each, inWords: `the ${what} ${name}` }],
    );
  });
}

/** What goes without saying is left out: indexes and sequences of a table or constraint that is spoken of. */
function withoutParts(found: readonly Difference[], before: Catalog, after: Catalog): readonly Difference[] {
  const told = new Set(found.map(({ key, kind }) => `${kind} ${key}`));
  return found.filter(({ key, kind }) => {
    const object = (kind === 'lost' ? before : after).relations.get(key);
    if (object?.kind === 'sequence') return object.ownedBy === undefined;
    if (object?.kind !== 'index') return true;
    if (object.constraint !== undefined || object.attachedTo !== undefined) return false;
    return !told.has(`${kind} ${object.table}`);
  });
}

const KINDS: Readonly<Record<Relation['kind'], string>> = {
  table: 'table',
  foreignTable: 'foreign table',
  view: 'view',
  materializedView: 'materialized view',
  index: 'index',
  sequence: 'sequence',
  compositeType: 'type',
};

function relationInWords(key: string, { kind }: Relation): string {
  return `the ${KINDS[kind]} ${displayName(key)}`;
}

function sorted(values: readonly string[] | undefined): readonly string[] {
  return [...(values ?? [])].sort();
}

/** A body without its indentation and line ends. */
function words(body: string | undefined): string | undefined {
  return body?.replace(/\s+/g, ' ').trim();
}
