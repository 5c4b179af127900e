/*
 * deparse.c
 *	  The CQL text of a scan; decides nothing.
 */
#include "column.h"
#include "deparse.h"

static const char *
column_name(const CassShape *shape, int column)
{
	return shape->table->columns[column].name;
}

/* ---- the select list ---- */

static void
append_output(StringInfo out, const CassShape *shape, const CassOutput *output)
{
	static const char *const functions[] = {NULL, "count", "min", "max"};

	if (output->kind == CASS_OUTPUT_COLUMN)
	{
		cass_append_attribute(out, &shape->atts[output->att]);
		return;
	}
	appendStringInfo(out, "%s(", functions[output->kind]);
	if (output->att < 0)
		appendStringInfoChar(out, '*');
	else
		cass_append_attribute(out, &shape->atts[output->att]);
	appendStringInfoChar(out, ')');
}

bool
cass_has_extra_column(const CassShape *shape, const CassScanPlan *plan)
{
	ListCell *lc;

	if (plan->outputs == NIL)
		return true;
	if (!plan->clustering || plan->aggregate)
		return false;
	foreach (lc, plan->outputs)
	{
		CassOutput *output = lfirst(lc);
		int column = shape->atts[output->att].column;

		if (column >= 0 && shape->table->columns[column].kind != CQL_STATIC &&
			shape->table->columns[column].kind != CQL_PARTITION_KEY)
			return false;
	}
	return true;
}

/* What is behind the outputs nobody reads. */
static void
append_list(StringInfo out, const CassShape *shape, const CassScanPlan *plan)
{
	const char *comma = "";
	ListCell *lc;

	foreach (lc, plan->outputs)
	{
		appendStringInfoString(out, comma);
		append_output(out, shape, lfirst(lc));
		comma = ", ";
	}
	if (cass_has_extra_column(shape, plan))
	{
		appendStringInfoString(out, comma);
		cass_append_name(out, column_name(shape, plan->clustering
													 ? shape->table->npartition
													 : 0));
	}
}

/* ---- restrictions ---- */

static void
append_columns(StringInfo out, const CassShape *shape, const CassMarkers *m)
{
	const cql_restriction *r = m->restriction;
	int i;

	if (r->tuple && m->ncolumns >= 1)
		appendStringInfoChar(out, '(');
	for (i = 0; i < m->ncolumns; i++)
	{
		appendStringInfoString(out, i > 0 ? ", " : "");
		cass_append_name(out, column_name(shape, r->columns[i]));
	}
	if (r->tuple && m->ncolumns >= 1)
		appendStringInfoChar(out, ')');
}

/* One comparison with as many markers as it has columns. */
static void
append_comparison(StringInfo out, bool *first, const CassShape *shape,
				  const CassMarkers *m, const char *operator)
{
	int i;

	appendStringInfoString(out, *first ? " WHERE " : " AND ");
	*first = false;
	if (m->restriction->token)
		cass_append_token(out, shape->table);
	else
		append_columns(out, shape, m);
	appendStringInfo(out, " %s ", operator);
	if (!m->restriction->tuple)
	{
		appendStringInfoChar(out, '?');
		return;
	}
	for (i = 0; i < m->ncolumns; i++)
		appendStringInfoString(out, i > 0 ? ", ?" : "(?");
	appendStringInfoChar(out, ')');
}

static void
append_entry(StringInfo out, bool *first, const CassShape *shape,
			 const CassMarkers *m)
{
	appendStringInfoString(out, *first ? " WHERE " : " AND ");
	*first = false;
	append_columns(out, shape, m);
	appendStringInfoString(out, "[?] = ?");
}

