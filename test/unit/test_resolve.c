/*
 * test_resolve.c
 *	  Hosts as users write them, and their addresses.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "resolve.h"
#include "unit.h"

#include <unistd.h>

static void
parsed(const char *text, uint16_t default_port, const char *name,
	   uint16_t port)
{
	char got[CQL_MAX_HOST_NAME] = "";
	uint16_t got_port = 0;
	cql_error err;

	unit_about("host \"%s\"", text);
	CHECK(cql_host_parse(text, default_port, got, &got_port, &err));
	CHECK_STR(got, name);
	CHECK_INT(got_port, port);
}

static void
refused(const char *text)
{
	char got[CQL_MAX_HOST_NAME];
	uint16_t port;
	cql_error err;

	unit_about("host \"%.60s\"", text);
	CHECK(!cql_host_parse(text, 9042, got, &port, &err));
	CHECK_INT(err.code, CQL_ERR_ARGUMENT);
	CHECK(strncmp(err.message, "invalid host", 12) == 0);
}

static void
test_parse(void)
{
	parsed("localhost", 0, "localhost", 9042);
	parsed("localhost", 19042, "localhost", 19042);
	parsed("localhost:1", 19042, "localhost", 1);
	parsed("localhost:65535", 0, "localhost", 65535);
	parsed("10.0.0.1", 0, "10.0.0.1", 9042);
	parsed("10.0.0.1:9142", 0, "10.0.0.1", 9142);
	parsed("::1", 0, "::1", 9042);
	parsed("2001:db8::5:9042", 7, "2001:db8::5:9042", 7);
	parsed("[::1]", 7, "::1", 7);
	parsed("[2001:db8::5]:9142", 0, "2001:db8::5", 9142);
	parsed("fe80::1%lo", 0, "fe80::1%lo", 9042);
	parsed("[fe80::1%lo]:9142", 0, "fe80::1%lo", 9142);
	parsed("a-b_c.example.com.", 0, "a-b_c.example.com.", 9042);
}

static void
test_refused(void)
{
	char name[CQL_MAX_HOST_NAME + 8];

	refused("");
	refused(":");
	refused(":9042");
	refused("host:");
	refused("host:0");
	refused("host:65536");
	refused("host:99999999999999999999");
	refused("host:+1");
	refused("host:-1");
	refused("host: 1");
	refused("host:1 ");
	refused("host:90x");
	refused("ho st");
	refused("host,other");
	refused("user@host");
	refused("http://host");
	refused("host/path");
	refused("[::1");
	refused("[]");
	refused("[]:1");
	refused("[::1]x");
	refused("[::1]:");
	refused("[::1]:0");
	refused("[host]:1");
	refused("[10.0.0.1%lo]:1");
	refused("::1]");
	refused("1:2:3");
	refused(":::1");
	refused("fe80::1%no_such_interface");
	memset(name, 'a', sizeof(name));
	name[CQL_MAX_HOST_NAME] = '\0';
	refused(name);
}

static void
test_longest(void)
{
	char name[CQL_MAX_HOST_NAME];

	memset(name, 'a', sizeof(name));
	name[CQL_MAX_HOST_NAME - 1] = '\0';
	parsed(name, 0, name, 9042);
}

static void
test_loopback(void)
{
	static const struct
	{
		const char *text;
		bool loopback;
	} cases[] = {{"127.0.0.1", true},
				 {"127.255.0.9", true},
				 {"128.0.0.1", false},
				 {"10.0.0.127", false},
				 {"0.0.0.0", false},
				 {"::1", true},
				 {"::", false},
				 {"::ffff:127.0.0.1", true},
				 {"::ffff:10.0.0.127", false},
				 {"7f00::1", false}};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cql_address address;

		unit_about("%s", cases[i].text);
		CHECK(cql_address_numeric(cases[i].text, 9042, &address));
		CHECK(cql_address_is_loopback((struct sockaddr *) &address.sa) ==
			  cases[i].loopback);
	}
}

/* Waits for the look-up of a name: how many addresses it has. */
static uint32_t
look_up(const char *name, cql_address *addresses, uint32_t max, cql_error *err)
{
	cql_lookup *lookup = cql_lookup_start(name, 9042, err);

	if (lookup == NULL)
		return 0;
	while (!cql_lookup_ended(lookup))
		(void) usleep(1000);
	return cql_lookup_finish(lookup, addresses, max, err);
}

static void
test_numeric(void)
{
	cql_address address;
	char text[80];

	CHECK(cql_resolve_numeric("10.0.0.1", 9042, &address));
	CHECK_STR(
		cql_address_host((struct sockaddr *) &address.sa, text, sizeof(text)),
		"10.0.0.1");
	cql_address_print(&address, text, sizeof(text));
	CHECK_STR(text, "10.0.0.1:9042");
	CHECK(cql_resolve_numeric("2001:DB8:0::5", 9142, &address));
	cql_address_print(&address, text, sizeof(text));
	CHECK_STR(text, "[2001:db8::5]:9142");
	CHECK_STR(
		cql_address_host((struct sockaddr *) &address.sa, text, sizeof(text)),
		"2001:db8::5");
	CHECK(cql_resolve_numeric("fe80::1%lo", 9042, &address));
	CHECK(((struct sockaddr_in6 *) &address.sa)->sin6_scope_id != 0);
	CHECK_STR(
		cql_address_host((struct sockaddr *) &address.sa, text, sizeof(text)),
		"fe80::1");
	CHECK_STR(cql_address_host((struct sockaddr *) &address.sa, text, 3), "");
}

static void
test_names(void)
{
	cql_address addresses[CQL_MAX_ADDRESSES];
	cql_error err;
	uint32_t n;
	uint32_t i;

	n = look_up("localhost", addresses, CQL_MAX_ADDRESSES, &err);
	CHECK(n >= 1 && n <= CQL_MAX_ADDRESSES);
	for (i = 0; i < n; i++)
		CHECK_INT(cql_address_port(&addresses[i]), 9042);
	/* A label of RFC 2606 that no resolver has an answer for. */
	CHECK(!cql_resolve_numeric("no-such-host.invalid", 9042, addresses));
	CHECK_INT(look_up("no-such-host.invalid", addresses, 1, &err), 0);
	CHECK_INT(err.code, CQL_ERR_CONNECT);
	CHECK(strstr(err.message, "\"no-such-host.invalid\"") != NULL);
}

/* What nobody waits for is kept until it has ended, and not without bound. */
static void
test_abandoned(void)
{
	cql_lookup *lookup;
	cql_error err;
	uint32_t n = 0;

	while (n < 10000 &&
		   (lookup = cql_lookup_start("localhost", 1, &err)) != NULL)
	{
		n++;
		cql_lookup_abandon(lookup);
	}
	CHECK(n >= CQL_MAX_LOOKUPS);
	CHECK_INT(look_up("localhost", &(cql_address){0}, 1, &err) <= 1, 1);
}

const unit_case unit_cases[] = {{"hosts", test_parse},
								{"refused hosts", test_refused},
								{"longest name", test_longest},
								{"numeric addresses", test_numeric},
								{"loopback", test_loopback},
								{"names", test_names},
								{"abandoned look-ups", test_abandoned},
								{NULL, NULL}};
