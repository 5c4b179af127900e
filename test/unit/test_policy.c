/*
 * test_policy.c
 *	  The pure parts of the engine: order of hosts, retries, timers,
 *	  addresses.
 */
#include "unit.h"

#include <limits.h>

#include "choose.h"
#include "retry.h"

/* ---- policy ---- */

#define N_HOSTS 6

static cql_host hosts[N_HOSTS];
static cql_host *nodes[N_HOSTS];

/* 0-3 local (0, 1 in our rack), 4 and 5 in the other data centre. */
static cql_choice
start_choice(void)
{
	cql_choice choice;
	uint32_t i;

	memset(hosts, 0, sizeof(hosts));
	for (i = 0; i < N_HOSTS; i++)
	{
		nodes[i] = &hosts[i];
		hosts[i].node.local = i < 4;
		hosts[i].same_rack = i < 2;
	}
	memset(&choice, 0, sizeof(choice));
	choice.nodes = nodes;
	choice.nnodes = N_HOSTS;
	choice.nrack = 2;
	choice.nkept = 4;
	choice.now = 1000;
	return choice;
}

static int
pick(const cql_choice *choice)
{
	cql_host *host = cql_choose_node(choice);

	return host == NULL ? -1 : (int) (host - hosts);
}

static void
check_order(cql_choice *choice, const char *expected)
{
	cql_tried tried[N_HOSTS];
	char order[32] = "";
	int host;

	memset(tried, 0, sizeof(tried));
	choice->tried = tried;
	choice->ntried = 0;
	while ((host = pick(choice)) >= 0 && choice->ntried < N_HOSTS)
	{
		order[choice->ntried] = (char) ('0' + host);
		order[choice->ntried + 1] = '\0';
		tried[choice->ntried].host = &hosts[host];
		tried[choice->ntried++].excluded = true;
	}
	CHECK_STR(order, expected);
}

static void
test_order_without_token(void)
{
	cql_choice choice = start_choice();

	check_order(&choice, "012345");
	choice.turn = 1;
	check_order(&choice, "103254");
	choice.turn = 2;
	check_order(&choice, "012345");
	hosts[0].same_rack = hosts[1].same_rack = false;
	choice.nrack = 0;
	check_order(&choice, "230145");
	choice.turn = 5;
	check_order(&choice, "123054");
}

static void
test_order_with_replicas(void)
{
	static const uint32_t replicas[] = {5, 3, 1};
	cql_choice choice = start_choice();

	choice.replicas = replicas;
	choice.nreplicas = 3;
	check_order(&choice, "130254");
	hosts[1].failures = 1;
	hosts[1].retry_at = 2000;
	check_order(&choice, "302541");
	choice.now = 2000;
	check_order(&choice, "130254");
}

static void
test_local_only(void)
{
	static const uint32_t replicas[] = {5, 3, 1};
	cql_choice choice = start_choice();

	choice.local_only = true;
	check_order(&choice, "0123");
	choice.replicas = replicas;
	choice.nreplicas = 3;
	check_order(&choice, "1302");
}

static void
test_least_in_flight(void)
{
	static const uint32_t replicas[] = {0, 1};
	cql_choice choice = start_choice();

	choice.replicas = replicas;
	choice.nreplicas = 2;
	hosts[0].in_flight = 3;
	hosts[1].in_flight = 2;
	CHECK_INT(pick(&choice), 1);
	hosts[1].in_flight = 4;
	CHECK_INT(pick(&choice), 0);
	hosts[0].in_flight = 4;
	CHECK_INT(pick(&choice), 0);
	choice.turn = 1;
	CHECK_INT(pick(&choice), 1);
}

static void
test_down_and_failed(void)
{
	cql_choice choice = start_choice();
	uint32_t i;

	for (i = 0; i < N_HOSTS; i++)
	{
		hosts[i].failures = 1;
		hosts[i].retry_at = 5000;
	}
	check_order(&choice, "012345");
	hosts[5].nready = 1;
	check_order(&choice, "501234");
	choice.ready_only = true;
	check_order(&choice, "5");
	choice.ready_only = false;
	for (i = 0; i < N_HOSTS; i++)
		hosts[i].failed_seq = 7;
	choice.seq = 6;
	check_order(&choice, "5");
	choice.seq = 7;
	check_order(&choice, "501234");
	choice.nnodes = choice.nkept = choice.nrack = 0;
	CHECK_INT(pick(&choice), -1);
}

/* Spare nodes come after those that are up, before those that are down. */
static void
test_spare(void)
{
	static const uint32_t replicas[] = {3, 1};
	cql_choice choice = start_choice();

	hosts[3].spare = true;
	choice.nkept = 3;
	check_order(&choice, "012453");
	choice.replicas = replicas;
	choice.nreplicas = 2;
	check_order(&choice, "102453");
	hosts[1].failures = 1;
	hosts[1].retry_at = 2000;
	check_order(&choice, "024531");
}

