-- What tools see of foreign tables: keys, types, rights, comments.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\set protocol 5
\getenv protocol CASSANDRA_PROTOCOL
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/tools.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS tools_server CASCADE;
CREATE SERVER tools_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version :'protocol');
CREATE USER MAPPING FOR CURRENT_USER SERVER tools_server;
DROP SCHEMA IF EXISTS fdw_tools CASCADE;
CREATE SCHEMA fdw_tools;
CREATE SCHEMA fdw_tools_all;
CREATE SCHEMA fdw_tools_none;
IMPORT FOREIGN SCHEMA fdw_tools FROM SERVER tools_server INTO fdw_tools;
IMPORT FOREIGN SCHEMA fdw_tools FROM SERVER tools_server INTO fdw_tools_all
  OPTIONS (import_not_null 'key', import_timeuuid 'uuid',
  import_udt 'composite');
IMPORT FOREIGN SCHEMA fdw_tools FROM SERVER tools_server INTO fdw_tools_none
  OPTIONS (import_not_null 'none', import_keys 'none');
SET search_path = fdw_tools, public;

SELECT table_schema, table_name, column_name, udt_name, is_nullable
FROM information_schema.columns WHERE table_schema LIKE 'fdw_tools%'
  AND (is_nullable = 'NO' OR udt_name LIKE '%uuid%')
ORDER BY 1, 2, ordinal_position;
SELECT ftrelid::regclass, ftoptions FROM pg_foreign_table
WHERE ftoptions @> '{keyspace=fdw_tools}'
  AND ftrelid::regclass::text !~ '_all' ORDER BY ftrelid::regclass::text;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = 'fdw_tools_all.moment'::regclass ORDER BY attnum;
-- what is written says so, counters too, without a look at Cassandra
SELECT table_name, is_insertable_into, column_name, is_updatable
FROM information_schema.tables JOIN information_schema.columns
  USING (table_schema, table_name)
WHERE table_schema = 'fdw_tools' AND column_name = 'v' ORDER BY 1;
INSERT INTO hits VALUES (1, 2);
UPDATE hits SET v = v + 3;
SELECT * FROM hits;
CREATE VIEW seen AS SELECT * FROM hits;
SELECT table_name, is_updatable, is_insertable_into FROM information_schema.views
WHERE table_schema = 'fdw_tools';
CREATE SERVER tools_nowhere FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '127.0.0.1', port '1');
CREATE FOREIGN TABLE nowhere (id int) SERVER tools_nowhere;
CREATE FOREIGN TABLE read_only (id int) SERVER tools_nowhere
  OPTIONS (updatable 'false');
SELECT table_name, is_insertable_into, is_updatable
FROM information_schema.tables JOIN information_schema.columns
  USING (table_schema, table_name)
WHERE table_name IN ('nowhere', 'read_only') ORDER BY 1;
DROP SERVER tools_nowhere CASCADE;
UPDATE by_v SET other = 1;
COPY by_v FROM STDIN;
\.

-- the key is told, and what counts is Cassandra's
ALTER FOREIGN TABLE "Mixed" OPTIONS (SET clustering_key 'c 1');
SELECT * FROM "Mixed";
ALTER FOREIGN TABLE "Mixed" OPTIONS (SET clustering_key '"C 1"');
SELECT * FROM "Mixed";

SELECT * FROM cassandra_columns('keyed');
CREATE FOREIGN TABLE by_hand (id int OPTIONS (column_name 'b'), a text,
  c timeuuid, d date, w bigint[] OPTIONS (expression 'writetime(v)'),
  t int OPTIONS (using 'ttl'))
  SERVER tools_server OPTIONS (keyspace 'fdw_tools', table_name 'keyed');
SELECT column_name, cql_name, kind, key_position, cql_type
FROM cassandra_columns('by_hand');
SELECT column_name, cql_name, kind, cql_type, indexes
FROM cassandra_columns('"Mixed"');
SELECT * FROM cassandra_columns('pg_class');
CREATE ROLE regress_tools;
GRANT USAGE ON SCHEMA fdw_tools TO regress_tools;
SET ROLE regress_tools;
SELECT * FROM cassandra_columns('keyed');
RESET ROLE;
DROP OWNED BY regress_tools;
DROP ROLE regress_tools;

-- all objects say what they are
SELECT pg_describe_object(classid, objid, objsubid) FROM pg_depend d
WHERE refobjid = (SELECT oid FROM pg_extension WHERE extname = 'cassandra_fdw')
  AND deptype = 'e' AND NOT EXISTS (SELECT FROM pg_description
  WHERE objoid = d.objid AND classoid = d.classid AND objsubid = 0)
  AND NOT EXISTS (SELECT FROM pg_type WHERE classid = 'pg_type'::regclass
  AND oid = objid AND (typelem <> 0 OR typrelid <> 0))
ORDER BY 1;

DROP SERVER tools_server CASCADE;
DROP SCHEMA fdw_tools, fdw_tools_all, fdw_tools_none CASCADE;
