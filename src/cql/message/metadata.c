/*
 * metadata.c
 *	  Metadata of rows and of bound values, v5 sections 4.2.5.2 and 4.2.5.4.
 *
 * Includes result.h only; called by result.c.
 */
#include "result.h"

#include <string.h>

/* Flags of metadata. */
#define FLAG_GLOBAL_TABLE 0x01
#define FLAG_MORE_PAGES 0x02
#define FLAG_NO_METADATA 0x04
#define FLAG_CHANGED 0x08

/* Bytes that the descriptors of one metadata may take. */
#define MAX_MEMORY ((size_t) 64 << 20)

cql_metadata_ref *
cql_metadata_empty(const cql_env *env)
{
	cql_metadata_ref *ref = cql_alloc0(env, sizeof(*ref));

	if (ref == NULL)
		return NULL;
	ref->env = *env;
	ref->refs = 1;
	cql_arena_init(&ref->arena, &ref->env, MAX_MEMORY);
	return ref;
}

cql_metadata_ref *
cql_metadata_retain(cql_metadata_ref *ref)
{
	if (ref != NULL)
		ref->refs++;
	return ref;
}

void
cql_metadata_release(cql_metadata_ref *ref)
{
	cql_env env;

	if (ref == NULL || --ref->refs > 0)
		return;
	env = ref->env;
	cql_arena_free(&ref->arena);
	cql_free(&env, ref);
}

/* Keyspace and table of a column; shared with the column before if equal. */
static void
read_table(cql_reader *r, cql_arena *arena, const cql_column *before,
		   cql_column *column)
{
	column->keyspace = cql_type_read_name(r, arena);
	column->table = cql_type_read_name(r, arena);
	if (before != NULL && column->keyspace != NULL && column->table != NULL)
	{
		if (strcmp(column->keyspace, before->keyspace) == 0)
			column->keyspace = before->keyspace;
		if (strcmp(column->table, before->table) == 0)
			column->table = before->table;
	}
}

/* Outcome of reading into an arena. */
static cql_code
outcome(const cql_reader *r, const cql_arena *arena)
{
	if (r->failed)
		return CQL_ERR_PROTOCOL;
	if (arena->full)
		return CQL_ERR_LIMIT;
	return arena->failed ? CQL_ERR_NOMEM : CQL_OK;
}

static cql_code
read_columns(cql_reader *r, int32_t flags, uint32_t n, cql_metadata_ref *ref)
{
	bool global = (flags & FLAG_GLOBAL_TABLE) != 0;
	cql_column *columns;
	cql_column table = {0};

	if (global)
		read_table(r, &ref->arena, NULL, &table);
	/* Each has a name and a type, and its own table where that differs. */
	if (r->failed || n > cql_reader_left(r) / (global ? 4 : 8))
		return CQL_ERR_PROTOCOL;
	columns = cql_arena_array(&ref->arena, n, sizeof(*columns));
	for (uint32_t i = 0; i < n && !r->failed && !ref->arena.failed; i++)
	{
		columns[i] = table;
		if (!global)
			read_table(r, &ref->arena, i > 0 ? &columns[i - 1] : NULL,
					   &columns[i]);
		columns[i].name = cql_type_read_name(r, &ref->arena);
		columns[i].type = cql_type_from_wire(r, &ref->arena);
	}
	ref->meta.ncolumns = n;
	ref->meta.columns = columns;
	return outcome(r, &ref->arena);
}

/* The positions of the partition key among n bound values. */
static cql_code
read_keys(cql_reader *r, uint32_t n, cql_metadata_ref *ref)
{
	uint32_t nkeys = cql_get_count(r, 2);
	uint16_t *keys;

	if (r->failed)
		return CQL_ERR_PROTOCOL;
	keys = cql_arena_array(&ref->arena, nkeys, sizeof(*keys));
	if (keys == NULL)
		return CQL_ERR_NOMEM;
	for (uint32_t i = 0; i < nkeys; i++)
	{
		keys[i] = cql_get_u16(r);
		if (keys[i] >= n)
			return CQL_ERR_PROTOCOL;
	}
	ref->meta.nkeys = nkeys;
	ref->meta.keys = keys;
	return CQL_OK;
}

/* The column count, checked against our limit only. */
static cql_code
read_ncolumns(cql_reader *r, uint32_t *n)
{
	int32_t count = cql_get_i32(r);

	*n = 0;
	if (r->failed || count < 0)
		return CQL_ERR_PROTOCOL;
	if ((uint32_t) count > CQL_MAX_COLUMNS)
		return CQL_ERR_LIMIT;
	*n = (uint32_t) count;
	return CQL_OK;
}

/* Flags, count and what the flags announce before the columns. */
static cql_code
read_header(cql_reader *r, cql_rows_header *header, int32_t *flags)
{
	static const cql_slice null_slice = {NULL, CQL_NULL};
	cql_code code;

	header->paging_state = null_slice;
	header->metadata_id = null_slice;
	*flags = cql_get_i32(r);
	header->has_columns = !(*flags & FLAG_NO_METADATA);
	code = read_ncolumns(r, &header->ncolumns);
	if (code != CQL_OK)
		return code;
	if (*flags & FLAG_MORE_PAGES)
	{
		header->paging_state = cql_get_bytes(r);
		/* Without a state the next page cannot be asked for. */
		if (header->paging_state.len < 0)
			return CQL_ERR_PROTOCOL;
	}
	if (*flags & FLAG_CHANGED)
		header->metadata_id = cql_get_string(r);
	return r->failed ? CQL_ERR_PROTOCOL : CQL_OK;
}

cql_code
cql_metadata_rows(const cql_env *env, cql_reader *r, cql_rows_header *header,
				  cql_metadata_ref **ref)
{
	int32_t flags;
	cql_code code = read_header(r, header, &flags);

	*ref = NULL;
	if (code != CQL_OK || !header->has_columns)
		return code;
	*ref = cql_metadata_empty(env);
	if (*ref == NULL)
		return CQL_ERR_NOMEM;
	code = read_columns(r, flags, header->ncolumns, *ref);
	if (code != CQL_OK)
	{
		cql_metadata_release(*ref);
		*ref = NULL;
	}
	return code;
}

cql_code
cql_metadata_bound(const cql_env *env, cql_reader *r, cql_metadata_ref **ref)
{
	int32_t flags = cql_get_i32(r);
	uint32_t n;
	cql_code code = read_ncolumns(r, &n);

	*ref = NULL;
	if (code != CQL_OK)
		return code;
	*ref = cql_metadata_empty(env);
	if (*ref == NULL)
		return CQL_ERR_NOMEM;
	code = read_keys(r, n, *ref);
	if (code == CQL_OK && n > 0 && !(flags & FLAG_NO_METADATA))
		code = read_columns(r, flags, n, *ref);
	else if (code == CQL_OK && n > 0)
		code = CQL_ERR_PROTOCOL;
	if (code != CQL_OK)
	{
		cql_metadata_release(*ref);
		*ref = NULL;
	}
	return code;
}
