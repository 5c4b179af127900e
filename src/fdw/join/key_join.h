/*
 * key_join.h
 *	  The key join: rows of any plan joined with a foreign table by its keys,
 *	  which are looked up many at a time.
 */
#ifndef CASS_KEY_JOIN_H
#define CASS_KEY_JOIN_H

#include "postgres.h"

#include "nodes/extensible.h"
#include "nodes/pathnodes.h"

#define CASS_KEY_JOIN_NAME "Cassandra Key Join"

/* What the planner decides; the path's custom_private is a list of it. */
typedef struct CassKeyJoin
{
	RelOptInfo *inner; /* the foreign table */
	JoinType jointype; /* INNER, LEFT, SEMI or ANTI */
	bool single;	   /* no more than one match of a row is wanted */
	const struct CassDecision *decision;
	List *joinclauses;	/* RestrictInfos that make rows match, */
	List *checked;		/* those of them that the decision is not about */
	List *otherclauses; /* those that come after an outer join */
} CassKeyJoin;

/* Members of a plan's custom_private, */
typedef enum CassKeyJoinPrivate
{
	CASS_KEY_JOIN_SCAN,	  /* see cass_plan_lookup() */
	CASS_KEY_JOIN_NUMBERS /* Integer list: join type, single, number of the
						   * outer plan's columns, user, all rows wanted */
} CassKeyJoinPrivate;

/* and of its custom_exprs, each a list. */
typedef enum CassKeyJoinExprs
{
	CASS_KEY_JOIN_VALUES, /* of the keys */
	CASS_KEY_JOIN_OUTER,  /* conditions that a row without does not match */
	CASS_KEY_JOIN_INNER,  /* conditions on the foreign table's rows alone */
	CASS_KEY_JOIN_QUALS	  /* of the join */
} CassKeyJoinExprs;

/* join_paths.c: the planner's hook; join_plan.c, join_exec.c: its methods. */
extern void cass_key_join_init(void);
extern struct Plan *cass_plan_key_join(PlannerInfo *root, RelOptInfo *rel,
									   struct CustomPath *best_path,
									   List *tlist, List *clauses,
									   List *custom_plans);
extern const CustomScanMethods cass_key_join_methods;

#endif /* CASS_KEY_JOIN_H */
