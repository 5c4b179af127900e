-- Columns that are cast before they are compared: what is pushed gives what a
-- copy of the table gives.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/casts.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER casts_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER casts_server;
CREATE SCHEMA fdw_casts;
CREATE SCHEMA copy_casts;
IMPORT FOREIGN SCHEMA fdw_casts EXCEPT (labels) FROM SERVER casts_server INTO fdw_casts;
DO $$ DECLARE r name; BEGIN
  FOR r IN SELECT relname FROM pg_class WHERE relnamespace = 'fdw_casts'::regnamespace LOOP
    EXECUTE format('CREATE TABLE copy_casts.%I AS SELECT * FROM fdw_casts.%1$I', r);
  END LOOP;
END $$;

-- How the conditions go: E exactly, S checked again, - not; then the rows, and
-- those of the copy where they are others.
CREATE FUNCTION copy_casts.try(relation text, VARIADIC conditions text[])
RETURNS TABLE (condition text, pushed text, rows text) LANGUAGE plpgsql AS $$
DECLARE line text; restricted bool; filter bool; local text;
BEGIN
  FOREACH condition IN ARRAY conditions LOOP
    filter := false; restricted := false;
    FOR line IN EXECUTE format('EXPLAIN (VERBOSE, COSTS OFF) SELECT v FROM fdw_casts.%I WHERE %s', relation, condition) LOOP
      filter := filter OR line LIKE '%Filter:%';
      restricted := restricted OR line ~ 'CQL: .* WHERE ';
    END LOOP;
    pushed := CASE WHEN NOT restricted THEN '-' WHEN filter THEN 'S' ELSE 'E' END;
    EXECUTE format('SELECT string_agg(v, '','' ORDER BY v) FROM fdw_casts.%I WHERE %s', relation, condition) INTO rows;
    EXECUTE format('SELECT string_agg(v, '','' ORDER BY v) FROM copy_casts.%I WHERE %s', relation, condition) INTO local;
    IF rows IS DISTINCT FROM local THEN
      rows := coalesce(rows, 'none') || ' and not ' || coalesce(local, 'none');
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- partition keys
SELECT * FROM copy_casts.try('ints', 'id = 3.0', 'id = 3.5', 'id = 3::float8', 'id = 3.5::float8',
  'id = 3::float4', 'id = ''NaN''::numeric', 'id = ''NaN''::float8', 'id = ''infinity''::float8',
  'id = 1e30', 'id = 1e30::float8', 'id = NULL::numeric', 'id = 3::bigint', 'id = 3::smallint',
  'id = 5000000000', 'id IN (3.0, 4.5, 7)', 'id = ANY (''{3,3.5,NULL,-7.00}''::numeric[])',
  'id = ANY (''{3,3.5,NULL,NaN}''::float8[])', 'id = ANY (NULL::numeric[])', '3.00 = id',
  'id = 3.0 OR id = 4::float8 OR id = 7', 'id = 3.0 AND c = 4.0', 'id::numeric = 4', 'id::bigint = 4',
  'id::bigint::numeric = 4', 'id::numeric(3,1) = 4', 'id::float8 = 4', 'id::real = 4', 'id::smallint = 4');
SELECT * FROM copy_casts.try('smalls', 'id = 3.0', 'id = 3::float8', 'id = 3::float4', 'id = 32767', 'id = 32768',
  'id = 32768.0', 'id = -32768.0', 'id = 3 AND c = 3.0', 'id = 3 AND c < 127.5', 'id = 3 AND c > -1e300::float8',
  'id = 3 AND c >= 128.0', 'id = 3 AND c <= -129::float8', 'id::int = 3', 'id::text = ''3''');
SELECT * FROM copy_casts.try('longs', 'id = 3::float8', 'id = 9007199254740992::float8',
  'id = 9007199254740993::numeric', 'id = 9223372036854775807::float8', 'id = -9223372036854775808::float8',
  'id = 9223372036854774784::float8', 'id = 9223372036854775808', 'id = 3.0', 'id = 3::float4',
  'id = ANY (''{9007199254740992,3}''::float8[])', 'id::text = ''9223372036854775807''');
