import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser, parseStatement } from '../../server/src/sql/parser.ts';

beforeAll(loadParser);

/** What a DO block runs; `?` marks what may not run. */
function runs(body: string): string[] {
  return parseStatement(`DO $do$ ${body} $do$`).inner.map(
    ({ parsed, conditional }) => (conditional ? '? ' : '') + parsed.text,
  );
}

/** The texts that the inner statements' ends point at in the outer one. */
function outerTexts(sql: string): string[] {
  return parseStatement(sql).inner.map((inner) =>
    sql.slice(inner.toOuter(0), inner.toOuter(inner.parsed.text.length)),
  );
}

/** The words that are reported as wrong in a body. */
function wrong(sql: string): string[] {
  const parsed = parseStatement(sql);
  expect(parsed.error).toBeUndefined();
  return parsed.bodyErrors.map(({ message, span }) => `${sql.slice(span.start, span.end)}: ${message}`);
}

describe('the statements of a DO block', () => {
  test('in order, without those of PL/pgSQL', () => {
    const body = `
      <<b>> DECLARE a int := 1; c CURSOR FOR SELECT 1; BEGIN
        a := 2; b.a[1] = 3; NULL; RAISE NOTICE 'drop; %', a; ASSERT true; GET DIAGNOSTICS a = ROW_COUNT;
        CREATE TABLE t (x int DEFAULT (CASE WHEN true THEN 1 END));
        PERFORM set_config('lock_timeout', '1s', true);
        RETURN;
      END b`;
    expect(runs(body)).toEqual([
      'CREATE TABLE t (x int DEFAULT (CASE WHEN true THEN 1 END))',
      "SELECT  set_config('lock_timeout', '1s', true)",
    ]);
  });

  test('those under a condition are uncertain, those after it not', () => {
    const body = `BEGIN
      IF NOT EXISTS (SELECT 1) AND CASE WHEN a THEN b END THEN DROP TABLE a; ELSIF c THEN DROP TABLE b; ELSE DROP TABLE c; END IF;
      DROP TABLE d;
      CASE x WHEN 1 THEN DROP TABLE e; ELSE DROP TABLE f; END CASE;
      FOR r IN SELECT 1 LOOP DROP TABLE g; EXIT WHEN x; END LOOP;
      WHILE x LOOP DROP TABLE h; END LOOP; LOOP DROP TABLE i; END LOOP; FOREACH y IN ARRAY z LOOP DROP TABLE j; END LOOP;
      BEGIN DROP TABLE k; END;
      DROP TABLE l; END`;
    expect(runs(body)).toEqual([
      'SELECT NOT EXISTS (SELECT 1) AND CASE WHEN a THEN b END',
      '? DROP TABLE a',
      '? DROP TABLE b',
      '? DROP TABLE c',
      'DROP TABLE d',
      '? DROP TABLE e',
      '? DROP TABLE f',
      'SELECT 1',
      '? DROP TABLE g',
      '? DROP TABLE h',
      '? DROP TABLE i',
      '? DROP TABLE j',
      'DROP TABLE k',
      'DROP TABLE l',
    ]);
  });

  test('all of a block that is guarded, and its handlers, are uncertain', () => {
    const body = `BEGIN DROP TABLE a;
      BEGIN DROP TABLE b; EXCEPTION WHEN undefined_table THEN DROP TABLE c; WHEN OTHERS THEN NULL; END;
      DROP TABLE d; END`;
    expect(runs(body)).toEqual(['DROP TABLE a', '? DROP TABLE b', '? DROP TABLE c', 'DROP TABLE d']);
  });

  test('a query in an expression runs where the expression does', () => {
    const body = `
      DECLARE a int := (SELECT 1); b int DEFAULT 2; c CURSOR FOR SELECT 1 WHERE a = (SELECT 1); BEGIN
        IF x THEN NULL; ELSIF EXISTS (SELECT 2) THEN y := (SELECT 3) + 1; z.w := 4; END IF;
        CASE (SELECT 4) WHEN (SELECT 5) THEN NULL; END CASE; CASE WHEN (SELECT 6) THEN NULL; END CASE;
        WHILE (SELECT 7) LOOP NULL; END LOOP;
        FOR r IN (SELECT 8) LOOP NULL; END LOOP; FOR r IN c LOOP NULL; END LOOP; FOR r IN EXECUTE 'SELECT 9' LOOP NULL; END LOOP;
        FOR i IN REVERSE (SELECT 10)..1 LOOP NULL; END LOOP; FOR i IN 1..(SELECT 11) LOOP NULL; END LOOP;
        FOREACH i IN ARRAY ARRAY(SELECT 12) LOOP NULL; END LOOP;
        OPEN c FOR SELECT 13; RETURN QUERY SELECT 14; RETURN QUERY EXECUTE 'SELECT 15'; RETURN (SELECT 16);
      END`;
    expect(runs(body)).toEqual([
      'SELECT (SELECT 1)',
      '? SELECT EXISTS (SELECT 2)',
      '? SELECT (SELECT 3) + 1',
      'SELECT (SELECT 4)',
      '? SELECT (SELECT 5)',
      '? SELECT (SELECT 6)',
      'SELECT (SELECT 7)',
      '(SELECT 8)',
      'SELECT 9',
      'SELECT (SELECT 10)',
      'SELECT (SELECT 11)',
      'SELECT ARRAY(SELECT 12)',
      'SELECT 13',
      'SELECT 14',
      'SELECT 15',
      'SELECT (SELECT 16)',
    ]);
    expect(outerTexts('DO $$ BEGIN IF (SELECT 1) > 0 THEN NULL; END IF; END $$')).toEqual(['(SELECT 1) > 0']);
  });

  test("PL/pgSQL's INTO makes no table", () => {
    const body = `BEGIN SELECT a, b INTO STRICT x, r.y[1] FROM t; INSERT INTO t VALUES (1) RETURNING a INTO x; WITH w AS (SELECT 1) INSERT INTO t SELECT 1; END`;
    const inner = parseStatement(`DO $$ ${body} $$`).inner.map((each) => each.parsed);
    expect(inner.map((parsed) => parsed.text.replaceAll(/ +/g, ' '))).toEqual([
      'SELECT a, b FROM t',
      'INSERT INTO t VALUES (1) RETURNING a',
      'WITH w AS (SELECT 1) INSERT INTO t SELECT 1',
    ]);
    expect(inner[0]?.node).not.toHaveProperty('SelectStmt.intoClause');
  });

  test('EXECUTE of a constant runs what it says, of anything else the unknown', () => {
    const constant = parseStatement(
      `DO $$ BEGIN EXECUTE 'DROP TABLE a; DROP TABLE "b"' USING x; EXECUTE $x$DROP TABLE c$x$; END $$`,
    );
    expect(constant.inner.map((inner) => inner.parsed.text)).toEqual([
      'DROP TABLE a',
      'DROP TABLE "b"',
      'DROP TABLE c',
    ]);
    expect(constant.runsUnknownCode).toBe(false);
    const formatted = `DO $$ BEGIN EXECUTE format('DROP TABLE %I; SELECT %2$L, %%', 'A b', 'it''s') USING x; DROP TABLE c; END $$`;
    expect(parseStatement(formatted.replace('%%', '%1$s')).runsUnknownCode).toBe(false);
    expect(parseStatement(formatted.replace(', %%', '')).inner.map((inner) => inner.parsed.text)).toEqual([
      'DROP TABLE "A b"',
      "SELECT 'it''s'",
      'DROP TABLE c',
    ]);
    expect(outerTexts(formatted.replace(', %%', ' || 1'))).toEqual([
      'DROP TABLE %I',
      'SELECT %2$L || 1',
      'DROP TABLE c',
    ]);
    for (const computed of [
      "format('DROP TABLE %I')",
      "format('DROP TABLE %-9I', 'x')",
      "format('DROP TABLE %I', x)",
      "'DROP TABLE ' || x",
      'x',
    ]) {
      expect(parseStatement(`DO $$ BEGIN EXECUTE ${computed}; END $$`).runsUnknownCode, computed).toBe(true);
    }
    expect(parseStatement('DO LANGUAGE plpython3u $$ import os $$').runsUnknownCode).toBe(true);
    expect(parseStatement('SELECT 1').runsUnknownCode).toBe(false);
  });

  test('places go through every kind of quoting', () => {
    expect(outerTexts(`DO 'BEGIN UPDATE é SET "a" = ''it''''s 😀''; DROP TABLE b; END'`)).toEqual([
      `UPDATE é SET "a" = ''it''''s 😀''`,
      'DROP TABLE b',
    ]);
    expect(outerTexts(`DO E'BEGIN\\n\\tDROP TABLE \\'a\\u0062\\'; DROP TABLE b; END'`)).toEqual([
      'DROP TABLE b',
    ]);
    expect(
      outerTexts(`DO $$ BEGIN EXECUTE 'ALTER TABLE a ADD b text DEFAULT ''😀''; DROP TABLE c'; END $$`),
    ).toEqual([`ALTER TABLE a ADD b text DEFAULT ''😀''`, 'DROP TABLE c']);
    expect(outerTexts(`DO 'BEGIN DROP '\n'TABLE a; END'`)).toEqual([`DROP '\n'TABLE a`]);
  });

  test('a block in a block', () => {
    const [outer] = parseStatement('DO $a$ BEGIN DO $b$ BEGIN DROP TABLE x; END $b$; END $a$').inner;
    expect(outer?.parsed.inner.map((inner) => inner.parsed.text)).toEqual(['DROP TABLE x']);
  });
});

