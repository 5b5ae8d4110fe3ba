import type { HistoryAnalysis } from '../../server/src/analysis/historyAnalysis.ts';
import { objectKey } from '../../server/src/catalog/catalog.ts';
import type { Allocate, Fix } from '../../server/src/migrations/change.ts';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import type { Finding } from '../../server/src/rules/finding.ts';
import {
  type RewriteOptions,
  type RewrittenFile,
  rewriteFile,
} from '../../server/src/workspace/rewriting.ts';
import { analysisOf, NOW } from '../rules/exampleHistory.ts';
import { gooseText } from '../runner/gooseFolder.ts';

/** A dangerous migration, what is there before it, and what its rewrite wants to know. */
export interface Original {
  /** What makes it different from the others. */
  readonly about: string;
  /** The schema and rows before it. */
  readonly given: string;
  readonly up: string;
  readonly down: string;
  readonly noTransaction?: true;
  /** What it comes to, where the original itself fails as soon as there are rows. */
  readonly comesTo?: string;
  /** What it comes to is seen without the tool's transaction, in which it could only fail. */
  readonly modelWithoutTransaction?: true;
  /** Lines of the schema that no down can take back. */
  readonly stays?: RegExp;
  /** Lines of the schema that PostgreSQL adds to what the original comes to, and which no down takes away. */
  readonly leaves?: RegExp;
  /** skein.json's; each server runs both what is written for it and for older ones. */
  readonly postgresVersion?: number;
  /** Column (schema.table.column, without quotes) → expression. */
  readonly set?: Readonly<Record<string, string>>;
  /** Servers before this major version refuse it. */
  readonly since?: number;
  /** From this major version on its rewrite is another, or refused. */
  readonly before?: number;
}

export const givenPath = 'migrations/00001_given.sql';
export const changePath = 'migrations/00002_change.sql';

export interface RewrittenFolder {
  /** All files, the given one first. */
  readonly files: readonly FileContent[];
  readonly applied: readonly { readonly rule: string; readonly title: string }[];
  readonly refusals: readonly string[];
  readonly analysis: HistoryAnalysis;
}

/** The tool of an original's files, and of plain SQL whether the file opens a transaction. */
export type Form = 'goose' | PlainForm;

export type PlainForm = 'plain' | 'plain, in a transaction';

/** The migrations before any rewrite. */
export function originalFiles(original: Original, form: Form = 'goose'): readonly FileContent[] {
  return form === 'goose' ? filesOf(original, original.up) : plainFilesOf(original, form);
}

/** Migrations that come to what the rewrite has to come to. */
export function modelFiles(original: Original): readonly FileContent[] {
  const model = original.modelWithoutTransaction ? { ...original, noTransaction: true as const } : original;
  return filesOf(model, original.comesTo ?? original.up);
}

function filesOf({ given, down, noTransaction }: Original, up: string): readonly FileContent[] {
  return [
    { path: givenPath, text: gooseText({ up: inBlocks(given), down: 'SELECT 1;' }), byteOrderMark: false },
    {
      path: changePath,
      text: gooseText({ up, down, noTransaction: noTransaction === true }),
      byteOrderMark: false,
    },
  ];
}

function plainFilesOf({ given, up }: Original, form: PlainForm): readonly FileContent[] {
  const change = form === 'plain' ? `${up}\n` : `BEGIN;\n${up}\nCOMMIT;\n`;
  return [
    { path: givenPath, text: `${given}\n`, byteOrderMark: false },
    { path: changePath, text: change, byteOrderMark: false },
  ];
}

/** Routines have semicolons at line ends. */
function inBlocks(sql: string): string {
  return sql.includes('$$') ? `-- +goose StatementBegin\n${sql}\n-- +goose StatementEnd` : sql;
}

/** The migrations after the rewrites of these rules; `rewrites` are those with a fix that a person reviews. */
export function rewritten(
  original: Original,
  rules: readonly string[],
  form: Form = 'goose',
): RewrittenFolder {
  const files = originalFiles(original, form);
  const { postgresVersion, set = {} } = original;
  const analysis = analysisOf(files, postgresVersion === undefined ? {} : { postgresVersion });
  const contents = new Map(files.map((file) => [file.path, file]));
  const answers = new Map(
    Object.entries(set).map(([name, expression]) => {
      const [schema = '', table = '', column = ''] = name.split('.');
      return [`${objectKey(schema, table)}.${column}`, expression];
    }),
  );
  const result = rewriteIn(analysis, contents, changePath, rules, ({ table, column }) =>
    answers.get(`${table}.${column}`),
  );
  return {
    files: [...contents.values()],
    applied: result?.applied ?? [],
    refusals: result?.refusals ?? [],
    analysis,
  };
}

/** Rewrites one file of a history; `contents` and the analysis take up what comes of it. */
export function rewriteIn(
  analysis: HistoryAnalysis,
  contents: Map<string, FileContent>,
  path: string,
  rules: readonly string[],
  answer: RewriteOptions['answer'],
): RewrittenFile | undefined {
  const history = {
    format: analysis.format,
    content: (each: string) => contents.get(each),
    findings: (each: string) => analysis.findings(each),
    edits: (fix: Fix, each: string, allocate: Allocate) => analysis.edits(fix, each, allocate),
    removed: (each: string) => {
      contents.delete(each);
      analysis.remove(each);
    },
    written: (content: FileContent) => {
      contents.set(content.path, content);
      analysis.set(content);
    },
  };
  const wanted = (finding: Finding): boolean => rules.includes(finding.rule);
  return rewriteFile(history, path, { allocate: { now: () => NOW }, named: true, wanted, answer });
}
