/*
 * pushdown.c
 *	  The one decision: which clauses go to Cassandra, in which form.
 *
 * Clauses are taken apart (clause.c); cql_select_decide() says what a SELECT
 * may carry; a clause of which everything went exactly is Cassandra's alone,
 * all others PostgreSQL checks again.
 */
#include "pushdown.h"

#include "access/sysattr.h"
#include "lib/stringinfo.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"

/* Clauses of one relation while they are decided upon. */
typedef struct Clauses
{
	Index relid;
	int n;
	RestrictInfo **rinfos;
	bool *superset;
	const char **reasons;
} Clauses;

static void
take_apart(CassConditions *c, List *rinfos, Clauses *clauses)
{
	ListCell *lc;

	clauses->relid = c->rel->relid;
	clauses->n = 0;
	clauses->rinfos =
		palloc(sizeof(RestrictInfo *) * (list_length(rinfos) + 1));
	clauses->superset = palloc0(sizeof(bool) * (list_length(rinfos) + 1));
	clauses->reasons = palloc0(sizeof(char *) * (list_length(rinfos) + 1));
	foreach (lc, rinfos)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		c->clause = clauses->n;
		c->superset = rinfo->pseudoconstant;
		c->reason = NULL;
		if (!rinfo->pseudoconstant)
			cass_conditions_add(c, rinfo->clause);
		clauses->rinfos[clauses->n] = rinfo;
		clauses->superset[clauses->n] = c->superset;
		clauses->reasons[clauses->n++] = c->reason;
	}
}

static cql_order *
make_order(const CassShape *shape, List *wanted)
{
	cql_order *order = palloc0(sizeof(cql_order) * (list_length(wanted) + 1));
	ListCell *lc;
	int n = 0;

	foreach (lc, wanted)
	{
		CassOrder *o = lfirst(lc);

		order[n].column = (uint16) shape->atts[o->att].column;
		order[n++].descending = o->descending;
	}
	return order;
}

static uint16 *
make_group(const CassShape *shape, List *atts)
{
	uint16 *group = palloc0(sizeof(uint16) * (list_length(atts) + 1));
	ListCell *lc;
	int n = 0;

	foreach (lc, atts)
		group[n++] = (uint16) shape->atts[lfirst_int(lc)].column;
	return group;
}

static void
ask_select(CassDecision *d, const CassRelInfo *info, const CassWish *wish)
{
	const CassShape *shape = info->shape;
	cql_select_input input;
	cql_cond *conds;
	int n = list_length(d->conditions);
	ListCell *lc;

	memset(&input, 0, sizeof(input));
	conds = palloc(sizeof(cql_cond) * (n + 1));
	d->plan.conds = palloc(sizeof(cql_cond_plan) * (n + 1));
	d->plan.restrictions = palloc(sizeof(cql_restriction) * (n + 1));
	n = 0;
	foreach (lc, d->conditions)
		conds[n++] = ((CassCondition *) lfirst(lc))->cond;
	input.table = shape->table;
	input.release = info->release;
	input.conds = conds;
	input.nconds = n;
	input.fanout = true;
	input.filtering = info->options->allow_filtering ? CQL_FILTERING_ALWAYS
													 : CQL_FILTERING_PARTITION;
	if (wish != NULL)
	{
		input.fanout = !wish->no_fanout;
		input.order = make_order(shape, wish->order);
		input.norder = list_length(wish->order);
		input.ring = wish->ring;
		input.limit = wish->limit;
		input.partition_limit = wish->partition_limit;
		input.aggregate = wish->aggregate;
		input.group = make_group(shape, wish->group);
		input.ngroup = list_length(wish->group);
		if (wish->aggregate == CQL_AGG_ANN)
			input.vector = (uint16) shape->atts[wish->vector].column;
	}
	cql_select_decide(&input, &d->plan);
}

/*
 * What a server might refuse in spite of all rules (guardrails, an index that
 * is not built yet) is checked locally too, so that a scan can do without.
 */
static bool
may_be_refused(const CassDecision *d, const cql_cond_plan *cond)
{
	const cql_restriction *r = &d->plan.restrictions[cond->restriction];

	return r->filtering || r->index >= 0;
}

