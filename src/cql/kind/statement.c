/*
 * statement.c
 *	  What callers execute: QUERY, EXECUTE and BATCH.
 *
 * A prepared statement needs to be prepared on its host, and its values to be
 * of the types of its markers.  One that servers forget again and again (their
 * caches are full, or the schema changes all the time) is sent as text after a
 * few rounds, so it never fails what could be run without.
 */
#include "kind.h"

#include <stdio.h>
#include <string.h>

#define MAX_KEY_COLUMNS 64 /* of a partition key, to be routed by */

/* ---- routing ---- */

/* Sets the token of the key that the entry's values at these positions make.
 */
static void
set_token(cql_request *request, const cql_entry *entry, const uint16_t *keys,
		  uint32_t nkeys)
{
	cql_slice components[MAX_KEY_COLUMNS];
	uint32_t i;

	if (nkeys == 0 || nkeys > MAX_KEY_COLUMNS || entry->values == NULL)
		return;
	for (i = 0; i < nkeys; i++)
	{
		if (keys[i] >= entry->nvalues)
			return;
		components[i] = entry->values[keys[i]];
	}
	request->has_token = cql_ring_token(&request->cluster->ring, components,
										nkeys, &request->token);
}

/* Without positions of the caller's: those of PREPARE, once they are known. */
static void
statement_route(cql_request *request)
{
	const cql_statement_request *self = (cql_statement_request *) request;
	const cql_entry *first = &self->entries[0];

	if (request->keyspace == NULL || request->pinned != NULL)
		return;
	cql_keyspace_want(request->cluster, request->keyspace);
	if (request->has_token)
		return;
	if (self->nkeys > 0)
		set_token(request, first, self->keys, self->nkeys);
	else if (first->statement != NULL && first->statement->bound != NULL)
		set_token(request, first, first->statement->bound->meta.keys,
				  first->statement->bound->meta.nkeys);
}

/* ---- what it needs on its host ---- */

/*
 * The columns are of these types, NULL being any; else false with *err set.
 * They are those of a result, or the markers of a statement.
 */
static bool
check_types(const cql_metadata *meta, const cql_type *const *types, uint32_t n,
			bool markers, cql_error *err)
{
	char is[256];
	char was[256];
	uint32_t i;

	if (meta->ncolumns != n)
	{
		cql_error_set(err, CQL_ERR_CHANGED,
					  "the %s has %u %s where %u were expected",
					  markers ? "statement" : "result", meta->ncolumns,
					  markers ? "markers" : "columns", n);
		return false;
	}
	for (i = 0; i < n; i++)
	{
		const cql_column *column = &meta->columns[i];

		if (types[i] == NULL || cql_type_equal(column->type, types[i]))
			continue;
		(void) cql_type_print(column->type, is, sizeof(is));
		(void) cql_type_print(types[i], was, sizeof(was));
		if (markers)
			cql_error_set(
				err, CQL_ERR_CHANGED,
				"column \"%.200s\" is of type %s, the value of type %s",
				column->name, is, was);
		else if (cql_type_was_altered(column->type, types[i]))
			cql_error_set(err, CQL_ERR_CHANGED,
						  "a user-defined type in column \"%.200s\" of type "
						  "%s was altered",
						  column->name, was);
		else
			cql_error_set(
				err, CQL_ERR_CHANGED,
				"column \"%.200s\" is of type %s where %s was expected",
				column->name, is, was);
		return false;
	}
	return true;
}

/* Markers of all statements; those of a batch are often the same. */
static bool
check_values(const cql_statement_request *self, cql_error *err)
{
	const cql_entry *before = NULL;
	uint32_t i;

	for (i = 0; i < self->nentries; i++)
	{
		const cql_entry *entry = &self->entries[i];

		if (entry->bound == NULL || entry->statement == NULL ||
			entry->statement->bound == NULL)
			continue;
		if (before != NULL && before->statement == entry->statement &&
			before->bound == entry->bound)
			continue;
		if (!check_types(&entry->statement->bound->meta, entry->bound,
						 entry->nbound, true, err))
			return false;
		before = entry;
	}
	return true;
}

/*
 * The server does not know its statements (any more): nothing was executed, so
 * this needs no idempotence.
 */
