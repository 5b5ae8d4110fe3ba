import type { Rule } from './rule.ts';
import { isTimestamp, numberingOf } from './versionScheme.ts';
import { baseName } from './wording.ts';

const UP = '-- +goose Up\nSELECT 1;\n';

export const mixedVersionSchemes: Rule = {
  id: 'mixed-version-schemes',
  category: 'ordering',
  level: 'hint',
  since: '0.1.0',
  peers: [],
  summary: 'Some migrations are numbered, others bear a time.',
  why: 'As numbers, times are greater than any count: the next numbered migration sorts before every one with a time, and comes out of order wherever those have been applied. Keep to one way; goose fix renumbers those with a time.',
  bad: () => [
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00002_b.sql', text: UP },
        { name: '20250301000000_c.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '20250101_a.sql', text: 'SELECT 1;' },
        { name: '20250301_b.sql', text: 'SELECT 1;' },
        { name: '3_c.sql', text: 'SELECT 1;' },
      ],
    },
  ],
  good: () => [
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00012_b.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '20250101000000_a.sql', text: UP },
        { name: '20250301000000_b.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '20250301000000_a.sql', text: UP },
        { name: '00001_a.sql', text: UP },
        { name: '00002_b.sql', text: UP },
      ],
    },
  ],

  *checkFileInHistory(file, { names, complete }) {
    // The other half of a pair has said it.
    if (!complete || file.version === undefined || (file.tool === 'plain' && file.down !== undefined)) return;
    const { numbered, timed } = numberingOf(names);
    const isTimed = isTimestamp(file.version);
    const same = isTimed ? timed.length : numbered.length;
    const [other] = isTimed ? numbered : timed;
    const others = timed.length + numbered.length - same;
    // The fewer are the odd ones; of as many, those that came later.
    if (other === undefined || same > others || (same === others && !isTimed)) return;
    yield {
      span: { start: 0, end: file.text.search(/\r?\n|$/) },
      message: isTimed
        ? `This migration bears a time, others are numbered, as ${baseName(other.path)} is.`
        : `This migration is numbered, others bear a time, as ${baseName(other.path)} does.`,
      why: 'The next numbered migration sorts before every one with a time. Keep to one way.',
    };
  },
};
