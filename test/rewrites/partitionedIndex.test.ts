import { prove } from './proof.ts';

const events = `CREATE TABLE events (id int, at date, "user" text) PARTITION BY RANGE (at);
CREATE TABLE events_25 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_26 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (id);
CREATE TABLE events_26_1 PARTITION OF events_26 FOR VALUES IN (1, 2, 3);
CREATE TABLE "events rest" PARTITION OF events DEFAULT;
INSERT INTO events SELECT i, date '2025-12-30' + i, 'u' || i FROM generate_series(1, 3) AS i;`;

const up = [
  ['one column', 'CREATE INDEX events_id ON events (id);', 'events_id'],
  ['a name that PostgreSQL chooses', 'CREATE INDEX ON events ("user", id);', 'events_user_id_idx'],
  ['UNIQUE', 'CREATE UNIQUE INDEX "je 1" ON public.events (at, id);', '"je 1"'],
  [
    'a partial index over an expression',
    `CREATE INDEX low ON events USING btree (lower("user") DESC) WHERE id > 1;`,
    'low',
  ],
  ['another method', 'CREATE INDEX h ON events USING hash (id);', 'h'],
  ['INCLUDE, options', 'CREATE INDEX i ON events (id) INCLUDE ("user") WITH (fillfactor = 70);', 'i'],
] as const;

prove(
  ['index-not-concurrent'],
  [
    ...up.map(([about, text, name]) => ({ about, given: events, up: text, down: `DROP INDEX ${name};` })),
    {
      about: 'a partition that has another index, a view over the whole',
      given: `${events}\nCREATE INDEX mine ON events_25 (id, at);\nCREATE VIEW seen AS SELECT id FROM events;`,
      up: 'CREATE INDEX events_id ON events (id);',
      down: 'DROP INDEX events_id;',
    },
    {
      about: 'another schema',
      given: `CREATE SCHEMA "Läden";
CREATE TABLE "Läden".m ("Größe" int) PARTITION BY HASH ("Größe");
CREATE TABLE "Läden".m_0 PARTITION OF "Läden".m FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE "Läden".m_1 PARTITION OF "Läden".m FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO "Läden".m VALUES (1), (2);`,
      up: 'CREATE INDEX "m Größe" ON "Läden".m ("Größe");',
      down: 'DROP INDEX "Läden"."m Größe";',
    },
    {
      about: 'among other statements',
      given: events,
      up: 'ALTER TABLE events ADD COLUMN extra int;\nCREATE INDEX events_extra ON events (extra);',
      down: 'DROP INDEX events_extra;\nALTER TABLE events DROP COLUMN extra;',
    },
    {
      about: 'no partitions yet but one',
      given:
        'CREATE TABLE m (a int) PARTITION BY LIST (a);\nCREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);',
      up: 'CREATE INDEX m_a ON m (a);',
      down: 'DROP INDEX m_a;',
    },
    {
      about: 'a file without a down',
      given: events,
      up: 'CREATE INDEX events_id ON events (id);',
      down: '-- nothing',
    },
    {
      about: 'an ordinary table, among other statements',
      given: 'CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);',
      up: 'ALTER TABLE t ADD COLUMN b int;\nCREATE INDEX t_b ON t (b);',
      down: 'DROP INDEX t_b;\nALTER TABLE t DROP COLUMN b;',
    },
  ],
);
