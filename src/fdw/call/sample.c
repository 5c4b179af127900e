/*
 * sample.c
 *	  Reads a sample of a table for ANALYZE.
 *
 * A table of one page is read whole.  A larger one is read in slices of the
 * token ring, all of the same width and spread over it, until all are read or
 * the budget is spent: a partition's rows come together and may be many, so
 * rows are taken from many places.  The width is chosen by two small probes.
 * A slice that holds more than its share is counted by the server.  What has
 * no ring (virtual tables, other partitioners) is read from its beginning.
 */
#include "column.h"
#include "sample.h"
#include "scan.h"

#include <math.h>

#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"
#include "utils/sampling.h"

#define LEAST_PAGE 5
#define PROBE_ROWS 500
#define PROBE_PARTITIONS 200
#define SLICES_AIM 128 /* slices that use the budget up */
#define SLICE_EXCESS 8 /* times its share, then it is counted */
#define MIN_BITS 3	   /* 2 ^ bits slices make the ring */
#define MAX_BITS 40

typedef struct Slice
{
	CassRequest *handle;
	uint64 bounds[2]; /* in the order of the network */
	cql_slice values[2];
	int64 end;
	double rows;
	bool counting;	 /* by the server */
	cql_slice state; /* of the page asked for */
} Slice;

typedef struct Ring
{
	CassSample *sample;
	int bits;
	uint64 offset; /* slice of the first turn, */
	uint64 step;   /* and how far apart turns are: odd */
	uint64 started;
	uint64 finished;
	double rows;	  /* in finished slices */
	double slice_cap; /* rows of a slice that are read */
	int window;
	Slice *slices;
	char *select_cql;
	char *count_cql;
} Ring;

/* ---- text ---- */

static char *
token_of(const cql_schema_table *table)
{
	StringInfoData out;

	initStringInfo(&out);
	cass_append_token(&out, table);
	return out.data;
}

static char *
columns_of(const CassSample *sample)
{
	StringInfoData out;
	ListCell *lc;

	initStringInfo(&out);
	foreach (lc, sample->retrieved)
	{
		const CassAttribute *att = &sample->shape->atts[lfirst_int(lc) - 1];

		appendStringInfoString(&out, out.len > 0 ? ", " : "");
		if (att->selector != NULL)
			appendStringInfoString(&out, att->selector);
		else
			cass_append_name(&out, att->column_name);
	}
	/* CQL has no empty list: a key column then stands for the row */
	if (sample->retrieved == NIL)
		cass_append_name(&out, sample->shape->table->columns[0].name);
	return out.data;
}

static char *
make_select(const cql_schema_table *table, const char *what, bool by_token)
{
	StringInfoData out;
	char *token = token_of(table);

	initStringInfo(&out);
	appendStringInfo(&out, "SELECT %s FROM ", what);
	cass_append_name(&out, table->keyspace);
	appendStringInfoChar(&out, '.');
	cass_append_name(&out, table->name);
	if (by_token)
		appendStringInfo(&out, " WHERE %s > ? AND %s <= ?", token, token);
	return out.data;
}

/* ---- requests ---- */

static void
fill_params(const CassSample *sample, const char *cql, cql_params *params)
{
	memset(params, 0, sizeof(*params));
	params->cql = cql;
	params->prepare = true;
	params->keyspace = sample->shape->table->keyspace;
	params->consistency = sample->options->read_consistency;
	params->serial_consistency = -1;
	params->page_size = sample->pager.size;
	params->paging_state.len = CQL_NULL;
	params->timeout = sample->options->request_timeout;
	params->idempotent = true;
	params->belief = sample->belief;
}

/* The types of the columns asked for, so that no value can be shifted. */
static void
expect_columns(const CassSample *sample, cql_params *params)
{
	int n = Max(list_length(sample->retrieved), 1);
	const cql_type **expected = palloc0(sizeof(cql_type *) * n);
	ListCell *lc;

	params->expected = expected;
	params->nexpected = n;
	expected[0] = sample->shape->table->columns[0].type;
	n = 0;
	foreach (lc, sample->retrieved)
		expected[n++] = sample->shape->atts[lfirst_int(lc) - 1].type;
}

