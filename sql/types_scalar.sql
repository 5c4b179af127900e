-- Scalar types one by one: edge values as IMPORT shows them, and in the other
-- types that a column may be declared with.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\set protocol 5
\getenv protocol CASSANDRA_PROTOCOL
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/types_scalar.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER types_scalar_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version :'protocol');
CREATE USER MAPPING FOR CURRENT_USER SERVER types_scalar_server;
CREATE SCHEMA fdw_types_scalar;
IMPORT FOREIGN SCHEMA fdw_types_scalar FROM SERVER types_scalar_server INTO fdw_types_scalar;
SET search_path = fdw_types_scalar, public;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET extra_float_digits = 1;

-- the types that IMPORT chose
SELECT a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a
WHERE a.attrelid = ANY (ARRAY['scalars', 't_counter']::regclass[]) AND a.attnum > 0
ORDER BY a.attrelid, a.attnum;

-- values; what Cassandra calls empty is NULL, but for text and blob
SELECT k, t_tinyint FROM scalars WHERE k <= 4 ORDER BY k;
SELECT k, t_smallint FROM scalars WHERE k <= 3 ORDER BY k;
SELECT k, t_int FROM scalars WHERE k <= 6 ORDER BY k;
SELECT k, t_bigint FROM scalars WHERE k <= 4 ORDER BY k;
SELECT k, t_varint FROM scalars WHERE k <= 25 ORDER BY k;
SELECT k, t_decimal FROM scalars WHERE k <= 21 ORDER BY k;
SELECT k, t_float FROM scalars WHERE k <= 13 ORDER BY k;
SELECT k, t_double FROM scalars WHERE k <= 11 ORDER BY k;
SELECT k, t_boolean FROM scalars WHERE k <= 5 ORDER BY k;
SELECT k, t_text FROM scalars WHERE k <= 7 ORDER BY k;
SELECT k, t_ascii FROM scalars WHERE k <= 3 ORDER BY k;
SELECT k, t_blob FROM scalars WHERE k <= 4 ORDER BY k;
SELECT k, t_uuid FROM scalars WHERE k <= 4 ORDER BY k;
SELECT k, t_timeuuid FROM scalars WHERE k <= 3 ORDER BY k;
SELECT k, t_inet FROM scalars WHERE k <= 8 ORDER BY k;
SELECT k, t_date FROM scalars WHERE k <= 11 ORDER BY k;
SELECT k, t_time FROM scalars WHERE k <= 5 ORDER BY k;
SELECT k, t_timestamp FROM scalars WHERE k <= 11 ORDER BY k;
SELECT k, t_duration FROM scalars WHERE k <= 14 ORDER BY k;
SELECT k, v FROM t_counter ORDER BY k;
SELECT k, t_text IS NULL, octet_length(t_text), t_blob IS NULL, octet_length(t_blob)
FROM scalars WHERE k IN (1, 4, 7) ORDER BY k;

-- what PostgreSQL cannot hold is an error that names the column
SELECT k, far_date FROM odd WHERE k = 1;
SELECT far_date FROM odd WHERE k = 4;
SELECT far_timestamp FROM odd WHERE k = 1;
SELECT far_timestamp FROM odd WHERE k = 4;
SELECT far_decimal FROM odd WHERE k = 1;
SELECT far_decimal FROM odd WHERE k = 3;
SELECT odd_text, k FROM odd WHERE k = 1;
SELECT odd_text FROM odd WHERE k = 2;
SELECT odd_text FROM odd WHERE k = 5;
-- but only where it is read
SELECT count(*) FROM odd;
SELECT odd_text FROM odd WHERE k = 4;

-- unless the column says otherwise
ALTER FOREIGN TABLE odd ALTER far_date OPTIONS (ADD on_unconvertible 'null'),
  ALTER far_timestamp OPTIONS (ADD on_unconvertible 'null'),
  ALTER far_decimal OPTIONS (ADD on_unconvertible 'null'),
  ALTER odd_text OPTIONS (ADD on_unconvertible 'null');
