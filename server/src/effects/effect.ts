import type { Catalog } from '../catalog/catalog.ts';
import type { NameScope } from '../catalog/resolve.ts';
import { type LockMode, strongest } from './lockMode.ts';

/** What a statement does to a live database. Relations are named by their catalog keys. */
export interface Effect {
  /** The strongest lock on each relation that existed before the statement. */
  readonly locks: readonly RelationLock[];
  /** Tables and materialized views whose data is written anew. */
  readonly rewrites: readonly string[];
  /** Tables that are read whole, and what for. */
  readonly scans: readonly Scan[];
  /** Existing indexes that are built again. */
  readonly reindexes: readonly string[];
  /** Absent when the statement runs in a transaction block; else why it does not. */
  readonly refusedInTransaction?: Refusal;
  /** Present when the statement runs in a transaction block only: LOCK TABLE, for one. */
  readonly refusedOutsideTransaction?: { readonly code: string; readonly command: string };
}

export interface RelationLock {
  readonly relation: string;
  readonly mode: LockMode;
}

export interface Scan {
  readonly relation: string;
  readonly reason: ScanReason;
  /** The column or constraint it is done for, where there is one. */
  readonly subject?: string;
}

export type ScanReason =
  | 'rewrite'
  | 'indexBuild'
  | 'check'
  | 'notNull'
  | 'foreignKey'
  | 'partitionBound'
  | 'columnType'
  | 'read';

export interface Refusal {
  /** SQLSTATE. */
  readonly code: string;
  /** What cannot run there, as Postgres names it: "CREATE INDEX CONCURRENTLY". */
  readonly command: string;
  /** False where only a transaction block refuses it, not several statements in one query string. */
  readonly inQueryString: boolean;
  /** False where it depends on the data: a procedure whose COMMIT stands under IF. */
  readonly certain: boolean;
}

/** What an effect depends on besides the statement. */
export interface EffectContext {
  readonly catalog: Catalog;
  readonly scope: NameScope;
  /** TimeZone where a statement set it. */
  readonly timeZone?: string;
  /** Major version, 12 to 18. */
  readonly postgresVersion: number;
}

/** Collects an effect; of several locks on one relation the strongest counts. */
export class EffectBuilder {
  private readonly locks = new Map<string, LockMode>();
  private readonly rewrites = new Set<string>();
  private readonly scans = new Map<string, Scan>();
  private readonly reindexes = new Set<string>();
  private readonly dropped = new Set<string>();
  private refusal: Refusal | undefined;
  private neededTransaction: Effect['refusedOutsideTransaction'];

  lock(relation: string, mode: LockMode): this {
    const held = this.locks.get(relation);
    this.locks.set(relation, held === undefined ? mode : strongest(held, mode));
    return this;
  }

  lockAll(relations: Iterable<string>, mode: LockMode): this {
    for (const relation of relations) this.lock(relation, mode);
    return this;
  }

  /** A relation that goes away: it is locked against everything, and what would be built anew of it is not. */
  drop(relation: string): this {
    this.dropped.add(relation);
    this.reindexes.delete(relation);
    return this.lock(relation, 'ACCESS EXCLUSIVE');
  }

  /** A rewrite reads the whole table and builds its indexes anew. */
  rewrite(relation: string, indexes: readonly string[]): this {
    this.rewrites.add(relation);
    for (const index of indexes) {
      this.lock(index, 'ACCESS EXCLUSIVE');
      if (!this.dropped.has(index)) this.reindex(index);
    }
    return this.scan(relation, 'rewrite');
  }

  /** The files of the table are copied block by block: its rows are not looked at, its indexes stay. */
  copy(relation: string): this {
    this.rewrites.add(relation);
    return this;
  }

  /** A table may be read for several reasons: each is kept. */
  scan(relation: string, reason: ScanReason, subject?: string): this {
    this.scans.set([relation, reason, subject].join('\n'), {
      relation,
      reason,
      ...(subject === undefined ? {} : { subject }),
    });
    return this;
  }

  reindex(index: string): this {
    this.reindexes.add(index);
    return this;
  }

  refuseInTransaction(command: string, options: Partial<Omit<Refusal, 'command'>> = {}): this {
    this.refusal = { code: '25001', inQueryString: true, certain: true, ...options, command };
    return this;
  }

  /** RequireTransactionBlock, access/transam/xact.c. */
  refuseOutsideTransaction(command: string): this {
    this.neededTransaction = { code: '25P01', command };
    return this;
  }

  droppedRelations(): Iterable<string> {
    return this.dropped;
  }

  build(): Effect {
    return {
      locks: [...this.locks].map(([relation, mode]) => ({ relation, mode })),
      rewrites: [...this.rewrites],
      scans: [...this.scans.values()],
      reindexes: [...this.reindexes],
      ...(this.refusal === undefined ? {} : { refusedInTransaction: this.refusal }),
      ...(this.neededTransaction === undefined ? {} : { refusedOutsideTransaction: this.neededTransaction }),
    };
  }
}

/** The lock a statement takes on a relation, if any. */
export function lockOn(effect: Effect, relation: string): LockMode | undefined {
  return effect.locks.find((each) => each.relation === relation)?.mode;
}

/** Why a statement reads the relation whole: each reason, none when it does not. */
export function scansOf(effect: Effect, relation: string): readonly Scan[] {
  return effect.scans.filter((each) => each.relation === relation);
}
