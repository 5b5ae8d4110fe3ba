import { compareVersions } from '../migrations/history.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import { renumbering } from './renumbering.ts';
import type { BaseBranch, BaseFile, Rule } from './rule.ts';
import { baseName } from './wording.ts';

const UP = '-- +goose Up\nSELECT 1;\n';

export const outOfOrderVersion: Rule = {
  id: 'out-of-order-version',
  category: 'ordering',
  level: 'error',
  since: '0.1.0',
  peers: ['Atlas', 'goose', 'Flyway'],
  summary: 'A new migration has a version below one that is merged already.',
  why: 'A branch that lived for a while brings a version that lies before others that have been merged, and applied, meanwhile. goose refuses to go on where a later version has been applied (“found 1 missing migrations before current version …”); other tools skip the file without a word, or run it in an order in which nobody has tried it. Renumber it to come last.',
  bad: () => [
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00003_c.sql', text: UP },
        { name: '00002_b.sql', text: UP },
      ],
      base: ['00001_a.sql', '00003_c.sql'],
    },
    // Merged meanwhile, and not here yet.
    {
      files: [
        { name: '20240101000000_a.sql', text: UP },
        { name: '20240102000000_b.sql', text: UP },
      ],
      base: ['20240101000000_a.sql', '20240103000000_c.sql'],
      incoming: ['20240103000000_c.sql'],
    },
    {
      files: [
        { name: '0002_b.sql', text: 'SELECT 1;' },
        { name: '0001_a.sql', text: 'SELECT 1;' },
      ],
      base: ['0002_b.sql'],
    },
  ],
  good: () => [
    // Nothing is known of a base branch.
    {
      files: [
        { name: '00003_c.sql', text: UP },
        { name: '00002_b.sql', text: UP },
      ],
    },
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00002_b.sql', text: UP },
      ],
      base: ['00001_a.sql'],
    },
    // Merged itself, however that came about.
    {
      files: [
        { name: '00003_c.sql', text: UP },
        { name: '00002_b.sql', text: UP },
      ],
      base: ['00002_b.sql', '00003_c.sql'],
    },
    // A merged file with another name: its version counts as applied.
    {
      files: [
        { name: '00003_c.sql', text: UP },
        { name: '00002_better_name.sql', text: UP },
      ],
      base: ['00002_b.sql', '00003_c.sql'],
    },
    // Claimed twice: that is duplicate-version.
    {
      files: [
        { name: '00001_a.sql', text: UP },
        { name: '00001_b.sql', text: UP },
      ],
      base: ['00001_a.sql'],
    },
    { files: [{ name: '00001_a.sql', text: UP }], base: [] },
  ],

  *checkFileInHistory(file, history) {
    const { base } = history;
    const latest = base === undefined ? undefined : latestAbove(file, base);
    if (latest === undefined) return;
    yield {
      span: { start: 0, end: file.text.search(/\r?\n|$/) },
      message: `Version ${file.version} is new, but lies below ${latest.version}, which is on the base branch already (${baseName(latest.path)}).`,
      why:
        file.tool === 'goose'
          ? `Where version ${latest.version} has been applied goose refuses to run anything: “missing migrations before current version ${latest.version}”. Give this one a version after the last.`
          : `Where version ${latest.version} has been applied this one is skipped, or runs after it. Give it a version after the last.`,
      ...(file.tool === 'goose' ? {} : { severity: 'warning' }),
      fixes: () => renumbering(file, history, 'Renumber it to come last', [{ kind: 'renumberFile' }]),
    };
  },
};

/** The last migration of the base branch, where it is above a file that is not on that branch. */
function latestAbove(file: MigrationFile, base: BaseBranch): BaseFile | undefined {
  const { version } = file;
  if (version === undefined || base.has(file.path)) return undefined;
  const merged = base.files.filter((known) => known.version !== undefined);
  const latest = merged.at(-1);
  if (latest?.version === undefined || compareVersions(version, latest.version) >= 0) return undefined;
  return merged.some((known) => known.version === version) ? undefined : latest;
}
