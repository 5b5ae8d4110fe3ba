import type { Fix } from '../migrations/change.ts';
import { compareVersions } from '../migrations/history.ts';
import type { Site } from '../replay/site.ts';
import type { Rule } from './rule.ts';
import { syncedVersions } from './syncedVersions.ts';
import { baseName, listed } from './wording.ts';

const UP = '-- +goose Up\nSELECT 1;\n';

export const syncMigrationIncomplete: Rule = {
  id: 'sync-migration-incomplete',
  category: 'tracking',
  level: 'warning',
  since: '0.1.0',
  peers: [],
  summary: 'The list of versions to mark as applied leaves some out between its first and its last.',
  why: 'goose runs what is not marked. A version that stands between others that are marked is then “missing”: goose stops before it runs anything, or, with --allow-missing, runs it on a schema that has it already.',
  bad: () => [
    {
      files: [
        { name: '00005_a.sql', text: UP },
        { name: '00006_b.sql', text: UP },
        { name: '00007_c.sql', text: UP },
        {
          name: '00004_sync.sql',
          text: '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true), (7, true);\n',
        },
      ],
      fixed:
        '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true), (6, true), (7, true);\n',
    },
    {
      files: [
        { name: '00005_a.sql', text: UP },
        { name: '00006_b.sql', text: UP },
        { name: '00007_c.sql', text: UP },
        {
          name: '00004_sync.sql',
          text: '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) SELECT v, true FROM (VALUES (5), (7)) AS l (v);\n',
        },
      ],
    },
  ],
  good: () => [
    {
      files: [
        { name: '00005_a.sql', text: UP },
        { name: '00007_c.sql', text: UP },
        {
          name: '00004_sync.sql',
          text: '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true), (7, true);\n',
        },
      ],
    },
    {
      files: [
        { name: '00005_a.sql', text: UP },
        { name: '00006_b.sql', text: UP },
        {
          name: '00004_sync.sql',
          text: '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true);\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (6, true);\n',
        },
      ],
    },
  ],

  scriptConcerns: (step) => syncedVersions(step).length > 0,
  *checkScript({ file, script }, { files, complete }, concerning) {
    if (script.direction === 'down' || !complete) return;
    const synced = concerning
      .flatMap((step) => syncedVersions(step).map((each) => ({ ...each, step })))
      .sort((a, b) => compareVersions(a.version, b.version));
    const [first] = synced;
    const last = synced.at(-1);
    if (first === undefined || last === undefined) return;
    const known = new Set(synced.map(({ version }) => version));
    const left = files.filter(
      ({ version, path }) =>
        version !== undefined &&
        path !== file.path &&
        !known.has(version) &&
        compareVersions(version, first.version) > 0 &&
        compareVersions(version, last.version) < 0,
    );
    if (left.length === 0) return;
    const versions = [...new Set(left.flatMap(({ version }) => version ?? []))];
    yield {
      step: first.step,
      span: first.span,
      message: `The list goes from ${first.version} to ${last.version} but leaves out ${named(versions)}.`,
      why: `${named(left.map(({ path }) => baseName(path)))} would not be marked: goose finds a missing migration and stops, or runs it on a schema that has it already.`,
      fixes: (site) => added(site, versions),
    };
  },
};

function named(all: readonly string[]): string {
  return all.length > 5 ? `${all.slice(0, 5).join(', ')} and ${all.length - 5} more` : listed(all);
}

/** Rows like the others, each after the row of the version before it. Only in a plain VALUES list of (version, true). */
function added({ step, statement }: Site, versions: readonly string[]): readonly Fix[] {
  if (step.nested) return [];
  const { text } = step.statement;
  const rows = [...text.matchAll(/\(\s*(\d+)\s*,\s*(true)\s*\)/gi)];
  const changes = rows.flatMap((row, i) => {
    const next = rows[i + 1]?.[1];
    const between = versions.filter(
      (version) =>
        compareVersions(version, row[1] ?? '') > 0 &&
        (next === undefined || compareVersions(version, next) < 0),
    );
    if (between.length === 0) return [];
    const end = row.index + row[0].length;
    const more = between.map((version) => `, (${version}, ${row[2]})`).join('');
    return [{ kind: 'replaceStatement', statement, span: { start: end, end }, text: more } as const];
  });
  return changes.length === 0 ? [] : [{ title: `Add ${named(versions)}`, grade: 'review', changes }];
}
