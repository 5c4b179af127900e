-- Values that a storage-attached index leaves out because they are too long.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/index_limits.cql 2>/dev/null
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER limits_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER limits_server;
CREATE SCHEMA fdw_index_limits;
IMPORT FOREIGN SCHEMA fdw_index_limits FROM SERVER limits_server INTO fdw_index_limits;
SET search_path = fdw_index_limits, public;

CREATE TABLE copy (LIKE sai);
INSERT INTO copy (p, c, body, word, tags, part, names, attrs, parts, s, d, v, n)
  SELECT n, CASE WHEN n = 1024 THEN 'c' ELSE repeat('c', n) END, repeat('x', n), repeat('W', n), ARRAY['t', repeat('x', n)],
         jsonb_build_object('k', repeat('x', n)), jsonb_build_object(repeat('x', n), 'k'),
         jsonb_build_object('k', repeat('x', n)), ARRAY[repeat('x', n)],
         repeat('s', n), 10::numeric ^ n, ARRAY[n, 1], n % 2
  FROM unnest('{1024,2048,2049,8191,8192,8193,9000}'::int[]) n;
INSERT INTO sai SELECT * FROM copy;

-- what is asked, the rows found by it, and whether a copy gives the same
CREATE FUNCTION ask(condition text) RETURNS TABLE (asked text, ps int[], same bool)
LANGUAGE plpgsql AS $$
DECLARE line text; of_copy int[];
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT p FROM sai WHERE ' || condition LOOP
    IF line ~ '^ *CQL' THEN
      asked := coalesce(substring(line FROM 'WHERE.*'), 'all');
    ELSIF line ~ 'Removed' THEN
      asked := asked || ', ' || btrim(line);
    END IF;
  END LOOP;
  EXECUTE 'SELECT array_agg(p ORDER BY p) FROM sai WHERE ' || condition INTO ps;
  EXECUTE 'SELECT array_agg(p ORDER BY p) FROM copy WHERE ' || condition INTO of_copy;
  same := ps IS NOT DISTINCT FROM of_copy;
  RETURN NEXT;
END $$;

SELECT n, c, ps, same FROM unnest('{1024,2048,2049,8191,8192,8193,9000,70000}'::int[]) n, unnest(ARRAY[
  $$body = repeat('x', %s)$$, $$word = repeat('W', %s)$$, $$word = repeat('w', %s)$$, $$tags @> ARRAY[repeat('x', %s)]$$,
  $$repeat('x', %s) = ANY (tags)$$, $$part ->> 'k' = repeat('x', %s)$$,
  $$names ? repeat('x', %s)$$, $$parts = ARRAY[repeat('x', %s)]$$, $$s = repeat('s', %s)$$,
  $$c = repeat('c', %s)$$, $$d = 10::numeric ^ %s$$, $$body IN ('x', repeat('x', %s))$$,
  $$body = ANY (ARRAY[repeat('x', 1024), repeat('x', %s)])$$]) c, ask(format(c, n))
WHERE NOT same OR n IN (8192, 9000);

-- beside conditions that the index does serve, and inside a partition
SELECT c, (ask(c)).* FROM unnest(ARRAY[
  $$body = repeat('x', 9000) AND n = 0$$,
  $$p = 9000 AND body = repeat('x', 9000)$$,
  $$p = 9000 AND c = repeat('c', 9000) AND n = 0$$,
  $$p = 9000 AND c >= 'b' AND c = repeat('c', 9000) AND n = 0$$,
  $$p IN (9000, 8193) AND tags @> ARRAY['t', repeat('x', 9000)]$$,
  $$p = 9000 AND part ->> 'k' = repeat('x', 9000)$$,
  $$p = 9000 AND s = repeat('s', 9000)$$,
  $$n = 0 AND part ->> 'k' = repeat('x', 70000)$$]) c;
SELECT p FROM sai WHERE n = 0 AND body = repeat('x', 9000) LIMIT 1;
SELECT p FROM sai WHERE body = repeat('x', 9000) ORDER BY v <-> '{0,0}'::real[] LIMIT 2;
SELECT count(*) FROM sai WHERE body = repeat('x', 9000);
PREPARE find (text) AS SELECT p FROM sai WHERE body = $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE find (repeat('x', 9000));
EXECUTE find (repeat('x', 8192));
RESET plan_cache_mode;
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
SELECT sai.p FROM (VALUES (repeat('x', 9000)), (repeat('x', 1024))) o (body), sai WHERE sai.body = o.body ORDER BY 1;
RESET ALL;
SET search_path = fdw_index_limits, public;

-- UPDATE and DELETE miss none
UPDATE sai SET n = 7 WHERE body = repeat('x', 9000);
DELETE FROM sai WHERE part ->> 'k' = repeat('x', 8193);
SELECT p, n FROM sai ORDER BY p;

SET client_min_messages = error;
DROP SERVER limits_server CASCADE;
DROP SCHEMA fdw_index_limits CASCADE;
