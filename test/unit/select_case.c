/*
 * select_case.c
 *	  Reader of the cases of select, and what a decision says as CQL text.
 */
#include "select_case.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "type.h"
#include "unit.h"

static void
add(char *out, size_t size, const char *fmt, ...)
{
	size_t len = strlen(out);
	va_list args;

	va_start(args, fmt);
	vsnprintf(out + len, size - len, fmt, args);
	va_end(args);
}

/* ---- tables ---- */

void
case_table_start(case_table *t, const char *name)
{
	memset(t, 0, sizeof(*t));
	cql_arena_init(&t->arena, &unit_env, 1u << 20);
	t->table.keyspace = "ks";
	t->table.name = cql_arena_strdup(&t->arena, name);
	t->table.columns = t->columns;
	t->table.indexes = t->indexes;
}

void
case_table_free(case_table *t)
{
	cql_arena_free(&t->arena);
}

static int
find_column(const case_table *t, const char *name, size_t len)
{
	uint32_t i;

	for (i = 0; i < t->table.ncolumns; i++)
	{
		if (strlen(t->columns[i].name) == len &&
			strncmp(t->columns[i].name, name, len) == 0)
			return (int) i;
	}
	return -1;
}

static bool
add_index(case_table *t, const char *line)
{
	static const char *const kinds[] = {"legacy", "sasi", "sai", "custom"};
	static const char *const targets[] = {"keys(", "values(", "entries(",
										  "full("};
	cql_schema_index *index = &t->indexes[t->table.nindexes];
	char kind[16];
	char full_name[256];
	char target[64];
	char option[32] = "";
	char *name = target;
	size_t i;

	if (sscanf(line, "index %15s %63s %31s", kind, target, option) < 2)
		return false;
	for (i = 0; i < 4 && strcmp(kinds[i], kind) != 0; i++)
		;
	index->kind = (cql_index_kind) i;
	index->target = CQL_TARGET_COLUMN;
	for (i = 0; i < 4; i++)
	{
		if (strncmp(target, targets[i], strlen(targets[i])) == 0)
		{
			index->target = (cql_index_target) (i + 1);
			name = target + strlen(targets[i]);
			name[strlen(name) - 1] = '\0';
			break;
		}
	}
	index->column = find_column(t, name, strlen(name));
	snprintf(full_name, sizeof(full_name), "%s_%s", t->table.name, name);
	index->name = cql_arena_strdup(&t->arena, full_name);
	index->mode = cql_arena_strdup(&t->arena, option);
	index->class_name = "";
	index->similarity = "";
	index->case_sensitive = strcmp(option, "insensitive") != 0;
	t->table.nindexes++;
	return index->column >= 0;
}

bool
case_table_line(case_table *t, const char *line)
{
	static const char *const kinds[] = {"pk", "ck", "static", "col"};
	cql_schema_column *column = &t->columns[t->table.ncolumns];
	char kind[16];
	char name[64];
	char type[64];
	char option[16] = "";
	size_t i;

	if (strncmp(line, "index ", 6) == 0)
		return add_index(t, line);
	if (sscanf(line, "%15s %63s %63s %15s", kind, name, type, option) < 3)
		return false;
	for (i = 0; i < 4 && strcmp(kinds[i], kind) != 0; i++)
		;
	column->kind = (cql_column_kind) i;
	column->name = cql_arena_strdup(&t->arena, name);
	column->type_text = cql_arena_strdup(&t->arena, type);
	column->type = cql_type_from_cql(type, "ks", NULL, NULL, &t->arena);
	column->descending = strcmp(option, "desc") == 0;
	column->masked = strcmp(option, "masked") == 0;
	column->position = i == 0	? (int) t->table.npartition++
					   : i == 1 ? (int) t->table.nclustering++
								: -1;
	t->table.ncolumns++;
	return i < 4 && column->type != NULL;
}

/* ---- conditions ---- */

typedef struct operator_text
{
	const char *text;
	cql_cond_op op;
} operator_text;

static const operator_text operators[] = {
	{"contains key ", CQL_COND_CONTAINS_KEY},
	{"contains ", CQL_COND_CONTAINS},
	{"like ", CQL_COND_LIKE_PREFIX},
	{"in ", CQL_COND_IN},
	{"<=", CQL_COND_LE},
	{">=", CQL_COND_GE},
	{"<", CQL_COND_LT},
	{">", CQL_COND_GT},
	{"=", CQL_COND_EQ},
};

