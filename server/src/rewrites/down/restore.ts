import {
  type Catalog,
  columnOf,
  constraintOf,
  displayName,
  type Relation,
  type Table,
  tableOf,
  type View,
  writtenName,
} from '../../catalog/catalog.ts';
import type { Step } from '../../replay/step.ts';
import { quoteLiteral, quoteName } from '../../sql/names.ts';
import type { Refusal } from '../offer.ts';
import {
  columnPieces,
  constraintPieces,
  fillerOf,
  indexPieces,
  objectPieces,
  type Piece,
  partPieces,
} from './pieces.ts';

/** What the up took away that a person may miss: its rows. */
export interface Restored {
  readonly statements: readonly string[];
  /** Tables and columns whose contents do not come back. */
  readonly emptied: readonly string[];
}

/**
 * The statements that bring back what `before` has and `after` has no more, in the order in which it was made first:
 * so each finds what it needs. `origins` are the steps that led to `before`.
 */
export function restored(before: Catalog, after: Catalog, origins: readonly Step[]): Restored | Refusal {
  const loss = new Loss(before, after, origins);
  loss.collect();
  if (loss.unknown !== undefined) {
    return {
      refused: `the history does not show how ${loss.unknown} was made, so nothing can be said of how it comes back`,
    };
  }
  return { statements: loss.statements(), emptied: loss.emptied };
}

interface Ranked extends Piece {
  readonly rank: number;
}

/** Among what one statement made: columns come before their keys, these before what refers to them. */
const RANKS = { object: 0, column: 1, key: 2, check: 3, reference: 4, index: 5, part: 6 } as const;

class Loss {
  unknown: string | undefined;
  readonly emptied: string[] = [];
  private readonly pieces: Ranked[] = [];
  private readonly before: Catalog;
  private readonly after: Catalog;
  private readonly origins: readonly Step[];

  constructor(before: Catalog, after: Catalog, origins: readonly Step[]) {
    this.before = before;
    this.after = after;
    this.origins = origins;
  }

  collect(): void {
    const { before, after, origins } = this;
    for (const key of after.schemas.differences(before.schemas)) {
      if (before.schemas.has(key) && !after.schemas.has(key))
        this.add(objectPieces(origins, key), 'object', key);
    }
    for (const key of after.extensions.differences(before.extensions)) {
      if (before.extensions.has(key) && !after.extensions.has(key)) {
        this.add(objectPieces(origins, key), 'object', key);
      }
    }
    for (const key of after.types.differences(before.types)) {
      if (!after.types.has(key)) this.type(key);
    }
    for (const key of after.routines.differences(before.routines)) this.routine(key);
    for (const key of after.statistics.differences(before.statistics)) {
      if (before.statistics.has(key) && !after.statistics.has(key)) {
        this.add(objectPieces(origins, key), 'part', displayName(key));
      }
    }
    for (const key of after.relations.differences(before.relations)) this.relation(key);
  }

  /** Each statement once, in order. */
  statements(): readonly string[] {
    const ordered = [...this.pieces].sort((a, b) => a.at - b.at || a.rank - b.rank);
    const seen = new Set<string>();
    return ordered.flatMap(({ at, text }) => {
      const id = `${at} ${text}`;
      if (seen.has(id)) return [];
      seen.add(id);
      return [text];
    });
  }

  private add(pieces: readonly Piece[] | undefined, rank: keyof typeof RANKS, inWords: string): void {
    if (pieces === undefined) this.unknown ??= inWords;
    else this.pieces.push(...pieces.map((each) => ({ ...each, rank: RANKS[rank] })));
  }

  private type(key: string): void {
    const type = this.before.types.get(key);
    const pieces = objectPieces(this.origins, key);
    const [first, ...others] = pieces ?? [];
    if (type?.kind !== 'enum' || first === undefined) {
      this.add(pieces, 'object', displayName(key));
      return;
    }
    // With all its values at once: one that is added later cannot be used in the same transaction.
    const values = type.values.map(quoteLiteral).join(', ');
    const made = { ...first, text: `CREATE TYPE ${writtenName(key)} AS ENUM (${values})` };
    const rest = others.filter(({ text }) => /^\s*(?:comment|grant|revoke)\b/i.test(text));
    this.add([made, ...rest], 'object', displayName(key));
  }

