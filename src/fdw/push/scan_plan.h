/*
 * scan_plan.h
 *	  What the executor reads of a scan's plan.
 */
#ifndef CASS_SCAN_PLAN_H
#define CASS_SCAN_PLAN_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "cql_select.h"
#include "shape.h"

#define CASS_MAX_LIMIT PG_INT32_MAX /* CQL's LIMIT is an int */
#define CASS_SESSION_ZONE 0 /* of a step: no value, but the session's zone */

/* Where the values of conditions come from, and what they mean. */
typedef enum CassSourceKind
{
	CASS_SOURCE_COMPARE, /* column strategy value */
	CASS_SOURCE_POINTS,	 /* column = one of the values; arrays among them */
	CASS_SOURCE_ROW,	 /* (columns) strategy (values) */
	CASS_SOURCE_TIME,	 /* timeuuid_timestamp(column) strategy value */
	CASS_SOURCE_STEPS,	 /* steps(column) strategy value */
	CASS_SOURCE_HULL,	 /* column strategy value, of one of several */
	CASS_SOURCE_PREFIX,	 /* text that begins with the value */
	CASS_SOURCE_PATTERN, /* the value is the pattern of CQL's LIKE */
	CASS_SOURCE_ELEMENT, /* the value is in a collection */
	CASS_SOURCE_KEY,	 /* the value is a key of a map */
	CASS_SOURCE_ENTRY	 /* map[first value] = second value */
} CassSourceKind;

/* A column of the order that rows come in. */
typedef struct CassOrder
{
	int att;
	bool descending;
	bool nulls_first;
	Oid operator; /* the query's own, which need not be the type's default */
	Oid collation;
} CassOrder;

/* What a row of the scan consists of. */
typedef enum CassOutputKind
{
	CASS_OUTPUT_COLUMN,
	CASS_OUTPUT_COUNT, /* att -1: count(*) */
	CASS_OUTPUT_MIN,
	CASS_OUTPUT_MAX
} CassOutputKind;

typedef struct CassOutput
{
	CassOutputKind kind;
	int att;  /* index into shape->atts, or -1 */
	int slot; /* index into the scan's tuple */
} CassOutput;

/* How a scan is to be run, beyond its restrictions. */
typedef struct CassScanPlan
{
	Oid relid;
	char *tag;	 /* of the table as far as it is used, see plan_uses.c */
	List *names; /* for each restriction a list of its columns' names */
	cql_access access;
	bool filtering;
	bool ordered;		 /* the plan counts on the order */
	bool merge;			 /* several requests are to be merged */
	bool ring;			 /* token ranges are read in their order */
	bool distinct;		 /* SELECT DISTINCT */
	bool clustering;	 /* a clustering column is restricted */
	bool split;			 /* all rows are likely to be wanted */
	bool aggregate;		 /* the outputs are aggregates */
	bool probe;			 /* NULLs may come at the wrong end: see order.c */
	int partition_limit; /* or 0 */
	double rows;		 /* estimate of the whole table, -1 unknown */
	int width;			 /* bytes a row, 0 unknown */
	double wanted;		 /* rows likely to be read, 0: all */
	int limit;			 /* expression of LIMIT in fdw_exprs, or -1 */
	int offset;			 /* of OFFSET, or -1 */
	int vector;			 /* expression of ANN's vector, or -1 */
	int vector_att;		 /* its column */
	int check;			 /* condition on rows that are aggregated here */
	int ngroup;			 /* leading outputs to GROUP BY */
	int nrestrictions;
	cql_restriction *restrictions;
	List *order;	 /* of CassOrder * */
	List *outputs;	 /* of CassOutput * */
	List *checked;	 /* of CassOutput *: columns of the check */
	List *sources;	 /* of CassScanSource * */
	char *cql;		 /* for EXPLAIN */
	List *reasons;	 /* of char * */
	List *rechecked; /* the same of what is pushed and checked again */
	char *hint;		 /* what would make the scan cheaper, or NULL */
} CassScanPlan;

/* A source of the plan: its expressions are in fdw_exprs. */
typedef struct CassScanSource
{
	CassSourceKind kind;
	int restriction;
	cql_cond_op op;
	int strategy;
	List *atts;
	List *types;  /* Oid list, as expressions */
	List *arrays; /* Integer list of bools, as expressions */
	List *steps;  /* as of a CassSource */
	int first;	  /* expression of its first value */
	bool again;	  /* its values are those of the source before it */
	int branches; /* clause of whose branches they are, or -1 */
} CassScanSource;

/* ---- plan_uses.c: whether a plan holds ---- */

/* What a plan uses of the CQL table besides its key, n of them. */
extern cql_use *cass_plan_uses(const CassShape *shape,
							   const CassScanPlan *plan, int *n);
extern char *cass_plan_tag(const CassShape *shape, const CassScanPlan *plan);
/*
 * Columns of a plan as the table has them now; ereports, and has plans made
 * anew, where it is another as far as the plan uses it.
 */
extern void cass_plan_settle(CassScanPlan *plan, const CassShape *shape);

/* ---- scan_plan.c: as node trees, which survive being copied, written and
 * read ---- */

extern List *cass_scan_plan_to_list(const CassShape *shape,
									const CassScanPlan *plan);
extern CassScanPlan *cass_scan_plan_from_list(List *list);

#endif /* CASS_SCAN_PLAN_H */
