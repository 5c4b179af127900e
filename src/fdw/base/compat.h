/*
 * compat.h
 *	  Differences between PostgreSQL versions; the only PG_VERSION_NUM tests.
 */
#ifndef CASS_COMPAT_H
#define CASS_COMPAT_H

#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif
#include "commands/explain.h"

/* Before 18 it stood behind the declaration, as pg_attribute_noreturn(). */
#if PG_VERSION_NUM < 180000
#undef pg_noreturn
#define pg_noreturn _Noreturn
#endif

/* VARDATA_ANY and its like moved out of postgres.h in 16. */
#if PG_VERSION_NUM >= 160000
#include "access/sysattr.h"
#include "nodes/multibitmapset.h"
#include "varatt.h"
#endif

/* 17 added fdw_restrictinfo, 18 disabled_nodes. */
#if PG_VERSION_NUM >= 180000
#define cass_create_foreignscan_path(root, rel, rows, startup, total,         \
									 pathkeys, outer, private)                \
	create_foreignscan_path(root, rel, NULL, rows, 0, startup, total,         \
							pathkeys, outer, NULL, NIL, private)
#elif PG_VERSION_NUM >= 170000
#define cass_create_foreignscan_path(root, rel, rows, startup, total,         \
									 pathkeys, outer, private)                \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, pathkeys,  \
							outer, NULL, NIL, private)
#else
#define cass_create_foreignscan_path(root, rel, rows, startup, total,         \
									 pathkeys, outer, private)                \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, pathkeys,  \
							outer, NULL, private)
#endif

/* 18 counts the disabled nodes of a path, before it was part of the cost. */
#if PG_VERSION_NUM >= 180000
#define cass_inherit_disabled(path, child)                                    \
	((path)->disabled_nodes = (child)->disabled_nodes)
#else
#define cass_inherit_disabled(path, child) ((void) 0)
#endif

/* 17 ties a wait event set to a resource owner. */
#if PG_VERSION_NUM >= 170000
#define cass_create_wait_event_set(n) CreateWaitEventSet(NULL, (n))
#else
#define cass_create_wait_event_set(n)                                         \
	CreateWaitEventSet(CurrentMemoryContext, (n))
#endif

/* 17 gave estimate_array_length() the planner's state. */
#if PG_VERSION_NUM >= 170000
#define cass_array_length(root, node) estimate_array_length(root, node)
#else
#define cass_array_length(root, node) estimate_array_length(node)
#endif

/* The same for what comes after the base relations. */
#if PG_VERSION_NUM >= 180000
#define cass_create_upper_path(root, rel, target, rows, startup, total,       \
							   private)                                       \
	create_foreign_upper_path(root, rel, target, rows, 0, startup, total,     \
							  NIL, NULL, NIL, private)
#elif PG_VERSION_NUM >= 170000
#define cass_create_upper_path(root, rel, target, rows, startup, total,       \
							   private)                                       \
	create_foreign_upper_path(root, rel, target, rows, startup, total, NIL,   \
							  NULL, NIL, private)
#else
#define cass_create_upper_path(root, rel, target, rows, startup, total,       \
							   private)                                       \
	create_foreign_upper_path(root, rel, target, rows, startup, total, NIL,   \
							  NULL, private)
#endif

/* 16 moved the user a scan is checked as into its plan. */
#if PG_VERSION_NUM >= 160000
#define cass_scan_check_as_user(node)                                         \
	(((ForeignScan *) (node)->ss.ps.plan)->checkAsUser)
#else
#define cass_scan_check_as_user(node)                                         \
	(exec_rt_fetch(bms_next_member(                                           \
					   ((ForeignScan *) (node)->ss.ps.plan)->fs_relids, -1),  \
				   (node)->ss.ps.state)                                       \
		 ->checkAsUser)
#endif

/* 16 replaced the checks of each kind of object by one. */
#if PG_VERSION_NUM >= 160000
#include "catalog/pg_foreign_server.h"
#include "utils/acl.h"
#define cass_server_aclcheck(serverid, userid)                                \
	object_aclcheck(ForeignServerRelationId, serverid, userid, ACL_USAGE)
#else
#define cass_server_aclcheck(serverid, userid)                                \
	pg_foreign_server_aclcheck(serverid, userid, ACL_USAGE)
#endif

/* 16 moved what a query may do to a relation out of its range table entry. */
#if PG_VERSION_NUM >= 160000
#include "parser/parse_relation.h"
#define cass_modify_check_as_user(rri, estate)                                \
	ExecGetResultRelCheckAsUser(rri, estate)
