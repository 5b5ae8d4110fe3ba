import { apply } from '../catalog/apply.ts';
import { type Catalog, emptyCatalog, sameCatalog, sameValue } from '../catalog/catalog.ts';
import { type Mention, mentionsOf } from '../catalog/mentions.ts';
import { PersistentMap } from '../catalog/persistentMap.ts';
import { effectsOf } from '../effects/effectsOf.ts';
import type { Script, Unit } from '../migrations/migration.ts';
import type { ParsedStatement, Statement } from '../sql/statement.ts';
import { newSession, nextSession, type Session, settingOf } from './session.ts';
import { mentionKey, type Placement, type Step } from './step.ts';

/** What a script's next statement meets. */
export interface ReplayState {
  readonly catalog: Catalog;
  readonly session: Session;
  /** Keys of the relations and types that this script has made so far. */
  readonly created: PersistentMap<true>;
  /** Objects that this script has dropped so far (`mentionKey`), and not made since. */
  readonly cleared: PersistentMap<true>;
}

/** The steps of one statement of a document: its own first, then those of the statements inside it. */
export interface StepGroup {
  readonly steps: readonly Step[];
  readonly after: ReplayState;
}

/** A script replayed: one group for each of its statements, in order. */
export interface ScriptReplay {
  readonly groups: readonly StepGroup[];
  readonly statements: readonly Statement[];
  readonly end: Catalog;
}

/** How many continuations of one state are remembered: what a person types back and forth. */
const REMEMBERED = 4;

/**
 * Replays scripts, remembering what each statement did to each state, so that only what an edit touched is done
 * again. Where a script comes to an equal state after an edit, all that follows is as it was.
 */
export class Replayer {
  private readonly postgresVersion: number;
  private readonly memory = new WeakMap<ReplayState, Map<ParsedStatement, { at: string; group: StepGroup }>>();
  private readonly starts = new WeakMap<Catalog, Map<string, ReplayState>>();
  private readonly last = new Map<string, readonly StepGroup[]>();
  private readonly none = PersistentMap.empty<true>();

  constructor(postgresVersion: number) {
    this.postgresVersion = postgresVersion;
  }

  /** Replays one direction of the file `path` on a schema. */
  script(script: Script, path: string, before: Catalog): ScriptReplay {
    const lastKey = `${script.direction} ${path}`;
    const known = this.last.get(lastKey) ?? [];
    const groups: StepGroup[] = [];
    const statements: Statement[] = [];
    let catalog = before;
    for (const unit of script.units) {
      // A tool's transaction is one session's; outside of it the settings of one unit still hold in the next.
      let state: ReplayState = groups.at(-1)?.after ?? this.start(before, unit);
      for (const query of unit.queries) {
        for (const statement of query.statements) {
          const placement: Placement = {
            direction: script.direction,
            mode: unit.mode,
            inCompany: query.statements.length > 1,
          };
          const group = this.group(statement.parsed, state, placement, path, known[groups.length]);
          groups.push(group);
          statements.push(statement);
          state = group.after;
        }
      }
      catalog = state.catalog;
    }
    this.last.set(lastKey, groups);
    return { groups, statements, end: catalog };
  }

  /** Forgets the scripts of a file. */
  forget(path: string): void {
    this.last.delete(`up ${path}`);
    this.last.delete(`down ${path}`);
  }

  private start(catalog: Catalog, unit: Unit): ReplayState {
    // A plain file's own BEGIN is replayed as a statement; only a tool's transaction is there before the first one.
    const mode = unit.mode === 'transaction' && !opensItself(unit) ? 'tool' : 'none';
    let starts = this.starts.get(catalog);
    if (starts === undefined) {
      starts = new Map();
      this.starts.set(catalog, starts);
    }
    let state = starts.get(mode);
    if (state === undefined) {
      state = { catalog, session: newSession(mode), created: this.none, cleared: this.none };
      starts.set(mode, state);
    }
    return state;
  }

  private group(
    parsed: ParsedStatement,
    state: ReplayState,
    placement: Placement,
    path: string,
    before: StepGroup | undefined,
  ): StepGroup {
    const at = `${placement.direction} ${placement.mode} ${placement.inCompany} ${path}`;
    let remembered = this.memory.get(state);
    if (remembered === undefined) {
      remembered = new Map();
      this.memory.set(state, remembered);
    }
    const known = remembered.get(parsed);
    if (known !== undefined && known.at === at) return known.group;
    const group = rejoin(this.run(parsed, state, placement, path), before);
    remembered.set(parsed, { at, group });
    const oldest = remembered.keys().next().value;
    if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    return group;
  }

