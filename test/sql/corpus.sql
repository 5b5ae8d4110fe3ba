-- Statements of the kinds that migrations hold, in the shapes they have there. All are valid; none is from a real project.
CREATE TABLE accounts (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS app.orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  total numeric(12, 2) NOT NULL DEFAULT 0 CHECK (total >= 0),
  status varchar(20) DEFAULT 'new', -- one of: new; paid; sent
  note text COLLATE "C",
  tags text[] NOT NULL DEFAULT '{}'::text[],
  CONSTRAINT orders_status CHECK (status IN ('new', 'paid', 'sent')),
  UNIQUE (account_id, id)
);
CREATE TEMPORARY TABLE scratch (a int, b int) ON COMMIT DROP;
CREATE UNLOGGED TABLE queue (id serial, payload jsonb);
CREATE TABLE "Mixed Case" ("Id" uuid DEFAULT gen_random_uuid(), "na""me" text);
CREATE TABLE naïve (größe int, 名 text, "😀" boolean DEFAULT true);
CREATE TABLE measurements (at date NOT NULL, value double precision) PARTITION BY RANGE (at);
CREATE TABLE measurements_2024 PARTITION OF measurements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE measurements_rest PARTITION OF measurements (value NOT NULL, CONSTRAINT positive CHECK (value > 0)) DEFAULT;
CREATE TABLE copy_of (LIKE accounts INCLUDING ALL, extra text);
CREATE TABLE child () INHERITS (accounts);
CREATE TABLE summary AS SELECT account_id, sum(total) AS total FROM app.orders GROUP BY account_id;
CREATE TABLE bookings (room int, during tsrange, EXCLUDE USING gist (room WITH =, during WITH &&));
CREATE TABLE people (id int CONSTRAINT people_pk PRIMARY KEY, name text CONSTRAINT people_name NOT NULL, boss int REFERENCES people DEFERRABLE INITIALLY DEFERRED, full_name text GENERATED ALWAYS AS (name || '!') STORED);
CREATE FOREIGN TABLE remote (id int OPTIONS (column_name 'ID'), name text NOT NULL) SERVER other OPTIONS (table_name 'x');
ALTER TABLE accounts ADD COLUMN nickname text;
ALTER TABLE accounts ADD nickname text NOT NULL DEFAULT '', ADD COLUMN IF NOT EXISTS age int CHECK (age > 0), DROP COLUMN created_at;
ALTER TABLE ONLY app.orders ADD CONSTRAINT orders_account FOREIGN KEY (account_id) REFERENCES accounts (id) NOT VALID;
ALTER TABLE IF EXISTS app.orders VALIDATE CONSTRAINT orders_account;
ALTER TABLE app.orders DROP CONSTRAINT IF EXISTS orders_account CASCADE;
ALTER TABLE app.orders ADD CHECK (total < 1000000), ADD UNIQUE (id, total), ADD PRIMARY KEY USING INDEX orders_pkey;
ALTER TABLE accounts ALTER COLUMN email DROP NOT NULL, ALTER email SET DEFAULT 'a, b', ALTER COLUMN email TYPE varchar(255) USING lower(email)::varchar(255);
ALTER TABLE accounts ALTER COLUMN email SET DATA TYPE text COLLATE "C", ALTER COLUMN id SET NOT NULL;
ALTER TABLE accounts ALTER COLUMN id SET STATISTICS 500, ALTER COLUMN email SET STORAGE external;
ALTER TABLE accounts ADD rule text, ADD attribute int, ADD trigger boolean, DROP rule;
ALTER TABLE accounts DROP IF EXISTS nickname RESTRICT, DROP COLUMN IF EXISTS "Odd, name";
ALTER TABLE accounts ADD COLUMN address jsonb DEFAULT '{"a": [1, 2], "b": "x;y"}'::jsonb;
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE accounts SET (fillfactor = 70, autovacuum_enabled = false);
ALTER TABLE accounts OWNER TO app_owner;
ALTER TABLE accounts SET SCHEMA archive;
ALTER TABLE accounts DISABLE TRIGGER ALL;
ALTER TABLE accounts ENABLE ALWAYS TRIGGER audit;
ALTER TABLE accounts REPLICA IDENTITY FULL;
ALTER TABLE accounts CLUSTER ON accounts_pkey;
ALTER TABLE measurements ATTACH PARTITION measurements_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE measurements DETACH PARTITION measurements_2024 CONCURRENTLY;
ALTER TABLE accounts RENAME TO customers;
ALTER TABLE IF EXISTS app.accounts RENAME COLUMN email TO "e mail";
ALTER TABLE accounts RENAME nickname TO alias;
ALTER TABLE accounts RENAME CONSTRAINT accounts_email_key TO accounts_email_unique;
ALTER INDEX accounts_email RENAME TO accounts_email_idx;
ALTER INDEX measurements_at ATTACH PARTITION measurements_2024_at;
ALTER VIEW totals RENAME TO order_totals;
ALTER SEQUENCE IF EXISTS app.order_numbers RENAME TO numbers;
ALTER SEQUENCE app.order_numbers RESTART WITH 1000 OWNED BY app.orders.id;
ALTER TYPE mood RENAME VALUE 'sad' TO 'unhappy';
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'fine' BEFORE 'happy';
ALTER TYPE address RENAME ATTRIBUTE zip TO postcode CASCADE;
ALTER TYPE address ADD ATTRIBUTE attribute int, DROP ATTRIBUTE IF EXISTS zip, ALTER ATTRIBUTE street TYPE varchar(200);
ALTER TYPE mood RENAME TO feeling;
ALTER FUNCTION app.touch(int) RENAME TO touch_row;
ALTER TRIGGER audit ON accounts RENAME TO audit_accounts;
ALTER POLICY own ON accounts RENAME TO own_rows;
ALTER SCHEMA app RENAME TO application;
ALTER DOMAIN percentage ADD CONSTRAINT range CHECK (VALUE BETWEEN 0 AND 100) NOT VALID;
ALTER DOMAIN percentage RENAME TO percent;
ALTER ROLE app_owner SET lock_timeout = '5s';
ALTER DATABASE app SET search_path TO app, public;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO reader;
ALTER EXTENSION hstore UPDATE;
ALTER MATERIALIZED VIEW totals_by_day SET TABLESPACE fast;
CREATE INDEX accounts_email ON accounts (email);
CREATE INDEX ON accounts (lower(email), created_at DESC NULLS LAST);
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS orders_open ON app.orders USING btree (account_id, (total * 2)) INCLUDE (status, note) WITH (fillfactor = 80) WHERE status = 'new';
CREATE INDEX orders_tags ON ONLY app.orders USING gin (tags array_ops);
CREATE UNIQUE INDEX nulls_too ON accounts (email) NULLS NOT DISTINCT;
DROP INDEX accounts_email;
DROP INDEX CONCURRENTLY IF EXISTS app.orders_open, "Odd, name" CASCADE;
DROP TABLE accounts;
DROP TABLE IF EXISTS app.orders, accounts, "Mixed Case" RESTRICT;
DROP TABLE cascade;
DROP VIEW totals;
DROP MATERIALIZED VIEW IF EXISTS totals_by_day;
DROP SEQUENCE app.order_numbers;
DROP TYPE IF EXISTS mood, address;
DROP FUNCTION app.touch(int, text);
DROP FUNCTION IF EXISTS touch, app.other(VARIADIC text[]) CASCADE;
DROP PROCEDURE archive_old(date);
DROP TRIGGER audit ON accounts;
DROP TRIGGER IF EXISTS audit ON app.accounts CASCADE;
DROP POLICY own ON accounts;
DROP RULE no_delete ON accounts;
DROP SCHEMA app CASCADE;
DROP EXTENSION IF EXISTS hstore, "uuid-ossp";
DROP DOMAIN percentage;
DROP CAST (text AS mood);
DROP OPERATOR CLASS widget_ops USING btree;
DROP AGGREGATE longest(text);
DROP ROLE reader;
DROP OWNED BY reader;
CREATE VIEW totals AS SELECT account_id, sum(total) FROM app.orders GROUP BY 1;
CREATE OR REPLACE VIEW app.open_orders (id, who) AS
SELECT o.id, a.email
FROM app.orders o
JOIN accounts a ON a.id = o.account_id
WHERE o.status = 'new';
CREATE MATERIALIZED VIEW totals_by_day AS SELECT created_at::date, count(*) FROM accounts GROUP BY 1 WITH NO DATA;
REFRESH MATERIALIZED VIEW CONCURRENTLY totals_by_day;
CREATE SEQUENCE IF NOT EXISTS app.order_numbers START 100 INCREMENT BY 5;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy; or not');
CREATE TYPE address AS (street text, zip varchar(10));
CREATE DOMAIN percentage AS numeric CHECK (VALUE >= 0);
CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION app_owner;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_log (what) VALUES ('touched; again');
  END IF;
  RETURN NEW;
