import type { Severity } from '../config/severity.ts';
import { isHarmless } from '../config/skeinConfig.ts';
import type { Finding } from '../rules/finding.ts';
import { checkConfig } from '../workspace/configFiles.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { LineIndex } from '../workspace/lineIndex.ts';
import type { Documentation } from './documentation.ts';
import { type Diagnostic, DiagnosticSeverity } from './lsp.ts';

export const diagnosticSource = 'skein';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export interface DiagnosticOptions {
  readonly relatedInformation: boolean;
  /** The URI of a path, as the client spells it. */
  readonly uri: (path: string) => string;
  /** Absent where the client shows no links. */
  readonly documentation?: Documentation;
}

/** A finding as the editor shows it: what is wrong on the first line, below it why, and what to do. */
export function toDiagnostic(
  finding: Finding,
  history: FolderHistory,
  options: DiagnosticOptions,
): Diagnostic {
  const diagnostic = {
    range: history.lines(finding.path).range(finding.span),
    ...wordsOf(finding, options),
  };
  if (!options.relatedInformation || finding.related.length === 0) return diagnostic;
  const relatedInformation = finding.related.map((place) => ({
    location: { uri: options.uri(place.path), range: history.lines(place.path).range(place.span) },
    message: place.message,
  }));
  return { ...diagnostic, relatedInformation };
}

/** What a diagnostic says, wherever that may be. */
export function wordsOf(finding: Finding, { documentation }: DiagnosticOptions): Omit<Diagnostic, 'range'> {
  const href = documentation?.(finding.rule);
  return {
    severity: severities[finding.severity],
    code: finding.rule,
    ...(href !== undefined && { codeDescription: { href } }),
    source: diagnosticSource,
    message: finding.why === '' ? finding.message : `${finding.message}\n${finding.why}`,
  };
}

/** What is wrong with a skein.json that is open. */
export function configDiagnostics(text: string): Diagnostic[] {
  const lines = new LineIndex(text);
  return checkConfig(text).problems.map((problem) => ({
    range: lines.range(problem.span),
    severity: isHarmless(problem) ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error,
    code: problem.kind,
    source: diagnosticSource,
    message: problem.message,
  }));
}
