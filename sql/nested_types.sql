-- user-defined types that hold each other: as trees some are too large
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
RESET client_min_messages;
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/nested_types.cql
CREATE SERVER nested_server FOREIGN DATA WRAPPER cassandra_fdw
	OPTIONS (host :'host', port :'port');

-- such a column costs itself, not its table, not the keyspace
CREATE SCHEMA nested;
IMPORT FOREIGN SCHEMA fdw_nested FROM SERVER nested_server INTO nested;
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'nested'::regnamespace AND a.attnum > 0
ORDER BY c.relname COLLATE "C", a.attnum;
SELECT id, few, v FROM nested.wide;
SELECT * FROM nested.small;
SELECT * FROM nested.plain;
SELECT * FROM nested.plain WHERE id = 1;
SELECT v FROM nested.wide WHERE id = 1;
UPDATE nested.wide SET v = 20 WHERE id = 1;
SELECT v FROM nested.wide WHERE id = 1;

-- nobody asked for it
CREATE SCHEMA nested2;
IMPORT FOREIGN SCHEMA fdw_nested LIMIT TO (plain)
	FROM SERVER nested_server INTO nested2;
IMPORT FOREIGN SCHEMA fdw_nested EXCEPT (wide, plain)
	FROM SERVER nested_server INTO nested2;
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'nested2'::regnamespace AND a.attnum > 0
ORDER BY c.relname COLLATE "C", a.attnum;

-- composite types are made of what can be read
CREATE SCHEMA nested3;
IMPORT FOREIGN SCHEMA fdw_nested LIMIT TO (small, wide)
	FROM SERVER nested_server INTO nested3 OPTIONS (import_udt 'composite');
SELECT (few).a, v FROM nested3.wide;
SELECT u, v FROM nested3.small;
DROP SCHEMA nested, nested2, nested3 CASCADE;
DROP SERVER nested_server;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_nested'
