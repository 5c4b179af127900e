/*
 * bind.c
 *	  From a scan's conditions to keys, texts and bound values.
 */
#include "scan.h"

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
restricted_att(const CassScan *scan, int restriction)
{
	const cql_restriction *r = &scan->plan->restrictions[restriction];
	ListCell *lc;

	if (!r->token)
		return cass_att_of_column(scan->shape, r->columns[0]);
	foreach (lc, scan->plan->sources)
	{
		CassScanSource *source = lfirst(lc);

		if (source->restriction == restriction)
			return linitial_int(source->atts);
	}
	return -1;
}

static void
init_bindings(CassScan *scan)
{
	int i;

	scan->bindings =
		palloc0(sizeof(CassBinding) * (scan->plan->nrestrictions + 1));
	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		CassBinding *b = &scan->bindings[i];
		const cql_restriction *r = &scan->plan->restrictions[i];
		int att = restricted_att(scan, i);

		if (att < 0)
			cass_shape_changed(scan->shape);
		b->restriction = r;
		b->branches = -1;
		b->left_out = scan->degraded && (r->filtering || r->index >= 0);
		b->has_domain = is_comparison(r);
		if (b->has_domain)
			cass_domain_init(&b->domain, scan->shape->atts[att].codec);
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
bind_range(CassScan *scan, CassBinding *b)
{
	const cql_restriction *r = b->restriction;

	if (!r->token && !r->tuple &&
		cass_place_of(scan->shape,
					  cass_att_of_column(scan->shape, r->columns[0])) ==
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
list_size(const CassScan *scan, const CassBinding *b)
{
	return b->restriction->filtering ? CASS_IN_VALUES : scan->list_values;
}

/*
 * Points go one by one, or in lists of some.  Lists are decoded by the server,
 * which makes an IPv4 address of one that is mapped into IPv6.  What is
 * filtered stays a list: "=" might be answered by an index in its place.
 */
static void
settle_points(const CassScan *scan, CassBinding *b)
{
	int size = list_size(scan, b);
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
settle_domain(CassScan *scan, CassBinding *b)
{
	if (b->domain.kind == CASS_DOMAIN_EMPTY)
		return false;
	if (is_least_token(b))
		return false;
	if (b->restriction->index >= 0 && has_nan(&b->domain))
		b->left_out = scan->incomplete = true;
	if (b->markers.shape == CQL_SHAPE_RANGE)
	{
		if (b->domain.kind != CASS_DOMAIN_RANGE)
			cass_shape_changed(scan->shape);
		bind_range(scan, b);
		return true;
	}
	if (b->domain.kind != CASS_DOMAIN_POINTS)
		cass_shape_changed(scan->shape);
	if (!cass_bind_drop_long(scan, b))
		return false;
	/* points are in order; SAI does not find the zero-length one everywhere */
	if (b->restriction->index >= 0 && b->domain.points[0].len == 0)
		b->left_out = scan->incomplete = true;
	cass_bind_spell(scan, b);
	settle_points(scan, b);
	scan->incomplete = scan->incomplete || b->left_out;
	return true;
}

static bool
settle(CassScan *scan)
{
	int i;

	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		CassBinding *b = &scan->bindings[i];

		if (b->has_domain && !b->row_given && !settle_domain(scan, b))
			return false;
	}
	cass_bind_limits(scan);
	return true;
}

static int64
evaluate_limit(CassScan *scan, ExprContext *econtext, int index, int64 missing)
{
	bool isnull;
	Datum value;

	if (index < 0)
		return missing;
	value = ExecEvalExprSwitchContext(list_nth(scan->values, index), econtext,
									  &isnull);
	return isnull ? missing : DatumGetInt64(value);
}

/* Rows that each request may stop after; the plan's Limit counts the sum. */
static void
bind_limit(CassScan *scan, ExprContext *econtext)
{
	int64 limit = evaluate_limit(scan, econtext, scan->plan->limit, 0);
	int64 offset = evaluate_limit(scan, econtext, scan->plan->offset, 0);

	scan->limit = 0;
	if (limit > 0 && limit <= CASS_MAX_LIMIT && offset >= 0 &&
		offset <= CASS_MAX_LIMIT - limit && !scan->unordered &&
		!scan->incomplete)
		scan->limit = limit + offset;
}

/*
 * To a null vector no row is nearer than another, and the nearest of rows
 * that are checked here need not be what is wanted: then all are asked for.
 */
static void
bind_vector(CassScan *scan, ExprContext *econtext)
{
	CassCodec *codec;
	StringInfoData out;
	bool isnull;
	Datum value;

	scan->vector.len = CQL_NULL;
	if (scan->plan->vector < 0 || scan->incomplete)
		return;
	codec = scan->shape->atts[scan->plan->vector_att].codec;
	value = ExecEvalExprSwitchContext(
		list_nth(scan->values, scan->plan->vector), econtext, &isnull);
	if (isnull || (cass_codec_typid(codec) == FLOAT4ARRAYOID &&
				   !cass_narrow_vector(&value)))
		return;
	initStringInfo(&out);
	cass_encode(codec, value, &out);
	scan->vector.data = (uint8 *) out.data;
	scan->vector.len = out.len;
}

bool
cass_bind(ForeignScanState *node, CassScan *scan)
{
	ExprContext *econtext = node->ss.ps.ps_ExprContext;
	ListCell *lc;

	scan->incomplete = scan->degraded;
	init_bindings(scan);
	foreach (lc, scan->plan->sources)
	{
		if (!cass_bind_source(scan, lfirst(lc), econtext))
			return false;
	}
	if (!settle(scan))
		return false;
	bind_vector(scan, econtext);
	bind_limit(scan, econtext);
	return cass_bind_branches(scan);
}

bool
cass_bind_degrade(const CassScan *scan)
{
	int i;

	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		if (scan->plan->restrictions[i].filtering ||
			scan->plan->restrictions[i].index >= 0)
			return !scan->degraded;
	}
	return false;
}

bool
cass_bind_has_lists(const CassScan *scan)
{
	int i;

	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		const CassBinding *b = &scan->bindings[i];

		if (b->markers.shape == CQL_SHAPE_IN && !b->left_out &&
			!b->restriction->filtering && b->nchunks < b->domain.npoints)
			return true;
	}
	return false;
}

/* ---- text ---- */

/* The restrictions with the operators of this execution. */
static CassSelect
select_of_scan(const CassScan *scan)
{
	CassMarkers *markers =
		palloc0(sizeof(CassMarkers) * (scan->plan->nrestrictions + 1));
	CassSelect select;
	int i;

	memset(&select, 0, sizeof(select));
	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		if (!scan->bindings[i].left_out)
			markers[select.nmarkers++] = scan->bindings[i].markers;
	}
	select.shape = scan->shape;
	select.plan = scan->plan;
	select.markers = markers;
	return select;
}

