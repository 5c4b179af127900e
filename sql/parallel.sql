-- Parallel scans, and look-ups by workers of parallel queries.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/parallel.cql
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER parallel_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_parallel', fdw_startup_cost '0', fdw_tuple_cost '0', fetch_size '50');
CREATE USER MAPPING FOR CURRENT_USER SERVER parallel_server;
CREATE SCHEMA fdw_parallel;
SET search_path = fdw_parallel, public;
CREATE FOREIGN TABLE t (k int, c int, v text COLLATE "C") SERVER parallel_server;
CREATE FOREIGN TABLE one (k int, v text) SERVER parallel_server;
CREATE FOREIGN TABLE written (k int, seen int, found int) SERVER parallel_server;
CREATE TABLE whole (k int, part int, v text) PARTITION BY LIST (part);
CREATE FOREIGN TABLE a PARTITION OF whole FOR VALUES IN (0) SERVER parallel_server;
CREATE FOREIGN TABLE b PARTITION OF whole FOR VALUES IN (1) SERVER parallel_server;
-- some partitions take several pages, most are smaller than one
INSERT INTO t (k, c, v) SELECT k, c, k || '-' || c FROM generate_series(1, 120) k, generate_series(1, CASE WHEN k % 40 = 0 THEN 230 ELSE 20 END) c;
INSERT INTO one SELECT g, 'v' || g FROM generate_series(1, 300) g;
INSERT INTO whole SELECT g, g % 2, 'v' || g FROM generate_series(1, 1000) g;
CREATE TABLE t_copy AS SELECT * FROM t;
CREATE TABLE one_copy AS SELECT * FROM one;
CREATE TABLE whole_copy AS SELECT * FROM whole;
CREATE TABLE numbers AS SELECT g AS n FROM generate_series(1, 300) g;
ANALYZE t_copy, one_copy, whole_copy, numbers;
SET cassandra_fdw.enable_keyjoin = off;

-- What is small stays with one backend, and so does what nobody has counted.
EXPLAIN (COSTS OFF) SELECT sum(length(v)) FROM t;
SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
EXPLAIN (COSTS OFF) SELECT sum(length(v)) FROM t;
ANALYZE t, one, a, b, whole;
EXPLAIN (COSTS OFF) SELECT sum(length(v)) FROM t;
EXPLAIN (COSTS OFF) SELECT * FROM t WHERE v LIKE '%-7';
EXPLAIN (COSTS OFF) SELECT sum(length(v)) FROM whole;
SET max_parallel_workers_per_gather = 0;
EXPLAIN (COSTS OFF) SELECT sum(length(v)) FROM t;
RESET max_parallel_workers_per_gather;

-- Answers by 0 to 4 workers are those of local copies.
CREATE FUNCTION asked(query text, suffix text) RETURNS text LANGUAGE sql AS $$
  SELECT 'SELECT count(*) || '' '' || coalesce(md5(string_agg(q::text, '' '' ORDER BY q::text)), '''') FROM (' || replace(query, '@', suffix) || ') q' $$;
CREATE FUNCTION answer(query text, suffix text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  EXECUTE asked(query, suffix) INTO result;
  RETURN result;
END $$;
CREATE FUNCTION is_parallel(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || asked(query, '') LOOP
    IF line ~ 'Parallel Foreign Scan' THEN RETURN 1; END IF;
  END LOOP;
  RETURN 0;
END $$;
CREATE FUNCTION compare(query text) RETURNS TABLE (rows text, parallel text, same bool) LANGUAGE plpgsql AS $$
DECLARE wanted text := answer(query, '_copy');
BEGIN
  same := true;
  FOR workers IN 0 .. 4 LOOP
    PERFORM set_config('max_parallel_workers_per_gather', workers::text, false);
    parallel := concat_ws(' ', parallel, is_parallel(query));
    same := same AND answer(query, '') = wanted;
  END LOOP;
  PERFORM set_config('max_parallel_workers_per_gather', '2', false);
  rows := split_part(wanted, ' ', 1);
  RETURN NEXT;
END $$;
CREATE FUNCTION compare_all() RETURNS TABLE (query text, rows text, parallel text, same bool) LANGUAGE sql AS $$
SELECT q, c.* FROM unnest(ARRAY[
  'SELECT * FROM t@', 'SELECT * FROM t@ WHERE v LIKE ''%-7''', 'SELECT * FROM t@ WHERE c > 200', 'SELECT k, v FROM t@ WHERE k = 40', 'SELECT * FROM t@ WHERE v = ''none''',
  'SELECT sum(length(v)), avg(c), max(v) FROM t@', 'SELECT c, count(*), string_agg(v, '','' ORDER BY v) FROM t@ GROUP BY c',
  'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY c) FROM t@ WHERE v > ''1''', 'SELECT count(*), min(c) FROM t@',
  'SELECT DISTINCT k FROM t@', 'SELECT DISTINCT c FROM t@', 'SELECT DISTINCT ON (k) k, c FROM t@ ORDER BY k, c', 'SELECT * FROM t@ ORDER BY v, k, c LIMIT 100',
  'SELECT x.k, y.v FROM t@ x JOIN one@ y ON y.v = ''v'' || x.c', 'SELECT * FROM one@ WHERE v IN (SELECT ''v'' || c FROM t@)',
  'SELECT n, v FROM numbers LEFT JOIN t@ ON k = n AND c = 3', 'SELECT * FROM t@ x WHERE NOT EXISTS (SELECT FROM one@ y WHERE y.k = x.c)',
  'SELECT * FROM whole@', 'SELECT part, sum(length(v)) FROM whole@ GROUP BY part', 'SELECT * FROM whole@ WHERE part = 1 AND v LIKE ''%7''',
  'SELECT k FROM t@ UNION ALL SELECT k FROM one@ WHERE v LIKE ''%9''']) q, LATERAL compare(q) c
