-- UPDATE and DELETE row by row, TRUNCATE.
\i test/cql/write_setup.sql
INSERT INTO kv (id, n, v) SELECT g, g * 10, 'v' || g
  FROM generate_series(1, 5) g;
INSERT INTO ts (dev, day, seq, v, note)
  SELECT d, 1, g, g, 'n' || g FROM unnest('{a,b}'::text[]) d,
    generate_series(1, 3) g;
INSERT INTO ts (dev, day, s) VALUES ('a', 1, 'sa'), ('c', 1, 'sc');

-- only what is assigned is written, only rows that there are
EXPLAIN (VERBOSE, COSTS OFF) UPDATE kv SET v = 'x' WHERE id = 1;
UPDATE kv SET v = v || '!' WHERE id = 1;
WITH u AS (UPDATE kv SET n = n + 1, v = upper(v) WHERE id IN (2, 3) RETURNING *)
  SELECT * FROM u ORDER BY id;
UPDATE kv SET v = 'nobody' WHERE id = 99;
UPDATE kv SET n = NULL WHERE id = 4;
SELECT * FROM kv ORDER BY id;
WITH u AS (UPDATE kv SET n = 0 RETURNING id) SELECT sum(id), count(*) FROM u;
UPDATE kv SET (n, v) = (SELECT 7, 'seven') WHERE id = 1;
UPDATE ts SET note = 'all of a' WHERE dev = 'a' AND day = 1;
UPDATE ts SET v = v * 2 WHERE dev = 'a' AND day = 1 AND seq = 3;
UPDATE ts SET s = 'static' WHERE dev = 'c' AND day = 1;
UPDATE ts SET s = 'of b', v = 0 WHERE dev = 'b' AND day = 1 AND seq = 1;
SELECT * FROM ts ORDER BY dev, seq;

-- joins: a row is updated once, whatever its matches
CREATE TABLE local (k int, t text);
INSERT INTO local VALUES (1, 'l1'), (1, 'l1'), (2, 'l2'), (77, 'l77');
UPDATE kv SET v = t FROM local WHERE k = id;
SELECT id, v FROM kv WHERE id <= 2 ORDER BY id;
DELETE FROM kv USING local WHERE k = id AND id = 1 RETURNING id, v;
UPDATE kv SET n = (SELECT count(*) FROM kv o WHERE o.id <= kv.id);
SELECT id, n FROM kv ORDER BY id;

-- keys cannot be assigned, nor expressions
UPDATE kv SET id = 8 WHERE id = 2;
UPDATE ts SET seq = seq + 1;
UPDATE ts SET v = 1 WHERE dev = 'c' AND day = 1;

-- DELETE: a row, a range, a partition that has only static columns, all
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM ts WHERE dev = 'a' AND day = 1;
DELETE FROM ts WHERE dev = 'a' AND day = 1 AND seq = 2 RETURNING seq, s, v;
DELETE FROM ts WHERE dev = 'b' AND day = 1 AND seq > 1;
DELETE FROM ts WHERE dev = 'c' AND day = 1;
SELECT dev, seq, s, v FROM ts ORDER BY dev, seq;
DELETE FROM ts WHERE v > 1;
SELECT dev, seq, s, v FROM ts ORDER BY dev, seq;
DELETE FROM kv WHERE id = 99;
DELETE FROM kv;
SELECT count(*) FROM kv;

-- triggers see old and new; what they change is written
INSERT INTO kv (id, n, v) VALUES (1, 1, 'a'), (2, 2, 'b');
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE INFO '% % % -> %', TG_WHEN, TG_OP, OLD, NEW;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  NEW.n = NEW.n + 100;
  RETURN NEW;
END $$;
CREATE TRIGGER before_row BEFORE UPDATE OR DELETE ON kv FOR EACH ROW
  EXECUTE FUNCTION tell();
CREATE TRIGGER after_row AFTER UPDATE OR DELETE ON kv FOR EACH ROW
  EXECUTE FUNCTION tell();
