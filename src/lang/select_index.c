/*
 * select_index.c
 *	  Secondary indexes: which condition which index serves.
 *
 * Part of select.  SAI indexes work together; of the older kinds a query may
 * use one.  Several values of an indexed column are a request each.
 */
#include "select_int.h"

#include <string.h>

/*
 * SAI: sai_string_term_size_fail_threshold and its kin, as they are set unless
 * told otherwise.  SASI leaves out terms of 1,024 bytes when it writes a file.
 * A legacy index holds values as partition keys, but refuses the longest.
 */
#define SAI_MAX_VALUE 8192
#define SASI_MAX_VALUE 1023
#define LEGACY_MAX_VALUE 65534
/* How much longer terms may be than what they were made of. */
#define ANALYZED_GROWTH 4

uint32_t
cql_index_max_value(const cql_schema_index *index)
{
	switch (index->kind)
	{
		case CQL_INDEX_SAI:
			return index->analyzed || !index->case_sensitive
					   ? SAI_MAX_VALUE / ANALYZED_GROWTH
					   : SAI_MAX_VALUE;
		case CQL_INDEX_SASI:
			return SASI_MAX_VALUE;
		default:
			return LEGACY_MAX_VALUE;
	}
}

uint32_t
cql_entry_size(uint32_t key, uint32_t value)
{
	return (2 + key + 1) + (2 + value + 1);
}

/*
 * Types whose ranges SAI finds; others it finds by = only.  Of inet it has
 * another order than CQL (IPv4 as IPv6), so only = is of use there, too.
 */
static bool
sai_has_order(const cql_type *type)
{
	switch (type->id)
	{
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_DECIMAL:
		case CQL_TYPE_DOUBLE:
		case CQL_TYPE_FLOAT:
		case CQL_TYPE_INT:
		case CQL_TYPE_TIMESTAMP:
		case CQL_TYPE_VARINT:
		case CQL_TYPE_TIMEUUID:
		case CQL_TYPE_DATE:
		case CQL_TYPE_TIME:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_TINYINT:
			return true;
		default:
			return false;
	}
}

/* Whether what is indexed of the column is what the restriction is about. */
static bool
target_matches(const cql_schema_index *index, cql_shape shape)
{
	switch (shape)
	{
		case CQL_SHAPE_CONTAINS:
			return index->target == CQL_TARGET_VALUES;
		case CQL_SHAPE_CONTAINS_KEY:
			return index->target == CQL_TARGET_KEYS;
		case CQL_SHAPE_MAP_ENTRY:
			return index->target == CQL_TARGET_ENTRIES;
		default:
			return index->target == CQL_TARGET_COLUMN ||
				   index->target == CQL_TARGET_FULL;
	}
}

/* Values of any length: SASI indexes neither the longest nor the empty one. */
static bool
has_any_length(const cql_type *type)
{
	return type->id == CQL_TYPE_TEXT || type->id == CQL_TYPE_ASCII ||
		   type->id == CQL_TYPE_BLOB || type->id == CQL_TYPE_VARINT ||
		   type->id == CQL_TYPE_DECIMAL;
}

/*
 * SASI: = and ranges but in mode CONTAINS, LIKE by mode; no collections.  Of a
 * value it is known whether the index holds it, of a range it is not.
 */
static bool
sasi_serves(const cql_schema_index *index, const cql_type *type,
			cql_shape shape, cql_cond_op op)
{
	bool contains = strcmp(index->mode, "CONTAINS") == 0;
	bool sparse = strcmp(index->mode, "SPARSE") == 0;

	if (shape == CQL_SHAPE_EQ)
		return !index->analyzed;
	if (shape == CQL_SHAPE_RANGE)
		return !index->analyzed && !contains && !has_any_length(type);
	if (shape == CQL_SHAPE_LIKE)
		return op == CQL_COND_LIKE_PREFIX ? !sparse : contains;
	return false;
}

static bool
serves(const cql_schema_index *index, const cql_type *type, cql_shape shape,
	   cql_cond_op op)
{
	if (!target_matches(index, shape))
		return false;
	switch (index->kind)
	{
		case CQL_INDEX_LEGACY:
			return shape != CQL_SHAPE_RANGE && shape != CQL_SHAPE_IN &&
				   shape != CQL_SHAPE_LIKE;
		case CQL_INDEX_SAI:
			return shape != CQL_SHAPE_IN && shape != CQL_SHAPE_LIKE &&
				   (shape != CQL_SHAPE_RANGE || sai_has_order(type));
		case CQL_INDEX_SASI:
			return sasi_serves(index, type, shape, op);
		default:
			return false;
	}
}

/* An index of the kind that serves a condition of this form, or -1. */
static int
index_for(const cql_select_state *s, cql_index_kind kind, uint32_t column,
		  cql_shape shape, cql_cond_op op)
{
	const cql_schema_table *table = s->in->table;
	uint32_t i;

	for (i = 0; i < table->nindexes; i++)
	{
		if (table->indexes[i].column == (int) column &&
			table->indexes[i].kind == kind &&
			serves(&table->indexes[i], table->columns[column].type, shape, op))
			return (int) i;
	}
	return -1;
}

int
cql_select_vector_index(const cql_select_state *s, uint32_t column)
{
	const cql_schema_table *table = s->in->table;
	uint32_t i;

	for (i = 0; i < table->nindexes; i++)
	{
		if (table->indexes[i].column == (int) column &&
			table->indexes[i].kind == CQL_INDEX_SAI &&
			table->columns[column].type->id == CQL_TYPE_VECTOR)
			return (int) i;
	}
	return -1;
}

