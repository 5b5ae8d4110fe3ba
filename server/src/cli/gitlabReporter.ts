import type { Severity } from '../config/severity.ts';
import { fingerprints } from './fingerprint.ts';
import type { Report } from './report.ts';

/** GitLab's levels are blocker, critical, major, minor and info. */
const severities: Readonly<Record<Exclude<Severity, 'hint'>, string>> = {
  error: 'critical',
  warning: 'major',
  information: 'minor',
};

/** A code quality report as GitLab reads it from the artifacts of a job. Without hints. */
export function gitlabReport({ findings }: Report): string {
  const names = fingerprints(findings);
  const issues = findings.flatMap(({ finding, history }, i) => {
    const { path, rule, severity, message, why, span } = finding;
    if (severity === 'hint') return [];
    const { start, end } = history.lines(path).range(span);
    return [
      {
        description: why === '' ? message : `${message} ${why}`,
        check_name: rule,
        fingerprint: names[i],
        severity: severities[severity],
        location: { path, lines: { begin: start.line + 1, end: end.line + 1 } },
      },
    ];
  });
  return `${JSON.stringify(issues)}\n`;
}
