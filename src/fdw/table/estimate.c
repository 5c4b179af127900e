/*
 * estimate.c
 *	  Size of a table nobody ran ANALYZE on, from what Cassandra counted.
 *
 * system.size_estimates has, for each of a node's own token ranges, the
 * number of partitions and their mean size as of the last flush, some minutes
 * old.  One node answers for its part of the ring; the rest is taken to be
 * alike.  A table not flushed yet has no rows there: then it is a guess.
 */
#include "client.h"
#include "conncache.h"
#include "estimate.h"
#include "shape_int.h"

#include <errno.h>
#include <math.h>

#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/syscache.h"

#define ESTIMATE_TIMEOUT INT64CONST(1000000)
/* Microseconds until it is asked for again; Cassandra counts every 5 minutes,
 * and a table that was not flushed may be by now. */
#define ESTIMATE_AGE INT64CONST(300000000)
#define GUESS_AGE INT64CONST(10000000)
/* Virtual nodes of one node; more rows than this are not looked at. */
#define ESTIMATE_MAX_RANGES 4096

/* Bytes a stored row and a cell take beside the value, about. */
#define ROW_OVERHEAD 12
#define CELL_OVERHEAD 2

/* What one node said, for the whole ring; partitions 0: nothing. */
typedef struct EstimateEntry
{
	CassSchemaKey key;
	double partitions;
	double bytes;
	int64 read; /* when, by cql_now() */
} EstimateEntry;

static HTAB *estimates = NULL;

/* Another host may be another cluster. */
static void
invalidate(Datum arg, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS seq;
	EstimateEntry *entry;

	hash_seq_init(&seq, estimates);
	while ((entry = hash_seq_search(&seq)) != NULL)
		(void) hash_search(estimates, &entry->key, HASH_REMOVE, NULL);
}

void
cass_estimates_forget(void)
{
	if (estimates != NULL)
		invalidate((Datum) 0, 0, 0);
}

static void
create_cache(void)
{
	HASHCTL ctl = {.keysize = sizeof(CassSchemaKey),
				   .entrysize = sizeof(EstimateEntry)};

	estimates = hash_create("cassandra_fdw estimates", 32, &ctl,
							HASH_ELEM | HASH_BLOBS);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, invalidate, (Datum) 0);
}

/* ---- the width of a row ---- */

/* Bytes of a value as stored; those of varying length are a guess. */
static int
value_width(const cql_type *type)
{
	switch (type->id)
	{
		case CQL_TYPE_BOOLEAN:
		case CQL_TYPE_TINYINT:
			return 1;
		case CQL_TYPE_SMALLINT:
			return 2;
		case CQL_TYPE_INT:
		case CQL_TYPE_FLOAT:
		case CQL_TYPE_DATE:
			return 4;
		case CQL_TYPE_UUID:
		case CQL_TYPE_TIMEUUID:
			return 16;
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
		case CQL_TYPE_DOUBLE:
		case CQL_TYPE_TIMESTAMP:
		case CQL_TYPE_TIME:
		case CQL_TYPE_INET:
		case CQL_TYPE_DECIMAL:
		case CQL_TYPE_VARINT:
		case CQL_TYPE_DURATION:
			return 8;
		case CQL_TYPE_VECTOR:
			return (int) Min(
				(uint64) type->dimension * value_width(type->sub[0]), 1 << 20);
		case CQL_TYPE_LIST:
		case CQL_TYPE_SET:
		case CQL_TYPE_MAP:
		case CQL_TYPE_UDT:
		case CQL_TYPE_TUPLE:
			return 64;
		default:
			return 16;
	}
}

static int
row_width(const cql_schema_table *table)
{
	int width = ROW_OVERHEAD;
	uint32 i;

	for (i = table->npartition; i < table->ncolumns; i++)
	{
		if (table->columns[i].kind != CQL_STATIC)
			width += value_width(table->columns[i].type) + CELL_OVERHEAD;
	}
	return width;
}

/* What a row is for PostgreSQL: all columns, the key's too. */
static int
tuple_width(const cql_schema_table *table)
{
	int width = 0;
	uint32 i;

	for (i = 0; i < table->ncolumns; i++)
		width += value_width(table->columns[i].type);
	return Max(width, 1);
}

/* ---- reading ---- */

