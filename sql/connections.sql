-- The session's connections: what is open, closing it.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER connections_a FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE SERVER connections_b FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version '4');
CREATE USER MAPPING FOR CURRENT_USER SERVER connections_a;
CREATE USER MAPPING FOR CURRENT_USER SERVER connections_b;
SELECT count(*) FROM cassandra_clusters();
SELECT count(*) FROM cassandra_connections();
SELECT cassandra_disconnect('connections_a'), cassandra_disconnect_all();

SELECT cassandra_query_json('connections_a', 'SELECT key FROM system.local');
SELECT server_name, user_name = current_user AS own, used_in_xact, valid,
       protocol, release ~ '^\d+\.\d+$' AS release, nodes > 0 AS nodes,
       connections > 0 AS connections, requests > 0 AS requests, retries,
       reprepared, orphans, bytes_sent > 0 AS sent,
       bytes_received > 0 AS received
  FROM cassandra_clusters();
SELECT server_name, user_name = current_user AS own,
       address = :'host' || ':' || :'port' AS address,
       host_id IS NOT NULL AS host_id, datacenter <> '' AS datacenter,
       rack <> '' AS rack, local, up, connections
  FROM cassandra_connections() WHERE connections > 0;

-- in use: a warning, and false
BEGIN;
SELECT cassandra_query_json('connections_a', 'SELECT key FROM system.local');
SELECT used_in_xact FROM cassandra_clusters();
SELECT cassandra_disconnect('connections_a');
SELECT cassandra_disconnect_all();
COMMIT;
SELECT used_in_xact FROM cassandra_clusters();

-- one server's, then all
SELECT cassandra_query_json('connections_b', 'SELECT key FROM system.local');
SELECT server_name, protocol FROM cassandra_clusters() ORDER BY 1;
SELECT cassandra_disconnect('connections_a');
SELECT cassandra_disconnect('connections_a');
SELECT server_name FROM cassandra_clusters();
SELECT cassandra_query_json('connections_a', 'SELECT key FROM system.local');
SELECT cassandra_disconnect_all();
SELECT count(*) FROM cassandra_clusters();

-- after an error in the transaction
\set VERBOSITY terse
SELECT cassandra_query_json('connections_a', 'SELECT none FROM system.local');
\set VERBOSITY default
SELECT cassandra_disconnect('connections_a');

-- a changed server, in the transaction that has used it
BEGIN;
SELECT cassandra_query_json('connections_a', 'SELECT key FROM system.local');
ALTER SERVER connections_a OPTIONS (ADD fetch_size '10');
SELECT server_name, valid FROM cassandra_clusters();
SELECT cassandra_query_json('connections_a', 'SELECT key FROM system.local');
SELECT server_name, valid FROM cassandra_clusters();
COMMIT;
SELECT server_name, valid FROM cassandra_clusters();
-- a dropped one
BEGIN;
SELECT cassandra_query_json('connections_b', 'SELECT key FROM system.local');
DROP SERVER connections_b CASCADE;
SELECT server_name, used_in_xact, valid FROM cassandra_clusters() ORDER BY 1;
SELECT cassandra_disconnect_all();
COMMIT;
SELECT server_name FROM cassandra_clusters();
-- keep_connections 'false'
ALTER SERVER connections_a OPTIONS (ADD keep_connections 'false');
SELECT cassandra_query_json('connections_a', 'SELECT key FROM system.local');
SELECT count(*) FROM cassandra_clusters();

-- refused
SELECT cassandra_disconnect('no_server');
SELECT cassandra_disconnect(NULL);
DROP SERVER connections_a CASCADE;
