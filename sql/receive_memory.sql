-- answers that wait for their reader: bounded, and never in each other's way
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
RESET client_min_messages;
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "DROP KEYSPACE IF EXISTS fdw_receive; CREATE KEYSPACE fdw_receive WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}; CREATE TABLE fdw_receive.t (k int, c int, v text, PRIMARY KEY (k, c))"
CREATE SERVER receive_server FOREIGN DATA WRAPPER cassandra_fdw
	OPTIONS (host :'host', port :'port', receive_memory '1024');
CREATE SCHEMA receive;
IMPORT FOREIGN SCHEMA fdw_receive FROM SERVER receive_server INTO receive;
SET search_path = receive, public;
-- 64 partitions of two rows of 150 kB
INSERT INTO t SELECT k, c, repeat(chr(65 + k % 26), 150000)
	FROM generate_series(1, 64) k, generate_series(1, 2) c;

-- 64 look-ups at a time, in any order and merged
SELECT count(*), sum(length(v)), count(DISTINCT left(v, 1)) FROM t
WHERE k = ANY (ARRAY(SELECT generate_series(1, 64)));
SELECT count(*), sum(length(v)), sum(k * n) FROM (SELECT k, v,
	row_number() OVER () AS n FROM (SELECT k, c, v FROM t
	WHERE k = ANY (ARRAY(SELECT generate_series(1, 64))) ORDER BY c, k) a) b;
-- a scan, and one beside another
SELECT count(*), sum(length(v)) FROM t;
SELECT count(*), sum(length(a.v) + length(b.v))
FROM t a JOIN t b ON a.k = b.k AND a.c = b.c WHERE a.v = b.v;
BEGIN;
DECLARE one CURSOR FOR SELECT k, c, length(v) FROM t WHERE k >= 0;
DECLARE two CURSOR FOR SELECT k, c, length(v) FROM t
	WHERE k = ANY (ARRAY(SELECT generate_series(1, 64)));
MOVE 3 FROM one;
MOVE 3 FROM two;
MOVE ALL FROM one;
MOVE ALL FROM two;
INSERT INTO t VALUES (0, 0, 'small');
SELECT v FROM t WHERE k = 0;
COMMIT;
-- a row that is too large says what to change
INSERT INTO t VALUES (100, 1, repeat('x', 1200000));
\set VERBOSITY terse
SELECT length(v) FROM t WHERE k = 100;
\set VERBOSITY default
SELECT length(v) FROM t WHERE k = 1;
ALTER SERVER receive_server OPTIONS (SET receive_memory '4096');
SELECT length(v) FROM t WHERE k = 100;
ALTER SERVER receive_server OPTIONS (SET receive_memory '1');
RESET search_path;
DROP SCHEMA receive CASCADE;
DROP SERVER receive_server;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_receive'
