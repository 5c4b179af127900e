-- Frozen UDTs, tuples, maps, sets and lists as keys: looked up by equality, as
-- jsonb and as composite types, in all the spellings that a value may have.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/container_keys.cql
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER container_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', keyspace 'fdw_container_keys');
CREATE USER MAPPING FOR CURRENT_USER SERVER container_server;
CREATE SCHEMA fdw_container_keys;
SET search_path = fdw_container_keys, public;
IMPORT FOREIGN SCHEMA fdw_container_keys FROM SERVER container_server INTO fdw_container_keys;
CREATE FOREIGN TABLE sets_json (id jsonb, other jsonb, v int) SERVER container_server OPTIONS (table_name 'sets');
CREATE TYPE resolution AS (precision int, "Period" int);
CREATE TYPE metric_id AS (path text, resolution resolution, num int);
CREATE TYPE triple AS (a int, b text, c uuid);
CREATE TYPE part AS (path text, num int);
CREATE FOREIGN TABLE metric_row (id metric_id, "time" bigint, v int) SERVER container_server OPTIONS (table_name 'metric');
CREATE FOREIGN TABLE metric_part (id part, "time" bigint, v int) SERVER container_server OPTIONS (table_name 'metric');
CREATE FOREIGN TABLE clustered_row (p int, id metric_id, v int) SERVER container_server OPTIONS (table_name 'clustered');
CREATE FOREIGN TABLE tuples_row (id triple, v int) SERVER container_server OPTIONS (table_name 'tuples');

-- what is asked, the rows found, and whether the same condition finds them
-- where PostgreSQL alone looks
CREATE FUNCTION ask(relation text, condition text) RETURNS TABLE (asked text, vs int[], same bool)
LANGUAGE plpgsql AS $$
DECLARE line text; of_copy int[];
BEGIN
  FOR line IN EXECUTE format('EXPLAIN (COSTS OFF) SELECT v FROM %I WHERE %s', relation, condition) LOOP
    IF line ~ ' CQL' THEN asked := coalesce(substring(line FROM 'WHERE.*'), 'all'); END IF;
  END LOOP;
  EXECUTE format('SELECT array_agg(v ORDER BY v) FROM %I WHERE %s', relation, condition) INTO vs;
  EXECUTE format('SELECT array_agg(v ORDER BY v) FROM (SELECT * FROM %I OFFSET 0) t WHERE %s', relation, condition) INTO of_copy;
  same := vs IS NOT DISTINCT FROM of_copy;
  RETURN NEXT;
END $$;

SELECT c, (ask('metric', c)).* FROM unnest(ARRAY[
  $$id = '{"path": "a.b", "resolution": {"precision": 1, "\"Period\"": 60}, "num": 1}'$$,
  $$id = '{"path": "a.b", "resolution": {"precision": 1.0, "\"Period\"": 60.00}, "num": 1}' AND time > 1$$,
  $$id = '{"path": "a.b", "resolution": {"precision": 1, "\"Period\"": 60}, "num": null}'$$,
  $$id = '{"path": "a.b", "resolution": {"precision": 1, "\"Period\"": 60}}'$$,
  $$id = '{"path": "a.b", "resolution": {"precision": 1, "\"Period\"": null}, "num": null}'$$,
  $$id = '{"path": "größe", "resolution": null, "num": null}'$$,
  $$id = '{"path": null, "resolution": null, "num": 1}'$$,
  $$id = '{"path": null, "resolution": null, "num": 1.5}'$$,
  $$id = '{"path": null, "resolution": null, "num": "1"}'$$,
  $$id = '{"path": null, "resolution": null, "num": 5000000000}'$$,
  $$id = '{"path": null, "resolution": [], "num": 1}'$$, $$id = '[]'$$, $$id = '1'$$, $$id = 'null'$$, $$id = NULL$$,
  $$id IN ('{"path": "größe", "resolution": null, "num": null}', '{"path": null, "resolution": null, "num": 1}')$$,
  $$id ->> 'path' = 'a.b'$$, $$id > '{}'$$]) c;
