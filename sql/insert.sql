-- INSERT: values, selects, all types, NULL and what is not named, generated
-- columns, RETURNING, triggers, checked views, partitions.
\i test/cql/write_setup.sql

-- one row, several rows, the last of two with one key, selects
INSERT INTO kv (id, v, n) VALUES (1, 'one', 10);
INSERT INTO kv (id, v) VALUES (2, 'two'), (3, 'three'), (2, 'two again');
SELECT * FROM kv ORDER BY id;
INSERT INTO kv (id, n) SELECT g, g * 100 FROM generate_series(10, 5009) g;
SELECT count(*), count(v), sum(n) FROM kv WHERE id >= 10;

-- a statement that reads what it writes sees its table as it was
INSERT INTO kv (id, n) SELECT id + 1, n FROM kv WHERE id >= 5000;
SELECT id, n FROM kv WHERE id >= 5000 ORDER BY id;
INSERT INTO kv (id, n) SELECT id + 10000, n FROM kv;
SELECT count(*) FROM kv WHERE id > 10000;
INSERT INTO kv (id, n) SELECT id - 20000, n FROM kv_by_n WHERE n = 1000;
SELECT count(*) FROM kv WHERE id < 0;
TRUNCATE kv;

-- what is not named stays as it was; what is named NULL is written
INSERT INTO kv VALUES (1, 10, 'one');
INSERT INTO kv (id) VALUES (1);
SELECT * FROM kv;
INSERT INTO kv (id, v) VALUES (1, NULL);
SELECT * FROM kv;
ALTER FOREIGN TABLE kv OPTIONS (ADD write_nulls 'false');
INSERT INTO kv (id, n) VALUES (1, NULL);
SELECT * FROM kv;
ALTER FOREIGN TABLE kv OPTIONS (DROP write_nulls);
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "SELECT count(*) FROM fdw_write.kv WHERE n = 10 ALLOW FILTERING"

-- defaults, generated columns, identity
CREATE FOREIGN TABLE kv_made (id int DEFAULT 7, n bigint DEFAULT 70,
    v text GENERATED ALWAYS AS ('no. ' || id::text) STORED)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
INSERT INTO kv_made DEFAULT VALUES RETURNING *;
INSERT INTO kv_made (id, n) VALUES (8, DEFAULT), (9, NULL) RETURNING id, n, v;
SELECT * FROM kv WHERE id IN (7, 8, 9) ORDER BY id;

-- RETURNING: nothing, some, the row, tableoid, an expression
INSERT INTO kv (id, v) VALUES (20, 'x') RETURNING tableoid::regclass, id * 2;
INSERT INTO kv (id, v) VALUES (21, 'y') RETURNING kv;
WITH i AS (INSERT INTO kv (id, v) SELECT g, 'w' FROM generate_series(30, 32) g
    RETURNING id)
  SELECT sum(id) FROM i;

-- an error in what follows a row keeps that row from being sent
INSERT INTO kv (id, v) VALUES (40, 'z') RETURNING 1 / (id - 40);
SELECT count(*) FROM kv WHERE id = 40;
CREATE VIEW positive AS SELECT id, n FROM kv WHERE n > 0 WITH CHECK OPTION;
INSERT INTO positive VALUES (41, 1);
INSERT INTO positive VALUES (42, 0);
SELECT id FROM kv WHERE id IN (41, 42);

