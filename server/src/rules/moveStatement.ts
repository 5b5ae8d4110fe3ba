import type { Fix } from '../migrations/change.ts';
import { statementsOf } from '../migrations/migration.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import type { Statement } from '../sql/statement.ts';
import type { ReplayedScript } from './rule.ts';

/** The fix that puts the site's statement behind that of a later step. */
export function moveAfter(site: Site, script: ReplayedScript, to: Step): readonly Fix[] {
  const target = statementOf(script, to);
  if (target === undefined || site.step.nested || target.span.start <= site.statement.span.start) return [];
  return [
    {
      title: 'Move it behind the statement it has to wait for',
      grade: 'review',
      changes: [
        { kind: 'removeStatement', statement: site.statement },
        { kind: 'insertAfter', statement: target, text: site.statement.parsed.text },
      ],
    },
  ];
}

/** The fix that puts the site's statement before that of an earlier step. */
export function moveBefore(site: Site, script: ReplayedScript, to: Step): readonly Fix[] {
  const target = statementOf(script, to);
  if (target === undefined || site.step.nested || target.span.start >= site.statement.span.start) return [];
  return [
    {
      title: 'Move it before the statement that takes it away',
      grade: 'review',
      changes: [
        { kind: 'removeStatement', statement: site.statement },
        { kind: 'insertBefore', statement: target, text: site.statement.parsed.text },
      ],
    },
  ];
}

/** The statement of a step at its place in the document; undefined of one inside a DO block. */
function statementOf({ script, steps }: ReplayedScript, step: Step): Statement | undefined {
  const top = steps.filter((each) => !each.nested);
  const readable = statementsOf(script).filter(({ parsed }) => parsed.node !== undefined);
  return readable[top.indexOf(step)];
}
