-- CQL from SQL: statements, queries, batches, their parameters and refusals.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/functions.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER functions_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER functions_server;
SET timezone = 'UTC';
SET datestyle = 'ISO';

SELECT cassandra_fdw_version() ~ '^\d+\.\d+\.\d+$' AS version;

-- ---- statements without, with positional and with named parameters ----
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (1, ''one'')');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (?, ?)', 2, 'two');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (:id, :name)',
  '{"id": 3, "name": "three"}'::jsonb);
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (:id, :"Name")',
  '{"id": 4, "Name": "it''s; DROP TABLE fdw_functions.people --"}');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (?, ?)',
  VARIADIC ARRAY['5', 'five']);
SELECT * FROM cassandra_query('functions_server',
  'SELECT id, name FROM fdw_functions.people') AS t (id int, name text)
  ORDER BY id;
-- one parameter a row of SQL
SELECT cassandra_execute('functions_server',
  'DELETE FROM fdw_functions.people WHERE id = ?', i) FROM generate_series(3, 5) i;

-- ---- queries ----
SELECT * FROM cassandra_query('functions_server',
  'SELECT id, name FROM fdw_functions.people WHERE id = ?', 2)
  AS t (id bigint, name varchar(10));
SELECT * FROM cassandra_query('functions_server',
  'SELECT name FROM fdw_functions.people WHERE id = :id', '{"id": 1}')
  AS t (name text);
SELECT * FROM cassandra_query('functions_server',
  'SELECT count(*) AS n, max(id) FROM fdw_functions.people')
  AS t (n bigint, "system.max(id)" int);
SELECT * FROM cassandra_query('functions_server',
  'SELECT id FROM fdw_functions.people WHERE id = 99') AS t (id int);
SELECT * FROM cassandra_query_json('functions_server',
  'SELECT name AS "Name", id, tags FROM fdw_functions.people WHERE id = ?', 1);
SELECT cassandra_query_json('functions_server',
  'SELECT id FROM fdw_functions.people WHERE id IN ?', ARRAY[1, 2])
  ORDER BY 1;
SELECT count(*) FROM cassandra_query_json('functions_server',
  'SELECT * FROM fdw_functions.people LIMIT ?', 1);
SELECT count(*) > 0 AS described FROM cassandra_query_json('functions_server',
  'DESCRIBE TABLE fdw_functions.people');
