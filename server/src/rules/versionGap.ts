import type { Rule } from './rule.ts';
import { numberingOf } from './versionScheme.ts';

const UP = '-- +goose Up\nSELECT 1;\n';

export const versionGap: Rule = {
  id: 'version-gap',
  category: 'ordering',
  level: 'hint',
  since: '0.1.0',
  peers: [],
  summary: 'The numbers of the migrations have a hole.',
  why: 'A number that is left out is often a file that was forgotten in a commit, or one that was deleted after it had been applied somewhere. A file that takes the number later comes out of order wherever later ones have been applied.',
  bad: () => [
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00003_b.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '1_a.sql', text: 'SELECT 1;' },
        { name: '2_b.sql', text: 'SELECT 1;' },
        { name: '12_c.sql', text: 'SELECT 1;' },
      ],
    },
  ],
  good: () => [
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00002_b.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '00007_a.sql', text: UP },
        { name: '00008_b.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '10_a.sql', text: UP },
        { name: '20_b.sql', text: UP },
        { name: '40_c.sql', text: UP },
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
        { name: '00001_a.sql', text: UP },
        { name: '20250301000000_b.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00001_b.sql', text: UP },
      ],
    },
  ],

  *checkFileInHistory(file, { names, complete }) {
    // The other half of a pair has said it.
    if (!complete || file.version === undefined || (file.tool === 'plain' && file.down !== undefined)) return;
    const { counted, before } = numberingOf(names);
    const last = before.get(file.version);
    if (last === undefined || BigInt(file.version) - BigInt(last) <= 1n) return;
    // Who numbers by tens leaves room on purpose.
    if (counted.every((version) => version.endsWith('0'))) return;
    yield {
      span: { start: 0, end: file.text.search(/\r?\n|$/) },
      message: `No migration has a number between ${last} and ${file.version}.`,
      why: 'Was a file forgotten in the commit, or deleted? One that takes the number later comes out of order.',
    };
  },
};
