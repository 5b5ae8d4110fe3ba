import { columnOf, displayName, tableOf } from '../catalog/catalog.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock } from '../replay/step.ts';
import { quoteName, quotePath } from '../sql/names.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import { tokenSpan } from './place.ts';
import { isBounded, type RowWrite, rowWrites } from './rowWrites.ts';
import type { Rule } from './rule.ts';

export const backfillInTransaction: Rule = {
  id: 'backfill-in-transaction',
  category: 'data',
  level: 'warning',
  since: '0.1.0',
  peers: ['strong_migrations backfill', 'pgls updateWithoutBatching', 'online_migrations'],
  summary: 'An UPDATE or DELETE of many rows in one go.',
  why: 'One statement is one transaction: the lock on each row that it has changed is held until the last one is done, so the application waits for rows it wants to write; the table grows by as many dead rows, vacuum cannot clean up behind it, and replicas fall behind by all of it at once. Work through the key in batches of some thousand rows that are committed one by one, in a migration of its own that no transaction holds. Bounded is what fixes a unique key to values in the statement, or takes them from a query with a LIMIT.',
  bad: [
    { files: ['UPDATE p SET x = 1 WHERE x IS NULL;'] },
    { files: ['DELETE FROM sessions WHERE expires_at < now();'] },
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, state text, code text);',
        "-- +goose Up\nUPDATE orders SET state = 'new' WHERE code = 'a' OR id = 1;\n",
      ],
    },
    {
      files: ['CREATE TABLE orders (id bigint PRIMARY KEY, state text);', "UPDATE orders SET state = 'new';"],
      fixed:
        "DO $$\nDECLARE\n  batch_first orders.id%TYPE;\n  batch_last orders.id%TYPE;\nBEGIN\n  SELECT id INTO batch_first FROM orders ORDER BY id LIMIT 1;\n  WHILE batch_first IS NOT NULL LOOP\n    SELECT id INTO batch_last FROM (SELECT id FROM orders WHERE id >= batch_first ORDER BY id LIMIT 1000) AS batch ORDER BY id DESC LIMIT 1;\n    UPDATE orders SET state = 'new' WHERE orders.id BETWEEN batch_first AND batch_last;\n    COMMIT;\n    batch_first := (SELECT id FROM orders WHERE id > batch_last ORDER BY id LIMIT 1);\n  END LOOP;\nEND\n$$;",
    },
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY);',
        'WITH gone AS (DELETE FROM orders WHERE id > 10 RETURNING id) SELECT count(*) FROM gone;',
      ],
    },
    { files: ['DO $$ BEGIN\n  UPDATE p SET x = 1;\nEND $$;'] },
    {
      files: [
        '-- +goose Up\n-- +goose StatementBegin\nDO $$ BEGIN\n  LOOP\n    UPDATE p SET x = 1 WHERE id IN (SELECT id FROM p WHERE x IS NULL LIMIT 1000);\n    EXIT WHEN NOT FOUND;\n  END LOOP;\nEND $$;\n-- +goose StatementEnd\n',
      ],
    },
  ],
  good: [
    { files: ['CREATE TABLE p (x int);\nUPDATE p SET x = 1;'] },
    { files: ['CREATE TEMP TABLE p (x int);\nDELETE FROM p;'] },
    { files: ['UPDATE settings SET value = 1 WHERE id = 5;'] },
    {
      files: [
        'CREATE TABLE settings (key text UNIQUE, value text);',
        "UPDATE settings SET value = 'b' WHERE key IN ('x', 'y') AND value = 'a';",
      ],
    },
    {
      files: [
        'CREATE TABLE t (a int, b int, v int, PRIMARY KEY (a, b));',
        'DELETE FROM t WHERE a = 1 AND b = ANY (ARRAY[1, 2]);',
      ],
    },
    {
      files: [
        'CREATE TABLE t (id int PRIMARY KEY, v text);',
        "UPDATE t SET v = n.v FROM (VALUES (1, 'a'), (2, 'b')) AS n (id, v) WHERE t.id = n.id;",
      ],
    },
    { files: ['UPDATE p SET x = 1 WHERE ctid IN (SELECT ctid FROM p WHERE x IS NULL LIMIT 1000);'] },
    {
      files: [
        'DO $$\nDECLARE low bigint := 0;\nBEGIN\n  LOOP\n    UPDATE p SET x = 1 WHERE id > low AND id <= low + 1000;\n    COMMIT;\n    low := low + 1000;\n    EXIT WHEN low > 100000;\n  END LOOP;\nEND $$;',
      ],
    },
    {
      files: [
        'WITH batch AS (SELECT id, at FROM p WHERE x IS NULL LIMIT 1000), done AS (UPDATE p SET x = 1 FROM batch AS b WHERE (p.id, p.at) = (b.id, b.at) RETURNING 1) SELECT count(*) FROM done;',
      ],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nUPDATE p SET x = NULL;\n'] },
    { files: ['INSERT INTO p SELECT 1;\nSELECT * FROM p FOR UPDATE;'] },
  ],

  *checkStep(step) {
    for (const write of rowWrites(step)) {
      if (isBounded(step, write)) continue;
      const name = displayName(write.table);
      const verb = write.verb.toLowerCase();
      yield {
        span: tokenSpan(
          step.statement,
          verb,
          placeOf(write) === undefined ? 0 : before(step.statement.text, write),
        ),
        message: `This ${write.verb} goes through all of ${name} in one transaction, and holds the rows it has changed until it ends.`,
        why: inTransactionBlock(step)
          ? 'The locks stay until the whole transaction commits: the application waits for these rows meanwhile, the table bloats, and replicas fall behind. Work in batches that are committed one by one, in a migration of its own without a transaction.'
          : 'The application waits for these rows meanwhile, the table bloats, and replicas fall behind. Work in batches that are committed one by one.',
        fixes: (site) => inBatches(site, write),
      };
    }
  },
};

