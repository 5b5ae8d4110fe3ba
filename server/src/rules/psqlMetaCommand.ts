import { problemsOf } from './fileProblems.ts';
import type { Rule } from './rule.ts';

export const psqlMetaCommand: Rule = {
  id: 'psql-meta-command',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'A psql command in a file that is not run by psql.',
  why: 'Lines that begin with a backslash (\\i, \\set, \\connect) and the data behind COPY … FROM STDIN are read by psql itself. Another tool sends them to the server as SQL, which rejects them as a syntax error.',
  bad: () => [
    { files: ['-- +goose Up\n\\i tables.sql\nSELECT 1;\n'] },
    { files: ['-- +goose Up\nSELECT 1;\n\\set ON_ERROR_STOP on\nSELECT 2;\n'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\n\\echo undone\nSELECT 2;\n'] },
    { files: ['-- +goose Up\nCOPY o (a) FROM STDIN;\n1\n2\n\\.\n'] },
  ],
  good: () => [
    { files: ['\\set ON_ERROR_STOP on\nSELECT 1;'] },
    { files: ["-- +goose Up\nINSERT INTO o VALUES (E'a\\nb', '\\d', $$ \\i $$);\n"] },
    { files: ['-- +goose Up\n-- \\i tables.sql\nSELECT 1;\n'] },
    { files: ["-- +goose Up\nCOPY o FROM '/tmp/o.csv';\n"] },
  ],
  checkFile: (file) => problemsOf(file, 'psql-meta-command'),
};
