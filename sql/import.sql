-- IMPORT FOREIGN SCHEMA: names, types, options, what is left out
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
RESET client_min_messages;
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/import.cql
CREATE SERVER import_server FOREIGN DATA WRAPPER cassandra_fdw
	OPTIONS (host :'host', port :'port');
CREATE SCHEMA imported;
CREATE SCHEMA part;

-- everything: the second of two names that PostgreSQL cuts alike is numbered
IMPORT FOREIGN SCHEMA fdw_import FROM SERVER import_server INTO imported;
SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
	   co.collname, a.attnotnull, a.attfdwoptions
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
	LEFT JOIN pg_collation co
		ON co.oid = a.attcollation AND co.collname <> 'default'
WHERE c.relnamespace = 'imported'::regnamespace AND a.attnum > 0
ORDER BY c.relname COLLATE "C", a.attnum;
SELECT ftrelid::regclass, ftoptions FROM pg_foreign_table t
	JOIN pg_class c ON c.oid = ftrelid
WHERE c.relnamespace = 'imported'::regnamespace
ORDER BY relname COLLATE "C";

-- LIMIT TO and EXCEPT; an excluded table warns of nothing
IMPORT FOREIGN SCHEMA fdw_import LIMIT TO (keys, "MixedCase")
	FROM SERVER import_server INTO part OPTIONS (import_collate 'none');
SELECT attname, attcollation::regcollation FROM pg_attribute
WHERE attrelid = 'part.keys'::regclass AND attnum > 0 AND attcollation <> 0
ORDER BY attnum;
IMPORT FOREIGN SCHEMA fdw_import
	EXCEPT (keys, "MixedCase", long_names, scalars, nested, odd, places)
	FROM SERVER import_server INTO part;
SELECT relname FROM pg_class WHERE relnamespace = 'part'::regnamespace
ORDER BY relname COLLATE "C";

-- names that are cut, changed or reserved find their columns
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'INSERT INTO fdw_import.long_names (id, a123456789b123456789c123456789d123456789e123456789f123456789_0001, a123456789b123456789c123456789d123456789e123456789f123456789_0002) VALUES (1, 10, 20); INSERT INTO fdw_import.odd (id, ctid, ctid_) VALUES (1, 10, 20); INSERT INTO fdw_import."order" ("select", "user", "token") VALUES (1, $$u$$, 2)'
SELECT * FROM imported.long_names;
SELECT id, ctid__2, ctid_ FROM imported.odd;
SELECT * FROM imported."order" WHERE "select" = 1 AND "user" > 'a';
SELECT * FROM imported.by_user WHERE "user" = 'u';

-- more columns than a table can have
\! (printf 'CREATE TABLE fdw_import.wide (id int PRIMARY KEY'; for i in $(seq 1000 2650); do printf ', c%d int' $i; done; printf '); INSERT INTO fdw_import.wide (id, c1000, c2598) VALUES (1, 2, 3)') | test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f -
IMPORT FOREIGN SCHEMA fdw_import LIMIT TO (wide)
	FROM SERVER import_server INTO part;
SELECT count(*) FROM pg_attribute
WHERE attrelid = 'part.wide'::regclass AND attnum > 0;
SELECT w.*::text = '(1,2' || repeat(',', 1597) || ',3)' AS same
FROM part.wide w;
SELECT c2598 FROM part.wide WHERE id = 1;

-- dropped columns
ALTER FOREIGN TABLE imported.keys DROP c, DROP s;
SELECT * FROM imported.keys;
ALTER FOREIGN TABLE imported.keys ADD c text COLLATE "C";
SELECT * FROM imported.keys WHERE a = 1 AND b = 'x' AND c > 'a';

-- user-defined types as composite types, which are made once
CREATE SCHEMA typed;
CREATE SCHEMA typed_later;
IMPORT FOREIGN SCHEMA fdw_import LIMIT TO (places, nested)
	FROM SERVER import_server INTO typed OPTIONS (import_udt 'composite');
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'typed'::regnamespace AND a.attnum > 0
	AND (c.relkind = 'c' OR c.relname IN ('places', 'nested'))
ORDER BY c.relname COLLATE "C", a.attnum;
SELECT (home).name, ((home).geo).lat, (home).others, geos, ((geos)[1])."Lon",
	   ("all").p
FROM typed.places;
DROP FOREIGN TABLE typed.places;
IMPORT FOREIGN SCHEMA fdw_import LIMIT TO (places)
	FROM SERVER import_server INTO typed OPTIONS (import_udt 'composite');
