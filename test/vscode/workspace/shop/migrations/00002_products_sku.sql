-- +goose Up
CREATE INDEX IF NOT EXISTS products_sku_idx ON products (sku);

-- +goose Down
DROP INDEX IF EXISTS products_sku_idx;
