-- Set-up of the topics about writes: keyspace fdw_write, imported anew.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\set protocol 5
\getenv protocol CASSANDRA_PROTOCOL
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/write.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS write_server CASCADE;
CREATE SERVER write_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version :'protocol');
CREATE USER MAPPING FOR CURRENT_USER SERVER write_server;
DROP SCHEMA IF EXISTS fdw_write CASCADE;
CREATE SCHEMA fdw_write;
IMPORT FOREIGN SCHEMA fdw_write FROM SERVER write_server INTO fdw_write;
SET search_path = fdw_write, public;
SET timezone = 'UTC';
