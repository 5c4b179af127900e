-- Events and dimensions: three tables in Cassandra, three here, and the queries
-- that are asked of such.  Each answers as on copies.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/analytics.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER analytics_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER analytics_server;
CREATE SCHEMA fdw_analytics;
CREATE SCHEMA fdw_analytics_copy;
IMPORT FOREIGN SCHEMA fdw_analytics FROM SERVER analytics_server
  INTO fdw_analytics;
SET timezone = 'UTC';
SET jit = off;

-- the dimensions
CREATE SCHEMA fdw_dimensions;
SET search_path = fdw_dimensions;
CREATE TABLE sites (site text PRIMARY KEY, region text);
INSERT INTO sites SELECT 's' || g, (ARRAY['north', 'south', 'west'])[g % 3 + 1]
  FROM generate_series(1, 12) g;
CREATE TABLE models (model text PRIMARY KEY, vendor text, rated double precision);
INSERT INTO models SELECT 'm' || g, 'v' || g % 4, g * 2.5
  FROM generate_series(1, 10) g;
CREATE TABLE calendar (day date PRIMARY KEY, week int, holiday boolean);
INSERT INTO calendar SELECT '2026-01-01'::date + g, g / 7, g % 7 = 5
  FROM generate_series(0, 41) g;

-- the facts
SET search_path = fdw_analytics, fdw_dimensions;
INSERT INTO devices (id, site, model, price) SELECT g, 's' || g % 12 + 1,
    CASE WHEN g % 13 <> 0 THEN 'm' || g % 11 + 1 END, g * 1.25
  FROM generate_series(1, 150) g;
INSERT INTO readings (device, at, value, quality) SELECT d, '2026-01-01'::timestamptz + d * interval '1 min'
    + g * interval '5 hours', (d * g % 97) / 4.0, d * g % 3
  FROM generate_series(1, 150, 2) d, generate_series(1, 40) g;
INSERT INTO events (site, day, at, device, kind, amount) SELECT 's' || s, c.day,
    c.day + g * interval '97 min', (s * 31 + g * 7 + c.week) % 150 + 1,
    (ARRAY['start', 'stop', 'alarm', 'sale'])[(s + g + c.week) % 4 + 1],
    s * 100 + g * 7 - 50
  FROM generate_series(1, 10) s, calendar c, generate_series(1, 8) g
  WHERE NOT c.holiday AND (s + c.week + g) % 5 <> 0;
CREATE TABLE fdw_analytics_copy.devices AS SELECT * FROM devices;
CREATE TABLE fdw_analytics_copy.readings AS SELECT * FROM readings;
CREATE TABLE fdw_analytics_copy.events AS SELECT * FROM events;
ANALYZE sites, models, calendar, devices, readings, events,
  fdw_analytics_copy.devices, fdw_analytics_copy.readings,
  fdw_analytics_copy.events;

-- what is asked of Cassandra
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ 'CQL:|Key Join|Key Values:|Join Type:' THEN
      RETURN NEXT regexp_replace(line, '^[ >-]+', '');
    END IF;
  END LOOP;
END $$;
-- rows, and how many of them the copies do not give, and the other way round
CREATE FUNCTION check_copy(query text, OUT nrows bigint, OUT more bigint,
  OUT less bigint) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'CREATE TEMP TABLE ours AS SELECT q::text FROM (' || query || ') q';
  SET LOCAL search_path = fdw_analytics_copy, fdw_dimensions;
  EXECUTE 'CREATE TEMP TABLE theirs AS SELECT q::text FROM (' || query || ') q';
  SET LOCAL search_path = fdw_analytics, fdw_dimensions;
  SELECT count(*) FROM ours INTO nrows;
  SELECT count(*) FROM (TABLE ours EXCEPT ALL TABLE theirs) q INTO more;
  SELECT count(*) FROM (TABLE theirs EXCEPT ALL TABLE ours) q INTO less;
  DROP TABLE ours, theirs;
