import { displayName, tableOf, writtenName } from '../catalog/catalog.ts';
import type { Site } from '../replay/site.ts';
import { aroundSite } from './aroundSite.ts';
import { grantsOn } from './grantsOn.ts';
import type { Refusal } from './offer.ts';
import type { LiveDatabase } from './rewrite.ts';

/** A view that stands where a table stood, for the application that still looks for it there. */
export interface StandIn {
  readonly made: readonly string[];
  readonly dropped: string;
}

/**
 * The view under the key of the site's table, over the relation that is `over` from then on. A view of one table takes
 * INSERT, UPDATE and DELETE (documentation: CREATE VIEW, Updatable Views); who may use the table may use it, and as
 * themselves, so that the table's row security holds (security_invoker, from 15 on).
 */
export function standInView(
  site: Site,
  { postgresVersion }: LiveDatabase,
  table: string,
  over: string,
  columns: string,
): StandIn | Refusal {
  const { step } = site;
  const shown = displayName(table);
  const asInvoker = postgresVersion >= 15;
  if (!asInvoker && tableOf(step.before, table)?.rowSecurity === true) {
    return { refused: `before PostgreSQL 15 a view in the place of ${shown} would pass by its row security` };
  }
  const grants = grantsOn(aroundSite(site).earlier, table, table);
  if (grants === undefined) {
    return { refused: `who may use ${shown} cannot be told: a GRANT on it depends on a condition` };
  }
  const name = writtenName(table);
  const options = asInvoker ? ' WITH (security_invoker = true)' : '';
  return {
    made: [
      `CREATE OR REPLACE VIEW ${name}${options} AS SELECT ${columns} FROM ${writtenName(over)}`,
      ...grants,
    ],
    dropped: `DROP VIEW IF EXISTS ${name}`,
  };
}