/* Gives a page's rows to the sample; returns how many they are. */
static double
take_rows(CassSample *sample, cql_result *result, const char *cql)
{
	uint64 nrows = cql_result_nrows(result);
	cql_error error;
	int rc;

	while ((rc = cql_result_next(result, sample->cells, &error)) > 0)
	{
		sample->row(sample->arg, sample->cells);
		CHECK_FOR_INTERRUPTS();
	}
	if (rc < 0)
		cass_report_error(&error, cql);
	sample->rows += (double) nrows;
	sample->bytes += cql_result_bytes(result);
	cass_pager_adapt(&sample->pager, result);
	return (double) nrows;
}

static bool
budget_left(const CassSample *sample)
{
	return sample->rows < sample->max_rows &&
		   sample->bytes < CASS_SAMPLE_BYTES && cql_now() < sample->deadline;
}

/* Outlives the result it came with. */
static cql_slice
copy_state(cql_slice state)
{
	uint8 *data;

	if (state.len <= 0)
		return state;
	data = palloc(state.len);
	memcpy(data, state.data, state.len);
	state.data = data;
	return state;
}

/*
 * Whether the same page, which was too much in one read, is worth another try
 * in fewer rows.
 */
static bool
shrink_page(CassSample *sample, const CassRequest *handle)
{
	return cql_request_get_state(handle->request) == CQL_REQUEST_FAILED &&
		   cass_is_too_much(cql_request_error(handle->request)) &&
		   cass_pager_shrink(&sample->pager, LEAST_PAGE);
}

/* Asks for a page, of fewer rows where it is too much, and waits for it. */
static cql_result *
read_page(CassSample *sample, CassRequest *handle, cql_params *params)
{
	do
	{
		params->page_size = sample->pager.size;
		cass_request_execute(handle, sample->cluster, params);
		(void) cass_wait_any(sample->cluster, &handle->request, 1);
	} while (shrink_page(sample, handle));
	return cass_request_wait(handle, sample->cluster, params->cql);
}

/* ---- without a ring ---- */

/*
 * Reads on from a paging state (that of a page already read, or null) as far
 * as the budget allows; true when the table ended.
 */
static bool
read_stream(CassSample *sample, const char *cql, cql_slice state)
{
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_params params;

	fill_params(sample, cql, &params);
	expect_columns(sample, &params);
	while (state.len >= 0 && budget_left(sample))
	{
		params.paging_state = state;
		(void) read_page(sample, handle, &params);
		(void) take_rows(sample, handle->result, cql);
		state = copy_state(cql_result_paging_state(handle->result));
	}
	cass_request_reset(handle);
	return state.len < 0;
}

/* ---- how wide a slice should be ---- */

/* Adds the tokens of a page to those there are; returns how many they are. */
static int
take_tokens(cql_result *result, int64 *tokens, int n, int limit)
{
	cql_error error;
	cql_slice cell;

	while (n < limit && cql_result_metadata(result)->ncolumns == 1 &&
		   cql_result_next(result, &cell, &error) > 0)
	{
		uint64 bytes;

		if (cell.len != sizeof(bytes))
			continue;
		memcpy(&bytes, cell.data, sizeof(bytes));
		tokens[n++] = (int64) pg_ntoh64(bytes);
	}
	return n;
}

/* Tokens of a probe; returns how many came. */
static int
probe(const CassSample *sample, const char *suffix, int limit, int64 *tokens)
{
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	const cql_schema_table *table = sample->shape->table;
	char *cql =
		psprintf("%s %s LIMIT %d", make_select(table, token_of(table), false),
				 suffix, limit);
	CassSample pages = *sample;
	cql_params params;
	int n = 0;

	fill_params(sample, cql, &params);
	pages.pager.size = limit;
	do
	{
		cql_result *result = read_page(&pages, handle, &params);

		n = take_tokens(result, tokens, n, limit);
		params.paging_state = copy_state(cql_result_paging_state(result));
	} while (n < limit && params.paging_state.len >= 0);
	cass_request_reset(handle);
	return n;
}

/* From the distance on the ring that the first ones take. */
double
cass_sample_partitions(const CassSample *sample)
{
	int64 tokens[PROBE_PARTITIONS];
	double part;
	int n;

	if (sample->shape->local_strategy)
		return 0;
	n = probe(sample, "PER PARTITION LIMIT 1", PROBE_PARTITIONS, tokens);
	if (n < PROBE_PARTITIONS)
		return n;
	part =
		ldexp((double) ((uint64) tokens[n - 1] - (uint64) PG_INT64_MIN), -64);
	return n / Max(part, 1e-15);
}

