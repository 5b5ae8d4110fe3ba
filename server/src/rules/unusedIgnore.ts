import type { Rule } from './rule.ts';

export const unusedIgnore: Rule = {
  id: 'unused-ignore',
  category: 'file',
  level: 'hint',
  since: '0.1.0',
  peers: ['squawk unused-ignore'],
  summary: 'A comment that ignores a rule where the rule has nothing to say.',
  why: 'What it was written for has gone, or it stands in the wrong place: `-- skein:ignore rule` speaks for the next statement, at the end of a line for what stands on that line, `-- skein:ignore-file rule` for the whole file. Left there, it would hide the next finding of that rule unseen.',
  bad: () => [
    {
      files: ['-- skein:ignore index-not-concurrent is small\nSELECT 1;'],
      fixed: 'SELECT 1;',
    },
    { files: ['CREATE INDEX i ON o (a);\n-- skein:ignore-file truncate, index-not-concurrent\nSELECT 1;'] },
    { files: ['SELECT 1;\n-- skein:ignore\nDROP TABLE o;'] },
    { files: ['SELECT 1; -- skein:ignore drop-table\nDROP TABLE o;'] },
  ],
  good: () => [
    { files: ['-- skein:ignore drop-table nobody uses it\nDROP TABLE IF EXISTS o;'] },
    { files: ['DROP TABLE IF EXISTS o; -- skein:ignore drop-table'] },
    { files: ['-- skein:ignore-file drop-table, drop-column\nDROP TABLE a;\nALTER TABLE b DROP COLUMN c;'] },
    { files: ["SELECT '-- skein:ignore drop-table';"] },
    { files: ['-- squawk-ignore prefer-big-int\nSELECT 1;'] },
    { files: ['DO $$ BEGIN\n  -- skein:ignore drop-table\n  DROP TABLE o;\nEND $$;'] },
  ],
};
