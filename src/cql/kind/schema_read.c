/*
 * schema_read.c
 *	  Running the queries of a schema read, all at once on one connection,
 *	  each in pages.
 *
 * What they ask and what the answers mean is schema.c's.
 */
#include "kind.h"

#include <stdio.h>
#include <string.h>

/* Of all pages of one schema read; what an empty page counts. */
#define MAX_BYTES ((uint64_t) 1 << 30)
#define PAGE_COST 4096

/* ---- sending ---- */

static cql_slice
text_value(const char *text)
{
	cql_slice value = {(const uint8_t *) text, (int32_t) strlen(text)};

	return value;
}

/* Sends a query for its first page, or for the one after a paging state. */
static bool
send_page(cql_schema_reading *reading, cql_attempt *attempt, uint32_t index,
		  cql_slice state, cql_error *err)
{
	const cql_cluster *cluster = attempt->request->cluster;
	cql_query_options *options = &reading->options;
	bool has_table = false;
	const char *cql =
		cql_schema_query_text((cql_schema_query) index, cluster->release,
							  reading->table != NULL, &has_table);
	cql_slice values[2];

	if (cql == NULL)
		return true;
	values[0] = text_value(reading->keyspace);
	values[1] = text_value(has_table ? reading->table : "");
	options->values = values;
	options->nvalues = has_table ? 2 : 1;
	options->page_size =
		index < CQL_SCHEMA_VIRTUAL_KEYSPACE ? cluster->schema_page_size : 0;
	options->paging_state = state;
	return cql_queries_send(&reading->queries, index, attempt, cql, options,
							err);
}

/* Sends the queries first .. last, those that the server may know. */
static bool
send_range(cql_schema_reading *reading, cql_attempt *attempt, uint32_t first,
		   uint32_t last, cql_error *err)
{
	static const cql_slice none = {NULL, CQL_NULL};
	uint32_t i;

	for (i = first; i <= last; i++)
	{
		if (!send_page(reading, attempt, i, none, err))
			return false;
	}
	return true;
}

bool
cql_schema_reading_send(cql_request *request, cql_attempt *attempt,
						cql_error *err)
{
	cql_schema_reading *reading = (cql_schema_reading *) request->queries;

	cql_queries_begin(&reading->queries, attempt->channel);
	reading->virtual_asked = false;
	reading->bytes = 0;
	cql_schema_reader_free(reading->reader);
	reading->reader =
		cql_schema_reader_create(&request->cluster->env, reading->keyspace,
								 reading->table, reading->filter);
	if (reading->reader == NULL)
	{
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
		return false;
	}
	if (reading->table_only)
		return send_range(reading, attempt, CQL_SCHEMA_TABLES,
						  CQL_SCHEMA_COLUMNS, err) &&
			   send_range(reading, attempt, CQL_SCHEMA_INDEXES,
						  CQL_SCHEMA_MASKS, err);
	if (!send_range(reading, attempt, 0, CQL_SCHEMA_VIRTUAL_KEYSPACE - 1, err))
		return false;
	if (reading->queries.left > 0)
		return true;
	cql_error_set(err, CQL_ERR_PROTOCOL,
				  "the server's release has no system_schema");
	return false;
}

/* Compatible servers lack more tables than old releases of Cassandra do. */
void
cql_schema_reading_response(cql_request *request, cql_attempt *attempt,
							cql_response *response)
{
	cql_queries *queries = request->queries;
	uint32_t index = cql_queries_take(queries, response);

	bool optional = index == CQL_SCHEMA_VIEWS || index >= CQL_SCHEMA_TYPES;

	if (response->result == NULL &&
		!(optional && cql_response_is_absent(response)))
		cql_queries_fail(queries, &response->err);
	cql_queries_go_on(queries, attempt);
}

/* ---- reading ---- */