/* Mean rows of a partition, seen at the first ones. */
static double
probe_partition_rows(const CassSample *sample)
{
	int64 tokens[PROBE_ROWS];
	int n = probe(sample, "", PROBE_ROWS, tokens);
	int partitions = n > 0;
	int i;

	for (i = 1; i < n; i++)
		partitions += tokens[i] != tokens[i - 1];
	return (double) n / Max(partitions, 1);
}

/* Slices that use the budget up, but not much narrower than partitions. */
static int
choose_bits(const CassSample *sample)
{
	double partitions = Max(cass_sample_partitions(sample), 1);
	double rows = partitions * probe_partition_rows(sample);
	double wanted = rows * SLICES_AIM / sample->max_rows;
	double bits = ceil(log2(Max(wanted, 1)));

	bits = Min(bits, ceil(log2(partitions)) + 1);
	return (int) Max(Min(bits, MAX_BITS), MIN_BITS);
}

/* ---- slices ---- */

/* Requests the slice's next page, or its count. */
static void
submit(Ring *ring, Slice *slice, cql_slice state)
{
	cql_params params;

	fill_params(ring->sample,
				slice->counting ? ring->count_cql : ring->select_cql, &params);
	if (!slice->counting)
		expect_columns(ring->sample, &params);
	params.values = slice->values;
	params.nvalues = 2;
	params.has_token = true;
	params.token = slice->end;
	params.paging_state = slice->state = state;
	cass_request_execute(slice->handle, ring->sample->cluster, &params);
}

static void
start_slice(Ring *ring, Slice *slice)
{
	static const cql_slice first_page = {NULL, CQL_NULL};
	uint64 mask = (UINT64CONST(1) << ring->bits) - 1;
	uint64 turn = (ring->offset + ring->started++ * ring->step) & mask;
	int shift = 64 - ring->bits;
	int64 start = (int64) ((turn << shift) + (uint64) PG_INT64_MIN);
	int i;

	slice->end =
		turn == mask ? PG_INT64_MAX : start + (INT64CONST(1) << shift);
	slice->bounds[0] = pg_hton64((uint64) start);
	slice->bounds[1] = pg_hton64((uint64) slice->end);
	for (i = 0; i < 2; i++)
	{
		slice->values[i].data = (const uint8_t *) &slice->bounds[i];
		slice->values[i].len = sizeof(slice->bounds[i]);
	}
	slice->rows = 0;
	slice->counting = false;
	submit(ring, slice, first_page);
}

static void
finish_slice(Ring *ring, Slice *slice)
{
	ring->finished++;
	ring->rows += slice->rows;
	cass_request_reset(slice->handle);
}

/* The server's count; where it could not, the rows that were read stand. */
static void
take_count(Ring *ring, Slice *slice)
{
	cql_request *request = slice->handle->request;
	cql_error error;
	cql_slice cell;
	uint64 count;

	if (cql_request_get_state(request) == CQL_REQUEST_DONE)
	{
		/* not through cass_request_wait(): its warning would be the user's */
		slice->handle->result = cql_request_take(request);
		if (cql_result_metadata(slice->handle->result)->ncolumns == 1 &&
			cql_result_next(slice->handle->result, &cell, &error) > 0 &&
			cell.len == sizeof(count))
		{
			memcpy(&count, cell.data, sizeof(count));
			slice->rows = Max(slice->rows, (double) pg_ntoh64(count));
			finish_slice(ring, slice);
			return;
		}
	}
	ring->sample->cut = true;
	finish_slice(ring, slice);
}

static void
take_page(Ring *ring, Slice *slice)
{
	cql_slice state;
	cql_result *result;

	if (slice->counting)
	{
		take_count(ring, slice);
		return;
	}
	if (shrink_page(ring->sample, slice->handle))
	{
		submit(ring, slice, slice->state);
		return;
	}
	result = cass_request_wait(slice->handle, ring->sample->cluster,
							   ring->select_cql);
	slice->rows += take_rows(ring->sample, result, ring->select_cql);
	state = copy_state(cql_result_paging_state(result));
	if (state.len < 0)
	{
		finish_slice(ring, slice);
		return;
	}
	if (slice->rows >= ring->slice_cap || !budget_left(ring->sample))
	{
		slice->counting = true;
		state.len = CQL_NULL;
	}
	submit(ring, slice, state);
}

