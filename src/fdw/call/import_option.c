/*
 * import_option.c
 *	  Options of IMPORT FOREIGN SCHEMA; doc/options.md is made from the table.
 */
#include "import.h"
#include "option_table.h"

#include "commands/defrem.h"

/* The first word is the default. */
static const struct
{
	const char *name;
	const char *words;
	size_t offset; /* of the word's place, an int in CassImport */
	const char *text;
} import_options[] = {
	{"import_udt", "jsonb composite", offsetof(CassImport, udt),
	 .text = "What becomes of user-defined types: `jsonb`, or a composite "
			 "type of that name in the local schema, made where none that "
			 "matches is there."},
	{"import_collate", "C none", offsetof(CassImport, collate),
	 .text = "`C`: text columns that Cassandra can compare (clustering "
			 "columns and those with an SAI or SASI index) get `COLLATE "
			 "\"C\"`, so that ranges and sorts on them are left to it."},
	{"import_timeuuid", "timeuuid uuid", offsetof(CassImport, timeuuid),
	 .text = "Type of timeuuids: `uuid` where a driver does not know the "
			 "extension's own. Ranges and sorts are then PostgreSQL's, in "
			 "another order."},
	{"import_not_null", "partition none key", offsetof(CassImport, not_null),
	 .text = "`partition`: NOT NULL for columns of the partition key that "
			 "cannot read as NULL. `key`: for all of the primary key, where "
			 "no partition has only static columns and no key an empty "
			 "value."},
	{"import_keys", "options none", offsetof(CassImport, keys),
	 .text = "`options`: the options `primary_key` and `clustering_key` are "
			 "written, for people and tools to see."}};

/* Place of a word in a list of words, or -1. */
static int
find_word(const char *words, const char *word)
{
	char *copy = pstrdup(words);
	char *save = NULL;
	char *next;
	int place = 0;

	for (next = strtok_r(copy, " ", &save); next != NULL;
		 next = strtok_r(NULL, " ", &save))
	{
		if (strcmp(next, word) == 0)
			return place;
		place++;
	}
	return -1;
}

static char *
all_names(void)
{
	StringInfoData names;
	int i;

	initStringInfo(&names);
	for (i = 0; i < (int) lengthof(import_options); i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "",
						 import_options[i].name);
	return names.data;
}

static void
read_option(CassImport *import, DefElem *element)
{
	int i;

	for (i = 0; i < (int) lengthof(import_options); i++)
	{
		const char *value;
		int place;

		if (strcmp(element->defname, import_options[i].name) != 0)
			continue;
		value = defGetString(element);
		place = find_word(import_options[i].words, value);
		if (place < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"%s\": \"%s\"",
							element->defname, value),
					 errhint("Valid values are: %s.",
							 cass_option_words(import_options[i].words))));
		*(int *) ((char *) import + import_options[i].offset) = place;
		return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
			 errmsg("invalid option \"%s\"", element->defname),
			 errhint("Valid options in this context are: %s.", all_names())));
}

void
cass_import_options(CassImport *import, List *options)
{
	ListCell *lc;

	foreach (lc, options)
		read_option(import, lfirst_node(DefElem, lc));
}
