import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { effectOf } from './effectOf.ts';

/* Beside the oracle: what it cannot ask, since a server always knows its tables. */

beforeAll(loadParser);

const AX = 'ACCESS EXCLUSIVE';

describe('of relations that the history does not show', () => {
  it.each([
    ['ALTER TABLE t ADD COLUMN a int', { t: AX }, []],
    ['ALTER TABLE t ALTER a SET NOT NULL', { t: AX }, ['t notNull a']],
    ['ALTER TABLE t ADD CHECK (a > 0)', { t: AX }, ['t check']],
    ['ALTER TABLE t ADD CHECK (a > 0) NOT VALID', { t: AX }, []],
    ['ALTER TABLE t VALIDATE CONSTRAINT c', { t: 'SHARE UPDATE EXCLUSIVE' }, ['t check c']],
    ['CREATE INDEX i ON s.t (a)', { 's.t': 'SHARE' }, ['s.t indexBuild i']],
    ['CREATE TABLE n (a int REFERENCES t)', { t: 'SHARE ROW EXCLUSIVE' }, []],
    ['DROP TABLE t', { t: AX }, []],
    ['DROP TABLE IF EXISTS t', {}, []],
    ['ALTER TABLE IF EXISTS t ADD COLUMN a int', {}, []],
    ['UPDATE t SET a = 1', { t: 'ROW EXCLUSIVE' }, []],
    ['VACUUM t', { t: 'SHARE UPDATE EXCLUSIVE' }, []],
    ['SELECT 1', {}, []],
    ['CREATE TABLE n (a int)', {}, []],
  ])('%s', (sql, locks, scans) => {
    expect(effectOf('', sql)).toMatchObject({ locks, scans });
  });

  it('a key on them is scanned for by both sides of a foreign key, the referenced one as the planner likes', () => {
    expect(effectOf('', 'ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b')).toMatchObject({
      locks: { a: 'SHARE ROW EXCLUSIVE', b: 'SHARE ROW EXCLUSIVE' },
      scans: ['a foreignKey', 'b read'],
    });
  });
});

describe('changing a type', () => {
  const history = 'CREATE TABLE t (v varchar(10), n numeric(8,2), ts timestamp)';

  it.each([
    ['v TYPE varchar(20)', []],
    ['v TYPE varchar(5)', ['t']],
    ['v TYPE text USING v::text', []],
    ['v TYPE text USING lower(v)', ['t']],
    ['n TYPE numeric(12,2)', []],
    ['n TYPE numeric(12,3)', ['t']],
  ])('ALTER %s', (command, rewrites) => {
    expect(effectOf(history, `ALTER TABLE t ALTER ${command}`).rewrites).toEqual(rewrites);
  });

  it('of a timestamp depends on the time zone; one that is not known is not taken for UTC', () => {
    const sql = 'ALTER TABLE t ALTER ts TYPE timestamptz';
    expect(effectOf(history, sql, { timeZone: 'UTC' }).rewrites).toEqual([]);
    expect(effectOf(history, sql, { timeZone: 'Europe/Rome' }).rewrites).toEqual(['t']);
    expect(effectOf(history, sql).rewrites).toEqual(['t']);
  });

  it('that the history does not show is called a rewrite only where no other type would be free', () => {
    expect(effectOf('', 'ALTER TABLE t ALTER a TYPE bigint').rewrites).toEqual(['t']);
    expect(effectOf('', 'ALTER TABLE t ALTER a TYPE text').rewrites).toEqual([]);
    expect(effectOf('', 'ALTER TABLE t ALTER a TYPE varchar(20)').rewrites).toEqual([]);
    expect(effectOf('', 'ALTER TABLE t ALTER a TYPE text USING lower(a)').rewrites).toEqual(['t']);
  });
});

describe('where a statement may run', () => {
  it.each([
    ['CREATE INDEX CONCURRENTLY i ON t (a)', 'CREATE INDEX CONCURRENTLY'],
    ['CREATE INDEX i ON t (a)', undefined],
    ['DROP INDEX CONCURRENTLY i', 'DROP INDEX CONCURRENTLY'],
    ['REINDEX TABLE CONCURRENTLY t', 'REINDEX CONCURRENTLY'],
    ['REINDEX TABLE t', undefined],
    ['REINDEX SCHEMA public', 'REINDEX SCHEMA'],
    ['REFRESH MATERIALIZED VIEW CONCURRENTLY m', undefined],
    ['VACUUM', 'VACUUM'],
    ['ANALYZE', undefined],
    ['ALTER TYPE mood ADD VALUE $$x$$', undefined],
    ['ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY', 'ALTER TABLE ... DETACH CONCURRENTLY'],
    ['DO $$ BEGIN COMMIT; END $$', 'DO with COMMIT'],
    ['DO $$ BEGIN UPDATE t SET a = 1; END $$', undefined],
    ['CREATE DATABASE d', 'CREATE DATABASE'],
  ])('%s', (sql, refused) => {
    const text = sql.replace('$$x$$', "'x'");
    expect(effectOf('', text).refused).toBe(refused);
  });

  it('CALL: it depends on whether the procedure commits', () => {
    const make = (body: string) => `CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`;
    expect(effectOf(make('UPDATE t SET a = 1; COMMIT;'), 'CALL p()').refused).toBe('CALL p');
    expect(effectOf(make('UPDATE t SET a = 1;'), 'CALL p()')).toMatchObject({
      refused: undefined,
      locks: { t: 'ROW EXCLUSIVE' },
    });
  });

  it.each([
    ['COMMIT;', true],
    ['LOOP EXIT WHEN now() IS NULL; COMMIT; END LOOP;', true],
    ['FOR i IN 1..3 LOOP UPDATE t SET a = i; COMMIT; END LOOP;', true],
    ['IF now() IS NULL THEN COMMIT; END IF;', false],
    ['FOR i IN 1..3 LOOP IF i = 2 THEN COMMIT; END IF; END LOOP;', false],
    ['CASE WHEN now() IS NULL THEN COMMIT; ELSE NULL; END CASE;', false],
    ['BEGIN UPDATE t SET a = 1; EXCEPTION WHEN others THEN ROLLBACK; END;', false],
  ])('%s: in a procedure, a DO block, and one that calls the procedure', (body, certain) => {
    const procedure = `CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`;
    expect(effectOf(procedure, 'CALL p()')).toMatchObject({ refused: 'CALL p', certainly: certain });
    expect(effectOf('', `DO $$ BEGIN ${body} END $$`)).toMatchObject({ certainly: certain });
    expect(effectOf(procedure, 'DO $$ BEGIN CALL p(); END $$')).toMatchObject({ certainly: certain });
  });
});
