-- Generated columns that are computed when read: PostgreSQL 18 has them.
SELECT current_setting('server_version_num')::int < 180000 AS without \gset
\if :without
\quit
\endif
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/virtual_columns.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER virtual_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_virtual');
CREATE USER MAPPING FOR CURRENT_USER SERVER virtual_server;
CREATE FOREIGN TABLE goods (
    next int GENERATED ALWAYS AS (nr + 1) VIRTUAL,
    id int NOT NULL, nr int, price numeric,
    gross numeric GENERATED ALWAYS AS (price * 1.19) VIRTUAL,
    name text,
    label text GENERATED ALWAYS AS (coalesce(name, '?') || ' ' || id))
  SERVER virtual_server;
CREATE TEMP TABLE copy (LIKE goods INCLUDING GENERATED);

-- writes: one by one, from a query, by COPY, with RETURNING and triggers
INSERT INTO goods (id, nr, price, name) VALUES (1, 1, 10, 'a'), (1, 2, 20, NULL);
INSERT INTO goods VALUES (DEFAULT, 2, 1, 30, DEFAULT, 'c', DEFAULT) RETURNING *;
INSERT INTO goods (id, nr, price) SELECT 3, i, i FROM generate_series(1, 3) i;
INSERT INTO goods (id, nr, price) VALUES (3, 3, 99) ON CONFLICT DO NOTHING;
INSERT INTO goods (id, nr, price) VALUES (3, 3, 99)
  ON CONFLICT (nr, id) DO UPDATE SET price = EXCLUDED.price RETURNING old.price;
INSERT INTO goods (id, nr, price) VALUES (3, 3, 3)
  ON CONFLICT (nr, id) DO UPDATE SET price = EXCLUDED.price
  RETURNING new.gross, label;
INSERT INTO goods (id, nr, price) VALUES (3, 3, 100)
  ON CONFLICT (id, nr) DO UPDATE SET price = EXCLUDED.gross - goods.gross
  RETURNING price, gross;
UPDATE goods SET price = 3 WHERE id = 3 AND nr = 3;
COPY goods (id, nr, name) FROM STDIN;
4	1	d
\.
INSERT INTO goods (id, nr, gross) VALUES (9, 9, 1);
UPDATE goods SET price = gross WHERE id = 2 RETURNING next, price, gross, label;
UPDATE goods SET name = label WHERE label LIKE '? 3' AND next > 3;
UPDATE goods SET gross = 1;
CREATE FUNCTION raise_price() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NEW.price = NEW.price + 1; RETURN NEW; END $$;
CREATE TRIGGER raise_price BEFORE INSERT OR UPDATE ON goods FOR EACH ROW EXECUTE FUNCTION raise_price();
UPDATE goods SET name = 'x' WHERE id = 3 AND nr = 1 RETURNING *;
DROP TRIGGER raise_price ON goods;
DELETE FROM goods WHERE id = 3 AND nr = 3 RETURNING gross, label;

-- reads: all of it, whole rows, conditions on what they are made of
SELECT * FROM goods ORDER BY id, nr;
SELECT g FROM goods g WHERE id = 1 ORDER BY nr;
INSERT INTO copy (id, nr, price, name) SELECT id, nr, price, name FROM goods;
SELECT count(*) FROM goods g FULL JOIN copy c ON g::text = c::text WHERE g IS NULL OR c IS NULL;
EXPLAIN (VERBOSE, COSTS OFF) SELECT gross FROM goods WHERE id = 1 AND next > 2;
SELECT gross FROM goods WHERE id = 1 AND next > 2;
SELECT label, count(*), max(gross) FROM goods GROUP BY label ORDER BY label COLLATE "C";
SELECT x.label, y.gross FROM goods x JOIN goods y ON y.id = x.next ORDER BY 1, 2;
ANALYZE goods;
DELETE FROM goods WHERE gross < 15 OR label = 'd 4';
SELECT id, nr FROM goods ORDER BY id, nr;
-- a table of nothing else but its key
CREATE FOREIGN TABLE keys (id int, nr int, pair text GENERATED ALWAYS AS (id || '/' || nr) VIRTUAL)
  SERVER virtual_server OPTIONS (table_name 'goods');
SELECT pair FROM keys ORDER BY pair;
SELECT count(*) FROM keys;
