-- Queries around the edges of what is pushed: the answers are those of a
-- local copy of the tables.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/edge.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER edge_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER edge_server;
CREATE SCHEMA fdw_edge;
IMPORT FOREIGN SCHEMA fdw_edge FROM SERVER edge_server INTO fdw_edge;
CREATE FOREIGN TABLE fdw_edge.tokens (p int, c int, s int,
  t bigint OPTIONS (expression 'token(p)'))
  SERVER edge_server OPTIONS (keyspace 'fdw_edge', table_name 'points');
CREATE SCHEMA local_edge;
CREATE TABLE local_edge.points AS SELECT * FROM fdw_edge.points;
CREATE TABLE local_edge.blanks AS SELECT * FROM fdw_edge.blanks;
CREATE TABLE local_edge.nearest AS SELECT * FROM fdw_edge.nearest;
CREATE TABLE local_edge.tokens AS SELECT * FROM fdw_edge.tokens;
SELECT count(*) FROM local_edge.points;
SELECT count(*) FROM local_edge.blanks;

-- the rows of a query, here and there; one line where they are the same
CREATE FUNCTION same(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  here text;
  there text;
  wrapped text := format('SELECT coalesce(string_agg(x::text, '' ''), ''none'') FROM (%s) AS x',
    query);
BEGIN
  PERFORM set_config('search_path', 'local_edge, public', true);
  EXECUTE wrapped INTO here;
  PERFORM set_config('search_path', 'fdw_edge, public', true);
  BEGIN
    EXECUTE wrapped INTO there;
  EXCEPTION WHEN OTHERS THEN
    there := SQLERRM;
  END;
  IF here = there THEN
    RETURN NEXT here;
  ELSE
    RETURN NEXT 'here:  ' || here;
    RETURN NEXT 'there: ' || there;
  END IF;
END $$;
\pset format unaligned
\pset tuples_only on

-- what is computed for each row must see each row
SELECT same($$SELECT count(*) FROM (SELECT DISTINCT p, random() FROM points) AS q$$);
SELECT same($$SELECT count(*) FROM (SELECT p FROM points GROUP BY p, random()) AS q$$);
SELECT same($$SELECT DISTINCT p FROM points ORDER BY p$$);
SELECT same($$SELECT DISTINCT p, s FROM points ORDER BY p$$);
SELECT same($$SELECT DISTINCT p FROM points WHERE s > 100 ORDER BY p$$);
SELECT same($$SELECT DISTINCT p % 2 FROM points ORDER BY 1$$);
SELECT same($$SELECT p FROM points GROUP BY p HAVING p > 1 ORDER BY p$$);
SELECT same($$SELECT sum(p) FROM (SELECT DISTINCT p FROM points) AS q$$);
SELECT same($$SELECT p, count(*) FROM (SELECT DISTINCT p, c FROM points) AS q GROUP BY p ORDER BY p$$);
SELECT same($$SELECT DISTINCT a.p FROM points AS a JOIN points AS b ON a.c = b.d AND b.v > a.v ORDER BY 1$$);
SELECT same($$SELECT DISTINCT ON (p) p, c, d FROM points ORDER BY p, c, d$$);
SELECT same($$SELECT DISTINCT ON (p) p, c, v FROM points ORDER BY p, v DESC NULLS LAST$$);
SELECT same($$SELECT DISTINCT ON (p) p, c, v FROM points ORDER BY p, d, v$$);
SELECT same($$SELECT DISTINCT ON (p) p, c FROM points WHERE v > 10 ORDER BY p, c$$);
SELECT same($$SELECT DISTINCT ON (p) p, c FROM points WHERE p IN (1, 2) ORDER BY p, c$$);
SELECT same($$SELECT p FROM (SELECT p FROM points UNION SELECT c FROM points) AS q ORDER BY 1$$);
SELECT same($$SELECT DISTINCT p FROM (SELECT p FROM points UNION ALL SELECT c FROM points) AS q ORDER BY 1$$);
SELECT same($$SELECT DISTINCT ON (p) p, c FROM (SELECT p, c FROM points UNION ALL SELECT c, d FROM points) AS q ORDER BY p, c$$);

-- groups that several requests would cut
SELECT same($$SELECT p, count(*), min(v), max(d) FROM points WHERE p = 1 AND c = ANY (ARRAY(SELECT generate_series(1, 200))) GROUP BY p$$);
SELECT same($$SELECT p, count(*) FROM points WHERE p = 1 AND c = ANY (ARRAY(SELECT generate_series(1, 200))) GROUP BY p$$);
SELECT same($$SELECT p, c, count(*) FROM points WHERE p = 1 AND c = ANY (ARRAY(SELECT generate_series(1, 200))) GROUP BY p, c ORDER BY c$$);
SELECT same($$SELECT count(*), min(v), max(v), count(v) FROM points WHERE p = 1 AND c = ANY (ARRAY(SELECT generate_series(1, 200)))$$);
SELECT same($$SELECT c, count(*) FROM points WHERE p IN (1, 2) GROUP BY c ORDER BY c$$);
SELECT same($$SELECT p, count(c), count(*), count(s) FROM points WHERE p IN (1, 2, 3, 4) GROUP BY p ORDER BY p$$);
SELECT same($$SELECT count(*), count(c), min(c), max(v) FROM points WHERE p = 9$$);
SELECT same($$SELECT count(*) FROM points WHERE p = NULL$$);
SELECT same($$SELECT count(*) FROM points HAVING count(*) > 100$$);
SELECT same($$SELECT p FROM points WHERE p = 9 GROUP BY p HAVING count(*) = 0$$);
SELECT same($$SELECT count(*) FROM points AS a LEFT JOIN (SELECT 1 AS one) AS b ON true$$);
SELECT same($$SELECT count(one), min(one) FROM points AS a LEFT JOIN (SELECT 1 AS one) AS b ON true$$);
SELECT same($$SELECT count(*), (SELECT count(*) FROM points AS b WHERE b.p = 1) FROM points AS a WHERE a.p = 2$$);
SELECT same($$SELECT p, (SELECT count(*) FROM points AS b WHERE b.p = a.p) AS n, (SELECT max(c) FROM points AS b WHERE b.p = a.p) FROM points AS a ORDER BY a.p, a.c, a.d$$);
SELECT same($$SELECT count(*) FROM points WHERE random() >= 0$$);
SELECT same($$SELECT min(c), max(c) FROM blanks$$);
SELECT same($$SELECT min(c), max(c), count(*) FROM blanks WHERE p = 1$$);
SELECT same($$SELECT count(c) FROM blanks$$);

-- ranges of rows beside ranges of their first column
SELECT same($$SELECT c, d FROM points WHERE p = 1 AND (c, d) > (1, 1) AND c < 5 ORDER BY c, d$$);
SELECT same($$SELECT c, d FROM points WHERE p = 1 AND (c, d) < (2, 2) AND c > 0 ORDER BY c, d$$);
SELECT same($$SELECT c, d FROM points WHERE p = 1 AND (c, d) > (1, NULL) AND c < 5 ORDER BY c, d$$);
SELECT same($$SELECT c, d FROM points WHERE p = 1 AND (c, d) < (2, NULL) AND c < 5 ORDER BY c, d$$);
SELECT same($$SELECT c, d FROM points WHERE p = 1 AND (c, d) > (1, 1) AND (c, d) <= (2, 1) ORDER BY c, d$$);
SELECT same($$SELECT c, d FROM points WHERE p = 1 AND (c, d) > (1, 1) AND (c, d) > (1, 2) AND c IN (1, 2) ORDER BY c, d$$);
SELECT same($$SELECT c FROM blanks WHERE p = 1 AND c < 2$$);
SELECT same($$SELECT c FROM blanks WHERE p = 1 AND (c, v) < (2, 2)$$);
SELECT same($$SELECT c FROM blanks WHERE p = 1 AND c <= 2 AND c < 2 AND c > -5$$);

-- order, zero-length values, limits over several requests
SELECT same($$SELECT c, v FROM blanks WHERE p = 1 ORDER BY c LIMIT 1$$);
SELECT same($$SELECT c, v FROM blanks WHERE p = 1 ORDER BY c DESC LIMIT 1$$);
SELECT same($$SELECT c, v FROM blanks WHERE p = 1 ORDER BY c DESC NULLS LAST LIMIT 1$$);
SELECT same($$SELECT c, v FROM blanks WHERE p IN (1, 2) ORDER BY c, v LIMIT 2 OFFSET 1$$);
SELECT same($$SELECT c, v FROM blanks WHERE p IN (1, 2, 7) ORDER BY c NULLS FIRST, v LIMIT 2$$);
SELECT same($$SELECT c FROM points WHERE p IN (1, 2, 3, 9) ORDER BY c LIMIT 3$$);
SELECT same($$SELECT c FROM points WHERE p IN (1, 2, 3, 9) ORDER BY c DESC LIMIT 3$$);
SELECT same($$SELECT c, d FROM points WHERE p = 1 AND c = ANY (ARRAY(SELECT generate_series(1, 200))) ORDER BY c, d LIMIT 3$$);
SELECT same($$SELECT c, d FROM points WHERE p = 1 AND c = ANY (ARRAY(SELECT generate_series(1, 200))) ORDER BY c DESC, d DESC LIMIT 3$$);
SELECT same($$SELECT count(*) FROM points WHERE p = ANY (ARRAY(SELECT generate_series(-20000, 2)))$$);
SELECT same($$SELECT c, d FROM points WHERE p = ANY (ARRAY(SELECT generate_series(-20000, 2))) ORDER BY c, d LIMIT 3$$);
SELECT same($$SELECT count(*) FROM (SELECT c FROM points WHERE p IN (1, 2) LIMIT 4) AS q$$);
SELECT same($$SELECT count(*) FROM (SELECT c FROM points OFFSET 5) AS q$$);
SELECT same($$SELECT a.p, b.c FROM (SELECT DISTINCT p FROM points) AS a, LATERAL (SELECT c FROM points WHERE points.p = a.p ORDER BY c DESC LIMIT 1) AS b ORDER BY 1$$);
SELECT same($$SELECT a.p, b.c FROM (SELECT DISTINCT p FROM points) AS a, LATERAL (SELECT c FROM points WHERE points.p = a.p ORDER BY c LIMIT a.p) AS b ORDER BY 1, 2$$);
SELECT same($$SELECT a.c, b.p, b.c FROM points AS a LEFT JOIN points AS b ON b.p = a.d AND b.c = a.c ORDER BY 1, 2, 3$$);
SELECT same($$SELECT a FROM points AS a WHERE p = 1 ORDER BY c, d$$);
SELECT same($$SELECT FROM points WHERE p = 1$$);
SELECT same($$SELECT p FROM points WHERE EXISTS (SELECT FROM points AS b WHERE b.p = points.c AND b.v > points.v) ORDER BY 1$$);
SELECT same($$SELECT p, c FROM points WHERE (p, c) IN ((1, 2), (2, 3), (1, NULL)) ORDER BY 1$$);
SELECT same($$SELECT p, c FROM points WHERE p = 1 AND c = 2 OR p = 2 AND c = 3 OR p = 3 ORDER BY 1$$);
SELECT same($$SELECT p, c FROM points WHERE (p = 1 OR p = 2) AND (c = 1 OR c = 3) ORDER BY 1, d$$);

-- tokens at the ends of the ring
SELECT same($$SELECT p, c FROM tokens WHERE t <= -9223372036854775808 ORDER BY 1, 2$$);
SELECT same($$SELECT p, c FROM tokens WHERE t < -9223372036854775808 ORDER BY 1, 2$$);
SELECT same($$SELECT p, c FROM tokens WHERE t = -9223372036854775808 ORDER BY 1, 2$$);
SELECT same($$SELECT count(*) FROM tokens WHERE t >= -9223372036854775808$$);
SELECT same($$SELECT count(*) FROM tokens WHERE t > -9223372036854775808$$);
SELECT same($$SELECT count(*) FROM tokens WHERE t <= 9223372036854775807$$);
SELECT same($$SELECT count(*) FROM tokens WHERE t > 9223372036854775807$$);
SELECT same($$SELECT count(*) FROM tokens WHERE t >= 9223372036854775807$$);
SELECT same($$SELECT count(*) FROM tokens WHERE t > 100 AND t < -100$$);
SELECT same($$SELECT count(*) FROM tokens WHERE t BETWEEN -9223372036854775808 AND -9223372036854775808$$);
SELECT same($$SELECT p FROM tokens WHERE t IN (-9223372036854775808, -4069959284402364209, 17) ORDER BY p$$);
SELECT same($$SELECT p FROM tokens WHERE t = -4069959284402364209 AND t < 0 ORDER BY p$$);
SELECT same($$SELECT DISTINCT p FROM tokens WHERE t > 0 OR t <= 0 ORDER BY 1$$);
SELECT same($$SELECT count(*) FROM tokens AS a JOIN tokens AS b ON a.t = b.t AND a.p <> b.p$$);

-- no vector, no nearest: all rows are equally far
SELECT same($$SELECT count(*) FROM (SELECT id FROM nearest ORDER BY cassandra_l2_distance(v, NULL::real[]) LIMIT 5) AS q$$);
PREPARE nearest(real[]) AS SELECT count(*) FROM (SELECT id FROM fdw_edge.nearest
  ORDER BY cassandra_l2_distance(v, $1) LIMIT 5) AS q;
SET plan_cache_mode = force_generic_plan;
EXECUTE nearest('{1,0}');
EXECUTE nearest(NULL);
RESET plan_cache_mode;

-- views with barriers, row security, locks, cursors
CREATE VIEW fdw_edge.barrier WITH (security_barrier) AS
  SELECT * FROM fdw_edge.points WHERE v > 10;
SELECT p, c FROM fdw_edge.barrier WHERE p = 1 ORDER BY c LIMIT 1;
SELECT DISTINCT ON (p) p, c FROM fdw_edge.barrier ORDER BY p, c;
SELECT count(*) FROM fdw_edge.barrier WHERE p = 1;
SELECT p, c FROM fdw_edge.points WHERE p = 1 ORDER BY c, d LIMIT 1 FOR UPDATE;
SELECT tableoid::regclass, p FROM fdw_edge.points WHERE p = 2 AND c = 1;
BEGIN;
DECLARE pages SCROLL CURSOR WITH HOLD FOR
  SELECT p, c FROM fdw_edge.points WHERE p = 1 ORDER BY c, d;
FETCH 2 FROM pages;
COMMIT;
FETCH ALL FROM pages;
FETCH BACKWARD 1 FROM pages;
CLOSE pages;

-- foreign partitions and children
CREATE TABLE fdw_edge.parted (p int, c int, v int) PARTITION BY LIST (p);
CREATE FOREIGN TABLE fdw_edge.part1 PARTITION OF fdw_edge.parted
  FOR VALUES IN (1, 2, 3) SERVER edge_server
  OPTIONS (keyspace 'fdw_edge', table_name 'points');
CREATE TABLE fdw_edge.part2 PARTITION OF fdw_edge.parted FOR VALUES IN (4);
INSERT INTO fdw_edge.part2 VALUES (4, 4, 4), (4, 5, 5);
SET enable_partitionwise_join = on;
SET enable_partitionwise_aggregate = on;
SELECT p, count(*) FROM fdw_edge.parted GROUP BY p ORDER BY p;
SELECT DISTINCT p FROM fdw_edge.parted ORDER BY p;
SELECT DISTINCT ON (p) p, c FROM fdw_edge.parted ORDER BY p, c;
SELECT p, c FROM fdw_edge.parted WHERE p IN (1, 4) ORDER BY c LIMIT 2;
SELECT count(*) FROM fdw_edge.parted AS a JOIN fdw_edge.parted AS b USING (p);
SELECT tableoid::regclass, count(*) FROM fdw_edge.parted GROUP BY 1 ORDER BY 1;

-- conditions beyond all measure
SELECT count(*) FROM fdw_edge.points
  WHERE p = ANY (ARRAY(SELECT generate_series(1, 3))) AND c = ANY (ARRAY(SELECT generate_series(-50000, 50000)));

\set VERBOSITY terse
DROP SCHEMA fdw_edge CASCADE;
DROP SCHEMA local_edge CASCADE;
DROP SERVER edge_server CASCADE;
