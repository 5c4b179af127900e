-- Conditions on columns of each type: what is pushed must give what the same
-- conditions give on a copy of the table in PostgreSQL.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/types_bound.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER types_bound_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER types_bound_server;
CREATE SCHEMA fdw_types_bound;
CREATE SCHEMA copy_types_bound;
IMPORT FOREIGN SCHEMA fdw_types_bound FROM SERVER types_bound_server INTO fdw_types_bound;
SET timezone = 'UTC';
SET client_min_messages = notice;

-- the regular columns, one at a time
CREATE FUNCTION copy_types_bound.part(prefix text, relation text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT attname, format_type(atttypid, atttypmod) AS type, attcollation
      FROM pg_attribute WHERE attrelid = relation::regclass AND attname LIKE 'c\_%' LOOP
    EXECUTE format('CREATE FOREIGN TABLE fdw_types_bound.%I (p int, id int,'
      ' c %s OPTIONS (column_name %L) %s) SERVER types_bound_server'
      ' OPTIONS (keyspace %L, table_name %L)', prefix || substr(r.attname, 3), r.type,
      r.attname, CASE WHEN r.attcollation <> 0 THEN 'COLLATE "C"' END,
      'fdw_types_bound', split_part(relation, '.', 2));
  END LOOP;
END $$;
SELECT FROM copy_types_bound.part('f_', 'fdw_types_bound.filtered');
SELECT FROM copy_types_bound.part('i_', 'fdw_types_bound.indexed');

CREATE TABLE copy_types_bound.done (relation text, valtype text, pushed text, checks int, different int);

-- How the operators =, <, <=, >, >= are pushed: exactly, as superset, not.
CREATE FUNCTION copy_types_bound.pushed(relation text, valtype text, val text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  op text; line text; filter bool; restricted bool; answer text := '';
BEGIN
  FOREACH op IN ARRAY ARRAY['=', '<', '<=', '>', '>='] LOOP
    filter := false;
    restricted := false;
    FOR line IN EXECUTE format('EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM fdw_types_bound.%I'
        ' WHERE %s c %s %L::%s', relation, copy_types_bound.partition(relation), op, val, valtype) LOOP
      filter := filter OR line LIKE '%Filter:%';
      restricted := restricted OR line ~ 'CQL: .* (WHERE|AND) c(_\w+)? (=|<|>|IN)';
    END LOOP;
    answer := answer || CASE WHEN NOT filter THEN 'E' WHEN restricted THEN 'S' ELSE '-' END;
  END LOOP;
  RETURN answer;
END $$;

CREATE FUNCTION copy_types_bound.partition(relation text) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN relation ~ '^(i|key)_' THEN '' ELSE 'p = 1 AND' END
$$;

-- Each operator with each constant, as constant and as parameter.
CREATE FUNCTION copy_types_bound.compare_one(relation text, valtype text, vals text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  cond text; parameter text; val text; op text; remote text; local text;
  n int := 0; bad int := 0;
BEGIN
  PERFORM set_config('client_min_messages', 'warning', true);
  EXECUTE format('CREATE TABLE IF NOT EXISTS copy_types_bound.%I AS SELECT * FROM fdw_types_bound.%1$I', relation);
  PERFORM set_config('client_min_messages', 'notice', true);
  FOREACH val IN ARRAY vals LOOP
    FOREACH op IN ARRAY ARRAY['=', '<', '<=', '>', '>='] LOOP
      cond := format('%s c %s %L::%s', copy_types_bound.partition(relation), op, val, valtype);
      parameter := format('%s c %s $1::text::%s', copy_types_bound.partition(relation), op, valtype);
      EXECUTE format('SELECT array_agg(id ORDER BY id) FROM copy_types_bound.%I WHERE %s', relation, cond) INTO local;
      EXECUTE format('SELECT array_agg(id ORDER BY id) FROM fdw_types_bound.%I WHERE %s', relation, cond) INTO remote;
      IF local IS DISTINCT FROM remote THEN
        RAISE NOTICE '%: % gives %, not %', relation, cond, remote, local;
        bad := bad + 1;
      END IF;
      EXECUTE format('SELECT array_agg(id ORDER BY id) FROM fdw_types_bound.%I WHERE %s', relation, parameter) INTO remote USING val;
      IF local IS DISTINCT FROM remote THEN
        RAISE NOTICE '%: % of % gives %, not %', relation, parameter, val, remote, local;
        bad := bad + 1;
      END IF;
      n := n + 2;
    END LOOP;
  END LOOP;
  INSERT INTO copy_types_bound.done
  VALUES (relation, valtype, copy_types_bound.pushed(relation, valtype, vals[1]), n, bad);
END $$;

CREATE FUNCTION copy_types_bound.compare(relation text, valtype text, VARIADIC vals text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE prefix text;
BEGIN
  PERFORM copy_types_bound.compare_one(relation, valtype, vals);
  IF relation LIKE 'b\_%' THEN
    FOREACH prefix IN ARRAY ARRAY['f_', 'i_'] LOOP
      IF to_regclass('fdw_types_bound.' || prefix || substr(relation, 3)) IS NOT NULL THEN
        PERFORM copy_types_bound.compare_one(prefix || substr(relation, 3), valtype, vals);
      END IF;
    END LOOP;
  END IF;
END $$;

SET client_min_messages = notice;
\set VERBOSITY terse
SELECT FROM copy_types_bound.compare('b_tinyint', 'int2', '-32768', '-129', '-128', '0', '1', '127', '128', '300');
SELECT FROM copy_types_bound.compare('b_tinyint', 'int8', '-9223372036854775808', '-1', '256', '9223372036854775807');
SELECT FROM copy_types_bound.compare('b_smallint', 'int4', '-32769', '-32768', '300', '32767', '32768', '65836');
SELECT FROM copy_types_bound.compare('b_int', 'int4', '-2147483648', '-1', '0', '1', '2147483647');
SELECT FROM copy_types_bound.compare('b_int', 'int8', '-2147483649', '2147483648', '4294967296', '5000000000');
SELECT FROM copy_types_bound.compare('b_int', 'int2', '-1', '2');
SELECT FROM copy_types_bound.compare('b_int', 'numeric', '-1', '0.5', '1.0', 'NaN', 'Infinity');
SELECT FROM copy_types_bound.compare('b_bigint', 'int8', '-9223372036854775808', '-1', '0', '4294967296', '9223372036854775807');
SELECT FROM copy_types_bound.compare('b_varint', 'numeric', '-123456789012345678901234567890', '-256', '-255.5', '-1.0', '0', '0.5', '1', '1.000', '255', '9223372036854775808', '1e40', '-1e40', 'NaN', 'Infinity', '-Infinity');
SELECT FROM copy_types_bound.compare('b_varint', 'int8', '-1', '1', '9223372036854775807');
SELECT FROM copy_types_bound.compare('b_decimal', 'numeric', '-1e30', '-1000000000000000000000000000000.0', '-1.5', '-1.500', '0', '0.000', '1e-30', '1e-31', '1', '1.0', '1.10', '1000', '1000.4999999999999999999999999999', '1000.5', '1e100', '1e-16000', '1e1000', 'NaN', 'Infinity', '-Infinity');
SELECT FROM copy_types_bound.compare('b_decimal', 'int4', '0', '1', '1000');
SELECT FROM copy_types_bound.compare('b_float', 'float4', '-Infinity', '-1.5', '-0', '0', '1.4e-45', '0.1', '16777216', 'Infinity', 'NaN');
SELECT FROM copy_types_bound.compare('b_float', 'float8', '-Infinity', '-1e300', '-1e-300', '-0', '0', '1e-300', '0.1', '0.10000000149011612', '0.10000000149011613', '16777217', '1e300', '3.4028234663852886e38', '3.5e38', 'Infinity', 'NaN');
SELECT FROM copy_types_bound.compare('b_double', 'float8', '-Infinity', '-0', '0', '4.9e-324', '0.1', '0.10000000149011612', '1.7976931348623157e308', 'Infinity', 'NaN');
SELECT FROM copy_types_bound.compare('b_double', 'float4', '-0', '0.1', 'Infinity', 'NaN');
SELECT FROM copy_types_bound.compare('b_boolean', 'bool', 'true', 'false');
SELECT FROM copy_types_bound.compare('b_text', 'text', '', 'A', 'a', 'a ', 'ab', 'ab ', U&'\00E4', U&'a\0308', U&'\D7FF', U&'\E000', U&'\FFFF', U&'\+01F600', U&'\+10FFFF', 'zz');
SELECT FROM copy_types_bound.compare('b_text', 'text COLLATE "en-x-icu"', '', 'a', 'ab', U&'\00E4');
SELECT FROM copy_types_bound.compare('b_text', 'varchar', 'ab', 'ab ');
SELECT FROM copy_types_bound.compare('b_text', 'char(4)', 'ab', 'ab ');
SELECT FROM copy_types_bound.compare('b_text', 'name', 'ab', '_');
SELECT FROM copy_types_bound.compare('b_ascii', 'text', '', 'a', 'az', U&'a\00E4', U&'\00E4', U&'\007F\00E4', U&'\007F\007F', U&'\007F\007F\00E4', 'b');
SELECT FROM copy_types_bound.compare('b_blob', 'bytea', '', '\x00', '\x0000', '\x7f', '\x80', '\xff', '\xff00');
SELECT FROM copy_types_bound.compare('b_uuid', 'uuid', '00000000-0000-0000-0000-000000000000', '123e4567-e89b-12d3-a456-426655440000', '00000000-0000-4000-8000-000000000001', 'ffffffff-ffff-ffff-ffff-ffffffffffff');
SELECT FROM copy_types_bound.compare('b_timeuuid', 'timeuuid', '13814000-1dd2-11b2-8080-808080808080', '13814000-1dd2-11b2-7f7f-7f7f7f7f7f7f', '13814000-1dd2-11b2-0000-000000000000', '13814005-1dd2-11b2-0000-000000000000', '00000000-0000-1000-8080-808080808080', 'ffffffff-ffff-1fff-7f7f-7f7f7f7f7f7f');
SELECT FROM copy_types_bound.compare('b_timeuuid', 'uuid', '13814000-1dd2-11b2-8080-808080808080', '123e4567-e89b-42d3-a456-426655440000');
SELECT FROM copy_types_bound.compare('b_inet', 'inet', '1.2.3.4', '1.2.3.4/24', '::ffff:1.2.3.4', '::1', '::1/64', '0.0.0.0/0', '10.0.0.0');
SELECT FROM copy_types_bound.compare('b_inet', 'cidr', '1.2.3.4/32', '1.2.3.0/24');
SELECT FROM copy_types_bound.compare('b_date', 'date', '4714-11-24 BC', '0001-01-01', '1970-01-01', '2024-02-29', '5874897-12-31', 'infinity', '-infinity');
SELECT FROM copy_types_bound.compare('b_date', 'timestamp', '4714-11-24 BC', '1969-12-31 23:59:59.999999', '1970-01-01', '1970-01-01 00:00:00.000001', '294276-12-31 23:59:59', 'infinity', '-infinity');
SELECT FROM copy_types_bound.compare('b_date', 'timestamptz', '1970-01-01', '2024-02-29 12:00');
SELECT FROM copy_types_bound.compare('b_time', 'time', '00:00', '00:00:00.000001', '12:34:56.789', '12:34:56.789001', '12:34:56.789002', '23:59:59.999999', '24:00');
SELECT FROM copy_types_bound.compare('b_timestamp', 'timestamptz', '4714-11-24 BC', '1969-12-31 23:59:59.9985', '1969-12-31 23:59:59.999', '1970-01-01', '1970-01-01 00:00:00.0005', '2024-02-29', '2024-02-29 00:00:00.123', '2024-02-29 00:00:00.123001', '294276-12-31 23:59:59.999999', 'infinity', '-infinity');
SELECT FROM copy_types_bound.compare('b_timestamp', 'timestamp', '1970-01-01', '2024-02-29');
SELECT FROM copy_types_bound.compare('b_timestamp', 'date', '1970-01-01', '2024-02-29', 'infinity');
SELECT FROM copy_types_bound.compare('b_list', 'int[]', '{}', '{1}', '{1,2}', '{2,1}', '{1,NULL}', '[0:1]={1,2}', '{{1,2}}');
SELECT FROM copy_types_bound.compare('b_set', 'text[]', '{}', '{a}', '{a,b}', '{b,a}', '{a,a}', '{""}', '{NULL}');
SELECT FROM copy_types_bound.compare('key_varint', 'numeric', '1', '1.0');
SELECT FROM copy_types_bound.compare('key_decimal', 'numeric', '1', '1.0', '1.000');
SELECT FROM copy_types_bound.compare('key_double', 'float8', '0', '-0', 'NaN', '1.5');
SELECT FROM copy_types_bound.compare('key_boolean', 'bool', 'true', 'false');
SELECT FROM copy_types_bound.compare('key_time', 'time', '00:00:01', '00:00:01.000001');

-- the same CQL types in other declarations
CREATE DOMAIN copy_types_bound.positive AS int;
CREATE TYPE copy_types_bound.letter AS ENUM ('', 'b', 'a', 'Zz', 'az', E'\x7f\x7f', 'none');
CREATE FOREIGN TABLE fdw_types_bound.int_numeric (p int, c numeric, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_int');
CREATE FOREIGN TABLE fdw_types_bound.int_short (p int, c numeric(4,-1), id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_int');
CREATE FOREIGN TABLE fdw_types_bound.int_domain (p int, c copy_types_bound.positive, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_int');
CREATE FOREIGN TABLE fdw_types_bound.int_double (p int, c float8, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_int');
CREATE FOREIGN TABLE fdw_types_bound.bigint_real (p int, c float4, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_bigint');
CREATE FOREIGN TABLE fdw_types_bound.float_double (p int, c float8, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_float');
CREATE FOREIGN TABLE fdw_types_bound.float_numeric (p int, c numeric, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_float');
CREATE FOREIGN TABLE fdw_types_bound.text_name (p int, c name, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_text');
CREATE FOREIGN TABLE fdw_types_bound.text_varchar (p int, c varchar(2) COLLATE "C", id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_text');
ALTER FOREIGN TABLE fdw_types_bound.text_varchar ALTER c OPTIONS (ADD on_unconvertible 'clamp');
CREATE FOREIGN TABLE fdw_types_bound.text_char (p int, c char(4), id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_text');
CREATE FOREIGN TABLE fdw_types_bound.ascii_enum (p int, c copy_types_bound.letter, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_ascii');
CREATE FOREIGN TABLE fdw_types_bound.timeuuid_uuid (p int, c uuid, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_timeuuid');
CREATE FOREIGN TABLE fdw_types_bound.inet_cidr (p int, c cidr, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_inet');
CREATE FOREIGN TABLE fdw_types_bound.time_ns (p int, c int8, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_time');
CREATE FOREIGN TABLE fdw_types_bound.time_coarse (p int, c time(3), id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_time');
CREATE FOREIGN TABLE fdw_types_bound.timestamp_utc (p int, c timestamp, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_timestamp');
CREATE FOREIGN TABLE fdw_types_bound.timestamp_seconds (p int, c timestamptz(0), id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_timestamp');
CREATE FOREIGN TABLE fdw_types_bound.list_json (p int, c jsonb, id int) SERVER types_bound_server OPTIONS (keyspace 'fdw_types_bound', table_name 'b_list');
SELECT FROM copy_types_bound.compare('int_numeric', 'numeric', '-2147483648.5', '-2147483649', '-1', '-0.5', '0', '0.5', '1.0', '1.00001', '2147483647', '2147483647.5', '2147483648', '1e30', '-1e30', 'NaN', 'Infinity', '-Infinity');
SELECT FROM copy_types_bound.compare('int_numeric', 'int4', '0', '1');
SELECT FROM copy_types_bound.compare('int_domain', 'int4', '0', '1');
SELECT FROM copy_types_bound.compare('int_domain', 'int8', '0', '5000000000');
SELECT FROM copy_types_bound.compare('int_double', 'float8', '0.5', '1', '1e300', 'NaN');
SELECT FROM copy_types_bound.compare('bigint_real', 'float4', '0', '9223372036854775807');
SELECT FROM copy_types_bound.compare('float_double', 'float8', '-0', '0', '1e-300', '0.1', '0.10000000149011612', '16777217', '3.5e38', 'NaN');
SELECT FROM copy_types_bound.compare('float_double', 'float4', '0', '0.1', 'NaN');
SELECT FROM copy_types_bound.compare('float_numeric', 'numeric', '0', '0.1', '16777216', 'NaN');
SELECT FROM copy_types_bound.compare('text_name', 'name', '', 'a', 'ab', 'ab ');
SELECT FROM copy_types_bound.compare('text_name', 'text', '', 'a', 'ab', U&'\00E4');
SELECT FROM copy_types_bound.compare('text_varchar', 'text', '', 'a', 'ab', 'a ');
SELECT FROM copy_types_bound.compare('text_char', 'char(4)', '', 'ab', 'ab ');
SELECT FROM copy_types_bound.compare('ascii_enum', 'copy_types_bound.letter', '', 'b', 'Zz', 'none');
SELECT FROM copy_types_bound.compare('timeuuid_uuid', 'uuid', '13814000-1dd2-11b2-8080-808080808080', '123e4567-e89b-42d3-a456-426655440000');
SELECT FROM copy_types_bound.compare('inet_cidr', 'cidr', '1.2.3.4', '1.2.3.0/24');
SELECT FROM copy_types_bound.compare('inet_cidr', 'inet', '1.2.3.4', '1.2.3.4/24');
SELECT FROM copy_types_bound.compare('time_ns', 'int8', '-1', '0', '999', '1000', '45296789000999', '86399999999999', '86400000000000');
SELECT FROM copy_types_bound.compare('time_ns', 'int4', '-1', '999');
SELECT FROM copy_types_bound.compare('time_coarse', 'time', '00:00', '12:34:56.789');
SELECT FROM copy_types_bound.compare('timestamp_utc', 'timestamp', '1970-01-01', '1970-01-01 00:00:00.0005', '2024-02-29 00:00:00.123', 'infinity');
SELECT FROM copy_types_bound.compare('timestamp_utc', 'date', '1970-01-01', '2024-02-29', '5874897-12-31', 'infinity', '-infinity');
SELECT FROM copy_types_bound.compare('timestamp_utc', 'timestamptz', '1970-01-01', '2024-02-29');
SELECT FROM copy_types_bound.compare('timestamp_seconds', 'timestamptz', '1970-01-01', '2024-02-29');
SELECT FROM copy_types_bound.compare('list_json', 'jsonb', '[]', '[1, 2]');

-- beginnings, as ranges of bytes whatever the collation
CREATE FUNCTION copy_types_bound.compare_like(relation text, VARIADIC patterns text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  pattern text; remote text; local text; cond text; n int := 0; bad int := 0; pushed text := '';
  line text; ranged bool;
BEGIN
  FOREACH pattern IN ARRAY patterns LOOP
    cond := format('%s c LIKE %L', copy_types_bound.partition(relation), pattern);
    EXECUTE format('SELECT array_agg(id ORDER BY id) FROM copy_types_bound.%I WHERE %s', relation, cond) INTO local;
    EXECUTE format('SELECT array_agg(id ORDER BY id) FROM fdw_types_bound.%I WHERE %s', relation, cond) INTO remote;
    IF local IS DISTINCT FROM remote THEN
      RAISE NOTICE '%: % gives %, not %', relation, cond, remote, local;
      bad := bad + 1;
    END IF;
    ranged := false;
    FOR line IN EXECUTE format('EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM fdw_types_bound.%I WHERE %s', relation, cond) LOOP
      ranged := ranged OR line ~ 'CQL: .* (WHERE|AND) c(_\w+)? >= \?';
    END LOOP;
    pushed := pushed || CASE WHEN ranged THEN 'S' ELSE '-' END;
    n := n + 1;
  END LOOP;
  INSERT INTO copy_types_bound.done VALUES (relation, 'LIKE', pushed, n, bad);
END $$;
SELECT FROM copy_types_bound.compare_like('b_text', 'a%', 'ab%', 'ab', 'a_', 'ab %', U&'\D7FF%', U&'\E000%', U&'\FFFF%', U&'\+01F600%', U&'\+10FFFF%', 'a\ %', '%b', '%');
SELECT FROM copy_types_bound.compare_like('b_ascii', 'a%', 'az%', U&'\007F%', U&'\007F\007F%', U&'a\00E4%', 'Z_%');
SELECT FROM copy_types_bound.compare_like('f_text', 'a%', 'ab%', U&'\D7FF%', U&'\+10FFFF%', '%');
SELECT FROM copy_types_bound.compare_like('text_char', 'ab%', 'ab  %', 'ab  ');
SELECT FROM copy_types_bound.compare_like('text_varchar', 'a%', 'ab%');

-- of =, <, <=, >, >=: E exactly, S as superset that is checked again, - not
-- pushed; b_ clustering, f_ filtering in a partition, i_ SAI
SELECT relation, valtype, pushed, checks, different FROM copy_types_bound.done ORDER BY relation COLLATE "C", valtype COLLATE "C";

SET client_min_messages = warning;
DROP SCHEMA fdw_types_bound, copy_types_bound CASCADE;
DROP SERVER types_bound_server CASCADE;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP KEYSPACE fdw_types_bound'
