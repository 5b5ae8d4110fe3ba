import type { Plan, PlannedRun } from './plan.ts';

/** Everything that a plan would send, as a script that could be read to psql. */
export function planScript(plan: Plan): string {
  return new ScriptWriter(plan).write();
}

class ScriptWriter {
  private readonly plan: Plan;
  private readonly parts: string[][] = [];
  private open = false;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  write(): string {
    const { versionTable, transactions, runs, barrier } = this.plan;
    if (versionTable.length > 0) {
      this.parts.push(['-- the version table']);
      this.begin();
      this.lines(...versionTable.map(terminated));
      if (transactions === 'each' || runs.length === 0) this.commit();
    }
    for (const [i, run] of runs.entries()) {
      this.run(run);
      if (transactions === 'each' || i === runs.length - 1) this.commit();
    }
    if (barrier) this.parts.push([`-- stops here: ${oneLine(barrier.message)}`]);
    return this.parts.map((lines) => `${lines.join('\n')}\n`).join('\n');
  }

  private run({ path, direction, statements, transactional, recording }: PlannedRun): void {
    const what = this.plan.command.kind === 'stamp' ? 'stamp' : direction;
    this.parts.push([`-- ${what}: ${oneLine(path)}`]);
    for (const { text, autocommit, condition } of statements) {
      if (autocommit) this.commit();
      else this.begin();
      // A block of nothing that only commits.
      if (text === '') continue;
      if (condition === undefined) this.lines(terminated(text));
      else {
        const asked = `SELECT EXISTS (${condition}) AS skein_runs \\gset`;
        this.lines(asked, '\\if :skein_runs', terminated(text), '\\endif');
      }
    }
    if (transactional) this.begin();
    this.lines(...recording.sql.map(terminated));
  }

  private begin(): void {
    if (!this.open) this.lines('BEGIN;');
    this.open = true;
  }

  private commit(): void {
    if (this.open) this.lines('COMMIT;');
    this.open = false;
  }

  private lines(...lines: readonly string[]): void {
    this.parts.at(-1)?.push(...lines);
  }
}

/** A line break in a file's name would end the comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

/** A line comment at the end would hide the semicolon. */
function terminated(text: string): string {
  if (text === '') return '';
  if (/;\s*$/.test(text)) return text;
  return /--[^\n]*$/.test(text) ? `${text}\n;` : `${text};`;
}
