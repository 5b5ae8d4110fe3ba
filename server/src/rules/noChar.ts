import { WRITING_TYPES, writeType, writtenTypes } from './columnTypes.ts';
import type { Rule } from './rule.ts';

export const noChar: Rule = {
  id: 'no-char',
  category: 'style',
  level: 'off',
  since: '0.1.0',
  peers: ['squawk ban-char-field', 'pgls banCharField'],
  summary: 'char(n) fills each value up with blanks.',
  why: 'char(n) stores n characters whatever the value, ignores blanks at the end in comparisons but not in LIKE or in an application, and is nowhere faster than text. Use text, with a CHECK where the length matters.',
  bad: () => [
    { files: ['CREATE TABLE orders (code char(2));'], fixed: 'CREATE TABLE orders (code text);' },
    { files: ['ALTER TABLE orders ADD COLUMN flag character;'] },
  ],
  good: () => [
    { files: ['CREATE TABLE orders (code text, note varchar(20), one "char");'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD code char(2);\n'] },
  ],

  statements: WRITING_TYPES,
  *checkStep(step) {
    for (const written of writtenTypes(step)) {
      if (written.type !== 'bpchar') continue;
      yield {
        span: written.span,
        message: `Values of ${written.column} are filled up with blanks: char(n) is stored so.`,
        why: 'Use text, with a CHECK where the length matters.',
        fixes: (site) => writeType(site, written, 'text'),
      };
    }
  },
};
