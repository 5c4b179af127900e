/*
 * import_name.c
 *	  Names that PostgreSQL can hold for those of Cassandra.
 */
#include "import.h"

#include "mb/pg_wchar.h"

static char *
cut_name(const char *name)
{
	int len = (int) strlen(name);

	return pnstrdup(name, pg_mbcliplen(name, len, NAMEDATALEN - 1));
}

char *
cass_import_cut(const char *name)
{
	return cut_name(cass_from_cql(name));
}

bool
cass_import_has(List *names, const char *name)
{
	ListCell *lc;

	foreach (lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

char *
cass_import_name(const char *name, List *taken,
				 bool (*others)(const void *arg, const char *name),
				 const void *arg)
{
	char *cut = cut_name(name);
	char *result = cut;
	int number = 1;

	while (cass_import_has(taken, result) ||
		   (strcmp(result, name) != 0 && others(arg, result)))
	{
		char suffix[16];
		int room;

		snprintf(suffix, sizeof(suffix), "_%d", ++number);
		room = NAMEDATALEN - 1 - (int) strlen(suffix);
		result = psprintf("%.*s%s", pg_mbcliplen(cut, (int) strlen(cut), room),
						  cut, suffix);
	}
	return result;
}
