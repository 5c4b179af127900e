/*
 * modify.h
 *	  What the plan of a modification says, and its checks.
 */
#ifndef CASS_MODIFY_H
#define CASS_MODIFY_H

#include "write.h"

/* fdw_private of a foreign table that a ModifyTable writes row by row. */
typedef enum CassModifyPrivate
{
	CASS_MODIFY_ATTS,		 /* Integer list: attribute numbers assigned */
	CASS_MODIFY_CONDITIONAL, /* Boolean: ON CONFLICT DO NOTHING */
	CASS_MODIFY_CQL			 /* String: for EXPLAIN */
} CassModifyPrivate;

/* ---- modify_check.c ---- */

/*
 * ereports where the operation is not possible on the table at all: a view, a
 * key that is not mapped, ...
 */
extern void cass_check_writable(const CassShape *shape, CmdType operation);
/* Likewise for what an UPDATE assigns (attribute numbers). */
extern void cass_check_assigned(const CassShape *shape, List *attnums);

/* ---- modify_plan.c ---- */

/* Name of the junk attribute that carries a key column. */
extern char *cass_junk_name(const CassShape *shape, TupleDesc desc, int att);

/* ---- modify_spec.c: which statements a target needs ---- */

extern CassDmlSpec cass_spec_insert(const CassTarget *target, bool only_static,
									bool conditional);
extern CassDmlSpec cass_spec_update(const CassTarget *target, List *attnums);
extern CassDmlSpec cass_spec_delete(const CassTarget *target,
									bool only_static);
/* The statement of a specification, by the table's kind and operation. */
extern CassDml *cass_deparse_dml(const CassDmlSpec *spec, CmdType operation);
/* Fills what does not need a connection. */
extern void cass_target_init(CassTarget *target, CassShape *shape,
							 CassOptions *options, Relation rel);

#endif /* CASS_MODIFY_H */
