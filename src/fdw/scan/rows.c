/*
 * rows.c
 *	  The rows of a scan, wherever they come from.
 */
#include "scan.h"

#include "miscadmin.h"

/* The next row of the page at hand, or NULL at its end. */
static cql_slice *
next_of_page(CassScan *scan)
{
	CassStream *stream = scan->reading;

	if (stream == NULL)
		return NULL;
	if (stream->group != NULL)
		return cass_by_rows_next(scan);
	return cass_request_row(stream->page, scan->cells, stream->query.cql)
			   ? scan->cells
			   : NULL;
}

/* The next row of the page at hand, or of those that follow. */
static cql_slice *
next_in_pages(CassScan *scan)
{
	cql_slice *cells;

	while ((cells = next_of_page(scan)) == NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (scan->reading != NULL)
			cass_request_reset(scan->reading->page);
		scan->reading = cass_streams_next(scan);
		if (scan->reading == NULL)
			return NULL;
	}
	return cells;
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
