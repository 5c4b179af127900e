/*
 * test_session_belief.c
 *	  Prepared statements of tables that are altered or made again meanwhile,
 *	  and of servers that forget them.
 *
 * The servers keep what they were asked to prepare and drop it when their
 * table changes, as Cassandra does.
 */
#include "session_steps.h"

#define MAX_KNOWN 64
#define NHOSTS 12

/* A server's table, and the ids of statements it knows. */
typedef struct table_state
{
	uint8_t id;
	bool missing;
	const char *type;  /* of v */
	const char *extra; /* name of one more column, or NULL */
	uint8_t known[MAX_KNOWN][16];
	uint32_t nknown;
	bool forgetful; /* keeps nothing */
	uint32_t run;	/* statements executed or run as text */
} table_state;

static table_state tables[FAKE_MAX_NODES];
static void (*at_prepare)(void); /* before the server prepares */
static uint32_t ticks;			 /* requests until all forget; 0: never */
static uint32_t state;

static uint32_t
draw(uint32_t n)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % n;
}

static table_state *
table_of(const fake_node *node)
{
	return &tables[node - fake_nodes];
}

static void
forget_all(void)
{
	uint32_t i;

	for (i = 0; i < FAKE_MAX_NODES; i++)
		tables[i].nknown = 0;
}

/* All servers get the table made again. */
static void
make_again(void)
{
	uint32_t i;

	for (i = 0; i < FAKE_MAX_NODES; i++)
		tables[i].id++;
	forget_all();
}

static void
alter(const char *type, const char *extra)
{
	uint32_t i;

	for (i = 0; i < FAKE_MAX_NODES; i++)
	{
		tables[i].type = type;
		tables[i].extra = extra;
	}
	forget_all();
}

/* ---- answers ---- */

static void
begin_rows(cql_buf *body, const char *const *names, int32_t n, int32_t nrows)
{
	int32_t i;

	cql_buf_init(body, &unit_env, SIZE_MAX / 2);
	cql_put_i32(body, CQL_RESULT_ROWS);
	cql_put_i32(body, 1);
	cql_put_i32(body, n);
	cql_put_string(body, "system_schema");
	cql_put_string(body, "x");
	for (i = 0; i < n; i++)
	{
		cql_put_string(body, names[i]);
		cql_put_u16(body, strcmp(names[i], "position") == 0 ? CQL_TYPE_INT
						  : strcmp(names[i], "id") == 0		? CQL_TYPE_UUID
															: CQL_TYPE_TEXT);
	}
	cql_put_i32(body, nrows);
}

static void
end_rows(cql_buf *body, const fake_request *request)
{
	fake_answer(request, CQL_OP_RESULT, body->data, body->len);
	cql_buf_free(body);
}

static void
answer_tables(const fake_request *request, const table_state *table)
{
	static const char *const names[] = {"table_name", "id"};
	uint8_t id[16];
	cql_buf body;

	begin_rows(&body, names, 2, table->missing ? 0 : 1);
	memset(id, table->id, sizeof(id));
	cql_put_long_string(&body, "t");
	cql_put_i32(&body, 16);
	cql_buf_append(&body, id, 16);
	end_rows(&body, request);
}

static void
put_column(cql_buf *body, const char *name, const char *kind, int32_t position,
		   const char *type)
{
	cql_put_long_string(body, "t");
	cql_put_long_string(body, name);
	cql_put_long_string(body, kind);
	cql_put_i32(body, 4);
	cql_put_i32(body, position);
	cql_put_long_string(body, type);
}

static void
answer_columns(const fake_request *request, const table_state *table)
{
	static const char *const names[] = {"table_name", "column_name", "kind",
										"position", "type"};
	cql_buf body;

	begin_rows(&body, names, 5, table->extra != NULL ? 3 : 2);
	put_column(&body, "k", "partition_key", 0, "int");
	put_column(&body, "v", "regular", -1, table->type);
	if (table->extra != NULL)
		put_column(&body, table->extra, "regular", -1, "int");
	end_rows(&body, request);
}

/* The id that a fake server gives to a text. */
static void
id_of(const fake_request *request, uint8_t id[16])
{
	int64_t hash =
		cql_murmur3_token(request->body + 4, cql_load_u32(request->body));

	memcpy(id, &hash, 8);
	memcpy(id + 8, &hash, 8);
}

static bool
knows(const table_state *table, const uint8_t *id)
{
	uint32_t i;

	for (i = 0; i < table->nknown; i++)
	{
		if (memcmp(table->known[i], id, 16) == 0)
			return true;
	}
	return false;
}

static void
remember(const fake_request *request, table_state *table)
{
	if (at_prepare != NULL)
		at_prepare();
	if (!table->forgetful && table->nknown < MAX_KNOWN)
		id_of(request, table->known[table->nknown++]);
}

static bool
is_of_table(const fake_request *request)
{
	return fake_asks(request, "ks.t");
}

