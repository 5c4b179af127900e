-- Values of all types written and read back, in every declaration; and what
-- CQL types cannot hold.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/types_write.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE SERVER types_write_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER types_write_server;
CREATE SCHEMA fdw_types_write;
IMPORT FOREIGN SCHEMA fdw_types_write FROM SERVER types_write_server INTO fdw_types_write;
SET search_path = fdw_types_write, public;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET extra_float_digits = 1;

-- what is written is read back
CREATE TABLE local_scalars (LIKE scalars);
INSERT INTO local_scalars (k, tinyint_v, smallint_v, int_v, bigint_v, varint_v, decimal_v) VALUES
  (1, -128, -32768, -2147483648, -9223372036854775808, -129, -0.001),
  (2, 127, 32767, 2147483647, 9223372036854775807, 128, 1.10),
  (3, 0, 0, 0, 0, 0, 0.00),
  (4, 1, 1, 1, 1, 9223372036854775808, 12e5),
  (5, NULL, NULL, NULL, NULL, -9223372036854775809, 1e-50),
  (6, -1, -1, -1, -1, 1e60 + 7, 123456789012345678901234567890.123456789),
  (7, NULL, NULL, NULL, NULL, -1e40, -1e100),
  (8, NULL, NULL, NULL, NULL, 255, 10000),
  (9, NULL, NULL, NULL, NULL, -256, 9999.9999),
  (10, NULL, NULL, NULL, NULL, 256.000, -99999999999999999999);
INSERT INTO local_scalars (k, float_v, double_v, boolean_v, text_v, ascii_v, blob_v) VALUES
  (11, '-0', '-0', true, '', '', ''),
  (12, 'NaN', 'NaN', false, U&'gr\00FC\00DFe \+01F600', ' ~', '\x00ff'),
  (13, 'Infinity', '-Infinity', NULL, E'it''s "so" \\ \t\n', 'abc', '\x27225c'),
  (14, 3.4028235e38, 1.7976931348623157e308, NULL, NULL, E'\x7f\x01', NULL),
  (15, 1e-45, 5e-324, NULL, repeat('long', 30000), NULL, decode(repeat('ab', 100000), 'hex')),
  (16, 0.1, 0.1, NULL, 'NULL', NULL, NULL);
INSERT INTO local_scalars (k, uuid_v, timeuuid_v, inet_v, date_v, time_v, timestamp_v, duration_v) VALUES
  (21, '00000000-0000-0000-0000-000000000000', '13814000-1dd2-11b2-8080-808080808080', '127.0.0.1', '1970-01-01', '00:00', 'epoch', '0'),
  (22, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'ffffffff-ffff-1fff-bfff-ffffffffffff', '::1', '4714-11-24 BC', '23:59:59.999999', '4714-11-24 BC', '1 year 2 mons 3 days 04:05:06.007008'),
  (23, NULL, NULL, '::ffff:1.2.3.4', '5874897-12-31', '12:34:56.789', '294276-12-31 23:59:59.999', '-14 months -1 day -00:00:00.001'),
  (24, NULL, NULL, '255.255.255.255', '0001-12-31 BC', NULL, '1969-12-31 23:59:59.999', '178000000 years'),
  (25, NULL, NULL, NULL, '2024-02-29', NULL, '2024-02-29 12:34:56.789+02', '30 days 24:00');
INSERT INTO scalars SELECT * FROM local_scalars;
SELECT count(*) FROM scalars;
SELECT * FROM scalars EXCEPT SELECT * FROM local_scalars;
SELECT * FROM local_scalars EXCEPT SELECT * FROM scalars;
-- and is what Cassandra itself would have written: shortest varints, the
-- scale of decimals, one NaN
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "SELECT k, varintAsBlob(varint_v), decimalAsBlob(decimal_v) FROM fdw_types_write.scalars WHERE k IN (1, 2, 3, 4, 5, 8, 9, 10)"
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "SELECT k, floatAsBlob(float_v), doubleAsBlob(double_v) FROM fdw_types_write.scalars WHERE k IN (11, 12, 13, 15, 16)"
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "SELECT k, toJson(date_v), toJson(time_v), toJson(timestamp_v), toJson(duration_v), inetAsBlob(inet_v) FROM fdw_types_write.scalars WHERE k IN (21, 22, 23, 24, 25)"
INSERT INTO scalars (k, float_v, double_v) VALUES (17, -('Infinity'::float4 - 'Infinity'::float4), -('Infinity'::float8 - 'Infinity'::float8)), (18, 'Infinity'::float4 - 'Infinity'::float4, 'Infinity'::float8 - 'Infinity'::float8);
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "SELECT k, floatAsBlob(float_v), doubleAsBlob(double_v) FROM fdw_types_write.scalars WHERE k IN (17, 18)"
-- finer than CQL's types: cut off
INSERT INTO scalars (k, timestamp_v) VALUES (31, '1969-12-31 23:59:59.999999'), (32, '2024-02-29 12:34:56.789999');
SELECT k, timestamp_v FROM scalars WHERE k IN (31, 32) ORDER BY k;

