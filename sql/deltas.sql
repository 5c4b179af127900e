-- UPDATEs that change collections in place.
\i test/cql/write_setup.sql
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/deltas.cql
CREATE EXTENSION IF NOT EXISTS hstore SCHEMA public;
IMPORT FOREIGN SCHEMA fdw_write LIMIT TO (coll) FROM SERVER write_server INTO fdw_write;
ALTER FOREIGN TABLE coll ALTER h TYPE public.hstore;
-- the CQL of an UPDATE, and what it reads
CREATE FUNCTION cql_of(assignments text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) UPDATE coll SET ' || assignments ||
    ' WHERE id = 1 AND c = 1'
  LOOP
    IF line ~ 'CQL|Found' THEN
      RETURN NEXT regexp_replace(trim(line), 'WHERE.*|fdw_write.', '', 'g');
    END IF;
  END LOOP;
END $$;
CREATE FUNCTION cells() RETURNS SETOF json LANGUAGE sql AS $$
  SELECT cassandra_query_json('write_server', 'SELECT tags, l, n, m, mi, h, f FROM fdw_write.coll WHERE id = 1 AND c = 1') $$;

-- sets and lists
SELECT cql_of('tags = tags || ARRAY[''x'']');
SELECT cql_of('tags = tags || ''x''::text');
SELECT cql_of('tags = ''x''::text || tags');
SELECT cql_of('tags = array_append(tags, ''x''), v = 1');
SELECT cql_of('tags = coalesce(tags, ''{}'') || ARRAY[''x'', ''y'']');
SELECT cql_of('tags = array_remove(tags, ''x'')');
SELECT cql_of('l = l || ARRAY[''x'']');
SELECT cql_of('l = ARRAY[''x''] || l');
SELECT cql_of('l = array_prepend(''x'', l)');
SELECT cql_of('l = array_remove(l, ''x''), n = n || 1');
SELECT cql_of('n = n || v, v = v + 1');
SELECT cql_of('dec = dec || 1.0');
-- maps
SELECT cql_of('m = coalesce(m, ''{}'') || ''{"k": 1}''');
SELECT cql_of('m = m - ''k''');
SELECT cql_of('m = coalesce(m, ''{}'') - ''{k,l}''::text[]');
SELECT cql_of('mi = coalesce(mi, ''{}'') || jsonb_build_object(v, ''x'')');
SELECT cql_of('h = coalesce(h, '''') || ''k=>1''');
SELECT cql_of('h = h - ''k''::text, m = m - ''k''');
-- written whole: NULL || map is NULL; keys that are no text; elements that
-- are equal in several forms; frozen collections; static columns; others'
-- elements; other functions
SELECT cql_of('m = m || ''{"k": 1}''');
SELECT cql_of('mi = mi - ''1''');
SELECT cql_of('dec = array_remove(dec, 1.0)');
SELECT cql_of('f = f || ''x''::text');
SELECT cql_of('st = st || ''x''::text');
SELECT cql_of('l = tags || ''x''::text');
SELECT cql_of('l = array_replace(l, ''x'', ''y'')');
SELECT cql_of('l = l[2:3]');

-- what becomes of them: first where there is nothing, then in turn
INSERT INTO coll (id, c) VALUES (1, 1);
UPDATE coll SET tags = tags || '{b,a,b}'::text[], l = l || '{b,a,b}'::text[], n = 7 || n,
  m = coalesce(m, '{}') || '{"b": 1, "a": 2}', mi = coalesce(mi, '{}') || '{"2": "x", "-1": ""}',
  h = coalesce(h, '') || 'a=>1, b=>2' WHERE id = 1 AND c = 1;
SELECT cells();
UPDATE coll SET tags = ARRAY['a', ''] || tags, l = '{0,1}'::text[] || l, n = n || '{8,9,7}'::int[],
  m = coalesce(m, '{}') || '{"b": 3, "é": 4}', h = h - 'a'::text WHERE id = 1 AND c = 1;
SELECT cells();
UPDATE coll SET tags = array_remove(tags, 'a'), l = array_remove(l, 'b'), n = array_remove(n, 7),
  m = m - 'é', mi = coalesce(mi, '{}') || '{"2": "y"}', h = h - '{b,none}'::text[] WHERE id = 1 AND c = 1;
SELECT cells();
-- nothing to add or remove: nothing changes
UPDATE coll SET tags = tags || NULL::text[], l = l || '{}'::text[], n = array_remove(n, NULL),
  m = coalesce(m, '{}') || '{}', h = h - '{}'::text[] WHERE id = 1 AND c = 1;
UPDATE coll SET tags = array_remove(tags, 'none'), l = array_remove(l, 'none'), n = array_remove(n, 100),
  m = m - 'none' WHERE id = 1 AND c = 1;