/* The first value of a QUERY, as text was run with it. */
static int32_t
first_value_of_query(const fake_request *request)
{
	size_t at = 4 + cql_load_u32(request->body) + 2 +
				(request->version >= 5 ? 4u : 1u);

	return (int32_t) cql_load_u32(request->body + at + 2 + 4);
}

static bool
serve(fake_node *node, const fake_request *request)
{
	table_state *table = table_of(node);

	if (ticks > 0 && draw(ticks) == 0)
		forget_all();
	if (fake_asks(request, "system_schema.tables"))
		answer_tables(request, table);
	else if (fake_asks(request, "system_schema.columns"))
		answer_columns(request, table);
	else if (fake_asks(request, "system_schema.views") ||
			 fake_asks(request, "system_schema.indexes"))
		fake_no_row(request);
	else if (request->opcode == CQL_OP_PREPARE)
	{
		remember(request, table);
		return false;
	}
	else if (request->opcode == CQL_OP_EXECUTE &&
			 !knows(table, request->body + 2))
		fake_unprepared(request);
	else if (request->opcode == CQL_OP_BATCH && request->body[3] == 1 &&
			 !knows(table, request->body + 6))
		fake_error(request, CQL_SERVER_UNPREPARED, "not prepared",
				   request->body + 4, 18);
	else if (request->opcode == CQL_OP_EXECUTE ||
			 request->opcode == CQL_OP_BATCH)
	{
		table->run++;
		return false;
	}
	else if (request->opcode == CQL_OP_QUERY && is_of_table(request))
	{
		table->run++;
		fake_row(request, first_value_of_query(request));
	}
	else
		return false;
	return true;
}

/* ---- the session ---- */

static const cql_use uses[] = {{"v", CQL_USE_VALUE}};

/* What a caller believes who has read the schema now. */
static cql_belief
believe(void)
{
	static cql_schema_column columns[2];
	cql_schema_table table;
	cql_belief belief = {.keyspace = "ks", .table = "t"};

	memset(&table, 0, sizeof(table));
	memset(table.id, tables[0].id, sizeof(table.id));
	columns[0].name = "k";
	columns[0].type_text = "int";
	columns[0].kind = CQL_PARTITION_KEY;
	columns[1].name = "v";
	columns[1].type_text = tables[0].type;
	columns[1].kind = CQL_REGULAR;
	table.columns = columns;
	table.ncolumns = 2;
	table.npartition = 1;
	belief.uses = uses;
	belief.nuses = 1;
	cql_belief_tag(&table, uses, 1, belief.tag);
	return belief;
}

static cql_cluster *
start_cluster(uint32_t n, uint8_t version)
{
	cql_cluster *cluster = session_start_cluster(n);
	uint32_t i;

	memset(tables, 0, sizeof(tables));
	at_prepare = NULL;
	ticks = 0;
	for (i = 0; i < n; i++)
	{
		fake_nodes[i].handle = serve;
		fake_nodes[i].max_version = version;
		tables[i].type = "int";
	}
	for (; i < FAKE_MAX_NODES; i++)
		tables[i].type = "int";
	return cluster;
}

static uint32_t
count_run(void)
{
	uint32_t n = 0;
	uint32_t i;

	for (i = 0; i < FAKE_MAX_NODES; i++)
		n += tables[i].run;
	return n;
}

static void
test_costs_nothing(void)
{
	cql_cluster *cluster = start_cluster(1, 5);
	cql_belief belief = believe();
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 7);
	uint32_t queries;
	int i;

	params.belief = &belief;
	CHECK_INT(session_run_int(cluster, &params), 7);
	queries = fake_nodes[0].seen[CQL_OP_QUERY];
	for (i = 0; i < 20; i++)
		CHECK_INT(session_run_int(cluster, &params), 7);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_QUERY], queries);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_EXECUTE], 21);
	session_end_cluster(cluster);
}

static void
made_again(uint8_t version)
{
	cql_cluster *cluster = start_cluster(1, version);
	cql_belief belief = believe();
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 7);
	int i;

	params.belief = &belief;
	CHECK_INT(session_run_int(cluster, &params), 7);
	make_again();
	for (i = 0; i < 3; i++)
		CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CHANGED);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	CHECK_INT(count_run(), 1);
	belief = believe();
	CHECK_INT(session_run_int(cluster, &params), 7);
	tables[0].missing = true;
	forget_all();
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CHANGED);
	session_end_cluster(cluster);
}

static void
test_made_again(void)
{
	made_again(4);
	made_again(5);
}

static void
test_altered(void)
{
	cql_cluster *cluster = start_cluster(1, 5);
	cql_belief belief = believe();
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 7);

	params.belief = &belief;
	CHECK_INT(session_run_int(cluster, &params), 7);
	alter("int", "z");
	CHECK_INT(session_run_int(cluster, &params), 7);
	alter("bigint", "z");
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CHANGED);
	alter("int", NULL);
	CHECK_INT(session_run_int(cluster, &params), 7);
	session_end_cluster(cluster);
}

