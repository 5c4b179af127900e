-- Counter tables: INSERT adds, UPDATE adds and subtracts, nothing else.
\i test/cql/write_setup.sql

INSERT INTO counts VALUES (1, 1, 5, NULL);
INSERT INTO counts (id, day, hits) VALUES (1, 1, 2), (1, 1, -1), (2, 1, 10);
SELECT * FROM counts ORDER BY id, day;
EXPLAIN (VERBOSE, COSTS OFF)
  UPDATE counts SET hits = hits + 3 WHERE id = 1 AND day = 1;
UPDATE counts SET hits = hits + 3, bytes = bytes - 7 WHERE id = 1 AND day = 1
  RETURNING *;
UPDATE counts SET hits = 1 + hits;
UPDATE counts SET hits = coalesce(hits, 0) + id::bigint * 100;
UPDATE counts SET bytes = coalesce(bytes, 0) - 1::smallint;
UPDATE counts SET hits = hits + NULL::int WHERE id = 1;
CREATE TABLE more (k int, n int);
INSERT INTO more VALUES (1, 1000), (1, 5000), (3, 1);
UPDATE counts SET hits = hits + n FROM more WHERE k = 1 AND id = k AND n < 5000;
SELECT * FROM counts ORDER BY id, day;
INSERT INTO counts (id, day, hits) SELECT g, 2, g FROM generate_series(1, 300) g;
SELECT count(*), sum(hits) FROM counts WHERE day = 2;
COPY counts (id, day, bytes) FROM stdin;
1	3	9
1	3	1
\.
SELECT bytes FROM counts WHERE id = 1 AND day = 3;

-- what counters cannot do
UPDATE counts SET hits = 5;
UPDATE counts SET hits = hits * 2;
UPDATE counts SET hits = 5 - hits;
UPDATE counts SET hits = hits + hits;
UPDATE counts SET hits = bytes + 1;
UPDATE counts SET day = 2;
DELETE FROM counts;
INSERT INTO counts (id, day) VALUES (1, 1);
INSERT INTO counts (id, day, hits) VALUES (1, 1, 1) ON CONFLICT DO NOTHING;
SELECT count(*), sum(hits) FROM counts WHERE day = 2;
ALTER FOREIGN TABLE counts OPTIONS (ADD delete_counters 'true');
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM counts WHERE day = 2;
DELETE FROM counts WHERE day = 2;
SELECT count(*) FROM counts WHERE day = 2;
ALTER FOREIGN TABLE counts OPTIONS (DROP delete_counters);
TRUNCATE counts;
SELECT count(*) FROM counts;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
