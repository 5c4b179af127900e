-- Dates and timestamps compared with those of another kind, in the session's
-- time zone, and functions of times: what is pushed gives what a copy gives.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/time_ranges.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER time_ranges_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER time_ranges_server;
CREATE SCHEMA fdw_time_ranges;
CREATE SCHEMA copy_time_ranges;
IMPORT FOREIGN SCHEMA fdw_time_ranges FROM SERVER time_ranges_server INTO fdw_time_ranges;
-- the same instants as clocks of UTC
CREATE FOREIGN TABLE fdw_time_ranges.clocks (p int, at timestamp, v int)
  SERVER time_ranges_server OPTIONS (table_name 'instants', keyspace 'fdw_time_ranges');
CREATE FOREIGN TABLE fdw_time_ranges.clock_keys (at timestamp, v int)
  SERVER time_ranges_server OPTIONS (table_name 'instant_keys', keyspace 'fdw_time_ranges');
SET timezone = 'UTC';

-- around changes of clocks, a day that was left out, ends of days and months
CREATE TABLE copy_time_ranges.source AS SELECT row_number() OVER (ORDER BY at) AS v, at FROM (
  SELECT DISTINCT date_trunc('milliseconds', base + step) AS at FROM
    unnest('{2025-01-01 00:00Z, 2025-03-09 07:00Z, 2025-03-30 01:00Z, 2025-10-26 01:00Z, 2025-11-02 06:00Z,
      2011-12-30 10:00Z, 1970-01-01 00:00Z, 2000-02-29 12:00Z, 0001-01-01 00:00Z, 4000-01-01 00:00Z BC,
      1883-11-18 17:00Z, 9999-12-31 23:59:59.999Z}'::timestamptz[]) base,
    unnest('{-1 day, -12 hours, -1 hour, -00:30, -00:00:00.001, 0, 00:00:00.001, 00:30, 1 hour, 2 hours, 5 hours,
      23:59:59.999, 1 day, 29 hours, 31 days}'::interval[]) step) t;
INSERT INTO fdw_time_ranges.instants SELECT 1, at, v FROM copy_time_ranges.source;
INSERT INTO fdw_time_ranges.instant_keys SELECT at, v FROM copy_time_ranges.source;
INSERT INTO fdw_time_ranges.days SELECT 1, at::date, min(v) FROM copy_time_ranges.source GROUP BY 2;
INSERT INTO fdw_time_ranges.day_keys SELECT at::date, min(v) FROM copy_time_ranges.source GROUP BY 1;
INSERT INTO fdw_time_ranges.ids SELECT 1, min_timeuuid(at), v FROM copy_time_ranges.source
  WHERE at > '1600-01-01' AND at < '5000-01-01';
DO $$ DECLARE r name; BEGIN
  FOR r IN SELECT relname FROM pg_class WHERE relnamespace = 'fdw_time_ranges'::regnamespace AND relkind = 'f' LOOP
    EXECUTE format('CREATE TABLE copy_time_ranges.%I AS SELECT * FROM fdw_time_ranges.%1$I', r);
  END LOOP;
END $$;

-- How a condition goes in words of its operator: E exactly, S checked again,
-- - not; and how many answers of how many differ from the copy's, by operator,
-- value, time zone.
CREATE FUNCTION copy_time_ranges.try(relation text, expression text, valtype text)
RETURNS TABLE (pushed text, tried int, different int) LANGUAGE plpgsql AS $$
DECLARE
  op text; val text; zone text; line text; restricted bool; filter bool; ours int[]; theirs int[]; query text;
  keys text := CASE WHEN relation LIKE '%keys' THEN '' ELSE 'p = 1 AND ' END;
  vals text[] := '{2025-01-01, 2025-03-09, 2025-03-09 02:30, 2025-03-30 02:30, 2025-11-02 01:30, 2011-12-31, 2011-12-30 10:00Z,
    1969-12-31 23:59:59.9995, 2025-01-01 00:00:00.0005Z, 2000-02-29, 1883-11-18 12:03:58, infinity, -infinity,
    294276-12-30 23:59:59.999999, 4713-01-01 BC, 2025-03-08 21:00Z}';
