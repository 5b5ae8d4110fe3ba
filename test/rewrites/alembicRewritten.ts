import { HistoryAnalysis } from '../../server/src/analysis/historyAnalysis.ts';
import { objectKey } from '../../server/src/catalog/catalog.ts';
import {
  DEFAULT_SETTINGS,
  type RevisionSettings,
} from '../../server/src/migrations/formats/alembic/revisionSettings.ts';
import { alembicFormat } from '../../server/src/migrations/formats/alembic.ts';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import { CHANGE, type PythonOriginal, revisionsOf } from './alembicOriginals.ts';
import { rewriteIn } from './original.ts';

/** An original rewritten: its files in order, and what still weighs as much as a warning in those that are new. */
export function rewrittenProject(original: PythonOriginal, settings: RevisionSettings = DEFAULT_SETTINGS) {
  const analysis = new HistoryAnalysis('versions', alembicFormat(settings), {});
  const contents = new Map<string, FileContent>();
  for (const file of revisionsOf(original)) {
    const content = { ...file, byteOrderMark: false };
    contents.set(file.path, content);
    analysis.set(content);
  }
  analysis.setComplete(true);
  const { rules, set = {} } = original;
  const result = rewriteIn(analysis, contents, CHANGE, rules, ({ table, column }) => {
    const found = Object.entries(set).find(([name]) => {
      const [schema = '', own = '', part = ''] = name.split('.');
      return objectKey(schema, own) === table && part === column;
    });
    return found?.[1];
  });
  const files = [...contents.values()];
  const serious = files.slice(1).flatMap(({ path }) =>
    analysis
      .findings(path)
      .filter(({ severity }) => severity === 'error' || severity === 'warning')
      .map(({ rule, message }) => `${path}: ${rule}: ${message}`),
  );
  return { files, refusals: result?.refusals ?? [], serious };
}
