-- What is stored is what is said: RETURNING, triggers, check options and keys
-- see values as Cassandra keeps them, and columns that keep what they had.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/stored_values.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER stored_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_stored');
CREATE USER MAPPING FOR CURRENT_USER SERVER stored_server;
CREATE SCHEMA fdw_stored;
IMPORT FOREIGN SCHEMA fdw_stored FROM SERVER stored_server INTO fdw_stored;
SET search_path = fdw_stored, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set VERBOSITY terse

-- an imported timestamp has three digits, also in arrays
SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod)
  FROM pg_attribute WHERE attrelid IN ('events'::regclass, 'by_time'::regclass,
  'clock'::regclass) AND attnum > 0 ORDER BY 1, attnum;
INSERT INTO events VALUES (1, '2025-01-01 00:00:00.123456', 'a'),
  (1, '2025-01-01 00:00:00.123457', 'b'), (1, '2025-01-01 00:00:00.1235', 'c'),
  (1, '1999-01-01 00:00:00.0005', 'before'), (1, '2000-01-01 00:00:00.0005',
  'after') RETURNING *;
SELECT * FROM events;
SELECT v FROM events WHERE id = 1 AND at = '2025-01-01 00:00:00.123';
SELECT v FROM events WHERE id = 1 AND at = '2025-01-01 00:00:00.123456';
SELECT v FROM events WHERE id = 1 AND at IN ('2025-01-01 00:00:00.1235',
  '2025-01-01 00:00:00.124');
SELECT v FROM events WHERE id = 1 AND at > '2025-01-01 00:00:00.1235' ORDER BY at;
SELECT v FROM events WHERE id = 1 AND at >= '2025-01-01 00:00:00.1235' ORDER BY at;
SELECT v FROM events WHERE id = 1 AND at < '2025-01-01 00:00:00.1235' ORDER BY at DESC;
SELECT v FROM events WHERE id = 1 AND at <= '2025-01-01 00:00:00.1225' ORDER BY at;
EXPLAIN (VERBOSE, COSTS OFF) SELECT v FROM events WHERE id = 1
  AND at > '2025-01-01 00:00:00.1235' ORDER BY at DESC LIMIT 1;
PREPARE at (timestamptz) AS SELECT v FROM events WHERE id = 1 AND at = $1;
EXECUTE at ('2025-01-01 00:00:00.123');
EXECUTE at ('2025-01-01 00:00:00.1231');
UPDATE events SET v = 'none' WHERE id = 1 AND at = '2025-01-01 00:00:00.123001';
DELETE FROM events WHERE id = 1 AND at = '2025-01-01 00:00:00.123499';
WITH new AS (INSERT INTO events VALUES (2, '2025-01-01 00:00:00.999999', 'x')
  RETURNING id, at) SELECT v FROM events e, new WHERE e.id = 1 AND e.at > new.at;
SELECT e.* FROM events e JOIN (VALUES (2, '2025-01-01 00:00:01'::timestamptz))
  k (id, at) USING (id, at);
COPY events FROM STDIN;
3	2025-01-01 00:00:00.0004	copied
3	2025-01-01 00:00:00.0006	copied
\.
SELECT * FROM events WHERE id = 3;

-- wider declarations: the row tells what is kept
CREATE FOREIGN TABLE wide (id int, at timestamptz, v text)
  SERVER stored_server OPTIONS (table_name 'events');
CREATE FOREIGN TABLE wide_utc (id int, at timestamp(6), v text)
  SERVER stored_server OPTIONS (table_name 'events');
CREATE FOREIGN TABLE narrow (id int, at timestamptz(0), v text)
  SERVER stored_server OPTIONS (table_name 'events');
INSERT INTO wide VALUES (4, '2025-01-01 00:00:00.123456', 'a'),
  (4, '2025-01-01 00:00:00.1235', 'b'), (4, '1999-12-31 23:59:59.9995', 'c'),
  (4, '1999-12-31 23:59:59.9994', 'd') RETURNING *, wide;
