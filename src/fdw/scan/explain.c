/*
 * explain.c
 *	  What EXPLAIN tells of a scan.
 */
#include "scan.h"

#include "lib/stringinfo.h"

static char *
join_hosts(List *hosts)
{
	StringInfoData text;
	ListCell *lc;

	initStringInfo(&text);
	foreach (lc, hosts)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 (char *) lfirst(lc));
	return text.data;
}

static void
explain_execution(const CassScan *scan, ExplainState *es)
{
	ExplainPropertyInteger("Requests", NULL, scan->requests, es);
	ExplainPropertyInteger("Pages", NULL, scan->pages, es);
	ExplainPropertyInteger("Rows Received", NULL, scan->rows, es);
	ExplainPropertyInteger("Bytes Received", NULL, scan->bytes, es);
	ExplainPropertyInteger("Streams", NULL, scan->max_streams, es);
	ExplainPropertyInteger("Retries", NULL, scan->retries, es);
	if (scan->ring.nsplits > 0)
		ExplainPropertyInteger("Ranges Split", NULL, scan->ring.nsplits, es);
	if (scan->counted > 0)
		ExplainPropertyInteger("Streams Aggregated Here", NULL, scan->counted,
							   es);
	if (scan->bind.degraded)
		ExplainPropertyText("Refused",
							"the server refused filtering or an "
							"index: filtered here",
							es);
	if (scan->hosts != NIL)
		ExplainPropertyText("Coordinators", join_hosts(scan->hosts), es);
}

/* A line each; one list where formats have no key twice in an object. */
static void
explain_list(const char *label, List *texts, ExplainState *es)
{
	ListCell *lc;

	if (es->format != EXPLAIN_FORMAT_TEXT && texts != NIL)
		ExplainPropertyList(label, texts, es);
	else
		foreach (lc, texts)
			ExplainPropertyText(label, lfirst(lc), es);
}

void
cass_explain_scan(const CassScan *scan, const char *label, ExplainState *es)
{
	ExplainPropertyText(label, cass_from_cql(scan->plan->cql), es);
	if (es->verbose)
	{
		explain_list("Not Pushed", scan->plan->reasons, es);
		explain_list("Pushed, Rechecked", scan->plan->rechecked, es);
		if (scan->plan->hint[0] != '\0')
			ExplainPropertyText("Hint", scan->plan->hint, es);
	}
	if (es->analyze)
		explain_execution(scan, es);
}
