import type { Node } from '@pgsql/types';
import { apply } from '../../catalog/apply.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { existence } from '../../catalog/existence.ts';
import { mentionsOf } from '../../catalog/mentions.ts';
import type { NameScope } from '../../catalog/resolve.ts';
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
  const made = new Set<string>();
  for (const [i, step] of up.steps.entries()) {
    const after = up.steps[i + 1]?.before ?? up.after;
    if (!wanted(step)) {
      all.push(step);
      continue;
    }
    for (const { role, key, part, kind } of step.mentions) {
      if (role === 'makes' && (part === undefined || kind === 'function')) made.add(key);
    }
    if (!goesWithNew(step, up.before, made)) {
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

/** Whether a step only alters what was made before it among `made`: that is dropped as it is. */
function goesWithNew(step: Step, before: Catalog, made: ReadonlySet<string>): boolean {
  const { node } = step;
  const keepsName = !('RenameStmt' in node || 'AlterObjectSchemaStmt' in node || 'DropStmt' in node);
  const subjects = subjectsOf(step);
  const isNew = (key: string) =>
    made.has(key) && step.created.has(key) && !before.relations.has(key) && !before.types.has(key);
  const isMaker = step.mentions.some(
    ({ role, part, kind }) => role === 'makes' && (part === undefined || kind === 'function'),
  );
  const [table] = subjects;
  if ('IndexStmt' in node) return table !== undefined && isNew(table.key);
  return keepsName && !isMaker && subjects.length > 0 && subjects.every(({ key }) => isNew(key));
}

/** The schema after statements on another; undefined where one of them is none, or makes what is there. */
export function schemaAfter(catalog: Catalog, statements: readonly string[]): Catalog | undefined {
  let now: Catalog = catalog;
  for (const text of statements) {
    const { node } = parseStatement(text);
    if (node === undefined || makesAgain(node, now)) return undefined;
    now = apply(now, node, { ...PUBLIC, path: '' });
  }
  return now;
}

const PUBLIC: NameScope = { searchPath: ['public'] };

/** Whether PostgreSQL would refuse a statement for what it makes; functions may differ in their arguments. */
function makesAgain(node: Node, catalog: Catalog): boolean {
  return mentionsOf(node, catalog, PUBLIC).some(
    (mention) =>
      mention.role === 'makes' &&
      !mention.tolerant &&
      mention.kind !== 'function' &&
      existence(catalog, mention, PUBLIC) === 'there',
  );
}
