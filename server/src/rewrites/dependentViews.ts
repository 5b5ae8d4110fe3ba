import { type Catalog, displayName, type View, writtenName } from '../catalog/catalog.ts';
import { dependentsOf } from '../catalog/edit.ts';
import type { Step } from '../replay/step.ts';
import type { Refusal } from './offer.ts';
import { type ViewStatements, viewStatements } from './viewStatements.ts';

/** The views that have to go for a moment, and how they come back. */
export interface DependentViews {
  readonly dropped: readonly string[];
  readonly made: readonly string[];
}

/** What reads a column: views, and materialized views, which are filled again. */
export interface ReadersOfColumn extends DependentViews {
  readonly materialized: readonly ReadingMaterializedView[];
}

export interface ReadingMaterializedView extends ViewStatements {
  /** The views of it, and the views of these. */
  readonly views: DependentViews;
}

/**
 * The views of a column, and the views of these: made again by the statements that made them, where that is exact.
 * Materialized views likewise, if they read the table itself and no view of it.
 */
export function dependentViews(
  steps: readonly Step[],
  catalog: Catalog,
  table: string,
  column: string,
): ReadersOfColumn | Refusal {
  const shown = `${displayName(table)}.${column}`;
  const direct = readersOf(catalog, table).filter((key) =>
    viewOf(catalog, key)?.usesColumns.includes(`${table}.${column}`),
  );
  const isMaterialized = (key: string): boolean => viewOf(catalog, key)?.kind === 'materializedView';
  const keys = withReaders(
    catalog,
    direct.filter((key) => !isMaterialized(key)),
  );
  const materialized = direct
    .filter(isMaterialized)
    .map((key) => ({ key, above: withReaders(catalog, readersOf(catalog, key)) }));
  const all = [...keys, ...materialized.flatMap(({ above }) => above)];
  const entangled = all.find((key, i) => isMaterialized(key) || all.indexOf(key) < i);
  if (entangled !== undefined) {
    return {
      refused: `the view ${displayName(entangled)} reads ${shown} in more ways than one, or fills what it reads from another view`,
    };
  }
  const unknown = (key: string): Refusal => ({
    refused: `the view ${displayName(key)} reads ${shown}, and cannot be made again exactly as it is`,
  });
  const views = madeAgain(steps, catalog, keys);
  if (typeof views === 'string') return unknown(views);
  const filled: ReadingMaterializedView[] = [];
  for (const { key, above } of materialized) {
    const made = viewStatements(steps, catalog, key);
    const over = madeAgain(steps, catalog, above);
    if (made === undefined) return unknown(key);
    if (typeof over === 'string') return unknown(over);
    filled.push({ ...made, views: over });
  }
  return { ...views, materialized: filled };
}

function viewOf(catalog: Catalog, key: string): View | undefined {
  const relation = catalog.relations.get(key);
  return relation?.kind === 'view' || relation?.kind === 'materializedView' ? relation : undefined;
}

function readersOf(catalog: Catalog, key: string): readonly string[] {
  return dependentsOf(catalog, key)
    .map(([other]) => other)
    .filter((other) => viewOf(catalog, other) !== undefined);
}

/** The views and all that read them, each after all that it reads. */
function withReaders(catalog: Catalog, roots: readonly string[]): readonly string[] {
  const keys: string[] = [];
  const visit = (key: string): void => {
    const at = keys.indexOf(key);
    if (at >= 0) keys.splice(at, 1);
    keys.push(key);
    for (const each of readersOf(catalog, key)) visit(each);
  };
  for (const root of roots) visit(root);
  return keys;
}

/** How views go and come back; the key of one whose making is not certain. */
function madeAgain(
  steps: readonly Step[],
  catalog: Catalog,
  keys: readonly string[],
): DependentViews | string {
  const made: string[] = [];
  for (const key of keys) {
    const view = viewStatements(steps, catalog, key);
    if (view === undefined) return key;
    made.push(...view.made(key, (own) => own), ...view.said);
  }
  return { dropped: keys.map((key) => `DROP VIEW ${writtenName(key)}`).reverse(), made };
}
