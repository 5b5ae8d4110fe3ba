import type { Original } from './original.ts';
import { prove } from './proof.ts';

const orders = `CREATE TABLE orders (id bigint PRIMARY KEY, note text, code varchar(8) NOT NULL, qty int NOT NULL DEFAULT 1);
CREATE INDEX orders_note ON orders (note);
CREATE VIEW counted AS SELECT id, qty FROM orders;
INSERT INTO orders SELECT i, 'n' || i, 'c', i FROM generate_series(1, 5) AS i;`;

const note = {
  up: 'ALTER TABLE orders DROP COLUMN note;',
  down: 'ALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX orders_note ON orders (note);',
};

const originals: readonly Original[] = [
  { about: 'a column under an index', given: orders, ...note },
  {
    about: 'a column that is NOT NULL',
    given: orders,
    up: 'ALTER TABLE orders DROP COLUMN code;',
    down: "ALTER TABLE orders ADD COLUMN code varchar(8) NOT NULL DEFAULT '';\nALTER TABLE orders ALTER code DROP DEFAULT;",
  },
  {
    about: 'a column with a default',
    given: orders,
    up: 'DROP VIEW counted;\nALTER TABLE orders DROP qty;',
    down: 'ALTER TABLE orders ADD qty int NOT NULL DEFAULT 1;\nCREATE VIEW counted AS SELECT id, qty FROM orders;',
  },
  {
    about: 'CASCADE, with a view',
    given: orders,
    up: 'ALTER TABLE orders DROP qty CASCADE;',
    down: 'ALTER TABLE orders ADD qty int NOT NULL DEFAULT 1;\nCREATE VIEW counted AS SELECT id, qty FROM orders;',
  },
  {
    about: 'among other commands, in both directions',
    given: orders,
    up: 'ALTER TABLE orders ADD extra int, DROP COLUMN IF EXISTS note, ALTER qty SET DEFAULT 2;',
    down: 'ALTER TABLE orders ALTER qty SET DEFAULT 1, ADD COLUMN note text, DROP extra;\nCREATE INDEX orders_note ON orders (note);',
  },
  {
    about: 'two columns',
    given: orders,
    up: 'ALTER TABLE orders DROP note, DROP code;',
    down: "ALTER TABLE orders ADD note text, ADD code varchar(8) NOT NULL DEFAULT '';\nALTER TABLE orders ALTER code DROP DEFAULT;\nCREATE INDEX orders_note ON orders (note);",
  },
  {
    about: 'names that want quotes, in a schema, part of a unique key',
    given: `CREATE SCHEMA shop;
CREATE TABLE shop."Line Items" (id int PRIMARY KEY, "Größe" numeric(8, 2), "user" text, UNIQUE ("Größe", "user"));
INSERT INTO shop."Line Items" VALUES (1, 2, 'ä');`,
    up: 'ALTER TABLE shop."Line Items" DROP COLUMN "Größe";',
    down: 'ALTER TABLE shop."Line Items" ADD COLUMN "Größe" numeric(8, 2);\nALTER TABLE shop."Line Items" ADD UNIQUE ("Größe", "user");',
  },
  {
    about: 'a partitioned table with a composite key',
    given: `CREATE TABLE m (id int, at date, v int CHECK (v > 0), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE m_1 PARTITION OF m DEFAULT;
INSERT INTO m SELECT i, date '2026-06-25' + i, i FROM generate_series(1, 10) AS i;`,
    up: 'ALTER TABLE m DROP v;',
    down: 'ALTER TABLE m ADD v int CHECK (v > 0);',
  },
  {
    about: 'a foreign key',
    given: `CREATE TABLE shops (id int PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, shop_id int REFERENCES shops ON DELETE CASCADE);
INSERT INTO shops VALUES (1);\nINSERT INTO orders VALUES (1, 1);`,
    up: 'ALTER TABLE orders DROP COLUMN shop_id;',
    down: 'ALTER TABLE orders ADD COLUMN shop_id int REFERENCES shops ON DELETE CASCADE;',
  },
  {
    about: 'an identity column and its comment',
    given: `CREATE TABLE orders (id int PRIMARY KEY, no int GENERATED ALWAYS AS IDENTITY);\nCOMMENT ON COLUMN orders.no IS 'ä;';\nINSERT INTO orders VALUES (1);`,
    up: 'ALTER TABLE orders DROP COLUMN no;',
    down: "ALTER TABLE orders ADD COLUMN no int GENERATED ALWAYS AS IDENTITY;\nCOMMENT ON COLUMN orders.no IS 'ä;';",
  },
  {
    about: 'names that are taken',
    given: `CREATE TABLE t (id int PRIMARY KEY, v text[], deprecated_v int);\nINSERT INTO t VALUES (1, '{a}', 2);`,
    up: 'ALTER TABLE t DROP v;',
    down: 'ALTER TABLE t ADD v text[];',
  },
  {
    about: 'among other statements',
    given: orders,
    up: 'CREATE TABLE other (id int);\nALTER TABLE orders DROP note;\nALTER TABLE orders ADD remark text;',
    down: 'ALTER TABLE orders DROP remark;\nALTER TABLE orders ADD note text;\nCREATE INDEX orders_note ON orders (note);\nDROP TABLE other;',
  },
  { about: 'outside a transaction', given: orders, ...note, noTransaction: true },
  {
    about: 'outside a transaction, NOT NULL, beside what wants none',
    given: orders,
    up: 'DROP INDEX CONCURRENTLY IF EXISTS orders_qty;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_qty ON orders (qty);\nALTER TABLE orders DROP COLUMN IF EXISTS code;',
    down: "ALTER TABLE orders ADD COLUMN IF NOT EXISTS code varchar(8) NOT NULL DEFAULT '';\nALTER TABLE orders ALTER code DROP DEFAULT;\nDROP INDEX CONCURRENTLY IF EXISTS orders_qty;",
    noTransaction: true,
  },
];

prove(['drop-column'], originals);
