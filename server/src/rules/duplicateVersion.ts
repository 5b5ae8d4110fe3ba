import { compareVersions } from '../migrations/history.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import { givingWay, renumbering } from './renumbering.ts';
import type { BaseBranch, BaseFile, FileName, Rule } from './rule.ts';
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
  bad: () => [
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
    // Both branches added the next one.
    {
      files: [
        { name: '0001_a.sql', text: UP },
        { name: '0002_b.sql', text: UP },
      ],
      base: ['0001_a.sql', '0002_c.sql'],
      incoming: ['0002_c.sql'],
    },
  ],
  good: () => [
    // Given another name on this branch: the base branch's file is this one.
    {
      files: [{ name: '0001_b.sql', text: UP }],
      base: ['0001_a.sql'],
    },
    {
      files: [
        { name: '0001_a.sql', text: UP },
        { name: '0002_b.sql', text: UP },
      ],
      base: ['0001_a.sql', '0002_c.sql'],
    },
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

  *checkFileInHistory(file, history) {
    const { base } = history;
    const others = ofVersion(history.names, file.version)
      .filter(({ path }) => path !== file.path)
      .flatMap(
        ({ path }) => history.files.find((other) => other.path === path && sameVersion(file, other)) ?? [],
      );
    const coming = base?.has(file.path) === false ? comingToMeet(file, history.names, base) : [];
    if (others.length + coming.length === 0) return;
    const names = [...others, ...coming].map(({ path }) => baseName(path));
    yield {
      span: { start: 0, end: file.text.search(/\r?\n|$/) },
      message:
        others.length > 0
          ? `Version ${file.version} is also claimed by ${listed(names)}.`
          : `Version ${file.version} is also claimed by ${listed(names)}, which is on the base branch already.`,
      why:
        file.tool === 'goose'
          ? `goose refuses to run any migration${others.length > 0 ? '' : ' once both are merged'}: “duplicate version ${file.version} detected”. Give the newer one a version after the last.`
          : 'Only one of them can be recorded as applied. Give the newer one a version after the last.',
      related: others.map(({ path, text }) => ({
        path,
        span: { start: 0, end: text.search(/\r?\n|$/) },
        message: `Version ${file.version} here too`,
      })),
      fixes: () => {
        const [title, changes] = ['Renumber it to come last', [{ kind: 'renumberFile' }]] as const;
        return others.length > 0
          ? givingWay(file, [file, ...others], history, title, changes)
          : renumbering(file, history, title, changes);
      },
    };
  },
};

const byVersion = new WeakMap<readonly FileName[], Map<string | undefined, FileName[]>>();

/** The files with a version, sought out once for a history. */
function ofVersion(names: readonly FileName[], version: string | undefined): readonly FileName[] {
  if (version === undefined) return [];
  let known = byVersion.get(names);
  if (known === undefined) {
    known = new Map();
    for (const name of names) known.set(name.version, [...(known.get(name.version) ?? []), name]);
    byVersion.set(names, known);
  }
  return known.get(version) ?? [];
}

/** Files of one version that came to the base branch meanwhile and are not here yet. */
function comingToMeet(
  file: MigrationFile,
  names: readonly FileName[],
  base: BaseBranch,
): readonly BaseFile[] {
  return base.files.filter(
    ({ path, version, incoming }) =>
      incoming &&
      version !== undefined &&
      version === file.version &&
      half(path) === half(file.path) &&
      !names.some((known) => known.path === path),
  );
}

function sameVersion(a: MigrationFile, b: MigrationFile): boolean {
  if (a.version === undefined || b.version === undefined || compareVersions(a.version, b.version) !== 0)
    return false;
  // The two halves of a pair share their version.
  return (a.down === undefined) === (b.down === undefined) || a.tool === 'goose';
}

function half(path: string): string | undefined {
  return /\.(up|down)\.sql$/.exec(path)?.[1];
}
