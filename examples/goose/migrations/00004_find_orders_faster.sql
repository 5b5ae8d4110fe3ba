-- +goose Up
CREATE INDEX IF NOT EXISTS orders_customer_id_idx ON orders (customer_id);

-- +goose Down
DROP INDEX IF EXISTS orders_customer_id_idx;