SELECT c, (ask('metric_row', c)).* FROM unnest(ARRAY[
  $$id = ROW('a.b', ROW(1, 60), 1)::metric_id$$, $$id = ROW('a.b', ROW(1, 60), NULL)::metric_id$$,
  $$id = ROW('a.b', ROW(1, NULL), NULL)::metric_id$$, $$id = ROW('größe', NULL, NULL)::metric_id$$,
  $$id = ANY (ARRAY[ROW('größe', NULL, NULL), ROW(NULL, NULL, 1)]::metric_id[])$$,
  $$id = ROW('a.b'::text, ROW(1, 60)::resolution, 1)$$, $$(id).path = 'a.b'$$, $$id = NULL$$,
  $$id = ROW('a.b', ROW(1, 60), 1)::metric_id AND time IN (2, 3)$$]) c;
SELECT c, (ask('metric_part', c)).* FROM unnest(ARRAY[$$id = ROW('a.b', 1)::part$$]) c;
SELECT c, (ask('clustered', c)).* FROM unnest(ARRAY[
  $$p = 1 AND id = '{"path": "a.b", "resolution": {"precision": 1, "\"Period\"": 60}, "num": 1}'$$,
  $$p = 1 AND id = '{"path": "a.b", "resolution": null, "num": null}'$$,
  $$p = 1 AND id IN ('{"path": "", "resolution": null, "num": null}', '{"path": "a.b", "resolution": null, "num": null}')$$]) c;
SELECT c, (ask('clustered_row', c)).* FROM unnest(ARRAY[
  $$p = 1 AND id = ROW('a.b', ROW(1, 60), 1)::metric_id$$, $$p = 1 AND id = ROW('a.b', NULL, NULL)::metric_id$$]) c;
SELECT c, (ask('tuples', c)).* FROM unnest(ARRAY[
  $$id = '[1, "x", "00000000-0000-0000-0000-00000000000a"]'$$, $$id = '[1, "x", "00000000-0000-0000-0000-00000000000A"]'$$,
  $$id = '[1, "x", null]'$$, $$id = '[1, null, null]'$$, $$id = '[1, "x"]'$$, $$id = '[1, "x", "none"]'$$]) c;
SELECT c, (ask('tuples_row', c)).* FROM unnest(ARRAY[
  $$id = ROW(1, 'x', '00000000-0000-0000-0000-00000000000a')::triple$$, $$id = ROW(1, 'x', NULL)::triple$$]) c;
SELECT c, (ask('maps', c)).* FROM unnest(ARRAY[
  $$id = '{"a": 1, "b": 2}'$$, $$id = '{"b": 2, "a": 1}'$$, $$id = '{"a": 1}'$$, $$id = '{}'$$, $$id = '{"a": null}'$$, $$id = '[]'$$]) c;
SELECT c, (ask('numbered', c)).* FROM unnest(ARRAY[
  $$id = '{"10": "a", "-2": "b"}'$$, $$id = '{"10": "a", "-02": "b"}'$$]) c;
SELECT c, (ask('sets_json', c)).* FROM unnest(ARRAY[
  $$id = '["a", "b"]' AND other = '[[1, 2], [3, null]]'$$, $$id = '["b", "a"]' AND other = '[[1, 2], [3, null]]'$$,
  $$id = '["b"]' AND other = '[]'$$, $$id = '["b", "b"]' AND other = '[]'$$]) c;
SELECT c, (ask('decimals', c)).* FROM unnest(ARRAY[$$id = '[1.0, 1]'$$]) c;

-- joins and writes
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
SELECT m.v FROM (VALUES ('{"path": "größe", "resolution": null, "num": null}'::jsonb), ('{}')) o (id) JOIN metric m ON m.id = o.id;
RESET ALL;
SET search_path = fdw_container_keys, public;
UPDATE metric SET v = v + 10 WHERE id = '{"path": "a.b", "resolution": {"precision": 1, "\"Period\"": 60}, "num": null}';
DELETE FROM metric_row WHERE id = ROW('a.b', ROW(1, 60), 1)::metric_id;
SELECT id, "time", v FROM metric ORDER BY v;

SET client_min_messages = error;
DROP SERVER container_server CASCADE;
DROP SCHEMA fdw_container_keys CASCADE;
