CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ordered_at timestamptz NOT NULL DEFAULT now()
);
