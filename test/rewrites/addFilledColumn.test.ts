import type { Original } from './original.ts';
import { prove } from './proof.ts';

const orders = `CREATE TABLE orders (id bigint PRIMARY KEY, note text, qty int);
CREATE INDEX orders_note ON orders (note);
CREATE VIEW noted AS SELECT id, note FROM orders;
INSERT INTO orders SELECT i, 'n' || i, i FROM generate_series(1, 25) AS i;`;

/** Volatile (and not inlined, as SQL would be), and the same for each row: so that two databases can be compared. */
const token = `CREATE FUNCTION token() RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN ''t''; END';\n`;

const required: readonly Original[] = [
  {
    about: 'a column of text',
    given: orders,
    up: 'ALTER TABLE orders ADD COLUMN code text NOT NULL;',
    comesTo: `ALTER TABLE orders ADD COLUMN code text;\nUPDATE orders SET code = 'c' || id;\nALTER TABLE orders ALTER code SET NOT NULL;`,
    down: 'ALTER TABLE orders DROP COLUMN code;',
    set: { 'public.orders.code': "'c' || id" },
  },
  {
    about: 'among other commands',
    given: orders,
    up: 'ALTER TABLE orders ADD COLUMN extra int, ADD unit varchar(10) NOT NULL, ALTER qty SET DEFAULT 1;',
    comesTo: `ALTER TABLE orders ADD COLUMN extra int, ADD unit varchar(10), ALTER qty SET DEFAULT 1;\nUPDATE orders SET unit = 'pcs';\nALTER TABLE orders ALTER unit SET NOT NULL;`,
    down: 'ALTER TABLE orders DROP COLUMN extra, DROP COLUMN unit, ALTER qty DROP DEFAULT;',
    set: { 'public.orders.unit': "'pcs'" },
  },
  {
    about: 'names that want quotes, in a schema, a composite key',
    given: `CREATE SCHEMA shop;
CREATE TABLE shop."Line Items" ("Größe" int, "user" text, PRIMARY KEY ("user", "Größe"));
INSERT INTO shop."Line Items" SELECT i, 'ü' || i % 3 FROM generate_series(1, 30) AS i;`,
    up: 'ALTER TABLE shop."Line Items" ADD COLUMN "Unit" text NOT NULL CHECK ("Unit" <> \'\');',
    comesTo: `ALTER TABLE shop."Line Items" ADD COLUMN "Unit" text CHECK ("Unit" <> '');
UPDATE shop."Line Items" SET "Unit" = 'p' || "Größe";
ALTER TABLE shop."Line Items" ALTER "Unit" SET NOT NULL;`,
    down: 'ALTER TABLE shop."Line Items" DROP COLUMN "Unit";',
    set: { 'shop.Line Items.Unit': '\'p\' || "Größe"' },
  },
  {
    about: 'a partitioned table',
    given: `CREATE TABLE m (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (10);
CREATE TABLE m_2 PARTITION OF m DEFAULT;
INSERT INTO m SELECT i FROM generate_series(1, 20) AS i;`,
    up: 'ALTER TABLE m ADD v numeric(8, 2) NOT NULL;',
    comesTo:
      'ALTER TABLE m ADD v numeric(8, 2);\nUPDATE m SET v = id / 2.0;\nALTER TABLE m ALTER v SET NOT NULL;',
    down: 'ALTER TABLE m DROP v;',
    set: { 'public.m.v': 'id / 2.0' },
  },
  {
    about: 'a table without rows, IF NOT EXISTS',
    given: 'CREATE TABLE t (id uuid PRIMARY KEY);',
    up: 'ALTER TABLE t ADD COLUMN IF NOT EXISTS at timestamptz NOT NULL;',
    down: 'ALTER TABLE t DROP COLUMN IF EXISTS at;',
    set: { 'public.t.at': 'now()' },
  },
  {
    about: 'an array, a file without a down',
    given: orders,
    up: 'ALTER TABLE orders ADD COLUMN tags text[] NOT NULL;',
    comesTo:
      "ALTER TABLE orders ADD COLUMN tags text[];\nUPDATE orders SET tags = ARRAY['$$', note];\nALTER TABLE orders ALTER tags SET NOT NULL;",
    down: '-- nothing',
    set: { 'public.orders.tags': "ARRAY['$$', note]" },
  },
  {
    about: 'columns that are called like the variables',
    given: `CREATE TABLE t (written int PRIMARY KEY, changed int, pause int, attempt int);
INSERT INTO t SELECT i, i, i, i FROM generate_series(1, 12) AS i;`,
    up: 'ALTER TABLE t ADD COLUMN total int NOT NULL;',
    comesTo:
      'ALTER TABLE t ADD COLUMN total int;\nUPDATE t SET total = changed + pause;\nALTER TABLE t ALTER total SET NOT NULL;',
    down: 'ALTER TABLE t DROP COLUMN total;',
    set: { 'public.t.total': 'changed + pause' },
  },
];

const computed: readonly Original[] = [
  {
    about: 'a volatile default',
    given: token + orders,
    up: 'ALTER TABLE orders ADD COLUMN token text DEFAULT token();',
    down: 'ALTER TABLE orders DROP COLUMN token;',
  },
  {
    about: 'a volatile default that is NOT NULL',
    given: token + orders,
    up: "ALTER TABLE orders ADD COLUMN token text NOT NULL DEFAULT upper(token()) || ';';",
    down: 'ALTER TABLE orders DROP COLUMN token;',
  },
  {
    about: 'a volatile default before NOT NULL, with triggers',
    given: `${token + orders}
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();`,
    up: 'ALTER TABLE orders ADD token text DEFAULT token() NOT NULL;',
    down: 'ALTER TABLE orders DROP COLUMN token;',
  },
  {
    about: 'a named default, in a schema',
    given: `CREATE SCHEMA s;\n${token}CREATE TABLE s.t (a int, b int, PRIMARY KEY (b, a));\nINSERT INTO s.t SELECT i, i % 4 FROM generate_series(1, 20) AS i;`,
    up: 'ALTER TABLE s.t ADD COLUMN "Zeichen" varchar(4) CONSTRAINT d DEFAULT token();',
    down: 'ALTER TABLE s.t DROP COLUMN "Zeichen";',
  },
  {
    about: 'among other statements',
    given: token + orders,
    up: 'ALTER TABLE orders ADD extra int;\nALTER TABLE orders ADD token text DEFAULT token();',
    down: 'ALTER TABLE orders DROP token;\nALTER TABLE orders DROP extra;',
  },
];

prove(
  ['add-column-not-null', 'add-column-volatile-default', 'add-column-constraint-scan'],
  [
    ...required,
    ...computed,
    ...required
      .slice(0, 3)
      .map((each) => ({ ...each, about: `${each.about}, from 18 on`, postgresVersion: 18, since: 18 })),
  ],
);
