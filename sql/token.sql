-- Tokens of keys are those of Cassandra; ranges cover the ring.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/token.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER token_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER token_server;
CREATE SCHEMA fdw_token;
IMPORT FOREIGN SCHEMA fdw_token FROM SERVER token_server INTO fdw_token;

SELECT count(cassandra_batch('token_server', jsonb_build_array(
         jsonb_build_array('INSERT INTO fdw_token.single (id) VALUES (?)', i),
         jsonb_build_array('INSERT INTO fdw_token.words (word) VALUES (?)',
                           repeat('ü', i) || i),
         jsonb_build_array('INSERT INTO fdw_token.pairs (a, b, c) VALUES (?, ?, ?)',
                           i, repeat('x', i % 3), 0)), 'unlogged'))
  FROM generate_series(1, 200) i;
SELECT count(*), count(*) FILTER (WHERE t = cassandra_token('fdw_token.single', id)) AS same
  FROM cassandra_query('token_server', 'SELECT id, token(id) AS t FROM fdw_token.single') AS q (id int, t bigint);
SELECT count(*), count(*) FILTER (WHERE t = cassandra_token('fdw_token.words', word)) AS same
  FROM cassandra_query('token_server', 'SELECT word, token(word) AS t FROM fdw_token.words') AS q (word text, t bigint);
SELECT count(*), count(*) FILTER (WHERE t = cassandra_token('fdw_token.pairs', a, b)) AS same
  FROM cassandra_query('token_server', 'SELECT a, b, token(a, b) AS t FROM fdw_token.pairs') AS q (a int, b text, t bigint);
SELECT cassandra_token('fdw_token.single', 1),
       cassandra_token('fdw_token.single', '1'),
       cassandra_token('fdw_token.single', 1::bigint),
       cassandra_token('fdw_token.pairs', VARIADIC ARRAY['1', 'x']);
-- a key with a null has none
SELECT cassandra_token('fdw_token.pairs', 1, NULL), cassandra_token(NULL, 1);
-- after the connection was closed
SELECT cassandra_disconnect('token_server');
SELECT cassandra_token('fdw_token.single', 1);

-- without gap or overlap, from end to end
SELECT min(after_token), max(up_to_token), count(*) > 1 AS several,
       count(*) FILTER (WHERE after_token >= up_to_token) AS empty,
       count(*) - count(*) FILTER (WHERE after_token = previous) AS starts
  FROM (SELECT *, lag(up_to_token) OVER (ORDER BY after_token) AS previous
          FROM cassandra_ring_ranges('token_server', 'fdw_token', 8)) r;
-- the rows of all ranges are the rows of the table
SELECT count(*), count(DISTINCT id)
  FROM cassandra_ring_ranges('token_server', 'fdw_token', 8), LATERAL
       cassandra_query('token_server', 'SELECT id FROM fdw_token.single
         WHERE token(id) > ? AND token(id) <= ?', after_token, up_to_token)
       AS q (id int);

-- the table cannot be dropped meanwhile
BEGIN;
SELECT cassandra_token('fdw_token.single', 1) IS NOT NULL;
SELECT mode FROM pg_locks WHERE relation = 'fdw_token.single'::regclass;
COMMIT;

-- refused
SELECT cassandra_token('fdw_token.pairs', 1);
SELECT cassandra_token('fdw_token.single', 'x');
SELECT cassandra_token('fdw_token.single', point(1, 2));
SELECT cassandra_token('fdw_token.words', repeat('x', 70000));
SELECT cassandra_token('pg_class', 1);
SELECT cassandra_token(0, 1);
SELECT cassandra_ring_ranges('token_server', 'none', 8);
SELECT cassandra_ring_ranges('token_server', 'system', 8);
SELECT cassandra_ring_ranges('token_server', 'fdw_token', 0);
CREATE ROLE token_role;
GRANT USAGE ON SCHEMA fdw_token TO token_role;
SET ROLE token_role;
SELECT cassandra_token('fdw_token.single', 1);
SELECT cassandra_ring_ranges('token_server', 'fdw_token', 8);
RESET ROLE;
DROP OWNED BY token_role;
DROP ROLE token_role;
DROP SERVER token_server CASCADE;
