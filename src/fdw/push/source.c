/*
 * source.c
 *	  What conditions are made of: columns, values and how exact they are.
 */
#include "pushdown.h"

#include "access/stratnum.h"
#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

Var *
cass_get_column(RelOptInfo *rel, Node *node)
{
	while (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	if (IsA(node, Var) && (Index) ((Var *) node)->varno == rel->relid &&
		((Var *) node)->varlevelsup == 0 && ((Var *) node)->varattno > 0)
		return (Var *) node;
	return NULL;
}

bool
cass_is_value(PlannerInfo *root, RelOptInfo *rel, Node *node)
{
	return !bms_is_member(rel->relid, pull_varnos(root, node)) &&
		   !contain_volatile_functions(node) && !contain_subplans(node);
}

bool
cass_is_own_function(Oid function, const char *name)
{
	char *actual = get_func_name(function);

	return actual != NULL && strcmp(actual, name) == 0 &&
		   getExtensionOfObject(ProcedureRelationId, function) ==
			   get_extension_oid("cassandra_fdw", true);
}

CassSource *
cass_source_create(CassSourceKind kind, int strategy, int att)
{
	CassSource *source = palloc0(sizeof(CassSource));

	source->kind = kind;
	source->strategy = strategy;
	source->atts = list_make1_int(att);
	return source;
}

void
cass_source_add(CassSource *source, Expr *expr, Oid type, bool array)
{
	CassValue *value = palloc0(sizeof(CassValue));

	value->expr = expr;
	value->type = type;
	value->array = array;
	source->values = lappend(source->values, value);
}

void
cass_condition_create(CassConditions *c, cql_cond_op op, bool exact,
					  CassSource *source)
{
	CassCondition *condition = palloc0(sizeof(CassCondition));
	ListCell *lc;

	condition->clause = c->clause;
	condition->source = source;
	condition->cond.op = op;
	condition->cond.exact = exact;
	condition->cond.token =
		cass_is_token(c->shape, linitial_int(source->atts));
	foreach (lc, condition->cond.token ? NIL : source->atts)
		condition->cond.columns[condition->cond.ncolumns++] =
			(uint16) c->shape->atts[lfirst_int(lc)].column;
	c->conditions = lappend(c->conditions, condition);
}

/* Where a condition on the column may come to stand, by key and indexes. */
static int
list_places(const CassShape *shape, int att, CassPlace places[3])
{
	int column = shape->atts[att].column;
	int n = 0;
	uint32 i;

	places[n++] = cass_place_of(shape, att);
	for (i = 0; i < shape->table->nindexes && n < 3; i++)
	{
		if (shape->table->indexes[i].column == column)
			places[n++] = shape->table->indexes[i].kind == CQL_INDEX_SAI
							  ? CASS_PLACE_SAI
							  : CASS_PLACE_INDEX;
	}
	return n;
}

CassExactness
cass_exactness(const CassShape *shape, int att, int strategy, Oid opfamily,
			   Oid valtype, Oid collation, const char **reason)
{
	CassPlace places[3];
	int n = list_places(shape, att, places);
	CassExactness least = CASS_EXACT;
	int i;

	*reason = NULL;
	for (i = 0; i < n; i++)
	{
		const char *why;
		CassExactness exactness =
			cass_bound_exactness(shape->atts[att].codec, places[i], strategy,
								 opfamily, valtype, collation, &why);

		if (exactness < least)
		{
			least = exactness;
			*reason = why;
		}
	}
	return least;
}

CassExactness
cass_judge_operator(CassConditions *c, int att, bool time, Oid opno,
					Oid collation, int *strategy, Oid *valtype)
{
	ListCell *lc;

	foreach (lc, get_op_btree_interpretation(opno))
	{
		OpBtreeInterpretation *i = lfirst(lc);
		CassExactness exactness;

		if (i->strategy < BTLessStrategyNumber ||
			i->strategy > BTGreaterStrategyNumber ||
			(time && i->oplefttype != TIMESTAMPTZOID))
			continue;
		*strategy = i->strategy;
		*valtype = i->oprighttype;
		exactness =
			time ? cass_time_exactness(c->shape->atts[att].codec,
									   cass_place_of(c->shape, att), *strategy,
									   i->opfamily_id, *valtype, &c->reason)
				 : cass_exactness(c->shape, att, *strategy, i->opfamily_id,
								  *valtype, collation, &c->reason);
		if (exactness != CASS_NEVER)
			return exactness;
	}
	return CASS_NEVER;
}