static void
prepare_again(cql_request *request, cql_host *host)
{
	cql_statement_request *self = (cql_statement_request *) request;
	uint32_t i;

	if (++self->reprepared > CQL_MAX_REPREPARE)
		self->as_text = true;
	for (i = 0; i < self->nentries; i++)
	{
		const cql_entry *entry = &self->entries[i];

		if (entry->statement != NULL)
			cql_statement_forgotten(entry->statement, host->slot,
									entry->preparation);
	}
	request->cluster->stats.reprepared++;
	if (cql_request_in_flight(request))
		return; /* the other copy goes on */
	request->preferred = host;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
}

/*
 * Starts the PREPAREs that the host still needs for the request and waits for
 * one of them; true when all is there.
 */
static bool
is_prepared(cql_statement_request *self, cql_host *host)
{
	cql_request *request = &self->base;
	cql_request *prepare = NULL;
	bool missing = false;
	uint32_t i;

	for (i = 0; i < self->nentries; i++)
	{
		cql_entry *entry = &self->entries[i];

		if (entry->statement == NULL)
			continue;
		entry->preparation =
			cql_statement_prepared_on(entry->statement, host->slot);
		if (entry->preparation != 0)
			continue;
		missing = true;
		prepare = cql_prepare_on(request->cluster, entry->statement, host,
								 request->timeout);
		if (prepare == NULL)
			break;
	}
	if (missing)
	{
		request->preferred = host;
		cql_request_await(request, prepare, CQL_PHASE_CHOOSE);
	}
	return !missing;
}

/* Of what is sent as text: whether a belief has to be checked before "next".
 */
static bool
check_first(cql_statement_request *self, cql_host *host, cql_phase next)
{
	cql_request *request = &self->base;
	uint32_t i;

	for (i = 0; i < self->nentries; i++)
	{
		cql_statement *statement = self->entries[i].statement;

		if (statement == NULL || statement->belief == NULL ||
			self->entries[i].checked)
			continue;
		request->preferred = host;
		cql_request_await(
			request,
			cql_check_on(request->cluster, statement, host, request->timeout),
			next);
		return true;
	}
	return false;
}

static bool
statement_ready(cql_request *request, cql_host *host)
{
	cql_statement_request *self = (cql_statement_request *) request;
	cql_error err;

	if (!cql_topology_ready(request, host))
		return false;
	if (self->as_text ? check_first(self, host, CQL_PHASE_CHOOSE)
					  : !is_prepared(self, host))
		return false;
	if (check_values(self, &err))
		return true;
	/*
	 * What we know of the statement may be older than what the caller knows of
	 * the table: it is prepared once more before this fails.
	 */
	if (self->reprepared == 0)
		prepare_again(request, host);
	else
		cql_request_fail_at(request, host, &err);
	return false;
}

/* Starts to prepare it there where that is missing. */
static bool
statement_copy_ready(cql_request *request, cql_host *host)
{
	cql_statement_request *self = (cql_statement_request *) request;
	cql_entry *entry = &self->entries[0];

	if (self->batch || self->as_text || entry->statement == NULL)
		return !self->batch && !self->as_text;
	entry->preparation =
		cql_statement_prepared_on(entry->statement, host->slot);
	if (entry->preparation == 0)
		(void) cql_prepare_on(request->cluster, entry->statement, host,
							  request->timeout);
	return entry->preparation != 0;
}

/* ---- sending ---- */

/*
 * Metadata of the rows is left out by the server only where it would tell us
 * that it has changed: in v5.  The execution keeps the metadata that goes with
 * the id it was sent with.
 */
static void
put_execute(cql_buf *buf, cql_statement_request *self, cql_attempt *attempt,
			uint8_t version)
{
	const cql_statement *statement = self->entries[0].statement;
	cql_query_options options = self->options;

	options.skip_metadata = version >= 5 && statement->metadata_idlen > 0 &&
							statement->rows != NULL &&
							statement->rows->meta.ncolumns > 0;
	attempt->rows = cql_metadata_retain(statement->rows);
	cql_encode_execute(buf, version, cql_statement_id(statement),
					   cql_statement_metadata_id(statement), &options);
}

