import { prove } from './proof.ts';

const orders = `CREATE TABLE orders (id bigint PRIMARY KEY, state text, qty int, note json);
CREATE INDEX orders_state ON orders (state);
CREATE VIEW open AS SELECT id, state FROM orders;
INSERT INTO orders SELECT i, 's' || i % 3, i, '{}' FROM generate_series(1, 2500) AS i;`;

const keyed = `CREATE SCHEMA shop;
CREATE TABLE shop."Line Items" ("Größe" int, "user" text COLLATE "C", n int, PRIMARY KEY ("user", "Größe"));
INSERT INTO shop."Line Items" SELECT i, 'ü' || i % 7, i FROM generate_series(1, 1500) AS i;`;

const down = 'SELECT 1;';

prove(
  ['backfill-in-transaction'],
  [
    { about: 'all rows', given: orders, up: "UPDATE orders SET state = 'new';", down },
    {
      about: 'a table without a key',
      given: `CREATE TABLE keyless (v int, w text);
INSERT INTO keyless SELECT i, repeat('x', 200) FROM generate_series(1, 3000) AS i;
DELETE FROM keyless WHERE v % 7 = 0;`,
      up: 'UPDATE keyless SET v = 5 WHERE w IS NOT NULL;',
      down: 'SELECT 1;',
    },
    {
      about: 'some rows',
      given: orders,
      up: "UPDATE orders SET state = 'new', qty = id WHERE state = 's1' OR qty < 9;",
      down,
    },
    { about: 'a deletion', given: orders, up: "DELETE FROM orders WHERE state = 's2';", down },
    { about: 'a deletion of all rows', given: orders, up: 'DELETE FROM orders;', down },
    {
      about: 'an alias',
      given: orders,
      up: "UPDATE orders AS o SET state = 'x' || o.id WHERE o.qty > 3;",
      down,
    },
    { about: 'a column without equality', given: orders, up: `UPDATE orders SET note = '{"a": 1}';`, down },
    {
      about: 'a composite key, names that want quotes',
      given: keyed,
      up: `UPDATE shop."Line Items" SET n = "Größe" * 2, "N" = 1;`.replace(', "N" = 1', ''),
      down,
    },
    {
      about: 'a composite key, a deletion',
      given: keyed,
      up: `DELETE FROM shop."Line Items" AS l WHERE l."Größe" % 2 = 0;`,
      down,
    },
    {
      about: 'a partitioned table',
      given: `CREATE TABLE m (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (1000);
CREATE TABLE m_2 PARTITION OF m DEFAULT;
INSERT INTO m SELECT i, i FROM generate_series(1, 2000) AS i;`,
      up: 'UPDATE m SET v = id + (SELECT 1);',
      down,
    },
    {
      about: 'among other statements',
      given: orders,
      up: "ALTER TABLE orders ADD COLUMN kind text DEFAULT 'a';\nUPDATE orders SET kind = CASE WHEN qty > 5 THEN 'b;' ELSE '$$' END;",
      down: 'ALTER TABLE orders DROP COLUMN kind;',
    },
    {
      about: 'outside a transaction',
      given: orders,
      up: "UPDATE orders SET state = 'new';",
      down,
      noTransaction: true,
    },
    {
      about: 'a subquery',
      given: orders,
      up: 'UPDATE orders SET qty = 0 WHERE id IN (SELECT id FROM orders WHERE id > 1000);',
      down,
    },
  ],
);
