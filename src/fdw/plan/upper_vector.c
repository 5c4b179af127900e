/*
 * upper_vector.c
 *	  ORDER BY distance LIMIT n on a vector index: ORDER BY column ANN OF.
 */
#include "planner.h"

#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#define MAX_NEAREST 1000 /* rows that Cassandra gives at most */

#define OWN_DISTANCES 6

/* Names of distance functions, ours first, then pgvector's, and what they
 * measure. */
static const struct
{
	const char *name;
	const char *similarity;
} distances[] = {{"cassandra_cosine_distance", "cosine"},
				 {"cassandra_l2_distance", "euclidean"},
				 {"cassandra_negative_inner_product", "dot_product"},
				 {"cassandra_cosine_distance_double", "cosine"},
				 {"cassandra_l2_distance_double", "euclidean"},
				 {"cassandra_negative_inner_product_double", "dot_product"},
				 {"cosine_distance", "cosine"},
				 {"l2_distance", "euclidean"},
				 {"vector_negative_inner_product", "dot_product"}};

/* The similarity that a call of a distance function measures, or NULL. */
static const char *
get_similarity(Oid function, Oid argtype)
{
	char *name = get_func_name(function);
	Oid vector = cass_extension_type_oid("vector", "vector");
	size_t i;

	if (name == NULL)
		return NULL;
	for (i = 0; i < lengthof(distances); i++)
	{
		if (strcmp(name, distances[i].name) != 0)
			continue;
		if (i < OWN_DISTANCES ? !cass_is_own_function(function, name)
							  : (!OidIsValid(vector) || argtype != vector))
			continue;
		return distances[i].similarity;
	}
	return NULL;
}

static bool
has_index(const CassShape *shape, int column, const char *similarity)
{
	uint32 i;

	for (i = 0; i < shape->table->nindexes; i++)
	{
		const cql_schema_index *index = &shape->table->indexes[i];

		if (index->column == column && index->kind == CQL_INDEX_SAI &&
			pg_strcasecmp(index->similarity, similarity) == 0)
			return true;
	}
	return false;
}

/* The column, also where it is made wider to be compared with doubles. */
static Var *
get_vector_column(RelOptInfo *rel, Node *node)
{
	if (IsA(node, ArrayCoerceExpr) &&
		((ArrayCoerceExpr *) node)->resulttype == FLOAT8ARRAYOID &&
		exprType((Node *) ((ArrayCoerceExpr *) node)->arg) == FLOAT4ARRAYOID)
		node = (Node *) ((ArrayCoerceExpr *) node)->arg;
	return cass_get_column(rel, node);
}

/* Whether the value can be told to Cassandra as one of the column's. */
static bool
fits_column(const Var *var, Node *value)
{
	return exprType(value) == var->vartype ||
		   (var->vartype == FLOAT4ARRAYOID &&
			exprType(value) == FLOAT8ARRAYOID);
}

/* Splits distance(column, value) into both; NULL when it is something else. */
static Var *
split_distance(PlannerInfo *root, CassRelInfo *info, Expr *expr, Oid *function,
			   Node **value)
{
	List *args = NIL;
	Var *var;

	if (IsA(expr, OpExpr))
	{
		*function = get_opcode(((OpExpr *) expr)->opno);
		args = ((OpExpr *) expr)->args;
	}
	else if (IsA(expr, FuncExpr))
	{
		*function = ((FuncExpr *) expr)->funcid;
		args = ((FuncExpr *) expr)->args;
	}
	if (list_length(args) != 2)
		return NULL;
	var = get_vector_column(info->rel, linitial(args));
	*value = lsecond(args);
	if (var == NULL)
	{
		var = get_vector_column(info->rel, lsecond(args));
		*value = linitial(args);
	}
	if (var == NULL || !cass_is_value(root, info->rel, *value))
		return NULL;
	return var;
}

/* The distance that is the only sort key, nearest first, or NULL. */
static Expr *
get_distance(PlannerInfo *root, CassRelInfo *info)
{
	EquivalenceMemberIterator it;
	EquivalenceMember *member;
	PathKey *key;

	if (list_length(root->sort_pathkeys) != 1)
		return NULL;
	key = linitial(root->sort_pathkeys);
	if (cass_pathkey_descending(key) || key->pk_eclass->ec_has_volatile)
		return NULL;
	setup_eclass_member_iterator(&it, key->pk_eclass, info->rel->relids);
	while ((member = eclass_member_iterator_next(&it)) != NULL)
	{
		if (bms_equal(member->em_relids, info->rel->relids))
			return member->em_expr;
	}
	return NULL;
}

CassPathInfo *
cass_match_vector(PlannerInfo *root, CassRelInfo *info, double limit,
				  CassDecision **decision)
{
	CassPathInfo *path;
	Expr *distance = get_distance(root, info);
	const CassAttribute *att;
	const char *similarity;
	Oid function = InvalidOid;
	Node *value;
	Var *var;

	if (!info->options->vector_search || distance == NULL || limit < 1 ||
		limit > MAX_NEAREST)
		return NULL;
	var = split_distance(root, info, distance, &function, &value);
	if (var == NULL)
		return NULL;
	att = &info->shape->atts[var->varattno - 1];
	similarity = get_similarity(function, var->vartype);
	if (similarity == NULL || att->column < 0 || !fits_column(var, value) ||
		!has_index(info->shape, att->column, similarity))
		return NULL;
	path = palloc0(sizeof(CassPathInfo));
	path->wish.limit = true;
	path->wish.aggregate = CQL_AGG_ANN;
	path->wish.vector = var->varattno - 1;
	path->vector = (Expr *) value;
	*decision =
		cass_decide(root, info, info->rel->baserestrictinfo, &path->wish);
	return (*decision)->plan.aggregate && (*decision)->plan.limit ? path
																  : NULL;
}
