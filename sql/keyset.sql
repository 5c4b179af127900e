-- Paging by keys: row comparisons inside a partition, the order of tokens over
-- a whole table, LIMIT of the parts of a table.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/keyset.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER keyset_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', fetch_size '100');
CREATE USER MAPPING FOR CURRENT_USER SERVER keyset_server;
CREATE SCHEMA fdw_keyset;
CREATE SCHEMA copy_keyset;
IMPORT FOREIGN SCHEMA fdw_keyset FROM SERVER keyset_server INTO fdw_keyset;
ALTER FOREIGN TABLE fdw_keyset.single ADD tk bigint OPTIONS (expression 'token(id)');
ALTER FOREIGN TABLE fdw_keyset.several ADD tk bigint OPTIONS (expression 'token(id, "B")');
SET timezone = 'UTC';
SET datestyle = 'ISO';
INSERT INTO fdw_keyset.single SELECT i, i FROM generate_series(1, 2000) i;
INSERT INTO fdw_keyset.several (id, "B", at, n, v)
  SELECT i % 40, repeat('x', i % 2), '2025-01-01'::timestamptz + (i % 7) * interval '1 hour', i, i FROM generate_series(1, 400) i;
INSERT INTO fdw_keyset.several (id, "B", s) SELECT i, 'static', i FROM generate_series(1, 20) i;
INSERT INTO fdw_keyset.rows
  SELECT 1, a, b, c, d, e, row_number() OVER () FROM
    unnest('{2025-01-01, 2025-01-01 00:00:00.001, 2025-02-01}'::timestamptz[]) a, unnest('{-1,0,2147483647}'::int[]) b,
    unnest('{-1.5,0,-0,NaN}'::float8[]) c, unnest('{00000000-0000-0000-0000-000000000000,98fbaa00-f840-11ef-b362-dc5a6b58d97e}'::uuid[]) d,
    unnest('{"",a,ä}'::text[]) e;
INSERT INTO fdw_keyset.part1 SELECT 1, '2025-01-01'::timestamptz + i * interval '1 hour', i FROM generate_series(0, 20, 2) i;
INSERT INTO fdw_keyset.part2 SELECT 3, '2025-01-01'::timestamptz + i * interval '1 hour', i FROM generate_series(1, 20, 2) i;
INSERT INTO fdw_keyset.texts
  SELECT 1, e, t, b, row_number() OVER () FROM unnest('{"",a,b}'::text[]) e, unnest('{00:00,12:00:00.000001}'::time[]) t, unnest('{1,2}'::int[]) b;
DO $$ DECLARE r name; BEGIN
  FOR r IN SELECT relname FROM pg_class WHERE relnamespace = 'fdw_keyset'::regnamespace AND relkind = 'f' LOOP
    EXECUTE format('CREATE TABLE copy_keyset.%I AS SELECT * FROM fdw_keyset.%1$I', r);
  END LOOP;
END $$;

-- the order of tokens
EXPLAIN (COSTS OFF) SELECT tk, id FROM fdw_keyset.single ORDER BY tk LIMIT 5;
EXPLAIN (COSTS OFF) SELECT tk, id FROM fdw_keyset.single WHERE tk > 5 ORDER BY tk LIMIT 5;
EXPLAIN (COSTS OFF) SELECT tk, id FROM fdw_keyset.single WHERE tk > 5 AND v > 3 ORDER BY tk LIMIT 5;
EXPLAIN (COSTS OFF) SELECT tk, id FROM fdw_keyset.single ORDER BY tk DESC LIMIT 5;
EXPLAIN (COSTS OFF) SELECT tk, id FROM fdw_keyset.single WHERE id IN (1, 2) ORDER BY tk LIMIT 5;
EXPLAIN (COSTS OFF) SELECT tk, id, at, n FROM fdw_keyset.several WHERE tk > 5 ORDER BY tk, id, at, n LIMIT 5;
EXPLAIN (COSTS OFF) SELECT tk, id, at, n FROM fdw_keyset.several WHERE (tk, id, at) > (5, 1, '2025-01-01') ORDER BY tk, id, at LIMIT 5;
SELECT (SELECT min(tk) FROM fdw_keyset.single) = (SELECT min(tk) FROM copy_keyset.single) AS same;
SET enable_hashagg = off;
SET enable_incremental_sort = off;
EXPLAIN (COSTS OFF) SELECT DISTINCT tk, id, "B" FROM fdw_keyset.several WHERE tk > 5 ORDER BY tk LIMIT 5;
RESET enable_incremental_sort;
RESET enable_hashagg;
SELECT count(*), count(*) FILTER (WHERE f.tk = c.tk) AS same FROM (SELECT DISTINCT tk, id, "B" FROM fdw_keyset.several WHERE tk > 5 ORDER BY tk LIMIT 5) f
  FULL JOIN (SELECT DISTINCT tk, id, "B" FROM copy_keyset.several WHERE tk > 5 ORDER BY tk LIMIT 5) c USING (id, "B");
