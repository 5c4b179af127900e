/*
 * system_columns.h
 *	  System columns: what rows of Cassandra do not have.
 */
#ifndef CASS_SYSTEM_COLUMNS_H
#define CASS_SYSTEM_COLUMNS_H

#include "postgres.h"

#include "nodes/pathnodes.h"
#include "utils/relcache.h"

#include "shape.h"

/*
 * Whether nothing but a row lock wants the attribute (ctid, or the whole row)
 * of a relation that has one, or whose children share it.
 */
extern bool cass_is_for_lock(PlannerInfo *root, Index rtindex,
							 AttrNumber attnum);

/*
 * All three ereport, naming the primary key, where a system column other than
 * tableoid is referred to: by an expression on relation rtindex of a query, by
 * what is read of a relation whose targets and clauses are set, or by the WHEN
 * of a row trigger.
 */
extern void cass_check_system_columns(const CassShape *shape, Index rtindex,
									  Node *node);
extern void cass_check_scan_system_columns(PlannerInfo *root,
										   const RelOptInfo *rel,
										   const CassShape *shape);
extern void cass_check_trigger_system_columns(const CassShape *shape,
											  Relation rel, CmdType operation);

#endif /* CASS_SYSTEM_COLUMNS_H */
