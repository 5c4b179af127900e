/*
 * option_table.c
 *	  The one table of options, from which doc/options.md is made, and how
 *	  their values are spelled.
 */
#include "cql.h"
#include "option_table.h"

#define SERVER CASS_ON_SERVER
#define TABLE CASS_ON_TABLE
#define COLUMN CASS_ON_COLUMN
#define MAPPING CASS_ON_MAPPING
#define AT(field) .offset = offsetof(CassOptions, field)
#define IN_COLUMN(field) .offset = offsetof(CassColumnOptions, field)

/* In the order of the reference: server, reads, writes, table, column, user.
 */
const CassOptionDef cass_option_table[] = {
	{"host", SERVER, CASS_OPTION_LIST, AT(hosts), .initial = "127.0.0.1",
	 .text = "Nodes to begin with, each session with one at random: names or "
			 "addresses, each with a port of its own if need be (`a,b:9043`); "
			 "the others are found."},
	{"port", SERVER, CASS_OPTION_INT, AT(port), 1, 65535, .initial = "9042",
	 .text = "Port of hosts that name none."},
	{"local_datacenter", SERVER, CASS_OPTION_TEXT, AT(local_dc),
	 .text = "Data centre whose nodes run all statements, as Cassandra spells "
			 "it; not given: that of the first node reached, with a WARNING "
			 "where there are others."},
	{"rack", SERVER, CASS_OPTION_TEXT, AT(rack),
	 .text = "Rack whose nodes are preferred in the local data centre."},
	{"remote_dc_failover", SERVER, CASS_OPTION_BOOL, AT(remote_dc_failover),
	 .initial = "false",
	 .text = "Ask nodes of other data centres when none of the local one "
			 "answers or there is none; the local consistency levels then "
			 "mean theirs."},
	{"connections_per_node", SERVER, CASS_OPTION_INT, AT(connections_per_node),
	 1, 16, .initial = "1", .text = "Connections to each node in use."},
	{"max_nodes", SERVER, CASS_OPTION_INT, AT(max_nodes), 1, 4096,
	 .text = "Nodes of the local data centre that a session keeps connections "
			 "to, drawn at random; others stand in where none of them is "
			 "left. Without it all."},
	{"address_map", SERVER, CASS_OPTION_LIST, AT(address_map),
	 .text = "Addresses to dial in place of those that nodes advertise: "
			 "`advertised=dialled`, a list."},
	{"protocol_version", SERVER, CASS_OPTION_INT, AT(protocol_version), 4, 5,
	 .text = "Version of the native protocol; not given: 5, or 4 where a "
			 "node does not speak 5, or says nothing for half of "
			 "`connect_timeout`."},
	{"protocol", SERVER, CASS_OPTION_INT, AT(protocol_version), 4, 5,
	 .alias = "protocol_version"},
	{"compression", SERVER, CASS_OPTION_ENUM, AT(compression),
	 .words = " none lz4 ", .initial = "none",
	 .text = "Compression of the traffic."},
	{"sslmode", SERVER, CASS_OPTION_ENUM, AT(sslmode),
	 .words = " disable require verify-ca verify-full ",
	 .text = "TLS, in libpq's words; not given: `verify-full` where "
			 "`sslrootcert` is given, else `disable`."},
	{"ssl", SERVER, CASS_OPTION_SSL, AT(sslmode), .alias = "sslmode"},
	{"sslsni", SERVER, CASS_OPTION_ENUM, AT(sslsni), .words = " name host_id ",
	 .initial = "name",
	 .text = "What TLS tells the server that is asked for: the host's name, "
			 "or the node's host_id. `host_id` is for nodes behind a proxy: "
			 "each is dialled at an address of `host`, none at its own. A "
			 "host may have such a name behind it to begin with, "
			 "`proxy:29042/dd4f…`."},
	{"sslrootcert", SERVER | MAPPING, CASS_OPTION_FILE, AT(sslrootcert),
	 .text = "File of the certificate authorities to trust (PEM)."},
	{"ssl_ca", SERVER | MAPPING, CASS_OPTION_FILE, AT(sslrootcert),
	 .alias = "sslrootcert"},
	{"sslcert", SERVER | MAPPING, CASS_OPTION_FILE, AT(sslcert),
	 .text = "File of the client's certificate (PEM). A server's is for "
			 "superusers and where `password_required` is false."},
	{"ssl_cert", SERVER | MAPPING, CASS_OPTION_FILE, AT(sslcert),
	 .alias = "sslcert"},
	{"sslkey", SERVER | MAPPING, CASS_OPTION_FILE, AT(sslkey),
	 .text = "File of the client's key (PEM, without a password), which "
			 "only its owner may be able to read."},
	{"ssl_key", SERVER | MAPPING, CASS_OPTION_FILE, AT(sslkey),
	 .alias = "sslkey"},
	{"auth", SERVER | MAPPING, CASS_OPTION_ENUM, AT(auth),
	 .words = " password sigv4 ", .initial = "password",
	 .text = "How the user mapping's credentials are shown: as user name and "
			 "password, or, to Amazon Keyspaces, as an access key's id and "
			 "its AWS signature; its secret is not sent."},
	{"aws_region", SERVER | MAPPING, CASS_OPTION_TEXT, AT(aws_region),
	 .text = "Region that the signature of `auth 'sigv4'` is for."},
	{"connect_timeout", SERVER, CASS_OPTION_DURATION, AT(connect_timeout),
	 .initial = "5s",
	 .text = "Time limit of looking a host's name up, and of connecting to "
			 "one node."},
	{"request_timeout", SERVER | TABLE, CASS_OPTION_DURATION,
	 AT(request_timeout), .initial = "12s",
	 .text = "Time limit of one attempt of a request."},
	{"max_retries", SERVER, CASS_OPTION_INT, AT(max_retries), 0, 10,
	 .initial = "2",
	 .text = "How often a failed request that may be repeated is, on the next "
			 "node where that can help."},
	{"speculative_delay", SERVER | TABLE, CASS_OPTION_DURATION,
	 AT(speculative_delay),
	 .text = "A look-up by the whole partition key that has no answer after "
			 "this time is asked of another node, too, and the first answer "
			 "taken. Without it never."},
	{"receive_memory", SERVER, CASS_OPTION_INT, AT(receive_memory), 1024,
	 1073741824,
	 .text = "Memory in kB for answers that are received and not read yet; "
			 "without it `work_mem` and 64 MB. When it is used up, servers "
			 "wait; one answer larger than it is an error, and twice it is "
			 "never exceeded by much."},
	{"heartbeat_interval", SERVER, CASS_OPTION_DURATION,
	 AT(heartbeat_interval), .initial = "30s",
	 .text =
		 "Idle time after which a connection is probed: beside what may be "
		 "repeated, before a write that may not."},
	{"topology_refresh", SERVER, CASS_OPTION_DURATION, AT(topology_refresh),
	 .initial = "60s",
	 .text = "Age at which the list of nodes and the replication of keyspaces "
			 "are read anew, at their next use; sooner where a node fails."},
	{"keep_connections", SERVER, CASS_OPTION_BOOL, AT(keep_connections),
	 .initial = "true",
	 .text = "Keep connections after the transaction's end."},
	{"application_name", SERVER, CASS_OPTION_TEXT, AT(application_name),
	 .text = "Name that Cassandra shows in `system_views.clients`."},
	{"consistency", SERVER | TABLE, CASS_OPTION_BOTH, AT(read_consistency),
	 .text = "Sets `read_consistency` and `write_consistency`, which win "
			 "where they stand beside it."},
	{"read_consistency", SERVER | TABLE, CASS_OPTION_READ,
	 AT(read_consistency), .initial = "LOCAL_QUORUM",
	 .text = "Consistency level of reads. `SERIAL` and `LOCAL_SERIAL` are "
			 "for reads of single partitions."},
	{"fetch_size", SERVER | TABLE, CASS_OPTION_INT, AT(fetch_size), 1, 1000000,
	 .initial = "5000", .text = "Most rows of one page."},
	{"scan_concurrency", SERVER | TABLE, CASS_OPTION_INT, AT(scan_concurrency),
	 1, 128, .initial = "8",
	 .text = "Token ranges of a scan that are read at the same time."},
	{"read_throttle", SERVER | TABLE, CASS_OPTION_RATE, AT(read_throttle),
	 .text = "Most rows, or kB or MB, that scans of a session read in a "
			 "second: `10000`, `5MB`; 0: any number. With one the table is no "
			 "part of a parallel plan."},
	{"allow_filtering", SERVER | TABLE, CASS_OPTION_BOOL, AT(allow_filtering),
	 .initial = "false",
	 .text = "Let Cassandra filter where that reads the whole table "
			 "(`ALLOW FILTERING`); false: PostgreSQL filters."},
	{"vector_search", SERVER | TABLE, CASS_OPTION_BOOL, AT(vector_search),
	 .initial = "true",
	 .text = "Let a vector index answer `ORDER BY` a distance with `LIMIT`, "
			 "approximately; false: PostgreSQL sorts."},
	{"sasi_like", SERVER | TABLE, CASS_OPTION_BOOL, AT(sasi_like),
	 .initial = "false",
	 .text = "Let a SASI index answer `LIKE`, although it leaves out values "
			 "of 1,024 bytes and more; false: PostgreSQL compares."},
	{"fdw_startup_cost", SERVER | TABLE, CASS_OPTION_COST, AT(startup_cost),
	 .text = "Planner's cost of beginning a scan."},
	{"fdw_tuple_cost", SERVER | TABLE, CASS_OPTION_COST, AT(tuple_cost),
	 .text = "Planner's cost of a row fetched."},
	{"write_consistency", SERVER | TABLE, CASS_OPTION_WRITE,
	 AT(write_consistency), .initial = "LOCAL_QUORUM",
	 .text = "Consistency level of writes."},
	{"serial_consistency", SERVER | TABLE, CASS_OPTION_SERIAL,
	 AT(serial_consistency), .initial = "SERIAL",
	 .text = "Serial consistency level of conditional writes: `SERIAL` or "
			 "`LOCAL_SERIAL`."},
	{"batch_size", SERVER | TABLE, CASS_OPTION_INT, AT(batch_size), 1, 100000,
	 .initial = "1000",
	 .text = "Most rows that share a batch: rows of one partition, or of the "
			 "same replicas; 1: each row by itself."},
	{"max_in_flight", SERVER | TABLE, CASS_OPTION_INT, AT(max_in_flight), 1,
	 32768, .initial = "512",
	 .text = "Most write requests of a statement under way."},
	{"write_throttle", SERVER | TABLE, CASS_OPTION_RATE, AT(write_throttle),
	 .text = "The same of what a session writes."},
	{"timestamps", SERVER | TABLE, CASS_OPTION_ENUM, AT(timestamps),
	 .words = " client server ", .initial = "client",
	 .text = "Who gives rows their write time; under `server` plain writes "
			 "are not retried."},
	{"conditional_writes", SERVER | TABLE, CASS_OPTION_BOOL,
	 AT(conditional_writes), .initial = "false",
	 .text = "UPDATE and DELETE use `IF`, with what WHERE asks of columns "
			 "outside of the key by equality, or `IF EXISTS`; so does INSERT "
			 "ON CONFLICT DO UPDATE."},
	{"insert_conflict", SERVER | TABLE, CASS_OPTION_ENUM, AT(insert_conflict),
	 .words = " overwrite error ignore ", .initial = "overwrite",
	 .text = "What INSERT and COPY do where a row of the same key exists: "
			 "write over it, fail, or leave it as it is; the latter two by "
			 "`IF NOT EXISTS`, a request a row. Counters are added to in any "
			 "case."},
	{"write_nulls", SERVER | TABLE, CASS_OPTION_BOOL, AT(write_nulls),
	 .initial = "true",
	 .text = "INSERT writes an explicit NULL; false: it leaves the column as "
			 "it is. UPDATE always writes it, and so does ON CONFLICT DO "
			 "UPDATE."},
	{"delete_counters", SERVER | TABLE, CASS_OPTION_BOOL, AT(delete_counters),
	 .initial = "false",
	 .text = "Allow DELETE of rows with counters. Where such a row is added "
			 "to again, its counters may have their old values."},
	{"updatable", SERVER | TABLE, CASS_OPTION_BOOL, AT(updatable),
	 .initial = "true", .text = "Allow INSERT, UPDATE, DELETE and TRUNCATE."},
	{"truncatable", SERVER | TABLE, CASS_OPTION_BOOL, AT(truncatable),
	 .initial = "true", .text = "Allow TRUNCATE."},
	{"async_capable", SERVER | TABLE, CASS_OPTION_BOOL, AT(async_capable),
	 .initial = "false",
	 .text = "Read the table while other parts of the same partitioned table "
			 "or UNION ALL are read; it is then no part of a parallel plan."},
	{"ttl", TABLE, CASS_OPTION_INT, AT(ttl), 0, CASS_MAX_TTL,
	 .text = "Seconds that written rows live; 0: for ever; not given: the "
			 "table's default."},
	{"keyspace", SERVER | TABLE, CASS_OPTION_TEXT, AT(keyspace),
	 .text = "Keyspace; not given: the foreign table's schema."},
	{"schema_name", TABLE, CASS_OPTION_TEXT, AT(keyspace),
	 .alias = "keyspace"},
	{"table_name", TABLE, CASS_OPTION_TEXT, AT(table_name),
	 .text = "Table or materialized view; not given: the foreign table's "
			 "name."},
	{"table", TABLE, CASS_OPTION_TEXT, AT(table_name), .alias = "table_name"},
	{"columnfamily", TABLE, CASS_OPTION_TEXT, AT(table_name),
	 .alias = "table_name"},
	{"query", TABLE, CASS_OPTION_REFUSED,
	 .text = "Use the function cassandra_query(), or a view on the foreign "
			 "table."},
	{"primary_key", TABLE, CASS_OPTION_TEXT, AT(primary_key),
	 .text = "Tells people and tools the partition key; IMPORT writes it. "
			 "What counts is read from Cassandra: a WARNING tells where they "
			 "differ."},
	{"clustering_key", TABLE, CASS_OPTION_TEXT, AT(clustering_key),
	 .text = "The same for the clustering columns."},
	{"use_remote_estimate", SERVER | TABLE, CASS_OPTION_REFUSED,
	 .text = "Cassandra gives no estimates of queries: run ANALYZE on the "
			 "foreign table."},
	{"column_name", COLUMN, CASS_OPTION_TEXT, IN_COLUMN(column_name),
	 .text = "Column of the Cassandra table; not given: the foreign "
			 "column's name."},
	{"expression", COLUMN, CASS_OPTION_SELECTOR, IN_COLUMN(expression),
	 .text = "What to read in place of a column, in CQL: `writetime(email)`, "
			 "`ttl(email)`, `token(id)`, `addr.street`, `attrs['k']`, "
			 "`CAST(x AS text)`, functions, constants. Read-only."},
	{"using", COLUMN, CASS_OPTION_ENUM, IN_COLUMN(using), .min = 1,
	 .words = " ttl timestamp ",
	 .text =
		 "The column gives the TTL (seconds) or the write time of the row "
		 "that is written; it reads NULL unless it is an expression, too."},
	{"on_unconvertible", COLUMN, CASS_OPTION_ENUM, IN_COLUMN(unconvertible),
	 .words = " error null clamp ", .initial = "error",
	 .text = "What to do with values that PostgreSQL cannot hold: an error, "
			 "NULL, or the nearest value."},
	{"username", MAPPING, CASS_OPTION_TEXT, AT(username),
	 .text = "User name."},
	{"user", MAPPING, CASS_OPTION_TEXT, AT(username), .alias = "username"},
	{"aws_access_key_id", MAPPING, CASS_OPTION_TEXT, AT(username),
	 .alias = "username"},
	{"password", MAPPING, CASS_OPTION_TEXT, AT(password), .text = "Password."},
	{"aws_secret_access_key", MAPPING, CASS_OPTION_TEXT, AT(password),
	 .alias = "password"},
	{"aws_session_token", MAPPING, CASS_OPTION_TEXT, AT(aws_session_token),
	 .text = "Session token that belongs to a temporary access key."},
	{"password_required", MAPPING, CASS_OPTION_BOOL, AT(password_required),
	 .initial = "true",
	 .text = "Non-superusers must have a password, and Cassandra must ask "
			 "for it; only superusers may set this to false."},
	{NULL}};

