-- Loads: a local table made in Cassandra, throttles.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\set protocol 5
\getenv protocol CASSANDRA_PROTOCOL
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/etl.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS etl_server CASCADE;
CREATE SERVER etl_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version :'protocol');
CREATE USER MAPPING FOR CURRENT_USER SERVER etl_server;
DROP SCHEMA IF EXISTS fdw_etl CASCADE;
CREATE SCHEMA fdw_etl;
IMPORT FOREIGN SCHEMA fdw_etl FROM SERVER etl_server INTO fdw_etl;
SET timezone = 'UTC';

-- a local table's columns as CQL
CREATE TYPE fdw_etl.mood AS ENUM ('good', 'bad');
CREATE DOMAIN fdw_etl.code AS varchar(8);
CREATE TEMP TABLE "Local" (
  b boolean, si smallint, i int NOT NULL, bi bigint, r real, d float8,
  n numeric, whole numeric(20), dropped int, t text, vc varchar(3), c char(2),
  "co de" fdw_etl.code, by bytea, u uuid, tu timeuuid, day date, tm time,
  ts timestamp, at timestamptz DEFAULT '2025-02-02', iv interval, ip inet, j jsonb,
  m fdw_etl.mood, tags text[], moods fdw_etl.mood[],
  made int GENERATED ALWAYS AS (i + 1) STORED);
ALTER TABLE "Local" DROP dropped;
SELECT cassandra_create_table('"Local"', 'etl_server', 'fdw_etl', '{i,bi}',
  '{at DESC,"co de",day asc}', options => 'default_time_to_live = 86400');
SELECT cassandra_create_table('"Local"', 'etl_server', 'fdw_etl', '{i}',
  foreign_schema => 'fdw_etl', table_name => 'copied', run => true) <> '' AS run;
\d fdw_etl.copied
INSERT INTO "Local" (b, i, n, whole, t, "co de", tu, at, iv, j, m, tags)
  VALUES (true, 1, 1.50, 7, 'x', 'y', '00000000-0000-1000-8000-000000000000',
  '2025-01-01', '1 month 1 s', '{"a": 1}', 'bad', '{p,q}');
INSERT INTO "Local" (b, i) VALUES (false, 2);
INSERT INTO fdw_etl.copied (b, i, n, whole, t, "co de", tu, at, iv, j, m, tags,
  made) SELECT b, i, n, whole, t, "co de", tu, at, iv, j, m, tags, made
  FROM "Local";
SELECT b, i, n, whole, t, "co de", tu, at, iv, j, m, tags, made
FROM fdw_etl.copied ORDER BY i;
SELECT cassandra_create_table('"Local"', 'etl_server', 'fdw_etl', '{}');
SELECT cassandra_create_table('"Local"', 'etl_server', 'fdw_etl', '{x}');
SELECT cassandra_create_table('"Local"', 'etl_server', 'fdw_etl', '{i,NULL}');
SELECT cassandra_create_table('pg_class', 'etl_server', 'fdw_etl', '{oid}');
SELECT cassandra_create_table(1, 'etl_server', 'fdw_etl', '{oid}');
CREATE ROLE regress_etl;
SET ROLE regress_etl;
SELECT cassandra_create_table('information_schema.sql_parts', 'etl_server',
  'fdw_etl', '{feature_id}', table_name => 'parts');
\set VERBOSITY terse
SELECT cassandra_create_table('information_schema.sql_parts', 'etl_server',
  'fdw_etl', '{feature_id}', table_name => 'parts', run => true);
\set VERBOSITY default
RESET ROLE;
DROP ROLE regress_etl;

-- throttles: never faster than said
CREATE FUNCTION fdw_etl.seconds(statement text) RETURNS float8
  LANGUAGE plpgsql AS $$
DECLARE began timestamptz := clock_timestamp();
BEGIN
  EXECUTE statement;
  RETURN extract(epoch FROM clock_timestamp() - began);
END $$;
SET search_path = fdw_etl, public;
ALTER FOREIGN TABLE load OPTIONS (ADD write_throttle '1000',
  ADD read_throttle '1000 rows');