SELECT * FROM odd ORDER BY k;
ALTER FOREIGN TABLE odd ALTER far_date OPTIONS (SET on_unconvertible 'clamp'),
  ALTER far_timestamp OPTIONS (SET on_unconvertible 'clamp'),
  ALTER far_decimal OPTIONS (SET on_unconvertible 'clamp'),
  ALTER odd_text OPTIONS (SET on_unconvertible 'clamp');
SELECT k, far_date, far_timestamp, far_decimal = 0 AS zero, trim_scale(far_decimal), odd_text
FROM odd ORDER BY k;
-- conditions on such columns see what is shown
SELECT k FROM odd WHERE far_date = 'infinity' ORDER BY k;
SELECT k FROM odd WHERE far_timestamp < '4714-11-24 BC' ORDER BY k;
SELECT k FROM odd WHERE far_decimal = 'Infinity' ORDER BY k;

-- numbers as other numbers: exactly, or not at all
CREATE FOREIGN TABLE numbers_int8 (k int, t_tinyint int8, t_smallint int8, t_int int8, t_varint int8, t_decimal int8, t_float int8, t_double int8)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
CREATE FOREIGN TABLE numbers_int2 (k int, t_tinyint int2, t_smallint int2, t_int int2, t_bigint int2, t_varint int2, t_decimal int2, t_float int2)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
CREATE FOREIGN TABLE numbers_numeric (k int, t_tinyint numeric, t_smallint numeric, t_int numeric, t_bigint numeric, t_float numeric, t_double numeric)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
CREATE FOREIGN TABLE numbers_float8 (k int, t_tinyint float8, t_smallint float8, t_int float8, t_bigint float8, t_varint float8, t_decimal float8, t_float float8)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
CREATE FOREIGN TABLE numbers_float4 (k int, t_int float4, t_bigint float4, t_varint float4, t_decimal float4, t_double float4)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
SELECT k, t_tinyint, t_smallint, t_int, t_varint FROM numbers_int8 WHERE k IN (1, 2, 3, 4, 14, 15) ORDER BY k;
SELECT t_varint FROM numbers_int8 WHERE k = 16;
SELECT t_decimal FROM numbers_int8 WHERE k IN (1, 4, 8, 15) ORDER BY k;
SELECT t_decimal FROM numbers_int8 WHERE k = 6;
SELECT t_float, t_double FROM numbers_int8 WHERE k = 2;
SELECT t_float FROM numbers_int8 WHERE k = 3;
SELECT t_float FROM numbers_int8 WHERE k = 5;
SELECT t_double FROM numbers_int8 WHERE k = 10;
SELECT k, t_smallint, t_varint FROM numbers_int2 WHERE k IN (1, 2, 3, 12) ORDER BY k;
SELECT t_int FROM numbers_int2 WHERE k = 1;
SELECT t_bigint FROM numbers_int2 WHERE k = 2;
SELECT k, t_tinyint, t_smallint, t_int, t_bigint, t_float FROM numbers_numeric WHERE k <= 13 ORDER BY k;
SELECT k, t_tinyint, t_smallint, t_int, t_bigint, t_varint, t_decimal, t_float FROM numbers_float8 WHERE k <= 25 ORDER BY k;
SELECT k, t_int, t_bigint, t_varint, t_decimal FROM numbers_float4 WHERE k IN (1, 2, 3) ORDER BY k;
SELECT t_double FROM numbers_numeric WHERE k IN (1, 2, 3, 4, 5, 6, 9) ORDER BY k;
SELECT t_double FROM numbers_float4 WHERE k = 3;
SELECT t_double FROM numbers_float4 WHERE k = 7;
SELECT t_decimal FROM numbers_float4 WHERE k = 18;
ALTER FOREIGN TABLE numbers_int2 ALTER t_int OPTIONS (ADD on_unconvertible 'clamp'),
  ALTER t_bigint OPTIONS (ADD on_unconvertible 'null'),
  ALTER t_decimal OPTIONS (ADD on_unconvertible 'clamp'),
  ALTER t_float OPTIONS (ADD on_unconvertible 'clamp');
SELECT k, t_int, t_bigint, t_decimal, t_float FROM numbers_int2 WHERE k <= 21 ORDER BY k;

