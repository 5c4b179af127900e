/*
 * submit.c
 *	  Making, copying and freeing requests: the public calls.
 *
 * A request and everything it was asked is one piece of memory.
 */
#include "session.h"

#include <string.h>

/* ---- copying into the memory behind the struct ---- */

typedef struct packer
{
	uint8_t *pos; /* NULL while only the size is counted */
	size_t size;
} packer;

/* Room for count things; NULL while counting. */
static void *
pack_room(packer *pack, size_t count, size_t size, size_t align)
{
	void *room = NULL;
	size_t pad = (align - pack->size % align) % align;

	if (pack->pos != NULL)
	{
		room = pack->pos + pad;
		pack->pos += pad + count * size;
	}
	pack->size += pad + count * size;
	return room;
}

static const char *
pack_text(packer *pack, const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text) + 1;
	char *copy = pack_room(pack, len, 1, 1);

	if (copy == NULL || text == NULL)
		return NULL;
	memcpy(copy, text, len);
	return copy;
}

static cql_slice
pack_slice(packer *pack, cql_slice value)
{
	uint8_t *copy;

	if (value.len <= 0)
	{
		value.data = NULL;
		return value;
	}
	copy = pack_room(pack, (size_t) value.len, 1, 1);
	if (copy != NULL)
		memcpy(copy, value.data, (size_t) value.len);
	value.data = copy;
	return value;
}

static const cql_slice *
pack_values(packer *pack, const cql_slice *values, uint32_t n)
{
	cql_slice *copy = pack_room(pack, n, sizeof(*copy), _Alignof(cql_slice));
	cql_slice scratch;
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		cql_slice *place = copy != NULL ? &copy[i] : &scratch;

		*place = pack_slice(pack, values[i]);
	}
	return copy;
}

/* What is asked, copied to the request; or only counted. */
static void
pack_params(packer *pack, cql_request *request, const cql_params *params)
{
	uint16_t *keys;
	bool batch = request->work == CQL_WORK_BATCH;

	if (!batch)
	{
		request->options.values =
			params->encoded.data != NULL
				? NULL
				: pack_values(pack, params->values, params->nvalues);
		request->options.nvalues = params->nvalues;
		request->options.encoded = params->encoded;
		request->options.page_size = params->page_size;
		request->options.paging_state = pack_slice(pack, params->paging_state);
	}
	else
		request->options.paging_state.len = CQL_NULL;
	keys = pack_room(pack, params->nkeys, sizeof(*keys), _Alignof(uint16_t));
	if (keys != NULL && params->nkeys > 0)
		memcpy(keys, params->keys, params->nkeys * sizeof(*keys));
	request->keys = keys;
	request->nkeys = params->nkeys;
	request->keyspace = pack_text(pack, params->keyspace);
	request->node = pack_text(pack, params->node);
	if (request->work == CQL_WORK_QUERY)
		request->cql = pack_text(pack, params->cql);
}

static void
pack_items(packer *pack, cql_request *request, const cql_batch_entry *entries,
		   uint32_t n)
{
	cql_batch_item *items =
		pack_room(pack, n, sizeof(*items), _Alignof(cql_batch_item));
	cql_batch_item scratch;
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		cql_batch_item *item = items != NULL ? &items[i] : &scratch;

		item->statement = NULL;
		item->sent = 0;
		item->checked = false;
		item->values =
			entries[i].encoded.data != NULL
				? NULL
				: pack_values(pack, entries[i].values, entries[i].nvalues);
		item->nvalues = entries[i].nvalues;
		item->encoded = entries[i].encoded;
		item->bound = entries[i].bound;
		item->cql =
			entries[i].prepare ? NULL : pack_text(pack, entries[i].cql);
	}
	request->items = items;
	request->nitems = items != NULL ? n : 0;
}

/* ---- making and freeing ---- */

/* An empty request with space bytes behind it, in the cluster's list. */
static cql_request *
request_new(cql_cluster *cluster, cql_work work, size_t space)
{
	cql_request *request;
	size_t head = sizeof(*request) + _Alignof(max_align_t);

	/* Two timers may be set in one step before more room can be made. */
	if (!cql_timers_reserve(&cluster->timers, cluster->nall + 2))
		return NULL;
	request = cql_alloc(&cluster->env, head + space);
	if (request == NULL)
		return NULL;
	memset(request, 0, sizeof(*request));
	request->cluster = cluster;
	request->work = work;
	request->start_seq = cluster->seq;
	request->options.serial_consistency = -1;
	request->options.consistency = CQL_LOCAL_ONE;
	request->options.paging_state.len = CQL_NULL;
	request->timeout = cluster->request_timeout;
	cql_timer_init(&request->timer, request);
	request->all_next = cluster->all;
	if (cluster->all != NULL)
		cluster->all->all_prev = request;
	cluster->all = request;
	cluster->nall++;
	return request;
}

