import type { Original } from './original.ts';
import { prove } from './proof.ts';

const orders = `CREATE TABLE orders (id bigint PRIMARY KEY, note text, qty int DEFAULT 1, mood int);
CREATE INDEX orders_note ON orders (note);
CREATE VIEW noted AS SELECT id, note FROM orders WHERE note IS NOT NULL;
INSERT INTO orders SELECT i, 'n' || i, i, i FROM generate_series(1, 5) AS i;`;

const originals: readonly Original[] = [
  {
    about: 'a column under an index and a view',
    given: orders,
    up: 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL;',
    down: 'ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;',
  },
  {
    about: 'two columns in one statement',
    given: orders,
    up: 'ALTER TABLE orders ALTER note SET NOT NULL, ALTER qty SET NOT NULL;',
    down: 'ALTER TABLE orders ALTER qty DROP NOT NULL, ALTER note DROP NOT NULL;',
  },
  {
    about: 'among other commands, in both directions',
    given: orders,
    up: 'ALTER TABLE orders ADD COLUMN extra int, ALTER note SET NOT NULL, ALTER qty SET DEFAULT 2;',
    down: 'ALTER TABLE orders ALTER qty SET DEFAULT 1, ALTER note DROP NOT NULL, DROP COLUMN extra;',
  },
  {
    about: 'two statements',
    given: orders,
    up: 'ALTER TABLE orders ALTER note SET NOT NULL;\nALTER TABLE orders ALTER qty SET NOT NULL;',
    down: 'ALTER TABLE orders ALTER qty DROP NOT NULL;\nALTER TABLE orders ALTER note DROP NOT NULL;',
  },
  {
    about: 'names that want quotes, in a schema',
    given: `CREATE SCHEMA "Läden";
CREATE TABLE "Läden"."Line Items" (id int, "Größe" numeric(8, 2), "user" text);
INSERT INTO "Läden"."Line Items" VALUES (1, 2, 'ä');`,
    up: 'ALTER TABLE "Läden"."Line Items" ALTER "Größe" SET NOT NULL, ALTER "user" SET NOT NULL;',
    down: 'ALTER TABLE "Läden"."Line Items" ALTER "Größe" DROP NOT NULL, ALTER "user" DROP NOT NULL;',
  },
  {
    about: 'a partitioned table',
    given: `CREATE TABLE m (id int, v text) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (10);
CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (10) TO (30) PARTITION BY LIST (id);
CREATE TABLE m_2_rest PARTITION OF m_2 DEFAULT;
INSERT INTO m SELECT i, i FROM generate_series(1, 20) AS i;`,
    up: 'ALTER TABLE m ALTER v SET NOT NULL;',
    down: 'ALTER TABLE m ALTER v DROP NOT NULL;',
  },
  {
    about: 'a table that others inherit from',
    given: `CREATE TABLE a (v int);
CREATE TABLE b (w int) INHERITS (a);
INSERT INTO a VALUES (1);
INSERT INTO b VALUES (2, 3);`,
    up: 'ALTER TABLE a ALTER v SET NOT NULL;',
    down: 'ALTER TABLE a ALTER v DROP NOT NULL;',
  },
  {
    about: 'a composite key refers to the column',
    given: `CREATE TABLE p (a int, b int, UNIQUE (a, b));
CREATE TABLE q (a int, b int, FOREIGN KEY (a, b) REFERENCES p (a, b));
INSERT INTO p VALUES (1, 1); INSERT INTO q VALUES (1, 1);`,
    up: 'ALTER TABLE q ALTER a SET NOT NULL;',
    down: 'ALTER TABLE q ALTER a DROP NOT NULL;',
  },
  {
    about: 'a file without a down',
    given: orders,
    up: 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL;',
    down: '-- nothing',
  },
  {
    about: 'a long name',
    given: `CREATE TABLE a_table_with_a_name_that_is_rather_long_for_its_own_good (and_a_column_whose_name_is_no_shorter_at_all int);
INSERT INTO a_table_with_a_name_that_is_rather_long_for_its_own_good VALUES (1);`,
    up: 'ALTER TABLE a_table_with_a_name_that_is_rather_long_for_its_own_good ALTER and_a_column_whose_name_is_no_shorter_at_all SET NOT NULL;',
    down: 'ALTER TABLE a_table_with_a_name_that_is_rather_long_for_its_own_good ALTER and_a_column_whose_name_is_no_shorter_at_all DROP NOT NULL;',
  },
  {
    about: 'names that are taken',
    given: `CREATE TABLE t (v int CONSTRAINT t_v_is_set CHECK (v > 0), w int CONSTRAINT t_v_not_null CHECK (w > 0));
INSERT INTO t VALUES (1, 1);`,
    up: 'ALTER TABLE t ALTER v SET NOT NULL;',
    down: 'ALTER TABLE t ALTER v DROP NOT NULL;',
  },
  {
    about: 'outside a transaction',
    given: orders,
    up: 'ALTER TABLE orders ALTER note SET NOT NULL;\nALTER TABLE orders ALTER qty SET DEFAULT 2;',
    down: 'ALTER TABLE orders ALTER note DROP NOT NULL;\nALTER TABLE orders ALTER qty SET DEFAULT 1;',
    noTransaction: true,
  },
  {
    about: 'two columns outside a transaction, among other commands',
    given: 'CREATE TABLE t (a int, b int);\nINSERT INTO t VALUES (1, 1);',
    up: 'ALTER TABLE t ALTER a SET DEFAULT 1, ALTER a SET NOT NULL, ALTER b SET NOT NULL;',
    down: 'ALTER TABLE t ALTER a DROP DEFAULT, ALTER a DROP NOT NULL, ALTER b DROP NOT NULL;',
    noTransaction: true,
  },
];

prove(
  ['set-not-null'],
  [
    ...originals,
    ...originals
      .filter((_, i) => i % 3 !== 2)
      .map((original) => ({
        ...original,
        about: `${original.about}, from 18 on`,
        postgresVersion: 18,
        since: 18,
      })),
  ],
);