/* Columns "c", "(c,d)", "token" or "m['k']"; where the operator begins. */
static const char *
read_columns(const case_table *t, cql_cond *cond, char *key, const char *p)
{
	bool tuple = *p == '(';

	p += tuple;
	for (;;)
	{
		size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");
		int column = find_column(t, p, n);

		if (n == 5 && strncmp(p, "token", 5) == 0)
			cond->token = true;
		else if (column < 0)
			return NULL;
		else
			cond->columns[cond->ncolumns++] = (uint16_t) column;
		p += n;
		if (*p == '[')
		{
			n = strcspn(p, "]") + 1;
			snprintf(key, 32, "%.*s", (int) n, p);
			p += n;
		}
		if (!tuple || *p == ')')
			return p + tuple;
		p++;
	}
}

static bool
read_cond(case_input *in, const case_table *t, char *text)
{
	uint32_t i = in->input.nconds++;
	cql_cond *cond = &in->conds[i];
	const char *p;
	size_t o;

	cond->exact = text[strlen(text) - 1] != '~';
	if (!cond->exact)
		text[strlen(text) - 1] = '\0';
	snprintf(in->texts[i], sizeof(in->texts[i]), "%s", text);
	p = read_columns(t, cond, in->keys[i], text);
	if (p == NULL)
		return false;
	p += strspn(p, " ");
	for (o = 0; o < sizeof(operators) / sizeof(operators[0]); o++)
	{
		if (strncmp(p, operators[o].text, strlen(operators[o].text)) == 0)
			break;
	}
	if (o == sizeof(operators) / sizeof(operators[0]))
		return false;
	cond->op = operators[o].op;
	p += strlen(operators[o].text);
	snprintf(in->values[i], sizeof(in->values[i]), "%s", p);
	if (in->keys[i][0] != '\0')
		cond->op = CQL_COND_MAP_ENTRY;
	if (cond->op == CQL_COND_LIKE_PREFIX && p[1] == '%')
		cond->op = p[strlen(p) - 2] == '%' ? CQL_COND_LIKE_CONTAINS
										   : CQL_COND_LIKE_SUFFIX;
	return true;
}

/* ---- wishes ---- */

static bool
read_columns_list(const case_table *t, const char *text, uint16_t *columns,
				  uint32_t *n)
{
	while (*text != '\0')
	{
		size_t len = strcspn(text, ",");
		int column = find_column(t, text, len);

		if (column < 0)
			return false;
		columns[(*n)++] = (uint16_t) column;
		text += len + (text[len] == ',');
	}
	return true;
}

static bool
read_order(case_input *in, const case_table *t, const char *text)
{
	while (*text != '\0')
	{
		cql_order *order = &in->order[in->input.norder++];
		size_t len;
		int column;

		order->descending = *text == '-';
		text += order->descending;
		len = strcspn(text, ",");
		column = find_column(t, text, len);
		if (column < 0)
			return false;
		order->column = (uint16_t) column;
		text += len + (text[len] == ',');
	}
	return true;
}

static bool
read_wish(case_input *in, const case_table *t, const char *word)
{
	cql_select_input *input = &in->input;
	const char *value = strchr(word, '=');

	value = value == NULL ? "" : value + 1;
	if (strcmp(word, "limit") == 0)
		input->limit = true;
	else if (strcmp(word, "ring") == 0)
		input->ring = true;
	else if (strcmp(word, "ppl") == 0)
		input->partition_limit = true;
	else if (strcmp(word, "nofanout") == 0)
		input->fanout = false;
	else if (strcmp(word, "filtering") == 0)
		input->filtering = CQL_FILTERING_ALWAYS;
	else if (strcmp(word, "nofiltering") == 0)
		input->filtering = CQL_FILTERING_NEVER;
	else if (strncmp(word, "release=", 8) == 0)
		input->release = atoi(value);
	else if (strncmp(word, "order=", 6) == 0)
		return read_order(in, t, value);
	else if (strcmp(word, "count") == 0)
		input->aggregate = CQL_AGG_COUNT;
	else if (strncmp(word, "group=", 6) == 0)
	{
		input->aggregate = CQL_AGG_COUNT;
		return read_columns_list(t, value, in->group, &input->ngroup);
	}
	else if (strncmp(word, "distinct=", 9) == 0)
	{
		input->aggregate = CQL_AGG_DISTINCT;
		return read_columns_list(t, value, in->group, &input->ngroup);
	}
	else if (strncmp(word, "ann=", 4) == 0)
	{
		input->aggregate = CQL_AGG_ANN;
		input->vector = (uint16_t) find_column(t, value, strlen(value));
	}
	else
		return false;
	return true;
}

