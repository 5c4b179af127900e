/*
 * warning.c
 *	  Server warnings: each distinct text once a statement, with a count.
 *
 * They are collected while the client's statement runs and told when it ends:
 * before the commit, at an abort, or, inside a transaction block, when the
 * backend clears what belongs to the message it has just handled.  A worker of
 * a parallel query tells its own to the leader.
 */
#include "client.h"

#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#define MAX_TEXTS 16	  /* distinct ones that are told */
#define MAX_TEXT_LEN 1024 /* bytes of one */

typedef struct Warning
{
	char *text;
	uint64 count;
} Warning;

static Warning warnings[MAX_TEXTS];
static int nwarnings = 0;
static uint64 others = 0; /* further texts, not kept */
static MemoryContext context = NULL;

static MemoryContextCallback end_of_message;
static bool armed = false; /* end_of_message is registered */

/* Tells what was collected.  Forgets it first, should telling fail. */
static void
tell(void)
{
	int n = nwarnings;
	uint64 left = others;
	int i;

	nwarnings = 0;
	others = 0;
	for (i = 0; i < n; i++)
	{
		if (warnings[i].count > 1)
			ereport(WARNING, (errmsg("Cassandra: %s (" UINT64_FORMAT " times)",
									 warnings[i].text, warnings[i].count)));
		else
			ereport(WARNING, (errmsg("Cassandra: %s", warnings[i].text)));
	}
	if (left > 0)
		ereport(
			WARNING,
			(errmsg("Cassandra: " UINT64_FORMAT " further warnings", left)));
	if (n > 0)
		MemoryContextReset(context);
}

static void
message_ended(void *arg)
{
	armed = false;
	tell();
}

static void
transaction_ended(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE ||
		event == XACT_EVENT_PARALLEL_PRE_COMMIT || event == XACT_EVENT_ABORT)
		tell();
}

static void
add(const char *text)
{
	char *local = cass_from_cql(text);
	int i;

	local[pg_mbcliplen(local, (int) strlen(local), MAX_TEXT_LEN)] = '\0';
	for (i = 0; i < nwarnings; i++)
	{
		if (strcmp(warnings[i].text, local) == 0)
			break;
	}
	if (i < nwarnings)
		warnings[i].count++;
	else if (i == MAX_TEXTS)
		others++;
	else
	{
		warnings[i].text = MemoryContextStrdup(context, local);
		warnings[i].count = 1;
		nwarnings++;
	}
	pfree(local);
}

void
cass_report_warnings(cql_result *result, const char *muted)
{
	const char *text;
	uint32 i;

	for (i = 0; (text = cql_result_warning(result, i)) != NULL; i++)
	{
		if (muted == NULL || strncmp(text, muted, strlen(muted)) != 0)
			add(text);
	}
	if (nwarnings > 0 && !armed && MessageContext != NULL)
	{
		end_of_message.func = message_ended;
		MemoryContextRegisterResetCallback(MessageContext, &end_of_message);
		armed = true;
	}
}

void
cass_warning_init(void)
{
	context = AllocSetContextCreate(TopMemoryContext, "cassandra_fdw warnings",
									ALLOCSET_SMALL_SIZES);
	RegisterXactCallback(transaction_ended, NULL);
}