-- clustering columns
SELECT * FROM copy_casts.try('ints', 'id = 3 AND c < 3.5', 'id = 3 AND c <= 3.5', 'id = 3 AND c > 3.5',
  'id = 3 AND c >= 3.5', 'id = 3 AND c < 3.0', 'id = 3 AND c <= 3.0', 'id = 3 AND c > -0.5', 'id = 3 AND c >= 3.0::float8',
  'id = 3 AND c > 2.5::float8', 'id = 3 AND c < 1e10', 'id = 3 AND c > 1e10', 'id = 3 AND c < ''NaN''::numeric',
  'id = 3 AND c > ''NaN''::float8', 'id = 3 AND c > ''-infinity''::float8', 'id = 3 AND c BETWEEN 0.1 AND 3.9',
  'id = 3 AND c BETWEEN 2147483646.5 AND 1e300::float8', 'id = 3 AND 3.5 > c', 'id = 3 AND c <> 3.0');
SELECT * FROM copy_casts.try('longs', 'id = 3 AND c = 9007199254740992::float8', 'id = 3 AND c < 9007199254740993::float8',
  'id = 3 AND c <= 9007199254740992::float8', 'id = 3 AND c > 9007199254740992::float8', 'id = 3 AND c >= 9007199254740994::float8',
  'id = 3 AND c >= 9223372036854775807::float8', 'id = 3 AND c > 9223372036854775807::float8',
  'id = 3 AND c <= -9223372036854775808::float8', 'id = 3 AND c < -9223372036854775808::float8',
  'id = 3 AND c = -9223372036854775808::float8', 'id = 3 AND c < ''NaN''::float8', 'id = 3 AND c > 9007199254740992.5');
SELECT * FROM copy_casts.try('big', 'p = 1 AND c > 2', 'p = 1 AND c > 2.5', 'p = 1 AND c = 3::float8', 'p = 1 AND c::text = ''3''');
-- as text: one spelling each
SELECT * FROM copy_casts.try('ints', 'id::text = ''7''', 'id::text = ''07''', 'id::text = '' 7''', 'id::text = ''+7''',
  'id::text = ''-7''', 'id::text = ''-0''', 'id::text = ''0''', 'id::text = ''''', 'id::text = ''x''', 'id::text = ''7.0''',
  'id::text = ''99999999999999999999''', 'id::varchar = ''7''', 'id::varchar(255) = ''7''', 'id::varchar(1) = ''-''', 'id::varchar(2) IN (''7'', ''-7'')', 'id::text IN (''7'', ''x'', ''3'')',
  'id::text = ANY (''{7,07,NULL}'')', 'id::text > ''7''', 'id::text LIKE ''7''', 'id::text = NULL',
  'id = 3 AND c::text = ''-2147483648''', 'id = 3 AND c::text = ''2147483648''', 'id::bigint::text = ''7''',
  'id::text COLLATE "en-x-icu" = ''7''', 'id::char(1) = ''7''');
SELECT * FROM copy_casts.try('uuids', 'id::text = ''b528614c-c36e-4359-a52b-0ed7e539d34d''',
  'id::text = ''B528614C-c36e-4359-a52b-0ed7e539d34d''', 'id::text = ''{b528614c-c36e-4359-a52b-0ed7e539d34d}''',
  'id::text = ''b528614cc36e4359a52b0ed7e539d34d''', 'id::text = ''b528614c-c36e-4359-a52b-0ed7e539d34''',
  'id::text = ''b528614c-c36e-4359-a52b-0ed7e539d34x''', 'id::text = ''b528614c0c36e-4359-a52b-0ed7e539d34d''',
  'id::varchar IN (''b528614c-c36e-4359-a52b-0ed7e539d34d'', ''00000000-0000-0000-0000-00000000000a'')',
  'id::text = ''b528614c-c36e-4359-a52b-0ed7e539d34d'' AND c::text = ''00000000-0000-0000-0000-00000000000a''',
  'id = ''b528614c-c36e-4359-a52b-0ed7e539d34d'' AND c::text = ''ffffffff-ffff-ffff-ffff-ffffffffffff''',
  'id::varchar(36) = ''b528614c-c36e-4359-a52b-0ed7e539d34d''', 'id::varchar(35) = ''b528614c-c36e-4359-a52b-0ed7e539d34''',
  'id::text < ''c''');
SELECT * FROM copy_casts.try('times', 'id::text = ''98fbaa00-f840-11ef-b362-dc5a6b58d97e''',
  'id::uuid = ''98fbaa00-f840-11ef-b362-dc5a6b58d97e''', 'id::uuid::text = ''98fbaa00-f840-11ef-b362-dc5a6b58d97e''',
  'id::text = ''98fbaa00-f840-41ef-b362-dc5a6b58d97e''',
  'id = ''98fbaa00-f840-11ef-b362-dc5a6b58d97e'' AND c::text = ''98fbaa00-f840-11ef-b362-dc5a6b58d97e''');
