import type { EffectContext } from '../effects/effect.ts';
import { settingOf } from '../replay/session.ts';
import type { Step } from '../replay/step.ts';
import type { RuleContext } from './rule.ts';

/** What effects/ wants to know of the moment of a step. */
export function effectContext(step: Step, { postgresVersion }: RuleContext): EffectContext {
  const timeZone = settingOf(step.session, 'timezone');
  return {
    catalog: step.before,
    scope: step.session,
    postgresVersion,
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}
