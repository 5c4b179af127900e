/*
 * deparse.h
 *	  The CQL of a scan's plan.
 */
#ifndef CASS_DEPARSE_H
#define CASS_DEPARSE_H

#include "scan_plan.h"

/*
 * Whether a key column stands behind the outputs: CQL has no empty list, and
 * none of static columns beside a restricted clustering column.
 */
extern bool cass_has_extra_column(const CassShape *shape,
								  const CassScanPlan *plan);
/* A restriction and the markers it has. */
typedef struct CassMarkers
{
	const cql_restriction *restriction;
	cql_shape shape;
	int ncolumns;	   /* a row may have been cut to its first column */
	const char *lower; /* ">" or ">=", or NULL */
	const char *upper; /* "<" or "<=", or NULL */
} CassMarkers;

/* What a SELECT says, for its text. */
typedef struct CassSelect
{
	const CassShape *shape;
	const CassScanPlan *plan;
	const CassMarkers *markers;
	int nmarkers;
	bool by_token;		  /* a piece of the ring */
	bool position;		  /* the row's token, behind all outputs */
	bool nearest;		  /* ORDER BY ... ANN OF ? */
	bool limit;			  /* LIMIT ? */
	bool filtering;		  /* ALLOW FILTERING */
	bool ascending_probe; /* the first row against the wanted order */
} CassSelect;

/*
 * Text with one marker a value: those of the restrictions in order, the two
 * tokens, ANN's vector, the limit.
 */
extern char *cass_deparse_select(const CassSelect *select);
/*
 * DELETE of what the restrictions say: a timestamp's marker comes before
 * theirs.
 */
extern char *cass_deparse_delete_range(const CassSelect *select);
extern char *cass_deparse_delete_plan(const CassShape *shape,
									  const CassScanPlan *plan);
/* Text of the plan, for EXPLAIN: operators as the conditions have them. */
extern char *cass_deparse_plan(const CassShape *shape,
							   const CassScanPlan *plan);

#endif /* CASS_DEPARSE_H */
