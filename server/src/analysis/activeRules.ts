import type { Severity } from '../config/severity.ts';
import type { SkeinConfig } from '../config/skeinConfig.ts';
import type { Rule } from '../rules/rule.ts';

/** The rules that are not off, and how much each finding of theirs weighs. */
export interface ActiveRules {
  readonly rules: readonly Rule[];
  /** All rules there are, those that are off too: what a comment may name. */
  readonly known: readonly Rule[];
  /** The level of a rule's report, which may weigh less or more than the rule. */
  severity(rule: Rule, reported: Severity | undefined): Severity;
}

/** A level set in skein.json is the rule's for all its reports. */
export function activeRules(rules: readonly Rule[], config: SkeinConfig): ActiveRules {
  const levels = config.rules ?? {};
  return {
    known: rules,
    rules: rules.filter((rule) => (levels[rule.id] ?? rule.level) !== 'off'),
    severity: (rule, reported) => {
      const set = levels[rule.id];
      if (set !== undefined && set !== 'off') return set;
      return reported ?? (rule.level === 'off' ? 'information' : rule.level);
    },
  };
}
