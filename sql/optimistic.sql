-- What WHERE asks by equality of columns outside of the key goes with
-- conditional writes.
\i test/cql/write_setup.sql
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/optimistic.cql
IMPORT FOREIGN SCHEMA fdw_write LIMIT TO (lk, one)
  FROM SERVER write_server INTO fdw_write;
ALTER FOREIGN TABLE lk OPTIONS (ADD conditional_writes 'true');
ALTER FOREIGN TABLE one OPTIONS (ADD conditional_writes 'true');
CREATE FUNCTION affected(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN EXECUTE statement; GET DIAGNOSTICS n = ROW_COUNT; RETURN n; END $$;
-- how it writes, and whether it reads before
CREATE FUNCTION how(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text; cql text; found text = 'nothing read';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
    IF cql IS NULL AND line ~ 'CQL:' THEN
      cql = substring(line FROM '( IF .*)$');
    ELSIF line ~ 'CQL:|Found By' THEN
      found = 'reads ' || substring(line FROM 'SELECT (.*) FROM');
    END IF;
  END LOOP;
  RETURN NEXT coalesce(cql, ' no condition') || ', ' || found;
END $$;

-- reads nothing
SELECT how('UPDATE one SET v = ''b'', version = 2 WHERE id = 1 AND version = 1');
SELECT how('DELETE FROM one WHERE id = 1 AND version = 1 AND v = ''b''');
SELECT how('UPDATE one SET v = ''b'' WHERE id IN (1, 2) AND version = 1');
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND ok');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND ok = false');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND s = 1 AND version = 1');
-- reads, and compares with what it read
SELECT how('UPDATE one SET version = version + 1 WHERE id = 1 AND version = 1');
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1 AND version = 1 RETURNING v');
SELECT how('DELETE FROM one WHERE id = 1 AND version = 1 RETURNING v');
SELECT how('DELETE FROM one WHERE version = 1');
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1 AND version > 1 AND v = ''a''');
SELECT how('UPDATE one SET v = ''b'' FROM generate_series(1, 2) g
  WHERE id = g AND version = g');
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1 AND version = 1 AND version = random()');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND version = 1::bigint');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND f = 1.5');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND d = 1.50');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND d = 1.50 RETURNING v');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND tags = ''{a}''');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND version = 1 AND v IS NULL');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND version = 1
  AND v IS NOT DISTINCT FROM NULL::text AND NOT ok');
-- no equality, or none that keeps a row from being made
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1 AND version > 1');
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1 AND version IN (1, 2)');
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1 AND version = length(v)');
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1 AND (version = 1 OR v = ''a'')');
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1 AND v IS NULL');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND s = 1');
SELECT how('DELETE FROM lk WHERE k = 1 AND c = 1 AND s = 1');
SELECT how('UPDATE lk SET v = ''b'' WHERE k = 1 AND c = 1 AND t = ''01:02:03'' RETURNING v');

-- what they do
INSERT INTO one (id, version, v) VALUES (1, 1, 'a'), (2, 1, 'a'), (3, 5, 'a'),
  (4, NULL, 'a');
SELECT affected('UPDATE one SET v = ''b'', version = 2 WHERE id = 1 AND version = 1');
SELECT affected('UPDATE one SET v = ''c'', version = 2 WHERE id = 1 AND version = 1');
SELECT affected('UPDATE one SET version = version + 1 WHERE id = 1 AND version = 2');
SELECT affected('UPDATE one SET version = version + 1 WHERE id = 1 AND version = 2');
SELECT affected('UPDATE one SET v = ''d'' WHERE id IN (1, 2, 3, 9) AND version = 1');
SELECT affected('UPDATE one SET v = ''x'' WHERE id = 9 AND version = 1');
SELECT affected('UPDATE one SET v = ''x'' WHERE id = 9 AND v IS NULL');
SELECT affected('UPDATE one SET v = ''x'' WHERE id = 4 AND version = NULL');
SELECT affected('UPDATE one SET v = ''x'' WHERE id = 4 AND version IS NULL');
SELECT affected('UPDATE one SET v = ''y'' WHERE id = 4 AND version IS NULL AND v = ''x''');
SELECT affected('DELETE FROM one WHERE id = 3 AND version = 4');
SELECT affected('DELETE FROM one WHERE id = 3 AND version = 5');
UPDATE one SET v = 'r' WHERE id = 1 AND version = 3 RETURNING *;
UPDATE one SET v = 'r' WHERE id = 1 AND version = 2 RETURNING *;
DELETE FROM one WHERE id = 2 AND v = 'd' RETURNING *;
SELECT * FROM one ORDER BY id;
-- with parameters: NULL finds nothing
PREPARE u (text, int, bigint) AS
  UPDATE one SET v = $1 WHERE id = $2 AND version = $3;