bool
case_input_read(case_input *in, const case_table *t, const char *line)
{
	char copy[512];
	char *wishes;
	char *part;
	char *save;

	memset(in, 0, sizeof(*in));
	in->input.table = &t->table;
	in->input.conds = in->conds;
	in->input.fanout = true;
	in->input.filtering = CQL_FILTERING_PARTITION;
	in->input.order = in->order;
	in->input.group = in->group;
	in->plan.conds = in->cond_plans;
	in->plan.restrictions = in->restrictions;
	snprintf(copy, sizeof(copy), "%s", line);
	wishes = strchr(copy, '|');
	if (wishes != NULL)
		*wishes++ = '\0';
	for (part = strtok_r(copy, ";", &save); part != NULL;
		 part = strtok_r(NULL, ";", &save))
	{
		part += strspn(part, " ");
		while (*part != '\0' && part[strlen(part) - 1] == ' ')
			part[strlen(part) - 1] = '\0';
		if (*part != '\0' && !read_cond(in, t, part))
			return false;
	}
	for (part = wishes == NULL ? NULL : strtok_r(wishes, " ", &save);
		 part != NULL; part = strtok_r(NULL, " ", &save))
	{
		if (!read_wish(in, t, part))
			return false;
	}
	return true;
}

/* ---- printing ---- */

static void
print_columns(const case_input *in, const cql_restriction *r, char *out,
			  size_t size)
{
	const cql_schema_table *table = in->input.table;
	uint32_t i;

	if (r->token)
	{
		add(out, size, "token(");
		for (i = 0; i < table->npartition; i++)
			add(out, size, "%s%s", i > 0 ? ", " : "", table->columns[i].name);
		add(out, size, ")");
		return;
	}
	add(out, size, r->tuple ? "(" : "");
	for (i = 0; i < r->ncolumns; i++)
		add(out, size, "%s%s", i > 0 ? ", " : "",
			table->columns[r->columns[i]].name);
	add(out, size, r->tuple ? ")" : "");
}

/* The first condition of the restriction with one of two operators. */
static int
feeding(const case_input *in, int restriction, cql_cond_op a, cql_cond_op b)
{
	uint32_t i;

	for (i = 0; i < in->input.nconds; i++)
	{
		if (in->cond_plans[i].restriction == restriction &&
			(in->conds[i].op == a || in->conds[i].op == b))
			return (int) i;
	}
	return -1;
}

static void
print_relation(const case_input *in, const cql_restriction *r, const char *op,
			   const char *value, char *out, size_t size)
{
	/* A column alone, treated as a row, wants its value so too. */
	bool wrap = r->tuple && r->ncolumns == 1;

	add(out, size, strstr(out, " WHERE ") == NULL ? " WHERE " : " AND ");
	print_columns(in, r, out, size);
	add(out, size, " %s %s%s%s", op, wrap ? "(" : "", value, wrap ? ")" : "");
}

/* The first of the values "(1,2)". */
static void
first_value(const char *list, char *out, size_t size)
{
	snprintf(out, size, "%.*s", (int) strcspn(list + 1, ",)"), list + 1);
}

static void
print_range(const case_input *in, int n, char *out, size_t size)
{
	static const char *const names[] = {"=", "IN", "<", "<=", ">", ">="};
	const cql_restriction *r = &in->restrictions[n];
	int lower = feeding(in, n, CQL_COND_GT, CQL_COND_GE);
	int upper = feeding(in, n, CQL_COND_LT, CQL_COND_LE);

	CHECK_INT(r->lower, lower >= 0);
	CHECK_INT(r->upper, upper >= 0);
	if (lower >= 0)
		print_relation(in, r, names[in->conds[lower].op], in->values[lower],
					   out, size);
	if (upper >= 0)
		print_relation(in, r, names[in->conds[upper].op], in->values[upper],
					   out, size);
}

static void
print_restriction(const case_input *in, int n, char *out, size_t size)
{
	const cql_restriction *r = &in->restrictions[n];
	char value[128];
	int i;

	switch (r->shape)
	{
		case CQL_SHAPE_EQ:
			i = feeding(in, n, CQL_COND_EQ, CQL_COND_EQ);
			print_relation(in, r, "=", in->values[i], out, size);
			break;
		case CQL_SHAPE_IN:
			i = feeding(in, n, CQL_COND_IN, CQL_COND_IN);
			first_value(in->values[i], value, sizeof(value));
			print_relation(in, r, r->fanout ? "=" : "IN",
						   r->fanout ? value : in->values[i], out, size);
			break;
		case CQL_SHAPE_RANGE:
			print_range(in, n, out, size);
			break;
		case CQL_SHAPE_CONTAINS:
			i = feeding(in, n, CQL_COND_CONTAINS, CQL_COND_CONTAINS);
			print_relation(in, r, "CONTAINS", in->values[i], out, size);
			break;
		case CQL_SHAPE_CONTAINS_KEY:
			i = feeding(in, n, CQL_COND_CONTAINS_KEY, CQL_COND_CONTAINS_KEY);
			print_relation(in, r, "CONTAINS KEY", in->values[i], out, size);
			break;
		case CQL_SHAPE_MAP_ENTRY:
			i = feeding(in, n, CQL_COND_MAP_ENTRY, CQL_COND_MAP_ENTRY);
			snprintf(value, sizeof(value), "%s =", in->keys[i]);
			print_relation(in, r, value, in->values[i], out, size);
			break;
		case CQL_SHAPE_LIKE:
			for (i = 0; in->cond_plans[i].restriction != n; i++)
				;
			print_relation(in, r, "LIKE", in->values[i], out, size);
			break;
	}
}

