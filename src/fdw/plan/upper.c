/*
 * upper.c
 *	  What comes after the scan: aggregates and LIMIT.
 */
#include "planner.h"

void
cassandraGetForeignUpperPaths(PlannerInfo *root, UpperRelationKind stage,
							  RelOptInfo *input_rel, RelOptInfo *output_rel,
							  void *extra)
{
	if (stage == UPPERREL_GROUP_AGG || stage == UPPERREL_PARTIAL_GROUP_AGG)
		cass_add_group_paths(root, input_rel, output_rel, extra,
							 stage == UPPERREL_PARTIAL_GROUP_AGG);
	else if (stage == UPPERREL_FINAL)
		cass_add_limit_paths(root, output_rel, extra);
}
