import type { Original } from './original.ts';
import { prove } from './proof.ts';

const orders = `CREATE TABLE orders (id int PRIMARY KEY, qty int NOT NULL DEFAULT 1 CHECK (qty > 0), note varchar(20) DEFAULT 'n', at timestamp);
CREATE INDEX orders_qty ON orders (qty DESC NULLS LAST, id) WHERE qty > 2;
CREATE UNIQUE INDEX orders_note ON orders (lower(note)) INCLUDE (id);
INSERT INTO orders SELECT i, i, 'N' || i, timestamp '2026-01-01' + i * interval '1 day' FROM generate_series(1, 25) AS i;`;

const qty = {
  up: 'ALTER TABLE orders ALTER COLUMN qty TYPE bigint;',
  down: 'ALTER TABLE orders ALTER COLUMN qty TYPE int;',
};

const sums = `CREATE MATERIALIZED VIEW IF NOT EXISTS sums AS SELECT note, sum(qty) AS total, max(orders.qty) AS most FROM orders GROUP BY note;
CREATE UNIQUE INDEX sums_note ON sums (note);
CREATE INDEX ON sums (most DESC) WHERE total > 1;
COMMENT ON MATERIALIZED VIEW sums IS 'ä;';
COMMENT ON COLUMN sums.total IS 'all';
COMMENT ON INDEX sums_note IS 'one each';
GRANT SELECT ON sums TO PUBLIC;
CREATE VIEW best AS SELECT total FROM sums WHERE most > 5;
COMMENT ON VIEW best IS 'of them';`;

const sizes =
  'CREATE MATERIALIZED VIEW "Läden"."je Größe" WITH (fillfactor = 70) AS SELECT "Größe", i."user" FROM "Läden"."Line Items" AS i;\nCREATE INDEX "Größen" ON "Läden"."je Größe" USING hash ("Größe");';

