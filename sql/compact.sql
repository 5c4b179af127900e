-- Tables WITH COMPACT STORAGE: the columns that statements see, and rows.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/compact.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER compact_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER compact_server;
CREATE SCHEMA fdw_compact;
IMPORT FOREIGN SCHEMA fdw_compact EXCEPT (dropped_keys) FROM SERVER compact_server INTO fdw_compact;
SET search_path = fdw_compact, public;
SELECT table_name, string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) AS columns
FROM information_schema.columns WHERE table_schema = 'fdw_compact' GROUP BY 1 ORDER BY 1;

-- columns that Cassandra keeps as static ones are those of a row
INSERT INTO plain SELECT i, i % 3, 'b' || i FROM generate_series(1, 10) i;
SELECT * FROM plain WHERE k IN (1, 7) ORDER BY k;
SELECT count(*), sum(a), min(b) FROM plain;
EXPLAIN (COSTS OFF) SELECT * FROM plain WHERE a = 2;
SELECT k FROM plain WHERE a = 2 ORDER BY k;
UPDATE plain SET a = a + 100, b = 'c' WHERE k <= 2 RETURNING *;
UPDATE plain SET b = NULL WHERE k = 3;
DELETE FROM plain WHERE k = 4;
DELETE FROM plain WHERE a = 0;
INSERT INTO plain VALUES (1, 5, 'new'), (20, 5, 'new') ON CONFLICT DO NOTHING;
INSERT INTO plain (k) VALUES (30);
INSERT INTO plain VALUES (31, 1, NULL), (30, NULL, NULL);
INSERT INTO plain VALUES (30, NULL, NULL) ON CONFLICT DO NOTHING;
UPDATE plain SET a = NULL, b = NULL WHERE k = 1;
SELECT * FROM plain ORDER BY k;
SELECT DISTINCT k FROM plain ORDER BY k;
INSERT INTO named VALUES (1, 'x', '\x00') RETURNING *;
SELECT * FROM named;
INSERT INTO counted VALUES (1, 2);
UPDATE counted SET n = n + 3 WHERE k = 1;
SELECT * FROM counted;

-- clustering columns and at most one more
INSERT INTO keys SELECT k, c FROM generate_series(1, 2) k, generate_series(1, 5) c;
EXPLAIN (COSTS OFF) SELECT * FROM keys WHERE k = 1 AND c > 2 ORDER BY c DESC;
SELECT * FROM keys WHERE k = 1 AND c > 2 ORDER BY c DESC;
DELETE FROM keys WHERE k = 1 AND c IN (1, 3);
DELETE FROM keys WHERE k = 2 AND c > 2;
INSERT INTO keys VALUES (1, 2), (3, 3) ON CONFLICT DO NOTHING;
SELECT * FROM keys ORDER BY k, c;
INSERT INTO one SELECT k, c, k || '/' || c FROM generate_series(1, 2) k, generate_series(1, 3) c;
UPDATE one SET v = v || '!' WHERE k = 1 AND c >= 2;
DELETE FROM one WHERE c = 1;
INSERT INTO one VALUES (5, 5, NULL);
UPDATE one SET v = NULL WHERE k = 1;
SELECT * FROM one ORDER BY k, c;
INSERT INTO counts VALUES (1, 1, 5);
UPDATE counts SET n = n + 1 WHERE k = 1;
SELECT * FROM counts;
INSERT INTO thrift VALUES ('\x01', 'name', '\x02');
UPDATE thrift SET value = value || '\x03' WHERE k = '\x01';
SELECT * FROM thrift;

-- a row may end its clustering columns early
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "INSERT INTO fdw_compact.several (k, c, v) VALUES (1, 1, 'short')"
INSERT INTO several VALUES (1, 1, 'd', 'v'), (1, 1, 'e', 'w'), (1, 2, 'd', 'x');
SELECT * FROM several ORDER BY k, c, d NULLS FIRST;
SELECT * FROM several WHERE k = 1 AND c = 1 AND d IS NULL;
UPDATE several SET v = 'changed' WHERE v = 'short';
DELETE FROM several WHERE k = 1 AND c = 1 AND d IS NULL;
SELECT * FROM several ORDER BY k, c, d NULLS FIRST;
DELETE FROM several WHERE k = 1 AND c = 1;
SELECT * FROM several;

-- without COMPACT STORAGE the columns that were hidden are there
SELECT * FROM dropped;
INSERT INTO dropped (k, column1, a) VALUES (2, 'c', 3) RETURNING k, column1, a;
UPDATE dropped SET value = '\x01' WHERE k = 2 AND column1 = 'c';
SELECT * FROM dropped ORDER BY k, column1;
