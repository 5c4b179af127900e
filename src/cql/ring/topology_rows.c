/*
 * topology_rows.c
 *	  Rows of system.local, peers_v2 and peers, with columns found by name.
 *
 * Servers and proxies give other columns, and in another order, than asked.
 */
#include "topology_rows.h"

#include <stdlib.h>
#include <string.h>

#include "wire.h"

static const char *const column_names[CQL_COLUMN_N] = {
	"host_id",	   "data_center",	 "rack",		"tokens",
	"peer",		   "native_address", "native_port", "rpc_address",
	"partitioner", "release_version"};

static int
find_column(const cql_metadata *meta, const char *name)
{
	uint32_t i;

	for (i = 0; i < meta->ncolumns; i++)
	{
		if (strcmp(meta->columns[i].name, name) == 0)
			return (int) i;
	}
	return -1;
}

bool
cql_topology_read_start(cql_topology_reader *reader, const cql_env *env,
						cql_result *result, uint16_t port)
{
	const cql_metadata *meta = cql_result_metadata(result);
	int i;

	reader->env = env;
	reader->result = result;
	reader->port = port;
	reader->cells = NULL;
	if (cql_result_get_kind(result) != CQL_RESULT_ROWS || meta->ncolumns == 0)
		return false;
	for (i = 0; i < CQL_COLUMN_N; i++)
		reader->at[i] = find_column(meta, column_names[i]);
	reader->cells =
		cql_alloc_array(env, meta->ncolumns, sizeof(*reader->cells));
	return reader->cells != NULL;
}

void
cql_topology_read_end(cql_topology_reader *reader)
{
	cql_free(reader->env, reader->cells);
	reader->cells = NULL;
}

static cql_slice
cell(const cql_topology_reader *reader, cql_topology_column column)
{
	cql_slice null = {NULL, CQL_NULL};

	return reader->at[column] < 0 ? null : reader->cells[reader->at[column]];
}

static uint16_t
row_port(const cql_topology_reader *reader)
{
	cql_slice value = cell(reader, CQL_COLUMN_NATIVE_PORT);
	uint32_t port;

	if (value.len != 4)
		return reader->port;
	port = cql_load_u32(value.data);
	return port > 0 && port <= 65535 ? (uint16_t) port : reader->port;
}

/* The first of the row's addresses that can be dialled; len 0 without one. */
static void
row_address(const cql_topology_reader *reader, cql_address *address)
{
	static const cql_topology_column columns[] = {
		CQL_COLUMN_NATIVE_ADDRESS, CQL_COLUMN_RPC_ADDRESS, CQL_COLUMN_PEER};
	bool named = false;
	size_t i;

	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
	{
		cql_slice value = cell(reader, columns[i]);

		/* peer stands in for "all interfaces", not for no address. */
		if (columns[i] == CQL_COLUMN_PEER && !named)
			break;
		if (!cql_address_from_inet(value, row_port(reader), address))
			continue;
		if (!cql_address_is_any(address))
			return;
		named = true;
	}
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
cql_topology_read_next(cql_topology_reader *reader, cql_topology_row *row)
{
	cql_error err;

	while (cql_result_next(reader->result, reader->cells, &err) == 1)
	{
		cql_slice id = cell(reader, CQL_COLUMN_HOST_ID);

		row->dc = cell(reader, CQL_COLUMN_DC);
		if (id.len != 16 || row->dc.len < 0)
			continue;
		memcpy(row->host_id, id.data, 16);
		row->rack = cell(reader, CQL_COLUMN_RACK);
		if (row->rack.len < 0)
		{
			row->rack.data = id.data;
			row->rack.len = 0;
		}
		row->tokens = cell(reader, CQL_COLUMN_TOKENS);
		row->tokens_type = NULL;
		if (reader->at[CQL_COLUMN_TOKENS] >= 0)
			row->tokens_type = cql_result_metadata(reader->result)
								   ->columns[reader->at[CQL_COLUMN_TOKENS]]
								   .type;
		row->murmur3 = ends_with(cell(reader, CQL_COLUMN_PARTITIONER),
								 "Murmur3Partitioner");
		row->release_text = cell(reader, CQL_COLUMN_RELEASE);
		row->release = release_number(row->release_text);
		row_address(reader, &row->address);
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
cql_topology_tokens(const cql_env *env, const cql_topology_row *row,
					uint32_t *n)
{
	cql_elements it;
	cql_slice element;
	const cql_type *type;
	int64_t *tokens;

	*n = 0;
	if (row->tokens_type == NULL || row->tokens_type->id != CQL_TYPE_SET ||
		row->tokens.len < 0 ||
		!cql_elements_start(&it, row->tokens_type, row->tokens))
		return NULL;
	tokens = cql_alloc_array(env, (size_t) it.left + 1, sizeof(*tokens));
	if (tokens == NULL)
		return NULL;
	while (cql_elements_next(&it, &element, &type) == 1)
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
