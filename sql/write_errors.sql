-- Rows that cannot be written: the error names table, column and key, and no
-- row of what was to be sent with it is written.
\i test/cql/write_setup.sql
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/write_errors.cql
IMPORT FOREIGN SCHEMA fdw_write LIMIT TO (long, nested)
  FROM SERVER write_server INTO fdw_write;

INSERT INTO kv (id, v) VALUES (1, 'good'), (NULL, 'bad');
INSERT INTO narrow VALUES ('good'), ('');
INSERT INTO ts (dev, day, seq) VALUES ('a', NULL, 1);
INSERT INTO ts (dev, day, v) VALUES ('a', 1, 1);
INSERT INTO every (id, a) VALUES (1, 'good'), (2, 'schön');
INSERT INTO every (id, ti) VALUES (3, 127), (4, 128);
INSERT INTO every (id, l) VALUES (6, '{a,NULL}');
INSERT INTO every (id, s) VALUES (6, '{1,NULL}');
INSERT INTO every (id, m) VALUES (7, '{"k": null}');
INSERT INTO every (id, m) VALUES (7, '{"k": "no number"}');
INSERT INTO every (id, udt) VALUES (8, '{"street": "x", "planet": "y"}');
INSERT INTO every (id, de) VALUES (9, 'NaN');
INSERT INTO every (id, tstamp) VALUES (9, 'infinity');
INSERT INTO every (id, tu) VALUES (9, '12345678-1234-4234-8234-123456789abc');
INSERT INTO every (id, vi) VALUES (9, 1.5);
SELECT count(*) FROM every;
SELECT count(*) FROM kv;
SELECT count(*) FROM narrow;
UPDATE kv SET n = 9223372036854775807 + n;
INSERT INTO kv (id, n) VALUES (50, 1);
UPDATE kv SET n = 9223372036854775807 + n;

-- what the server says, without the parts that depend on it
CREATE FUNCTION told(statement text) RETURNS TABLE (message text, detail text)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT,
    detail = PG_EXCEPTION_DETAIL;
  message = regexp_replace(message,
    '^(CQL Message of size|Request is too big).*', 'too large a message');
  detail = regexp_replace(detail, E'\nHost:.*', '');
  RETURN NEXT;
END $$;

-- keys longer than Cassandra allows are refused before anything is sent
INSERT INTO narrow VALUES ('good'), (repeat('k', 65536));
INSERT INTO narrow SELECT repeat('k', 65533 + g) FROM generate_series(1, 3) g;
SELECT length(k) FROM narrow;
INSERT INTO narrow VALUES (repeat('é', 32767) || 'k');
SELECT length(k), octet_length(k) FROM narrow;
INSERT INTO ts (dev, day, seq) VALUES (repeat('d', 65526), 1, 1);
INSERT INTO ts (dev, day, seq) VALUES (repeat('d', 30000), 1, 1);
SELECT length(dev) FROM ts;
INSERT INTO long VALUES (1, repeat('a', 65536), 'b');
INSERT INTO long VALUES (1, repeat('a', 65530), repeat('b', 6));
INSERT INTO long VALUES (1, repeat('a', 65530), repeat('b', 5));
SELECT p, length(a), length(b) FROM long;
DELETE FROM long;
DELETE FROM narrow;
DELETE FROM ts;
SELECT (SELECT count(*) FROM long), (SELECT count(*) FROM narrow),
  (SELECT count(*) FROM ts);

-- cells larger than the server takes: the row and its column are named
SELECT * FROM told($$INSERT INTO kv (id, v)
  VALUES (60, repeat('x', 17 << 20))$$);
SELECT * FROM told($$INSERT INTO ts (dev, day, seq, note) SELECT 'big', 1, g,
  repeat('x', CASE g WHEN 3 THEN 17 << 20 ELSE 10 END)
  FROM generate_series(1, 4) g$$);
SELECT * FROM told($$INSERT INTO kv (id, v)
  VALUES (61, repeat('x', (SELECT 300 << 20)))$$);
SELECT * FROM told($$UPDATE kv SET v = repeat('x', 17 << 20) WHERE id = 50$$);
SELECT * FROM told($$INSERT INTO kv (id, v)
  VALUES (60, repeat('x', 17 << 20)) ON CONFLICT DO NOTHING$$);
SELECT id, v FROM kv ORDER BY id;
INSERT INTO kv (id, v) VALUES (60, repeat('x', 15 << 20));
SELECT id, length(v) FROM kv WHERE id = 60;
DELETE FROM kv WHERE id = 60;

-- fields of UDTs and tuples are named, at any depth
INSERT INTO nested (id, p) VALUES (1, '{"name": "x", "at": {"street": "y",
  "zip": 4000000000}}');
INSERT INTO nested (id, p) VALUES (1, '{"name": "x", "at": {"zip": "12a"}}');
INSERT INTO nested (id, p) VALUES (1, '{"name": "x", "at": {"town": "z"}}');
INSERT INTO nested (id, p) VALUES (1, '{"name": ["x"]}');
INSERT INTO nested (id, p) VALUES (1, '{"name": "x", "\"name\"": "y"}');
INSERT INTO nested (id, p) VALUES (1, '["x"]');
INSERT INTO nested (id, ps)
  VALUES (1, ARRAY['{"name": "x"}', '{"pair": [1, true]}']::jsonb[]);
INSERT INTO nested (id, ps)
  VALUES (1, ARRAY['{"name": "x"}', '{"pair": [1]}']::jsonb[]);
