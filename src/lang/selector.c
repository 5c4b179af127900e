/*
 * selector.c
 *	  The grammar of selectors.
 *
 * Includes selector.h only; called by the layers above.  Everything that is
 * printed has been read by the grammar: nothing of the input is pasted.
 */
#include "selector_int.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool parse_selector(cql_selector_parser *p, cql_selector_node *node);

/* ---- columns, fields, elements ---- */

static bool
unknown_column(cql_selector_parser *p, const char *name)
{
	for (uint32_t i = 0; i < p->table->ncolumns; i++)
	{
		if (strcasecmp(p->table->columns[i].name, name) == 0)
			cql_selector_hint(p,
							  "There is a column \"%s\": names with "
							  "upper-case letters need double quotes.",
							  p->table->columns[i].name);
	}
	return cql_selector_fail(p, CQL_SELECTOR_COLUMN,
							 "column \"%s\" does not exist in table "
							 "\"%s\".\"%s\" of Cassandra",
							 name, p->table->keyspace, p->table->name);
}

static bool
use_column(cql_selector_parser *p, const char *name, cql_selector_node *node)
{
	if (p->table == NULL)
		return cql_selector_put_name(p, name);
	for (uint32_t i = 0; i < p->table->ncolumns; i++)
	{
		if (strcmp(p->table->columns[i].name, name) != 0)
			continue;
		node->column = (int) i;
		node->type = p->table->columns[i].type;
		return cql_selector_put_name(p, name);
	}
	return unknown_column(p, name);
}

static bool
use_field(cql_selector_parser *p, cql_selector_node *node)
{
	char name[CQL_SELECTOR_NAME];
	bool quoted;
	const cql_type *type = node->type;

	if (!cql_selector_name(p, name, &quoted))
		return false;
	if (p->table == NULL)
	{
		node->type = NULL;
		return cql_selector_put(p, ".") && cql_selector_put_name(p, name);
	}
	if (type == NULL || type->id != CQL_TYPE_UDT)
		return cql_selector_fail(p, CQL_SELECTOR_TYPE,
								 "\"%s\" is not a field: what it is taken of "
								 "is not of a user-defined type",
								 name);
	for (uint32_t i = 0; i < type->nsub; i++)
	{
		if (strcmp(type->fields[i], name) != 0)
			continue;
		node->type = type->sub[i];
		return cql_selector_put(p, ".") && cql_selector_put_name(p, name);
	}
	return cql_selector_fail(p, CQL_SELECTOR_COLUMN,
							 "type \"%s\" has no field \"%s\"", type->name,
							 name);
}

static bool
use_element(cql_selector_parser *p, cql_selector_node *node)
{
	const cql_type *type = node->type;
	const cql_type *ignored;

	if (p->table != NULL && (type == NULL || (type->id != CQL_TYPE_MAP &&
											  type->id != CQL_TYPE_SET)))
	{
		cql_selector_hint(p, "Select the whole value and take its element in "
							 "SQL.");
		return cql_selector_fail(p, CQL_SELECTOR_TYPE,
								 "elements can be selected of maps and sets "
								 "only");
	}
	node->type =
		p->table == NULL ? NULL : type->sub[type->id == CQL_TYPE_MAP ? 1 : 0];
	if (!cql_selector_put(p, "[") || !cql_selector_constant(p, &ignored))
		return false;
	if (!cql_selector_take(p, ']'))
		return cql_selector_syntax(p);
	return cql_selector_put(p, "]");
}

static bool
parse_modifiers(cql_selector_parser *p, cql_selector_node *node)
{
	for (;;)
	{
		if (cql_selector_take(p, '.'))
		{
			if (!use_field(p, node))
				return false;
		}
		else if (cql_selector_take(p, '['))
		{
			if (!use_element(p, node))
				return false;
		}
		else
			return true;
		node->column = -1;
	}
}

/* ---- functions of columns ---- */

/* Whether each element or field has a write time of its own. */
static bool
has_many_cells(const cql_type *type)
{
	return !type->frozen &&
		   (type->id == CQL_TYPE_LIST || type->id == CQL_TYPE_SET ||
			type->id == CQL_TYPE_MAP || type->id == CQL_TYPE_UDT);
}

