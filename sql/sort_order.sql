-- Order over more keys than are merged: sorted here, by the query's own
-- operator and collation; and DISTINCT beside volatile sub-selects.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/sort_order.cql
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER order_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_sort_order');
CREATE USER MAPPING FOR CURRENT_USER SERVER order_server;
CREATE SCHEMA fdw_sort_order;
SET search_path = fdw_sort_order, public;
CREATE FOREIGN TABLE texts (k int, c text COLLATE "en-x-icu") SERVER order_server;
CREATE FOREIGN TABLE varchars (k int, c varchar COLLATE "en-x-icu") SERVER order_server OPTIONS (table_name 'texts');
CREATE FOREIGN TABLE times (k int, c timeuuid) SERVER order_server;
CREATE FOREIGN TABLE few (k int, c int, s int) SERVER order_server;
INSERT INTO texts SELECT g, (ARRAY['b', 'A', 'a', 'B', 'ä', ' ', '_'])[g % 7 + 1] || md5(g::text) FROM generate_series(1, 16500) g;
INSERT INTO times SELECT g, min_timeuuid(timestamptz '2026-01-01 00:00Z' + (g * 7919 % 16500) * interval '1 s') FROM generate_series(1, 16500) g;

-- what is sorted, and how many rows are not after the one before
CREATE FUNCTION ask(relation text, ordering text, later text) RETURNS TABLE (scan_sorts bool, disorder bigint, n bigint)
LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  scan_sorts := true;
  FOR line IN EXECUTE format('EXPLAIN (COSTS OFF) SELECT c FROM %s WHERE k = ANY (ARRAY(SELECT generate_series(1, 16500))) ORDER BY %s', relation, ordering) LOOP
    scan_sorts := scan_sorts AND line !~ 'Sort';
  END LOOP;
  RETURN QUERY EXECUTE format('SELECT $1, count(*) FILTER (WHERE %s), count(*) FROM '
    '(SELECT c, lag(c) OVER () AS before FROM (SELECT c FROM %s WHERE k = ANY (ARRAY(SELECT generate_series(1, 16500))) ORDER BY %s) a) b',
    later, relation, ordering) USING scan_sorts;
END $$;
SELECT * FROM ask('texts', 'c USING ~<~', 'before ~>~ c');
SELECT * FROM ask('varchars', 'c USING ~>~', 'before::text ~<~ c');
SELECT * FROM ask('times', 'c DESC NULLS LAST', 'before < c');
-- fewer of them are merged
SELECT count(*) FILTER (WHERE before ~>~ c), count(*) FROM
  (SELECT c, lag(c) OVER () AS before FROM (SELECT c FROM texts WHERE k = ANY (ARRAY(SELECT generate_series(1, 300))) ORDER BY c USING ~<~) a) b;

-- a volatile value is another one in each row
INSERT INTO few SELECT k, c, k FROM generate_series(1, 5) k, generate_series(1, 8) c;
CREATE FUNCTION distinct_rows(query text) RETURNS TABLE (n bigint, scan text) LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    scan := coalesce(scan, substring(line FROM 'CQL: (SELECT( DISTINCT)?).*few'));
  END LOOP;
  EXECUTE 'SELECT count(*) FROM (' || query || ' OFFSET 0) q' INTO n;
  RETURN NEXT;
END $$;
CREATE TABLE one (k int);
INSERT INTO one VALUES (1);
SELECT q, (distinct_rows(q)).* FROM unnest(ARRAY[
  $$SELECT DISTINCT k FROM few t$$,
  $$SELECT DISTINCT k, random() FROM few t$$,
  $$SELECT DISTINCT k, (SELECT random() + t.k * 0) FROM few t$$,
  $$SELECT DISTINCT k, (SELECT random()) FROM few t$$,
  $$SELECT DISTINCT k, (SELECT k + t.k * 0 FROM one) FROM few t$$,
  $$SELECT DISTINCT k, (SELECT max(random()) + t.k * 0 FROM one) FROM few t$$,
  $$SELECT DISTINCT k, ARRAY(SELECT random() + t.k FROM one) FROM few t$$,
  $$SELECT DISTINCT k, (SELECT (SELECT random() + one.k * 0) FROM one WHERE k <= t.k) FROM few t$$,
  $$SELECT DISTINCT k, (SELECT k FROM one WHERE random() + t.k > 0 LIMIT 1) FROM few t$$,
  $$SELECT DISTINCT k, CASE WHEN k > 0 THEN (SELECT random() + t.k * 0) END FROM few t$$,
  $$SELECT DISTINCT k, s, (SELECT r + t.k FROM (SELECT random() AS r OFFSET 0) q) FROM few t$$,
  $$SELECT k, (SELECT random() + t.k * 0) FROM few t GROUP BY k$$,
  $$SELECT k FROM few t GROUP BY k, (SELECT random() + t.k * 0)$$,
  $$SELECT DISTINCT ON (k) k, (SELECT random() + t.k * 0) FROM few t ORDER BY k$$,
  $$SELECT k, count(*) FROM few t GROUP BY k, (SELECT random() + t.k * 0)$$,
  $$SELECT k, count(*) FROM few t WHERE (SELECT random() + t.k * 0) >= 0 GROUP BY k$$]) q;

DROP SERVER order_server CASCADE;
DROP SCHEMA fdw_sort_order CASCADE;
