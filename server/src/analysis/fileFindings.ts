import type { Catalog } from '../catalog/catalog.ts';
import type { Fix } from '../migrations/change.ts';
import type { MigrationFormat } from '../migrations/format.ts';
import { type MigrationFile, type Script, statementsOf } from '../migrations/migration.ts';
import type { ScriptReplay } from '../replay/replay.ts';
import type { StepGroup } from '../replay/runs.ts';
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
import type { ActiveRules } from './activeRules.ts';
import { hidesNothing, unknownName } from './ignoreReports.ts';
import { suppress } from './suppression.ts';

/** The place of a statement, for each of its steps. */
type PlacedSite = Omit<Site, 'step'>;

/** What the rules said of the steps of a statement. */
interface Remembered {
  readonly reports: readonly { readonly rule: Rule; readonly step: Step; readonly report: StepReport }[];
  /** The steps for which a rule has to look at the script: the number of the rule among those of scripts. */
  readonly inScript: readonly { readonly rule: number; readonly step: Step }[];
}

/** Runs the rules over replayed files. What a rule said of a step is remembered with the step, without its place. */
export class FileFindings {
  private readonly active: ActiveRules;
  private readonly context: RuleContext;
  private readonly writes: MigrationFormat['writes'];
  private readonly stepRules: readonly Rule[];
  /** Those that may speak of a kind of statement. */
  private readonly rulesOf = new Map<string, readonly Rule[]>();
  private readonly scriptRules: readonly Rule[];
  private readonly fileRules: readonly Rule[];

  /** `writes` says which changes the folder's format can write: a fix with others is not offered. */
  constructor(active: ActiveRules, context: RuleContext, writes: MigrationFormat['writes']) {
    this.active = active;
    this.context = context;
    this.writes = writes;
    this.stepRules = active.rules.filter((rule) => rule.checkStep !== undefined);
    this.scriptRules = active.rules.filter((rule) => rule.checkScript !== undefined);
    this.fileRules = active.rules.filter((rule) => rule.checkFile ?? rule.checkFileInHistory);
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
    const sites: PlacedSite[] = [];
    const steps = () => history.files.flatMap((each) => history.up(each)?.steps ?? []);
    const concerned = this.scriptRules.map(() => ({ steps: [] as Step[], sites: [] as PlacedSite[] }));
    for (const statement of statementsOf(script.script)) {
      const group = replay.groups[sites.length];
      if (group === undefined) break;
      const site = { file, script: script.script, statement, end: history.end, steps };
      sites.push(site);
      const { reports, inScript } = this.remember(group);
      for (const { rule, step } of inScript) {
        concerned[rule]?.steps.push(step);
        concerned[rule]?.sites.push(site);
      }
      for (const { rule, step, report } of reports) findings.push(this.onStep(rule, step, report, site));
    }
    for (const [i, rule] of this.scriptRules.entries()) {
      if (script.script.direction === 'down' && QUIET_IN_DOWN.has(rule.category)) continue;
      const own = rule.scriptConcerns === undefined ? undefined : concerned[i];
      if (own?.steps.length === 0) continue;
      // Most reports are of the steps that the rule was given, in their order.
      let next = 0;
      for (const report of rule.checkScript?.(script, history, own?.steps ?? script.steps) ?? []) {
        const { step } = report;
        if (step === undefined) {
          findings.push(this.onFile(rule, file, report));
          continue;
        }
        const at = own?.steps.indexOf(step, next) ?? -1;
        if (at >= 0) next = at;
        const site =
          at >= 0 ? own?.sites[at] : sites[replay.groups.findIndex(({ steps }) => steps.includes(step))];
        if (site !== undefined) findings.push(this.onStep(rule, step, report, site));
      }
    }
  }

  private remember(group: StepGroup): Remembered {
    // Only this puts the like there.
    if (group.memo?.owner === this) return group.memo.value as Remembered;
    const reports: Remembered['reports'][number][] = [];
    const inScript: Remembered['inScript'][number][] = [];
    for (const step of group.steps) {
      for (const rule of this.rulesFor(step)) {
        if (step.placement.direction === 'down' && QUIET_IN_DOWN.has(rule.category)) continue;
        for (const report of rule.checkStep?.(step, this.context) ?? []) {
          reports.push({ rule, step, report });
        }
      }
      for (const [i, rule] of this.scriptRules.entries()) {
        if (rule.scriptConcerns?.(step)) inScript.push({ rule: i, step });
      }
    }
    const value: Remembered = { reports, inScript };
    group.memo = { owner: this, value };
    return value;
  }

  /** The rules that look at a statement of this kind. */
  private rulesFor({ node }: Step): readonly Rule[] {
    const [kind = ''] = Object.keys(node);
    let rules = this.rulesOf.get(kind);
    if (rules === undefined) {
      rules = this.stepRules.filter(
        ({ statements }) => statements === undefined || statements.some((each) => each === kind),
      );
      this.rulesOf.set(kind, rules);
    }
    return rules;
  }

  /** Without the fixes that the format cannot write. */
  private writable(file: MigrationFile, offers: readonly Offer[] = []): readonly Offer[] {
    return offers.filter((offer) => !('changes' in offer) || this.writes(offer.changes, file));
  }

  private onFile(rule: Rule, file: MigrationFile, report: FileReport): Finding {
    return new LazyFinding(
      rule.id,
      this.active.severity(rule, report.severity),
      file.path,
      report.span,
      report,
      () => this.writable(file, report.fixes?.()),
    );
  }

  private onStep(rule: Rule, step: Step, report: StepReport, site: PlacedSite): Finding {
    const { start, end } = report.span;
    const span = site.statement.spanInDocument({ start: step.toTop(start), end: step.toTop(end) });
    return new LazyFinding(
      rule.id,
      this.active.severity(rule, report.severity),
      site.file.path,
      span,
      report,
      () => this.writable(site.file, report.fixes?.({ ...site, step })),
    );
  }
}

function byPlace(a: Finding, b: Finding): number {
  return a.span.start - b.span.start || a.span.end - b.span.end;
}

/** A down undoes what the up did: what it locks or destroys was said of the up. */
const QUIET_IN_DOWN: ReadonlySet<Rule['category']> = new Set(['locking', 'compatibility', 'data']);

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

class LazyFinding implements Finding {
  readonly rule: string;
  readonly severity: Finding['severity'];
  readonly path: string;
  readonly span: Finding['span'];
  readonly message: string;
  readonly why: string;
  readonly related: Finding['related'];
  private readonly makeOffers: () => readonly Offer[];
  private made: readonly Offer[] | undefined;

  constructor(
    rule: string,
    severity: Finding['severity'],
    path: string,
    span: Finding['span'],
    report: StepReport | FileReport,
    makeOffers: () => readonly Offer[],
  ) {
    this.rule = rule;
    this.severity = severity;
    this.path = path;
    this.span = span;
    this.message = report.message;
    this.why = report.why;
    this.related = report.related ?? [];
    this.makeOffers = makeOffers;
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

  private get offers(): readonly Offer[] {
    this.made ??= this.makeOffers();
    return this.made;
  }
}
