import { describe } from 'vitest';
import type { Original } from './original.ts';
import { prove } from './proof.ts';

/* What gets CONCURRENTLY, outside its transaction. */

const orders = `CREATE TABLE orders (id int PRIMARY KEY, code text, shop int, at date);
INSERT INTO orders SELECT i, 'c' || i, i % 2, date '2026-01-01' + i FROM generate_series(1, 5) AS i;`;

const quoted = `CREATE SCHEMA "Läden";
CREATE TABLE "Läden"."Line Items" ("Größe" int, "user" text, PRIMARY KEY ("Größe", "user"));
INSERT INTO "Läden"."Line Items" VALUES (1, 'ä'), (2, 'b');`;

const parts = `CREATE TABLE m (id int NOT NULL, kind text) PARTITION BY LIST (kind);
CREATE TABLE m_a PARTITION OF m FOR VALUES IN ('a');
CREATE TABLE m_b PARTITION OF m FOR VALUES IN ('b');
INSERT INTO m SELECT i, 'a' FROM generate_series(1, 3) AS i;`;

/** [what is different, the schema before, the index, its name] */
const indexes: readonly (readonly [string, string, string, string])[] = [
  ['one column', orders, 'CREATE INDEX i ON orders (code)', 'i'],
  ['a name that PostgreSQL chooses', orders, 'CREATE INDEX ON orders (code, at)', 'orders_code_at_idx'],
  ['unique', orders, 'CREATE UNIQUE INDEX i ON orders (id, code)', 'i'],
  ['an expression, in part', orders, 'CREATE INDEX i ON orders (lower(code)) WHERE shop > 0', 'i'],
  ['another method', orders, 'CREATE INDEX i ON orders USING hash (code)', 'i'],
  ['orders and places of NULL', orders, 'CREATE INDEX i ON orders (at DESC NULLS LAST, code)', 'i'],
  ['INCLUDE and options', orders, 'CREATE INDEX i ON orders (at) INCLUDE (code) WITH (fillfactor = 70)', 'i'],
  [
    'a collation and an operator class',
    orders,
    'CREATE INDEX i ON orders (code COLLATE "C" text_pattern_ops)',
    'i',
  ],
  [
    'names that want quotes, in a schema',
    quoted,
    'CREATE INDEX "je Größe" ON "Läden"."Line Items" ("user")',
    '"Läden"."je Größe"',
  ],
  ['a partition', parts, 'CREATE INDEX i ON m_a (id)', 'i'],
  [
    'a materialized view',
    `${orders}\nCREATE MATERIALIZED VIEW seen AS SELECT id, code FROM orders;`,
    'CREATE UNIQUE INDEX i ON seen (id)',
    'i',
  ],
  [
    'a table with a view and a comment on its index',
    `${orders}\nCREATE VIEW v AS SELECT code FROM orders;\nCREATE INDEX other ON orders (shop);\nCOMMENT ON INDEX other IS 'ä';`,
    'CREATE INDEX i ON orders (shop, at)',
    'i',
  ],
];

const made = indexes.map(
  ([about, given, create, name]): Original => ({
    about,
    given,
    up: `${create};`,
    down: `DROP INDEX ${name};`,
  }),
);

// Without a name it would be made twice by a down that runs again.
const dropped = [
  ...indexes.filter(([about]) => about !== 'a name that PostgreSQL chooses'),
  ['over the columns of a key', orders, 'CREATE INDEX i ON orders (id)', 'i'] as const,
].map(
  ([about, given, create, name]): Original => ({
    about,
    given: `${given}\n${create};`,
    up: `DROP INDEX ${name};`,
    down: `${create};`,
  }),
);

const among: Original = {
  about: 'among other statements',
  given: orders,
  up: 'ALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX i ON orders (code);',
  down: 'DROP INDEX i;\nALTER TABLE orders DROP COLUMN note;',
};

const index = `${orders}\nCREATE INDEX i ON orders (code);`;

