/*
 * option.c
 *	  The one table of options: validation and getters.
 *
 * Validators check syntax only; what needs a file or the network is found out
 * at first use.
 */
#include "cassandra_fdw.h"

#include "access/reloptions.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

typedef enum OptionKind
{
	OPTION_TEXT,
	OPTION_INT,
	OPTION_BOOL,
	OPTION_DURATION,
	OPTION_COST,
	OPTION_LIST,
	OPTION_CONSISTENCY,
	OPTION_ENUM,
	OPTION_FILE
} OptionKind;

/* Where an option may stand. */
#define ON_SERVER 1
#define ON_TABLE 2
#define ON_COLUMN 4
#define ON_MAPPING 8

typedef struct OptionDef
{
	const char *name;
	int where;
	OptionKind kind;
	int min; /* OPTION_INT */
	int max;
	const char *words; /* OPTION_ENUM: " a b c " */
} OptionDef;

static const OptionDef options[] = {
	{"host", ON_SERVER, OPTION_LIST},
	{"port", ON_SERVER, OPTION_INT, 1, 65535},
	{"local_datacenter", ON_SERVER, OPTION_TEXT},
	{"rack", ON_SERVER, OPTION_TEXT},
	{"connections_per_node", ON_SERVER, OPTION_INT, 1, 16},
	{"address_map", ON_SERVER, OPTION_LIST},
	{"protocol_version", ON_SERVER, OPTION_INT, 4, 5},
	{"protocol", ON_SERVER, OPTION_INT, 4, 5},
	{"compression", ON_SERVER, OPTION_ENUM, 0, 0, " none lz4 "},
	{"sslmode", ON_SERVER, OPTION_ENUM, 0, 0,
	 " disable require verify-ca verify-full "},
	{"ssl", ON_SERVER, OPTION_BOOL},
	{"sslrootcert", ON_SERVER | ON_MAPPING, OPTION_FILE},
	{"ssl_ca", ON_SERVER | ON_MAPPING, OPTION_FILE},
	{"sslcert", ON_SERVER | ON_MAPPING, OPTION_FILE},
	{"ssl_cert", ON_SERVER | ON_MAPPING, OPTION_FILE},
	{"sslkey", ON_SERVER | ON_MAPPING, OPTION_FILE},
	{"ssl_key", ON_SERVER | ON_MAPPING, OPTION_FILE},
	{"connect_timeout", ON_SERVER, OPTION_DURATION},
	{"request_timeout", ON_SERVER | ON_TABLE, OPTION_DURATION},
	{"heartbeat_interval", ON_SERVER, OPTION_DURATION},
	{"read_consistency", ON_SERVER | ON_TABLE, OPTION_CONSISTENCY},
	{"consistency", ON_SERVER | ON_TABLE, OPTION_CONSISTENCY},
	{"fetch_size", ON_SERVER | ON_TABLE, OPTION_INT, 1, 1000000},
	{"scan_concurrency", ON_SERVER | ON_TABLE, OPTION_INT, 1, 128},
	{"keep_connections", ON_SERVER, OPTION_BOOL},
	{"fdw_startup_cost", ON_SERVER | ON_TABLE, OPTION_COST},
	{"fdw_tuple_cost", ON_SERVER | ON_TABLE, OPTION_COST},
	{"application_name", ON_SERVER, OPTION_TEXT},
	{"keyspace", ON_SERVER | ON_TABLE, OPTION_TEXT},
	{"schema_name", ON_TABLE, OPTION_TEXT},
	{"table_name", ON_TABLE, OPTION_TEXT},
	{"table", ON_TABLE, OPTION_TEXT},
	{"primary_key", ON_TABLE, OPTION_TEXT},
	{"clustering_key", ON_TABLE, OPTION_TEXT},
	{"column_name", ON_COLUMN, OPTION_TEXT},
	{"on_unconvertible", ON_COLUMN, OPTION_ENUM, 0, 0, " error null clamp "},
	{"username", ON_MAPPING, OPTION_TEXT},
	{"user", ON_MAPPING, OPTION_TEXT},
	{"password", ON_MAPPING, OPTION_TEXT},
	{"password_required", ON_MAPPING, OPTION_BOOL},
	{NULL, 0, OPTION_TEXT}};

