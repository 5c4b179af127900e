/*
 * pager.c
 *	  How many rows are asked for in a page.
 */
#include "pager.h"

#define SHRINK 4 /* a page that was too much has as much less rows */

/* Rows of that width that make about CASS_PAGE_BYTES. */
static int32
fit_page(const CassPager *pager, uint64 width)
{
	uint64 fit = CASS_PAGE_BYTES / Max(width, 1);

	fit = Min(fit, (uint64) pager->most);
	return (int32) Max(fit, 1);
}

void
cass_pager_init(CassPager *pager, int32 most, int width)
{
	memset(pager, 0, sizeof(*pager));
	pager->most = most;
	pager->size = width > 0 ? fit_page(pager, (uint64) width)
							: Min(most, CASS_FIRST_PAGE);
}

int32
cass_pager_rows(const CassPager *pager, bool first)
{
	if (!first && pager->limit > 1 && pager->size >= pager->limit)
		return (int32) pager->limit - 1;
	return pager->size;
}

void
cass_pager_adapt(CassPager *pager, cql_result *result)
{
	uint64 rows = cql_result_nrows(result);
	int32 fit;

	if (rows == 0 || pager->constant)
		return;
	fit = fit_page(pager, cql_result_bytes(result) / rows);
	if (pager->growth > 0 && fit / pager->growth > pager->size)
		fit = pager->size * pager->growth;
	if (pager->limit > 0 && fit >= pager->limit)
		fit = (int32) Max(pager->limit - 1, 1);
	pager->size = fit;
}

bool
cass_pager_shrink(CassPager *pager, int32 least)
{
	if (pager->size <= least)
		return false;
	pager->size = Max(pager->size / SHRINK, least);
	pager->constant = true;
	return true;
}
