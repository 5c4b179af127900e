/*
 * schema_read.c
 *	  Running the queries of a schema read, all at once on one connection,
 *	  each in pages.
 *
 * What they ask and what the answers mean is schema.c's.
 */
#include "session.h"

#include <stdio.h>
#include <string.h>

#define MAX_BYTES ((uint64_t) 1 << 30) /* of all pages of one schema read */
#define PAGE_COST 4096				   /* bytes that an empty page counts */

static cql_slice
text_value(const char *text)
{
	cql_slice value = {(const uint8_t *) text, (int32_t) strlen(text)};

	return value;
}

/* Sends a query for its first page, or for the one after a paging state. */
static bool
send_page(cql_request *request, cql_link *link, uint32_t place,
		  cql_slice state, cql_error *err)
{
	bool has_table = false;
	const char *cql =
		cql_schema_query_text((cql_schema_query) place, link->cluster->release,
							  request->table != NULL, &has_table);
	cql_slice values[2];

	if (cql == NULL)
		return true;
	values[0] = text_value(request->keyspace);
	values[1] = text_value(has_table ? request->table : "");
	request->options.page_size = place < CQL_SCHEMA_VIRTUAL_KEYSPACE
									 ? link->cluster->schema_page_size
									 : 0;
	request->options.paging_state = state;
	return cql_request_send_query(request, link, place, cql, values,
								  has_table ? 2 : 1, err);
}

/* Sends the queries of the places first .. last that the server may know. */
static bool
send_range(cql_request *request, cql_link *link, uint32_t first, uint32_t last,
		   cql_error *err)
{
	static const cql_slice none = {NULL, CQL_NULL};
	uint32_t i;

	for (i = first; i <= last; i++)
	{
		if (!send_page(request, link, i, none, err))
			return false;
	}
	return true;
}

/* A reader for what is going to be sent; false without memory. */
static bool
begin(cql_request *request, cql_error *err)
{
	cql_multi *multi = request->multi;

	multi->more = false;
	cql_schema_reader_free(multi->schema);
	multi->schema =
		cql_schema_reader_create(&request->cluster->env, request->keyspace,
								 request->table, request->filter);
	if (multi->schema == NULL)
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	return multi->schema != NULL;
}

bool
cql_check_send(cql_request *request, cql_link *link, cql_error *err)
{
	request->keyspace = request->belief->keyspace;
	request->table = request->belief->table;
	return begin(request, err) &&
		   send_range(request, link, CQL_SCHEMA_TABLES, CQL_SCHEMA_COLUMNS,
					  err) &&
		   send_range(request, link, CQL_SCHEMA_INDEXES, CQL_SCHEMA_MASKS,
					  err);
}

bool
cql_schema_send(cql_request *request, cql_link *link, cql_error *err)
{
	if (!begin(request, err))
		return false;
	if (!send_range(request, link, 0, CQL_SCHEMA_VIRTUAL_KEYSPACE - 1, err))
		return false;
	if (request->multi->left > 0)
		return true;
	cql_error_set(err, CQL_ERR_PROTOCOL,
				  "the server's release has no system_schema");
	return false;
}

/* Compatible servers lack more tables than old releases of Cassandra do. */
bool
cql_schema_optional(uint32_t place)
{
	return place == CQL_SCHEMA_VIEWS || place >= CQL_SCHEMA_TYPES;
}

/* Ends the request, or one attempt of it where another may do better. */
static void
failed(cql_request *request, cql_error *err)
{
	if (err->host[0] == '\0')
		(void) snprintf(err->host, sizeof(err->host), "%s",
						request->at->pub.address);
	cql_request_abandon(request);
	if (err->code == CQL_ERR_LOST)
		cql_request_attempt_failed(request, err, true);
	else
		cql_request_fail(request, err);
}

/* The link to ask for more; NULL where it is gone: the request has ended. */
static cql_link *
find_link(cql_request *request)
{
	cql_link *link =
		cql_link_by_serial(request->cluster, request->multi->link);
	cql_error err;

	if (link != NULL && !link->gone)
		return link;
	cql_error_set(&err, CQL_ERR_LOST,
				  "the connection was lost while the schema was read");
	failed(request, &err);
	return NULL;
}

