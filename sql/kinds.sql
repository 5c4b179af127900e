-- Keyspaces as they are met: a hundred tables of many types, keys of
-- user-defined types, masked columns.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/kinds.cql
\! (for i in $(seq 1 100); do echo "CREATE TABLE fdw_kinds_many.t$i (id int PRIMARY KEY, a frozen<u$((i % 8))>, b list<frozen<u$((i % 5))>>, c map<text, frozen<u$((i % 3))>>, d text);"; done) | test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f -
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER kinds_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER kinds_server;

-- a hundred tables whose types hold each other
CREATE SCHEMA fdw_kinds_many;
SET statement_timeout = '20s';
IMPORT FOREIGN SCHEMA fdw_kinds_many FROM SERVER kinds_server INTO fdw_kinds_many;
RESET statement_timeout;
SELECT count(*) FROM information_schema.foreign_tables WHERE foreign_table_schema = 'fdw_kinds_many';
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'fdw_kinds_many' AND table_name = 't7' ORDER BY ordinal_position;
DO $$
BEGIN
  FOR i IN 1 .. 100 LOOP
    EXECUTE format('INSERT INTO fdw_kinds_many.t%s (id, a, d) VALUES (1, %L, %L), (2, NULL, %L)',
      i, '{"n": ' || i || '}', 'row of ' || i, 'x');
  END LOOP;
END $$;
SELECT a, d FROM fdw_kinds_many.t7 ORDER BY id;
SELECT a -> 'n' AS n, d FROM fdw_kinds_many.t100 WHERE id = 1;
UPDATE fdw_kinds_many.t9 SET a = a || '{"inner": {"n": 5}}', b = ARRAY['{"n": 1}', NULL]::jsonb[] WHERE id = 1;
UPDATE fdw_kinds_many.t9 SET a = a || '{"inner": {"n": 5}}', b = ARRAY['{"n": 1}', '{}']::jsonb[] WHERE id = 1;
SELECT a, b FROM fdw_kinds_many.t9 WHERE id = 1;

-- keys of user-defined types and tuples
CREATE SCHEMA fdw_kinds_keys;
IMPORT FOREIGN SCHEMA fdw_kinds_keys FROM SERVER kinds_server INTO fdw_kinds_keys;
SET search_path = fdw_kinds_keys, public;
INSERT INTO metric VALUES ('{"path": "a.b", "rollup": {"period": 60, "precision": 1}}', 1, 0.5),
  ('{"path": "a.b", "rollup": {"period": 60, "precision": 1}}', 2, 1.5),
  ('{"path": "c", "rollup": null}', 1, 2.5);
SELECT id ->> 'path' AS path, time, point FROM metric ORDER BY 1, 2;
SELECT time, point FROM metric WHERE id = '{"path": "a.b", "rollup": {"period": 60, "precision": 1}}' ORDER BY time DESC;
UPDATE metric SET point = point + 1 WHERE id = '{"path": "c", "rollup": null}' AND time = 1 RETURNING point;
DELETE FROM metric WHERE id ->> 'path' = 'a.b' AND time = 1;
SELECT id ->> 'path' AS path, time, point FROM metric ORDER BY 1, 2;
INSERT INTO pairs VALUES ('[1, "x"]', ARRAY['b', 'a'], 'first'), ('[1, "x"]', ARRAY['c'], 'second'), ('[2, null]', ARRAY['c'], 'third');
SELECT * FROM pairs WHERE pair = '[1, "x"]' ORDER BY tags;
SELECT * FROM pairs WHERE tags = ARRAY['c'] ORDER BY note;
DELETE FROM pairs WHERE pair = '[1, "x"]' AND tags = ARRAY['a', 'b'];
SELECT * FROM pairs ORDER BY note;

-- masked columns read as they are to a user who may unmask them
CREATE SCHEMA fdw_kinds_masked;
IMPORT FOREIGN SCHEMA fdw_kinds_masked FROM SERVER kinds_server INTO fdw_kinds_masked;
SET search_path = fdw_kinds_masked, public;
INSERT INTO people (id, name, mail, born) VALUES (1, 'Ann Example', 'ann@example.org', '1980-01-02'), (2, 'Bob', NULL, NULL);
SELECT * FROM people ORDER BY id;
EXPLAIN (COSTS OFF) SELECT id FROM people WHERE name = 'Bob';
SELECT id FROM people WHERE name = 'Bob';
UPDATE people SET mail = 'bob@example.org' WHERE name = 'Bob';
DELETE FROM people WHERE mail LIKE 'ann%';
SELECT * FROM people;
