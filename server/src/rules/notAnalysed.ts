import { allStatementsOf } from '../migrations/migration.ts';
import type { Statement } from '../sql/statement.ts';
import { problemsOf } from './fileProblems.ts';
import type { FileReport, Rule } from './rule.ts';

export const notAnalysed: Rule = {
  id: 'not-analysed',
  category: 'file',
  level: 'information',
  since: '0.1.0',
  peers: [],
  summary: 'Something was not looked at, so its silence means nothing.',
  why: 'A statement of more than a megabyte, SQL under a template’s conditions, a migration written in Go: these are not analysed. No finding there does not mean that it is safe.',
  bad: () => [
    { files: ['{{ if .Audit }}\nCREATE TABLE audit (id bigint);\n{{ end }}'] },
    {
      files: [
        { name: '0001_seed.go', text: 'package migrations\n' },
        { name: '0002_a.sql', text: '-- +goose Up\nSELECT 1;\n' },
      ].reverse(),
    },
  ],
  good: () => [
    { files: ['CREATE TABLE {{ .Schema }}.audit (id bigint);'] },
    { files: ['-- +goose Up\nSELECT 1;\n'] },
  ],

  *checkFile(file) {
    yield* problemsOf(file, 'not-analysed');
    for (const statement of allStatementsOf(file)) {
      if (statement.parsed.notAnalysed !== undefined) yield report(statement);
    }
  },
};

function report(statement: Statement): FileReport {
  const large = statement.parsed.notAnalysed === 'too-large';
  const firstLine = statement.parsed.text.search(/\r?\n|$/);
  return {
    span: { start: statement.span.start, end: statement.span.start + Math.min(firstLine, 200) },
    message: large
      ? 'This statement is longer than a megabyte and was not analysed.'
      : 'This statement is under a template’s control and was not analysed.',
    why: 'Nothing is known of what it does: that no other finding stands here does not mean that it is safe.',
  };
}
