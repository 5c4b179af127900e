-- ORDER BY, LIMIT, DISTINCT, aggregates by the server.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/pushdown.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER order_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER order_server;
CREATE SCHEMA fdw_order;
IMPORT FOREIGN SCHEMA fdw_pushdown FROM SERVER order_server INTO fdw_order;
SET search_path = fdw_order, public;
SET timezone = 'UTC';
\set one 'site = ''a'' AND day = ''2026-01-01'''

-- the declared order, its reverse, a mix, and what is neither
SET enable_sort = off;  -- so little costs the same, sorted wholly or in parts
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT ts, seq FROM events WHERE :one ORDER BY ts DESC NULLS LAST, seq;
SELECT ts, seq FROM events WHERE :one ORDER BY ts DESC NULLS LAST, seq;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT ts, seq FROM events WHERE :one ORDER BY ts;
SELECT ts, seq FROM events WHERE :one ORDER BY ts, seq DESC;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT ts, seq FROM events WHERE :one ORDER BY ts DESC, seq DESC;
SELECT ts, seq FROM events WHERE :one ORDER BY ts DESC, seq DESC;
RESET enable_sort;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT seq FROM events WHERE :one AND ts = '2026-01-01 00:00:02Z'
    ORDER BY seq DESC NULLS LAST;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT level FROM events WHERE :one ORDER BY level;

-- LIMIT and OFFSET; not below a condition that is checked here
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT ts FROM events WHERE :one ORDER BY ts DESC LIMIT 2 OFFSET 1;
SELECT ts FROM events WHERE :one ORDER BY ts DESC LIMIT 2 OFFSET 1;
EXPLAIN (VERBOSE, COSTS OFF) SELECT site FROM events LIMIT 2;
SELECT count(*) FROM (SELECT site FROM events LIMIT 2) l;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT ts FROM events WHERE :one AND upper(kind) = 'X'
    ORDER BY ts DESC LIMIT 1;
SELECT ts FROM events WHERE :one AND upper(kind) = 'X' ORDER BY ts DESC LIMIT 1;
SELECT ts FROM events WHERE :one ORDER BY ts DESC LIMIT 0;
SELECT count(*) FROM (SELECT ts FROM events WHERE :one LIMIT NULL) l;
SELECT count(*) FROM (SELECT ts FROM events WHERE :one LIMIT 5000000000) l;
SELECT ts FROM events WHERE :one ORDER BY ts DESC FETCH FIRST 2 ROWS WITH TIES;
PREPARE latest(text, int) AS
  SELECT level FROM events WHERE site = $1 AND day = '2026-01-01'
    ORDER BY ts DESC LIMIT $2;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE latest('a', 1);
EXECUTE latest('a', 1);
EXECUTE latest('b', 5);
EXECUTE latest(NULL, 5);
EXECUTE latest('a', 0);
EXECUTE latest('a', NULL);
EXECUTE latest('a', -1);
RESET plan_cache_mode;

-- a page that could hold all rows of the LIMIT would begin again
PREPARE slow(text, int8) AS
  SELECT ts FROM events WHERE site = $1 AND day = '2026-01-01' LIMIT $2;
SET plan_cache_mode = force_generic_plan;
EXECUTE slow('a', 3);
RESET plan_cache_mode;

-- several partitions are merged
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT ts, site FROM events
    WHERE site IN ('a', 'b') AND day = '2026-01-01' ORDER BY ts LIMIT 4;
SELECT ts, site FROM events
  WHERE site IN ('a', 'b', 'c') AND day = '2026-01-01' ORDER BY ts LIMIT 4;
SELECT ts, site FROM events
  WHERE site IN ('a', 'b', 'c') AND day = '2026-01-01' ORDER BY ts DESC;
SELECT ts, site FROM events
  WHERE site IN ('a', 'b', 'c') AND day = '2026-01-01'
  ORDER BY ts DESC NULLS LAST;

-- zero-length values are NULL, and come where SQL puts NULL
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "INSERT INTO fdw_pushdown.events (site, day, ts, seq, level) VALUES ('a', '2026-01-01', blobAsTimestamp(0x), 9, 9)"
SELECT ts, seq FROM events WHERE :one ORDER BY ts DESC LIMIT 2;
SELECT ts, seq FROM events WHERE :one ORDER BY ts LIMIT 2;
SELECT ts, seq FROM events WHERE :one ORDER BY ts DESC NULLS LAST;
SELECT ts, site FROM events
  WHERE site IN ('a', 'b') AND day = '2026-01-01' ORDER BY ts DESC;
