import { parseArgs } from 'node:util';
import type { Severity } from '../config/severity.ts';
import { installedGit } from '../workspace/git.ts';
import { nodeFileSystem } from '../workspace/nodeFileSystem.ts';
import { CannotRun } from './cannotRun.ts';
import { githubReport } from './githubReporter.ts';
import { gitlabReport } from './gitlabReporter.ts';
import { jsonReport } from './jsonReporter.ts';
import type { Report } from './report.ts';
import { sarifReport } from './sarifReporter.ts';
import { targets } from './targets.ts';
import type { Terminal } from './terminal.ts';
import { textReport } from './textReporter.ts';

const severities: readonly Severity[] = ['error', 'warning', 'information', 'hint'];

/** What `--fail-on` may say, and which severities it stands for. */
const failing: Readonly<Record<string, readonly Severity[]>> = {
  error: severities.slice(0, 1),
  warning: severities.slice(0, 2),
  information: severities.slice(0, 3),
  never: [],
};

const reporters: Readonly<Record<string, (report: Report, all: boolean, terminal: Terminal) => string>> = {
  text: textReport,
  json: jsonReport,
  sarif: sarifReport,
  github: githubReport,
  gitlab: gitlabReport,
};

/** `skein lint`: prints findings. Gives the exit code: 1 when one is at or above `--fail-on`. */
export async function lint(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'text' },
      'fail-on': { type: 'string', default: 'error' },
      since: { type: 'string' },
      config: { type: 'string' },
      all: { type: 'boolean', default: false },
    },
  });
  const reporter = choice(reporters, '--format', values.format);
  const fails = choice(failing, '--fail-on', values['fail-on']);
  const folders = await targets({
    files: nodeFileSystem,
    paths: positionals,
    config: values.config,
    since: values.since === undefined ? undefined : { ref: values.since, git: installedGit },
    warn: (line) => terminal.error(`skein: ${line}\n`),
  });
  const findings = folders.flatMap(({ history, paths }) =>
    paths.flatMap((path) => history.findings(path).map((finding) => ({ finding, history }))),
  );
  const migrations = folders.reduce((sum, { paths }) => sum + paths.length, 0);
  const report = { findings, migrations, since: values.since, allocate: { now: () => new Date() } };
  terminal.out(reporter(report, values.all, terminal));
  return findings.some(({ finding }) => fails.includes(finding.severity)) ? 1 : 0;
}

function choice<T>(choices: Readonly<Record<string, T>>, option: string, value: string): T {
  const chosen = Object.hasOwn(choices, value) ? choices[value] : undefined;
  if (chosen === undefined) {
    throw new CannotRun(`${option} must be one of ${Object.keys(choices).join(', ')}, not "${value}"`);
  }
  return chosen;
}
