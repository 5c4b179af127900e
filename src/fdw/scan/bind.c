/*
 * bind.c
 *	  From a scan's conditions to keys, texts and bound values.
 */
#include "bind.h"

#include "port/pg_bswap.h"

/* ---- the start ---- */

/* Whether the values of a restriction are a domain of its one column. */
static bool
is_comparison(const cql_restriction *r)
{
	return r->shape <= CQL_SHAPE_RANGE;
}

/* The attribute whose values a restriction takes; of a token its column. */
static int
restricted_att(const CassBindings *bs, int restriction)
{
	const cql_restriction *r = &bs->plan->restrictions[restriction];
	ListCell *lc;

	if (!r->token)
		return cass_att_of_column(bs->shape, r->columns[0]);
	foreach (lc, bs->plan->sources)
	{
		CassScanSource *source = lfirst(lc);

		if (source->restriction == restriction)
			return linitial_int(source->atts);
	}
	return -1;
}

static void
init_bindings(CassBindings *bs)
{
	int i;

	bs->each = palloc0(sizeof(CassBinding) * (bs->plan->nrestrictions + 1));
	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		CassBinding *b = &bs->each[i];
		const cql_restriction *r = &bs->plan->restrictions[i];
		int att = restricted_att(bs, i);

		if (att < 0)
			cass_shape_changed(bs->shape);
		b->restriction = r;
		b->branches = -1;
		b->left_out = bs->degraded && (r->filtering || r->index >= 0);
		b->has_domain = is_comparison(r);
		if (b->has_domain)
			cass_domain_init(&b->domain, bs->shape->atts[att].codec);
		b->markers.restriction = r;
		b->markers.shape = r->shape;
		b->markers.ncolumns = r->ncolumns;
	}
}

/*
 * The bounds of a column, those that the plan has a place for; of a row whose
 * values CQL cannot express, of its first column.  A lower bound of zero
 * length only keeps out what is NULL to SQL: there is always a place for it,
 * but beside a row comparison, which has the lower bound itself.
 */
static void
bind_range(CassBindings *bs, CassBinding *b)
{
	const cql_restriction *r = b->restriction;

	if (!r->token && !r->tuple &&
		cass_place_of(bs->shape,
					  cass_att_of_column(bs->shape, r->columns[0])) ==
			CASS_PLACE_SLICE)
		cass_domain_exclude_empty(&b->domain);
	b->markers.ncolumns = 1;
	b->markers.lower =
		b->domain.has_lower && (r->lower || b->domain.lower.len == 0)
			? (b->domain.lower_inclusive ? ">=" : ">")
			: NULL;
	b->markers.upper = r->upper && b->domain.has_upper
						   ? (b->domain.upper_inclusive ? "<=" : "<")
						   : NULL;
}

/* Values of one list. */
static int
list_size(const CassBindings *bs, const CassBinding *b)
{
	return b->restriction->filtering ? CASS_IN_VALUES : bs->list_values;
}

/*
 * Points go one by one, or in lists of some.  Lists are decoded by the server,
 * which makes an IPv4 address of one that is mapped into IPv6.  What is
 * filtered stays a list: "=" might be answered by an index in its place.
 */
static void
settle_points(const CassBindings *bs, CassBinding *b)
{
	int size = list_size(bs, b);
	bool inet = cass_codec_type(b->domain.codec)->id == CQL_TYPE_INET;

	if (!b->restriction->filtering &&
		(b->restriction->fanout || b->domain.npoints == 1 || inet ||
		 size == 1))
		b->markers.shape = CQL_SHAPE_EQ;
	b->nchunks = b->domain.npoints;
	if (b->markers.shape == CQL_SHAPE_IN)
	{
		b->nchunks = (b->domain.npoints + size - 1) / size;
		b->left_out = b->left_out || inet;
	}
}

/*
 * The least token is no partition's.  Cassandra takes it for the whole ring
 * after "=", for the ring's end after "<" and "<=" (tried on 5.0.8).
 */
static bool
is_least_token(const CassBinding *b)
{
	static const uint8 least[8] = {0x80};
	const CassDomain *domain = &b->domain;
	cql_slice last = {NULL, CQL_NULL};

	if (domain->kind == CASS_DOMAIN_POINTS)
		last = domain->points[0];
	else if (domain->has_upper)
		last = domain->upper;
	return b->restriction->token && last.len == sizeof(least) &&
		   memcmp(last.data, least, sizeof(least)) == 0;
}

