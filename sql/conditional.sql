-- INSERT where a row of the key exists, and the order of a session's plain
-- and conditional writes.
\i test/cql/write_setup.sql
CREATE FUNCTION affected(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN EXECUTE statement; GET DIAGNOSTICS n = ROW_COUNT; RETURN n; END $$;

SET cassandra_fdw.rollback_warning = off;

-- insert_conflict: overwrite, unless told otherwise
INSERT INTO kv VALUES (1, 1, 'first');
INSERT INTO kv VALUES (1, 1, 'over');
SELECT * FROM kv;
ALTER FOREIGN TABLE kv OPTIONS (ADD insert_conflict 'error');
EXPLAIN (VERBOSE, COSTS OFF) INSERT INTO kv VALUES (2, 2, 'two');
INSERT INTO kv VALUES (2, 2, 'two');
DO $$
DECLARE state text; what text; detail text; name text;
BEGIN
  INSERT INTO fdw_write.kv VALUES (1, 1, 'again');
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, what = MESSAGE_TEXT,
    detail = PG_EXCEPTION_DETAIL, name = TABLE_NAME;
  RAISE WARNING '% % % %', state, what, detail, name;
END $$;
INSERT INTO kv VALUES (3, 3, 'three'), (1, 1, 'again'), (4, 4, 'four');
INSERT INTO kv VALUES (3, 3, 'three again'), (5, 5, 'five')
  ON CONFLICT DO NOTHING RETURNING id;
COPY kv (id, n, v) FROM stdin;
6	6	six
2	2	two again
\.
SELECT * FROM kv ORDER BY id;
INSERT INTO ts (dev, day, seq, v) VALUES ('a', 1, 1, 1);
ALTER FOREIGN TABLE ts OPTIONS (ADD insert_conflict 'error');
INSERT INTO ts (dev, day, seq, v) VALUES ('a', 1, 1, 2);
INSERT INTO ts (dev, day, s) VALUES ('b', 1, 'one');
INSERT INTO ts (dev, day, s) VALUES ('b', 1, 'two');
ALTER FOREIGN TABLE narrow OPTIONS (ADD insert_conflict 'error');
INSERT INTO narrow VALUES ('a'), ('b');
INSERT INTO narrow VALUES ('b');
-- the statement reads the table: what it wrote itself could be in its way
INSERT INTO kv SELECT id + 100, n, v FROM kv;

-- who may not read the key is not told it
CREATE ROLE conditional_role;
GRANT USAGE ON SCHEMA fdw_write TO conditional_role;
GRANT INSERT ON kv, ts TO conditional_role;
GRANT SELECT (dev, day) ON ts TO conditional_role;
CREATE USER MAPPING FOR conditional_role SERVER write_server
  OPTIONS (password_required 'false');
SET ROLE conditional_role;
INSERT INTO kv VALUES (1, 1, 'again');
INSERT INTO ts (dev, day, seq, v) VALUES ('a', 1, 1, 2);
RESET ROLE;
GRANT SELECT (seq) ON ts TO conditional_role;
SET ROLE conditional_role;
INSERT INTO ts (dev, day, seq, v) VALUES ('a', 1, 1, 2);
RESET ROLE;
DROP OWNED BY conditional_role;
DROP ROLE conditional_role;

-- ignore, for a whole server; counters are added to
ALTER FOREIGN TABLE kv OPTIONS (DROP insert_conflict);
ALTER SERVER write_server OPTIONS (ADD insert_conflict 'ignore');
SELECT affected('INSERT INTO kv VALUES (1, 0, ''x''), (7, 7, ''seven'')');
COPY kv (id, n, v) FROM stdin;
7	0	x
8	8	eight
\.
SELECT id, v FROM kv WHERE id IN (1, 7, 8) ORDER BY id;
INSERT INTO counts VALUES (1, 1, 1, 1), (1, 1, 2, 2);
SELECT * FROM counts;
-- rows that are routed
CREATE TABLE parent (id int, n bigint, v text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES FROM (1) TO (200)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
SELECT affected('INSERT INTO parent VALUES (1, 0, ''x''), (9, 9, ''nine'')');
ALTER FOREIGN TABLE part OPTIONS (ADD insert_conflict 'error');
INSERT INTO parent VALUES (9, 0, 'x');
ALTER FOREIGN TABLE part OPTIONS (SET insert_conflict 'overwrite');
INSERT INTO parent VALUES (9, 0, 'over');
SELECT v FROM kv WHERE id = 9;
ALTER FOREIGN TABLE part OPTIONS (SET insert_conflict 'maybe');
ALTER SERVER write_server OPTIONS (DROP insert_conflict);

-- a conditional write is later than what the session wrote before it
DO $$
DECLARE lost int = 0; n int;
BEGIN
  FOR i IN 1 .. 300 LOOP
    DELETE FROM fdw_write.kv WHERE id = 1000;
    INSERT INTO fdw_write.kv (id, v) VALUES (1000, 'x') ON CONFLICT DO NOTHING;
    SELECT count(*) INTO n FROM fdw_write.kv WHERE id = 1000;
    lost = lost + 1 - n;
  END LOOP;
  RAISE WARNING 'INSERT after DELETE: % lost', lost;
END $$;
ALTER FOREIGN TABLE kv OPTIONS (ADD conditional_writes 'true');
DO $$
DECLARE lost int = 0;
BEGIN
  FOR i IN 1 .. 300 LOOP
    INSERT INTO fdw_write.kv (id, v, n) VALUES (1001, 'x', i);
    UPDATE fdw_write.kv SET n = -i WHERE id = 1001;
    lost = lost + (SELECT n <> -i FROM fdw_write.kv WHERE id = 1001)::int;
  END LOOP;
  RAISE WARNING 'UPDATE after INSERT: % lost', lost;
  lost = 0;
  FOR i IN 1 .. 100 LOOP
    INSERT INTO fdw_write.kv (id, v) VALUES (1002, 'x');
    DELETE FROM fdw_write.kv WHERE id = 1002;
    lost = lost + (SELECT count(*) FROM fdw_write.kv WHERE id = 1002);
  END LOOP;
  RAISE WARNING 'DELETE after INSERT: % lost', lost;
  lost = 0;
  FOR i IN 1 .. 100 LOOP
    DELETE FROM fdw_write.narrow WHERE k = 'f';
    PERFORM cassandra_execute('write_server',
      'INSERT INTO fdw_write.narrow (k) VALUES (''f'') IF NOT EXISTS');
    lost = lost + 1 - (SELECT count(*) FROM fdw_write.narrow WHERE k = 'f');
  END LOOP;
  RAISE WARNING 'cassandra_execute() after DELETE: % lost', lost;
END $$;
-- by the servers' times, too
ALTER FOREIGN TABLE kv OPTIONS (ADD timestamps 'server', DROP conditional_writes);
DO $$
DECLARE lost int = 0; n int;
BEGIN
  FOR i IN 1 .. 100 LOOP
    DELETE FROM fdw_write.kv WHERE id = 1003;
    INSERT INTO fdw_write.kv (id, v) VALUES (1003, 'x') ON CONFLICT DO NOTHING;
    SELECT count(*) INTO n FROM fdw_write.kv WHERE id = 1003;
    lost = lost + 1 - n;
  END LOOP;
  RAISE WARNING 'by the servers'' times: % lost', lost;
END $$;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
