-- +goose Up
ALTER TABLE customers ADD COLUMN IF NOT EXISTS loyalty_tier text NOT NULL;

ALTER TABLE customers ALTER COLUMN full_name SET NOT NULL;

ALTER TABLE order_items
    ADD CONSTRAINT order_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id);

CREATE INDEX CONCURRENTLY IF NOT EXISTS order_items_product_id_idx ON order_items (product_id);

-- +goose Down
DROP INDEX IF EXISTS order_items_product_id_idx;
ALTER TABLE order_items DROP CONSTRAINT IF EXISTS order_items_product_id_fkey;
ALTER TABLE customers ALTER COLUMN full_name DROP NOT NULL;
ALTER TABLE customers DROP COLUMN IF EXISTS loyalty_tier;