static int
context_of(Oid catalog)
{
	switch (catalog)
	{
		case ForeignServerRelationId:
			return ON_SERVER;
		case ForeignTableRelationId:
			return ON_TABLE;
		case AttributeRelationId:
			return ON_COLUMN;
		case UserMappingRelationId:
			return ON_MAPPING;
		default:
			return 0;
	}
}

/* Levenshtein neighbour among the options of a context, or NULL. */
static const char *
closest(const char *name, int where)
{
	const char *best = NULL;
	int least = 4;
	const OptionDef *def;

	for (def = options; def->name != NULL; def++)
	{
		int distance;

		if (!(def->where & where))
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
	const OptionDef *def;
	const char *near = closest(name, where);

	initStringInfo(&list);
	for (def = options; def->name != NULL; def++)
	{
		if (def->where & where)
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

/* "500ms", "12s", "2min"; bare numbers are milliseconds.  To microseconds. */
static bool
parse_duration(const char *text, int64 *us)
{
	char *end;
	double v = strtod(text, &end);
	double unit = 1000;

	if (end == text)
		return false;
	while (*end == ' ')
		end++;
	if (strcmp(end, "s") == 0)
		unit = 1000000;
	else if (strcmp(end, "min") == 0)
		unit = 60000000;
	else if (*end != '\0' && strcmp(end, "ms") != 0)
		return false;
	/* a day at most: also refuses not-a-number */
	if (!(v >= 0 && v * unit <= 86400e6))
		return false;
	*us = (int64) (v * unit);
	return true;
}

static void
check_int(const OptionDef *def, const char *value)
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

static void
check_value(const OptionDef *def, DefElem *element)
{
	const char *value = defGetString(element);
	int64 us;
	bool flag;
	char *end;

	switch (def->kind)
	{
		case OPTION_INT:
			check_int(def, value);
			break;
		case OPTION_BOOL:
			if (!parse_bool(value, &flag))
				refuse_value(def->name, value, "It must be a Boolean.");
			break;
		case OPTION_DURATION:
			if (!parse_duration(value, &us) || us == 0)
				refuse_value(def->name, value,
							 "It must be a duration above zero such as "
							 "\"500ms\" or \"12s\".");
			break;
		case OPTION_COST:
			if (!(strtod(value, &end) >= 0) || end == value || *end != '\0')
				refuse_value(def->name, value,
							 "It must be a number not below zero.");
			break;
		case OPTION_CONSISTENCY:
			if (cql_consistency_parse(value) < 0)
				refuse_value(def->name, value,
							 "It must be a consistency level such as "
							 "LOCAL_QUORUM or ONE.");
			break;
		case OPTION_ENUM:
			if (strchr(value, ' ') != NULL || *value == '\0' ||
				strstr(def->words, psprintf(" %s ", value)) == NULL)
				refuse_value(
					def->name, value,
					psprintf("Valid values are:%s.",
							 pnstrdup(def->words, strlen(def->words) - 1)));
			break;
		case OPTION_FILE:
			check_file(def->name);
			break;
		case OPTION_TEXT:
		case OPTION_LIST:
			if (*value == '\0')
				refuse_value(def->name, value, "It must not be empty.");
			break;
	}
	if (strcmp(def->name, "password_required") == 0 &&
		parse_bool(value, &flag) && !flag && !superuser())
		ereport(
			ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("password_required=false is superuser-only"),
			 errhint(
				 "User mappings with the password_required option set to "
				 "false may only be created or modified by the superuser.")));
}

PG_FUNCTION_INFO_V1(cassandra_fdw_validator);

Datum
cassandra_fdw_validator(PG_FUNCTION_ARGS)
{
	List *list = untransformRelOptions(PG_GETARG_DATUM(0));
	int where = context_of(PG_GETARG_OID(1));
	ListCell *lc;

	foreach (lc, list)
	{
		DefElem *element = lfirst_node(DefElem, lc);
		const OptionDef *def = options;

		while (def->name != NULL &&
			   !((def->where & where) &&
				 strcmp(def->name, element->defname) == 0))
			def++;
		if (def->name == NULL)
			refuse_name(element->defname, where);
		check_value(def, element);
	}
	PG_RETURN_VOID();
}

static List *
split_list(const char *value)
{
	List *list = NIL;
	char *copy = pstrdup(value);
	char *save = NULL;
	char *word;

	for (word = strtok_r(copy, ", ", &save); word != NULL;
		 word = strtok_r(NULL, ", ", &save))
		list = lappend(list, word);
	return list;
}

static cql_sslmode
parse_sslmode(const char *value)
{
	if (strcmp(value, "require") == 0)
		return CQL_SSL_REQUIRE;
	if (strcmp(value, "verify-ca") == 0)
		return CQL_SSL_VERIFY_CA;
	if (strcmp(value, "verify-full") == 0)
		return CQL_SSL_VERIFY_FULL;
	return CQL_SSL_DISABLE;
}

static bool
named(const DefElem *element, const char *name, const char *alias)
{
	return strcmp(element->defname, name) == 0 ||
		   (alias != NULL && strcmp(element->defname, alias) == 0);
}

/* What reaches a cluster; true when the option is one of these. */
static bool
apply_connection(CassOptions *o, DefElem *e, bool *sslmode_given)
{
	char *value = defGetString(e);

	if (named(e, "host", NULL))
		o->hosts = split_list(value);
	else if (named(e, "port", NULL))
		o->port = atoi(value);
	else if (named(e, "local_datacenter", NULL))
		o->local_dc = value;
	else if (named(e, "rack", NULL))
		o->rack = value;
	else if (named(e, "connections_per_node", NULL))
		o->connections_per_node = atoi(value);
	else if (named(e, "address_map", NULL))
		o->address_map = split_list(value);
	else if (named(e, "protocol_version", "protocol"))
		o->protocol_version = atoi(value);
	else if (named(e, "compression", NULL))
		o->lz4 = strcmp(value, "lz4") == 0;
	else if (named(e, "sslmode", NULL))
	{
		o->sslmode = parse_sslmode(value);
		*sslmode_given = true;
	}
	else if (named(e, "ssl", NULL))
	{
		o->sslmode = defGetBoolean(e) ? CQL_SSL_VERIFY_FULL : CQL_SSL_DISABLE;
		*sslmode_given = true;
	}
	else if (named(e, "sslrootcert", "ssl_ca"))
		o->sslrootcert = value;
	else if (named(e, "sslcert", "ssl_cert"))
		o->sslcert = value;
	else if (named(e, "sslkey", "ssl_key"))
		o->sslkey = value;
	else if (named(e, "connect_timeout", NULL))
		parse_duration(value, &o->connect_timeout);
	else if (named(e, "heartbeat_interval", NULL))
		parse_duration(value, &o->heartbeat_interval);
	else if (named(e, "keep_connections", NULL))
		o->keep_connections = defGetBoolean(e);
	else if (named(e, "application_name", NULL))
		o->application_name = value;
	else if (named(e, "username", "user"))
		o->username = value;
	else if (named(e, "password", NULL))
		o->password = value;
	else if (named(e, "password_required", NULL))
		o->password_required = defGetBoolean(e);
	else
		return false;
	return true;
}

/* What concerns reading; a table's options come after its server's. */
static void
apply_reading(CassOptions *o, DefElem *e)
{
	char *value = defGetString(e);

	if (named(e, "request_timeout", NULL))
		parse_duration(value, &o->request_timeout);
	else if (named(e, "read_consistency", "consistency"))
		o->read_consistency = cql_consistency_parse(value);
	else if (named(e, "fetch_size", NULL))
		o->fetch_size = atoi(value);
	else if (named(e, "scan_concurrency", NULL))
		o->scan_concurrency = atoi(value);
	else if (named(e, "fdw_startup_cost", NULL))
		o->startup_cost = strtod(value, NULL);
	else if (named(e, "fdw_tuple_cost", NULL))
		o->tuple_cost = strtod(value, NULL);
	else if (named(e, "keyspace", "schema_name"))
		o->keyspace = value;
	else if (named(e, "table_name", "table"))
		o->table_name = value;
	else if (named(e, "primary_key", NULL))
		o->primary_key = value;
	else if (named(e, "clustering_key", NULL))
		o->clustering_key = value;
}

static void
apply_list(CassOptions *o, List *list, bool *sslmode_given)
{
	ListCell *lc;

	foreach (lc, list)
	{
		DefElem *e = lfirst_node(DefElem, lc);

		if (!apply_connection(o, e, sslmode_given))
			apply_reading(o, e);
	}
}

/* GUCs win over table over server. */
static void
apply_gucs(CassOptions *o)
{
	if (cass_guc_read_consistency != NULL &&
		cass_guc_read_consistency[0] != '\0')
		o->read_consistency = cql_consistency_parse(cass_guc_read_consistency);
	if (cass_guc_scan_concurrency > 0)
		o->scan_concurrency = cass_guc_scan_concurrency;
	if (cass_guc_request_timeout > 0)
		o->request_timeout = cass_guc_request_timeout * INT64CONST(1000);
}

static CassOptions *
make_defaults(void)
{
	CassOptions *o = palloc0(sizeof(CassOptions));

	o->port = 9042;
	o->connections_per_node = 1;
	o->connect_timeout = INT64CONST(5000000);
	o->request_timeout = INT64CONST(12000000);
	o->heartbeat_interval = INT64CONST(30000000);
	o->keep_connections = true;
	o->password_required = true;
	o->read_consistency = CQL_LOCAL_QUORUM;
	o->fetch_size = 5000;
	o->scan_concurrency = 8;
	o->startup_cost = -1;
	o->tuple_cost = -1;
	return o;
}

/* Options of the user's mapping, or NIL where there is none. */
static List *
mapping_options(Oid serverid, Oid userid)
{
	UserMapping *mapping = cass_find_user_mapping(serverid, userid);

	return mapping == NULL ? NIL : mapping->options;
}

static CassOptions *
build_options(Oid serverid, Oid userid, List *table_options)
{
	CassOptions *o = make_defaults();
	bool sslmode_given = false;

	apply_list(o, GetForeignServer(serverid)->options, &sslmode_given);
	apply_list(o, mapping_options(serverid, userid), &sslmode_given);
	apply_list(o, table_options, &sslmode_given);
	if (!sslmode_given && o->sslrootcert != NULL)
		o->sslmode = CQL_SSL_VERIFY_FULL;
	if (o->hosts == NIL)
		o->hosts = list_make1("127.0.0.1");
	apply_gucs(o);
	return o;
}

CassOptions *
cass_options_for_server(Oid serverid, Oid userid)
{
	return build_options(serverid, userid, NIL);
}

CassOptions *
cass_options_for_table(Oid relid, Oid userid)
{
	ForeignTable *table = GetForeignTable(relid);
	CassOptions *o = build_options(table->serverid, userid, table->options);

	if (o->table_name == NULL)
		o->table_name = get_rel_name(relid);
	if (o->keyspace == NULL)
		o->keyspace = get_namespace_name(get_rel_namespace(relid));
	return o;
}

void
cass_options_for_column(Oid relid, AttrNumber attnum, CassColumnOptions *out)
{
	ListCell *lc;

	memset(out, 0, sizeof(*out));
	foreach (lc, GetForeignColumnOptions(relid, attnum))
	{
		DefElem *e = lfirst_node(DefElem, lc);
		char *value = defGetString(e);

		if (named(e, "column_name", NULL))
			out->column_name = value;
		else if (named(e, "on_unconvertible", NULL))
			out->unconvertible =
				strcmp(value, "null") == 0	  ? CASS_UNCONVERTIBLE_NULL
				: strcmp(value, "clamp") == 0 ? CASS_UNCONVERTIBLE_CLAMP
											  : CASS_UNCONVERTIBLE_ERROR;
	}
	if (out->column_name == NULL)
		out->column_name = get_attname(relid, attnum, false);
}
