-- +goose Up
CREATE TABLE IF NOT EXISTS invoices (id bigint PRIMARY KEY, total numeric NOT NULL);

-- +goose Down
DROP TABLE IF EXISTS invoices;
