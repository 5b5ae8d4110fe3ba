import { apply } from '../../catalog/apply.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Step } from '../../replay/step.ts';
import { parseStatement } from '../../sql/parser.ts';
import type { Refusal } from '../offer.ts';
import { subjectsOf } from './subjects.ts';
import { undoOf } from './undo.ts';

/** An up that was replayed. */
export interface ReplayedUp {
  readonly steps: readonly Step[];
  readonly before: Catalog;
  readonly after: Catalog;
}

/** The steps of an up that are to be taken back, and what can be told from the history. */
export interface DownOptions {
  /** The steps of all migrations before this one, in order. */
  readonly origins: readonly Step[];
  /** Which of the up's steps; all of them without it. */
  readonly wanted?: (step: Step) => boolean;
}

/** What takes back an up. */
export interface Down {
  /** The last that is to be taken back comes first. */
  readonly statements: readonly string[];
  /** Tables and columns whose contents do not come back. */
  readonly emptied: readonly string[];
}

/** What takes back an up. What it dropped comes back as the history made it. */
export function downOf(up: ReplayedUp, { origins, wanted = () => true }: DownOptions): Down | Refusal {
  const all = [...origins];
  const undone: (readonly string[])[] = [];
  const emptied: string[] = [];
  for (const [i, step] of up.steps.entries()) {
    const after = up.steps[i + 1]?.before ?? up.after;
    if (wanted(step) && !goesWithNew(step, up.before)) {
      const back = undoOf({ step, after, origins: all });
      if ('refused' in back) return back;
      undone.push(back.statements);
      emptied.push(...back.emptied);
    }
    all.push(step);
  }
  const statements = undone.reverse().flat();
  return { statements: statements.filter((text, i) => text !== statements[i - 1]), emptied };
}

/** Whether a step only alters what the same script has made: that is dropped as it is. */
function goesWithNew(step: Step, before: Catalog): boolean {
  const { node } = step;
  const keepsName = !('RenameStmt' in node || 'AlterObjectSchemaStmt' in node || 'DropStmt' in node);
  const subjects = subjectsOf(step);
  const isMaker = step.mentions.some(
    ({ role, part, kind }) => role === 'makes' && (part === undefined || kind === 'function'),
  );
  if ('IndexStmt' in node) return isNewTable(step, before, subjects[0]?.key);
  return (
    keepsName && !isMaker && subjects.length > 0 && subjects.every(({ key }) => isNewTable(step, before, key))
  );
}

function isNewTable(step: Step, before: Catalog, key: string | undefined): boolean {
  return key !== undefined && step.created.has(key) && !before.relations.has(key) && !before.types.has(key);
}

/** The schema after statements on another; undefined where one of them is none. */
export function schemaAfter(catalog: Catalog, statements: readonly string[]): Catalog | undefined {
  let now: Catalog = catalog;
  for (const text of statements) {
    const { node } = parseStatement(text);
    if (node === undefined) return undefined;
    now = apply(now, node, { searchPath: ['public'], path: '' });
  }
  return now;
}
