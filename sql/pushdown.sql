-- What goes into the CQL, what stays local and why: conditions and indexes.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/pushdown.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER pushdown_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER pushdown_server;
CREATE SCHEMA fdw_pushdown;
IMPORT FOREIGN SCHEMA fdw_pushdown FROM SERVER pushdown_server
  INTO fdw_pushdown;
SET search_path = fdw_pushdown, public;
SET timezone = 'UTC';
-- the plan's CQL, then the rows
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ '^ *(CQL|Not Pushed|Pushed, Rechecked|Hint|Filter):' THEN
      RETURN NEXT trim(line);
    END IF;
  END LOOP;
END $$;
-- the requests of a query
CREATE FUNCTION analyzed(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) '
    || query LOOP
    IF line ~ '^ *(CQL|Requests|Rows Received):' THEN
      RETURN NEXT trim(line);
    END IF;
  END LOOP;
END $$;
\pset format unaligned
\pset tuples_only on

-- partition key: whole, in part, by range, with contradictions
SELECT plan($$SELECT seq FROM events WHERE site = 'a' AND day = '2026-01-01'$$);
SELECT plan($$SELECT seq FROM events WHERE site = 'a' AND day IN ('2026-01-01', '2026-01-02')$$);
SELECT plan($$SELECT seq FROM events WHERE site = 'a'$$);
SELECT plan($$SELECT seq FROM events WHERE site = 'a' AND day > '2026-01-01'$$);
SELECT plan($$SELECT name FROM items WHERE id > 1$$);
SELECT plan($$SELECT name FROM items WHERE 1 = id$$);
SELECT plan($$SELECT name FROM items WHERE id = 1::bigint$$);
SELECT name FROM items WHERE id = 1 AND id = 2;
SELECT name FROM items WHERE id IN (1, 2) AND id <> ALL ('{2}');
SELECT name FROM items WHERE id = 5000000000;
SELECT plan($$SELECT name FROM items WHERE id = 1 OR id = 3$$);
SELECT name FROM items WHERE id = 1 OR id = 3 ORDER BY name;
SELECT plan($$SELECT name FROM items WHERE (id = 1 AND name = 'one') OR (id = 3 AND name = 'x')$$);
SELECT name FROM items WHERE (id = 1 AND name = 'one') OR (id = 3 AND name = 'x');
SELECT plan($$SELECT name FROM items WHERE id = 1 OR name = 'two'$$);
SELECT plan($$SELECT seq FROM events WHERE (site, day) IN (('a', '2026-01-02'), ('b', '2026-01-01'))$$);
SELECT site, seq FROM events WHERE (site, day) IN (('a', '2026-01-02'), ('b', '2026-01-01')) ORDER BY 1, 2;

SELECT analyzed($$SELECT seq FROM events WHERE (site, day) IN (('a', '2026-01-02'), ('b', '2026-01-01'), ('c', '2026-01-03'))$$);

-- clustering columns: prefix, gap, after a range, rows
SELECT plan($$SELECT kind FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts = '2026-01-01 00:00:02Z'$$);
SELECT plan($$SELECT kind FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts IN ('2026-01-01 00:00:02Z', '2026-01-01 00:00:03Z') AND seq = 1$$);
SELECT kind FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts IN ('2026-01-01 00:00:02Z', '2026-01-01 00:00:03Z') AND seq = 1;
SELECT plan($$SELECT kind FROM events WHERE site = 'a' AND day = '2026-01-01' AND seq = 1$$);
SELECT plan($$SELECT kind FROM events WHERE ts > '2026-01-01'$$);
SELECT plan($$SELECT kind FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts BETWEEN '2026-01-01 00:00:01.0005Z' AND '2026-01-01 00:00:02.0005Z'$$);
SELECT level FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts BETWEEN '2026-01-01 00:00:01.0005Z' AND '2026-01-01 00:00:02.0005Z' ORDER BY 1;
SELECT plan($$SELECT kind FROM events WHERE site = 'a' AND day = '2026-01-01' AND (ts, seq) > ('2026-01-01 00:00:02Z', 1)$$);
SELECT level FROM events WHERE site = 'a' AND day = '2026-01-01' AND (ts, seq) > ('2026-01-01 00:00:02Z', 1) ORDER BY 1;
SELECT level FROM events WHERE site = 'a' AND day = '2026-01-01' AND (ts, seq) > ('2026-01-01 00:00:02.0005Z', 1) ORDER BY 1;
SELECT level FROM events WHERE site = 'a' AND day = '2026-01-01' AND (ts, seq) > ('2026-01-01 00:00:02Z', NULL) ORDER BY 1;
SELECT plan($$SELECT note FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts > '2026-01-01 00:00:02Z'$$);
SELECT note FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts > '2026-01-01 00:00:02Z';
SELECT plan($$SELECT kind FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts IS NOT NULL$$);
SELECT plan($$SELECT kind FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts > now() - interval '1000 years'$$);
SELECT count(*) FROM events WHERE site = 'a' AND day = '2026-01-01' AND ts > now() - interval '1000 years';

