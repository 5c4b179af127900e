/*
 * select_case.h
 *	  Reader of the cases of select, and what a decision says as CQL text.
 *
 * Language of select_cases.txt: see there.
 */
#ifndef SELECT_CASE_H
#define SELECT_CASE_H

#include "alloc.h"
#include "cql_select.h"

#define CASE_MAX 16 /* columns, indexes, conditions, groups */

typedef struct case_table
{
	cql_arena arena;
	cql_schema_table table;
	cql_schema_column columns[2 * CASE_MAX];
	cql_schema_index indexes[2 * CASE_MAX];
} case_table;

typedef struct case_input
{
	cql_select_input input;
	cql_cond conds[CASE_MAX];
	char texts[CASE_MAX][128];	/* of the conditions, as written */
	char values[CASE_MAX][128]; /* what stands after their operators */
	char keys[CASE_MAX][32];	/* of map entries */
	cql_order order[CASE_MAX];
	uint16_t group[CASE_MAX];
	cql_cond_plan cond_plans[CASE_MAX];
	cql_restriction restrictions[CASE_MAX];
	cql_select_plan plan;
} case_input;

extern void case_table_start(case_table *t, const char *name);
/* A line "pk|ck|static|col NAME TYPE..." or "index KIND TARGET OPTIONS". */
extern bool case_table_line(case_table *t, const char *line);
extern void case_table_free(case_table *t);
/* A line "CONDITION; ... | WISH ...". */
extern bool case_input_read(case_input *in, const case_table *t,
							const char *line);
/* The decision as CQL, and its notes; out is empty at first. */
extern void case_print(const case_input *in, char *out, size_t size);
/* One line "- WHAT: REASON" for each refusal. */
extern void case_print_reasons(const case_input *in, char *out, size_t size);

#endif /* SELECT_CASE_H */
