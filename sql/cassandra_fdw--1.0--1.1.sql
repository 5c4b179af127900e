/* cassandra_fdw--1.0--1.1.sql: what 1.1 has that 1.0 has not */

\echo Use "ALTER EXTENSION cassandra_fdw UPDATE TO '1.1'" to load this file. \quit

/* ---- for those who watch it ---- */

CREATE FUNCTION cassandra_hosts(
	server name, OUT address text, OUT host_id uuid, OUT datacenter text,
	OUT rack text, OUT local bool, OUT ring_share float8, OUT release text,
	OUT state text, OUT connect_error text, OUT connections int,
	OUT in_flight int, OUT requests int8, OUT retries int8,
	OUT timeouts int8, OUT lost int8, OUT unavailable int8,
	OUT overloaded int8, OUT server_timeouts int8, OUT failures int8,
	OUT refused int8, OUT other_errors int8, OUT latency_p50 float8,
	OUT latency_p95 float8, OUT latency_p99 float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

CREATE FUNCTION cassandra_get_statistics(
	OUT server_oid oid, OUT scope text, OUT requests int8, OUT retries int8,
	OUT reprepared int8, OUT orphans int8, OUT connects int8,
	OUT bytes_sent int8, OUT bytes_received int8, OUT timeouts int8,
	OUT lost int8, OUT unavailable int8, OUT overloaded int8,
	OUT server_timeouts int8, OUT failures int8, OUT refused int8,
	OUT other_errors int8, OUT latency_p50 float8, OUT latency_p95 float8,
	OUT latency_p99 float8, OUT stats_reset timestamptz)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
CREATE VIEW cassandra_statistics AS
	SELECT srv.srvname AS server_name, s.scope, s.requests, s.retries,
		s.timeouts, s.lost, s.unavailable, s.overloaded, s.server_timeouts,
		s.failures, s.refused, s.other_errors, s.reprepared, s.orphans,
		s.connects, s.bytes_sent, s.bytes_received, s.latency_p50,
		s.latency_p95, s.latency_p99, s.stats_reset
	FROM cassandra_get_statistics() s
		JOIN pg_catalog.pg_foreign_server srv ON srv.oid = s.server_oid;
GRANT SELECT ON cassandra_statistics TO PUBLIC;
CREATE FUNCTION cassandra_statistics_reset() RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION cassandra_statistics_reset() FROM PUBLIC;

CREATE FUNCTION cassandra_refresh(server name) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

/* ---- tables ---- */

CREATE FUNCTION cassandra_columns(
	foreign_table regclass, OUT column_name text, OUT cql_name text,
	OUT kind text, OUT key_position int, OUT clustering_order text,
	OUT cql_type text, OUT indexes text[], OUT masked bool)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

CREATE FUNCTION cassandra_create_table(
	local_table regclass, server name, keyspace text, partition_key text[],
	clustering_key text[] DEFAULT '{}', table_name text DEFAULT NULL,
	options text DEFAULT NULL, foreign_schema name DEFAULT NULL,
	run bool DEFAULT false) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

/* ---- comments ---- */

COMMENT ON TYPE timeuuid IS 'UUID of version 1, ordered by its time';
COMMENT ON FUNCTION timeuuid_in(cstring) IS
	'I/O';
COMMENT ON FUNCTION timeuuid_out(timeuuid) IS
	'I/O';
COMMENT ON FUNCTION timeuuid_recv(internal) IS
	'I/O';
COMMENT ON FUNCTION timeuuid_send(timeuuid) IS
	'I/O';
COMMENT ON FUNCTION timeuuid(uuid) IS
	'a UUID of version 1 as timeuuid';
COMMENT ON FUNCTION timeuuid_timestamp(timeuuid) IS
	'time of a timeuuid';
COMMENT ON FUNCTION min_timeuuid(timestamptz) IS
	'least timeuuid of a millisecond';
COMMENT ON FUNCTION max_timeuuid(timestamptz) IS
	'greatest timeuuid of a millisecond';
COMMENT ON FUNCTION generate_timeuuid() IS
	'a new timeuuid of this moment';
COMMENT ON FUNCTION timeuuid_lt(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_le(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_eq(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_ne(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_ge(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_gt(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_cmp(timeuuid, timeuuid) IS
	'comparison of timeuuids';
COMMENT ON FUNCTION timeuuid_hash(timeuuid) IS
	'hash';
COMMENT ON FUNCTION timeuuid_hash_extended(timeuuid, int8) IS
	'hash';
COMMENT ON FUNCTION timeuuid_smaller(timeuuid, timeuuid) IS
	'smaller of two';
COMMENT ON FUNCTION timeuuid_larger(timeuuid, timeuuid) IS
	'larger of two';
COMMENT ON OPERATOR < (timeuuid, timeuuid) IS 'less than';
COMMENT ON OPERATOR <= (timeuuid, timeuuid) IS 'less than or equal';
COMMENT ON OPERATOR = (timeuuid, timeuuid) IS 'equal';
COMMENT ON OPERATOR <> (timeuuid, timeuuid) IS 'not equal';
COMMENT ON OPERATOR >= (timeuuid, timeuuid) IS 'greater than or equal';
COMMENT ON OPERATOR > (timeuuid, timeuuid) IS 'greater than';
COMMENT ON OPERATOR CLASS timeuuid_ops USING btree IS 'timeuuids by their time';
COMMENT ON OPERATOR FAMILY timeuuid_ops USING btree IS 'timeuuids by their time';
COMMENT ON OPERATOR CLASS timeuuid_ops USING hash IS 'timeuuids';
COMMENT ON OPERATOR FAMILY timeuuid_ops USING hash IS 'timeuuids';
COMMENT ON AGGREGATE min(timeuuid) IS 'earliest timeuuid';
COMMENT ON AGGREGATE max(timeuuid) IS 'latest timeuuid';
COMMENT ON CAST (timeuuid AS uuid) IS 'the same bytes';
COMMENT ON CAST (uuid AS timeuuid) IS 'of version 1 only';
COMMENT ON CAST (timeuuid AS timestamptz) IS 'its time';
COMMENT ON FUNCTION cassandra_fdw_handler() IS
	'handler of the foreign-data wrapper';
COMMENT ON FUNCTION cassandra_fdw_validator(text[], oid) IS
	'checks options';
COMMENT ON FOREIGN DATA WRAPPER cassandra_fdw IS 'Apache Cassandra';
COMMENT ON FUNCTION cassandra_l2_distance(float4[], float4[]) IS
	'Euclidean distance of two vectors';
COMMENT ON FUNCTION cassandra_l2_distance_double(anycompatiblearray, anycompatiblearray) IS
	'implementation of an operator';
COMMENT ON OPERATOR <-> (anycompatiblearray, anycompatiblearray) IS
	'Euclidean distance of two vectors';
COMMENT ON FUNCTION cassandra_cosine_distance(float4[], float4[]) IS
	'cosine distance of two vectors';
COMMENT ON FUNCTION cassandra_cosine_distance_double(anycompatiblearray, anycompatiblearray) IS
	'implementation of an operator';
COMMENT ON OPERATOR <=> (anycompatiblearray, anycompatiblearray) IS
	'cosine distance of two vectors';
COMMENT ON FUNCTION cassandra_negative_inner_product(float4[], float4[]) IS
	'negative inner product of two vectors';
COMMENT ON FUNCTION cassandra_negative_inner_product_double(anycompatiblearray, anycompatiblearray) IS
	'implementation of an operator';
COMMENT ON OPERATOR <#> (anycompatiblearray, anycompatiblearray) IS
	'negative inner product of two vectors';
COMMENT ON FUNCTION cassandra_execute(name, text) IS
	'runs a CQL statement that is no query';
COMMENT ON FUNCTION cassandra_query(name, text) IS
	'rows of a CQL query';
COMMENT ON FUNCTION cassandra_query_json(name, text) IS
	'rows of a CQL query as JSON objects';
COMMENT ON FUNCTION cassandra_execute(name, text, VARIADIC "any") IS
	'runs a CQL statement that is no query';
COMMENT ON FUNCTION cassandra_query(name, text, VARIADIC "any") IS
	'rows of a CQL query';
COMMENT ON FUNCTION cassandra_query_json(name, text, VARIADIC "any") IS
	'rows of a CQL query as JSON objects';
COMMENT ON FUNCTION cassandra_batch(name, jsonb, text) IS
	'runs CQL statements as a batch';
COMMENT ON FUNCTION cassandra_batch(name, text, text) IS
	'runs CQL statements as a batch';
COMMENT ON FUNCTION cassandra_batch(name, text[], text) IS
	'runs CQL statements as a batch';
COMMENT ON FUNCTION cassandra_fdw_version() IS
	'version of the library';
COMMENT ON FUNCTION cassandra_clusters() IS
	'clusters that the session is connected to';
COMMENT ON FUNCTION cassandra_connections() IS
	'nodes that the session is connected to';
COMMENT ON FUNCTION cassandra_disconnect(name) IS
	'closes the connections to a server';
COMMENT ON FUNCTION cassandra_disconnect_all() IS
	'closes all connections';
COMMENT ON FUNCTION cassandra_hosts(name) IS
	'nodes of a server: state, load, errors, latencies';
COMMENT ON FUNCTION cassandra_get_statistics() IS
	'totals by server, for cassandra_statistics';
COMMENT ON FUNCTION cassandra_statistics_reset() IS
	'sets the totals to 0';
COMMENT ON FUNCTION cassandra_refresh(name) IS
	'reads topology and schema anew';
COMMENT ON FUNCTION cassandra_token(regclass, VARIADIC "any") IS
	'token of a partition key';
COMMENT ON FUNCTION cassandra_ring_ranges(name, text, int) IS
	'ranges of the ring that cover it';
COMMENT ON FUNCTION cassandra_columns(regclass) IS
	'what the columns of a foreign table are in Cassandra';
COMMENT ON VIEW cassandra_statistics IS 'requests, errors and latencies by server';
COMMENT ON FUNCTION cassandra_create_table(regclass, name, text, text[], text[],
	text, text, name, bool) IS
	'CREATE TABLE of CQL for a local table, and the foreign table';
