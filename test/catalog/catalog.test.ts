import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Catalog,
  columnOf,
  sameCatalog,
  type Table,
  tableOf,
} from '../../server/src/catalog/catalog.ts';
import { withRelation } from '../../server/src/catalog/edit.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { seed } from '../randomSeed.ts';
import { keyFor, relationNames, schemaAfter, shown } from './schemaAfter.ts';

beforeAll(loadParser);

function table(catalog: Catalog, name: string): Table {
  const found = tableOf(catalog, keyFor(name));
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
}

function columns(catalog: Catalog, name: string): readonly string[] {
  return table(catalog, name).columns.map((each) => each.name);
}

function constraints(catalog: Catalog, name: string): readonly string[] {
  return table(catalog, name).constraints.map((each) => each.name);
}

describe('names that PostgreSQL chooses', () => {
  it.each([
    [
      'CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE, b int CHECK (b > 0))',
      ['t_pkey', 't_a_key', 't_b_check'],
    ],
    ['CREATE TABLE t (a int, b int, UNIQUE (a, b), CHECK (a > b))', ['t_a_b_key', 't_check']],
    ['CREATE TABLE t (a int CHECK (a > 0) CHECK (a < 9))', ['t_a_check', 't_a_check1']],
    ['CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (p_id int REFERENCES p)', ['t_p_id_fkey']],
    ['CREATE TABLE t (r int4range, EXCLUDE USING gist (r WITH &&))', ['t_r_excl']],
    [
      'CREATE TABLE a_table_with_a_long_name_that_goes_on (a_column_with_a_long_name_too int UNIQUE)',
      ['a_table_with_a_long_name_that_a_column_with_a_long_name_too_key'],
    ],
  ])('%s', (sql, names) => {
    const catalog = schemaAfter(sql);
    const all = [...catalog.relations.values()].flatMap((each) =>
      'constraints' in each ? each.constraints : [],
    );
    expect(all.map((each) => each.name)).toEqual(expect.arrayContaining(names));
    expect(names.every((name) => new TextEncoder().encode(name).length <= 63)).toBe(true);
  });

  it('counts on where the name is taken, also by another kind of relation', () => {
    const catalog = schemaAfter(
      'CREATE TABLE t (a int); CREATE SEQUENCE t_a_idx; CREATE INDEX ON t (a); CREATE INDEX ON t (a)',
    );
    expect(relationNames(catalog)).toEqual(['t', 't_a_idx', 't_a_idx1', 't_a_idx2']);
  });
});

describe('what goes with what is dropped', () => {
  const shop = `
    CREATE TABLE customers (id serial PRIMARY KEY, email text);
    CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, total int);
    CREATE VIEW totals AS SELECT customer_id, sum(total) FROM orders GROUP BY 1;
    CREATE VIEW big AS SELECT * FROM totals;
    CREATE POLICY own ON orders USING (EXISTS (SELECT FROM customers c WHERE c.id = customer_id));`;

  it('a table: its sequence, foreign keys to it, policies that read it; not the tables that refer to it', () => {
    const catalog = schemaAfter(`${shop} DROP TABLE customers CASCADE`);
    expect(relationNames(catalog)).toEqual(['big', 'orders', 'orders_pkey', 'totals']);
    expect(constraints(catalog, 'orders')).toEqual(['orders_pkey']);
    expect(table(catalog, 'orders').policies).toEqual([]);
  });

  it('a column: views over views of it, but not those that do not name it', () => {
    const catalog = schemaAfter(
      `${shop} CREATE VIEW ids AS SELECT id FROM orders; ALTER TABLE orders DROP COLUMN total CASCADE`,
    );
    expect(relationNames(catalog)).not.toContain('big');
    expect(relationNames(catalog)).toContain('ids');
  });

  it('a type: its columns, domains over it; the table stays', () => {
    const catalog = schemaAfter(
      "CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN m AS mood; CREATE TABLE t (x mood, y m, z int); DROP TYPE mood CASCADE",
    );
    expect(columns(catalog, 't')).toEqual(['z']);
    expect([...catalog.types.entries()]).toEqual([]);
  });

  it('a function: triggers, defaults and expression indexes that call it, checks too', () => {
    const catalog = schemaAfter(`
      CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE TABLE t (a int DEFAULT f(1), b int CHECK (f(b) > 0), c int);
      CREATE INDEX fi ON t (f(c)); CREATE INDEX ci ON t (c); DROP FUNCTION f(int) CASCADE`);
    expect(relationNames(catalog)).toEqual(['ci', 't']);
    expect(columnOf(table(catalog, 't'), 'a')?.default).toBeUndefined();
    expect(constraints(catalog, 't')).toEqual([]);
  });

  it('one overload of a function leaves the name', () => {
    const twice =
      'CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$SELECT 1$$; CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS $$SELECT 1$$;';
    expect(schemaAfter(`${twice} DROP FUNCTION f(int)`).routines.size).toBe(1);
    expect(schemaAfter(`${twice} DROP FUNCTION f(int); DROP FUNCTION f(text)`).routines.size).toBe(0);
  });

  it('is remembered as gone, until something of that name is made again', () => {
    expect(schemaAfter('CREATE TABLE t (a int); DROP TABLE t').gone.get(keyFor('t'))).toMatchObject({
      how: 'dropped',
    });
    expect(
      schemaAfter('CREATE TABLE t (a int); DROP TABLE t; CREATE TABLE t (b int)').gone.has(keyFor('t')),
    ).toBe(false);
  });
});