/* Where the memory behind the struct begins. */
static uint8_t *
request_space(cql_request *request)
{
	size_t align = _Alignof(max_align_t);
	size_t head = (sizeof(*request) + align - 1) / align * align;

	return (uint8_t *) request + head;
}

cql_request *
cql_request_internal(cql_cluster *cluster, cql_work work, size_t space,
					 void **extra)
{
	cql_request *request = request_new(cluster, work, space);

	if (request == NULL)
		return NULL;
	request->internal = true;
	request->idempotent = true;
	if (extra != NULL)
		*extra = request_space(request);
	return request;
}

/* The statements it uses and the results it got. */
static void
free_parts(cql_request *request)
{
	const cql_env *env = &request->cluster->env;
	uint32_t i;

	cql_statement_release(env, request->statement);
	for (i = 0; i < request->nitems; i++)
		cql_statement_release(env, request->items[i].statement);
	cql_metadata_release(request->sent_with);
	cql_result_free(request->result);
	cql_schema_free(request->schema);
	for (i = 0; request->multi != NULL && i < CQL_MAX_MULTI; i++)
		cql_result_free(request->multi->results[i]);
	if (request->multi != NULL)
	{
		cql_schema_reader_free(request->multi->schema);
		cql_topology_work_free(env, request->multi->topology);
	}
	cql_free(env, request->multi);
	cql_free(env, request->error);
}

void
cql_request_free(cql_request *request)
{
	cql_cluster *cluster = request->cluster;

	cql_request_abandon(request);
	cql_timer_unset(&cluster->timers, &request->timer);
	cql_request_unlink(request);
	free_parts(request);
	if (request->all_prev != NULL)
		request->all_prev->all_next = request->all_next;
	else
		cluster->all = request->all_next;
	if (request->all_next != NULL)
		request->all_next->all_prev = request->all_prev;
	cluster->nall--;
	if (!request->internal)
		cluster->nrequests--;
	else if (request->work == CQL_WORK_KEYSPACE)
		cluster->nkeyspace_reads--;
	cql_free(&cluster->env, request);
}

/* ---- checking ---- */

static bool
refuse(cql_error *err, const char *why)
{
	cql_error_set(err, CQL_ERR_ARGUMENT, "%s", why);
	return false;
}

/* Just n values in wire form. */
static bool
check_encoded(cql_slice encoded, uint32_t n, cql_error *err)
{
	cql_reader r;
	uint32_t i;

	cql_reader_init(&r, encoded.data, (size_t) encoded.len);
	for (i = 0; i < n; i++)
	{
		int32_t len = cql_get_i32(&r);

		if (len < CQL_UNSET)
			return refuse(err, "a value has an invalid length");
		if (len > 0)
			(void) cql_get_raw(&r, (size_t) len);
	}
	return (!r.failed && cql_reader_left(&r) == 0) ||
		   refuse(err, "values do not fill their bytes");
}

static bool
check_values(const cql_slice *values, uint32_t n, cql_slice encoded,
			 cql_error *err)
{
	uint32_t i;

	if (n > CQL_MAX_VALUES)
		return refuse(err, "too many values in a statement");
	if (encoded.data != NULL)
		return check_encoded(encoded, n, err);
	for (i = 0; i < n; i++)
	{
		if (values[i].len < CQL_UNSET)
			return refuse(err, "a value has an invalid length");
	}
	return true;
}

static bool
check_params(const cql_params *params, bool batch, cql_error *err)
{
	uint32_t i;

	if (params->consistency < CQL_ANY || params->consistency > CQL_LOCAL_ONE)
		return refuse(err, "invalid consistency level");
	if (params->serial_consistency != -1 &&
		params->serial_consistency != CQL_SERIAL &&
		params->serial_consistency != CQL_LOCAL_SERIAL)
		return refuse(err, "invalid serial consistency level");
	if (params->timeout < 0)
		return refuse(err, "invalid timeout");
	if (batch)
		return params->nkeys == 0 ||
			   refuse(err, "a batch is routed by token, not by key values");
	if (params->cql == NULL || params->page_size < 0 ||
		params->paging_state.len < CQL_NULL)
		return refuse(err, "invalid statement, page size or paging state");
	if (params->nkeys > 0 && params->encoded.data != NULL)
		return refuse(err, "values in wire form are routed by token");
	for (i = 0; i < params->nkeys; i++)
	{
		if (params->keys[i] >= params->nvalues)
			return refuse(err, "a key position is beyond the values");
	}
	return check_values(params->values, params->nvalues, params->encoded, err);
}

