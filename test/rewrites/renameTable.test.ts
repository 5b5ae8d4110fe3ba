import type { Original } from './original.ts';
import { prove } from './proof.ts';

const orders = `CREATE TABLE orders (id bigserial PRIMARY KEY, note text NOT NULL DEFAULT 'n', qty int CHECK (qty > 0));
CREATE INDEX orders_note ON orders (note);
CREATE VIEW noted AS SELECT id, note FROM orders WHERE note <> '';
COMMENT ON TABLE orders IS 'ä';
INSERT INTO orders (qty) SELECT i FROM generate_series(1, 5) AS i;`;

const rename = {
  up: 'ALTER TABLE orders RENAME TO purchases;',
  down: 'ALTER TABLE purchases RENAME TO orders;',
};

const originals: readonly Original[] = [
  { about: 'a table under an index and a view', given: orders, ...rename },
  { about: 'grants', given: `${orders}\nGRANT SELECT, INSERT (note) ON TABLE orders TO PUBLIC;`, ...rename },
  {
    about: 'grants on all tables, some taken back',
    given: `${orders}\nGRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC;\nREVOKE DELETE ON orders, noted FROM PUBLIC;`,
    ...rename,
  },
  {
    about: 'grants under a name before',
    given: `CREATE TABLE carts (id int PRIMARY KEY);\nGRANT SELECT ON carts TO PUBLIC;\nALTER TABLE carts RENAME TO orders;`,
    ...rename,
  },
  {
    about: 'row security, from 15 on',
    given: `${orders}\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON orders USING (qty < 3);\nGRANT SELECT ON orders TO PUBLIC;`,
    ...rename,
    postgresVersion: 15,
  },
  {
    about: 'names that want quotes, in a schema',
    given: `CREATE SCHEMA "Läden";
CREATE TABLE "Läden"."Line Items" ("Größe" int, "user" text, PRIMARY KEY ("user", "Größe"));
INSERT INTO "Läden"."Line Items" VALUES (1, 'ä');`,
    up: 'ALTER TABLE "Läden"."Line Items" RENAME TO "select";',
    down: 'ALTER TABLE "Läden"."select" RENAME TO "Line Items";',
  },
  {
    about: 'to another schema',
    given: `CREATE SCHEMA archive;\n${orders}`,
    up: 'ALTER TABLE orders SET SCHEMA archive;',
    down: 'ALTER TABLE archive.orders SET SCHEMA public;',
  },
  {
    about: 'a partitioned table with a composite key',
    given: `CREATE TABLE m (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
CREATE TABLE m_2 PARTITION OF m DEFAULT;
INSERT INTO m SELECT i, date '2026-06-25' + i FROM generate_series(1, 10) AS i;`,
    up: 'ALTER TABLE m RENAME TO metrics;',
    down: 'ALTER TABLE metrics RENAME TO m;',
  },
  {
    about: 'foreign keys in both directions',
    given: `${orders}
CREATE TABLE lines (id int PRIMARY KEY, order_id bigint REFERENCES orders);
ALTER TABLE orders ADD first_line int REFERENCES lines;
INSERT INTO lines VALUES (1, 1);`,
    ...rename,
  },
  {
    about: 'among other statements, in both directions',
    given: orders,
    up: 'ALTER TABLE orders ADD extra int;\nALTER TABLE orders RENAME TO purchases;\nCREATE TABLE other (id int);',
    down: 'DROP TABLE other;\nALTER TABLE purchases RENAME TO orders;\nALTER TABLE orders DROP extra;',
  },
  { about: 'a file without a down', given: orders, up: rename.up, down: '-- nothing' },
  {
    about: 'a view',
    given: orders,
    up: 'ALTER VIEW noted RENAME TO notes;',
    down: 'ALTER VIEW notes RENAME TO noted;',
  },
  {
    about: 'a table with triggers, generated and identity columns',
    given: `CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY, net numeric(8, 2), gross numeric GENERATED ALWAYS AS (net * 1.2) STORED);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
INSERT INTO orders (net) VALUES (1), (2.5);`,
    ...rename,
  },
  { about: 'outside a transaction', given: orders, ...rename, noTransaction: true },
  {
    about: 'outside a transaction, beside what wants none',
    given: `${orders}\nGRANT SELECT ON orders TO PUBLIC;`,
    up: `DROP INDEX CONCURRENTLY IF EXISTS orders_qty;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_qty ON orders (qty);\n${rename.up}`,
    down: `${rename.down}\nDROP INDEX CONCURRENTLY IF EXISTS orders_qty;`,
    noTransaction: true,
  },
];

prove(['rename-table'], originals);
