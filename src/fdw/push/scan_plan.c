/*
 * scan_plan.c
 *	  The plan of a scan as node trees, and back: plans are copied.
 */
#include "scan_plan.h"

/* Members of the list. */
typedef enum ScanPlanMember
{
	MEMBER_NUMBERS,		 /* Integer list, see put_numbers() */
	MEMBER_SIZES,		 /* Float list: rows, wanted */
	MEMBER_RESTRICTIONS, /* list of Integer lists */
	MEMBER_ORDER,		 /* Integer list: four a column */
	MEMBER_OUTPUTS,		 /* Integer list: three an output */
	MEMBER_SOURCES,		 /* list of lists */
	MEMBER_TAG,			 /* String */
	MEMBER_NAMES,		 /* list of String lists, by restriction */
	MEMBER_CQL,			 /* String */
	MEMBER_REASONS,		 /* String list */
	MEMBER_RECHECKED,	 /* String list */
	MEMBER_HINT,		 /* String, empty: none */
	MEMBER_CHECKED		 /* Integer list, as outputs */
} ScanPlanMember;

/* Bits of the first number. */
#define BIT_FILTERING (1 << 0)
#define BIT_ORDERED (1 << 2)
#define BIT_MERGE (1 << 3)
#define BIT_DISTINCT (1 << 4)
#define BIT_CLUSTERING (1 << 5)
#define BIT_SPLIT (1 << 6)
#define BIT_AGGREGATE (1 << 7)
#define BIT_PROBE (1 << 8)
#define BIT_RING (1 << 9)

static int
put_bits(const CassScanPlan *plan)
{
	return (plan->filtering ? BIT_FILTERING : 0) |
		   (plan->ordered ? BIT_ORDERED : 0) | (plan->merge ? BIT_MERGE : 0) |
		   (plan->distinct ? BIT_DISTINCT : 0) |
		   (plan->clustering ? BIT_CLUSTERING : 0) |
		   (plan->split ? BIT_SPLIT : 0) |
		   (plan->aggregate ? BIT_AGGREGATE : 0) |
		   (plan->probe ? BIT_PROBE : 0) | (plan->ring ? BIT_RING : 0);
}

static void
get_bits(CassScanPlan *plan, int bits)
{
	plan->filtering = (bits & BIT_FILTERING) != 0;
	plan->ordered = (bits & BIT_ORDERED) != 0;
	plan->merge = (bits & BIT_MERGE) != 0;
	plan->distinct = (bits & BIT_DISTINCT) != 0;
	plan->clustering = (bits & BIT_CLUSTERING) != 0;
	plan->split = (bits & BIT_SPLIT) != 0;
	plan->aggregate = (bits & BIT_AGGREGATE) != 0;
	plan->probe = (bits & BIT_PROBE) != 0;
	plan->ring = (bits & BIT_RING) != 0;
}

static List *
put_numbers(const CassScanPlan *plan)
{
	List *list = list_make2_int(put_bits(plan), (int) plan->access);

	list = lappend_int(list, (int) plan->relid);
	list = lappend_int(list, plan->partition_limit);
	list = lappend_int(list, plan->width);
	list = lappend_int(list, plan->limit);
	list = lappend_int(list, plan->offset);
	list = lappend_int(list, plan->vector);
	list = lappend_int(list, plan->vector_att);
	list = lappend_int(list, plan->ngroup);
	return lappend_int(list, plan->check);
}

static void
get_numbers(CassScanPlan *plan, List *list)
{
	get_bits(plan, linitial_int(list));
	plan->access = (cql_access) lsecond_int(list);
	plan->relid = (Oid) lthird_int(list);
	plan->partition_limit = list_nth_int(list, 3);
	plan->width = list_nth_int(list, 4);
	plan->limit = list_nth_int(list, 5);
	plan->offset = list_nth_int(list, 6);
	plan->vector = list_nth_int(list, 7);
	plan->vector_att = list_nth_int(list, 8);
	plan->ngroup = list_nth_int(list, 9);
	plan->check = list_nth_int(list, 10);
}

