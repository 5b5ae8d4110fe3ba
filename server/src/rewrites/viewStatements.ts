import { type Catalog, indexOf, objectKey, type View, writtenName } from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import {
  keyForNewRelation,
  keyOfRangeVar,
  objectKeyParts,
  qualified,
  relationKey,
} from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';
import { chosenIndexName } from './chosenIndexName.ts';
import { grantsOn } from './grantsOn.ts';
import { moveOf } from './movedRelation.ts';
import { readIndex } from './partitionedIndex.ts';

/** A view as the history makes it. */
export interface ViewStatements {
  /** Key. */
  readonly key: string;
  /** Names of its indexes, where it is materialized. */
  readonly indexes: readonly string[];
  /** The statements that make it under a name (a key), and its indexes under others. */
  made(key: string, indexName: (own: string) => string): readonly string[];
  /** Comments and grants, under its own names. */
  readonly said: readonly string[];
}

interface Read {
  readonly create: Step;
  readonly indexes: ReadonlyMap<string, Step>;
  readonly comments: readonly string[];
}

/** The statements that made a view what it is; undefined where that is not certain. */
export function viewStatements(
  steps: readonly Step[],
  catalog: Catalog,
  key: string,
): ViewStatements | undefined {
  const view = catalog.relations.get(key);
  if ((view?.kind !== 'view' && view?.kind !== 'materializedView') || isSetFurther(catalog, key, view)) {
    return undefined;
  }
  let read: Read | undefined;
  let begin = 0;
  for (const [i, step] of steps.entries()) {
    if (isDropOf(step, key)) {
      read = undefined;
      begin = i;
      continue;
    }
    const next = reading(step, view, key, read);
    if (next === 'uncertain') return undefined;
    read = next;
  }
  const grants = grantsOn(steps.slice(begin), key, key);
  const known = new Set(view.indexes.map((each) => indexOf(catalog, each)?.name));
  if (read === undefined || grants === undefined || known.size !== read.indexes.size) return undefined;
  const { create, indexes, comments } = read;
  if (![...indexes.keys()].every((each) => known.has(each))) return undefined;
  return {
    key,
    indexes: [...indexes.keys()],
    made: (as, indexName) => [
      as === key ? create.statement.text : createdAs(create, as),
      ...[...indexes].flatMap(([name, step]) => indexText(step)?.plainly(as, indexName(name)) ?? []),
    ],
    said: [...comments, ...grants],
  };
}

/** Whether it has what no statement that is read here gives it. */
function isSetFurther(catalog: Catalog, key: string, { triggers, rules, owner, clusteredOn }: View): boolean {
  return (
    triggers.length > 0 ||
    rules.length > 0 ||
    owner !== undefined ||
    clusteredOn !== undefined ||
    [...catalog.statistics.entries()].some(([, { table }]) => table === key)
  );
}

function reading(
  step: Step,
  view: View,
  key: string,
  read: Read | undefined,
): Read | undefined | 'uncertain' {
  const { node } = step;
  const indexKey = (name: string) => objectKey(objectKeyParts(key).schema, name);
  const indexes = new Set([...(read?.indexes.keys() ?? [])].map(indexKey));
  const makes = isMaking(step, key);
  const says = isAbout(step, new Set([key]), indexes);
  const index = isIndexOf(step, key) ? (nameOf(step) ?? 'uncertain') : undefined;
  if ((makes || says || index !== undefined) && !isPlain(step)) return 'uncertain';
  if (makes) {
    // Made again, a view keeps its comments.
    if (view.kind === 'materializedView' && (read !== undefined || isEmptied(step))) return 'uncertain';
    return { create: step, indexes: new Map(), comments: read?.comments ?? [] };
  }
  if (read === undefined) return undefined;
  if (index === 'uncertain') return 'uncertain';
  if (index !== undefined) {
    return {
      ...read,
      indexes: read.indexes.has(index) ? read.indexes : new Map([...read.indexes, [index, step]]),
    };
  }
  if (says) return { ...read, comments: [...read.comments, step.statement.text] };
  if ('DropStmt' in node) {
    const gone = new Set(step.mentions.map((each) => each.key));
    return { ...read, indexes: new Map([...read.indexes].filter(([name]) => !gone.has(indexKey(name)))) };
  }
  if ('RefreshMatViewStmt' in node && isEmptied(step) && step.mentions.some((each) => each.key === key)) {
    return 'uncertain';
  }
  const changed = new Set([key, ...indexes]);
  return isAltering(step, changed) || isRenaming(step, view, key) ? 'uncertain' : read;
}