CREATE TABLE local_containers (LIKE containers);
INSERT INTO local_containers (k, list_v, frozen_v, set_v, decimals, map_v, tuple_v, udt_v, deep_v) VALUES
  (1, '{3,1,1}', '{b,"",a}', '{B,"",a}', '{1.5,-2,3.25}', '{"b": 2, "a": -1, "": 0}', '[1, "x", true]',
   '{"a": 1, "b": "x", "c": [2, 1], "e": 1.50}',
   '{"\"Mixed Case\"": "m", "u": {"a": 1, "b": null, "c": [], "e": null}, "d": "-0001-01-01", "us": [{"a": null, "b": "", "c": null, "e": 1E+2}]}'),
  (2, NULL, '{}', NULL, NULL, NULL, '[null, null, null]', '{"a": null, "b": "x", "c": null, "e": null}',
   '{"\"Mixed Case\"": null, "u": null, "d": null, "us": []}');
INSERT INTO local_containers (k, nested, tuples, udts, times, words) VALUES
  (3, '{"k": [[1, 3], []], "": []}', ARRAY['[1, "a"]', '[2, null]']::jsonb[],
   ARRAY['{"a": 1, "b": null, "c": [3], "e": null}']::jsonb[], '{1970-01-01,0001-01-01 BC}', '{"k\"k": "v\\v", "\u00e9": ""}');
INSERT INTO local_containers (k, scalars, others, keys) VALUES
  (4, '{"1": [-128, 32767, 9007199254740993, 123456789012345678901234567890, 1.10, 0.5, 0.1, true], "-1": [null, null, null, null, null, null, null, null], "0": [0, 0, 0, -1, 0.00, "NaN", "-Infinity", false]}',
   '{"123e4567-e89b-12d3-a456-426655440000": [" ~", "0x00ff", "13814000-1dd2-11b2-8080-808080808080", "2001:db8:0:0:0:0:0:1", "2024-02-29", "12:34:56.789000001", "2024-02-29 12:34:56.789Z", "1y2mo3d4h5m6s7ms8us9ns"]}',
   '{"[\"2024-02-29\", 1.5]": 1, "[\"-0001-01-01\", -1.0E-5]": 2}');
INSERT INTO containers SELECT * FROM local_containers;
SELECT count(*) FROM containers;
SELECT k, nested, tuples, udts, times, words FROM containers WHERE k = 3;
-- sets come back in Cassandra's order; all else as written
SELECT set_v, decimals FROM containers WHERE k = 1;
UPDATE local_containers SET set_v = '{"",B,a}', decimals = '{-2,1.5,3.25}' WHERE k = 1;
SELECT * FROM containers EXCEPT SELECT * FROM local_containers;
SELECT * FROM local_containers EXCEPT SELECT * FROM containers;

-- other spellings of JSON values
INSERT INTO containers (k, scalars, others, tuple_v, udt_v, words) VALUES (5,
  '{"1": ["-5", "6", "7", "8", "9.0", "1e2", 100, "true"]}',
  '{"{123e4567e89b12d3a456426655440000}": ["a", "0xAB", "13814000-1DD2-11B2-8080-808080808080", "::1", "+10000-01-01", "01:02", "2024-02-29T12:34:56+01:00", "P1Y2M3DT4H5M6S"]}',
  '["1", "", "false"]', '{"A": 1, "\"b\"": "x"}', '{"a": "1"}');
SELECT scalars, others, tuple_v, udt_v FROM containers WHERE k = 5;

-- the other declarations
CREATE DOMAIN label_text AS text CHECK (VALUE <> 'bad');
CREATE TYPE label AS ENUM ('one', 'two');
CREATE TYPE u1 AS (b text, a int8, e numeric, c int[]);
CREATE TYPE u2 AS (us u1[], "Mixed Case" label_text, d date, u u1);
CREATE TYPE triple AS (n numeric, t varchar, yes bool);
CREATE TYPE pair AS (n int, t text);
CREATE FOREIGN TABLE numbers (k int OPTIONS (column_name 'k'), tinyint_v int8, smallint_v numeric, int_v float8, bigint_v numeric, varint_v int4, decimal_v float8, float_v int4, double_v numeric)
  SERVER types_write_server OPTIONS (keyspace 'fdw_types_write', table_name 'scalars');