static bool
is_group(const case_input *in, uint32_t column)
{
	uint32_t i;

	for (i = 0; i < in->input.ngroup; i++)
	{
		if (in->group[i] == column)
			return true;
	}
	return false;
}

/* Names of the group columns, for DISTINCT with the whole partition key. */
static void
print_groups(const case_input *in, bool distinct, char *out, size_t size)
{
	const cql_schema_table *table = in->input.table;
	const char *comma = "";
	uint32_t i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (!is_group(in, i) && !(distinct && i < table->npartition))
			continue;
		add(out, size, "%s%s", comma, table->columns[i].name);
		comma = ", ";
	}
}

static void
print_list(const case_input *in, char *out, size_t size)
{
	add(out, size, "SELECT ");
	if (!in->plan.aggregate || in->input.aggregate == CQL_AGG_ANN)
		add(out, size, "*");
	else if (in->input.aggregate == CQL_AGG_DISTINCT)
	{
		add(out, size, "DISTINCT ");
		print_groups(in, true, out, size);
	}
	else
	{
		print_groups(in, false, out, size);
		add(out, size, "%scount(*)", in->input.ngroup > 0 ? ", " : "");
	}
	add(out, size, " FROM %s", in->input.table->name);
}

static void
print_notes(const case_input *in, char *out, size_t size)
{
	static const char *const access[] = {"partition", "index", "scan"};
	const cql_select_plan *plan = &in->plan;

	add(out, size, "\n= %s", access[plan->access]);
	if (plan->fanout)
		add(out, size, " fanout");
	if (plan->merge)
		add(out, size, " merge");
	if (plan->index >= 0)
		add(out, size, " %s", in->input.table->indexes[plan->index].name);
	if (!plan->exact)
		add(out, size, " recheck");
}

void
case_print(const case_input *in, char *out, size_t size)
{
	const cql_schema_table *table = in->input.table;
	const cql_select_plan *plan = &in->plan;
	uint32_t i;

	print_list(in, out, size);
	for (i = 0; i < plan->nrestrictions; i++)
		print_restriction(in, (int) i, out, size);
	if (plan->aggregate && in->input.aggregate == CQL_AGG_COUNT &&
		in->input.ngroup > 0)
	{
		add(out, size, " GROUP BY ");
		print_groups(in, false, out, size);
	}
	if (plan->aggregate && in->input.aggregate == CQL_AGG_ANN)
		add(out, size, " ORDER BY %s ANN OF [1, 2]",
			table->columns[in->input.vector].name);
	if (plan->reversed)
		add(out, size, " ORDER BY %s %s",
			table->columns[table->npartition].name,
			table->columns[table->npartition].descending ? "ASC" : "DESC");
	if (plan->partition_limit)
		add(out, size, " PER PARTITION LIMIT 2");
	if (plan->limit)
		add(out, size, " LIMIT 3");
	if (plan->filtering)
		add(out, size, " ALLOW FILTERING");
	print_notes(in, out, size);
}

static void
print_reason(const case_input *in, const char *what, const cql_reason *reason,
			 char *out, size_t size)
{
	char text[CQL_REASON_SIZE];

	if (reason->why != CQL_WHY_NONE)
		add(out, size, "\n- %s: %s", what,
			cql_reason_print(in->input.table, reason, text, sizeof(text)));
}

void
case_print_reasons(const case_input *in, char *out, size_t size)
{
	uint32_t i;

	for (i = 0; i < in->input.nconds; i++)
	{
		const cql_cond_plan *cond = &in->cond_plans[i];

		CHECK_INT(cond->restriction < 0, cond->place == CQL_PLACE_LOCAL);
		CHECK_INT(cond->reason.why != CQL_WHY_NONE,
				  cond->place == CQL_PLACE_LOCAL);
		CHECK(cond->place != CQL_PLACE_LOCAL || cond->recheck);
		print_reason(in, in->texts[i], &cond->reason, out, size);
	}
	print_reason(in, "order", &in->plan.order_reason, out, size);
	print_reason(in, "aggregate", &in->plan.aggregate_reason, out, size);
	print_reason(in, "partition limit", &in->plan.partition_limit_reason, out,
				 size);
	print_reason(in, "limit", &in->plan.limit_reason, out, size);
}
