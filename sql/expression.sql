-- columns that are expressions, or that writes use
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
RESET client_min_messages;
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/expression.cql
CREATE SERVER expression_server FOREIGN DATA WRAPPER cassandra_fdw
	OPTIONS (host :'host', port :'port', keyspace 'fdw_expression');
CREATE FOREIGN TABLE users (id int, part text, c int)
	SERVER expression_server;
ALTER FOREIGN TABLE users
	ADD written bigint OPTIONS (expression 'writetime(email)'),
	ADD written_at timestamptz OPTIONS (expression 'WriteTime(email)'),
	ADD written_ms timestamptz(0) OPTIONS (expression 'writetime(email)'),
	ADD static_written bigint OPTIONS (expression 'writetime(st)'),
	ADD alive boolean OPTIONS (expression 'CAST(ttl(email) AS text)');

-- write time and TTL; a type that does not fit
SELECT id, c, written FROM users;
ALTER FOREIGN TABLE users DROP alive,
	ADD ttl int OPTIONS (expression 'ttl(email)');
SELECT id, c, written, written_at AT TIME ZONE 'UTC' AS at,
	   written_ms AT TIME ZONE 'UTC' AS ms, static_written,
	   ttl BETWEEN 90000 AND 100000 AS ttl
FROM users ORDER BY id, c NULLS LAST;
EXPLAIN (VERBOSE, COSTS OFF) SELECT written, ttl FROM users WHERE id = 1;

-- of collections: each element has its own
CREATE FOREIGN TABLE cells (c int,
	of_map bigint[] OPTIONS (expression 'writetime(m)'),
	newest bigint OPTIONS (expression 'maxwritetime(m)'),
	ttls int[] OPTIONS (expression 'ttl(m)'),
	of_entry bigint OPTIONS (expression 'writetime(m[''a''])'),
	of_type bigint[] OPTIONS (expression 'writetime(a)'),
	of_field bigint OPTIONS (expression 'writetime(a.street)'),
	of_frozen bigint OPTIONS (expression 'writetime(fa)'))
	SERVER expression_server OPTIONS (table_name 'users');
SELECT c, of_map, newest, array_length(ttls, 1) AS ttls, ttls[2], of_entry,
	   of_type, of_field, of_frozen
FROM cells WHERE c IS NOT NULL ORDER BY c;

-- fields, elements, casts, functions, constants
CREATE FOREIGN TABLE many (id int, c int,
	token bigint OPTIONS (expression 'token(id, part)'),
	copy text OPTIONS (expression '"Mixed"'),
	entry int OPTIONS (expression 'm[''b''''c'']'),
	element text OPTIONS (expression 's[''x'']'),
	field text OPTIONS (expression 'a.street'),
	zip int OPTIONS (expression 'a."Zip"'),
	deep double precision OPTIONS (expression 'a.geo.lat'),
	entry_field text OPTIONS (expression 'mu[''home''].street'),
	entry_type jsonb OPTIONS (expression 'mu[''home'']'),
	n_text text OPTIONS (expression 'CAST(n AS text)'),
	day date OPTIONS (expression 'toDate(tu)'),
	low_uuid uuid OPTIONS (expression 'mintimeuuid(ts)'),
	json jsonb OPTIONS (expression 'toJson(m)'),
	blob bytea OPTIONS (expression 'bigintAsBlob(n)'),
	near real OPTIONS (expression 'similarity_cosine(v, [1, 2, 3])'),
	size int OPTIONS (expression 'collection_count(l)'),
	keys text[] OPTIONS (expression 'map_keys(m)'),
	vals int[] OPTIONS (expression 'map_values(m)'),
	abs numeric OPTIONS (expression 'abs(d)'),
	one int OPTIONS (expression '1'),
	word text OPTIONS (expression '''it''''s'''),
	noon timestamptz OPTIONS (expression '(timestamp)''2020-01-01 12:00:00Z'''),
	twice bigint OPTIONS (expression 'CAST(twice(n) AS bigint)'),
	qualified text OPTIONS (expression 'CAST(fdw_expression.twice(n) AS text)'))
	SERVER expression_server OPTIONS (table_name 'users');
\x on
SELECT * FROM many WHERE c = 1;
\x off
SELECT count(*), count(field), min(token) = max(token) FROM many WHERE c > 0;
-- conditions on them stay here
EXPLAIN (VERBOSE, COSTS OFF)
SELECT c FROM many WHERE field = 'Low' AND id = 1;
SELECT c FROM many WHERE field = 'Low' AND zip < 10;
SELECT count(*) FROM many WHERE token IS NOT NULL;
-- only expressions on static columns, with a clustering condition; an index,
-- order and limit beside expressions
CREATE FOREIGN TABLE static_only (id int, part text, c int,
	w bigint OPTIONS (expression 'writetime(st)'))
	SERVER expression_server OPTIONS (table_name 'users');
SELECT w FROM static_only WHERE id = 1 AND part = 'p' AND c > 1;
SELECT w FROM static_only ORDER BY w;
SELECT DISTINCT w FROM static_only ORDER BY w;
SELECT c, w FROM static_only WHERE id = 1 AND part = 'p' ORDER BY c DESC
LIMIT 1;
SELECT max(w), count(w), count(*) FROM static_only WHERE id = 1;
SELECT w, count(*) FROM static_only GROUP BY w ORDER BY w;

