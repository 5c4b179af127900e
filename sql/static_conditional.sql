-- Static columns of tables whose writes are conditional.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/static_conditional.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER static_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', conditional_writes 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER static_server;
CREATE SCHEMA fdw_static_conditional;
IMPORT FOREIGN SCHEMA fdw_static_conditional FROM SERVER static_server INTO fdw_static_conditional;
SET search_path = fdw_static_conditional, public;
EXPLAIN (COSTS OFF) UPDATE t SET s = 5 WHERE k = 1 AND c = 1;
WITH done AS (UPDATE t SET s = 5 WHERE k = 1 AND c = 1 RETURNING *) SELECT * FROM done;
SELECT * FROM t ORDER BY k, c;
WITH done AS (UPDATE t SET s = s + 1 RETURNING *) SELECT * FROM done ORDER BY k, c;
EXPLAIN (COSTS OFF) UPDATE t SET s = 9, v = 9 WHERE k = 1 AND c = 2;
UPDATE t SET s = 9, v = 9 WHERE k = 1 AND c = 2;
UPDATE t SET s = 10 WHERE k = 1 AND c = 3;
UPDATE t SET s = NULL WHERE k = 2;
SELECT * FROM t ORDER BY k, c;
