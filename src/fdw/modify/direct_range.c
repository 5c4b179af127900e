/*
 * direct_range.c
 *	  DELETE of partitions, or of ranges of their rows, as one tombstone each.
 *
 * The rows are counted by reading them first.  The tombstone has the time
 * before that: rows written meanwhile, which nobody has seen, stay.
 */
#include "direct.h"

#include "port/pg_bswap.h"

#define RANGE_WINDOW 64 /* tombstones in flight */

typedef struct RangeDelete
{
	CassScan *scan;
	const char *cql;
	uint64 timestamp;		/* as on the wire */
	const cql_type **types; /* of the markers, for all of them the same */
	CassRequest *handles[RANGE_WINDOW];
	cql_request *requests[RANGE_WINDOW]; /* NULL: free */
	int used;
} RangeDelete;

/* Waits for one of them; gives its place. */
static int
finish_one(RangeDelete *d)
{
	int i = cass_wait_any(d->scan->cluster, d->requests, RANGE_WINDOW);

	if (cql_request_get_state(d->requests[i]) == CQL_REQUEST_FAILED)
	{
		cass_shape_failed(d->scan->shape, cql_request_error(d->requests[i]));
		cass_report_write_error(cql_request_error(d->requests[i]), d->cql,
								"A range of rows could not be deleted.");
	}
	cass_write_take(d->handles[i], d->cql);
	cass_request_reset(d->handles[i]);
	d->requests[i] = NULL;
	d->used--;
	return i;
}

static int
free_place(RangeDelete *d)
{
	int i;

	if (d->used == RANGE_WINDOW)
		return finish_one(d);
	for (i = 0; d->requests[i] != NULL; i++)
		;
	if (d->handles[i] == NULL)
		d->handles[i] = cass_request_create(d->scan->context);
	return i;
}

static void
set_types(RangeDelete *d, const CassQuery *query)
{
	if (d->types != NULL)
		return;
	d->types = palloc0(sizeof(cql_type *) * (query->nvalues + 1));
	memcpy(d->types + 1, query->types, sizeof(cql_type *) * query->nvalues);
}

/* The statement of one key, with the values that the scan has for it. */
static void
start_one(RangeDelete *d, const CassQuery *query)
{
	int i = free_place(d);
	int n = query->nvalues + 1;
	cql_slice *values = palloc(sizeof(cql_slice) * n);
	cql_params params;

	values[0].data = (const uint8 *) &d->timestamp;
	values[0].len = sizeof(d->timestamp);
	memcpy(values + 1, query->values, sizeof(cql_slice) * query->nvalues);
	set_types(d, query);
	memset(&params, 0, sizeof(params));
	params.cql = d->cql;
	params.prepare = true;
	params.keyspace = d->scan->shape->table->keyspace;
	params.values = values;
	params.nvalues = params.nbound = n;
	params.bound = d->types;
	params.belief = d->scan->belief;
	params.consistency = d->scan->options->write_consistency;
	params.serial_consistency = -1;
	params.paging_state.len = CQL_NULL;
	params.timeout = d->scan->options->request_timeout;
	params.idempotent = true;
	cass_request_execute(d->handles[i], d->scan->cluster, &params);
	d->requests[i] = d->handles[i]->request;
	d->used++;
	pfree(values);
}

void
cass_delete_ranges(CassScan *scan, int64 timestamp)
{
	RangeDelete *d = palloc0(sizeof(RangeDelete));
	CassQuery query;

	d->scan = scan;
	d->cql = cass_bind_delete_text(&scan->bind);
	d->timestamp = pg_hton64((uint64) timestamp);
	memset(&query, 0, sizeof(query));
	cass_bind_rewind(&scan->bind);
	while (cass_bind_next(&scan->bind, &query))
		start_one(d, &query);
	while (d->used > 0)
		(void) finish_one(d);
}
