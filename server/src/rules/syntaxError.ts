import { allStatementsOf } from '../migrations/migration.ts';
import type { Statement } from '../sql/statement.ts';
import type { FileReport, Rule } from './rule.ts';

export const syntaxError: Rule = {
  id: 'syntax-error',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'PostgreSQL’s own parser rejects the statement.',
  why: 'The statement is read with the grammar of PostgreSQL 18, the server’s own. What it rejects, every server rejects. Bodies of functions and DO blocks are read too; templated text never raises this error.',
  bad: () => [
    { files: ['CREATE TABEL orders (id bigint);'] },
    { files: ['-- +goose Up\nALTER TABLE orders ADD COLUMN total numeric(10,2;\n'] },
    { files: ['CREATE TABLE a (id int)\nCREATE TABLE b (id int);'] },
    { files: ['CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETRUN 1; END $$;'] },
  ],
  good: () => [
    { files: ['CREATE TABLE "täble" (id bigint);'] },
    { files: ['CREATE TABLE {{ .Schema }}.orders (id bigint);'] },
    { files: ['\\set owner shop\nALTER TABLE orders OWNER TO :owner;'] },
    { files: ['CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$ return 1 $$;'] },
    { files: ['-- +goose Up\nSELECT 1;\n'] },
  ],

  *checkFile(file) {
    for (const statement of allStatementsOf(file)) {
      const error = statement.error;
      if (error !== undefined) yield report(statement, error.message, error.offset);
      for (const { message, span } of statement.parsed.bodyErrors) {
        yield {
          span: statement.spanInDocument(span),
          message: sentence(message),
          why: 'It stands in a body that PostgreSQL reads when the function is made or the block is run.',
        };
      }
    }
  },
};

/** At the token that the parser stumbled over; at the last one when the statement ended too early. */
function report(statement: Statement, message: string, offset: number): FileReport {
  const tokens = statement.parsed.tokens;
  const token = tokens.find((each) => each.end > offset) ?? tokens.at(-1);
  const span = token ?? { start: 0, end: statement.parsed.text.length };
  return {
    span: statement.spanInDocument(span),
    message: sentence(message),
    why: 'PostgreSQL’s own parser rejects the statement, so the migration can only fail here.',
  };
}

/** Postgres's message as a sentence. */
function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
