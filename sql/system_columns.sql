-- System columns: rows of Cassandra have none but tableoid, so that what looks
-- at them is an error, wherever it stands, and no row is touched.
\i test/cql/write_setup.sql
\set VERBOSITY terse
INSERT INTO kv SELECT i, i, 'v' || i FROM generate_series(1, 5) i;
INSERT INTO ts (dev, day, seq) SELECT 'a', 1, i FROM generate_series(1, 3) i;

-- the batch idioms of manuals
\set VERBOSITY default
WITH d AS (SELECT ctid FROM kv WHERE v >= 'v3' FOR UPDATE LIMIT 2)
  DELETE FROM kv USING d WHERE kv.ctid = d.ctid;
\set VERBOSITY terse
UPDATE kv SET v = 'all' WHERE ctid = (SELECT ctid FROM kv LIMIT 1);
DELETE FROM kv WHERE ctid = ANY (ARRAY(SELECT ctid FROM kv LIMIT 1));
DELETE FROM kv WHERE ctid IN (SELECT ctid FROM kv ORDER BY id LIMIT 1);
DELETE FROM kv a USING kv b WHERE a.ctid > b.ctid AND a.v = b.v;
DELETE FROM kv WHERE ctid <> '(0,1)' AND id = 1;
DELETE FROM kv WHERE id = 1 AND xmin::text <> '0';

-- every place of a query
SELECT ctid, id FROM kv;
SELECT xmin FROM kv;
SELECT cmin FROM kv;
SELECT xmax, cmax FROM kv WHERE id = 1;
SELECT id FROM kv WHERE ctid::text IS NULL;
SELECT id FROM kv WHERE ctid = '(0,1)' OR id = 1;
SELECT id FROM kv ORDER BY ctid;
SELECT count(ctid) FROM kv;
SELECT max(ctid), count(*) FROM kv GROUP BY xmin;
SELECT DISTINCT ON (ctid) id FROM kv;
SELECT row_number() OVER (ORDER BY ctid) FROM kv;
SELECT id FROM kv GROUP BY id HAVING count(cmax) > 1;
SELECT a.id FROM kv a JOIN kv b ON a.ctid = b.ctid;
SELECT a.id FROM kv a LEFT JOIN kv b ON a.id = b.id AND b.ctid < a.ctid;
SELECT g, x FROM generate_series(1, 2) g, LATERAL (SELECT kv.ctid AS x FROM kv
  WHERE kv.id = g) s;
SELECT g FROM kv, LATERAL (SELECT kv.ctid::text OFFSET 0) s (g);
SELECT (SELECT kv.ctid::text || g FROM generate_series(1, 1) g) FROM kv;
SELECT id FROM kv WHERE EXISTS (SELECT FROM ts WHERE seq = kv.id
  AND kv.ctid::text IS NOT NULL);
SELECT * FROM (SELECT ctid AS row FROM kv UNION ALL SELECT ctid FROM ts) s;
WITH c AS MATERIALIZED (SELECT ctid AS row, * FROM kv) SELECT * FROM c;
SELECT n FROM kv_by_n WHERE ctid::text IS NOT NULL;
SELECT hits FROM counts WHERE cmin::text IS NULL;
EXPLAIN SELECT ctid FROM kv;
PREPARE p (int) AS SELECT ctid FROM kv WHERE id = $1;
EXECUTE p (1);
COPY (SELECT ctid FROM kv) TO STDOUT;
CREATE VIEW with_ctid AS SELECT ctid AS row, id FROM kv;
SELECT * FROM with_ctid WHERE row IS NOT NULL;
SELECT id FROM with_ctid ORDER BY id LIMIT 1;
CREATE FUNCTION rows_of() RETURNS SETOF tid LANGUAGE sql STABLE
  AS 'SELECT ctid FROM kv';
SELECT count(*) FROM rows_of();
CREATE TABLE l AS SELECT 1 AS id, 'merged' AS v;
MERGE INTO l USING kv ON l.id = kv.id AND kv.ctid::text IS NOT NULL
  WHEN MATCHED THEN UPDATE SET v = kv.v;