  private routine(key: string): void {
    const old = this.before.routines.get(key);
    const now = this.after.routines.get(key);
    if (old === undefined || old.signatures.every((each) => now?.signatures.includes(each))) return;
    const pieces = objectPieces(this.origins, key);
    // Of an overload that stays, OR REPLACE makes nothing new.
    const kept = now === undefined ? pieces : undefined;
    this.add(kept, 'object', displayName(key));
  }

  private relation(key: string): void {
    const old = this.before.relations.get(key);
    const now = this.after.relations.get(key);
    if (old === undefined) return;
    if (now === undefined) this.whole(key, old);
    else if ('triggers' in old && 'triggers' in now) this.parts(key, old, now);
  }

  private whole(key: string, relation: Relation): void {
    const { before, after, origins } = this;
    if (relation.kind === 'index') {
      const tableGoes = !after.relations.has(relation.table);
      if (tableGoes || relation.constraint !== undefined || relation.attachedTo !== undefined) return;
      this.add(indexPieces(origins, before, key), 'index', `the index ${relation.name}`);
      return;
    }
    if (relation.kind === 'compositeType') return;
    if (relation.kind === 'sequence' && relation.ownedBy !== undefined) {
      const { table, column } = relation.ownedBy;
      const identity = columnOf(tableOf(before, table), column)?.identity;
      // It comes back with its column, or with what makes it the column's identity.
      if (identity !== undefined || columnOf(tableOf(after, table), column) === undefined) return;
    }
    if (relation.kind === 'table') this.emptied.push(displayName(key));
    this.add(objectPieces(origins, key), 'object', displayName(key));
  }

  private parts(key: string, old: Table | View, now: Table | View): void {
    const { origins, before } = this;
    if ('constraints' in old && 'constraints' in now) {
      this.columns(key, old, now);
      const gone = old.constraints.filter(
        (each) => !each.inherited && each.kind !== 'notNull' && constraintOf(now, each.name) === undefined,
      );
      for (const each of gone) {
        const rank = each.kind === 'foreignKey' ? 'reference' : each.kind === 'check' ? 'check' : 'key';
        const pieces = constraintPieces(origins, before, key, each);
        const emptied = each.references !== undefined && !this.after.relations.has(each.references.table);
        this.add(emptied ? pieces?.flatMap(withoutRows) : pieces, rank, `the constraint ${each.name}`);
      }
      this.named('policy', key, old.policies, now.policies);
    }
    this.named('trigger', key, old.triggers, now.triggers);
    this.named('rule', key, old.rules, now.rules);
  }

  private columns(key: string, old: Table, now: Table): void {
    for (const column of old.columns) {
      if (columnOf(now, column.name) !== undefined || tableInherits(this.before, old, column.name)) continue;
      const pieces = columnPieces(this.origins, key, column, fillerOf(this.before, key, column.name));
      if (column.generated === undefined) this.emptied.push(`${displayName(key)}.${column.name}`);
      this.add(pieces, 'column', `the column ${column.name} of ${displayName(key)}`);
    }
  }

  private named(
    kind: 'trigger' | 'policy' | 'rule',
    key: string,
    old: readonly { readonly name: string; readonly inherited?: boolean }[],
    now: readonly { readonly name: string }[],
  ): void {
    for (const { name, inherited } of old) {
      if (inherited || now.some((each) => each.name === name)) continue;
      this.add(partPieces(this.origins, kind, key, name), 'part', `the ${kind} ${quoteName(name)}`);
    }
  }
}

/** A foreign key to a table that comes back without its rows: valid where that can be. */
function withoutRows({ at, text }: Piece): readonly Piece[] {
  const added = /^(ALTER TABLE [\s\S]*?) ADD (CONSTRAINT (?:"(?:[^"]|"")*"|\S+)) FOREIGN KEY/.exec(text);
  if (added === null || /\snot\s+valid\s*$/i.test(text)) return [{ at, text }];
  const block = [
    'BEGIN',
    `  ${added[1]} VALIDATE ${added[2]};`,
    'EXCEPTION WHEN foreign_key_violation THEN',
    "  RAISE NOTICE '%', SQLERRM;",
    'END',
  ];
  const quote = text.includes('$$') ? '$validate$' : '$$';
  return [
    { at, text: `${text} NOT VALID` },
    { at, text: `DO ${quote} ${block.join('\n')} ${quote}` },
  ];
}

/** Whether the column comes from a table above. */
function tableInherits(catalog: Catalog, table: Table, column: string): boolean {
  const parents = table.partitionOf === undefined ? table.inherits : [table.partitionOf.parent];
  return parents.some((each) => columnOf(tableOf(catalog, each), column) !== undefined);
}
