import { apply } from '../../server/src/catalog/apply.ts';
import { type Catalog, emptyCatalog, objectKey } from '../../server/src/catalog/catalog.ts';
import type { Effect } from '../../server/src/effects/effect.ts';
import { effectsOf } from '../../server/src/effects/effectsOf.ts';
import { atLeast, LOCK_MODES, type LockMode } from '../../server/src/effects/lockMode.ts';
import { nextSession, type Session, settingOf } from '../../server/src/replay/session.ts';
import { parseStatement } from '../../server/src/sql/parser.ts';
import type { ParsedStatement } from '../../server/src/sql/statement.ts';

/* What real servers did (lock-oracle.json; its `method` says how each field was taken), and what we say of the same. */

export interface Oracle {
  readonly cases: readonly OracleCase[];
}

export interface OracleCase {
  readonly name: string;
  readonly family: string;
  readonly setup: readonly string[];
  readonly ddl: string;
  readonly context: 'transaction' | 'autocommit';
  /** What a relation is, by its name in the records; absent for ordinary tables. */
  readonly kinds?: Readonly<Record<string, string>>;
  /** By major version. */
  readonly results: Readonly<Record<string, OracleRecord>>;
}

interface ServerError {
  readonly code: string;
}

export interface OracleRecord {
  readonly skipped?: string;
  readonly error?: ServerError;
  readonly inTransaction?: ServerError;
  readonly locks?: Readonly<Record<string, string>>;
  readonly rewrite?: readonly string[];
  readonly reindex?: readonly string[];
  readonly scan?: readonly string[];
  readonly runsInTransaction?: boolean;
  readonly runsInMultiStatement?: boolean;
  /** Outside of a transaction: where it waited, and what it held. */
  readonly phases?: readonly unknown[];
}

/** The versions that we speak of. */
export function versionsOf(oracle: Oracle): readonly string[] {
  const versions = new Set(oracle.cases.flatMap((each) => Object.keys(each.results)));
  return [...versions].filter((version) => Number(version) >= 12).sort();
}

/** SQLSTATEs that refuse a place, not a statement: inside a transaction (25001, 2D000) or outside of one (25P01). */
const CONTEXT_ERRORS: ReadonlySet<string> = new Set(['25001', '2D000', '25P01']);

/** What we say of a case: the schema that its setup makes, and the effects of its statement. */
interface Prediction {
  readonly before: Catalog;
  readonly effects: readonly Effect[];
}

/** Where the record and our prediction differ, one line each; undefined when the record says nothing. */
export function differences(each: OracleCase, version: string): readonly string[] | undefined {
  const record = each.results[version];
  if (record === undefined || record.skipped !== undefined) return undefined;
  const prediction = predict(each, Number(version));
  const out = contextDifferences(record, prediction);
  if (record.error !== undefined || record.locks === undefined) return out;
  if (!isUnseen(each, record)) out.push(...lockDifferences(each, record.locks, prediction));
  const rewrites = prediction.effects.flatMap((effect) => effect.rewrites);
  out.push(...setDifferences('rewrite', record.rewrite ?? [], rewrites));
  const reindexes = prediction.effects.flatMap((effect) => effect.reindexes);
  out.push(...setDifferences('reindex', record.reindex ?? [], reindexes));
  if (each.family !== 'dml') out.push(...scanDifferences(record.scan ?? [], prediction));
  return out;
}

/** Outside of a transaction locks were read where the statement paused; one that never did shows none. */
function isUnseen(each: OracleCase, { locks = {}, phases }: OracleRecord): boolean {
  return each.context === 'autocommit' && phases === undefined && Object.keys(locks).length === 0;
}

function predict(each: OracleCase, postgresVersion: number): Prediction {
  let before = emptyCatalog();
  // The records were made in UTC, unless the setup says otherwise.
  let session: Session = {
    searchPath: ['public'],
    transaction: 'none',
    settings: { timezone: 'UTC' },
    local: {},
  };
  for (const text of each.setup) {
    for (const { node } of withInner(parseStatement(text))) {
      if (node === undefined) continue;
      before = apply(before, node, { searchPath: session.searchPath, path: 'setup.sql' });
      session = nextSession(session, node);
    }
  }
  const timeZone = settingOf(session, 'timezone');
  // What PostgreSQL 18 cannot parse has no effect to be predicted.
  const effects = withInner(parseStatement(each.ddl)).flatMap(({ node }) =>
    node === undefined
      ? []
      : effectsOf(node, {
          catalog: before,
          scope: session,
          postgresVersion,
          ...(timeZone === undefined ? {} : { timeZone }),
        }),
  );
  return { before, effects };
}