SELECT count(*) FROM typed.places;
CREATE TYPE typed_later.geo AS (lat float8, lon float8);
IMPORT FOREIGN SCHEMA fdw_import LIMIT TO (places)
	FROM SERVER import_server INTO typed_later
	OPTIONS (import_udt 'composite');
DROP TYPE typed_later.geo;
CREATE TYPE typed_later.geo AS (x int, lat float8, "Lon" float8);
ALTER TYPE typed_later.geo DROP ATTRIBUTE x;
IMPORT FOREIGN SCHEMA fdw_import LIMIT TO (places)
	FROM SERVER import_server INTO typed_later
	OPTIONS (import_udt 'composite');
SELECT geos FROM typed_later.places;
CREATE TYPE typed_later.address AS ENUM ('a');
IMPORT FOREIGN SCHEMA fdw_import LIMIT TO (nested)
	FROM SERVER import_server INTO typed_later
	OPTIONS (import_udt 'composite');
IMPORT FOREIGN SCHEMA fdw_import LIMIT TO (nested)
	FROM SERVER import_server INTO typed_later OPTIONS (import_udt 'jsonb');

-- system and virtual tables are tables too
IMPORT FOREIGN SCHEMA system LIMIT TO (local)
	FROM SERVER import_server INTO part;
SELECT count(*) > 10 AS columns FROM pg_attribute
WHERE attrelid = 'part.local'::regclass AND attnum > 0;

IMPORT FOREIGN SCHEMA system_views LIMIT TO (clients, settings)
	FROM SERVER import_server INTO part;
SELECT value FROM part.settings WHERE name = 'partitioner';
-- some virtual tables can be written to, without a time of the write
IMPORT FOREIGN SCHEMA system_views LIMIT TO (roles_cache_keys)
	FROM SERVER import_server INTO part;
EXPLAIN (COSTS OFF) DELETE FROM part.roles_cache_keys WHERE role = 'x';
EXPLAIN (COSTS OFF) DELETE FROM part.roles_cache_keys;
DELETE FROM part.roles_cache_keys WHERE role = 'x';
\set VERBOSITY terse
INSERT INTO part.roles_cache_keys VALUES ('x');
UPDATE part.settings SET value = '1' WHERE name = 'partitioner';
\set VERBOSITY default
IMPORT FOREIGN SCHEMA system_schema FROM SERVER import_server INTO part;
SELECT table_name FROM part.tables
WHERE keyspace_name = 'fdw_import' AND table_name = 'order';

-- errors
IMPORT FOREIGN SCHEMA fdw_no_such FROM SERVER import_server INTO part;
IMPORT FOREIGN SCHEMA fdw_import FROM SERVER import_server INTO part
	OPTIONS (import_collation 'C');
IMPORT FOREIGN SCHEMA fdw_import FROM SERVER import_server INTO part
	OPTIONS (import_collate 'de_DE');
IMPORT FOREIGN SCHEMA fdw_import FROM SERVER import_server INTO part
	OPTIONS (import_udt 'hstore');

-- names that do not exist are told at first use
CREATE FOREIGN TABLE part.no_keyspace (id int) SERVER import_server
	OPTIONS (keyspace 'fdw_no_such');
CREATE FOREIGN TABLE part.no_table (id int) SERVER import_server
	OPTIONS (keyspace 'fdw_import');
CREATE FOREIGN TABLE part.no_column (id text, clicks bigint)
	SERVER import_server
	OPTIONS (keyspace 'fdw_import', table_name 'counters');
CREATE FOREIGN TABLE part.wrong_type (id uuid) SERVER import_server
	OPTIONS (keyspace 'fdw_import', table_name 'counters');
CREATE FOREIGN TABLE part.wrong_key (id text) SERVER import_server
	OPTIONS (keyspace 'fdw_import', table_name 'counters',
			 primary_key 'hits');
SELECT * FROM part.no_keyspace;
SELECT * FROM part.no_table;
SELECT * FROM part.no_column;
SELECT * FROM part.wrong_type;
SELECT * FROM part.wrong_key;

-- a column added on the other side is found without a new session
SELECT count(*) FROM part.keys;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'ALTER TABLE fdw_import.keys ADD later int'
ALTER FOREIGN TABLE part.keys ADD COLUMN later int;
SELECT count(later) FROM part.keys;

SET client_min_messages = warning;
DROP SERVER import_server CASCADE;
DROP SCHEMA imported, part, typed, typed_later CASCADE;
RESET client_min_messages;
