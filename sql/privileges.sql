-- Who may do what, and as whom Cassandra is asked.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/privileges.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE ROLE cassandra_ada;
CREATE ROLE cassandra_bob;
CREATE ROLE cassandra_eve;
CREATE SERVER privileges_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_privileges');
CREATE SCHEMA privileges;
GRANT USAGE, CREATE ON SCHEMA privileges
  TO cassandra_ada, cassandra_bob, cassandra_eve;
SET search_path = privileges, public;
CREATE FOREIGN TABLE t (id int, v text) SERVER privileges_server;
-- as whom this session is connected
CREATE VIEW users AS SELECT user_name FROM cassandra_clusters()
  ORDER BY user_name;
GRANT SELECT ON users TO PUBLIC;

-- a superuser needs neither password nor mapping
SELECT v FROM t;
SELECT user_name = current_user AS own FROM users;
SELECT cassandra_disconnect_all();

-- the table's own privileges
CREATE USER MAPPING FOR cassandra_ada SERVER privileges_server
  OPTIONS (username 'ada', password_required 'false');
SET ROLE cassandra_ada;
SELECT v FROM t;
RESET ROLE;
DROP USER MAPPING FOR cassandra_ada SERVER privileges_server;
GRANT SELECT ON t TO cassandra_ada, cassandra_bob, cassandra_eve;

-- the mapping: none, one without a password, one with
SET ROLE cassandra_ada;
SELECT v FROM t;
CREATE USER MAPPING FOR cassandra_ada SERVER privileges_server;
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER privileges_server
  TO cassandra_ada, cassandra_bob;
SET ROLE cassandra_ada;
CREATE USER MAPPING FOR cassandra_ada SERVER privileges_server
  OPTIONS (username 'ada');
SELECT v FROM t;
EXPLAIN (COSTS OFF) SELECT v FROM t;
ALTER USER MAPPING FOR cassandra_ada SERVER privileges_server
  OPTIONS (ADD password_required 'false');
ALTER USER MAPPING FOR cassandra_ada SERVER privileges_server
  OPTIONS (ADD password 'x');
-- which this node does not ask for, so it proves nothing
\set VERBOSITY sqlstate
SELECT v FROM t;
\set VERBOSITY default
ALTER USER MAPPING FOR cassandra_ada SERVER privileges_server
  OPTIONS (DROP password);
SELECT v FROM t;
RESET ROLE;
ALTER USER MAPPING FOR cassandra_ada SERVER privileges_server
  OPTIONS (ADD password_required 'false');
SET ROLE cassandra_ada;
SELECT v FROM t;
-- which the user may not take into his own hands
ALTER USER MAPPING FOR cassandra_ada SERVER privileges_server
  OPTIONS (SET password_required 'false');
ALTER USER MAPPING FOR cassandra_ada SERVER privileges_server
  OPTIONS (SET username 'root');
CREATE USER MAPPING FOR cassandra_bob SERVER privileges_server
  OPTIONS (username 'bob', password 'x');
CREATE USER MAPPING FOR PUBLIC SERVER privileges_server
  OPTIONS (username 'bob', password 'x');
ALTER SERVER privileges_server OPTIONS (SET host '127.0.0.1');
RESET ROLE;

-- options of mappings are for their users' eyes
SET ROLE cassandra_bob;
SELECT umoptions FROM pg_user_mappings WHERE srvname = 'privileges_server';
RESET ROLE;

-- two users, two mappings, two connections in one session
CREATE USER MAPPING FOR cassandra_bob SERVER privileges_server
  OPTIONS (username 'bob', password_required 'false');
SET ROLE cassandra_bob;
SELECT v FROM t;
SET ROLE cassandra_ada;
SELECT v FROM t;
RESET ROLE;
SELECT * FROM users;