const originals: readonly Original[] = [
  {
    about: 'a materialized view with all that it can have, and a view of that',
    given: `${orders}\n${sums}`,
    up: qty.up,
    comesTo: `DROP VIEW best;\nDROP MATERIALIZED VIEW sums;\n${qty.up}\n${sums}`,
    down: qty.down,
  },
  {
    about: 'a materialized view and a view, names that want quotes, in a schema',
    given: `CREATE SCHEMA "Läden";
CREATE TABLE "Läden"."Line Items" ("Größe" int PRIMARY KEY, "user" text);
INSERT INTO "Läden"."Line Items" SELECT i, 'ü' || i % 3 FROM generate_series(1, 9) AS i;
${sizes}
CREATE VIEW "Läden".alle AS SELECT "Größe" FROM "Läden"."Line Items";`,
    up: 'ALTER TABLE "Läden"."Line Items" ALTER "Größe" TYPE bigint;',
    comesTo: `DROP VIEW "Läden".alle;
DROP MATERIALIZED VIEW "Läden"."je Größe";
ALTER TABLE "Läden"."Line Items" ALTER "Größe" TYPE bigint;
${sizes}
CREATE VIEW "Läden".alle AS SELECT "Größe" FROM "Läden"."Line Items";`,
    down: 'ALTER TABLE "Läden"."Line Items" ALTER "Größe" TYPE int;',
  },

  { about: 'NOT NULL, a default, a check, an index', given: orders, ...qty },
  {
    about: 'an expression, an index on one, a default that is a string',
    given: orders,
    up: 'ALTER TABLE orders ALTER note TYPE text USING upper(orders.note);',
    down: 'ALTER TABLE orders ALTER note TYPE varchar(20) USING lower(note);',
  },
  {
    about: 'the primary key, referred to from another table and its own',
    given: `${orders}
ALTER TABLE orders ADD before int REFERENCES orders ON DELETE SET NULL;
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO lines VALUES (1, 2);
UPDATE orders SET before = 1 WHERE id = 2;`,
    up: 'ALTER TABLE orders ALTER id TYPE bigint;',
    down: 'ALTER TABLE orders ALTER id TYPE int;',
  },
  {
    about: 'a serial primary key',
    given:
      'CREATE TABLE t (id serial PRIMARY KEY, v text);\nINSERT INTO t (v) SELECT i FROM generate_series(1, 9) AS i;',
    up: 'ALTER TABLE t ALTER id TYPE bigint;',
    down: 'ALTER TABLE t ALTER id TYPE int;',
  },
  {
    about: 'an identity',
    given: `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);\nINSERT INTO t (v) SELECT i FROM generate_series(1, 9) AS i;`,
    up: 'ALTER TABLE t ALTER COLUMN id TYPE bigint;',
    down: 'ALTER TABLE t ALTER COLUMN id TYPE int;',
  },
  {
    about: 'names that want quotes, in a schema, part of a composite key',
    given: `CREATE SCHEMA "Läden";
CREATE TABLE "Läden"."Line Items" ("Größe" int, "user" varchar(9), CONSTRAINT "der Schlüssel" PRIMARY KEY ("user", "Größe"));
INSERT INTO "Läden"."Line Items" SELECT i, 'ü' || i % 3 FROM generate_series(1, 30) AS i;`,
    up: 'ALTER TABLE "Läden"."Line Items" ALTER "Größe" TYPE numeric(12, 2);',
    down: 'ALTER TABLE "Läden"."Line Items" ALTER "Größe" TYPE int;',
  },
  {
    about: 'a view of the column, and a view of that',
    given: `${orders}
CREATE VIEW big (number, quantity) AS SELECT id, qty FROM orders WHERE qty > 5;
COMMENT ON VIEW big IS 'ä;';
COMMENT ON COLUMN big.quantity IS 'many';
GRANT SELECT ON big TO PUBLIC;
CREATE VIEW bigger WITH (security_barrier) AS SELECT * FROM big WHERE quantity > 10;`,
    up: qty.up,
    comesTo: `DROP VIEW bigger, big;
${qty.up}
CREATE VIEW big (number, quantity) AS SELECT id, qty FROM orders WHERE qty > 5;
COMMENT ON VIEW big IS 'ä;';
COMMENT ON COLUMN big.quantity IS 'many';
GRANT SELECT ON big TO PUBLIC;
CREATE VIEW bigger WITH (security_barrier) AS SELECT * FROM big WHERE quantity > 10;`,
    down: qty.down,
  },
  {
    about: 'a view that the file itself makes again',
    given: `${orders}\nCREATE VIEW big AS SELECT id, qty FROM orders;`,
    up: `DROP VIEW big;\n${qty.up}\nCREATE VIEW big AS SELECT id, qty FROM orders;`,
    down: `DROP VIEW big;\n${qty.down}\nCREATE VIEW big AS SELECT id, qty FROM orders;`,
  },
  {
    about: 'comments, grants, statistics',
    given: `${orders}
COMMENT ON COLUMN orders.qty IS 'how many';
COMMENT ON CONSTRAINT orders_qty_check ON orders IS 'some';
COMMENT ON INDEX orders_qty IS 'found';
GRANT SELECT (qty, id), UPDATE (qty) ON orders TO PUBLIC;
ALTER TABLE orders ALTER qty SET STATISTICS 50, ALTER qty SET (n_distinct = 5);`,
    ...qty,
  },
  {
    about: 'a unique constraint, a foreign key, clustering',
    given: `CREATE TABLE shops (id bigint PRIMARY KEY, at int);
CREATE TABLE orders (id int PRIMARY KEY, shop int REFERENCES shops ON UPDATE CASCADE, UNIQUE (shop, id) INCLUDE (id) DEFERRABLE);
ALTER TABLE orders CLUSTER ON orders_pkey;
INSERT INTO shops VALUES (1, 1), (2, 2);
INSERT INTO orders SELECT i, 1 + i % 2 FROM generate_series(1, 9) AS i;`,
    up: 'ALTER TABLE orders ALTER shop TYPE bigint;',
    down: 'ALTER TABLE orders ALTER shop TYPE int;',
  },
  {
    about: 'a partitioned table',
    given: `CREATE TABLE m (id int PRIMARY KEY, v int NOT NULL CHECK (v > 0)) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (10);
CREATE TABLE m_2 PARTITION OF m DEFAULT;
INSERT INTO m SELECT i, i FROM generate_series(1, 20) AS i;`,
    up: 'ALTER TABLE m ALTER v TYPE bigint;',
    down: 'ALTER TABLE m ALTER v TYPE int;',
  },
  {
    about: 'a partitioned table with indexes, one of its own making',
    given: `CREATE TABLE m (id int PRIMARY KEY, v int, w text) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (10);
CREATE INDEX "eigener" ON m_1 (w, v DESC) WHERE v > 2;
CREATE INDEX on_w ON m (w, v DESC) WHERE v > 2;
CREATE TABLE m_2 PARTITION OF m DEFAULT;
CREATE INDEX ON m (lower(w), abs(v));
COMMENT ON INDEX on_w IS 'whole';
COMMENT ON INDEX "eigener" IS 'part';
INSERT INTO m SELECT i, i, 'w' || i FROM generate_series(1, 20) AS i;`,
    up: 'ALTER TABLE m ALTER v TYPE numeric;',
    // ALTER COLUMN TYPE itself forgets what the indexes of partitions were called and what was said of them, and 15 says of
    // them what was said of the whole.
    comesTo: `ALTER TABLE m ALTER v TYPE numeric;
ALTER INDEX m_1_w_v_idx RENAME TO "eigener";
COMMENT ON INDEX "eigener" IS 'part';
COMMENT ON INDEX m_2_w_v_idx IS NULL;`,
    down: 'ALTER TABLE m ALTER v TYPE int;',
  },
  {
    about: 'json without equality, an array, no down',
    given: `CREATE TABLE t (id int PRIMARY KEY, doc text, tags int[] DEFAULT '{}');\nINSERT INTO t SELECT i, '{"a": ' || i || '}', ARRAY[i] FROM generate_series(1, 9) AS i;`,
    up: 'ALTER TABLE t ALTER doc TYPE json USING doc::json, ALTER tags TYPE bigint[];',
    down: '-- nothing',
  },
  {
    about: 'among other statements, with triggers',
    given: `${orders}
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := NEW.note; RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();`,
    up: "ALTER TABLE orders ADD extra int, ALTER at TYPE timestamptz USING at AT TIME ZONE 'UTC';\nCREATE TABLE other (id int);",
    down: "DROP TABLE other;\nALTER TABLE orders DROP extra, ALTER at TYPE timestamp USING at AT TIME ZONE 'UTC';",
  },
  {
    about: 'outside a transaction, beside what wants none',
    given: orders,
    up: `DROP INDEX CONCURRENTLY IF EXISTS orders_both;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_both ON orders (at, qty);\n${qty.up}`,
    down: `${qty.down}\nDROP INDEX CONCURRENTLY IF EXISTS orders_both;`,
    noTransaction: true,
  },
];

prove(['change-column-type'], originals);