SELECT count(*), count(*) FILTER (WHERE f.tk = c.tk) AS same FROM (SELECT DISTINCT tk, id, "B" FROM fdw_keyset.several) f
  FULL JOIN (SELECT DISTINCT tk, id, "B" FROM copy_keyset.several) c USING (id, "B");
-- all of it: in one stream, in token ranges, from somewhere
CREATE FUNCTION copy_keyset.in_order(relation text, condition text, OUT rows int, OUT disordered int, OUT lost int) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT count(*), count(*) FILTER (WHERE tk < previous) FROM (SELECT tk, lag(tk) OVER () AS previous
    FROM (SELECT tk FROM fdw_keyset.%I WHERE %s ORDER BY tk OFFSET 0) o) p', relation, condition) INTO rows, disordered;
  EXECUTE format('SELECT count(*) - %s FROM copy_keyset.%I WHERE %s', rows, relation, condition) INTO lost;
END $$;
SELECT relation, condition, o.* FROM (VALUES ('single', 'true'), ('several', 'true'), ('single', 'tk > 0'), ('several', 'tk <= 5'),
  ('several', 'v IS NULL'), ('single', 'v % 3 = 0')) c(relation, condition), copy_keyset.in_order(relation, condition) o;
ANALYZE fdw_keyset.single;
SELECT o.* FROM copy_keyset.in_order('single', 'true') o;
BEGIN;
DECLARE ring CURSOR WITH HOLD FOR SELECT tk, row_number() OVER () FROM (SELECT tk FROM fdw_keyset.single ORDER BY tk) s;
COMMIT;
FETCH ABSOLUTE 2000 FROM ring \gset
SELECT :tk = max(tk) AS last FROM copy_keyset.single;
CLOSE ring;
-- the ends of the ring
CREATE FUNCTION copy_keyset.ends() RETURNS TABLE (condition text, rows int, right_rows int) LANGUAGE plpgsql AS $$
DECLARE op text; val text;
BEGIN
  FOREACH val IN ARRAY ARRAY['-9223372036854775808', '-9223372036854775807', '9223372036854775807', (SELECT max(tk)::text FROM copy_keyset.single),
      (SELECT min(tk)::text FROM copy_keyset.single), '9223372036854775808', '-1e30', '0.5', 'NaN', 'NULL'] LOOP
    FOREACH op IN ARRAY '{=,<,<=,>,>=}'::text[] LOOP
      condition := format('tk %s %s', op, CASE WHEN val = 'NULL' THEN val ELSE quote_literal(val) || '::numeric' END);
      EXECUTE 'SELECT count(*) FROM (SELECT FROM fdw_keyset.single WHERE ' || condition || ' ORDER BY tk OFFSET 0) o' INTO rows;
      EXECUTE 'SELECT count(*) FROM copy_keyset.single WHERE ' || condition INTO right_rows;
      IF rows <> right_rows THEN RETURN NEXT; END IF;
    END LOOP;
  END LOOP;
END $$;
SELECT * FROM copy_keyset.ends();
SELECT count(*) FROM fdw_keyset.single WHERE tk <= -9223372036854775808;
SELECT count(*) FROM fdw_keyset.single WHERE tk < -9223372036854775808;
SELECT count(*) FROM fdw_keyset.single WHERE tk > -9223372036854775808 AND tk <= 9223372036854775807;

-- page by page
CREATE FUNCTION copy_keyset.page_singles(n int, OUT pages int, OUT rows int, OUT same bool) LANGUAGE plpgsql AS $$
DECLARE last bigint := -9223372036854775808; ids int[] := '{}'; page int[];
BEGIN
  pages := 0;
  LOOP
    SELECT array_agg(id ORDER BY tk), max(tk) INTO page, last FROM (SELECT tk, id FROM fdw_keyset.single WHERE tk > last ORDER BY tk LIMIT n) p;
    EXIT WHEN page IS NULL;
    ids := ids || page; pages := pages + 1;
  END LOOP;
  rows := cardinality(ids);
  same := ids = (SELECT array_agg(id ORDER BY tk) FROM copy_keyset.single);
