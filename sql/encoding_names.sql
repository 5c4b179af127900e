-- Names, expressions and CQL in databases of other encodings; texts in one of
-- several bytes a character.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/encoding_names.cql
\set database :DBNAME
SET client_min_messages = warning;
DROP DATABASE IF EXISTS encoding_names_latin1;
CREATE DATABASE encoding_names_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0;
DROP DATABASE IF EXISTS encoding_names_euc_jp;
CREATE DATABASE encoding_names_euc_jp ENCODING 'EUC_JP' LOCALE 'C' TEMPLATE template0;
DROP DATABASE IF EXISTS encoding_names_utf8;
CREATE DATABASE encoding_names_utf8 ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;

\connect encoding_names_latin1
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
CREATE EXTENSION cassandra_fdw;
CREATE SERVER encoding_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER encoding_server;
IMPORT FOREIGN SCHEMA fdw_encoding_names FROM SERVER encoding_server
  INTO public OPTIONS (import_udt 'composite');
SELECT attname, attfdwoptions FROM pg_attribute
  WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum;
SELECT octet_length(attname::text) FROM pg_attribute
  WHERE attrelid = 't'::regclass AND attnum = 1;
SELECT attname FROM pg_attribute
  WHERE attrelid = 'jp'::regclass AND attnum > 0 ORDER BY attnum;
SELECT * FROM t WHERE schlüssel = 'süd' AND größe >= 1;
SELECT größe, (ort).straße, attrs ->> 'höhe' AS höhe FROM t WHERE schlüssel = 'süd';
SELECT * FROM t;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT größe FROM t WHERE schlüssel = 'süd' AND größe >= 1;
EXPLAIN (VERBOSE, COSTS OFF) SELECT größe FROM t WHERE größe >= 1;
-- no key twice in an object
CREATE FUNCTION told(query text) RETURNS TABLE (key text, value json)
LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (VERBOSE, FORMAT JSON) ' || query INTO plan;
  RETURN QUERY SELECT e.key, e.value FROM json_each(plan #> '{0,Plan}') e
    WHERE e.key ~ 'Pushed';
END $$;
SELECT * FROM told($$SELECT größe FROM t WHERE größe >= 1 AND attrs IS NULL$$);
SELECT * FROM told($$SELECT größe FROM t
  WHERE schlüssel = 'süd' AND attrs ? 'höhe' AND attrs ? 'breite'$$);
INSERT INTO t (schlüssel, größe, ort, attrs) VALUES ('öst', 7, ROW('Straße', 1), '{"ä": "ö"}');
UPDATE t SET attrs = '{"ü": "ü"}' WHERE schlüssel = 'öst' AND größe = 7
  RETURNING *;
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM t WHERE schlüssel = 'öst';
DELETE FROM t WHERE schlüssel = 'öst';
-- options and expressions
CREATE FOREIGN TABLE by_hand (
  s text OPTIONS (column_name 'schlüssel'),
  g int OPTIONS (column_name 'größe'),
  w bigint OPTIONS (expression 'token("schlüssel")'),
  h text OPTIONS (expression 'attrs[''höhe'']'),
  o text OPTIONS (expression 'ort."straße"'))
  SERVER encoding_server
  OPTIONS (keyspace 'fdw_encoding_names', table_name 't', primary_key 'schlüssel',
    clustering_key 'größe');
SELECT s, g, w IS NOT NULL AS w, h, o FROM by_hand WHERE s = 'süd';
ALTER FOREIGN TABLE by_hand ALTER h OPTIONS (SET expression 'attrs[''höhe''');
ALTER FOREIGN TABLE by_hand ALTER g OPTIONS (SET column_name 'grüße');
SELECT * FROM by_hand;
ALTER FOREIGN TABLE by_hand ALTER g OPTIONS (SET column_name 'größe'),
  OPTIONS (SET clustering_key 'grüße');
SELECT * FROM by_hand;
ALTER FOREIGN TABLE by_hand OPTIONS (DROP clustering_key, SET table_name 'täfel');
SELECT * FROM by_hand;
SELECT * FROM cassandra_query_json('encoding_server',
  'SELECT "größe", ort FROM fdw_encoding_names.t WHERE "schlüssel" = ?', 'süd');
\set VERBOSITY terse
SELECT cassandra_execute('encoding_server',
  'INSERT INTO fdw_encoding_names.t ("schlüssel", "grüße") VALUES (''x'', 1)');
\set VERBOSITY default
\connect :database
DROP DATABASE encoding_names_latin1;

\connect encoding_names_euc_jp
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
CREATE EXTENSION cassandra_fdw;
CREATE SERVER encoding_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER encoding_server;
IMPORT FOREIGN SCHEMA fdw_encoding_names LIMIT TO (jp) FROM SERVER encoding_server
  INTO public;
EXPLAIN (VERBOSE, COSTS OFF) SELECT 名前, v FROM jp WHERE id = '東京';
SELECT 名前, v FROM jp WHERE id = '東京';
SELECT 名前, v FROM jp WHERE id = ANY ('{東京,大阪}');
INSERT INTO jp (id, 名前, v) VALUES ('大阪', '鈴木', 5);
UPDATE jp SET v = 6 WHERE id = '大阪' RETURNING *;
DELETE FROM jp WHERE id = '大阪';
-- two characters of Unicode are one there: neither is taken for the other
SELECT id, v FROM jp WHERE id = 'a￤b';
SELECT count(*) FROM jp WHERE v = 2;
ALTER FOREIGN TABLE jp ALTER id OPTIONS (ADD on_unconvertible 'null');
SELECT id, v FROM jp ORDER BY v;
SELECT v FROM jp WHERE id = '東京';
\connect :database
DROP DATABASE encoding_names_euc_jp;

\connect encoding_names_utf8
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
CREATE EXTENSION cassandra_fdw;
CREATE SERVER encoding_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER encoding_server;
IMPORT FOREIGN SCHEMA fdw_encoding_names LIMIT TO (t) FROM SERVER encoding_server
  INTO public;
SELECT * FROM t WHERE schlüssel = 'süd';
-- a name that is too long is not cut
CREATE FOREIGN TABLE long (id int) SERVER encoding_server
  OPTIONS (keyspace 'fdw_encoding_names', table_name 't');
SELECT format('ALTER FOREIGN TABLE long OPTIONS (SET table_name %L)',
  't' || repeat('x', 255)) \gexec
\set VERBOSITY terse
SELECT * FROM long;
\connect :database
DROP DATABASE encoding_names_utf8;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_encoding_names'
