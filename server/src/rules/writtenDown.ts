import { existence } from '../catalog/existence.ts';
import type { Change } from '../migrations/change.ts';
import { type MigrationFile, statementsOf } from '../migrations/migration.ts';
import type { Step } from '../replay/step.ts';
import { type Down, downOf, schemaAfter } from '../rewrites/down/downScript.ts';
import type { Offer, Refusal } from '../rewrites/offer.ts';
import type { Statement } from '../sql/statement.ts';
import { objectInWords } from './objectInWords.ts';
import type { HistoryView, ReplayedScript } from './rule.ts';
import { schemaDifferences } from './schemaDifferences.ts';

/** The down that an up should have: the statements, or why there are none. That they lead back is tried out. */
export function wholeDown(up: ReplayedScript, history: HistoryView): Down | Refusal {
  if (up.after.uncertain && !up.before.uncertain) {
    return { refused: 'the migration runs what cannot be read, so what takes it back cannot be told' };
  }
  const down = downOf(up, { origins: originsOf(up, history) });
  if ('refused' in down) return down;
  const after = schemaAfter(up.after, down.statements);
  const left = after === undefined ? [] : schemaDifferences(up.before, after, up.steps);
  const [first] = left;
  if (after === undefined || first !== undefined) {
    return {
      refused: `a down that takes all of it back cannot be written: it would not come right for ${first?.inWords ?? 'what was dropped'}`,
    };
  }
  return down;
}

/** All steps before a script, in the order in which its tool runs them. */
export function originsOf({ file }: ReplayedScript, { earlier, up }: HistoryView): readonly Step[] {
  return earlier(file).flatMap((each) => up(each)?.steps ?? []);
}

/**
 * The changes that write a down of `steps`, which says what does not come back: in a comment of the function where
 * migrations are Python, else before the first statement.
 */
export function writtenDown(
  { tool }: MigrationFile,
  { statements, emptied }: Down,
  steps: readonly Step[],
  write: (statements: readonly string[]) => readonly Change[],
): readonly Change[] {
  const losses = [
    ...emptied.map((each) => `What was in ${each} is lost: this does not bring it back.`),
    ...steps.flatMap(perhapsOlder).map((each) => `The ${each} goes even if it was there before the up.`),
  ];
  const [first, ...others] = statements;
  if (losses.length === 0 || first === undefined) return write(statements);
  if (tool === 'alembic') return [...write(statements), { kind: 'downComment', lines: losses }];
  return write([`${losses.map((line) => `-- ${line}\n`).join('')}${first}`, ...others]);
}

/** What a step makes only where it is not there, or in the place of what is, and the history does not say which. */
function perhapsOlder({ mentions, before, session }: Step): readonly string[] {
  return mentions
    .filter(({ role, tolerant }) => role === 'makes' && tolerant)
    .filter((mention) => existence(before, mention, session) === 'unsure')
    .map(objectInWords);
}

/** Puts other statements in the place of some of a script's, or of all. */
export function inTheirPlace(
  { script }: ReplayedScript,
  statements: readonly string[],
  of: readonly Statement[] = statementsOf(script),
): readonly Change[] {
  const [first, ...others] = of;
  const [text, ...rest] = statements;
  if (first === undefined || text === undefined) return [];
  return [
    { kind: 'replaceStatement', statement: first, text },
    ...rest.map((each): Change => ({ kind: 'insertAfter', statement: first, text: each })),
    ...others.map((statement): Change => ({ kind: 'removeStatement', statement })),
  ];
}

/** The down of a script written anew, where that can be done. */
export function writtenAnew(script: ReplayedScript, history: HistoryView): readonly Offer[] {
  const { up } = script;
  if (up === undefined || statementsOf(script.file.up).length === 0) return [];
  const down = wholeDown(up, history);
  if ('refused' in down) return [down];
  const changes = writtenDown(script.file, down, up.steps, (statements) => inTheirPlace(script, statements));
  return changes.length === 0 ? [] : [{ title: 'Write the down anew', grade: 'review', changes }];
}
