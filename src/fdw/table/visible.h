/*
 * visible.h
 *	  Which values of rows errors may show.
 */
#ifndef CASS_VISIBLE_H
#define CASS_VISIBLE_H

#include "postgres.h"

#include "access/attnum.h"
#include "lib/stringinfo.h"

/*
 * Whether the current user may see a column of a foreign table: the rule of
 * ExecBuildSlotValueDescription().  It is for all that errors tell of rows,
 * which need not be the user's: those of somebody's view, or those that a
 * security barrier hides, are read with the rights of others.
 */
extern bool cass_may_show(Oid relid, AttrNumber attnum);
/* The same for every column at once; may be false where each one may. */
extern bool cass_may_show_all(Oid relid);

/* "(a, b)=(1, x)" out of what may be shown of a row's key. */
typedef struct CassShownKey
{
	Oid relid;
	StringInfoData names;
	StringInfoData values;
} CassShownKey;

extern void cass_shown_init(CassShownKey *text, Oid relid);
/* A column by the name it has in Cassandra; long values are cut. */
extern void cass_shown_add(CassShownKey *text, AttrNumber attnum,
						   const char *name, const char *value);
/* The whole behind a prefix, or "" where nothing may be shown. */
extern char *cass_shown_text(const CassShownKey *text, const char *prefix);

#endif /* CASS_VISIBLE_H */
