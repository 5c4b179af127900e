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

-- everything: the second of two names that PostgreSQL cuts alike is left out
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
	EXCEPT (keys, "MixedCase", long_names, scalars, nested)
	FROM SERVER import_server INTO part;
SELECT relname FROM pg_class WHERE relnamespace = 'part'::regnamespace
ORDER BY relname COLLATE "C";

-- system tables are tables too
IMPORT FOREIGN SCHEMA system LIMIT TO (local)
	FROM SERVER import_server INTO part;
SELECT count(*) > 10 AS columns FROM pg_attribute
WHERE attrelid = 'part.local'::regclass AND attnum > 0;

-- errors
IMPORT FOREIGN SCHEMA fdw_no_such FROM SERVER import_server INTO part;
IMPORT FOREIGN SCHEMA fdw_import FROM SERVER import_server INTO part
	OPTIONS (import_collation 'C');
IMPORT FOREIGN SCHEMA fdw_import FROM SERVER import_server INTO part
	OPTIONS (import_collate 'de_DE');

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
DROP SCHEMA imported, part CASCADE;
RESET client_min_messages;
