-- +goose Up
CREATE OR REPLACE FUNCTION close_old_orders() RETURNS void AS $$
BEGIN
    UPDATE orders SET status = 'closed' WHERE placed_at < now() - interval '1 year';
END;
$$ LANGUAGE plpgsql;

COMMENT ON COLUMN orders.state IS 'open, paid, shipped or closed';

-- +goose Down
DROP FUNCTION IF EXISTS close_old_orders()