/* A NaN is last of all. */
static bool
has_nan(const CassDomain *domain)
{
	return (domain->npoints > 0 &&
			cass_is_nan(domain->codec, domain->points[domain->npoints - 1])) ||
		   (domain->has_lower && cass_is_nan(domain->codec, domain->lower)) ||
		   (domain->has_upper && cass_is_nan(domain->codec, domain->upper));
}

/* What a plan was made for must still hold: a table may have been remade. */
static bool
settle_domain(CassBindings *bs, CassBinding *b)
{
	if (b->domain.kind == CASS_DOMAIN_EMPTY)
		return false;
	if (is_least_token(b))
		return false;
	if (b->restriction->index >= 0 && has_nan(&b->domain))
		b->left_out = bs->incomplete = true;
	if (b->markers.shape == CQL_SHAPE_RANGE)
	{
		if (b->domain.kind != CASS_DOMAIN_RANGE)
			cass_shape_changed(bs->shape);
		bind_range(bs, b);
		return true;
	}
	if (b->domain.kind != CASS_DOMAIN_POINTS)
		cass_shape_changed(bs->shape);
	if (!cass_bind_drop_long(bs, b))
		return false;
	/* points are in order; SAI does not find the zero-length one everywhere */
	if (b->restriction->index >= 0 && b->domain.points[0].len == 0)
		b->left_out = bs->incomplete = true;
	cass_bind_spell(bs, b);
	settle_points(bs, b);
	bs->incomplete = bs->incomplete || b->left_out;
	return true;
}

static bool
settle(CassBindings *bs)
{
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		CassBinding *b = &bs->each[i];

		if (b->has_domain && !b->row_given && !settle_domain(bs, b))
			return false;
	}
	cass_bind_limits(bs);
	return true;
}

static int64
evaluate_limit(CassBindings *bs, ExprContext *econtext, int index,
			   int64 missing)
{
	bool isnull;
	Datum value;

	if (index < 0)
		return missing;
	value = ExecEvalExprSwitchContext(list_nth(bs->values, index), econtext,
									  &isnull);
	return isnull ? missing : DatumGetInt64(value);
}

/* Rows that each request may stop after; the plan's Limit counts the sum. */
static void
bind_limit(CassBindings *bs, ExprContext *econtext)
{
	int64 limit = evaluate_limit(bs, econtext, bs->plan->limit, 0);
	int64 offset = evaluate_limit(bs, econtext, bs->plan->offset, 0);

	bs->limit = 0;
	if (limit > 0 && limit <= CASS_MAX_LIMIT && offset >= 0 &&
		offset <= CASS_MAX_LIMIT - limit && !bs->no_limit && !bs->incomplete)
		bs->limit = limit + offset;
}

/*
 * To a null vector no row is nearer than another, and the nearest of rows
 * that are checked here need not be what is wanted: then all are asked for.
 */
static void
bind_vector(CassBindings *bs, ExprContext *econtext)
{
	CassCodec *codec;
	StringInfoData out;
	bool isnull;
	Datum value;

	bs->vector.len = CQL_NULL;
	if (bs->plan->vector < 0 || bs->incomplete)
		return;
	codec = bs->shape->atts[bs->plan->vector_att].codec;
	value = ExecEvalExprSwitchContext(list_nth(bs->values, bs->plan->vector),
									  econtext, &isnull);
	if (isnull || (cass_codec_typid(codec) == FLOAT4ARRAYOID &&
				   !cass_narrow_vector(&value)))
		return;
	initStringInfo(&out);
	cass_encode(codec, value, &out);
	bs->vector.data = (uint8 *) out.data;
	bs->vector.len = out.len;
}

void
cass_bindings_init(CassBindings *bs, const CassScanPlan *plan,
				   const CassShape *shape, List *values, MemoryContext context)
{
	memset(bs, 0, sizeof(*bs));
	bs->plan = plan;
	bs->shape = shape;
	bs->values = values;
	bs->context = context;
	bs->list_values = CASS_IN_VALUES;
	bs->access = plan->access;
	bs->vector.len = CQL_NULL;
}

/* The same as cass_bind() but for what it says of the whole. */
static bool
bind_all(CassBindings *bs, ExprContext *econtext)
{
	ListCell *lc;

	init_bindings(bs);
	foreach (lc, bs->plan->sources)
	{
		if (!cass_bind_source(bs, lfirst(lc), econtext))
			return false;
	}
	if (!settle(bs))
		return false;
	bind_vector(bs, econtext);
	bind_limit(bs, econtext);
	return cass_bind_branches(bs);
}

