import type { Node } from '@pgsql/types';
import { walk } from '../catalog/expression.ts';
import { stringsOf } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import type { Rule } from './rule.ts';
import { type NewSyntax, newerSyntaxIn } from './syntaxVersions.ts';

export const newerSyntax: Rule = {
  id: 'newer-syntax',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'The server’s version does not know this syntax yet.',
  why: 'Statements are read with the grammar of PostgreSQL 18. The server that the migration is for is older, as "postgresVersion" in skein.json says, and rejects the statement as a syntax error. Write it another way, or set the version that the server really has. Where nobody has said it, 14 is assumed, and this is information only.',
  bad: () => [
    { files: ['MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE;'], postgresVersion: 14 },
    { files: ['CREATE UNIQUE INDEX i ON o (a) NULLS NOT DISTINCT;'] },
    { files: ['-- +goose Up\nALTER TABLE o ADD UNIQUE NULLS NOT DISTINCT (a);\n'] },
    { files: ['ALTER TABLE o ADD CONSTRAINT n NOT NULL a NOT VALID;'], postgresVersion: 17 },
    { files: ['ALTER TABLE o ADD b int GENERATED ALWAYS AS (a * 2) VIRTUAL;'], postgresVersion: 17 },
    { files: ['ALTER TABLE o ADD b int GENERATED ALWAYS AS (a * 2);'], postgresVersion: 17 },
    { files: ['ALTER TABLE o ALTER b SET EXPRESSION AS (a * 3);'], postgresVersion: 16 },
    { files: ['SELECT * FROM (SELECT 1);'], postgresVersion: 15 },
    {
      files: ['CREATE OR REPLACE TRIGGER t BEFORE UPDATE ON o FOR EACH ROW EXECUTE FUNCTION f();'],
      postgresVersion: 13,
    },
    { files: ['ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY;'], postgresVersion: 13 },
    { files: ['ALTER TABLE o ALTER b DROP EXPRESSION;'], postgresVersion: 12 },
    { files: ['UPDATE o SET a = 1 RETURNING old.a, new.a;'], postgresVersion: 17 },
    { files: ['INSERT INTO o VALUES (1_000, 0xFF);'], postgresVersion: 15 },
    { files: ['DO $$ BEGIN ALTER TABLE o ADD CHECK (a > 0) NOT ENFORCED; END $$;'], postgresVersion: 17 },
    { files: ['CREATE TABLE o (a int, b int CHECK (b > 0) NOT ENFORCED);'], postgresVersion: 17 },
    { files: ['ALTER TABLE o ADD PRIMARY KEY (id, during WITHOUT OVERLAPS);'], postgresVersion: 17 },
  ],
  good: () => [
    { files: ['MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE;'], postgresVersion: 15 },
    { files: ['CREATE UNIQUE INDEX i ON o (a) NULLS NOT DISTINCT;'], postgresVersion: 15 },
    { files: ['ALTER TABLE o ADD CONSTRAINT n NOT NULL a NOT VALID;'], postgresVersion: 18 },
    { files: ['ALTER TABLE o ADD b int GENERATED ALWAYS AS (a * 2) VIRTUAL;'], postgresVersion: 18 },
    { files: ['ALTER TABLE o ADD b int GENERATED ALWAYS AS (a * 2) STORED;'], postgresVersion: 12 },
    { files: ['ALTER TABLE o ALTER b SET EXPRESSION AS (a * 3);'], postgresVersion: 17 },
    { files: ['SELECT * FROM (SELECT 1);'], postgresVersion: 16 },
    { files: ['SELECT * FROM (SELECT 1) AS one;'], postgresVersion: 12 },
    { files: ['CREATE OR REPLACE TRIGGER t BEFORE UPDATE ON o FOR EACH ROW EXECUTE FUNCTION f();'] },
    { files: ['ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY;'], postgresVersion: 14 },
    { files: ['ALTER TABLE o ALTER b DROP EXPRESSION;'], postgresVersion: 13 },
    { files: ['UPDATE o SET a = 1 RETURNING old.a, new.a;'], postgresVersion: 18 },
    { files: ['UPDATE o AS new SET a = 1 RETURNING new.a;'], postgresVersion: 12 },
    { files: ['INSERT INTO o VALUES (1_000, 0xFF);'], postgresVersion: 16 },
    {
      files: [
        "CREATE TABLE o (a int NOT NULL, b text DEFAULT '0x1' CHECK (b <> ''), UNIQUE (a));\nALTER TABLE o ALTER a SET NOT NULL;\nVACUUM o;\nSELECT json_object('{a,1}');",
      ],
      postgresVersion: 12,
    },
    {
      files: [
        'REINDEX TABLE CONCURRENTLY o;\nCREATE VIEW v AS SELECT now() AT TIME ZONE current_setting($$x$$);',
      ],
      postgresVersion: 12,
    },
  ],

  *checkStep(step, { postgresVersion, versionIsAssumed }) {
    const seen = new Set<string>();
    const found = [
      ...newerSyntaxIn(step.node, postgresVersion),
      ...notNullConstraints(step.node),
      ...(/\breturning\b/i.test(step.statement.text) ? returnedRows(step.node) : []),
      ...numbers(step),
    ];
    for (const syntax of found) {
      if (syntax.since <= postgresVersion || seen.has(syntax.what)) continue;
      seen.add(syntax.what);
      yield {
        span: placeOf(step, syntax),
        // Nobody said that the server is that old: an error would mostly be a false one.
        ...(versionIsAssumed ? { severity: 'information' as const } : {}),
        message: `PostgreSQL ${postgresVersion} does not know this yet: ${syntax.what} came with version ${syntax.since}.`,
        why: `A server of version ${postgresVersion} rejects the statement. Where the server is newer, say so: "postgresVersion" in skein.json.`,
      };
    }
  },
};

