import type { Node } from '@pgsql/types';
import { apply } from '../catalog/apply.ts';
import { type Catalog, tableTree } from '../catalog/catalog.ts';
import type { ApplyScope } from '../catalog/edit.ts';
import { existence } from '../catalog/existence.ts';
import { type Mention, mentionsOf } from '../catalog/mentions.ts';
import { PersistentMap } from '../catalog/persistentMap.ts';
import { keyOfRangeVar, type NameScope } from '../catalog/resolve.ts';
import type { Effect } from '../effects/effect.ts';
import { effectsOf } from '../effects/effectsOf.ts';
import type { Script } from '../migrations/migration.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import type { Maps } from './maps.ts';
import { Recording, writesOf } from './recording.ts';
import { type Mark, markAfter, Rerun, type Run, type Runs, type StepGroup } from './runs.ts';
import { type Sending, type Sent, sendingOf, sentBy, unitsBegun } from './sent.ts';
import {
  betweenUnits,
  NEW_SESSIONS,
  nextSession,
  type Session,
  settingOf,
  withTruncated,
} from './session.ts';
import { mentionKey, type Placement, partKey, type Step } from './step.ts';
import { changesUnseen } from './unseenChanges.ts';

/** Where a statement comes from, as far as it decides what it makes. */
type Source = Pick<ApplyScope, 'path' | 'namesOpen'>;

/** What a script's next statement meets. */
interface ReplayState extends Maps {
  readonly session: Session;
}

/** A script replayed: one group for each of its statements, in order. */
export interface ScriptReplay {
  readonly groups: readonly StepGroup[];
  readonly end: Catalog;
}

/**
 * Replays scripts, remembering of each statement what it found and what it wrote: after an edit only those run again
 * that would find something else.
 */
export class Replayer {
  private readonly postgresVersion: number;
  private readonly last = new Map<string, Runs>();
  private readonly none = PersistentMap.empty<true>();

  constructor(postgresVersion: number) {
    this.postgresVersion = postgresVersion;
  }

  /** Replays one direction of the file `path` on a schema. */
  script(script: Script, path: string, before: Catalog): ScriptReplay {
    const key = `${script.direction} ${path}`;
    const start: Maps = { catalog: before, created: this.none, cleared: this.none };
    const sent = sentBy(script);
    const session = firstSession(sent);
    const rerun = new Rerun(this.last.get(key), start, session, sent);
    const runs = rerun.takeOverStart();
    for (let i = runs.length; i < sent.parsed.length; i++) {
      const parsed = sent.parsed[i];
      const how = sent.how[i];
      if (parsed === undefined || how === undefined) break;
      for (const wraps of unitsBegun(parsed, how)) {
        rerun.continueIn((before) => betweenUnits(before, wraps));
      }
      let run = rerun.takeOver(i);
      if (run === undefined) {
        run = this.run(parsed, sendingOf(how, script.direction), rerun, path);
        rerun.wasRun(run);
      }
      runs.push(run);
    }
    const end = rerun.state;
    this.last.set(key, { sent, runs, session, start, end });
    return { groups: runs.map((run) => run.group), end: end.catalog };
  }

  /** Forgets the scripts of a file. */
  forget(path: string): void {
    this.last.delete(`up ${path}`);
    this.last.delete(`down ${path}`);
  }

  private run(
    parsed: ParsedStatement,
    { placement, conditional, repeated, namesOpen }: Sending,
    { state: before, mark }: { readonly state: ReplayState; readonly mark: Mark },
    path: string,
  ): Run {
    const recording = new Recording(before);
    const steps: Step[] = [];
    const identity = (offset: number): number => offset;
    const seen = { ...recording.view, session: before.session };
    const place = { nested: false, conditional, repeated, toTop: identity };
    const after = this.statement(parsed, seen, placement, { path, namesOpen }, steps, place);
    return {
      group: { steps },
      recording,
      writes: writesOf(after),
      before: mark,
      after: markAfter(mark, after, after.session),
    };
  }

  private statement(
    parsed: ParsedStatement,
    state: ReplayState,
    placement: Placement,
    source: Source,
    steps: Step[],
    place: {
      readonly nested: boolean;
      readonly conditional: boolean;
      readonly repeated: boolean;
      readonly toTop: (offset: number) => number;
    },
  ): ReplayState {
    const node = parsed.node;
    if (node === undefined) return withCatalog(state, { ...state.catalog, uncertain: true });
    const { catalog, session, created, cleared } = state;
    const scope = { searchPath: session.searchPath, ...source };
    const mentions = mentionsOf(node, catalog, scope);
    const timeZone = settingOf(session, 'timezone');
    const effect = withoutWorkOn(
      session.emptied,
      effectsOf(node, {
        catalog,
        scope,
        postgresVersion: this.postgresVersion,
        ...(timeZone === undefined ? {} : { timeZone }),
      }),
    );
    steps.push({
      statement: parsed,
      node,
      placement,
      before: catalog,
      session,
      effect,
      mentions,
      created,
      cleared,
      answers: [],
      ...place,
    });

    let next = withCatalog(state, withScratch(apply(catalog, node, scope), node, mentions));
    const truncated = place.conditional ? [] : truncatedBy(node, catalog, scope);
    const nextOne = withTruncated(nextSession(session, node), node, truncated);
    next = {
      catalog: next.catalog,
      session: nextOne,
      created: withCreated(created, node, mentions, scope, catalog, next.catalog),
      cleared: place.conditional ? cleared : withCleared(cleared, node, mentions),
    };
    for (const inner of parsed.inner) {
      next = this.statement(inner.parsed, next, placement, source, steps, {
        nested: true,
        conditional: place.conditional || inner.conditional,
        repeated: place.repeated,
        toTop: (offset) => place.toTop(inner.toOuter(offset)),
      });
    }
    if (next.catalog.uncertain || !(parsed.runsUnknownCode || changesUnseen(node, catalog, scope)))
      return next;
    return withCatalog(next, { ...next.catalog, uncertain: true });
  }
}

