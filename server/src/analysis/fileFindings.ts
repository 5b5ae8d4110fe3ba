import type { Catalog } from '../catalog/catalog.ts';
import type { Fix } from '../migrations/change.ts';
import { type Direction, type MigrationFile, type Script, statementsOf } from '../migrations/migration.ts';
import type { ScriptReplay } from '../replay/replay.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import type { Offer, Question } from '../rewrites/offer.ts';
import type { Finding } from '../rules/finding.ts';
import type {
  FileReport,
  HistoryView,
  ReplayedScript,
  Rule,
  RuleContext,
  StepReport,
} from '../rules/rule.ts';
import { unknownRule } from '../rules/unknownRule.ts';
import { unusedIgnore } from '../rules/unusedIgnore.ts';
import type { Statement } from '../sql/statement.ts';
import type { ActiveRules } from './activeRules.ts';
import { AskedRules, QUIET_IN_DOWN, type Said } from './askedRules.ts';
import { hidesNothing, unknownName } from './ignoreReports.ts';
import { suppress } from './suppression.ts';

/** What the sites of a script have in common. */
type ScriptSite = Omit<Site, 'statement' | 'step'>;

/** Why a fix of a file is not to be had; undefined where it is. */
export type Obstacle = (fix: Fix, file: MigrationFile) => string | undefined;

/** Runs the rules over replayed files. */
export class FileFindings {
  private readonly active: ActiveRules;
  private readonly obstacle: Obstacle;
  private readonly asked: AskedRules;
  private readonly scriptRules: readonly Rule[];
  private readonly fileRules: readonly Rule[];

  constructor(active: ActiveRules, context: RuleContext, obstacle: Obstacle) {
    this.active = active;
    this.obstacle = obstacle;
    this.scriptRules = active.rules.filter((rule) => rule.checkScript !== undefined);
    this.fileRules = active.rules.filter((rule) => rule.checkFile ?? rule.checkFileInHistory);
    this.asked = new AskedRules(active, this.scriptRules, context);
  }

  /** Forgets what was said of a file. */
  forget(path: string): void {
    for (const direction of ['up', 'down'] as const) this.asked.forget(nameOf(path, direction));
  }

  /** All findings in a file, in order of their place. `before` is the schema that its up script meets. */
  of(
    file: MigrationFile,
    before: Catalog,
    up: ScriptReplay,
    down: ScriptReplay | undefined,
    history: HistoryView,
  ): readonly Finding[] {
    const findings: Finding[] = [];
    for (const rule of this.fileRules) {
      for (const report of rule.checkFile?.(file, history) ?? [])
        findings.push(this.onFile(rule, file, report));
      for (const report of rule.checkFileInHistory?.(file, history) ?? []) {
        findings.push(this.onFile(rule, file, report));
      }
    }
    const upwards = replayedScript(file, file.up, before, up);
    this.script(upwards, up, history, findings);
    if (file.down !== undefined && down !== undefined) {
      this.script({ ...replayedScript(file, file.down, up.end, down), up: upwards }, down, history, findings);
    }
    return this.withoutIgnored(file, findings.sort(byPlace), history);
  }

  /** Without what the file's comments ignore, and with what is wrong with these comments. */
  private withoutIgnored(
    file: MigrationFile,
    findings: readonly Finding[],
    { complete }: HistoryView,
  ): readonly Finding[] {
    const { findings: left, unused, unknown } = suppress(file, findings, this.active.known);
    const about = (rule: Rule, reports: readonly FileReport[]): readonly Finding[] =>
      this.active.rules.includes(rule) ? reports.map((report) => this.onFile(rule, file, report)) : [];
    const reports = [
      ...about(unknownRule, unknown.map(unknownName)),
      // What a rule has to say may depend on files that are not there yet.
      ...about(unusedIgnore, complete ? unused.map((each) => hidesNothing(file, each)) : []),
    ];
    return reports.length === 0 ? left : [...left, ...reports].sort(byPlace);
  }

