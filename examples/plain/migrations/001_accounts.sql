-- Numbered SQL, run file by file with psql.
BEGIN;

CREATE TABLE IF NOT EXISTS accounts (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner   text NOT NULL,
    balance numeric(12, 2) NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS transfers (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_account bigint NOT NULL REFERENCES accounts (id),
    to_account   bigint NOT NULL REFERENCES accounts (id),
    amount       numeric(12, 2) NOT NULL CHECK (amount > 0),
    made_at      timestamptz NOT NULL DEFAULT now()
);

COMMIT;
