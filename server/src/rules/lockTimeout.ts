import { settingOf } from '../replay/session.ts';
import type { Step } from '../replay/step.ts';

/** The lock_timeout that the script has set for the step, in milliseconds; undefined where none is set, or 0. */
export function lockTimeout(step: Step): number | undefined {
  const value = settingOf(step.session, 'lock_timeout');
  const parts = value === undefined ? null : /^\s*([0-9.]+)\s*([a-z]*)\s*$/i.exec(value);
  if (value === undefined) return undefined;
  // A variable, a template: some limit there will be.
  if (parts === null) return Number.POSITIVE_INFINITY;
  const milliseconds = Number(parts[1]) * (UNITS[parts[2]?.toLowerCase() ?? ''] ?? 1);
  return milliseconds > 0 ? milliseconds : undefined;
}

/** Documentation: Setting Parameters, numeric with unit; lock_timeout's own is the millisecond. */
const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