static bool
check_entries(const cql_batch_entry *entries, uint32_t n, cql_error *err)
{
	uint32_t i;

	if (n == 0 || n > UINT16_MAX)
		return refuse(err, "a batch needs between 1 and 65535 statements");
	for (i = 0; i < n; i++)
	{
		if (entries[i].cql == NULL)
			return refuse(err, "a statement of a batch has no text");
		if (!check_values(entries[i].values, entries[i].nvalues,
						  entries[i].encoded, err))
			return false;
	}
	return true;
}

/* ---- the public calls ---- */

static cql_request *
no_memory(cql_request *request, cql_error *err)
{
	if (request != NULL)
		cql_request_free(request);
	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	return NULL;
}

/* A caller's request; counted and bounded. */
static cql_request *
request_accept(cql_cluster *cluster, cql_work work, size_t space,
			   cql_error *err)
{
	cql_request *request;

	if (cluster->nrequests >= CQL_MAX_QUEUE)
	{
		cql_error_set(err, CQL_ERR_LIMIT, "more than %d requests at a time",
					  CQL_MAX_QUEUE);
		return NULL;
	}
	if (space > CQL_MAX_BODY)
	{
		cql_error_set(err, CQL_ERR_LIMIT,
					  "a request of %zu bytes is over the protocol's limit",
					  space);
		return NULL;
	}
	request = request_new(cluster, work, space);
	if (request == NULL)
		return no_memory(NULL, err);
	cluster->nrequests++;
	return request;
}

static void
copy_scalars(cql_request *request, const cql_params *params)
{
	cql_query_options *options = &request->options;

	options->consistency = params->consistency;
	options->serial_consistency = params->serial_consistency;
	options->has_timestamp = params->has_timestamp;
	options->timestamp = params->timestamp;
	request->has_token = params->has_token;
	request->by_range = params->has_token;
	request->token = params->token;
	if (params->timeout > 0)
		request->timeout = params->timeout;
	request->idempotent = params->idempotent;
	request->tracing = params->tracing;
	request->expected = params->expected;
	request->nexpected = params->nexpected;
	request->bound = params->bound;
	request->nbound = params->nbound;
}

/* Pins it to the node it names, if it does. */
static bool
pin_node(cql_request *request, cql_error *err)
{
	cql_cluster *cluster = request->cluster;
	cql_address address;

	if (request->node == NULL)
		return true;
	if (!cql_address_parse(request->node, &address) ||
		cql_address_port(&address) == 0)
	{
		cql_error_set(err, CQL_ERR_ARGUMENT, "invalid node \"%.200s\"",
					  request->node);
		return false;
	}
	request->pinned = cql_host_find(cluster, &address);
	if (request->pinned == NULL)
		request->pinned = cql_host_add(cluster, &address, NULL);
	return request->pinned != NULL || no_memory(NULL, err) != NULL;
}

/* The last step of making a request; NULL and freed where it names no node. */
static cql_request *
queue(cql_request *request, cql_error *err)
{
	if (!pin_node(request, err))
	{
		cql_request_free(request);
		return NULL;
	}
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
	return request;
}

cql_request *
cql_execute(cql_cluster *cluster, const cql_params *params, cql_error *err)
{
	cql_request counted;
	cql_request *request;
	packer pack = {NULL, 0};

	if (!check_params(params, false, err))
		return NULL;
	memset(&counted, 0, sizeof(counted));
	counted.work = params->prepare ? CQL_WORK_EXECUTE : CQL_WORK_QUERY;
	pack_params(&pack, &counted, params);
	request = request_accept(cluster, counted.work, pack.size, err);
	if (request == NULL)
		return NULL;
	pack.pos = request_space(request);
	pack.size = 0;
	pack_params(&pack, request, params);
	copy_scalars(request, params);
	if (params->prepare)
	{
		request->statement =
			cql_prepared_get(&cluster->prepared, params->cql, params->belief);
		if (request->statement == NULL)
			return no_memory(request, err);
	}
	return queue(request, err);
}

/* The batch's statements from the cache; false without memory. */
static bool
take_statements(cql_request *request, const cql_batch_entry *entries)
{
	cql_batch_item *items = request->items;
	uint32_t i;

	for (i = 0; i < request->nitems; i++)
	{
		if (!entries[i].prepare)
			continue;
		items[i].statement = cql_prepared_get(
			&request->cluster->prepared, entries[i].cql, entries[i].belief);
		if (items[i].statement == NULL)
			return false;
	}
	return true;
}

