/*
 * clause_cast.c
 *	  Columns that are cast before they are compared.
 *
 * "id = 3.0" is "id::numeric = 3.0": drivers send numbers as numeric or
 * double precision, and UUIDs as text.  Such casts keep all values apart, or
 * keep their order at least; the value is turned into one of the column's own
 * type when the scan starts.
 */
#include "pushdown.h"

#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#define UUID_TEXT_LEN 36
#define INET_TEXT_LEN 64

static bool
is_text(Oid type)
{
	return type == TEXTOID || type == VARCHAROID;
}

/* Casts whose result cass_bound_exactness() knows for the type. */
static bool
is_faithful(Oid from, Oid to)
{
	switch (from)
	{
		case INT2OID:
			return to == INT4OID || to == INT8OID || to == NUMERICOID ||
				   to == FLOAT4OID || to == FLOAT8OID || is_text(to);
		case INT4OID:
			return to == INT8OID || to == NUMERICOID || to == FLOAT8OID ||
				   is_text(to);
		case INT8OID:
			return to == NUMERICOID || to == FLOAT8OID || is_text(to);
		case DATEOID:
			return to == TIMESTAMPOID;
		case UUIDOID:
		case INETOID:
		case CIDROID:
			return is_text(to);
		default:
			return (from == cass_timeuuid_oid() || type_is_enum(from)) &&
				   is_text(to);
	}
}

/* Characters that any text of such a value has room in. */
static int
longest_spelling(Oid type)
{
	if (type == INT2OID || type == INT4OID || type == INT8OID)
		return MAXINT8LEN;
	if (type == UUIDOID || type == cass_timeuuid_oid())
		return UUID_TEXT_LEN;
	return type == INETOID || type == CIDROID ? INET_TEXT_LEN : NAMEDATALEN;
}

/* What varchar(n) is made of, where that is never cut; or NULL. */
static Node *
get_uncut(const FuncExpr *function)
{
	Node *arg = linitial(function->args);
	Const *length = lsecond(function->args);
	Node *spelt = IsA(arg, CoerceViaIO) ? (Node *) ((CoerceViaIO *) arg)->arg
				  : IsA(arg, FuncExpr) && ((FuncExpr *) arg)->args != NIL
					  ? linitial(((FuncExpr *) arg)->args)
					  : NULL;

	if (spelt == NULL || !IsA(length, Const) || length->constisnull ||
		DatumGetInt32(length->constvalue) - VARHDRSZ <
			longest_spelling(exprType(spelt)))
		return NULL;
	return arg;
}

/* What is cast, or NULL. */
static Node *
get_cast(Node *node)
{
	FuncExpr *function = (FuncExpr *) node;
	Node *arg;
	Oid cast;

	if (IsA(node, RelabelType))
		return (Node *) ((RelabelType *) node)->arg;
	if (IsA(node, FuncExpr) && function->funcid == F_VARCHAR_VARCHAR_INT4_BOOL)
		return get_uncut(function);
	if (IsA(node, CoerceViaIO))
		arg = (Node *) ((CoerceViaIO *) node)->arg;
	else if (IsA(node, FuncExpr) && list_length(function->args) == 1)
	{
		arg = linitial(function->args);
		if (find_coercion_pathway(function->funcresulttype, exprType(arg),
								  COERCION_EXPLICIT,
								  &cast) != COERCION_PATH_FUNC ||
			cast != function->funcid)
			return NULL;
	}
	else
		return NULL;
	return is_faithful(exprType(arg), exprType(node)) ? arg : NULL;
}

Var *
cass_get_comparand(RelOptInfo *rel, Node *node)
{
	while (node != NULL && !IsA(node, Var))
		node = get_cast(node);
	return node == NULL ? NULL : cass_get_column(rel, node);
}
