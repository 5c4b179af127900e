/*
 * functions_prepare.c
 *	  What the markers of a statement are: PREPARE tells.
 *
 * Kept for the calls of one SQL expression, such as the rows of a join, until
 * its text changes or one of our functions changes the schema.  A value is
 * never read as one of another type than it was encoded for: the client checks
 * it against the markers when it executes.
 */
#include "functions.h"

#include "utils/memutils.h"

/* In fn_extra of a function call. */
typedef struct KeptMarkers
{
	MemoryContext context; /* of all but this */
	Oid serverid;
	uint64 generation;
	char *cql;
	const cql_metadata *markers; /* NULL: none kept */
} KeptMarkers;

static uint64 generation = 0; /* of schemas, as far as we changed them */

void
cass_forget_markers(void)
{
	generation++;
}

/* A copy of what is needed of a statement's markers. */
static const cql_metadata *
copy_markers(const cql_metadata *from)
{
	cql_metadata *copy = palloc0(sizeof(cql_metadata));
	cql_column *columns = palloc0(sizeof(cql_column) * (from->ncolumns + 1));
	uint32 i;

	for (i = 0; i < from->ncolumns; i++)
	{
		columns[i].keyspace = pstrdup(from->columns[i].keyspace);
		columns[i].name = pstrdup(from->columns[i].name);
		columns[i].type = cass_copy_type(from->columns[i].type);
	}
	copy->ncolumns = from->ncolumns;
	copy->columns = columns;
	copy->nkeys = from->nkeys;
	return copy;
}

void
cass_statement_prepare(const CassCall *call, CassStatement *statement)
{
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_error error;

	handle->request = cql_prepare(call->cluster, statement->cql,
								  call->options->request_timeout, &error);
	if (handle->request == NULL)
		cass_report_error(&error, statement->cql);
	statement->markers = copy_markers(cql_result_bound(
		cass_request_wait(handle, call->cluster, statement->cql)));
	cass_request_reset(handle);
}

static void
keep(KeptMarkers *kept, const CassCall *call, const CassStatement *statement)
{
	MemoryContext old;

	kept->markers = NULL;
	MemoryContextReset(kept->context);
	old = MemoryContextSwitchTo(kept->context);
	kept->serverid = call->serverid;
	kept->generation = generation;
	kept->cql = pstrdup(statement->cql);
	kept->markers = copy_markers(statement->markers);
	MemoryContextSwitchTo(old);
}

static KeptMarkers *
get_kept(FmgrInfo *flinfo)
{
	KeptMarkers *kept = flinfo->fn_extra;

	if (kept != NULL)
		return kept;
	kept = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(KeptMarkers));
	kept->context = AllocSetContextCreate(
		flinfo->fn_mcxt, "cassandra_fdw markers", ALLOCSET_SMALL_SIZES);
	flinfo->fn_extra = kept;
	return kept;
}

void
cass_statement_prepare_kept(const CassCall *call, CassStatement *statement,
							FmgrInfo *flinfo)
{
	KeptMarkers *kept = get_kept(flinfo);

	if (kept->markers == NULL || kept->serverid != call->serverid ||
		kept->generation != generation ||
		strcmp(kept->cql, statement->cql) != 0)
	{
		cass_statement_prepare(call, statement);
		keep(kept, call, statement);
	}
	statement->markers = kept->markers;
}
