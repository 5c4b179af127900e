-- Collections, tuples, UDTs and vectors as IMPORT shows them, and in the other
-- types that a column may be declared with.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/types_collection.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER types_collection_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER types_collection_server;
CREATE SCHEMA fdw_types_collection;
IMPORT FOREIGN SCHEMA fdw_types_collection FROM SERVER types_collection_server INTO fdw_types_collection;
SET search_path = fdw_types_collection, public;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET extra_float_digits = 1;

-- the types that IMPORT chose
SELECT a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a WHERE a.attrelid = 'containers'::regclass AND a.attnum > 1
ORDER BY a.attname COLLATE "C";

-- values, the CQL type above each
\qecho 'list<int>'
SELECT k, t01 FROM containers WHERE k <= 2 ORDER BY k;
\qecho 'frozen<list<int>>'
SELECT k, t02 FROM containers WHERE k <= 2 ORDER BY k;
\qecho 'set<text>'
SELECT k, t03 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<text, int>'
SELECT k, t04 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<text, frozen<list<frozen<set<int>>>>>'
SELECT k, t05 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'tuple<int, text, boolean>'
SELECT k, t06 FROM containers WHERE k <= 3 ORDER BY k;
\qecho 'u1'
SELECT k, t07 FROM containers WHERE k <= 3 ORDER BY k;
\qecho 'frozen<u1>'
SELECT k, t08 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<float, 3>'
SELECT k, t09 FROM containers WHERE k <= 2 ORDER BY k;
\qecho 'vector<int, 2>'
SELECT k, t10 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<text, 2>'
SELECT k, t11 FROM containers WHERE k <= 2 ORDER BY k;
\qecho 'vector<smallint, 2>'
SELECT k, t12 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<boolean, 3>'
SELECT k, t13 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<varint, 2>'
SELECT k, t14 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<vector<float, 2>, 2>'
SELECT k, t15 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<frozen<list<int>>, 2>'
SELECT k, t16 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<duration, 1>'
SELECT k, t17 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<uuid, 1>'
SELECT k, t18 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<time, 1>'
SELECT k, t19 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<date, 1>'
SELECT k, t20 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<timestamp, 1>'
SELECT k, t21 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<inet, 1>'
SELECT k, t22 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'vector<tinyint, 2>'
SELECT k, t23 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'list<text>'
SELECT k, t24 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'list<decimal>'
SELECT k, t25 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'list<timestamp>'
SELECT k, t26 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'set<frozen<list<int>>>'
SELECT k, t27 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'list<frozen<tuple<int, text>>>'
SELECT k, t28 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'list<timeuuid>'
SELECT k, t29 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'set<inet>'
SELECT k, t30 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<int, text>'
SELECT k, t31 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<blob, blob>'
SELECT k, t32 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<timestamp, decimal>'
SELECT k, t33 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<double, float>'
SELECT k, t34 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<double, double>'
SELECT k, t35 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<date, time>'
SELECT k, t36 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<boolean, duration>'
SELECT k, t37 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<uuid, varint>'
SELECT k, t38 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<decimal, bigint>'
SELECT k, t39 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<inet, frozen<map<int, boolean>>>'
SELECT k, t40 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<frozen<u1>, int>'
SELECT k, t41 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<frozen<tuple<int, text>>, int>'
SELECT k, t42 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<frozen<list<int>>, int>'
SELECT k, t43 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'map<text, text>'
SELECT k, t44 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'frozen<u2>'
SELECT k, t45 FROM containers WHERE k <= 2 ORDER BY k;
\qecho 'list<frozen<u1>>'
SELECT k, t46 FROM containers WHERE k <= 1 ORDER BY k;
\qecho 'tuple<int, frozen<tuple<text, frozen<set<int>>>>>'
SELECT k, t47 FROM containers WHERE k <= 3 ORDER BY k;

-- a UDT that has grown: older values lack the new field
SELECT * FROM grown ORDER BY k;

-- everything as JSON text, and as json
CREATE FOREIGN TABLE texts (k int, t01 text, t03 text, t05 text, t06 text, t08 varchar, t09 text, t16 text, t28 text, t41 text, t45 text, t47 text)
  SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'containers');
SELECT t01, t03, t05, t06 FROM texts WHERE k = 1;
SELECT t08, t09, t16, t28 FROM texts WHERE k = 1;
SELECT t41, t45, t47 FROM texts WHERE k = 1;
CREATE FOREIGN TABLE documents (k int, t01 jsonb, t03 json, t04 json, t09 jsonb, t11 jsonb, t25 jsonb, t29 jsonb, t46 json)
  SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'containers');