-- comments, quotes and question marks in them
SELECT * FROM cassandra_query('functions_server',
  '-- how ?
   /* ? */ SELECT name AS "?" FROM fdw_functions.people WHERE id = ? // ?
', 1)
  AS t ("?" text);
-- joined with tables, and in PL/pgSQL
SELECT g, name FROM generate_series(1, 2) g, LATERAL cassandra_query(
  'functions_server', 'SELECT name FROM fdw_functions.people WHERE id = ?', g)
  AS t (name text);

-- ---- values of every type, by themselves, as literals and in JSON ----
SELECT cassandra_execute('functions_server', 'INSERT INTO fdw_functions.scalars
  (id, ascii_v, bigint_v, blob_v, boolean_v, date_v, decimal_v, double_v,
   duration_v, float_v, inet_v, smallint_v, text_v, time_v, timestamp_v,
   timeuuid_v, tinyint_v, uuid_v, varint_v, list_v) VALUES
  (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)',
  1, 'ascii'::text, 9223372036854775807, '\x00ff'::bytea, true,
  '2026-11-25'::date, 1.50, 0.1::float8, '1 day 2 hours'::interval,
  0.1::float4, '::1'::inet, 7::smallint, 'grün'::text, '01:02:03.4'::time,
  '2026-11-25 01:02:03.456+00'::timestamptz,
  '00000000-0000-1000-8000-000000000001'::uuid, 5,
  '00000000-0000-4000-8000-000000000001'::uuid,
  123456789012345678901234567890, ARRAY[1, 2]);
SELECT cassandra_execute('functions_server', 'INSERT INTO fdw_functions.scalars
  (id, ascii_v, bigint_v, blob_v, boolean_v, date_v, decimal_v, double_v,
   duration_v, float_v, inet_v, smallint_v, text_v, time_v, timestamp_v,
   timeuuid_v, tinyint_v, uuid_v, varint_v, list_v) VALUES
  (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)',
  '2', 'ascii', '9223372036854775807', '\x00ff', 'yes', '2026-11-25', '1.50',
  '0.1', '1 day 2 hours', '0.1', '::1', '7', 'grün', '01:02:03.4',
  '2026-11-25 02:02:03.456+01', '00000000-0000-1000-8000-000000000001', '5',
  '00000000-0000-4000-8000-000000000001', '123456789012345678901234567890',
  '{1,2}');
SELECT cassandra_execute('functions_server', 'INSERT INTO fdw_functions.scalars
  (id, ascii_v, bigint_v, blob_v, boolean_v, date_v, decimal_v, double_v,
   duration_v, float_v, inet_v, smallint_v, text_v, time_v, timestamp_v,
   timeuuid_v, tinyint_v, uuid_v, varint_v, list_v) VALUES
  (:id, :a, :b, :blob, :bool, :d, :dec, :dbl, :dur, :f, :inet, :si, :t, :time,
   :ts, :tu, :ti, :u, :vi, :l)',
  '{"id": 3, "a": "ascii", "b": 9223372036854775807, "blob": "0x00ff",
    "bool": true, "d": "2026-11-25", "dec": 1.50, "dbl": 0.1, "dur": "1d2h",
    "f": 0.1, "inet": "::1", "si": 7, "t": "grün", "time": "01:02:03.4",
    "ts": "2026-11-25 01:02:03.456Z",
    "tu": "00000000-0000-1000-8000-000000000001", "ti": 5,
    "u": "00000000-0000-4000-8000-000000000001",
    "vi": 123456789012345678901234567890, "l": [1, 2]}');
SELECT jsonb_pretty(j) FROM cassandra_query_json('functions_server',
  'SELECT * FROM fdw_functions.scalars WHERE id = 1') j;
SELECT count(*), count(DISTINCT j - 'id') FROM cassandra_query_json(
  'functions_server', 'SELECT * FROM fdw_functions.scalars') j;
SELECT * FROM cassandra_query('functions_server',
  'SELECT blob_v, date_v, decimal_v, duration_v, inet_v, time_v, timestamp_v,
   list_v FROM fdw_functions.scalars WHERE id = 2')
  AS t (blob_v bytea, date_v date, decimal_v numeric, duration_v interval,
        inet_v inet, time_v time, timestamp_v timestamptz, list_v int[]);
-- null is bound as null
SELECT cassandra_execute('functions_server',
  'UPDATE fdw_functions.scalars SET text_v = ?, list_v = ? WHERE id = ?',
  NULL, NULL::int[], 2);
SELECT cassandra_execute('functions_server',
  'UPDATE fdw_functions.scalars SET ascii_v = :a WHERE id = :id',
  '{"a": null, "id": 2}');
SELECT cassandra_query_json('functions_server', 'SELECT ascii_v, text_v,
  list_v, bigint_v FROM fdw_functions.scalars WHERE id = 2');
-- collections, tuples and UDTs
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, home, tags, scores, pair)
   VALUES (?, ?, ?, ?, ?)', 10, '{"street": "Main", "Number": 5}'::jsonb,
   ARRAY['b', 'a', 'b'], '{"x": 1, "y": null}'::jsonb - 'y', '[7, "seven"]');
SELECT cassandra_execute('functions_server',
  'UPDATE fdw_functions.people SET scores = scores + ?, tags = tags - ?
   WHERE id = ?', '{"z": 26}'::json, '["a"]'::text, 10);
SELECT cassandra_query_json('functions_server', 'SELECT home, tags, scores,
  pair FROM fdw_functions.people WHERE id = 10');
CREATE TYPE fdw_address AS (street text, "Number" int);
SELECT cassandra_execute('functions_server',
  'UPDATE fdw_functions.people SET home = ? WHERE id = 10',
  ROW('Side', 6)::fdw_address);
SELECT * FROM cassandra_query('functions_server',
  'SELECT home FROM fdw_functions.people WHERE id = 10')
  AS t (home fdw_address);

-- ---- conditional statements ----
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (?, ?) IF NOT EXISTS',
  20, 'twenty');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (?, ?) IF NOT EXISTS',
  20, 'again') - '{tags,home,pair,scores}'::text[];
SELECT cassandra_execute('functions_server',
  'UPDATE fdw_functions.people SET name = ? WHERE id = ? IF name = ?',
  'xx', 20, 'nobody');
SELECT (cassandra_execute('functions_server',
  'DELETE FROM fdw_functions.people WHERE id = ? IF EXISTS', 20)
  ->> '[applied]')::bool;
SELECT cassandra_execute('functions_server',
  'DELETE FROM fdw_functions.people WHERE id = ? IF EXISTS', 20);

-- ---- batches ----
SELECT cassandra_batch('functions_server', jsonb_build_array(
  'INSERT INTO fdw_functions.events (k, c, v) VALUES (1, 1, ''a'')',
  jsonb_build_array(
    'INSERT INTO fdw_functions.events (k, c, v) VALUES (?, ?, ?)', 1, 2, 'b'),
  jsonb_build_array(
    'INSERT INTO fdw_functions.events (k, c, v) VALUES (?, ?, ?)', 2, 1, NULL),
  jsonb_build_object('cql',
    'UPDATE fdw_functions.events SET s = :s WHERE k = :k',
    'params', jsonb_build_object('k', 1, 's', 'static')),
  jsonb_build_object('cql', 'DELETE FROM fdw_functions.events WHERE k = ?',
    'params', '[3]'::jsonb)));
SELECT cassandra_batch('functions_server', '[
  ["INSERT INTO fdw_functions.events (k, c, v) VALUES (?, ?, ?)", 5, 1, "x"],
  ["INSERT INTO fdw_functions.events (k, c, v) VALUES (?, ?, ?)", 5, 2, "y"]]',
  'unlogged');
