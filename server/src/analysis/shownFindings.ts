import type { SkeinConfig } from '../config/skeinConfig.ts';
import type { Finding } from '../rules/finding.ts';

/** Whether a finding is shown to a person. */
export type Shows = (finding: Finding) => boolean;

export const showsAll: Shows = () => true;

/**
 * What is shown of a file that is history: it has been applied, so that nobody will change it any more. Errors only,
 * unless skein.json says otherwise.
 */
export function showsOfHistory(applied: NonNullable<SkeinConfig['applied']> = 'errors'): Shows {
  if (applied === 'full') return showsAll;
  return applied === 'off' ? () => false : ({ severity }) => severity === 'error';
}