SELECT t01, t03, t04, t09 FROM documents WHERE k = 1;
SELECT t11, t25, t29, t46 FROM documents WHERE k = 1;

-- arrays of other element types
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE FOREIGN TABLE arrays (k int, t01 int8[], t02 numeric[], t03 varchar[], t09 float8[], t10 positive[], t12 int8[], t24 name[], t25 float8[], t29 uuid[])
  SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'containers');
SELECT t01, t02, t03, t09, t12 FROM arrays WHERE k = 1;
SELECT t24, t25, t29 FROM arrays WHERE k = 1;
SELECT t10 FROM arrays WHERE k = 1;

-- composite types: UDTs by name, tuples by position
CREATE TYPE u1 AS (b text, a int8, e numeric, c int[]);
CREATE TYPE u2 AS (us u1[], "Mixed Case" text, d date, u u1);
CREATE TYPE pair AS (number int, word text);
CREATE TYPE triple AS (n numeric, t varchar, yes bool);
CREATE TYPE inner_pair AS (t text, numbers int[]);
CREATE TYPE outer_pair AS (n int, p inner_pair);
CREATE FOREIGN TABLE composites (k int, t06 triple, t07 u1, t08 u1, t28 pair[], t45 u2, t46 u1[], t47 outer_pair)
  SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'containers');
SELECT k, t06, (t06).t IS NULL, t07, (t07).c[2] FROM composites WHERE k <= 3 ORDER BY k;
SELECT t08, t28, t46 FROM composites WHERE k = 1;
SELECT k, t45, (t45).us[2].b FROM composites WHERE k <= 2 ORDER BY k;
SELECT k, t47, ((t47).p).numbers FROM composites WHERE k <= 3 ORDER BY k;
CREATE FOREIGN TABLE grown_composites (k int, v u1, w u1)
  SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'grown');
SELECT * FROM grown_composites ORDER BY k;
-- fields may be missing in the composite type, not the other way round
CREATE TYPE u1_part AS (c int[], a int);
CREATE TYPE u1_more AS (a int, none int);
CREATE TYPE single AS (n int);
CREATE FOREIGN TABLE parts (k int, t07 u1_part) SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'containers');
SELECT k, t07 FROM parts WHERE k <= 3 ORDER BY k;
CREATE FOREIGN TABLE more (k int, t07 u1_more) SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'containers');
SELECT t07 FROM more;
CREATE FOREIGN TABLE singles (k int, t06 single) SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'containers');
SELECT t06 FROM singles;

-- maps as hstore
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE FOREIGN TABLE hstores (k int, t44 hstore) SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'containers');
SELECT t44, t44 -> 'k"k' FROM hstores WHERE k = 1;
CREATE FOREIGN TABLE misfits (k int, t04 hstore) SERVER types_collection_server OPTIONS (keyspace 'fdw_types_collection', table_name 'containers');
SELECT t04 FROM misfits;
ALTER FOREIGN TABLE misfits DROP t04, ADD t01 int, ADD t04 text[], ADD t05 jsonb[], ADD t09 uuid[], ADD t15 float4[];
SELECT t01 FROM misfits;
ALTER FOREIGN TABLE misfits DROP t01;
SELECT t04 FROM misfits;
ALTER FOREIGN TABLE misfits DROP t04;
SELECT t05 FROM misfits;
ALTER FOREIGN TABLE misfits DROP t05;
SELECT t09 FROM misfits;
ALTER FOREIGN TABLE misfits DROP t09;
SELECT t15 FROM misfits;

-- zero-length and null elements; what cannot be held inside a container
SELECT * FROM odd ORDER BY k;
SELECT l FROM odd_dates WHERE k = 1;
SELECT m FROM odd_dates WHERE k = 1;
SELECT t FROM odd_dates WHERE k = 1;
ALTER FOREIGN TABLE odd_dates ALTER l OPTIONS (ADD on_unconvertible 'null'),
  ALTER t OPTIONS (ADD on_unconvertible 'null');
SELECT l, t FROM odd_dates WHERE k = 1;
ALTER FOREIGN TABLE odd_dates ALTER l OPTIONS (SET on_unconvertible 'clamp'),
  ALTER t OPTIONS (SET on_unconvertible 'clamp');
SELECT l, t FROM odd_dates WHERE k = 1;

DROP SCHEMA fdw_types_collection CASCADE;
DROP SERVER types_collection_server CASCADE;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_types_collection'
