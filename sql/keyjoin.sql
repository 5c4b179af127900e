-- Key joins: many keys looked up at a time, in joins of every kind.
\i test/cql/write_setup.sql
INSERT INTO kv (id, n, v) SELECT g, g % 5, 'v' || g
  FROM generate_series(1, 100) g;
INSERT INTO ts (dev, day, seq, v, note)
  SELECT 'd' || d, day, g, g / 2.0, 'n' || g FROM generate_series(1, 4) d,
    generate_series(1, 3) day, generate_series(1, 5) g;
INSERT INTO ts (dev, day, s) VALUES ('alone', 1, 'static');
CREATE TABLE l (id int, k int, dev text, day int, seq int);
INSERT INTO l SELECT g, CASE WHEN g % 7 <> 0 THEN g % 30 * 5 END,
  'd' || g % 6, g % 4, g % 8 FROM generate_series(1, 60) g;
INSERT INTO l VALUES (61, 1, 'alone', 1, NULL), (62, 101, NULL, 1, 1);
CREATE TABLE kv_copy AS SELECT * FROM kv;
CREATE TABLE ts_copy AS SELECT * FROM ts;
ANALYZE l, kv, ts, kv_copy, ts_copy;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
-- a query's plan without what varies
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line !~ 'Output:|Hint:' THEN
      RETURN NEXT line;
    END IF;
  END LOOP;
END $$;
-- that it is one of a key join, and answers as one of the copies
CREATE FUNCTION same(query text, joined boolean DEFAULT true)
  RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ours text;
  theirs text;
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
  EXECUTE format('SELECT count(*) || '' rows '' || coalesce(md5(string_agg('
    'q::text, '';'' ORDER BY q::text)), '''') FROM (%s) q', query) INTO ours;
  EXECUTE format('SELECT count(*) || '' rows '' || coalesce(md5(string_agg('
    'q::text, '';'' ORDER BY q::text)), '''') FROM (%s) q',
    regexp_replace(query, '\m(kv|ts)\M', '\1_copy', 'g')) INTO theirs;
  IF (plan::text ~ 'Cassandra Key Join') IS DISTINCT FROM joined THEN
    RETURN 'another plan';
  END IF;
  RETURN CASE WHEN ours = theirs THEN split_part(ours, ' ', 1)
    ELSE 'differs: ' || ours || ', ' || theirs END;
END $$;
\pset format unaligned
\pset tuples_only on

