/*
 * selector_function.c
 *	  The server's own functions and the types of their results.
 *
 * Includes selector.h only; called by selector.c.
 */
#include "selector_int.h"

#include <stdlib.h>
#include <string.h>

#define FIXED(id, min, max)                                                   \
	{                                                                         \
		CQL_RESULT_FIXED, CQL_TYPE_##id, min, max                             \
	}
#define OF(rule, min, max)                                                    \
	{                                                                         \
		CQL_RESULT_##rule, CQL_TYPE_CUSTOM, min, max                          \
	}

/*
 * By name, sorted.  Those with two spellings: the second came with 5.0, which
 * takes both but of dateof and unixtimestampof.
 */
static const struct
{
	const char *name;
	cql_selector_native native;
} natives[] = {
	{"abs", OF(FIRST, 1, 1)},
	{"avg", OF(AGGREGATE, 0, 1)},
	{"collection_avg", OF(ELEMENT, 1, 1)},
	{"collection_count", FIXED(INT, 1, 1)},
	{"collection_max", OF(ELEMENT, 1, 1)},
	{"collection_min", OF(ELEMENT, 1, 1)},
	{"collection_sum", OF(ELEMENT, 1, 1)},
	{"count", OF(AGGREGATE, 0, 1)},
	{"countrows", OF(AGGREGATE, 0, 1)},
	{"current_date", FIXED(DATE, 0, 0)},
	{"current_time", FIXED(TIME, 0, 0)},
	{"current_timestamp", FIXED(TIMESTAMP, 0, 0)},
	{"current_timeuuid", FIXED(TIMEUUID, 0, 0)},
	{"currentdate", FIXED(DATE, 0, 0)},
	{"currenttime", FIXED(TIME, 0, 0)},
	{"currenttimestamp", FIXED(TIMESTAMP, 0, 0)},
	{"currenttimeuuid", FIXED(TIMEUUID, 0, 0)},
	{"dateof", FIXED(TIMESTAMP, 1, 1)},
	{"exp", OF(FIRST, 1, 1)},
	{"log", OF(FIRST, 1, 1)},
	{"log10", OF(FIRST, 1, 1)},
	{"map_keys", OF(KEYS, 1, 1)},
	{"map_values", OF(VALUES, 1, 1)},
	{"mask_default", OF(FIRST, 1, 1)},
	{"mask_hash", FIXED(BLOB, 1, 2)},
	{"mask_inner", OF(FIRST, 3, 4)},
	{"mask_null", OF(FIRST, 1, 1)},
	{"mask_outer", OF(FIRST, 3, 4)},
	{"mask_replace", OF(FIRST, 2, 2)},
	{"max", OF(AGGREGATE, 0, 1)},
	{"max_timeuuid", FIXED(TIMEUUID, 1, 1)},
	{"maxtimeuuid", FIXED(TIMEUUID, 1, 1)},
	{"min", OF(AGGREGATE, 0, 1)},
	{"min_timeuuid", FIXED(TIMEUUID, 1, 1)},
	{"mintimeuuid", FIXED(TIMEUUID, 1, 1)},
	{"now", FIXED(TIMEUUID, 0, 0)},
	{"round", OF(FIRST, 1, 1)},
	{"similarity_cosine", FIXED(FLOAT, 2, 2)},
	{"similarity_dot_product", FIXED(FLOAT, 2, 2)},
	{"similarity_euclidean", FIXED(FLOAT, 2, 2)},
	{"sum", OF(AGGREGATE, 0, 1)},
	{"to_date", FIXED(DATE, 1, 1)},
	{"to_json", FIXED(TEXT, 1, 1)},
	{"to_timestamp", FIXED(TIMESTAMP, 1, 1)},
	{"to_unix_timestamp", FIXED(BIGINT, 1, 1)},
	{"todate", FIXED(DATE, 1, 1)},
	{"tojson", FIXED(TEXT, 1, 1)},
	{"totimestamp", FIXED(TIMESTAMP, 1, 1)},
	{"tounixtimestamp", FIXED(BIGINT, 1, 1)},
	{"unixtimestampof", FIXED(BIGINT, 1, 1)},
	{"uuid", FIXED(UUID, 0, 0)},
};

