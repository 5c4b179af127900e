/* cassandra_fdw--1.0.sql: what CREATE EXTENSION cassandra_fdw makes */

\echo Use "CREATE EXTENSION cassandra_fdw" to load this file. \quit

/* ---- type timeuuid: a version 1 uuid, ordered as Cassandra orders it ---- */

CREATE TYPE timeuuid;

CREATE FUNCTION timeuuid_in(cstring) RETURNS timeuuid
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_out(timeuuid) RETURNS cstring
	AS 'uuid_out' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_recv(internal) RETURNS timeuuid
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_send(timeuuid) RETURNS bytea
	AS 'uuid_send' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE timeuuid (
	INPUT = timeuuid_in,
	OUTPUT = timeuuid_out,
	RECEIVE = timeuuid_recv,
	SEND = timeuuid_send,
	INTERNALLENGTH = 16,
	ALIGNMENT = char,
	STORAGE = plain
);

CREATE FUNCTION timeuuid(uuid) RETURNS timeuuid
	AS 'MODULE_PATHNAME', 'timeuuid_from_uuid'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_timestamp(timeuuid) RETURNS timestamptz
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION min_timeuuid(timestamptz) RETURNS timeuuid
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION max_timeuuid(timestamptz) RETURNS timeuuid
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION generate_timeuuid() RETURNS timeuuid
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

CREATE CAST (timeuuid AS uuid) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (uuid AS timeuuid) WITH FUNCTION timeuuid(uuid) AS ASSIGNMENT;
CREATE CAST (timeuuid AS timestamptz)
	WITH FUNCTION timeuuid_timestamp(timeuuid);

