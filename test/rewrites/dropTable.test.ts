import type { Original } from './original.ts';
import { prove } from './proof.ts';

const carts = `CREATE TABLE carts (id bigint PRIMARY KEY, note text DEFAULT 'n');
CREATE INDEX carts_note ON carts (note);
COMMENT ON TABLE carts IS 'ä';`;
const rows = "\nINSERT INTO carts SELECT i, 'n' || i FROM generate_series(1, 5) AS i;";

const originals: readonly Original[] = [
  { about: 'a table under an index', given: carts + rows, up: 'DROP TABLE carts;', down: carts },
  { about: 'IF EXISTS', given: carts + rows, up: 'DROP TABLE IF EXISTS carts;', down: carts },
  {
    about: 'CASCADE, with a view',
    given: `${carts + rows}\nCREATE VIEW noted AS SELECT note FROM carts;`,
    up: 'DROP TABLE carts CASCADE;',
    down: `${carts}\nCREATE VIEW noted AS SELECT note FROM carts;`,
  },
  {
    about: 'two tables, one that refers to the other',
    given: `${carts}\nCREATE TABLE lines (id int PRIMARY KEY, cart bigint REFERENCES carts);${rows}\nINSERT INTO lines VALUES (1, 2);`,
    up: 'DROP TABLE lines, carts;',
    down: `${carts}\nCREATE TABLE lines (id int PRIMARY KEY, cart bigint REFERENCES carts);`,
  },
  {
    about: 'two statements',
    given: `${carts}\nCREATE TABLE lines (id int PRIMARY KEY);${rows}`,
    up: 'DROP TABLE lines;\nDROP TABLE carts;',
    down: `${carts}\nCREATE TABLE lines (id int PRIMARY KEY);`,
  },
  {
    about: 'a table that refers to another',
    given: `${carts}\nCREATE TABLE lines (id int PRIMARY KEY, cart bigint REFERENCES carts);${rows}\nINSERT INTO lines VALUES (1, 2);`,
    up: 'DROP TABLE lines;',
    down: 'CREATE TABLE lines (id int PRIMARY KEY, cart bigint REFERENCES carts);',
  },
  {
    about: 'names that want quotes, in a schema, a composite key',
    given: `CREATE SCHEMA shop;
CREATE TABLE shop."Line Items" ("Größe" int, "user" text, PRIMARY KEY ("user", "Größe"));
INSERT INTO shop."Line Items" VALUES (1, 'ä');`,
    up: 'DROP TABLE shop."Line Items";',
    down: 'CREATE TABLE shop."Line Items" ("Größe" int, "user" text, PRIMARY KEY ("user", "Größe"));',
  },
  {
    about: 'a partitioned table',
    given: `CREATE TABLE m (id int, v text) PARTITION BY LIST (id);\nCREATE TABLE m_1 PARTITION OF m DEFAULT;\nINSERT INTO m VALUES (1, 'ä');`,
    up: 'DROP TABLE m;',
    down: 'CREATE TABLE m (id int, v text) PARTITION BY LIST (id);\nCREATE TABLE m_1 PARTITION OF m DEFAULT;',
  },
  {
    about: 'a partition',
    given: `CREATE TABLE m (id int, v text) PARTITION BY LIST (id);\nCREATE TABLE m_1 PARTITION OF m DEFAULT;\nCREATE TABLE m_2 PARTITION OF m FOR VALUES IN (2);\nINSERT INTO m VALUES (1, 'ä');`,
    up: 'DROP TABLE m_2;',
    down: 'CREATE TABLE m_2 PARTITION OF m FOR VALUES IN (2);',
  },
  {
    about: 'among other statements, in both directions',
    given: carts + rows,
    up: 'CREATE TABLE other (id int);\nDROP TABLE carts;\nCREATE INDEX other_id ON other (id);',
    down: `DROP INDEX other_id;\n${carts}\nDROP TABLE other;`,
  },
  {
    about: 'a serial, and its grants',
    given:
      'CREATE TABLE carts (id serial PRIMARY KEY, v int[]);\nGRANT SELECT ON carts TO PUBLIC;\nINSERT INTO carts (v) VALUES (NULL);',
    up: 'DROP TABLE carts;',
    down: 'CREATE TABLE carts (id serial PRIMARY KEY, v int[]);\nGRANT SELECT ON carts TO PUBLIC;',
  },
  {
    about: 'a trigger whose function stays',
    given: `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE carts (id int);
CREATE TRIGGER touch BEFORE UPDATE ON carts FOR EACH ROW EXECUTE FUNCTION touch();`,
    up: 'CREATE TABLE other (id int);\nDROP TABLE carts;',
    down: `CREATE TABLE carts (id int);
CREATE TRIGGER touch BEFORE UPDATE ON carts FOR EACH ROW EXECUTE FUNCTION touch();
DROP TABLE other;`,
  },
  {
    about: 'a name that is taken',
    given: `${carts + rows}\nCREATE TABLE deprecated_carts (id int);`,
    up: 'DROP TABLE carts;',
    down: carts,
  },
  {
    about: 'outside a transaction',
    given: carts + rows,
    up: 'DROP TABLE carts;',
    down: carts,
    noTransaction: true,
  },
  {
    about: 'outside a transaction, beside what wants none',
    given: `${carts + rows}\nCREATE TABLE lines (id int);`,
    up: 'DROP TABLE IF EXISTS carts;\nDROP INDEX CONCURRENTLY IF EXISTS lines_id;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS lines_id ON lines (id);',
    down: `DROP INDEX CONCURRENTLY IF EXISTS lines_id;\n${carts}`,
    noTransaction: true,
  },
];

prove(['drop-table'], originals);
