import { problemsOf } from './fileProblems.ts';
import type { Rule } from './rule.ts';

export const unreadableFile: Rule = {
  id: 'unreadable-file',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'The file is not text that PostgreSQL could run.',
  why: 'A migration must be UTF-8 text without NUL characters. A binary file, another encoding, a file that cannot be opened: the tool would fail on it or send something else than what you see.',
  bad: () => [
    { files: ['-- +goose Up\nSELECT 1;\u0000\n'] },
    { files: [{ name: '0001_a.sql', text: 'SELECT \u0000 1;' }] },
  ],
  good: () => [
    { files: ['-- +goose Up\nSELECT 1;\n'] },
    { files: ["-- +goose Up\nSELECT 'naïve 名 😀';\n"] },
  ],
  checkFile: (file) => problemsOf(file, 'unreadable-file'),
};
