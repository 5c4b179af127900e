-- what is remembered of foreign tables follows every change
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
RESET client_min_messages;
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/shape.cql
CREATE SERVER shape_server FOREIGN DATA WRAPPER cassandra_fdw
	OPTIONS (host :'host', port :'port');
CREATE SCHEMA fdw_shape;
CREATE FOREIGN TABLE fdw_shape.t (p1 int, p2 text, c int, v int, w text)
	SERVER shape_server;
SELECT * FROM fdw_shape.t ORDER BY p1, c;

-- columns: other option, other type, dropped, added
ALTER FOREIGN TABLE fdw_shape.t ALTER w OPTIONS (column_name 'p2');
SELECT w FROM fdw_shape.t ORDER BY p1, c;
ALTER FOREIGN TABLE fdw_shape.t ALTER w OPTIONS (DROP column_name);
ALTER FOREIGN TABLE fdw_shape.t ALTER v TYPE numeric(5, 1);
SELECT v, w FROM fdw_shape.t ORDER BY p1, c;
ALTER FOREIGN TABLE fdw_shape.t DROP v, ADD w2 text
	OPTIONS (expression 'CAST(v AS text)');
SELECT * FROM fdw_shape.t ORDER BY p1, c;
ALTER FOREIGN TABLE fdw_shape.t DROP w2, ADD v int;
SELECT * FROM fdw_shape.t ORDER BY p1, c;

-- the table's and the server's options, names that stand for Cassandra's
ALTER FOREIGN TABLE fdw_shape.t OPTIONS (keyspace 'fdw_shape2');
SELECT * FROM fdw_shape.t;
ALTER FOREIGN TABLE fdw_shape.t OPTIONS (DROP keyspace);
ALTER SERVER shape_server OPTIONS (keyspace 'fdw_shape2');
SELECT * FROM fdw_shape.t;
ALTER SERVER shape_server OPTIONS (DROP keyspace);
ALTER SCHEMA fdw_shape RENAME TO fdw_shape2;
SELECT * FROM fdw_shape2.t;
ALTER SCHEMA fdw_shape2 RENAME TO fdw_shape;
ALTER FOREIGN TABLE fdw_shape.t DROP p2, DROP c, DROP w;
ALTER FOREIGN TABLE fdw_shape.t RENAME TO t2;
SELECT * FROM fdw_shape.t2;
DROP FOREIGN TABLE fdw_shape.t2;

-- a prepared statement, too
CREATE FOREIGN TABLE fdw_shape.t (p1 int, p2 text, c int, v int, w text)
	SERVER shape_server;
PREPARE p(int) AS SELECT v FROM fdw_shape.t
	WHERE p1 = $1 AND p2 = 'a' AND c = 2;
EXECUTE p(1);
ALTER FOREIGN TABLE fdw_shape.t ALTER v OPTIONS (column_name 'c');
EXECUTE p(1);
ALTER FOREIGN TABLE fdw_shape.t ALTER v OPTIONS (DROP column_name);

-- what a running scan uses stays while others see the new
BEGIN;
DECLARE cur CURSOR FOR SELECT * FROM fdw_shape.t WHERE p1 = 1 AND p2 = 'a';
FETCH 1 FROM cur;
ALTER SERVER shape_server OPTIONS (ADD fetch_size '100');
SELECT count(*) FROM fdw_shape.t;
ALTER SERVER shape_server OPTIONS (DROP fetch_size);
SELECT count(*) FROM fdw_shape.t;
FETCH ALL FROM cur;
COMMIT;

-- types that change by themselves: composite, enum, domain
CREATE TYPE shape_pair AS (a int);
CREATE TYPE shape_label AS ENUM ('one', 'two');
CREATE DOMAIN shape_small AS int CHECK (VALUE < 100);
CREATE FOREIGN TABLE fdw_shape.typed (p1 int, p2 text, c int, v shape_small,
	w shape_label, u shape_pair)
	SERVER shape_server OPTIONS (table_name 't');
