import type { Severity } from '../config/severity.ts';
import type { StepGroup } from '../replay/runs.ts';
import type { Step } from '../replay/step.ts';
import type { Remark } from '../rules/finding.ts';
import type { Rule, RuleContext, StepReport } from '../rules/rule.ts';
import { commonEnd, commonStart, firstFrom } from '../sql/lists.ts';
import type { ActiveRules } from './activeRules.ts';

/** What a rule said of a step. */
export interface Said extends Remark {
  readonly rule: string;
  readonly severity: Severity;
  readonly step: Step;
  readonly report: StepReport;
  /** From here to there in the text of the statement that stands in the document. */
  readonly start: number;
  readonly end: number;
}

/** Values that belong to statements of a script, in their order. */
export interface OfStatements<Value> {
  readonly values: readonly Value[];
  /** The number of the statement for each value. */
  readonly statements: readonly number[];
}

/** What the rules of steps had to say of a script. */
export interface ScriptSaid {
  readonly said: OfStatements<Said>;
  /** For each rule of scripts the steps for which it has to look at the script. */
  readonly concerning: readonly OfStatements<Step>[];
}

interface Asked extends ScriptSaid {
  readonly groups: readonly StepGroup[];
}

/**
 * Asks the rules about the steps of scripts. After an edit they are asked about the statements between those that stand
 * unchanged at the script's beginning and end; of these the answers are copied in one piece, without a look at any.
 */
export class AskedRules {
  private readonly active: ActiveRules;
  private readonly context: RuleContext;
  private readonly stepRules: readonly Rule[];
  private readonly scriptRules: readonly Rule[];
  /** Those that may speak of a kind of statement. */
  private readonly rulesOf = new Map<string, readonly Rule[]>();
  private readonly last = new Map<string, Asked>();
  private readonly ofScripts = new WeakMap<StepReport, Said>();

  constructor(active: ActiveRules, scriptRules: readonly Rule[], context: RuleContext) {
    this.active = active;
    this.context = context;
    this.stepRules = active.rules.filter((rule) => rule.checkStep !== undefined);
    this.scriptRules = scriptRules;
  }

  /** What they say of the steps of a script, one group for each statement. `script` names it among all. */
  about(script: string, groups: readonly StepGroup[]): ScriptSaid {
    const last = this.last.get(script) ?? { groups: [], ...this.nothing() };
    const start = commonStart(last.groups, groups);
    const same = commonEnd(last.groups, groups, start);
    const end = last.groups.length - same;
    const by = groups.length - last.groups.length;
    const said = new Splice(last.said, start, end, by);
    const concerning = last.concerning.map((known) => new Splice(known, start, end, by));
    for (let i = start; i < groups.length - same; i++) {
      for (const step of groups[i]?.steps ?? []) {
        for (const each of this.sayOf(step)) said.add(each, i);
        // Before it is compiled for speed, a loop over entries costs more than what it asks.
        for (let rule = 0; rule < this.scriptRules.length; rule++) {
          if (this.scriptRules[rule]?.scriptConcerns?.(step)) concerning[rule]?.add(step, i);
        }
      }
    }
    const asked = { groups, said: said.whole(), concerning: concerning.map((each) => each.whole()) };
    this.last.set(script, asked);
    return asked;
  }

  /** Forgets what was said of a script. */
  forget(script: string): void {
    this.last.delete(script);
  }

  /** What a rule of scripts reports of a step: the identical value for the identical report. */
  reported(rule: Rule, step: Step, report: StepReport): Said {
    let said = this.ofScripts.get(report);
    if (said === undefined) {
      said = this.said(rule, step, report);
      this.ofScripts.set(report, said);
    }
    return said;
  }

  private said(rule: Rule, step: Step, report: StepReport): Said {
    return {
      rule: rule.id,
      severity: this.active.severity(rule, report.severity),
      step,
      report,
      start: step.toTop(report.span.start),
      end: step.toTop(report.span.end),
    };
  }

  private sayOf(step: Step): readonly Said[] {
    const said: Said[] = [];
    for (const rule of this.rulesFor(step)) {
      if (step.placement.direction === 'down' && QUIET_IN_DOWN.has(rule.category)) continue;
      for (const report of rule.checkStep?.(step, this.context) ?? [])
        said.push(this.said(rule, step, report));
    }
    return said;
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

  private nothing(): ScriptSaid {
    const none = { values: [], statements: [] };
    return { said: none, concerning: this.scriptRules.map(() => none) };
  }
}

/** A down undoes what the up did: what it locks or destroys was said of the up. */
export const QUIET_IN_DOWN: ReadonlySet<Rule['category']> = new Set(['locking', 'compatibility', 'data']);

/** Values of statements, of which those from one statement up to another are given anew. */
class Splice<Value> {
  private readonly values: Value[];
  private readonly statements: number[];
  private readonly tail: OfStatements<Value>;
  private readonly by: number;

  /** Keeps those before the statement `start` and from `end` on, whose statements are now `by` further on. */
  constructor(known: OfStatements<Value>, start: number, end: number, by: number) {
    const first = firstFrom(known.statements, (statement) => statement >= start);
    const behind = firstFrom(known.statements, (statement) => statement >= end);
    this.values = known.values.slice(0, first);
    this.statements = known.statements.slice(0, first);
    this.tail = { values: known.values.slice(behind), statements: known.statements.slice(behind) };
    this.by = by;
  }

  add(value: Value, statement: number): void {
    this.values.push(value);
    this.statements.push(statement);
  }

  whole(): OfStatements<Value> {
    for (const value of this.tail.values) this.values.push(value);
    for (const statement of this.tail.statements) this.statements.push(statement + this.by);
    return { values: this.values, statements: this.statements };
  }
}
