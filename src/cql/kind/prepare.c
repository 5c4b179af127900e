/*
 * prepare.c
 *	  PREPARE of a statement on a host, and checks of what a caller believes
 *	  about its table.
 *
 * A PREPARE with a belief is a check, the PREPARE, and a check: so that no
 * text stands prepared for a table it was not made for, and for what happened
 * in between.  Whoever needs a statement on a host waits for the one request
 * that prepares it there.
 */
#include "kind.h"

typedef struct prepare_request
{
	cql_request base;
	cql_statement *statement; /* NULL: a belief is checked */
	const cql_belief *belief; /* or NULL */
	bool check_only;
	struct prepare_request *next; /* in statement->preparing */
	cql_schema_reading reading;	  /* of the belief's table */
} prepare_request;

static const cql_request_kind prepare_kind;
static const cql_request_kind check_kind;

/* ---- PREPARE ---- */

static bool
prepare_send(cql_request *request, cql_attempt *attempt, cql_error *err)
{
	const prepare_request *self = (prepare_request *) request;
	cql_conn *conn = attempt->channel->conn;

	cql_encode_prepare(cql_conn_begin(conn), cql_conn_version(conn),
					   self->statement->cql);
	attempt->exchange = cql_attempt_send(attempt, CQL_OP_PREPARE, err);
	return attempt->exchange != NULL;
}

/* Takes over what the server told of the statement. */
static void
prepared(prepare_request *self, cql_host *host)
{
	cql_request *request = &self->base;
	cql_error err;

	if (cql_statement_prepared(&request->cluster->env, self->statement,
							   request->result, host->slot, &err))
		cql_request_done(request);
	else
		cql_request_fail_at(request, host, &err);
}

static void
prepare_response(cql_request *request, cql_attempt *attempt,
				 cql_response *response)
{
	prepare_request *self = (prepare_request *) request;

	request->result = response->result;
	if (request->result == NULL)
		cql_request_attempt_failed(request, attempt->host, &response->err,
								   response->sent);
	else if (self->belief == NULL)
		prepared(self, attempt->host);
	else
	{
		request->kind = &check_kind;
		cql_request_enqueue(request, CQL_PHASE_CHOOSE);
	}
}

/* ---- a check ---- */

/* The belief of those who wait held a moment ago. */
static void
set_checked(prepare_request *self)
{
	cql_waiter *waiter;
	uint32_t i;

	for (waiter = self->base.waiters.head; waiter != NULL;
		 waiter = waiter->next)
	{
		cql_statement_request *user = (cql_statement_request *) waiter;

		for (i = 0; i < user->nentries; i++)
		{
			if (user->entries[i].statement == self->statement)
				user->entries[i].checked = true;
		}
	}
}

static void
check_read(cql_request *request)
{
	prepare_request *self = (prepare_request *) request;
	cql_schema_reading *reading = &self->reading;
	cql_host *host = request->host;
	cql_error err;
	bool holds;

	if (!cql_schema_reading_read(request))
		return;
	holds = cql_belief_holds(self->belief, reading->schema, &err);
	cql_schema_free(reading->schema);
	reading->schema = NULL;
	if (!holds)
		cql_request_fail_at(request, host, &err);
	else if (request->result != NULL)
		prepared(self, host);
	else if (self->statement == NULL || self->check_only)
	{
		set_checked(self);
		cql_request_done(request);
	}
	else
	{
		request->kind = &prepare_kind;
		cql_request_enqueue(request, CQL_PHASE_CHOOSE);
	}
}

/* ---- both ---- */

static const char *
prepare_text(const cql_request *request, size_t *len, uint32_t *nstatements)
{
	const prepare_request *self = (const prepare_request *) request;

	*nstatements = 0;
	*len = cql_statement_untagged(self->statement);
	return self->statement->cql;
}

