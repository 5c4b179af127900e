/*
 * guc.c
 *	  Configuration parameters.
 */
#include "guc.h"

#include "option_table.h"

#include "utils/guc.h"

char *cass_guc_read_consistency = NULL;
char *cass_guc_write_consistency = NULL;
char *cass_guc_serial_consistency = NULL;
char *cass_guc_read_throttle = NULL;
char *cass_guc_write_throttle = NULL;
int cass_guc_scan_concurrency = -1;
int cass_guc_request_timeout = -1;
int cass_guc_allow_filtering = -1;
int cass_guc_vector_search = -1;
int cass_guc_progress = -1;
bool cass_guc_trace = false;
bool cass_guc_enable_keyjoin = true;
bool cass_guc_rollback_warning = true;
int cass_guc_log_min_duration = -1;

/* A switch that leaves the choice to the options unless it is set. */
static const struct config_enum_entry switch_values[] = {
	{"default", -1, false}, {"on", 1, false},	{"off", 0, false},
	{"true", 1, true},		{"false", 0, true}, {"yes", 1, true},
	{"no", 0, true},		{"1", 1, true},		{"0", 0, true},
	{NULL, 0, false}};

static bool
check_level(char **value, CassOptionKind kind, const char *example)
{
	if (**value == '\0' || cass_option_consistency(kind, *value))
		return true;
	GUC_check_errdetail("It must be a consistency level such as %s, or empty.",
						example);
	return false;
}

static bool
check_read_consistency(char **value, void **extra, GucSource source)
{
	return check_level(value, CASS_OPTION_READ, "LOCAL_QUORUM");
}

static bool
check_write_consistency(char **value, void **extra, GucSource source)
{
	return check_level(value, CASS_OPTION_WRITE, "LOCAL_QUORUM");
}

static bool
check_serial_consistency(char **value, void **extra, GucSource source)
{
	return check_level(value, CASS_OPTION_SERIAL, "LOCAL_SERIAL");
}

static bool
check_rate(char **value, void **extra, GucSource source)
{
	CassRate rate;

	if (**value == '\0' || cass_option_rate(*value, &rate))
		return true;
	GUC_check_errdetail("It must be a number of rows a second, or of bytes "
						"such as 5MB, or empty.");
	return false;
}

static void
define_text(const char *name, const char *what, char **variable,
			GucStringCheckHook check)
{
	DefineCustomStringVariable(
		name, what, "Empty leaves it to the options of table and server.",
		variable, "", PGC_USERSET, 0, check, NULL, NULL);
}

static void
define_switch(const char *name, const char *what, int *variable)
{
	DefineCustomEnumVariable(
		name, what,
		"\"default\" leaves it to the options of table and server.", variable,
		-1, switch_values, PGC_USERSET, 0, NULL, NULL, NULL);
}

static void
define_others(void)
{
	DefineCustomIntVariable("cassandra_fdw.scan_concurrency",
							"Token ranges of a scan read at the same time.",
							"-1 leaves it to the options of table and server.",
							&cass_guc_scan_concurrency, -1, -1, 128,
							PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("cassandra_fdw.request_timeout",
							"Time limit of one attempt of a request.",
							"-1 leaves it to the options of table and server.",
							&cass_guc_request_timeout, -1, -1, 86400000,
							PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"cassandra_fdw.progress",
		"Time between notices of how far a scan or load has come.",
		"-1 has none.", &cass_guc_progress, -1, -1, 86400000, PGC_USERSET,
		GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomBoolVariable(
		"cassandra_fdw.trace", "Has Cassandra trace the requests.",
		"The session of each is told as a notice; what happened stands in "
		"Cassandra's keyspace system_traces.",
		&cass_guc_trace, false, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable(
		"cassandra_fdw.enable_keyjoin",
		"Enables the planner's use of key joins.",
		"They look up the keys of many rows of the other side at a time.",
		&cass_guc_enable_keyjoin, true, PGC_USERSET, GUC_EXPLAIN, NULL, NULL,
		NULL);
	DefineCustomBoolVariable(
		"cassandra_fdw.rollback_warning",
		"Warn of rows that a rollback leaves in Cassandra.", NULL,
		&cass_guc_rollback_warning, true, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"cassandra_fdw.log_min_duration",
		"Time above which requests to Cassandra are logged.",
		"0 logs all of them, -1 none.  Values are not logged.",
		&cass_guc_log_min_duration, -1, -1, INT_MAX, PGC_SUSET, GUC_UNIT_MS,
		NULL, NULL, NULL);
}

void
cass_guc_init(void)
{
	define_text("cassandra_fdw.read_consistency",
				"Consistency level of reads.", &cass_guc_read_consistency,
				check_read_consistency);
	define_text("cassandra_fdw.write_consistency",
				"Consistency level of writes.", &cass_guc_write_consistency,
				check_write_consistency);
	define_text("cassandra_fdw.serial_consistency",
				"Serial consistency level of conditional writes.",
				&cass_guc_serial_consistency, check_serial_consistency);
	define_text("cassandra_fdw.read_throttle",
				"Most rows or bytes that scans read in a second.",
				&cass_guc_read_throttle, check_rate);
	define_text("cassandra_fdw.write_throttle",
				"Most rows or bytes that are written in a second.",
				&cass_guc_write_throttle, check_rate);
	define_switch("cassandra_fdw.allow_filtering",
				  "Let Cassandra filter where that reads a whole table.",
				  &cass_guc_allow_filtering);
	define_switch("cassandra_fdw.vector_search",
				  "Let vector indexes answer, approximately.",
				  &cass_guc_vector_search);
	define_others();
	MarkGUCPrefixReserved("cassandra_fdw");
}