CREATE FOREIGN TABLE strings (k int, text_v char(5), ascii_v label, timeuuid_v uuid, inet_v cidr, time_v int8, timestamp_v timestamp, duration_v text)
  SERVER types_write_server OPTIONS (keyspace 'fdw_types_write', table_name 'scalars');
CREATE FOREIGN TABLE names (k int, text_v jsonb, ascii_v name, decimal_v numeric(5,1), varint_v float4)
  SERVER types_write_server OPTIONS (keyspace 'fdw_types_write', table_name 'scalars');
CREATE FOREIGN TABLE composites (k int, list_v int8[], set_v varchar[], decimals int[], tuple_v triple, udt_v u1, deep_v u2, tuples pair[], udts u1[], words hstore)
  SERVER types_write_server OPTIONS (keyspace 'fdw_types_write', table_name 'containers');
CREATE FOREIGN TABLE documents (k int, list_v jsonb, frozen_v text, set_v json, map_v text, udt_v json, times jsonb, udts jsonb)
  SERVER types_write_server OPTIONS (keyspace 'fdw_types_write', table_name 'containers');
INSERT INTO numbers VALUES (41, 127, -32768, 2147483647, 9223372036854775807, 300, 0.1, 16777216, 1e22);
INSERT INTO strings VALUES (41, 'ab', 'two', '13814000-1dd2-11b2-8080-808080808080', '1.2.3.4', 86399999999999, '2024-02-29 12:34:56.789', '1mo2d3ns');
INSERT INTO names VALUES (42, '{"a": [1, null]}', 'name', 1234.56, 3e5);
SELECT tinyint_v, smallint_v, int_v, bigint_v, varint_v, decimal_v, float_v, double_v FROM scalars WHERE k = 41;
SELECT '[' || text_v || ']' AS text_v, ascii_v, timeuuid_v, inet_v, time_v, timestamp_v, duration_v FROM scalars WHERE k = 41;
SELECT time_v, duration_v FROM strings WHERE k = 41;
SELECT text_v, ascii_v, decimal_v, varint_v FROM scalars WHERE k = 42;
INSERT INTO composites VALUES (6, '{1,2}', '{x}', '{3,2}', (1, 'x', NULL), ('b', 1, 1.5, '{1}'),
  (ARRAY[(NULL, 2, NULL, NULL)::u1], 'm', '2024-02-29', ('b', 1, NULL, '{}')::u1),
  ARRAY[(1, 'a'), (2, NULL)]::pair[], ARRAY[('b', 1, NULL, NULL)]::u1[], 'a=>b, c=>""');
SELECT list_v, set_v, decimals, tuple_v, udt_v, deep_v, tuples, udts, words FROM containers WHERE k = 6;
SELECT * FROM composites WHERE k = 6;
INSERT INTO documents VALUES (7, '[1, 2]', '["a", ""]', '["b", "a", "b"]', '{"a": 1}', '{"a": 1}', '["2024-02-29", 0]', '[{"b": "x"}]');
SELECT list_v, frozen_v, set_v, map_v, udt_v, times, udts FROM containers WHERE k = 7;

