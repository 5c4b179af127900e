-- What transactions mean for writes: nothing is undone, and that is said.
\i test/cql/write_setup.sql

BEGIN;
INSERT INTO kv VALUES (1, 1, 'stays');
COMMIT;
BEGIN;
INSERT INTO kv SELECT g, g, 'stays, too' FROM generate_series(2, 4) g;
UPDATE kv SET v = 'updated' WHERE id = 2;
SELECT * FROM kv ORDER BY id;
ROLLBACK;
SELECT * FROM kv ORDER BY id;

-- reading alone gives no warning
BEGIN;
SELECT count(*) FROM kv;
ROLLBACK;

-- subtransactions: each rollback tells of its own rows
BEGIN;
INSERT INTO kv VALUES (10, 1, 'outer');
SAVEPOINT a;
INSERT INTO kv VALUES (11, 1, 'inner'), (12, 1, 'inner');
INSERT INTO narrow VALUES ('n');
ROLLBACK TO a;
RELEASE a;
SAVEPOINT b;
INSERT INTO kv VALUES (13, 1, 'released');
RELEASE b;
ROLLBACK;
SELECT count(*) FROM kv WHERE id >= 10;
DO $$
BEGIN
  BEGIN
    INSERT INTO fdw_write.kv VALUES (14, 1, 'caught');
    PERFORM 1 / 0;
  EXCEPTION WHEN division_by_zero THEN
    RAISE WARNING 'caught: %', SQLERRM;
  END;
END $$;

-- a statement that fails after rows were sent
ALTER FOREIGN TABLE kv OPTIONS (ADD max_in_flight '1', ADD batch_size '1');
DO $$
BEGIN
  INSERT INTO fdw_write.kv SELECT g, 1, repeat('x', 1000) || 1 / (7000 - g)
    FROM generate_series(5000, 7000) g;
EXCEPTION WHEN division_by_zero THEN
  RAISE WARNING 'caught: %', SQLERRM;
END $$;
ALTER FOREIGN TABLE kv OPTIONS (DROP max_in_flight, DROP batch_size);
SELECT count(*) > 0 AS some, count(*) < 2000 AS not_all
  FROM kv WHERE id >= 5000;

-- TRUNCATE
BEGIN;
INSERT INTO narrow VALUES ('t');
COMMIT;
BEGIN;
TRUNCATE narrow;
ROLLBACK;
SELECT count(*) FROM narrow;

-- silenced
SET cassandra_fdw.rollback_warning = off;
BEGIN;
INSERT INTO kv VALUES (20, 1, 'quiet');
ROLLBACK;
RESET cassandra_fdw.rollback_warning;
SELECT v FROM kv WHERE id = 20;

-- two-phase commit is not for transactions that wrote
BEGIN;
INSERT INTO kv VALUES (30, 1, 'x');
SET cassandra_fdw.rollback_warning = off;
PREPARE TRANSACTION 'cassandra_fdw_writes';
RESET cassandra_fdw.rollback_warning;

-- a cursor sees what was written before it
BEGIN;
INSERT INTO narrow SELECT 'c' || g FROM generate_series(1, 3) g;
DECLARE c CURSOR FOR SELECT k FROM narrow WHERE k IN ('c1', 'c2', 'c3')
  ORDER BY k;
FETCH ALL FROM c;
COMMIT;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
