-- What is told of rows that are put aside, and what cannot be.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/aside.cql
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER aside_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', fetch_size '10');
CREATE USER MAPPING FOR CURRENT_USER SERVER aside_server;
CREATE SCHEMA fdw_aside;
IMPORT FOREIGN SCHEMA fdw_aside FROM SERVER aside_server INTO fdw_aside;
SET search_path = fdw_aside, public;
-- in SQL, so it is read bit by bit while the statement writes
CREATE FUNCTION keys_of_plain() RETURNS SETOF int LANGUAGE sql AS 'SELECT k FROM plain';
CREATE FUNCTION keys_of_counted() RETURNS SETOF int LANGUAGE sql AS 'SELECT k FROM counted';
CREATE FUNCTION rows_of_parts() RETURNS SETOF int LANGUAGE sql AS 'SELECT c FROM parts WHERE k = 1';
-- a runaway ends here
SET statement_timeout = '60s';

-- columns that a row leaves, and another one of the same key sets
INSERT INTO plain VALUES (1, 1, 1);
ALTER FOREIGN TABLE plain OPTIONS (ADD write_nulls 'false');
ALTER FOREIGN TABLE parts OPTIONS (ADD write_nulls 'false');
INSERT INTO plain SELECT 2, a, b FROM (VALUES (7, NULL), (NULL, 8)) v (a, b) RETURNING *;
INSERT INTO plain SELECT 3, v.a, v.b FROM plain, (VALUES (7, NULL), (NULL, 8)) v (a, b)
  WHERE k = 1 RETURNING *;
INSERT INTO plain SELECT v.k, v.a, v.b FROM plain, (VALUES (3, 7, NULL), (4, NULL, 8)) v (k, a, b)
  WHERE plain.k = 1 RETURNING *;
INSERT INTO plain SELECT 5, nullif(g, 1), nullif(g, 2) FROM
  (SELECT generate_series(1, 2) AS g, keys_of_plain() AS k) q WHERE g IS NOT NULL RETURNING *;
SELECT * FROM plain ORDER BY k;
-- static ones are of all rows of the partition
INSERT INTO parts (k, c, s, a) SELECT 9, v.* FROM (VALUES (1, 5, 1), (2, NULL, 2)) v
  WHERE NOT EXISTS (SELECT FROM parts WHERE k = 9) RETURNING *;
INSERT INTO parts (k, c, s, a) SELECT 9, v.* FROM (VALUES (1, 5, 1), (2, NULL, 2)) v
  WHERE NOT EXISTS (SELECT FROM parts WHERE k = 9) RETURNING k, c, a;

-- sums of counters
INSERT INTO counted SELECT g, g FROM generate_series(1, 15) g;
INSERT INTO counted SELECT keys_of_counted(), 10 RETURNING *;
INSERT INTO counted SELECT keys_of_counted(), 10 RETURNING k > 0 AS key;
SELECT sum(n), count(*) FROM counted;

-- conditional writes cannot be put aside
INSERT INTO parts (k, c, a) SELECT 1, g, g FROM generate_series(1, 50) g;
INSERT INTO parts (k, c) SELECT 1, rows_of_parts() + 100 ON CONFLICT DO NOTHING;
ALTER FOREIGN TABLE parts OPTIONS (ADD conditional_writes 'true');
UPDATE parts SET a = 0 FROM (SELECT rows_of_parts() AS c OFFSET 0) q WHERE k = 1 AND parts.c = q.c;
SELECT count(*), max(c), min(a) FROM parts WHERE k = 1;

-- a partition that is opened when the function has begun to read it
CREATE TABLE parent (k int, a int, b int) PARTITION BY LIST (b);
CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES IN (0)
  SERVER aside_server OPTIONS (table_name 'plain');
DELETE FROM plain;
INSERT INTO plain SELECT g, g, 0 FROM generate_series(1, 50) g;
WITH i AS (INSERT INTO parent SELECT keys_of_plain() + 1000, 0, 0 RETURNING k)
  SELECT count(*), max(k) FROM i;
SELECT count(*) FROM part;

DROP SCHEMA fdw_aside CASCADE;
DROP SERVER aside_server CASCADE;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "DROP KEYSPACE fdw_aside"
