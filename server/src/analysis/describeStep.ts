import { displayName } from '../catalog/catalog.ts';
import type { Mention } from '../catalog/mentions.ts';
import type { Effect, ScanReason } from '../effects/effect.ts';
import { effectsOf } from '../effects/effectsOf.ts';
import { blocks, LOCK_MODES } from '../effects/lockMode.ts';
import { settingOf } from '../replay/session.ts';
import { inTransactionBlock, type Step } from '../replay/step.ts';
import { mentionSpan } from '../rules/place.ts';
import { listed } from '../rules/wording.ts';
import { code, describeObject } from './describeObject.ts';

/** The versions whose effects are known. */
const VERSIONS = [12, 13, 14, 15, 16, 17, 18];

const mostObjects = 3;

/**
 * What a statement does to a live database, and the objects it speaks of as they stand before it, as markdown. With
 * `offset` (in the step's statement) the object that is named there comes first, and alone.
 */
export function describeStep(step: Step, postgresVersion: number, offset?: number): string {
  const here = linesOf(step.effect, step);
  const notes = versionNotes(step, postgresVersion, here);
  const lines = [...here, transactionInWords(step), ...notes].map((line) => `- ${line}`);
  return [
    `**On PostgreSQL ${postgresVersion}** this statement`,
    lines.join('\n'),
    ...objects(step, offset),
  ].join('\n\n');
}

/** What a statement does, a sentence without its subject each; strongest first. */
function linesOf(effect: Effect, step: Step): string[] {
  const locks = [...LOCK_MODES].reverse().flatMap((mode) => {
    const held = effect.locks.filter((lock) => lock.mode === mode).map(({ relation }) => relation);
    const names = withoutIndexes(held, step);
    return names.length === 0 ? [] : [`blocks ${blocks(mode)} on ${inCode(names)} (${mode} lock)`];
  });
  const rewritten = new Set(effect.rewrites);
  const scans = effect.scans.filter(
    ({ relation, reason }) => !(reason === 'rewrite' && rewritten.has(relation)),
  );
  return [
    ...(locks.length > 0 ? locks : ['takes no lock on what exists before it']),
    ...(rewritten.size > 0
      ? [`writes ${inCode([...rewritten])} anew, row by row, and builds its indexes again`]
      : []),
    ...new Set(scans.map(({ relation, reason, subject }) => scanInWords(relation, reason, subject))),
    ...(effect.reindexes.length > 0 && rewritten.size === 0
      ? [`builds ${inCode(effect.reindexes)} again`]
      : []),
  ];
}

/** The indexes of a table that is named anyway say nothing more. */
function withoutIndexes(relations: readonly string[], { before }: Step): string[] {
  return relations.filter((key) => {
    const relation = before.relations.get(key);
    return relation?.kind !== 'index' || !relations.includes(relation.table);
  });
}

const scanReasons: Readonly<Record<ScanReason, string>> = {
  rewrite: 'to write it anew',
  indexBuild: 'to build an index',
  check: 'to check a constraint',
  notNull: 'to look for nulls',
  foreignKey: 'to check a foreign key',
  partitionBound: 'to check the bound of a partition',
  columnType: 'to check the values for their new type',
  read: 'for its query',
};

function scanInWords(relation: string, reason: ScanReason, subject: string | undefined): string {
  const about = subject === undefined ? '' : ` (${code(subject)})`;
  return `reads all of ${code(displayName(relation))} ${scanReasons[reason]}${about}`;
}

function transactionInWords(step: Step): string {
  const { refusedInTransaction: refusal, refusedOutsideTransaction: needs } = step.effect;
  const inside = inTransactionBlock(step);
  if (refusal?.certain === false) return `may fail in a transaction: ${refusal.command}`;
  if (refusal !== undefined) {
    return `cannot run in a transaction: ${refusal.command}${inside ? ' fails here' : ''}`;
  }
  if (needs !== undefined) return `runs in a transaction only${inside ? '' : ', and fails here'}`;
  return inside
    ? 'can run in a transaction, as it does here'
    : 'can run in a transaction, and is one by itself here';
}

/** How other versions of PostgreSQL differ from this one, neighbours together. */
function versionNotes(step: Step, postgresVersion: number, here: readonly string[]): string[] {
  const { node, before: catalog, session } = step;
  const timeZone = settingOf(session, 'timezone');
  const runs: { first: number; last: number; note: string }[] = [];
  for (const version of VERSIONS) {
    const context = { catalog, scope: { searchPath: session.searchPath }, postgresVersion: version };
    const effect = effectsOf(node, timeZone === undefined ? context : { ...context, timeZone });
    const note = version === postgresVersion ? '' : difference(here, effect, step);
    const last = runs.at(-1);
    if (last?.note === note && last.last === version - 1) last.last = version;
    else runs.push({ first: version, last: version, note });
  }
  return runs
    .filter(({ note }) => note !== '')
    .map(({ first, last, note }) => `PostgreSQL ${first === last ? first : `${first} to ${last}`}: ${note}`);
}

function difference(here: readonly string[], effect: Effect, step: Step): string {
  const there = linesOf(effect, step);
  const refused = (each: Effect) =>
    each.refusedInTransaction?.certain !== true ? 'can run in a transaction' : 'cannot run in a transaction';
  const more = there.filter((line) => !here.includes(line));
  const less = here.filter((line) => !there.includes(line)).map((line) => `not: ${line}`);
  const place = refused(effect) === refused(step.effect) ? [] : [refused(effect)];
  return [...more, ...less, ...place].join('; ');
}

function objects(step: Step, offset: number | undefined): string[] {
  const { mentions, before } = step;
  const named = offset === undefined ? undefined : mentions.find((mention) => covers(step, mention, offset));
  const wanted = named === undefined ? mentions : [named];
  const keys = [...new Set(wanted.map(({ key }) => key))];
  const described = keys.flatMap((key) => describeObject(before, key) ?? []).slice(0, mostObjects);
  return described.length === 0 ? [] : ['---', 'Before it:', ...described];
}

function covers({ statement }: Step, mention: Mention, offset: number): boolean {
  const { start, end } = mentionSpan(statement, mention);
  return start <= offset && offset <= end;
}

function inCode(relations: readonly string[]): string {
  return listed(relations.map((relation) => code(displayName(relation))));
}