int
cql_select_index_on(const cql_select_state *s, uint32_t column)
{
	uint32_t i;

	for (i = 0; i < s->in->table->nindexes; i++)
	{
		if (s->in->table->indexes[i].column == (int) column)
			return (int) i;
	}
	return -1;
}

/*
 * Whether an index may be tried for a condition: inside a partition, one on a
 * clustering column helps only when no clustering column before it is
 * restricted.
 */
static bool
may_index(const cql_select_state *s, uint32_t i)
{
	const cql_cond *cond = &s->in->conds[i];
	const cql_schema_table *table = s->in->table;

	if (!cql_select_open(s, i) || cond->token || cond->ncolumns != 1)
		return false;
	if (s->plan->access == CQL_ACCESS_PARTITION && s->plan->clustering &&
		cond->columns[0] < table->npartition + table->nclustering)
		return false;
	return !cql_select_clashes(s, cond->columns[0],
							   cql_select_cond_shape(s, i));
}

/*
 * Whether more may be found than what equals: analyzed terms, and addresses
 * that are the same to SAI as IPv4 and as mapped IPv6.
 */
static bool
is_superset(const cql_schema_table *table, const cql_schema_index *index)
{
	return index->kind == CQL_INDEX_SASI || index->analyzed ||
		   !index->case_sensitive ||
		   table->columns[index->column].type->id == CQL_TYPE_INET;
}

/* Places condition i (and what it merges with) through an index. */
static void
use_index(cql_select_state *s, uint32_t i, int index, bool fanout)
{
	const cql_cond *cond = &s->in->conds[i];
	cql_shape shape = cql_select_cond_shape(s, i);
	cql_restriction *r = cql_select_restrict(s, cond->columns[0], shape);
	uint32_t c;

	r->fanout = fanout;
	r->index = index;
	for (c = 0; c < s->in->nconds; c++)
	{
		bool merged = shape <= CQL_SHAPE_RANGE &&
					  cql_select_compares(&s->in->conds[c], cond->columns[0]);

		if (!cql_select_open(s, c) || (c != i && !merged))
			continue;
		cql_select_feed(s, c);
		if (is_superset(s->in->table, &s->in->table->indexes[index]))
			s->plan->conds[c].recheck = true;
	}
	if (s->plan->index < 0)
		s->plan->index = index;
	if (s->plan->access == CQL_ACCESS_SCAN)
		s->plan->access = CQL_ACCESS_INDEX;
}

/* Uses indexes of a kind for open conditions: all that serve, or the first. */
static void
use_kind(cql_select_state *s, cql_index_kind kind, bool several)
{
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];
		int index;

		if (!may_index(s, i))
			continue;
		index = index_for(s, kind, cond->columns[0],
						  cql_select_cond_shape(s, i), cond->op);
		if (index < 0)
			continue;
		use_index(s, i, index, false);
		if (!several)
			return;
	}
}

/*
 * One IN on an indexed column, a request a value.  Where a request finds more
 * than what equals, a row could come with several of them.
 */
static void
use_fanout(cql_select_state *s, cql_index_kind kind)
{
	uint32_t i;

	if (!s->in->fanout || s->plan->access == CQL_ACCESS_PARTITION)
		return;
	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];
		int index;

		if (!may_index(s, i) || cql_select_cond_shape(s, i) != CQL_SHAPE_IN)
			continue;
		index =
			index_for(s, kind, cond->columns[0], CQL_SHAPE_EQ, CQL_COND_EQ);
		if (index < 0 ||
			is_superset(s->in->table, &s->in->table->indexes[index]))
			continue;
		use_index(s, i, index, true);
		return;
	}
}

/*
 * With a wanted order that would hold, no index: CQL refuses ORDER BY as soon
 * as a restricted column has one.
 */
static void
refuse_for_order(cql_select_state *s)
{
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];
		int index;

		if (!cql_select_open(s, i) || cond->token)
			continue;
		index = cql_select_index_on(s, cond->columns[0]);
		if (index >= 0)
			cql_select_refuse(&s->plan->conds[i].reason, CQL_WHY_INDEX_ORDER,
							  cond->columns[0], -1, index);
	}
}

/*
 * Within one partition a legacy index on a static column may find no row at
 * all, beside restricted clustering columns never (tried on 5.0.8), and the
 * server takes the index as soon as its column is restricted.
 */
static void
refuse_static(cql_select_state *s)
{
	const cql_schema_table *table = s->in->table;
	uint32_t i, k;

	if (s->plan->access != CQL_ACCESS_PARTITION)
		return;
	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];

		if (!cql_select_open(s, i) || cond->token ||
			table->columns[cond->columns[0]].kind != CQL_STATIC)
			continue;
		for (k = 0; k < table->nindexes; k++)
		{
			if (table->indexes[k].kind == CQL_INDEX_LEGACY &&
				table->indexes[k].column == (int) cond->columns[0])
				cql_select_refuse(&s->plan->conds[i].reason,
								  CQL_WHY_INDEX_STATIC, cond->columns[0], -1,
								  (int) k);
		}
	}
}

void
cql_select_indexes(cql_select_state *s)
{
	refuse_static(s);
	if (s->keep_order)
	{
		refuse_for_order(s);
		return;
	}
	use_kind(s, CQL_INDEX_SAI, true);
	if (s->plan->index < 0)
		use_kind(s, CQL_INDEX_LEGACY, false);
	if (s->plan->index < 0)
		use_kind(s, CQL_INDEX_SASI, false);
	if (s->plan->index < 0)
		use_fanout(s, CQL_INDEX_SAI);
	if (s->plan->index < 0)
		use_fanout(s, CQL_INDEX_LEGACY);
}
