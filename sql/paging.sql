-- Pages: limits that need several of them.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/paging.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER paging_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER paging_server;
CREATE SCHEMA fdw_paging;
IMPORT FOREIGN SCHEMA fdw_paging FROM SERVER paging_server INTO fdw_paging;
SET search_path = fdw_paging, public;
INSERT INTO numbers SELECT 1, n FROM generate_series(1, 2000) AS n;
INSERT INTO keys SELECT n, n / 2, n % 2 FROM generate_series(1, 2000) AS n;

-- Pages grow with what they hold, but not to the limit: with a page as large
-- as the limit the server would begin anew.
SELECT count(*), count(DISTINCT n), max(n)
  FROM (SELECT n FROM numbers WHERE p = 1 LIMIT 1500) AS s;
SELECT count(*), count(DISTINCT n), max(n)
  FROM (SELECT n FROM numbers WHERE p = 1 OFFSET 600 LIMIT 600) AS s;
SELECT count(*), count(DISTINCT n), min(n) FROM
  (SELECT n FROM numbers WHERE p = 1 ORDER BY n DESC LIMIT 1999) AS s;
SELECT count(*), count(DISTINCT k) FROM (SELECT k FROM keys LIMIT 1500) AS s;
SET plan_cache_mode = force_generic_plan;
SET cassandra_fdw.allow_filtering = on;
PREPARE few(int, int, int8) AS
  SELECT k FROM keys WHERE half = $1 AND other = $2 LIMIT $3;
EXECUTE few(500, 0, 2);
EXECUTE few(500, 0, 3);
RESET cassandra_fdw.allow_filtering;
RESET plan_cache_mode;
SELECT count(*), count(DISTINCT n) FROM cassandra_query('paging_server',
  'SELECT n FROM fdw_paging.numbers WHERE p = 1 LIMIT 1500') AS s(n int);
SELECT count(*), count(DISTINCT n) FROM cassandra_query('paging_server',
  'SELECT n FROM fdw_paging.numbers WHERE p = 1') AS s(n int);

-- Small pages, and a filter that leaves few rows of each.
ALTER FOREIGN TABLE numbers OPTIONS (ADD fetch_size '3');
ALTER FOREIGN TABLE keys OPTIONS (ADD fetch_size '1', ADD allow_filtering 'true');
SELECT count(*), count(DISTINCT n), max(n)
  FROM (SELECT n FROM numbers WHERE p = 1 LIMIT 4) AS s;
SELECT k FROM keys WHERE half = 500 ORDER BY k;
SELECT count(*), count(DISTINCT k)
  FROM (SELECT k FROM keys WHERE half = 500 LIMIT 2) AS s;

DROP SCHEMA fdw_paging CASCADE;
DROP SERVER paging_server CASCADE;