  private run(parsed: ParsedStatement, state: ReplayState, placement: Placement, path: string): StepGroup {
    const steps: Step[] = [];
    const identity = (offset: number): number => offset;
    const after = this.statement(parsed, state, placement, path, steps, {
      nested: false,
      conditional: false,
      toTop: identity,
    });
    return { steps, after };
  }

  private statement(
    parsed: ParsedStatement,
    state: ReplayState,
    placement: Placement,
    path: string,
    steps: Step[],
    place: { readonly nested: boolean; readonly conditional: boolean; readonly toTop: (offset: number) => number },
  ): ReplayState {
    const node = parsed.node;
    if (node === undefined) return withCatalog(state, { ...state.catalog, uncertain: true });
    const { catalog, session, created, cleared } = state;
    const scope = { searchPath: session.searchPath, path };
    const mentions = mentionsOf(node, catalog, scope);
    const timeZone = settingOf(session, 'timezone');
    const effect = effectsOf(node, {
      catalog,
      scope,
      postgresVersion: this.postgresVersion,
      ...(timeZone === undefined ? {} : { timeZone }),
    });
    steps.push({ statement: parsed, node, placement, before: catalog, session, effect, mentions, created, cleared, ...place });

    let next = withCatalog(state, withScratch(apply(catalog, node, scope), mentions));
    const nextOne = nextSession(session, node);
    next = {
      catalog: next.catalog,
      session: nextOne,
      created: place.conditional ? created : withCreated(created, mentions, catalog, next.catalog),
      cleared: place.conditional ? cleared : withCleared(cleared, mentions, 'DropStmt' in node),
    };
    next = unchanged(state, next) ? state : next;
    for (const inner of parsed.inner) {
      next = this.statement(inner.parsed, next, placement, path, steps, {
        nested: true,
        conditional: place.conditional || inner.conditional,
        toTop: (offset) => place.toTop(inner.toOuter(offset)),
      });
    }
    if (!parsed.runsUnknownCode || next.catalog.uncertain) return next;
    return withCatalog(next, { ...next.catalog, uncertain: true });
  }
}

/** The catalog from which a history starts. */
export function startOfHistory(): Catalog {
  return emptyCatalog();
}

function opensItself(unit: Unit): boolean {
  const first = unit.queries[0]?.statements[0]?.parsed.node;
  return first !== undefined && 'TransactionStmt' in first;
}

function withCatalog(state: ReplayState, catalog: Catalog): ReplayState {
  return catalog === state.catalog ? state : { ...state, catalog };
}

/** The first statement that mentions a table decides whether the history starts from an empty database. */
function withScratch(catalog: Catalog, mentions: readonly Mention[]): Catalog {
  if (catalog.fromScratch !== undefined) return catalog;
  const first = mentions.find((each) => TABLES.has(each.kind));
  if (first === undefined) return catalog;
  return { ...catalog, fromScratch: first.role === 'makes' && !catalog.uncertain };
}

const TABLES: ReadonlySet<string> = new Set(['table', 'relation', 'view', 'materialized view']);

function withCreated(
  created: PersistentMap<true>,
  mentions: readonly Mention[],
  before: Catalog,
  after: Catalog,
): PersistentMap<true> {
  let next = created;
  for (const mention of mentions) {
    if (mention.role !== 'makes' || mention.part !== undefined) continue;
    const isThere = after.relations.has(mention.key) || after.types.has(mention.key);
    const wasThere = before.relations.has(mention.key) || before.types.has(mention.key);
    if (isThere && !wasThere) next = next.set(mention.key, true);
  }
  return next;
}

function withCleared(cleared: PersistentMap<true>, mentions: readonly Mention[], drops: boolean): PersistentMap<true> {
  let next = cleared;
  for (const mention of mentions) {
    if (mention.role === 'makes') next = next.delete(mentionKey(mention));
    else if (drops) next = next.set(mentionKey(mention), true);
  }
  return next;
}

function unchanged(a: ReplayState, b: ReplayState): boolean {
  return (
    a.catalog === b.catalog && a.session === b.session && a.created === b.created && a.cleared === b.cleared
  );
}

/** The group with the state that stood here before, where the two are equal: what follows then need not run again. */
function rejoin(group: StepGroup, before: StepGroup | undefined): StepGroup {
  const old = before?.after;
  if (old === undefined || old === group.after || !sameState(old, group.after)) return group;
  return { ...group, after: old };
}

function sameState(a: ReplayState, b: ReplayState): boolean {
  return (
    sameCatalog(a.catalog, b.catalog) &&
    sameValue(a.session, b.session) &&
    a.created.equals(b.created, sameValue) &&
    a.cleared.equals(b.cleared, sameValue)
  );
}