END;
$$;
CREATE OR REPLACE FUNCTION add(a int, b int DEFAULT 1) RETURNS int AS 'SELECT a + b' LANGUAGE sql IMMUTABLE;
CREATE FUNCTION quoted() RETURNS text AS $body$ SELECT $in$a;b$in$::text; $body$ LANGUAGE sql;
CREATE OR REPLACE FUNCTION atomic_sum(a int, b int) RETURNS int
BEGIN ATOMIC
  SELECT CASE WHEN a > b THEN a ELSE b END;
  SELECT a + b;
END;
CREATE PROCEDURE archive_old(before date) LANGUAGE plpgsql AS $proc$
DECLARE
  batch int := 1000;
BEGIN
  LOOP
    DELETE FROM app.orders WHERE id IN (SELECT id FROM app.orders LIMIT batch);
    EXIT WHEN NOT FOUND;
    COMMIT;
  END LOOP;
END
$proc$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON accounts FOR EACH ROW WHEN (NEW.email IS NOT NULL) EXECUTE FUNCTION app.touch();
CREATE RULE no_delete AS ON DELETE TO accounts DO INSTEAD NOTHING;
CREATE POLICY own ON accounts FOR SELECT TO app_user USING (email = current_user) WITH CHECK (true);
CREATE ROLE reader NOLOGIN;
CREATE STATISTICS orders_stats (dependencies) ON account_id, status FROM app.orders;
CREATE AGGREGATE longest(text) (SFUNC = longer, STYPE = text, INITCOND = '');
CREATE CAST (text AS mood) WITH INOUT AS IMPLICIT;
CREATE PUBLICATION changes FOR TABLE accounts, app.orders;
CREATE COLLATION german (provider = icu, locale = 'de');
CREATE EVENT TRIGGER on_ddl ON ddl_command_end EXECUTE FUNCTION log_ddl();
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN
    CREATE TYPE mood AS ENUM ('sad', 'ok');
  END IF;
  EXECUTE 'ALTER TABLE accounts ADD COLUMN via_execute text DEFAULT ''x''';