INSERT INTO nested (id, ps)
  VALUES (1, ARRAY['{"name": "x"}', NULL]::jsonb[]);
INSERT INTO nested (id, m) VALUES (1, '{"1": "a", "01": "b"}');
INSERT INTO nested (id, m) VALUES (1, '{"one": "a"}');
CREATE TYPE address_row AS (street text, zip bigint);
CREATE TYPE pair_row AS (n numeric, t varchar(3));
CREATE TYPE place_row AS (name text, at address_row, pair pair_row);
ALTER FOREIGN TABLE nested DROP p, DROP ps, ADD p place_row,
  ADD ps place_row[];
INSERT INTO nested (id, p) VALUES (1, ('x', ('y', 4000000000), NULL));
INSERT INTO nested (id, ps)
  VALUES (1, ARRAY[('x', NULL, NULL), ('x', NULL, (1.5, 'a'))]::place_row[]);
INSERT INTO nested (id, ps)
  VALUES (1, ARRAY[('x', NULL, NULL), NULL]::place_row[]);
INSERT INTO nested (id, p) VALUES (1, ('x', NULL, (1, 'abc')));
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "UPDATE fdw_write.nested SET p = {name: 'x', pair: (1, 'abcd')} WHERE id = 1"
SELECT p FROM nested;
DELETE FROM nested WHERE id = 1;
CREATE TYPE address_date AS (street text, zip date);
CREATE TYPE place_date AS (name text, at address_date);
CREATE FOREIGN TABLE dates (id int, ps place_date[]) SERVER write_server
  OPTIONS (keyspace 'fdw_write', table_name 'nested');
SELECT ps FROM dates;
ALTER TYPE address_row DROP ATTRIBUTE zip;
INSERT INTO nested (id, p) VALUES (1, ('x', ROW('y'), NULL));
ALTER TYPE address_row ADD ATTRIBUTE planet text;
SELECT ps FROM nested;
ALTER TYPE address_row DROP ATTRIBUTE planet, ADD ATTRIBUTE zip int;
ALTER TYPE pair_row ADD ATTRIBUTE more text;
SELECT p FROM nested;
ALTER TYPE pair_row DROP ATTRIBUTE more, DROP ATTRIBUTE t;
SELECT p FROM nested;

-- other values that are no values of the type
INSERT INTO every (id, d) VALUES (70, '2000-01-01'), (71, 'infinity');
INSERT INTO every (id, tm) VALUES (70, '24:00');
INSERT INTO every (id, du) VALUES (70, '1 mon -1 day');
INSERT INTO every (id, tup) VALUES (70, '[1, "a", 2]');
INSERT INTO every (id, fl) VALUES (70, '{{1},{2}}');
INSERT INTO every (id, a) VALUES (70, E'\xff');
INSERT INTO every (id, m) VALUES (70, '{"k": 1, "k": 2}') RETURNING m;
ALTER FOREIGN TABLE every ALTER i TYPE bigint, ALTER ti TYPE numeric,
  ALTER tu TYPE uuid;
INSERT INTO every (id, i) VALUES (71, 2147483648);
INSERT INTO every (id, ti) VALUES (71, -128.5);
SELECT message, detail FROM
  told($$INSERT INTO every (id, tu) VALUES (71, '12345678-1234-4234-8234-123456789abc')$$);
COPY every (id, si) FROM stdin;
70	1
71	40000
\.
UPDATE every SET b = i, i = 4000000000 WHERE id = 70;
SELECT id FROM every;
DELETE FROM every;

-- the table changed under the session
SELECT count(*) FROM kv;
INSERT INTO counts VALUES (1, 1, 1, 1);
INSERT INTO narrow VALUES ('before');
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP MATERIALIZED VIEW fdw_write.kv_by_n; ALTER TABLE fdw_write.kv DROP v'
SELECT * FROM told($$INSERT INTO kv (id, v) VALUES (1, 'x')$$);
INSERT INTO kv (id, v) VALUES (1, 'x');
ALTER FOREIGN TABLE kv DROP COLUMN v;
INSERT INTO kv (id, n) VALUES (1, 5) RETURNING *;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP TABLE fdw_write.narrow; CREATE TABLE fdw_write.narrow (k int PRIMARY KEY)'
SELECT * FROM told($$INSERT INTO narrow VALUES ('abcd')$$);
INSERT INTO narrow VALUES ('abcd');
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'SELECT count(*) FROM fdw_write.narrow'
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'DROP TABLE fdw_write.counts'
SELECT * FROM told($$INSERT INTO counts VALUES (1, 1, 1, 1)$$);
INSERT INTO counts VALUES (1, 1, 1, 1);

-- no permission in PostgreSQL
CREATE ROLE cassandra_fdw_reader;
CREATE USER MAPPING FOR cassandra_fdw_reader SERVER write_server
  OPTIONS (password_required 'false');
GRANT USAGE ON SCHEMA fdw_write TO cassandra_fdw_reader;
GRANT SELECT ON kv TO cassandra_fdw_reader;
SET ROLE cassandra_fdw_reader;
INSERT INTO kv (id) VALUES (1);
UPDATE kv SET n = 1;
DELETE FROM kv;
TRUNCATE kv;
RESET ROLE;
DROP USER MAPPING FOR cassandra_fdw_reader SERVER write_server;
DROP OWNED BY cassandra_fdw_reader;
DROP ROLE cassandra_fdw_reader;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
