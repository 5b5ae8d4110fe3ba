import { problemsOf } from './fileProblems.ts';
import type { Rule } from './rule.ts';

export const gooseAnnotation: Rule = {
  id: 'goose-annotation',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: ['goose validate'],
  summary: 'goose refuses the file because of an annotation.',
  why: 'goose reads its annotations line by line and refuses the file at the first that it does not understand: none before the first statement, a misspelt or indented one, a block that is not closed. Every goose command that reaches the file stops there. The message is goose’s own.',
  bad: () => [
    { files: [' -- +goose Up\nSELECT 1;\n'], fixed: '-- +goose Up\nSELECT 1;\n' },
    { files: ['-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Up\nSELECT 2;\n'] },
    { files: ['-- +goose Up now\nSELECT 1;\n'] },
  ],
  good: () => [
    { files: ['-- +goose Up\nSELECT 1;\n\n-- +goose Down\nSELECT 2;\n'] },
    { files: ['--+goose up\nSELECT 1;\n---- +goose Down\n'] },
    { files: ['-- +goose Up\n-- a comment about geese\nSELECT 1;\n'] },
    {
      files: [
        '-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\n',
      ],
    },
  ],
  checkFile: (file) => problemsOf(file, 'goose-annotation'),
};