static void
put_batch(cql_buf *buf, const cql_statement_request *self, uint8_t version)
{
	uint32_t i;

	cql_encode_batch_begin(buf, self->batch_type, (uint16_t) self->nentries);
	for (i = 0; i < self->nentries; i++)
	{
		const cql_entry *entry = &self->entries[i];
		cql_slice id = {NULL, CQL_NULL};

		if (entry->statement != NULL && !self->as_text)
			id = cql_statement_id(entry->statement);
		cql_encode_batch_entry(buf, id, entry->cql, entry->values,
							   entry->nvalues, entry->encoded);
	}
	cql_encode_batch_end(buf, version, &self->options);
}

static bool
statement_send(cql_request *request, cql_attempt *attempt, cql_error *err)
{
	cql_statement_request *self = (cql_statement_request *) request;
	cql_conn *conn = attempt->channel->conn;
	uint8_t version = cql_conn_version(conn);
	cql_buf *buf = cql_conn_begin(conn);
	uint8_t opcode = CQL_OP_QUERY;
	uint32_t i;

	cql_metadata_release(attempt->rows);
	attempt->rows = NULL;
	if (self->batch)
	{
		opcode = CQL_OP_BATCH;
		put_batch(buf, self, version);
	}
	else if (self->entries[0].statement != NULL && !self->as_text)
	{
		opcode = CQL_OP_EXECUTE;
		put_execute(buf, self, attempt, version);
	}
	else
		cql_encode_query(buf, version, self->entries[0].cql, &self->options);
	for (i = 0; i < self->nentries; i++)
		self->entries[i].checked = false;
	attempt->preparation = self->entries[0].preparation;
	attempt->exchange = cql_attempt_send(attempt, opcode, err);
	return attempt->exchange != NULL;
}

/* ---- responses ---- */

/* It was executed. */
static void
statement_read(cql_request *request)
{
	const cql_statement_request *self = (cql_statement_request *) request;
	cql_statement *statement = self->entries[0].statement;
	cql_schema_change change;
	cql_error err;

	if (!self->batch && statement != NULL && !self->as_text)
		cql_statement_changed(statement, request->result);
	if (cql_result_schema_change(request->result, &change))
		cql_ring_forget(&request->cluster->ring, change.keyspace);
	if (self->expected == NULL ||
		cql_result_get_kind(request->result) != CQL_RESULT_ROWS ||
		check_types(cql_result_metadata(request->result), self->expected,
					self->nexpected, false, &err))
		cql_request_done(request);
	else
		cql_request_fail_at(request, request->host, &err);
}

/*
 * Rows that came without a prepared statement may be those of a table made
 * again since the belief was checked: it is once more.  What must not be done
 * twice is left alone, for the check itself may fail.
 */
static bool
check_again(cql_statement_request *self)
{
	const cql_request *request = &self->base;

	return self->as_text && !self->batch && request->idempotent &&
		   cql_result_get_kind(request->result) == CQL_RESULT_ROWS &&
		   check_first(self, request->host, CQL_PHASE_READ);
}

static void
statement_response(cql_request *request, cql_attempt *attempt,
				   cql_response *response)
{
	cql_statement_request *self = (cql_statement_request *) request;

	request->result = response->result;
	request->host = attempt->host;
	if (request->result != NULL)
	{
		cql_request_abandon(request); /* the other copy */
		if (!check_again(self))
			statement_read(request);
	}
	else if (response->err.code == CQL_ERR_SERVER &&
			 response->err.server_code == CQL_SERVER_UNPREPARED &&
			 self->reprepared <= CQL_MAX_REPREPARE + 1 &&
			 (self->batch || self->entries[0].statement != NULL))
	{
		self->entries[0].preparation = attempt->preparation;
		prepare_again(request, attempt->host);
	}
	else
		cql_request_attempt_failed(request, attempt->host, &response->err,
								   response->sent);
}

static void
statement_again(cql_request *request)
{
	cql_statement_request *self = (cql_statement_request *) request;
	uint32_t i;

	self->reprepared = 0;
	self->as_text = false;
	for (i = 0; i < self->nentries; i++)
		self->entries[i].checked = false;
}

static const char *
statement_text(const cql_request *request, size_t *len, uint32_t *nstatements)
{
	const cql_statement_request *self =
		(const cql_statement_request *) request;
	const cql_entry *first = &self->entries[0];

	*nstatements = self->batch ? self->nentries : 0;
	*len = first->statement != NULL ? cql_statement_untagged(first->statement)
									: strlen(first->cql);
	return first->cql;
}