-- nulls inside, wrong sizes, wrong shapes
INSERT INTO containers (k, list_v) VALUES (50, '{1,NULL}');
INSERT INTO containers (k, set_v) VALUES (50, '{NULL}');
INSERT INTO containers (k, map_v) VALUES (50, '{"a": null}');
INSERT INTO containers (k, list_v) VALUES (50, '{{1,2},{3,4}}');
INSERT INTO containers (k, tuple_v) VALUES (50, '[1, "a"]');
INSERT INTO containers (k, tuple_v) VALUES (50, '[1, "a", true, 2]');
INSERT INTO containers (k, tuple_v) VALUES (50, '{"a": 1}');
INSERT INTO containers (k, udt_v) VALUES (50, '{"a": 1, "none": 2}');
INSERT INTO containers (k, udt_v) VALUES (50, '{"a": 1, "A": 2}');
INSERT INTO containers (k, udt_v) VALUES (50, '[1]');
INSERT INTO containers (k, udt_v) VALUES (50, '1');
INSERT INTO containers (k, udt_v) VALUES (50, 'null');
INSERT INTO containers (k, udt_v) VALUES (50, '{"a": "x"}');
INSERT INTO containers (k, udt_v) VALUES (50, '{"a": 1.5}');
INSERT INTO containers (k, udt_v) VALUES (50, '{"a": 2147483648}');
INSERT INTO containers (k, udt_v) VALUES (50, '{"b": 1}');
INSERT INTO containers (k, udt_v) VALUES (50, '{"c": {"x": 1}}');
INSERT INTO containers (k, udt_v) VALUES (50, '{"c": [null]}');
INSERT INTO containers (k, map_v) VALUES (50, '{"a": true}');
INSERT INTO containers (k, scalars) VALUES (50, '{"x": []}');
INSERT INTO containers (k, scalars) VALUES (50, '{"1": [null, null, null, null, null, null, null, null], "01": [null, null, null, null, null, null, null, null]}');
INSERT INTO containers (k, others) VALUES (50, '{"123e4567-e89b-12d3-a456-426655440000": ["\u00e9", null, null, null, null, null, null, null]}');
INSERT INTO containers (k, others) VALUES (50, '{"123e4567-e89b-12d3-a456-426655440000": [null, "abc", null, null, null, null, null, null]}');
INSERT INTO containers (k, others) VALUES (50, '{"123e4567-e89b-12d3-a456-426655440000": [null, null, "123e4567-e89b-42d3-a456-426655440000", null, null, null, null, null]}');
INSERT INTO containers (k, others) VALUES (50, '{"123e4567-e89b-12d3-a456-426655440000": [null, null, null, "1.2.3.0/24", null, null, null, null]}');
INSERT INTO containers (k, others) VALUES (50, '{"123e4567-e89b-12d3-a456-426655440000": [null, null, null, null, "2023-02-29", null, null, null]}');
INSERT INTO containers (k, others) VALUES (50, '{"123e4567-e89b-12d3-a456-426655440000": [null, null, null, null, null, "24:00", null, null]}');
INSERT INTO containers (k, others) VALUES (50, '{"123e4567-e89b-12d3-a456-426655440000": [null, null, null, null, null, null, "today", null]}');
INSERT INTO containers (k, others) VALUES (50, '{"123e4567-e89b-12d3-a456-426655440000": [null, null, null, null, null, null, null, "1mo-1d"]}');
INSERT INTO containers (k, keys) VALUES (50, '{"x": 1}');
INSERT INTO containers (k, keys) VALUES (50, '{"[]": 1}');
INSERT INTO containers (k, keys) VALUES (50, '{"1": 1}');
INSERT INTO composites (k, words) VALUES (50, 'a=>NULL');
INSERT INTO composites (k, udts) VALUES (50, ARRAY[NULL]::u1[]);
INSERT INTO documents (k, map_v) VALUES (50, '{a}');
INSERT INTO documents (k, list_v) VALUES (50, '{"a": 1}');

-- values beyond CQL's types
INSERT INTO scalars (k, tinyint_v) VALUES (50, 128);
INSERT INTO scalars (k, varint_v) VALUES (50, 1.5);
INSERT INTO scalars (k, varint_v) VALUES (50, 'NaN');
INSERT INTO scalars (k, decimal_v) VALUES (50, 'Infinity');
INSERT INTO scalars (k, ascii_v) VALUES (50, U&'\00E9');
INSERT INTO scalars (k, inet_v) VALUES (50, '1.2.3.4/24');
INSERT INTO scalars (k, date_v) VALUES (50, 'infinity');
INSERT INTO scalars (k, time_v) VALUES (50, '24:00');
INSERT INTO scalars (k, timestamp_v) VALUES (50, '-infinity');
INSERT INTO scalars (k, duration_v) VALUES (50, '1 month -1 day');
INSERT INTO numbers (k, tinyint_v) VALUES (50, -129);
INSERT INTO numbers (k, smallint_v) VALUES (50, 0.5);
INSERT INTO numbers (k, int_v) VALUES (50, 'NaN');
INSERT INTO numbers (k, bigint_v) VALUES (50, 9223372036854775808);
INSERT INTO numbers (k, decimal_v) VALUES (50, 'NaN');
INSERT INTO strings (k, timeuuid_v) VALUES (50, '123e4567-e89b-42d3-a456-426655440000');
INSERT INTO strings (k, time_v) VALUES (50, 86400000000000);
INSERT INTO strings (k, duration_v) VALUES (50, '1 month');
INSERT INTO strings (k, inet_v) VALUES (50, '1.2.3.0/24');
SELECT count(*) FROM scalars WHERE k = 50;
SELECT count(*) FROM containers WHERE k = 50;

SET client_min_messages = warning;
DROP SCHEMA fdw_types_write CASCADE;
DROP SERVER types_write_server CASCADE;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_types_write'
