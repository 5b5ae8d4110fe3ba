import { type MigrationFile, type Script, statementsOf } from '../migrations/migration.ts';
import type { FileReport, Rule } from './rule.ts';

export const gooseEmptySection: Rule = {
  id: 'goose-empty-section',
  category: 'file',
  level: 'hint',
  since: '0.1.0',
  peers: [],
  summary: 'An Up or Down section holds no statement.',
  why: 'goose takes the section and records the migration, but nothing runs. Where a Down can bring nothing back, leave the section out, or say so with a statement that raises an error.',
  bad: () => [
    { files: ['-- +goose Up\nSELECT 1;\n\n-- +goose Down\n'] },
    { files: ['-- +goose Up\n\n-- +goose Down\nSELECT 1;\n'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\n-- nothing to undo\n'] },
    { files: ['-- +goose NO TRANSACTION\n-- +goose Up\n'] },
  ],
  good: () => [
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n'] },
    { files: ['-- +goose Up\nSELECT 1;\n'] },
    { files: ['-- +goose Up\nSELECT FROM WHERE;\n'] },
    { files: [''] },
    {
      files: [
        { name: '0002_a.sql', text: '-- +goose Up\nSELECT 1;\n' },
        { name: '0003_seed.go', text: 'package migrations\n' },
      ],
    },
  ],

  *checkFile(file) {
    // Where goose refuses the file there is more to say than that.
    if (file.tool !== 'goose' || file.opaque || file.problems.some(({ rule }) => rule === 'goose-annotation'))
      return;
    if (isEmpty(file.up)) yield report(file, file.up);
    if (file.down !== undefined && isEmpty(file.down)) yield report(file, file.down);
  },
};

function isEmpty(script: Script): boolean {
  return statementsOf(script).length === 0;
}

/** At the annotation that opens the section, which ends where the section begins. */
function report({ text }: MigrationFile, { span, direction }: Script): FileReport {
  const line = text.slice(0, span.start).trimEnd();
  const section = direction === 'up' ? 'Up' : 'Down';
  return {
    span: { start: line.lastIndexOf('\n') + 1, end: line.length },
    message: `The ${section} section holds no statement.`,
    why: 'goose records the migration as done, and nothing has run.',
  };
}