describe('renames', () => {
  it('a table keeps its indexes, keys and those that reference it', () => {
    const catalog = schemaAfter(`
      CREATE TABLE a (id int PRIMARY KEY, up int REFERENCES a); CREATE TABLE b (a_id int REFERENCES a);
      CREATE VIEW v AS SELECT id FROM a; ALTER TABLE a RENAME TO z; DROP TABLE z CASCADE`);
    expect(relationNames(catalog)).toEqual(['b']);
    expect(constraints(catalog, 'b')).toEqual([]);
  });

  it('a column is renamed in checks, indexes, generated columns and references', () => {
    const catalog = schemaAfter(`
      CREATE TABLE a (x int UNIQUE CHECK (x > 0), y int GENERATED ALWAYS AS (x + 1) STORED);
      CREATE INDEX ai ON a ((x * 2)); CREATE TABLE b (x int REFERENCES a (x)); ALTER TABLE a RENAME x TO w`);
    expect(columns(catalog, 'a')).toEqual(['w', 'y']);
    const dropped = schemaAfter(`
      CREATE TABLE a (x int UNIQUE CHECK (x > 0), y int GENERATED ALWAYS AS (x + 1) STORED);
      CREATE INDEX ai ON a ((x * 2)); CREATE TABLE b (x int REFERENCES a (x)); ALTER TABLE a RENAME x TO w;
      ALTER TABLE a DROP COLUMN w CASCADE`);
    expect(relationNames(dropped)).toEqual(['a', 'b']);
    expect([columns(dropped, 'a'), constraints(dropped, 'a'), constraints(dropped, 'b')]).toEqual([
      [],
      [],
      [],
    ]);
    expect(columns(dropped, 'b')).toEqual(['x']);
  });

  it('an index takes the constraint that stands on it along, and the other way round', () => {
    const made = 'CREATE TABLE t (id int PRIMARY KEY);';
    expect(constraints(schemaAfter(`${made} ALTER INDEX t_pkey RENAME TO k`), 't')).toEqual(['k']);
    expect(relationNames(schemaAfter(`${made} ALTER TABLE t RENAME CONSTRAINT t_pkey TO k`))).toEqual([
      'k',
      't',
    ]);
  });

  it('SET SCHEMA takes indexes and owned sequences along', () => {
    const catalog = schemaAfter(
      'CREATE SCHEMA s; CREATE TABLE t (id serial PRIMARY KEY); ALTER TABLE t SET SCHEMA s',
    );
    expect(relationNames(catalog)).toEqual(['s.t', 's.t_id_seq', 's.t_pkey']);
  });
});

describe('partitions and inheritance', () => {
  const events = `
    CREATE TABLE ev (id int NOT NULL, at date, PRIMARY KEY (id)) PARTITION BY HASH (id);
    CREATE INDEX ev_at ON ev (at);
    CREATE TABLE ev_0 PARTITION OF ev FOR VALUES WITH (MODULUS 2, REMAINDER 0);`;

  it('a partition has its parts of indexes and keys, and loses them with them', () => {
    const catalog = schemaAfter(events);
    expect(relationNames(catalog)).toEqual(['ev', 'ev_0', 'ev_0_at_idx', 'ev_0_pkey', 'ev_at', 'ev_pkey']);
    expect(relationNames(schemaAfter(`${events} DROP INDEX ev_at`))).not.toContain('ev_0_at_idx');
    expect(relationNames(schemaAfter(`${events} DROP TABLE ev`))).toEqual([]);
  });

  it('an equal index of a table that is attached becomes the part', () => {
    const catalog = schemaAfter(`${events}
      CREATE TABLE ev_1 (id int NOT NULL, at date); CREATE INDEX mine ON ev_1 (at);
      ALTER TABLE ev ATTACH PARTITION ev_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1)`);
    expect(table(catalog, 'ev_1').indexes.map(shown)).toEqual(['mine', 'ev_1_pkey']);
  });

  it('a detached partition keeps what it has', () => {
    const catalog = schemaAfter(`${events} ALTER TABLE ev DETACH PARTITION ev_0; DROP TABLE ev`);
    expect(relationNames(catalog)).toEqual(['ev_0', 'ev_0_at_idx', 'ev_0_pkey']);
  });

  it('columns and checks go down to tables that inherit, keys do not', () => {
    const catalog = schemaAfter(`
      CREATE TABLE base (a int); CREATE TABLE sub (b int) INHERITS (base);
      ALTER TABLE base ADD COLUMN c int, ADD CHECK (a > 0), ADD UNIQUE (a); ALTER TABLE ONLY base ADD CHECK (a < 9) NO INHERIT`);
    expect(columns(catalog, 'sub')).toEqual(['a', 'b', 'c']);
    expect(constraints(catalog, 'sub')).toEqual(['base_a_check']);
  });
});