BEGIN
  tried := 0; different := 0; pushed := '';
  FOREACH op IN ARRAY '{=,<,<=,>,>=}'::text[] LOOP
    filter := false; restricted := false;
    FOR line IN EXECUTE format('EXPLAIN (VERBOSE, COSTS OFF) SELECT v FROM fdw_time_ranges.%I WHERE %s %s %s %L::%s',
        relation, keys, expression, op, vals[1], valtype) LOOP
      filter := filter OR line LIKE '%Filter:%';
      restricted := restricted OR line ~ 'CQL: .* (WHERE|AND) (at|day|id) ';
    END LOOP;
    pushed := pushed || CASE WHEN NOT restricted THEN '-' WHEN filter THEN 'S' ELSE 'E' END;
    query := format('SELECT array_agg(v ORDER BY v) FROM %%s_time_ranges.%I WHERE %s %s %s $1::text::%s',
      relation, keys, expression, op, valtype);
    FOREACH zone IN ARRAY '{America/New_York,Europe/Berlin,Pacific/Apia}'::text[] LOOP
      PERFORM set_config('timezone', zone, true);
      FOREACH val IN ARRAY vals LOOP
        EXECUTE format(query, 'fdw') INTO ours USING val;
        EXECUTE format(query, 'copy') INTO theirs USING val;
        tried := tried + 1;
        IF ours IS DISTINCT FROM theirs THEN
          different := different + 1;
          RAISE WARNING '% % % in %: % and not %', expression, op, val, zone, ours, theirs;
        END IF;
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN NEXT;
END $$;
SELECT relation, expression, valtype, t.* FROM (VALUES
  (1, 'instants', 'at', 'date'), (2, 'instants', 'at', 'timestamp'), (3, 'instant_keys', 'at', 'date'),
  (4, 'instant_keys', 'at', 'timestamp'), (5, 'clocks', 'at', 'timestamptz'), (6, 'clocks', 'at', 'date'),
  (7, 'clock_keys', 'at', 'timestamptz'), (8, 'days', 'day', 'timestamptz'), (9, 'days', 'day', 'timestamp'),
  (10, 'day_keys', 'day', 'timestamptz'), (11, 'day_keys', 'day', 'timestamp'),
  (12, 'days', 'day::timestamp', 'timestamptz'), (13, 'day_keys', 'day::timestamp', 'timestamp'),
  (14, 'ids', 'timeuuid_timestamp(id)', 'date'), (15, 'ids', 'id::timestamptz', 'timestamp')) c(n, relation, expression, valtype),
  copy_time_ranges.try(relation, expression, valtype) t ORDER BY n;
SELECT relation, expression, valtype, t.* FROM (VALUES
  (1, 'instants', 'at::date', 'date'), (2, 'instants', 'at::date', 'timestamptz'), (3, 'clocks', 'at::date', 'date'),
  (4, 'instants', '(at AT TIME ZONE ''UTC'')::date', 'date'), (5, 'instants', '(at AT TIME ZONE ''CET'')::date', 'timestamp'),
  (6, 'instants', 'at::timestamp', 'timestamp'), (7, 'clocks', 'at::timestamptz', 'timestamptz'),
  (8, 'instants', 'at AT TIME ZONE ''America/New_York''', 'timestamp'),
  (9, 'clocks', 'at AT TIME ZONE ''America/New_York''', 'timestamptz'),
  (10, 'instants', 'date_trunc(''day'', at)', 'timestamptz'), (11, 'instants', 'date_trunc(''day'', at)', 'date'),
  (12, 'instants', 'date_trunc(''month'', at)', 'date'), (13, 'instants', 'date_trunc(''Weeks'', at)', 'timestamp'),
  (14, 'instants', 'date_trunc(''hour'', at)', 'timestamptz'), (15, 'instants', 'date_trunc(''year'', at, ''Asia/Tokyo'')', 'timestamptz'),
  (16, 'instants', 'date_trunc(''century'', at)', 'timestamptz'), (17, 'clocks', 'date_trunc(''quarter'', at)', 'timestamp'),
  (18, 'clocks', 'date_trunc(''minute'', at)', 'timestamptz'), (19, 'days', 'date_trunc(''month'', day)', 'date'),
  (20, 'days', 'date_trunc(''decade'', day)::date', 'date'), (21, 'days', 'date_trunc(''week'', day::timestamp)', 'timestamp'),
  (22, 'ids', 'timeuuid_timestamp(id)::date', 'date'), (23, 'ids', 'date_trunc(''month'', timeuuid_timestamp(id))', 'timestamptz'),
  (24, 'instants', 'date_trunc(''day'', at AT TIME ZONE ''Europe/Berlin'') AT TIME ZONE ''Europe/Berlin''', 'timestamptz'),
  (25, 'days', 'day::timestamptz', 'timestamptz'), (26, 'instants', 'date_trunc(''millisecond'', at)', 'timestamptz'))
  c(n, relation, expression, valtype),
  copy_time_ranges.try(relation, expression, valtype) t ORDER BY n;

