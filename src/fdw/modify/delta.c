/*
 * delta.c
 *	  Assignments that change a collection in place.
 *
 * "tags = tags || ARRAY[x]" is "tags = tags + ?" to Cassandra: no element is
 * read or written but those named, so what others do to the rest meanwhile
 * stays, and there is no tombstone of the whole collection.  Only forms are
 * taken whose result is the one that SQL computes; all others are evaluated
 * and written whole.
 */
#include "direct_modify.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

/* The assignment that is looked at. */
typedef struct Assignment
{
	const CassAttribute *att;
	Index rtindex;
} Assignment;

/* ---- the column ---- */

static bool
is_column(const Assignment *a, Node *node)
{
	Var *var = (Var *) node;

	return IsA(node, Var) && (Index) var->varno == a->rtindex &&
		   var->varattno == a->att->attnum && var->varlevelsup == 0;
}

static Oid
hstore_oid(void)
{
	return cass_extension_type_oid("hstore", "hstore");
}

/* A constant that is an empty array, object or hstore. */
static bool
is_empty(Node *node)
{
	Const *c = (Const *) node;
	Jsonb *jsonb;

	if (!IsA(node, Const) || c->constisnull)
		return false;
	if (c->consttype == JSONBOID)
	{
		jsonb = DatumGetJsonbP(c->constvalue);
		return JB_ROOT_IS_OBJECT(jsonb) && JB_ROOT_COUNT(jsonb) == 0;
	}
	if (OidIsValid(get_element_type(c->consttype)))
		return ARR_NDIM(DatumGetArrayTypeP(c->constvalue)) == 0;
	if (c->consttype == hstore_oid())
	{
		Oid output;
		bool varlena;

		getTypeOutputInfo(c->consttype, &output, &varlena);
		return OidOutputFunctionCall(output, c->constvalue)[0] == '\0';
	}
	return false;
}

/* coalesce(column, empty): the column, where none is the same as empty. */
static bool
is_column_or_empty(const Assignment *a, Node *node)
{
	CoalesceExpr *c = (CoalesceExpr *) node;

	return IsA(node, CoalesceExpr) && list_length(c->args) == 2 &&
		   is_column(a, linitial(c->args)) && is_empty(lsecond(c->args));
}

static bool
is_either(const Assignment *a, Node *node)
{
	return is_column(a, node) || is_column_or_empty(a, node);
}

/* ---- arrays: lists and sets ---- */

/* The element as an array of the column's type. */
static Expr *
make_array(Node *column, Node *element)
{
	Oid type = exprType(column);
	ArrayExpr *array;

	if (exprType(element) != get_element_type(type))
		return NULL;
	array = makeNode(ArrayExpr);
	array->array_typeid = type;
	array->array_collid = exprCollation(column);
	array->element_typeid = exprType(element);
	array->elements = list_make1(element);
	array->multidims = false;
	array->location = -1;
	return (Expr *) array;
}

/* Elements that are equal to SQL only where their bytes are. */
static bool
has_exact_elements(const Assignment *a, Node *element, Oid collation)
{
	const cql_type *type = a->att->type->sub[0];
	Oid typid = exprType(element);

	if (a->att->unconvertible != CASS_UNCONVERTIBLE_ERROR)
		return false;
	switch (type->id)
	{
		case CQL_TYPE_INT:
			return typid == INT4OID;
		case CQL_TYPE_BIGINT:
			return typid == INT8OID;
		case CQL_TYPE_SMALLINT:
			return typid == INT2OID;
		case CQL_TYPE_UUID:
			return typid == UUIDOID;
		case CQL_TYPE_TIMEUUID:
			return typid == cass_timeuuid_oid();
		case CQL_TYPE_BLOB:
			return typid == BYTEAOID;
		case CQL_TYPE_TEXT:
			return typid == TEXTOID && GetDatabaseEncoding() == PG_UTF8 &&
				   (!OidIsValid(collation) ||
					get_collation_isdeterministic(collation));
		default:
			return false;
	}
}

static CassChange
array_change(const Assignment *a, Oid function, List *args, Oid collation,
			 Expr **operand)
{
	Node *left = linitial(args);
	Node *right = lsecond(args);
	CassChange change = CASS_CHANGE_ASSIGN;
	Expr *found = NULL;

	if (function == F_ARRAY_CAT && is_either(a, left) &&
		exprType(right) == exprType(left))
	{
		change = CASS_CHANGE_APPEND;
		found = (Expr *) right;
	}
	else if (function == F_ARRAY_CAT && is_either(a, right) &&
			 exprType(right) == exprType(left))
	{
		change = CASS_CHANGE_PREPEND;
		found = (Expr *) left;
	}
	else if (function == F_ARRAY_APPEND && is_either(a, left))
	{
		change = CASS_CHANGE_APPEND;
		found = make_array(left, right);
	}
	else if (function == F_ARRAY_PREPEND && is_either(a, right))
	{
		change = CASS_CHANGE_PREPEND;
		found = make_array(right, left);
	}
	else if (function == F_ARRAY_REMOVE && is_either(a, left) &&
			 has_exact_elements(a, right, collation))
	{
		change = CASS_CHANGE_REMOVE;
		found = make_array(left, right);
	}
	if (found == NULL)
		return CASS_CHANGE_ASSIGN;
	*operand = found;
	/* a set has no ends */
	if (change == CASS_CHANGE_PREPEND && a->att->type->id == CQL_TYPE_SET)
		return CASS_CHANGE_APPEND;
	return change;
}

