import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { HistoryAnalysis } from '../../server/src/analysis/historyAnalysis.ts';
import type { MigrationFormat } from '../../server/src/migrations/format.ts';
import { plainFormat } from '../../server/src/migrations/formats/plain.ts';
import type { Turn } from '../../server/src/migrations/history.ts';
import { revisionHistory } from '../../server/src/migrations/revisionHistory.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { seed } from '../randomSeed.ts';

beforeAll(loadParser);

/** SQL files whose first line says their revision and what it comes after: `-- c < a b`. */
const graphed: MigrationFormat = {
  ...plainFormat(),
  read(content) {
    const file = plainFormat().read(content);
    const [, id, after = ''] = /^-- (\w+) <(.*)/.exec(content.text) ?? [];
    if (id === undefined) return file;
    const downRevisions = after.split(' ').filter((name) => name !== '');
    return { ...file, revision: { id, downRevisions, dependsOn: [], branchLabels: [] } };
  },
  order: revisionHistory,
};

function analysisOf(files: Readonly<Record<string, string>>): HistoryAnalysis {
  const analysis = new HistoryAnalysis('m', graphed, {});
  for (const [path, text] of Object.entries(files)) analysis.set({ path, text, byteOrderMark: false });
  analysis.setComplete(true);
  return analysis;
}

function lineOf(turn: Turn | undefined): string[] {
  return turn === undefined ? [] : [...lineOf(turn.before), turn.path];
}

describe('a history of revisions', () => {
  const read = (path: string, text: string) => graphed.read({ path, text, byteOrderMark: false });

  it('gives each side of a fork what it comes after, and the merge both', () => {
    const { turns, last } = revisionHistory([
      read('1', '-- merge < left right'),
      read('2', '-- base <'),
      read('3', '-- left < base'),
      read('4', '-- right < base'),
      read('5', '-- next < merge'),
    ]);
    expect(turns.map(lineOf)).toEqual([
      ['2'],
      ['2', '4'],
      ['2', '3'],
      ['2', '4', '3', '1'],
      ['2', '4', '3', '1', '5'],
    ]);
    expect(last).toBe(turns.at(-1));
  });

  it('has all files, whatever is wrong with what they say', () => {
    const { turns, last } = revisionHistory([
      read('1', '-- a < gone'),
      read('2', '-- twice < a'),
      read('3', '-- twice < a'),
      read('4', '-- x < y'),
      read('5', '-- y < x'),
      read('6', 'SELECT 1;'),
    ]);
    expect(turns.map(lineOf)).toEqual([
      ['1'],
      ['1', '2'],
      ['1', '2', '3'],
      ['1', '2', '3', '4'],
      ['1', '2', '3', '4', '5'],
      ['1', '2', '3', '4', '5', '6'],
    ]);
    expect(last).toBe(turns.at(-1));
  });
});

describe('what revisions meet', () => {
  const unknown = (analysis: HistoryAnalysis, path: string) =>
    analysis.findings(path).flatMap(({ rule, message }) => (rule === 'unknown-object' ? [message] : []));
  const files = {
    '1_base.sql': '-- base <\nCREATE TABLE t (id int);',
    '2_left.sql': '-- left < base\nALTER TABLE t ADD COLUMN a int;',
    '3_right.sql': '-- right < base\nALTER TABLE t DROP COLUMN a;',
    '4_merge.sql': '-- merge < left right\nALTER TABLE t DROP COLUMN a;',
  };

  it('is not what stands on the other side of a fork', () => {
    const analysis = analysisOf(files);
    expect(unknown(analysis, '3_right.sql')).toHaveLength(1);
    expect(unknown(analysis, '4_merge.sql')).toHaveLength(0);
  });

  it('is another thing once they come after something else', () => {
    const analysis = analysisOf(files);
    expect(unknown(analysis, '3_right.sql')).toHaveLength(1);
    const text = files['3_right.sql'].replace('base', 'left');
    analysis.set({ path: '3_right.sql', text, byteOrderMark: false });
    expect(unknown(analysis, '3_right.sql')).toHaveLength(0);
  });
});

const names = ['a', 'b', 'c', 'd', 'e'];
const statements = [
  'CREATE TABLE t (id int);',
  'DROP TABLE t;',
  'ALTER TABLE t ADD COLUMN x int;',
  'ALTER TABLE t DROP COLUMN x;',
  'CREATE INDEX i ON t (x);',
  'DROP INDEX i;',
];
/** A revision written anew; mostly where it stands, so that what is known of the others goes on being used. */
const edit = fc.record({
  name: fc.constantFrom(...names),
  after: fc.option(fc.subarray(names, { maxLength: 2 }), { freq: 2 }),
  sql: fc.array(fc.constantFrom(...statements), { maxLength: 3 }),
});

test('findings after any edits equal those of the same files read afresh', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 5, maxLength: 14 }), (edits) => {
      const places: Record<string, string[]> = { b: ['a'], c: ['a'], d: ['b', 'c'] };
      const now: Record<string, string> = {};
      const written = (name: string, sql: readonly string[]) => {
        const path = `${names.indexOf(name) + 1}_${name}.sql`;
        now[path] = `-- ${name} < ${(places[name] ?? []).join(' ')}\n${sql.join('\n')}`;
        return { path, text: now[path], byteOrderMark: false };
      };
      const analysis = analysisOf({});
      for (const name of ['a', 'b', 'c', 'd']) analysis.set(written(name, []));
      for (const { name, after, sql } of edits) {
        if (after !== null) places[name] = after;
        analysis.set(written(name, sql));
        const afresh = analysisOf(now);
        for (const each of Object.keys(now)) {
          expect(analysis.findings(each).map(plain)).toEqual(afresh.findings(each).map(plain));
        }
      }
    }),
    { seed: seed(), numRuns: 60 },
  );
});

function plain({ rule, message, span }: ReturnType<HistoryAnalysis['findings']>[number]): unknown {
  return { rule, message, span };
}