-- ranges are as narrow as they can be
SET timezone = 'Europe/Berlin';
CREATE FUNCTION copy_time_ranges.received(condition text, OUT rows int, OUT received int) LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) SELECT v FROM fdw_time_ranges.instants WHERE p = 1 AND ' || condition INTO plan;
  rows := (plan -> 0 -> 'Plan' ->> 'Actual Rows')::numeric;
  received := plan -> 0 -> 'Plan' ->> 'Rows Received';
END $$;
SELECT * FROM unnest('{at::date = ''2025-01-01'', "date_trunc(''month'', at) = ''2025-01-01''",
  "at::date BETWEEN ''2025-01-01'' AND ''2025-01-31''", "at::date IN (''2025-01-01'', ''2025-01-02'', NULL)",
  "at::date = ANY (ARRAY[''2025-01-02''::date, ''2025-01-01''])", "date_trunc(''day'', at) = ANY (''{2025-01-01 12:00, 2024-12-31}'')",
  "at::date = ANY (NULL::date[])", "at::date IN (''infinity'', ''2025-01-01'')", "at >= date_trunc(''day'', ''2025-12-01 12:00''::timestamptz)",
  "(at AT TIME ZONE ''UTC'')::date NOT IN (''2025-01-01'')", at >= ''2025-01-01''::date AND at < ''2025-01-02''::date}'::text[]) condition,
  copy_time_ranges.received(condition);
-- what stays here
EXPLAIN (VERBOSE, COSTS OFF) SELECT v FROM fdw_time_ranges.instants WHERE p = 1 AND date_trunc('isoyear', at) = '2025-01-01';
EXPLAIN (VERBOSE, COSTS OFF) SELECT v FROM fdw_time_ranges.instants WHERE p = 1 AND at::date = random()::int + '2025-01-01'::date;
EXPLAIN (VERBOSE, COSTS OFF) SELECT v FROM fdw_time_ranges.instants WHERE p = 1 AND at::date <> '2025-01-01';
EXPLAIN (VERBOSE, COSTS OFF) SELECT v FROM fdw_time_ranges.instants WHERE p = 1 AND (at AT TIME ZONE 'UTC')::date <> ALL ('{2025-01-01}');
SELECT v FROM fdw_time_ranges.instants WHERE p = 1 AND at::date = NULL;
SELECT v FROM fdw_time_ranges.instants WHERE p = 1 AND (at AT TIME ZONE NULL)::date = '2025-01-01';