END $$;
CREATE TABLE queries (n int GENERATED ALWAYS AS IDENTITY, name text, query text);
INSERT INTO queries (name, query) VALUES
('summary by kind', $$
SELECT kind, count(*), sum(amount), min(amount), avg(amount), count(DISTINCT device)
FROM events WHERE day <= '2026-01-20' GROUP BY kind$$),
('dearest device of each vendor', $$
SELECT m.vendor, d.id, d.price FROM devices d JOIN models m USING (model)
WHERE d.price = (SELECT max(x.price) FROM devices x JOIN models y USING (model)
  WHERE y.vendor = m.vendor)$$),
('largest sums of a week', $$
SELECT e.site, e.day, sum(e.amount) AS total FROM (SELECT site, day
    FROM calendar, sites WHERE week = 2 AND region = 'north' OFFSET 0) k
  JOIN events e USING (site, day) GROUP BY e.site, e.day ORDER BY total DESC, e.site, e.day LIMIT 10$$),
('vendors of devices that went over what they are rated', $$
SELECT m.vendor, count(*) FROM devices d JOIN models m USING (model)
WHERE EXISTS (SELECT FROM readings r WHERE r.device = d.id AND r.value > m.rated
  AND r.quality = 1) GROUP BY m.vendor$$),
('sales by region and vendor', $$
SELECT s.region, m.vendor, sum(e.amount) FROM events e JOIN devices d ON d.id = e.device
  JOIN models m ON m.model = d.model JOIN sites s ON s.site = e.site
WHERE e.kind = 'sale' AND e.amount > 300 GROUP BY s.region, m.vendor$$),
('sum of a time of day', $$
SELECT sum(amount), count(*) FROM events WHERE site = 's3' AND day IN ('2026-01-02',
  '2026-01-09') AND at >= day + interval '3 hours' AND amount BETWEEN 250 AND 320$$),
('the same device on the day after', $$
SELECT a.site, a.day, a.device, a.amount - b.amount AS change FROM events a JOIN events b
  ON b.site = a.site AND b.day = a.day + 1 AND b.device = a.device
WHERE a.site = 's4' AND a.day BETWEEN '2026-01-05' AND '2026-01-09'$$),
('how many devices have how many events', $$
SELECT n, count(*) FROM (SELECT d.id, count(e.at) AS n FROM devices d LEFT JOIN events e
  ON e.device = d.id AND e.kind <> 'stop' GROUP BY d.id) q GROUP BY n$$),
('best sites of the holidays'' weeks', $$
WITH totals AS (SELECT e.site, c.week, sum(e.amount) AS total FROM events e
  JOIN calendar c USING (day) GROUP BY e.site, c.week)
SELECT t.week, t.site, t.total, s.region FROM totals t LEFT JOIN sites s USING (site)
WHERE t.total = (SELECT max(u.total) FROM totals u WHERE u.week = t.week)
  AND t.week IN (SELECT week FROM calendar WHERE holiday)$$),
('models that no measured device has', $$
SELECT m.vendor, count(DISTINCT m.model) FROM models m WHERE m.model NOT IN (
  SELECT d.model FROM devices d JOIN readings r ON r.device = d.id
  WHERE d.model IS NOT NULL AND d.id < 20) GROUP BY m.vendor$$),
('small events beside the mean of their device', $$
SELECT e.device, e.amount FROM calendar c JOIN events e ON e.site = 's7' AND e.day = c.day
WHERE c.week = 1 AND e.amount < (SELECT 70 * avg(r.value) FROM readings r
  WHERE r.device = e.device AND r.at < '2026-01-05')$$),
('devices of large totals', $$
SELECT d.id, d.model, d.price FROM devices d WHERE d.id IN (SELECT device FROM events
  GROUP BY device HAVING sum(amount) > 9000)$$),
('working days without an alarm', $$
SELECT s.site, c.day FROM sites s CROSS JOIN calendar c
WHERE NOT c.holiday AND c.week = 3 AND NOT EXISTS (SELECT FROM events e
  WHERE e.site = s.site AND e.day = c.day AND e.kind = 'alarm')$$),
('last readings of each device, and its rank among its model''s', $$
SELECT d.id, d.model, l.at, l.value, rank() OVER (PARTITION BY d.model ORDER BY l.value DESC),
  sum(l.value) OVER (PARTITION BY d.model ORDER BY d.id, l.at)
FROM devices d JOIN models m ON m.model = d.model AND m.vendor = 'v2'
  LEFT JOIN LATERAL (SELECT at, value FROM readings r WHERE r.device = d.id
  ORDER BY at DESC LIMIT 2) l ON true$$),
