import { compareVersions } from '../migrations/history.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import type { Rule } from './rule.ts';
import { syncedVersions } from './syncedVersions.ts';
import { baseName } from './wording.ts';

const TABLE = '-- +goose Up\nCREATE TABLE a (id int);\n';

export const syncMigrationTooLate: Rule = {
  id: 'sync-migration-too-late',
  category: 'tracking',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'The migration marks versions as applied that have their turn before it.',
  why: 'goose runs pending migrations in the order of their versions. Where one of the versions that this migration lists is still pending, goose has run it before this one comes to mark it: the mark comes too late, and what it should have kept from running has run or failed. A migration that back-fills version rows has to sort before the first version that it lists.',
  bad: () => [
    {
      files: [
        { name: '00005_a.sql', text: TABLE },
        {
          name: '00009_sync.sql',
          text: '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true);\n',
        },
      ],
    },
  ],
  good: () => [
    {
      files: [
        { name: '00005_a.sql', text: TABLE },
        {
          name: '00004_sync.sql',
          text: '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true);\n',
        },
      ],
    },
    {
      files: [
        { name: '00005_a.sql', text: TABLE },
        {
          name: '00009_sync.sql',
          text: '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (3, true);\n',
        },
      ],
    },
    {
      files: [
        { name: '00005_a.sql', text: TABLE },
        { name: '00009_b.sql', text: '-- +goose Up\nINSERT INTO versions VALUES (5);\n' },
      ],
    },
  ],

  scriptConcerns: (step) => syncedVersions(step).length > 0,
  *checkScript({ file, script }, { files, complete }, concerning) {
    if (script.direction === 'down' || file.version === undefined || !complete) return;
    const synced = concerning.flatMap((step) => syncedVersions(step).map((each) => ({ ...each, step })));
    const late = synced.flatMap((each) => {
      const listed = fileOf(files, each.version);
      return listed !== undefined && isBefore(listed, file) ? [{ ...each, listed }] : [];
    });
    const [first] = late.sort((a, b) => compareVersions(a.version, b.version));
    if (first === undefined) return;
    const { step, span, listed } = first;
    yield {
      step,
      span,
      message: `Where version ${first.version} is still pending, it has run before this migration marks it as applied.`,
      why: `${baseName(listed.path)} comes first in goose’s order. A migration that back-fills version rows has to sort before every version that it lists: rename it to just before ${first.version}.`,
      related: [{ path: listed.path, span: { start: 0, end: 0 }, message: `Version ${first.version}` }],
      fixes: () => {
        const version = freeVersionBefore(files, first.version);
        if (version === undefined) return [];
        const old = baseName(file.path);
        const digits = /^\d+/.exec(old)?.[0] ?? '';
        const to = `${version.padStart(digits.length, '0')}${old.slice(digits.length)}`;
        return [{ title: `Rename it to ${to}`, grade: 'review', changes: [{ kind: 'renameFile', to }] }];
      },
    };
  },
};

export function fileOf(files: readonly MigrationFile[], version: string): MigrationFile | undefined {
  return files.find((each) => each.version === version);
}

function isBefore(a: MigrationFile, b: MigrationFile): boolean {
  return a.version !== undefined && b.version !== undefined && compareVersions(a.version, b.version) < 0;
}

/** The number just before a version, where no file has it. */
function freeVersionBefore(files: readonly MigrationFile[], version: string): string | undefined {
  const before = (BigInt(version) - 1n).toString();
  return BigInt(version) <= 1n || fileOf(files, before) !== undefined ? undefined : before;
}
