/*
 * visible.c
 *	  Which values of rows errors may show.
 */
#include "visible.h"

#include "cass_types.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#define MAX_SHOWN 60 /* bytes of a value */

bool
cass_may_show_all(Oid relid)
{
	return pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

bool
cass_may_show(Oid relid, AttrNumber attnum)
{
	return cass_may_show_all(relid) ||
		   pg_attribute_aclcheck(relid, attnum, GetUserId(), ACL_SELECT) ==
			   ACLCHECK_OK;
}

void
cass_shown_init(CassShownKey *text, Oid relid)
{
	text->relid = relid;
	initStringInfo(&text->names);
	initStringInfo(&text->values);
}

void
cass_shown_add(CassShownKey *text, AttrNumber attnum, const char *name,
			   const char *value)
{
	int shown = pg_mbcliplen(value, (int) strlen(value), MAX_SHOWN);

	if (!cass_may_show(text->relid, attnum))
		return;
	if (text->names.len > 0)
	{
		appendStringInfoString(&text->names, ", ");
		appendStringInfoString(&text->values, ", ");
	}
	appendStringInfoString(&text->names,
						   quote_identifier(cass_from_cql(name)));
	appendBinaryStringInfo(&text->values, value, shown);
	if (value[shown] != '\0')
		appendStringInfoString(&text->values, "...");
}

char *
cass_shown_text(const CassShownKey *text, const char *prefix)
{
	if (text->names.len == 0)
		return pstrdup("");
	return psprintf("%s(%s)=(%s)", prefix, text->names.data,
					text->values.data);
}
