import { indexOf, objectKey } from '../../catalog/catalog.ts';
import { objectKeyParts } from '../../catalog/resolve.ts';
import type { Step } from '../../replay/step.ts';
import { subjectsOf } from './subjects.ts';

/** A step that made an object or altered it, and what the object was called when the step came. */
export interface Trace {
  readonly step: Step;
  /** The step's place among the origins. */
  readonly at: number;
  readonly key: string;
  readonly part?: string;
  /** The step makes the object, or the table that the part belongs to. */
  readonly makes: boolean;
}

/**
 * The steps that speak of an object or of a part of it, the last first, back to the one that made it: through renames
 * and moves to other schemas. `origins` are steps in the order in which they ran.
 */
export function* tracesOf(origins: readonly Step[], key: string, part?: string): Generator<Trace> {
  let now = part === undefined ? { key } : { key, part };
  for (let at = origins.length - 1; at >= 0; at--) {
    const step = origins[at];
    if (step === undefined || step.conditional) continue;
    const before = nameBefore(step, now);
    if (before !== undefined) {
      yield { step, at, ...before, makes: false };
      now = before;
      continue;
    }
    if (!subjectsOf(step).some((each) => belongs(step, each.key, now.key))) continue;
    const makes = madeAnew(step, now.key);
    yield { step, at, ...now, makes };
    if (makes) return;
  }
}

/** Whether an object is the one with this key, or an index or a sequence of it. */
function belongs(step: Step, subject: string, key: string): boolean {
  if (subject === key) return true;
  if (indexOf(step.before, subject)?.table === key) return true;
  const relation = step.before.relations.get(subject);
  return relation?.kind === 'sequence' && relation.ownedBy?.table === key;
}

function madeAnew(step: Step, key: string): boolean {
  const { relations, types, routines, schemas, statistics } = step.before;
  if (!('CreateStatsStmt' in step.node) && !makesOne(step, key)) return false;
  return ![relations, types, routines, schemas, statistics].some((map) => map.has(key));
}

function makesOne(step: Step, key: string): boolean {
  return step.mentions.some(
    (each) =>
      each.role === 'makes' && each.key === key && (each.part === undefined || each.kind === 'function'),
  );
}

type Named = Pick<Trace, 'key' | 'part'>;

/** What was called so before a step that renamed or moved it; undefined of other steps. */
function nameBefore(step: Step, { key, part }: Named): Named | undefined {
  const [subject] = subjectsOf(step);
  if (subject === undefined) return undefined;
  const rest = part === undefined ? {} : { part };
  if ('RenameStmt' in step.node) {
    const { newname = '', subname } = step.node.RenameStmt;
    if (subname === undefined) {
      const renamed = objectKey(objectKeyParts(subject.key).schema, newname);
      return renamed === key ? { key: subject.key, ...rest } : undefined;
    }
    return subject.key === key && part === newname ? { key, part: subname } : undefined;
  }
  if ('AlterObjectSchemaStmt' in step.node) {
    const moved = objectKey(
      step.node.AlterObjectSchemaStmt.newschema ?? '',
      objectKeyParts(subject.key).name,
    );
    return moved === key ? { key: subject.key, ...rest } : undefined;
  }
  return undefined;
}