describe('errors in bodies', () => {
  test('in a DO block and a PL/pgSQL function', () => {
    expect(wrong('DO $$ BEGIN DROP TABLE a; DORP TABLE b; END $$')).toEqual([
      'DORP: syntax error at or near "DORP"',
    ]);
    const body = 'BEGIN IF a THEN RETURN 1; END; RETURN 2; END';
    expect(wrong(`CREATE FUNCTION f() RETURNS int AS $$ ${body} $$ LANGUAGE plpgsql`)).toEqual([
      ';: syntax error at or near ";"',
    ]);
    expect(wrong("DO 'BEGIN UPDATE a SET b = ''x''; SELEC 1; END'")).toEqual([
      'SELEC: syntax error at or near "SELEC"',
    ]);
  });

  test('in an SQL function', () => {
    expect(
      wrong(`CREATE FUNCTION f() RETURNS int AS 'SELECT ''a''; SELECT é FORM t x' LANGUAGE SQL`),
    ).toEqual(['t: syntax error at or near "t"']);
  });

  test('none where all is well', () => {
    const quiet = [
      "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := 1; IF TG_OP = 'INSERT' THEN RETURN NEW; END IF; RETURN NULL; END $$",
      'CREATE FUNCTION f(a t.b%TYPE) RETURNS SETOF u LANGUAGE plpgsql AS $$ DECLARE r t%ROWTYPE; BEGIN FOR r IN SELECT * FROM t LOOP RETURN NEXT r; END LOOP; END $$',
      "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1; SELECT f.x FROM f'",
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END',
      "CREATE FUNCTION f() RETURNS int AS '$libdir/x', 'y' LANGUAGE c STRICT",
      'CREATE FUNCTION f() RETURNS int AS $$ not sql at all; $$ LANGUAGE plv8',
      `CREATE FUNCTION f() RETURNS int AS $$ SELECT {{ .X }} FORM \${Y} $$ LANGUAGE sql`,
      'DO $$ BEGIN {{ if .X }} DROP TABLE x; {{ end }} END $$',
      "CREATE FUNCTION f() RETURNS int AS '' LANGUAGE sql",
    ];
    for (const sql of quiet) expect(wrong(sql), sql).toEqual([]);
  });
});