SELECT ts, site FROM events
  WHERE site IN ('a', 'b') AND day = '2026-01-01' ORDER BY ts;
SELECT min(ts), max(ts), count(ts), count(*) FROM events;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "DELETE FROM fdw_pushdown.events WHERE site = 'a' AND day = '2026-01-01' AND ts = blobAsTimestamp(0x)"

-- where NULLs are left out, or said not to be, Cassandra's order is SQL's
EXPLAIN (VERBOSE, COSTS OFF) SELECT ts, seq FROM events
  WHERE :one AND ts IS NOT NULL AND seq > 0 ORDER BY ts DESC, seq LIMIT 2;
SELECT ts, seq FROM events
  WHERE :one AND ts IS NOT NULL AND seq > 0 ORDER BY ts DESC, seq LIMIT 2;
ALTER FOREIGN TABLE events ALTER ts SET NOT NULL, ALTER seq SET NOT NULL;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT ts, seq FROM events WHERE :one ORDER BY ts DESC, seq LIMIT 2;
SELECT ts, seq FROM events WHERE :one ORDER BY ts DESC, seq LIMIT 2;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT ts, site FROM events
    WHERE site IN ('a', 'b') AND day = '2026-01-01' ORDER BY ts DESC, seq LIMIT 3;
SELECT ts, site FROM events
  WHERE site IN ('a', 'b') AND day = '2026-01-01' ORDER BY ts DESC, seq LIMIT 3;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT DISTINCT ON (site, day) site, day, ts, level FROM events
    ORDER BY site, day, ts DESC;
SELECT DISTINCT ON (site, day) site, day, ts, level FROM events
  ORDER BY site, day, ts DESC;
ALTER FOREIGN TABLE events ALTER ts DROP NOT NULL, ALTER seq DROP NOT NULL;

-- DISTINCT of the partition key; the first row of each partition
EXPLAIN (VERBOSE, COSTS OFF) SELECT DISTINCT site, day FROM events;
SELECT DISTINCT site, day FROM events ORDER BY 1, 2;
EXPLAIN (VERBOSE, COSTS OFF) SELECT DISTINCT site FROM events;
EXPLAIN (VERBOSE, COSTS OFF) SELECT DISTINCT site, seq FROM events;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT DISTINCT ON (site, day) site, day, ts, level FROM events
    ORDER BY site, day, ts DESC NULLS LAST;
SELECT DISTINCT ON (site, day) site, day, ts, level FROM events
  ORDER BY site, day, ts DESC NULLS LAST;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT DISTINCT ON (site, day) site, day, ts, level FROM events
    ORDER BY site, day, ts;

-- aggregates
EXPLAIN (VERBOSE, COSTS OFF) SELECT count(*) FROM events;
SELECT count(*) FROM events;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT count(*), max(seq), min(level) FROM events WHERE :one;
SELECT count(*), max(seq), min(level) FROM events WHERE :one;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT site, day, count(*) FROM events GROUP BY site, day
    HAVING count(*) > 1;
SELECT site, day, count(*) FROM events GROUP BY site, day
  HAVING count(*) > 1 ORDER BY 1, 2;
EXPLAIN (VERBOSE, COSTS OFF) SELECT sum(level), avg(level) FROM events;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT count(*) FILTER (WHERE level > 1), count(kind || 'x') FROM events;
SELECT count(*) FILTER (WHERE level > 1), count(DISTINCT kind) FROM events;
EXPLAIN (VERBOSE, COSTS OFF) SELECT count(*) FROM events WHERE level > 3;
SELECT count(*) FROM events WHERE level > 3;
SELECT count(*) FROM events WHERE site = 'nowhere' AND day = '2026-01-01';
SELECT max(seq) FROM events WHERE site = 'nowhere' AND day = '2026-01-01';

-- EXISTS and cursors read little
SELECT EXISTS (SELECT FROM events);
SELECT EXISTS (SELECT FROM events WHERE site = 'nowhere' AND day = '2026-01-01');
BEGIN;
DECLARE c CURSOR FOR SELECT ts FROM events WHERE :one ORDER BY ts;
FETCH 2 FROM c;
FETCH ALL FROM c;
COMMIT;

-- the latest of each of some keys
SELECT k.site, l.ts FROM (VALUES ('a'), ('b'), ('c'), ('d')) k (site),
  LATERAL (SELECT ts FROM events e WHERE e.site = k.site
    AND day = '2026-01-01' ORDER BY ts DESC LIMIT 1) l ORDER BY 1;

DROP SERVER order_server CASCADE;
DROP SCHEMA fdw_order CASCADE;
