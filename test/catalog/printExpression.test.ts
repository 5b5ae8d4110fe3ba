import { beforeAll, expect, test } from 'vitest';
import type { Expression } from '../../server/src/catalog/catalog.ts';
import { expressionOf } from '../../server/src/catalog/expression.ts';
import { printExpression } from '../../server/src/catalog/printExpression.ts';
import { loadParser, parseStatement } from '../../server/src/sql/parser.ts';

beforeAll(loadParser);

function parsed(text: string): Expression {
  const { node } = parseStatement(`SELECT ${text}`);
  const [target] = node !== undefined && 'SelectStmt' in node ? (node.SelectStmt.targetList ?? []) : [];
  if (target === undefined || !('ResTarget' in target) || target.ResTarget.val === undefined) {
    throw new Error(`no expression: ${text}`);
  }
  return expressionOf(target.ResTarget.val);
}

test.each([
  `a > 0 AND ("B" < -1.5 OR NOT c)`,
  `lower(t.name) || 'it''s \\' || E'\\n'`,
  `a IN (1, 2) OR a NOT IN (3)`,
  `a BETWEEN 1 AND 2 AND b NOT BETWEEN 3 AND 4`,
  `a IS NULL OR b IS NOT NULL OR a IS DISTINCT FROM b`,
  `name LIKE 'a%' AND name NOT ILIKE '%b'`,
  `a = ANY (ARRAY[1, 2]) AND b <> ALL ('{}'::int[])`,
  `(v::numeric(8, 2) + 1)::text COLLATE "C"`,
  `coalesce(a, nullif(b, 0), greatest(c, least(d, 1)))`,
  `CASE WHEN a > 0 THEN 'x' ELSE 'y' END`,
  `CASE a WHEN 1 THEN CURRENT_DATE END`,
  `shop."Größe"(a, true, NULL)`,
])('what is written reads back as the same: %s', (text) => {
  const expression = parsed(text);
  const written = printExpression(expression);
  expect(written).toBeDefined();
  expect(parsed(written ?? '').fingerprint).toBe(expression.fingerprint);
});

test.each([
  `(SELECT 1)`,
  `count(*)`,
  `sum(a) OVER ()`,
  `extract(year FROM at)`,
  `a OPERATOR(pg_catalog.+) b`,
])('what cannot be written exactly is not written: %s', (text) => {
  expect(printExpression(parsed(text))).toBeUndefined();
});
