import { existence } from '../catalog/existence.ts';
import type { Mention } from '../catalog/mentions.ts';
import { perStep } from '../replay/perStep.ts';
import { mentionKey, type Step } from '../replay/step.ts';
import { dependentsInTheWay } from './dependentObjects.ts';
import type { ReplayedScript } from './rule.ts';

/** Something that a statement needs and that is not there, or not known to be. */
export interface Lacking {
  readonly step: Step;
  readonly mention: Mention;
  /** `unsure`: the history does not say. */
  readonly state: 'missing' | 'unsure';
  /**
   * What in the same script has to do with it. `madeLater`: a later statement makes it. `wentWith`: an earlier one
   * dropped what it was a part of, without naming it. Undefined where the script has nothing to do with it.
   */
  readonly order?: { readonly kind: 'madeLater' | 'wentWith'; readonly by: Step };
}

const known = new WeakMap<ReplayedScript, readonly Lacking[]>();

/** Whether a statement needs something that is not there, or not known to be. */
export function lacksSomething(step: Step): boolean {
  return absent(step).length > 0;
}

/**
 * What the statements of a script lack, each object once for a statement. Worked out once for a replayed script.
 * `concerning` holds at least those that lack something, in order.
 */
export function lackingIn(script: ReplayedScript, concerning: readonly Step[]): readonly Lacking[] {
  let found = known.get(script);
  if (found === undefined) {
    found = concerning.filter(lacksSomething).flatMap((step) => [...lackingAt(script, step)]);
    known.set(script, found);
  }
  return found;
}

function* lackingAt(script: ReplayedScript, step: Step): Generator<Lacking> {
  const at = script.steps.indexOf(step);
  for (const { mention, state } of absent(step)) {
    const maker = madeLater(script.steps, at, mention, state);
    if (maker !== undefined) {
      yield { step, mention, state, order: { kind: 'madeLater', by: maker } };
      continue;
    }
    // Of a constraint's name it may be unsure what else bore it; what bore it in this script is gone all the same.
    const isCertain = state === 'missing' || (mention.kind === 'constraint' && !step.before.uncertain);
    const dropper = isCertain ? wentWith(script.steps, at, mention) : undefined;
    // What PostgreSQL refuses to drop is still there: that is told where it is dropped.
    if (dropper !== undefined && dependentsInTheWay(dropper).length > 0) continue;
    yield {
      step,
      mention,
      state,
      ...(dropper === undefined ? {} : { order: { kind: 'wentWith', by: dropper } }),
    };
  }
}

interface Absent {
  readonly mention: Mention;
  readonly state: Lacking['state'];
}

const absent = perStep((step): readonly Absent[] =>
  step.conditional || step.statement.templated ? [] : [...absentNow(step)],
);

function* absentNow(step: Step): Generator<Absent> {
  const seen = new Set<string>();
  for (const mention of step.mentions) {
    const id = `${mention.kind} ${mention.key} ${mention.part ?? ''}`;
    if (mention.role !== 'needs' || mention.tolerant || seen.has(id)) continue;
    const state = existence(step.before, mention, step.session);
    if (state === 'there') continue;
    seen.add(id);
    yield { mention, state };
  }
}

/** The later step that makes it. Where it is not certain that it lacks, only one that would fail if it did not. */
function madeLater(
  steps: readonly Step[],
  at: number,
  mention: Mention,
  state: Lacking['state'],
): Step | undefined {
  const wanted = mentionKey(mention);
  for (const i of speakingOf(steps, wanted)) {
    const step = steps[i];
    if (i < at || step === undefined) continue;
    const made = step.mentions.find((each) => each.role === 'makes' && sameObject(each, mention, wanted));
    const moved = 'RenameStmt' in step.node || 'AlterObjectSchemaStmt' in step.node;
    if (made !== undefined && step !== steps[at]) {
      return state === 'missing' || !(made.tolerant || moved || step.conditional) ? step : undefined;
    }
    // What is taken away in between may have been there.
    const takesAway = moved || 'DropStmt' in step.node || drops(step, mention);
    if (state === 'unsure' && takesAway && step.mentions.some((each) => mentionKey(each) === wanted))
      return undefined;
  }
  return undefined;
}

/** Statements over rows leave every object where it is. */
const READERS = [
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'SelectStmt',
  'MergeStmt',
  'CopyStmt',
  'CommentStmt',
];

/** The keys of what a step makes or may take away. */
const spokenOf = perStep((step): ReadonlySet<string> => {
  const mayTakeAway = !READERS.some((kind) => kind in step.node);
  const told = step.mentions.filter((each) => each.role === 'makes' || mayTakeAway);
  return new Set(told.map(mentionKey));
});

const bySubject = new WeakMap<readonly Step[], Map<string, number[]>>();

/** The numbers of the steps that make an object or may take it away, in order. */
function speakingOf(steps: readonly Step[], key: string): readonly number[] {
  let subjects = bySubject.get(steps);
  if (subjects === undefined) {
    subjects = new Map();
    for (const [i, step] of steps.entries()) {
      for (const each of spokenOf(step)) {
        const numbers = subjects.get(each);
        if (numbers === undefined) subjects.set(each, [i]);
        else numbers.push(i);
      }
    }
    bySubject.set(steps, subjects);
  }
  return subjects.get(key) ?? [];
}

function sameObject(made: Mention, needed: Mention, key: string): boolean {
  if (made.kind === 'function' || needed.kind === 'function') return false;
  if (mentionKey(made) !== key || (made.kind === 'type') !== (needed.kind === 'type')) return false;
  return made.part === undefined || made.kind === needed.kind;
}

/** Whether an ALTER TABLE drops the column or constraint. */
function drops({ node }: Step, { part }: Mention): boolean {
  if (part === undefined || !('AlterTableStmt' in node)) return false;
  return (node.AlterTableStmt.cmds ?? []).some(
    (each) =>
      'AlterTableCmd' in each &&
      each.AlterTableCmd.name === part &&
      (each.AlterTableCmd.subtype === 'AT_DropColumn' || each.AlterTableCmd.subtype === 'AT_DropConstraint'),
  );
}

/** The earlier step before which it was there, and after which it was gone without having been named. */
function wentWith(steps: readonly Step[], at: number, mention: Mention): Step | undefined {
  const here = steps[at];
  if (here === undefined) return undefined;
  const onlyPart = 'DropStmt' in here.node && here.mentions.some((each) => each.part !== undefined);
  if (here.cleared.has(mentionKey(mention)) && !onlyPart) return undefined;
  return steps
    .slice(0, at)
    .findLast(
      (step) => !step.nested && takesAway(step) && existence(step.before, mention, step.session) === 'there',
    );
}

function takesAway({ node }: Step): boolean {
  if ('DropStmt' in node) return true;
  return (
    'AlterTableStmt' in node &&
    (node.AlterTableStmt.cmds ?? []).some(
      (each) => 'AlterTableCmd' in each && each.AlterTableCmd.subtype?.startsWith('AT_Drop') === true,
    )
  );
}