SELECT cassandra_batch('functions_server', '[
  ["UPDATE fdw_functions.counts SET n = n + ? WHERE id = 1", 5],
  ["UPDATE fdw_functions.counts SET n = n - ? WHERE id = 1", 2]]', 'Counter');
SELECT * FROM cassandra_query('functions_server',
  'SELECT * FROM fdw_functions.events') AS t (k int, c int, s text, v text)
  ORDER BY k, c;
SELECT cassandra_query_json('functions_server',
  'SELECT n FROM fdw_functions.counts');
-- conditional: one row, or all of them
SELECT cassandra_batch('functions_server', '[
  "INSERT INTO fdw_functions.events (k, c, v) VALUES (7, 1, ''a'') IF NOT EXISTS",
  ["INSERT INTO fdw_functions.events (k, c, v) VALUES (7, ?, ?)", 2, "b"]]');
SELECT cassandra_batch('functions_server', '[
  "UPDATE fdw_functions.events SET v = ''z'' WHERE k = 7 AND c = 1 IF v = ''q''",
  "UPDATE fdw_functions.events SET v = ''z'' WHERE k = 7 AND c = 2 IF v = ''b''"]');
-- a large one, of one statement
SELECT cassandra_batch('functions_server', jsonb_agg(jsonb_build_array(
  'INSERT INTO fdw_functions.events (k, c, v) VALUES (?, ?, ?)', 100, i,
  'v' || i)), 'unlogged') FROM generate_series(1, 300) i;
SELECT count(*), min(v), max(v) FROM cassandra_query('functions_server',
  'SELECT v FROM fdw_functions.events WHERE k = 100') AS t (v text);

-- statements as an array of text; JSON as text, as parameter of any type
SELECT cassandra_batch('functions_server', ARRAY[
  'INSERT INTO fdw_functions.events (k, c, v) VALUES (101, 1, ''a'')',
  'INSERT INTO fdw_functions.events (k, c, v) VALUES (101, 2, ''schön'')']);
SELECT cassandra_batch('functions_server', array_agg(
  'INSERT INTO fdw_functions.events (k, c, v) VALUES (102, ' || i || ', ''x'')'),
  'unlogged') FROM generate_series(1, 100) i;