/* A token of system.size_estimates: text of digits; false if it is not. */
static bool
parse_token(cql_slice cell, int64 *token)
{
	char text[24];
	char *end;

	if (cell.len <= 0 || cell.len >= (int32) sizeof(text))
		return false;
	memcpy(text, cell.data, cell.len);
	text[cell.len] = '\0';
	errno = 0;
	*token = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool
parse_bigint(cql_slice cell, int64 *number)
{
	uint64 value = 0;
	int i;

	if (cell.len != 8)
		return false;
	for (i = 0; i < 8; i++)
		value = value << 8 | cell.data[i];
	*number = (int64) value;
	return *number >= 0;
}

/* Adds up the ranges, then takes the rest of the ring to be alike. */
static void
add_up(cql_result *result, EstimateEntry *entry)
{
	double covered = 0;
	cql_slice cells[4];
	cql_error error;
	int n = 0;

	while (n++ < ESTIMATE_MAX_RANGES &&
		   cql_result_next(result, cells, &error) > 0)
	{
		int64 start, end, size, count;

		if (!parse_token(cells[0], &start) || !parse_token(cells[1], &end) ||
			!parse_bigint(cells[2], &size) || !parse_bigint(cells[3], &count))
			continue;
		/* the last range goes round, its end is the lowest token */
		covered += ldexp((double) ((uint64) end - (uint64) start), -64);
		if (start == end)
			covered = 1;
		entry->partitions += (double) count;
		entry->bytes += (double) count * (double) size;
	}
	if (covered > 0 && covered < 1)
	{
		entry->partitions /= covered;
		entry->bytes /= covered;
	}
}

static void
fill_params(cql_params *params, cql_slice values[2], EstimateEntry *entry)
{
	static const cql_type text = {.id = CQL_TYPE_TEXT};
	static const cql_type bigint = {.id = CQL_TYPE_BIGINT};
	static const cql_type *const expected[] = {&text, &text, &bigint, &bigint};

	values[0].data = (const uint8_t *) entry->key.keyspace;
	values[0].len = (int32) strlen(entry->key.keyspace);
	values[1].data = (const uint8_t *) entry->key.table;
	values[1].len = (int32) strlen(entry->key.table);
	memset(params, 0, sizeof(*params));
	params->cql = "SELECT range_start, range_end, mean_partition_size, "
				  "partitions_count FROM system.size_estimates "
				  "WHERE keyspace_name = ? AND table_name = ?";
	params->prepare = true;
	params->values = values;
	params->nvalues = 2;
	params->consistency = CQL_ONE;
	params->serial_consistency = -1;
	params->page_size = ESTIMATE_MAX_RANGES;
	params->paging_state.len = CQL_NULL;
	params->timeout = ESTIMATE_TIMEOUT;
	params->idempotent = true;
	params->expected = expected;
	params->nexpected = lengthof(expected);
}

/* Whatever goes wrong here only leaves the guess. */
static void
read_entry(EstimateEntry *entry)
{
	cql_cluster *cluster =
		cass_get_cluster(entry->key.serverid, entry->key.userid);
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	EstimateEntry sum = *entry;
	cql_slice values[2];
	cql_params params;

	fill_params(&params, values, &sum);
	cass_request_execute(handle, cluster, &params);
	(void) cass_wait_any(cluster, &handle->request, 1);
	if (cql_request_get_state(handle->request) == CQL_REQUEST_DONE)
	{
		handle->result = cql_request_take(handle->request);
		add_up(handle->result, &sum);
	}
	cass_request_reset(handle);
	entry->partitions = sum.partitions;
	entry->bytes = sum.bytes;
	entry->read = cql_now();
}

static bool
is_fresh(const EstimateEntry *entry)
{
	return cql_now() - entry->read <
		   (entry->partitions > 0 ? ESTIMATE_AGE : GUESS_AGE);
}

static void
find_entry(const CassShape *shape, Oid userid, EstimateEntry *out)
{
	EstimateEntry *cached;
	bool found;

	memset(out, 0, sizeof(*out));
	out->key.serverid = shape->serverid;
	out->key.userid = userid;
	strlcpy(out->key.keyspace, shape->table->keyspace, CASS_MAX_NAME);
	strlcpy(out->key.table, shape->table->name, CASS_MAX_NAME);
	if (estimates == NULL)
		create_cache();
	cached = hash_search(estimates, &out->key, HASH_FIND, NULL);
	if (cached != NULL && is_fresh(cached))
	{
		*out = *cached;
		return;
	}
	read_entry(out);
	cached = hash_search(estimates, &out->key, HASH_ENTER, &found);
	*cached = *out;
}

void
cass_estimate_table(const CassShape *shape, Oid userid, CassEstimate *out)
{
	const cql_schema_table *table = shape->table;
	EstimateEntry entry;

	memset(&entry, 0, sizeof(entry));
	if (!shape->local_strategy)
		find_entry(shape, userid, &entry);
	out->width = tuple_width(table);
	out->width_known = false;
	out->known = entry.partitions > 0;
	if (out->known)
	{
		out->partitions = entry.partitions;
		out->rows = entry.partitions;
		if (table->nclustering > 0)
			out->rows = Max(out->rows, rint(entry.bytes / row_width(table)));
		else
		{
			out->width = (int) Min(Max(entry.bytes / entry.partitions, 1),
								   PG_INT32_MAX);
			out->width_known = true;
		}
		return;
	}
	out->rows =
		shape->local_strategy ? CASS_GUESS_LOCAL_ROWS : CASS_GUESS_ROWS;
	out->partitions = out->rows;
	if (table->nclustering > 0)
		out->partitions = ceil(out->rows / CASS_GUESS_PARTITION_ROWS);
}
