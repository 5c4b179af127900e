/*
 * option_value.c
 *	  Options in force: defaults, then server, user mapping and table, then
 *	  configuration parameters.
 */
#include "cql.h"
#include "guc.h"
#include "cass_types.h"
#include "option_table.h"

#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

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

/* Place of a value among an enumeration's words. */
static int
place_of_word(const char *words, const char *value)
{
	const char *found = strstr(words, psprintf(" %s ", value));
	const char *p;
	int place = 0;

	for (p = words; found != NULL && p < found; p++)
		place += *p == ' ';
	return place;
}

/* Stores a valid value. */
static void
apply(const CassOptionDef *def, void *base, const char *value)
{
	void *field = (char *) base + def->offset;
	bool flag = false;

	switch (def->kind)
	{
		case CASS_OPTION_TEXT:
		case CASS_OPTION_SELECTOR:
			*(char **) field = cass_to_cql(value);
			break;
		case CASS_OPTION_FILE:
			*(char **) field = pstrdup(value);
			break;
		case CASS_OPTION_LIST:
			*(List **) field = split_list(value);
			break;
		case CASS_OPTION_INT:
			*(int *) field = atoi(value);
			break;
		case CASS_OPTION_BOOL:
			(void) parse_bool(value, (bool *) field);
			break;
		case CASS_OPTION_DURATION:
			(void) cass_option_duration(value, (int64 *) field);
			break;
		case CASS_OPTION_COST:
			*(double *) field = strtod(value, NULL);
			break;
		case CASS_OPTION_RATE:
			(void) cass_option_rate(value, (CassRate *) field);
			break;
		case CASS_OPTION_ENUM:
			*(int *) field = def->min + place_of_word(def->words, value);
			break;
		case CASS_OPTION_READ:
		case CASS_OPTION_WRITE:
		case CASS_OPTION_SERIAL:
			*(int *) field = cql_consistency_parse(value);
			break;
		case CASS_OPTION_BOTH:
			((CassOptions *) base)->read_consistency =
				cql_consistency_parse(value);
			((CassOptions *) base)->write_consistency =
				cql_consistency_parse(value);
			break;
		case CASS_OPTION_SSL:
			(void) parse_bool(value, &flag);
			*(int *) field = flag ? CQL_SSL_VERIFY_FULL : CQL_SSL_DISABLE;
			break;
		case CASS_OPTION_REFUSED:
			break;
	}
}

/*
 * Stores the values of one catalog's options.  In the order of the table, so
 * that "consistency" comes before the options that are more exact.
 */
static void
apply_list(void *base, List *list, int where)
{
	const CassOptionDef *def;
	ListCell *lc;

	if (list == NIL)
		return;
	for (def = cass_option_table; def->name != NULL; def++)
	{
		if (!(def->where & where))
			continue;
		foreach (lc, list)
		{
			DefElem *e = lfirst_node(DefElem, lc);

			if (strcmp(e->defname, def->name) == 0)
				apply(def, base, defGetString(e));
		}
	}
}

static void
apply_defaults(void *base, int where)
{
	const CassOptionDef *def;

	for (def = cass_option_table; def->name != NULL; def++)
	{
		if ((def->where & where) && def->initial != NULL)
			apply(def, base, def->initial);
	}
}

static void
apply_consistency(int *field, const char *guc)
{
	if (guc != NULL && guc[0] != '\0')
		*field = cql_consistency_parse(guc);
}

static void
apply_rate(CassRate *field, const char *guc)
{
	if (guc != NULL && guc[0] != '\0')
		(void) cass_option_rate(guc, field);
}

/* GUCs win over table over server. */
static void
apply_gucs(CassOptions *o)
{
	apply_consistency(&o->read_consistency, cass_guc_read_consistency);
	apply_consistency(&o->write_consistency, cass_guc_write_consistency);
	apply_consistency(&o->serial_consistency, cass_guc_serial_consistency);
	apply_rate(&o->read_throttle, cass_guc_read_throttle);
	apply_rate(&o->write_throttle, cass_guc_write_throttle);
	if (cass_guc_scan_concurrency > 0)
		o->scan_concurrency = cass_guc_scan_concurrency;
	if (cass_guc_request_timeout > 0)
		o->request_timeout = cass_guc_request_timeout * INT64CONST(1000);
	if (cass_guc_allow_filtering >= 0)
		o->allow_filtering = cass_guc_allow_filtering > 0;
	if (cass_guc_vector_search >= 0)
		o->vector_search = cass_guc_vector_search > 0;
}

static bool
mapping_exists(Oid serverid, Oid userid)
{
	return SearchSysCacheExists2(USERMAPPINGUSERSERVER,
								 ObjectIdGetDatum(userid),
								 ObjectIdGetDatum(serverid));
}

List *
cass_mapping_options(Oid serverid, Oid userid)
{
	if (!mapping_exists(serverid, userid) &&
		!mapping_exists(serverid, InvalidOid))
		return NIL;
	return GetUserMapping(userid, serverid)->options;
}

/* What holds where nothing is set; read from its texts once a backend. */
static const CassOptions *
get_defaults(void)
{
	static const CassOptions *defaults = NULL;

	if (defaults == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
		CassOptions *o = palloc0(sizeof(CassOptions));

		o->startup_cost = o->tuple_cost = -1;
		o->ttl = -1;
		o->sslmode = -1;
		apply_defaults(o, CASS_ON_SERVER | CASS_ON_TABLE | CASS_ON_MAPPING);
		MemoryContextSwitchTo(old);
		defaults = o;
	}
	return defaults;
}

/*
 * Who must show a password is not to be known by the server's certificate in
 * its place: for him there is only what his mapping names.
 */
static void
apply_mapping(CassOptions *o, List *options, Oid userid)
{
	CassOptions own = {0};

	apply_list(o, options, CASS_ON_MAPPING);
	o->password_required &= !superuser_arg(userid);
	if (!o->password_required)
		return;
	apply_list(&own, options, CASS_ON_MAPPING);
	o->sslcert = own.sslcert;
	o->sslkey = own.sslkey;
}

static CassOptions *
build_options(Oid serverid, Oid userid, List *table_options)
{
	CassOptions *o = palloc(sizeof(CassOptions));

	*o = *get_defaults();
	apply_list(o, GetForeignServer(serverid)->options, CASS_ON_SERVER);
	apply_mapping(o, cass_mapping_options(serverid, userid), userid);
	apply_list(o, table_options, CASS_ON_TABLE);
	if (o->sslmode < 0)
		o->sslmode =
			o->sslrootcert != NULL ? CQL_SSL_VERIFY_FULL : CQL_SSL_DISABLE;
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
		o->table_name = cass_to_cql(get_rel_name(relid));
	if (o->keyspace == NULL)
		o->keyspace =
			cass_to_cql(get_namespace_name(get_rel_namespace(relid)));
	return o;
}

void
cass_options_for_column(Oid relid, AttrNumber attnum, CassColumnOptions *out)
{
	memset(out, 0, sizeof(*out));
	apply_defaults(out, CASS_ON_COLUMN);
	apply_list(out, GetForeignColumnOptions(relid, attnum), CASS_ON_COLUMN);
	if (out->column_name == NULL)
		out->column_name = cass_to_cql(get_attname(relid, attnum, false));
}