INSERT INTO wide_utc VALUES (4, '2025-01-01 00:00:00.123456', 'again')
  RETURNING at;
SELECT at, v FROM wide WHERE id = 4;
SELECT count(*) FROM wide WHERE id = 4 AND at = '2025-01-01 00:00:00.123456';
SELECT count(*) FROM wide_utc WHERE id = 4 AND at = '2025-01-01 00:00:00.1235';
WITH new AS MATERIALIZED (SELECT 4 AS id, at FROM wide WHERE id = 4)
  DELETE FROM wide w USING new n WHERE w.id = n.id AND w.at = n.at;
INSERT INTO narrow VALUES (4, '2025-01-01 00:00:00.9', 'second') RETURNING at;
SELECT at FROM wide WHERE id = 4;
INSERT INTO wide VALUES (5, '294276-12-31 23:59:59.9999', 'the end');
INSERT INTO wide VALUES (5, '294276-12-31 23:59:59.9994', 'nearly')
  RETURNING at;
CREATE FOREIGN TABLE wide_time (at timestamptz, v text, times timestamptz[],
  spans jsonb, s jsonb)
  SERVER stored_server OPTIONS (table_name 'by_time');
INSERT INTO wide_time VALUES ('2025-01-01 00:00:00.0005', 'v',
  '{2025-01-01 00:00:00.0015,2025-01-01 00:00:00.0014}',
  '{"2025-01-01 00:00:00.0005Z": "x"}', '{"since": "2025-01-01"}')
  RETURNING *;
SELECT * FROM wide_time;
UPDATE wide_time SET times = '{2025-01-01 00:00:00.0026}',
  s = '{"since": "2025-01-01 00:00:00.0026", "note": null}' RETURNING times, s;
SELECT times, s FROM by_time;
INSERT INTO by_time (at, times) VALUES ('2025-02-01 00:00:00.0005',
  '{2025-01-01 00:00:00.0015}') RETURNING at, times, v;

-- time and date hold what they are given
INSERT INTO clock VALUES ('01:02:03.123456', '2025-01-01', 1) RETURNING *;
SELECT v FROM clock WHERE t = '01:02:03.123456';
CREATE FOREIGN TABLE clock3 (t time(3), d date, v int)
  SERVER stored_server OPTIONS (table_name 'clock');
INSERT INTO clock3 VALUES ('01:02:03.1236', '2025-01-01', 3) RETURNING t;
SELECT v FROM clock WHERE t = '01:02:03.124';

-- every kind of value
CREATE FOREIGN TABLE loose (id numeric, f float8, db real, de float8, vi numeric,
  i bigint, b boolean, tx char(6), tm time, d date, du interval, ip inet,
  l int[], se int[], st text[], m jsonb, fl int[], u jsonb, fu jsonb, tup jsonb)
  SERVER stored_server OPTIONS (table_name 'all_kinds');
