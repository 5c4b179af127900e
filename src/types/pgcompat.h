/*
 * pgcompat.h
 *	  What src/types needs to know of PostgreSQL versions.
 */
#ifndef CASS_PGCOMPAT_H
#define CASS_PGCOMPAT_H

#include "utils/pg_locale.h"

/* VARDATA_ANY and its like moved out of postgres.h in 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Before 18 it stood behind the declaration, as pg_attribute_noreturn(). */
#if PG_VERSION_NUM < 180000
#undef pg_noreturn
#define pg_noreturn _Noreturn
#endif

/* 18 asks the locale itself instead of its oid. */
#if PG_VERSION_NUM >= 180000
#define cass_collation_is_c(oid)                                              \
	(pg_newlocale_from_collation(oid)->collate_is_c)
#else
#define cass_collation_is_c(oid) lc_collate_is_c(oid)
#endif

#endif /* CASS_PGCOMPAT_H */
