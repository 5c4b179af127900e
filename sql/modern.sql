-- What Cassandra 5.0 knows and older releases do not: storage-attached
-- indexes, vectors and the search in them.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/modern.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER modern_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER modern_server;
CREATE SCHEMA fdw_modern;
IMPORT FOREIGN SCHEMA fdw_modern FROM SERVER modern_server INTO fdw_modern;
SET search_path = fdw_modern, public;
-- the plan's CQL, then the rows
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ '^ *(CQL|Not Pushed|Pushed, Rechecked|Hint|Filter):' THEN
      RETURN NEXT trim(line);
    END IF;
  END LOOP;
END $$;

-- conditions by storage-attached indexes
SELECT plan($$SELECT id FROM modern WHERE a >= 20 AND b = 'x'$$);
SELECT id, c FROM modern WHERE a >= 20 AND b = 'x';
SELECT plan($$SELECT id FROM modern WHERE b IN ('x', 'y')$$);
SELECT id, c FROM modern WHERE b IN ('x', 'y') ORDER BY 1, 2;
SELECT id, c FROM modern WHERE b = '';
SELECT plan($$SELECT id FROM modern WHERE b > 'x'$$);
SELECT plan($$SELECT id FROM modern WHERE 'blue' = ANY (tags) AND a < 30$$);
SELECT id, c FROM modern WHERE 'blue' = ANY (tags) AND a < 30;
SELECT plan($$SELECT id FROM modern WHERE attrs ->> 'k' = 'w'$$);
SELECT id, c FROM modern WHERE attrs ->> 'k' = 'w';
SELECT plan($$SELECT c FROM modern WHERE id = 1 AND a = 20$$);
SELECT c FROM modern WHERE id = 1 AND a = 20;

-- beside an index Cassandra finds no elements of frozen collections
SET cassandra_fdw.allow_filtering = on;
SELECT plan($$SELECT id FROM beside WHERE v = 1 AND f ? 'a'$$);
SELECT id FROM beside WHERE v = 1 AND f ? 'a' AND 'x' = ANY (tags);
SELECT plan($$SELECT id FROM beside WHERE 'x' = ANY (tags)$$);
SELECT id FROM beside WHERE 'x' = ANY (tags);
RESET cassandra_fdw.allow_filtering;

-- where an index finds more than what equals, several values have no request
-- each: a row could come twice
SELECT id, t FROM folded WHERE t IN ('a', 'A') ORDER BY id;
SELECT plan($$SELECT id FROM folded WHERE t = 'a'$$);

-- the nearest vectors; and when the search is switched off
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT id, c FROM modern ORDER BY v <=> '{1,0,0}' LIMIT 2;
SELECT id, c FROM modern ORDER BY v <=> '{1,0,0}' LIMIT 2;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT id, c FROM modern WHERE a > 10 ORDER BY v <=> '{1,0,0}' LIMIT 2;
SELECT id, c FROM modern WHERE a > 10 ORDER BY v <=> '{1,0,0}' LIMIT 2;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT id, c FROM modern ORDER BY v <-> '{1,0,0}' LIMIT 2;
SELECT id, c FROM modern ORDER BY v <-> '{1,0,0}' LIMIT 2;
SET cassandra_fdw.vector_search = off;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT id, c FROM modern ORDER BY v <=> '{1,0,0}' LIMIT 2;
SELECT id, c FROM modern ORDER BY v <=> '{1,0,0}' LIMIT 2;
RESET cassandra_fdw.vector_search;
-- by doubles, as drivers send them; what no float can hold is sorted here
PREPARE nearest (float8[]) AS
  SELECT id, c FROM modern ORDER BY v <=> $1 LIMIT 2;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE nearest ('{1,0,0}');
EXECUTE nearest ('{1,0,0}');
EXECUTE nearest ('{1e300,0,0}');
EXECUTE nearest (NULL);
SET plan_cache_mode = force_generic_plan;
EXECUTE nearest ('{0.1,1,0}');
RESET plan_cache_mode;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id, c FROM modern
  ORDER BY '{1,0,0}'::float8[] <=> v LIMIT 2;
CREATE FOREIGN TABLE doubles (id int, c int, v float8[])
  SERVER modern_server OPTIONS (keyspace 'fdw_modern', table_name 'modern');
EXPLAIN (VERBOSE, COSTS OFF) SELECT id, c FROM doubles
  ORDER BY v <=> '{1,0,0}' LIMIT 2;
SELECT id, c FROM doubles ORDER BY v <=> '{1,0,0}' LIMIT 2;
DROP FOREIGN TABLE doubles;

-- vectors are written by SQL, by CQL's markers, and refused with a reason
INSERT INTO vectors VALUES (1, '{1,2.5,-3}');
SELECT cassandra_execute('modern_server',
  'INSERT INTO fdw_modern.vectors (id, vec) VALUES (?, ?)',
  2, ARRAY[0.5, 1.5, 2]::float4[]);
SELECT cassandra_execute('modern_server',
  'INSERT INTO fdw_modern.vectors (id, vec) VALUES (?, ?)',
  '3', '{0.5,1.5,2}');
SELECT cassandra_execute('modern_server',
  'INSERT INTO fdw_modern.vectors (id, vec) VALUES (:id, :vec)',
  '{"id": 4, "vec": [0.5, 1.5, 2]}');
SELECT * FROM vectors ORDER BY id;
SELECT j FROM cassandra_query_json('modern_server',
  'SELECT * FROM fdw_modern.vectors WHERE id = 2') j;
SELECT * FROM cassandra_query('modern_server',
  'SELECT vec FROM fdw_modern.vectors WHERE id = 1') AS t (vec float4[]);
INSERT INTO vectors VALUES (5, '{1,2}');
INSERT INTO vectors VALUES (5, '{1,2,NULL}');
SELECT cassandra_execute('modern_server',
  'INSERT INTO fdw_modern.vectors (id, vec) VALUES (5, ?)',
  ARRAY[1, 2]::float4[]);
SELECT count(*) FROM vectors;

-- vectors of other types, and other declarations
CREATE FOREIGN TABLE vector_doubles (k int, floats float8[])
  SERVER modern_server
  OPTIONS (keyspace 'fdw_modern', table_name 'vector_kinds');
CREATE FOREIGN TABLE vector_documents (k int, floats jsonb, lists text)
  SERVER modern_server
  OPTIONS (keyspace 'fdw_modern', table_name 'vector_kinds');
INSERT INTO vector_kinds (k, floats, texts, lists)
  VALUES (1, '{1,-0.5,1e10}', '{"",abc}', '[[1], []]');
INSERT INTO vector_doubles VALUES (2, '{1,2,3}');
INSERT INTO vector_documents VALUES (3, '[1, 2.5, "3"]', '[[1], [2]]');
SELECT * FROM vector_kinds ORDER BY k;
SELECT * FROM vector_doubles ORDER BY k;
SELECT * FROM vector_documents ORDER BY k;
INSERT INTO vector_kinds (k, texts) VALUES (50, '{a}');
INSERT INTO vector_kinds (k, texts) VALUES (50, '{a,NULL}');
INSERT INTO vector_kinds (k, lists) VALUES (50, '[[1]]');
INSERT INTO vector_doubles VALUES (50, '{1,2}');
INSERT INTO vector_doubles VALUES (50, '{1,2,NULL}');
INSERT INTO vector_documents (k, floats) VALUES (50, '[1, 2, "x"]');
INSERT INTO vector_documents (k, floats) VALUES (50, '[1, 2]');
SELECT count(*) FROM vector_kinds;