-- what it shows
SELECT plan('SELECT * FROM l JOIN kv ON kv.id = l.k');
SELECT plan('SELECT l.id, ts.v FROM l LEFT JOIN ts ON ts.dev = l.dev
  AND ts.day = l.day AND ts.seq > l.seq AND ts.note <> l.id::text
  AND l.id > 3 WHERE ts.v IS NULL OR ts.v > 1');
SELECT plan('SELECT l.id FROM l WHERE EXISTS (SELECT FROM ts
  WHERE ts.dev = l.dev AND ts.day = l.day AND ts.v > 1 AND ts.seq = 3)');
SELECT plan('SELECT l.id FROM l WHERE EXISTS (SELECT FROM ts
  WHERE ts.dev = l.dev AND ts.day = l.day AND ts.v > l.seq)');
SELECT plan('SELECT l.id FROM l WHERE NOT EXISTS (SELECT FROM kv
  WHERE kv.id = l.k)');
SELECT plan('SELECT * FROM kv WHERE id IN (SELECT k FROM l)');

-- every kind of join
SELECT same('SELECT * FROM l JOIN kv ON kv.id = l.k');
SELECT same('SELECT * FROM l LEFT JOIN kv ON kv.id = l.k');
SELECT same('SELECT * FROM l LEFT JOIN kv ON kv.id = l.k AND kv.n > 1');
SELECT same('SELECT * FROM l LEFT JOIN kv ON kv.id = l.k AND l.id % 2 = 0');
SELECT same('SELECT * FROM l LEFT JOIN kv ON kv.id = l.k
  WHERE kv.n IS NULL OR kv.n = 0');
SELECT same('SELECT * FROM kv RIGHT JOIN l ON kv.id = l.k');
SELECT same('SELECT * FROM l WHERE k IN (SELECT id FROM kv WHERE n < 3)');
SELECT same('SELECT * FROM l WHERE EXISTS (SELECT FROM ts
  WHERE ts.dev = l.dev AND ts.day = l.day AND ts.v > l.seq)');
SELECT same('SELECT * FROM l WHERE NOT EXISTS (SELECT FROM kv
  WHERE kv.id = l.k)');
SELECT same('SELECT * FROM l WHERE NOT EXISTS (SELECT FROM ts
  WHERE ts.dev = l.dev AND ts.day = l.day AND ts.v > l.seq)');
SELECT same('SELECT l.* FROM l LEFT JOIN ts ON ts.dev = l.dev
  AND ts.day = l.day WHERE ts.dev IS NULL');
SELECT same('SELECT * FROM kv WHERE id IN (SELECT k FROM l)');
SELECT same('SELECT * FROM l FULL JOIN kv ON kv.id = l.k', false);

-- composite keys, clustering columns, ranges of them, static rows
SELECT same('SELECT * FROM l JOIN ts USING (dev, day)');
SELECT same('SELECT * FROM l JOIN ts USING (dev, day, seq)');
SELECT same('SELECT * FROM l LEFT JOIN ts USING (dev, day, seq)');
SELECT same('SELECT * FROM l JOIN ts ON ts.dev = l.dev AND ts.day = l.day
  AND ts.seq BETWEEN l.seq - 1 AND l.seq');
SELECT same('SELECT * FROM l JOIN ts ON ts.dev = ''d1'' AND ts.day = l.day');
SELECT same('SELECT * FROM l JOIN ts ON ts.dev = ''d1'' AND ts.day = 2
  AND ts.seq = l.seq');
SELECT same('SELECT * FROM l JOIN ts ON ts.dev = l.dev AND ts.day = l.day
  AND ts.seq IN (l.seq, 1)');
SELECT same('SELECT * FROM l JOIN kv ON kv.id = ANY (ARRAY[l.k, l.id])');
SELECT same('SELECT * FROM l JOIN kv ON kv.id = l.k::bigint + 1');
SELECT same('SELECT * FROM l JOIN kv ON kv.id = l.k::numeric / 2');
SELECT same('SELECT * FROM l JOIN ts ON ts.dev = l.dev', false);

-- whole rows, expressions, no columns, the table's own row type
SELECT same('SELECT l, kv FROM l LEFT JOIN kv ON kv.id = l.k');
SELECT same('SELECT (ts).note FROM l JOIN ts USING (dev, day)');
SELECT same('SELECT 1 FROM l JOIN kv ON kv.id = l.k');
SELECT same('SELECT count(*) FROM l JOIN ts USING (dev, day)');
SELECT same('SELECT l.id + kv.n, coalesce(kv.v, l.dev) FROM l
  LEFT JOIN kv ON kv.id = l.k');
SELECT bool_and(kv.tableoid = 'kv'::regclass) FROM l JOIN kv ON kv.id = l.k;

-- several tables, sub-queries, WITH, LATERAL, views, partitions
SELECT same('SELECT * FROM l JOIN kv ON kv.id = l.k
  JOIN ts ON ts.dev = l.dev AND ts.day = kv.n');
SELECT same('SELECT * FROM l LEFT JOIN kv ON kv.id = l.k
  LEFT JOIN ts ON ts.dev = ''d'' || kv.n AND ts.day = l.day');
SELECT same('SELECT a.id, b.id FROM kv a JOIN kv b ON b.id = a.n');
SELECT same('SELECT * FROM (SELECT DISTINCT k FROM l) o
  JOIN kv ON kv.id = o.k');
SELECT same('WITH o AS MATERIALIZED (SELECT k, count(*) FROM l GROUP BY k)
  SELECT * FROM o LEFT JOIN kv ON kv.id = o.k');
SELECT same('SELECT l.id, q.v FROM l LEFT JOIN LATERAL (SELECT kv.v, l.id
  FROM kv WHERE kv.id = l.k) q ON true');
SELECT same('SELECT l.id, q.v FROM l LEFT JOIN (SELECT kv.id,
  coalesce(kv.v, ''none'') AS v FROM kv) q ON q.id = l.k');
SELECT same('SELECT l.id, q.v, q.w FROM l LEFT JOIN (SELECT kv.id,
  kv.n + o.day AS v, coalesce(kv.v, o.dev) AS w FROM l o
  LEFT JOIN kv ON kv.id = o.k) q ON q.id = l.id AND q.v > 2');
SELECT same('SELECT l.id, q.v FROM l LEFT JOIN (SELECT ts.dev, ts.day,
  ts.seq + 1 AS v FROM ts) q USING (dev, day) WHERE coalesce(q.v, 3) = 3');
SELECT same('SELECT l.id, q.* FROM l, LATERAL (SELECT o.k, kv.v FROM
  generate_series(l.id, l.id + 1) o(k) JOIN kv ON kv.id = o.k) q');
SELECT same('SELECT * FROM (VALUES (1), (2), (2), (NULL), (900)) o(k)
  LEFT JOIN kv ON kv.id = o.k');
SELECT same('SELECT * FROM unnest(''{1,2,3}''::int[]) o(k)
  JOIN kv ON kv.id = o.k');
SELECT same('SELECT (SELECT count(*) FROM l JOIN kv ON kv.id = l.k
  WHERE l.id < o.id) FROM l o WHERE id < 5');
SELECT same('SELECT o.id, (SELECT string_agg(kv.v, '','') FROM l
  JOIN kv ON kv.id = l.k AND l.id < o.id) FROM l o WHERE id < 5');
CREATE TABLE parts (k int, day int) PARTITION BY LIST (day);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE parts2 PARTITION OF parts FOR VALUES IN (2);
INSERT INTO parts SELECT g, 1 + g % 2 FROM generate_series(1, 20) g;
SELECT same('SELECT * FROM parts JOIN kv ON kv.id = parts.k');
CREATE TABLE dev_list (dev text, day int) PARTITION BY LIST (dev);
CREATE TABLE dev_list1 PARTITION OF dev_list FOR VALUES IN ('d1');
CREATE TABLE dev_list2 PARTITION OF dev_list FOR VALUES IN ('d2', 'd3');
INSERT INTO dev_list VALUES ('d1', 1), ('d2', 1), ('d3', 9);
SELECT same('SELECT * FROM dev_list LEFT JOIN ts USING (dev, day)');
SELECT count(cassandra_execute('write_server', 'CREATE TABLE fdw_write.' || t
  || ' (id int PRIMARY KEY, v text)')) FROM unnest('{low,high}'::text[]) t;
CREATE TABLE halves (v text, id int) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE low (id int, v text) SERVER write_server;
CREATE FOREIGN TABLE high (v text, id int) SERVER write_server;
ALTER TABLE halves ATTACH PARTITION low FOR VALUES FROM (0) TO (50);
ALTER TABLE halves ATTACH PARTITION high FOR VALUES FROM (50) TO (100);
INSERT INTO halves SELECT 'h' || g, g FROM generate_series(0, 99, 3) g;
CREATE TABLE keys (k int) PARTITION BY RANGE (k);
CREATE TABLE keys1 PARTITION OF keys FOR VALUES FROM (0) TO (50);
CREATE TABLE keys2 PARTITION OF keys FOR VALUES FROM (50) TO (100);
INSERT INTO keys SELECT g % 100 FROM generate_series(1, 150) g;
ANALYZE keys, halves;
SET enable_partitionwise_join = on;
SELECT plan('SELECT k, v FROM keys LEFT JOIN halves ON id = k');
SELECT count(*), count(v), sum(k), count(*) FILTER (WHERE v = 'h' || k)
  FROM keys LEFT JOIN halves ON id = k;
RESET enable_partitionwise_join;

-- subplans and parameters in keys and conditions
SELECT same('SELECT * FROM l LEFT JOIN kv ON kv.id = l.k
  AND kv.n = (SELECT max(o.id % 5) FROM l o WHERE o.id <= l.id)');
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, int) AS SELECT l.id, kv.v FROM l JOIN kv ON kv.id = l.k + $1
  WHERE l.id < $2 ORDER BY l.id;
EXECUTE q(1, 10);
EXECUTE q(NULL, 10);
EXECUTE q(2, 6);
EXPLAIN (COSTS OFF) EXECUTE q(1, 10);
RESET plan_cache_mode;

-- the outer order stays, so that nothing is sorted
SELECT plan('SELECT * FROM (SELECT * FROM l ORDER BY id OFFSET 0) o
  JOIN kv ON kv.id = o.k ORDER BY o.id');
SELECT array_agg(id) FROM (SELECT o.id
  FROM (SELECT * FROM l ORDER BY id DESC OFFSET 0) o
  JOIN kv ON kv.id = o.k ORDER BY o.id DESC) q;

-- few rows wanted, few keys asked; equal keys are one
CREATE FUNCTION counted(query text, complete boolean DEFAULT false)
  RETURNS text LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT json) ' || query INTO plan;
  RETURN string_agg(concat_ws(', ', node ->> 'Keys Asked',
      node ->> 'Keys Distinct', node ->> 'Batches', node ->> 'Requests',
      CASE WHEN complete THEN concat_ws(', ', node ->> 'Keys Found',
        node ->> 'Rows Received') END), '; ')
    FROM jsonb_path_query(plan::jsonb,
      'strict $.** ? (exists (@."Keys Asked"))') node;
END $$;
SELECT counted('SELECT * FROM l JOIN kv ON kv.id = l.k', true);
SELECT counted('SELECT * FROM l LEFT JOIN kv ON kv.id = 7 + l.k * 0', true);
SELECT counted('SELECT EXISTS (SELECT FROM l JOIN kv ON kv.id = l.k)');
SELECT counted('SELECT * FROM l JOIN kv ON kv.id = l.k LIMIT 1');
SELECT counted('SELECT * FROM l JOIN kv ON kv.id = l.k LIMIT 5');
SELECT counted('SELECT * FROM l LEFT JOIN ts ON ts.dev = l.dev
  AND ts.day = l.day LIMIT 1');
SELECT counted('SELECT * FROM l WHERE EXISTS (SELECT FROM kv
  WHERE kv.id = l.k AND kv.n > l.id)');

SELECT counted('SELECT * FROM (SELECT g FROM generate_series(1, 1500) g) o
  WHERE EXISTS (SELECT FROM ts WHERE ts.dev = ''d1'' AND ts.day = g % 5)',
  true);

-- EXPLAIN is valid in each format
CREATE FUNCTION valid() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  query text := 'SELECT * FROM l JOIN ts ON ts.dev = l.dev AND ts.day = l.day
    AND ts.note > l.dev';
  x xml;
  j json;
  y text;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, FORMAT xml) ' || query INTO x;
  EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, FORMAT json) ' || query INTO j;
  EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, FORMAT yaml) ' || query INTO y;
  RETURN concat_ws(', ', j #> '{0,Plan,Custom Plan Provider}',
    xmlexists('//*[local-name() = "Keys-Asked"]' PASSING x),
    y LIKE '%Keys Asked: %');
END $$;
SELECT valid();

-- little memory, pages of one row: partitions are read bit by bit
SET work_mem = '64kB';
ALTER FOREIGN TABLE ts OPTIONS (fetch_size '2');
INSERT INTO ts (dev, day, seq, note)
  SELECT 'wide', d, g, repeat(md5(g::text), 100)
  FROM generate_series(1, 2) d, generate_series(1, 40) g;
TRUNCATE ts_copy;
INSERT INTO ts_copy SELECT * FROM ts;
INSERT INTO l SELECT 100 + g, g, 'wide', 1 + g % 3, g
  FROM generate_series(1, 12) g;
SELECT same('SELECT l.id, ts.* FROM l JOIN ts USING (dev, day)');
SELECT same('SELECT l.id, ts.* FROM l LEFT JOIN ts ON ts.dev = l.dev
  AND ts.day = l.day AND ts.seq > l.seq');
SELECT same('SELECT l.id FROM l WHERE EXISTS (SELECT FROM ts
  WHERE ts.dev = l.dev AND ts.day = l.day AND ts.seq = ts.seq
    AND length(ts.note) > l.seq + 10)');
SELECT same('SELECT a.id, b.seq, c.seq FROM l a JOIN ts b USING (dev, day)
  JOIN ts c USING (dev, day) WHERE a.id > 105');
RESET work_mem;

-- not where rows may be looked at again, or keys are not what they seem
SELECT count(*) FROM plan('SELECT l.id FROM l JOIN kv ON kv.id = l.k
  FOR UPDATE OF l') p WHERE p ~ 'Key Join';
SELECT count(*) FROM plan('UPDATE l SET day = kv.n FROM kv
  WHERE kv.id = l.k') p WHERE p ~ 'Key Join';
SELECT same('SELECT * FROM l JOIN kv ON kv.id = l.k + random() * 0', false);
SET cassandra_fdw.enable_keyjoin = off;
SELECT same('SELECT * FROM l JOIN kv ON kv.id = l.k', false);
RESET cassandra_fdw.enable_keyjoin;

-- writes whose rows come of it
SELECT plan('UPDATE kv SET v = l.dev FROM l WHERE kv.id = l.k');
UPDATE kv SET v = l.dev FROM l WHERE kv.id = l.k AND l.id < 5;
UPDATE kv_copy SET v = l.dev FROM l WHERE kv_copy.id = l.k AND l.id < 5;
SELECT count(*) FROM (SELECT * FROM kv EXCEPT SELECT * FROM kv_copy) q;
WITH u AS (UPDATE kv SET n = kv.n + 1 FROM l WHERE kv.id = l.k AND l.id < 9
  RETURNING kv.id, kv.n, l.dev) SELECT * FROM u ORDER BY id;
WITH d AS (DELETE FROM kv USING l WHERE kv.id = l.k AND l.id BETWEEN 3 AND 8
  RETURNING kv.*, l.id) SELECT * FROM d ORDER BY 1;
DELETE FROM ts USING l WHERE ts.dev = l.dev AND ts.day = l.day
  AND ts.seq = l.seq;
DELETE FROM ts_copy USING l WHERE ts_copy.dev = l.dev AND ts_copy.day = l.day
  AND ts_copy.seq = l.seq;
SELECT count(*) FROM (SELECT * FROM ts EXCEPT SELECT * FROM ts_copy) q;
SELECT count(*) FROM (SELECT * FROM ts_copy EXCEPT SELECT * FROM ts) q;
INSERT INTO kv (id, v) SELECT kv.id + 1000, kv.v FROM l
  JOIN kv ON kv.id = l.k;
SELECT count(*) FROM kv WHERE id > 1000;

-- a cursor left early, and an error in the middle
BEGIN;
DECLARE c CURSOR FOR SELECT l.id, kv.id FROM l JOIN kv ON kv.id = l.k;
FETCH 2 FROM c;
CLOSE c;
SAVEPOINT s;
SELECT 1 / (kv.n - kv.n) FROM l JOIN kv ON kv.id = l.k;
ROLLBACK TO s;
SELECT count(*) > 0 FROM l JOIN kv ON kv.id = l.k;
COMMIT;

DROP SERVER write_server CASCADE;