-- PUBLIC's mapping is for those who have none
SET ROLE cassandra_eve;
SELECT v FROM t;
RESET ROLE;
CREATE USER MAPPING FOR PUBLIC SERVER privileges_server
  OPTIONS (username 'all');
SET ROLE cassandra_eve;
SELECT v FROM t;
RESET ROLE;
ALTER USER MAPPING FOR PUBLIC SERVER privileges_server
  OPTIONS (ADD password_required 'false');
SET ROLE cassandra_eve;
SELECT v FROM t;
RESET ROLE;
SELECT * FROM users;
DROP USER MAPPING FOR PUBLIC SERVER privileges_server;
SET ROLE cassandra_eve;
SELECT v FROM t;
RESET ROLE;
SELECT cassandra_disconnect_all();

-- a view asks as its owner, one of its invoker's rights as who reads it
SET ROLE cassandra_bob;
CREATE VIEW of_owner AS SELECT v FROM t;
CREATE VIEW of_invoker WITH (security_invoker = true) AS SELECT v FROM t;
GRANT SELECT ON of_owner, of_invoker TO cassandra_eve, cassandra_ada;
SET ROLE cassandra_eve;
SELECT v FROM of_owner;
SELECT v FROM of_invoker;
RESET ROLE;
SELECT * FROM users;
SET ROLE cassandra_ada;
SELECT v FROM of_owner JOIN of_invoker USING (v) JOIN t USING (v);
RESET ROLE;
SELECT * FROM users;
SELECT cassandra_disconnect_all();

-- so does a function
SET ROLE cassandra_bob;
CREATE FUNCTION as_definer() RETURNS text LANGUAGE sql SECURITY DEFINER
  AS 'SELECT v FROM privileges.t WHERE id = 1';
CREATE FUNCTION as_invoker() RETURNS text LANGUAGE plpgsql AS
  'BEGIN RETURN (SELECT v FROM privileges.t WHERE id = 1); END';
SET ROLE cassandra_eve;
SELECT as_definer();
\set SHOW_CONTEXT never
SELECT as_invoker();
\set SHOW_CONTEXT errors
SET ROLE cassandra_ada;
SELECT as_definer(), as_invoker();
RESET ROLE;
SELECT * FROM users;

-- one plan, several users
SET plan_cache_mode = force_generic_plan;
PREPARE look_up(int) AS SELECT v FROM privileges.t WHERE id = $1;
EXECUTE look_up(1);
SET ROLE cassandra_eve;
EXECUTE look_up(1);
SET ROLE cassandra_ada;
EXECUTE look_up(1);
RESET ROLE;
SELECT user_name FROM users WHERE user_name <> current_user;
DEALLOCATE look_up;
RESET plan_cache_mode;

-- functions that run any CQL are not for everybody
SET ROLE cassandra_bob;
SELECT cassandra_execute('privileges_server',
  'TRUNCATE fdw_privileges.t');
SELECT * FROM cassandra_query_json('privileges_server',
  'SELECT v FROM fdw_privileges.t');
SELECT cassandra_batch('privileges_server', '[]');
RESET ROLE;

-- nor are foreign tables on a server that one may not use, or its import
SET ROLE cassandra_eve;
CREATE FOREIGN TABLE own (id int, v text) SERVER privileges_server
  OPTIONS (table_name 't');
IMPORT FOREIGN SCHEMA fdw_privileges FROM SERVER privileges_server
  INTO privileges;
SET ROLE cassandra_bob;
CREATE FOREIGN TABLE own (id int, v text) SERVER privileges_server
  OPTIONS (table_name 't');
SELECT v FROM own;
RESET ROLE;
-- a superuser reads another one's table as himself
SELECT v FROM own;

DROP OWNED BY cassandra_ada, cassandra_bob, cassandra_eve CASCADE;
DROP SCHEMA privileges CASCADE;
DROP SERVER privileges_server CASCADE;
DROP ROLE cassandra_ada, cassandra_bob, cassandra_eve;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_privileges'
