-- Triggers: conditions, several ones, of statements, and those that there
-- cannot be; what they make of a plan.
\i test/cql/write_setup.sql
CREATE TABLE log (seq serial, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log (what) VALUES (concat_ws(' ', TG_NAME, TG_WHEN, TG_LEVEL,
    TG_OP, OLD, NEW, array_to_string(TG_ARGV, ',')));
  IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF TG_WHEN = 'BEFORE' THEN NEW.v = NEW.v || TG_ARGV[0]; END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION told() RETURNS SETOF text LANGUAGE sql AS $$
  WITH l AS (DELETE FROM log RETURNING *) SELECT what FROM l ORDER BY seq $$;
INSERT INTO kv (id, n, v) VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c');

-- statements': once, however many rows, and for none; the rows go directly
CREATE TRIGGER s_before BEFORE INSERT OR UPDATE OR DELETE ON kv
  FOR EACH STATEMENT EXECUTE FUNCTION note('x');
CREATE TRIGGER s_after AFTER INSERT OR UPDATE OR DELETE ON kv
  FOR EACH STATEMENT EXECUTE FUNCTION note('y');
INSERT INTO kv (id, n, v) VALUES (4, 4, 'd'), (5, 5, 'e');
SELECT told();
UPDATE kv SET v = upper(v) WHERE id IN (1, 2);
SELECT told();
DELETE FROM kv WHERE id = 99;
SELECT told();
COPY kv (id, n, v) FROM stdin;
6	6	f
7	7	g
\.
SELECT told();
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM ts WHERE dev = 'a' AND day = 1;
CREATE TRIGGER s_ts AFTER DELETE ON ts FOR EACH STATEMENT
  EXECUTE FUNCTION note('ts');
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM ts WHERE dev = 'a' AND day = 1;
DELETE FROM ts WHERE dev = 'a' AND day = 1;
SELECT told();
DROP TRIGGER s_ts ON ts;
SELECT * FROM kv ORDER BY id;
TRUNCATE kv;
SELECT told();
-- those of TRUNCATE came with PostgreSQL 16
DO $$
DECLARE
  wanted CONSTANT text = 'CREATE TRIGGER s_truncate AFTER TRUNCATE ON kv '
    'FOR EACH STATEMENT EXECUTE FUNCTION note()';
BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN
    EXECUTE wanted;
    TRUNCATE kv;
    ASSERT (SELECT count(*) FROM told() t WHERE t ~ 'TRUNCATE') = 1;
    DROP TRIGGER s_truncate ON kv;
  ELSE
    BEGIN
      EXECUTE wanted;
      ASSERT false;
    EXCEPTION WHEN wrong_object_type THEN
      ASSERT NOT EXISTS (SELECT FROM told());
    END;
  END IF;
END $$;
-- an AFTER trigger of a statement sees all its rows, a BEFORE trigger none
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log (what) VALUES (concat_ws(' ', TG_WHEN,
    (SELECT count(*) FROM fdw_write.kv)));
  RETURN NULL;
END $$;
DROP TRIGGER s_before ON kv;
DROP TRIGGER s_after ON kv;
CREATE TRIGGER c_before BEFORE INSERT OR DELETE ON kv
  FOR EACH STATEMENT EXECUTE FUNCTION count_rows();
CREATE TRIGGER c_after AFTER INSERT OR DELETE ON kv
  FOR EACH STATEMENT EXECUTE FUNCTION count_rows();
INSERT INTO kv (id, n, v) SELECT g, g, 'v' FROM generate_series(1, 100) g;
DELETE FROM kv WHERE n > 10;
SELECT told();
DROP TRIGGER c_before ON kv;
DROP TRIGGER c_after ON kv;

-- several, in the order of their names; each sees what the one before made
TRUNCATE kv;
CREATE TRIGGER b_second BEFORE INSERT OR UPDATE ON kv FOR EACH ROW
  EXECUTE FUNCTION note('2');
CREATE TRIGGER a_first BEFORE INSERT OR UPDATE ON kv FOR EACH ROW
  EXECUTE FUNCTION note('1');
CREATE TRIGGER z_after AFTER INSERT OR UPDATE OR DELETE ON kv FOR EACH ROW
  EXECUTE FUNCTION note('3');
CREATE TRIGGER y_after AFTER INSERT OR UPDATE OR DELETE ON kv FOR EACH ROW
  EXECUTE FUNCTION note('4');
INSERT INTO kv (id, n, v) VALUES (1, 1, 'a') RETURNING v;
SELECT told();
UPDATE kv SET n = 2 WHERE id = 1 RETURNING v;
SELECT told();
DELETE FROM kv WHERE id = 1;
SELECT told();
SELECT count(*) FROM kv;
DROP TRIGGER a_first ON kv;
DROP TRIGGER b_second ON kv;
DROP TRIGGER y_after ON kv;
DROP TRIGGER z_after ON kv;

-- WHEN, and columns
INSERT INTO kv (id, n, v) VALUES (1, 1, 'a'), (2, 2, 'b');
CREATE TRIGGER w_before BEFORE UPDATE ON kv FOR EACH ROW
  WHEN (OLD.n < NEW.n) EXECUTE FUNCTION note('!');
CREATE TRIGGER w_after AFTER UPDATE ON kv FOR EACH ROW
  WHEN (OLD.v IS DISTINCT FROM NEW.v) EXECUTE FUNCTION note('after');
CREATE TRIGGER w_insert BEFORE INSERT ON kv FOR EACH ROW
  WHEN (NEW.id > 10) EXECUTE FUNCTION note('?');
CREATE TRIGGER w_column AFTER UPDATE OF v ON kv FOR EACH ROW
  EXECUTE FUNCTION note('of v');
UPDATE kv SET n = n + CASE id WHEN 1 THEN 1 ELSE -1 END;
SELECT told();
UPDATE kv SET v = 'z' WHERE id = 2;
SELECT told();
INSERT INTO kv (id, v) VALUES (10, 'ten'), (11, 'eleven');
SELECT told();
SELECT * FROM kv ORDER BY id;
DROP TRIGGER w_before ON kv;
DROP TRIGGER w_after ON kv;
DROP TRIGGER w_insert ON kv;
DROP TRIGGER w_column ON kv;

-- a trigger of rows has them written one by one, and what it decides counts
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM ts WHERE dev = 'a' AND day = 1;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.seq = 2 THEN RETURN NULL; END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER r_delete BEFORE DELETE ON ts FOR EACH ROW
  EXECUTE FUNCTION refuse();
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM ts WHERE dev = 'a' AND day = 1;
INSERT INTO ts (dev, day, seq, v) SELECT 'a', 1, g, g
  FROM generate_series(1, 3) g;
DELETE FROM ts WHERE dev = 'a' AND day = 1;
SELECT seq, v FROM ts;
DROP TRIGGER r_delete ON ts;
-- an error in one says what stays
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id = 3 THEN RAISE EXCEPTION 'no three'; END IF;
  RETURN NEW;
END $$;
TRUNCATE kv;
CREATE TRIGGER f_after AFTER INSERT ON kv FOR EACH ROW
  EXECUTE FUNCTION fail();
\set VERBOSITY terse
INSERT INTO kv (id) VALUES (1), (2), (3), (4);
SELECT id FROM kv ORDER BY id;
DROP TRIGGER f_after ON kv;
CREATE TRIGGER f_before BEFORE INSERT ON kv FOR EACH ROW
  EXECUTE FUNCTION fail();
TRUNCATE kv;
INSERT INTO kv (id) VALUES (3), (4);
SELECT count(*) FROM kv;
DROP TRIGGER f_before ON kv;

-- what PostgreSQL has not for foreign tables
CREATE TRIGGER t_new AFTER INSERT ON kv REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION note('x');
CREATE TRIGGER t_old AFTER DELETE ON kv REFERENCING OLD TABLE AS gone
  FOR EACH ROW EXECUTE FUNCTION note('x');
CREATE CONSTRAINT TRIGGER t_deferred AFTER INSERT ON kv DEFERRABLE
  FOR EACH ROW EXECUTE FUNCTION note('x');
CREATE TRIGGER t_instead INSTEAD OF INSERT ON kv
  FOR EACH ROW EXECUTE FUNCTION note('x');
CREATE TABLE parent (id int, n bigint, v text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES FROM (1) TO (200)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');

-- triggers of the parent: rows of the partition fire them
CREATE TRIGGER p_row BEFORE INSERT ON part FOR EACH ROW
  EXECUTE FUNCTION note('p');
CREATE TRIGGER p_statement AFTER INSERT ON parent FOR EACH STATEMENT
  EXECUTE FUNCTION note('q');
INSERT INTO parent (id, v) VALUES (1, 'x'), (2, 'y');
SELECT told();
SELECT * FROM kv ORDER BY id;

-- a row of an UPDATE with a trigger leaves nothing behind in the executor
CREATE FUNCTION grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id % 4000 = 0 THEN
    INSERT INTO log (what) SELECT sum(used_bytes) FROM pg_backend_memory_contexts
      WHERE name = 'ExecutorState';
  END IF;
  RETURN NEW;
END $$;
SELECT count(*) FROM told();
INSERT INTO ts (dev, day, seq) SELECT 'm', 1, g FROM generate_series(1, 8000) g;
CREATE FOREIGN TABLE grown (dev text, day int, id int OPTIONS (column_name 'seq'), v float8)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'ts');
CREATE TRIGGER grows BEFORE UPDATE ON grown FOR EACH ROW
  EXECUTE FUNCTION grows();
UPDATE grown SET v = 1 WHERE dev = 'm' AND day = 1;
SELECT count(*), max(what::bigint) - min(what::bigint) < 65536 AS no_more
  FROM told() AS t (what);

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