  private script(
    script: ReplayedScript,
    replay: ScriptReplay,
    history: HistoryView,
    findings: Finding[],
  ): void {
    const { file } = script;
    const statements = statementsOf(script.script);
    const steps = () => history.files.flatMap((each) => history.up(each)?.steps ?? []);
    const site: ScriptSite = { file, script: script.script, end: history.end, steps };
    const { direction } = script.script;
    const { said, concerning } = this.asked.about(nameOf(file.path, direction), replay.groups);
    for (const [i, each] of said.values.entries()) {
      const statement = statements[said.statements[i] ?? -1];
      if (statement !== undefined) findings.push(this.onStep(each, site, statement));
    }
    for (const [i, rule] of this.scriptRules.entries()) {
      if (direction === 'down' && QUIET_IN_DOWN.has(rule.category)) continue;
      const own = rule.scriptConcerns === undefined ? undefined : concerning[i];
      if (own?.values.length === 0) continue;
      // Most reports are of the steps that the rule was given, in their order.
      let next = 0;
      for (const report of rule.checkScript?.(script, history, own?.values ?? script.steps) ?? []) {
        const { step } = report;
        if (step === undefined) {
          findings.push(this.onFile(rule, file, report));
          continue;
        }
        const at = own?.values.indexOf(step, next) ?? -1;
        if (at >= 0) next = at;
        const statement =
          at >= 0 ? own?.statements[at] : replay.groups.findIndex(({ steps }) => steps.includes(step));
        const stands = statements[statement ?? -1];
        if (stands !== undefined)
          findings.push(this.onStep(this.asked.reported(rule, step, report), site, stands));
      }
    }
  }

  private onFile(rule: Rule, file: MigrationFile, report: FileReport): Finding {
    const severity = this.active.severity(rule, report.severity);
    return new FileFinding(rule.id, severity, file, report.span, report, this.obstacle);
  }

  private onStep(said: Said, site: ScriptSite, statement: Statement): Finding {
    return new StepFinding(said, site, statement, this.obstacle);
  }
}

/** The name of a script among those of all files. */
function nameOf(path: string, direction: Direction): string {
  return `${direction} ${path}`;
}

function byPlace(a: Finding, b: Finding): number {
  return a.span.start - b.span.start || a.span.end - b.span.end;
}

/** One direction of a file with what its replay found. */
export function replayedScript(
  file: MigrationFile,
  script: Script,
  before: Catalog,
  replay: ScriptReplay,
): ReplayedScript {
  const steps: Step[] = [];
  for (const group of replay.groups) for (const step of group.steps) steps.push(step);
  return { file, script, steps, before, after: replay.end };
}

/** There are hundreds of findings after each key that is pressed: what few ask for is not worked out before. */
abstract class LazyFinding<Report extends StepReport | FileReport> implements Finding {
  readonly rule: string;
  readonly severity: Finding['severity'];
  readonly path: string;
  readonly span: Finding['span'];
  abstract readonly said: Finding['said'];
  protected readonly report: Report;
  private readonly file: MigrationFile;
  private readonly obstacle: Obstacle;
  private made: readonly Offer[] | undefined;

  constructor(
    rule: string,
    severity: Finding['severity'],
    file: MigrationFile,
    span: Finding['span'],
    report: Report,
    obstacle: Obstacle,
  ) {
    this.rule = rule;
    this.severity = severity;
    this.path = file.path;
    this.span = span;
    this.report = report;
    this.file = file;
    this.obstacle = obstacle;
  }

  get message(): string {
    return this.report.message;
  }

  get why(): string {
    return this.report.why;
  }

  get related(): Finding['related'] {
    return this.report.related ?? [];
  }

  get fixes(): readonly Fix[] {
    return this.offers.filter((offer) => 'changes' in offer);
  }

  get questions(): readonly Question[] {
    return this.offers.filter((offer) => 'asks' in offer);
  }

  get refusals(): readonly string[] {
    return this.offers.flatMap((offer) => ('refused' in offer ? offer.refused : []));
  }

  protected abstract makeOffers(): readonly Offer[];

  private get offers(): readonly Offer[] {
    this.made ??= this.available();
    return this.made;
  }

  /** Without the fixes that cannot be had; where none is left, why the first cannot. */
  private available(): readonly Offer[] {
    const offers = this.makeOffers();
    const obstacles = offers.map((offer) => {
      const fix = 'asks' in offer ? offer.answered('NULL')[0] : 'changes' in offer ? offer : undefined;
      return fix && this.obstacle(fix, this.file);
    });
    const left = offers.filter((_, i) => obstacles[i] === undefined);
    const [refused] = obstacles;
    return left.length > 0 || refused === undefined ? left : [{ refused }];
  }
}

class FileFinding extends LazyFinding<FileReport> {
  readonly said: Finding['said'] = {};

  protected makeOffers(): readonly Offer[] {
    return this.report.fixes?.() ?? [];
  }
}

class StepFinding extends LazyFinding<StepReport> {
  readonly said: Said;
  private readonly site: ScriptSite;
  private readonly statement: Statement;

  constructor(said: Said, site: ScriptSite, statement: Statement, obstacle: Obstacle) {
    const { rule, severity, report } = said;
    super(rule, severity, site.file, statement.spanInDocument(said), report, obstacle);
    this.said = said;
    this.site = site;
    this.statement = statement;
  }

  protected makeOffers(): readonly Offer[] {
    const { site, statement, said } = this;
    return this.report.fixes?.({ ...site, statement, step: said.step }) ?? [];
  }
}