$$;
SELECT * FROM compare_all();
-- all by workers, then workers that do not come
SET parallel_leader_participation = off;
SELECT count(*), bool_and(same) FROM compare_all();
SET max_parallel_workers = 0;
SELECT count(*), bool_and(same) FROM compare_all();
RESET parallel_leader_participation;
SELECT count(*), bool_and(same) FROM compare_all();
RESET max_parallel_workers;
SET cassandra_fdw.scan_concurrency = 1;
SELECT count(*), bool_and(same) FROM compare_all();
RESET cassandra_fdw.scan_concurrency;

-- EXPLAIN has what workers did as well: each row came once.
CREATE FUNCTION received(query text) RETURNS TABLE (requests bool, pages bool, bytes bool, received text) LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
    IF line ~ ' Requests:' THEN requests := substring(line FROM '\d+')::int > 5;
    ELSIF line ~ ' Pages:' THEN pages := substring(line FROM '\d+')::int > 5;
    ELSIF line ~ ' Bytes Received:' THEN bytes := substring(line FROM '\d+')::int > 10000;
    ELSIF line ~ ' Rows Received:' THEN received := substring(line FROM '\d+'); END IF;
  END LOOP;
  RETURN NEXT;
END $$;
SELECT * FROM received('SELECT sum(length(v)) FROM t');
SET parallel_leader_participation = off;
SELECT * FROM received('SELECT sum(length(v)) FROM t');
RESET parallel_leader_participation;

-- Few rows are enough.
SELECT count(*) FROM (SELECT * FROM t LIMIT 7) q;
SELECT count(*) FROM (SELECT * FROM t WHERE v LIKE '%9' LIMIT 40) q;
SELECT count(*) FROM (SELECT * FROM t WHERE v LIKE '40-2%' OFFSET 5 LIMIT 10) q;
SELECT 1 AS found WHERE EXISTS (SELECT FROM t WHERE v LIKE '%-2_9');

-- Again and again.
SET enable_material = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT n, count(k), sum(c) FROM generate_series(1, 3) n LEFT JOIN t ON c % 3 = n % 3 AND v LIKE '%0' GROUP BY n ORDER BY n;
SELECT n, count(k), sum(c) FROM generate_series(1, 3) n LEFT JOIN t ON c % 3 = n % 3 AND v LIKE '%0' GROUP BY n ORDER BY n;
SELECT n, count(k), sum(c) FROM generate_series(1, 3) n LEFT JOIN t_copy ON c % 3 = n % 3 AND v LIKE '%0' GROUP BY n ORDER BY n;
SELECT count(*), bool_and(found = wanted) FROM (SELECT n, (SELECT count(*) FROM (SELECT FROM t WHERE c % 3 = n % 3 LIMIT 500) q) AS found,
  (SELECT count(*) FROM (SELECT FROM t_copy WHERE c % 3 = n % 3 LIMIT 500) q) AS wanted FROM numbers WHERE n <= 6 OFFSET 0) q;
RESET enable_material; RESET enable_hashjoin; RESET enable_mergejoin;

-- A plan for workers that is run bit by bit, so by one backend.
CREATE FUNCTION rows_of_t() RETURNS SETOF text LANGUAGE sql AS $$ SELECT v FROM t WHERE v LIKE '%7' $$;
SELECT count(v) FROM (SELECT rows_of_t() AS v OFFSET 0) q;
SELECT count(*) FROM t_copy WHERE v LIKE '%7';
SELECT count(v) FROM (SELECT rows_of_t() AS v LIMIT 9) q;
BEGIN;
DECLARE some_rows CURSOR FOR SELECT * FROM t WHERE v LIKE '%7';
MOVE 9 IN some_rows;
SELECT count(*) FROM t WHERE v LIKE '%7';
MOVE ALL IN some_rows;
COMMIT;
PREPARE kept(text) AS SELECT count(*) FROM t WHERE v LIKE $1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE kept('%7');
EXECUTE kept('%7');
EXECUTE kept('40-%');
EXECUTE kept(NULL);
RESET plan_cache_mode;

