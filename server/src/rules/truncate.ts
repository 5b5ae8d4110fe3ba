import { displayName, tableOf } from '../catalog/catalog.ts';
import { lockOn } from '../effects/effect.ts';
import { isNew } from '../replay/step.ts';
import { isMissing } from './alteredTable.ts';
import { backupFirst } from './backupTable.ts';
import { mentionSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { listed } from './wording.ts';

export const truncate: Rule = {
  id: 'truncate',
  category: 'data',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk ban-truncate-cascade', 'pgfence truncate', 'pgls banTruncateCascade'],
  summary: 'TRUNCATE removes every row; with CASCADE those of every table that references it too.',
  why: 'The rows are gone for good, and the ACCESS EXCLUSIVE lock blocks reads and writes until the transaction ends. With CASCADE each table with a foreign key to it is emptied as well, and each with one to those: also tables that were added after the migration was written.',
  bad: () => [
    {
      files: ['CREATE TABLE carts (id bigint);', 'TRUNCATE carts;'],
      fixed: 'CREATE TABLE IF NOT EXISTS carts_backup AS TABLE carts;\nTRUNCATE carts;',
    },
    { files: ['-- +goose Up\nTRUNCATE TABLE ONLY shop.carts, "Old Carts" RESTART IDENTITY;\n'] },
    {
      files: [
        'CREATE TABLE carts (id bigint PRIMARY KEY);\nCREATE TABLE lines (cart bigint REFERENCES carts);',
        'TRUNCATE carts CASCADE;',
      ],
    },
    { files: ['DO $$ BEGIN\n  TRUNCATE carts;\nEND $$;'] },
  ],
  good: () => [
    { files: ['CREATE TABLE carts (id bigint);\nTRUNCATE carts;'] },
    { files: ['CREATE TEMP TABLE carts (id bigint);\nTRUNCATE carts;'] },
    { files: ['DELETE FROM carts WHERE id = 1;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nTRUNCATE carts;\n'] },
  ],

  statements: ['TruncateStmt'],
  *checkStep(step) {
    if (!('TruncateStmt' in step.node)) return;
    const cascade = step.node.TruncateStmt.behavior === 'DROP_CASCADE';
    const named = step.mentions.filter(
      ({ key }) =>
        !isNew(step, key) && !isMissing(step, key) && tableOf(step.before, key)?.persistence !== 'temporary',
    );
    const [first] = named;
    if (first === undefined) return;
    const names = named.map(({ key }) => displayName(key));
    const also = step.effect.locks
      .map(({ relation }) => relation)
      .filter((key) => !step.mentions.some((each) => each.key === key) && !isNew(step, key))
      .filter(
        (key) => tableOf(step.before, key) !== undefined && lockOn(step.effect, key) === 'ACCESS EXCLUSIVE',
      )
      .map(displayName)
      .sort();
    const others = also.length > 0 ? listed(also) : 'every table that references it';
    yield {
      span: mentionSpan(step.statement, first),
      ...(cascade ? { severity: 'error' as const } : {}),
      message: cascade
        ? `TRUNCATE … CASCADE removes every row of ${listed(names)}, and of ${others}.`
        : `TRUNCATE removes every row of ${listed(names)}.`,
      why: cascade
        ? 'Tables that have come to reference it since this was written are emptied too. Name each table that is meant, without CASCADE; keep a copy where the rows could be wanted back.'
        : 'After the commit nothing brings them back. Keep a copy where they could be wanted.',
      fixes: (site) => (named.length === 1 ? backupFirst(site, first.key) : []),
    };
  },
};
