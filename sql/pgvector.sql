-- Vectors as pgvector's type, its operators by Cassandra's vector indexes.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/pgvector.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE EXTENSION IF NOT EXISTS vector;
CREATE SERVER pgvector_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER pgvector_server;
CREATE FOREIGN TABLE items (id int, kind text, cos vector(3), euc vector(3),
    dot vector(3), plain vector)
  SERVER pgvector_server OPTIONS (keyspace 'fdw_pgvector');

-- written and read; unit vectors, which all similarities suit
INSERT INTO items SELECT g, CASE g % 2 WHEN 0 THEN 'even' ELSE 'odd' END,
    v, v, v, v
  FROM generate_series(1, 20) g,
    LATERAL (SELECT ARRAY[cos(g / 10.0), sin(g / 10.0), 0]::vector) AS one (v);
INSERT INTO items VALUES (99, 'none', NULL, NULL, NULL, '[1e38,-0,3.4e38]');
COPY items (id, kind, cos) FROM stdin;
100	copied	[0,0,-1]
\.
SELECT id, plain, cos IS NULL AS cos FROM items WHERE id IN (1, 99) ORDER BY id;
SELECT plain::real[] FROM items WHERE id = 99;
SELECT id, cos = plain AS same, vector_dims(euc) FROM items WHERE id IN (5, 6) ORDER BY id;
UPDATE items SET plain = plain + '[1,1,1]' WHERE id = 2;
SELECT round((plain <-> cos)::numeric, 4) FROM items WHERE id = 2;

-- the nearest, each operator by the index that measures as it does
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM items ORDER BY cos <=> '[1,0,0]' LIMIT 3;
SELECT id FROM items ORDER BY cos <=> '[1,0,0]' LIMIT 3;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM items ORDER BY euc <-> '[1,0,0]' LIMIT 3;
SELECT id FROM items ORDER BY euc <-> '[1,0,0]' LIMIT 3;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM items ORDER BY dot <#> '[1,0,0]' LIMIT 3;
SELECT id FROM items ORDER BY dot <#> '[1,0,0]' LIMIT 3;
SELECT id, round((cos <=> '[0,1,0]')::numeric, 4) AS distance
  FROM items ORDER BY cos <=> '[0,1,0]' LIMIT 3;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM items WHERE kind = 'odd' ORDER BY cos <=> '[1,0,0]' LIMIT 3;
SELECT id FROM items WHERE kind = 'odd' ORDER BY cos <=> '[1,0,0]' LIMIT 3;
PREPARE nearest (vector, int) AS SELECT id FROM items ORDER BY euc <-> $1 LIMIT $2;
SET plan_cache_mode = force_generic_plan;
EXECUTE nearest ('[0,1,0]', 2);
EXECUTE nearest ('[1,0,0]', 1);
RESET plan_cache_mode;
SELECT w, id FROM (VALUES ('[1,0,0]'::vector), ('[0,1,0]')) AS w (w),
  LATERAL (SELECT id FROM items ORDER BY cos <=> w LIMIT 1) AS n;

-- sorted here: another measure than the index has, no index, the farthest,
-- no limit, the search switched off
CREATE FUNCTION cql(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ 'CQL|Sort' THEN
      RETURN NEXT trim(line);
    END IF;
  END LOOP;
END $$;
SELECT cql($$SELECT id FROM items ORDER BY cos <-> '[1,0,0]' LIMIT 3$$);
SELECT id FROM items ORDER BY cos <-> '[1,0,0]' LIMIT 3;
SELECT cql($$SELECT id FROM items WHERE id < 10 ORDER BY plain <=> '[1,0,0]' LIMIT 3$$);
SELECT cql($$SELECT id FROM items ORDER BY cos <=> '[1,0,0]' DESC LIMIT 3$$);
SELECT cql($$SELECT id FROM items ORDER BY cos <=> '[1,0,0]'$$);
SELECT cql($$SELECT id FROM items ORDER BY cos <+> '[1,0,0]' LIMIT 3$$);
SET cassandra_fdw.vector_search = off;
SELECT cql($$SELECT id FROM items ORDER BY cos <=> '[1,0,0]' LIMIT 3$$);
SELECT id FROM items ORDER BY cos <=> '[1,0,0]' LIMIT 3;
RESET cassandra_fdw.vector_search;

-- what does not fit
INSERT INTO items (id, cos) VALUES (101, '[1,2]');
CREATE FOREIGN TABLE four (id int, plain vector(4))
  SERVER pgvector_server OPTIONS (keyspace 'fdw_pgvector', table_name 'items');
SELECT id, plain FROM four WHERE id = 1;
INSERT INTO four VALUES (102, '[1,2,3,4]');
SELECT id FROM items ORDER BY cos <=> '[1,0]' LIMIT 3;
SELECT id FROM items ORDER BY cos <=> NULL::vector, id LIMIT 2;
CREATE FOREIGN TABLE halves (id int, plain halfvec(3))
  SERVER pgvector_server OPTIONS (keyspace 'fdw_pgvector', table_name 'items');
SELECT * FROM halves;

DROP SERVER pgvector_server CASCADE;
DROP FUNCTION cql;
DROP EXTENSION vector;
