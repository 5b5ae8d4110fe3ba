import { effectsOf } from '../effects/effectsOf.ts';
import { statementsOf } from '../migrations/migration.ts';
import type { Site } from '../replay/site.ts';
import { aroundSite } from './aroundSite.ts';
import type { Refusal } from './offer.ts';
import { isSetting } from './ownMigration.ts';
import { isAutocommit } from './phasedFix.ts';
import type { LiveDatabase, TransactionPlace } from './rewrite.ts';

/** Whether the file has no transaction at a site, and may open one: plain SQL. */
export function mayBegin(site: Site): boolean {
  return isAutocommit(site) && site.file.tool === 'plain';
}

/** How a first phase whose statements stand or fall together gets a transaction at a site. */
export function transactionPlace(site: Site, database: LiveDatabase): TransactionPlace | Refusal {
  const { file } = site;
  if (!isAutocommit(site)) return 'stands';
  if (mayBegin(site)) return 'begin';
  if (file.statementsOptOut !== true && wantsNone(site, database)) return 'optIn';
  if (!isSpokenOfLater(site)) return 'ownMigration';
  return {
    refused:
      'the first phase wants a transaction, which the file does not have, and it cannot move into a migration after all others: later statements speak of what it changes',
  };
}

/** Whether nothing else in the file can be why it runs without a transaction. */
function wantsNone({ file, script, statement, step, end }: Site, { postgresVersion }: LiveDatabase): boolean {
  const context = { catalog: end(), scope: step.session, postgresVersion };
  return (
    [...statementsOf(script)].every((each) => each === statement || isSetting(each)) &&
    (file.down === undefined ? [] : [...statementsOf(file.down)]).every(
      ({ parsed: { node } }) =>
        node === undefined || effectsOf(node, context).refusedInTransaction === undefined,
    )
  );
}

function isSpokenOfLater(site: Site): boolean {
  const touched = new Set(site.step.mentions.map(({ key }) => key));
  return aroundSite(site).later.some(({ mentions }) => mentions.some(({ key }) => touched.has(key)));
}
