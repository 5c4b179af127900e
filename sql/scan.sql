-- Scans: whole tables, keys, ranges, joins, parameters, rescans, cursors.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\set protocol 5
\getenv protocol CASSANDRA_PROTOCOL
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/scan.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER scan_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version :'protocol');
CREATE USER MAPPING FOR CURRENT_USER SERVER scan_server;
CREATE SCHEMA fdw_scan;
IMPORT FOREIGN SCHEMA fdw_scan FROM SERVER scan_server INTO fdw_scan;
SET search_path = fdw_scan, public;
SET timezone = 'UTC';

-- whole table; a static-only partition is a row with a null clustering column
SELECT * FROM readings ORDER BY device, ts;
SELECT count(*) FROM readings;
SELECT EXISTS (SELECT FROM names), (SELECT count(*) FROM names);
SELECT id, name IS NULL FROM names ORDER BY id;
SELECT * FROM "MixedCase";
SELECT tableoid::regclass, id FROM names WHERE id = 2;
SELECT n FROM names n WHERE id = 1;

-- the partition key whole, in part, and with a clustering range
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT value FROM readings WHERE device = 'a' AND day = '2026-01-01';
EXPLAIN (VERBOSE, COSTS OFF) SELECT value FROM readings WHERE device = 'a';
SELECT count(*) FROM readings WHERE device = 'a';
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT value FROM readings WHERE device = 'a' AND day = '2026-01-01'
    AND ts > '2026-01-01 00:00:01Z' AND ts <= '2026-01-01 00:00:02Z'
    AND seq > 0;
SELECT value FROM readings WHERE device = 'a' AND day = '2026-01-01'
    AND ts > '2026-01-01 00:00:01Z' AND ts <= '2026-01-01 00:00:02Z'
    AND seq > 0;

-- microseconds that a timestamp of milliseconds cannot have
SELECT seq FROM readings WHERE device = 'a' AND day = '2026-01-01'
    AND ts = '2026-01-01 00:00:02.0005Z';
SELECT seq FROM readings WHERE device = 'a' AND day = '2026-01-01'
    AND ts > '2026-01-01 00:00:02.0005Z';
SELECT seq FROM readings WHERE device = 'a' AND day = '2026-01-01'
    AND ts < '2026-01-01 00:00:02.0005Z' ORDER BY seq;
SELECT count(*) FROM readings WHERE device = 'a' AND day = '2026-01-01'
    AND ts < 'infinity';

-- several keys, repeated and absent ones, none
SELECT * FROM names WHERE id IN (2, 1, 2, 7) ORDER BY id;
SELECT * FROM names WHERE id = ANY ('{}');
SELECT * FROM names WHERE id = ANY (NULL::int[]);
SELECT * FROM names WHERE id = ANY (ARRAY[NULL, 3]);
SELECT * FROM names WHERE id = 1 AND id = 2;
SELECT * FROM names WHERE id = 1 AND id IN (1, 2);
SELECT * FROM names WHERE id = NULL::int;

-- values that the column cannot hold
SELECT * FROM names WHERE id = 5000000000;
SELECT n FROM words WHERE word = 'x' AND n < 5000000000 ORDER BY n;
SELECT n FROM words WHERE word = 'x' AND n > 5000000000;
SELECT n FROM words WHERE word = 'x' AND n >= -5000000000 ORDER BY n;
SELECT n FROM words WHERE word = 'x' AND n = ANY ('{0,2147483647}')
  ORDER BY n;
SELECT n FROM words WHERE word = '';

-- joins and lateral subqueries look keys up
CREATE TEMP TABLE wanted (id bigint, note text);
INSERT INTO wanted VALUES (1, 'p'), (2, 'q'), (2, 'r'), (9, 's'), (NULL, 't');
ANALYZE wanted;
EXPLAIN (COSTS OFF) SELECT * FROM wanted JOIN names USING (id);
SELECT * FROM wanted JOIN names USING (id) ORDER BY note;
SELECT * FROM wanted LEFT JOIN names USING (id) ORDER BY note;
SELECT note FROM wanted w
  WHERE EXISTS (SELECT FROM names n WHERE n.id = w.id) ORDER BY note;
SELECT w.note, l.name FROM wanted w,
  LATERAL (SELECT name FROM names n WHERE n.id = w.id OFFSET 0) l
  ORDER BY note;

-- generic plans keep the look-up
SET plan_cache_mode = force_generic_plan;
PREPARE by_id(int) AS SELECT name FROM names WHERE id = $1;
EXPLAIN (COSTS OFF) EXECUTE by_id(2);
EXECUTE by_id(2);
EXECUTE by_id(NULL);
PREPARE by_ids(int[]) AS SELECT name FROM names WHERE id = ANY ($1)
  ORDER BY name;
EXECUTE by_ids('{1,2}');
RESET plan_cache_mode;
DO $$
DECLARE
  got text;
BEGIN
  FOR i IN 1..3 LOOP
    SELECT name INTO got FROM names WHERE id = i;
    RAISE WARNING '% %', i, got;
  END LOOP;
END
$$;

-- cursors, two at a time, one held; errors leave the session usable
BEGIN;
DECLARE a CURSOR FOR SELECT id FROM names WHERE id IN (1, 2, 3);
DECLARE b CURSOR WITH HOLD FOR SELECT id FROM names ORDER BY id;
FETCH 1 FROM b;
SELECT count(*) FROM names;
FETCH 1 FROM b;
SAVEPOINT s;
SELECT 1 / (id - 1) FROM names WHERE id = 1;
ROLLBACK TO s;
SELECT name FROM names WHERE id = 1;
COMMIT;
FETCH ALL FROM b;
CLOSE b;
CREATE TEMP TABLE copied AS SELECT * FROM readings;
SELECT (SELECT count(*) FROM copied) = (SELECT count(*) FROM readings);
SELECT count(*) FROM names a, names b;

-- what does not exist
CREATE FOREIGN TABLE nowhere (id int) SERVER scan_server
  OPTIONS (keyspace 'fdw_scan', table_name 'no_such');
SELECT * FROM nowhere;
CREATE FOREIGN TABLE nospace (id int) SERVER scan_server
  OPTIONS (keyspace 'no_such', table_name 'names');
SELECT * FROM nospace;
CREATE FOREIGN TABLE nocolumn (idd int) SERVER scan_server
  OPTIONS (keyspace 'fdw_scan', table_name 'names');
SELECT * FROM nocolumn;

DROP SCHEMA fdw_scan CASCADE;
DROP SERVER scan_server CASCADE;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_scan'
