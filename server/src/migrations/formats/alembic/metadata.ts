import type { Interpreter } from '../../../python/interpreter.ts';
import type { PythonModule } from '../../../python/syntax.ts';
import { stringOf, type Value } from '../../../python/value.ts';
import type { Span } from '../../../sql/span.ts';
import type { Revision } from '../../revisionGraph.ts';
import { isNone } from './arguments.ts';

/** What a revision's file says of itself, and where. */
export interface Metadata {
  /** Undefined where the id is missing or no string. */
  readonly revision: Revision | undefined;
  /** The values of `revision`, `down_revision`, `branch_labels` and `depends_on`; of those that are assigned. */
  readonly spans: Readonly<Partial<Record<MetadataName, Span>>>;
  /** Names that are not assigned at all, and those whose value is not known. */
  readonly missing: readonly MetadataName[];
  readonly unknown: readonly MetadataName[];
}

export const METADATA_NAMES = ['revision', 'down_revision', 'branch_labels', 'depends_on'] as const;
export type MetadataName = (typeof METADATA_NAMES)[number];

/** A file whose name is its id, as before alembic 0.2 (1.20, script/base.py: `_legacy_rev`). */
const namedById = /^([a-f0-9]+)\.py$/;

/** Reads the revision's identifiers from a file that has been gone through. */
export function readMetadata(baseName: string, module: PythonModule, interpreter: Interpreter): Metadata {
  const spans: Partial<Record<MetadataName, Span>> = {};
  for (const statement of module.body) {
    if (statement.kind !== 'assign') continue;
    for (const target of statement.targets) {
      const name = target.kind === 'name' ? METADATA_NAMES.find((each) => each === target.name) : undefined;
      if (name !== undefined) spans[name] = statement.value.span;
    }
  }
  const given = interpreter.global('revision');
  const id = given === undefined ? namedById.exec(baseName)?.[1] : stringOf(given);
  const values = METADATA_NAMES.map((name) => [name, interpreter.global(name)] as const);
  const found = {
    spans,
    missing: values.flatMap(([name, value]) => (value === undefined ? [name] : [])),
    unknown: values.flatMap(([name, value]) => (isKnown(name, value) ? [] : [name])),
  };
  const names = (name: MetadataName) => namesIn(interpreter.global(name)) ?? [];
  if (id === undefined) return { revision: undefined, ...found };
  const revision = {
    id,
    downRevisions: names('down_revision'),
    dependsOn: names('depends_on'),
    branchLabels: names('branch_labels'),
  };
  return { revision, ...found };
}

function isKnown(name: MetadataName, value: Value | undefined): boolean {
  if (value === undefined) return true;
  return (name === 'revision' ? stringOf(value) : namesIn(value)) !== undefined;
}

/** None, a string, or several of them. Undefined where that is not known. */
export function namesIn(value: Value | undefined): readonly string[] | undefined {
  if (value === undefined || isNone(value)) return [];
  if (value.kind === 'sequence') {
    const names = value.items.map((item) => stringOf(item.value));
    return names.includes(undefined) ? undefined : names.filter((name) => name !== undefined);
  }
  const only = stringOf(value);
  return only === undefined ? undefined : [only];
}
