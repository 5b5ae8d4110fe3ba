import { setImmediate } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { HistoryAnalysis } from '../../server/src/analysis/historyAnalysis.ts';
import type { MigrationFormat } from '../../server/src/migrations/format.ts';
import { alembicFormat } from '../../server/src/migrations/formats/alembic.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { statementsOf } from '../../server/src/migrations/migration.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { collectGarbage, heapInUse } from '../garbage.ts';

beforeAll(loadParser);

interface Case {
  readonly name: string;
  readonly path: string;
  readonly format: () => MigrationFormat;
  readonly text: (columns: readonly string[]) => string;
}

const cases: readonly Case[] = [
  {
    name: 'goose',
    path: 'migrations/00001_orders.sql',
    format: () => gooseFormat,
    text: (columns) => `-- +goose Up\n${columns.map((each) => `DROP TABLE ${each};\n`).join('')}`,
  },
  {
    name: 'alembic',
    path: 'versions/a_orders.py',
    format: () => alembicFormat(),
    text: (columns) =>
      `from alembic import op\nrevision = "a"\ndown_revision = None\ndef upgrade():\n${columns.map((each) => `    op.drop_table("${each}")\n`).join('')}`,
  },
];

/** The longer a file is typed in, the more there would be of them. */
test.each(cases)(
  'what stood in versions that are no more is let go: $name',
  async ({ path, format, text }) => {
    const analysis = new HistoryAnalysis(path.slice(0, path.indexOf('/')), format(), {});
    analysis.setComplete(true);
    const tables = ['a', 'b', 'c', 'd', 'e', 'f'];
    const gone: WeakRef<object>[] = [];
    for (let version = 0; version < 60; version++) {
      const typed = version % tables.length;
      tables[typed] += 'x';
      analysis.set({ path, text: text(tables), byteOrderMark: false });
      expect(analysis.findings(path).length).toBeGreaterThan(0);
      const file = analysis.file(path);
      const statement = file && statementsOf(file.up)[typed];
      if (file === undefined || statement === undefined) throw new Error('it is not read');
      // What is typed now stays until it is typed in again.
      if (version < 60 - tables.length) gone.push(new WeakRef(statement));
      gone.push(new WeakRef(file));
    }
    await setImmediate();
    collectGarbage();
    // The last version and the one that it was made from.
    expect(gone.filter((each) => each.deref() !== undefined).length).toBeLessThanOrEqual(4);
  },
);

test.each(cases)('a file that is removed is let go: $name', async ({ path, format, text }) => {
  const analysis = new HistoryAnalysis(path.slice(0, path.indexOf('/')), format(), {});
  analysis.setComplete(true);
  const read = () => {
    analysis.set({ path, text: text(['a', 'b']), byteOrderMark: false });
    const [step] = analysis
      .findings(path)
      .flatMap(({ span }) => analysis.statementAt(path, span.start)?.steps ?? []);
    const file = analysis.file(path);
    if (step === undefined || file === undefined) throw new Error('nothing is said of it');
    return [new WeakRef<object>(step), new WeakRef<object>(file)];
  };
  const gone = read();
  analysis.remove(path);
  // What the folder as a whole makes of it is made anew when it is asked for.
  const other = path.replace('orders', 'items').replace('00001', '00002').replace('/a_', '/b_');
  analysis.set({ path: other, text: text(['c']).replace('"a"', '"b"'), byteOrderMark: false });
  analysis.findings(other);
  await setImmediate();
  collectGarbage();
  expect(gone.map((each) => each.deref())).toEqual([undefined, undefined]);
});

/** What is remembered of a statement is no piece of the document that it was read in. */
test('a document is let go though its statements are remembered', () => {
  const analysis = new HistoryAnalysis('migrations', gooseFormat, {});
  const comment = `-- ${'x'.repeat(1_000_000)}\n`;
  const used = Array.from({ length: 20 }, (_, version) => {
    const text = `-- +goose Up\nDROP TABLE a_table_whose_name_is_typed_${version};\n${comment}`;
    analysis.set({ path: 'migrations/00001_orders.sql', text, byteOrderMark: false });
    return heapInUse();
  });
  const [, first = 0, ...others] = used;
  expect((others.at(-1) ?? 0) - first).toBeLessThan((others.length * comment.length) / 4);
});