bool
cass_bind(CassBindings *bs, ExprContext *econtext)
{
	bs->access = bs->plan->access;
	bs->incomplete = bs->degraded;
	bs->vector.len = CQL_NULL;
	bs->limit = 0;
	bs->exhausted = !bind_all(bs, econtext);
	return !bs->exhausted;
}

bool
cass_bind_degrade(const CassBindings *bs)
{
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		if (bs->plan->restrictions[i].filtering ||
			bs->plan->restrictions[i].index >= 0)
			return !bs->degraded;
	}
	return false;
}

bool
cass_bind_has_lists(const CassBindings *bs)
{
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		const CassBinding *b = &bs->each[i];

		if (b->markers.shape == CQL_SHAPE_IN && !b->left_out &&
			!b->restriction->filtering && b->nchunks < b->domain.npoints)
			return true;
	}
	return false;
}

/* ---- parts of the ring ---- */

static int64
token_of(cql_slice cell)
{
	uint64 wire;

	Assert(cell.len == sizeof(wire));
	memcpy(&wire, cell.data, sizeof(wire));
	return (int64) pg_ntoh64(wire);
}

bool
cass_bind_part(const CassBindings *bs, cql_token_range *part)
{
	int i;

	part->start = PG_INT64_MIN;
	part->end = PG_INT64_MAX;
	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		const CassDomain *domain = &bs->each[i].domain;

		if (!bs->each[i].restriction->token)
			continue;
		if (bs->each[i].markers.shape != CQL_SHAPE_RANGE)
			return false;
		/* no partition has the least token */
		if (bs->each[i].markers.lower != NULL &&
			token_of(domain->lower) > PG_INT64_MIN)
			part->start = token_of(domain->lower) - domain->lower_inclusive;
		if (bs->each[i].markers.upper != NULL)
			part->end = token_of(domain->upper) - !domain->upper_inclusive;
	}
	return part->start < part->end;
}

void
cass_bind_by_ranges(CassBindings *bs)
{
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		if (bs->each[i].restriction->token)
			bs->each[i].left_out = true;
	}
}

/* ---- text ---- */

/* The restrictions with the operators of this execution. */
static CassSelect
select_of_scan(const CassBindings *bs)
{
	CassMarkers *markers =
		palloc0(sizeof(CassMarkers) * (bs->plan->nrestrictions + 1));
	CassSelect select;
	int i;

	memset(&select, 0, sizeof(select));
	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		if (!bs->each[i].left_out)
			markers[select.nmarkers++] = bs->each[i].markers;
	}
	select.shape = bs->shape;
	select.plan = bs->plan;
	select.markers = markers;
	return select;
}

static bool
must_filter(const CassBindings *bs)
{
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		if (bs->each[i].restriction->filtering && !bs->each[i].left_out)
			return true;
	}
	return false;
}

char *
cass_bind_delete_text(const CassBindings *bs)
{
	CassSelect select = select_of_scan(bs);

	return cass_deparse_delete_range(&select);
}

char *
cass_bind_text(const CassBindings *bs, const CassScanPlan *plan,
			   CassTextKind kind)
{
	CassSelect select = select_of_scan(bs);

	select.plan = plan;
	select.by_token = kind == CASS_TEXT_RANGE || kind == CASS_TEXT_POSITION;
	select.position = kind == CASS_TEXT_POSITION;
	select.nearest = bs->vector.len >= 0;
	select.limit = bs->limit > 0 || kind == CASS_TEXT_PROBE;
	select.filtering = must_filter(bs);
	select.ascending_probe = kind == CASS_TEXT_PROBE;
	return cass_deparse_select(&select);
}

/* ---- values ---- */

int
cass_bind_count(const CassBindings *bs)
{
	double n = 1;
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		if (!bs->each[i].left_out && !bs->each[i].by_branch)
			n *= Max(bs->each[i].nchunks, 1);
	}
	n *= Max(bs->ncombinations, 1);
	return n > PG_INT32_MAX ? PG_INT32_MAX : (int) n;
}

/* Turns the odometer to the next combination of points. */
static void
advance(CassBindings *bs)
{
	int i;

	for (i = bs->plan->nrestrictions - 1; i >= 0; i--)
	{
		CassBinding *b = &bs->each[i];

		if (b->left_out || b->by_branch || b->nchunks <= 1)
			continue;
		if (++b->digit < b->nchunks)
			return;
		b->digit = 0;
	}
	if (++bs->combination < bs->ncombinations)
		cass_bind_combination(bs);
	else
		bs->exhausted = true;
}

