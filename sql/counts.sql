-- Which aggregates Cassandra makes, and whether they are those of a copy.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/counts.cql
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER counts_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_counts');
CREATE USER MAPPING FOR CURRENT_USER SERVER counts_server;
CREATE SCHEMA fdw_counts;
SET search_path = fdw_counts, public;
CREATE FOREIGN TABLE t (k int, c int, d text COLLATE "C", v int, w text, s int) SERVER counts_server;
CREATE FOREIGN TABLE u (k int NOT NULL, v int) SERVER counts_server;
INSERT INTO t SELECT k, c, 'd' || c % 3, CASE WHEN c % 5 > 0 THEN c % 7 END, CASE WHEN c % 4 > 0 THEN 'w' || c % 4 END, k
  FROM generate_series(1, 6) k, generate_series(1, 40) c;
INSERT INTO t (k, s) VALUES (7, 7);
INSERT INTO u SELECT g, g % 3 FROM generate_series(1, 100) g;
SET enable_hashagg = off;
CREATE TABLE t_copy AS SELECT * FROM t;
CREATE TABLE u_copy AS SELECT * FROM u;

CREATE FUNCTION ask(query text) RETURNS TABLE (cql text, rows_read text, answer text, same bool) LANGUAGE plpgsql AS $$
DECLARE line text; of_copy text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || format(query, '') LOOP
    IF line ~ ' CQL:' THEN cql := substring(line FROM 'CQL: (.*)');
    ELSIF line ~ 'Rows Received' THEN rows_read := substring(line FROM '\d+'); END IF;
  END LOOP;
  cql := replace(cql, 'fdw_counts.', '');
  EXECUTE 'SELECT string_agg(q::text, '' '' ORDER BY q::text) FROM (' || format(query, '') || ') q' INTO answer;
  EXECUTE 'SELECT string_agg(q::text, '' '' ORDER BY q::text) FROM (' || format(query, '_copy') || ') q' INTO of_copy;
  same := answer IS NOT DISTINCT FROM of_copy;
  RETURN NEXT;
END $$;

SELECT (ask(q)).* FROM unnest(ARRAY[
  'SELECT count(1) FROM t%s t', 'SELECT count(NULL) FROM t%s t', 'SELECT count(k) FROM t%s t', 'SELECT count(c) FROM t%s t',
  'SELECT count(d) FROM t%s t', 'SELECT count(w) FROM t%s t', 'SELECT count(v) FROM t%s t', 'SELECT count(1 + 1), count(''x''::text) FROM t%s t',
  'SELECT count(k) FROM u%s u', 'SELECT count(*), max(k), count(k), min(k) FROM u%s u',
  'SELECT k, count(1) FROM t%s t GROUP BY k', 'SELECT k, count(k), max(c) FROM t%s t WHERE c > 3 AND k IN (1, 2) GROUP BY k']) q;
-- in one partition, beside filters
SELECT (ask(q)).* FROM unnest(ARRAY[
  'SELECT count(*) FROM t%s t WHERE k = 3 AND w = ''w1''', 'SELECT count(*) FROM t%s t WHERE k IN (3, 4) AND w = ''w1'' AND c > 10',
  'SELECT count(c) FROM t%s t WHERE k = 3 AND c >= 5', 'SELECT count(c) FROM t%s t WHERE k = 3 AND c < 5',
  'SELECT count(*), max(d) FROM t%s t WHERE k = 3 AND w IN (''w1'', ''w3'')',
  'SELECT count(*) FROM t%s t WHERE k = 3 AND d = ''d1''', 'SELECT count(*) FROM t%s t WHERE k = 3 AND v > 3',
  'SELECT c, count(*) FROM t%s t WHERE k = 3 AND w = ''w1'' GROUP BY c HAVING c < 10',
  'SELECT count(*) FILTER (WHERE v > 3) FROM t%s t WHERE k = 3']) q;
-- beside an index
SELECT (ask(q)).* FROM unnest(ARRAY[
  'SELECT count(*) FROM t%s t WHERE v = 3', 'SELECT count(*) FROM t%s t WHERE v IN (3, 4)', 'SELECT count(1), min(c) FROM t%s t WHERE v = 3 AND k = 2',
  'SELECT count(*) FROM t%s t WHERE v = 3 AND w = ''w1''', 'SELECT count(*) FROM t%s t WHERE v = 99']) q;
ALTER SERVER counts_server OPTIONS (ADD allow_filtering 'true');
SELECT (ask(q)).* FROM unnest(ARRAY[
  'SELECT count(*) FROM t%s t WHERE w = ''w1''', 'SELECT count(*) FROM t%s t WHERE v = 3 AND w = ''w1''', 'SELECT count(*) FROM t%s t WHERE v > 3']) q;
-- a value that no index holds: the rows are counted here
SELECT count(*) FROM t WHERE k = 3 AND w = repeat('x', 70000);
ALTER SERVER counts_server OPTIONS (DROP allow_filtering);
PREPARE n (int) AS SELECT count(*), max(d) FROM t WHERE v = $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE n (3);
EXECUTE n (NULL);

-- through a partitioned parent
CREATE TABLE parent (k int NOT NULL, v int) PARTITION BY RANGE (k);
CREATE FOREIGN TABLE part1 PARTITION OF parent FOR VALUES FROM (1) TO (51) SERVER counts_server;
CREATE FOREIGN TABLE part2 PARTITION OF parent FOR VALUES FROM (51) TO (101) SERVER counts_server;
INSERT INTO parent SELECT g, g % 3 FROM generate_series(1, 100) g;
CREATE TABLE parent_copy AS SELECT * FROM parent;
SET enable_partitionwise_aggregate = on;
SELECT (ask(q)).* FROM unnest(ARRAY[
  'SELECT count(*) FROM parent%s t', 'SELECT count(1), min(k), max(k) FROM parent%s t', 'SELECT count(k) + 1 FROM parent%s t',
  'SELECT sum(v) FROM parent%s t', 'SELECT count(*), sum(v) FROM parent%s t', 'SELECT v, count(*) FROM parent%s t GROUP BY v', 'SELECT count(*) FROM parent%s t HAVING max(k) > 10']) q;
EXPLAIN (VERBOSE, COSTS OFF) SELECT count(*) FROM parent;

DROP SERVER counts_server CASCADE;
DROP SCHEMA fdw_counts CASCADE;
