import { expect, test } from 'vitest';
import { type Original, rewritten } from './original.ts';

const orders = 'CREATE TABLE orders (id int PRIMARY KEY, note text NOT NULL);';
const down = 'SELECT 1;';
const renamed = 'ALTER TABLE orders RENAME note TO remark;';

const cases: readonly (readonly [string, string, Omit<Original, 'about'>, string])[] = [
  [
    'rename-column',
    'a later statement changes the table',
    { given: orders, up: `${renamed}\nALTER TABLE orders ADD extra int;`, down },
    'later statements change orders',
  ],
  [
    'rename-column',
    'a publication holds the table',
    { given: `${orders}\nCREATE PUBLICATION p FOR TABLE orders;`, up: renamed, down },
    'the publication p holds orders',
  ],
  [
    'add-column-not-null',
    'what becomes the primary key',
    {
      given: 'CREATE TABLE orders (note text);',
      up: 'ALTER TABLE orders ADD COLUMN id int PRIMARY KEY;',
      down,
      set: { 'public.orders.id': '1' },
    },
    'id becomes part of the primary key of orders',
  ],
  [
    'add-unique',
    'options that no index says',
    { given: orders, up: 'ALTER TABLE orders ADD UNIQUE (note) WITH (fillfactor = 70);', down },
    'the UNIQUE of orders cannot take over an index',
  ],
  [
    'index-not-concurrent',
    'a partition that has the index already',
    {
      given: `CREATE TABLE m (v int) PARTITION BY LIST (v);
CREATE TABLE m_1 PARTITION OF m FOR VALUES IN (1);
CREATE TABLE m_2 PARTITION OF m FOR VALUES IN (2);
CREATE INDEX mine ON m_1 (v);`,
      up: 'CREATE INDEX m_v ON m (v);',
      down,
    },
    'the index mine of the partition m_1 is there already',
  ],
  [
    'rename-column',
    'a publication of all tables holds the table',
    { given: `${orders}\nCREATE PUBLICATION p FOR ALL TABLES;`, up: renamed, down },
    'the publication p holds orders',
  ],
  [
    'change-column-type',
    'a publication holds the schema of the table',
    {
      given: `${orders}\nCREATE PUBLICATION p;\nALTER PUBLICATION p ADD TABLES IN SCHEMA public;`,
      up: 'ALTER TABLE orders ALTER id TYPE bigint;',
      down,
    },
    'the publication p holds its table',
  ],
  [
    'rename-table',
    'row security, before 15',
    {
      given: `${orders}\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;`,
      up: 'ALTER TABLE orders RENAME TO o;',
      down,
    },
    'row security',
  ],
  [
    'rename-table',
    'outside a transaction, and a later statement speaks of it',
    {
      given: orders,
      up: 'ALTER TABLE orders RENAME TO o;\nCREATE INDEX CONCURRENTLY i ON o (note);',
      down,
      noTransaction: true as const,
    },
    'later statements speak of what it changes',
  ],
  [
    'drop-column',
    'a primary key',
    { given: orders, up: 'ALTER TABLE orders DROP id;', down },
    'part of the primary key',
  ],
  [
    'drop-column',
    'a table that the history does not show',
    { given: 'SELECT 1;', up: 'ALTER TABLE orders DROP note;', down: 'ALTER TABLE orders ADD note text;' },
    'the history does not show',
  ],
  [
    'drop-table',
    'what it needs goes in the same file',
    {
      given: `CREATE TYPE mood AS ENUM ('a');\nCREATE TABLE carts (m mood);`,
      up: 'DROP TABLE carts;\nDROP TYPE mood;',
      down: `CREATE TYPE mood AS ENUM ('a');\nCREATE TABLE carts (m mood);`,
    },
    'DROP TYPE mood',
  ],
  ...(
    [
      [
        'a generated column reads it',
        'ALTER TABLE orders ADD twice int GENERATED ALWAYS AS (qty * 2) STORED;',
        'twice is generated from it',
      ],
      [
        'a trigger names it',
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\nCREATE TRIGGER t BEFORE UPDATE OF qty ON orders FOR EACH ROW EXECUTE FUNCTION f();",
        'the trigger t names the column',
      ],
      ['a policy reads it', 'CREATE POLICY p ON orders USING (qty > 1);', 'the policy p reads the column'],
      [
        'statistics are about it',
        'CREATE STATISTICS s ON qty, id FROM orders;',
        'the statistics s are about it',
      ],
      [
        'a publication has it',
        'CREATE PUBLICATION p FOR TABLE orders (qty);',
        'the publication p holds its table',
      ],
      [
        'a materialized view that may be empty reads it',
        'CREATE MATERIALIZED VIEW sums AS SELECT sum(qty) FROM orders WITH NO DATA;',
        'the view sums reads orders.qty',
      ],
      [
        'a materialized view reads it through a view',
        'CREATE VIEW v AS SELECT qty FROM orders;\nCREATE MATERIALIZED VIEW sums AS SELECT sum(qty) FROM v;',
        'the view sums reads orders.qty in more ways than one, or fills what it reads from another view',
      ],
      [
        'a view reads it and a materialized view of it',
        'CREATE MATERIALIZED VIEW sums AS SELECT sum(qty) AS s FROM orders;\nCREATE VIEW v AS SELECT qty FROM orders, sums WHERE qty < s;',
        'the view v reads orders.qty in more ways than one',
      ],
      [
        'an index of a materialized view has been changed',
        'CREATE MATERIALIZED VIEW sums AS SELECT qty FROM orders;\nCREATE INDEX i ON sums (qty);\nALTER INDEX i RENAME TO j;',
        'the view sums reads orders.qty',
      ],
      [
        'a view with a trigger reads it',
        "CREATE VIEW v AS SELECT qty FROM orders;\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\nCREATE TRIGGER t INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();",
        'the view v reads orders.qty',
      ],
      [
        'a view was made before a name changed',
        'CREATE VIEW v AS SELECT qty FROM orders;\nALTER TABLE orders RENAME note TO remark;',
        'the view v reads orders.qty',
      ],
      ['an EXCLUDE has it', 'ALTER TABLE orders ADD EXCLUDE (qty WITH =);', 'cannot be built beside'],
      [
        'an index has storage parameters',
        'CREATE INDEX i ON orders (qty) WITH (fillfactor = 70);',
        'the index i cannot be written again',
      ],
      ['a constraint is not valid', 'ALTER TABLE orders ADD CHECK (qty > 0) NOT VALID;', 'is not valid'],
    ] as const
  ).map(
    ([about, given, reason]) =>
      [
        'change-column-type',
        about,
        {
          given: `CREATE TABLE orders (id int PRIMARY KEY, note text, qty int);\n${given}`,
          up: 'ALTER TABLE orders ALTER qty TYPE bigint;',
          down,
        },
        reason,
      ] as const,
  ),
  [
    'change-column-type',
    'a materialized view may stand on the primary key',
    {
      given: `${orders}\nCREATE MATERIALIZED VIEW m AS SELECT id, note FROM orders GROUP BY id;`,
      up: 'ALTER TABLE orders ALTER id TYPE bigint;',
      down,
    },
    'm is grouped, which may stand on the primary key',
  ],
  [
    'change-column-type',
    'USING is volatile',
    { given: orders, up: 'ALTER TABLE orders ALTER id TYPE bigint USING id + random();', down },
    'gives other values each time',
  ],
  [
    'change-column-type',
    'no primary key',
    { given: 'CREATE TABLE t (v int);', up: 'ALTER TABLE t ALTER v TYPE bigint;', down },
    'no primary key',
  ],
  [
    'change-column-type',
    'a table that the history does not show',
    { given: 'ALTER TABLE t ADD v int;', up: 'ALTER TABLE t ALTER v TYPE bigint;', down },
    'the history does not show',
  ],
  [
    'change-column-type',
    'a key of a partitioned table',
    {
      given:
        'CREATE TABLE m (id int, v int, UNIQUE (id, v)) PARTITION BY RANGE (id);\nALTER TABLE m ADD PRIMARY KEY (id);',
      up: 'ALTER TABLE m ALTER v TYPE bigint;',
      down,
    },
    'm_id_v_key of the partitioned table',
  ],
  ...(
    [
      ['CREATE INDEX own ON m_1 (v);', 'm_1 the index own is its own'],
      ['ALTER TABLE m_2 ADD CONSTRAINT low CHECK (v < 10);', 'm_2 the constraint low is its own'],
      ['ALTER TABLE m_2 ALTER v SET DEFAULT 7;', 'm_2 the column has a default of its own'],
      ['ALTER TABLE m_2 ALTER v SET NOT NULL;', 'm_2 the column is NOT NULL by itself'],
      ['CREATE VIEW one AS SELECT v FROM m_1;', 'm_1 one uses the column'],
      ["COMMENT ON COLUMN m_1.v IS 'first';", 'the column of the partition m_1 alone'],
      [
        'CREATE TABLE m_3 PARTITION OF m FOR VALUES FROM (20) TO (30) PARTITION BY LIST (v);',
        'm_3 the column is what it is partitioned by',
      ],
    ] as const
  ).map(
    ([given, reason]) =>
      [
        'change-column-type',
        `of a partition ${given}`,
        {
          given: `CREATE TABLE m (id int PRIMARY KEY, v int DEFAULT 1 CHECK (v > 0)) PARTITION BY RANGE (id);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (1) TO (10);
CREATE TABLE m_2 PARTITION OF m DEFAULT;\n${given}`,
          up: 'ALTER TABLE m ALTER v TYPE bigint;',
          down,
        },
        reason,
      ] as const,
  ),
  [
    'change-column-type',
    'a partition key',
    {
      given: 'CREATE TABLE m (id int PRIMARY KEY) PARTITION BY RANGE (id);',
      up: 'ALTER TABLE m ALTER id TYPE bigint;',
      down,
    },
    'partitioned by the column',
  ],
];

test.each(cases)('%s is refused: %s', (rule, about, original, reason) => {
  const { applied, refusals } = rewritten({ about, ...original }, [rule]);
  expect(applied).toEqual([]);
  expect(refusals.join()).toContain(reason);
});