/* Whether the column's cells have a write time and a TTL. */
static bool
check_cells(cql_selector_parser *p, const char *function, const char *name,
			const cql_selector_node *node)
{
	cql_column_kind kind;

	if (p->table == NULL)
		return true;
	kind = p->table->columns[node->column].kind;
	if (p->table->kind == CQL_VIRTUAL_TABLE)
		return cql_selector_fail(p, CQL_SELECTOR_UNSUPPORTED,
								 "%s() cannot be applied to virtual tables",
								 function);
	if (kind == CQL_PARTITION_KEY || kind == CQL_CLUSTERING)
		return cql_selector_fail(p, CQL_SELECTOR_UNSUPPORTED,
								 "%s() cannot be applied to column \"%s\", "
								 "which is part of the primary key",
								 function, name);
	return true;
}

/* writetime(), maxwritetime(), ttl(); the "(" has been taken. */
static bool
parse_cell_function(cql_selector_parser *p, const char *function,
					cql_selector_node *node)
{
	char name[CQL_SELECTOR_NAME];
	cql_type_id id =
		strcmp(function, "ttl") == 0 ? CQL_TYPE_INT : CQL_TYPE_BIGINT;
	const cql_type *result = cql_type_scalar(id);
	bool quoted;

	if (!cql_selector_put(p, function) || !cql_selector_put(p, "(") ||
		!cql_selector_name(p, name, &quoted) || !use_column(p, name, node) ||
		!check_cells(p, function, name, node) || !parse_modifiers(p, node))
		return false;
	if (node->column >= 0 && has_many_cells(node->type) &&
		strcmp(function, "maxwritetime") != 0)
		result = cql_selector_make(p, CQL_TYPE_LIST, result);
	p->out->write_time = p->depth == 1 && id == CQL_TYPE_BIGINT;
	node->column = -1;
	node->type = result;
	if (result == NULL)
		return false;
	return cql_selector_take(p, ')') ? cql_selector_put(p, ")")
									 : cql_selector_syntax(p);
}

/* token(); the "(" has been taken. */
static bool
parse_token(cql_selector_parser *p, cql_selector_node *node)
{
	uint32_t npartition = p->table == NULL ? 0 : p->table->npartition;
	char name[CQL_SELECTOR_NAME];
	bool quoted;
	uint32_t n = 0;

	if (!cql_selector_put(p, "token("))
		return false;
	do
	{
		if ((n > 0 && !cql_selector_put(p, ", ")) ||
			!cql_selector_name(p, name, &quoted) || !use_column(p, name, node))
			return false;
		if (n >= npartition || node->column != (int) n)
			n = npartition;
		n++;
	} while (cql_selector_take(p, ','));
	if (p->table != NULL && n != npartition)
		return cql_selector_fail(p, CQL_SELECTOR_TYPE,
								 "token() needs the columns of the partition "
								 "key, all of them in their order");
	node->column = -1;
	node->type = cql_type_scalar(CQL_TYPE_BIGINT);
	return cql_selector_take(p, ')') ? cql_selector_put(p, ")")
									 : cql_selector_syntax(p);
}

/* ---- other functions ---- */

/* Arguments up to the ")"; the first one is kept. */
static bool
parse_arguments(cql_selector_parser *p, cql_selector_node *first, uint32_t *n)
{
	cql_selector_node other;

	*n = 0;
	if (!cql_selector_put(p, "("))
		return false;
	if (cql_selector_take(p, ')'))
		return cql_selector_put(p, ")");
	do
	{
		if ((*n > 0 && !cql_selector_put(p, ", ")) ||
			!parse_selector(p, *n == 0 ? first : &other))
			return false;
		++*n;
	} while (cql_selector_take(p, ','));
	return cql_selector_take(p, ')') ? cql_selector_put(p, ")")
									 : cql_selector_syntax(p);
}

