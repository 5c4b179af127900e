-- The recipes of doc/sync.md, as they stand there, and what they promise.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\set protocol 5
\getenv protocol CASSANDRA_PROTOCOL
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE IF EXISTS shop'
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f examples/shop.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS shop CASCADE;
DROP SCHEMA IF EXISTS shop, sales CASCADE;
CREATE SERVER shop FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version :'protocol');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop;
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA shop FROM SERVER shop INTO shop;
SET timezone = 'UTC';
\set a '''c0000000-0000-4000-8000-000000000001'''
\set b '''c0000000-0000-4000-8000-000000000002'''

-- a deferred constraint trigger
\! test/env/recipe doc/sync.md 'Cassandra follows a local table' >results/recipe.sql
\i results/recipe.sql
BEGIN;
INSERT INTO sales.orders (customer, placed, number, total, paid) VALUES (:a, '2025-03-01', 1, 10, false),
  (:a, '2025-03-02', 2, 20, false), (:b, '2025-03-03', 3, 30, NULL);
SAVEPOINT later;
DELETE FROM sales.orders WHERE number = 1;
ROLLBACK TO later;
UPDATE sales.orders SET total = total + 1 WHERE number = 2;
SELECT count(*) AS not_yet FROM shop.orders;
COMMIT;
SELECT number, total, paid FROM shop.orders ORDER BY number;
BEGIN;
UPDATE sales.orders SET paid = true;
INSERT INTO sales.orders (customer, placed, number, total, paid) VALUES (:b, '2025-03-04', 4, 40, false);
DELETE FROM sales.orders WHERE number = 1;
ROLLBACK;
SELECT number, total, paid FROM shop.orders ORDER BY number;
DELETE FROM sales.orders WHERE number = 1;
UPDATE sales.orders SET number = 5, placed = '2025-03-05' WHERE number = 2;
SELECT * FROM shop.orders EXCEPT SELECT * FROM sales.orders;
SELECT number, total, placed FROM shop.orders ORDER BY number;
-- what Cassandra refuses is not done here
ALTER FOREIGN TABLE shop.orders OPTIONS (ADD updatable 'false');
\set VERBOSITY terse
DELETE FROM sales.orders;
\set VERBOSITY default
ALTER FOREIGN TABLE shop.orders OPTIONS (DROP updatable);
SELECT count(*) FROM sales.orders;

-- a month is archived
\! test/env/recipe doc/sync.md 'The present here, the past in Cassandra' 1 >results/recipe.sql
\i results/recipe.sql
INSERT INTO sales.history
  SELECT :a, timestamptz '2025-03-01' + make_interval(hours => i), i, i, i % 2 = 0
  FROM generate_series(0, 1439) i;
INSERT INTO sales.history SELECT :b, placed, number, total, paid
  FROM sales.history WHERE number % 100 = 0;
SELECT count(*), sum(total), count(*) FILTER (WHERE paid) FROM sales.history;
\! test/env/recipe doc/sync.md 'The present here, the past in Cassandra' 2 >results/recipe.sql
\i results/recipe.sql
SELECT count(*), sum(total), count(*) FILTER (WHERE paid) FROM sales.history;
SELECT tableoid::regclass, count(*), min(placed), max(placed)
  FROM sales.history GROUP BY 1 ORDER BY min(placed);
CREATE FUNCTION sales.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ '(CQL:|Foreign Scan on|Key Join)' THEN
      RETURN NEXT trim(line);
    END IF;
  END LOOP;
END $$;
\set query `test/env/recipe doc/sync.md 'The present here, the past in Cassandra' 3 | tr -d ';'`
SELECT sales.plan(:'query');
SELECT count(*), sum(total) FROM (:query) q;
SELECT sales.plan('SELECT * FROM sales.history WHERE customer = ' || quote_literal(:a)
  || ' AND placed >= ''2025-04-02''');
-- both kinds of months are written
INSERT INTO sales.history VALUES (:b, '2025-03-31', 7000, 7, true),
  (:b, '2025-04-01', 7001, 7, true);
SELECT tableoid::regclass, number FROM sales.history WHERE number >= 7000
  ORDER BY number;

-- the next month, beside the one that is archived
\! test/env/recipe doc/sync.md 'The present here, the past in Cassandra' 2 | sed 's/2025_03/2025_04/; s/2025-04-01/2025-05-01/; s/2025-03-01/2025-04-01/' >results/recipe.sql
\i results/recipe.sql
SELECT count(*), sum(total), count(*) FILTER (WHERE paid) FROM sales.history;
SELECT sales.plan(:'query');
SELECT count(*), sum(total) FROM (:query) q;

-- what is new is pulled
\! test/env/recipe doc/sync.md 'Pulling what is new' 1 >results/recipe.sql
\i results/recipe.sql
INSERT INTO sales.pulled VALUES ('door'), ('lift'), ('roof');
INSERT INTO shop.events (source, id, body)
  SELECT s, min_timeuuid(timestamptz '2025-03-01' + make_interval(mins => i)), i
  FROM unnest('{door,lift,other}'::text[]) s, generate_series(1, 100) i;
\! test/env/recipe doc/sync.md 'Pulling what is new' 2 >results/recipe.sql
\i results/recipe.sql
SELECT * FROM sales.pulled ORDER BY source;
SELECT source, count(*) FROM sales.events GROUP BY source ORDER BY source;
\i results/recipe.sql
INSERT INTO shop.events VALUES
  ('door', min_timeuuid('2025-03-01 01:36:30'), 'a late one'),
  ('door', min_timeuuid('2025-03-01 02:00'), 'a new one'),
  ('door', min_timeuuid('2025-03-01 01:00:30'), 'too late'),
  ('roof', min_timeuuid('2025-03-02'), 'the first');
\i results/recipe.sql
SELECT * FROM sales.pulled ORDER BY source;
SELECT source, body FROM sales.events WHERE body !~ '\d' ORDER BY source, id;
SELECT source, count(*) FROM sales.events GROUP BY source ORDER BY source;
BEGIN;
INSERT INTO shop.events VALUES
  ('door', min_timeuuid('2025-03-01 03:00'), 'again');
\i results/recipe.sql
SET LOCAL cassandra_fdw.rollback_warning = off;
ROLLBACK;
SELECT max(up_to) FROM sales.pulled WHERE source = 'door';
\i results/recipe.sql
SELECT count(*) FROM sales.events WHERE body = 'again';
SELECT sales.plan('INSERT INTO sales.events
  SELECT e.source, e.id, e.body FROM sales.pulled AS p JOIN shop.events AS e
  ON e.source = p.source AND e.id >= min_timeuuid(p.up_to) ON CONFLICT DO NOTHING');

-- comments
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "ALTER TABLE shop.events WITH comment = 'what went on, it''s said'"
\! test/env/recipe doc/sync.md Comments >results/recipe.sql
\i results/recipe.sql
SELECT obj_description('shop.events'::regclass);

DROP SERVER shop CASCADE;
DROP SCHEMA shop, sales CASCADE;