PREPARE batch AS SELECT cassandra_batch('functions_server', $1);
EXECUTE batch ('["DELETE FROM fdw_functions.events WHERE k = 102 AND c = 1"]');
PREPARE batch_array(text[]) AS SELECT cassandra_batch('functions_server', $1);
EXECUTE batch_array (
  ARRAY['DELETE FROM fdw_functions.events WHERE k = 102 AND c = 2']);
SELECT k, count(*), max(v) FROM cassandra_query('functions_server',
  'SELECT k, v FROM fdw_functions.events WHERE k IN (101, 102)')
  AS t (k int, v text) GROUP BY k ORDER BY k;
SELECT cassandra_batch('functions_server', ARRAY[
  'UPDATE fdw_functions.events SET v = ''z'' WHERE k = 101 AND c = 1
     IF v = ''a''']);
SELECT cassandra_batch('functions_server', '{}'::text[]);
SELECT cassandra_batch('functions_server', NULL::text[]);
SELECT cassandra_batch('functions_server', ARRAY['x', NULL]);
SELECT cassandra_batch('functions_server', ARRAY[
  'DELETE FROM fdw_functions.events WHERE k = 101',
  'DELETE FROM fdw_functions.events WHERE k = ?']);
SELECT cassandra_batch('functions_server', ARRAY['USE fdw_functions']);
SELECT cassandra_batch('functions_server', 'DELETE FROM fdw_functions.events');
SELECT count(*) FROM cassandra_query('functions_server',
  'SELECT k FROM fdw_functions.events WHERE k = 101') AS t (k int);

-- refused
SELECT cassandra_batch('functions_server', '[]');
SELECT cassandra_batch('functions_server', '{}');
SELECT cassandra_batch('functions_server', '"x"');
SELECT cassandra_batch('functions_server', NULL);
SELECT cassandra_batch('functions_server', '[[]]');
SELECT cassandra_batch('functions_server', '["INSERT", 5]');
SELECT cassandra_batch('functions_server', '[{"cql": "x", "param": []}]');
SELECT cassandra_batch('functions_server', '[{"cql": "x", "params": 5}]');
SELECT cassandra_batch('functions_server', '["x"]', 'logger');
\set VERBOSITY terse
SELECT cassandra_batch('functions_server', '["SELECT * FROM fdw_functions.events"]');
\set VERBOSITY default
SELECT cassandra_batch('functions_server', '["USE fdw_functions"]');
SELECT cassandra_batch('functions_server', '[
  ["UPDATE fdw_functions.events SET v = ? WHERE k = 1 AND c = 1", "a"],
  ["UPDATE fdw_functions.events SET v = ? WHERE k = 1 AND c = 1"]]');
SELECT cassandra_batch('functions_server', '[
  ["UPDATE fdw_functions.events SET v = ''half'' WHERE k = 1 AND c = ?", 1],
  ["UPDATE fdw_functions.events SET v = ? WHERE k = 1 AND c = ?", "a", "b"]]');
\set VERBOSITY terse
SELECT cassandra_batch('functions_server', '[
  "UPDATE fdw_functions.counts SET n = n + 1 WHERE id = 1",
  "UPDATE fdw_functions.events SET v = ''half'' WHERE k = 1 AND c = 1"]',
  'counter');
\set VERBOSITY default
SELECT cassandra_query_json('functions_server',
  'SELECT v FROM fdw_functions.events WHERE k = 1 AND c = 1');

-- ---- DDL, and foreign tables before and after it ----
SELECT cassandra_execute('functions_server',
  'CREATE TABLE fdw_functions.born (id int PRIMARY KEY, a int)');
CREATE FOREIGN TABLE born (id int, a int) SERVER functions_server
  OPTIONS (keyspace 'fdw_functions', table_name 'born');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.born (id, a) VALUES (1, 2)');
SELECT * FROM born;
SELECT cassandra_execute('functions_server', 'DROP TABLE fdw_functions.born');
SELECT * FROM born;
SELECT cassandra_execute('functions_server',
  'CREATE TABLE fdw_functions.born (a text, id int, c int, PRIMARY KEY (id, c))');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.born (id, c, a) VALUES (1, 1, ''11'')');
SELECT * FROM born;
ALTER FOREIGN TABLE born ALTER a TYPE text;
SELECT * FROM born;
SELECT cassandra_execute('functions_server',
  'ALTER TABLE fdw_functions.born ADD later text');
ALTER FOREIGN TABLE born ADD later text;
SELECT * FROM born;
SELECT cassandra_execute('functions_server', 'TRUNCATE fdw_functions.born');
SELECT * FROM born;
\set VERBOSITY terse
SELECT cassandra_execute('functions_server',
  'CREATE TABLE fdw_functions.born (id int PRIMARY KEY)');
\set VERBOSITY default
SELECT cassandra_execute('functions_server',
  'CREATE TABLE IF NOT EXISTS fdw_functions.born (id int PRIMARY KEY)');

-- the same text after the table was made anew, called from one place
CREATE FUNCTION remake(type text, value text) RETURNS SETOF jsonb
LANGUAGE plpgsql AS $$
DECLARE
  outcome jsonb;
  cql text;
  arguments text[] := ARRAY[value];
BEGIN
  FOREACH cql IN ARRAY ARRAY['DROP TABLE IF EXISTS fdw_functions.again',
    format('CREATE TABLE fdw_functions.again (id %s PRIMARY KEY)', type),
    'INSERT INTO fdw_functions.again (id) VALUES (?)']
  LOOP
    outcome := cassandra_execute('functions_server', cql, VARIADIC
      CASE WHEN cql LIKE 'INSERT%' THEN arguments ELSE NULL END);
  END LOOP;
  RETURN QUERY SELECT * FROM cassandra_query_json('functions_server',
    'SELECT id FROM fdw_functions.again');
END $$;
SELECT remake('int', '1'), remake('text', '1'), remake('bigint', '1');
DROP FUNCTION remake;

-- ---- all parameters as one array: drivers that tell no types ----
PREPARE by_array(jsonb) AS SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (?, ?)', $1);
EXECUTE by_array('[901, "by array"]');
EXECUTE by_array('[902, null]');
EXECUTE by_array('[903]');
EXECUTE by_array('[903, "a", "b"]');
EXECUTE by_array('{"id": 903}');
DEALLOCATE by_array;
SELECT * FROM cassandra_query('functions_server',
  'SELECT id, name FROM fdw_functions.people WHERE id = ?', '[901]'::jsonb)
  AS p (id int, name text);
SELECT * FROM cassandra_query_json('functions_server',
  'SELECT id, name FROM fdw_functions.people WHERE id IN ?', '[901, 902]'::json);
SELECT cassandra_execute('functions_server',
  'DELETE FROM fdw_functions.people WHERE id IN (?, ?)', '[901, 902]'::jsonb);

-- ---- wrong parameters ----
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (?, ?)', 1);
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (?, ?)', 1, 'a', 'b');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (?, ?)');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (1)', 1);
\set VERBOSITY terse
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (:id, :name)');
\set VERBOSITY default
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (:id, :name)', 1, 'a');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (:id)', '[1]'::jsonb);
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (:id)', NULL::jsonb);
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (:id, :name)',
  '{"id": 1}');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (:id)',
  '{"id": 1, "name": "a"}');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (?)', '{"id": 1}'::jsonb);
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, name) VALUES (?, :name)', 1, 'a');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (?)', 'x');
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (?)', 5000000000);
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (?)', true);
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (?)', point(1, 2));
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, home) VALUES (1, ?)',
  '{"street": "Main", "zip": 1}'::jsonb);
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id, tags) VALUES (1, ?)',
  ARRAY['a', NULL]);
\set VERBOSITY terse
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (?)', NULL);
\set VERBOSITY default
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (?)', '');

-- ---- wrong column definition lists ----
SELECT * FROM cassandra_query('functions_server',
  'SELECT id, name FROM fdw_functions.people') AS t (id int);
SELECT * FROM cassandra_query('functions_server',
  'SELECT id, name FROM fdw_functions.people') AS t (name text, id int);
SELECT * FROM cassandra_query('functions_server',
  'SELECT id, name FROM fdw_functions.people') AS t (id int, name int);
SELECT * FROM cassandra_query('functions_server',
  'SELECT bigint_v FROM fdw_functions.scalars WHERE id = 1')
  AS t (bigint_v int);
SELECT * FROM cassandra_query('functions_server',
  'SELECT id FROM fdw_functions.people');
SELECT cassandra_query('functions_server',
  'SELECT id FROM fdw_functions.people');

-- ---- wrong statements and servers ----
SELECT cassandra_execute('functions_server', 'USE fdw_functions');
SELECT cassandra_execute('functions_server', ' /* x */ use "fdw_functions"');
SELECT * FROM cassandra_query_json('functions_server', 'USE fdw_functions');
SELECT cassandra_execute('functions_server', 'SELECT * FROM fdw_functions.people');
SELECT * FROM cassandra_query_json('functions_server', 'TRUNCATE fdw_functions.people');
\set VERBOSITY terse
SELECT cassandra_execute('functions_server', 'INSERT INTO people (id) VALUES (1)');
SELECT cassandra_execute('functions_server', 'INSERT INTO people (id) VALUES (?)', 1);
SELECT cassandra_execute('functions_server', 'INSRT');
SELECT cassandra_execute('functions_server', '');
\set VERBOSITY default
SELECT cassandra_execute('functions_server', NULL);
SELECT cassandra_execute(NULL, 'TRUNCATE fdw_functions.people');
\set VERBOSITY terse
SELECT cassandra_execute('functions_server',
  'UPDATE fdw_functions.people SET name = ''x'' WHERE id = 1; TRUNCATE fdw_functions.people');
SELECT * FROM cassandra_query_json('functions_server', 'SELECT * FROM fdw_functions.none');
SELECT * FROM cassandra_query_json('functions_server', 'SELECT none FROM fdw_functions.people');
\set VERBOSITY default
DO $$
DECLARE
  cql text;
  state text;
  hint text;
BEGIN
  FOREACH cql IN ARRAY ARRAY['SELECT * FROM fdw_functions.none',
    'SELECT none FROM fdw_functions.people', 'SELECT * FROM none.none',
    'SELECT * FROM people', 'SELECT']
  LOOP
    BEGIN
      PERFORM cassandra_query_json('functions_server', cql);
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, hint = PG_EXCEPTION_HINT;
      RAISE WARNING '%: % %', cql, state, substring(hint FROM '^Write.*');
    END;
  END LOOP;
END $$;
SELECT cassandra_execute('no_server', 'TRUNCATE fdw_functions.people');
CREATE FOREIGN DATA WRAPPER other_wrapper;
CREATE SERVER other_server FOREIGN DATA WRAPPER other_wrapper;
SELECT cassandra_execute('other_server', 'TRUNCATE fdw_functions.people');
BEGIN READ ONLY;
SELECT cassandra_execute('functions_server', 'TRUNCATE fdw_functions.people');
ROLLBACK;
BEGIN READ ONLY;
SELECT cassandra_batch('functions_server', '["x"]');
ROLLBACK;
BEGIN READ ONLY;
SELECT cassandra_query_json('functions_server',
  'SELECT count(*) FROM fdw_functions.counts');
COMMIT;

-- ---- consistency, time limit ----
\set VERBOSITY terse
SET cassandra_fdw.write_consistency = 'THREE';
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (50)');
SELECT cassandra_batch('functions_server',
  '["INSERT INTO fdw_functions.people (id) VALUES (50)"]');
SELECT cassandra_query_json('functions_server',
  'SELECT id FROM fdw_functions.people WHERE id = 50');
RESET cassandra_fdw.write_consistency;
SET cassandra_fdw.read_consistency = 'THREE';
SELECT cassandra_query_json('functions_server',
  'SELECT id FROM fdw_functions.people WHERE id = 50');
RESET cassandra_fdw.read_consistency;
\set VERBOSITY default

-- ---- with writes through foreign tables, and transactions ----
CREATE FOREIGN TABLE people (id int, name text) SERVER functions_server
  OPTIONS (keyspace 'fdw_functions');
-- the rows of a window are sent before
WITH w AS (INSERT INTO people VALUES (60, 'a'), (61, 'b') RETURNING id)
SELECT id, n FROM w, LATERAL cassandra_query('functions_server',
  'SELECT count(*) AS n FROM fdw_functions.people WHERE id = ?', id)
  AS q (n bigint);
-- what was written last counts, whoever wrote it
INSERT INTO people VALUES (62, 'first');
SELECT cassandra_execute('functions_server',
  'UPDATE fdw_functions.people SET name = ? WHERE id = ?', 'second', 62);
SELECT name FROM people WHERE id = 62;
INSERT INTO people VALUES (62, 'third');
SELECT cassandra_query_json('functions_server',
  'SELECT name FROM fdw_functions.people WHERE id = 62');
SELECT cassandra_batch('functions_server',
  '[["DELETE FROM fdw_functions.people WHERE id = ?", 62]]');
SELECT count(*) FROM people WHERE id = 62;
-- a rollback leaves all of it
BEGIN;
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (63)');
SAVEPOINT s;
SELECT cassandra_batch('functions_server',
  '["INSERT INTO fdw_functions.people (id) VALUES (64)"]');
ROLLBACK TO s;
SELECT cassandra_query_json('functions_server',
  'SELECT id FROM fdw_functions.people WHERE id = 63');
ROLLBACK;
BEGIN;
INSERT INTO people VALUES (65);
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (66)');
ROLLBACK;
SELECT id FROM people WHERE id IN (63, 64, 65, 66) ORDER BY id;
BEGIN;
SELECT cassandra_execute('functions_server',
  'INSERT INTO fdw_functions.people (id) VALUES (67)');
SET cassandra_fdw.rollback_warning = off;
PREPARE TRANSACTION 'functions';
ROLLBACK;
RESET cassandra_fdw.rollback_warning;
DROP FOREIGN TABLE people;

-- ---- privileges ----
CREATE ROLE functions_role;
SET ROLE functions_role;
SELECT cassandra_execute('functions_server', 'TRUNCATE fdw_functions.people');
SELECT cassandra_query_json('functions_server', 'SELECT * FROM fdw_functions.people');
SELECT * FROM cassandra_query('functions_server', 'SELECT id FROM fdw_functions.people') AS t (id int);
SELECT cassandra_batch('functions_server', '["x"]');
RESET ROLE;
GRANT EXECUTE ON FUNCTION cassandra_query_json(name, text) TO functions_role;
SET ROLE functions_role;
SELECT cassandra_query_json('functions_server', 'SELECT * FROM fdw_functions.people');
SELECT cassandra_query_json('functions_server', 'SELECT * FROM fdw_functions.people WHERE id = ?', 1);
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER functions_server TO functions_role;
SET ROLE functions_role;
SELECT cassandra_query_json('functions_server', 'SELECT * FROM fdw_functions.people');
RESET ROLE;
CREATE USER MAPPING FOR functions_role SERVER functions_server OPTIONS (password_required 'false');
SET ROLE functions_role;
SELECT cassandra_query_json('functions_server', 'SELECT count(*) AS n FROM fdw_functions.counts');
RESET ROLE;

-- ---- many pages ----
ALTER SERVER functions_server OPTIONS (fetch_size '7');
SELECT count(*), sum(c) FROM cassandra_query('functions_server',
  'SELECT c FROM fdw_functions.events WHERE k = 100') AS t (c int);
SELECT count(*) FROM cassandra_query_json('functions_server',
  'SELECT c FROM fdw_functions.events WHERE k = 100');
-- an error in a later page
SELECT cassandra_execute('functions_server',
  'UPDATE fdw_functions.events SET v = ''no number'' WHERE k = 100 AND c = 299');
SELECT count(*) FROM cassandra_query('functions_server',
  'SELECT v FROM fdw_functions.events WHERE k = 100') AS t (v varchar(4));

DROP SERVER functions_server CASCADE;
DROP FOREIGN DATA WRAPPER other_wrapper CASCADE;
DROP OWNED BY functions_role;
DROP ROLE functions_role;
DROP TYPE fdw_address;
SELECT count(*) FROM pg_proc WHERE proname ~ '^cassandra_(execute|query|batch)'
  AND (proacl IS NULL OR proacl::text ~ '[{,]=X');
