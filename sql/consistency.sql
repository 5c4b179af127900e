-- consistency levels: which option wins, for reads and for writes.  One node
-- has one replica, so that TWO and THREE cannot be reached.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
RESET client_min_messages;
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/consistency.cql
CREATE SERVER consistency_server FOREIGN DATA WRAPPER cassandra_fdw
	OPTIONS (host :'host', port :'port', keyspace 'fdw_consistency');
CREATE FOREIGN TABLE t (id int, v int) SERVER consistency_server;
-- without hosts, whose addresses differ
\set VERBOSITY terse

-- the server's, of both kinds and of each
SELECT v FROM t WHERE id = 1;
ALTER SERVER consistency_server OPTIONS (consistency 'two');
SELECT v FROM t WHERE id = 1;
INSERT INTO t VALUES (3, 30);
ALTER SERVER consistency_server OPTIONS (read_consistency 'ONE');
SELECT v FROM t WHERE id = 1;
INSERT INTO t VALUES (3, 30);
ALTER SERVER consistency_server OPTIONS (write_consistency 'ANY');
INSERT INTO t VALUES (3, 30);
-- the table's over the server's, also by the more general name
ALTER FOREIGN TABLE t OPTIONS (consistency 'THREE');
SELECT v FROM t WHERE id = 3;
DELETE FROM t WHERE id = 3;
ALTER FOREIGN TABLE t OPTIONS (read_consistency 'LOCAL_ONE');
SELECT v FROM t WHERE id = 3;
-- the parameters over both
SET cassandra_fdw.read_consistency = 'two';
SELECT v FROM t WHERE id = 3;
SELECT v FROM t;
SET cassandra_fdw.read_consistency = 'local_quorum';
SET cassandra_fdw.write_consistency = 'one';
UPDATE t SET v = 31 WHERE id = 3;
SELECT v FROM t WHERE id = 3;
RESET cassandra_fdw.read_consistency;
RESET cassandra_fdw.write_consistency;
UPDATE t SET v = 32 WHERE id = 3;
-- also for a plan that is there already
PREPARE p AS SELECT v FROM t WHERE id = 1;
EXECUTE p;
SET cassandra_fdw.read_consistency = 'three';
EXECUTE p;
RESET cassandra_fdw.read_consistency;
EXECUTE p;
DEALLOCATE p;

-- SERIAL is for single partitions
\set VERBOSITY default
SET cassandra_fdw.read_consistency = 'serial';
SELECT v FROM t WHERE id = 1;
SELECT v FROM t WHERE id IN (1, 2) ORDER BY v;
SELECT v FROM t ORDER BY v;
SELECT count(*) FROM t;
EXPLAIN (COSTS OFF) SELECT v FROM t;
SET cassandra_fdw.read_consistency = 'local_serial';
SELECT v FROM t WHERE id = 2;
SELECT v FROM t WHERE v = 10;
RESET cassandra_fdw.read_consistency;

SET client_min_messages = warning;
DROP SERVER consistency_server CASCADE;
RESET client_min_messages;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_consistency'