-- triggers
CREATE TABLE log (seq serial, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log (what) VALUES (concat_ws(' ', TG_WHEN, TG_OP, NEW.id,
    (SELECT count(*) FROM fdw_write.kv WHERE id BETWEEN 50 AND 53)));
  IF NEW.id = 51 THEN RETURN NULL; END IF;
  NEW.v = coalesce(NEW.v, 'from the trigger');
  RETURN NEW;
END $$;
CREATE TRIGGER before_row BEFORE INSERT ON kv FOR EACH ROW
  EXECUTE FUNCTION note();
CREATE TRIGGER after_row AFTER INSERT ON kv FOR EACH ROW
  EXECUTE FUNCTION note();
INSERT INTO kv (id, n) VALUES (50, 1), (51, 1), (52, 1);
SELECT what FROM log ORDER BY seq;
SELECT * FROM kv WHERE id BETWEEN 50 AND 52 ORDER BY id;
DROP TRIGGER before_row ON kv;
DROP TRIGGER after_row ON kv;

-- names that need quotes; only a key; static columns
INSERT INTO "MixedCase" VALUES ('k', 1);
SELECT * FROM "MixedCase";
INSERT INTO narrow VALUES ('a'), ('b');
SELECT * FROM narrow ORDER BY k;
INSERT INTO ts (dev, day, s) VALUES ('a', 1, 'alone');
INSERT INTO ts (dev, day, seq, v) SELECT 'b', 1, g, g FROM generate_series(1, 3) g;
INSERT INTO ts (dev, day, seq, s, v) VALUES ('b', 1, 4, 'shared', 4);
SELECT dev, seq, s, v FROM ts ORDER BY dev, seq;
INSERT INTO ts (dev, day) VALUES ('c', 1);
INSERT INTO ts (dev, day, s, v) VALUES ('c', 1, 's', 1);

-- every type
INSERT INTO every (id, a, b, bl, bo, d, de, dbl, du, f, i, ip, l, fl, m, s, si,
    ti, tm, tstamp, tu, tup, u, udt, vi)
  VALUES (1, 'ascii', -5, '\x00ff', true, '2026-02-03', 1.500, 1e300,
    '1 mon 2 days 3.000004 s', 0.1, -7, '::1', '{a,b,a}', '{3,1}',
    '{"k": 1, "j": 2}', '{3,1,2}', -2, -128, '01:02:03.000004',
    '2026-02-03 04:05:06.789Z', '5f0e9d5a-7b1e-11ee-b962-0242ac120002',
    '[1, "x"]', '12345678-1234-4234-8234-123456789abc',
    '{"street": "Main", "zip": 1}', 123456789012345678901234567890);
\x
SELECT * FROM every;
\x
INSERT INTO every (id, l, s, m) VALUES (2, '{}', '{}', '{}');
SELECT l, s, m FROM every WHERE id = 2;

-- partitions: routing, defaults of the parent, ON CONFLICT, moves
TRUNCATE kv;
CREATE TABLE parent (id int, n bigint DEFAULT 99, v text)
  PARTITION BY RANGE (id);
CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES FROM (100) TO (200)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
CREATE TABLE part_local PARTITION OF parent FOR VALUES FROM (200) TO (300);
INSERT INTO parent (id, v) VALUES (100, 'routed'), (200, 'local'), (101, 'r');
INSERT INTO parent (id, v) VALUES (100, 'not again') ON CONFLICT DO NOTHING;
SELECT tableoid::regclass, * FROM parent ORDER BY id;
INSERT INTO kv (id, n, v) VALUES (150, 1, 'was here');
UPDATE parent SET id = 150, v = NULL WHERE id = 200;
SELECT tableoid::regclass, * FROM parent WHERE id >= 150;

-- EXPLAIN
EXPLAIN (VERBOSE, COSTS OFF) INSERT INTO kv (id, v) VALUES (1, 'x');
EXPLAIN (VERBOSE, COSTS OFF)
  INSERT INTO kv (id, v) VALUES (1, 'x') ON CONFLICT DO NOTHING;
-- PostgreSQL 18 counts rows in hundredths
CREATE FUNCTION analyzed(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) '
    || query LOOP
    RETURN NEXT regexp_replace(line, '\.00 loops', ' loops');
  END LOOP;
END $$;
SELECT analyzed($$
  INSERT INTO ts (dev, day, seq, v) SELECT 'e', g / 100, g, g
    FROM generate_series(0, 999) g $$) AS "QUERY PLAN";
SELECT count(*), sum(v) FROM ts WHERE dev = 'e';

-- prepared statements and functions
PREPARE ins AS INSERT INTO kv (id, v) VALUES ($1, $2);
EXECUTE ins (300, 'p0');
EXECUTE ins (301, 'p1');
EXECUTE ins (302, 'p2');
EXECUTE ins (303, 'p3');
EXECUTE ins (304, 'p4');
EXECUTE ins (305, 'p5');
EXECUTE ins (306, 'p6');
SELECT count(*), min(v), max(v) FROM kv WHERE id BETWEEN 300 AND 306;
CREATE FUNCTION put_and_get(i int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r text;
BEGIN
  INSERT INTO fdw_write.kv (id, v) VALUES (i, 'value ' || i);
  SELECT v INTO r FROM fdw_write.kv WHERE id = i;
  RETURN r;
END $$;
SELECT put_and_get(400 + g) FROM generate_series(1, 2) g;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