/* Ends the request, or one attempt of it where another may do better. */
static void
failed(cql_request *request, cql_error *err)
{
	if (err->host[0] == '\0')
		(void) snprintf(err->host, sizeof(err->host), "%s",
						request->host->node.address);
	cql_request_abandon(request);
	if (err->code == CQL_ERR_LOST)
		cql_request_attempt_failed(request, request->host, err, true);
	else
		cql_request_fail(request, err);
}

/*
 * The attempt, on its channel, to ask for more; NULL where that is gone: then
 * the request has ended.
 */
static cql_attempt *
find_attempt(cql_request *request)
{
	cql_attempt *attempt = &request->attempts[0];
	cql_channel *channel =
		cql_channel_find(&request->cluster->pool, request->queries->serial);
	cql_error err;

	if (channel != NULL)
	{
		attempt->channel = channel;
		return attempt;
	}
	cql_error_set(&err, CQL_ERR_LOST,
				  "the connection was lost while the schema was read");
	failed(request, &err);
	return NULL;
}

/*
 * Asks for what comes after the page of this query, if there is more, and
 * frees the page; false when it has to wait or the request has ended.
 */
static bool
next_page(cql_request *request, cql_schema_reading *reading, uint32_t index)
{
	cql_result *page = reading->queries.results[index];
	cql_slice state = cql_result_paging_state(page);
	cql_attempt *attempt;
	cql_error err;

	if (state.len >= 0)
	{
		attempt = find_attempt(request);
		if (attempt == NULL)
			return false;
		if (cql_conn_free_streams(attempt->channel->conn) == 0)
		{
			request->waiter.needs = 1;
			cql_wait(&request->waiter, &attempt->channel->host->waiting);
			if (reading->queries.left == 0)
				cql_attempt_end(attempt);
			return false;
		}
		if (!send_page(reading, attempt, index, state, &err))
		{
			failed(request, &err);
			return false;
		}
		cql_attempt_begin(attempt, attempt->channel);
	}
	reading->queries.results[index] = NULL;
	cql_result_free(page);
	return true;
}

/* Whether the reader has come to its end; later, or failed: the request so. */
static bool
is_done(cql_request *request, cql_schema_progress progress, cql_error *err)
{
	if (progress == CQL_SCHEMA_FAILED)
		failed(request, err);
	else if (progress == CQL_SCHEMA_UNFINISHED)
		cql_request_enqueue(request, CQL_PHASE_READ);
	return progress == CQL_SCHEMA_FINISHED;
}

/* Reads a page; false when time is up, or the request has ended. */
static bool
take_page(cql_request *request, cql_schema_reading *reading, uint32_t index)
{
	cql_cluster *cluster = request->cluster;
	cql_result *page = reading->queries.results[index];
	cql_error err;

	if (!is_done(request,
				 cql_schema_take(reading->reader, (cql_schema_query) index,
								 page, cluster->pool.until, &err),
				 &err))
		return false;
	if (index == CQL_SCHEMA_KEYSPACE && cql_result_nrows(page) > 0)
	{
		cql_result_rewind(page);
		cql_ring_set_replication(&cluster->ring, reading->keyspace, page);
		if (cluster->pool.has_tablets &&
			cql_ring_has(&cluster->ring, reading->keyspace))
			cql_ring_forget(&cluster->ring, reading->keyspace);
	}
	reading->bytes += PAGE_COST + cql_result_bytes(page);
	if (reading->bytes <= MAX_BYTES)
		return true;
	cql_error_set(&err, CQL_ERR_LIMIT,
				  "the schema of keyspace \"%.200s\" is more than %u MB",
				  reading->keyspace, (unsigned) (MAX_BYTES >> 20));
	failed(request, &err);
	return false;
}

/*
 * Virtual keyspaces are rare and slow to ask for, so that is done only where
 * there is no other of the name.  False when there is nothing to wait for.
 */
