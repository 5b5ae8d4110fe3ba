import { problemsOf } from './fileProblems.ts';
import type { Rule } from './rule.ts';

export const gooseUnterminated: Rule = {
  id: 'goose-unterminated',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: ['goose validate'],
  summary: 'The last statement of a section does not end for goose.',
  why: 'goose ends a statement only at a line whose last word before a -- comment ends with a semicolon. A last statement without one, or with a block comment behind it, makes it refuse the file: “unexpected unfinished SQL query … missing semicolon?”.',
  bad: () => [
    { files: ['-- +goose Up\nSELECT 1\n'], fixed: '-- +goose Up\nSELECT 1;\n' },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2 /* the end */\n'] },
    { files: ['-- +goose Up\nSELECT 1; /* the end */\n'] },
  ],
  good: () => [
    { files: ['-- +goose Up\nSELECT 1; -- the end\n'] },
    { files: ['-- +goose Up\n-- +goose StatementBegin\nSELECT 1\n-- +goose StatementEnd\n'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\n-- nothing to undo\n'] },
  ],
  checkFile: (file) => problemsOf(file, 'goose-unterminated'),
};
