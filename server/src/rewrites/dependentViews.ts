import { type Catalog, displayName, type View, writtenName } from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import { dependentsOf } from '../catalog/edit.ts';
import { keyForNewRelation, keyOfRangeVar, qualified, relationKey } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';
import { grantsOn } from './grantsOn.ts';
import { moveOf } from './movedRelation.ts';
import type { Refusal } from './offer.ts';

/** The views that have to go for a moment, and how they come back. */
export interface DependentViews {
  readonly dropped: readonly string[];
  readonly made: readonly string[];
}

/** The views of a column, and the views of these: made again by the statements that made them, where that is exact. */
export function dependentViews(
  steps: readonly Step[],
  catalog: Catalog,
  table: string,
  column: string,
): DependentViews | Refusal {
  const keys: string[] = [];
  const visit = (key: string, isMeant: (view: View) => boolean): void => {
    for (const [other, relation] of dependentsOf(catalog, key)) {
      if (relation.kind !== 'view' && relation.kind !== 'materializedView') continue;
      if (!isMeant(relation)) continue;
      const at = keys.indexOf(other);
      // A view comes after all that it reads.
      if (at >= 0) keys.splice(at, 1);
      keys.push(other);
      visit(other, () => true);
    }
  };
  visit(table, ({ usesColumns }) => usesColumns.includes(`${table}.${column}`));
  const made = keys.map((key) => ({ key, texts: madeBy(steps, catalog, key) }));
  const unknown = made.find(({ texts }) => texts === undefined);
  if (unknown !== undefined) {
    return {
      refused: `the view ${displayName(unknown.key)} reads ${displayName(table)}.${column}, and cannot be made again exactly as it is`,
    };
  }
  return {
    dropped: keys.map((key) => `DROP VIEW ${writtenName(key)}`).reverse(),
    made: made.flatMap(({ texts }) => texts ?? []),
  };
}

/** The statements that made a view what it is; undefined where that is not certain. */
function madeBy(steps: readonly Step[], catalog: Catalog, key: string): readonly string[] | undefined {
  const view = catalog.relations.get(key);
  if (
    view?.kind !== 'view' ||
    view.triggers.length > 0 ||
    view.rules.length > 0 ||
    view.owner !== undefined
  ) {
    return undefined;
  }
  let texts: string[] | undefined;
  let begin = 0;
  for (const [i, step] of steps.entries()) {
    const { node, before, session } = step;
    const said = 'CommentStmt' in node && isAbout(step, key);
    const makes = 'ViewStmt' in node && keyForNewRelation(session, node.ViewStmt.view) === key;
    const drops = 'DropStmt' in node && step.mentions.some((each) => each.key === key);
    const alters =
      'AlterTableStmt' in node && keyOfRangeVar(before, session, node.AlterTableStmt.relation) === key;
    const plain =
      !step.conditional &&
      !step.nested &&
      !step.statement.templated &&
      session.searchPath.join() === 'public';
    if (drops) {
      texts = undefined;
      begin = i;
    }
    if ((makes || said) && !plain) return undefined;
    if (makes) texts = [step.statement.text];
    else if (said) texts?.push(step.statement.text);
    if (texts !== undefined && (alters || isRenaming(step, view, key))) return undefined;
  }
  const grants = grantsOn(steps.slice(begin), key, key);
  return texts === undefined || grants === undefined ? undefined : [...texts, ...grants];
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

function isAbout({ node, before, session }: Step, key: string): boolean {
  if (!('CommentStmt' in node)) return false;
  const { objtype, object } = node.CommentStmt;
  const names = object === undefined ? [] : objectNames(object);
  const { schema, name } = qualified(objtype === 'OBJECT_COLUMN' ? names.slice(0, -1) : names);
  return (
    (objtype === 'OBJECT_VIEW' || objtype === 'OBJECT_COLUMN') &&
    relationKey(before, session, schema, name) === key
  );
}