static void
statement_free(cql_request *request)
{
	cql_statement_request *self = (cql_statement_request *) request;
	uint32_t i;

	for (i = 0; i < self->nentries; i++)
		cql_statement_release(&request->cluster->env,
							  self->entries[i].statement);
}

static const cql_request_kind statement_kind = {
	.what = "executing the statement",
	.streams = 1,
	.route = statement_route,
	.ready = statement_ready,
	.copy_ready = statement_copy_ready,
	.send = statement_send,
	.response = statement_response,
	.read = statement_read,
	.again = statement_again,
	.text = statement_text,
	.free = statement_free};

/* ---- the public calls ---- */

/* The statements from the cache; false without memory. */
static bool
take_statements(cql_statement_request *self, const cql_batch_entry *entries)
{
	uint32_t i;

	for (i = 0; i < self->nentries; i++)
	{
		cql_entry *entry = &self->entries[i];

		if (!entries[i].prepare)
			continue;
		entry->statement =
			cql_statement_get(&self->base.cluster->statements, entries[i].cql,
							  entries[i].belief);
		if (entry->statement == NULL)
			return false;
		entry->cql = entry->statement->cql;
	}
	return true;
}

/* Pins it to the node it names, if it does; false with *err set. */
static bool
pin(cql_request *request, const char *node, cql_error *err)
{
	cql_pool *pool = &request->cluster->pool;
	cql_address address;

	if (node == NULL)
		return true;
	if (!cql_address_parse(node, &address) || cql_address_port(&address) == 0)
	{
		cql_error_set(err, CQL_ERR_ARGUMENT, "invalid node \"%.200s\"", node);
		return false;
	}
	request->pinned = cql_host_find(pool, &address);
	if (request->pinned == NULL)
		request->pinned = cql_host_add(pool, &address, NULL);
	return request->pinned != NULL;
}

/* A request for these statements, not queued yet; NULL with *err set. */
static cql_statement_request *
make(cql_cluster *cluster, const cql_params *params,
	 const cql_batch_entry *entries, uint32_t n, cql_error *err)
{
	size_t space = cql_params_copy(NULL, NULL, params, entries, n);
	cql_statement_request *self = (cql_statement_request *) cql_request_accept(
		cluster, &statement_kind, sizeof(*self), space, err);

	if (self == NULL)
		return NULL;
	(void) cql_params_copy(self, self + 1, params, entries, n);
	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	if (take_statements(self, entries) && pin(&self->base, params->node, err))
		return self;
	cql_request_free(&self->base);
	return NULL;
}

cql_request *
cql_execute(cql_cluster *cluster, const cql_params *params, cql_error *err)
{
	cql_batch_entry entry = {.cql = params->cql,
							 .prepare = params->prepare,
							 .values = params->values,
							 .nvalues = params->nvalues,
							 .encoded = params->encoded,
							 .bound = params->bound,
							 .belief = params->belief};
	cql_statement_request *self;

	if (!cql_params_check(params, false, &entry, 1, err))
		return NULL;
	self = make(cluster, params, &entry, 1, err);
	if (self == NULL)
		return NULL;
	self->entries[0].nbound = params->nbound;
	self->options.values = self->entries[0].values;
	self->options.nvalues = params->nvalues;
	self->options.encoded = params->encoded;
	cql_request_enqueue(&self->base, CQL_PHASE_CHOOSE);
	return &self->base;
}

cql_request *
cql_execute_batch(cql_cluster *cluster, cql_batch_type type,
				  const cql_batch_entry *entries, uint32_t nentries,
				  const cql_params *params, cql_error *err)
{
	cql_params used = *params;
	cql_statement_request *self;

	used.page_size = 0;
	used.paging_state.len = CQL_NULL;
	if (!cql_params_check(&used, true, entries, nentries, err))
		return NULL;
	self = make(cluster, &used, entries, nentries, err);
	if (self == NULL)
		return NULL;
	self->batch = true;
	self->batch_type = (uint8_t) type;
	cql_request_enqueue(&self->base, CQL_PHASE_CHOOSE);
	return &self->base;
}

uint32_t
cql_request_reprepared(const cql_request *request)
{
	return request->kind == &statement_kind
			   ? ((const cql_statement_request *) request)->reprepared
			   : 0;
}
