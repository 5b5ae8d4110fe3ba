import type { Catalog } from '../../server/src/catalog/catalog.ts';
import type { Effect } from '../../server/src/effects/effect.ts';
import { effectsOf } from '../../server/src/effects/effectsOf.ts';
import { parseStatement } from '../../server/src/sql/parser.ts';
import { schemaAfter, shown } from '../catalog/schemaAfter.ts';

export interface Shown {
  readonly locks: Readonly<Record<string, string>>;
  readonly rewrites: readonly string[];
  readonly scans: readonly string[];
  readonly refused: string | undefined;
  /** Whether it is refused whatever the data. */
  readonly certainly: boolean | undefined;
}

/** What a statement does after a history, with the names a person writes. */
export function effectOf(
  history: string | Catalog,
  sql: string,
  options: { readonly postgresVersion?: number; readonly timeZone?: string } = {},
): Shown {
  const catalog = typeof history === 'string' ? schemaAfter(history) : history;
  const { node, error } = parseStatement(sql);
  if (node === undefined) throw new Error(error?.message);
  const context = { catalog, scope: { searchPath: ['public'] }, postgresVersion: 14, ...options };
  return inWords(effectsOf(node, context));
}

function inWords(effect: Effect): Shown {
  return {
    locks: Object.fromEntries(effect.locks.map(({ relation, mode }) => [shown(relation), mode])),
    rewrites: effect.rewrites.map(shown),
    scans: effect.scans.map(({ relation, reason, subject }) =>
      [shown(relation), reason, subject].filter(Boolean).join(' '),
    ),
    refused: effect.refusedInTransaction?.command,
    certainly: effect.refusedInTransaction?.certain,
  };
}