cql_request *
cql_execute_batch(cql_cluster *cluster, cql_batch_type type,
				  const cql_batch_entry *entries, uint32_t nentries,
				  const cql_params *params, cql_error *err)
{
	cql_request counted;
	cql_request *request;
	packer pack = {NULL, 0};

	if (!check_params(params, true, err) ||
		!check_entries(entries, nentries, err))
		return NULL;
	memset(&counted, 0, sizeof(counted));
	counted.work = CQL_WORK_BATCH;
	pack_params(&pack, &counted, params);
	pack_items(&pack, &counted, entries, nentries);
	request = request_accept(cluster, CQL_WORK_BATCH, pack.size, err);
	if (request == NULL)
		return NULL;
	pack.pos = request_space(request);
	pack.size = 0;
	pack_params(&pack, request, params);
	pack_items(&pack, request, entries, nentries);
	copy_scalars(request, params);
	request->batch_type = type;
	if (!take_statements(request, entries))
		return no_memory(request, err);
	return queue(request, err);
}

cql_request *
cql_prepare(cql_cluster *cluster, const char *cql, int64_t timeout,
			cql_error *err)
{
	cql_request *request = request_accept(cluster, CQL_WORK_PREPARE, 0, err);

	if (request == NULL)
		return NULL;
	request->statement = cql_prepared_get(&cluster->prepared, cql, NULL);
	if (request->statement == NULL)
		return no_memory(request, err);
	request->cql = request->statement->cql;
	request->idempotent = true;
	if (timeout > 0)
		request->timeout = timeout;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
	return request;
}

cql_request *
cql_belief_check(cql_cluster *cluster, const cql_belief *belief,
				 int64_t timeout, cql_error *err)
{
	cql_request *request = request_accept(cluster, CQL_WORK_CHECK, 0, err);

	if (request == NULL)
		return NULL;
	request->belief = belief;
	request->idempotent = true;
	if (timeout > 0)
		request->timeout = timeout;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
	return request;
}

cql_request *
cql_schema_read(cql_cluster *cluster, const char *keyspace, const char *table,
				const cql_schema_filter *filter, int64_t timeout,
				cql_error *err)
{
	packer pack = {NULL, 0};
	cql_request *request;

	(void) pack_text(&pack, keyspace);
	(void) pack_text(&pack, table);
	request = request_accept(cluster, CQL_WORK_SCHEMA, pack.size, err);
	if (request == NULL)
		return NULL;
	pack.pos = request_space(request);
	pack.size = 0;
	request->keyspace = pack_text(&pack, keyspace);
	request->table = pack_text(&pack, table);
	request->filter = filter;
	request->idempotent = true;
	if (timeout > 0)
		request->timeout = timeout;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
	return request;
}

/*
 * The nodes are known once a request has ended, and the replication of the
 * keyspace it named: the first ones are held until those, read beside them,
 * have come or failed to.
 */
cql_request_state
cql_request_get_state(const cql_request *request)
{
	const cql_cluster *cluster = request->cluster;

	if (request->phase == CQL_PHASE_FAILED)
		return CQL_REQUEST_FAILED;
	if (request->phase == CQL_PHASE_DONE && cluster->settled &&
		(!request->held || cluster->nkeyspace_reads == 0))
		return CQL_REQUEST_DONE;
	return CQL_REQUEST_PENDING;
}

const cql_error *
cql_request_error(const cql_request *request)
{
	static const cql_error no_memory_error = {.code = CQL_ERR_NOMEM,
											  .server_code = -1,
											  .consistency = -1,
											  .received = -1,
											  .required = -1,
											  .failures = -1,
											  .data_present = -1,
											  .message = "out of memory"};

	return request->error != NULL ? request->error : &no_memory_error;
}

cql_result *
cql_request_take(cql_request *request)
{
	cql_result *result = request->result;

	request->result = NULL;
	return result;
}

cql_schema *
cql_request_take_schema(cql_request *request)
{
	cql_schema *schema = request->schema;

	request->schema = NULL;
	return schema;
}

void
cql_request_again(cql_request *request)
{
	if (request->phase == CQL_PHASE_FAILED)
		cql_request_restart(request);
}

uint32_t
cql_request_attempts(const cql_request *request)
{
	return request->attempts;
}

uint32_t
cql_request_reprepared(const cql_request *request)
{
	return request->reprepared;
}

void
cql_request_release(cql_request *request)
{
	if (request != NULL)
		cql_request_free(request);
}
