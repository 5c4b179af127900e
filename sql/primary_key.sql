-- What the primary key tells the planner: how many rows a key finds, and that
-- it finds one.
\i test/cql/write_setup.sql
INSERT INTO kv (id, n, v) SELECT g, g % 5, 'v' || g
  FROM generate_series(1, 100) g;
INSERT INTO ts (dev, day, seq, v)
  SELECT 'd' || d, day, g, g FROM generate_series(1, 20) d,
    generate_series(1, 5) day, generate_series(1, 10) g;
INSERT INTO "MixedCase" VALUES ('a', 1), ('A', 2), ('b', 3);
CREATE TABLE l (id int, dev text, day int, seq int, d numeric, t time,
  i int, name text);
INSERT INTO l SELECT g, 'd' || g % 20 + 1, g % 5 + 1, g % 10 + 1, g, NULL, g,
  CASE g WHEN 1 THEN 'a' END FROM generate_series(1, 200) g;
ANALYZE l;
CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2',
  deterministic = false);
-- rows that the planner expects, of the query and of its foreign scans
CREATE FUNCTION expected(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
  RETURN string_agg(concat_ws(' ', node ->> 'Node Type',
      node ->> 'Relation Name', node ->> 'Plan Rows'), ', ')
    FROM jsonb_path_query(plan::jsonb,
      'strict $.** ? (exists (@."Plan Rows"))') node;
END $$;
CREATE FUNCTION shape(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ '(Join|Loop|Scan|Sort|Unique|Aggregate)'
      AND line !~ 'Join Filter' THEN
      RETURN NEXT regexp_replace(line, '^ *(->  )?', '');
    END IF;
  END LOOP;
END $$;
\pset format unaligned
\pset tuples_only on
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_memoize = off;
SET enable_material = off;
SET cassandra_fdw.enable_keyjoin = off;

-- nobody ran ANALYZE: a guess of the table, but a key finds what it can
SELECT expected('SELECT * FROM kv WHERE id = 3');
SELECT expected('SELECT * FROM l JOIN kv USING (id)');
SELECT expected('SELECT * FROM l JOIN kv USING (id) WHERE kv.v > ''v''');
SELECT expected('SELECT * FROM l JOIN ts USING (dev, day)');
SELECT expected('SELECT * FROM l JOIN ts USING (dev, day, seq)');
SELECT expected('SELECT * FROM l JOIN ts USING (dev, day) WHERE ts.seq > 3');
-- after it: as many as there are
ANALYZE kv, ts;
SELECT expected('SELECT * FROM l JOIN kv USING (id)');
SELECT expected('SELECT * FROM l JOIN ts USING (dev, day)');
SELECT expected('SELECT * FROM l JOIN ts USING (dev, day, seq)');
-- also where a clustering column's values are others in each partition
INSERT INTO ts (dev, day, seq) SELECT 'e' || g % 20, 1, g
  FROM generate_series(1, 1000) g;
CREATE TABLE l_ts AS SELECT dev, day, seq FROM ts WHERE dev LIKE 'e%';
ANALYZE l_ts, ts;
SELECT expected('SELECT * FROM l_ts JOIN ts USING (dev, day, seq)');
SELECT expected('SELECT * FROM l_ts JOIN ts USING (dev, day, seq)
  WHERE l_ts.seq < 11');
-- conditions of its own are estimated as they were
SELECT expected('SELECT * FROM kv WHERE id BETWEEN 1 AND 10');
SELECT expected('SELECT * FROM "MixedCase" WHERE "Id" > ''x''');

-- a left join that nobody looks at is none; one match ends the search
SELECT shape('SELECT l.id FROM l LEFT JOIN kv ON kv.id = l.id');
SELECT shape('SELECT l.id FROM l LEFT JOIN ts
  ON ts.dev = l.dev AND ts.day = l.day AND ts.seq = l.seq');
SELECT shape('SELECT l.id FROM l LEFT JOIN ts
  ON ts.dev = l.dev AND ts.day = l.day');
SELECT shape('SELECT l.id, kv.v FROM l JOIN kv ON kv.id = l.id');
SELECT shape('SELECT l.id FROM l WHERE l.id IN (SELECT id FROM kv)');
SELECT count(*) FROM l WHERE l.id IN (SELECT id FROM kv);
-- not where several keys are one value to SQL
SELECT shape('SELECT l.id FROM l LEFT JOIN odd
  ON odd.d = l.d AND odd.t = l.t AND odd.i = l.i');
SELECT shape('SELECT l.id FROM l LEFT JOIN "MixedCase" m ON m."Id" = l.name');
SELECT shape('SELECT l.id FROM l LEFT JOIN "MixedCase" m
  ON m."Id" = l.name COLLATE blind');
SELECT l.id, m."a b" FROM l JOIN "MixedCase" m
  ON m."Id" = l.name COLLATE blind ORDER BY 2;

-- a merge join takes the order of a partition
SET enable_nestloop = off;
SET enable_mergejoin = on;
SELECT shape('SELECT ts.v FROM l JOIN ts ON ts.seq = l.seq
  WHERE ts.dev = ''d1'' AND ts.day = 1');
SELECT count(*), sum(ts.v) FROM l JOIN ts ON ts.seq = l.seq
  WHERE ts.dev = 'd1' AND ts.day = 1;
RESET enable_nestloop;
SET enable_mergejoin = off;

-- grouped by the key and more
SELECT count(*) FROM (SELECT kv.id, kv.v, count(*) FROM kv JOIN l USING (id)
  GROUP BY kv.id, kv.v) q;

DROP SERVER write_server CASCADE;
