/*
 * bind_limits.c
 *	  Values that are too long: for an index, which has left them out, and for
 *	  a key, which no row can then have.
 */
#include "bind.h"

#define MAX_KEY                                                               \
	65535 /* bytes of a partition key, or of a clustering column              \
		   */
#define MAX_FILTER 65535 /* of what replicas are told to filter by */
#define KEY_PART 3		 /* bytes that each part of a composite key adds */

/* ---- indexes and filters ---- */

/* Bytes of a restriction's longest value; of an entry as an index has it. */
static uint32
longest_value(const CassBinding *b)
{
	const CassDomain *domain = &b->domain;
	uint32 longest = 0;
	int i;

	if (b->restriction->shape == CQL_SHAPE_MAP_ENTRY)
		return cql_entry_size(b->values[0].len, b->values[1].len);
	for (i = 0; i < b->nvalues; i++)
		longest = Max(longest, (uint32) Max(b->values[i].len, 0));
	if (!b->has_domain || b->row_given)
		return longest;
	for (i = 0; i < domain->npoints; i++)
		longest = Max(longest, (uint32) domain->points[i].len);
	if (domain->has_lower)
		longest = Max(longest, (uint32) domain->lower.len);
	if (domain->has_upper)
		longest = Max(longest, (uint32) domain->upper.len);
	return longest;
}

/* Whether some index on the restriction's column leaves out such a value. */
static bool
exceeds_index(const CassBindings *bs, const CassBinding *b)
{
	const cql_schema_table *table = bs->shape->table;
	const cql_restriction *r = b->restriction;
	uint32 i;

	/* the index's order is not changed by the length of a bound */
	if (r->token || r->tuple || r->shape == CQL_SHAPE_RANGE ||
		r->shape == CQL_SHAPE_LIKE)
		return false;
	for (i = 0; i < table->nindexes; i++)
	{
		if (table->indexes[i].column == r->columns[0] &&
			longest_value(b) > cql_index_max_value(&table->indexes[i]))
			return true;
	}
	return false;
}

/* The server takes what it filters by, too, to whatever index there is. */
static bool
is_served(const CassBinding *b)
{
	return b->restriction->filtering || b->restriction->index >= 0;
}

/* The whole table is not read once for each list of values to filter by. */
static void
leave_out_lists(CassBindings *bs)
{
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		CassBinding *b = &bs->each[i];

		if (bs->access == CQL_ACCESS_SCAN && b->restriction->filtering &&
			b->nchunks > 1)
			b->left_out = bs->incomplete = true;
	}
}

void
cass_bind_limits(CassBindings *bs)
{
	bool keys = false;
	bool indexed = false;
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		CassBinding *b = &bs->each[i];

		if (is_served(b) &&
			(exceeds_index(bs, b) || longest_value(b) > MAX_FILTER))
			b->left_out = true;
		/* a key stays, and keeps the server from all of its indexes */
		else if (exceeds_index(bs, b))
			keys = true;
	}
	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		CassBinding *b = &bs->each[i];

		b->left_out = b->left_out || (keys && is_served(b));
		bs->incomplete = bs->incomplete || b->left_out;
		indexed = indexed || (!b->left_out && b->restriction->index >= 0);
	}
	bs->access = bs->plan->access == CQL_ACCESS_INDEX && !indexed
					 ? CQL_ACCESS_SCAN
					 : bs->plan->access;
	leave_out_lists(bs);
}

/* ---- keys ---- */

bool
cass_bind_drop_long(const CassBindings *bs, CassBinding *b)
{
	const cql_schema_table *table = bs->shape->table;
	CassDomain *domain = &b->domain;
	int n = 0;
	int i;

	if (b->restriction->token ||
		b->restriction->columns[0] >= table->npartition + table->nclustering)
		return true;
	for (i = 0; i < domain->npoints; i++)
	{
		if (domain->points[i].len <= MAX_KEY)
			domain->points[n++] = domain->points[i];
	}
	domain->npoints = n;
	return n > 0;
}

void
cass_bind_spell(const CassBindings *bs, CassBinding *b)
{
	const cql_schema_column *column =
		&bs->shape->table->columns[b->restriction->columns[0]];
	CassDomain *domain = &b->domain;
	int n = domain->npoints - 1;
	uint8 *bytes;
	int i;

	/*
	 * true is the last of the points, whose bytes are all but zero.  Indexes
	 * and filters find all of them by one.
	 */
	if (b->restriction->token || is_served(b) ||
		column->kind != CQL_PARTITION_KEY ||
		column->type->id != CQL_TYPE_BOOLEAN || domain->points[n].len != 1 ||
		domain->points[n].data[0] == 0)
		return;
	domain->points = palloc(sizeof(cql_slice) * (n + PG_UINT8_MAX));
	bytes = palloc(PG_UINT8_MAX + 1);
	for (i = 0; i <= PG_UINT8_MAX; i++)
		bytes[i] = (uint8) i;
	domain->points[0] = (cql_slice){bytes, 1};
	for (i = 1; i <= PG_UINT8_MAX; i++)
		domain->points[n++] = (cql_slice){&bytes[i], 1};
	domain->npoints = n;
	/* a branch that says true is each of them */
	for (i = 0; i < b->nbranches; i++)
	{
		if (b->branch[i].len == 1 && b->branch[i].data[0] != 0)
			b->branch[i].len = CQL_UNSET;
	}
}

bool
cass_bind_no_key(const CassBindings *bs)
{
	const CassBinding *b = bs->each;
	uint32 n = bs->shape->table->npartition;
	int64 size = 0;
	uint32 i;

	if (bs->access != CQL_ACCESS_PARTITION)
		return false;
	if (n == 1)
		return b->domain.points[b->digit].len == 0;
	for (i = 0; i < n; i++)
		size += b[i].domain.points[b[i].digit].len + KEY_PART;
	return size > MAX_KEY;
}
