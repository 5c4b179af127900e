/*
 * pager.h
 *	  How many rows are asked for in a page.
 */
#ifndef CASS_PAGER_H
#define CASS_PAGER_H

#include "postgres.h"

#include "cql.h"

#define CASS_FIRST_PAGE 500		  /* rows, until the width of a row is known */
#define CASS_PAGE_BYTES (1 << 20) /* aim for one page */

typedef struct CassPager
{
	int32 size;	   /* of the next page, in rows */
	int32 most;	   /* no page has more */
	int32 growth;  /* times a page may be larger than the one before; 0: any */
	int64 limit;   /* of the statement, 0: none */
	bool constant; /* what comes does not change the size */
} CassPager;

/*
 * Begins with pages of about CASS_PAGE_BYTES for rows of so many bytes, or
 * with CASS_FIRST_PAGE rows where that is not known (0); at most "most" rows.
 */
extern void cass_pager_init(CassPager *pager, int32 most, int width);
/*
 * Rows to ask for.  A page that holds as many rows as LIMIT asks for is no
 * page to the server: it forgets the paging state and begins anew (tried on
 * 5.0.8 and 4.1.10).  So pages after the first have fewer.
 */
extern int32 cass_pager_rows(const CassPager *pager, bool first);
/* A page has come: the next one has what then fits. */
extern void cass_pager_adapt(CassPager *pager, cql_result *result);
/*
 * A page was too much at once: fewer rows from now on, at least so many; false
 * where there are no fewer.
 */
extern bool cass_pager_shrink(CassPager *pager, int32 least);

#endif /* CASS_PAGER_H */