/* Between the first check and the PREPARE, and between that and the second. */
static void
test_made_again_in_between(void)
{
	cql_cluster *cluster = start_cluster(1, 5);
	cql_belief belief = believe();
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 7);

	params.belief = &belief;
	at_prepare = make_again;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CHANGED);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	CHECK_INT(count_run(), 0);
	session_end_cluster(cluster);
}

/* What no server keeps is sent as text, and checked all the same. */
static void
test_plain(void)
{
	cql_cluster *cluster = start_cluster(1, 5);
	cql_belief belief = believe();
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 7);
	cql_request *request;

	params.belief = &belief;
	params.idempotent = true;
	tables[0].forgetful = true;
	CHECK_INT(session_run_int(cluster, &params), 7);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_EXECUTE], 1 + CQL_MAX_REPREPARE);
	CHECK_INT(count_run(), 1);
	make_again();
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CHANGED);
	CHECK_INT(count_run(), 1);
	/* the rows are not believed where it was made again meanwhile */
	belief = believe();
	request = session_execute(cluster, &params);
	while (count_run() == 1 && fake_turn(cluster))
		;
	make_again();
	CHECK_INT(fake_run(cluster, request), CQL_REQUEST_FAILED);
	CHECK_INT(cql_request_error(request)->code, CQL_ERR_CHANGED);
	cql_request_release(request);
	session_end_cluster(cluster);
}

static void
test_plain_batch(void)
{
	cql_cluster *cluster = start_cluster(1, 5);
	cql_belief belief = believe();
	cql_params params = fake_params(NULL);
	cql_batch_entry entries[2];
	cql_request *request;
	cql_error err;
	int i;

	memset(entries, 0, sizeof(entries));
	for (i = 0; i < 2; i++)
	{
		entries[i].cql = i == 0 ? "INSERT INTO ks.t (k) VALUES (1)"
								: "INSERT INTO ks.t (k) VALUES (2)";
		entries[i].prepare = true;
		entries[i].belief = &belief;
	}
	tables[0].forgetful = true;
	for (i = 0; i < 2; i++)
	{
		request = cql_execute_batch(cluster, CQL_BATCH_UNLOGGED, entries, 2,
									&params, &err);
		REQUIRE(request != NULL);
		CHECK_INT(fake_run(cluster, request),
				  i == 0 ? CQL_REQUEST_DONE : CQL_REQUEST_FAILED);
		CHECK_INT(count_run(), 1);
		cql_request_release(request);
		make_again();
	}
	session_end_cluster(cluster);
}

static void
test_check(void)
{
	cql_cluster *cluster = start_cluster(1, 5);
	cql_belief belief = believe();
	cql_error err;
	int i;

	for (i = 0; i < 2; i++)
	{
		cql_request *request = cql_belief_check(cluster, &belief, 0, &err);

		REQUIRE(request != NULL);
		CHECK_INT(fake_run(cluster, request),
				  i == 0 ? CQL_REQUEST_DONE : CQL_REQUEST_FAILED);
		cql_request_release(request);
		make_again();
	}
	session_end_cluster(cluster);
}

/* ---- all hosts forget, at any time ---- */

#define WINDOW 100

static void
forget_anywhere(uint32_t seed, bool believing)
{
	cql_cluster *cluster = start_cluster(NHOSTS, 5);
	cql_belief belief = believe();
	cql_request *requests[WINDOW];
	int32_t i;

	state = seed;
	ticks = 20 + draw(200);
	for (i = 0; i < 600; i++)
	{
		uint8_t bytes[4];
		cql_slice value;
		cql_params params = session_lookup(bytes, &value, i);

		if (i >= WINDOW)
		{
			(void) fake_run(cluster, requests[i % WINDOW]);
			CHECK_INT(session_take_int(requests[i % WINDOW]), i - WINDOW);
		}
		params.has_token = true;
		params.token = (int64_t) draw(NHOSTS * 1000);
		params.belief = believing ? &belief : NULL;
		requests[i % WINDOW] = session_execute(cluster, &params);
	}
	for (i = 0; i < WINDOW; i++)
	{
		(void) fake_run(cluster, requests[i]);
		CHECK_INT(session_take_int(requests[i]), 500 + i);
	}
	session_end_cluster(cluster);
}

static void
test_all_forget(void)
{
	uint32_t seed;

	for (seed = 1; seed <= 6; seed++)
		forget_anywhere(seed, seed % 2 == 0);
}

const unit_case unit_cases[] = {
	{"a belief costs no request once prepared", test_costs_nothing},
	{"a table made again", test_made_again},
	{"a table altered", test_altered},
	{"made again while prepared", test_made_again_in_between},
	{"statements that no server keeps", test_plain},
	{"batches that no server keeps", test_plain_batch},
	{"a check alone", test_check},
	{"twelve hosts forget at any time", test_all_forget},
	{NULL, NULL}};