/* Starts slices while there is budget; returns how many are active. */
static int
fill_window(Ring *ring)
{
	int active = 0;
	int i;

	for (i = 0; i < ring->window; i++)
	{
		if (ring->slices[i].handle->request == NULL &&
			budget_left(ring->sample) &&
			ring->started < UINT64CONST(1) << ring->bits)
			start_slice(ring, &ring->slices[i]);
		active += ring->slices[i].handle->request != NULL;
	}
	return active;
}

static void
read_slices(Ring *ring)
{
	cql_request **requests = palloc0(sizeof(cql_request *) * ring->window);
	int i;

	while (fill_window(ring) > 0)
	{
		for (i = 0; i < ring->window; i++)
			requests[i] = ring->slices[i].handle->request;
		i = cass_wait_until(ring->sample->cluster, requests, ring->window,
							ring->sample->deadline);
		if (i < 0)
			break;
		take_page(ring, &ring->slices[i]);
	}
	for (i = 0; i < ring->window; i++)
	{
		ring->sample->cut |= ring->slices[i].handle->request != NULL;
		cass_request_reset(ring->slices[i].handle);
	}
}

static void
init_ring(Ring *ring, CassSample *sample, const char *columns)
{
	const cql_schema_table *table = sample->shape->table;
	pg_prng_state random;
	int i;

	memset(ring, 0, sizeof(*ring));
	ring->sample = sample;
	ring->bits = choose_bits(sample);
	sampler_random_init_state((uint32) cql_now(), &random);
	ring->offset = (uint64) ldexp(sampler_random_fract(&random), ring->bits);
	/* turns by the golden section lie evenly at any time */
	ring->step = (uint64) ldexp(0.6180339887498949, ring->bits) | 1;
	ring->slice_cap = sample->max_rows / SLICES_AIM * SLICE_EXCESS;
	ring->window = sample->options->scan_concurrency;
	ring->slices = palloc0(sizeof(Slice) * ring->window);
	for (i = 0; i < ring->window; i++)
		ring->slices[i].handle = cass_request_create(CurrentMemoryContext);
	ring->select_cql = make_select(table, columns, true);
	ring->count_cql = make_select(table, "count(*)", true);
}

/* Whether the table is on a ring of Murmur3 tokens. */
static bool
has_ring(const CassSample *sample)
{
	cql_token_range *ranges = NULL;
	uint32 n;

	if (sample->shape->local_strategy ||
		cql_cluster_ranges(sample->cluster, sample->shape->table->keyspace, 1,
						   &ranges, &n) != CQL_OK)
		return false;
	cass_env_free(ranges);
	return n > 0;
}

static void
read_ring(CassSample *sample, const char *columns)
{
	Ring ring;

	init_ring(&ring, sample, columns);
	read_slices(&ring);
	sample->covered = ldexp((double) ring.finished, -ring.bits);
	if (ring.finished > 0)
		sample->total = rint(ring.rows / sample->covered);
	else
		sample->total = sample->rows;
}

/* The first page, then what is right for the size it shows. */
static void
read_table(CassSample *sample)
{
	CassRequest *page = cass_request_create(CurrentMemoryContext);
	char *columns = columns_of(sample);
	char *cql = make_select(sample->shape->table, columns, false);
	cql_params params;
	cql_result *result;
	cql_slice state;

	fill_params(sample, cql, &params);
	expect_columns(sample, &params);
	result = read_page(sample, page, &params);
	state = copy_state(cql_result_paging_state(result));
	if (state.len >= 0 && has_ring(sample))
	{
		cass_request_reset(page);
		read_ring(sample, columns);
		return;
	}
	(void) take_rows(sample, result, cql);
	cass_request_reset(page);
	sample->cut = !read_stream(sample, cql, state);
	sample->covered = sample->cut ? 0 : 1;
	sample->total = sample->rows;
}

void
cass_sample_read(CassSample *sample)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "cassandra_fdw reading a sample",
		ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	cass_pager_init(&sample->pager, sample->options->fetch_size, 0);
	sample->cells =
		palloc0(sizeof(cql_slice) * Max(list_length(sample->retrieved), 1));
	read_table(sample);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	sample->cells = NULL;
}
