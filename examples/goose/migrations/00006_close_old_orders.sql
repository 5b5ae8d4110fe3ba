-- +goose Up
CREATE OR REPLACE FUNCTION close_old_orders() RETURNS void AS $$
BEGIN
    UPDATE orders SET status = 'closed' WHERE placed_at < now() - interval '1 year';
END;
$$ LANGUAGE plpgsql;

ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'new';

-- +goose Down
DROP FUNCTION IF EXISTS close_old_orders()
