-- Values that are longer than a key, or than what older indexes hold.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/big_keys.cql
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER big_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER big_server;
CREATE SCHEMA fdw_big_keys;
IMPORT FOREIGN SCHEMA fdw_big_keys FROM SERVER big_server INTO fdw_big_keys;
SET search_path = fdw_big_keys, public;

CREATE TABLE one_copy (LIKE one);
CREATE TABLE two_copy (LIKE two);
INSERT INTO one_copy VALUES ('k', 'c', 1), ('k', 'd', 2), (repeat('k', 65535), 'c', 3),
  ('k', repeat('c', 65535), 4);
INSERT INTO two_copy VALUES ('a', 'b', 'c', 'd', 1), (repeat('a', 32764), repeat('b', 32765), 'c', 'd', 4);
INSERT INTO one SELECT * FROM one_copy;
INSERT INTO two SELECT * FROM two_copy;
INSERT INTO bytes VALUES ('\x01', 1);
INSERT INTO bytes VALUES (decode(repeat('ab', 65535), 'hex'), 2);

-- the rows found, and whether a copy gives the same
CREATE FUNCTION ask(relation text, condition text) RETURNS TABLE (vs int[], same bool)
LANGUAGE plpgsql AS $$
DECLARE of_copy int[];
BEGIN
  EXECUTE format('SELECT array_agg(v ORDER BY v) FROM %I WHERE %s', relation, condition) INTO vs;
  EXECUTE format('SELECT array_agg(v ORDER BY v) FROM %I_copy WHERE %s', relation, condition) INTO of_copy;
  same := vs IS NOT DISTINCT FROM of_copy;
  RETURN NEXT;
END $$;

SELECT c, (ask('one', c)).* FROM unnest(ARRAY[
  $$k = repeat('k', 65535)$$, $$k = repeat('k', 65536)$$, $$k = repeat('k', 70000)$$,
  $$k IN ('k', repeat('k', 70000))$$, $$k = ANY (ARRAY[repeat('k', 70000), repeat('k', 65535)])$$,
  $$k = repeat('k', 70000) OR k = 'k'$$,
  $$k = 'k' AND c = repeat('c', 65535)$$, $$k = 'k' AND c = repeat('c', 65536)$$,
  $$k = 'k' AND c IN ('c', repeat('c', 65536))$$, $$k = 'k' AND c > repeat('c', 65536)$$,
  $$k = 'k' AND c <= repeat('c', 70000)$$,
  $$(k, c) IN (('k', 'c'), ('k', repeat('c', 65536)), (repeat('k', 65536), 'c'))$$]) c;
SELECT c, (ask('two', c)).* FROM unnest(ARRAY[
  $$a = repeat('a', 65528) AND b = 'b'$$, $$a = repeat('a', 65529) AND b = 'b'$$,
  $$a = repeat('a', 65529) AND b = ''$$, $$a = repeat('a', 65530) AND b = ''$$,
  $$a = repeat('a', 32764) AND b = repeat('b', 32765)$$,
  $$a = repeat('a', 32765) AND b = repeat('b', 32765)$$,
  $$a = repeat('a', 70000) AND b = 'b'$$,
  $$a IN ('a', repeat('a', 65529)) AND b IN ('b', '', repeat('b', 70000))$$,
  $$(a, b) IN (('a', 'b'), (repeat('a', 65529), 'b'))$$,
  $$a = 'a' AND b = 'b' AND c = repeat('c', 40000) AND d = repeat('d', 40000)$$,
  $$a = 'a' AND b = 'b' AND (c, d) > (repeat('b', 65536), repeat('d', 65536))$$]) c;
SELECT v FROM bytes WHERE k IN ('\x01', decode(repeat('ab', 65535), 'hex'), decode(repeat('ab', 65536), 'hex')) ORDER BY v;
-- no request for what cannot be there
CREATE FUNCTION requests_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
    IF line ~ 'Requests' THEN
      RETURN NEXT trim(line);
    END IF;
  END LOOP;
END $$;
SELECT requests_of($$SELECT v FROM one WHERE k = repeat('k', 65536)$$);
DROP FUNCTION requests_of;
SELECT count(*) FROM one WHERE k = repeat('k', 65536);
SELECT k, v FROM one WHERE k IN ('k', repeat('k', 65536)) AND c < 'd' ORDER BY c LIMIT 1;

-- one long local value does not spoil a join
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
SELECT one.v FROM (VALUES ('k'), (repeat('k', 70000))) o (k) JOIN one ON one.k = o.k AND one.c = 'c';
SELECT one.v FROM one WHERE k = ANY (ARRAY(SELECT o.k FROM (VALUES ('k'), (repeat('k', 70000))) o (k))) AND c = 'c';
SELECT two.v FROM (VALUES ('a', 'b'), (repeat('a', 40000), repeat('b', 40000))) o (a, b) JOIN two ON two.a = o.a AND two.b = o.b;
RESET ALL;
SET search_path = fdw_big_keys, public;

