import type { Step } from '../replay/step.ts';

/** The keys of the tables that a statement leaves without rows: TRUNCATE, DELETE without WHERE. */
export function emptiedBy({ node, mentions }: Step): readonly string[] {
  const whole = 'TruncateStmt' in node || ('DeleteStmt' in node && node.DeleteStmt.whereClause === undefined);
  return whole ? mentions.map((each) => each.key) : [];
}
