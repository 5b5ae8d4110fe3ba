import { describe } from 'vitest';
import type { Original } from './original.ts';
import { prove } from './proof.ts';

const orders = `CREATE TABLE orders (id bigint PRIMARY KEY, note text, qty int);
CREATE INDEX orders_note ON orders (note);
CREATE VIEW noted AS SELECT id, note FROM orders;
INSERT INTO orders SELECT i, 'n' || i, i FROM generate_series(1, 25) AS i;`;

const items = `CREATE SCHEMA "Läden";
CREATE TABLE "Läden"."Line Items" ("Größe" int, "user" text, PRIMARY KEY ("user", "Größe"));
INSERT INTO "Läden"."Line Items" SELECT i, 'u' FROM generate_series(1, 5) AS i;`;

const parts = `CREATE TABLE m (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (10);
CREATE TABLE m_2 PARTITION OF m DEFAULT;
INSERT INTO m SELECT i, i FROM generate_series(1, 20) AS i;`;

const moods = `${orders}
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE p (id int PRIMARY KEY, m mood, note text);
INSERT INTO p SELECT i, 'a', 'x' FROM generate_series(1, 5) AS i;`;

const data: readonly Original[] = [
  {
    about: 'a column and its rows',
    given: orders,
    up: "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';",
    down: 'ALTER TABLE orders DROP COLUMN state;',
  },
  {
    about: 'a column, its rows and a default',
    given: orders,
    up: "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';\nALTER TABLE orders ALTER state SET DEFAULT 'z';",
    down: 'ALTER TABLE orders DROP COLUMN state;',
  },
  {
    about: 'without a down',
    given: orders,
    up: "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';\nALTER TABLE orders ALTER state SET DEFAULT 'z';",
    down: '-- nothing',
  },
  {
    about: 'rows in between',
    given: orders,
    up: 'ALTER TABLE orders ADD x int;\nDELETE FROM orders WHERE qty > 20;\nALTER TABLE orders ADD y int;',
    down: 'ALTER TABLE orders DROP y, DROP x;',
  },
  {
    about: 'two tables',
    given: `${orders}\n${items}`,
    up: `ALTER TABLE orders ADD COLUMN state text;\nALTER TABLE "Läden"."Line Items" ADD n int;\nUPDATE "Läden"."Line Items" SET n = 1;\nUPDATE orders SET state = 'x';\nCREATE TABLE made (id int);`,
    down: 'DROP TABLE made;\nALTER TABLE "Läden"."Line Items" DROP n;\nALTER TABLE orders DROP COLUMN state;',
  },
  {
    about: 'names that want quotes',
    given: items,
    up: 'ALTER TABLE "Läden"."Line Items" ADD COLUMN "Menge" int;\nUPDATE "Läden"."Line Items" SET "Menge" = "Größe";',
    down: 'ALTER TABLE "Läden"."Line Items" DROP COLUMN "Menge";',
  },
  {
    about: 'a partitioned table',
    given: parts,
    up: 'ALTER TABLE m ADD COLUMN w int;\nUPDATE m SET w = v;\nALTER TABLE m ALTER w SET DEFAULT 0;',
    down: 'ALTER TABLE m DROP COLUMN w;',
  },
  {
    about: 'a table without a key',
    given: 'CREATE TABLE t (v int);\nINSERT INTO t VALUES (1), (2);',
    up: 'ALTER TABLE t ADD w int;\nUPDATE t SET w = v;',
    down: 'ALTER TABLE t DROP w;',
  },
  {
    about: 'a table that is made on the way',
    given: orders,
    up: "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';\nCREATE TABLE made (id int);\nCREATE INDEX made_i ON made (id);",
    down: 'DROP TABLE made;\nALTER TABLE orders DROP COLUMN state;',
  },
  {
    about: 'a column of others',
    given: orders,
    up: "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'n' || qty;\nALTER TABLE orders ADD COLUMN more int;",
    down: 'ALTER TABLE orders DROP COLUMN more;\nALTER TABLE orders DROP COLUMN state;',
  },
  {
    about: 'a DELETE',
    given: orders,
    up: 'ALTER TABLE orders ADD COLUMN state text;\nDELETE FROM orders WHERE qty > 10;',
    down: 'ALTER TABLE orders DROP COLUMN state;',
  },
  {
    about: 'comments',
    given: orders,
    up: "-- what is new\nALTER TABLE orders ADD COLUMN state text;\n-- all of them\nUPDATE orders SET state = 'new';\n-- and for ever\nALTER TABLE orders ALTER state SET DEFAULT 'new';",
    down: 'ALTER TABLE orders DROP COLUMN state;',
  },
];