SELECT cells();
-- NULL makes a map NULL, as SQL has it
PREPARE change (jsonb, text) AS UPDATE coll SET m = coalesce(m, '{}') || $1, tags = tags || $2 WHERE id = 1 AND c = 1;
EXECUTE change ('{"z": 1}', 'p');
SELECT m, tags FROM coll;
EXECUTE change (NULL, 'q');
SELECT m, tags FROM coll;
UPDATE coll SET m = '{"a": 1}' WHERE id = 1 AND c = 1;
UPDATE coll SET m = m - NULL::text WHERE id = 1 AND c = 1;
SELECT m, tags FROM coll;
-- all elements removed: NULL; a whole value and elements after one another
UPDATE coll SET l = '{x,x}' WHERE id = 1 AND c = 1;
UPDATE coll SET l = l || 'y'::text WHERE id = 1 AND c = 1;
UPDATE coll SET l = array_remove(l, 'x') WHERE id = 1 AND c = 1;
UPDATE coll SET l = array_remove(l, 'y'), n = '{1}' WHERE id = 1 AND c = 1;
SELECT l, n FROM coll;

-- many rows, in which the operand differs; conditions checked here
INSERT INTO coll (id, c, v, l, tags) SELECT 2, g, g, '{a}', '{a}' FROM generate_series(1, 500) g;
UPDATE coll SET l = l || v::text, tags = tags || v::text WHERE id = 2 AND v % 2 = 0;
SELECT count(*), count(*) FILTER (WHERE l = ARRAY['a', v::text] AND tags @> ARRAY['a', v::text]) FROM coll WHERE id = 2 AND v % 2 = 0;
SELECT count(*) FROM coll WHERE id = 2 AND v % 2 = 1 AND l = '{a}' AND tags = '{a}';
-- rows that are not there are not made
UPDATE coll SET tags = tags || 'x'::text WHERE id = 3 AND c IN (1, 2);
SELECT count(*) FROM coll WHERE id = 3;
-- others' elements stay, also those added after the row was read
CREATE FUNCTION meanwhile() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM cassandra_execute('write_server', 'UPDATE fdw_write.coll SET tags = tags + {''other''}, l = l + [''other''] WHERE id = 1 AND c = 1');
  RETURN 'mine';
END $$;
UPDATE coll SET tags = tags || meanwhile() WHERE id = 1 AND c = 1;
SELECT tags FROM coll WHERE id = 1;
UPDATE coll SET l = l || meanwhile() WHERE id = 1 AND c = 1;
SELECT l FROM coll WHERE id = 1;
-- no tombstone of the whole: the write time of the other elements stays
SELECT cassandra_execute('write_server', 'UPDATE fdw_write.coll USING TIMESTAMP 1000 SET m = m + {''old'': 1} WHERE id = 9 AND c = 9');
UPDATE coll SET m = coalesce(m, '{}') || '{"new": 2}' WHERE id = 9;
SELECT m FROM coll WHERE id = 9;
SELECT cassandra_execute('write_server', 'DELETE m[''old''] FROM fdw_write.coll USING TIMESTAMP 2000 WHERE id = 9 AND c = 9');
SELECT m FROM coll WHERE id = 9;

-- what cannot be stored is refused, in place or whole
UPDATE coll SET l = l || NULL::text WHERE id = 1 AND c = 1;
UPDATE coll SET m = coalesce(m, '{}') || '[1]' WHERE id = 1 AND c = 1;
UPDATE coll SET m = coalesce(m, '{}') || '1' WHERE id = 1 AND c = 1;
UPDATE coll SET m = coalesce(m, '{}') || 'null' WHERE id = 1 AND c = 1;
UPDATE coll SET m = coalesce(m, '{}') || '{"k": null}' WHERE id = 1 AND c = 1;
UPDATE coll SET m = coalesce(m, '{}') || '{"k": "x"}' WHERE id = 1 AND c = 1;
UPDATE coll SET mi = coalesce(mi, '{}') || '{"k": "x"}' WHERE id = 1 AND c = 1;
UPDATE coll SET n = n || '{{1},{2}}'::int[] WHERE id = 1 AND c = 1;
SELECT cells();

-- conditional writes; with a value of the old row, row by row
ALTER FOREIGN TABLE coll OPTIONS (ADD conditional_writes 'true');
SELECT cql_of('l = l || ''x''::text');
UPDATE coll SET l = l || 'x'::text WHERE id = 1 AND c IN (1, 2);
UPDATE coll SET l = l || v::text WHERE id = 2 AND c = 1;
SELECT id, c, l FROM coll WHERE id IN (1, 2) AND c = 1 ORDER BY id;
ALTER FOREIGN TABLE coll OPTIONS (DROP conditional_writes);
UPDATE coll SET l = l || 'y'::text WHERE id = 1 AND c = 1 RETURNING l;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