function isPlain({ conditional, nested, statement, session }: Step): boolean {
  return !conditional && !nested && !statement.templated && session.searchPath.join() === 'public';
}

function isDropOf({ node, mentions }: Step, key: string): boolean {
  return 'DropStmt' in node && mentions.some((each) => each.key === key);
}

function isMaking({ node, session }: Step, key: string): boolean {
  if ('ViewStmt' in node) return keyForNewRelation(session, node.ViewStmt.view) === key;
  if (!('CreateTableAsStmt' in node) || node.CreateTableAsStmt.objtype !== 'OBJECT_MATVIEW') return false;
  return keyForNewRelation(session, node.CreateTableAsStmt.into?.rel) === key;
}

/** WITH NO DATA. */
function isEmptied({ node }: Step): boolean {
  if ('RefreshMatViewStmt' in node) return node.RefreshMatViewStmt.skipData === true;
  return 'CreateTableAsStmt' in node && node.CreateTableAsStmt.into?.skipData === true;
}

function isIndexOf({ node, before, session }: Step, key: string): boolean {
  return 'IndexStmt' in node && keyOfRangeVar(before, session, node.IndexStmt.relation) === key;
}

function nameOf(step: Step): string | undefined {
  return 'IndexStmt' in step.node && indexText(step) !== undefined
    ? (step.node.IndexStmt.idxname ?? chosenIndexName(step))
    : undefined;
}

function indexText({ node, statement }: Step) {
  return 'IndexStmt' in node ? readIndex(statement, node.IndexStmt) : undefined;
}

/** A CREATE MATERIALIZED VIEW under another name. */
function createdAs({ node, statement: { text, tokens } }: Step, key: string): string {
  const location = 'CreateTableAsStmt' in node ? node.CreateTableAsStmt.into?.rel?.location : undefined;
  const at = tokens.findIndex(({ start }) => start === location);
  let last = at;
  while (tokens[last + 1]?.value === '.') last += 2;
  return `${text.slice(0, tokens[at]?.start)}${writtenName(key)}${text.slice(tokens[last]?.end)}`;
}

function isAltering({ node, before, session, mentions }: Step, keys: ReadonlySet<string>): boolean {
  if ('RenameStmt' in node && node.RenameStmt.renameType === 'OBJECT_INDEX') {
    return mentions.some(({ key }) => keys.has(key));
  }
  return 'AlterTableStmt' in node && keys.has(keyOfRangeVar(before, session, node.AlterTableStmt.relation));
}

/** Whether the step gives another name to something that the view's text names. */
function isRenaming(step: Step, view: View, key: string): boolean {
  const { node, before, session } = step;
  const move = moveOf(step);
  if (move !== undefined) return move.to === key || view.dependsOn.includes(move.to);
  if (!('RenameStmt' in node) || node.RenameStmt.renameType !== 'OBJECT_COLUMN') return false;
  const of = keyOfRangeVar(before, session, node.RenameStmt.relation);
  return of === key || view.dependsOn.includes(of);
}

function isAbout(
  { node, before, session }: Step,
  views: ReadonlySet<string>,
  indexes: ReadonlySet<string>,
): boolean {
  if (!('CommentStmt' in node)) return false;
  const { objtype, object } = node.CommentStmt;
  const names = object === undefined ? [] : objectNames(object);
  const { schema, name } = qualified(objtype === 'OBJECT_COLUMN' ? names.slice(0, -1) : names);
  const key = relationKey(before, session, schema, name);
  if (objtype === 'OBJECT_INDEX') return indexes.has(key);
  return (
    (objtype === 'OBJECT_VIEW' || objtype === 'OBJECT_MATVIEW' || objtype === 'OBJECT_COLUMN') &&
    views.has(key)
  );
}