SELECT * FROM copy_casts.try('hosts', 'id::text = ''10.0.0.1/32''', 'id::text = ''10.0.0.1''', 'id::text = ''10.0.0.01/32''',
  'id::text = ''::/128''', 'id::text = ''0::0/128''', 'id::text = ''10.0.0.1/24''', 'id::text = ''x''',
  'id = ''10.0.0.1'' AND c::text = ''::1/128''', 'id = ''10.0.0.1'' AND c::text = ''2001:db8::1:0/128''',
  'id = ''10.0.0.1'' AND c::text = ''2001:DB8::1:0/128''', 'id::varchar = ''10.0.0.1/32''', 'id::varchar(255) = ''10.0.0.1/32''',
  'id::varchar(9) = ''10.0.0.1/''');

-- an enum, whose labels are texts
CREATE TYPE copy_casts.label AS ENUM ('b', 'a', 'x');
CREATE FOREIGN TABLE fdw_casts.labels (id copy_casts.label, v text) SERVER casts_server OPTIONS (keyspace 'fdw_casts', table_name 'labels');
CREATE TABLE copy_casts.labels AS SELECT * FROM fdw_casts.labels;
SELECT * FROM copy_casts.try('labels', 'id::text = ''a''', 'id = ''a''', 'id::text = ''none''', 'id::text IN (''a'', ''b'', ''none'')',
  'id::varchar = ''b''', 'id::text > ''a''', 'id::text COLLATE "C" = ''a''');

-- parameters: generic plans, and keys of other tables
SET plan_cache_mode = force_generic_plan;
PREPARE by_number(numeric) AS SELECT v FROM fdw_casts.ints WHERE id = $1 ORDER BY v;
EXPLAIN (COSTS OFF) EXECUTE by_number(7);
EXECUTE by_number(7.00);
EXECUTE by_number(7.5);
EXECUTE by_number('NaN');
EXECUTE by_number(NULL);
PREPARE by_double(float8[]) AS SELECT v FROM fdw_casts.longs WHERE id = ANY ($1) ORDER BY v;
EXECUTE by_double('{9007199254740992,9223372036854775808,-0}');
PREPARE by_text(text) AS SELECT v FROM fdw_casts.uuids WHERE id::text = $1 ORDER BY v;
EXPLAIN (COSTS OFF) EXECUTE by_text('x');
EXECUTE by_text('b528614c-c36e-4359-a52b-0ed7e539d34d');
EXECUTE by_text('x');
RESET plan_cache_mode;
CREATE TABLE copy_casts.wanted (n numeric, d float8, t text);
INSERT INTO copy_casts.wanted VALUES (3, 3, '3'), (3.5, 3.5, '3.5'), (7.00, 'NaN', '07'), (NULL, NULL, NULL), (-7, -7, '-7');
ANALYZE copy_casts.wanted;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
EXPLAIN (COSTS OFF) SELECT n, v FROM copy_casts.wanted JOIN fdw_casts.ints ON id = n ORDER BY 1, 2;
SELECT n, v FROM copy_casts.wanted JOIN fdw_casts.ints ON id = n ORDER BY 1, 2;
EXPLAIN (COSTS OFF) SELECT d, v FROM copy_casts.wanted JOIN fdw_casts.longs ON id = d ORDER BY 1, 2;
SELECT d, v FROM copy_casts.wanted JOIN fdw_casts.longs ON id = d ORDER BY 1, 2;
EXPLAIN (COSTS OFF) SELECT t, v FROM copy_casts.wanted JOIN fdw_casts.ints ON id::text = t ORDER BY 1, 2;
SELECT t, v FROM copy_casts.wanted JOIN fdw_casts.ints ON id::text = t ORDER BY 1, 2;

-- statements that write
EXPLAIN (COSTS OFF, VERBOSE) DELETE FROM fdw_casts.ints WHERE id = 3.0 AND c > 3.5;
DELETE FROM fdw_casts.ints WHERE id = 3.0 AND c > 3.5;
DELETE FROM fdw_casts.ints WHERE id = 3.5;
UPDATE fdw_casts.ints SET v = v || '!' WHERE id = 3::float8 AND c = 3.0;
SELECT id, c, v FROM fdw_casts.ints ORDER BY v;
DROP SERVER casts_server CASCADE;
