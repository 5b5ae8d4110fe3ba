import { compareVersions } from '../migrations/history.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import type { Rule } from './rule.ts';
import { baseName, listed } from './wording.ts';

const UP = '-- +goose Up\nSELECT 1;\n';

export const duplicateVersion: Rule = {
  id: 'duplicate-version',
  category: 'ordering',
  level: 'error',
  since: '0.1.0',
  peers: ['Atlas', 'goose'],
  summary: 'Two files claim one version.',
  why: 'The version is what the tool writes down as applied, so two files with the same one cannot both run: goose refuses to start, others run one and skip the other. It happens when two branches each add the next migration. Renumber the newer one; one that has been applied somewhere must keep its version.',
  bad: [
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00001_b.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '1_a.sql', text: UP },
        { name: '0001_b.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '0007_a.sql', text: 'SELECT 1;' },
        { name: '0007_b.sql', text: 'SELECT 1;' },
      ],
    },
  ],
  good: [
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00002_a.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '1_a.sql', text: UP },
        { name: '10_b.sql', text: UP },
      ],
    },
  ],

  *checkFileInHistory(file, { files }) {
    const others = files.filter((other) => other !== file && sameVersion(file, other));
    if (others.length === 0) return;
    const end = file.text.search(/\r?\n|$/);
    const newest = [file, ...others]
      .map(({ path }) => path)
      .sort()
      .at(-1);
    yield {
      span: { start: 0, end },
      message: `Version ${file.version} is also claimed by ${listed(others.map(({ path }) => baseName(path)))}.`,
      why:
        file.tool === 'goose'
          ? `goose refuses to run any migration: “duplicate version ${file.version} detected”. Give the newer one a version after the last.`
          : 'Only one of them can be recorded as applied. Give the newer one a version after the last.',
      related: others.map(({ path, text }) => ({
        path,
        span: { start: 0, end: text.search(/\r?\n|$/) },
        message: `Version ${file.version} here too`,
      })),
      fixes: () =>
        file.path === newest
          ? [{ title: 'Renumber it to come last', grade: 'review', changes: [{ kind: 'renumberFile' }] }]
          : [],
    };
  },
};

function sameVersion(a: MigrationFile, b: MigrationFile): boolean {
  if (a.version === undefined || b.version === undefined || compareVersions(a.version, b.version) !== 0)
    return false;
  // The two halves of a pair share their version.
  return (a.down === undefined) === (b.down === undefined) || a.tool === 'goose';
}