static bool
must_filter(const CassScan *scan)
{
	int i;

	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		if (scan->bindings[i].restriction->filtering &&
			!scan->bindings[i].left_out)
			return true;
	}
	return false;
}

char *
cass_bind_delete_text(const CassScan *scan)
{
	CassSelect select = select_of_scan(scan);

	return cass_deparse_delete_range(&select);
}

char *
cass_bind_text(CassScan *scan, const CassScanPlan *plan, bool by_token,
			   bool probe)
{
	CassSelect select = select_of_scan(scan);

	select.plan = plan;
	select.by_token = by_token;
	select.nearest = scan->vector.len >= 0;
	select.limit = scan->limit > 0 || probe;
	select.filtering = must_filter(scan);
	select.ascending_probe = probe;
	return cass_deparse_select(&select);
}

/* ---- values ---- */

int
cass_bind_count(const CassScan *scan)
{
	double n = 1;
	int i;

	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		if (!scan->bindings[i].left_out && !scan->bindings[i].by_branch)
			n *= Max(scan->bindings[i].nchunks, 1);
	}
	n *= Max(scan->ncombinations, 1);
	return n > PG_INT32_MAX ? PG_INT32_MAX : (int) n;
}

/* Turns the odometer to the next combination of points. */
static void
advance(CassScan *scan)
{
	int i;

	for (i = scan->plan->nrestrictions - 1; i >= 0; i--)
	{
		CassBinding *b = &scan->bindings[i];

		if (b->left_out || b->by_branch || b->nchunks <= 1)
			continue;
		if (++b->digit < b->nchunks)
			return;
		b->digit = 0;
	}
	if (++scan->combination < scan->ncombinations)
		cass_bind_combination(scan);
	else
		scan->exhausted = true;
}

