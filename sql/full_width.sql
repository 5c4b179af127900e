-- How wide a table is read: one stream where few rows are asked for, all of
-- the window where they turn out to be more; pages by the width of rows.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER width_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', fetch_size '50');
CREATE USER MAPPING FOR CURRENT_USER SERVER width_server;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/full_width.cql
CREATE SCHEMA fdw_width;
SET search_path = fdw_width, public;
CREATE FOREIGN TABLE t (k int, c int, v text, place bigint OPTIONS (expression 'token(k)'))
  SERVER width_server OPTIONS (keyspace 'fdw_width');
CREATE FOREIGN TABLE few (k int, v int) SERVER width_server OPTIONS (keyspace 'fdw_width');
CREATE FOREIGN TABLE wide (k int, v text) SERVER width_server OPTIONS (keyspace 'fdw_width', fetch_size '5000');
-- some partitions take several pages, most are smaller than one
INSERT INTO t (k, c, v) SELECT k, c, k || '-' || c FROM generate_series(1, 120) k, generate_series(1, CASE WHEN k % 40 = 0 THEN 230 ELSE 25 END) c;
INSERT INTO few SELECT g, g FROM generate_series(1, 40) g;
CREATE TABLE copy AS SELECT k, c, v FROM t;
CREATE TABLE numbers AS SELECT g AS n FROM generate_series(1, 3000) g;
ANALYZE numbers;

-- The scans of a query: were several streams in flight, how many pages came.
CREATE FUNCTION scans(query text) RETURNS TABLE (streams text, pages text, answer text) LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
    IF line ~ ' Streams:' THEN
      streams := concat_ws(' ', streams, CASE substring(line FROM '\d+')::int WHEN 0 THEN 'none' WHEN 1 THEN 'one' ELSE 'many' END);
    ELSIF line ~ ' Pages:' THEN
      pages := concat_ws(' ', pages, CASE WHEN substring(line FROM '\d+')::int <= 3 THEN 'few' ELSE 'many' END);
    END IF;
  END LOOP;
  EXECUTE 'SELECT count(*) FROM (' || query || ') q' INTO answer;
  RETURN NEXT;
END $$;

-- All rows of a table nobody knows the size of, then of one that is known.
SELECT * FROM scans('SELECT * FROM t');
SELECT * FROM scans('SELECT * FROM few');
ANALYZE t, few;
SELECT * FROM scans('SELECT * FROM t');
SELECT * FROM scans('SELECT * FROM few');

-- Few rows are enough, or they are not: the condition is not what it seemed.
SELECT * FROM scans('SELECT * FROM t LIMIT 10');
SELECT * FROM scans('SELECT * FROM t WHERE v LIKE ''%-1%'' LIMIT 10');
SELECT * FROM scans('SELECT * FROM t WHERE v = ''none'' || c LIMIT 1');
SELECT * FROM scans('SELECT 1 WHERE EXISTS (SELECT FROM t)');
SELECT * FROM scans('SELECT 1 WHERE EXISTS (SELECT FROM t WHERE c % 1000 = 999)');
SELECT * FROM scans('SELECT * FROM t ORDER BY v LIMIT 5');
SELECT * FROM scans('SELECT DISTINCT k FROM t LIMIT 110');

-- The inner side of a join is read as a whole, the outer one may not be.
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT * FROM scans('SELECT * FROM numbers JOIN t ON v = n::text LIMIT 5');
SELECT * FROM scans('SELECT * FROM t JOIN (SELECT n FROM numbers LIMIT 200) s ON c = n LIMIT 5');
RESET enable_mergejoin;
RESET enable_nestloop;
-- So may the members of an Append.
SELECT * FROM scans('SELECT k, c FROM t UNION ALL SELECT k, v FROM few LIMIT 10');

-- Cursors: whatever was cut, each row comes once.
CREATE TABLE fetched (k int, c int, v text);
CREATE FUNCTION fetch_all() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE rows refcursor; one record; n bigint := 0;
BEGIN
  OPEN rows FOR SELECT k, c, v FROM t;
  LOOP
    FETCH rows INTO one;
    EXIT WHEN NOT FOUND;
    INSERT INTO fetched VALUES (one.k, one.c, one.v);
    n := n + 1;
  END LOOP;
  CLOSE rows;
  RETURN n;
