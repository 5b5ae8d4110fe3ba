import { prove } from './proof.ts';

const shops = `CREATE TABLE shops (id bigint PRIMARY KEY, code text UNIQUE, UNIQUE (id, code));
INSERT INTO shops SELECT i, 'c' || i FROM generate_series(1, 5) AS i;
CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint, shop_code text, total numeric(10, 2));
INSERT INTO orders SELECT i, i, 'c' || i, i FROM generate_series(1, 5) AS i;`;

prove(
  ['add-foreign-key', 'add-check'],
  [
    {
      about: 'a named foreign key',
      given: shops,
      up: 'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id);',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_shop;',
    },
    {
      about: 'a foreign key that PostgreSQL names, with actions',
      given: shops,
      up: 'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops ON DELETE CASCADE ON UPDATE SET NULL;',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_shop_id_fkey;',
    },
    {
      about: 'two columns, deferrable',
      given: shops,
      up: 'ALTER TABLE orders ADD FOREIGN KEY (shop_id, shop_code) REFERENCES shops (id, code) MATCH FULL DEFERRABLE INITIALLY DEFERRED;',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_shop_id_shop_code_fkey;',
    },
    {
      about: 'among other commands',
      given: shops,
      up: 'ALTER TABLE orders ADD COLUMN note text, ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops, ALTER total SET DEFAULT 0;',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_shop, DROP COLUMN note, ALTER total DROP DEFAULT;',
    },
    {
      about: 'two constraints in one file',
      given: shops,
      up: 'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops;\nALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0);',
      down: 'ALTER TABLE orders DROP CONSTRAINT total_pos;\nALTER TABLE orders DROP CONSTRAINT orders_shop;',
    },
    {
      about: 'names that want quotes, in a schema',
      given: `CREATE SCHEMA shop;
CREATE TABLE shop."Line Items" ("Größe" int, "select" text);
INSERT INTO shop."Line Items" VALUES (1, 'ä'), (2, NULL);`,
      up: 'ALTER TABLE shop."Line Items" ADD CONSTRAINT "Größe > 0" CHECK ("Größe" > 0), ADD CHECK ("select" <> \'ß;\');',
      down: 'ALTER TABLE shop."Line Items" DROP CONSTRAINT "Größe > 0", DROP CONSTRAINT "Line Items_select_check";',
    },
    {
      about: 'a CHECK over several columns',
      given: shops,
      up: "ALTER TABLE orders ADD CHECK (total > 0 OR shop_code = 'c0');",
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_check;',
    },
    {
      about: 'a CHECK of a partitioned table',
      given: `CREATE TABLE m (id int, v int) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (10);
CREATE TABLE m_2 PARTITION OF m DEFAULT;
INSERT INTO m SELECT i, i FROM generate_series(1, 20) AS i;`,
      up: 'ALTER TABLE m ADD CONSTRAINT v_pos CHECK (v > 0);',
      down: 'ALTER TABLE m DROP CONSTRAINT v_pos;',
    },
    {
      about: 'a foreign key to a partitioned table',
      given: `CREATE TABLE m (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (10);
INSERT INTO m SELECT i FROM generate_series(1, 9) AS i;
CREATE TABLE n (m_id int);
INSERT INTO n VALUES (1), (9), (NULL);`,
      up: 'ALTER TABLE n ADD CONSTRAINT n_m FOREIGN KEY (m_id) REFERENCES m;',
      down: 'ALTER TABLE n DROP CONSTRAINT n_m;',
    },
    {
      about: 'a table that refers to itself, with a view over it',
      given: `CREATE TABLE tree (id int PRIMARY KEY, parent int);
CREATE INDEX ON tree (parent);
CREATE VIEW roots AS SELECT * FROM tree WHERE parent IS NULL;
INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 1);`,
      up: 'ALTER TABLE tree ADD FOREIGN KEY (parent) REFERENCES tree (id);',
      down: 'ALTER TABLE tree DROP CONSTRAINT tree_parent_fkey;',
    },
    {
      about: 'a CHECK that inherited tables share',
      given: `CREATE TABLE a (v int);
CREATE TABLE b (w int) INHERITS (a);
INSERT INTO a VALUES (1);
INSERT INTO b VALUES (2, 3);`,
      up: 'ALTER TABLE a ADD CONSTRAINT v_pos CHECK (v > 0);',
      down: 'ALTER TABLE a DROP CONSTRAINT v_pos;',
    },
    {
      about: 'NO INHERIT, an enum',
      given: `CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TABLE a (v mood);
INSERT INTO a VALUES ('ok');`,
      up: "ALTER TABLE a ADD CONSTRAINT not_sad CHECK (v <> 'sad') NO INHERIT;",
      down: 'ALTER TABLE a DROP CONSTRAINT not_sad;',
    },
  ],
);
