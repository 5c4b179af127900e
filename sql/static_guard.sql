-- Conditional writes of static columns whose values do not read as they are.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/static_guard.cql
SET client_min_messages = warning;
SET intervalstyle = postgres;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER guard_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', conditional_writes 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER guard_server;
CREATE SCHEMA fdw_static_guard;
IMPORT FOREIGN SCHEMA fdw_static_guard FROM SERVER guard_server INTO fdw_static_guard;
SET search_path = fdw_static_guard, public;
-- scans that write: a value where there was none, another one, and none again
EXPLAIN (COSTS OFF) UPDATE t SET d = '1 hour' WHERE k = 1;
CREATE FUNCTION show(part int) RETURNS SETOF t LANGUAGE sql
  AS 'SELECT * FROM t WHERE k = part ORDER BY c';
CREATE FUNCTION set_each(source text, what text[], OUT col text, OUT assigned bigint)
  RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. array_length(what, 1) BY 2 LOOP
    col := what[i];
    EXECUTE format('UPDATE t SET %I = %L %s', what[i], what[i + 1], source);
    GET DIAGNOSTICS assigned = ROW_COUNT;
    RETURN NEXT;
  END LOOP;
END $$;
CREATE TEMP TABLE new AS
  SELECT '{d,1 hour,l,"{1.5}",s,"{b,a}",m,"{\"x\": 1.5}",n,10:00:00,u,"{\"a\": 1}"}'::text[] AS first,
         '{d,2 hours,l,"{2,3}",s,"{c}",m,"{\"y\": 2.5}",n,11:00:00,u,"{\"a\": 2}"}'::text[] AS second,
         '{d,NULL,l,NULL,s,NULL,m,NULL,n,NULL,u,NULL}'::text[] AS none;
SELECT s.* FROM new, set_each('WHERE k = 1', first) s;
SELECT * FROM show(1);
SELECT s.* FROM new, set_each('WHERE k = 1', second) s;
SELECT * FROM show(1);
SELECT s.* FROM new, set_each('WHERE k = 1', none) s;
SELECT * FROM show(1);
-- rows of a join, which are written by their values
EXPLAIN (COSTS OFF) UPDATE t SET d = '1 hour' FROM (VALUES (2), (3)) AS w(x) WHERE k = w.x;
SELECT s.* FROM new, set_each('FROM (VALUES (2), (3)) AS w(x) WHERE k = w.x', first) s;
SELECT * FROM show(2);
SELECT s.* FROM new, set_each('FROM (VALUES (2), (3)) AS w(x) WHERE k = w.x', second) s;
SELECT * FROM show(2);
-- nanoseconds that SQL does not have: the value compared is not the one read
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "UPDATE fdw_static_guard.t SET d = 1h1ns, n = '10:00:00.000000001' WHERE k = 2 IF EXISTS" >/dev/null
UPDATE t SET d = '3 hours' FROM (VALUES (2), (3)) AS w(x) WHERE k = w.x;
UPDATE t SET n = '12:00' FROM (VALUES (2), (3)) AS w(x) WHERE k = w.x;
SELECT * FROM show(2);
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "UPDATE fdw_static_guard.t SET d = 1h1ns, n = '10:00:00.000000001' WHERE k = 2 IF EXISTS" >/dev/null
UPDATE t SET d = '4 hours' WHERE k = 2;
UPDATE t SET n = '13:00' WHERE k = 2;
SELECT * FROM show(2);
SELECT s.* FROM new, set_each('FROM (VALUES (2), (3)) AS w(x) WHERE k = w.x', none) s;
SELECT * FROM show(2);