-- lists, keys of other tables, generic plans
SELECT count(*) FROM fdw_time_ranges.instant_keys WHERE at = ANY ('{2025-01-01,2025-03-30,NULL}'::date[]);
SELECT count(*) FROM copy_time_ranges.instant_keys WHERE at = ANY ('{2025-01-01,2025-03-30,NULL}'::date[]);
SELECT count(*) FROM fdw_time_ranges.instant_keys WHERE at IN ('2025-01-01'::date, '2025-01-01 01:00'::timestamp, '2025-01-01 00:00Z'::timestamptz);
SELECT count(*) FROM copy_time_ranges.instant_keys WHERE at IN ('2025-01-01'::date, '2025-01-01 01:00'::timestamp, '2025-01-01 00:00Z'::timestamptz);
SELECT count(*) FROM fdw_time_ranges.instant_keys WHERE at = '2025-01-01 01:00'::date OR at = '2025-01-01 01:00'::timestamp OR at = '2025-01-01 00:30Z';
SELECT count(*) FROM copy_time_ranges.instant_keys WHERE at = '2025-01-01 01:00'::date OR at = '2025-01-01 01:00'::timestamp OR at = '2025-01-01 00:30Z';
CREATE TABLE copy_time_ranges.wanted (p int, day date, clock timestamp, instant timestamptz);
INSERT INTO copy_time_ranges.wanted VALUES (1, '2025-01-01', '2025-01-01 01:00', '2025-01-01 00:00Z'), (1, '2025-03-30', '2025-03-30 02:30', '2025-03-29 23:00Z'), (1, NULL, NULL, NULL);
ANALYZE copy_time_ranges.wanted;
-- versions write the filters in another order
CREATE FUNCTION plan_cql(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    IF line ~ 'Loop|Scan|CQL:' THEN
      RETURN NEXT trim(line);
    END IF;
  END LOOP;
END $$;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
EXPLAIN (COSTS OFF) SELECT v FROM copy_time_ranges.wanted JOIN fdw_time_ranges.instant_keys ON at = clock;
SELECT f.v FROM copy_time_ranges.wanted JOIN fdw_time_ranges.instant_keys f ON at = clock
EXCEPT ALL SELECT f.v FROM copy_time_ranges.wanted JOIN copy_time_ranges.instant_keys f ON at = clock;
SELECT plan_cql($$SELECT v FROM copy_time_ranges.wanted JOIN fdw_time_ranges.day_keys f ON f.day = instant$$);
SELECT f.v FROM copy_time_ranges.wanted JOIN copy_time_ranges.day_keys f ON f.day = instant
EXCEPT ALL SELECT f.v FROM copy_time_ranges.wanted JOIN fdw_time_ranges.day_keys f ON f.day = instant;
SELECT plan_cql($$SELECT f.v FROM copy_time_ranges.wanted w JOIN fdw_time_ranges.instants f ON f.p = w.p AND at::date = w.day$$);
SELECT w.day, count(*) FROM copy_time_ranges.wanted w JOIN fdw_time_ranges.instants f ON f.p = w.p AND at::date = w.day GROUP BY 1 ORDER BY 1;
SELECT w.day, count(*) FROM copy_time_ranges.wanted w JOIN copy_time_ranges.instants f ON f.p = w.p AND at::date = w.day GROUP BY 1 ORDER BY 1;
SET plan_cache_mode = force_generic_plan;
PREPARE since(date) AS SELECT count(*) FROM fdw_time_ranges.instants WHERE p = 1 AND at >= $1;
EXECUTE since('2025-01-01');
SET timezone = 'America/New_York';
EXECUTE since('2025-01-01');
SELECT count(*) FROM copy_time_ranges.instants WHERE p = 1 AND at >= '2025-01-01'::date;
EXECUTE since('infinity');
EXECUTE since(NULL);

-- a DELETE is one range tombstone
EXPLAIN (COSTS OFF) DELETE FROM fdw_time_ranges.instants WHERE p = 1 AND at >= current_date;
EXPLAIN (COSTS OFF) DELETE FROM fdw_time_ranges.instants WHERE p = 1 AND at::date = '2025-01-01';
DELETE FROM fdw_time_ranges.instants WHERE p = 1 AND at >= '2025-11-02'::date;
DELETE FROM copy_time_ranges.instants WHERE p = 1 AND at >= '2025-11-02'::date;
DELETE FROM fdw_time_ranges.instants WHERE p = 1 AND at::date = '2025-01-01';
DELETE FROM copy_time_ranges.instants WHERE p = 1 AND at::date = '2025-01-01';
SELECT count(*), count(*) FILTER (WHERE f.at = c.at) AS same
  FROM fdw_time_ranges.instants f FULL JOIN copy_time_ranges.instants c USING (v);
DROP FUNCTION plan_cql;
DROP SERVER time_ranges_server CASCADE;