CREATE FUNCTION same(what text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  told loose;
  read loose;
BEGIN
  EXECUTE what || ' RETURNING *' INTO told;
  SELECT * INTO read FROM loose WHERE id = told.id;
  IF told::text IS NOT DISTINCT FROM read::text THEN RETURN 'same'; END IF;
  RETURN format('told %s read %s', told, read);
END $$;
SELECT same($$INSERT INTO loose (id, f, db, de, vi, i, b, tx, tm, d, du, ip)
  VALUES (1, 0.1, 0.1, 0.1, 10.0, 5, true, 'ab', '01:02:03.000001', '2025-01-01',
  '1 mon 2 days 03:00:00.000001', '10.0.0.1/32')$$);
SELECT same($$INSERT INTO loose (id, l, se, st, m, fl, u, fu, tup) VALUES (1.0,
  '{3,1,3}', '{3,1,3,2}', '{b,a,b,ä}', '{"b": 1, "a": 2}', '{2,1}',
  '{"note": "x"}', '{"since": "2025-01-01"}', '[1, "x"]')$$);
SELECT same($$INSERT INTO loose (id, l, se, st, m, fl, u, fu, tup) VALUES (1,
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '[null, null]')$$);
SELECT same($$INSERT INTO loose (id, l, u, fl) VALUES (1, NULL,
  '{"note": null, "since": null}', NULL)$$);
SELECT same($$INSERT INTO loose (id, f, db) VALUES (2, 'NaN', '-0')$$);
SELECT same($$UPDATE loose SET f = 0.3, de = 1e20, tx = 'a', se = '{9,9}',
  m = '{}', du = '-1 day' WHERE id = 1$$);
INSERT INTO loose (id, f, se, m, l) VALUES (3, 0.1, '{2,1,2}', '{}', '[5:6]={1,2}')
  RETURNING f, se, m, l;

-- triggers and check options
CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN RAISE NOTICE '% %', tg_op, new; RETURN new; END $$;
CREATE TRIGGER told AFTER INSERT OR UPDATE ON wide
  FOR EACH ROW EXECUTE FUNCTION told();
SET client_min_messages = notice;
INSERT INTO wide VALUES (6, '2025-01-01 00:00:00.0006', 'seen');
INSERT INTO wide (id, at) VALUES (6, '2025-01-01 00:00:00.0012');
UPDATE wide SET v = 'set' WHERE id = 6;
COPY wide (id, at) FROM STDIN;
6	2025-01-01 00:00:00.0009
\.
SET client_min_messages = warning;
DROP TRIGGER told ON wide;
CREATE VIEW whole AS SELECT * FROM wide
  WHERE date_trunc('second', at) = at AND v <> 'bad' WITH CHECK OPTION;
INSERT INTO whole VALUES (7, '2025-01-01 00:00:00.9996', 'good') RETURNING *;
INSERT INTO whole VALUES (7, '2025-01-01 00:00:00.0006', 'good');
INSERT INTO whole (id, at) VALUES (7, '2025-01-01 00:00:01');
INSERT INTO wide VALUES (7, '2025-01-01 00:00:09', 'bad');
INSERT INTO whole (id, at) VALUES (7, '2025-01-01 00:00:09');
SELECT * FROM wide WHERE id = 7;
CREATE DOMAIN early AS timestamptz CHECK (value < '2025-01-01 00:00:01');
CREATE FOREIGN TABLE domained (id int, at early, v text)
  SERVER stored_server OPTIONS (table_name 'events');
INSERT INTO domained VALUES (8, '2025-01-01 00:00:00.9996', 'rounded')
  RETURNING at;
SELECT count(*) FROM events WHERE id = 8;

-- columns that an INSERT leaves as they are
INSERT INTO parts VALUES (1, 1, 1, 's', 'v', '2025-01-01');
INSERT INTO parts (p, c, n) VALUES (1, 1, 2) RETURNING *;
INSERT INTO parts (p, c, n) VALUES (1, 2, 3) RETURNING *, parts IS NULL;
INSERT INTO parts (p, c, v) VALUES (1, 1, NULL) RETURNING v, n;
INSERT INTO parts (p, c) VALUES (1, 1) RETURNING c;
INSERT INTO parts (p, s) VALUES (1, 't') RETURNING *;
INSERT INTO parts (p, c, v) VALUES (2, 1, 'first') RETURNING s, v;
INSERT INTO parts (p, c, v) VALUES (1, 3, 'x') ON CONFLICT DO NOTHING RETURNING *;
INSERT INTO parts (p, c, v) VALUES (1, 1, 'x') ON CONFLICT DO NOTHING RETURNING *;
INSERT INTO parts (p, c, v) SELECT p, c, 'deferred' FROM parts WHERE p = 1
  RETURNING *;
INSERT INTO parts (p, c, v) SELECT p, c + 20, 'new' FROM parts WHERE p = 1
  RETURNING *;
CREATE VIEW positive AS SELECT * FROM parts WHERE n > 0 WITH CHECK OPTION;
INSERT INTO positive (p, c, v) VALUES (1, 1, 'checked') RETURNING *;
INSERT INTO positive (p, c, n) VALUES (1, 8, 1) RETURNING *;
INSERT INTO positive (p, c, v) VALUES (1, 9, 'no n');
SELECT * FROM parts WHERE p = 1;
ALTER FOREIGN TABLE parts OPTIONS (ADD write_nulls 'false');
INSERT INTO parts VALUES (1, 1, 7, NULL, NULL, NULL) RETURNING *;
INSERT INTO parts VALUES (5, 1, 1, 's', NULL, NULL), (5, 1, NULL, NULL, 'v', NULL),
  (5, 1, 2, NULL, NULL, '2025-01-01') RETURNING *;
CREATE FOREIGN TABLE timed (p int, c int, v text,
  rest int OPTIONS (expression 'ttl(v)'), ttl int OPTIONS (using 'ttl'))
  SERVER stored_server OPTIONS (table_name 'parts');
INSERT INTO timed (p, c, v, ttl) VALUES (3, 1, 'x', 1000)
  RETURNING v, rest BETWEEN 900 AND 1000 AS rest, ttl;
UPDATE timed SET v = 'y', ttl = 5000 WHERE p = 3
  RETURNING v, rest BETWEEN 4900 AND 5000 AS rest;
INSERT INTO timed (p, c, v) SELECT p, c, v FROM timed WHERE p = 3 RETURNING rest;

-- counters: the sum
INSERT INTO counts VALUES (1, 1, 1, 10) RETURNING *;
INSERT INTO counts (id, day, hits) VALUES (1, 1, 5), (1, 1, 5) RETURNING *;
INSERT INTO counts (id, day, hits) VALUES (1, 2, 5) RETURNING day;
UPDATE counts SET hits = hits + 1 WHERE id = 1 AND day = 1 RETURNING *;
INSERT INTO counts (id, day, hits) SELECT id, day, 1 FROM counts RETURNING *;
INSERT INTO counts (id, day, hits) SELECT id, day, 1 FROM counts RETURNING id;
SELECT * FROM counts WHERE id = 1;

-- routed rows, whose columns stand elsewhere
CREATE TABLE parent (v text, at timestamptz, id int) PARTITION BY LIST (id);
CREATE TABLE local PARTITION OF parent FOR VALUES IN (1);
ALTER TABLE parent ATTACH PARTITION wide FOR VALUES IN (20, 21);
INSERT INTO parent VALUES ('a', '2025-01-01 00:00:00.123456', 1),
  ('b', '2025-01-01 00:00:00.123456', 20) RETURNING *;
INSERT INTO parent (at, id) VALUES ('2025-01-01 00:00:00.123', 20)
  RETURNING tableoid::regclass, *;
UPDATE parent SET id = 21 WHERE id = 1 RETURNING *;
INSERT INTO parent (at, id) SELECT at, id FROM parent WHERE id >= 20
  RETURNING *;

CREATE TABLE days (id int, at timestamptz, v text) PARTITION BY RANGE (at);
CREATE FOREIGN TABLE day1 PARTITION OF days
  FOR VALUES FROM ('2025-05-01') TO ('2025-05-02')
  SERVER stored_server OPTIONS (table_name 'events');
INSERT INTO days VALUES (30, '2025-05-01 23:59:59.9994', 'within');
INSERT INTO days VALUES (30, '2025-05-01 23:59:59.9996', 'rounded out of it');
COPY days FROM STDIN;
30	2025-05-01 23:59:59.9997	rounded out of it
\.
INSERT INTO days VALUES (30, '2025-05-01 00:00:00.0001', 'first') RETURNING *;
SELECT * FROM events WHERE id = 30;

DROP SERVER stored_server CASCADE;
DROP SCHEMA fdw_stored CASCADE;
