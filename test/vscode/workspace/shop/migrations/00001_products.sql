-- +goose Up
CREATE TABLE IF NOT EXISTS products (id bigint PRIMARY KEY, sku text NOT NULL);

-- +goose Down
DROP TABLE IF EXISTS products;