bool
cass_option_duration(const char *text, int64 *us)
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

bool
cass_option_rate(const char *text, CassRate *rate)
{
	static const struct
	{
		const char *unit;
		double bytes; /* 0: rows */
	} units[] = {{"", 0}, {"rows", 0}, {"kB", 1024}, {"MB", 1024 * 1024}};
	char *end;
	double v = strtod(text, &end);
	int i;

	if (end == text || !(v >= 0 && v <= 1e12))
		return false;
	while (*end == ' ')
		end++;
	for (i = 0; i < (int) lengthof(units); i++)
	{
		if (strcmp(end, units[i].unit) != 0)
			continue;
		rate->rows = units[i].bytes == 0 ? v : 0;
		rate->bytes = v * units[i].bytes;
		return true;
	}
	return false;
}

bool
cass_option_consistency(CassOptionKind kind, const char *name)
{
	int level = cql_consistency_parse(name);
	bool serial = level == CQL_SERIAL || level == CQL_LOCAL_SERIAL;

	if (level < 0)
		return false;
	switch (kind)
	{
		case CASS_OPTION_READ:
			return level != CQL_ANY;
		case CASS_OPTION_WRITE:
			return !serial;
		case CASS_OPTION_SERIAL:
			return serial;
		default:
			return level != CQL_ANY && !serial;
	}
}
