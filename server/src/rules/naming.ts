import type { Mention } from '../catalog/mentions.ts';
import type { Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import { tableElements } from '../sql/spans/createTable.ts';
import { mentionSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const naming: Rule = {
  id: 'naming',
  category: 'style',
  level: 'off',
  since: '0.1.0',
  peers: ['Bytebase naming.table', 'Bytebase naming.column'],
  summary: 'A new name that is not in snake_case.',
  why: 'A name with capitals, blanks or other signs has to be quoted wherever it is used, and is another name when it is not. Small letters, digits and underscores need no quotes.',
  bad: () => [
    { files: ['CREATE TABLE "Orders" (id bigint);'] },
    { files: ['CREATE TABLE orders (id bigint, "customerId" bigint);'] },
    { files: ['-- +goose Up\nALTER TABLE orders ADD COLUMN "order-state" text;\n'] },
    { files: ['ALTER TABLE orders RENAME COLUMN a TO "B";'] },
    { files: ['CREATE INDEX "Orders_idx" ON orders (id);'] },
  ],
  good: () => [
    { files: ['CREATE TABLE Orders (id bigint, CustomerId bigint, _x2 int);'] },
    { files: ['ALTER TABLE "Orders" DROP COLUMN "customerId";'] },
    { files: ['CREATE INDEX orders_idx ON "Orders" (id);'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nCREATE TABLE "Orders" (id bigint);\n'] },
  ],

  *checkStep(step) {
    if (step.placement.direction === 'down' || step.statement.templated) return;
    for (const { name, span } of newNames(step)) {
      if (/^[a-z_][a-z0-9_]*$/.test(name)) continue;
      yield {
        span,
        message: `"${name}" is not in snake_case: it has to be quoted wherever it is used.`,
        why: 'Small letters, digits and underscores need no quotes.',
      };
    }
  },
};

const NAMED: ReadonlySet<Mention['kind']> = new Set<Mention['kind']>([
  'table',
  'view',
  'materialized view',
  'index',
  'sequence',
  'type',
  'schema',
  'column',
  'constraint',
  'trigger',
  'policy',
]);

function* newNames(step: Step): Generator<{ readonly name: string; readonly span: Span }> {
  for (const mention of step.mentions) {
    if (mention.role !== 'makes' || !NAMED.has(mention.kind)) continue;
    yield { name: mention.name, span: mentionSpan(step.statement, mention) };
  }
  for (const { element, name, span } of tableElements(step.statement)) {
    const own =
      'ColumnDef' in element
        ? element.ColumnDef.colname
        : 'Constraint' in element
          ? element.Constraint.conname
          : undefined;
    if (own !== undefined) yield { name: own, span: name ?? span };
  }
}