static bool
parse_native(cql_selector_parser *p, const char *name,
			 const cql_selector_native *native, cql_selector_node *node)
{
	cql_selector_node first;
	uint32_t n;

	if (native->result == CQL_RESULT_AGGREGATE)
	{
		cql_selector_hint(p, "Use the aggregate of SQL.");
		return cql_selector_fail(p, CQL_SELECTOR_UNSUPPORTED,
								 "%s() is an aggregate", name);
	}
	memset(&first, 0, sizeof(first));
	if (!cql_selector_put(p, name) || !parse_arguments(p, &first, &n))
		return false;
	if (n < native->min || n > native->max)
		return cql_selector_fail(p, CQL_SELECTOR_TYPE,
								 "wrong number of arguments of function %s",
								 name);
	return cql_selector_native_type(p, name, native, &first, &node->type);
}

/* A function that is not the server's own: only the server knows its type. */
static bool
parse_user_function(cql_selector_parser *p, const char *keyspace,
					const char *name, cql_selector_node *node)
{
	cql_selector *out = p->out;
	cql_selector_function *function = &out->functions[out->nfunctions];
	const char *own = p->table == NULL ? "" : p->table->keyspace;
	cql_selector_node first;
	uint32_t n;

	if (out->nfunctions >= CQL_SELECTOR_FUNCTIONS)
		return cql_selector_fail(p, CQL_SELECTOR_LIMIT,
								 "expression calls too many functions");
	out->nfunctions++;
	strcpy(function->name, name);
	(void) snprintf(function->keyspace, sizeof(function->keyspace), "%s",
					keyspace != NULL ? keyspace : own);
	strcpy(node->name, name);
	node->type = NULL;
	return cql_selector_put_name(p, function->keyspace) &&
		   cql_selector_put(p, ".") && cql_selector_put_name(p, name) &&
		   parse_arguments(p, &first, &n);
}

/* A function of the server's own; the "(" has been taken. */
static bool
parse_own(cql_selector_parser *p, const char *name, cql_selector_node *node)
{
	cql_selector_native native;

	if (strcmp(name, "token") == 0)
		return parse_token(p, node);
	if (cql_selector_native_find(name, &native))
		return parse_native(p, name, &native, node);
	return cql_selector_fail(p, CQL_SELECTOR_TYPE,
							 "function system.%s is not known", name);
}

static bool
parse_function(cql_selector_parser *p, const char *name, bool quoted,
			   cql_selector_node *node)
{
	cql_selector_native native;

	p->pos++; /* "(" */
	if (!quoted &&
		(strcmp(name, "writetime") == 0 || strcmp(name, "ttl") == 0 ||
		 strcmp(name, "maxwritetime") == 0))
		return parse_cell_function(p, name, node);
	if ((!quoted && strcmp(name, "token") == 0) ||
		cql_selector_native_find(name, &native))
		return parse_own(p, name, node);
	return parse_user_function(p, NULL, name, node);
}

/* "keyspace.function(": the part after the dot, where it is one. */
static bool
take_qualified(cql_selector_parser *p, char name[CQL_SELECTOR_NAME])
{
	const char *start = p->pos;
	bool quoted;

	if (cql_selector_take(p, '.') && cql_selector_name(p, name, &quoted) &&
		cql_selector_at(p, '('))
		return true;
	p->pos = start;
	p->out->code = CQL_SELECTOR_OK;
	return false;
}

static bool
parse_qualified(cql_selector_parser *p, const char *keyspace, const char *name,
				cql_selector_node *node)
{
	p->pos++; /* "(" */
	if (strcmp(keyspace, "system") == 0)
		return parse_own(p, name, node);
	return parse_user_function(p, keyspace, name, node);
}

/* ---- casts and constants ---- */

/* A type without parameters. */
static const cql_type *
parse_type(cql_selector_parser *p)
{
	char name[CQL_SELECTOR_NAME];
	const cql_type *type = NULL;
	bool quoted;

	if (!cql_selector_name(p, name, &quoted))
		return NULL;
	if (!quoted)
		type = cql_type_scalar_by_name(name, strlen(name));
	if (type == NULL || type->id == CQL_TYPE_COUNTER)
	{
		(void) cql_selector_fail(p, CQL_SELECTOR_TYPE,
								 "\"%s\" is not a type to cast to", name);
		return NULL;
	}
	return type;
}

