import { prove } from './proof.ts';

const shops = `CREATE TABLE shops (id int PRIMARY KEY, code text, UNIQUE (id, code));
INSERT INTO shops SELECT i, 'c' || i FROM generate_series(1, 5) AS i;`;

const orders = `${shops}
CREATE TABLE orders (id int, shop int, code text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM (1) TO (3);
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
INSERT INTO orders SELECT i, i, 'c' || i FROM generate_series(1, 5) AS i;`;

const deep = `${shops}
CREATE SCHEMA "Läden";
CREATE TABLE "Läden".m ("Größe" int, shop int) PARTITION BY RANGE ("Größe");
CREATE TABLE "Läden"."m 1" PARTITION OF "Läden".m FOR VALUES FROM (1) TO (3) PARTITION BY LIST (shop);
CREATE TABLE "Läden"."m 1 a" PARTITION OF "Läden"."m 1" FOR VALUES IN (1, 2);
CREATE TABLE "Läden"."m 2" PARTITION OF "Läden".m DEFAULT;
INSERT INTO "Läden".m SELECT i, i FROM generate_series(1, 5) AS i;`;

const up = (constraint: string) => `ALTER TABLE orders ADD ${constraint};`;
const down = 'ALTER TABLE orders DROP CONSTRAINT orders_shop;';

prove(
  ['add-foreign-key'],
  [
    {
      about: 'a named one',
      given: orders,
      up: up('CONSTRAINT orders_shop FOREIGN KEY (shop) REFERENCES shops'),
      down,
    },
    {
      about: 'one that PostgreSQL names',
      given: orders,
      up: up('FOREIGN KEY (shop) REFERENCES shops (id)'),
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_shop_fkey;',
    },
    {
      about: 'actions',
      given: orders,
      up: up(
        'CONSTRAINT orders_shop FOREIGN KEY (shop) REFERENCES shops ON DELETE CASCADE ON UPDATE SET NULL',
      ),
      down,
    },
    {
      about: 'two columns, deferred',
      given: orders,
      up: up(
        'CONSTRAINT orders_shop FOREIGN KEY (shop, code) REFERENCES shops (id, code) DEFERRABLE INITIALLY DEFERRED',
      ),
      down,
    },
    {
      about: 'MATCH FULL',
      given: orders,
      up: up('CONSTRAINT orders_shop FOREIGN KEY (shop, code) REFERENCES shops (id, code) MATCH FULL'),
      down,
    },
    {
      about: 'partitions of partitions, another schema',
      given: deep,
      up: 'ALTER TABLE "Läden".m ADD CONSTRAINT "im Laden" FOREIGN KEY (shop) REFERENCES shops;',
      down: 'ALTER TABLE "Läden".m DROP CONSTRAINT "im Laden";',
    },
    {
      about: 'among other commands',
      given: orders,
      up: 'ALTER TABLE orders ADD COLUMN extra int, ADD CONSTRAINT orders_shop FOREIGN KEY (shop) REFERENCES shops;',
      down: 'ALTER TABLE orders DROP CONSTRAINT orders_shop, DROP COLUMN extra;',
    },
    {
      about: 'among other statements',
      given: orders,
      up: `ALTER TABLE orders ADD COLUMN extra int;\n${up('CONSTRAINT orders_shop FOREIGN KEY (shop) REFERENCES shops')}`,
      down: `${down}\nALTER TABLE orders DROP COLUMN extra;`,
    },
    {
      about: 'a file without a down',
      given: orders,
      up: up('CONSTRAINT orders_shop FOREIGN KEY (shop) REFERENCES shops'),
      down: '-- nothing',
    },
    {
      about: 'views and indexes on the column',
      given: `${orders}\nCREATE INDEX ON orders (shop);\nCREATE VIEW seen AS SELECT shop FROM orders;`,
      up: up('CONSTRAINT orders_shop FOREIGN KEY (shop) REFERENCES shops'),
      down,
    },
    {
      about: 'another foreign key beside it',
      given: `${orders}\nALTER TABLE orders ADD CONSTRAINT other FOREIGN KEY (id) REFERENCES shops;`,
      up: up('CONSTRAINT orders_shop FOREIGN KEY (shop) REFERENCES shops'),
      down,
    },
    {
      about: 'a column that is NOT NULL, hash partitions',
      given: `${shops}
CREATE TABLE orders (shop int NOT NULL) PARTITION BY HASH (shop);
CREATE TABLE orders_0 PARTITION OF orders FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE orders_1 PARTITION OF orders FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO orders SELECT i FROM generate_series(1, 5) AS i;`,
      up: up('CONSTRAINT orders_shop FOREIGN KEY (shop) REFERENCES shops'),
      down,
    },
  ],
);
