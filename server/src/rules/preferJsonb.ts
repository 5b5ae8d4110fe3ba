import { WRITING_TYPES, writeType, writtenTypes } from './columnTypes.ts';
import type { Rule } from './rule.ts';

export const preferJsonb: Rule = {
  id: 'prefer-jsonb',
  category: 'style',
  level: 'off',
  since: '0.1.0',
  peers: ['pgls preferJsonb'],
  summary: 'json is parsed anew each time it is read, and cannot be indexed.',
  why: 'json keeps the text as it came: it is parsed on each access, has no equality (so no DISTINCT, no GROUP BY) and no index of its own. jsonb has them. Only where the order of keys or the very text matters is json the right one.',
  bad: () => [
    { files: ['CREATE TABLE orders (data json);'], fixed: 'CREATE TABLE orders (data jsonb);' },
    { files: ['ALTER TABLE orders ALTER data TYPE json USING data::json;'] },
  ],
  good: () => [
    { files: ['CREATE TABLE orders (data jsonb, more jsonb[]);'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD data json;\n'] },
  ],

  statements: WRITING_TYPES,
  *checkStep(step) {
    for (const written of writtenTypes(step)) {
      if (written.type !== 'json') continue;
      yield {
        span: written.span,
        message: `${written.column} is parsed anew each time it is read, and cannot be indexed: json is text.`,
        why: 'Use jsonb, unless the very text has to be kept.',
        fixes: (site) => writeType(site, written, 'jsonb'),
      };
    }
  },
};
