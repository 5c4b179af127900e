-- UPDATE and DELETE read no more of a row than somebody looks at, and may
-- assign to a key what it is.
\i test/cql/write_setup.sql
\set VERBOSITY terse
CREATE FUNCTION reads(what text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  found text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || what LOOP
    found := coalesce(substring(line FROM '(?:CQL|Found By): (SELECT .*) FROM'),
      found);
  END LOOP;
  RETURN coalesce(found, 'nothing');
END $$;
INSERT INTO kv SELECT i, i, 'v' || i FROM generate_series(1, 5) i;
INSERT INTO counts VALUES (1, 1, 10, 100), (1, 2, 20, 200);
INSERT INTO ts (dev, day, seq, v, note) SELECT 'a', 1, i, i, 'note'
  FROM generate_series(1, 3) i;
CREATE TABLE l AS SELECT i AS id, 'l' || i AS v FROM generate_series(2, 3) i;

-- counters: those that are added to
SELECT reads('UPDATE counts SET hits = hits + 1 WHERE id = 1');
SELECT reads('UPDATE counts SET hits = hits + 1 WHERE id = 1 RETURNING bytes');
SELECT reads('UPDATE counts SET hits = hits + 1, bytes = bytes - 1');
UPDATE counts SET hits = hits + 1 WHERE id = 1 AND day = 1;
UPDATE counts SET hits = hits + 1 WHERE id = 1 AND day = 2 RETURNING bytes;
SELECT * FROM counts WHERE id = 1;

-- joins, conditions, what is given back
SELECT reads('UPDATE kv SET v = l.v FROM l WHERE l.id = kv.id');
UPDATE kv SET v = l.v FROM l WHERE l.id = kv.id;
SELECT reads('UPDATE kv SET v = l.v FROM l WHERE l.id = kv.id AND kv.n > 0');
SELECT reads('UPDATE kv SET v = l.v || kv.v FROM l WHERE l.id = kv.id');
SELECT reads('UPDATE kv SET v = kv::text FROM l WHERE l.id = kv.id');
UPDATE kv SET v = kv::text FROM l WHERE l.id = kv.id AND l.id = 3;
SELECT reads('UPDATE kv SET v = ''x'' WHERE id = 1 RETURNING n');
UPDATE kv SET v = 'x' WHERE id = 1 RETURNING n;
SELECT reads('UPDATE kv SET v = ''x'' WHERE id = 1 RETURNING *');
SELECT reads('UPDATE kv SET v = ''x'' WHERE id = 1 RETURNING kv');
UPDATE kv SET v = 'y' WHERE id = 1 RETURNING kv, kv.*;
SELECT reads('UPDATE kv SET v = ''x'' WHERE id = 1 RETURNING (SELECT kv.n)');
UPDATE kv SET v = 'z' WHERE id = 1 RETURNING (SELECT kv.n + id FROM l LIMIT 1);
SELECT reads('DELETE FROM ts WHERE dev = ''a'' AND day = 1 RETURNING note');
SELECT reads('DELETE FROM ts WHERE dev = ''a'' AND day = 1 RETURNING *');
SELECT reads('DELETE FROM kv USING l WHERE l.id = kv.id');
DELETE FROM ts WHERE dev = 'a' AND day = 1 AND seq = 3 RETURNING note, v, ts;
UPDATE ts SET v = l.id FROM l WHERE ts.dev = 'a' AND ts.day = 1 AND seq = l.id
  RETURNING ts.v, note;
CREATE VIEW few AS SELECT id, v FROM kv WHERE n < 10 WITH CHECK OPTION;
SELECT reads('UPDATE few SET v = ''x'' WHERE id = 1');
UPDATE few SET v = 'few' WHERE id = 4 RETURNING *;
SELECT reads('UPDATE kv SET v = ''x'' WHERE id = (SELECT max(id) FROM l)');
ALTER FOREIGN TABLE kv OPTIONS (ADD conditional_writes 'true');
SELECT reads('UPDATE kv SET v = ''x'' WHERE n = 1');
SELECT reads('UPDATE kv SET v = v || ''x'' WHERE id = 1');
UPDATE kv SET v = v || '?' WHERE id = 2;
ALTER FOREIGN TABLE kv OPTIONS (DROP conditional_writes);

-- locks, and tables that an UPDATE takes values from
SELECT reads('SELECT id FROM kv WHERE id = 1 FOR UPDATE');
SELECT reads('SELECT v FROM kv WHERE n = 1 AND id = 1 FOR UPDATE');
SELECT reads('SELECT kv FROM kv WHERE id = 1 FOR UPDATE');
SELECT reads('SELECT id FROM kv WHERE id = 1 ORDER BY kv FOR UPDATE');
SELECT reads('UPDATE l SET v = kv.v FROM kv WHERE kv.id = l.id');
SELECT reads('UPDATE l SET v = kv.v FROM kv WHERE kv.id = l.id RETURNING kv');
SELECT reads('DELETE FROM l USING kv WHERE kv.id = l.id');
SELECT reads('DELETE FROM l USING kv WHERE kv::text = l.v');
SELECT reads('SELECT l.v FROM l LEFT JOIN kv USING (id) FOR UPDATE OF l');
SELECT id FROM kv WHERE id = 1 FOR UPDATE;
SELECT kv, l FROM kv JOIN l USING (id) ORDER BY id FOR UPDATE;
UPDATE l SET v = kv.v FROM kv WHERE kv.id = l.id AND kv.n = 2 RETURNING l.*, n;

-- triggers look at all
CREATE FUNCTION old_new() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN RAISE WARNING '% %', old, new; RETURN new; END $$;
CREATE TRIGGER both_rows AFTER UPDATE ON kv FOR EACH ROW EXECUTE FUNCTION old_new();
SELECT reads('UPDATE kv SET v = ''x'' WHERE id = 1');
UPDATE kv SET v = 'seen' WHERE id = 5;
DROP TRIGGER both_rows ON kv;
CREATE FOREIGN TABLE generated (id int, n bigint, v text
  GENERATED ALWAYS AS ('n' || n) STORED)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
UPDATE generated SET n = 55 WHERE id = 5;
CREATE TABLE base (id int, n bigint, v text);
CREATE FOREIGN TABLE child () INHERITS (base)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
UPDATE base SET v = 'base' WHERE id = 4 RETURNING n;
SELECT * FROM kv ORDER BY id;

-- a key may be assigned what it is, as forms do that write all columns
UPDATE kv SET id = id, v = 'same' WHERE id = 1;
SELECT reads('UPDATE kv SET id = id, v = ''x'' WHERE id = 1');
PREPARE form (int, text) AS UPDATE kv SET id = $1, v = $2 WHERE id = $1;
EXECUTE form (2, 'form');
EXECUTE form (77, 'no such row');
UPDATE kv SET id = 3, v = 'three' WHERE id IN (3, 4) AND id < 4 RETURNING *;
UPDATE kv SET id = id + 0, n = n + 1 WHERE id = 4;
UPDATE kv SET (id, n, v) = (SELECT 4, 44, 'row') WHERE id = 4;
UPDATE kv SET id = l.id, v = l.v FROM l WHERE l.id = kv.id RETURNING kv.*;
UPDATE kv SET id = id WHERE id = 1 RETURNING *;
UPDATE kv SET id = 1 WHERE id = 1;
EXPLAIN (COSTS OFF) UPDATE kv SET id = id WHERE id = 1;
UPDATE ts SET dev = 'a', day = day, seq = 1, note = 'keys' WHERE dev = 'a'
  AND day = 1 AND seq = 1 RETURNING *;
UPDATE counts SET id = id, day = 1, hits = hits + 1 WHERE id = 1 AND day = 1;
UPDATE base SET id = id, n = 10 WHERE id = 4 RETURNING *;
ALTER FOREIGN TABLE kv OPTIONS (ADD conditional_writes 'true');
UPDATE kv SET id = 1, v = 'if' WHERE id = 1;
UPDATE kv SET id = 88, v = 'if' WHERE id = 88;
UPDATE kv SET id = 2, v = 'if' WHERE id = 1;
ALTER FOREIGN TABLE kv OPTIONS (DROP conditional_writes);
UPDATE kv SET id = 2 WHERE id = 1;
UPDATE kv SET id = id + 1, v = 'x' WHERE id = 1;
UPDATE kv SET id = NULL, v = 'x' WHERE id = 1;
UPDATE kv SET id = l.id + 1, v = l.v FROM l WHERE l.id = kv.id;
UPDATE ts SET day = 2, note = 'x' WHERE dev = 'a';
UPDATE ts SET seq = NULL, note = 'x' WHERE dev = 'a' RETURNING *;
CREATE FUNCTION rekey() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN new.id := new.id + new.n; RETURN new; END $$;
CREATE TRIGGER rekey BEFORE UPDATE ON kv FOR EACH ROW EXECUTE FUNCTION rekey();
UPDATE kv SET n = 0 WHERE id = 1 RETURNING *;
UPDATE kv SET n = 1 WHERE id = 1;
DROP TRIGGER rekey ON kv;
SELECT * FROM kv ORDER BY id;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
