-- What operators look at: nodes, totals, slow requests; reading all anew.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER monitoring FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER monitoring;

-- nodes: connects where it has to
SELECT address = :'host' || ':' || :'port' AS address,
       host_id IS NOT NULL AS host_id, datacenter <> '' AS datacenter,
       rack <> '' AS rack, local, ring_share, release ~ '^\d+\.\d+' AS release,
       state, connect_error, connections, in_flight, requests > 0 AS requests
  FROM cassandra_hosts('monitoring');
SELECT retries, timeouts, lost, unavailable, overloaded, server_timeouts,
       failures, refused, other_errors, latency_p50 > 0 AS p50,
       latency_p95 >= latency_p50 AS p95, latency_p99 >= latency_p95 AS p99
  FROM cassandra_hosts('monitoring');

-- counters follow what is done, errors by their kind
CREATE TEMP TABLE before AS
  SELECT requests, refused FROM cassandra_hosts('monitoring');
SELECT cassandra_query_json('monitoring', 'SELECT key FROM system.local')
  FROM generate_series(1, 3);
\set VERBOSITY terse
SELECT cassandra_query_json('monitoring', 'SELECT none FROM system.local');
\set VERBOSITY default
SELECT h.requests - b.requests AS requests, h.refused - b.refused AS refused
  FROM cassandra_hosts('monitoring') h, before b;

-- totals are those of the nodes, and stay when connections are closed
SELECT s.scope, s.requests = h.requests AS requests,
       s.refused = h.refused AS refused, s.connects,
       s.bytes_sent > 0 AS sent, s.bytes_received > 0 AS received,
       s.latency_p99 > 0 AS p99, s.stats_reset <= now() AS since
  FROM cassandra_statistics s, cassandra_hosts('monitoring') h
  WHERE s.server_name = 'monitoring' AND s.scope = 'session';
SELECT cassandra_disconnect('monitoring');
SELECT refused, connects FROM cassandra_statistics
  WHERE server_name = 'monitoring' AND scope = 'session';
SELECT cassandra_query_json('monitoring', 'SELECT key FROM system.local');
SELECT refused, connects FROM cassandra_statistics
  WHERE server_name = 'monitoring' AND scope = 'session';
SELECT cassandra_statistics_reset();
SELECT requests, refused, connects, latency_p50 FROM cassandra_statistics
  WHERE server_name = 'monitoring' AND scope = 'session';

-- who may do what
CREATE ROLE monitoring_user;
SET ROLE monitoring_user;
SELECT count(*) FROM cassandra_statistics WHERE scope = 'session';
SELECT cassandra_statistics_reset();
SELECT cassandra_hosts('monitoring');
SELECT cassandra_refresh('monitoring');
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER monitoring TO monitoring_user;
SET ROLE monitoring_user;
SET cassandra_fdw.log_min_duration = 0;
RESET ROLE;
REVOKE USAGE ON FOREIGN SERVER monitoring FROM monitoring_user;
DROP ROLE monitoring_user;

-- what others changed is seen after a refresh
SELECT cassandra_execute('monitoring',
  'CREATE KEYSPACE IF NOT EXISTS monitoring WITH replication = '
  '{''class'': ''SimpleStrategy'', ''replication_factor'': 1}');
SELECT cassandra_execute('monitoring',
  'CREATE TABLE IF NOT EXISTS monitoring.t (k int PRIMARY KEY, v text)');
SELECT cassandra_execute('monitoring',
  'INSERT INTO monitoring.t (k, v) VALUES (1, ''secret'')');
CREATE SCHEMA monitoring;
IMPORT FOREIGN SCHEMA monitoring FROM SERVER monitoring INTO monitoring;
SELECT * FROM monitoring.t;
SELECT cassandra_refresh('monitoring');
SELECT * FROM monitoring.t;
SELECT state, connections FROM cassandra_hosts('monitoring');
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM monitoring.t;
SELECT cassandra_refresh('monitoring');
FETCH c;
COMMIT;
SELECT cassandra_disconnect_all();
SELECT cassandra_refresh('monitoring');
SELECT state FROM cassandra_hosts('monitoring');
SELECT cassandra_refresh('no_server');

-- requests that are not slow
SELECT v FROM monitoring.t WHERE k = 1;
SET cassandra_fdw.log_min_duration = '1h';
SET client_min_messages = log;
SELECT v FROM monitoring.t WHERE k = 1;
SET client_min_messages = warning;
RESET cassandra_fdw.log_min_duration;
SHOW cassandra_fdw.log_min_duration;

-- the tracing session of a request that failed
SET cassandra_fdw.trace = on;
DO $$
DECLARE told text;
BEGIN
  PERFORM cassandra_query_json('monitoring', 'SELECT none FROM system.local');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS told = PG_EXCEPTION_DETAIL;
  RAISE WARNING '%', regexp_replace(regexp_replace(told, 'Host: [^ ]*\n',
    E'Host\n'), '[0-9a-f]{8}-[0-9a-f-]{27}', 'uuid');
END $$;
RESET cassandra_fdw.trace;

DROP SCHEMA monitoring CASCADE;
SELECT cassandra_execute('monitoring', 'DROP KEYSPACE monitoring');
DROP SERVER monitoring CASCADE;