-- declared precision and length act as in an assignment
CREATE FOREIGN TABLE narrow (k int, t_decimal numeric(6,1), t_text varchar(2), t_timestamp timestamptz(1), t_time time(2))
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
SELECT t_decimal FROM narrow WHERE k IN (6, 13, 16, 19) ORDER BY k;
SELECT t_decimal FROM narrow WHERE k = 10;
SELECT t_text FROM narrow WHERE k = 3;
SELECT k, t_timestamp, t_time FROM narrow WHERE k IN (3, 5) ORDER BY k;

-- texts as other strings
CREATE TYPE label AS ENUM ('abc', '', ' ~', 'other');
CREATE FOREIGN TABLE strings (k int, t_text varchar, t_ascii char(5), t_blob bytea)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
CREATE FOREIGN TABLE names (k int, t_text name, t_ascii label, t_duration text)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
CREATE FOREIGN TABLE documents (k int, odd_text label)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'odd');
SELECT k, t_text, '[' || t_ascii || ']', octet_length(t_ascii) FROM strings WHERE k <= 3 ORDER BY k;
SELECT k, t_text, t_ascii, t_duration FROM names WHERE k <= 14 ORDER BY k;
SELECT k FROM names WHERE t_ascii = 'abc';
SELECT odd_text FROM documents WHERE k = 4;
SELECT k, json FROM texts WHERE k = 1;
CREATE FOREIGN TABLE texts_json (k int, json jsonb, long name, padded varchar(3))
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'texts');
SELECT k, json, json->'a' FROM texts_json WHERE k IN (1, 2) ORDER BY k;
\set VERBOSITY terse
SELECT json FROM texts_json WHERE k = 3;
\set VERBOSITY default
SELECT long FROM texts_json WHERE k = 1;
SELECT k, '[' || padded || ']' FROM texts_json WHERE k IN (1, 2) ORDER BY k;
SELECT padded FROM texts_json WHERE k = 3;

-- other temporal and network types
CREATE FOREIGN TABLE others (k int, t_timestamp timestamp, t_time int8, t_timeuuid uuid, t_inet cidr, t_duration varchar)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
SELECT k, t_timestamp, t_time, t_timeuuid, t_inet, t_duration FROM others WHERE k <= 14 ORDER BY k;
SET timezone = 'America/New_York';
SELECT k, t_timestamp FROM others WHERE k = 8;
SELECT k, t_timestamp FROM scalars WHERE k = 8;
SET timezone = 'UTC';

-- domains check what is read
CREATE DOMAIN small AS int CHECK (VALUE < 2);
CREATE DOMAIN present AS int NOT NULL;
CREATE FOREIGN TABLE domains (k int, t_int small, t_bigint int8)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
CREATE FOREIGN TABLE domains_present (k int, t_int present)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
SELECT t_int FROM domains WHERE k IN (1, 3, 4, 5) ORDER BY k;
SELECT t_int FROM domains WHERE k = 2;
SELECT t_int FROM domains_present WHERE k = 3;
SELECT t_int FROM domains_present WHERE k = 5;

-- what does not fit is refused, with a hint
CREATE FOREIGN TABLE misfits (k int, t_int text, t_text int, t_uuid text, t_blob text, t_date timestamptz, t_time interval, t_boolean int)
  SERVER types_scalar_server OPTIONS (keyspace 'fdw_types_scalar', table_name 'scalars');
SELECT t_int FROM misfits;
ALTER FOREIGN TABLE misfits DROP t_int;
SELECT t_text FROM misfits;
ALTER FOREIGN TABLE misfits DROP t_text;
SELECT t_uuid FROM misfits;
ALTER FOREIGN TABLE misfits DROP t_uuid;
SELECT t_blob FROM misfits;
ALTER FOREIGN TABLE misfits DROP t_blob;
SELECT t_date FROM misfits;
ALTER FOREIGN TABLE misfits DROP t_date;
SELECT t_time FROM misfits;
ALTER FOREIGN TABLE misfits DROP t_time;
SELECT t_boolean FROM misfits;

DROP SCHEMA fdw_types_scalar CASCADE;
DROP SERVER types_scalar_server CASCADE;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_types_scalar'
