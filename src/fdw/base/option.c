/*
 * option.c
 *	  Validation of options.
 *
 * Checks syntax only, because pg_restore runs it where no file or host need
 * exist; what needs a file or the network is found out at first use.
 */
#include "client.h"
#include "cass_types.h"
#include "option_table.h"

#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

static int
context_of(Oid catalog)
{
	switch (catalog)
	{
		case ForeignServerRelationId:
			return CASS_ON_SERVER;
		case ForeignTableRelationId:
			return CASS_ON_TABLE;
		case AttributeRelationId:
			return CASS_ON_COLUMN;
		case UserMappingRelationId:
			return CASS_ON_MAPPING;
		default:
			return 0;
	}
}

/* Whether an option may be proposed in a context. */
static bool
is_valid(const CassOptionDef *def, int where)
{
	return (def->where & where) && def->kind != CASS_OPTION_REFUSED;
}

/* Levenshtein neighbour among the options of a context, or NULL. */
static const char *
closest(const char *name, int where)
{
	const char *best = NULL;
	int least = 4;
	const CassOptionDef *def;

	for (def = cass_option_table; def->name != NULL; def++)
	{
		int distance;

		if (!is_valid(def, where))
			continue;
		distance = varstr_levenshtein(name, Min(strlen(name), 60), def->name,
									  strlen(def->name), 1, 1, 1, true);
		if (distance < least && distance * 2 <= (int) strlen(name))
		{
			least = distance;
			best = def->name;
		}
	}
	return best;
}

static void
refuse_name(const char *name, int where)
{
	StringInfoData list;
	const CassOptionDef *def;
	const char *near = closest(name, where);

	initStringInfo(&list);
	for (def = cass_option_table; def->name != NULL; def++)
	{
		if (is_valid(def, where) && def->alias == NULL)
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "",
							 def->name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
			 errmsg("invalid option \"%s\"", name),
			 near != NULL
				 ? errhint("Perhaps you meant the option \"%s\".", near)
			 : list.len > 0
				 ? errhint("Valid options in this context are: %s.", list.data)
				 : errhint("There are no valid options in this context.")));
}

static void
refuse_value(const char *name, const char *value, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\": \"%s\"", name, value),
			 errhint("%s", hint)));
}

static void
check_int(const CassOptionDef *def, const char *value)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || v < (long) def->min ||
		v > (long) def->max)
		refuse_value(def->name, value,
					 psprintf("It must be an integer from %d to %d.", def->min,
							  def->max));
}

char *
cass_option_words(const char *words)
{
	StringInfoData list;
	char *save = NULL;
	char *word;

	initStringInfo(&list);
	for (word = strtok_r(pstrdup(words), " ", &save); word != NULL;
		 word = strtok_r(NULL, " ", &save))
		appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", word);
	return list.data;
}

static void
check_enum(const CassOptionDef *def, const char *value)
{
	if (*value != '\0' && strchr(value, ' ') == NULL &&
		strstr(def->words, psprintf(" %s ", value)) != NULL)
		return;
	refuse_value(
		def->name, value,
		psprintf("Valid values are: %s.", cass_option_words(def->words)));
}

static void
check_consistency(const CassOptionDef *def, const char *value)
{
	if (cass_option_consistency(def->kind, value))
		return;
	refuse_value(def->name, value,
				 def->kind == CASS_OPTION_SERIAL
					 ? "It must be SERIAL or LOCAL_SERIAL."
				 : cql_consistency_parse(value) >= 0
					 ? "This consistency level is not for these requests."
					 : "It must be a consistency level such as "
					   "LOCAL_QUORUM or ONE.");
}

static void
check_file(const char *name)
{
	if (!superuser() &&
		!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
		ereport(
			ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to set option \"%s\"", name),
			 errdetail("Only superusers and members of pg_read_server_files "
					   "may name files of the server.")));
}

/* By the grammar alone, whatever the table. */
static void
check_expression(const char *expression)
{
	cql_selector *selector = palloc(sizeof(cql_selector));

	if (!cql_selector_parse(expression, NULL, selector))
		cass_report_selector(selector, expression);
	pfree(selector);
}

/* Commas part a list, blanks may stand beside them. */
static void
check_list(const CassOptionDef *def, const char *value)
{
	const char *word = value;

	for (;;)
	{
		size_t len;

		word += strspn(word, " ");
		len = strcspn(word, " ,");
		if (len == 0)
			refuse_value(def->name, value, "An entry is empty.");
		word += len;
		word += strspn(word, " ");
		if (*word == '\0')
			return;
		if (*word++ != ',')
			refuse_value(def->name, value, "Entries are parted by commas.");
	}
}