function withInner(parsed: ParsedStatement): readonly ParsedStatement[] {
  return [parsed, ...parsed.inner.flatMap((each) => withInner(each.parsed))];
}

function contextDifferences(record: OracleRecord, { effects }: Prediction): string[] {
  const refusal = effects.find((effect) => effect.refusedInTransaction?.certain)?.refusedInTransaction;
  const outside = effects.find((effect) => effect.refusedOutsideTransaction)?.refusedOutsideTransaction;
  const out: string[] = [];
  const expect = (what: string, theirs: unknown, ours: unknown): void => {
    if (theirs !== ours) out.push(`${what}: server ${theirs}, ours ${ours}`);
  };
  if (record.runsInTransaction !== undefined) {
    expect('runsInTransaction', record.runsInTransaction, refusal === undefined);
  }
  if (record.runsInMultiStatement !== undefined) {
    expect('runsInMultiStatement', record.runsInMultiStatement, refusal?.inQueryString !== true);
  }
  const inside = record.inTransaction?.code;
  if (inside !== undefined && CONTEXT_ERRORS.has(inside))
    expect('code in a transaction', inside, refusal?.code);
  const code = record.error?.code;
  if (code !== undefined && CONTEXT_ERRORS.has(code)) expect('code', code, outside?.code ?? refusal?.code);
  return out;
}

const MODES: ReadonlyMap<string, LockMode> = new Map(
  LOCK_MODES.map((mode) => [
    `${mode.toLowerCase().replaceAll(/(?:^| )./g, (at) => at.trim().toUpperCase())}Lock`,
    mode,
  ]),
);

function lockDifferences(
  each: OracleCase,
  recorded: Readonly<Record<string, string>>,
  { effects }: Prediction,
): string[] {
  const ours = new Map<string, LockMode>();
  for (const { relation, mode } of effects.flatMap((effect) => effect.locks)) {
    const held = ours.get(relation);
    if (held === undefined || atLeast(mode, held)) ours.set(relation, mode);
  }
  const out: string[] = [];
  const names = new Map(Object.keys(recorded).map((name) => [keyOf(name), name]));
  for (const key of new Set([...names.keys(), ...ours.keys()])) {
    const name = names.get(key) ?? nameOf(key);
    const theirs = MODES.get(recorded[name] ?? '');
    const mine = ours.get(key);
    if (theirs !== mine && isCompared(each.kinds?.[name], theirs, each, key)) {
      out.push(`lock on ${name}: server ${theirs ?? 'none'}, ours ${mine ?? 'none'}`);
    }
  }
  return out;
}

/** Weak locks on indexes and sequences come from the planner opening them, and are not held to. */
function isCompared(
  kind: string | undefined,
  theirs: LockMode | undefined,
  each: OracleCase,
  key: string,
): boolean {
  const relation = kind ?? predict(each, 18).before.relations.get(key)?.kind ?? 'table';
  if (!/index|sequence|type/i.test(relation)) return true;
  return theirs !== undefined && atLeast(theirs, 'SHARE UPDATE EXCLUSIVE');
}

function setDifferences(what: string, recorded: readonly string[], predicted: readonly string[]): string[] {
  const theirs = new Set(recorded);
  const ours = new Set(predicted.map(nameOf));
  return [
    ...[...theirs].filter((name) => !ours.has(name)).map((name) => `${what} of ${name}: missed`),
    ...[...ours].filter((name) => !theirs.has(name)).map((name) => `${what} of ${name}: does not happen`),
  ];
}

/** How a query reads its tables is the planner's choice: such relations (reason `read`) are left out on both sides. */
function scanDifferences(recorded: readonly string[], { effects }: Prediction): string[] {
  const scans = effects.flatMap((effect) => effect.scans);
  const certain = new Set(scans.filter((scan) => scan.reason !== 'read').map((scan) => scan.relation));
  const chosen = new Set(
    scans.filter((scan) => !certain.has(scan.relation)).map((scan) => nameOf(scan.relation)),
  );
  return setDifferences(
    'scan',
    recorded.filter((name) => !chosen.has(name)),
    [...certain],
  );
}

/** The records write `schema.name`, without quotes. */
function keyOf(name: string): string {
  const dot = name.indexOf('.');
  return objectKey(name.slice(0, dot), name.slice(dot + 1));
}

function nameOf(key: string): string {
  return key.replace('\u0000', '.');
}
