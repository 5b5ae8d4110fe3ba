import { HistoryAnalysis } from '../../server/src/analysis/historyAnalysis.ts';
import type { SkeinConfig } from '../../server/src/config/skeinConfig.ts';
import type { FileEdits } from '../../server/src/migrations/change.ts';
import { alembicFormat } from '../../server/src/migrations/formats/alembic.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { plainFormat } from '../../server/src/migrations/formats/plain.ts';
import { ALL_RULES } from '../../server/src/rules/allRules.ts';
import type { Example, Rule } from '../../server/src/rules/rule.ts';

/** The moment at which tests make new files. */
export const NOW = new Date('2026-01-02T03:04:05Z');

export interface ExampleFile {
  readonly path: string;
  readonly text: string;
}

/** An example's files with their names: numbered in order where it gives none. */
export function exampleFiles(example: Pick<Example, 'files'>): readonly ExampleFile[] {
  return example.files.map((file, i) =>
    typeof file === 'string'
      ? { path: `migrations/${String(i + 1).padStart(5, '0')}_step.sql`, text: file }
      : { path: `migrations/${file.name}`, text: file.text },
  );
}

/** The analysis of a folder that holds just these files; alembic's where one is Python, goose's where one has an annotation, else plain's. */
export function analysisOf(
  files: readonly ExampleFile[],
  config: SkeinConfig = {},
  { base, incoming = [] }: Pick<Example, 'base' | 'incoming'> = {},
  rules: readonly Rule[] = ALL_RULES,
): HistoryAnalysis {
  const alembic = files.some(({ path }) => path.endsWith('.py'));
  const goose = files.some(({ text }) => /^\s*--.*\+goose/m.test(text));
  const format = alembic ? alembicFormat() : goose ? gooseFormat : plainFormat();
  const analysis = new HistoryAnalysis('migrations', format, config, rules);
  for (const { path, text } of files) analysis.set({ path, text, byteOrderMark: false });
  analysis.setComplete(true);
  const came = incoming.map((file) => (typeof file === 'string' ? { name: file, text: '' } : file));
  if (base !== undefined) {
    analysis.setBase({
      paths: new Set(base.map((name) => `migrations/${name}`)),
      incoming: new Map(came.map(({ name, text }) => [`migrations/${name}`, text])),
    });
  }
  return analysis;
}

/** The files after edits. */
export function applied(
  files: readonly ExampleFile[],
  { edits, creates, renames }: FileEdits,
): readonly ExampleFile[] {
  const changed = files.map(({ path, text }) => {
    let out = text;
    for (const edit of [...edits].reverse()) {
      if (edit.path === path) out = out.slice(0, edit.span.start) + edit.newText + out.slice(edit.span.end);
    }
    return { path: renames.find(({ from }) => from === path)?.to ?? path, text: out };
  });
  return [...changed, ...creates];
}
