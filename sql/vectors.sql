-- Distances of vectors, as functions and operators.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
SET extra_float_digits = 0;

SELECT cassandra_l2_distance('{0,0}', '{3,4}'),
       cassandra_cosine_distance('{1,0}', '{0,2}'),
       cassandra_negative_inner_product('{1,2}', '{3,4}');
SELECT '{0,0}'::float4[] <-> '{3,4}', '{1,0}'::float4[] <=> '{0,2}',
       '{1,2}'::float4[] <#> '{3,4}';
SELECT cassandra_cosine_distance('{0.1,0.2,0.3}', '{0.1,0.2,0.3}') < 1e-12 AS same,
       cassandra_cosine_distance('{1,2}', '{-1,-2}') AS opposite,
       cassandra_cosine_distance('{0,0}', '{1,2}') AS no_direction;
-- the largest floats do not overflow
SELECT cassandra_l2_distance('{3e38,3e38}', '{-3e38,-3e38}') < 1e40 AS l2,
       cassandra_cosine_distance('{3e38,0}', '{3e38,0}') AS cosine,
       cassandra_negative_inner_product('{3e38}', '{3e38}') < -1e76 AS inner_product;
SELECT cassandra_l2_distance('{NaN}', '{1}'),
       cassandra_l2_distance('{Infinity}', '{1}'),
       cassandra_cosine_distance('{NaN}', '{1}');
SELECT cassandra_l2_distance('{}', '{}'), cassandra_l2_distance(NULL, '{1}');
-- lower bounds of the subscripts do not count
SELECT '[3:4]={1,2}'::float4[] <-> '{1,2}';

-- double precision on either side or both, numbers of other kinds
SELECT '{0,0}'::float4[] <-> '{3,4}'::float8[],
       '{1,0}'::float8[] <=> '{0,2}'::float4[],
       '{1,2}'::float8[] <#> '{3,4}'::float8[];
SELECT '{0,0}'::float4[] <-> ARRAY[3.0,4.0], '{0,0}'::float4[] <-> ARRAY[3,4],
       ARRAY[1,0] <=> '{0,2}'::float4[], ARRAY[1.0,2.0] <#> '{3,4}'::float4[],
       '{0,0}'::float8[] <-> ARRAY[3,4];
SELECT '{0.1}'::float4[] <-> '{0.1}'::float8[] > 0 AS not_rounded,
       '{0.1}'::float8[] <-> '{0.1}'::float8[] AS same;
PREPARE distance (float8[]) AS SELECT '{0,0}'::float4[] <-> $1;
EXECUTE distance ('{3,4}');
SELECT ARRAY['a'] <-> ARRAY['b'];
-- others on both sides
SELECT ARRAY[1, 1] <-> ARRAY[4, 5], ARRAY[1.5, 0] <=> ARRAY[0, 2],
       ARRAY[1, 2]::int2[] <#> ARRAY[3, 4]::int8[], ARRAY[]::int[] <-> ARRAY[]::int[];
PREPARE untyped AS SELECT '{0,0}'::float4[] <-> $1;
EXECUTE untyped ('{3,4}');
SELECT ARRAY[1, NULL] <-> ARRAY[1, 2];
SELECT '{1,NULL}'::float8[] <-> '{1,2}'::float4[];
SELECT '{1}'::float8[] <-> '{1,2}'::float4[];

-- refused
SELECT cassandra_l2_distance('{1,2}', '{1,2,3}');
SELECT cassandra_cosine_distance('{1}', '{}');
SELECT cassandra_l2_distance('{{1,2},{3,4}}', '{1,2}');
SELECT cassandra_negative_inner_product('{1,NULL}', '{1,2}');

-- nearest first, as in PostgreSQL
CREATE TEMP TABLE points (id int, v float4[]);
INSERT INTO points VALUES (1, '{1,0}'), (2, '{0.6,0.8}'), (3, '{-1,0}');
SELECT id FROM points ORDER BY v <=> '{0.8,0.6}' LIMIT 2;
SELECT id FROM points ORDER BY v <-> '{-1,0.1}' LIMIT 1;
