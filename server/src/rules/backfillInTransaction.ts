import { displayName } from '../catalog/catalog.ts';
import { inTransactionBlock } from '../replay/step.ts';
import { type RowWrite, rewriteInBatches } from '../rewrites/writeInBatches.ts';
import { tokenSpan } from './place.ts';
import { revisionThat } from './revisionExample.ts';
import { isBounded, rowWrites } from './rowWrites.ts';
import type { Rule } from './rule.ts';

export const backfillInTransaction: Rule = {
  id: 'backfill-in-transaction',
  category: 'data',
  level: 'warning',
  since: '0.1.0',
  peers: ['strong_migrations backfill', 'pgls updateWithoutBatching', 'online_migrations'],
  summary: 'An UPDATE or DELETE of many rows in one go.',
  why: 'One statement is one transaction: the lock on each row that it has changed is held until the last one is done, so the application waits for rows it wants to write; the table grows by as many dead rows, vacuum cannot clean up behind it, and replicas fall behind by all of it at once. Work through the key in batches of some thousand rows that are committed one by one, in a migration of its own that no transaction holds. Bounded is what fixes a unique key to values in the statement, or takes them from a query with a LIMIT.',
  bad: () => [
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
        "DO $$\n#variable_conflict use_column\nDECLARE\n  batch_size constant integer := 1000;\n  pause constant double precision := 0.01; -- seconds between two batches\n  written bigint := 0;\n  changed bigint;\n  batch_first_1 orders.id%TYPE;\n  batch_last_1 orders.id%TYPE;\nBEGIN\n  SELECT id INTO batch_first_1 FROM orders WHERE state IS DISTINCT FROM ('new') ORDER BY id LIMIT 1;\n  WHILE FOUND LOOP\n    SELECT id INTO batch_last_1 FROM (\n      SELECT id FROM orders WHERE id >= batch_first_1 ORDER BY id LIMIT batch_size\n    ) AS batch ORDER BY id DESC LIMIT 1;\n    FOR attempt IN 1 .. 10 LOOP\n      BEGIN\n        PERFORM set_config('lock_timeout', '2s', true);\n        UPDATE orders SET state = 'new'\n        WHERE id >= batch_first_1 AND id <= batch_last_1 AND (state IS DISTINCT FROM ('new'));\n        GET DIAGNOSTICS changed = ROW_COUNT;\n        EXIT;\n      EXCEPTION WHEN lock_not_available OR deadlock_detected THEN\n        IF attempt = 10 THEN RAISE; END IF;\n        PERFORM pg_sleep(attempt * 0.1);\n      END;\n    END LOOP;\n    COMMIT;\n    written := written + changed;\n    RAISE NOTICE '%: % rows written', 'orders', written;\n    PERFORM pg_sleep(pause);\n    SELECT id INTO batch_first_1 FROM orders\n    WHERE id > batch_last_1 AND (state IS DISTINCT FROM ('new')) ORDER BY id LIMIT 1;\n  END LOOP;\nEND\n$$;",
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
    // One row after the other are many.
    {
      files: [
        revisionThat(
          'conn = op.get_bind()\n    for row in conn.execute(sa.text("SELECT id FROM p")):\n        conn.execute(sa.text("UPDATE p SET x = 1 WHERE id = :id"), {"id": row.id})',
        ),
      ],
    },
  ],
  good: () => [
    { files: ['CREATE TABLE p (x int);\nUPDATE p SET x = 1;'] },
    { files: ['CREATE TEMP TABLE p (x int);\nDELETE FROM p;'] },
    { files: ['UPDATE settings SET value = 1 WHERE id = 5;'] },
    { files: [`UPDATE settings SET value = 1 WHERE id = {{ setting }} AND name <> '';`] },
    {
      files: [
        revisionThat('op.execute(f"UPDATE settings SET value = 1 WHERE id = {os.environ[\'SETTING\']}")'),
      ],
    },
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

  *checkStep(step, context) {
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
        fixes: (site) => rewriteInBatches(site, context, write),
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
