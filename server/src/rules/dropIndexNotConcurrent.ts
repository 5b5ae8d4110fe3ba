import type { DropStmt } from '@pgsql/types';
import { displayName, type Index, indexOf } from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import { qualified, relationKey } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { creationsOfIndex } from '../rewrites/counterparts.ts';
import { runOutsideTransaction } from '../rewrites/ownMigration.ts';
import { quotePath } from '../sql/names.ts';
import { statementHead } from '../sql/spans/statementHead.ts';
import type { Statement } from '../sql/statement.ts';
import { droppedTables } from './droppedTables.ts';
import { keywordsSpan } from './place.ts';
import type { Rule, StepReport } from './rule.ts';
import { listed, lockInWords } from './wording.ts';

export const dropIndexNotConcurrent: Rule = {
  id: 'drop-index-not-concurrent',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk require-concurrent-index-deletion', 'strong_migrations remove_index'],
  summary: 'DROP INDEX blocks reads and writes of its table.',
  why: 'DROP INDEX takes an ACCESS EXCLUSIVE lock on the index’s table. The drop is quick, but it waits for every running query on the table, and every new query waits behind it. DROP INDEX CONCURRENTLY waits without standing in the way; it takes one index at a time, no CASCADE, and cannot run in a transaction.',
  bad: () => [
    {
      files: ['DROP INDEX orders_code_idx;'],
      fixed: 'DROP INDEX CONCURRENTLY orders_code_idx;',
    },
    {
      files: ['-- +goose Up\nDROP INDEX IF EXISTS orders_code_idx;\n'],
      fixed: '-- +goose NO TRANSACTION\n-- +goose Up\nDROP INDEX CONCURRENTLY IF EXISTS orders_code_idx;\n',
    },
    {
      files: ['DROP INDEX a_idx, shop."B idx";'],
      fixed: 'DROP INDEX CONCURRENTLY IF EXISTS a_idx;\nDROP INDEX CONCURRENTLY IF EXISTS shop."B idx";',
    },
    {
      files: ['-- +goose Up\nDROP INDEX a_idx;\nCREATE INDEX a_idx ON a (b);\n'],
    },
    {
      files: [
        'CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE INDEX events_at_idx ON events (at);',
        'DROP INDEX events_at_idx;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (code text);\nCREATE INDEX orders_code_idx ON orders (code);\nCREATE TABLE carts (id int);',
        'DROP TABLE carts;\nDROP INDEX orders_code_idx;\nALTER TABLE orders RENAME TO sales;',
      ],
      fixed:
        'DROP TABLE carts;\nDROP INDEX CONCURRENTLY orders_code_idx;\nALTER TABLE orders RENAME TO sales;',
    },
  ],
  good: () => [
    { files: ['DROP INDEX CONCURRENTLY IF EXISTS orders_code_idx;'] },
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, code text);',
        'CREATE INDEX orders_tmp_idx ON orders (code);\nDROP INDEX orders_tmp_idx;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, code text UNIQUE);',
        'DROP INDEX orders_code_key;',
      ],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP INDEX orders_code_idx;\n'] },
    // The whole table goes.
    {
      files: [
        'CREATE TABLE orders (code text);\nCREATE INDEX orders_code_idx ON orders (code);',
        'DROP INDEX orders_code_idx;\nDROP TABLE orders;',
      ],
    },
  ],

  scriptConcerns: (step) => plainDrop(step) !== undefined,
  *checkScript({ steps }, _history, concerning) {
    const gone = new Map<string, number>();
    for (const [i, step] of steps.entries()) for (const table of tablesGone(step)) gone.set(table, i);
    for (const step of concerning) {
      const at = steps.indexOf(step);
      yield* blocking(step, (table) => (gone.get(table) ?? -1) > at);
    }
  },
};

/** DROP INDEX that does not run CONCURRENTLY. */
function plainDrop({ node }: Step): DropStmt | undefined {
  if (!('DropStmt' in node)) return undefined;
  const { removeType, concurrent } = node.DropStmt;
  return removeType === 'OBJECT_INDEX' && !concurrent ? node.DropStmt : undefined;
}

