-- A user-defined type that is altered while a session is warm.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/altered_type.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER altered_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE SCHEMA altered_type;
SET search_path = altered_type, public;
IMPORT FOREIGN SCHEMA fdw_altered_type FROM SERVER altered_server
  INTO altered_type OPTIONS (import_udt 'composite');
SELECT * FROM t WHERE id = 1;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM t WHERE "a b" IS NULL;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'ALTER TYPE fdw_altered_type.addr ADD nr int'
\set VERBOSITY terse
SELECT * FROM t WHERE id = 1;
SELECT * FROM t WHERE id = 1;
ALTER TYPE addr ADD ATTRIBUTE nr int;
SELECT * FROM t WHERE id = 1;
DROP SCHEMA altered_type CASCADE;
DROP SERVER altered_server CASCADE;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_altered_type'
