/*
 * pushdown.h
 *	  Which conditions go to Cassandra, and in which form.
 */
#ifndef CASS_PUSHDOWN_H
#define CASS_PUSHDOWN_H

#include "cassandra_fdw.h"

/* "column strategy value" or "column = ANY (value)" out of a clause. */
typedef struct CassCondition
{
	RestrictInfo *rinfo;
	int att;	  /* index into shape->atts */
	int strategy; /* btree strategy */
	bool any;	  /* value is an array */
	Oid valtype;  /* of the value, or of the array's elements */
	Expr *value;
	CassExactness exactness;
	bool pushed;
} CassCondition;

/* The one decision that plan, deparse, scan and EXPLAIN read. */
typedef struct CassDecision
{
	List *conditions; /* of CassCondition *, those of a usable form */
	bool keyed;		  /* the whole partition key is given */
	int npoints;	  /* clustering columns after it given by value */
	int range;		  /* clustering position of a range, or -1 */
	List *local;	  /* RestrictInfos PostgreSQL must check, in its order */
	List *remote;	  /* RestrictInfos Cassandra alone checks */
	List *reasons;	  /* of char *, why clauses stay local */
} CassDecision;

extern CassDecision *cass_decide(PlannerInfo *root, RelOptInfo *baserel,
								 CassShape *shape, List *rinfos);

/* Attribute (index) mapped to the table's column, or -1. */
extern int cass_att_of_column(const CassShape *shape, int column);

/* ---- deparse.c ---- */

/* What a SELECT restricts, for its text. */
typedef struct CassSelect
{
	const CassShape *shape;
	List *retrieved;   /* attribute numbers, in order; may be NIL */
	int npoints;	   /* key columns given by value, in key order */
	int range;		   /* index into table->columns, or -1 */
	const char *lower; /* ">" or ">=", or NULL */
	const char *upper; /* "<" or "<=", or NULL */
	bool by_token;	   /* a piece of the ring */
} CassSelect;

/* Text with one marker a value: points, lower, upper, or the two tokens. */
extern char *cass_deparse_select(const CassSelect *select);

/* fdw_private of a scan */
typedef enum CassScanPrivate
{
	CASS_SCAN_RETRIEVED,  /* Integer list: attribute numbers */
	CASS_SCAN_CONDITIONS, /* Integer list: 4 numbers a condition */
	CASS_SCAN_SHAPE,	  /* Integer list: keyed, npoints, range, split */
	CASS_SCAN_CQL,		  /* String: for EXPLAIN */
	CASS_SCAN_REASONS	  /* String list */
} CassScanPrivate;

#endif /* CASS_PUSHDOWN_H */