const ADD = "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'c';";
const enums: readonly Original[] = [
  ['an UPDATE', "UPDATE p SET m = 'c' WHERE id = 3;"],
  [
    'an UPDATE and more',
    "UPDATE p SET m = 'c' WHERE id = 3;\nALTER TABLE p ADD COLUMN extra int;",
    'ALTER TABLE p DROP COLUMN extra;',
  ],
  [
    'a default',
    "ALTER TABLE p ALTER COLUMN m SET DEFAULT 'c';\nCREATE TABLE later (id int);",
    'DROP TABLE later;\nALTER TABLE p ALTER COLUMN m DROP DEFAULT;',
  ],
  [
    'a check',
    "CREATE TABLE q (m mood CONSTRAINT c_ok CHECK (m <> 'c'));\nALTER TABLE p ADD x int;",
    'ALTER TABLE p DROP x;\nDROP TABLE q;',
  ],
  ['an index', "ALTER TABLE p ADD COLUMN o mood DEFAULT 'c';", 'DROP TABLE q;'],
  [
    'an INSERT',
    "INSERT INTO p VALUES (9, 'c', 'n');\nCREATE TABLE later (id int);",
    'DROP TABLE later;\nDELETE FROM p WHERE id = 9;',
  ],
  ['a table', "CREATE TABLE q (m mood NOT NULL DEFAULT 'c');\nCREATE INDEX q_i ON q (m);", 'DROP TABLE q;'],
  [
    'a function',
    "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM p WHERE m = ''c''';\nCREATE TABLE later (id int);",
    'DROP TABLE later;\nDROP FUNCTION f();',
  ],
  [
    'two values',
    "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'd';\nUPDATE p SET m = 'd' WHERE id = 1;\nUPDATE p SET m = 'c' WHERE id = 2;",
    'SELECT 1;',
  ],
  [
    'one after the other',
    "UPDATE p SET m = 'c' WHERE id = 1;\nALTER TYPE mood ADD VALUE IF NOT EXISTS 'd' AFTER 'c';\nUPDATE p SET m = 'd' WHERE id = 2;",
    'SELECT 1;',
  ],
  [
    'what comes before',
    "ALTER TABLE p ADD COLUMN n int;\nUPDATE p SET m = 'c' WHERE id = 1;\nALTER TABLE p ALTER n SET DEFAULT 2;",
    'ALTER TABLE p DROP COLUMN n;',
  ],
  ['without a down', "UPDATE p SET m = 'c' WHERE id = 1;\nALTER TABLE p ADD COLUMN n int;", '-- nothing'],
].map(([about = '', uses = '', down = 'SELECT 1;']) => ({
  about,
  given: moods,
  up: `${ADD}\n${uses}`,
  // In one transaction it can only fail: what it comes to, a file without one shows.
  comesTo: `${ADD}\n${uses}`,
  modelWithoutTransaction: true as const,
  stays: /^type public mood /,
  down,
}));

const checked = `${orders}\nALTER TABLE orders ADD CONSTRAINT old CHECK (id > 0) NOT VALID;`;
const validations: readonly Original[] = [
  [
    'a check',
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;',
    'ALTER TABLE orders DROP CONSTRAINT c;',
  ],
  [
    'in one statement',
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID, VALIDATE CONSTRAINT c;',
    'ALTER TABLE orders DROP CONSTRAINT c;',
  ],
  [
    'among other commands',
    'ALTER TABLE orders ADD x int, ADD CONSTRAINT c CHECK (qty > 0) NOT VALID, VALIDATE CONSTRAINT c, ADD y int;',
    'ALTER TABLE orders DROP y, DROP CONSTRAINT c, DROP x;',
  ],
  [
    'two',
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID, ADD CONSTRAINT d CHECK (qty < 99) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c, VALIDATE CONSTRAINT d;',
    'ALTER TABLE orders DROP CONSTRAINT c, DROP CONSTRAINT d;',
  ],
  [
    'a foreign key',
    'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (qty) REFERENCES orders (id) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT f;',
    'ALTER TABLE orders DROP CONSTRAINT f;',
  ],
  [
    'a foreign key without a name',
    'ALTER TABLE orders ADD FOREIGN KEY (qty) REFERENCES orders NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT orders_qty_fkey;',
    'ALTER TABLE orders DROP CONSTRAINT orders_qty_fkey;',
  ],
  [
    'names that want quotes',
    'ALTER TABLE orders ADD CONSTRAINT "Größe ok" CHECK (qty > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT "Größe ok";',
    'ALTER TABLE orders DROP CONSTRAINT "Größe ok";',
  ],
  [
    'with what follows',
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;\nALTER TABLE orders ADD x int;',
    'ALTER TABLE orders DROP x;\nALTER TABLE orders DROP CONSTRAINT c;',
  ],
  [
    'beside an old one',
    "ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;\nCOMMENT ON CONSTRAINT old ON orders IS 'o';",
    'COMMENT ON CONSTRAINT old ON orders IS NULL;\nALTER TABLE orders DROP CONSTRAINT c;',
  ],
  [
    'comments',
    '-- new rows\nALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;\n-- old rows\nALTER TABLE orders VALIDATE CONSTRAINT c;',
    'ALTER TABLE orders DROP CONSTRAINT c;',
  ],
  [
    'without a down',
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;',
    '-- nothing',
  ],
  [
    'of another table too',
    'CREATE TABLE more (id int);\nALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;',
    'ALTER TABLE orders DROP CONSTRAINT c;\nDROP TABLE more;',
  ],
].map(([about = '', up = '', down = '']) => ({ about, given: checked, up, down }));