function placeOf({ statement }: Step, { words, near }: NewSyntax): Span {
  const { tokens } = statement;
  const matches = (from: number): boolean => words.every((word, i) => tokens[from + i]?.value === word);
  const found = tokens.findIndex((token, i) => token.start >= near && matches(i));
  const at = found >= 0 ? found : tokens.findIndex((_, i) => matches(i));
  const first = tokens[Math.max(0, at)];
  const last = at < 0 ? first : tokens[at + words.length - 1];
  return { start: first?.start ?? 0, end: last?.end ?? statement.text.length };
}

/** NOT NULL as a constraint of the table itself: in a column's definition it is as old as SQL. */
function notNullConstraints(node: Node): readonly NewSyntax[] {
  const lists: unknown[] = [];
  if ('CreateStmt' in node) lists.push(...(node.CreateStmt.tableElts ?? []));
  if ('AlterTableStmt' in node) {
    for (const each of node.AlterTableStmt.cmds ?? []) {
      if ('AlterTableCmd' in each && each.AlterTableCmd.subtype === 'AT_AddConstraint')
        lists.push(each.AlterTableCmd.def);
    }
  }
  const direct = lists as readonly ({ Constraint?: { contype?: string; location?: number } } | undefined)[];
  return direct.some((each) => each?.Constraint?.contype === 'CONSTR_NOTNULL')
    ? [{ since: 18, what: 'NOT NULL as a constraint of the table', words: ['not', 'null'], near: 0 }]
    : [];
}

/** `old.x` and `new.x` in RETURNING, where no table is called so; in a rule they mean something else. */
function returnedRows(node: Node): readonly NewSyntax[] {
  if ('RuleStmt' in node) return [];
  const named = new Set<string>();
  let used = false;
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { relname, alias, returningClause, ...rest } = value as Record<string, unknown>;
    if (typeof relname === 'string') named.add(relname);
    const aliasname = (alias as { aliasname?: string } | undefined)?.aliasname;
    if (aliasname !== undefined) named.add(aliasname);
    walk(returningClause, (kind, body) => {
      if (kind !== 'ColumnRef') return;
      const [row, column] = stringsOf(body.fields as Node[] | undefined);
      if (row !== undefined && column !== undefined && (row === 'old' || row === 'new')) used = true;
    });
    look(returningClause);
    for (const each of Object.values(rest)) look(each);
  };
  look(node);
  return used && !named.has('old') && !named.has('new')
    ? [{ since: 18, what: 'OLD and NEW in RETURNING', words: ['returning'], near: 0 }]
    : [];
}

/** 0xFF, 0o17, 0b1 and 1_000. */
function numbers({ statement }: Step): readonly NewSyntax[] {
  if (!/\b(0[xob][0-9a-f]|\d+_\d)/i.test(statement.sql)) return [];
  const token = statement.tokens.find(
    (each) =>
      each.kind === 'number' && /^(0[xob]|\d[\d.]*_\d)/i.test(statement.sql.slice(each.start, each.end)),
  );
  if (token === undefined) return [];
  return [{ since: 16, what: 'A number written this way', words: [token.value], near: token.start }];
}
