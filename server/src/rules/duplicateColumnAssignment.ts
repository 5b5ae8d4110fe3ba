import type { Node } from '@pgsql/types';
import { walk } from '../catalog/expression.ts';
import { tokenSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const duplicateColumnAssignment: Rule = {
  id: 'duplicate-column-assignment',
  category: 'style',
  level: 'error',
  since: '0.1.0',
  peers: ['squawk duplicate-column-assignment'],
  summary: 'A column is given a value twice: the statement fails.',
  why: 'PostgreSQL refuses UPDATE … SET with one column twice (42601), and INSERT with one column twice in its list (42701).',
  bad: () => [
    { files: ["UPDATE orders SET state = 'a', note = 'b', state = 'c' WHERE id = 1;"] },
    { files: ['-- +goose Up\nINSERT INTO orders (id, note, id) VALUES (1, 2, 3);\n'] },
    { files: ['INSERT INTO o (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1, (b, a) = (2, 3);'] },
    { files: ['WITH x AS (UPDATE o SET a = 1, a = 2 WHERE id = 1 RETURNING id) SELECT * FROM x;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nUPDATE o SET a = 1, a = 2 WHERE id = 1;\n'] },
  ],
  good: () => [
    { files: ["UPDATE orders SET state = 'a', note = state WHERE id = 1;"] },
    { files: ['UPDATE o SET list[1] = 1, list[2] = 2, pair.a = 1, pair.b = 2 WHERE id = 1;'] },
    { files: ['INSERT INTO o (a, b) VALUES (1, 1);'] },
    { files: ['INSERT INTO o (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2;'] },
  ],

  statements: ['InsertStmt', 'UpdateStmt', 'SelectStmt', 'DeleteStmt', 'MergeStmt'],
  *checkStep(step) {
    if (step.statement.templated) return;
    const lists: (readonly Node[])[] = [];
    walk(step.node, (kind, body) => {
      if (kind === 'InsertStmt' && Array.isArray(body.cols)) lists.push(body.cols as Node[]);
      if (kind === 'UpdateStmt' || kind === 'MergeWhenClause') lists.push((body.targetList ?? []) as Node[]);
      const conflict = body.onConflictClause as { targetList?: Node[] } | undefined;
      if (kind === 'InsertStmt' && conflict?.targetList !== undefined) lists.push(conflict.targetList);
    });
    for (const list of lists) {
      for (const { name, location } of repeated(list)) {
        yield {
          span: tokenSpan(step.statement, name, location),
          message: `${name} is given a value twice here: the statement fails.`,
          why: 'PostgreSQL refuses it (42601 in SET, 42701 in a list of columns). Leave one of them out.',
        };
      }
    }
  },
};

/** Whole columns that were named before; parts of one (a field, an element) may each have their own. */
function* repeated(list: readonly Node[]): Generator<{ readonly name: string; readonly location: number }> {
  const seen = new Set<string>();
  for (const node of list) {
    if (!('ResTarget' in node)) continue;
    const { name, location = 0, indirection } = node.ResTarget;
    if (name === undefined || (indirection ?? []).length > 0) continue;
    if (seen.has(name)) yield { name, location };
    seen.add(name);
  }
}
