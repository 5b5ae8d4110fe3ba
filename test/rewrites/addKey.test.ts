import { prove } from './proof.ts';

const orders = `CREATE TABLE orders (id bigint, code text, shop int, note varchar(20), mood int NOT NULL DEFAULT 1);
CREATE INDEX orders_note ON orders (note);
CREATE VIEW codes AS SELECT id, code FROM orders;
INSERT INTO orders SELECT i, 'c' || i, i % 3, NULL FROM generate_series(1, 9) AS i;`;

prove(
  ['add-unique'],
  [
    {
      about: 'a named UNIQUE',
      given: orders,
      up: 'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code);',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_code;',
    },
    {
      about: 'a UNIQUE that PostgreSQL names, over two columns',
      given: orders,
      up: 'ALTER TABLE orders ADD UNIQUE (shop, code);',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_shop_code_key;',
    },
    {
      about: 'a primary key over a column that may be NULL',
      given: orders,
      up: 'ALTER TABLE orders ADD PRIMARY KEY (id);',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_pkey, ALTER id DROP NOT NULL;',
    },
    {
      about: 'a primary key over a NOT NULL column',
      given:
        'CREATE TABLE t (id uuid NOT NULL);\nINSERT INTO t SELECT gen_random_uuid() FROM generate_series(1, 3) LIMIT 0;',
      up: 'ALTER TABLE t ADD PRIMARY KEY (id);',
      down: 'ALTER TABLE t DROP CONSTRAINT t_pkey;',
    },
    {
      about: 'a composite primary key, one column NOT NULL',
      given: orders,
      up: 'ALTER TABLE orders ADD CONSTRAINT key PRIMARY KEY (id, mood);',
      down: 'ALTER TABLE orders DROP CONSTRAINT key;\nALTER TABLE orders ALTER id DROP NOT NULL;',
    },
    {
      about: 'INCLUDE, deferred',
      given: orders,
      up: 'ALTER TABLE orders ADD CONSTRAINT later UNIQUE (id) INCLUDE (note) DEFERRABLE INITIALLY DEFERRED;',
      down: 'ALTER TABLE orders DROP CONSTRAINT later;',
    },
    {
      about: 'NULLS NOT DISTINCT',
      given: `${orders}\nUPDATE orders SET note = code;`,
      up: 'ALTER TABLE orders ADD CONSTRAINT one UNIQUE NULLS NOT DISTINCT (note);',
      down: 'ALTER TABLE orders DROP CONSTRAINT one;',
      postgresVersion: 15,
    },
    {
      about: 'among other commands',
      given: orders,
      up: 'ALTER TABLE orders ADD COLUMN extra int, ADD CONSTRAINT orders_code UNIQUE (code), ALTER note SET DEFAULT 1;',
      down: 'ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_code;\nALTER TABLE orders ALTER note DROP DEFAULT, DROP COLUMN extra;',
    },
    {
      about: 'among other statements',
      given: orders,
      up: 'ALTER TABLE orders ADD COLUMN extra int;\nALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code);',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_code;\nALTER TABLE orders DROP COLUMN extra;',
    },
    {
      about: 'names that want quotes, in a schema',
      given: `CREATE SCHEMA "Läden";
CREATE TABLE "Läden"."Line Items" ("Größe" int, "user" text COLLATE "C");
INSERT INTO "Läden"."Line Items" VALUES (1, 'ä'), (2, NULL);`,
      up: 'ALTER TABLE "Läden"."Line Items" ADD CONSTRAINT "je 1" UNIQUE ("user", "Größe");',
      down: 'ALTER TABLE "Läden"."Line Items" DROP CONSTRAINT "je 1";',
    },
    {
      about: 'outside a transaction',
      given: orders,
      up: 'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code);',
      down: 'ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_code;',
      noTransaction: true,
    },
    {
      about: 'a file without a down',
      given: orders,
      up: 'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code);',
      down: '-- nothing',
    },
    {
      about: 'a primary key, from 18 on',
      given: orders,
      up: 'ALTER TABLE orders ADD PRIMARY KEY (id);',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_pkey;\nALTER TABLE orders ALTER id DROP NOT NULL;',
      postgresVersion: 18,
      since: 18,
    },
  ],
);