static void
check_value(const CassOptionDef *def, const char *value)
{
	CassRate rate;
	int64 us;
	bool flag;
	char *end;

	switch (def->kind)
	{
		case CASS_OPTION_INT:
			check_int(def, value);
			break;
		case CASS_OPTION_BOOL:
		case CASS_OPTION_SSL:
			if (!parse_bool(value, &flag))
				refuse_value(def->name, value, "It must be a Boolean.");
			break;
		case CASS_OPTION_DURATION:
			if (!cass_option_duration(value, &us) || us == 0)
				refuse_value(def->name, value,
							 "It must be a duration above zero such as "
							 "\"500ms\" or \"12s\".");
			break;
		case CASS_OPTION_COST:
			if (!(strtod(value, &end) >= 0) || end == value || *end != '\0')
				refuse_value(def->name, value,
							 "It must be a number not below zero.");
			break;
		case CASS_OPTION_RATE:
			if (!cass_option_rate(value, &rate))
				refuse_value(def->name, value,
							 "It must be a number of rows a second, or of "
							 "bytes such as \"500kB\" or \"5MB\".");
			break;
		case CASS_OPTION_READ:
		case CASS_OPTION_WRITE:
		case CASS_OPTION_SERIAL:
		case CASS_OPTION_BOTH:
			check_consistency(def, value);
			break;
		case CASS_OPTION_ENUM:
			check_enum(def, value);
			break;
		case CASS_OPTION_FILE:
			check_file(def->name);
			break;
		case CASS_OPTION_SELECTOR:
			check_expression(cass_to_cql(value));
			break;
		case CASS_OPTION_LIST:
			check_list(def, value);
			break;
		case CASS_OPTION_TEXT:
			if (*value == '\0')
				refuse_value(def->name, value, "It must not be empty.");
			break;
		case CASS_OPTION_REFUSED:
			break;
	}
}

/* Only a superuser may let others connect without a password. */
static void
check_password_required(const char *name, const char *value)
{
	bool flag;

	if (strcmp(name, "password_required") == 0 && parse_bool(value, &flag) &&
		!flag && !superuser())
		ereport(
			ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("password_required=false is superuser-only"),
			 errhint(
				 "User mappings with the password_required option set to "
				 "false may only be created or modified by the superuser.")));
}

static const CassOptionDef *
find_option(const char *name, int where)
{
	const CassOptionDef *def;

	for (def = cass_option_table; def->name != NULL; def++)
	{
		if ((def->where & where) && strcmp(def->name, name) == 0)
			return def;
	}
	refuse_name(name, where);
	return NULL;
}

static void
refuse_both(const char *one, const char *other)
{
	ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					errmsg("options \"%s\" and \"%s\" cannot be used together",
						   one, other)));
}

/* A column that is an expression, or that writes use, is no column there. */
static bool
cannot_stand_together(const char *one, const char *other)
{
	return strcmp(one, other) == 0 ||
		   (strcmp(other, "column_name") == 0 &&
			(strcmp(one, "expression") == 0 || strcmp(one, "using") == 0));
}

/* An option and an alias of it, or two aliases, say the same thing twice. */
static void
check_together(List *given, const CassOptionDef *def)
{
	const char *name = def->alias != NULL ? def->alias : def->name;
	ListCell *lc;

	foreach (lc, given)
	{
		const CassOptionDef *other = lfirst(lc);
		const char *other_name =
			other->alias != NULL ? other->alias : other->name;

		if (cannot_stand_together(name, other_name) ||
			cannot_stand_together(other_name, name))
			refuse_both(other->name, def->name);
	}
}

PG_FUNCTION_INFO_V1(cassandra_fdw_validator);

Datum
cassandra_fdw_validator(PG_FUNCTION_ARGS)
{
	List *list = untransformRelOptions(PG_GETARG_DATUM(0));
	int where = context_of(PG_GETARG_OID(1));
	List *given = NIL;
	ListCell *lc;

	foreach (lc, list)
	{
		DefElem *element = lfirst_node(DefElem, lc);
		const CassOptionDef *def = find_option(element->defname, where);

		if (def->kind == CASS_OPTION_REFUSED)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("option \"%s\" is not supported", def->name),
					 errhint("%s", def->text)));
		check_value(def, defGetString(element));
		check_password_required(def->name, defGetString(element));
		check_together(given, def);
		given = lappend(given, unconstify(CassOptionDef *, def));
	}
	PG_RETURN_VOID();
}
