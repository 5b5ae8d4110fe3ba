import { problemsOf } from './fileProblems.ts';
import type { Rule } from './rule.ts';

const BODY =
  'CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  NEW.at := now();\n  RETURN NEW;\nEND $$;';

export const gooseStatementBlock: Rule = {
  id: 'goose-statement-block',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'goose cuts the statement at a semicolon inside it.',
  why: 'Outside of StatementBegin and StatementEnd goose ends a statement at every line that ends with a semicolon, whatever quotes it stands in. A function body or a literal of several lines reaches the server in pieces and fails. A block that holds several statements is sent as one string, which the server runs as one implicit transaction: that is information.',
  bad: () => [
    {
      files: [`-- +goose Up\n${BODY}\n`],
      fixed: `-- +goose Up\n-- +goose StatementBegin\n${BODY}\n-- +goose StatementEnd\n`,
    },
    { files: ["-- +goose Up\nINSERT INTO notes VALUES ('first;\nsecond');\n"] },
    { files: ['-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\nSELECT 2;\n-- +goose StatementEnd\n'] },
  ],
  good: () => [
    { files: [`-- +goose Up\n-- +goose StatementBegin\n${BODY}\n-- +goose StatementEnd\n`] },
    {
      files: [
        '-- +goose Up\nCREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql;\n',
      ],
    },
    { files: ["-- +goose Up\nINSERT INTO notes VALUES ('first\nsecond');\n"] },
  ],
  checkFile: (file) => problemsOf(file, 'goose-statement-block'),
};