/* Indexes beyond the nodes (an old token map) are not followed. */
static void
test_replicas_out_of_range(void)
{
	static const uint32_t replicas[] = {900, 2};
	cql_choice choice = start_choice();

	choice.replicas = replicas;
	choice.nreplicas = 2;
	CHECK_INT(pick(&choice), 2);
}

/* ---- retries ---- */

static cql_retry
decide(cql_code code, int32_t server_code, bool sent, bool idempotent,
	   uint32_t attempts)
{
	cql_retry_case retry;
	cql_error err;

	memset(&err, 0, sizeof(err));
	err.code = code;
	err.server_code = server_code;
	err.received = 2;
	err.required = 2;
	memcpy(err.write_type, "BATCH_LOG", 10);
	retry.error = &err;
	retry.sent = sent;
	retry.idempotent = idempotent;
	retry.attempts = attempts;
	retry.max_attempts = 3;
	return cql_retry_decide(&retry);
}

static cql_retry
server(int32_t code, bool idempotent)
{
	return decide(CQL_ERR_SERVER, code, true, idempotent, 1);
}

static void
test_retry_server_errors(void)
{
	CHECK_INT(server(CQL_SERVER_UNAVAILABLE, true), CQL_RETRY_LATER);
	CHECK_INT(server(CQL_SERVER_UNAVAILABLE, false), CQL_RETRY_NO);
	/* after another host's time-out, too, while one is left */
	CHECK_INT(decide(CQL_ERR_SERVER, CQL_SERVER_UNAVAILABLE, true, true, 2),
			  CQL_RETRY_LATER);
	CHECK_INT(decide(CQL_ERR_SERVER, CQL_SERVER_UNAVAILABLE, true, true, 3),
			  CQL_RETRY_NO);
	CHECK_INT(server(CQL_SERVER_BOOTSTRAPPING, false), CQL_RETRY_NEXT);
	CHECK_INT(server(CQL_SERVER_OVERLOADED, false), CQL_RETRY_NO);
	CHECK_INT(server(CQL_SERVER_OVERLOADED, true), CQL_RETRY_LATER);
	CHECK_INT(server(CQL_SERVER_ERROR, true), CQL_RETRY_NEXT);
	CHECK_INT(server(CQL_SERVER_ERROR, false), CQL_RETRY_NO);
	CHECK_INT(server(CQL_SERVER_READ_TIMEOUT, true), CQL_RETRY_SAME);
	CHECK_INT(decide(CQL_ERR_SERVER, CQL_SERVER_READ_TIMEOUT, true, true, 2),
			  CQL_RETRY_LATER);
	CHECK_INT(server(CQL_SERVER_READ_TIMEOUT, false), CQL_RETRY_NO);
	CHECK_INT(server(CQL_SERVER_WRITE_TIMEOUT, true), CQL_RETRY_SAME);
	CHECK_INT(decide(CQL_ERR_SERVER, CQL_SERVER_WRITE_TIMEOUT, true, true, 2),
			  CQL_RETRY_LATER);
	CHECK_INT(server(CQL_SERVER_WRITE_TIMEOUT, false), CQL_RETRY_NO);
	CHECK_INT(server(CQL_SERVER_READ_FAILURE, true), CQL_RETRY_NO);
	CHECK_INT(server(CQL_SERVER_WRITE_FAILURE, true), CQL_RETRY_NO);
	CHECK_INT(server(CQL_SERVER_SYNTAX, true), CQL_RETRY_NO);
	CHECK_INT(server(CQL_SERVER_INVALID, true), CQL_RETRY_NO);
}

static void
test_retry_connections(void)
{
	CHECK_INT(decide(CQL_ERR_LOST, -1, true, false, 1), CQL_RETRY_NO);
	CHECK_INT(decide(CQL_ERR_LOST, -1, false, false, 1), CQL_RETRY_NEXT);
	CHECK_INT(decide(CQL_ERR_LOST, -1, true, true, 2), CQL_RETRY_NEXT);
	CHECK_INT(decide(CQL_ERR_LOST, -1, true, true, 3), CQL_RETRY_NO);
	CHECK_INT(decide(CQL_ERR_TIMEOUT, -1, true, false, 1), CQL_RETRY_NO);
	CHECK_INT(decide(CQL_ERR_TIMEOUT, -1, true, true, 1), CQL_RETRY_NEXT);
	CHECK_INT(decide(CQL_ERR_AUTH, -1, false, true, 1), CQL_RETRY_NO);
	CHECK_INT(decide(CQL_ERR_NOMEM, -1, false, true, 1), CQL_RETRY_NO);
	CHECK_INT(decide(CQL_ERR_PROTOCOL, -1, true, true, 1), CQL_RETRY_NO);
}

