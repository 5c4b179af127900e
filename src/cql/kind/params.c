/*
 * params.c
 *	  Checking and copying of what callers execute.
 *
 * A request and everything it was asked is one piece of memory.
 */
#include "kind.h"

#include <string.h>

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
check_values(const cql_batch_entry *entry, cql_error *err)
{
	uint32_t i;

	if (entry->nvalues > CQL_MAX_VALUES)
		return refuse(err, "too many values in a statement");
	if (entry->encoded.data != NULL)
		return check_encoded(entry->encoded, entry->nvalues, err);
	for (i = 0; i < entry->nvalues; i++)
	{
		if (entry->values[i].len < CQL_UNSET)
			return refuse(err, "a value has an invalid length");
	}
	return true;
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
			return refuse(err, "a statement has no text");
		if (!check_values(&entries[i], err))
			return false;
	}
	return true;
}

bool
cql_params_check(const cql_params *params, bool batch,
				 const cql_batch_entry *entries, uint32_t n, cql_error *err)
{
	uint32_t i;

	if (params->consistency < CQL_ANY || params->consistency > CQL_LOCAL_ONE)
		return refuse(err, "invalid consistency level");
	if (params->serial_consistency != -1 &&
		params->serial_consistency != CQL_SERIAL &&
		params->serial_consistency != CQL_LOCAL_SERIAL)
		return refuse(err, "invalid serial consistency level");
	if (params->timeout < 0 || params->speculative_delay < 0)
		return refuse(err, "invalid timeout");
	if (batch && params->nkeys > 0)
		return refuse(err, "a batch is routed by token, not by key values");
	if (params->page_size < 0 || params->paging_state.len < CQL_NULL)
		return refuse(err, "invalid page size or paging state");
	if (params->nkeys > 0 && entries[0].encoded.data != NULL)
		return refuse(err, "values in wire form are routed by token");
	for (i = 0; i < params->nkeys; i++)
	{
		if (params->keys[i] >= entries[0].nvalues)
			return refuse(err, "a key position is beyond the values");
	}
	return check_entries(entries, n, err);
}

/* ---- copying ---- */

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

/* A copy of the bytes, or NULL where there are none or they are counted. */
static void *
pack_bytes(packer *pack, const void *data, size_t len, size_t align)
{
	void *copy = len == 0 ? NULL : pack_room(pack, len, 1, align);

	if (copy != NULL)
		memcpy(copy, data, len);
	return copy;
}

static const char *
pack_text(packer *pack, const char *text)
{
	return text == NULL ? NULL : pack_bytes(pack, text, strlen(text) + 1, 1);
}

static cql_slice
pack_slice(packer *pack, cql_slice value)
{
	value.data = value.len <= 0
					 ? NULL
					 : pack_bytes(pack, value.data, (size_t) value.len, 1);
	return value;
}

static const cql_slice *
pack_values(packer *pack, const cql_slice *values, uint32_t n)
{
	cql_slice *copy = pack_room(pack, n, sizeof(*copy), _Alignof(cql_slice));
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		cql_slice value = pack_slice(pack, values[i]);

		if (copy != NULL)
			copy[i] = value;
	}
	return copy;
}

static void
pack_entries(packer *pack, cql_statement_request *request,
			 const cql_batch_entry *from, uint32_t n)
{
	cql_entry *entries =
		pack_room(pack, n, sizeof(*entries), _Alignof(cql_entry));
	uint32_t i;

	if (request != NULL)
	{
		memset(entries, 0, n * sizeof(*entries));
		request->entries = entries;
		request->nentries = n;
	}
	for (i = 0; i < n; i++)
	{
		const cql_slice *values = NULL;
		const char *cql = NULL;

		if (from[i].encoded.data == NULL)
			values = pack_values(pack, from[i].values, from[i].nvalues);
		if (!from[i].prepare)
			cql = pack_text(pack, from[i].cql);
		if (entries == NULL)
			continue;
		entries[i].cql = cql;
		entries[i].values = values;
		entries[i].nvalues = from[i].nvalues;
		entries[i].encoded = from[i].encoded;
		entries[i].bound = from[i].bound;
		entries[i].nbound = from[i].nvalues;
	}
}

static void
copy_scalars(cql_statement_request *request, const cql_params *params)
{
	cql_request *base = &request->base;
	cql_query_options *options = &request->options;

	options->consistency = params->consistency;
	options->serial_consistency = params->serial_consistency;
	options->has_timestamp = params->has_timestamp;
	options->timestamp = params->timestamp;
	options->page_size = params->page_size;
	base->has_token = params->has_token;
	base->range = params->has_token;
	base->token = params->token;
	if (params->timeout > 0)
		base->timeout = params->timeout;
	base->copy_delay = params->speculative_delay;
	base->idempotent = params->idempotent;
	base->tracing = params->tracing;
	request->expected = params->expected;
	request->nexpected = params->nexpected;
	request->nkeys = params->nkeys;
}

size_t
cql_params_copy(cql_statement_request *request, void *space,
				const cql_params *params, const cql_batch_entry *entries,
				uint32_t n)
{
	packer pack = {space, 0};
	const uint16_t *keys;
	const char *keyspace;
	cql_slice state;

	pack_entries(&pack, request, entries, n);
	keys = pack_bytes(&pack, params->keys, params->nkeys * sizeof(*keys),
					  _Alignof(uint16_t));
	keyspace = pack_text(&pack, params->keyspace);
	state = pack_slice(&pack, params->paging_state);
	if (request == NULL)
		return pack.size;
	copy_scalars(request, params);
	request->keys = keys;
	request->base.keyspace = keyspace;
	request->options.paging_state = state;
	return pack.size;
}
