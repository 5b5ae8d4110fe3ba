import { WRITING_TYPES, writeType, writtenTypes } from './columnTypes.ts';
import type { Rule } from './rule.ts';

export const preferTimestamptz: Rule = {
  id: 'prefer-timestamptz',
  category: 'style',
  level: 'off',
  since: '0.1.0',
  peers: ['squawk prefer-timestamp-tz', 'pgls preferTimestamptz'],
  summary: 'timestamp without time zone does not say which moment it means.',
  why: 'timestamp stores what a clock showed, but not where. Clients in other zones, and servers after a change of TimeZone, read another moment from it. timestamptz stores the moment itself, in the same 8 bytes.',
  bad: () => [
    {
      files: ['CREATE TABLE orders (at timestamp NOT NULL);'],
      fixed: 'CREATE TABLE orders (at timestamptz NOT NULL);',
    },
    { files: ['ALTER TABLE orders ADD COLUMN at timestamp(3) without time zone;'] },
  ],
  good: () => [
    { files: ['CREATE TABLE orders (at timestamptz, day date, clock time);'] },
    { files: ['ALTER TABLE orders ADD COLUMN at timestamp with time zone;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD at timestamp;\n'] },
  ],

  statements: WRITING_TYPES,
  *checkStep(step) {
    for (const written of writtenTypes(step)) {
      if (written.type !== 'timestamp') continue;
      yield {
        span: written.span,
        message: `${written.column} does not say which moment it means: timestamp knows no time zone.`,
        why: 'timestamptz stores the moment itself, in as many bytes.',
        fixes: (site) => writeType(site, written, 'timestamptz'),
      };
    }
  },
};
