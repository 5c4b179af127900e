/*
 * direct_modify.h
 *	  UPDATE and DELETE that a foreign scan does by itself.
 *
 * It reads the keys of the rows and no more than the conditions and the
 * assigned expressions need, and writes the rows under the keys as Cassandra
 * gave them.
 */
#ifndef CASS_DIRECT_MODIFY_H
#define CASS_DIRECT_MODIFY_H

#include "modify.h"
#include "scan.h"

typedef enum CassDirectModifyMode
{
	CASS_DIRECT_RANGE,		/* DELETE: a tombstone a key or range, after its
							 * rows are counted */
	CASS_DIRECT_ROWS,		/* each row that is found is written */
	CASS_DIRECT_CONDITIONAL /* keys are known: IF ... finds the rows */
} CassDirectModifyMode;

/* The last member of the scan's fdw_private. */
typedef struct CassDirectModifyPlan
{
	CassDirectModifyMode mode;
	bool count;	   /* rows are counted in the command's tag */
	bool decode;   /* conditions or expressions need the row's columns */
	int first;	   /* expression of the first attribute, in fdw_exprs */
	List *attnums; /* UPDATE: attribute numbers assigned */
	List *changes; /* of CassChange, likewise */
	List *equals;  /* of the target, see cass_find_conditions() */
	List *nullables;
	char *cql; /* for EXPLAIN */
} CassDirectModifyPlan;

extern CassDirectModifyPlan *cass_direct_modify_plan_from_list(List *list);

/* ---- delta.c ---- */

/*
 * How an UPDATE may set the attribute (by index) to what the expression gives;
 * *operand is the expression of what is added or removed, or all of it.
 */
extern CassChange cass_change_of(const CassShape *shape, Index rtindex,
								 int att, Expr *expr, Expr **operand);
/* Whether an operand of NULL makes the column NULL. */
extern bool cass_change_is_strict(const CassShape *shape, int att,
								  CassChange change);

/* ---- callbacks ---- */

extern bool cassandraPlanDirectModify(PlannerInfo *root,
									  struct ModifyTable *plan,
									  Index resultRelation, int subplan_index);
extern void cassandraBeginDirectModify(ForeignScanState *node, int eflags);
extern TupleTableSlot *cassandraIterateDirectModify(ForeignScanState *node);
extern void cassandraEndDirectModify(ForeignScanState *node);
extern void cassandraExplainDirectModify(ForeignScanState *node,
										 struct ExplainState *es);

#endif /* CASS_DIRECT_MODIFY_H */
