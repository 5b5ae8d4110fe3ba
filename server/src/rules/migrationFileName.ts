import { problemsOf } from './fileProblems.ts';
import type { Rule } from './rule.ts';

const UP = '-- +goose Up\nSELECT 1;\n';

export const migrationFileName: Rule = {
  id: 'migration-file-name',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'The tool refuses the file by its name, or silently passes it over.',
  why: 'goose takes every .sql file of the folder for a migration and wants a number above zero before the first underscore: one file that has none stops every command. Other tools pass over files whose names they do not understand, and the migration never runs.',
  bad: () => [
    { files: [{ name: 'add_orders.sql', text: UP }] },
    { files: [{ name: '0000_first.sql', text: UP }] },
    { files: [{ name: '00001-orders.sql', text: UP }] },
  ],
  good: () => [
    { files: [{ name: '00001_orders.sql', text: UP }] },
    { files: [{ name: '20240131120000_orders.sql', text: UP }] },
    { files: [{ name: '1_.sql', text: UP }] },
    { files: [{ name: '0001-orders.sql', text: 'SELECT 1;' }] },
  ],
  checkFile: (file) => problemsOf(file, 'migration-file-name'),
};