-- LIKE: a range of a clustering column
SELECT plan($$SELECT n FROM words WHERE lang = 'en' AND word LIKE 'abc%'$$);
SELECT n FROM words WHERE lang = 'en' AND word LIKE 'abc%' ORDER BY n;
SELECT plan($$SELECT n FROM words WHERE lang = 'en' AND word LIKE '%c'$$);
SELECT plan($$SELECT n FROM words WHERE lang = 'en' AND word > 'abc' COLLATE "en-x-icu"$$);
SELECT plan($$SELECT n FROM words WHERE lang = 'en' AND upper(word) = 'ABC'$$);

-- the time of a timeuuid
SELECT plan($$SELECT msg FROM log WHERE host = 'h' AND timeuuid_timestamp(id) >= '2026-01-01 00:00:01Z'$$);
SELECT msg FROM log WHERE host = 'h' AND timeuuid_timestamp(id) >= '2026-01-01 00:00:01Z' ORDER BY id;
SELECT msg FROM log WHERE host = 'h' AND timeuuid_timestamp(id) = '2026-01-01 00:00:01Z' ORDER BY id;
SELECT plan($$SELECT msg FROM log WHERE host = 'h' AND id > min_timeuuid('2026-01-01 00:00:00.5Z')$$);
SELECT plan($$SELECT msg FROM log WHERE host = 'h' AND id > '13814000-1dd2-11b2-8080-808080808080'::uuid$$);

-- inside one partition Cassandra filters, elsewhere only when allowed to
SELECT plan($$SELECT name FROM items WHERE id = 1 AND price = 1.5$$);
SELECT name FROM items WHERE id = 1 AND price = 1.5;
SELECT plan($$SELECT name FROM items WHERE price = 1.5$$);
SET cassandra_fdw.allow_filtering = on;
SELECT plan($$SELECT name FROM items WHERE price = 1.5$$);
SELECT name FROM items WHERE price = 1.500;
SELECT plan($$SELECT name FROM items WHERE active AND score = 0$$);
SELECT name FROM items WHERE active AND score = 0;
SELECT name FROM items WHERE NOT active AND score >= 0;
SELECT plan($$SELECT name FROM items WHERE at = '10:00'$$);
SELECT name FROM items WHERE at = '10:00';
SELECT plan($$SELECT name FROM items WHERE tags @> ARRAY['red', 'blue']$$);
SELECT name FROM items WHERE tags @> ARRAY['red', 'blue'];
SELECT plan($$SELECT name FROM items WHERE 3 = ANY (marks)$$);
SELECT name FROM items WHERE 3 = ANY (marks);
SELECT plan($$SELECT name FROM items WHERE attrs ? 'hue'$$);
SELECT name FROM items WHERE attrs ? 'hue';
SELECT plan($$SELECT name FROM items WHERE attrs ->> 'size' = 'L'$$);
SELECT name FROM items WHERE attrs ->> 'size' = 'L';
SELECT plan($$SELECT name FROM items WHERE name IS NULL OR price IS NULL$$);
RESET cassandra_fdw.allow_filtering;

-- secondary indexes: legacy ones alone, SAI together; several values one by one
SELECT plan($$SELECT id FROM legacy WHERE a = 10$$);
SELECT id FROM legacy WHERE a = 10 ORDER BY id;
SELECT plan($$SELECT id FROM legacy WHERE a = 10 AND b = 2$$);
SELECT id FROM legacy WHERE a = 10 AND b = 2;
SELECT plan($$SELECT id FROM legacy WHERE a > 10$$);
SELECT plan($$SELECT id FROM legacy WHERE a IN (10, 30)$$);
SELECT id FROM legacy WHERE a IN (10, 30) ORDER BY id;

-- the token of the partition key
ALTER FOREIGN TABLE items ADD tok bigint OPTIONS (expression 'token(id)');
SELECT plan($$SELECT id FROM items WHERE tok > 0$$);
SELECT id FROM items WHERE tok > 0 ORDER BY id;
SELECT id FROM items WHERE tok <= 0 ORDER BY id;
SELECT plan($$SELECT id FROM items WHERE tok = cassandra_token('items', 2)$$);
SELECT id FROM items WHERE tok = cassandra_token('items', 2);
SELECT plan($$SELECT id FROM items WHERE tok > 0 AND tok <= 9223372036854775807 AND id = 2$$);
SELECT plan($$SELECT id FROM items WHERE tok IN (1, 2)$$);

-- volatile functions and subqueries stay here
SELECT plan($$SELECT name FROM items WHERE id = (random() * 0)::int + 1$$);
SELECT plan($$SELECT name FROM items WHERE id = (SELECT 2)$$);
SELECT name FROM items WHERE id = (SELECT 2);

\pset tuples_only off
DROP SERVER pushdown_server CASCADE;
DROP SCHEMA fdw_pushdown CASCADE;