function tablesGone(step: Step): readonly string[] {
  return 'DropStmt' in step.node && !step.conditional ? droppedTables(step, step.node.DropStmt) : [];
}

/** `goesLater` tells of a table whether it goes later in the script: its readers and writers lose it anyway. */
function* blocking(
  step: Step,
  goesLater: (table: string) => boolean,
): Generator<StepReport & { readonly step: Step }> {
  const statement = plainDrop(step);
  if (statement === undefined) return;
  const dropped = droppedIndexes(step, statement).filter(
    // An index that backs a constraint cannot be dropped at all: the server says so (2BP01).
    ({ key, index }) =>
      !isNew(step, key) && index?.constraint === undefined && !goesLater(index?.table ?? ''),
  );
  const first = dropped[0];
  if (first === undefined) return;
  const partitioned = dropped.find(({ index }) => index?.partitioned || index?.attachedTo !== undefined);
  const table = first.index?.table;
  const lock =
    table === undefined
      ? 'an ACCESS EXCLUSIVE lock on its table, which blocks reads and writes'
      : lockInWords(step, table);
  yield {
    step,
    span: keywordsSpan(step.statement, 'drop', 'index'),
    message:
      table === undefined
        ? `DROP INDEX blocks reads and writes of the table that ${displayName(first.key)} belongs to.`
        : `DROP INDEX blocks reads and writes of ${listed([...new Set(dropped.flatMap(({ index }) => (index ? [displayName(index.table)] : [])))])}.`,
    why: partitioned
      ? `It takes ${lock}. An index of a partitioned table cannot be dropped CONCURRENTLY: set a short lock_timeout and drop it in a migration of its own.`
      : `It takes ${lock}, once all queries that run on the table have ended, while new ones wait behind it. DROP INDEX CONCURRENTLY waits without blocking; it must run outside a transaction.`,
    ...(partitioned || statement.behavior === 'DROP_CASCADE'
      ? {}
      : { fixes: (site: Site) => concurrentForm(site, statement) }),
  };
}

function droppedIndexes(
  step: Step,
  statement: DropStmt,
): readonly { key: string; index: Index | undefined }[] {
  return (statement.objects ?? []).map((object) => {
    const { schema, name } = qualified(objectNames(object));
    const key = relationKey(step.before, step.session, schema, name);
    return { key, index: indexOf(step.before, key) };
  });
}

function concurrentForm(site: Site, statement: DropStmt): readonly Fix[] {
  const { step } = site;
  const objects = (statement.objects ?? []).map((object) => qualified(objectNames(object)));
  const single = objects.length === 1;
  const offset = statementHead(step.statement)?.kindEnd ?? 0;
  const undoing = creationsOfIndex(
    site.file,
    objects.map(({ name }) => name),
  );
  return runOutsideTransaction(site, {
    title: 'Drop the index CONCURRENTLY',
    form: (again) =>
      single
        ? {
            clauses: [
              { offset, text: again && !statement.missing_ok ? 'CONCURRENTLY IF EXISTS' : 'CONCURRENTLY' },
            ],
          }
        : // Each runs on its own: after a failure the ones already gone must not stop the rest.
          {
            statements: objects.map(
              ({ schema, name }) => `DROP INDEX CONCURRENTLY IF EXISTS ${quotePath(schema, name)}`,
            ),
          },
    down: undoing.map((each) => concurrently(each)),
    undoing,
    name: `drop_${objects.map(({ name }) => name).join('_and_')}`,
  });
}

/** The creation of an index, CONCURRENTLY and such that it can run again: a failure no longer takes it back. */
function concurrently({ parsed }: Statement): string {
  const index = parsed.node && 'IndexStmt' in parsed.node ? parsed.node.IndexStmt : undefined;
  if (index?.concurrent) return parsed.text;
  const offset = statementHead(parsed)?.kindEnd ?? 0;
  // IF NOT EXISTS wants a name.
  const again = index?.idxname === undefined || index.if_not_exists ? '' : ' IF NOT EXISTS';
  return `${parsed.text.slice(0, offset)} CONCURRENTLY${again}${parsed.text.slice(offset)}`;
}
