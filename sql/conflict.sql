-- ON CONFLICT DO NOTHING is IF NOT EXISTS; row counts come from Cassandra.
\i test/cql/write_setup.sql
CREATE FUNCTION affected(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN EXECUTE statement; GET DIAGNOSTICS n = ROW_COUNT; RETURN n; END $$;

INSERT INTO kv VALUES (1, 10, 'first');
SELECT affected($$INSERT INTO kv VALUES (1, 20, 'second'), (2, 20, 'new'),
  (2, 30, 'again') ON CONFLICT DO NOTHING$$);
SELECT * FROM kv ORDER BY id;
INSERT INTO kv VALUES (2, 1, 'x'), (3, 1, 'y') ON CONFLICT DO NOTHING
  RETURNING *;
INSERT INTO ts (dev, day, seq, v) VALUES ('a', 1, 1, 1)
  ON CONFLICT DO NOTHING RETURNING seq;
INSERT INTO ts (dev, day, seq, v) VALUES ('a', 1, 1, 2), ('a', 1, 2, 2)
  ON CONFLICT DO NOTHING RETURNING seq;
INSERT INTO ts (dev, day, s) VALUES ('st', 1, 'one') ON CONFLICT DO NOTHING
  RETURNING s;
INSERT INTO ts (dev, day, s) VALUES ('st', 1, 'two') ON CONFLICT DO NOTHING
  RETURNING s;
ALTER SERVER write_server OPTIONS (ADD serial_consistency 'LOCAL_SERIAL');
INSERT INTO kv VALUES (4, 1, 'local serial') ON CONFLICT DO NOTHING
  RETURNING id;

-- the key, named
INSERT INTO kv VALUES (1, 1, 'x') ON CONFLICT (id) DO NOTHING;
INSERT INTO kv VALUES (1, 1, 'x') ON CONFLICT (id) DO UPDATE SET v = 'z';

-- a statement must not see its own writes
INSERT INTO kv (id) SELECT id + 1 FROM kv ON CONFLICT DO NOTHING;
INSERT INTO kv (id) SELECT seq FROM ts WHERE seq > 1 ON CONFLICT DO NOTHING;
ALTER FOREIGN TABLE kv OPTIONS (ADD conditional_writes 'true');
UPDATE kv SET n = (SELECT count(*) FROM kv k WHERE k.id < kv.id);
DELETE FROM kv WHERE id = (SELECT max(id) FROM kv);
UPDATE kv SET n = n + 1 WHERE id = 1;
ALTER FOREIGN TABLE kv OPTIONS (DROP conditional_writes);
SELECT * FROM kv ORDER BY id;

-- counts of the other statements
SELECT affected('INSERT INTO kv SELECT g, g FROM generate_series(1, 50) g');
SELECT affected('UPDATE kv SET v = ''u'' WHERE id <= 20');
SELECT affected('UPDATE kv SET v = ''u'' WHERE id = 1000');
SELECT affected('UPDATE kv SET v = ''u'' FROM generate_series(1, 3) g
  WHERE id = 7');
SELECT affected('DELETE FROM kv WHERE id > 40');
SELECT affected('DELETE FROM kv');
SELECT count(*) FROM kv;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
