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

/* ---- the ring ---- */

CREATE FUNCTION cassandra_token(foreign_table regclass, VARIADIC key "any")
	RETURNS int8
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED;
CREATE FUNCTION cassandra_ring_ranges(
	server name, keyspace text, ranges int,
	OUT after_token int8, OUT up_to_token int8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
