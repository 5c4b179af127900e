/*
 * xact.c
 *	  What a rollback leaves behind.
 *
 * Cassandra has no transactions that span statements: what was sent stays.  So
 * a transaction or subtransaction that is rolled back after it wrote says so,
 * once.  PREPARE TRANSACTION after writes is refused: it promises that the
 * other half may still be given up.
 */
#include "guc.h"
#include "write.h"

#include "access/xact.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* What was sent in a (sub)transaction that has not ended. */
typedef struct Level
{
	int nest;
	uint64 statements; /* of the functions that run CQL */
	uint64 rows;	   /* of foreign tables */
	bool several;	   /* tables */
	char relname[NAMEDATALEN];
} Level;

static Level *levels = NULL; /* outermost first */
static int nlevels = 0;
static int size = 0;

/* The levels stay in their order; the new one comes before levels[i]. */
static Level *
insert_level(int i, int nest)
{
	if (nlevels == size)
	{
		int larger = Max(size * 2, 8);

		if (levels == NULL)
			levels =
				MemoryContextAlloc(TopMemoryContext, sizeof(Level) * larger);
		else
			levels = repalloc(levels, sizeof(Level) * larger);
		size = larger;
	}
	memmove(&levels[i + 1], &levels[i], sizeof(Level) * (nlevels - i));
	nlevels++;
	memset(&levels[i], 0, sizeof(Level));
	levels[i].nest = nest;
	return &levels[i];
}

/* The (sub)transaction's level, which need not be the current one's. */
static Level *
level_of(int nest)
{
	int i = nlevels;

	while (i > 0 && levels[i - 1].nest > nest)
		i--;
	if (i > 0 && levels[i - 1].nest == nest)
		return &levels[i - 1];
	return insert_level(i, nest);
}

/* Adds a table's rows; relname may be "" where there are none. */
static void
add_rows(Level *level, const char *relname, uint64 rows)
{
	if (level->rows == 0)
		strlcpy(level->relname, relname, NAMEDATALEN);
	else if (rows > 0)
		level->several |= strcmp(level->relname, relname) != 0;
	level->rows += rows;
}

void
cass_xact_note(int nest, const char *relname, uint64 rows)
{
	add_rows(level_of(nest), relname, rows);
}

void
cass_xact_note_statement(void)
{
	level_of(GetCurrentTransactionNestLevel())->statements++;
}

void
cass_xact_refused_statement(void)
{
	level_of(GetCurrentTransactionNestLevel())->statements--;
}

void
cass_xact_refused(int nest, uint64 rows)
{
	Level *level = level_of(nest);

	level->rows -= Min(rows, level->rows);
}

static bool
wrote(const Level *level)
{
	return level->rows > 0 || level->statements > 0;
}

static void
warn(const Level *level)
{
	if (!cass_guc_rollback_warning || !wrote(level))
		return;
	if (level->rows == 0)
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("statements run in Cassandra are not rolled back"),
				 errdetail("Statements run: " UINT64_FORMAT ".",
						   level->statements)));
	else
		ereport(
			WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("rows written to Cassandra are not rolled back"),
			 errdetail("Rows sent for foreign table \"%s\"%s: " UINT64_FORMAT
					   ".",
					   level->relname, level->several ? " and others" : "",
					   level->rows)));
}

/* The topmost level becomes part of the one below it. */
static void
merge_top(void)
{
	Level *top = &levels[nlevels - 1];
	Level *below = nlevels > 1 ? &levels[nlevels - 2] : NULL;

	if (below == NULL || below->nest < top->nest - 1)
	{
		top->nest--;
		return;
	}
	add_rows(below, top->relname, top->rows);
	below->several |= top->several;
	below->statements += top->statements;
	nlevels--;
}

static void
end_of_subtransaction(SubXactEvent event, SubTransactionId id,
					  SubTransactionId parent, void *arg)
{
	int nest = GetCurrentTransactionNestLevel();

	if (nlevels == 0 || levels[nlevels - 1].nest < nest)
		return;
	if (event == SUBXACT_EVENT_COMMIT_SUB)
		merge_top();
	else if (event == SUBXACT_EVENT_ABORT_SUB)
		warn(&levels[--nlevels]);
}

static void
end_of_transaction(XactEvent event, void *arg)
{
	int n = nlevels;

	switch (event)
	{
		case XACT_EVENT_PRE_PREPARE:
			while (nlevels > 1)
				merge_top();
			if (n > 0 && wrote(&levels[0]))
				ereport(
					ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot PREPARE a transaction that has written "
							"to Cassandra"),
					 errdetail("What it wrote could not be undone by "
							   "ROLLBACK PREPARED.")));
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
			nlevels = 0;
			break;
		case XACT_EVENT_ABORT:
			while (nlevels > 1)
				merge_top();
			nlevels = 0;
			if (n > 0)
				warn(&levels[0]);
			break;
		default:
			break;
	}
}

void
cass_xact_init(void)
{
	RegisterXactCallback(end_of_transaction, NULL);
	RegisterSubXactCallback(end_of_subtransaction, NULL);
}
