import { WRITING_TYPES, writeType, writtenTypes } from './columnTypes.ts';
import type { Rule } from './rule.ts';

export const preferText: Rule = {
  id: 'prefer-text',
  category: 'style',
  level: 'off',
  since: '0.1.0',
  peers: ['squawk prefer-text-field'],
  summary: 'varchar with a length: another length later is a change of the type.',
  why: 'text and varchar are stored the same way. To make a length shorter rewrites or reads the whole table, and even a longer one takes an ACCESS EXCLUSIVE lock; a CHECK of the length can be added NOT VALID and validated without blocking.',
  bad: () => [
    {
      files: ['CREATE TABLE orders (code varchar(20));'],
      fixed: 'CREATE TABLE orders (code text);',
    },
    { files: ['ALTER TABLE orders ADD COLUMN code character varying(20)[];'] },
  ],
  good: () => [
    { files: ['CREATE TABLE orders (code text, note varchar);'] },
    { files: ['CREATE TABLE orders (code char(2));'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD code varchar(20);\n'] },
  ],

  statements: WRITING_TYPES,
  *checkStep(step) {
    for (const written of writtenTypes(step)) {
      if (written.type !== 'varchar' || !written.sized) continue;
      yield {
        span: written.span,
        message: `The length of ${written.column} is part of its type: to change it later locks the table.`,
        why: 'Use text, and a CHECK where the length matters: that can be added and changed without blocking.',
        fixes: (site) => writeType(site, written, 'text'),
      };
    }
  },
};
