-- +goose Up
CREATE TABLE IF NOT EXISTS products (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku         text NOT NULL UNIQUE,
    name        text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents >= 0),
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- The table is new: nobody waits for this index.
CREATE INDEX IF NOT EXISTS products_name_idx ON products (name);

-- +goose Down
DROP TABLE IF EXISTS products;
