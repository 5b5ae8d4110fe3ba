import { pathToFileURL } from 'node:url';
import { version } from '../../../package.json';
import type { Allocate, Fix } from '../migrations/change.ts';
import { ALL_RULES } from '../rules/allRules.ts';
import type { Rule } from '../rules/rule.ts';
import type { Span } from '../sql/span.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { fingerprints } from './fingerprint.ts';
import type { Report, ReportedFinding } from './report.ts';

/** SARIF has no level for hints. */
const levels = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const;

/** One log of the Static Analysis Results Interchange Format (OASIS SARIF 2.1.0), hints too. */
export function sarifReport(report: Report): string {
  return `${JSON.stringify(sarifLog(report))}\n`;
}

export function sarifLog({ findings, allocate }: Report) {
  const rules = ALL_RULES.filter((rule) => findings.some(({ finding }) => finding.rule === rule.id));
  const names = fingerprints(findings);
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0' as const,
    runs: [
      {
        tool: { driver: { name: 'Skein', semanticVersion: version, rules: rules.map(describe) } },
        columnKind: 'utf16CodeUnits' as const,
        results: findings.map((reported, i) => result(reported, rules, names[i] ?? '', allocate)),
      },
    ],
  };
}

function describe({ id, category, level, summary, why }: Rule) {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: why },
    help: { text: why },
    defaultConfiguration: { level: level === 'off' ? ('none' as const) : levels[level] },
    properties: { tags: [category] },
  };
}

function result(
  { finding, history }: ReportedFinding,
  rules: readonly Rule[],
  fingerprint: string,
  allocate: Allocate,
) {
  const { path, rule, severity, message, why, span, related } = finding;
  const ruleIndex = rules.findIndex(({ id }) => id === rule);
  const fixes = finding.fixes.flatMap((fix) => fixInSarif(fix, path, history, allocate));
  return {
    ruleId: rule,
    // What is no rule of the list has no place in it.
    ...(ruleIndex >= 0 && { ruleIndex }),
    level: levels[severity],
    message: { text: why === '' ? message : `${message}\n${why}` },
    locations: [{ physicalLocation: place(history, path, span) }],
    ...(related.length > 0 && {
      relatedLocations: related.map((other, id) => ({
        id,
        message: { text: other.message },
        physicalLocation: place(history, other.path, other.span),
      })),
    }),
    partialFingerprints: { 'skeinFinding/v1': fingerprint },
    ...(fixes.length > 0 && { fixes }),
  };
}

/** SARIF's fixes change files that are there: one that makes or renames files cannot be said, nor one that does nothing. */
function fixInSarif(fix: Fix, path: string, history: FolderHistory, allocate: Allocate) {
  const { edits, creates, renames } = history.edits(fix, path, allocate);
  if (edits.length === 0 || creates.length + renames.length > 0) return [];
  const paths = [...new Set(edits.map((edit) => edit.path))];
  const artifactChanges = paths.map((changed) => ({
    artifactLocation: { uri: uriOf(changed) },
    replacements: edits
      .filter((edit) => edit.path === changed)
      .map((edit) => ({
        deletedRegion: region(history, changed, edit.span),
        insertedContent: { text: edit.newText },
      })),
  }));
  return [{ description: { text: fix.title }, artifactChanges }];
}

function place(history: FolderHistory, path: string, span: Span) {
  return { artifactLocation: { uri: uriOf(path) }, region: region(history, path, span) };
}

/** Lines and columns count from 1, the end is the place behind the last character. */
function region(history: FolderHistory, path: string, span: Span) {
  const { start, end } = history.lines(path).range(span);
  return {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

/** Relative to the working directory as the paths themselves are; an absolute one as a file: URI. */
function uriOf(path: string): string {
  if (path.startsWith('/') || /^[a-z]:\//i.test(path)) return pathToFileURL(path).href;
  return path.split('/').map(encodeURIComponent).join('/');
}