EXECUTE u ('p', 1, 3);
EXECUTE u ('q', 1, 2);
EXECUTE u ('q', 1, NULL);
SET plan_cache_mode = force_generic_plan;
EXECUTE u ('g', 1, 3);
RESET plan_cache_mode;
SELECT * FROM one WHERE id = 1;

-- values that compare otherwise in CQL, or that read as others
INSERT INTO lk (k, c, version, f, d, at, t) VALUES
  (1, 1, 1, 0, 1.5, '2025-01-01', '01:02:03'),
  (1, 2, 1, '-0', 1.500, '2025-01-01', '01:02:03'),
  (1, 3, 1, 'NaN', 1E3, NULL, NULL);
SELECT affected('UPDATE lk SET v = ''f'' WHERE k = 1 AND c IN (1, 2) AND f = 0');
SELECT affected('UPDATE lk SET v = ''n'' WHERE k = 1 AND c = 3 AND f = ''NaN''');
SELECT affected('UPDATE lk SET v = ''d'' WHERE k = 1 AND d = 1.50');
SELECT affected('UPDATE lk SET v = ''e'' WHERE k = 1 AND d = 1000');
WITH u AS (UPDATE lk SET v = 'f' WHERE k = 1 AND f = 0 RETURNING c)
  SELECT count(*) FROM u;
WITH u AS (UPDATE lk SET v = 'd' WHERE k = 1 AND d = 1.5 RETURNING c)
  SELECT count(*) FROM u;
WITH u AS (UPDATE lk SET v = 'a' WHERE k = 1 AND at = '2025-01-01' RETURNING c)
  SELECT count(*) FROM u;
SELECT affected('UPDATE lk SET v = ''t'' WHERE k = 1 AND t = ''01:02:03''');
SELECT c, v FROM lk WHERE k = 1 ORDER BY c;

-- static columns: written once a partition, but all its rows count
SELECT affected('UPDATE lk SET s = 1 WHERE k = 1');
SELECT how('UPDATE lk SET s = s + 1 WHERE k = 1 AND s = 1');
SELECT affected('UPDATE lk SET s = s + 1 WHERE k = 1 AND s = 1');
SELECT affected('UPDATE lk SET s = s + 1 WHERE k = 1 AND s = 1');
SELECT affected('UPDATE lk SET v = ''s'' WHERE k = 1 AND s = 2 AND version = 1');
SELECT affected('UPDATE lk SET v = ''none'' WHERE k = 1 AND c = 9 AND s = 2');
SELECT affected('DELETE FROM lk WHERE k = 1 AND c = 9 AND s = 2');
UPDATE lk SET s = s + 1, v = 'x' WHERE k = 1;
UPDATE lk SET s = 3, v = 'x' WHERE k = 1 AND s = 2;
SELECT affected('UPDATE lk SET s = 3, v = ''y'' WHERE k = 1');
SELECT c, s, v FROM lk WHERE k = 1 ORDER BY c;

-- triggers, children of a parent
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$;
CREATE TRIGGER nothing BEFORE UPDATE OR DELETE ON one FOR EACH ROW
  EXECUTE FUNCTION nothing();
SELECT how('UPDATE one SET v = ''b'' WHERE id = 1 AND version = 3');
SELECT affected('UPDATE one SET v = ''b'' WHERE id = 1 AND version = 3');
SELECT affected('DELETE FROM one WHERE id = 1 AND version = 2');
DROP TRIGGER nothing ON one;
CREATE TABLE parent (ident int, v text, version bigint) PARTITION BY RANGE (ident);
CREATE TABLE middle PARTITION OF parent FOR VALUES FROM (1) TO (200)
  PARTITION BY RANGE (ident);
CREATE FOREIGN TABLE part PARTITION OF middle FOR VALUES FROM (1) TO (100)
  SERVER write_server
  OPTIONS (keyspace 'fdw_write', table_name 'one', conditional_writes 'true');
ALTER FOREIGN TABLE part ALTER ident OPTIONS (ADD column_name 'id');
SELECT how('UPDATE parent SET v = ''b'' WHERE ident = 1 AND version = 3');
SELECT how('UPDATE parent SET v = ''b'' WHERE ident < 5 AND version = 3 RETURNING v');
SELECT affected('UPDATE parent SET v = ''p'' WHERE ident = 1 AND version = 3');
SELECT affected('DELETE FROM parent WHERE ident = 1 AND version = 2');
SELECT * FROM parent ORDER BY ident;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
