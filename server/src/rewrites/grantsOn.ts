import { writtenName } from '../catalog/catalog.ts';
import { keyOfRangeVar, objectKeyParts, stringsOf } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import { moveOf } from './movedRelation.ts';

/**
 * The GRANTs and REVOKEs that the steps hold on a relation, said of `name` instead (a key of the catalog, as `relation`
 * is after the steps); undefined where a condition or a template decides about one.
 */
export function grantsOn(
  steps: readonly Step[],
  relation: string,
  name: string,
): readonly string[] | undefined {
  const grants: string[] = [];
  let key = relation;
  for (const step of [...steps].reverse()) {
    const move = moveOf(step);
    if (move?.to === key) key = move.from;
    if (!('GrantStmt' in step.node) || !isOn(step, key)) continue;
    const { text, templated } = step.statement;
    const on = findKeywords(step.statement, ['on']);
    const role = on && findKeywords(step.statement, [step.node.GrantStmt.is_grant ? 'to' : 'from'], on.end);
    if (step.conditional || templated || role === undefined) return undefined;
    grants.push(`${text.slice(0, on?.end)} ${writtenName(name)} ${text.slice(role.start)}`);
  }
  return grants.reverse();
}

function isOn({ node, before, session }: Step, key: string): boolean {
  if (!('GrantStmt' in node) || node.GrantStmt.objtype !== 'OBJECT_TABLE') return false;
  const { targtype, objects = [] } = node.GrantStmt;
  if (targtype === 'ACL_TARGET_ALL_IN_SCHEMA') {
    return before.relations.has(key) && stringsOf(objects).includes(objectKeyParts(key).schema);
  }
  return objects.some((each) => 'RangeVar' in each && keyOfRangeVar(before, session, each.RangeVar) === key);
}