static void
prepare_free(cql_request *request)
{
	prepare_request *self = (prepare_request *) request;
	prepare_request *one;
	cql_statement *statement = self->statement;

	cql_schema_reading_free(&self->reading);
	if (statement == NULL)
		return;
	one = (prepare_request *) statement->preparing;
	if (one == self)
		statement->preparing = (cql_request *) self->next;
	for (; one != NULL; one = one->next)
	{
		if (one->next == self)
			one->next = self->next;
	}
	cql_statement_release(&request->cluster->env, statement);
}

static const cql_request_kind prepare_kind = {.what =
												  "preparing the statement",
											  .streams = 1,
											  .ready = cql_topology_ready,
											  .send = prepare_send,
											  .response = prepare_response,
											  .text = prepare_text,
											  .free = prepare_free};

static const cql_request_kind check_kind = {.what = "reading the schema",
											.streams = CQL_MAX_QUERIES,
											.send = cql_schema_reading_send,
											.response =
												cql_schema_reading_response,
											.read = check_read,
											.free = prepare_free};

/* ---- making them ---- */

static void
set_belief(prepare_request *self, const cql_belief *belief)
{
	self->belief = belief;
	cql_schema_reading_init(&self->reading, &self->base);
	self->reading.keyspace = belief->keyspace;
	self->reading.table = belief->table;
	self->reading.table_only = true;
}

/* One of ours for the statement on the host; NULL without memory. */
static prepare_request *
start(cql_cluster *cluster, cql_statement *statement, cql_host *host,
	  int64_t timeout)
{
	prepare_request *self = (prepare_request *) cql_request_internal(
		cluster, statement->belief != NULL ? &check_kind : &prepare_kind,
		sizeof(*self), 0);

	if (self == NULL)
		return NULL;
	statement->refs++;
	self->statement = statement;
	if (statement->belief != NULL)
		set_belief(self, statement->belief);
	self->base.pinned = host;
	self->base.timeout = timeout;
	self->next = (prepare_request *) statement->preparing;
	statement->preparing = &self->base;
	cql_request_enqueue(&self->base, CQL_PHASE_CHOOSE);
	return self;
}

cql_request *
cql_prepare_on(cql_cluster *cluster, cql_statement *statement, cql_host *host,
			   int64_t timeout)
{
	prepare_request *self = (prepare_request *) statement->preparing;

	while (self != NULL && (self->base.pinned != host || self->check_only))
		self = self->next;
	if (self == NULL)
		self = start(cluster, statement, host, timeout);
	return (cql_request *) self;
}

cql_request *
cql_check_on(cql_cluster *cluster, cql_statement *statement, cql_host *host,
			 int64_t timeout)
{
	prepare_request *self = start(cluster, statement, host, timeout);

	if (self != NULL)
		self->check_only = true;
	return (cql_request *) self;
}

/* The caller's, and queued. */
static cql_request *
queue(prepare_request *self, int64_t timeout)
{
	self->base.idempotent = true;
	if (timeout > 0)
		self->base.timeout = timeout;
	cql_request_enqueue(&self->base, CQL_PHASE_CHOOSE);
	return &self->base;
}

cql_request *
cql_prepare(cql_cluster *cluster, const char *cql, int64_t timeout,
			cql_error *err)
{
	prepare_request *self = (prepare_request *) cql_request_accept(
		cluster, &prepare_kind, sizeof(*self), 0, err);

	if (self == NULL)
		return NULL;
	self->statement = cql_statement_get(&cluster->statements, cql, NULL);
	if (self->statement != NULL)
		return queue(self, timeout);
	cql_request_free(&self->base);
	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	return NULL;
}

cql_request *
cql_belief_check(cql_cluster *cluster, const cql_belief *belief,
				 int64_t timeout, cql_error *err)
{
	prepare_request *self = (prepare_request *) cql_request_accept(
		cluster, &check_kind, sizeof(*self), 0, err);

	if (self == NULL)
		return NULL;
	set_belief(self, belief);
	return queue(self, timeout);
}
