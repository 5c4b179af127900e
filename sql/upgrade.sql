-- The objects of 1.0 with this library, and the way to the newest version.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\set protocol 5
\getenv protocol CASSANDRA_PROTOCOL
\set database :DBNAME
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regress_upgrade;
CREATE DATABASE regress_upgrade;
\connect regress_upgrade
SET client_min_messages = warning;
CREATE EXTENSION cassandra_fdw VERSION '1.0';
SELECT extversion FROM pg_extension WHERE extname = 'cassandra_fdw';
SELECT to_regprocedure('cassandra_hosts(name)') AS missing;
CREATE SERVER upgrade_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version :'protocol');
CREATE USER MAPPING FOR CURRENT_USER SERVER upgrade_server;
SELECT cassandra_execute('upgrade_server', 'DROP KEYSPACE IF EXISTS fdw_upgrade');
SELECT cassandra_execute('upgrade_server', 'CREATE KEYSPACE fdw_upgrade
  WITH replication = {''class'': ''SimpleStrategy'', ''replication_factor'': 1}');
SELECT cassandra_execute('upgrade_server',
  'CREATE TABLE fdw_upgrade.t (k int, at timeuuid, v text, PRIMARY KEY (k, at))');

-- as 1.0 was used
IMPORT FOREIGN SCHEMA fdw_upgrade FROM SERVER upgrade_server INTO public;
INSERT INTO t SELECT k, min_timeuuid('2025-01-01'::timestamptz + k * interval '1 day'), 'v' || k
  FROM generate_series(1, 20) k;
UPDATE t SET v = 'new' WHERE k = 3;
DELETE FROM t WHERE k = 4;
SELECT count(*), count(DISTINCT at), min(k) FILTER (WHERE v = 'new') AS new FROM t;
SELECT k, v, at::timestamptz = '2025-01-08' AS at FROM t
  WHERE k = 7 AND at >= min_timeuuid('2025-01-01'::timestamptz);
SELECT * FROM cassandra_query('upgrade_server',
  'SELECT v FROM fdw_upgrade.t WHERE k = ?', 7) AS q (v text);
SELECT ARRAY[0.0, 0] <-> ARRAY[3, 4] AS distance;
SELECT count(*) > 1 AS ranges FROM cassandra_ring_ranges('upgrade_server', 'fdw_upgrade', 8);
CREATE VIEW newer AS SELECT k, max(at) AS at FROM t GROUP BY k;

-- what an extension is made of
CREATE VIEW parts AS
  SELECT pg_describe_object(classid, objid, 0) AS object,
    obj_description(objid, relname) AS comment,
    (SELECT concat(pg_get_functiondef(oid), ' ', proacl) FROM pg_proc
       WHERE prokind <> 'a' AND oid = objid AND relname = 'pg_proc') AS definition
  FROM pg_depend JOIN pg_class ON pg_class.oid = classid
  WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND refobjid =
    (SELECT oid FROM pg_extension WHERE extname = 'cassandra_fdw');
SELECT count(*) AS old FROM parts \gset

ALTER EXTENSION cassandra_fdw UPDATE;
SELECT extversion = split_part(cassandra_fdw_version(), '.', 1) || '.' ||
    split_part(cassandra_fdw_version(), '.', 2) AS as_the_library
  FROM pg_extension WHERE extname = 'cassandra_fdw';
SELECT count(*) > :old AS more, count(*) FILTER (WHERE comment IS NULL) AS silent
  FROM parts WHERE object !~ '^type [^ ]*(\[\]|statistics)|^rule';
SELECT count(*) AS n, md5(string_agg(parts::text, E'\n' ORDER BY parts::text)) AS updated
  FROM parts \gset
-- what is there stays, what is new works
SELECT count(*) FROM newer;
SELECT state FROM cassandra_hosts('upgrade_server');
SELECT column_name, kind FROM cassandra_columns('t');

-- installed at once it is the same
DROP EXTENSION cassandra_fdw CASCADE;
CREATE EXTENSION cassandra_fdw;
SELECT count(*) = :n AS as_many, md5(string_agg(parts::text, E'\n' ORDER BY parts::text)) = :'updated' AS same
  FROM parts;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "DROP KEYSPACE fdw_upgrade"
\connect :database
DROP DATABASE regress_upgrade;
