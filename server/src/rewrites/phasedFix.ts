import type { Change, Fix, NewMigration } from '../migrations/change.ts';
import { statementsOf } from '../migrations/migration.ts';
import { settingOf } from '../replay/session.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock } from '../replay/step.ts';
import type { Statement } from '../sql/statement.ts';
import type { Offer } from './offer.ts';
import { mayOptOut, optingOut, optsOut } from './ownMigration.ts';
import type { LiveDatabase, Phase, Rewrite, Undoing } from './rewrite.ts';

/** Whether each statement of the site's script is a transaction of its own. */
export function isAutocommit({ step }: Site): boolean {
  return !inTransactionBlock(step) && step.placement.mode === 'autocommit' && !step.placement.inCompany;
}

/** What writes a rewrite's phases; none for a statement inside a DO block or of a down script. */
export function phasedFix(site: Site, database: LiveDatabase, rewrite: Rewrite): readonly Offer[] {
  if (site.step.nested || site.script.direction !== 'up') return [];
  const { phases, transaction = 'stands' } = rewrite;
  const isOneDeploy = phases.every(({ deploy }) => deploy === phases[0]?.deploy);
  if (isAutocommit(site) && transaction === 'stands' && isOneDeploy) {
    return [inOneFile(site, rewrite)];
  }
  return inMigrations(site, database, rewrite);
}

/** Where each statement is a transaction of its own, the phases of one deploy follow each other in the file. */
function inOneFile({ statement }: Site, { goal, stays, phases, writesData }: Rewrite): Fix {
  const [first = '', ...others] = [stays ?? [], ...phases.map(({ up }) => up)].flat();
  return {
    title:
      others.length === 0
        ? `${goal}, which blocks nobody`
        : `${goal} in ${others.length + 1} statements that block nobody`,
    grade: writesData ? 'review' : 'safe',
    changes: [...replaced(statement, first), ...after(statement, others)],
  };
}

function inMigrations(site: Site, database: LiveDatabase, rewrite: Rewrite): readonly Offer[] {
  const { phases } = rewrite;
  const [first, ...later] = phases;
  if (first === undefined) return [];
  // A plain pair keeps its down in another file, which a fix of this one does not reach.
  if (site.file.tool === 'plain' && site.file.path.endsWith('.up.sql') && !rewrite.undoneAsBefore) {
    return [
      {
        refused: `${rewrite.goal}: the phases would need another down than the .down.sql of this file, which a fix of the .up.sql does not reach; write them by hand`,
      },
    ];
  }
  const staysHere =
    rewrite.transaction !== 'ownMigration' &&
    (first.transactional || isAutocommit(site) || (isTools(site) && mayOptOut(site, rewrite.undoing[0])));
  const phase = (each: Phase) => newMigration(rewrite, phases.indexOf(each), each, database);
  const created = later.map((each): Change => ({ kind: 'newMigration', migration: phase(each) }));
  const count = phases.length;
  return [
    {
      title: titleOf(site, rewrite, count, staysHere),
      grade: 'review',
      ...(count > 1 ? { preview: true } : {}),
      changes: [
        ...(staysHere ? firstPhase(site, database, rewrite, first) : takenOut(site, rewrite, phase(first))),
        ...created,
      ],
    },
  ];
}

function titleOf(site: Site, { goal }: Rewrite, count: number, staysHere: boolean): string {
  if (count > 1) return `Split into ${count} migrations: ${goal}`;
  return staysHere ? `${goal}, and ${optsOut(site)}` : `${goal} in a migration of its own`;
}

/** The transaction is the tool's, not one that the file opens. */
function isTools({ step }: Site): boolean {
  return step.session.transaction === 'tool';
}

function firstPhase(site: Site, database: LiveDatabase, rewrite: Rewrite, phase: Phase): readonly Change[] {
  const { statement, step } = site;
  const [first = '', ...others] = [rewrite.stays ?? [], phase.up].flat();
  const { transaction = 'stands' } = rewrite;
  const begins = transaction === 'begin';
  const waits = phase.transactional && settingOf(step.session, 'lock_timeout') === undefined;
  const timeout =
    waits && (inTransactionBlock(step) || transaction !== 'stands') ? lockTimeout(phase, database) : [];
  return [
    ...(phase.transactional || !inTransactionBlock(step) ? [] : [optingOut(statement)]),
    { kind: 'headComment', lines: headComment(rewrite, 0) },
    ...(transaction === 'optIn' ? [{ kind: 'optIn' } as const] : []),
    ...[...(begins ? ['BEGIN'] : []), ...timeout].map(
      (text): Change => ({ kind: 'insertBefore', statement, text }),
    ),
    ...replaced(statement, first),
    ...after(statement, [...others, ...(begins ? ['COMMIT'] : [])]),
    ...(staysUndone(rewrite) || hasNoWayBack(site) ? [] : undone(rewrite.undoing, phase)),
  ];
}

