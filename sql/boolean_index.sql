-- A Boolean of a partition key: an index or a filter finds true however it is
-- spelled, by one request; the whole key is looked up by each spelling.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/boolean_index.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER boolean_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER boolean_server;
CREATE SCHEMA fdw_boolean;
IMPORT FOREIGN SCHEMA fdw_boolean FROM SERVER boolean_server INTO fdw_boolean;
SET search_path = fdw_boolean, public;
EXPLAIN (COSTS OFF) SELECT * FROM t WHERE b;
SELECT * FROM t WHERE b ORDER BY v;
SELECT * FROM t WHERE NOT b ORDER BY v;
SELECT * FROM t WHERE b AND a = 3;
SELECT * FROM t WHERE b AND a IN (1, 3) ORDER BY v;
SELECT * FROM t WHERE b AND a > 1 ORDER BY v;
SELECT * FROM t WHERE b IN (true, false) ORDER BY v;
SELECT * FROM t WHERE (a, b) IN ((1, true), (3, true), (2, false)) ORDER BY v;
SELECT count(*) FROM t WHERE b;
UPDATE t SET v = v + 10 WHERE b;
DELETE FROM t WHERE b AND v = 12;
SELECT * FROM t ORDER BY v;
-- spellings are requests: what is known to be small is rather read whole
ANALYZE plain;
EXPLAIN (COSTS OFF) SELECT * FROM plain WHERE b AND a = 3;
EXPLAIN (COSTS OFF) SELECT * FROM plain WHERE NOT b AND a = 3;
SELECT * FROM plain WHERE b AND a = 3;
SELECT * FROM plain WHERE NOT b AND a = 3;
SET cassandra_fdw.allow_filtering = true;
EXPLAIN (COSTS OFF) SELECT * FROM plain WHERE b;
SELECT * FROM plain WHERE b ORDER BY v;
SELECT * FROM plain WHERE b AND v > 1 ORDER BY v;
SELECT * FROM plain WHERE a = 3 ORDER BY v;
SELECT count(*) FROM plain WHERE b;
