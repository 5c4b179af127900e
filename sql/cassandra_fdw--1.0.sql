/* cassandra_fdw--1.0.sql: what CREATE EXTENSION cassandra_fdw makes */

\echo Use "CREATE EXTENSION cassandra_fdw" to load this file. \quit

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
