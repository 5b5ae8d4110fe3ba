import { beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { rewritten } from './original.ts';
import { prove } from './proof.ts';

const list = `CREATE TABLE m (id int NOT NULL, kind text) PARTITION BY LIST (kind);
CREATE TABLE m_a PARTITION OF m FOR VALUES IN ('a');
CREATE TABLE x (id int NOT NULL, kind text);
INSERT INTO x SELECT i, 'b' FROM generate_series(1, 5) AS i;`;

const range = (type: string, value: string) => `CREATE TABLE m (at ${type}, v int) PARTITION BY RANGE (at);
CREATE TABLE x (at ${type}, v int);
INSERT INTO x SELECT ${value}, i FROM generate_series(1, 5) AS i;`;

const pairs = `CREATE TABLE m (a int, b int) PARTITION BY RANGE (a, b);
CREATE TABLE x (a int, b int);
INSERT INTO x SELECT 3, i + 5 FROM generate_series(1, 5) AS i;`;

const down = 'ALTER TABLE m DETACH PARTITION x;';

prove(
  ['attach-partition-scan'],
  [
    {
      about: 'a list of text',
      given: list,
      up: `ALTER TABLE m ATTACH PARTITION x FOR VALUES IN ('b');`,
      down,
    },
    {
      about: 'a list of several, with commas and parentheses',
      given: list,
      up: `ALTER TABLE m ATTACH PARTITION x FOR VALUES IN ('b', 'c,)', 'd');`,
      down,
    },
    {
      about: 'beside a default partition with rows',
      given: `${list}
CREATE TABLE rest PARTITION OF m DEFAULT;
INSERT INTO m SELECT i, 'z' FROM generate_series(1, 5) AS i;`,
      up: `ALTER TABLE m ATTACH PARTITION x FOR VALUES IN ('b');`,
      down,
    },
    {
      about: 'a range beside a default partition, itself partitioned',
      given: `${range('int', 'i')}
CREATE TABLE "Rest" PARTITION OF m DEFAULT PARTITION BY LIST (v);
CREATE TABLE rest_of_rest PARTITION OF "Rest" DEFAULT;
INSERT INTO m SELECT i + 100, i FROM generate_series(1, 5) AS i;`,
      up: 'ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM (1) TO (10);',
      down,
    },
    {
      about: 'a range of numbers',
      given: range('int', 'i'),
      up: 'ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM (1) TO (10);',
      down,
    },
    {
      about: 'a range of dates',
      given: range('date', "date '2026-01-01' + i"),
      up: `ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');`,
      down,
    },
    {
      about: 'a range of times',
      given: range('timestamptz NOT NULL', "timestamptz '2026-01-01Z' + i * interval '1 day'"),
      up: `ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM ('2026-01-01 00:00Z') TO ('2027-01-01 00:00Z');`,
      down,
    },
    {
      about: 'without a lower end',
      given: range('bigint', 'i'),
      up: 'ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM (MINVALUE) TO (10);',
      down,
    },
    {
      about: 'without an upper end',
      given: range('numeric(8, 2)', 'i / 2.0'),
      up: 'ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM (0.5) TO (MAXVALUE);',
      down,
    },
    {
      about: 'names that want quotes, in schemas',
      given: `CREATE SCHEMA "Läden";
CREATE TABLE m ("Größe" int) PARTITION BY RANGE ("Größe");
CREATE TABLE "Läden"."x 1" ("Größe" int);
INSERT INTO "Läden"."x 1" VALUES (1), (2);`,
      up: 'ALTER TABLE public.m ATTACH PARTITION "Läden"."x 1" FOR VALUES FROM (1) TO (5);',
      down: 'ALTER TABLE m DETACH PARTITION "Läden"."x 1";',
    },
    {
      about: 'among other statements',
      given: list,
      up: `ALTER TABLE m ADD COLUMN extra int;\nALTER TABLE x ADD COLUMN extra int;\nALTER TABLE m ATTACH PARTITION x FOR VALUES IN ('b');`,
      down: `${down}\nALTER TABLE x DROP COLUMN extra;\nALTER TABLE m DROP COLUMN extra;`,
    },
    {
      about: 'a partition that is partitioned in turn',
      given: `CREATE TABLE m (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE x (a int, b int) PARTITION BY LIST (b);
CREATE TABLE x_1 PARTITION OF x FOR VALUES IN (1);
INSERT INTO x VALUES (1, 1), (2, 1);`,
      up: 'ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM (1) TO (5);',
      down,
    },
    {
      about: 'views, a constraint of that name',
      given: `${list}\nALTER TABLE x ADD CONSTRAINT x_fits CHECK (id > 0);\nCREATE VIEW seen AS SELECT * FROM x;`,
      up: `ALTER TABLE m ATTACH PARTITION x FOR VALUES IN ('b');`,
      down,
    },
    {
      about: 'a range of two columns',
      given: pairs,
      up: 'ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM (1, 5) TO (10, 2);',
      down,
    },
    {
      about: 'a range of two columns that begin alike',
      given: pairs,
      up: 'ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM (3, 1) TO (3, 100);',
      down,
    },
    {
      about: 'a range of two columns with open ends',
      given: pairs,
      up: 'ALTER TABLE m ATTACH PARTITION x FOR VALUES FROM (1, MINVALUE) TO (10, MAXVALUE);',
      down,
    },
    {
      about: 'a list with NULL',
      given: `${list}\nINSERT INTO x VALUES (9, NULL);`,
      up: `ALTER TABLE m ATTACH PARTITION x FOR VALUES IN ('b', NULL, 'c');`,
      down,
    },
    {
      about: 'a list of NULL alone',
      given: `${list}\nUPDATE x SET kind = NULL;`,
      up: 'ALTER TABLE m ATTACH PARTITION x FOR VALUES IN (NULL);',
      down,
    },
    {
      about: 'a file without a down',
      given: list,
      up: `ALTER TABLE m ATTACH PARTITION x FOR VALUES IN ('b');`,
      down: '-- nothing',
    },
  ],
);

beforeAll(loadParser);

test.each([
  ['HASH (id)', 'FOR VALUES WITH (MODULUS 2, REMAINDER 0)', 'hash'],
  ['LIST (kind)', 'DEFAULT', 'default partition'],
  ['RANGE (lower(kind))', "FOR VALUES FROM ('a') TO ('b')", 'expression'],
])('partitioned by %s, %s is refused', (by, bound, reason) => {
  const given = `CREATE TABLE m (id int, kind text) PARTITION BY ${by};\nCREATE TABLE x (id int, kind text);\nINSERT INTO x VALUES (1, 'a');${by.startsWith('LIST') ? "CREATE TABLE m_z PARTITION OF m FOR VALUES IN ('z');" : ''}`;
  const up = `ALTER TABLE m ATTACH PARTITION x ${bound};`;
  const { applied, refusals } = rewritten({ about: '', given, up, down }, ['attach-partition-scan']);
  expect(applied).toEqual([]);
  expect(refusals.join()).toContain(reason);
});