function placeOf({ statement }: RowWrite): number | undefined {
  return statement.relation?.location;
}

/** Where the verb of a statement within WITH stands: the last of its kind before its table's name. */
function before(text: string, write: RowWrite): number {
  return Math.max(0, text.slice(0, placeOf(write)).toLowerCase().lastIndexOf(write.verb.toLowerCase()));
}

const BATCH = 1000;

/** The statement as a loop over the table's key, each batch committed. Only where its key and its WHERE are plain. */
function inBatches(site: Site, write: RowWrite): readonly Fix[] {
  const { step } = site;
  const key = singleKey(site, write.table);
  const { schema, name } = objectKeyParts(write.table);
  const text = key === undefined ? undefined : ofOneBatch(site, write, key);
  if (key === undefined || text === undefined || step.nested || site.script.direction !== 'up') return [];
  const table = quotePath(schema === 'public' ? undefined : schema, name);
  const id = quoteName(key);
  const block = [
    'DO $$',
    'DECLARE',
    `  batch_first ${table}.${id}%TYPE;`,
    `  batch_last ${table}.${id}%TYPE;`,
    'BEGIN',
    `  SELECT ${id} INTO batch_first FROM ${table} ORDER BY ${id} LIMIT 1;`,
    '  WHILE batch_first IS NOT NULL LOOP',
    `    SELECT ${id} INTO batch_last FROM (SELECT ${id} FROM ${table} WHERE ${id} >= batch_first ORDER BY ${id} LIMIT ${BATCH}) AS batch ORDER BY ${id} DESC LIMIT 1;`,
    `    ${text};`,
    '    COMMIT;',
    `    batch_first := (SELECT ${id} FROM ${table} WHERE ${id} > batch_last ORDER BY ${id} LIMIT 1);`,
    '  END LOOP;',
    'END',
    '$$',
  ].join('\n');
  if (!inTransactionBlock(step) && step.placement.mode === 'autocommit' && !step.placement.inCompany) {
    return [
      {
        title: `Work through ${displayName(write.table)} in batches`,
        grade: 'review',
        changes: [{ kind: 'replaceStatement', statement: site.statement, text: block }],
      },
    ];
  }
  return [
    {
      title: `Work through ${displayName(write.table)} in batches, in a migration of its own`,
      grade: 'review',
      changes: [
        {
          kind: 'moveToNewMigration',
          statements: [site.statement],
          migration: { name: `backfill_${name}`, transactional: false, up: [block], down: [] },
        },
      ],
    },
  ];
}

/** The one column of the primary key, where it is there to the end of the history. */
function singleKey(site: Site, table: string): string | undefined {
  const [columns] = (tableOf(site.step.before, table)?.constraints ?? [])
    .filter((each) => each.kind === 'primaryKey')
    .map((each) => each.columns);
  const [column, ...others] = columns ?? [];
  if (column === undefined || others.length > 0) return undefined;
  return columnOf(tableOf(site.end(), table), column) === undefined ? undefined : column;
}

/** The statement's text with its WHERE narrowed to one batch. */
function ofOneBatch(site: Site, { statement }: RowWrite, key: string): string | undefined {
  const { statement: parsed } = site.step;
  const withSources = 'fromClause' in statement || 'usingClause' in statement;
  if (!('UpdateStmt' in site.step.node) && !('DeleteStmt' in site.step.node)) return undefined;
  if (withSources || statement.withClause !== undefined || statement.returningClause !== undefined)
    return undefined;
  // Its own quotes must not end the block's.
  if (parsed.text.includes('$$') || parsed.text.includes('--')) return undefined;
  const name = statement.relation?.alias?.aliasname ?? statement.relation?.relname ?? '';
  const batch = `${quoteName(name)}.${quoteName(key)} BETWEEN batch_first AND batch_last`;
  if (statement.whereClause === undefined) return `${parsed.text} WHERE ${batch}`;
  const where = findKeywords(parsed, ['where']);
  if (where === undefined) return undefined;
  const condition = parsed.text.slice(where.end).trim();
  return `${parsed.text.slice(0, where.end)} (${condition}) AND ${batch}`;
}