/* CAST; the "(" has been taken. */
static bool
parse_cast(cql_selector_parser *p, cql_selector_node *node)
{
	cql_selector_node inner;
	const cql_type *type;

	if (!cql_selector_put(p, "CAST(") || !parse_selector(p, &inner))
		return false;
	if (!cql_selector_take_word(p, "as"))
		return cql_selector_syntax(p);
	type = parse_type(p);
	if (type == NULL)
		return false;
	node->type = type;
	if (!cql_selector_take(p, ')'))
		return cql_selector_syntax(p);
	return cql_selector_put(p, " AS ") &&
		   cql_selector_put(p, cql_type_scalar_name(type->id)) &&
		   cql_selector_put(p, ")");
}

/* "(type) constant"; the "(" has been taken. */
static bool
parse_typed_constant(cql_selector_parser *p, cql_selector_node *node)
{
	const cql_type *type = parse_type(p);
	const cql_type *ignored;

	if (type == NULL)
		return false;
	if (!cql_selector_take(p, ')'))
		return cql_selector_syntax(p);
	node->type = type;
	node->constant = true;
	return cql_selector_put(p, "(") &&
		   cql_selector_put(p, cql_type_scalar_name(type->id)) &&
		   cql_selector_put(p, ")") && cql_selector_constant(p, &ignored);
}

/* A constant; the server wants to be told the type of one that is alone. */
static bool
parse_constant(cql_selector_parser *p, cql_selector_node *node)
{
	const char *start = p->pos;
	size_t len = p->len;

	node->constant = true;
	if (!cql_selector_constant(p, &node->type))
		return false;
	if (p->depth > 1)
		return true;
	if (node->type == NULL)
		return cql_selector_fail(p, CQL_SELECTOR_TYPE,
								 "a list constant has no type of its own");
	/* again, behind its type */
	p->pos = start;
	p->len = len;
	return cql_selector_put(p, "(") &&
		   cql_selector_put(p, cql_type_scalar_name(node->type->id)) &&
		   cql_selector_put(p, ")") && cql_selector_constant(p, &node->type);
}

/* What begins with a name. */
static bool
parse_named(cql_selector_parser *p, cql_selector_node *node)
{
	char name[CQL_SELECTOR_NAME];
	char function[CQL_SELECTOR_NAME];
	bool quoted;
	bool ok;

	if (!cql_selector_name(p, name, &quoted))
		return false;
	if (!quoted && strcmp(name, "cast") == 0 && cql_selector_take(p, '('))
		return parse_cast(p, node);
	if (cql_selector_at(p, '('))
		ok = parse_function(p, name, quoted, node);
	else if (take_qualified(p, function))
		ok = parse_qualified(p, name, function, node);
	else
		ok = use_column(p, name, node);
	return ok && parse_modifiers(p, node);
}

static bool
parse_selector(cql_selector_parser *p, cql_selector_node *node)
{
	bool ok;

	memset(node, 0, sizeof(*node));
	node->column = -1;
	if (++p->depth > CQL_SELECTOR_DEPTH)
		return cql_selector_fail(p, CQL_SELECTOR_LIMIT,
								 "expression is nested too deeply");
	if (cql_selector_at_constant(p))
		ok = parse_constant(p, node);
	else if (cql_selector_take(p, '('))
		ok = parse_typed_constant(p, node);
	else
		ok = parse_named(p, node);
	p->depth--;
	return ok;
}

bool
cql_selector_parse(const char *text, const cql_schema_table *table,
				   cql_selector *out)
{
	cql_selector_parser p = {.pos = text, .table = table, .out = out};
	cql_selector_node node;

	memset(out, 0, sizeof(*out));
	if (strlen(text) >= CQL_MAX_SELECTOR)
		return cql_selector_fail(&p, CQL_SELECTOR_LIMIT,
								 "expression is too long");
	if (!parse_selector(&p, &node))
		return false;
	if (!cql_selector_at(&p, '\0'))
		return cql_selector_syntax(&p);
	out->type = node.type;
	if (node.type != NULL || table == NULL)
		return true;
	cql_selector_hint(&p,
					  "If there is such a function, name its type: "
					  "CAST(%s(...) AS type).",
					  node.name);
	return cql_selector_fail(&p, CQL_SELECTOR_TYPE,
							 "the result type of function \"%s\" is not known",
							 node.name);
}