static void
append_restriction(StringInfo out, bool *first, const CassShape *shape,
				   const CassMarkers *m)
{
	switch (m->shape)
	{
		case CQL_SHAPE_EQ:
			append_comparison(out, first, shape, m, "=");
			break;
		case CQL_SHAPE_IN:
			append_comparison(out, first, shape, m,
							  m->restriction->fanout ? "=" : "IN");
			break;
		case CQL_SHAPE_RANGE:
			if (m->lower != NULL)
				append_comparison(out, first, shape, m, m->lower);
			if (m->upper != NULL)
				append_comparison(out, first, shape, m, m->upper);
			break;
		case CQL_SHAPE_CONTAINS:
			append_comparison(out, first, shape, m, "CONTAINS");
			break;
		case CQL_SHAPE_CONTAINS_KEY:
			append_comparison(out, first, shape, m, "CONTAINS KEY");
			break;
		case CQL_SHAPE_MAP_ENTRY:
			append_entry(out, first, shape, m);
			break;
		case CQL_SHAPE_LIKE:
			append_comparison(out, first, shape, m, "LIKE");
			break;
	}
}

static void
append_token_range(StringInfo out, bool *first, const CassShape *shape)
{
	appendStringInfoString(out, *first ? " WHERE " : " AND ");
	*first = false;
	cass_append_token(out, shape->table);
	appendStringInfoString(out, " > ? AND ");
	cass_append_token(out, shape->table);
	appendStringInfoString(out, " <= ?");
}

/* ---- the rest ---- */

/*
 * The key columns up to the last one grouped by, the whole partition key at
 * least: those that are no groups are fixed by =.
 */
static void
append_group(StringInfo out, const CassShape *shape, const CassScanPlan *plan)
{
	int last = (int) shape->table->npartition - 1;
	int i;

	for (i = 0; i < plan->ngroup; i++)
	{
		CassOutput *output = list_nth(plan->outputs, i);

		last = Max(last, shape->atts[output->att].column);
	}
	for (i = 0; plan->ngroup > 0 && i <= last; i++)
	{
		appendStringInfoString(out, i > 0 ? ", " : " GROUP BY ");
		cass_append_name(out, column_name(shape, i));
	}
}

/* A column that has one value in a request. */
static bool
is_fixed(const CassScanPlan *plan, int column)
{
	int i;

	for (i = 0; i < plan->nrestrictions; i++)
	{
		const cql_restriction *r = &plan->restrictions[i];

		if (!r->token && !r->tuple && r->columns[0] == column &&
			(r->shape == CQL_SHAPE_EQ || r->fanout))
			return true;
	}
	return false;
}

/*
 * The order that the plan counts on, said also where it is the declared one: a
 * table made again with another must not pass for it.
 */
static void
append_order(StringInfo out, const CassSelect *select)
{
	const CassScanPlan *plan = select->plan;
	int last = -1;
	ListCell *lc;

	if (select->nearest)
	{
		appendStringInfoString(out, " ORDER BY ");
		cass_append_attribute(out, &select->shape->atts[plan->vector_att]);
		appendStringInfoString(out, " ANN OF ?");
		return;
	}
	foreach (lc, plan->ordered ? plan->order : NIL)
	{
		CassOrder *order = lfirst(lc);
		int column = select->shape->atts[order->att].column;

		if (column <= last || is_fixed(plan, column))
			continue;
		appendStringInfoString(out, last < 0 ? " ORDER BY " : ", ");
		cass_append_name(out, column_name(select->shape, column));
		appendStringInfoString(
			out,
			order->descending != select->ascending_probe ? " DESC" : " ASC");
		last = column;
	}
}