static List *
put_restriction(const cql_restriction *r)
{
	List *list = list_make1_int(
		(r->token ? 1 : 0) | (r->tuple ? 2 : 0) | (r->lower ? 4 : 0) |
		(r->upper ? 8 : 0) | (r->fanout ? 16 : 0) | (r->filtering ? 32 : 0));
	int i;

	list = lappend_int(list, (int) r->shape);
	list = lappend_int(list, r->index);
	for (i = 0; i < r->ncolumns; i++)
		list = lappend_int(list, r->columns[i]);
	return list;
}

static void
get_restriction(cql_restriction *r, List *list)
{
	int bits = linitial_int(list);
	int i;

	memset(r, 0, sizeof(*r));
	r->token = (bits & 1) != 0;
	r->tuple = (bits & 2) != 0;
	r->lower = (bits & 4) != 0;
	r->upper = (bits & 8) != 0;
	r->fanout = (bits & 16) != 0;
	r->filtering = (bits & 32) != 0;
	r->shape = (cql_shape) lsecond_int(list);
	r->index = lthird_int(list);
	for (i = 3; i < list_length(list); i++)
		r->columns[r->ncolumns++] = (uint16) list_nth_int(list, i);
}

static List *
put_source(const CassScanSource *source)
{
	List *numbers =
		list_make5_int((int) source->kind, source->restriction,
					   (int) source->op, source->strategy, source->first);

	numbers = lappend_int(numbers, source->again);
	numbers = lappend_int(numbers, source->branches);

	return list_make5(numbers, source->atts, source->types, source->arrays,
					  source->steps);
}

static CassScanSource *
get_source(List *list)
{
	CassScanSource *source = palloc0(sizeof(CassScanSource));
	List *numbers = linitial(list);

	source->kind = (CassSourceKind) linitial_int(numbers);
	source->restriction = lsecond_int(numbers);
	source->op = (cql_cond_op) lthird_int(numbers);
	source->strategy = lfourth_int(numbers);
	source->first = list_nth_int(numbers, 4);
	source->again = list_nth_int(numbers, 5);
	source->branches = list_nth_int(numbers, 6);
	source->atts = lsecond(list);
	source->types = lthird(list);
	source->arrays = lfourth(list);
	source->steps = list_nth(list, 4);
	return source;
}

static List *
put_strings(List *texts)
{
	List *strings = NIL;
	ListCell *lc;

	foreach (lc, texts)
		strings = lappend(strings, makeString(lfirst(lc)));
	return strings;
}

static List *
get_strings(List *strings)
{
	List *texts = NIL;
	ListCell *lc;

	foreach (lc, strings)
		texts = lappend(texts, strVal(lfirst(lc)));
	return texts;
}

static List *
put_outputs(List *outputs)
{
	List *numbers = NIL;
	ListCell *lc;

	foreach (lc, outputs)
	{
		CassOutput *output = lfirst(lc);

		numbers = lappend_int(numbers, (int) output->kind);
		numbers = lappend_int(numbers, output->att);
		numbers = lappend_int(numbers, output->slot);
	}
	return numbers;
}

/* Columns may have other places when the plan is used. */
static List *
put_names(const cql_schema_table *table, const cql_restriction *r)
{
	List *names = NIL;
	int i;

	for (i = 0; i < r->ncolumns; i++)
		names = lappend(
			names, makeString(pstrdup(table->columns[r->columns[i]].name)));
	return names;
}

/*
 * A number that is read back as a Float: without a point nodeRead() makes an
 * Integer of it.
 */
static Node *
put_float(double value)
{
	return (Node *) makeFloat(psprintf("%.1f", value));
}

