/*
 * rows.c
 *	  The rows of a scan, wherever they come from.
 */
#include "scan.h"

#include "miscadmin.h"

/* The next row of the page at hand, or of those that follow. */
static cql_slice *
next_in_pages(CassScan *scan)
{
	for (;;)
	{
		cql_error error;
		int rc = 0;

		if (scan->page_stream != NULL && scan->page_stream->group != NULL)
		{
			cql_slice *cells = cass_by_rows_next(scan);

			if (cells != NULL)
				return cells;
		}
		else if (scan->page->result != NULL)
			rc = cql_result_next(scan->page->result, scan->cells, &error);
		if (rc < 0)
			cass_report_error(&error, scan->cql);
		if (rc > 0)
			return scan->cells;
		CHECK_FOR_INTERRUPTS();
		cass_request_reset(scan->page);
		if (!cass_streams_next_page(scan))
			return NULL;
	}
}

cql_slice *
cass_scan_next(CassScan *scan)
{
	cql_slice *cells =
		scan->merge != NULL ? cass_merge_next(scan) : next_in_pages(scan);

	if (cells != NULL)
		scan->rows++;
	return cells;
}
