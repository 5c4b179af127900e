/*
 * fuzz_schema.c
 *	  Pages of system tables as a schema, and as a ring.
 *
 * Input: pages, each a query (one byte), a number of rows (one), the length of
 * the cells (two) and the cells, behind metadata as the server would send it.
 * Rows of peers go to a token map under one of three replications.
 */
#include <stdlib.h>
#include <string.h>

#include "schema_query.h"
#include "tokenmap.h"
#include "topology_rows.h"
#include "walk.h"

#define PEERS CQL_SCHEMA_NQUERIES /* a page of peers */
#define MAX_NODES 64

typedef struct table
{
	const char *names[10];
	const char
		*types; /* t text, i int, u uuid, s set, l list, m map, a inet */
} table;

static const table tables[CQL_SCHEMA_NQUERIES + 1] = {
	{{"keyspace_name", "replication"}, "tm"},
	{{"table_name", "id", "flags"}, "tus"},
	{{"view_name", "id", "base_table_name"}, "tut"},
	{{"table_name", "column_name", "kind", "position", "type",
	  "clustering_order"},
	 "tttitt"},
	{{"type_name", "field_names", "field_types"}, "tll"},
	{{"table_name", "index_name", "kind", "options"}, "tttm"},
	{{"table_name", "column_name"}, "tt"},
	{{"keyspace_name"}, "t"},
	{{"table_name"}, "t"},
	{{"table_name", "column_name", "kind", "position", "type"}, "tttit"},
	{{"host_id", "data_center", "rack", "tokens", "peer", "native_address",
	  "native_port"},
	 "uttsaai"}};

static void
put_type(cql_buf *buf, char type)
{
	switch (type)
	{
		case 'i':
			cql_put_u16(buf, CQL_TYPE_INT);
			break;
		case 'u':
			cql_put_u16(buf, CQL_TYPE_UUID);
			break;
		case 'a':
			cql_put_u16(buf, CQL_TYPE_INET);
			break;
		case 's':
		case 'l':
			cql_put_u16(buf, type == 's' ? CQL_TYPE_SET : CQL_TYPE_LIST);
			cql_put_u16(buf, CQL_TYPE_TEXT);
			break;
		case 'm':
			cql_put_u16(buf, CQL_TYPE_MAP);
			cql_put_u16(buf, CQL_TYPE_TEXT);
			cql_put_u16(buf, CQL_TYPE_TEXT);
			break;
		default:
			cql_put_u16(buf, CQL_TYPE_TEXT);
			break;
	}
}

static cql_result *
make_page(uint8_t query, uint8_t nrows, const uint8_t *cells, size_t len)
{
	const table *t = &tables[query];
	cql_envelope envelope = {.version = 4, .opcode = CQL_OP_RESULT};
	cql_error err;
	cql_buf body;
	size_t i;

	cql_buf_init(&body, &walk_env, 1 << 20);
	cql_put_i32(&body, CQL_RESULT_ROWS);
	cql_put_i32(&body, 1);
	cql_put_i32(&body, (int32_t) strlen(t->types));
	cql_put_string(&body, "system_schema");
	cql_put_string(&body, "t");
	for (i = 0; t->types[i] != '\0'; i++)
	{
		cql_put_string(&body, t->names[i]);
		put_type(&body, t->types[i]);
	}
	cql_put_i32(&body, nrows);
	cql_buf_append(&body, cells, len);
	envelope.body = body.data;
	envelope.len = body.len;
	return cql_result_make(&walk_env, &envelope, NULL, "h", &err);
}

/* Everything that a schema points to is there. */
static void
walk_schema(const cql_schema *schema)
{
	uint32_t i;
	uint32_t j;
	size_t sum = 0;
	char text[64];

	for (i = 0; i < schema->ntables; i++)
	{
		const cql_schema_table *t = &schema->tables[i];

		sum += strlen(t->name);
		for (j = 0; j < t->ncolumns; j++)
			sum += strlen(cql_type_print(t->columns[j].type, text,
										 sizeof(text))) +
				   strlen(t->columns[j].name);
		for (j = 0; j < t->nindexes; j++)
			if (t->indexes[j].column >= (int) t->ncolumns)
				abort();
	}
	if (sum > (size_t) 1 << 30)
		abort();
}