UPDATE kv SET v = 'x' WHERE id = 1;
DELETE FROM kv WHERE id = 2;
SELECT * FROM kv;
DROP TRIGGER before_row ON kv;
DROP TRIGGER after_row ON kv;

-- conditional writes
ALTER FOREIGN TABLE kv OPTIONS (ADD conditional_writes 'true');
EXPLAIN (VERBOSE, COSTS OFF) UPDATE kv SET v = 'y' WHERE id = 1;
UPDATE kv SET v = 'y' WHERE id = 1 RETURNING *;
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM kv WHERE id = 1;
DELETE FROM kv WHERE id = 1;
SELECT count(*) FROM kv;
ALTER FOREIGN TABLE kv OPTIONS (DROP conditional_writes);

-- children of one parent
CREATE TABLE parent (id int, n bigint, v text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES FROM (100) TO (200)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
CREATE TABLE part_local PARTITION OF parent FOR VALUES FROM (200) TO (300);
INSERT INTO parent SELECT g, g, 'p' FROM unnest('{100,101,200,201}'::int[]) g;
UPDATE parent SET v = 'q' || id WHERE n > 100;
WITH d AS (DELETE FROM parent WHERE id IN (101, 201)
    RETURNING tableoid::regclass, *)
  SELECT * FROM d ORDER BY id;
SELECT tableoid::regclass, * FROM parent ORDER BY id;
UPDATE parent SET id = id + 1 WHERE id = 100;

-- partitions and ranges go by one tombstone each; static columns with the
-- partition
INSERT INTO ts (dev, day, seq, v, s) SELECT d, 1, g, g, 's' || d
  FROM unnest('{p,q,r}'::text[]) d, generate_series(1, 6) g;
EXPLAIN (VERBOSE, COSTS OFF)
  DELETE FROM ts WHERE dev = 'p' AND day = 1 AND seq >= 2;
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM ts WHERE dev = 'p' AND day = 1
  AND seq = 4;
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM ts WHERE dev = 'p' AND day = 1
  AND v > 4;
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM ts WHERE dev = 'p' AND day = 1
  RETURNING seq;
CREATE FUNCTION affected(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN EXECUTE statement; GET DIAGNOSTICS n = ROW_COUNT; RETURN n; END $$;
SELECT affected('DELETE FROM ts WHERE dev = ''p'' AND day = 1
  AND seq BETWEEN 2 AND 4');
SELECT affected('DELETE FROM ts WHERE dev = ''p'' AND day = 1 AND seq >= 6');
SELECT affected('DELETE FROM ts WHERE dev = ''p'' AND day = 1 AND seq > 100');
SELECT affected('DELETE FROM ts WHERE dev IN (''q'', ''r'', ''none'')
  AND day = 1 AND seq >= 3 AND seq < 6');
SELECT dev, seq, s FROM ts WHERE dev IN ('p', 'q', 'r') AND day = 1
  ORDER BY dev, seq;
SELECT affected('DELETE FROM ts WHERE dev = ''q'' AND day = 1');
SELECT affected('DELETE FROM ts WHERE dev = ''q'' AND day = 1');
SELECT affected('DELETE FROM ts WHERE dev = NULL AND day = 1');
PREPARE del (text) AS DELETE FROM ts WHERE dev = $1 AND day = 1;
EXECUTE del ('r');
EXECUTE del ('p');
SELECT count(*) FROM ts WHERE dev IN ('p', 'q', 'r') AND day = 1;
INSERT INTO ts (dev, day, seq, s) VALUES ('u', 1, 1, 'before');
BEGIN;
DELETE FROM ts WHERE dev = 'u' AND day = 1;
INSERT INTO ts (dev, day, seq, v) VALUES ('u', 1, 2, 2);
SELECT dev, seq, s, v FROM ts WHERE dev = 'u' AND day = 1;
ROLLBACK;
ALTER FOREIGN TABLE ts OPTIONS (ADD timestamps 'server');
EXPLAIN (COSTS OFF) DELETE FROM ts WHERE dev = 'u' AND day = 1;
ALTER FOREIGN TABLE ts OPTIONS (DROP timestamps);
DELETE FROM ts WHERE dev = 'u' AND day = 1;

-- keys that read as other values than they are: where such a row passes
-- through the executor it is refused, else its key goes back as it came
SELECT * FROM odd ORDER BY d;
UPDATE odd SET v = 10 WHERE v = 1 RETURNING v;
DELETE FROM odd WHERE v = 2 RETURNING v;
UPDATE odd SET v = 10 WHERE v = 1;
DELETE FROM odd WHERE v = 2;
UPDATE odd SET v = 30 WHERE v = 3;
DELETE FROM odd WHERE v = 4;
DELETE FROM odd WHERE v = 5;
UPDATE odd SET v = 0;
SELECT * FROM odd ORDER BY d;

-- what the same statement reads is deleted at its end
INSERT INTO ts (dev, day, seq, v) SELECT 'z', 1, g, g FROM generate_series(1, 5) g;
WITH d AS (DELETE FROM ts WHERE dev = 'z' AND day = 1 AND seq < 4)
  SELECT count(*) FROM ts WHERE dev = 'z';
SELECT count(*) FROM ts WHERE dev = 'z';
WITH d AS (DELETE FROM ts WHERE dev = 'z' AND day = 1 AND seq = 4),
  u AS (UPDATE ts SET v = 50 WHERE dev = 'z' AND day = 1 AND seq = 5)
  SELECT seq, v FROM ts WHERE dev = 'z' AND day = 1 ORDER BY seq;
SELECT seq, v FROM ts WHERE dev = 'z' AND day = 1;

-- whole keys: one statement each, rows that are not there are not made
INSERT INTO ts (dev, day, seq, v) SELECT 'k', g % 3, g, g FROM generate_series(1, 9) g;
EXPLAIN (VERBOSE, COSTS OFF) UPDATE ts SET v = -1
  WHERE dev = 'k' AND day IN (0, 1) AND seq IN (1, 2, 3);
PREPARE upd (int[], float8) AS UPDATE ts SET v = $2, note = now()::date::text
  WHERE dev = 'k' AND day = ANY ($1) AND seq IN (1, 2, 3);
SET plan_cache_mode = force_generic_plan;
EXECUTE upd ('{0,1,1}', -1);
EXECUTE upd ('{}', -2);
EXECUTE upd (NULL, -2);
RESET plan_cache_mode;
SELECT day, seq, v FROM ts WHERE dev = 'k' ORDER BY day, seq;

-- what cannot be written, and why
UPDATE kv_by_n SET v = 'x';
DELETE FROM kv_by_n;
INSERT INTO kv_by_n VALUES (1, 1, 'x');
CREATE FOREIGN TABLE no_seq (dev text, day int, v float8)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'ts');
UPDATE no_seq SET v = 1;
DELETE FROM no_seq;
INSERT INTO no_seq VALUES ('a', 1, 1);
ALTER FOREIGN TABLE kv OPTIONS (ADD updatable 'false');
UPDATE kv SET v = 'x';
INSERT INTO kv (id) VALUES (1);
DELETE FROM kv;
SELECT is_insertable_into FROM information_schema.tables
  WHERE table_schema = 'fdw_write' AND table_name = 'kv';
ALTER FOREIGN TABLE kv OPTIONS (DROP updatable);
MERGE INTO kv USING local ON k = id WHEN MATCHED THEN DELETE;

BEGIN;
INSERT INTO kv (id, v) VALUES (1, 'x');
SET cassandra_fdw.rollback_warning = off;
DECLARE c CURSOR FOR SELECT * FROM kv WHERE id = 1;
FETCH 1 FROM c;
DELETE FROM kv WHERE CURRENT OF c;
ROLLBACK;
SELECT count(*) FROM kv WHERE id = 1;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