/* Whether all conditions of a clause went exactly; else a reason why not. */
static bool
clause_went(CassDecision *d, const Clauses *clauses, int clause, bool *pushed,
			bool *unsafe, const cql_reason **why)
{
	bool exact = !clauses->superset[clause];
	ListCell *lc;

	*pushed = *unsafe = false;
	foreach (lc, d->conditions)
	{
		CassCondition *condition = lfirst(lc);
		cql_cond_plan *cond = &d->plan.conds[foreach_current_index(lc)];

		if (condition->clause != clause)
			continue;
		if (cond->place == CQL_PLACE_LOCAL)
			*why = cond->recheck ? &cond->reason : *why;
		else
		{
			*pushed = true;
			*unsafe = *unsafe || may_be_refused(d, cond);
		}
		exact = exact && !cond->recheck;
	}
	return exact && *pushed;
}

/* The columns of a clause, for EXPLAIN. */
static char *
columns_text(const Clauses *clauses, int clause, const CassShape *shape)
{
	Node *node = (Node *) clauses->rinfos[clause]->clause;
	Bitmapset *used = NULL;
	StringInfoData text;
	int i = -1;

	pull_varattnos(node, clauses->relid, &used);
	initStringInfo(&text);
	while ((i = bms_next_member(used, i)) >= 0)
	{
		AttrNumber attnum = i + FirstLowInvalidHeapAttributeNumber;

		if (attnum > 0)
			appendStringInfo(
				&text, "%s%s", text.len > 0 ? ", " : "",
				quote_identifier(get_attname(shape->relid, attnum, false)));
	}
	return text.data;
}

/* Several conditions on the same columns are told of once. */
static List *
add_once(List *texts, char *text)
{
	ListCell *lc;

	foreach (lc, texts)
	{
		if (strcmp(lfirst(lc), text) == 0)
			return texts;
	}
	return lappend(texts, text);
}

/* Why a clause stays, or that it narrows what comes and stays, too. */
static void
add_reason(CassDecision *d, const Clauses *clauses, int clause,
		   const CassShape *shape, bool pushed, const cql_reason *why)
{
	char buf[CQL_REASON_SIZE];
	const char *reason = clauses->reasons[clause];

	if (why != NULL)
		reason = cass_from_cql(
			cql_reason_print(shape->table, why, buf, sizeof(buf)));
	if (why == NULL && pushed)
		d->rechecked =
			add_once(d->rechecked, columns_text(clauses, clause, shape));
	else if (reason != NULL)
		d->reasons = lappend(d->reasons, pstrdup(reason));
}

/* The planner's order of clauses stays: it puts security barriers first. */
static void
divide(CassDecision *d, const Clauses *clauses, const CassShape *shape)
{
	int i;

	for (i = 0; i < clauses->n; i++)
	{
		const cql_reason *why = NULL;
		bool pushed, unsafe;
		bool exact = clause_went(d, clauses, i, &pushed, &unsafe, &why);

		if (!exact)
		{
			add_reason(d, clauses, i, shape, pushed, why);
			/* not only this scan's rows: what follows counts on all clauses */
			d->plan.exact = false;
		}
		if (exact && !unsafe)
			d->remote = lappend(d->remote, clauses->rinfos[i]);
		else
			d->local = lappend(d->local, clauses->rinfos[i]);
	}
}

/* Nothing that cuts or combines rows goes before a local check. */
static void
withdraw_wishes(CassDecision *d, const CassWish *wish)
{
	bool whole = wish != NULL &&
				 (wish->aggregate == CQL_AGG_ANN ||
				  (wish->aggregate == CQL_AGG_COUNT && wish->group == NIL));
	uint32 i;

	/*
	 * A group leaves nothing that could be checked after a refusal; what is
	 * one row of all can begin anew, see count_rows.c.
	 */
	for (i = 0; i < d->plan.nrestrictions; i++)
	{
		if (d->plan.restrictions[i].filtering ||
			d->plan.restrictions[i].index >= 0)
		{
			d->plan.aggregate = d->plan.aggregate && whole;
			d->plan.partition_limit = false;
		}
	}
	if (d->plan.exact)
		return;
	d->plan.limit = false;
	d->plan.partition_limit = false;
	d->plan.aggregate = false;
}

CassDecision *
cass_decide(PlannerInfo *root, const CassRelInfo *info, List *rinfos,
			const CassWish *wish)
{
	CassDecision *d = palloc0(sizeof(CassDecision));
	CassConditions c;
	Clauses clauses;

	memset(&c, 0, sizeof(c));
	c.root = root;
	c.rel = info->rel;
	c.shape = info->shape;
	c.options = info->options;
	take_apart(&c, rinfos, &clauses);
	d->conditions = c.conditions;
	ask_select(d, info, wish);
	d->keyed = d->plan.access == CQL_ACCESS_PARTITION;
	divide(d, &clauses, info->shape);
	withdraw_wishes(d, wish);
	return d;
}
