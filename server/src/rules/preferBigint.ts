import { WRITING_TYPES, writeType, writtenTypes } from './columnTypes.ts';
import type { Rule } from './rule.ts';

export const preferBigint: Rule = {
  id: 'prefer-bigint',
  category: 'style',
  level: 'off',
  since: '0.1.0',
  peers: ['squawk prefer-bigint-over-int', 'squawk prefer-bigint-over-smallint'],
  summary: 'A whole number of 2 or 4 bytes runs out.',
  why: 'int ends at 2,147,483,647 and smallint at 32,767. Keys and counters reach that one day, and the change to bigint then rewrites the whole table under an ACCESS EXCLUSIVE lock. In a row bigint often costs no more: values are aligned to 8 bytes.',
  bad: () => [
    {
      files: ['CREATE TABLE orders (id int PRIMARY KEY, n smallint);'],
      fixed: 'CREATE TABLE orders (id bigint PRIMARY KEY, n smallint);',
    },
    {
      files: ['ALTER TABLE orders ADD COLUMN id serial;'],
      fixed: 'ALTER TABLE orders ADD COLUMN id bigserial;',
    },
    {
      files: ['ALTER TABLE orders ALTER n TYPE integer[];'],
      fixed: 'ALTER TABLE orders ALTER n TYPE bigint[];',
    },
  ],
  good: () => [
    { files: ['CREATE TABLE orders (id bigint PRIMARY KEY, n int8, code text);'] },
    { files: ['ALTER TABLE orders ADD id bigserial, DROP COLUMN n;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD n int;\n'] },
  ],

  statements: WRITING_TYPES,
  *checkStep(step) {
    for (const written of writtenTypes(step)) {
      const wide = WIDE[written.type];
      if (wide === undefined) continue;
      yield {
        span: written.span,
        message: `The type of ${written.column} runs out: bigint does not.`,
        why: 'A change to bigint later rewrites the whole table while it blocks reads and writes.',
        fixes: (site) => writeType(site, written, wide),
      };
    }
  },
};

/** serial and its like stand as they are written: they are no types of the server. */
const WIDE: Readonly<Partial<Record<string, string>>> = {
  int2: 'bigint',
  int4: 'bigint',
  smallserial: 'bigserial',
  serial2: 'bigserial',
  serial: 'bigserial',
  serial4: 'bigserial',
};
