import type { Rule } from './rule.ts';

export const unknownRule: Rule = {
  id: 'unknown-rule',
  category: 'file',
  level: 'warning',
  since: '0.1.0',
  peers: [],
  summary: 'A comment, or skein.json, names a rule that there is none of.',
  why: 'A name that is misspelt ignores nothing and sets no level. Several rules are separated by commas; what follows the last name is the reason.',
  bad: () => [
    { files: ['-- skein:ignore drop-tabel\nDROP TABLE o;'] },
    { files: ['-- skein:ignore drop-table, because nobody uses it\nDROP TABLE o;'] },
    { files: ['-- skein:ignore-file no-such-rule\nSELECT 1;'] },
  ],
  good: () => [
    { files: ['-- skein:ignore drop-table nobody uses it\nDROP TABLE o;'] },
    { files: ['-- squawk-ignore some-rule-of-squawk\nDROP TABLE o;'] },
    { files: ["COMMENT ON TABLE o IS '-- skein:ignore no-such-rule';"] },
  ],
};