MERGE INTO l USING kv ON l.id = kv.id
  WHEN MATCHED AND kv.xmin IS NOT NULL THEN UPDATE SET v = kv.ctid::text;
UPDATE l SET v = 'x' FROM kv WHERE kv.ctid = l.ctid;
INSERT INTO l SELECT id, ctid::text FROM kv;

-- what a statement gives back or sets
INSERT INTO kv VALUES (9, 9, 'nine') RETURNING ctid;
INSERT INTO kv VALUES (9, 9, 'nine') ON CONFLICT DO NOTHING RETURNING xmin;
UPDATE kv SET v = ctid::text WHERE id = 1;
UPDATE kv SET v = 'x' WHERE id = 1 RETURNING id, xmax;
DELETE FROM kv WHERE id = 1 RETURNING (SELECT kv.ctid);
WITH gone AS (DELETE FROM kv WHERE id = 1 RETURNING cmin) SELECT FROM gone;
CREATE VIEW checked AS SELECT * FROM kv WHERE ctid IS NOT NULL
  WITH CHECK OPTION;
INSERT INTO checked VALUES (9, 9, 'nine');
UPDATE checked SET v = 'x' WHERE id = 1;

-- conditions of triggers
SET client_min_messages = notice;
CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN RAISE NOTICE '% %', tg_name, tg_op; RETURN new; END $$;
CREATE TRIGGER told AFTER UPDATE ON kv FOR EACH ROW
  WHEN (old.ctid IS DISTINCT FROM new.ctid) EXECUTE FUNCTION told();
UPDATE kv SET v = 'x' WHERE id = 1;
INSERT INTO kv VALUES (6, 6, 'v6');
DROP TRIGGER told ON kv;
CREATE TRIGGER told AFTER INSERT ON kv FOR EACH ROW
  WHEN (new.xmin IS NOT NULL) EXECUTE FUNCTION told();
INSERT INTO kv VALUES (7, 7, 'v7');
COPY kv FROM STDIN;
7	7	v7
\.
DROP TRIGGER told ON kv;
SET client_min_messages = warning;
SELECT * FROM kv ORDER BY id;

-- tableoid and whole rows are as ever
SELECT tableoid::regclass, kv FROM kv WHERE id = 1;
SELECT kv FROM kv WHERE tableoid = 'kv'::regclass ORDER BY id LIMIT 1;
UPDATE kv SET v = tableoid::regclass || v WHERE id = 6
  RETURNING tableoid::regclass, kv;
DELETE FROM kv WHERE id = 6 RETURNING tableoid::regclass, kv;