/* ---- jsonb and hstore: maps ---- */

typedef enum MapFunction
{
	MAP_OTHER,
	MAP_CONCAT,
	MAP_DELETE_KEY,
	MAP_DELETE_KEYS
} MapFunction;

/* hstore's functions are told by name and arguments. */
static MapFunction
hstore_function(Oid function, List *args)
{
	Oid right = exprType(lsecond(args));
	char *name;

	if (exprType(linitial(args)) != hstore_oid())
		return MAP_OTHER;
	name = get_func_name(function);
	if (name == NULL)
		return MAP_OTHER;
	if (strcmp(name, "hs_concat") == 0 && right == hstore_oid())
		return MAP_CONCAT;
	if (strcmp(name, "delete") == 0 && right == TEXTOID)
		return MAP_DELETE_KEY;
	if (strcmp(name, "delete") == 0 && right == TEXTARRAYOID)
		return MAP_DELETE_KEYS;
	return MAP_OTHER;
}

static MapFunction
map_function(Oid function, List *args)
{
	switch (function)
	{
		case F_JSONB_CONCAT:
			return MAP_CONCAT;
		case F_JSONB_DELETE_JSONB_TEXT:
			return MAP_DELETE_KEY;
		case F_JSONB_DELETE_JSONB__TEXT:
			return MAP_DELETE_KEYS;
		default:
			return hstore_function(function, args);
	}
}

/*
 * NULL || map is NULL, so what is added to must be given as coalesce(); of a
 * map that is NULL nothing can be removed.  Keys are removed by their text,
 * which tells those of type text only.
 */
static CassChange
map_change(const Assignment *a, Oid function, List *args, Expr **operand)
{
	MapFunction kind = map_function(function, args);
	bool removable = a->att->type->sub[0]->id == CQL_TYPE_TEXT &&
					 a->att->unconvertible == CASS_UNCONVERTIBLE_ERROR &&
					 is_either(a, linitial(args));

	*operand = lsecond(args);
	if (kind == MAP_CONCAT && is_column_or_empty(a, linitial(args)))
		return CASS_CHANGE_APPEND;
	if (kind == MAP_DELETE_KEY && removable)
		return CASS_CHANGE_REMOVE_KEY;
	if (kind == MAP_DELETE_KEYS && removable)
		return CASS_CHANGE_REMOVE_KEYS;
	return CASS_CHANGE_ASSIGN;
}

/* ---- the assignment ---- */

/* A call of two arguments, by function or operator. */
static bool
get_call(Node *node, Oid *function, List **args, Oid *collation)
{
	if (IsA(node, OpExpr))
	{
		*function = get_opcode(((OpExpr *) node)->opno);
		*args = ((OpExpr *) node)->args;
		*collation = ((OpExpr *) node)->inputcollid;
	}
	else if (IsA(node, FuncExpr))
	{
		*function = ((FuncExpr *) node)->funcid;
		*args = ((FuncExpr *) node)->args;
		*collation = ((FuncExpr *) node)->inputcollid;
	}
	else
		return false;
	return list_length(*args) == 2;
}

/*
 * A static column has one value, but its rows have an assignment each, and
 * frozen collections are written whole.
 */
static bool
is_changeable(const CassShape *shape, const CassAttribute *att)
{
	return att->column >= 0 && !att->type->frozen &&
		   shape->table->columns[att->column].kind == CQL_REGULAR &&
		   (att->type->id == CQL_TYPE_LIST || att->type->id == CQL_TYPE_SET ||
			att->type->id == CQL_TYPE_MAP);
}

CassChange
cass_change_of(const CassShape *shape, Index rtindex, int att, Expr *expr,
			   Expr **operand)
{
	Assignment a = {&shape->atts[att], rtindex};
	CassChange change = CASS_CHANGE_ASSIGN;
	Oid function;
	Oid collation;
	List *args;
	bool array;

	*operand = expr;
	if (!is_changeable(shape, a.att) ||
		!get_call((Node *) expr, &function, &args, &collation))
		return CASS_CHANGE_ASSIGN;
	array = OidIsValid(get_element_type(cass_codec_typid(a.att->codec)));
	if (array && a.att->type->id != CQL_TYPE_MAP)
		change = array_change(&a, function, args, collation, operand);
	else if (!array && a.att->type->id == CQL_TYPE_MAP)
		change = map_change(&a, function, args, operand);
	if (change == CASS_CHANGE_ASSIGN)
		*operand = expr;
	return change;
}

bool
cass_change_is_strict(const CassShape *shape, int att, CassChange change)
{
	return change != CASS_CHANGE_ASSIGN &&
		   shape->atts[att].type->id == CQL_TYPE_MAP;
}