/* ---- timers ---- */

#define N_TIMERS 500

static void
check_drained(cql_timers *timers, uint32_t expected)
{
	int64_t last = INT64_MIN;
	uint32_t n = 0;
	cql_timer *timer;

	while ((timer = cql_timer_first(timers)) != NULL)
	{
		CHECK(timer->when >= last);
		last = timer->when;
		cql_timer_unset(timers, timer);
		n++;
	}
	CHECK_INT(n, expected);
}

static void
test_timers(void)
{
	static cql_timer timer[N_TIMERS];
	cql_timers timers;
	uint32_t random = 1;
	uint32_t i;

	cql_timers_init(&timers, &unit_env);
	CHECK(cql_timer_first(&timers) == NULL);
	REQUIRE(cql_timers_reserve(&timers, N_TIMERS));
	for (i = 0; i < N_TIMERS; i++)
	{
		random = random * 1664525u + 1013904223u;
		cql_timer_init(&timer[i], NULL);
		cql_timer_set(&timers, &timer[i], random >> 20);
	}
	for (i = 0; i < N_TIMERS; i += 3)
		cql_timer_unset(&timers, &timer[i]);
	for (i = 1; i < N_TIMERS; i += 3)
		cql_timer_set(&timers, &timer[i], (int64_t) i * 7 % 1000);
	cql_timer_unset(&timers, &timer[0]);
	check_drained(&timers, N_TIMERS - (N_TIMERS + 2) / 3);
	cql_timers_free(&timers);
}

/* ---- addresses ---- */

static void
check_split(const char *text, const char *host, int port)
{
	const char *start = NULL;
	size_t len = 0;
	uint16_t found = 0;
	bool ok = cql_address_split(text, &start, &len, &found);

	unit_about("%s", text);
	if (CHECK_INT(ok, host != NULL) && ok)
	{
		CHECK_BYTES(start, len, host, strlen(host));
		CHECK_INT(found, port);
	}
	unit_about("%s", "");
}

static void
test_address_split(void)
{
	check_split("a.example", "a.example", 0);
	check_split("a.example:9043", "a.example", 9043);
	check_split("10.0.0.1:65535", "10.0.0.1", 65535);
	check_split("[::1]:9042", "::1", 9042);
	check_split("[::1]", "::1", 0);
	check_split("fe80::1", "fe80::1", 0);
	check_split("", NULL, 0);
	check_split(":9042", NULL, 0);
	check_split("a:", NULL, 0);
	check_split("a:0", NULL, 0);
	check_split("a:65536", NULL, 0);
	check_split("a:12x", NULL, 0);
	check_split("[::1", NULL, 0);
	check_split("[::1]9042", NULL, 0);
	check_split("[]:9042", NULL, 0);
}

static void
test_address_numbers(void)
{
	static const uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
	cql_slice inet = {six, 16};
	cql_address a;
	cql_address b;
	char text[80];

	CHECK(cql_address_parse("[2001:db8::1]:9042", &a));
	CHECK(cql_address_from_inet(inet, 9042, &b));
	CHECK(cql_address_equal(&a, &b));
	cql_address_set_port(&b, 9043);
	CHECK(!cql_address_equal(&a, &b));
	CHECK(cql_address_same_ip(&a, &b));
	cql_address_print(&b, text, sizeof(text));
	CHECK_STR(text, "[2001:db8::1]:9043");
	inet.len = 4;
	CHECK(cql_address_from_inet(inet, 1, &b));
	CHECK(!cql_address_same_ip(&a, &b));
	CHECK(!cql_address_is_any(&b));
	CHECK(cql_address_parse("0.0.0.0", &b) && cql_address_is_any(&b));
	CHECK(cql_address_parse("::", &b) && cql_address_is_any(&b));
	CHECK(!cql_address_parse("localhost", &b));
	inet.len = 5;
	CHECK(!cql_address_from_inet(inet, 1, &b));
	inet.len = CQL_NULL;
	CHECK(!cql_address_from_inet(inet, 1, &b));
}

const unit_case unit_cases[] = {
	{"order without a token", test_order_without_token},
	{"order with replicas", test_order_with_replicas},
	{"spare nodes", test_spare},
	{"least in flight", test_least_in_flight},
	{"down and failed hosts", test_down_and_failed},
	{"replicas out of range", test_replicas_out_of_range},
	{"retries after server errors", test_retry_server_errors},
	{"retries after lost connections", test_retry_connections},
	{"timers", test_timers},
	{"splitting addresses", test_address_split},
	{"numeric addresses", test_address_numbers},
	{"only the local data centre", test_local_only},
	{NULL, NULL}};
