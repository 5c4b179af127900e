/*
 * functions_connections.c
 *	  The session's clusters and their nodes, closing them, the version.
 */
#include "functions.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(cassandra_fdw_version);

Datum
cassandra_fdw_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(CQL_DRIVER_VERSION));
}