END $$;
SELECT * FROM copy_keyset.page_singles(300);
CREATE FUNCTION copy_keyset.page_several(size int, OUT pages int, OUT rows int, OUT same bool) LANGUAGE plpgsql AS $$
DECLARE last fdw_keyset.several; r fdw_keyset.several; vs int[] := '{}'; got int;
BEGIN
  pages := 0;
  last.tk := -9223372036854775808; last.id := 0; last."B" := ''; last.at := '-infinity'; last.n := 0;
  LOOP
    got := 0;
    FOR r IN SELECT * FROM fdw_keyset.several WHERE (tk, id, "B", at, n) > (last.tk, last.id, last."B", last.at, last.n) AND at IS NOT NULL
        ORDER BY tk, id, "B", at, n LIMIT size LOOP
      vs := vs || r.v; last := r; got := got + 1;
    END LOOP;
    EXIT WHEN got = 0;
    pages := pages + 1;
  END LOOP;
  rows := cardinality(vs);
  same := vs = (SELECT array_agg(v ORDER BY tk, id, "B", at, n) FROM copy_keyset.several WHERE at IS NOT NULL);
END $$;
SELECT * FROM copy_keyset.page_several(37);

-- row comparisons: what goes, and the rows against the copy's
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a, b) > ('2025-01-01', 0) ORDER BY a LIMIT 3;
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a, b) > ('2025-01-01', 0) AND (a, b) < ('2025-01-02', 0) LIMIT 3;
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a, b, c) >= ('2025-01-01', 0, 1.5) LIMIT 3;
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a, b, c, d) > ('2025-01-01', 0, 1.5, '98fbaa00-f840-11ef-b362-dc5a6b58d97e') LIMIT 3;
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a, d) > ('2025-01-01', '98fbaa00-f840-11ef-b362-dc5a6b58d97e') LIMIT 3;
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a, v) <= ('2025-01-01'::date, 3) LIMIT 3;
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND a = '2025-01-01' AND (a, b) > ('2025-01-01', 0);
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (v, a) > (1, '2025-01-01');
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.texts WHERE p = 1 AND (e, t) < ('b', '12:00') LIMIT 3;
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.empties WHERE p = 1 AND (a, b) < (2, 2) LIMIT 3;
ALTER FOREIGN TABLE fdw_keyset.rows ALTER a SET NOT NULL, ALTER b SET NOT NULL;
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a, b) > ('2025-01-01', 0) AND (a, b) < ('2025-01-02', 0) LIMIT 3;
CREATE FUNCTION copy_keyset.try(relation text, columns text, VARIADIC vals text[]) RETURNS TABLE (tried int, different int) LANGUAGE plpgsql AS $$
DECLARE op text; val text; more text; condition text; ours int[]; theirs int[];
BEGIN
  tried := 0; different := 0;
  FOREACH val IN ARRAY vals LOOP
    FOREACH op IN ARRAY '{<,<=,>,>=}'::text[] LOOP
      FOREACH more IN ARRAY ARRAY['', ' ORDER BY 1 LIMIT 1000', format(' AND (%s) >= (%s)', columns, vals[1])] LOOP
        condition := format('p = 1 AND (%s) %s (%s)%s', columns, op, val, more);
        EXECUTE format('SELECT array_agg(v ORDER BY v) FROM (SELECT v FROM fdw_keyset.%I WHERE %s) s', relation, condition) INTO ours;
        EXECUTE format('SELECT array_agg(v ORDER BY v) FROM (SELECT v FROM copy_keyset.%I WHERE %s) s', relation, condition) INTO theirs;
        tried := tried + 1;
        IF ours IS DISTINCT FROM theirs THEN
          different := different + 1;
          RAISE WARNING '%: % and not %', condition, ours, theirs;
        END IF;
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN NEXT;
END $$;
SELECT relation, columns, t.* FROM (VALUES
  (1, 'rows', 'a, b', '{"''2025-01-01'', 0", "''2025-01-01 00:00:00.0005'', 0", "''2025-01-01'', 0.5", "''2025-01-01'', NULL::int", "NULL::timestamptz, 1",
    "''2025-01-01''::date, 3e9", "''2025-01-01''::timestamp, -3e9::float8", "''infinity'', 0", "''-infinity'', 0", "''2025-01-01 00:00:00.001'', 2147483647"}'::text[]),
  (2, 'rows', 'a, b, c', '{"''2025-01-01'', 0, 0", "''2025-01-01'', 0.5, 0", "''2025-01-01'', 0, ''NaN''", "''2025-01-01'', 0, ''-infinity''", "''2025-01-01'', NULL::int, 0"}'),
  (3, 'rows', 'a, b, c, d', '{"''2025-01-01'', 0, 0, ''98fbaa00-f840-11ef-b362-dc5a6b58d97e''", "''2025-01-01'', 0, -1.5, ''00000000-0000-0000-0000-000000000000''"}'),
  (4, 'rows', 'a, b, c, d, e', '{"''2025-01-01'', 0, 0, ''98fbaa00-f840-11ef-b362-dc5a6b58d97e'', ''a''"}'),
  (5, 'rows', 'a, d', '{"''2025-01-01'', ''98fbaa00-f840-11ef-b362-dc5a6b58d97e''", "''2025-01-01 00:00:00.0005'', ''98fbaa00-f840-11ef-b362-dc5a6b58d97e''"}'),
  (6, 'rows', 'a, v', '{"''2025-01-01'', 100", "''2025-01-01 00:00:00.001'', NULL::int"}'),
  (7, 'rows', 'b, c', '{"0, 0", "-1, 1"}'), (8, 'rows', 'v, a', '{"100, ''2025-01-01''"}'),
  (9, 'texts', 'e, t', '{"''a'', ''12:00:00.000001''", "''a'', ''24:00''", "''a'', NULL::time", "''ä'', ''00:00''", "'''', ''00:00''"}'),
  (10, 'texts', 'e, t, b', '{"''a'', ''12:00:00.000001'', 1", "''a'', ''00:00'', 1.5"}'),
  (11, 'empties', 'a, b', '{"1, 1", "2, 2", "1, NULL::int", "1.5, 1", "1, -3e9"}')) c(n, relation, columns, vals),
  copy_keyset.try(relation, columns, VARIADIC vals) t ORDER BY n;
-- the same spelt with OR
EXPLAIN (VERBOSE, COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a > '2025-01-01' OR (a = '2025-01-01' AND d > '98fbaa00-f840-11ef-b362-dc5a6b58d97e')) ORDER BY a LIMIT 3;
EXPLAIN (COSTS OFF) SELECT tk, id FROM fdw_keyset.several WHERE tk > 5 OR (tk = 5 AND (id > 3 OR (id = 3 AND at < '2025-01-02'))) ORDER BY tk LIMIT 3;
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a > '2025-01-01' OR v = 3);
EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p > 1 OR (p = 1 AND a > '2025-01-01');
CREATE FUNCTION copy_keyset.try_or(VARIADIC conditions text[]) RETURNS TABLE (condition text, rows int, pushed bool, same bool) LANGUAGE plpgsql AS $$
DECLARE ours int[]; theirs int[]; line text;
BEGIN
  FOREACH condition IN ARRAY conditions LOOP
    EXECUTE 'SELECT array_agg(v ORDER BY v) FROM fdw_keyset.rows WHERE p = 1 AND ' || condition INTO ours;
    EXECUTE 'SELECT array_agg(v ORDER BY v) FROM copy_keyset.rows WHERE p = 1 AND ' || condition INTO theirs;
    pushed := false;
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) SELECT v FROM fdw_keyset.rows WHERE p = 1 AND ' || condition LOOP
      pushed := pushed OR line ~ 'CQL: .* AND a ';
    END LOOP;
    rows := coalesce(cardinality(ours), 0);
    same := ours IS NOT DISTINCT FROM theirs;
    RETURN NEXT;
  END LOOP;
END $$;
SELECT * FROM copy_keyset.try_or(
  '(a > ''2025-01-01'' OR (a = ''2025-01-01'' AND b > 0))', '(a < ''2025-01-01 00:00:00.001'' OR (a = ''2025-01-01 00:00:00.001'' AND b < 0))',
  '(a > ''2025-01-01 00:00:00.0005'' OR (a = ''2025-01-01'' AND (b > -1 OR (b = -1 AND c >= 0))))',
  '(a >= ''2025-02-01'' OR a > ''2025-01-01''::date OR (a, b) > (''2025-01-01 00:00:00.001'', 0))', '(a > NULL OR (a = ''2025-01-01'' AND b > 0))',
  '(a > ''infinity'' OR (a = ''2025-01-01 00:00:00.0005'' AND b > 0))', '(a > ''-infinity'' OR (a = ''2025-01-01'' AND b > 0))',
  '(a > ''2025-01-01'' OR a < ''2025-01-01'')', '(a < ''2025-01-01 00:00:00.001'' OR (a <= ''2025-02-01'' AND a >= ''2025-01-15''))',
  '(a > ''2025-01-01'' OR NULL)', '(a = ''2025-01-01'' OR a > ''2025-01-01 00:00:00.001'')', '(a = ''2025-01-01'' OR a IN (''2025-02-01''))');
-- other parts of the key given as well
SELECT count(*) FROM fdw_keyset.rows WHERE p = 1 AND a = '2025-01-01' AND (a, b) > ('2025-01-01', 0);
SELECT count(*) FROM copy_keyset.rows WHERE p = 1 AND a = '2025-01-01' AND (a, b) > ('2025-01-01', 0);
SELECT count(*) FROM fdw_keyset.rows WHERE p = 1 AND (a, b) > ('2025-01-01', 0) AND (a, b, c) < ('2025-01-01 00:00:00.001', 5, 0) AND (a, b) >= ('2025-01-01', -1);
SELECT count(*) FROM copy_keyset.rows WHERE p = 1 AND (a, b) > ('2025-01-01', 0) AND (a, b, c) < ('2025-01-01 00:00:00.001', 5, 0) AND (a, b) >= ('2025-01-01', -1);
PREPARE page(timestamptz, int) AS SELECT v FROM fdw_keyset.rows WHERE p = 1 AND (a, b) > ($1, $2) ORDER BY a LIMIT 2;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE page('2025-01-01', 0);
SELECT count(*) FROM fdw_keyset.rows WHERE p = 1 AND (a, b) > ('2025-01-01'::timestamp, 0::float8);
DELETE FROM fdw_keyset.rows WHERE p = 1 AND (a, b) >= ('2025-01-01 00:00:00.001', 0);
DELETE FROM copy_keyset.rows WHERE p = 1 AND (a, b) >= ('2025-01-01 00:00:00.001', 0);
SELECT count(*), count(*) FILTER (WHERE f.a = c.a) AS same FROM fdw_keyset.rows f FULL JOIN copy_keyset.rows c USING (v);

-- LIMIT of the parts of a table
CREATE TABLE copy_keyset.parts (id int, at timestamptz(3), v int) PARTITION BY LIST (id);
ALTER TABLE copy_keyset.parts ATTACH PARTITION fdw_keyset.part1 FOR VALUES IN (1);
ALTER TABLE copy_keyset.parts ATTACH PARTITION fdw_keyset.part2 FOR VALUES IN (3);
EXPLAIN (COSTS OFF) SELECT v FROM copy_keyset.parts WHERE id IN (1, 3) ORDER BY at DESC LIMIT 4 OFFSET 1;
EXPLAIN (COSTS OFF) SELECT v FROM copy_keyset.parts WHERE id IN (1, 3) LIMIT 4;
EXPLAIN (COSTS OFF) SELECT v FROM copy_keyset.parts LIMIT 4;
EXPLAIN (COSTS OFF) SELECT v FROM copy_keyset.parts WHERE id IN (1, 3) AND v % 3 = 0 LIMIT 4;
EXPLAIN (COSTS OFF) SELECT v FROM copy_keyset.parts WHERE id IN (1, 3) ORDER BY v LIMIT 4;
EXPLAIN (COSTS OFF) SELECT v, count(*) FROM copy_keyset.parts WHERE id IN (1, 3) GROUP BY v LIMIT 4;
EXPLAIN (COSTS OFF) SELECT v, random() FROM copy_keyset.parts WHERE id IN (1, 3) LIMIT (random() * 4)::int;
EXPLAIN (COSTS OFF) SELECT v, generate_series(1, 2) FROM copy_keyset.parts WHERE id IN (1, 3) LIMIT 4;
EXPLAIN (COSTS OFF) SELECT s.v FROM (SELECT at, v FROM fdw_keyset.part1 UNION ALL SELECT at, v FROM fdw_keyset.part2) s LIMIT 4;
SELECT array_agg(v) FROM (SELECT v FROM copy_keyset.parts WHERE id IN (1, 3) ORDER BY at DESC LIMIT 4 OFFSET 1) f;
SELECT array_agg(v) FROM (SELECT v FROM copy_keyset.parts WHERE id IN (1, 3) ORDER BY at LIMIT 15 OFFSET 3) f;
SELECT count(*) FROM (SELECT FROM copy_keyset.parts WHERE id IN (1, 3) LIMIT 14 OFFSET 3) f;
SELECT count(*) FROM (SELECT FROM copy_keyset.parts LIMIT 100) f;
SELECT count(*) FROM (SELECT FROM copy_keyset.parts p JOIN generate_series(1, 3) g ON v = g WHERE id IN (1, 3) LIMIT 2) f;
SELECT array_agg(v) FROM (SELECT v FROM copy_keyset.parts WHERE id IN (1, 3) ORDER BY v DESC LIMIT 3) f;
SELECT count(*) FROM (SELECT FROM copy_keyset.parts WHERE id IN (1, 3) LIMIT NULL) f;
DROP SERVER keyset_server CASCADE;
