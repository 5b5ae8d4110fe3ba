-- +goose Up
ALTER TABLE invoices ADD COLUMN IF NOT EXISTS paid boolean NOT NULL;

-- +goose Down
ALTER TABLE invoices DROP COLUMN IF EXISTS paid;