List *
cass_scan_plan_to_list(const CassShape *shape, const CassScanPlan *plan)
{
	List *names = NIL;
	List *restrictions = NIL;
	List *order = NIL;
	List *sources = NIL;
	List *list;
	ListCell *lc;
	int i;

	for (i = 0; i < plan->nrestrictions; i++)
	{
		restrictions =
			lappend(restrictions, put_restriction(&plan->restrictions[i]));
		names =
			lappend(names, put_names(shape->table, &plan->restrictions[i]));
	}
	foreach (lc, plan->order)
	{
		CassOrder *o = lfirst(lc);

		order = lappend_int(order, o->att);
		order = lappend_int(order, o->descending);
		order = lappend_int(order, o->nulls_first);
		order = lappend_int(order, (int) o->operator);
		order = lappend_int(order, (int) o->collation);
	}
	foreach (lc, plan->sources)
		sources = lappend(sources, put_source(lfirst(lc)));
	list =
		list_make5(put_numbers(plan),
				   list_make2(put_float(plan->rows), put_float(plan->wanted)),
				   restrictions, order, put_outputs(plan->outputs));
	list = lappend(list, sources);
	list = lappend(list, makeString(cass_plan_tag(shape, plan)));
	list = lappend(list, names);
	list = lappend(list, makeString(plan->cql));
	list = lappend(list, put_strings(plan->reasons));
	list = lappend(list, put_strings(plan->rechecked));
	list = lappend(list,
				   makeString(plan->hint != NULL ? plan->hint : pstrdup("")));
	return lappend(list, put_outputs(plan->checked));
}

static List *
get_order(List *numbers)
{
	List *order = NIL;
	int i;

	for (i = 0; i + 4 < list_length(numbers); i += 5)
	{
		CassOrder *o = palloc(sizeof(CassOrder));

		o->att = list_nth_int(numbers, i);
		o->descending = list_nth_int(numbers, i + 1);
		o->nulls_first = list_nth_int(numbers, i + 2);
		o->operator=(Oid) list_nth_int(numbers, i + 3);
		o->collation = (Oid) list_nth_int(numbers, i + 4);
		order = lappend(order, o);
	}
	return order;
}

static List *
get_outputs(List *numbers)
{
	List *outputs = NIL;
	int i;

	for (i = 0; i + 2 < list_length(numbers); i += 3)
	{
		CassOutput *output = palloc(sizeof(CassOutput));

		output->kind = (CassOutputKind) list_nth_int(numbers, i);
		output->att = list_nth_int(numbers, i + 1);
		output->slot = list_nth_int(numbers, i + 2);
		outputs = lappend(outputs, output);
	}
	return outputs;
}

CassScanPlan *
cass_scan_plan_from_list(List *list)
{
	CassScanPlan *plan = palloc0(sizeof(CassScanPlan));
	List *sizes = list_nth(list, MEMBER_SIZES);
	List *restrictions = list_nth(list, MEMBER_RESTRICTIONS);
	ListCell *lc;

	get_numbers(plan, list_nth(list, MEMBER_NUMBERS));
	plan->rows = floatVal(linitial(sizes));
	plan->wanted = floatVal(lsecond(sizes));
	plan->restrictions =
		palloc(sizeof(cql_restriction) * (list_length(restrictions) + 1));
	foreach (lc, restrictions)
		get_restriction(&plan->restrictions[plan->nrestrictions++],
						lfirst(lc));
	plan->order = get_order(list_nth(list, MEMBER_ORDER));
	plan->outputs = get_outputs(list_nth(list, MEMBER_OUTPUTS));
	foreach (lc, (List *) list_nth(list, MEMBER_SOURCES))
		plan->sources = lappend(plan->sources, get_source(lfirst(lc)));
	plan->tag = strVal(list_nth(list, MEMBER_TAG));
	foreach (lc, (List *) list_nth(list, MEMBER_NAMES))
		plan->names = lappend(plan->names, get_strings(lfirst(lc)));
	plan->cql = strVal(list_nth(list, MEMBER_CQL));
	plan->reasons = get_strings(list_nth(list, MEMBER_REASONS));
	plan->rechecked = get_strings(list_nth(list, MEMBER_RECHECKED));
	plan->hint = strVal(list_nth(list, MEMBER_HINT));
	plan->checked = get_outputs(list_nth(list, MEMBER_CHECKED));
	return plan;
}