describe('LIKE, AS and search_path', () => {
  it.each([
    ['LIKE a', ['b'], undefined],
    ['LIKE a INCLUDING DEFAULTS', ['b'], true],
    ['LIKE a INCLUDING INDEXES', ['b', 'b_pkey', 'b_x_idx'], undefined],
    ['LIKE a INCLUDING ALL', ['b', 'b_pkey', 'b_x_idx'], true],
  ])('%s', (like, made, hasDefault) => {
    const catalog = schemaAfter(
      `CREATE TABLE a (id int PRIMARY KEY, x int DEFAULT 1); CREATE INDEX a_x ON a (x); CREATE TABLE b (${like})`,
    );
    expect(relationNames(catalog)).toEqual(['a', 'a_pkey', 'a_x', ...made]);
    expect(columnOf(table(catalog, 'b'), 'x')?.default !== undefined || undefined).toBe(hasDefault);
  });

  it('columns of a query are known through stars, aliases and views, or not at all', () => {
    const sql = `CREATE TABLE a (id int, x text); CREATE VIEW v (k, t) AS SELECT * FROM a;
      CREATE TABLE b AS SELECT v.*, count(*), a.id AS aid, 1::bigint FROM v JOIN a ON true; CREATE TABLE c AS SELECT * FROM nowhere`;
    const catalog = schemaAfter(sql);
    expect(table(catalog, 'b').columns.map((each) => [each.name, each.type?.name])).toEqual([
      ['k', 'int4'],
      ['t', 'text'],
      ['count', undefined],
      ['aid', 'int4'],
      ['int8', 'int8'],
    ]);
    expect(table(catalog, 'c').complete).toBe(false);
  });

  it('new objects go to the first schema of the path, old ones are looked for along it', () => {
    const catalog = schemaAfter(`
      CREATE SCHEMA s; CREATE TABLE t (a int); SET search_path = s, public; CREATE TABLE u (a int);
      ALTER TABLE t ADD COLUMN b int; CREATE TEMP TABLE t (z int); ALTER TABLE t ADD COLUMN y int`);
    expect(relationNames(catalog)).toEqual(['pg_temp.t', 's.u', 't']);
    expect([columns(catalog, 't'), columns(catalog, 'pg_temp.t')]).toEqual([
      ['a', 'b'],
      ['z', 'y'],
    ]);
  });
});

it('ALTER TABLE runs its commands in passes: what is dropped makes room for what is added', () => {
  const catalog = schemaAfter(
    'CREATE TABLE t (a int CONSTRAINT k CHECK (a > 0)); ALTER TABLE t ADD CONSTRAINT k CHECK (a > 1), DROP CONSTRAINT k',
  );
  expect(constraints(catalog, 't')).toEqual(['k']);
});

describe('as a value', () => {
  const statements = [
    'CREATE TABLE a (id int PRIMARY KEY, x int)',
    'CREATE TABLE b (a_id int REFERENCES a, y serial)',
    'CREATE VIEW v AS SELECT x FROM a',
    'ALTER TABLE a RENAME TO c',
    'ALTER TABLE c RENAME TO a',
    'ALTER TABLE a RENAME x TO z',
    'ALTER TABLE b DROP COLUMN a_id',
    'DROP TABLE a CASCADE',
    'DROP TABLE b',
    'DROP VIEW v',
    'CREATE INDEX i ON a (x)',
    'ALTER TABLE a ALTER x SET NOT NULL',
    'CREATE TABLE p (k int) PARTITION BY LIST (k)',
    'CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)',
    'ALTER TABLE p ADD FOREIGN KEY (k) REFERENCES a',
    'DROP TABLE p1',
    'CREATE POLICY o ON b USING (EXISTS (SELECT FROM a))',
  ];
  const histories = fc.array(fc.constantFrom(...statements), { maxLength: 25 });

  it('equal histories give equal catalogs, and each statement that does something an unequal one', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const sql = history.join(';');
        expect(sameCatalog(schemaAfter(sql), schemaAfter(sql))).toBe(true);
        expect(sameCatalog(schemaAfter(sql), schemaAfter(`${sql}; CREATE TABLE extra (a int)`))).toBe(false);
      }),
      { seed: seed(), numRuns: 60 },
    );
  });

  it('keeps the index of dependents as if it were built from scratch', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const catalog = schemaAfter(history.join(';'));
        let rebuilt = schemaAfter('');
        for (const [key, relation] of catalog.relations.entries())
          rebuilt = withRelation(rebuilt, key, relation);
        const sorted = (each: Catalog) =>
          [...each.dependents.entries()].map(([key, on]) => [key, [...on].sort()]).sort();
        expect(sorted(catalog)).toEqual(sorted(rebuilt));
      }),
      { seed: seed(), numRuns: 60 },
    );
  });
});
