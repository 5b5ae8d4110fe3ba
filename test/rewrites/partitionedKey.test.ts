import { expect, test } from 'vitest';
import { type Original, rewritten } from './original.ts';
import { prove } from './proof.ts';

const events = `CREATE TABLE events (id int, at date, "user" text) PARTITION BY RANGE (at);
CREATE TABLE events_25 (junk int, "user" text, at date, id int);
ALTER TABLE events_25 DROP COLUMN junk;
ALTER TABLE events ATTACH PARTITION events_25 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE "events rest" PARTITION OF events DEFAULT;
INSERT INTO events SELECT i, date '2025-12-30' + i, 'u' || i FROM generate_series(1, 3) AS i;`;

const deep = `CREATE SCHEMA "Läden";
CREATE TABLE "Läden"."Line Items" ("Größe" int, shop int) PARTITION BY RANGE ("Größe");
CREATE TABLE "Läden"."m 1" PARTITION OF "Läden"."Line Items" FOR VALUES FROM (1) TO (4) PARTITION BY LIST (shop);
CREATE TABLE "Läden"."m 1 a" PARTITION OF "Läden"."m 1" FOR VALUES IN (1, 2) PARTITION BY RANGE ("Größe");
CREATE TABLE "Läden"."m 1 a 1" PARTITION OF "Läden"."m 1 a" DEFAULT;
CREATE TABLE "Läden"."m 1 b" PARTITION OF "Läden"."m 1" DEFAULT;
CREATE TABLE "Läden".m_2 PARTITION OF "Läden"."Line Items" DEFAULT;
CREATE TABLE "Läden".empty PARTITION OF "Läden"."Line Items" FOR VALUES FROM (9) TO (10) PARTITION BY LIST (shop);
INSERT INTO "Läden"."Line Items" SELECT i, i FROM generate_series(1, 5) AS i;`;

const long = 'a_table_whose_name_alone_is_almost_as_long_as_names_can_be';

