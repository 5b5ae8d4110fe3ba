ALTER TABLE accounts ADD COLUMN IF NOT EXISTS currency text NOT NULL DEFAULT 'EUR';

CREATE TABLE currencies (
    code text PRIMARY KEY,
    name text NOT NULL
);
