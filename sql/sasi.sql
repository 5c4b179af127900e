-- SASI indexes: LIKE and comparisons, and what their analyzers make of words.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/sasi.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER sasi_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', sasi_like 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER sasi_server;
CREATE SCHEMA fdw_sasi;
IMPORT FOREIGN SCHEMA fdw_sasi FROM SERVER sasi_server INTO fdw_sasi;
SET search_path = fdw_sasi, public;
SET timezone = 'UTC';
CREATE TABLE copy AS SELECT * FROM words;

-- what is asked, the rows found, and whether those are what a copy gives
CREATE FUNCTION ask(condition text) RETURNS TABLE (asked text, ids int[], same bool)
LANGUAGE plpgsql AS $$
DECLARE line text; of_copy int[];
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) SELECT id FROM words WHERE ' || condition LOOP
    IF line ~ 'CQL' THEN
      asked := coalesce(substring(line FROM 'WHERE.*'), 'all');
    END IF;
  END LOOP;
  EXECUTE 'SELECT array_agg(id ORDER BY id) FROM words WHERE ' || condition INTO ids;
  EXECUTE 'SELECT array_agg(id ORDER BY id) FROM copy WHERE ' || condition INTO of_copy;
  same := ids IS NOT DISTINCT FROM of_copy;
  RETURN NEXT;
END $$;

-- LIKE by an index of prefixes, and by one of all parts
SELECT c, (ask(c)).* FROM unnest(ARRAY[
  $$prefix LIKE 'wa%'$$, $$prefix LIKE 'Wa%'$$, $$prefix LIKE '%water'$$,
  $$prefix LIKE '%ate%'$$, $$prefix LIKE 'w%r'$$, $$prefix LIKE 'wa_er%'$$,
  $$prefix LIKE 'wa\%er\_'$$, $$prefix LIKE 'wa\%%'$$, $$prefix LIKE '%'$$,
  $$prefix LIKE ''$$, $$prefix LIKE 'water'$$, $$prefix LIKE 'grö%'$$,
  $$prefix NOT LIKE 'wa%'$$, $$prefix ILIKE 'wa%'$$, $$prefix ^@ 'wa'$$]) c;
SELECT c, (ask(c)).* FROM unnest(ARRAY[
  $$middle LIKE 'wa%'$$, $$middle LIKE '%water'$$, $$middle LIKE '%ate%'$$,
  $$middle LIKE '%ö%'$$, $$middle LIKE '%wa%er%'$$, $$middle = 'water'$$]) c;

-- words that are folded or cut into tokens: never trusted for equality
SELECT c, (ask(c)).* FROM unnest(ARRAY[
  $$folded LIKE 'wa%'$$, $$folded LIKE 'WA%'$$, $$folded = 'water'$$,
  $$tokens LIKE '%run%'$$, $$tokens LIKE '%running%'$$, $$tokens LIKE 'The%'$$,
  $$tokens LIKE '%unning%'$$, $$tokens LIKE '%ing wat%'$$,
  $$tokens LIKE '%waters%'$$, $$tokens LIKE '%he%'$$, $$tokens LIKE '%e r%'$$,
  $$tokens = 'running water'$$, $$tokens = 'water'$$]) c;

-- comparisons
SELECT c, (ask(c)).* FROM unnest(ARRAY[
  $$prefix = 'water'$$, $$prefix > 'w'$$, $$prefix = ''$$,
  $$n = 3$$, $$n > 2 AND n <= 4$$, $$n IN (1, 5)$$, $$n < 3$$,
  $$at >= '2026-01-03'$$, $$at = '2026-01-02'$$,
  $$at > '2026-01-01' AND at < '2026-01-04' AND n > 2$$,
  $$prefix LIKE 'wa%' AND n > 1$$, $$n > 3 AND plain = 'größer'$$,
  $$id = 2 AND prefix LIKE 'wa%'$$, $$id IN (1, 2, 3) AND n >= 2$$]) c;

-- parameters
PREPARE find (text) AS SELECT id FROM words WHERE prefix LIKE $1 ORDER BY id;
EXECUTE find ('wa%');
SET plan_cache_mode = force_generic_plan;
EXECUTE find ('wa%');
EXECUTE find ('%ter');
EXECUTE find (NULL);
RESET plan_cache_mode;

-- by default LIKE is PostgreSQL's: the index leaves out long values
ALTER SERVER sasi_server OPTIONS (SET sasi_like 'false');
SELECT c, (ask(c)).* FROM unnest(ARRAY[
  $$prefix LIKE 'wa%'$$, $$middle LIKE '%water'$$, $$prefix LIKE 'water'$$,
  $$prefix LIKE 'wa%' AND n > 1$$]) c;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM words WHERE prefix LIKE 'wa%';
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM words WHERE prefix > 'wa';

DROP SERVER sasi_server CASCADE;
DROP SCHEMA fdw_sasi CASCADE;
