/*
 * pushdown.c
 *	  Which conditions of a query go to Cassandra.
 *
 * Exact is decided by type (cass_bound_exactness), legal by the table's key:
 * the whole partition key by value, then clustering columns in their order by
 * value, then one of them by range.
 */
#include "pushdown.h"

#include "access/stratnum.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

int
cass_att_of_column(const CassShape *shape, int column)
{
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		if (!shape->atts[i].dropped && shape->atts[i].column == column)
			return i;
	}
	return -1;
}

/* The relation's column under a relabeling, or NULL. */
static Var *
get_var(RelOptInfo *baserel, Node *node)
{
	while (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	if (IsA(node, Var) && (Index) ((Var *) node)->varno == baserel->relid &&
		((Var *) node)->varlevelsup == 0 && ((Var *) node)->varattno > 0)
		return (Var *) node;
	return NULL;
}

/* Values may come from anywhere but this relation, and must hold still. */
static bool
is_value(PlannerInfo *root, RelOptInfo *baserel, Node *node)
{
	return !bms_is_member(baserel->relid, pull_varnos(root, node)) &&
		   !contain_volatile_functions(node) && !contain_subplans(node);
}

static CassPlace
place_of(const CassShape *shape, int att)
{
	switch (shape->table->columns[shape->atts[att].column].kind)
	{
		case CQL_PARTITION_KEY:
			return CASS_PLACE_PARTITION;
		case CQL_CLUSTERING:
			return CASS_PLACE_CLUSTERING;
		default:
			return CASS_PLACE_OTHER;
	}
}

/* Fills in strategy, value type and exactness of an operator; NULL or why not.
 */
static const char *
judge_operator(const CassShape *shape, CassCondition *c, Oid opno,
			   Oid collation)
{
	const CassAttribute *att = &shape->atts[c->att];
	const char *reason = "the operator is no comparison";
	ListCell *lc;

	if (att->column < 0)
		return "the column is an expression";
	if (place_of(shape, c->att) == CASS_PLACE_OTHER)
		return "the column is no part of the primary key";
	if (shape->table->columns[att->column].masked)
		return "the column is masked";
	if (att->unconvertible != CASS_UNCONVERTIBLE_ERROR)
		return "the column's values are changed by on_unconvertible";
	foreach (lc, get_op_btree_interpretation(opno))
	{
		OpBtreeInterpretation *i = lfirst(lc);

		if (i->strategy < BTLessStrategyNumber ||
			i->strategy > BTGreaterStrategyNumber)
			continue;
		c->strategy = i->strategy;
		c->valtype = i->oprighttype;
		c->exactness = cass_bound_exactness(
			att->codec, place_of(shape, c->att), c->strategy, i->opfamily_id,
			c->valtype, collation, &reason);
		if (c->exactness == CASS_NEVER)
			continue;
		if (c->strategy != BTEqualStrategyNumber ||
			cass_bound_equality(att->codec) != CASS_EQUALITY_RANGE)
			return NULL;
		reason = "equality is a range in CQL";
	}
	return reason;
}

static const char *
judge_comparison(PlannerInfo *root, RelOptInfo *baserel,
				 const CassShape *shape, OpExpr *op, CassCondition *c)
{
	Node *left, *right;
	Oid opno = op->opno;
	Var *var;

	if (list_length(op->args) != 2)
		return "the operator is no comparison";
	left = linitial(op->args);
	right = lsecond(op->args);
	var = get_var(baserel, left);
	if (var == NULL)
	{
		var = get_var(baserel, right);
		right = left;
		opno = get_commutator(opno);
	}
	if (var == NULL || !OidIsValid(opno))
		return "it is no comparison of a column with a value";
	if (!is_value(root, baserel, right))
		return "the value is not fixed during the scan";
	c->att = var->varattno - 1;
	c->value = (Expr *) right;
	return judge_operator(shape, c, opno, op->inputcollid);
}

static const char *
judge_any(PlannerInfo *root, RelOptInfo *baserel, const CassShape *shape,
		  ScalarArrayOpExpr *op, CassCondition *c)
{
	Var *var = get_var(baserel, linitial(op->args));
	const char *reason;

	if (!op->useOr || var == NULL)
		return "it is no = ANY of a column";
	if (!is_value(root, baserel, lsecond(op->args)))
		return "the array is not fixed during the scan";
	c->att = var->varattno - 1;
	c->value = lsecond(op->args);
	c->any = true;
	reason = judge_operator(shape, c, op->opno, op->inputcollid);
	if (reason == NULL && c->strategy != BTEqualStrategyNumber)
		reason = "ANY is pushed for equality only";
	return reason;
}

/* A condition out of a clause; NULL with *reason set. */
static CassCondition *
judge_clause(PlannerInfo *root, RelOptInfo *baserel, const CassShape *shape,
			 RestrictInfo *rinfo, const char **reason)
{
	CassCondition *c = palloc0(sizeof(CassCondition));

	c->rinfo = rinfo;
	if (IsA(rinfo->clause, OpExpr))
		*reason = judge_comparison(root, baserel, shape,
								   (OpExpr *) rinfo->clause, c);
	else if (IsA(rinfo->clause, ScalarArrayOpExpr))
		*reason = judge_any(root, baserel, shape,
							(ScalarArrayOpExpr *) rinfo->clause, c);
	else
		*reason = "CQL has no such condition";
	return *reason == NULL ? c : NULL;
}

static bool
restricts(const CassDecision *d, const CassShape *shape, int column,
		  bool by_value)
{
	ListCell *lc;

	foreach (lc, d->conditions)
	{
		CassCondition *c = lfirst(lc);

		if (shape->atts[c->att].column == column &&
			(!by_value || c->strategy == BTEqualStrategyNumber))
			return true;
	}
	return false;
}

/* How far the key is given. */
static void
match_key(CassDecision *d, const CassShape *shape)
{
	const cql_schema_table *table = shape->table;
	int npartition = table->npartition;
	int i;

	for (i = 0; i < npartition; i++)
	{
		if (!restricts(d, shape, i, true))
			return;
	}
	d->keyed = true;
	for (i = 0; i < (int) table->nclustering; i++)
	{
		if (!restricts(d, shape, npartition + i, true))
			break;
		d->npoints++;
	}
	if (i < (int) table->nclustering &&
		restricts(d, shape, npartition + i, false))
		d->range = i;
}

static bool
is_pushed(const CassDecision *d, const CassShape *shape,
		  const CassCondition *c)
{
	int position = shape->atts[c->att].column - (int) shape->table->npartition;

	return d->keyed && (position < d->npoints || position == d->range);
}

static void
keep_local(CassDecision *d, RestrictInfo *rinfo, const char *reason)
{
	d->local = lappend(d->local, rinfo);
	if (reason != NULL)
		d->reasons = lappend(d->reasons, pstrdup(reason));
}

/* Where a condition of a usable form is checked. */
static void
place_condition(CassDecision *d, const CassShape *shape, CassCondition *c)
{
	c->pushed = is_pushed(d, shape, c);
	if (!c->pushed)
		keep_local(d, c->rinfo,
				   d->keyed ? "a clustering column before it is not "
							  "restricted by value"
							: "the partition key is not given whole");
	else if (c->exactness != CASS_EXACT)
		keep_local(d, c->rinfo, "pushed, and checked again");
	else
		d->remote = lappend(d->remote, c->rinfo);
}

CassDecision *
cass_decide(PlannerInfo *root, RelOptInfo *baserel, CassShape *shape,
			List *rinfos)
{
	CassDecision *d = palloc0(sizeof(CassDecision));
	List *judged = NIL;
	List *reasons = NIL;
	ListCell *lc, *lj, *lr;

	d->range = -1;
	foreach (lc, rinfos)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		const char *reason = NULL;
		CassCondition *c = judge_clause(root, baserel, shape, rinfo, &reason);

		if (c != NULL)
			d->conditions = lappend(d->conditions, c);
		judged = lappend(judged, c);
		reasons = lappend(reasons, (void *) reason);
	}
	match_key(d, shape);
	/* the planner's order stays: it puts security barriers first */
	forthree(lc, rinfos, lj, judged, lr, reasons)
	{
		if (lfirst(lj) != NULL)
			place_condition(d, shape, lfirst(lj));
		else
			keep_local(d, lfirst(lc), lfirst(lr));
	}
	return d;
}