-- a counter; virtual and system tables
CREATE FOREIGN TABLE counters (id int, n bigint,
	written boolean OPTIONS (expression 'CAST(n AS text)'),
	ttl int OPTIONS (expression 'ttl(n)'))
	SERVER expression_server;
ALTER FOREIGN TABLE counters ALTER written TYPE text;
SELECT * FROM counters;
CREATE FOREIGN TABLE local_node (key text,
	written boolean OPTIONS (expression 'CAST(rpc_port AS text)'),
	w boolean OPTIONS (expression 'to_json(tokens)'))
	SERVER expression_server OPTIONS (keyspace 'system', table_name 'local');
ALTER FOREIGN TABLE local_node ALTER written TYPE text, ALTER w TYPE jsonb;
SELECT key, written::int > 0 AS port, jsonb_array_length(w) AS tokens
FROM local_node;
CREATE FOREIGN TABLE settings (name text, value text,
	upper text OPTIONS (expression 'CAST(value AS text)'))
	SERVER expression_server
	OPTIONS (keyspace 'system_views', table_name 'settings');
SELECT name, value = upper AS same FROM settings WHERE name = 'cluster_name';
ALTER FOREIGN TABLE settings
	ADD w bigint OPTIONS (expression 'writetime(value)');
SELECT name, w FROM settings WHERE name = 'cluster_name';

-- what is refused at first use, each with its reason
CREATE FOREIGN TABLE wrong (x text OPTIONS (expression 'email'))
	SERVER expression_server OPTIONS (table_name 'users');
CREATE FUNCTION try(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	hint text;
BEGIN
	EXECUTE format('ALTER FOREIGN TABLE wrong ALTER x '
				   'OPTIONS (SET expression %L)', expression);
	PERFORM x FROM wrong;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	-- the server's order of signatures differs from start to start
	message := regexp_replace(message, 'known type signatures.*', '...');
	RETURN sqlstate || ' ' || left(message, 140) ||
		   CASE WHEN hint <> '' THEN E'\n	' || hint ELSE '' END;
END $$;
\pset format unaligned
SELECT try(e) FROM unnest(ARRAY['emial', 'mixed', 'a.city', 'email.x', 'l[0]',
	'email, id', 'email FROM users; DROP TABLE users', '"x', 'n + 1',
	'writetime(id)', 'ttl(c)', 'token(id)', 'count(*)', 'max(n)',
	'CAST(system.max(n) AS text)', 'CAST(total(n) AS text)',
	'CAST(fdw_expression.total(n) AS text)', 'twice(n)', 'nope(n)',
	'CAST(nope(n) AS text)', 'CAST(m AS text)', '[1]', 'abs(email)',
	'CAST(email AS frozen<x>)']) e;
\pset format aligned
SELECT x FROM wrong;

-- a column that comes later is found
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'ALTER TABLE fdw_expression.users ADD later int'
SELECT try('CAST(later AS text)');

-- what no table can mend is refused at once; options that exclude each other
CREATE FOREIGN TABLE refused (x int OPTIONS (expression 'ttl(a'))
	SERVER expression_server;
CREATE FOREIGN TABLE refused (x int OPTIONS (expression 'max(a)'))
	SERVER expression_server;
CREATE FOREIGN TABLE refused (x int OPTIONS (expression 'ttl(a)'))
	SERVER expression_server;
DROP FOREIGN TABLE refused;
CREATE FOREIGN TABLE refused (x int OPTIONS (expression 'ttl(a)',
	column_name 'a')) SERVER expression_server;
CREATE FOREIGN TABLE refused (x int OPTIONS (using 'ttl', column_name 'a'))
	SERVER expression_server;
CREATE FOREIGN TABLE refused (x int OPTIONS (using 'now'))
	SERVER expression_server;

-- columns that writes use: they read NULL, or their expression
CREATE FOREIGN TABLE used (id int, part text, c int, email text,
	ttl int OPTIONS (using 'ttl'),
	at timestamptz OPTIONS (using 'timestamp'),
	written timestamptz
		OPTIONS (using 'timestamp', expression 'writetime(email)'))
	SERVER expression_server OPTIONS (table_name 'users');
SELECT id, c, ttl, at, written AT TIME ZONE 'UTC' AS written
FROM used ORDER BY id, c;
SELECT count(ttl), count(*) FROM used WHERE at IS NULL;
SELECT ttl FROM used WHERE id = 1 AND part = 'p';
-- expressions are not written; both are sampled
INSERT INTO users (id, part, c, written) VALUES (1, 'p', 1, 1);
UPDATE users SET written = 1 WHERE id = 1 AND part = 'p' AND c = 1;
ANALYZE used;
SELECT attname, null_frac FROM pg_stats
WHERE tablename = 'used' AND attname IN ('ttl', 'written') ORDER BY attname;
ALTER FOREIGN TABLE used ALTER ttl TYPE bigint, ALTER at TYPE bigint;
SELECT count(*) FROM used;
ALTER FOREIGN TABLE used ALTER ttl TYPE text;
SELECT count(*) FROM used;
ALTER FOREIGN TABLE used ALTER ttl TYPE bigint, ALTER at TYPE int;
SELECT count(*) FROM used;

SET client_min_messages = warning;
DROP FUNCTION try;
DROP SERVER expression_server CASCADE;
RESET client_min_messages;