char *
cass_deparse_select(const CassSelect *select)
{
	const CassScanPlan *plan = select->plan;
	StringInfoData out;
	bool first = true;
	int i;

	initStringInfo(&out);
	appendStringInfo(&out, "SELECT %s", plan->distinct ? "DISTINCT " : "");
	append_list(&out, select->shape, plan);
	if (select->position)
	{
		appendStringInfoString(&out, ", ");
		cass_append_token(&out, select->shape->table);
	}
	appendStringInfoString(&out, " FROM ");
	cass_append_name(&out, select->shape->table->keyspace);
	appendStringInfoChar(&out, '.');
	cass_append_name(&out, select->shape->table->name);
	for (i = 0; i < select->nmarkers; i++)
		append_restriction(&out, &first, select->shape, &select->markers[i]);
	if (select->by_token)
		append_token_range(&out, &first, select->shape);
	append_group(&out, select->shape, plan);
	append_order(&out, select);
	if (plan->partition_limit > 0)
		appendStringInfo(&out, " PER PARTITION LIMIT %d",
						 plan->partition_limit);
	if (select->limit)
		appendStringInfoString(&out, " LIMIT ?");
	if (select->filtering)
		appendStringInfoString(&out, " ALLOW FILTERING");
	return out.data;
}

char *
cass_deparse_delete_range(const CassSelect *select)
{
	StringInfoData out;
	bool first = true;
	int i;

	initStringInfo(&out);
	appendStringInfoString(&out, "DELETE FROM ");
	cass_append_name(&out, select->shape->table->keyspace);
	appendStringInfoChar(&out, '.');
	cass_append_name(&out, select->shape->table->name);
	appendStringInfoString(&out, " USING TIMESTAMP ?");
	for (i = 0; i < select->nmarkers; i++)
		append_restriction(&out, &first, select->shape, &select->markers[i]);
	return out.data;
}

/* The operator that a source of a range has, as far as the plan knows. */
static void
set_bounds(const CassScanPlan *plan, int restriction, CassMarkers *m)
{
	ListCell *lc;

	foreach (lc, plan->sources)
	{
		CassScanSource *source = lfirst(lc);

		if (source->restriction != restriction)
			continue;
		if (source->op == CQL_COND_LT || source->op == CQL_COND_LE)
			m->upper = source->op == CQL_COND_LT ? "<" : "<=";
		else if (source->op == CQL_COND_GT || source->op == CQL_COND_GE)
			m->lower = source->op == CQL_COND_GT ? ">" : ">=";
	}
}

/* The bound that keeps zero-length values out, see cass_bind(). */
static void
set_least_bound(const CassShape *shape, CassMarkers *m)
{
	int att = cass_att_of_column(shape, m->restriction->columns[0]);

	if (m->shape == CQL_SHAPE_RANGE && !m->restriction->tuple &&
		m->lower == NULL && att >= 0 &&
		cass_place_of(shape, att) == CASS_PLACE_SLICE &&
		cass_has_empty(shape->atts[att].codec))
		m->lower = ">";
}

/* What a plan says before its values are known. */
static CassSelect
select_of_plan(const CassShape *shape, const CassScanPlan *plan)
{
	CassMarkers *markers =
		palloc0(sizeof(CassMarkers) * (plan->nrestrictions + 1));
	CassSelect select;
	int i;

	for (i = 0; i < plan->nrestrictions; i++)
	{
		markers[i].restriction = &plan->restrictions[i];
		markers[i].shape = plan->restrictions[i].shape;
		markers[i].ncolumns = plan->restrictions[i].ncolumns;
		set_bounds(plan, i, &markers[i]);
		set_least_bound(shape, &markers[i]);
	}
	memset(&select, 0, sizeof(select));
	select.shape = shape;
	select.plan = plan;
	select.markers = markers;
	select.nmarkers = plan->nrestrictions;
	select.nearest = plan->vector >= 0;
	select.limit = plan->limit >= 0;
	select.filtering = plan->filtering;
	return select;
}

char *
cass_deparse_plan(const CassShape *shape, const CassScanPlan *plan)
{
	CassSelect select = select_of_plan(shape, plan);

	return cass_deparse_select(&select);
}

char *
cass_deparse_delete_plan(const CassShape *shape, const CassScanPlan *plan)
{
	CassSelect select = select_of_plan(shape, plan);

	return cass_deparse_delete_range(&select);
}