END $$;
SELECT fetch_all();
SELECT count(*) FROM (TABLE fetched EXCEPT ALL TABLE copy) q;
SELECT count(*) FROM (TABLE copy EXCEPT ALL TABLE fetched) q;
BEGIN;
DECLARE a CURSOR FOR SELECT * FROM t;
MOVE 7 IN a;
MOVE 500 IN a;
CLOSE a;
DECLARE b CURSOR WITH HOLD FOR SELECT * FROM t;
COMMIT;
MOVE ALL IN b;
CLOSE b;
-- A part of the ring is read so, too, whichever bounds it has.
SELECT * FROM scans('SELECT * FROM t WHERE place > -5000000000000000000 AND place <= 5000000000000000000');
SELECT * FROM scans('SELECT * FROM t WHERE place >= 0 AND c % 2 = 0');
CREATE TABLE placed AS SELECT * FROM t;
CREATE FUNCTION differs(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE there text; here text;
BEGIN
  EXECUTE 'SELECT string_agg(q::text, '' '' ORDER BY q::text) FROM (' || format(query, 't') || ') q' INTO there;
  EXECUTE 'SELECT string_agg(q::text, '' '' ORDER BY q::text) FROM (' || format(query, 'placed') || ') q' INTO here;
  RETURN there IS DISTINCT FROM here;
END $$;
CREATE VIEW bounds AS
  SELECT (SELECT array_agg(DISTINCT place ORDER BY place) FROM placed)[g] AS place FROM unnest(ARRAY[1, 2, 60, 120]) g
  UNION ALL VALUES (-9223372036854775808), (0), (9223372036854775807);
SELECT columns, count(*) AS tried, count(*) FILTER (WHERE differs('SELECT ' || columns || ' FROM %s WHERE ' || condition)) AS different
FROM (SELECT format('place %s %L', op, place) AS condition FROM bounds, unnest(ARRAY['>', '>=', '<', '<=', '=']) op
  UNION ALL SELECT format('place %s %L AND place %s %L', l, a.place, u, b.place)
    FROM bounds a, bounds b, unnest(ARRAY['>', '>=']) l, unnest(ARRAY['<', '<=']) u) q, unnest(ARRAY['*', 'count(*), max(v)']) columns
GROUP BY columns ORDER BY columns;
-- In the order of the ring, too.
CREATE FUNCTION in_order() RETURNS TABLE (n bigint, ordered bool) LANGUAGE plpgsql AS $$
DECLARE one record; last bigint;
BEGIN
  n := 0; ordered := true;
  FOR one IN SELECT place FROM t ORDER BY place LIMIT 3000 LOOP
    ordered := ordered AND (last IS NULL OR last <= one.place);
    last := one.place; n := n + 1;
  END LOOP;
  RETURN NEXT;
END $$;
SELECT * FROM in_order();
-- A rescan begins anew.
SELECT g, (SELECT count(*) FROM (SELECT FROM t WHERE c % 2 = g % 2 LIMIT 900) q) FROM generate_series(1, 3) g;

-- Wide rows: pages are of about a MiB but for the first 16 rows.
INSERT INTO wide SELECT g, repeat(md5(g::text), 9000) FROM generate_series(1, 60) g;
CREATE FUNCTION page_sizes(query text) RETURNS TABLE (n bigint, small bool) LANGUAGE plpgsql AS $$
DECLARE line text; pages int; bytes bigint;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
    IF line ~ ' Pages:' THEN pages := substring(line FROM '\d+');
    ELSIF line ~ ' Bytes Received:' THEN bytes := substring(line FROM '\d+');
    ELSIF line ~ ' Rows Received:' THEN n := substring(line FROM '\d+'); END IF;
  END LOOP;
  small := pages >= (bytes - 16 * 288000) / 1048576;
  RETURN NEXT;
END $$;
SELECT * FROM page_sizes('SELECT * FROM wide');
ANALYZE wide;
SELECT * FROM page_sizes('SELECT * FROM wide');
SELECT count(*), sum(length(v)) FROM wide;
-- All that is held of it is less than the whole: 17 MB.
ALTER SERVER width_server OPTIONS (ADD receive_memory '16384');
SELECT count(*), sum(length(v)) FROM (SELECT * FROM wide OFFSET 0) q;

DROP SCHEMA fdw_width CASCADE;
DROP SERVER width_server CASCADE;