prove(
  ['add-unique'],
  [
    {
      about: 'a named UNIQUE, a default partition, columns that stand elsewhere',
      given: events,
      up: 'ALTER TABLE events ADD CONSTRAINT "je 1" UNIQUE (id, at);',
      down: 'ALTER TABLE events DROP CONSTRAINT "je 1";',
    },
    {
      about: 'a primary key over columns that may be NULL',
      given: events,
      up: 'ALTER TABLE events ADD PRIMARY KEY (id, at);',
      down: 'ALTER TABLE events DROP CONSTRAINT events_pkey;\nALTER TABLE events ALTER id DROP NOT NULL, ALTER at DROP NOT NULL;',
      before: 18,
    },
    {
      about: 'a primary key over NOT NULL columns, with a view and another index',
      given: `${events}\nALTER TABLE events ALTER id SET NOT NULL, ALTER at SET NOT NULL;
CREATE INDEX mine ON events_25 (id, at);\nCREATE VIEW seen AS SELECT id FROM events;`,
      up: 'ALTER TABLE events ADD CONSTRAINT key PRIMARY KEY (at, id);',
      down: 'ALTER TABLE events DROP CONSTRAINT key;',
      before: 18,
    },
    {
      about: 'three levels, names that want quotes, in a schema',
      given: deep,
      up: 'ALTER TABLE "Läden"."Line Items" ADD UNIQUE (shop, "Größe");',
      down: 'ALTER TABLE "Läden"."Line Items" DROP CONSTRAINT "Line Items_shop_Größe_key";',
    },
    {
      about: 'a primary key over three levels',
      given: deep,
      up: 'ALTER TABLE "Läden"."Line Items" ADD PRIMARY KEY ("Größe", shop);',
      down: 'ALTER TABLE "Läden"."Line Items" DROP CONSTRAINT "Line Items_pkey";\nALTER TABLE "Läden"."Line Items" ALTER "Größe" DROP NOT NULL, ALTER shop DROP NOT NULL;',
      before: 18,
    },
    {
      about: 'INCLUDE, deferred, a partition key alone',
      given: events,
      up: 'ALTER TABLE events ADD UNIQUE (at) INCLUDE ("user") DEFERRABLE INITIALLY DEFERRED;',
      down: 'ALTER TABLE events DROP CONSTRAINT events_at_user_key;',
    },
    {
      about: 'NULLS NOT DISTINCT',
      given: events,
      up: 'ALTER TABLE events ADD CONSTRAINT one UNIQUE NULLS NOT DISTINCT ("user", at);',
      down: 'ALTER TABLE events DROP CONSTRAINT one;',
      postgresVersion: 15,
    },
    {
      about: 'names that are cut',
      given: `CREATE TABLE ${long} (code text, "größte_menge" int) PARTITION BY HASH (code);
CREATE TABLE ${long}_0 PARTITION OF ${long} FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE ${long}_1 PARTITION OF ${long} FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO ${long} VALUES ('a', 1), ('b', 2);`,
      up: `ALTER TABLE ${long} ADD UNIQUE (code, "größte_menge");`,
      down: '-- nothing',
      stays: /_key/,
    },
    {
      about: 'a primary key outside a transaction, three levels',
      given: deep,
      up: 'ALTER TABLE "Läden"."Line Items" ADD PRIMARY KEY ("Größe", shop);',
      down: 'ALTER TABLE "Läden"."Line Items" DROP CONSTRAINT IF EXISTS "Line Items_pkey";\nALTER TABLE "Läden"."Line Items" ALTER "Größe" DROP NOT NULL, ALTER shop DROP NOT NULL;',
      noTransaction: true,
      before: 18,
    },
    {
      about: 'among other commands and statements, without rows',
      given: `${events}\nTRUNCATE events;`,
      up: 'ALTER TABLE events ADD COLUMN extra int, ADD UNIQUE (extra, at);\nALTER TABLE events ADD COLUMN more int;',
      down: 'ALTER TABLE events DROP COLUMN more;\nALTER TABLE events DROP CONSTRAINT IF EXISTS events_extra_at_key;\nALTER TABLE events DROP COLUMN extra;',
    },
    {
      about: 'outside a transaction',
      given: events,
      up: 'ALTER TABLE events ADD UNIQUE (id, at);',
      down: 'ALTER TABLE events DROP CONSTRAINT IF EXISTS events_id_at_key;',
      noTransaction: true,
    },
  ],
);

const down = 'SELECT 1;';
const cases: readonly (readonly [string, Omit<Original, 'about'>, string])[] = [
  [
    'a partition has one already',
    {
      given: `${events}\nALTER TABLE events_25 ADD UNIQUE (id, at);`,
      up: 'ALTER TABLE events ADD UNIQUE (id, at);',
      down,
    },
    'of the partition events_25 is there already, and equal to it',
  ],
  [
    'a primary key, from 18 on',
    { given: events, up: 'ALTER TABLE events ADD PRIMARY KEY (id, at);', down, postgresVersion: 18 },
    'from PostgreSQL 18 on',
  ],
  [
    'ONLY',
    { given: events, up: 'ALTER TABLE ONLY events ADD UNIQUE (id, at);', down },
    'ONLY leaves the partitions out',
  ],
  [
    'storage parameters',
    { given: events, up: 'ALTER TABLE events ADD UNIQUE (id, at) WITH (fillfactor = 70);', down },
    'no unique index that is made before says the same as its options',
  ],
  [
    'a later statement makes a partition',
    {
      given: events,
      up: "ALTER TABLE events ADD UNIQUE (id, at);\nCREATE TABLE events_30 PARTITION OF events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');",
      down,
    },
    'later migrations change it, or the partitions',
  ],
];

test.each(cases)('refused: %s', (about, original, reason) => {
  const { applied, refusals } = rewritten({ about, ...original }, ['add-unique']);
  expect(applied).toEqual([]);
  expect(refusals.join()).toContain(reason);
});