/** The session in which a script begins. A plain file's own BEGIN is replayed as a statement. */
function firstSession({ parsed: [first], how: [how] }: Sent): Session {
  const wrapped = first !== undefined && how !== undefined && unitsBegun(first, how)[0] === true;
  return NEW_SESSIONS[wrapped ? 'tool' : 'none'];
}

/** The tables that a TRUNCATE names, and their partitions and children. */
function truncatedBy(node: Node, catalog: Catalog, scope: NameScope): readonly string[] {
  if (!('TruncateStmt' in node)) return [];
  return (node.TruncateStmt.relations ?? []).flatMap((each) => {
    if (!('RangeVar' in each)) return [];
    const key = keyOfRangeVar(catalog, scope, each.RangeVar);
    return each.RangeVar.inh === true ? tableTree(catalog, key) : [key];
  });
}

/** An effect without what there is to read and to write in tables that have no rows. The locks stay. */
function withoutWorkOn(emptied: readonly string[] | undefined, effect: Effect): Effect {
  if (emptied === undefined) return effect;
  return {
    ...effect,
    scans: effect.scans.filter(({ relation }) => !emptied.includes(relation)),
    rewrites: effect.rewrites.filter((key) => !emptied.includes(key)),
  };
}

function withCatalog(state: ReplayState, catalog: Catalog): ReplayState {
  return catalog === state.catalog ? state : { ...state, catalog };
}

/**
 * The first statement that mentions a table decides whether the history starts from an empty database. One that reads a
 * table while it makes another from it does not.
 */
function withScratch(catalog: Catalog, node: Node, mentions: readonly Mention[]): Catalog {
  if (catalog.fromScratch !== undefined) return catalog;
  const tables = mentions.filter((each) => TABLES.has(each.kind));
  const first = 'CreateTableAsStmt' in node ? tables.at(-1) : tables[0];
  if (first === undefined) return catalog;
  return { ...catalog, fromScratch: first.role === 'makes' && !catalog.uncertain };
}

const TABLES: ReadonlySet<string> = new Set(['table', 'relation', 'view', 'materialized view']);

/** With what a statement makes, if it runs, and was not known to be there before: else making it would have failed. */
function withCreated(
  created: PersistentMap<true>,
  node: Node,
  mentions: readonly Mention[],
  scope: NameScope,
  before: Catalog,
  after: Catalog,
): PersistentMap<true> {
  // An old object under a new name is no new object.
  if ('RenameStmt' in node || 'AlterObjectSchemaStmt' in node) {
    const old = mentions.findLast((each) => each.role === 'needs');
    if (old === undefined || !created.has(mentionKey(old))) return created;
  }
  let next = created;
  for (const mention of mentions) {
    if (mention.role !== 'makes' || mention.kind === 'function') continue;
    const isThere = existence(after, mention, scope) === 'there';
    if (isThere && existence(before, mention, scope) !== 'there') next = next.set(mentionKey(mention), true);
  }
  return next;
}

function withCleared(
  cleared: PersistentMap<true>,
  node: Node,
  mentions: readonly Mention[],
): PersistentMap<true> {
  const drops = 'DropStmt' in node;
  // DROP TRIGGER names its table as well, which stays.
  const ofPart = mentions.some((each) => each.part !== undefined);
  let next = cleared;
  for (const part of partsDropped(node, mentions)) next = next.set(part, true);
  for (const mention of mentions) {
    if (mention.role === 'makes') next = next.delete(mentionKey(mention));
    else if (drops && (mention.part !== undefined || !ofPart)) next = next.set(mentionKey(mention), true);
  }
  return next;
}

/** The columns and constraints that an ALTER TABLE drops, by their `mentionKey`. */
function* partsDropped(node: Node, mentions: readonly Mention[]): Generator<string> {
  const table = mentions[0]?.key;
  if (!('AlterTableStmt' in node) || table === undefined) return;
  for (const each of node.AlterTableStmt.cmds ?? []) {
    const { subtype, name = '' } = 'AlterTableCmd' in each ? each.AlterTableCmd : {};
    if (subtype === 'AT_DropColumn' || subtype === 'AT_DropConstraint') yield partKey(table, name);
  }
}
