/*
 * pages.c
 *	  The pages of one query, one after the other.
 */
#include "scan.h"

#define PAGE_GROWTH 4	/* of pages where few rows are wanted */
#define UNKNOWN_PAGE 16 /* first rows of a table whose rows may be large */

static const cql_slice first_page = {NULL, CQL_NULL};

/* ---- asking ---- */

/* Keeps the paging state: a page that times out is asked for again. */
static void
keep_state(CassScan *scan, CassStream *stream, cql_slice state)
{
	if (state.len > stream->state_size)
	{
		stream->state_size = Max(state.len, 256);
		stream->state = MemoryContextAlloc(scan->context, stream->state_size);
	}
	if (state.len > 0)
		memcpy(stream->state, state.data, state.len);
	stream->state_len = state.len;
}

/* Values that make the partition key: the first ones, in key order. */
static void
set_keys(const CassQuery *query, cql_params *params, uint16 *keys)
{
	int i;

	if (query->nkeys > 64)
		return;
	for (i = 0; i < query->nkeys; i++)
		keys[i] = (uint16) i;
	params->keys = keys;
	params->nkeys = query->nkeys;
}

void
cass_stream_submit(CassScan *scan, CassStream *stream, cql_slice state)
{
	const CassQuery *query = &stream->query;
	cql_params params;
	uint16 keys[64];

	memset(&params, 0, sizeof(params));
	params.cql = query->cql;
	params.prepare = true;
	params.values = query->values;
	params.nvalues = query->nvalues;
	params.keyspace = scan->shape->table->keyspace;
	set_keys(query, &params, keys);
	/* one query of the whole ring is no replica's more than another's */
	params.has_token =
		query->has_range && (query->range.start != PG_INT64_MIN ||
							 query->range.end != PG_INT64_MAX);
	params.token = query->range.end;
	params.consistency = scan->bind.vector.len >= 0
							 ? CQL_LOCAL_ONE
							 : scan->options->read_consistency;
	params.serial_consistency = -1;
	params.page_size = cass_pager_rows(&scan->pager, state.len < 0);
	params.paging_state = state;
	params.timeout = scan->options->request_timeout;
	if (query->nkeys > 0 && !query->has_range)
		params.speculative_delay = scan->options->speculative_delay;
	params.idempotent = true;
	params.nexpected = scan->nexpected;
	params.expected = (const cql_type *const *) scan->expected;
	if (stream->group != NULL)
		params.expected = (const cql_type *const *) cass_by_rows_expected(
			scan, &params.nexpected);
	/* the token stands behind them, see cass_scan_expected() */
	else if (query->position)
		params.nexpected++;
	params.bound = (const cql_type *const *) query->types;
	params.nbound = query->nvalues;
	params.belief = scan->belief;
	if (state.len < 0 || state.data != stream->state)
		keep_state(scan, stream, state);
	cass_request_execute(stream->handle, scan->cluster, &params);
	scan->requests++;
}

/* What is to be checked here cannot have been combined. */
static bool
needs_rows(const CassScan *scan, const CassStream *stream)
{
	return scan->plan->aggregate &&
		   (stream->query.by_rows || scan->only_rows || scan->bind.incomplete);
}

bool
cass_stream_start(CassScan *scan, CassRequestSource *source,
				  CassStream *stream)
{
	CassQuery *query = &stream->query;

	if (stream->handle == NULL)
	{
		stream->handle = cass_request_create(scan->context);
		stream->page = cass_request_create(scan->context);
	}
	stream->consumed = false;
	stream->smaller = query->halved = 0;
	stream->group = NULL;
	query->by_rows = query->has_range = query->position = false;
	if (!source->next(source, query))
		return false;
	if (needs_rows(scan, stream))
		cass_by_rows(scan, stream);
	cass_stream_submit(scan, stream, first_page);
	return true;
}

void
cass_stream_continue(CassScan *scan, CassStream *stream)
{
	cql_slice state = cql_result_paging_state(stream->page->result);

	if (state.len < 0)
		return;
	cass_stream_submit(scan, stream, state);
	/* it is under way while this page is read */
	if (stream->query.nkeys > 0)
		cass_poll(scan->cluster);
}

/* ---- page sizes ---- */

void
cass_page_size_init(CassScan *scan)
{
	const CassScanPlan *plan = scan->plan;
	CassPager *pager = &scan->pager;

	cass_pager_init(pager, scan->options->fetch_size, plan->width);
	/* few of them may be large */
	if (plan->width == 0 && scan->bind.access == CQL_ACCESS_SCAN)
		pager->size = Min(pager->size, UNKNOWN_PAGE);
	pager->limit = scan->bind.limit;
	/* few rows wanted let it begin small */
	if (plan->wanted > 0)
		pager->growth = PAGE_GROWTH;
	if (plan->wanted > 0 && plan->wanted < pager->size)
		pager->size = Max((int32) plan->wanted, 1);
	if (pager->limit > 0 && pager->limit < pager->size)
		pager->size = (int32) pager->limit;
	/* the server reads that many at a time while it counts */
	if (plan->aggregate)
		pager->size = pager->most;
	if (plan->vector >= 0)
		pager->size = Max(pager->size, (int32) pager->limit + 1);
}