const reindexed = (
  [
    ['an index', index, 'REINDEX INDEX i'],
    ['the index of a key', index, 'REINDEX INDEX orders_pkey'],
    ['a table', index, 'REINDEX TABLE orders'],
    ['a schema', index, 'REINDEX SCHEMA public'],
    ['options', index, 'REINDEX (VERBOSE) TABLE orders'],
    ['a table named with its schema', index, 'REINDEX TABLE public.orders'],
    ['names that want quotes', quoted, 'REINDEX TABLE "Läden"."Line Items"'],
    ['an index whose name wants quotes', quoted, 'REINDEX INDEX "Läden"."Line Items_pkey"'],
    ['a schema whose name wants quotes', quoted, 'REINDEX SCHEMA "Läden"'],
    ['a partitioned table', `${parts}\nCREATE INDEX i ON m (id);`, 'REINDEX TABLE m'],
    ['a partitioned index', `${parts}\nCREATE INDEX i ON m (id);`, 'REINDEX INDEX i'],
    ['a partition', `${parts}\nCREATE INDEX i ON m (id);`, 'REINDEX INDEX m_a_id_idx'],
  ] as const
).map(
  ([about, given, up]): Original => ({
    about,
    given,
    up: `${up};`,
    down: 'SELECT 1;',
    // PostgreSQL runs these in no transaction, with or without CONCURRENTLY.
    ...(/^a (schema|partitioned)/.test(about) && { noTransaction: true as const }),
  }),
);

const range = (type: string, from: string, to: string, rows: string) =>
  `CREATE TABLE m (at ${type}, v int) PARTITION BY RANGE (at);
CREATE TABLE x PARTITION OF m FOR VALUES FROM (${from}) TO (${to});
INSERT INTO m ${rows};`;

const a = "IN ('a')";

/** [what is different, the schema before, the partition, the whole, its bounds] */
const partitions: readonly (readonly [string, string, string, string, string])[] = [
  ['a list', parts, 'm_a', 'm', a],
  ['an empty one', parts, 'm_b', 'm', "IN ('b')"],
  ['named with its schema', parts, 'public.m_a', 'public.m', a],
  ['with an index', `${parts}\nCREATE INDEX i ON m (id);`, 'm_a', 'm', a],
  ['with a key of its own', `${parts}\nALTER TABLE m_a ADD UNIQUE (id);`, 'm_a', 'm', a],
  ['with a view over the whole', `${parts}\nCREATE VIEW v AS SELECT * FROM m;`, 'm_a', 'm', a],
  ['with a comment', `${parts}\nCOMMENT ON TABLE m_a IS 'ä';`, 'm_a', 'm', a],
  [
    'a range of numbers',
    range('int', '1', '9', 'SELECT i, i FROM generate_series(1, 3) AS i'),
    'x',
    'm',
    'FROM (1) TO (9)',
  ],
  [
    'a range of dates',
    range('date', "'2026-01-01'", "'2027-01-01'", "VALUES ('2026-02-01', 1)"),
    'x',
    'm',
    "FROM ('2026-01-01') TO ('2027-01-01')",
  ],
  [
    'a range without an end',
    range('int', '1', 'MAXVALUE', 'VALUES (1, 1)'),
    'x',
    'm',
    'FROM (1) TO (MAXVALUE)',
  ],
  [
    'by hash',
    `CREATE TABLE m (a int) PARTITION BY HASH (a);
CREATE TABLE x PARTITION OF m FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO m VALUES (1), (2);`,
    'x',
    'm',
    'WITH (MODULUS 1, REMAINDER 0)',
  ],
  [
    'names that want quotes',
    `CREATE SCHEMA "Läden";
CREATE TABLE "Läden"."M" ("Größe" int) PARTITION BY LIST ("Größe");
CREATE TABLE "Läden"."M 1" PARTITION OF "Läden"."M" FOR VALUES IN (1);
INSERT INTO "Läden"."M" VALUES (1);`,
    '"Läden"."M 1"',
    '"Läden"."M"',
    'IN (1)',
  ],
];

// CONCURRENTLY leaves the bounds behind as a CHECK (documentation: ALTER TABLE, DETACH PARTITION).
const detached = partitions.map(
  ([about, given, part, whole, bounds]): Original => ({
    about,
    given,
    up: `ALTER TABLE ${whole} DETACH PARTITION ${part};`,
    down: `ALTER TABLE ${whole} ATTACH PARTITION ${part} FOR VALUES ${bounds};`,
    leaves: /CHECK .*(IS NOT NULL|satisfies_hash_partition)/,
  }),
);

const few = { interrupted: 'some' } as const;

describe('CREATE INDEX', () => prove(['index-not-concurrent'], [...made, among], few));
describe('DROP INDEX', () => prove(['drop-index-not-concurrent'], dropped, few));
describe('REINDEX', () => prove(['reindex-not-concurrent'], reindexed, few));
describe('DETACH PARTITION', () =>
  prove(['detach-partition'], detached, { interrupted: 'none', again: false }));
