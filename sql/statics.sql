-- UPDATE of static columns: they are one value of a partition, whose rows
-- come one after the other, page by page.
\i test/cql/write_setup.sql
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/statics.cql
IMPORT FOREIGN SCHEMA fdw_write LIMIT TO (sc, st)
  FROM SERVER write_server INTO fdw_write;
ALTER FOREIGN TABLE sc OPTIONS (ADD fetch_size '10');
ALTER FOREIGN TABLE st OPTIONS (ADD fetch_size '10');

-- counters are added to once a partition
INSERT INTO sc (k, c, n) SELECT k, c, 1
  FROM generate_series(1, 3) k, generate_series(1, 40) c;
INSERT INTO sc (k, c, sn) VALUES (1, 1, 12), (2, 1, 22);
UPDATE sc SET sn = sn + 1 WHERE k = 1;
SELECT DISTINCT k, sn FROM sc ORDER BY k;
UPDATE sc SET sn = sn + 1;
SELECT DISTINCT k, sn FROM sc ORDER BY k;
UPDATE sc SET sn = sn + 100, n = n + c WHERE k = 2;
SELECT DISTINCT k, sn FROM sc ORDER BY k;
SELECT k, count(*), sum(n), sum(c) FROM sc GROUP BY k ORDER BY k;
UPDATE sc SET sn = sn - g FROM generate_series(1, 1) g WHERE k = 2 AND c > 30;
UPDATE sc SET sn = sn + 1000 WHERE k = 3 AND c = 5 RETURNING c, sn;
SELECT DISTINCT k, sn FROM sc ORDER BY k;
-- a partition without rows
SELECT cassandra_execute('write_server', 'UPDATE fdw_write.sc SET sn = sn + 1 WHERE k = 4');
UPDATE sc SET sn = sn + 1 WHERE k = 4;
SELECT * FROM sc WHERE k = 4;

-- others are set to what the statement's own reading gives
INSERT INTO st (k, c, v) SELECT 1, c, c FROM generate_series(1, 40) c;
INSERT INTO st (k, s, l) VALUES (1, 5, '{a}');
UPDATE st SET s = s + 1, l = l || 'b'::text WHERE k = 1;
SELECT DISTINCT k, s, l FROM st;
UPDATE st SET s = 7, v = v + 1000 WHERE k = 1 AND s = 6;
SELECT s, count(*), min(v), max(v) FROM st WHERE k = 1 GROUP BY s;
UPDATE st SET s = s + 1, v = v - 1000 WHERE k = 1 RETURNING c > 39 AS last, s
  \g (format=unaligned) | tail -n 2
SELECT s, count(*), min(v), max(v) FROM st WHERE k = 1 GROUP BY s;
-- by a trigger
CREATE FUNCTION add_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.s = NEW.s + 1; RETURN NEW; END $$;
CREATE TRIGGER add_one BEFORE UPDATE ON st FOR EACH ROW
  EXECUTE FUNCTION add_one();
UPDATE st SET v = v WHERE k = 1;
SELECT DISTINCT s FROM st;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
