-- Nobody is connected as anybody but whom a relation is checked as.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/identities.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE ROLE cassandra_owner;
CREATE ROLE cassandra_writer;
CREATE SERVER identities_theirs FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_identities');
CREATE SERVER identities_ours FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_identities');
CREATE USER MAPPING FOR cassandra_owner SERVER identities_theirs
  OPTIONS (username 'owner', password_required 'false');
CREATE USER MAPPING FOR cassandra_writer SERVER identities_ours
  OPTIONS (username 'writer', password_required 'false');
CREATE SCHEMA identities;
GRANT USAGE, CREATE ON SCHEMA identities
  TO cassandra_owner, cassandra_writer;
SET search_path = identities, public;
CREATE FOREIGN TABLE theirs (k int, c int, v text) SERVER identities_theirs
  OPTIONS (table_name 'source');
CREATE FOREIGN TABLE their_t (k int, c int, v text) SERVER identities_theirs
  OPTIONS (table_name 't');
CREATE FOREIGN TABLE their_view (k int, c int, v text) SERVER identities_theirs
  OPTIONS (table_name 'by_c');
CREATE FOREIGN TABLE ours (k int, c int, v text) SERVER identities_ours
  OPTIONS (table_name 't');
GRANT SELECT ON theirs, their_t, their_view TO cassandra_owner;
GRANT ALL ON ours TO cassandra_writer;
-- as whom this session is connected, where
CREATE VIEW users AS SELECT server_name, user_name FROM cassandra_clusters()
  ORDER BY 1, 2;
GRANT SELECT ON users TO PUBLIC;
SET ROLE cassandra_owner;
CREATE VIEW shown AS SELECT * FROM theirs;
CREATE VIEW shown_t AS SELECT * FROM their_t;
CREATE VIEW shown_view AS SELECT * FROM their_view;
CREATE FUNCTION shown_by() RETURNS SETOF identities.theirs LANGUAGE sql
  SECURITY DEFINER AS 'SELECT * FROM identities.theirs';
GRANT SELECT ON shown, shown_t, shown_view TO cassandra_writer;

-- from somebody's view over another server of the same keyspace
SET ROLE cassandra_writer;
EXPLAIN (VERBOSE, COSTS OFF) INSERT INTO ours SELECT * FROM shown;
INSERT INTO ours SELECT * FROM shown;
SELECT * FROM users;
SELECT * FROM ours ORDER BY k, c;
-- or of the table itself, and a materialized view of it: no row twice
INSERT INTO ours SELECT k, c + 10, v FROM shown_t WHERE k = 1;
INSERT INTO ours SELECT k, c + 100, v FROM shown_view;
SELECT k, c, v FROM ours ORDER BY k, c;
UPDATE ours SET v = shown.v || '!' FROM shown
  WHERE ours.k = 1 AND shown.k = ours.k AND shown.c = ours.c;
DELETE FROM ours USING shown WHERE ours.k = shown.k AND ours.c = shown.c;
INSERT INTO ours SELECT * FROM shown ON CONFLICT DO NOTHING;
INSERT INTO ours SELECT k, c + 1000, v FROM shown_by();
SELECT k, c, v FROM ours ORDER BY k, c;
SELECT * FROM users;

-- nor by EXPLAIN, a prepared plan or what is never read
SELECT cassandra_disconnect_all();
EXPLAIN (COSTS OFF) INSERT INTO ours SELECT * FROM shown;
SET plan_cache_mode = force_generic_plan;
PREPARE copy(int) AS INSERT INTO ours SELECT k, c + $1, v FROM shown;
EXECUTE copy(20);
EXECUTE copy(30);
SELECT * FROM users;
SELECT cassandra_disconnect_all();
INSERT INTO ours SELECT * FROM shown WHERE false;
SELECT * FROM users;
RESET ROLE;
EXECUTE copy(40);
SELECT server_name, user_name = current_user AS own FROM users
  ORDER BY server_name, user_name = current_user;
DEALLOCATE copy;
RESET plan_cache_mode;

-- writing through somebody's view is his; so is what it reads
GRANT INSERT, UPDATE, DELETE ON ours TO cassandra_owner;
CREATE USER MAPPING FOR cassandra_owner SERVER identities_ours
  OPTIONS (username 'owner', password_required 'false');
GRANT SELECT ON ours TO cassandra_owner;
SET ROLE cassandra_owner;
CREATE VIEW written AS SELECT * FROM ours;
GRANT ALL ON written TO cassandra_writer;
SET ROLE cassandra_writer;
SELECT cassandra_disconnect_all();
INSERT INTO written VALUES (2, 1, 'by a view');
UPDATE written SET v = 'changed' WHERE k = 2 AND c = 1 RETURNING v;
DELETE FROM written WHERE k = 2 AND c = 1;
SELECT * FROM users;
RESET ROLE;

DROP OWNED BY cassandra_owner, cassandra_writer CASCADE;
DROP SCHEMA identities CASCADE;
DROP SERVER identities_theirs CASCADE;
DROP SERVER identities_ours CASCADE;
DROP ROLE cassandra_owner, cassandra_writer;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_identities'