('subtotals', $$
SELECT s.region, m.vendor, e.kind, grouping(s.region, m.vendor, e.kind), count(*),
  sum(e.amount) FROM sites s LEFT JOIN events e ON e.site = s.site AND e.day = '2026-01-08'
  LEFT JOIN devices d ON d.id = e.device LEFT JOIN models m ON m.model = d.model
GROUP BY GROUPING SETS ((s.region, m.vendor), ROLLUP (e.kind), (s.region))$$),
('events beside readings of the same hour', $$
SELECT e.device, e.at, max(r.value) AS most FROM events e JOIN readings r
  ON r.device = e.device AND r.at >= e.at AND r.at < e.at + interval '2 hours'
WHERE e.site = 's2' AND e.day >= '2026-01-02' AND e.day < '2026-01-05'
GROUP BY e.device, e.at$$);
\pset format unaligned
\pset tuples_only on
SELECT q.n, q.name, c.* FROM queries q, LATERAL check_copy(q.query) c ORDER BY q.n;
SELECT q.n, p.* FROM queries q, LATERAL plan(q.query) p(line)
  ORDER BY q.n, p.line COLLATE "C";

-- the same with other methods
CREATE FUNCTION differing_without(methods text[]) RETURNS bigint
  LANGUAGE plpgsql AS $$
DECLARE method text;
BEGIN
  FOREACH method IN ARRAY methods LOOP
    PERFORM set_config(method, 'off', true);
  END LOOP;
  RETURN count(*) FILTER (WHERE more + less > 0)
    FROM queries q, LATERAL check_copy(q.query);
END $$;
SELECT differing_without('{enable_hashjoin,enable_mergejoin,enable_nestloop}');
SELECT differing_without('{enable_hashjoin,cassandra_fdw.enable_keyjoin}');
SELECT differing_without('{enable_mergejoin,enable_nestloop}');
SELECT differing_without('{enable_hashjoin,enable_nestloop,enable_hashagg}');

-- writes by joins
CREATE FUNCTION write_both(query text) RETURNS TABLE (nrows bigint, differing bigint)
  LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL search_path = fdw_analytics_copy, fdw_dimensions;
  EXECUTE query;
  SET LOCAL search_path = fdw_analytics, fdw_dimensions;
  EXECUTE query;
  GET DIAGNOSTICS nrows = ROW_COUNT;
  SELECT (SELECT count(*) FROM (TABLE devices EXCEPT ALL
      TABLE fdw_analytics_copy.devices) q)
    + (SELECT count(*) FROM (TABLE fdw_analytics_copy.devices EXCEPT ALL
      TABLE devices) q)
    + (SELECT count(*) FROM (TABLE readings EXCEPT ALL
      TABLE fdw_analytics_copy.readings) q)
    + (SELECT count(*) FROM (TABLE fdw_analytics_copy.readings EXCEPT ALL
      TABLE readings) q) INTO differing;
  RETURN NEXT;
END $$;
SELECT * FROM write_both('UPDATE devices d SET price = d.price + m.rated::numeric
  FROM models m WHERE m.model = d.model AND m.vendor = ''v1''');
SELECT * FROM write_both('UPDATE devices d SET model = NULL, price = q.total
  FROM (SELECT e.device, sum(e.amount) AS total FROM calendar c JOIN events e
    ON e.site = ''s5'' AND e.day = c.day WHERE c.week = 4 GROUP BY e.device) q
  WHERE q.device = d.id');
SELECT * FROM write_both('DELETE FROM readings r USING devices d WHERE r.device = d.id
  AND d.model IS NULL AND r.quality = 0');
SELECT * FROM write_both('INSERT INTO devices (id, site, model, price)
  SELECT 1000 + row_number() OVER (ORDER BY s.site), s.site, m.model, sum(e.amount) FROM sites s JOIN events e ON e.site = s.site
  AND e.day = ''2026-01-02'' JOIN devices d ON d.id = e.device JOIN models m USING (model)
  GROUP BY s.site, m.model HAVING m.model = ''m3''');

DROP SCHEMA fdw_analytics, fdw_analytics_copy, fdw_dimensions CASCADE;
DROP SERVER analytics_server CASCADE;