/* ---- a ring ---- */

static cql_ring_node nodes[MAX_NODES];
static uint32_t nnodes;

static char *
copy(cql_slice text)
{
	size_t len = text.len > 0 ? (size_t) text.len : 0;
	char *out = calloc(1, len + 1);

	memcpy(out, text.data, len);
	return out;
}

static void
take_peers(cql_result *page)
{
	cql_topology_row row;
	cql_rows rows;

	cql_rows_init(&rows, page);
	while (nnodes < MAX_NODES && cql_topology_next(&rows, 9042, &row))
	{
		cql_ring_node *node = &nodes[nnodes++];

		node->dc = copy(row.dc);
		node->rack = copy(row.rack);
		node->tokens = cql_topology_tokens(&walk_env, &rows, &node->ntokens);
	}
}

static void
check_ranges(cql_placement *placement)
{
	cql_token_range *ranges;
	uint32_t n;
	uint32_t i;

	if (cql_placement_ranges(placement, 16, &ranges, &n) != CQL_OK)
		return;
	for (i = 0; i < n; i++)
		if (ranges[i].start >= ranges[i].end ||
			(i > 0 && ranges[i].start != ranges[i - 1].end))
			abort();
	if (n > 0 &&
		(ranges[0].start != INT64_MIN || ranges[n - 1].end != INT64_MAX))
		abort();
	walk_env.free(walk_env.ctx, ranges);
}

static void
use_ring(const uint8_t *replication_cell, size_t len)
{
	cql_tokenmap *map = cql_tokenmap_build(&walk_env, nodes, nnodes);
	cql_slice value = {replication_cell, (int32_t) len};
	cql_replication *replication = cql_replication_parse(&walk_env, value);
	cql_placement *placement = map == NULL || replication == NULL
								   ? NULL
								   : cql_placement_create(map, replication);
	int64_t token;

	for (token = -4; placement != NULL && token <= 4; token++)
	{
		const cql_replica_set *set =
			cql_placement_of(placement, token * (INT64_MAX / 4));
		uint32_t i;

		for (i = 0; set != NULL && i < set->n; i++)
			if (set->nodes[i] >= nnodes ||
				(i > 0 && set->nodes[i] <= set->nodes[i - 1]))
				abort();
	}
	if (placement != NULL)
		check_ranges(placement);
	cql_placement_free(placement);
	cql_replication_free(replication);
	cql_tokenmap_free(map);
	while (nnodes > 0)
	{
		nnodes--;
		free((char *) nodes[nnodes].dc);
		free((char *) nodes[nnodes].rack);
		cql_free(&walk_env, (int64_t *) nodes[nnodes].tokens);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"t"};
	cql_schema_filter filter = {names, 1, false, 63};
	cql_schema_reader *reader = cql_schema_reader_create(
		&walk_env, "ks", NULL, size > 0 && (data[0] & 16) ? &filter : NULL);
	cql_schema *schema = NULL;
	bool ok = reader != NULL;
	cql_error err;

	while (ok && size >= 4)
	{
		uint8_t query = (data[0] & 15) % (PEERS + 1);
		size_t len = (size_t) data[2] << 8 | data[3];
		cql_result *page;

		if (len > size - 4)
			len = size - 4;
		page = make_page(query, data[1], data + 4, len);
		data += 4 + len;
		size -= 4 + len;
		if (page != NULL && query == PEERS)
			take_peers(page);
		else if (page != NULL)
		{
			cql_schema_progress progress = CQL_SCHEMA_UNFINISHED;

			/* a row at a time */
			while (progress == CQL_SCHEMA_UNFINISHED)
				progress = cql_schema_take(reader, (cql_schema_query) query,
										   page, 0, &err);
			ok = progress == CQL_SCHEMA_FINISHED;
		}
		cql_result_free(page);
	}
	while (ok && schema == NULL &&
		   cql_schema_end(reader, 0, &schema, &err) != CQL_SCHEMA_FAILED)
		;
	if (schema != NULL)
		walk_schema(schema);
	cql_schema_reader_free(reader);
	cql_schema_free(schema);
	use_ring(data, size);
	return 0;
}