const mixed: readonly Original[] = [
  [
    'a column and its index',
    'ALTER TABLE orders ADD COLUMN code text;\nCREATE INDEX CONCURRENTLY i ON orders (code);',
    'DROP INDEX i;\nALTER TABLE orders DROP COLUMN code;',
  ],
  [
    'an index and a constraint',
    'CREATE INDEX CONCURRENTLY i ON orders (qty);\nALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;',
    'ALTER TABLE orders DROP CONSTRAINT c;\nDROP INDEX i;',
  ],
  [
    'two indexes',
    'CREATE INDEX CONCURRENTLY i ON orders (qty);\nCREATE INDEX CONCURRENTLY j ON orders (note, qty);\nALTER TABLE orders ADD x int;',
    'ALTER TABLE orders DROP x;\nDROP INDEX j;\nDROP INDEX i;',
  ],
  [
    'several that need none',
    'ALTER TABLE orders ADD a int;\nALTER TABLE orders ADD b int;\nALTER TABLE orders ADD c int;\nCREATE INDEX CONCURRENTLY i ON orders (a);',
    'DROP INDEX i;\nALTER TABLE orders DROP c, DROP b, DROP a;',
  ],
  [
    'a table and its index',
    'CREATE TABLE t (id int);\nCREATE VIEW tv AS SELECT id FROM t;\nDROP INDEX CONCURRENTLY orders_note;',
    'CREATE INDEX orders_note ON orders (note);\nDROP VIEW tv;\nDROP TABLE t;',
  ],
  [
    'a dropped index',
    'DROP INDEX CONCURRENTLY orders_note;\nALTER TABLE orders DROP CONSTRAINT old;',
    'ALTER TABLE orders ADD CONSTRAINT old CHECK (id > 0) NOT VALID;\nCREATE INDEX orders_note ON orders (note);',
  ],
  [
    'VACUUM',
    'ALTER TABLE orders ADD a int;\nVACUUM orders;\nALTER TABLE orders ADD b int;',
    'ALTER TABLE orders DROP b, DROP a;',
  ],
  [
    'an INSERT',
    'ALTER TABLE orders ADD a int;\nINSERT INTO orders (id) VALUES (99);\nCREATE INDEX CONCURRENTLY i ON orders (a);',
    'DROP INDEX i;\nDELETE FROM orders WHERE id = 99;\nALTER TABLE orders DROP a;',
  ],
  [
    'a type',
    "CREATE TYPE hue AS ENUM ('red');\nALTER TABLE orders ADD hue hue;\nCREATE INDEX CONCURRENTLY i ON orders (hue);",
    'DROP INDEX i;\nALTER TABLE orders DROP hue;\nDROP TYPE hue;',
  ],
  [
    'a rename',
    'ALTER TABLE orders RENAME CONSTRAINT old TO older;\nCREATE INDEX CONCURRENTLY i ON orders (qty);',
    'DROP INDEX i;\nALTER TABLE orders RENAME CONSTRAINT older TO old;',
  ],
  [
    'without a down',
    'ALTER TABLE orders ADD COLUMN code text;\nCREATE INDEX CONCURRENTLY i ON orders (code);',
    '-- nothing',
  ],
  [
    'comments',
    '-- first\nALTER TABLE orders ADD COLUMN code text;\n-- then\nCREATE INDEX CONCURRENTLY i ON orders (code);',
    'DROP INDEX i;\nALTER TABLE orders DROP COLUMN code;',
  ],
].map(([about = '', up = '', down = '']) => ({
  about,
  given: checked,
  up,
  down,
  noTransaction: true as const,
}));

const together = { interrupted: 'some', plain: ['plain, in a transaction'] } as const;

describe('schema-and-data-mixed', () => prove(['schema-and-data-mixed'], data, together));
describe('enum-value-used-in-transaction', () => prove(['enum-value-used-in-transaction'], enums, together));
describe('validate-in-same-transaction', () =>
  prove(['validate-in-same-transaction'], validations, together));
describe('mixed-transactional', () =>
  prove(['mixed-transactional'], mixed, { interrupted: 'some', plain: [] }));
