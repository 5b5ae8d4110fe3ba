import { apply } from '../catalog/apply.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { existence, madeBy } from '../catalog/existence.ts';
import type { Step } from '../replay/step.ts';
import { EXISTS_CLAUSE, existsClause } from '../rewrites/existsClause.ts';
import { objectInWords } from './objectInWords.ts';
import { mentionSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { baseName } from './wording.ts';

export const objectExists: Rule = {
  id: 'object-exists',
  category: 'ordering',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'The statement makes an object that is there already.',
  why: 'Replaying the folder’s migrations in order, an earlier statement has made an object of this name and nothing has dropped it since: the statement fails. Often two branches have made the same thing.',
  bad: () => [
    {
      files: ['CREATE TABLE orders (id bigint);', 'CREATE TABLE orders (id bigint);'],
      fixed: 'CREATE TABLE IF NOT EXISTS orders (id bigint);',
    },
    { files: ['CREATE TABLE o (id bigint);\nCREATE INDEX o_i ON o (id);', 'CREATE INDEX o_i ON o (id);'] },
    { files: ['ALTER TABLE orders ADD COLUMN code text;', 'ALTER TABLE orders ADD COLUMN code text;'] },
    { files: ["CREATE TYPE mood AS ENUM ('ok');", "CREATE TYPE mood AS ENUM ('ok', 'meh');"] },
    {
      files: [
        'CREATE TABLE a (x int CONSTRAINT x_pos CHECK (x > 0));',
        'ALTER TABLE a ADD CONSTRAINT x_pos CHECK (x > 1);',
      ],
    },
  ],
  good: () => [
    { files: ['CREATE TABLE orders (id bigint);', 'CREATE TABLE IF NOT EXISTS orders (id bigint);'] },
    { files: ['CREATE TABLE orders (id bigint);', 'DROP TABLE orders;\nCREATE TABLE orders (id bigint);'] },
    { files: ['CREATE TABLE orders (id bigint);', 'CREATE TABLE archive.orders (id bigint);'] },
    {
      files: [
        'CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;',
        'CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id bigint);',
        "DO $$ BEGIN IF to_regclass('orders') IS NULL THEN CREATE TABLE orders (id bigint); END IF; END $$;",
      ],
    },
    { files: ['ALTER TABLE orders ADD COLUMN a text;', 'CREATE TABLE orders (id bigint);'] },
    {
      files: [
        'CREATE TABLE o (a int CONSTRAINT o_a CHECK (a > 0));',
        'ALTER TABLE o DROP CONSTRAINT o_a, ADD CONSTRAINT o_a CHECK (a > 1);\nALTER TABLE o ADD COLUMN a text, DROP COLUMN a;',
      ],
    },
    {
      files: [
        'CREATE TABLE o (a int, b int, CONSTRAINT one CHECK (num_nonnulls(a, b) = 1));',
        'ALTER TABLE o DROP COLUMN b, ADD CONSTRAINT one CHECK (a IS NOT NULL);',
      ],
    },
  ],

  *checkStep(step) {
    if (step.conditional || step.statement.templated) return;
    const before = afterItsDrops(step);
    for (const mention of step.mentions) {
      if (mention.role !== 'makes' || mention.tolerant) continue;
      if (mention.kind !== 'function' && existence(before, mention, step.session) !== 'there') continue;
      const path = madeBy(before, mention);
      if (path === undefined) continue;
      yield {
        span: mentionSpan(step.statement, mention),
        message: `The ${objectInWords(mention)} exists already: ${baseName(path)} makes it.`,
        why: 'The statement fails on a database that has run that migration. Remove it, or say IF NOT EXISTS where the two are meant to be the same.',
        fixes: (site) => {
          const clause = existsClause(step.statement).find((each) => each.text === EXISTS_CLAUSE.ifNotExists);
          if (clause === undefined || step.nested) return [];
          return [
            {
              title: 'Add IF NOT EXISTS',
              grade: 'review',
              changes: [{ kind: 'insertClause', statement: site.statement, ...clause }],
            },
          ];
        },
      };
    }
  },
};

const DROPS: ReadonlySet<string> = new Set(['AT_DropColumn', 'AT_DropConstraint']);

/** The schema that ADD finds: what the same ALTER TABLE drops goes first, with what hangs on it (AT_PASS_DROP). */
function afterItsDrops({ node, before, session }: Step): Catalog {
  if (!('AlterTableStmt' in node)) return before;
  const cmds = (node.AlterTableStmt.cmds ?? []).filter(
    (each) => 'AlterTableCmd' in each && DROPS.has(each.AlterTableCmd.subtype ?? ''),
  );
  if (cmds.length === 0) return before;
  const drops = { AlterTableStmt: { ...node.AlterTableStmt, cmds } };
  return apply(before, drops, { searchPath: session.searchPath, path: '' });
}