void
cass_bind_rewind(CassScan *scan)
{
	int i;

	for (i = 0; i < scan->plan->nrestrictions; i++)
		scan->bindings[i].digit = 0;
	scan->combination = 0;
	if (scan->ncombinations > 0)
		cass_bind_combination(scan);
	scan->exhausted = false;
}

/* A list of the points of the current chunk, as CQL's IN wants it. */
static cql_slice
make_list(CassScan *scan, const CassBinding *b)
{
	int first = b->digit * list_size(scan, b);
	int n = Min(b->domain.npoints - first, list_size(scan, b));
	MemoryContext old = MemoryContextSwitchTo(scan->context);
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
put_value(CassStream *stream, cql_slice value, const cql_type *type)
{
	stream->values[stream->nvalues] = value;
	stream->types[stream->nvalues++] = type;
}

static void
put_values(CassScan *scan, const CassBinding *b, CassStream *stream)
{
	const cql_schema_column *columns = scan->shape->table->columns;
	const cql_type *type = b->restriction->token
							   ? NULL
							   : columns[b->restriction->columns[0]].type;
	int i;

	if (!b->has_domain || b->row_given)
	{
		for (i = 0; i < b->nvalues; i++)
			put_value(stream, b->values[i],
					  b->row_given ? columns[b->restriction->columns[i]].type
								   : NULL);
	}
	else if (b->markers.shape == CQL_SHAPE_RANGE)
	{
		if (b->markers.lower != NULL)
			put_value(stream, b->domain.lower, type);
		if (b->markers.upper != NULL)
			put_value(stream, b->domain.upper, type);
	}
	else if (b->markers.shape == CQL_SHAPE_IN)
		put_value(stream, make_list(scan, b), NULL);
	else
		put_value(stream, b->domain.points[b->digit], type);
}

void
cass_bind_limit(CassScan *scan, CassStream *stream, int64 limit)
{
	uint32 *wire = MemoryContextAlloc(scan->context, sizeof(uint32));
	cql_slice value = {(uint8 *) wire, sizeof(uint32)};

	*wire = pg_hton32((uint32) limit);
	put_value(stream, value, NULL);
}

void
cass_bind_fixed(CassScan *scan, CassStream *stream)
{
	int size = scan->plan->nrestrictions * CQL_MAX_TUPLE + 4;
	int i;

	if (stream->values == NULL)
	{
		stream->values =
			MemoryContextAlloc(scan->context, sizeof(cql_slice) * size);
		stream->types =
			MemoryContextAlloc(scan->context, sizeof(cql_type *) * size);
	}
	stream->nvalues = 0;
	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		if (!scan->bindings[i].left_out)
			put_values(scan, &scan->bindings[i], stream);
	}
}

void
cass_bind_token(CassScan *scan, CassStream *stream, int64 token)
{
	uint64 *wire = MemoryContextAlloc(scan->context, sizeof(uint64));
	cql_slice value = {(uint8 *) wire, sizeof(uint64)};

	*wire = pg_hton64((uint64) token);
	put_value(stream, value, NULL);
}

bool
cass_bind_next(CassScan *scan, CassStream *stream)
{
	while (!scan->exhausted)
	{
		bool none = cass_bind_no_key(scan);

		if (!none)
		{
			cass_bind_fixed(scan, stream);
			if (scan->vector.len >= 0)
				put_value(stream, scan->vector, NULL);
			if (scan->limit > 0)
				cass_bind_limit(scan, stream, scan->limit);
			stream->cql = scan->cql;
		}
		advance(scan);
		if (!none)
			return true;
	}
	return false;
}
