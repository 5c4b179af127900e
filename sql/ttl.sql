-- Time to live and write times: the table's option, columns of a row.
\i test/cql/write_setup.sql
CREATE FOREIGN TABLE timed (id int, v text, n bigint,
    life int OPTIONS (expression 'ttl(v)', using 'ttl'),
    wrote bigint OPTIONS (expression 'writetime(v)', using 'timestamp'),
    n_life int OPTIONS (expression 'ttl(n)'))
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');

EXPLAIN (VERBOSE, COSTS OFF) INSERT INTO timed (id, v, life) VALUES (1, 'x', 9);
INSERT INTO timed (id, v, life, wrote) VALUES
  (1, 'a day', 86400, 1000), (2, 'for ever', 0, NULL), (3, 'default', NULL, 5);
SELECT id, v, life BETWEEN 86000 AND 86400 AS day,
  wrote < 1000000 AS old FROM timed ORDER BY id;

-- an older write loses, a newer one wins
INSERT INTO timed (id, v, wrote) VALUES (1, 'older', 999);
SELECT v FROM timed WHERE id = 1;
INSERT INTO timed (id, v, wrote) VALUES (1, 'newer', 1001);
SELECT v, life, wrote FROM timed WHERE id = 1;

-- UPDATE
EXPLAIN (VERBOSE, COSTS OFF) UPDATE timed SET v = 'y' WHERE id = 2;
UPDATE timed SET v = 'y' WHERE id = 2;
SELECT v, life FROM timed WHERE id = 2;
UPDATE timed SET v = 'z', life = 3600 WHERE id = 2;
SELECT v, life BETWEEN 3500 AND 3600 AS hour FROM timed WHERE id = 2;
UPDATE timed SET life = 3600 WHERE id = 2;
UPDATE timed SET n_life = 3 WHERE id = 2;

-- a row that ends
INSERT INTO timed (id, v, life) VALUES (9, 'brief', 4);
SELECT count(*) FROM timed WHERE id = 9;
DO $$
BEGIN
  FOR i IN 1 .. 100 LOOP
    EXIT WHEN NOT EXISTS (SELECT FROM timed WHERE id = 9);
    PERFORM pg_sleep(0.2);
  END LOOP;
END $$;
SELECT count(*) FROM timed WHERE id = 9;

-- the option of the table
ALTER FOREIGN TABLE kv OPTIONS (ADD ttl '86400');
INSERT INTO kv VALUES (10, 1, 'x');
UPDATE kv SET n = 2 WHERE id = 2;
SELECT id, life > 86000 AS life, n_life > 86000 AS n_life
  FROM timed WHERE id IN (2, 10) ORDER BY id;
ALTER FOREIGN TABLE timed OPTIONS (ADD ttl '5000');
INSERT INTO timed (id, v, n, life) VALUES (11, 'own', 1, 86400),
  (12, 'option', 1, NULL);
SELECT id, life > 86000 AS own, life BETWEEN 4900 AND 5000 AS option
  FROM timed WHERE id IN (11, 12) ORDER BY id;

-- what it cannot be
INSERT INTO timed (id, v, life) VALUES (20, 'x', -1);
INSERT INTO timed (id, v, life) VALUES (20, 'x', 630720001);
INSERT INTO timed (id, v, wrote) VALUES (1, 'x', 5) ON CONFLICT DO NOTHING;
INSERT INTO timed (id, n_life) VALUES (20, 7);
CREATE FOREIGN TABLE timed2 (id int, v text,
    life bigint OPTIONS (using 'ttl'),
    wrote timestamptz OPTIONS (using 'timestamp'))
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
INSERT INTO timed2 VALUES (30, 'x', 86400, '2020-01-01Z');
SELECT id, life, wrote FROM timed2 WHERE id = 30;
SELECT life > 86000 AS life, wrote FROM timed WHERE id = 30;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
