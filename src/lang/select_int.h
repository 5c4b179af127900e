/*
 * select_int.h
 *	  Inside of select: the state of one decision and its parts.
 *
 * Included by select*.c only.
 */
#ifndef CQL_SELECT_INT_H
#define CQL_SELECT_INT_H

#include "cql_select.h"

typedef struct cql_select_state
{
	const cql_select_input *in;
	cql_select_plan *plan;
	/* First partition key column not restricted by = or IN, or -1. */
	int free_key;
	/*
	 * First clustering column not restricted by the prefix (a count of
	 * clustering columns), and whether a range stands before it.
	 */
	uint32_t free_clustering;
	bool free_after_range;
	/* The wanted order holds unless an index spoils it. */
	bool keep_order;
} cql_select_state;

/* ---- select_state.c ---- */

extern void cql_select_refuse(cql_reason *reason, cql_why why, int column,
							  int other, int index);
/* Neither placed nor refused yet. */
extern bool cql_select_open(const cql_select_state *s, uint32_t i);
/* A comparison (EQ ... GE) of this one column. */
extern bool cql_select_compares(const cql_cond *cond, uint32_t column);
/* What the open comparisons of a column come to; false: there is none. */
extern bool cql_select_shape(const cql_select_state *s, uint32_t column,
							 cql_shape *shape);
/* The shape that an open condition, with those it merges with, comes to. */
extern cql_shape cql_select_cond_shape(const cql_select_state *s, uint32_t i);
/* A new restriction of one column; conditions are to be fed into it. */
extern cql_restriction *cql_select_restrict(cql_select_state *s,
											uint32_t column, cql_shape shape);
/* Makes condition i part of the newest restriction. */
extern void cql_select_feed(cql_select_state *s, uint32_t i);
/* Restricts a column by all open comparisons of it. */
extern void cql_select_place(cql_select_state *s, uint32_t column,
							 cql_shape shape, bool fanout);
/* The restriction of a column by = (no fan-out) in the WHERE clause. */
extern bool cql_select_fixed(const cql_select_state *s, uint32_t column);
/*
 * Whether CQL forbids a restriction of the column beside those there are: only
 * CONTAINS and its kin go together.
 */
extern bool cql_select_clashes(const cql_select_state *s, uint32_t column,
							   cql_shape shape);

/*
 * Refuses lists of addresses that would be bound as one value: the server
 * decodes it and makes IPv4 of mapped IPv6 addresses.
 */
extern void cql_select_refuse_lists(cql_select_state *s);

/* ---- select_check.c ---- */

/* Refuses the conditions that no query may carry. */
extern void cql_select_check(cql_select_state *s);

/* ---- select_key.c ---- */

/* The partition key, its token, and the clustering columns of a partition. */
extern void cql_select_keys(cql_select_state *s);

/* ---- select_index.c ---- */

/* Indexes for open conditions. */
extern void cql_select_indexes(cql_select_state *s);
/* The first index on a column, or -1. */
extern int cql_select_index_on(const cql_select_state *s, uint32_t column);
/* The SAI index on a vector column, or -1. */
extern int cql_select_vector_index(const cql_select_state *s, uint32_t column);

/* ---- select_filter.c ---- */

/* ALLOW FILTERING for open conditions, and reasons for all that stay open. */
extern void cql_select_filter(cql_select_state *s);

/* ---- select_order.c ---- */

/* Whether the rows can come in the wanted order. */
extern void cql_select_order(cql_select_state *s);
/* Limits and aggregates, after all else is decided. */
extern void cql_select_wishes(cql_select_state *s);

#endif /* CQL_SELECT_INT_H */