SELECT seconds('INSERT INTO load SELECT i, repeat(''x'', 1000)
  FROM generate_series(1, 400) i') >= 0.35 AS held;
SELECT seconds('SELECT * FROM load') >= 0.38 AS held;
ALTER FOREIGN TABLE load OPTIONS (DROP write_throttle, DROP read_throttle);
ALTER SERVER etl_server OPTIONS (ADD write_throttle '1MB',
  ADD read_throttle '1024 kB');
SELECT seconds('INSERT INTO load SELECT i, repeat(''x'', 1000)
  FROM generate_series(1, 400) i') >= 0.35 AS held;
SELECT seconds('SELECT * FROM load') >= 0.38 AS held;
-- each statement of a session has its turn
SELECT seconds('DO $d$ BEGIN FOR i IN 1..40 LOOP
  INSERT INTO load VALUES (i, repeat(''x'', 10000)); END LOOP; END $d$')
  >= 0.35 AS held;
SET cassandra_fdw.read_throttle = '0';
SET cassandra_fdw.write_throttle = '10000';
SELECT seconds('INSERT INTO load SELECT i FROM generate_series(1, 4000) i')
  >= 0.35 AS held;
SET cassandra_fdw.write_throttle = '100';
SELECT seconds('INSERT INTO load SELECT i FROM generate_series(5001, 5041) i
  ON CONFLICT (id) DO NOTHING') >= 0.35 AS held;
-- nor slower: it is held within 5 %, unless the machine is too busy each time
CREATE FUNCTION pace(statement text, wanted float8) RETURNS text
  LANGUAGE plpgsql AS $$
DECLARE took float8;
BEGIN
  FOR i IN 1..5 LOOP
    took := seconds(statement);
    IF took BETWEEN wanted * 0.95 AND wanted * 1.05 THEN
      RETURN 'held';
    END IF;
  END LOOP;
  RETURN format('%s s in place of %s', took, wanted);
END $$;
ALTER FOREIGN TABLE load OPTIONS (ADD fetch_size '100');
TRUNCATE load;
SET cassandra_fdw.write_throttle = '2000';
SELECT pace('INSERT INTO load SELECT i, repeat(''x'', 1000)
  FROM generate_series(1, 3000) i', 1.5);
SET cassandra_fdw.write_throttle = '2MB';
SELECT pace('INSERT INTO load SELECT i, repeat(''x'', 1000)
  FROM generate_series(1, 3000) i', 3000 * 1012 / (2 * 1048576.0));
SET cassandra_fdw.read_throttle = '2000';
SELECT pace('SELECT * FROM load', 1.5);
SET cassandra_fdw.read_throttle = '2MB';
SELECT pace('SELECT * FROM load', 3000 * 1012 / (2 * 1048576.0));
ALTER FOREIGN TABLE load OPTIONS (DROP fetch_size);
SET cassandra_fdw.read_throttle = '0';
SET cassandra_fdw.write_throttle = 'fast';
ALTER SERVER etl_server OPTIONS (SET write_throttle '1 GB');
ALTER SERVER etl_server OPTIONS (SET write_throttle '-1');
-- a wait is interrupted
SET cassandra_fdw.write_throttle = '10';
SET cassandra_fdw.rollback_warning = off;
SET statement_timeout = 200;
INSERT INTO load SELECT i FROM generate_series(1, 4000) i;
RESET statement_timeout;

-- notices of how far it has come
RESET cassandra_fdw.write_throttle;
TRUNCATE load;
ALTER FOREIGN TABLE load OPTIONS (ADD fetch_size '50');
CREATE PROCEDURE fdw_etl.run(statement text) LANGUAGE plpgsql AS $$
BEGIN EXECUTE statement; END $$;
\! psql -X -d contrib_regression -c "SET cassandra_fdw.progress = '100ms'" -c "SET cassandra_fdw.write_throttle = '2000'" -c "CALL fdw_etl.run('INSERT INTO fdw_etl.load SELECT i FROM generate_series(1, 1000) i')" 2>&1 | sed -E 's/[0-9.]+/N/g; s/, of an.*//' | sort -u
\! psql -X -d contrib_regression -c "SET cassandra_fdw.progress = '100ms'" -c "SET cassandra_fdw.read_throttle = '2000'" -c "CALL fdw_etl.run('SELECT * FROM fdw_etl.load')" 2>&1 | sed -E 's/[0-9.]+/N/g; s/, of an.*//' | sort -u

DROP SERVER etl_server CASCADE;
DROP SCHEMA fdw_etl CASCADE;