/** Other statements of the file have no down: with one for this alone it would be half a down. */
function hasNoWayBack({ file: { up, down } }: Site): boolean {
  return (down === undefined || [...statementsOf(down)].length === 0) && [...statementsOf(up)].length > 1;
}

function staysUndone({ undoing, undoneAsBefore }: Rewrite): boolean {
  return undoneAsBefore === true && undoing.length > 0;
}

/** The down of the first phase takes the place of what undid the whole. */
function undone(undoing: readonly Undoing[], { down, transactional }: Phase): readonly Change[] {
  const [first, ...others] = undoing;
  if (first === undefined) {
    return down.length === 0 ? [] : [{ kind: 'prependToDown', statements: down, outside: !transactional }];
  }
  const [one, ...more] = [...down, ...(first.stays === undefined ? [] : [first.stays])];
  const { statement } = first;
  return [
    ...(one === undefined ? left(first) : [...replaced(statement, one), ...after(statement, more)]),
    ...(one === undefined || transactional ? [] : [optingOut(statement)]),
    ...others.flatMap(left),
  ];
}

/** What no longer has to undo the change. */
function left({ statement, stays }: Undoing): readonly Change[] {
  return stays === undefined ? [{ kind: 'removeStatement', statement }] : replaced(statement, stays);
}

/** The statement leaves the file, with its comments and what undid it; what has to stay of either stays. */
function takenOut(
  { statement }: Site,
  { stays, undoing }: Rewrite,
  migration: NewMigration,
): readonly Change[] {
  const all = [{ statement, stays }, ...undoing];
  const statements = all.flatMap((each) => (each.stays === undefined ? [each.statement] : []));
  return [
    ...all.flatMap((each) => (each.stays === undefined ? [] : left(each))),
    { kind: 'moveToNewMigration', statements, migration },
  ];
}

/** A phase as a migration of its own. */
export function newMigration(
  rewrite: Rewrite,
  index: number,
  phase: Phase,
  database: Pick<LiveDatabase, 'timeoutsFromRole'>,
): NewMigration {
  return {
    name: phase.name,
    transactional: phase.transactional,
    up: [...(phase.transactional ? lockTimeout(phase, database) : []), ...phase.up],
    down: phase.down,
    comment: headComment(rewrite, index),
  };
}

/** Says which deploy a phase belongs to, and what must be true before it. */
export function headComment({ goal, phases }: Rewrite, index: number): readonly string[] {
  const phase = phases[index];
  if (phase === undefined) return [];
  const { deploy, does, mustBeTrueBefore, accepted } = phase;
  const before = [
    ...(index === 0 ? [] : [index === 1 ? 'phase 1 is applied' : 'the phases before are applied']),
    ...(mustBeTrueBefore === undefined ? [] : [mustBeTrueBefore]),
  ];
  return [
    `${goal}. Phase ${index + 1} of ${phases.length}, deploy ${deploy}: ${does}.`,
    `What must be true before: ${before.length === 0 ? 'nothing' : before.join('; ')}.`,
    ...(accepted === undefined ? [] : [`skein:ignore-file ${accepted.rule} ${accepted.reason}`]),
  ];
}

function lockTimeout(
  { locksBriefly }: Phase,
  { timeoutsFromRole }: Pick<LiveDatabase, 'timeoutsFromRole'>,
): readonly string[] {
  return locksBriefly && !timeoutsFromRole ? ["SET LOCAL lock_timeout = '2s'"] : [];
}

function after(statement: Statement, texts: readonly string[]): readonly Change[] {
  return texts.map((text) => ({ kind: 'insertAfter', statement, text }));
}

/** The statement as `text`, by the smallest edit. */
function replaced(statement: Statement, text: string): readonly Change[] {
  const { text: old } = statement.parsed;
  const most = Math.min(old.length, text.length);
  let start = 0;
  while (start < most && old[start] === text[start]) start++;
  let tail = 0;
  while (tail < most - start && old.at(-1 - tail) === text.at(-1 - tail)) tail++;
  if (start === 0 && tail === 0) return [{ kind: 'replaceStatement', statement, text }];
  const span = { start, end: old.length - tail };
  return [{ kind: 'replaceStatement', statement, span, text: text.slice(start, text.length - tail) }];
}
