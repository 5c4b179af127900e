-- Rows that cannot be written: the error names table, column and key, and no
-- row of what was to be sent with it is written.
\i test/cql/write_setup.sql

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

-- a key longer than Cassandra allows; what the server refuses was not written
CREATE FUNCTION told(statement text) RETURNS TABLE (message text, detail text)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT,
    detail = PG_EXCEPTION_DETAIL;
  detail = regexp_replace(detail, E'\nHost:.*', '');
  RETURN NEXT;
END $$;
SELECT * FROM told($$INSERT INTO narrow VALUES (repeat('k', 70000))$$);
SELECT * FROM told($$INSERT INTO narrow SELECT repeat('k', 65530 + g)
  FROM generate_series(1, 6) g$$);
SELECT length(k) FROM narrow ORDER BY 1;
TRUNCATE narrow;

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
