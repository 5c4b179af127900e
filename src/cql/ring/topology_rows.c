/*
 * topology_rows.c
 *	  Rows of system.local, peers_v2 and peers as nodes.
 *
 * Servers and proxies have other columns than Cassandra, and in another order.
 */
#include "topology_rows.h"

#include <stdlib.h>
#include <string.h>

#include "wire.h"

static uint16_t
row_port(const cql_rows *rows, uint16_t port)
{
	cql_slice value = cql_rows_cell(rows, "native_port");
	uint32_t given = value.len == 4 ? cql_load_u32(value.data) : 0;

	return given > 0 && given <= UINT16_MAX ? (uint16_t) given : port;
}

/* The first of the row's addresses that can be dialled; len 0 without one. */
static void
row_address(const cql_rows *rows, uint16_t port, cql_address *address)
{
	bool named = false;

	port = row_port(rows, port);
	if (cql_address_from_inet(cql_rows_cell(rows, "native_address"), port,
							  address))
	{
		if (!cql_address_is_any(address))
			return;
		named = true;
	}
	if (cql_address_from_inet(cql_rows_cell(rows, "rpc_address"), port,
							  address))
	{
		if (!cql_address_is_any(address))
			return;
		named = true;
	}
	/* peer stands in for "all interfaces", not for no address. */
	if (!named ||
		!cql_address_from_inet(cql_rows_cell(rows, "peer"), port, address) ||
		cql_address_is_any(address))
		memset(address, 0, sizeof(*address));
}

/* "5.0.8" is 500, "4.1.10" is 401; 0 where it is no such text. */
static int
release_number(cql_slice text)
{
	char copy[32];
	char *end;
	long major;
	long minor;

	if (text.len <= 0 || (size_t) text.len >= sizeof(copy))
		return 0;
	memcpy(copy, text.data, (size_t) text.len);
	copy[text.len] = '\0';
	major = strtol(copy, &end, 10);
	if (end == copy || *end != '.')
		return 0;
	minor = strtol(end + 1, NULL, 10);
	if (major < 0 || major > 999 || minor < 0 || minor > 99)
		return 0;
	return (int) (major * 100 + minor);
}

static bool
ends_with(cql_slice text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= 0 && (size_t) text.len >= len &&
		   memcmp(text.data + (size_t) text.len - len, end, len) == 0;
}

bool
cql_topology_next(cql_rows *rows, uint16_t port, cql_topology_row *row)
{
	while (cql_rows_next(rows))
	{
		cql_slice id = cql_rows_cell(rows, "host_id");

		row->dc = cql_rows_cell(rows, "data_center");
		if (id.len != 16 || row->dc.len < 0)
			continue;
		memcpy(row->host_id, id.data, 16);
		row->rack = cql_rows_cell(rows, "rack");
		if (row->rack.len < 0)
		{
			row->rack.data = id.data;
			row->rack.len = 0;
		}
		row->murmur3 = ends_with(cql_rows_cell(rows, "partitioner"),
								 "Murmur3Partitioner");
		row->release_text = cql_rows_cell(rows, "release_version");
		row->release = release_number(row->release_text);
		row_address(rows, port, &row->address);
		return true;
	}
	return false;
}

/* A decimal number of 64 bits, all of the text. */
static bool
parse_token(cql_slice text, int64_t *token)
{
	bool negative = text.len > 0 && text.data[0] == '-';
	uint64_t limit = (uint64_t) INT64_MAX + (negative ? 1 : 0);
	uint64_t value = 0;
	int32_t i;

	if (text.len <= (negative ? 1 : 0))
		return false;
	for (i = negative ? 1 : 0; i < text.len; i++)
	{
		uint32_t digit = (uint32_t) text.data[i] - '0';

		if (digit > 9 || value > (limit - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*token = (int64_t) (negative ? 0 - value : value);
	return true;
}

int64_t *
cql_topology_tokens(const cql_env *env, const cql_rows *rows, uint32_t *n)
{
	cql_elements it;
	cql_slice element;
	int64_t *tokens;

	*n = 0;
	if (!cql_rows_elements(rows, "tokens", &it) || it.type->id != CQL_TYPE_SET)
		return NULL;
	tokens = cql_alloc_array(env, (size_t) it.left + 1, sizeof(*tokens));
	if (tokens == NULL)
		return NULL;
	while (cql_elements_next(&it, &element, NULL) == 1)
	{
		if (!parse_token(element, &tokens[*n]))
		{
			*n = 0;
			cql_free(env, tokens);
			return NULL;
		}
		(*n)++;
	}
	return tokens;
}