#define NNATIVES (sizeof(natives) / sizeof(natives[0]))

static int
compare_name(const void *name, const void *entry)
{
	/* the name is the entry's first field */
	return strcmp(name, *(const char *const *) entry);
}

/* blobasint(b), blob_as_int(b): an int. */
static const cql_type *
from_blob(const char *name)
{
	const char *type = NULL;

	if (strncmp(name, "blob_as_", 8) == 0)
		type = name + 8;
	else if (strncmp(name, "blobas", 6) == 0)
		type = name + 6;
	return type == NULL ? NULL : cql_type_scalar_by_name(type, strlen(type));
}

/* intasblob(i), int_as_blob(i). */
static bool
is_to_blob(const char *name)
{
	size_t len = strlen(name);

	if (len > 8 && strcmp(name + len - 8, "_as_blob") == 0)
		return cql_type_scalar_by_name(name, len - 8) != NULL;
	return len > 6 && strcmp(name + len - 6, "asblob") == 0 &&
		   cql_type_scalar_by_name(name, len - 6) != NULL;
}

bool
cql_selector_native_find(const char *name, cql_selector_native *native)
{
	static const cql_selector_native one = FIXED(BLOB, 1, 1);
	size_t size = sizeof(natives[0]);
	const char *found = bsearch(name, natives, NNATIVES, size, compare_name);
	const cql_type *type = from_blob(name);

	if (found != NULL)
	{
		*native =
			natives[(size_t) (found - (const char *) natives) / size].native;
		return true;
	}
	*native = one;
	if (type != NULL)
		native->id = type->id;
	return type != NULL || is_to_blob(name);
}

const cql_type *
cql_selector_make(cql_selector_parser *p, cql_type_id id, const cql_type *sub)
{
	cql_selector *out = p->out;
	uint32_t i = out->nmade;

	if (i >= CQL_SELECTOR_DEPTH)
	{
		(void) cql_selector_fail(p, CQL_SELECTOR_LIMIT,
								 "expression is too complex");
		return NULL;
	}
	out->nmade++;
	out->made_sub[i] = sub;
	memset(&out->made[i], 0, sizeof(out->made[i]));
	out->made[i].id = id;
	out->made[i].nsub = 1;
	out->made[i].sub = &out->made_sub[i];
	return &out->made[i];
}

/* The type derived from a list, set or map, or NULL where it is none. */
static const cql_type *
derived_type(cql_selector_parser *p, cql_selector_result result,
			 const cql_type *type)
{
	switch (result)
	{
		case CQL_RESULT_KEYS:
			return type->id != CQL_TYPE_MAP
					   ? NULL
					   : cql_selector_make(p, CQL_TYPE_SET, type->sub[0]);
		case CQL_RESULT_VALUES:
			return type->id != CQL_TYPE_MAP
					   ? NULL
					   : cql_selector_make(p, CQL_TYPE_LIST, type->sub[1]);
		default:
			return type->id == CQL_TYPE_LIST || type->id == CQL_TYPE_SET
					   ? type->sub[0]
					   : NULL;
	}
}

bool
cql_selector_native_type(cql_selector_parser *p, const char *name,
						 const cql_selector_native *native,
						 const cql_selector_node *first, const cql_type **type)
{
	if (native->result == CQL_RESULT_FIXED)
	{
		*type = cql_type_scalar(native->id);
		return true;
	}
	*type = first->type;
	if (p->table == NULL)
		return true;
	if (*type != NULL && native->result != CQL_RESULT_FIRST)
		*type = derived_type(p, native->result, *type);
	if (*type != NULL)
		return true;
	if (first->name[0] != '\0')
		cql_selector_hint(p,
						  "Name the argument's type: CAST(%s(...) AS type).",
						  first->name);
	if (p->out->code == CQL_SELECTOR_OK)
		(void) cql_selector_fail(
			p, CQL_SELECTOR_TYPE,
			"function %s cannot be applied to its argument", name);
	return false;
}
