-- ANALYZE: row counts, samples and statistics.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/analyze.cql
\! test/cql/analyze.py "$CASSANDRA_HOST" "$CASSANDRA_PORT"
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER analyze_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER analyze_server;
CREATE SCHEMA fdw_analyze;
IMPORT FOREIGN SCHEMA fdw_analyze FROM SERVER analyze_server INTO fdw_analyze;
IMPORT FOREIGN SCHEMA system LIMIT TO (local) FROM SERVER analyze_server
  INTO fdw_analyze;
IMPORT FOREIGN SCHEMA system_views LIMIT TO (settings) FROM SERVER analyze_server
  INTO fdw_analyze;
SET search_path = fdw_analyze, public;

CREATE FUNCTION counted(tab regclass) RETURNS real LANGUAGE sql AS
  'SELECT reltuples FROM pg_class WHERE oid = tab';
CREATE FUNCTION estimated(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
  RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;

-- before: not known
SELECT counted('few');

-- small tables are read whole and counted exactly
ANALYZE empty;
ANALYZE few;
ANALYZE local;
SELECT counted('empty'), counted('few'), counted('local');
SELECT attname, null_frac, n_distinct, most_common_vals::text
  FROM pg_stats WHERE tablename = 'few' AND schemaname = 'fdw_analyze'
  ORDER BY attname;

-- a virtual table has no ring
ANALYZE settings;
SELECT counted('settings') = (SELECT count(*) FROM settings);

-- one page is not enough, the budget is: counted exactly, static-only
-- partitions too; the number of partitions stands for that of pages
ANALYZE many;
SELECT counted('many'), relpages BETWEEN 1000 AND 4000 AS partitions
  FROM pg_class WHERE oid = 'many'::regclass;
SELECT attname, round(null_frac::numeric, 2) BETWEEN 0.74 AND 0.76 AS nulls
  FROM pg_stats WHERE tablename = 'many' AND attname = 'note';
SELECT most_common_vals::text, n_distinct,
  most_common_freqs[1] BETWEEN 0.6 AND 0.73 AS red,
  most_common_freqs[3] BETWEEN 0.05 AND 0.12 AS blue
  FROM pg_stats WHERE tablename = 'many' AND attname = 'colour';
SELECT estimated('SELECT * FROM many WHERE colour = ''blue''')
  BETWEEN 2000 AND 5000 AS blue;

-- more than the budget: a part of the ring is read
SET default_statistics_target = 5;
ANALYZE many;
SELECT counted('many') BETWEEN 20000 AND 80000 AS rows,
  counted('many') <> 40010 AS estimated;
SELECT n_distinct > 500 OR n_distinct < -0.012 AS keys
  FROM pg_stats WHERE tablename = 'many' AND attname = 'p';

-- a partition that is larger than the budget is counted by Cassandra
SET default_statistics_target = 10;
ANALYZE one;
SELECT counted('one');
SELECT relpages FROM pg_class WHERE oid = 'one'::regclass;
RESET default_statistics_target;

-- one column only
ANALYZE many (colour);

-- as the table's owner, whoever runs it
CREATE ROLE regress_analyze_owner;
GRANT USAGE ON FOREIGN SERVER analyze_server TO regress_analyze_owner;
GRANT USAGE, CREATE ON SCHEMA fdw_analyze TO regress_analyze_owner;
ALTER FOREIGN TABLE few OWNER TO regress_analyze_owner;
ANALYZE few;
CREATE USER MAPPING FOR regress_analyze_owner SERVER analyze_server
  OPTIONS (password_required 'false');
ANALYZE few;
SELECT counted('few');

-- a value that cannot be converted names its column
CREATE FOREIGN TABLE wrong (id int, name int)
  SERVER analyze_server OPTIONS (keyspace 'fdw_analyze', table_name 'few');
ANALYZE wrong;
CREATE FOREIGN TABLE missing (id int)
  SERVER analyze_server OPTIONS (keyspace 'fdw_analyze', table_name 'none');
ANALYZE missing;
-- a table without columns has rows all the same
CREATE FOREIGN TABLE bare ()
  SERVER analyze_server OPTIONS (keyspace 'fdw_analyze', table_name 'many');
ANALYZE bare;
SELECT counted('bare') BETWEEN 20000 AND 80000 AS rows;

-- a parent's sample is shared out by what the children's rows take
CREATE TABLE mixed (id int, name text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE mixed_far PARTITION OF mixed
  FOR VALUES FROM (100) TO (3000) SERVER analyze_server
  OPTIONS (keyspace 'fdw_analyze', table_name 'empty');
CREATE TABLE mixed_near PARTITION OF mixed FOR VALUES FROM (3000) TO (9000);
INSERT INTO mixed SELECT g, CASE WHEN g < 3000 THEN 'far' ELSE 'near' END
  FROM generate_series(1000, 4999) g;
SET default_statistics_target = 10;
ANALYZE mixed_far;
ANALYZE mixed;
SELECT most_common_freqs[1] < 0.9 AS both FROM pg_stats
  WHERE tablename = 'mixed' AND attname = 'name' AND inherited;
SELECT relpages BETWEEN 1500 AND 2500 AS partitions FROM pg_class
  WHERE oid = 'mixed_far'::regclass;
RESET default_statistics_target;

DROP SCHEMA fdw_analyze CASCADE;
DROP SERVER analyze_server CASCADE;
DROP ROLE regress_analyze_owner;
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" "DROP KEYSPACE fdw_analyze"