END
$$;
DO 'BEGIN PERFORM set_config(''lock_timeout'', ''1s'', true); END';
DO LANGUAGE plpgsql $outer$ BEGIN EXECUTE $inner$ DROP TABLE x; $inner$; END $outer$;
INSERT INTO accounts (id, email) VALUES (1, 'a@example.org'), (2, 'it''s; fine') ON CONFLICT (id) DO UPDATE SET email = excluded.email;
INSERT INTO app.orders (account_id, total)
SELECT id, 10
FROM accounts
WHERE email LIKE '%@example.org';
INSERT INTO notes (body) VALUES (E'tab\tquote\' newline\n'), (U&'d\0061t\+000061'), ($$dollar; 'quoted'$$), ('two '
  'parts');
UPDATE accounts SET email = lower(email), created_at = DEFAULT WHERE email <> lower(email);
UPDATE app.orders o
SET total = s.total
FROM summary s
WHERE s.account_id = o.account_id;
DELETE FROM app.orders USING accounts WHERE accounts.id = orders.account_id RETURNING orders.id;
WITH doomed AS (
  SELECT id FROM accounts WHERE created_at < '2000-01-01'
)
DELETE FROM app.orders
WHERE account_id IN (SELECT id FROM doomed);
WITH moved AS (DELETE FROM queue RETURNING *) INSERT INTO archive.queue SELECT * FROM moved;
MERGE INTO accounts a USING incoming i ON a.id = i.id WHEN MATCHED THEN UPDATE SET email = i.email WHEN NOT MATCHED THEN INSERT (id, email) VALUES (i.id, i.email);
TRUNCATE TABLE queue, scratch RESTART IDENTITY CASCADE;
SELECT setval('app.order_numbers', (SELECT max(id) FROM app.orders));
SELECT a.b[1:2], x -> 'k' ->> 0, y::text || 'é😀', CASE WHEN z THEN 1 ELSE 2 END FROM t a /* a comment; /* nested; */ */ WHERE a.c @> '{1}' AND NOT b ~* '^x$';
SELECT 1 AS "semi;colon", '--not a comment', 1.5e-3, .5, 0x1F, 1_000, B'101', X'1F', $1, -1;
SELECT * FROM generate_series(1, 10) WITH ORDINALITY AS g (n, i) WHERE n BETWEEN 2 AND 3 ORDER BY n DESC LIMIT 5 OFFSET 1;
VALUES (1, 'a'), (2, 'b');
GRANT SELECT, INSERT ON app.orders, accounts TO reader WITH GRANT OPTION;
REVOKE ALL ON ALL TABLES IN SCHEMA app FROM PUBLIC;
COMMENT ON COLUMN accounts.email IS 'The address; unique';
COMMENT ON TABLE accounts IS NULL;
SET lock_timeout = '5s';
SET LOCAL statement_timeout TO 0;
SET search_path TO app, public;
RESET lock_timeout;
BEGIN;
COMMIT;
ROLLBACK;
START TRANSACTION ISOLATION LEVEL SERIALIZABLE;
SAVEPOINT one;
LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE;
VACUUM (ANALYZE, VERBOSE) accounts;
ANALYZE accounts (email);
REINDEX INDEX CONCURRENTLY accounts_email;
REINDEX (VERBOSE) TABLE accounts;
CLUSTER accounts USING accounts_pkey;
NOTIFY changed, 'now';
EXPLAIN ANALYZE SELECT 1;
CALL archive_old('2020-01-01');
COPY accounts (id, email) FROM '/tmp/accounts.csv' WITH (FORMAT csv, HEADER);
PREPARE find AS SELECT * FROM accounts WHERE id = $1;
SECURITY LABEL FOR selinux ON TABLE accounts IS 'x';
IMPORT FOREIGN SCHEMA remote FROM SERVER other INTO app;
CREATE TABLE ledgers (id int4, amount money, at timestamp without time zone, gap interval day to second, bits bit varying(5), c "char", d char(3), n numeric);
CREATE TABLE flags (on_off boolean DEFAULT false NOT NULL, price numeric DEFAULT (1 + 2) * 3, j json DEFAULT '[]', who name DEFAULT CURRENT_USER);
ALTER TABLE flags ADD COLUMN a int NOT NULL DEFAULT 0, ADD COLUMN b int NOT NULL DEFAULT 0, ADD COLUMN c text;
ALTER TABLE flags ALTER on_off DROP DEFAULT;
ALTER TABLE flags ALTER COLUMN price TYPE bigint;
ALTER TABLE flags ADD CONSTRAINT flags_pk PRIMARY KEY (who);
ALTER TABLE flags ADD CONSTRAINT flags_unique UNIQUE (who, price);
ALTER TABLE flags DROP CONSTRAINT flags_unique;
ALTER TABLE public.flags RENAME COLUMN price TO cost;
DROP TABLE IF EXISTS flags;
DROP SEQUENCE IF EXISTS numbers;
DROP TYPE mood;