-- Look-ups by workers.
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;
EXPLAIN (COSTS OFF) SELECT count(v), max(v) FROM numbers JOIN one ON k = n WHERE n % 10 = 7;
SELECT count(v), max(v) FROM numbers JOIN one ON k = n WHERE n % 10 = 7;
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_memoize;
SET enable_nestloop = off; SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT count(*), sum(length(one.v)) FROM t_copy JOIN one ON one.k = t_copy.c WHERE one.k IN (3, 5, 7, 1000);
SELECT count(*), sum(length(one.v)) FROM t_copy JOIN one ON one.k = t_copy.c WHERE one.k IN (3, 5, 7, 1000);
SELECT count(*), sum(length(one_copy.v)) FROM t_copy JOIN one_copy ON one_copy.k = t_copy.c WHERE one_copy.k IN (3, 5, 7, 1000);
RESET enable_nestloop; RESET enable_mergejoin;

-- One worker for a plan as a whole.
SELECT name AS forcing FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query') \gset
SET :forcing = on;
EXPLAIN (COSTS OFF) SELECT v FROM one WHERE k = 5;
SELECT v FROM one WHERE k = 5;
SELECT k, c FROM t WHERE k IN (1, 2) AND c > 19 ORDER BY k, c;
SELECT count(*), bool_and(same) FROM compare_all();
RESET :forcing;

-- What was written before is read, whoever asks: by the transaction, and by functions of the statement that writes.
BEGIN;
INSERT INTO t SELECT 1000 + g, 1, 'new' FROM generate_series(1, 70) g;
SELECT count(*) FROM t WHERE v LIKE 'n%w';
DELETE FROM t WHERE k IN (SELECT 1000 + g FROM generate_series(1, 70) g) AND c = 1;
SELECT count(*) FROM t WHERE v LIKE 'n%w';
COMMIT;
CREATE FUNCTION seen() RETURNS int LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN EXECUTE 'SELECT count(*) FROM written WHERE k::text LIKE ''%''' INTO n; RETURN n; END $$;
CREATE FUNCTION found() RETURNS int LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN EXECUTE 'SELECT count(seen) FROM numbers JOIN written ON k = n' INTO n; RETURN n; END $$;
INSERT INTO written SELECT g, 0, 0 FROM generate_series(301, 600) g;
ANALYZE written;
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM written WHERE k::text LIKE '%';
EXPLAIN (COSTS OFF) SELECT count(seen) FROM numbers JOIN written ON k = n;
INSERT INTO written SELECT g, seen(), CASE WHEN g IN (2, 5, 6) THEN found() END FROM generate_series(1, 6) g;
SELECT * FROM written WHERE k IN (1, 2, 3, 4, 5, 6) ORDER BY k;
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_memoize;

-- Rights are those of the view's owner.
CREATE ROLE parallel_user;
CREATE VIEW shown AS SELECT c, v FROM t;
GRANT USAGE ON SCHEMA fdw_parallel TO parallel_user;
GRANT SELECT ON shown TO parallel_user;
SET ROLE parallel_user;
EXPLAIN (COSTS OFF) SELECT sum(length(v)) FROM shown;
SELECT count(*), sum(length(v)) FROM shown WHERE v LIKE '%7';
RESET ROLE;
SELECT count(*), sum(length(v)) FROM t_copy WHERE v LIKE '%7';

-- Errors and cancels leave the session right.
CREATE FUNCTION failure(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN EXECUTE query; RETURN 'none'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
SELECT failure('SELECT sum(v::int) FROM t');
ALTER FOREIGN TABLE t OPTIONS (ADD read_consistency 'THREE');
SELECT failure('SELECT sum(length(v)) FROM t');
ALTER FOREIGN TABLE t OPTIONS (DROP read_consistency);
SET statement_timeout = '200ms';
SELECT sum(length(v)) FROM t WHERE pg_sleep(0.01) IS NOT NULL;
RESET statement_timeout;
SELECT * FROM compare('SELECT * FROM t@');

-- Where one backend reads: by a rate, beside other parts, what Cassandra filters.
ALTER FOREIGN TABLE t OPTIONS (ADD read_throttle '100000');
SELECT is_parallel('SELECT sum(length(v)) FROM t');
ALTER FOREIGN TABLE t OPTIONS (DROP read_throttle);
ALTER FOREIGN TABLE t OPTIONS (ADD async_capable 'true');
SELECT is_parallel('SELECT sum(length(v)) FROM t');
ALTER FOREIGN TABLE t OPTIONS (SET async_capable 'false');
SELECT is_parallel('SELECT sum(length(v)) FROM t');
SET cassandra_fdw.allow_filtering = on;
SELECT is_parallel('SELECT sum(length(v)) FROM t WHERE c = 3');
RESET cassandra_fdw.allow_filtering;
-- a rate that a plan did not know of
SET plan_cache_mode = force_generic_plan;
SET cassandra_fdw.read_throttle = '1000000';
EXECUTE kept('%7');
RESET cassandra_fdw.read_throttle; RESET plan_cache_mode;

DROP SCHEMA fdw_parallel CASCADE;
DROP SERVER parallel_server CASCADE;
DROP ROLE parallel_user;
