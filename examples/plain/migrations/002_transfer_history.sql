-- Every account page asks for its transfers, newest first.
CREATE INDEX transfers_from_account_idx ON transfers (from_account, made_at DESC);

ALTER TABLE accounts ADD CONSTRAINT accounts_balance_check CHECK (balance >= 0);