#define cass_target_check_as_user(query, rte)                                 \
	(getRTEPermissionInfo((query)->rteperminfos,                              \
						  rt_fetch((query)->resultRelation, (query)->rtable)) \
		 ->checkAsUser)
#else
#define cass_modify_check_as_user(rri, estate)                                \
	(exec_rt_fetch((rri)->ri_RangeTableIndex != 0                             \
					   ? (rri)->ri_RangeTableIndex                            \
					   : (rri)->ri_RootResultRelInfo->ri_RangeTableIndex,     \
				   estate)                                                    \
		 ->checkAsUser)
#define cass_target_check_as_user(query, rte) ((rte)->checkAsUser)
#endif

/* 18 has generated columns that are computed when read: no table has them. */
#if PG_VERSION_NUM >= 180000
#define cass_is_virtual(att)                                                  \
	((att)->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL)
#else
#define cass_is_virtual(att) false
#endif

/* 18 has RETURNING name the row that was. */
#if PG_VERSION_NUM >= 180000
#define cass_is_old(node)                                                     \
	((IsA(node, Var) &&                                                       \
	  ((const Var *) (node))->varreturningtype == VAR_RETURNING_OLD) ||       \
	 (IsA(node, ReturningExpr) && ((const ReturningExpr *) (node))->retold))
#else
#define cass_is_old(node) false
#endif

/* 18 tells a path key's direction by comparison type. */
#if PG_VERSION_NUM >= 180000
#define cass_pathkey_descending(pk) ((pk)->pk_cmptype == COMPARE_GT)
#else
#define cass_pathkey_descending(pk)                                           \
	((pk)->pk_strategy == BTGreaterStrategyNumber)
#endif

/* 18 tells a row comparison's kind so, too; the numbers are btree's. */
#if PG_VERSION_NUM >= 180000
#define cass_row_strategy(clause) ((int) (clause)->cmptype)
#else
#define cass_row_strategy(clause) ((int) (clause)->rctype)
#endif

/*
 * 18 renamed the interpretations of an operator and tells comparison types,
 * whose numbers are those of btree's strategies.
 */
#if PG_VERSION_NUM >= 180000
typedef struct OpBtreeInterpretation
{
	Oid opfamily_id;
	int strategy;
	Oid oplefttype;
	Oid oprighttype;
} OpBtreeInterpretation;
StaticAssertDecl(sizeof(OpBtreeInterpretation) ==
					 sizeof(OpIndexInterpretation),
				 "the two are the same in memory");
#define get_op_btree_interpretation(opno) get_op_index_interpretation(opno)
#endif

/* The variables that clauses keep from being NULL: as bitmaps from 16 on. */
#if PG_VERSION_NUM >= 160000
#define cass_is_nonnullable(vars, relid, attnum)                              \
	mbms_is_member((int) (relid),                                             \
				   (attnum) -FirstLowInvalidHeapAttributeNumber, vars)
#else
static inline bool
cass_is_nonnullable(const List *vars, Index relid, AttrNumber attnum)
{
	const ListCell *lc;

	foreach (lc, vars)
	{
		const Var *var = lfirst_node(Var, lc);

		if (var->varno == (int) relid && var->varattno == attnum)
			return true;
	}
	return false;
}
#endif

/*
 * PostgreSQL 18 keeps the members of a class that belong to children apart
 * from the others, and has an iterator over both.
 */
#if PG_VERSION_NUM < 180000
typedef struct EquivalenceMemberIterator
{
	const List *members;
	int next;
} EquivalenceMemberIterator;

static inline void
setup_eclass_member_iterator(EquivalenceMemberIterator *it,
							 const EquivalenceClass *ec, Relids child_relids)
{
	it->members = ec->ec_members;
	it->next = 0;
}

static inline EquivalenceMember *
eclass_member_iterator_next(EquivalenceMemberIterator *it)
{
	if (it->next >= list_length(it->members))
		return NULL;
	return (EquivalenceMember *) list_nth(it->members, it->next++);
}
#endif

/* 17 numbers backends from 0 on, as their PGPROCs. */
#if PG_VERSION_NUM >= 170000
#include "storage/procnumber.h"
#define cass_backend_number() ((int) MyProcNumber)
#else
#include "storage/backendid.h"
#define cass_backend_number() (MyBackendId - 1)
#endif

#endif /* CASS_COMPAT_H */
