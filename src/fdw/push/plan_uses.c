/*
 * plan_uses.c
 *	  Whether a plan was made for the table as it is now.
 *
 * A prepared plan may be older than an ALTER TABLE or a new table of the same
 * name.  It names the columns it uses, and says by a tag what they were.
 */
#include "scan_plan.h"

static void
add_use(cql_use *uses, int *n, const cql_schema_table *table, int column,
		cql_use_kind kind)
{
	if (column < 0 || (column < cass_nkeys(table) && kind == CQL_USE_VALUE))
		return; /* the key always counts */
	uses[*n].name = table->columns[column].name;
	uses[(*n)++].kind = kind;
}

static cql_use_kind
kind_of(const cql_restriction *r)
{
	if (r->index >= 0)
		return CQL_USE_INDEX;
	return r->filtering ? CQL_USE_FILTER : CQL_USE_VALUE;
}

static void
add_outputs(cql_use *uses, int *n, const CassShape *shape, List *outputs)
{
	ListCell *lc;

	foreach (lc, outputs)
	{
		int att = ((CassOutput *) lfirst(lc))->att;

		if (att >= 0)
			add_use(uses, n, shape->table, shape->atts[att].column,
					CQL_USE_VALUE);
	}
}

cql_use *
cass_plan_uses(const CassShape *shape, const CassScanPlan *plan, int *n)
{
	cql_use *uses =
		palloc(sizeof(cql_use) *
			   (plan->nrestrictions * CQL_MAX_TUPLE +
				list_length(plan->outputs) + list_length(plan->checked) + 1));
	int i, j;

	*n = 0;
	for (i = 0; i < plan->nrestrictions; i++)
	{
		const cql_restriction *r = &plan->restrictions[i];

		for (j = 0; !r->token && j < r->ncolumns; j++)
			add_use(uses, n, shape->table, r->columns[j], kind_of(r));
	}
	add_outputs(uses, n, shape, plan->outputs);
	add_outputs(uses, n, shape, plan->checked);
	if (plan->vector >= 0)
		add_use(uses, n, shape->table, shape->atts[plan->vector_att].column,
				CQL_USE_INDEX);
	return uses;
}

char *
cass_plan_tag(const CassShape *shape, const CassScanPlan *plan)
{
	char *tag = palloc(CQL_TAG_SIZE);
	int n;
	cql_use *uses = cass_plan_uses(shape, plan, &n);

	cql_belief_tag(shape->table, uses, (uint32) n, tag);
	return tag;
}

/* The column's place now, or -1. */
static int
find_column(const cql_schema_table *table, const char *name)
{
	uint32 i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (strcmp(table->columns[i].name, name) == 0)
			return (int) i;
	}
	return -1;
}

/* False where one of them is gone. */
static bool
find_columns(const cql_schema_table *table, cql_restriction *r, List *names)
{
	int i;

	for (i = 0; i < r->ncolumns; i++)
	{
		int column = find_column(table, list_nth(names, i));

		if (column < 0)
			return false;
		r->columns[i] = (uint16) column;
	}
	return true;
}

void
cass_plan_settle(CassScanPlan *plan, const CassShape *shape)
{
	int i;

	for (i = 0; i < plan->nrestrictions; i++)
	{
		if (!find_columns(shape->table, &plan->restrictions[i],
						  list_nth(plan->names, i)))
			cass_shape_changed(shape);
	}
	if (strcmp(cass_plan_tag(shape, plan), plan->tag) != 0)
		cass_shape_changed(shape);
}
