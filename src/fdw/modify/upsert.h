/*
 * upsert.h
 *	  INSERT ... ON CONFLICT (key) DO UPDATE.
 *
 * Where SET gives columns EXCLUDED's values it is Cassandra's INSERT, as long
 * as the row has no other values: those are of new rows alone.  All else reads
 * the row first, and updates it if it is there.
 */
#ifndef CASS_UPSERT_H
#define CASS_UPSERT_H

#include "modify.h"

/* DO UPDATE as the plan has it, or the executor. */
typedef struct CassSet
{
	List *entries; /* of TargetEntry */
	List *columns; /* Integer list: attribute numbers, likewise */
	Node *where;
	int excluded; /* varno of EXCLUDED: INNER_VAR to the executor */
	Index rtindex;
	bool checked; /* existing rows have to pass checks */
} CassSet;

/* ---- upsert_plan.c ---- */

/* Has ON CONFLICT (key) planned: chains itself to the planner's hook. */
extern void cass_upsert_init(void);
extern CassSet cass_upsert_set(const struct ModifyTable *plan, int excluded,
							   Index rtindex);
/* Whether such checks are of existing rows, or what becomes of them. */
extern bool cass_upsert_checks(WCOKind kind);
/*
 * Why existing rows are read, whatever the row, for EXPLAIN; NULL: they need
 * not be.  root is the table that the columns are numbered by.
 */
extern const char *cass_upsert_reason(const CassTarget *target, Relation rel,
									  Oid root, const CassSet *set);
/* The same of a plan; ereports what cannot be followed. */
extern const char *cass_upsert_plan(PlannerInfo *root,
									const struct ModifyTable *plan,
									Index rtindex, const CassTarget *target,
									Relation rel);

/* ---- upsert.c ---- */

typedef enum CassUpsertResult
{
	CASS_UPSERT_NO_ROW,	  /* there is none: INSERT it */
	CASS_UPSERT_UPDATED,  /* the slot has the row that is now */
	CASS_UPSERT_FILTERED, /* WHERE leaves it as it is */
	CASS_UPSERT_LOST	  /* another session was quicker: try again */
} CassUpsertResult;

/* For a target of such an INSERT, at its beginning; ereports as above. */
extern CassUpsert *cass_upsert_begin(CassModify *m, ResultRelInfo *rri);
/* Whether Cassandra's INSERT of the row is all there is to do. */
extern bool cass_upsert_is_plain(CassModify *m, const CassNewRow *in);
/* ereports where the statement has had a row of this key. */
extern void cass_upsert_check_first(CassModify *m, const CassNewRow *in);
/* Reads the row of the new one's key, and updates it. */
extern CassUpsertResult cass_upsert_existing(CassModify *m, EState *estate,
											 ResultRelInfo *rri,
											 const CassNewRow *in,
											 TupleTableSlot *slot);

#endif /* CASS_UPSERT_H */
