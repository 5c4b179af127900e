-- cassandra_copy(): whole tables in both directions, by parts.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\set protocol 5
\getenv protocol CASSANDRA_PROTOCOL
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/copy_table.cql
SET client_min_messages = warning;
SET timezone = 'UTC';
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS copy_table_server CASCADE;
CREATE SERVER copy_table_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version :'protocol');
CREATE USER MAPPING FOR CURRENT_USER SERVER copy_table_server;
DROP SCHEMA IF EXISTS fdw_copy_table CASCADE;
CREATE SCHEMA fdw_copy_table;
IMPORT FOREIGN SCHEMA fdw_copy_table FROM SERVER copy_table_server INTO fdw_copy_table;
SET search_path = fdw_copy_table, public;
CREATE FUNCTION same(a regclass, b regclass) RETURNS TABLE (rows bigint, missing bigint, more bigint)
  LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format('WITH a AS MATERIALIZED (TABLE %s), b AS MATERIALIZED (TABLE %s)
    SELECT (SELECT count(*) FROM b), (SELECT count(*) FROM (TABLE a EXCEPT ALL TABLE b) q),
      (SELECT count(*) FROM (TABLE b EXCEPT ALL TABLE a) q)', a, b);
END $$;

-- there and back
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE here (k int, at timestamptz(3), m mood, tags text[], d numeric, j jsonb, v varchar(9));
INSERT INTO here SELECT i % 97, '2025-01-01'::timestamptz + i * interval '1 s', 'bad',
    CASE WHEN i % 3 > 0 THEN ARRAY['a', 'b' || i] END, i / 8.0, jsonb_build_object('i', i), 'v' || i
  FROM generate_series(1, 20000) i;
SELECT cassandra_create_table('here', 'copy_table_server', 'fdw_copy_table', '{k}', '{at}',
  table_name => 'there', foreign_schema => 'fdw_copy_table', run => true) IS NOT NULL AS made;
CREATE TABLE back (LIKE here);
CALL cassandra_copy('here', 'there');
CALL cassandra_copy('there', 'back');
SELECT * FROM same('here', 'back');
SELECT count(*) > 9 AS ranges, sum(rows), sum(bad), count(*) FILTER (WHERE ended IS NULL) AS left,
  min(lower), max(upper), bool_and(pid = pg_backend_pid()) AS ours FROM there_copy;
SELECT count(*), sum(rows), sum(bad), count(*) FILTER (WHERE ended IS NULL) AS left,
  min(lower), max(upper) FROM back_copy;
SELECT obj_description('back_copy'::regclass);
-- done is done; what is begun anew is another job
CALL cassandra_copy('there', 'back');
SELECT * FROM same('here', 'back');
-- where a job was left it goes on
UPDATE back_copy SET ended = NULL
  WHERE range IN (SELECT range FROM back_copy WHERE rows > 0 ORDER BY range LIMIT 2);
DELETE FROM back USING back_copy WHERE ended IS NULL
  AND cassandra_token('there', k) > lower AND cassandra_token('there', k) <= upper;
SELECT count(*) < 20000 AS fewer FROM back;
CALL cassandra_copy('there', 'back');
SELECT * FROM same('here', 'back');
-- nothing else is left behind
SELECT count(*) FROM pg_class WHERE relname ~ '^cassandra_copy_';

-- some rows, some columns, other names; names as they come
CREATE TABLE part (k int, made int GENERATED ALWAYS AS (k + 1) STORED, word text DEFAULT 'none', rest text);
CALL cassandra_copy('there', 'part', 'at <= ''2025-01-01 00:10:00+00'' AND v LIKE ''%9''',
  '{"k": "k", "v": "word"}', ranges => 3, job => 'some%of"it');
SELECT count(*), min(word), max(word), max(rest), bool_and(made = k + 1) AS made FROM part;
SELECT range, lower, upper FROM "some%of""it" ORDER BY range;
ALTER FOREIGN TABLE "Odd" RENAME TO "we%ird ""x";
CREATE TABLE "Loc%al" (k int, "K""%2" text, v text, made int GENERATED ALWAYS AS IDENTITY);
INSERT INTO "Loc%al" SELECT i, '%s' || i, 'v' FROM generate_series(1, 300) i;
CALL cassandra_copy('"Loc%al"', '"we%ird ""x"', '"K""%2" LIKE ''\%s%'' AND "Loc%al".k > 100',
  '{"k": "k", "K\"%2": "K\"%2", "v": "v"}');
CREATE TABLE "we%ird" (LIKE "Loc%al" INCLUDING IDENTITY);
CALL cassandra_copy('"we%ird ""x"', '"we%ird"', '"we%ird ""x".k <= 200');
SELECT count(*), min(k), max(k), min("K""%2") FROM "we%ird";
-- materialized views are sources, partitioned tables targets, as are foreign tables
CREATE MATERIALIZED VIEW half AS SELECT * FROM here WHERE k < 50;
CREATE TABLE tree (LIKE here) PARTITION BY RANGE (k);
CREATE TABLE tree_1 PARTITION OF tree FOR VALUES FROM (0) TO (20);
CREATE TABLE tree_2 PARTITION OF tree FOR VALUES FROM (20) TO (100);
TRUNCATE there;
CALL cassandra_copy('half', 'there', job => 'half_copy');
CALL cassandra_copy('there', 'tree');
SELECT * FROM same('half', 'tree');

-- bad rows: of the source, of the target; what cannot be read
CREATE TABLE strict (k int PRIMARY KEY, n int CHECK (n % 1000 <> 7), v varchar(6));
INSERT INTO wide SELECT i, i, 'v' || i FROM generate_series(1, 2500) i;
UPDATE wide SET v = 'too long' WHERE k = 42;
UPDATE wide SET n = 1::bigint << 40 WHERE k = 43;
CALL cassandra_copy('wide', 'strict');
SELECT sum(rows) = (SELECT count(*) FROM strict) AS whole_ranges FROM strict_copy;
TRUNCATE strict;
DROP TABLE strict_copy;
CALL cassandra_copy('wide', 'strict', on_error => 'log', ranges => 4);
SELECT count(*), (SELECT sum(rows) FROM strict_copy) AS rows, (SELECT sum(bad) FROM strict_copy) AS bad FROM strict;
SELECT "row", message, sqlstate FROM strict_copy_errors ORDER BY "row" ->> 'k';
CREATE FOREIGN TABLE narrow (k int, n int, v text) SERVER copy_table_server
  OPTIONS (keyspace 'fdw_copy_table', table_name 'wide');
CREATE TABLE fits (LIKE narrow);
CALL cassandra_copy('narrow', 'fits', on_error => 'log', ranges => 4);
SELECT count(*) FROM fits;
SELECT "row", message, sqlstate FROM fits_copy_errors;
CREATE TABLE keyless (k int, n bigint, v text);
INSERT INTO keyless SELECT nullif(i, 1234), i, repeat('x', 100) FROM generate_series(1, 3000) i;
TRUNCATE wide;
CALL cassandra_copy('keyless', 'wide', on_error => 'log');
SELECT count(*), count(DISTINCT k), sum(n) FROM wide;
SELECT "row" - 'v' AS "row", message, sqlstate FROM wide_copy_errors;

-- refused
CREATE VIEW some_view AS SELECT * FROM here;
CALL cassandra_copy('here', 'back');
CALL cassandra_copy('some_view', 'there');
CALL cassandra_copy('tree', 'there');
CALL cassandra_copy('there', 'some%of"it');
CALL cassandra_copy('there', 'half');
CALL cassandra_copy('there', 'none');
CALL cassandra_copy('there', NULL);
CALL cassandra_copy('there', 'back', 'k = 1');
CALL cassandra_copy('there', 'part', job => 'other');
CALL cassandra_copy('there', 'part', columns => '{"k": "made", "none": "k"}', job => 'other');
CALL cassandra_copy('there', 'part', columns => '{"k": "none"}', job => 'other');
CALL cassandra_copy('there', 'back', on_error => 'go on', job => 'other');
CALL cassandra_copy('there', 'back', ranges => 0, job => 'other');
BEGIN;
CALL cassandra_copy('there', 'back', job => 'other');
ROLLBACK;
SELECT to_regclass('other') AS nothing_made;
CREATE ROLE regress_copy_table;
GRANT USAGE, CREATE ON SCHEMA fdw_copy_table TO regress_copy_table;
SET ROLE regress_copy_table;
CALL cassandra_copy('there', 'back', job => 'other');
RESET ROLE;
DROP OWNED BY regress_copy_table;
DROP ROLE regress_copy_table;

DROP SCHEMA fdw_copy_table CASCADE;
DROP SERVER copy_table_server CASCADE;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "DROP KEYSPACE fdw_copy_table"