/*
 * Asks for what comes after the page at this place, if there is more, and
 * frees the page; false when it has to wait or the request has ended.
 */
static bool
next_page(cql_request *request, uint32_t place)
{
	cql_result *page = request->multi->results[place];
	cql_slice state = cql_result_paging_state(page);
	cql_link *link = state.len < 0 ? NULL : find_link(request);
	cql_error err;

	if (state.len >= 0 && link == NULL)
		return false;
	if (link != NULL && cql_conn_free_streams(link->conn) == 0)
	{
		cql_request_append(&link->host->waiting, request);
		return false;
	}
	if (link != NULL && !send_page(request, link, place, state, &err))
	{
		failed(request, &err);
		return false;
	}
	if (link != NULL)
		cql_request_sent(request, link);
	request->multi->results[place] = NULL;
	cql_result_free(page);
	return true;
}

/* Reads a page; false when time is up, or the request has ended. */
static bool
take_page(cql_request *request, uint32_t place)
{
	cql_cluster *cluster = request->cluster;
	cql_result *page = request->multi->results[place];
	cql_error err;

	switch (cql_schema_take(request->multi->schema, (cql_schema_query) place,
							page, cluster->until, &err))
	{
		case CQL_SCHEMA_FAILED:
			failed(request, &err);
			return false;
		case CQL_SCHEMA_UNFINISHED:
			cql_request_enqueue(request, CQL_PHASE_DIGEST);
			return false;
		default:
			break;
	}
	if (place == CQL_SCHEMA_KEYSPACE && cql_result_nrows(page) > 0)
	{
		cql_result_rewind(page);
		if (cql_routing_learn(cluster, request->keyspace, page) != NULL)
			cql_routing_forget(cluster, request->keyspace);
	}
	request->multi->bytes += PAGE_COST + cql_result_bytes(page);
	if (request->multi->bytes <= MAX_BYTES)
		return true;
	cql_error_set(&err, CQL_ERR_LIMIT,
				  "the schema of keyspace \"%.200s\" is more than %u MB",
				  request->keyspace, (unsigned) (MAX_BYTES >> 20));
	failed(request, &err);
	return false;
}

/* Reads all pages that are there; false when it has to be called again. */
static bool
take_pages(cql_request *request)
{
	uint32_t i;

	for (i = 0; i < CQL_MAX_MULTI; i++)
	{
		if (request->multi->results[i] == NULL)
			continue;
		if (!take_page(request, i) || !next_page(request, i))
			return false;
	}
	return true;
}

/*
 * Virtual keyspaces are rare and slow to ask for, so that is done only where
 * there is no other of the name.  False when there is nothing to wait for.
 */
static bool
ask_more(cql_request *request)
{
	cql_multi *multi = request->multi;
	cql_link *link;
	cql_error err;

	if (request->work == CQL_WORK_CHECK || multi->more ||
		cql_schema_exists(multi->schema))
		return false;
	link = find_link(request);
	if (link == NULL)
		return true;
	multi->more = true;
	if (!send_range(request, link, CQL_SCHEMA_VIRTUAL_KEYSPACE,
					CQL_SCHEMA_NQUERIES - 1, &err))
	{
		failed(request, &err);
		return true;
	}
	if (multi->left > 0)
		cql_request_sent(request, link);
	return multi->left > 0;
}

/* All pages were read. */
static void
finish(cql_request *request)
{
	cql_multi *multi = request->multi;
	cql_error err;

	switch (cql_schema_end(multi->schema, request->cluster->until,
						   &request->schema, &err))
	{
		case CQL_SCHEMA_FAILED:
			failed(request, &err);
			break;
		case CQL_SCHEMA_UNFINISHED:
			cql_request_enqueue(request, CQL_PHASE_DIGEST);
			break;
		default:
			cql_schema_reader_free(multi->schema);
			multi->schema = NULL;
			if (request->work == CQL_WORK_CHECK)
				cql_request_checked(request);
			else
				cql_request_done(request);
			break;
	}
}

void
cql_schema_digest(cql_request *request)
{
	cql_multi *multi = request->multi;

	if (!take_pages(request))
		return;
	if (multi->left > 0)
		request->phase = CQL_PHASE_ANSWER;
	else if (!ask_more(request))
		finish(request);
}
