CREATE ROLE till LOGIN PASSWORD 'kettle';
CREATE ROLE stocktake LOGIN PASSWORD 'shelf';
CREATE ROLE ledger LOGIN PASSWORD 'quill';
CREATE DATABASE teahouse;
\connect teahouse
CREATE TABLE stock (tea_id int PRIMARY KEY, name text NOT NULL, shelf int NOT NULL, quantity int NOT NULL, counted_at timestamptz);
CREATE TABLE sales (id bigserial PRIMARY KEY, tea_id int NOT NULL REFERENCES stock, grams int NOT NULL, cents int NOT NULL, sold_at timestamptz NOT NULL DEFAULT now());
INSERT INTO stock SELECT n, 'tea ' || n, n % 8, 1000000, now() FROM generate_series(1, 40) n;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO till, stocktake, ledger;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO till;