void
cass_bind_rewind(CassBindings *bs)
{
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
		bs->each[i].digit = 0;
	bs->combination = 0;
	if (bs->ncombinations > 0)
		cass_bind_combination(bs);
	bs->exhausted = false;
}

/* A list of the points of the current chunk, as CQL's IN wants it. */
static cql_slice
make_list(const CassBindings *bs, const CassBinding *b)
{
	int first = b->digit * list_size(bs, b);
	int n = Min(b->domain.npoints - first, list_size(bs, b));
	MemoryContext old = MemoryContextSwitchTo(bs->context);
	StringInfoData out;
	cql_slice list;
	int i;

	initStringInfo(&out);
	appendBinaryStringInfo(&out, (char *) &(uint32){pg_hton32(n)}, 4);
	for (i = first; i < first + n; i++)
	{
		uint32 len = pg_hton32((uint32) b->domain.points[i].len);

		appendBinaryStringInfo(&out, (char *) &len, 4);
		appendBinaryStringInfo(&out, (char *) b->domain.points[i].data,
							   b->domain.points[i].len);
	}
	MemoryContextSwitchTo(old);
	list.data = (uint8 *) out.data;
	list.len = out.len;
	return list;
}

/* A value and the type its marker must have; NULL: any. */
static void
put_value(CassQuery *query, cql_slice value, const cql_type *type)
{
	query->values[query->nvalues] = value;
	query->types[query->nvalues++] = type;
}

static void
put_values(const CassBindings *bs, const CassBinding *b, CassQuery *query)
{
	const cql_schema_column *columns = bs->shape->table->columns;
	const cql_type *type = b->restriction->token
							   ? NULL
							   : columns[b->restriction->columns[0]].type;
	int i;

	if (!b->has_domain || b->row_given)
	{
		for (i = 0; i < b->nvalues; i++)
			put_value(query, b->values[i],
					  b->row_given ? columns[b->restriction->columns[i]].type
								   : NULL);
	}
	else if (b->markers.shape == CQL_SHAPE_RANGE)
	{
		if (b->markers.lower != NULL)
			put_value(query, b->domain.lower, type);
		if (b->markers.upper != NULL)
			put_value(query, b->domain.upper, type);
	}
	else if (b->markers.shape == CQL_SHAPE_IN)
		put_value(query, make_list(bs, b), NULL);
	else
		put_value(query, b->domain.points[b->digit], type);
}

void
cass_bind_limit(const CassBindings *bs, CassQuery *query, int64 limit)
{
	uint32 *wire = MemoryContextAlloc(bs->context, sizeof(uint32));
	cql_slice value = {(uint8 *) wire, sizeof(uint32)};

	*wire = pg_hton32((uint32) limit);
	put_value(query, value, NULL);
}

void
cass_bind_fixed(const CassBindings *bs, CassQuery *query)
{
	int size = bs->plan->nrestrictions * CQL_MAX_TUPLE + 4;
	int i;

	if (query->values == NULL)
	{
		query->values =
			MemoryContextAlloc(bs->context, sizeof(cql_slice) * size);
		query->types =
			MemoryContextAlloc(bs->context, sizeof(cql_type *) * size);
	}
	query->nvalues = 0;
	query->nkeys =
		bs->access == CQL_ACCESS_PARTITION ? bs->shape->table->npartition : 0;
	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		if (!bs->each[i].left_out)
			put_values(bs, &bs->each[i], query);
	}
}

void
cass_bind_token(const CassBindings *bs, CassQuery *query, int64 token)
{
	uint64 *wire = MemoryContextAlloc(bs->context, sizeof(uint64));
	cql_slice value = {(uint8 *) wire, sizeof(uint64)};

	*wire = pg_hton64((uint64) token);
	put_value(query, value, NULL);
}

bool
cass_bind_next(CassBindings *bs, CassQuery *query)
{
	while (!bs->exhausted)
	{
		bool none = cass_bind_no_key(bs);

		if (!none)
		{
			cass_bind_fixed(bs, query);
			if (bs->vector.len >= 0)
				put_value(query, bs->vector, NULL);
			if (bs->limit > 0)
				cass_bind_limit(bs, query, bs->limit);
		}
		advance(bs);
		if (!none)
			return true;
	}
	return false;
}
