-- Plans of all kinds over foreign tables: their answers are those of local
-- tables, and what is asked of Cassandra is shown.
\i test/cql/write_setup.sql
INSERT INTO kv (id, n, v) SELECT g, g % 5, 'v' || g
  FROM generate_series(1, 20) g;
INSERT INTO ts (dev, day, seq, v, note)
  SELECT d, 1, g, g / 2.0, 'n' || g FROM unnest('{a,b,c}'::text[]) d,
    generate_series(1, 5) g;
CREATE TABLE l (id int, n bigint, v text);
INSERT INTO l SELECT id, n, v FROM kv;
ANALYZE l;
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ '^ *(CQL|Not Pushed|Pushed, Rechecked|Filter):' THEN
      RETURN NEXT trim(line);
    END IF;
  END LOOP;
END $$;
-- the query's answer on kv is that on l
CREATE FUNCTION same(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE foreign_rows text; local_rows text;
BEGIN
  EXECUTE format('SELECT string_agg(q::text, '';'') FROM (%s) q', query)
    INTO foreign_rows;
  EXECUTE format('SELECT string_agg(q::text, '';'') FROM (%s) q',
    regexp_replace(query, '\mkv\M', 'l', 'g')) INTO local_rows;
  IF foreign_rows IS DISTINCT FROM local_rows THEN
    RAISE WARNING 'foreign: %', foreign_rows;
    RAISE WARNING 'local:   %', local_rows;
  END IF;
  RETURN foreign_rows IS NOT DISTINCT FROM local_rows
    AND foreign_rows IS NOT NULL;
END $$;
\pset format unaligned
\pset tuples_only on

-- with and without alias, whole rows, constants, no columns, row locks
SELECT same('SELECT * FROM kv ORDER BY id');
SELECT same('SELECT t.* FROM kv AS t ORDER BY t.id');
SELECT same('SELECT (t.*)::text FROM kv t ORDER BY t.id');
SELECT same('SELECT 1, ''x'' FROM kv WHERE id <= 3');
SELECT same('SELECT count(*) FROM (SELECT FROM kv) t');
SELECT same('SELECT id FROM kv WHERE id IN (3, 1) ORDER BY id FOR UPDATE');
SELECT same('SELECT id FROM kv WHERE id = 3 FOR SHARE');
SELECT plan('SELECT id FROM kv WHERE id = 3 FOR UPDATE');
SELECT same('WITH t AS (SELECT * FROM kv WHERE id > 3)
  SELECT count(*), max(id) FROM t WHERE n = 1');
SELECT same('WITH t AS MATERIALIZED (SELECT * FROM kv)
  SELECT a.id FROM t a JOIN t b ON a.id = b.n ORDER BY 1');
SELECT same('SELECT * FROM kv WHERE id = (SELECT max(id) FROM kv)');
SELECT same('SELECT * FROM kv WHERE tableoid > 0 AND id = 1');
SELECT plan('SELECT id FROM kv WHERE tableoid = 1::oid AND id = 1');

-- expressions that stay local: one's own functions and operators, CASE,
-- subscripts, collations, what is volatile
CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql IMMUTABLE
  AS 'SELECT i * 2';
CREATE FUNCTION same_int(a int, b int) RETURNS boolean LANGUAGE plpgsql
  IMMUTABLE AS 'BEGIN RETURN a = b; END';
CREATE OPERATOR === (FUNCTION = same_int, LEFTARG = int, RIGHTARG = int);
CREATE FUNCTION volatile_one() RETURNS int LANGUAGE plpgsql VOLATILE
  AS 'BEGIN RETURN 1; END';
CREATE FUNCTION stable_one() RETURNS int LANGUAGE plpgsql STABLE
  AS 'BEGIN RETURN 1; END';
SELECT plan('SELECT v FROM kv WHERE id === 2');
SELECT same('SELECT v FROM kv WHERE id === 2');
SELECT plan('SELECT v FROM kv WHERE id = twice(1)');
SELECT same('SELECT v FROM kv WHERE id = twice(1)');
SELECT plan('SELECT v FROM kv WHERE id = twice(id - 2)');
SELECT same('SELECT v FROM kv WHERE id = twice(id - 2)');
SELECT plan('SELECT v FROM kv WHERE id = volatile_one()');
SELECT same('SELECT v FROM kv WHERE id = volatile_one()');
SELECT plan('SELECT v FROM kv WHERE id = stable_one()');
SELECT same('SELECT v FROM kv WHERE id = stable_one()');
SELECT plan('SELECT v FROM kv WHERE CASE WHEN id = 1 THEN n ELSE 1 END = 1');
SELECT same('SELECT v FROM kv WHERE CASE WHEN id = 1 THEN n ELSE 1 END = 1
  ORDER BY id');
SELECT plan('SELECT v FROM kv WHERE id = (ARRAY[3, 4])[1]');
SELECT same('SELECT v FROM kv WHERE id = (ARRAY[3, 4])[1]');
SELECT plan('SELECT v FROM kv WHERE (ARRAY[3, 4])[id] = 4');
SELECT same('SELECT v FROM kv WHERE (ARRAY[3, 4])[id] = 4');
SELECT plan('SELECT v FROM kv WHERE v::varchar = ''v7''::varchar AND id = 7');
SELECT same('SELECT v FROM kv WHERE v::varchar = ''v7''::varchar');
SELECT plan('SELECT v FROM ts WHERE dev COLLATE "en-x-icu" = ''a'' AND day = 1');
SELECT plan('SELECT v FROM ts WHERE dev COLLATE "C" = ''a'' AND day = 1');
SELECT same('SELECT id FROM kv WHERE v COLLATE "C" < ''v2'' COLLATE "C"
  ORDER BY id');
SELECT same('SELECT id FROM kv WHERE (id = 1) IS TRUE OR (n = 3) IS NOT FALSE
  ORDER BY id');
SELECT same('SELECT id FROM kv WHERE n IS DISTINCT FROM 1 AND id < 9
  ORDER BY id');

-- sort keys: constants, expressions, volatile ones, USING
SELECT same('SELECT id FROM kv WHERE n = 1 ORDER BY n, id');
SELECT same('SELECT id FROM kv ORDER BY id USING >');
SELECT same('SELECT id FROM kv ORDER BY n DESC NULLS LAST, v COLLATE "C"
  LIMIT 7 OFFSET 2');
SELECT count(*) FROM (SELECT id FROM kv ORDER BY random() LIMIT 5) t;
SELECT plan('SELECT seq FROM ts WHERE dev = ''a'' AND day = 1
  ORDER BY dev, seq DESC NULLS LAST');
SELECT plan('SELECT seq FROM ts WHERE dev = ''a'' AND day = 1
  ORDER BY seq DESC NULLS LAST, random()');

-- joins: inner, outer, semi, anti, lateral, merged, of one table with itself
SELECT same('SELECT a.id, b.v FROM kv a JOIN kv b ON a.id = b.n ORDER BY 1, 2');
SELECT same('SELECT a.id, b.v FROM kv a LEFT JOIN kv b ON b.id = a.id + 15
  ORDER BY 1');
SELECT same('SELECT a.id, b.id FROM kv a FULL JOIN kv b ON b.id = a.id + 15
  ORDER BY 1, 2');
SELECT same('SELECT id FROM kv a WHERE EXISTS (SELECT FROM kv b
  WHERE b.id = a.id * 2) ORDER BY 1');
SELECT same('SELECT id FROM kv a WHERE NOT EXISTS (SELECT FROM kv b
  WHERE b.id = a.id * 2) ORDER BY 1');
SELECT same('SELECT id FROM kv WHERE id NOT IN (SELECT n FROM kv) ORDER BY 1');
SELECT same('SELECT a.id, t.s FROM kv a, LATERAL (SELECT sum(b.n) AS s
  FROM kv b WHERE b.id <= a.id) t ORDER BY 1');
SET enable_hashjoin = off;
SET enable_nestloop = off;
SELECT same('SELECT a.id, l.v FROM kv a JOIN l ON a.id = l.id ORDER BY 1');
SELECT same('SELECT a.id, l.v FROM kv a FULL JOIN l ON a.id = l.id + 5
  ORDER BY 1, 2');
-- rows of one partition come in order into a merge, which goes back in them
SET enable_sort = off;
SET cassandra_fdw.enable_keyjoin = off;
SELECT plan('SELECT a.seq, b.note FROM ts a JOIN ts b ON a.seq = b.seq
  WHERE a.dev = ''a'' AND a.day = 1 AND b.dev = ''b'' AND b.day = 1');
SELECT a.seq, b.note FROM ts a JOIN ts b ON a.seq = b.seq
  WHERE a.dev = 'a' AND a.day = 1 AND b.dev = 'b' AND b.day = 1;
SELECT l.id, b.seq FROM (SELECT id, n FROM l ORDER BY n) l
  JOIN ts b ON l.n = b.seq WHERE b.dev = 'b' AND b.day = 1 ORDER BY 2, 1;
RESET cassandra_fdw.enable_keyjoin;
RESET enable_sort;
RESET enable_hashjoin;
SET enable_mergejoin = off;
SET enable_hashjoin = off;
RESET enable_nestloop;
SELECT same('SELECT a.id, l.v FROM kv a JOIN l ON a.id = l.id ORDER BY 1');
SELECT same('SELECT l.id, a.v FROM l LEFT JOIN kv a ON a.id = l.n ORDER BY 1');
SET enable_material = off;
SELECT same('SELECT a.id, l.id FROM l, kv a WHERE a.n > l.n ORDER BY 1, 2');
RESET enable_material;
RESET enable_mergejoin;
RESET enable_hashjoin;
SELECT count(*) FROM ts a JOIN ts b USING (dev, day) JOIN kv ON kv.id = b.seq;

-- sets, grouping sets, windows, aggregates with all that goes with them
SELECT same('SELECT id FROM kv WHERE id < 5 UNION ALL
  SELECT n FROM kv WHERE id = 7 ORDER BY 1');
SELECT same('SELECT n FROM kv EXCEPT SELECT 3 ORDER BY 1');
SELECT same('SELECT n FROM kv INTERSECT SELECT id FROM kv ORDER BY 1');
SELECT same('SELECT n, id % 2 AS odd, count(*), sum(id) FROM kv
  GROUP BY GROUPING SETS ((n), (id % 2), ()) ORDER BY 1, 2');
SELECT same('SELECT n, count(*) FROM kv GROUP BY CUBE (n) ORDER BY 1');
SELECT same('SELECT id, row_number() OVER (PARTITION BY n ORDER BY id DESC),
  sum(id) OVER (ORDER BY id ROWS 2 PRECEDING) FROM kv ORDER BY id');
SELECT same('SELECT count(*), count(v), count(DISTINCT n), sum(n), avg(n),
  min(v COLLATE "C"), max(id), bool_or(n = 4), array_agg(id ORDER BY id DESC),
  string_agg(v, '','' ORDER BY id) FILTER (WHERE n = 1),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FROM kv');
SELECT same('SELECT n FROM kv GROUP BY n HAVING count(*) > 3 AND min(id) < 4
  ORDER BY n');
SELECT same('SELECT count(*) FROM kv WHERE id === 5');
SELECT same('SELECT 1 FROM kv GROUP BY ()');
SELECT same('SELECT DISTINCT n FROM kv ORDER BY n');
SELECT same('SELECT DISTINCT ON (n) n, id FROM kv ORDER BY n, id DESC');

-- parameters: five custom plans, then a generic one; of sub-selects; NULL
PREPARE by_id(int) AS SELECT v FROM kv WHERE id = $1;
EXECUTE by_id(1);
EXECUTE by_id(2);
EXECUTE by_id(3);
EXECUTE by_id(4);
EXECUTE by_id(5);
EXECUTE by_id(6);
EXECUTE by_id(7);
EXECUTE by_id(NULL);
SELECT generic_plans + custom_plans FROM pg_prepared_statements
  WHERE name = 'by_id';
PREPARE by_n(bigint) AS SELECT count(*) FROM kv WHERE n = $1 AND id > $1;
EXECUTE by_n(1);
EXECUTE by_n(NULL);
SELECT same('SELECT v FROM kv WHERE id = (SELECT min(id) + 3 FROM l)');
SELECT same('SELECT v FROM kv a WHERE id =
  (SELECT max(b.id) FROM kv b WHERE b.n = a.n) ORDER BY id');
SELECT same('SELECT id, (SELECT b.v FROM kv b WHERE b.id = a.n) FROM kv a
  ORDER BY id');

-- views: a barrier keeps leaky functions from rows that are not for them
CREATE FUNCTION leak(t text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS
  $$ BEGIN RAISE WARNING 'seen: %', t; RETURN true; END $$;
CREATE VIEW barrier WITH (security_barrier) AS
  SELECT * FROM kv WHERE n = 1 AND id < 10;
SELECT id FROM barrier WHERE leak(v) ORDER BY id;
SELECT plan('SELECT id FROM barrier WHERE id = 6 AND leak(v)');
SELECT id FROM barrier WHERE id = 6 AND leak(v);
UPDATE barrier SET v = v || '!' WHERE id = 6 AND leak(v);
DELETE FROM barrier WHERE id = 7 AND leak(v);
SELECT id, v FROM kv WHERE id IN (6, 7) ORDER BY id;
INSERT INTO kv (id, n, v) VALUES (6, 1, 'v6');

-- children of a parent: partitions, inheritance, pruning, row locks
SELECT cassandra_execute('write_server', 'CREATE TABLE fdw_write.empty '
  '(id int PRIMARY KEY, n bigint, v text)');
CREATE TABLE parent (id int, n bigint, v text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES FROM (1) TO (21)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
CREATE FOREIGN TABLE part_empty PARTITION OF parent
  FOR VALUES FROM (1000) TO (2000)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'empty');
CREATE TABLE part_local PARTITION OF parent FOR VALUES FROM (21) TO (100);
INSERT INTO part_local VALUES (21, 1, 'near'), (22, 2, 'near');
SELECT plan('SELECT * FROM parent WHERE id = 3');
SELECT tableoid::regclass, id FROM parent WHERE id IN (3, 21) ORDER BY id;
SELECT count(*) FROM part, part_local;
SELECT id FROM parent WHERE id BETWEEN 19 AND 22 ORDER BY id LIMIT 3;
SELECT id FROM parent WHERE id IN (20, 21) ORDER BY id FOR UPDATE;
SET plan_cache_mode = force_generic_plan;
PREPARE pruned(int) AS SELECT v FROM parent WHERE id = $1;
EXECUTE pruned(3);
EXECUTE pruned(21);
EXECUTE pruned(500);
PREPARE pruned_update(int) AS UPDATE parent SET v = 'pruned' WHERE id = $1
  RETURNING tableoid::regclass, id, v;
EXECUTE pruned_update(20);
EXECUTE pruned_update(21);
EXECUTE pruned_update(99);
RESET plan_cache_mode;
SET enable_partitionwise_join = on;
SET enable_partitionwise_aggregate = on;
SELECT a.id, b.v FROM parent a JOIN parent b USING (id) WHERE a.n = 2
  ORDER BY 1;
SELECT n, count(*) FROM parent GROUP BY n ORDER BY n;
RESET enable_partitionwise_join;
RESET enable_partitionwise_aggregate;
CREATE TABLE base (id int, n bigint);
CREATE FOREIGN TABLE child (v text) INHERITS (base)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
INSERT INTO base VALUES (50, 5);
SELECT tableoid::regclass, count(*) FROM base GROUP BY 1 ORDER BY 1;
SELECT tableoid::regclass, count(*) FROM ONLY base GROUP BY 1;
UPDATE base SET n = n + 100 WHERE id IN (1, 50);
DELETE FROM base WHERE id = 2;
SELECT tableoid::regclass, * FROM base WHERE id IN (1, 2, 50) ORDER BY id;
UPDATE base SET n = l.n FROM l WHERE l.id = base.id AND base.id = 1
  RETURNING base.*;
SELECT id FROM base WHERE id IN (1, 50) ORDER BY id FOR UPDATE;

\pset tuples_only off
DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
