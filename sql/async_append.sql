-- Partitions and members of UNION ALL that are read at the same time.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/async_append.cql
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER async_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_async', async_capable 'true', fetch_size '40');
CREATE SERVER async_other FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_async');
CREATE USER MAPPING FOR CURRENT_USER SERVER async_server;
CREATE USER MAPPING FOR CURRENT_USER SERVER async_other;
CREATE SCHEMA fdw_async;
SET search_path = fdw_async, public;
CREATE TABLE whole (part int, k int, v text COLLATE "C") PARTITION BY LIST (part);
CREATE FOREIGN TABLE a PARTITION OF whole FOR VALUES IN (1) SERVER async_server;
CREATE FOREIGN TABLE b PARTITION OF whole FOR VALUES IN (2) SERVER async_server;
CREATE FOREIGN TABLE c PARTITION OF whole FOR VALUES IN (3) SERVER async_other OPTIONS (async_capable 'true');
CREATE TABLE d PARTITION OF whole FOR VALUES IN (4);
INSERT INTO whole SELECT g % 4 + 1, g, 'v' || g % 7 FROM generate_series(1, 1200) g;
CREATE TABLE copy AS SELECT * FROM whole;
CREATE TABLE numbers AS SELECT g AS n FROM generate_series(1, 1200) g;
ANALYZE copy, numbers;

-- Answers are those of a copy.
CREATE FUNCTION same(query text) RETURNS TABLE (n bigint, async int, same bool) LANGUAGE plpgsql AS $$
DECLARE line text; there text; here text;
BEGIN
  async := 0;
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || format(query, 'whole') LOOP
    async := async + (line ~ 'Async Foreign Scan')::int;
  END LOOP;
  EXECUTE 'SELECT count(*), string_agg(q::text, '' '' ORDER BY q::text) FROM (' || format(query, 'whole') || ') q' INTO n, there;
  EXECUTE 'SELECT string_agg(q::text, '' '' ORDER BY q::text) FROM (' || format(query, 'copy') || ') q' INTO here;
  same := there IS NOT DISTINCT FROM here;
  RETURN NEXT;
END $$;
EXPLAIN (COSTS OFF) SELECT * FROM whole;
SELECT q AS query, s.* FROM unnest(ARRAY[
  'SELECT * FROM %1$s t', 'SELECT * FROM %1$s t WHERE k = 42', 'SELECT * FROM %1$s t WHERE k = ANY (ARRAY[1, 2, 3, 5, 600, 9999])',
  'SELECT * FROM %1$s t WHERE k %% 3 = 0 AND part > 1', 'SELECT * FROM %1$s t WHERE part = 2', 'SELECT * FROM %1$s t WHERE k = -1',
  'SELECT count(*), min(k), max(v) FROM %1$s t', 'SELECT v, count(*) FROM %1$s t GROUP BY v', 'SELECT sum(k) FROM %1$s t',
  'SELECT * FROM (SELECT k, v FROM %1$s UNION ALL SELECT n, ''x'' FROM numbers) q WHERE k < 100',
  'SELECT n, k FROM numbers JOIN %1$s t ON k = n WHERE n %% 50 = 0',
  'SELECT n, (SELECT count(*) FROM (SELECT FROM %1$s t WHERE k >= n LIMIT 5) l) FROM numbers WHERE n %% 400 = 0',
  'SELECT DISTINCT v FROM %1$s t', 'SELECT x.k, y.k FROM %1$s x JOIN %1$s y ON y.k = x.k + 1 WHERE x.k < 9']) q, LATERAL same(q) s;
SET enable_partitionwise_aggregate = on;
SELECT q AS query, s.* FROM unnest(ARRAY['SELECT count(*), min(k), max(v) FROM %1$s t', 'SELECT part, count(*) FROM %1$s t GROUP BY part']) q, LATERAL same(q) s;
RESET enable_partitionwise_aggregate;
-- Some of it is enough; so it is of a cursor.
SELECT count(*) FROM (SELECT FROM whole LIMIT 7) q;
BEGIN;
DECLARE some_rows CURSOR FOR SELECT * FROM whole;
MOVE 3 IN some_rows;
MOVE 500 IN some_rows;
SELECT count(*) FROM a;
MOVE ALL IN some_rows;
COMMIT;
-- Partitions that turn out at run time to be none of the query's.
PREPARE pruned(int, int) AS SELECT count(*), min(part), max(part) FROM whole WHERE part = ANY (ARRAY[$1, $2]);
SET plan_cache_mode = force_generic_plan;
EXECUTE pruned(1, 3);
EXECUTE pruned(2, 2);
EXECUTE pruned(9, 9);
-- Again and again.
SET enable_material = off; SET enable_memoize = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET cassandra_fdw.enable_keyjoin = off;
SELECT n, count(k), sum(k) FROM (SELECT n FROM numbers LIMIT 3) s LEFT JOIN whole ON k % 3 = n % 3 GROUP BY n ORDER BY n;
RESET enable_material; RESET enable_memoize; RESET enable_hashjoin; RESET enable_mergejoin; RESET plan_cache_mode;
RESET cassandra_fdw.enable_keyjoin;
-- Errors of one of them, and a cancel, leave the session right.
ALTER FOREIGN TABLE b OPTIONS (ADD read_consistency 'THREE');
CREATE FUNCTION failure(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN EXECUTE query; RETURN 'none'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
SELECT failure('SELECT count(*) FROM (SELECT * FROM whole OFFSET 0) q');
ALTER FOREIGN TABLE b OPTIONS (DROP read_consistency);
SET statement_timeout = '100ms';
SELECT count(pg_sleep(0.01)) FROM whole;
RESET statement_timeout;
SELECT count(*), sum(k) FROM (SELECT * FROM whole OFFSET 0) q;
-- A statement that writes what it reads.
INSERT INTO a (part, k, v) SELECT 1, k + 10000, v FROM whole WHERE k < 50;
SELECT count(*), max(k) FROM (SELECT * FROM whole OFFSET 0) q;
UPDATE whole SET v = 'new' WHERE k < 20;
SELECT count(*) FROM whole WHERE v = 'new';
DELETE FROM whole WHERE k > 10000;
SELECT count(*) FROM whole;
-- Only where it is allowed; the server says so, and a table for itself.
ALTER FOREIGN TABLE c OPTIONS (SET async_capable 'false');
EXPLAIN (COSTS OFF) SELECT * FROM whole;

DROP SCHEMA fdw_async CASCADE;
DROP SERVER async_server CASCADE;
DROP SERVER async_other CASCADE;
