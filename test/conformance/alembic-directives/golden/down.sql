BEGIN;

-- Running downgrade d004 -> d003

CREATE INDEX ix_i1 ON t (a);

CREATE INDEX ix_i2 ON t (a, b);

SELECT 0;

SELECT 1;

UPDATE alembic_version SET version_num='d003' WHERE alembic_version.version_num = 'd004';

-- Running downgrade d003 -> d002

ALTER TABLE s.t DROP CONSTRAINT c;

ALTER TABLE s.t ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES r.o (b) ON DELETE CASCADE;

ALTER TABLE s.t ADD CONSTRAINT k CHECK (a > 1);

ALTER TABLE s.t ADD CONSTRAINT p PRIMARY KEY (a);

DROP INDEX s.i;

ALTER TABLE s.t ALTER COLUMN a TYPE TEXT;

ALTER TABLE s.t ALTER COLUMN a SET NOT NULL;

ALTER TABLE s.t RENAME a TO b;

ALTER TABLE s.t ADD COLUMN f INTEGER;

ALTER TABLE s.t ADD FOREIGN KEY(f) REFERENCES o (id);

CREATE INDEX ix_s_t_f ON s.t (f);

COMMENT ON TABLE s.t IS 'x';

COMMENT ON TABLE s.t IS NULL;

ALTER TABLE s.t ADD CONSTRAINT ex EXCLUDE USING gist (a WITH =);

UPDATE alembic_version SET version_num='d002' WHERE alembic_version.version_num = 'd003';

-- Running downgrade d002 -> d001

DROP TABLE "Parent";

DROP TABLE IF EXISTS app.parts;

UPDATE alembic_version SET version_num='d001' WHERE alembic_version.version_num = 'd002';

-- Running downgrade d001 -> 

DELETE FROM alembic_version WHERE alembic_version.version_num = 'd001';

COMMIT;

