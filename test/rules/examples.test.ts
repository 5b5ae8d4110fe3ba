import { beforeAll, describe, expect, test } from 'vitest';
import { formattedText, withFormattedFiles } from '../../server/src/analysis/formatMigration.ts';
import type { SkeinConfig } from '../../server/src/config/skeinConfig.ts';
import { ALL_RULES } from '../../server/src/rules/allRules.ts';
import type { Example, Rule } from '../../server/src/rules/rule.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { analysisOf, applied, type ExampleFile, exampleFiles, NOW } from './exampleHistory.ts';

beforeAll(loadParser);

const RANK = { error: 0, warning: 1, information: 2, hint: 3 };

/** The example's configuration, with the rule on where it is off by default. */
function configOf(rule: Rule, { postgresVersion, config }: Example): SkeinConfig {
  return {
    ...config,
    ...(postgresVersion === undefined ? {} : { postgresVersion }),
    ...(rule.level === 'off' ? { rules: { [rule.id]: 'information' } } : {}),
  };
}

function findingsOf(rule: Rule, files: readonly ExampleFile[], example: Example) {
  const analysis = analysisOf(files, configOf(rule, example), example);
  const path = files.at(-1)?.path ?? '';
  return { analysis, path, findings: analysis.findings(path).filter((finding) => finding.rule === rule.id) };
}

/** What weighs as much as a warning, anywhere in the folder; rules by name and message, without their places. */
function serious(rule: Rule, files: readonly ExampleFile[], example: Example): string[] {
  const analysis = analysisOf(files, configOf(rule, example), example);
  return files
    .flatMap(({ path }) => analysis.findings(path))
    .filter((finding) => RANK[finding.severity] <= RANK.warning)
    .map((finding) => finding.rule);
}

describe.each(ALL_RULES.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  test('has loud and quiet examples', () => {
    expect(rule.bad().length).toBeGreaterThan(0);
    expect(rule.good().length).toBeGreaterThan(0);
  });

  test.each(rule.bad().map((example) => [title(example), example] as const))('speaks: %s', (_, example) => {
    const files = exampleFiles(example);
    const { findings } = findingsOf(rule, files, example);
    expect(findings.length, 'no finding').toBeGreaterThan(0);
    const text = files.at(-1)?.text ?? '';
    for (const finding of findings) {
      expect(finding.span.start).toBeGreaterThanOrEqual(0);
      expect(finding.span.end).toBeGreaterThanOrEqual(finding.span.start);
      expect(finding.span.end).toBeLessThanOrEqual(text.length);
      expect(finding.message.length).toBeGreaterThan(10);
      expect(finding.message).not.toMatch(/undefined|\u0000/);
      expect(finding.why).not.toMatch(/undefined|\u0000/);
    }
  });

  test.each(rule.good().map((example) => [title(example), example] as const))(
    'is quiet: %s',
    (_, example) => {
      const { findings } = findingsOf(rule, exampleFiles(example), example);
      expect(findings.map((finding) => finding.message)).toEqual([]);
    },
  );

  test.each(rule.bad().map((example) => [title(example), example] as const))('fixes: %s', (_, example) => {
    const files = exampleFiles(example);
    const { analysis, path, findings } = findingsOf(rule, files, example);
    const before = serious(rule, files, example);
    for (const [i, finding] of findings.entries()) {
      for (const [j, fix] of finding.fixes.entries()) {
        const edits = withFormattedFiles(analysis.edits(fix, path, { now: () => NOW }), analysis.format);
        if (fix.grade === 'safe') expect([...edits.creates, ...edits.renames]).toEqual([]);
        for (const made of edits.creates) {
          expect(formattedText(analysis.format, made.path, made.text), 'is not formatted').toBe(made.text);
        }
        const after = applied(files, edits);
        expect(after).not.toEqual(files);
        const left = serious(rule, after, example);
        for (const known of before) if (left.includes(known)) left.splice(left.indexOf(known), 1);
        expect(
          left,
          `new findings after “${fix.title}”:\n${after.map(({ text }) => text).join('\n---\n')}`,
        ).toEqual([]);
        if (i !== 0 || j !== 0) continue;
        const fixedPath = edits.renames[0]?.to ?? path;
        if (example.fixed !== undefined) {
          expect(after.find((file) => file.path === fixedPath)?.text).toBe(example.fixed);
        }
        if (example.created !== undefined)
          expect(edits.creates.map(({ text }) => text)).toEqual(example.created);
      }
    }
    if (example.fixed !== undefined) expect(findings[0]?.fixes.length, 'no fix').toBeGreaterThan(0);
  });
});

function title(example: Example): string {
  const last = example.files.at(-1) ?? '';
  return (typeof last === 'string' ? last : last.name).replace(/\s+/g, ' ').slice(0, 90);
}

test('a rule that names the kinds of statements it speaks of misses no other', () => {
  const asked = ALL_RULES.map((rule): Rule => {
    const { statements, ...others } = rule;
    return statements === undefined ? rule : others;
  });
  let compared = 0;
  for (const rule of ALL_RULES) {
    for (const example of [...rule.bad(), ...rule.good()]) {
      const files = exampleFiles(example);
      const path = files.at(-1)?.path ?? '';
      const [named, each] = [ALL_RULES, asked].map((rules) =>
        analysisOf(files, configOf(rule, example), example, rules)
          .findings(path)
          .map(({ rule, span, message }) => ({ rule, span, message })),
      );
      expect(named).toEqual(each);
      compared += each?.length ?? 0;
    }
  }
  expect(compared).toBeGreaterThan(ALL_RULES.length);
});