-- parents: local children keep theirs, ours have none
CREATE TABLE parent (id int, n bigint, v text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES FROM (1) TO (21)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
CREATE TABLE part_local PARTITION OF parent FOR VALUES FROM (21) TO (100);
INSERT INTO part_local VALUES (21, 1, 'near'), (22, 2, 'near'), (23, 3, 'near');
SELECT ctid, id FROM parent WHERE id > 20 ORDER BY id;
SELECT ctid, id FROM parent WHERE id IN (1, 21);
SELECT id FROM parent WHERE ctid = '(0,1)';
DELETE FROM parent WHERE ctid IN (SELECT ctid FROM parent LIMIT 1);
DELETE FROM parent WHERE ctid = '(0,1)';
SELECT id FROM parent WHERE id IN (1, 21) ORDER BY id FOR UPDATE;
SELECT ctid, id FROM parent WHERE id IN (1, 21) ORDER BY id FOR UPDATE;
SELECT id FROM parent WHERE id IN (1, 21) ORDER BY ctid FOR UPDATE;
SELECT id FROM parent WHERE ctid::text IS NOT NULL FOR UPDATE;
SELECT p.id FROM parent p JOIN l ON p.ctid = l.ctid FOR UPDATE OF p;
UPDATE l SET v = p.v FROM parent p WHERE p.id = l.id RETURNING l.*;
UPDATE l SET v = p.v FROM parent p WHERE p.id = l.id RETURNING p.ctid;
MERGE INTO l USING parent p ON p.id = l.id
  WHEN MATCHED THEN UPDATE SET v = p.ctid::text;
MERGE INTO l USING parent p ON p.id = l.id
  WHEN MATCHED THEN UPDATE SET v = p.v;
TABLE l;
UPDATE parent SET v = 'set' WHERE id IN (2, 22) RETURNING tableoid::regclass, id;
UPDATE parent SET v = 'set' WHERE id IN (2, 22) RETURNING ctid, id;
DELETE FROM parent WHERE id IN (3, 23) RETURNING tableoid::regclass, *;
DELETE FROM parent WHERE id IN (2, 22) RETURNING ctid;
DELETE FROM parent WHERE id IN (4, 22);
INSERT INTO parent VALUES (10, 10, 'routed'), (30, 30, 'routed')
  RETURNING tableoid::regclass, id;
INSERT INTO parent VALUES (11, 11, 'routed') RETURNING xmin IS NOT NULL;
SELECT tableoid::regclass, * FROM parent ORDER BY id;
-- two of ours and a local one: what a DELETE gives back
SELECT cassandra_execute('write_server', 'CREATE TABLE fdw_write.other '
  '(id int PRIMARY KEY, n bigint, v text)');
CREATE FOREIGN TABLE part_other (v text, id int NOT NULL, n bigint)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'other');
ALTER TABLE parent ATTACH PARTITION part_other FOR VALUES FROM (100) TO (200);
INSERT INTO parent VALUES (12, 12, 'one'), (100, 100, 'other'),
  (101, 101, 'other'), (32, 32, 'near');
DELETE FROM parent WHERE id IN (12, 32, 100)
  RETURNING tableoid::regclass, parent, v;
SET client_min_messages = notice;
CREATE FUNCTION old_row() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN RAISE NOTICE '% % %', tg_relid::regclass, tg_op, old; RETURN old;
  END $$;
CREATE TRIGGER old_row AFTER DELETE OR UPDATE ON parent
  FOR EACH ROW EXECUTE FUNCTION old_row();
INSERT INTO parent VALUES (12, 12, 'one'), (32, 32, 'near');
UPDATE parent SET v = v || '!' WHERE id IN (12, 32, 101) RETURNING *;
DELETE FROM parent WHERE id IN (12, 101) RETURNING *;
DELETE FROM parent WHERE id IN (32, 103);
SET client_min_messages = warning;
DROP TRIGGER old_row ON parent;
CREATE TABLE base (id int, n bigint, v text);
CREATE FOREIGN TABLE child () INHERITS (base)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
INSERT INTO base VALUES (50, 5);
SELECT ctid FROM base;
SELECT ctid FROM ONLY base;
DELETE FROM base WHERE id IN (10, 50);
SELECT count(*) FROM base;
UPDATE base b SET v = 'x' FROM base s WHERE s.ctid = b.ctid;

-- through another wrapper, which tells rows by ctid
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
\getenv pghost PGHOST
\getenv pgport PGPORT
CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw
  OPTIONS (host :'pghost', port :'pgport', dbname :'DBNAME');
CREATE USER MAPPING FOR CURRENT_USER SERVER loopback;
CREATE SCHEMA via;
IMPORT FOREIGN SCHEMA fdw_write LIMIT TO (kv) FROM SERVER loopback INTO via;
SELECT * FROM via.kv WHERE id = 1;
DELETE FROM via.kv WHERE id = 5 AND random() >= 0;
UPDATE via.kv SET v = 'x' WHERE id = 5 AND random() >= 0;
INSERT INTO via.kv VALUES (8, 8, 'via');
UPDATE via.kv SET v = 'whole' WHERE id = 8;
DELETE FROM via.kv WHERE id = 5;
SELECT * FROM kv ORDER BY id;

DROP SCHEMA via CASCADE;
DROP SERVER loopback CASCADE;
DROP EXTENSION postgres_fdw;
DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