-- writes
UPDATE one SET v = 9 WHERE k = repeat('k', 65536);
UPDATE one SET v = 9 WHERE k = repeat('k', 65536) AND c = 'c';
UPDATE one SET v = 9 WHERE k = 'k' AND c = repeat('c', 65536);
DELETE FROM one WHERE k = repeat('k', 65536);
DELETE FROM one WHERE k IN (repeat('k', 65536), 'none');
DELETE FROM one WHERE k = 'k' AND c = repeat('c', 65536);
DELETE FROM one WHERE k = 'k' AND c > repeat('e', 65536);
DELETE FROM two WHERE a = repeat('a', 40000) AND b = repeat('b', 40000);
SELECT length(k) AS k, length(c) AS c, v FROM one ORDER BY v;
ALTER SERVER big_server OPTIONS (ADD conditional_writes 'true');
UPDATE one SET v = 9 WHERE k = repeat('k', 65536) AND c = 'c';
DELETE FROM one WHERE k = repeat('k', 65536) AND c = 'c';
DELETE FROM two WHERE a = repeat('a', 40000) AND b = repeat('b', 40000) AND c = 'c' AND d = 'd';
ALTER SERVER big_server OPTIONS (DROP conditional_writes);
\set VERBOSITY terse
INSERT INTO one (k, c, v) VALUES (repeat('k', 65536), 'c', 1);
\set VERBOSITY default

-- legacy indexes take no value of 65,535 bytes
INSERT INTO legacy (k, v, m, l) SELECT n, repeat('x', n), jsonb_build_object('k', repeat('x', n)), ARRAY['t', repeat('x', n)]
  FROM unnest('{1,65000}'::int[]) n;
CREATE FUNCTION keys(condition text) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE ks int[];
BEGIN
  EXECUTE 'SELECT array_agg(k ORDER BY k) FROM legacy WHERE ' || condition INTO ks;
  RETURN ks;
END $$;
SELECT n, c, keys(format(c, n)) FROM unnest('{1,65000,65535,70000}'::int[]) n, unnest(ARRAY[
  $$v = repeat('x', %s)$$, $$m ->> 'k' = repeat('x', %s)$$, $$l @> ARRAY[repeat('x', %s)]$$,
  $$v IN ('x', repeat('x', %s))$$]) c;

-- SASI
INSERT INTO sasi (k, v, n, b) SELECT n, repeat('y', n), 10::numeric ^ n, decode(repeat('79', n), 'hex')
  FROM unnest('{1,1000,1022,1023,1024,1025,9000}'::int[]) n;
SELECT o, k FROM unnest('{1022,1023,1024,9000}'::int[]) o
  JOIN sasi ON v = repeat('y', o) ORDER BY o;
SELECT k FROM sasi WHERE v = repeat('y', 1023);
SELECT k FROM sasi WHERE v = repeat('y', 1024);
SELECT k FROM sasi WHERE b = decode(repeat('79', 1024), 'hex');
SELECT k FROM sasi WHERE v LIKE 'y%' ORDER BY k;
SELECT k FROM sasi WHERE n > 5 ORDER BY k;
UPDATE sasi SET v = 'z' WHERE v LIKE 'yyyy%';
SELECT k, v FROM sasi ORDER BY k;

-- Boolean keys: true is every byte but zero
CREATE TABLE migrations_copy AS SELECT * FROM migrations;
CREATE FUNCTION cql(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) SELECT v FROM migrations WHERE ' || condition LOOP
    IF line ~ 'CQL' THEN RETURN coalesce(substring(line FROM 'WHERE.*'), 'all'); END IF;
  END LOOP;
END $$;
SELECT c, cql(c), (ask('migrations', c)).* FROM unnest(ARRAY[
  $$applied AND version = '1'$$, $$applied = true AND version IN ('1', '2')$$,
  $$NOT applied AND version = '1'$$, $$applied IS TRUE AND version = '2'$$,
  $$applied IN (true, false) AND version = '1'$$, $$applied IS NULL AND version = '1'$$,
  $$(applied, version) IN ((true, '1'), (false, '2'))$$, $$(applied, version) IN ((false, '1'), (false, '2'))$$,
  $$applied AND version = '1' AND n >= 1$$, $$applied$$]) c;
SELECT n, v FROM migrations WHERE applied AND version = '1' ORDER BY n DESC LIMIT 2;
SELECT count(*), max(n) FROM migrations WHERE applied AND version = '1';
SELECT n, count(*) FROM migrations WHERE applied AND version = '1' GROUP BY n ORDER BY n;
SELECT DISTINCT applied, version FROM migrations ORDER BY 1, 2;
SELECT o.b, m.n FROM (VALUES (true), (false), (NULL)) o (b) JOIN migrations m ON m.applied = o.b AND m.version = '1' ORDER BY 1, 2;
UPDATE migrations SET v = v + 10 WHERE applied AND version = '1';
ALTER SERVER big_server OPTIONS (ADD conditional_writes 'true');
UPDATE migrations SET v = 20 WHERE applied AND version = '1' AND n = 2;
DELETE FROM migrations WHERE applied AND version = '1' AND n = 2;
ALTER SERVER big_server OPTIONS (DROP conditional_writes);
DELETE FROM migrations WHERE NOT applied AND version = '1';
SELECT * FROM migrations ORDER BY n;
DELETE FROM migrations WHERE applied AND version = '1';
SELECT * FROM migrations ORDER BY n;

SET client_min_messages = error;
DROP SERVER big_server CASCADE;
DROP SCHEMA fdw_big_keys CASCADE;
