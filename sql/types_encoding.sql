-- Databases of other encodings: what is read, and which texts are equal to it
-- and in which order.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/types_encoding.cql
\set database :DBNAME
SET client_min_messages = warning;
DROP DATABASE IF EXISTS types_encoding_latin1;
CREATE DATABASE types_encoding_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0;
DROP DATABASE IF EXISTS types_encoding_sql_ascii;
CREATE DATABASE types_encoding_sql_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;
DROP DATABASE IF EXISTS types_encoding_euc_jp;
CREATE DATABASE types_encoding_euc_jp ENCODING 'EUC_JP' LOCALE 'C' TEMPLATE template0;

\connect types_encoding_latin1
SET client_min_messages = warning;
SET client_encoding = 'SQL_ASCII';
CREATE EXTENSION cassandra_fdw;
CREATE SERVER types_encoding_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER types_encoding_server;
IMPORT FOREIGN SCHEMA fdw_types_encoding FROM SERVER types_encoding_server INTO public;
CREATE TABLE copy AS SELECT * FROM texts WHERE p = 1;
SELECT id, c::bytea FROM copy ORDER BY id;
SELECT c::bytea FROM texts WHERE p = 2;
-- read back what is written
INSERT INTO texts SELECT 3, c, id FROM copy;
SELECT count(*) FROM texts JOIN copy USING (c, id) WHERE texts.p = 3;
DELETE FROM texts WHERE p = 3;
EXPLAIN (COSTS OFF, VERBOSE) SELECT id FROM texts WHERE p = 1 AND c = 'a';
EXPLAIN (COSTS OFF, VERBOSE) SELECT id FROM texts WHERE p = 1 AND c >= 'a';
CREATE FUNCTION compare(VARIADIC vals bytea[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE val text; op text; local text; remote text; n int := 0; v bytea;
BEGIN
  FOREACH v IN ARRAY vals LOOP
    EXECUTE format('SELECT E''%s''', regexp_replace(encode(v, 'hex'), '(..)', '\x\1', 'g')) INTO val;
    FOREACH op IN ARRAY ARRAY['=', '<', '<=', '>', '>=', '^@'] LOOP
      EXECUTE format('SELECT array_agg(id ORDER BY id) FROM copy WHERE p = 1 AND c %s $1', op) INTO local USING val;
      EXECUTE format('SELECT array_agg(id ORDER BY id) FROM texts WHERE p = 1 AND c %s $1', op) INTO remote USING val;
      n := n + 1;
      IF local IS DISTINCT FROM remote THEN
        RETURN NEXT format('%s %s: %s, not %s', op, v, remote, local);
      END IF;
    END LOOP;
    EXECUTE 'SELECT id FROM keys WHERE c = $1' INTO remote USING val;
    IF remote IS NOT NULL THEN
      RETURN NEXT format('key %s: %s', v, remote);
    END IF;
  END LOOP;
  RETURN NEXT n || ' compared';
END $$;
SELECT * FROM compare('', '\x61', '\x61e9', '\x61ff', '\xff', '\x62', '\x61c3a9');

\connect types_encoding_sql_ascii
SET client_min_messages = warning;
SET client_encoding = 'SQL_ASCII';
CREATE EXTENSION cassandra_fdw;
CREATE SERVER types_encoding_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER types_encoding_server;
IMPORT FOREIGN SCHEMA fdw_types_encoding FROM SERVER types_encoding_server INTO public;
CREATE TABLE copy AS SELECT * FROM texts WHERE p = 1;
SELECT id, c::bytea FROM copy ORDER BY id;
SELECT c::bytea FROM texts WHERE p = 2;
-- read back what is written
INSERT INTO texts SELECT 3, c, id FROM copy;
SELECT count(*) FROM texts JOIN copy USING (c, id) WHERE texts.p = 3;
DELETE FROM texts WHERE p = 3;
EXPLAIN (COSTS OFF, VERBOSE) SELECT id FROM texts WHERE p = 1 AND c = 'a';
EXPLAIN (COSTS OFF, VERBOSE) SELECT id FROM texts WHERE p = 1 AND c >= 'a';
CREATE FUNCTION compare(VARIADIC vals bytea[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE val text; op text; local text; remote text; n int := 0; v bytea;
BEGIN
  FOREACH v IN ARRAY vals LOOP
    EXECUTE format('SELECT E''%s''', regexp_replace(encode(v, 'hex'), '(..)', '\x\1', 'g')) INTO val;
    FOREACH op IN ARRAY ARRAY['=', '<', '<=', '>', '>=', '^@'] LOOP
      EXECUTE format('SELECT array_agg(id ORDER BY id) FROM copy WHERE p = 1 AND c %s $1', op) INTO local USING val;
      EXECUTE format('SELECT array_agg(id ORDER BY id) FROM texts WHERE p = 1 AND c %s $1', op) INTO remote USING val;
      n := n + 1;
      IF local IS DISTINCT FROM remote THEN
        RETURN NEXT format('%s %s: %s, not %s', op, v, remote, local);
      END IF;
    END LOOP;
    EXECUTE 'SELECT id FROM keys WHERE c = $1' INTO remote USING val;
    IF remote IS NOT NULL THEN
      RETURN NEXT format('key %s: %s', v, remote);
    END IF;
  END LOOP;
  RETURN NEXT n || ' compared';
END $$;
SELECT * FROM compare('', '\x61', '\x61c3a9', '\x61e9', '\x61c3', '\xff', '\x62', '\x61c3bf', '\xf48fbfbf');

\connect types_encoding_euc_jp
SET client_min_messages = warning;
SET client_encoding = 'SQL_ASCII';
CREATE EXTENSION cassandra_fdw;
CREATE SERVER types_encoding_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER types_encoding_server;
IMPORT FOREIGN SCHEMA fdw_types_encoding FROM SERVER types_encoding_server INTO public;
CREATE TABLE copy AS SELECT * FROM texts WHERE p = 1;
SELECT id, c::bytea FROM copy ORDER BY id;
SELECT c::bytea FROM texts WHERE p = 2;
-- read back what is written
INSERT INTO texts SELECT 3, c, id FROM copy;
SELECT count(*) FROM texts JOIN copy USING (c, id) WHERE texts.p = 3;
DELETE FROM texts WHERE p = 3;
EXPLAIN (COSTS OFF, VERBOSE) SELECT id FROM texts WHERE p = 1 AND c = 'a';
EXPLAIN (COSTS OFF, VERBOSE) SELECT id FROM texts WHERE p = 1 AND c >= 'a';
CREATE FUNCTION compare(VARIADIC vals bytea[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE val text; op text; local text; remote text; n int := 0; v bytea;
BEGIN
  FOREACH v IN ARRAY vals LOOP
    EXECUTE format('SELECT E''%s''', regexp_replace(encode(v, 'hex'), '(..)', '\x\1', 'g')) INTO val;
    FOREACH op IN ARRAY ARRAY['=', '<', '<=', '>', '>=', '^@'] LOOP
      EXECUTE format('SELECT array_agg(id ORDER BY id) FROM copy WHERE p = 1 AND c %s $1', op) INTO local USING val;
      EXECUTE format('SELECT array_agg(id ORDER BY id) FROM texts WHERE p = 1 AND c %s $1', op) INTO remote USING val;
      n := n + 1;
      IF local IS DISTINCT FROM remote THEN
        RETURN NEXT format('%s %s: %s, not %s', op, v, remote, local);
      END IF;
    END LOOP;
    EXECUTE 'SELECT id FROM keys WHERE c = $1' INTO remote USING val;
    IF remote IS NOT NULL THEN
      RETURN NEXT format('key %s: %s', v, remote);
    END IF;
  END LOOP;
  RETURN NEXT n || ' compared';
END $$;
SELECT * FROM compare('', '\x61', '\x618fabb1', '\x62', '\x61b0a1');

\connect :database
DROP DATABASE types_encoding_latin1;
DROP DATABASE types_encoding_sql_ascii;
DROP DATABASE types_encoding_euc_jp;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_types_encoding'
