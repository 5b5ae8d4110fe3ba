import type { FileProblem, MigrationFile } from '../migrations/migration.ts';
import type { FileReport } from './rule.ts';

/** What the tool's reader found wrong with a file, as reports of the rule of that name. */
export function* problemsOf(file: MigrationFile, rule: FileProblem['rule']): Generator<FileReport> {
  for (const problem of file.problems) {
    if (problem.rule !== rule) continue;
    yield {
      span: problem.span,
      message: problem.message,
      why: problem.why,
      ...(problem.severity === undefined ? {} : { severity: problem.severity }),
      fixes: () => (problem.repair === undefined ? [] : [problem.repair]),
    };
  }
}