static bool
ask_virtual(cql_request *request, cql_schema_reading *reading)
{
	cql_attempt *attempt;
	cql_error err;

	if (reading->table_only || reading->virtual_asked ||
		cql_schema_exists(reading->reader))
		return false;
	attempt = find_attempt(request);
	if (attempt == NULL)
		return true;
	reading->virtual_asked = true;
	if (!send_range(reading, attempt, CQL_SCHEMA_VIRTUAL_KEYSPACE,
					CQL_SCHEMA_NQUERIES - 1, &err))
	{
		failed(request, &err);
		return true;
	}
	if (reading->queries.left > 0)
		cql_attempt_begin(attempt, attempt->channel);
	return reading->queries.left > 0;
}

bool
cql_schema_reading_read(cql_request *request)
{
	cql_schema_reading *reading = (cql_schema_reading *) request->queries;
	uint32_t i;
	cql_error err;

	if (!cql_queries_readable(request))
		return false;
	for (i = 0; i < CQL_MAX_QUERIES; i++)
	{
		if (reading->queries.results[i] == NULL)
			continue;
		if (!take_page(request, reading, i) || !next_page(request, reading, i))
			return false;
	}
	if (reading->queries.left > 0)
	{
		request->phase = CQL_PHASE_SENT;
		return false;
	}
	if (ask_virtual(request, reading))
		return false;
	if (!is_done(request,
				 cql_schema_end(reading->reader, request->cluster->pool.until,
								&reading->schema, &err),
				 &err))
		return false;
	cql_schema_reader_free(reading->reader);
	reading->reader = NULL;
	return true;
}

void
cql_schema_reading_init(cql_schema_reading *reading, cql_request *request)
{
	request->queries = &reading->queries;
	reading->options.consistency = CQL_LOCAL_ONE;
	reading->options.serial_consistency = -1;
}

void
cql_schema_reading_free(cql_schema_reading *reading)
{
	cql_schema_reader_free(reading->reader);
	cql_schema_free(reading->schema);
}

/* ---- reads of the caller's ---- */

typedef struct schema_request
{
	cql_request base;
	cql_schema_reading reading;
} schema_request;

static void
schema_read(cql_request *request)
{
	if (cql_schema_reading_read(request))
		cql_request_done(request);
}

static void
schema_free(cql_request *request)
{
	cql_schema_reading_free(&((schema_request *) request)->reading);
}

static const cql_request_kind schema_kind = {.what = "reading the schema",
											 .streams = CQL_MAX_QUERIES,
											 .send = cql_schema_reading_send,
											 .response =
												 cql_schema_reading_response,
											 .read = schema_read,
											 .free = schema_free};

cql_request *
cql_schema_read(cql_cluster *cluster, const char *keyspace, const char *table,
				const cql_schema_filter *filter, int64_t timeout,
				cql_error *err)
{
	size_t keyspace_size = strlen(keyspace) + 1;
	size_t table_size = table == NULL ? 0 : strlen(table) + 1;
	schema_request *self = (schema_request *) cql_request_accept(
		cluster, &schema_kind, sizeof(*self), keyspace_size + table_size, err);
	char *names;

	if (self == NULL)
		return NULL;
	names = (char *) (self + 1);
	memcpy(names, keyspace, keyspace_size);
	cql_schema_reading_init(&self->reading, &self->base);
	self->reading.keyspace = names;
	if (table != NULL)
		self->reading.table = memcpy(names + keyspace_size, table, table_size);
	self->reading.filter = filter;
	self->base.idempotent = true;
	if (timeout > 0)
		self->base.timeout = timeout;
	cql_request_enqueue(&self->base, CQL_PHASE_CHOOSE);
	return &self->base;
}

cql_schema *
cql_request_take_schema(cql_request *request)
{
	cql_schema *schema = NULL;

	if (request->kind == &schema_kind)
	{
		schema = ((schema_request *) request)->reading.schema;
		((schema_request *) request)->reading.schema = NULL;
	}
	return schema;
}
