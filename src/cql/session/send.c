/*
 * send.c
 *	  Writing a request's messages to a link.
 *
 * Called by request.c.  Only bytes are made here; the loop of the cluster
 * sends those of all requests of a step together.
 */
#include "traffic.h"

/* Ends the message begun on the link; NULL with *err set. */
static cql_exchange *
finish(cql_request *request, cql_link *link, uint8_t opcode, cql_error *err)
{
	uint8_t flags = request->tracing ? CQL_FLAG_TRACING : 0;
	cql_exchange *exchange = cql_conn_end(link->conn, opcode, flags, request,
										  link->cluster->now, err);

	if (exchange == NULL)
		return NULL;
	request->bytes_sent += exchange->size;
	link->live++;
	link->host->live++;
	link->dirty = true;
	return exchange;
}

/*
 * Metadata of the rows is left out by the server only where it would tell us
 * that it has changed: in v5.  The execution keeps the metadata that goes with
 * the id it was sent with.
 */
static void
put_execute(cql_buf *buf, cql_request *request, uint8_t version)
{
	const cql_statement *statement = request->statement;
	cql_query_options options = request->options;

	options.skip_metadata = version >= 5 && statement->metadata_idlen > 0 &&
							statement->rows != NULL &&
							statement->rows->meta.ncolumns > 0;
	cql_metadata_release(request->sent_with);
	request->sent_with = cql_metadata_retain(statement->rows);
	cql_encode_execute(buf, version, cql_statement_id(statement),
					   cql_statement_metadata_id(statement), &options);
}

/* A statement that no server keeps: its rows come with all their metadata. */
static void
put_plain(cql_buf *buf, cql_request *request, uint8_t version)
{
	cql_metadata_release(request->sent_with);
	request->sent_with = NULL;
	request->checked = false;
	cql_encode_query(buf, version, request->statement->cql, &request->options);
}

static void
put_batch(cql_buf *buf, cql_request *request, uint8_t version)
{
	uint32_t i;

	cql_encode_batch_begin(buf, (uint8_t) request->batch_type,
						   (uint16_t) request->nitems);
	for (i = 0; i < request->nitems; i++)
	{
		cql_batch_item *item = &request->items[i];
		cql_slice id = {NULL, CQL_NULL};
		const char *cql = item->cql;

		if (item->statement != NULL && request->plain)
			cql = item->statement->cql;
		else if (item->statement != NULL)
			id = cql_statement_id(item->statement);
		item->checked = false;
		cql_encode_batch_entry(buf, id, cql, item->values, item->nvalues,
							   item->encoded);
	}
	cql_encode_batch_end(buf, version, &request->options);
}

/* The request's one message. */
static cql_exchange *
send_single(cql_request *request, cql_link *link, cql_error *err)
{
	uint8_t version = cql_conn_version(link->conn);
	cql_buf *buf = cql_conn_begin(link->conn);

	switch (request->work)
	{
		case CQL_WORK_EXECUTE:
			if (request->plain)
			{
				put_plain(buf, request, version);
				return finish(request, link, CQL_OP_QUERY, err);
			}
			put_execute(buf, request, version);
			return finish(request, link, CQL_OP_EXECUTE, err);
		case CQL_WORK_BATCH:
			put_batch(buf, request, version);
			return finish(request, link, CQL_OP_BATCH, err);
		case CQL_WORK_PREPARE:
			cql_encode_prepare(buf, version, request->cql);
			return finish(request, link, CQL_OP_PREPARE, err);
		default:
			cql_encode_query(buf, version, request->cql, &request->options);
			return finish(request, link, CQL_OP_QUERY, err);
	}
}

/* The messages of a request that has several. */
static bool
send_multi(cql_request *request, cql_link *link, cql_error *err)
{
	uint32_t i;

	if (request->multi == NULL)
		request->multi =
			cql_alloc0(&link->cluster->env, sizeof(*request->multi));
	if (request->multi == NULL)
	{
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
		return false;
	}
	for (i = 0; i < CQL_MAX_MULTI; i++)
	{
		cql_result_free(request->multi->results[i]);
		request->multi->results[i] = NULL;
	}
	request->multi->left = 0;
	request->multi->failed = false;
	request->multi->link = link->serial;
	request->multi->bytes = 0;
	switch (request->work)
	{
		case CQL_WORK_CHECK:
			return cql_check_send(request, link, err);
		case CQL_WORK_SCHEMA:
			return cql_schema_send(request, link, err);
		default:
			return cql_topology_send(request, link, err);
	}
}

bool
cql_request_send_query(cql_request *request, cql_link *link, uint32_t place,
					   const char *cql, const cql_slice *values,
					   uint32_t nvalues, cql_error *err)
{
	cql_query_options options = request->options;
	cql_exchange *exchange;

	options.values = values;
	options.nvalues = nvalues;
	cql_encode_query(cql_conn_begin(link->conn), cql_conn_version(link->conn),
					 cql, &options);
	exchange = finish(request, link, CQL_OP_QUERY, err);
	if (exchange == NULL)
		return false;
	request->multi->exchanges[place] = exchange;
	request->multi->left++;
	return true;
}

void
cql_request_sent(cql_request *request, cql_link *link)
{
	cql_cluster *cluster = link->cluster;

	request->link = link;
	request->phase = CQL_PHASE_ANSWER;
	cql_timer_set(&cluster->timers, &request->timer,
				  cluster->now + request->timeout);
}

bool
cql_request_send(cql_request *request, cql_link *link, cql_error *err)
{
	request->link = link; /* so that what was sent can be given up */
	if (cql_request_streams(request) > 1)
	{
		if (!send_multi(request, link, err))
		{
			cql_request_abandon(request);
			return false;
		}
	}
	else
	{
		request->exchange = send_single(request, link, err);
		if (request->exchange == NULL)
		{
			request->link = NULL;
			return false;
		}
	}
	request->attempts++;
	link->cluster->stats.requests++;
	cql_traffic_sent(link);
	cql_request_sent(request, link);
	return true;
}
