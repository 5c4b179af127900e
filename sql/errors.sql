-- Errors that one node can bring about: SQLSTATE, message, detail, hint and
-- CQL; after each of them the session goes on.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/errors.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER errors_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_errors');
CREATE USER MAPPING FOR CURRENT_USER SERVER errors_server;
CREATE SCHEMA errors;
SET search_path = errors, public;
CREATE FOREIGN TABLE t (id int, v text, n bigint) SERVER errors_server;

-- What a statement fails with, the node's address left out.  The statement
-- runs in a subtransaction; a look-up by the same session follows.
CREATE FUNCTION failure(statement text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  state text;
  message text;
  detail text;
  hint text;
  context text;
  line text;
BEGIN
  BEGIN
    EXECUTE statement;
    RETURN NEXT 'no error';
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE,
      message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
      hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
    context = substring(context FROM '^((?!SQL statement|PL/pgSQL)[^\n]*)');
    FOR line IN SELECT regexp_replace(regexp_replace(s,
        '127\.\d+\.\d+\.\d+:\d+', 'NODE', 'g'), 'for \d+ ms', 'for N ms')
      FROM regexp_split_to_table(concat_ws(E'\n', state || ' ' || message,
        'DETAIL  ' || nullif(detail, ''), 'HINT  ' || nullif(hint, ''),
        'CONTEXT  ' || nullif(context, '')), '\n') s
    LOOP
      RETURN NEXT line;
    END LOOP;
  END;
  IF (SELECT v FROM t WHERE id = 2) <> 'two' THEN
    RETURN NEXT 'the session is broken';
  END IF;
END
$$;
\pset tuples_only on
\pset format unaligned
\set cql 'SELECT failure(format(''SELECT * FROM cassandra_query_json(%L, %L)'', ''errors_server'', '
\set ddl 'SELECT failure(format(''SELECT cassandra_execute(%L, %L)'', ''errors_server'', '

-- ---- what does not exist ----
CREATE FOREIGN TABLE no_keyspace (id int) SERVER errors_server
  OPTIONS (keyspace 'fdw_no', table_name 't');
CREATE FOREIGN TABLE no_table (id int) SERVER errors_server;
CREATE FOREIGN TABLE no_column (id int, w text) SERVER errors_server
  OPTIONS (table_name 't');
SELECT failure('SELECT * FROM no_keyspace');
SELECT failure('SELECT * FROM no_table');
SELECT failure('SELECT * FROM no_column');
SELECT failure('SELECT id FROM no_column');
SELECT failure('IMPORT FOREIGN SCHEMA fdw_no FROM SERVER errors_server INTO errors');
:cql 'SELECT * FROM fdw_no.t'));
:cql 'SELECT * FROM fdw_errors.no'));
:cql 'SELECT w FROM fdw_errors.t'));
:cql 'SELECT * FROM fdw_errors.t WHERE w = 1'));
:cql 'SELECT no(id) FROM fdw_errors.t'));

-- ---- what cannot be run ----
:cql 'SELECT FROM fdw_errors.t'));
:cql 'SELECT * FROM fdw_errors.t WHERE v = $$one$$'));
:cql 'SELECT * FROM fdw_errors.c WHERE c = 1'));
:cql 'SELECT fdw_errors.fails(id) FROM fdw_errors.t WHERE id = 1'));
:ddl 'CREATE TABLE fdw_errors.t (id int PRIMARY KEY)'));
:ddl 'CREATE KEYSPACE fdw_errors WITH replication = {$$class$$: $$SimpleStrategy$$, $$replication_factor$$: 1}'));
:ddl 'CREATE TYPE fdw_errors.pair (a int)'));
:ddl 'CREATE KEYSPACE fdw_no WITH replication = {$$class$$: $$NoSuchStrategy$$}'));
:ddl 'ALTER TABLE fdw_errors.t DROP id'));
:ddl 'INSERT INTO fdw_errors.t (v) VALUES ($$x$$)'));

-- ---- replicas that are not there ----
CREATE FOREIGN TABLE alone (id int, v text) SERVER errors_server
  OPTIONS (keyspace 'fdw_errors_3', table_name 't');
SELECT failure('SELECT * FROM alone WHERE id = 1');
SELECT failure('SELECT * FROM alone');
ALTER FOREIGN TABLE alone OPTIONS (ADD read_consistency 'THREE');
SELECT failure('SELECT * FROM alone WHERE id = 1');
ALTER FOREIGN TABLE alone OPTIONS (SET read_consistency 'ONE');
SELECT failure('SELECT * FROM alone WHERE id = 1');
SELECT failure('INSERT INTO alone VALUES (1, ''x'')');

-- ---- nodes that are not there ----
CREATE SERVER errors_refused FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '127.0.0.1,127.0.0.2:2', port '1');
CREATE USER MAPPING FOR CURRENT_USER SERVER errors_refused;
CREATE FOREIGN TABLE refused (id int) SERVER errors_refused
  OPTIONS (keyspace 'k');
SELECT failure('SELECT * FROM refused');
SELECT failure('SELECT * FROM refused');
SELECT failure('EXPLAIN SELECT * FROM refused');
SELECT failure('IMPORT FOREIGN SCHEMA k FROM SERVER errors_refused INTO errors');
-- but the catalogs can be read
SELECT table_name, is_insertable_into FROM information_schema.tables
  WHERE table_schema = 'errors' ORDER BY table_name COLLATE "C";

-- ---- values and types that do not fit ----
CREATE FOREIGN TABLE narrow (id int, n int) SERVER errors_server
  OPTIONS (table_name 't');
CREATE FOREIGN TABLE other_type (id int, v int) SERVER errors_server
  OPTIONS (table_name 't');
CREATE FOREIGN TABLE other_key (id uuid, v text) SERVER errors_server
  OPTIONS (table_name 't');
SELECT failure('SELECT n FROM narrow WHERE id = 1');
SELECT failure('SELECT n FROM narrow');
SELECT failure('SELECT v FROM other_type');
SELECT failure('SELECT v FROM other_key');
SELECT failure('SELECT v::int FROM t');

-- ---- options that only the first use can check ----
CREATE FOREIGN TABLE other_keys (id int, v text) SERVER errors_server
  OPTIONS (table_name 't', primary_key 'v');
SELECT failure('SELECT * FROM other_keys');
CREATE SERVER errors_files FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_errors',
    sslmode 'verify-ca', sslrootcert '/no/such/file');
CREATE USER MAPPING FOR CURRENT_USER SERVER errors_files;
CREATE FOREIGN TABLE files (id int) SERVER errors_files
  OPTIONS (table_name 't');
SELECT failure('SELECT * FROM files');
ALTER SERVER errors_files OPTIONS (DROP sslrootcert);
SELECT failure('SELECT * FROM files');
ALTER SERVER errors_files OPTIONS (SET sslmode 'require');
SELECT failure('SELECT * FROM files');
ALTER SERVER errors_files OPTIONS (SET sslmode 'disable');
SELECT * FROM files ORDER BY id;

DROP SCHEMA errors CASCADE;
DROP SERVER errors_server CASCADE;
DROP SERVER errors_refused CASCADE;
DROP SERVER errors_files CASCADE;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_errors; DROP KEYSPACE fdw_errors_3'