SELECT u, w, v FROM fdw_shape.typed WHERE p1 = 1 AND p2 = 'a' ORDER BY c;
ALTER TYPE shape_pair ADD ATTRIBUTE b text;
ALTER TYPE shape_label ADD VALUE 'three';
SELECT u, w, v FROM fdw_shape.typed ORDER BY p1, c;
ALTER TYPE shape_label RENAME VALUE 'one' TO 'uno';
SELECT w FROM fdw_shape.typed WHERE p1 = 1 AND p2 = 'a' AND c = 1;
ALTER DOMAIN shape_small DROP CONSTRAINT shape_small_check;
ALTER DOMAIN shape_small ADD CONSTRAINT low CHECK (VALUE < 30) NOT VALID;
SELECT v FROM fdw_shape.typed WHERE p1 = 2 AND p2 = 'b' AND c = 1;

-- the table of Cassandra: a column goes and comes back as another type
SELECT w FROM fdw_shape.t WHERE p1 = 1 AND p2 = 'a' AND c = 1;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" 'ALTER TABLE fdw_shape.t DROP v; ALTER TABLE fdw_shape.t ADD v2 int'
\set VERBOSITY terse
SELECT v FROM fdw_shape.t WHERE p1 = 1 AND p2 = 'a' AND c = 1;
\set VERBOSITY default
ALTER FOREIGN TABLE fdw_shape.t ALTER v OPTIONS (column_name 'v2');
SELECT v FROM fdw_shape.t WHERE p1 = 1 AND p2 = 'a' AND c = 1;

-- keys that predecessors wanted to be told are checked
CREATE FUNCTION try_keys(options text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'CREATE FOREIGN TABLE fdw_shape.keyed (p1 int) SERVER shape_server '
		'OPTIONS (table_name ''t'', ' || options || ')';
	PERFORM p1 FROM fdw_shape.keyed;
	DROP FOREIGN TABLE fdw_shape.keyed;
	RETURN 'agrees';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlerrm;
END $$;
SELECT o, try_keys(o) FROM unnest(ARRAY[
	$$primary_key 'p1,p2'$$, $$primary_key 'p1, p2, c'$$,
	$$primary_key 'p1, p2', clustering_key 'c'$$, $$clustering_key 'c'$$,
	$$primary_key 'p1'$$, $$primary_key 'p2,p1'$$, $$primary_key 'p1,p2,v'$$,
	$$primary_key 'p1,p2,c', clustering_key 'c'$$,
	$$clustering_key 'v'$$]) o;

-- two users, one table: each by his own mapping
CREATE ROLE cassandra_shape_user;
GRANT USAGE ON SCHEMA fdw_shape TO cassandra_shape_user;
GRANT SELECT ON ALL TABLES IN SCHEMA fdw_shape TO cassandra_shape_user;
SET ROLE cassandra_shape_user;
SELECT count(*) FROM fdw_shape.t;
RESET ROLE;
CREATE USER MAPPING FOR cassandra_shape_user SERVER shape_server
	OPTIONS (username 'u', password_required 'false');
SET ROLE cassandra_shape_user;
SELECT count(*) FROM fdw_shape.t;
RESET ROLE;
DROP USER MAPPING FOR cassandra_shape_user SERVER shape_server;
SET ROLE cassandra_shape_user;
SELECT count(*) FROM fdw_shape.t;
RESET ROLE;
SELECT count(*) FROM fdw_shape.t;

-- what is stale does not pile up
DO $$
BEGIN
	FOR i IN 1..200 LOOP
		EXECUTE 'ALTER FOREIGN TABLE fdw_shape.t ALTER v OPTIONS (SET '
			'column_name ' || quote_literal(CASE WHEN i % 2 = 0 THEN 'v2'
												 ELSE 'c' END) || ')';
		PERFORM v FROM fdw_shape.t WHERE p1 = 1 AND p2 = 'a' AND c = 1;
		BEGIN
			PERFORM v / 0 FROM fdw_shape.t WHERE p1 = 1 AND p2 = 'a';
		EXCEPTION WHEN division_by_zero THEN
			NULL;
		END;
	END LOOP;
END $$;
SELECT count(*) < 10 AS few, sum(total_bytes) < 1000000 AS small
FROM pg_backend_memory_contexts WHERE name = 'cassandra_fdw shape';

SET client_min_messages = warning;
DROP FUNCTION try_keys;
DROP SERVER shape_server CASCADE;
DROP SCHEMA fdw_shape CASCADE;
DROP TYPE shape_pair, shape_label;
DROP DOMAIN shape_small;
DROP ROLE cassandra_shape_user;
RESET client_min_messages;
