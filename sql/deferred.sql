-- A statement does not see what it writes, whoever reads meanwhile.
\i test/cql/write_setup.sql
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/deferred.cql
IMPORT FOREIGN SCHEMA fdw_write LIMIT TO (hw, hu, hc, hx, hv)
  FROM SERVER write_server INTO fdw_write;
-- a table that is there no more, known to the session
SELECT count(*) FROM hv;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "DROP TABLE fdw_write.hv"
-- looks something up for every hundredth value
CREATE FUNCTION look(i int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  IF i % 100 = 0 THEN
    PERFORM 1 FROM fdw_write.hu WHERE k = i;
  END IF;
  RETURN i;
END $$;
CREATE FUNCTION fill(n int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM fdw_write.hw WHERE k = 1;
  INSERT INTO fdw_write.hw SELECT 1, g, g FROM generate_series(1, n) g;
END $$;
-- a runaway ends here
SET statement_timeout = '60s';

-- a function in the select list, a page being 5,000 rows
SELECT fill(12000);
INSERT INTO hw SELECT k, c + 12000, look(c) FROM hw WHERE k = 1;
SELECT count(*), max(c), sum(v) FROM hw WHERE k = 1;
-- one that runs CQL
SELECT fill(1000);
INSERT INTO hw SELECT k, c + 1000,
    (SELECT count(*) FROM cassandra_query_json('write_server',
      'SELECT k FROM fdw_write.hu WHERE k = 1')) + c
  FROM hw WHERE k = 1;
SELECT count(*), max(c) FROM hw WHERE k = 1;
-- one that writes elsewhere
SELECT fill(1000);
INSERT INTO hw SELECT k, c + 1000,
    coalesce((cassandra_execute('write_server',
      'INSERT INTO fdw_write.hu (k, n) VALUES (7, 7)'))::text::int, 0)
  FROM hw WHERE k = 1;
SELECT count(*), max(c) FROM hw WHERE k = 1;
-- a trigger
CREATE FUNCTION looks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.v = look(NEW.c) + (SELECT count(*) FROM fdw_write.hw
    WHERE k = 1 AND c = NEW.c - 1000 AND NEW.c % 100 = 1);
  RETURN NEW;
END $$;
CREATE TRIGGER looks BEFORE INSERT ON hw FOR EACH ROW
  EXECUTE FUNCTION looks();
SELECT fill(1000);
INSERT INTO hw SELECT k, c + 1000, 0 FROM hw WHERE k = 1;
SELECT count(*), max(c), sum(v - c) FROM hw WHERE k = 1;
DROP TRIGGER looks ON hw;

-- each row gets its neighbour's old value, however the join is done
CREATE FUNCTION shift() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM fill(1000);
  UPDATE fdw_write.hw SET v = x.v FROM fdw_write.hw x
    WHERE hw.k = 1 AND x.k = 1 AND x.c = hw.c - 1 AND look(hw.c) > 0;
  RETURN (SELECT count(*) FROM fdw_write.hw
    WHERE k = 1 AND v IS DISTINCT FROM greatest(c - 1, 1));
END $$;
SET enable_material = off;
SELECT shift();
SET enable_mergejoin = off;
SET enable_hashjoin = off;
SELECT shift();
RESET enable_mergejoin;
SET enable_nestloop = off;
SELECT shift();
RESET enable_hashjoin;
SET enable_mergejoin = off;
SELECT shift();
RESET enable_mergejoin;
RESET enable_nestloop;
RESET enable_material;

-- other tables that the statement writes are no reason to end the waiting
SELECT fill(1000);
CREATE FUNCTION write_both() RETURNS bigint LANGUAGE sql AS $$
  WITH i AS (INSERT INTO fdw_write.hw
      SELECT k, c + 1000, v FROM fdw_write.hw WHERE k = 1 RETURNING c),
    u AS (UPDATE fdw_write.hu SET n = 1 WHERE k = 7),
    d AS (DELETE FROM fdw_write.hc WHERE k = 1)
  SELECT count(*) FROM i $$;
SELECT write_both();
SELECT count(*) FROM hw WHERE k = 1;
SELECT fill(1000);
ALTER FOREIGN TABLE hu OPTIONS (ADD conditional_writes 'true');
WITH u AS (UPDATE hu SET n = 2 WHERE k = 7)
  INSERT INTO hw SELECT k, c + 1000, v FROM hw WHERE k = 1;
ALTER FOREIGN TABLE hu OPTIONS (DROP conditional_writes);
SELECT count(*), (SELECT n FROM hu WHERE k = 7) FROM hw WHERE k = 1;

-- a function that is read bit by bit
CREATE FUNCTION rows_of(i int) RETURNS SETOF hw LANGUAGE sql AS $$
  SELECT * FROM fdw_write.hw WHERE k = i $$;
SELECT fill(12000);
INSERT INTO hw SELECT (r).k, (r).c + 12000, (r).v
  FROM (SELECT rows_of(1) AS r) AS s;
SELECT count(*) FROM hw WHERE k = 1;

-- of two versions of a row the last one stays
SELECT fill(3);
INSERT INTO hw SELECT 1, 100, v * 10 + look(c) FROM hw WHERE k = 1 ORDER BY c;
SELECT c, v FROM hw WHERE k = 1 ORDER BY c;

-- many rows wait on disk, also where a subtransaction saw the first of them
CREATE FUNCTION looks_and_fails(i int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM fdw_write.hu WHERE k = i AND i % 1000 = 2;
  IF i % 1000 = 2 THEN PERFORM 1 / 0; END IF;
  RETURN i;
EXCEPTION WHEN division_by_zero THEN
  RETURN i;
END $$;
SET work_mem = '64kB';
SELECT fill(5000);
INSERT INTO hw SELECT k, c + 5000, looks_and_fails(c) FROM hw WHERE k = 1;
SELECT count(*), max(c), sum(v) FROM hw WHERE k = 1;
RESET work_mem;

-- AFTER triggers come when all scans have ended: they find all rows
CREATE TABLE log (seq serial, what text);
CREATE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log (what) SELECT TG_OP || ' ' || count(*)
    FROM fdw_write.hw WHERE k = 1;
  RETURN NULL;
END $$;
CREATE TRIGGER counts AFTER INSERT OR DELETE ON hw FOR EACH STATEMENT
  EXECUTE FUNCTION counts();
SELECT fill(10);
INSERT INTO hw SELECT k, c + 10, v FROM hw WHERE k = 1;
DELETE FROM hw WHERE k = 1 AND v = (SELECT max(v) FROM hw WHERE k = 1);
DELETE FROM hw WHERE k = 1 AND c > (SELECT 3 FROM hw WHERE k = 1 AND c = 3);
WITH d AS (DELETE FROM hw WHERE k = 1 AND c = 1),
  i AS (INSERT INTO hw SELECT 1, 50 + c, v FROM hw WHERE k = 1)
  INSERT INTO log (what) SELECT 'meanwhile ' || count(*) FROM hw WHERE k = 1;
SELECT what FROM log ORDER BY seq;
DROP TRIGGER counts ON hw;

-- a function sees what its statement wrote before it where the statement
-- itself does not read the table, as with local tables
SELECT fill(0);
CREATE FUNCTION next_c() RETURNS int LANGUAGE sql AS $$
  SELECT coalesce(max(c), 0) + 1 FROM fdw_write.hw WHERE k = 1 $$;
INSERT INTO hw SELECT 1, next_c(), g FROM generate_series(1, 5) g;
SELECT c, v FROM hw WHERE k = 1 ORDER BY c;

-- an error that a function caught is not the end of it: rows were lost
CREATE FUNCTION catches(i int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM fdw_write.hw WHERE k = 2;
  RETURN i;
EXCEPTION WHEN OTHERS THEN
  RETURN i;
END $$;
INSERT INTO hx SELECT catches(g), 'x' FROM generate_series(1, 3) g;
SELECT * FROM hx WHERE k BETWEEN 1 AND 3 ORDER BY k;
-- the index takes no such value
SET cassandra_fdw.rollback_warning = off;
INSERT INTO hx SELECT catches(g), repeat('y', CASE g WHEN 5 THEN 70000 ELSE 1 END)
  FROM generate_series(4, 7) g;
RESET cassandra_fdw.rollback_warning;
SELECT * FROM hx WHERE k BETWEEN 4 AND 7 ORDER BY k;

-- what a rollback tells of is what was sent for its own statements
INSERT INTO hu SELECT looks_and_fails(g), 1 FROM generate_series(1, 5) g;
\set VERBOSITY terse
BEGIN;
TRUNCATE hv;
ROLLBACK;
BEGIN;
SELECT cassandra_execute('write_server', 'INSERT INTO fdw_write.nothing (k) VALUES (1)');
\set VERBOSITY default
ROLLBACK;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
