/*
 * row_reader.c
 *	  One row of the table written, asked for by its key.
 */
#include "modify.h"

#include "pushdown.h"

struct CassRowReader
{
	const CassTarget *target;
	CassRequest *handle;
	char *cql;
	cql_belief *belief;
	const cql_type **types; /* of its columns */
	int ncolumns;
	cql_slice *cells;
	const cql_type **bound;
	int nbound; /* key columns it is asked by */
	StringInfoData key;
};

static void
append_column(StringInfo cql, CassRowReader *reader, int column)
{
	const cql_schema_table *table = reader->target->shape->table;

	cass_append_name(cql, table->columns[column].name);
	reader->types[reader->ncolumns++] = table->columns[column].type;
}

/* A row is not asked for static columns alone, nor for none. */
static void
append_selected(StringInfo cql, CassRowReader *reader, const int *atts,
				int natts)
{
	const CassShape *shape = reader->target->shape;
	uint32 npartition = shape->table->npartition;
	bool clustered = reader->nbound > (int) npartition;
	int i;

	for (i = 0; i < natts; i++)
	{
		appendStringInfoString(cql, i == 0 ? "" : ", ");
		cass_append_attribute(cql, &shape->atts[atts[i]]);
		reader->types[reader->ncolumns++] = shape->atts[atts[i]].type;
	}
	if (!clustered && natts > 0)
		return;
	appendStringInfoString(cql, natts == 0 ? "" : ", ");
	append_column(cql, reader, clustered ? (int) npartition : 0);
}

static void
deparse(CassRowReader *reader, const int *atts, int natts)
{
	const cql_schema_table *table = reader->target->shape->table;
	StringInfoData cql;
	int i;

	initStringInfo(&cql);
	appendStringInfoString(&cql, "SELECT ");
	append_selected(&cql, reader, atts, natts);
	appendStringInfoString(&cql, " FROM ");
	cass_append_name(&cql, table->keyspace);
	appendStringInfoChar(&cql, '.');
	cass_append_name(&cql, table->name);
	for (i = 0; i < reader->nbound; i++)
	{
		appendStringInfoString(&cql, i == 0 ? " WHERE " : " AND ");
		cass_append_name(&cql, table->columns[i].name);
		appendStringInfoString(&cql, " = ?");
		reader->bound[i] = table->columns[i].type;
	}
	appendStringInfoString(&cql, " LIMIT 1");
	reader->cql = cql.data;
}

CassRowReader *
cass_row_reader_create(const CassTarget *target, const int *atts, int natts,
					   int nbound)
{
	CassRowReader *reader = palloc0(sizeof(CassRowReader));

	reader->target = target;
	reader->nbound = nbound;
	reader->types = palloc(sizeof(cql_type *) * (natts + 1));
	reader->bound = palloc(sizeof(cql_type *) * nbound);
	reader->cells = palloc(sizeof(cql_slice) * (natts + 1));
	reader->handle = cass_request_create(CurrentMemoryContext);
	initStringInfo(&reader->key);
	deparse(reader, atts, natts);
	reader->belief = cass_belief_create(target->shape, NULL, 0);
	return reader;
}

const cql_slice *
cass_row_reader_read(CassRowReader *reader, const CassNewRow *in)
{
	const CassTarget *target = reader->target;
	cql_params params;
	cql_error error;
	int found;

	resetStringInfo(&reader->key);
	cass_encode_key(target, in->key_values, in->key_isnull, reader->nbound,
					&reader->key);
	memset(&params, 0, sizeof(params));
	params.cql = reader->cql;
	params.prepare = true;
	params.encoded.data = (const uint8 *) reader->key.data;
	params.encoded.len = reader->key.len;
	params.nvalues = params.nbound = reader->nbound;
	params.bound = reader->bound;
	params.expected = reader->types;
	params.nexpected = reader->ncolumns;
	params.keyspace = target->shape->table->keyspace;
	params.consistency = target->options->read_consistency;
	params.serial_consistency = -1;
	params.paging_state.len = CQL_NULL;
	params.timeout = target->options->request_timeout;
	params.idempotent = true;
	params.belief = reader->belief;
	cass_request_execute(reader->handle, target->cluster, &params);
	found = cql_result_next(
		cass_request_wait(reader->handle, target->cluster, reader->cql),
		reader->cells, &error);
	if (found < 0)
		cass_report_error(&error, reader->cql);
	return found > 0 ? reader->cells : NULL;
}

void
cass_row_reader_done(CassRowReader *reader)
{
	cass_request_reset(reader->handle);
}
