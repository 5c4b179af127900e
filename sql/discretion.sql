-- Errors show values to those only who may select them.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/discretion.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE ROLE discretion_user;
CREATE SERVER discretion_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_discretion');
CREATE USER MAPPING FOR PUBLIC SERVER discretion_server
  OPTIONS (password_required 'false');
CREATE SCHEMA discretion;
GRANT USAGE ON SCHEMA discretion TO discretion_user;
SET search_path = discretion, public;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN small AS int CHECK (value < 3);
CREATE FOREIGN TABLE t (k int, c text, n int, body text)
  SERVER discretion_server;
CREATE FOREIGN TABLE moods (k int, c text, mood mood)
  SERVER discretion_server OPTIONS (table_name 't');
CREATE FOREIGN TABLE smalls (k int, c text, n small)
  SERVER discretion_server OPTIONS (table_name 't');
CREATE VIEW shown WITH (security_barrier = true) AS
  SELECT * FROM t WHERE c = 'open';
CREATE VIEW shown_moods WITH (security_barrier = true) AS
  SELECT * FROM moods WHERE c = 'open';
CREATE VIEW shown_smalls WITH (security_barrier = true) AS
  SELECT * FROM smalls WHERE c = 'open';
CREATE VIEW extreme AS SELECT max(n), count(*) FROM t;
GRANT SELECT ON shown, shown_moods, shown_smalls, extreme TO discretion_user;
-- each message with all that belongs to it
CREATE FUNCTION told(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message text; detail text; context text; state text;
BEGIN
  EXECUTE query;
  RETURN 'done';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT,
    detail = PG_EXCEPTION_DETAIL, context = PG_EXCEPTION_CONTEXT,
    state = RETURNED_SQLSTATE;
  RETURN concat_ws(E'\n', state, message,
    regexp_replace(nullif(detail, ''), 'Host: [^\n]*', 'Host'),
    regexp_replace(context, 'SQL statement.*', ''));
END $$;

-- the owner
SELECT told('SELECT sum(n) FROM t');
SELECT told('SELECT * FROM t');
SELECT told('SELECT * FROM moods');
SELECT told('SELECT * FROM smalls');

-- rows that a barrier hides
SET ROLE discretion_user;
SELECT told('SELECT count(n) FROM shown');
SELECT told('SELECT * FROM shown');
SELECT told('SELECT * FROM shown_moods');
SELECT told('SELECT * FROM shown_smalls');
SELECT told('SELECT * FROM extreme');
RESET ROLE;

-- columns
GRANT SELECT (n) ON t TO discretion_user;
SET ROLE discretion_user;
SELECT told('SELECT max(n) FROM t');
SELECT told('SELECT * FROM shown');
RESET ROLE;
GRANT SELECT (n, k) ON t TO discretion_user;
SET ROLE discretion_user;
SELECT told('SELECT max(k) + max(n) FROM t');
SELECT told('SELECT * FROM shown');
RESET ROLE;
REVOKE ALL ON t FROM discretion_user;

-- who may write may not read
GRANT INSERT, UPDATE, DELETE ON t TO discretion_user;
SET ROLE discretion_user;
SELECT told($$UPDATE t SET body = repeat('x', 18000000)$$);
SELECT told($$INSERT INTO t VALUES (7, 'mine', 1, repeat('x', 18000000))$$);
SELECT told($$INSERT INTO t VALUES (7, NULL, 1, 'x')$$);
RESET ROLE;
GRANT SELECT (k) ON t TO discretion_user;
SET ROLE discretion_user;
SELECT told($$UPDATE t SET body = repeat('x', 18000000) WHERE k = 1$$);
RESET ROLE;
GRANT SELECT ON t TO discretion_user;
SET ROLE discretion_user;
SELECT told($$UPDATE t SET body = repeat('x', 18000000) WHERE k = 1$$);
SELECT told('SELECT * FROM t');
RESET ROLE;

DROP SCHEMA discretion CASCADE;
DROP SERVER discretion_server CASCADE;
DROP OWNED BY discretion_user;
DROP ROLE discretion_user;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_discretion'