CREATE FUNCTION timeuuid_lt(timeuuid, timeuuid) RETURNS bool
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_le(timeuuid, timeuuid) RETURNS bool
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_eq(timeuuid, timeuuid) RETURNS bool
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_ne(timeuuid, timeuuid) RETURNS bool
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_ge(timeuuid, timeuuid) RETURNS bool
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_gt(timeuuid, timeuuid) RETURNS bool
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_cmp(timeuuid, timeuuid) RETURNS int4
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_hash(timeuuid) RETURNS int4
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_hash_extended(timeuuid, int8) RETURNS int8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_smaller(timeuuid, timeuuid) RETURNS timeuuid
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION timeuuid_larger(timeuuid, timeuuid) RETURNS timeuuid
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR < (
	LEFTARG = timeuuid, RIGHTARG = timeuuid, FUNCTION = timeuuid_lt,
	COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = timeuuid, RIGHTARG = timeuuid, FUNCTION = timeuuid_le,
	COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR = (
	LEFTARG = timeuuid, RIGHTARG = timeuuid, FUNCTION = timeuuid_eq,
	COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = timeuuid, RIGHTARG = timeuuid, FUNCTION = timeuuid_ne,
	COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = timeuuid, RIGHTARG = timeuuid, FUNCTION = timeuuid_ge,
	COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
CREATE OPERATOR > (
	LEFTARG = timeuuid, RIGHTARG = timeuuid, FUNCTION = timeuuid_gt,
	COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);

CREATE OPERATOR CLASS timeuuid_ops DEFAULT FOR TYPE timeuuid USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 timeuuid_cmp(timeuuid, timeuuid);
CREATE OPERATOR CLASS timeuuid_ops DEFAULT FOR TYPE timeuuid USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 timeuuid_hash(timeuuid),
	FUNCTION 2 timeuuid_hash_extended(timeuuid, int8);

CREATE AGGREGATE min(timeuuid) (
	SFUNC = timeuuid_smaller, STYPE = timeuuid, SORTOP = <,
	COMBINEFUNC = timeuuid_smaller, PARALLEL = SAFE
);
CREATE AGGREGATE max(timeuuid) (
	SFUNC = timeuuid_larger, STYPE = timeuuid, SORTOP = >,
	COMBINEFUNC = timeuuid_larger, PARALLEL = SAFE
);

/* ---- the foreign-data wrapper ---- */

CREATE FUNCTION cassandra_fdw_handler()
RETURNS fdw_handler
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT;

CREATE FUNCTION cassandra_fdw_validator(text[], oid)
RETURNS void
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT;

CREATE FOREIGN DATA WRAPPER cassandra_fdw
HANDLER cassandra_fdw_handler
VALIDATOR cassandra_fdw_validator;

/* ---- distances of vectors ---- */

CREATE FUNCTION cassandra_l2_distance(float4[], float4[]) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION cassandra_cosine_distance(float4[], float4[]) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION cassandra_negative_inner_product(float4[], float4[])
	RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

/*
 * Operators are of all arrays of numbers, on either side: drivers send double
 * precision[].  There is no second one for real[], so that they are unique for
 * any types.  The functions have names of their own, so that literals find
 * those above.
 */
CREATE FUNCTION cassandra_l2_distance_double(anycompatiblearray,
											 anycompatiblearray)
	RETURNS float8 AS 'MODULE_PATHNAME', 'cassandra_l2_distance'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION cassandra_cosine_distance_double(anycompatiblearray,
												 anycompatiblearray)
	RETURNS float8 AS 'MODULE_PATHNAME', 'cassandra_cosine_distance'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION cassandra_negative_inner_product_double(anycompatiblearray,
														anycompatiblearray)
	RETURNS float8 AS 'MODULE_PATHNAME', 'cassandra_negative_inner_product'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR <-> (
	LEFTARG = anycompatiblearray, RIGHTARG = anycompatiblearray,
	FUNCTION = cassandra_l2_distance_double, COMMUTATOR = <->
);
CREATE OPERATOR <=> (
	LEFTARG = anycompatiblearray, RIGHTARG = anycompatiblearray,
	FUNCTION = cassandra_cosine_distance_double, COMMUTATOR = <=>
);
CREATE OPERATOR <#> (
	LEFTARG = anycompatiblearray, RIGHTARG = anycompatiblearray,
	FUNCTION = cassandra_negative_inner_product_double, COMMUTATOR = <#>
);

/* ---- CQL from SQL; whoever may use a server may be granted these ---- */

CREATE FUNCTION cassandra_execute(server name, cql text) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;
CREATE FUNCTION cassandra_execute(server name, cql text,
								  VARIADIC params "any") RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;
CREATE FUNCTION cassandra_query(server name, cql text) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
CREATE FUNCTION cassandra_query(server name, cql text,
								VARIADIC params "any") RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
CREATE FUNCTION cassandra_query_json(server name, cql text)
	RETURNS SETOF jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
CREATE FUNCTION cassandra_query_json(server name, cql text,
									 VARIADIC params "any")
	RETURNS SETOF jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
CREATE FUNCTION cassandra_batch(server name, statements jsonb,
								type text DEFAULT 'logged') RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;
CREATE FUNCTION cassandra_batch(server name, statements text,
								type text DEFAULT 'logged') RETURNS jsonb
	AS 'MODULE_PATHNAME', 'cassandra_batch_text'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
CREATE FUNCTION cassandra_batch(server name, statements text[],
								type text DEFAULT 'logged') RETURNS jsonb
	AS 'MODULE_PATHNAME', 'cassandra_batch_array'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;

REVOKE ALL ON FUNCTION cassandra_batch(name, jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION cassandra_batch(name, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION cassandra_batch(name, text[], text) FROM PUBLIC;
REVOKE ALL ON FUNCTION cassandra_execute(name, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION cassandra_execute(name, text, "any") FROM PUBLIC;
REVOKE ALL ON FUNCTION cassandra_query(name, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION cassandra_query(name, text, "any") FROM PUBLIC;
REVOKE ALL ON FUNCTION cassandra_query_json(name, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION cassandra_query_json(name, text, "any") FROM PUBLIC;

/* ---- about the extension ---- */

CREATE FUNCTION cassandra_fdw_version() RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION cassandra_clusters(
	OUT server_name text, OUT user_name text, OUT used_in_xact bool,
	OUT valid bool, OUT protocol int, OUT release text, OUT nodes int,
	OUT connections int, OUT requests int8, OUT retries int8,
	OUT reprepared int8, OUT orphans int8, OUT bytes_sent int8,
	OUT bytes_received int8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
CREATE FUNCTION cassandra_connections(
	OUT server_name text, OUT user_name text, OUT address text,
	OUT host_id uuid, OUT datacenter text, OUT rack text, OUT local bool,
	OUT up bool, OUT connections int) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
CREATE FUNCTION cassandra_disconnect(server name) RETURNS bool
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
CREATE FUNCTION cassandra_disconnect_all() RETURNS bool
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

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

/* ---- the ring ---- */

CREATE FUNCTION cassandra_token(foreign_table regclass, VARIADIC key "any")
	RETURNS int8
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED;
CREATE FUNCTION cassandra_ring_ranges(
	server name, keyspace text, ranges int,
	OUT after_token int8, OUT up_to_token int8) RETURNS SETOF record
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
