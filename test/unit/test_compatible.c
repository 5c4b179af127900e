/*
 * test_compatible.c
 *	  Servers that are not quite Cassandra: nodes behind a proxy that tells
 *	  them by TLS's server name, ScyllaDB, Amazon Keyspaces.
 */
#include "session_steps.h"

#include <stdlib.h>
#include <unistd.h>

#include "fake_proxy.h"

#define CQL "SELECT v FROM ks.t"

/* Statements of the caller that came to each node. */
static uint32_t came[FAKE_MAX_NODES];

static bool
count_statements(fake_node *node, const fake_request *request)
{
	if (request->opcode == CQL_OP_EXECUTE || fake_asks(request, CQL))
		came[node - fake_nodes]++;
	return false;
}

static void
start(uint32_t n)
{
	uint32_t i;

	fake_start(n);
	memset(came, 0, sizeof(came));
	for (i = 0; i < n; i++)
		fake_nodes[i].handle = count_statements;
}

static void
run_some(cql_cluster *cluster, int n)
{
	cql_params params = fake_params(CQL);

	while (n-- > 0)
		CHECK_INT(session_run_int(cluster, &params), 42);
}

/* ---- a proxy that wants host_ids ---- */

static char root_file[] = "/tmp/cql_proxy_XXXXXX";
static char first_host[128];
static const char *proxied[1] = {first_host};

/*
 * Three nodes that cannot be reached but through the first one's socket; the
 * contact point has a name behind it where one is given.
 */
static cql_config
start_proxied(const char *name)
{
	cql_config config;
	uint32_t i;

	start(3);
	fake_proxy_start(&fake_nodes[0], root_file);
	for (i = 1; i < 3; i++)
	{
		fake_stop(&fake_nodes[i]);
		fake_nodes[i].null_address = i == 2;
	}
	config = fake_config(1);
	(void) snprintf(first_host, sizeof(first_host), "%s%s%s",
					fake_nodes[0].address, name == NULL ? "" : "/",
					name == NULL ? "" : name);
	config.hosts = proxied;
	config.sslmode = CQL_SSL_VERIFY_FULL;
	config.sslrootcert = root_file;
	config.sni_host_id = true;
	return config;
}

static void
end_proxied(cql_cluster *cluster)
{
	fake_proxy_end(&fake_nodes[0]);
	session_end_cluster(cluster);
}

/* All are asked in turn, each at the proxy by its host_id. */
static void
check_proxied(const char *name)
{
	cql_config config = start_proxied(name);
	cql_cluster *cluster = session_make_cluster(&config);
	char text[CQL_MAX_HOST_TEXT];
	uint32_t i;

	run_some(cluster, 30);
	CHECK_INT(cql_cluster_nnodes(cluster), 3);
	for (i = 0; i < 3; i++)
	{
		const cql_node *node = cql_cluster_node(cluster, i);

		CHECK(came[i] > 0);
		(void) snprintf(text, sizeof(text), "%s/%s", fake_nodes[0].address,
						fake_proxy_name(&fake_nodes[node->host_id[0] - 1]));
		CHECK_STR(node->address, text);
		CHECK_INT(node->nconnections, 1);
	}
	CHECK_INT(fake_nodes[0].accepted, 3);
	end_proxied(cluster);
}

static void
test_proxy(void)
{
	check_proxied(NULL);
	start(3);
	check_proxied(fake_proxy_name(&fake_nodes[1]));
	check_proxied("any");
}

/* The proxy's connections break: the nodes are dialled there again. */
static void
test_proxy_again(void)
{
	cql_config config = start_proxied("any");
	cql_cluster *cluster = session_make_cluster(&config);
	int i;

	run_some(cluster, 10);
	for (i = 0; i < 3; i++)
	{
		fake_reset(&fake_nodes[0]);
		fake_settle(cluster);
		run_some(cluster, 10);
	}
	CHECK_INT(cql_cluster_nnodes(cluster), 3);
	end_proxied(cluster);
}

/* A request can be sent to the node that answered, by what it is called. */
static void
test_proxied_node(void)
{
	cql_config config = start_proxied(NULL);
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	uint32_t i;

	run_some(cluster, 3);
	for (i = 0; i < 3; i++)
	{
		const cql_node *node = cql_cluster_node(cluster, i);
		uint32_t before = came[node->host_id[0] - 1];

		params.node = node->address;
		CHECK_INT(session_run_int(cluster, &params), 42);
		CHECK_INT(came[node->host_id[0] - 1], before + 1);
	}
	end_proxied(cluster);
}

static void
check_refused(const cql_config *config, const char *words)
{
	cql_error err;

	CHECK(cql_cluster_create(&unit_env, config, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_ARGUMENT);
	CHECK(strstr(err.message, words) != NULL);
}

static void
test_proxy_configuration(void)
{
	cql_config config = start_proxied("x");

	config.sslmode = CQL_SSL_DISABLE;
	check_refused(&config, "TLS is disabled");
	config.sni_host_id = false;
	check_refused(&config, "for proxies that want host_ids");
	fake_proxy_end(&fake_nodes[0]);
	config = start_proxied("");
	config.sslmode = CQL_SSL_DISABLE;
	fake_proxy_end(&fake_nodes[0]);
	fake_stop_all();
}

/* ---- ScyllaDB ---- */

static bool extended; /* an extension of the protocol was asked for */

static bool
count_scylla(fake_node *node, const fake_request *request)
{
	if (request->opcode == CQL_OP_STARTUP &&
		(memmem(request->body, request->len, "TABLETS", 7) != NULL ||
		 memmem(request->body, request->len, "SCYLLA", 6) != NULL))
		extended = true;
	return count_statements(node, request);
}

/* All of them connected. */
static cql_cluster *
start_scylla(bool tablets)
{
	cql_config config;
	cql_cluster *cluster;
	uint32_t i;

	start(3);
	extended = false;
	for (i = 0; i < 3; i++)
	{
		fake_nodes[i].handle = count_scylla;
		fake_nodes[i].max_version = 4;
		fake_nodes[i].no_peers_v2 = true;
		fake_nodes[i].tablets = tablets;
		fake_nodes[i].no_tokens = i == 2 && !tablets;
	}
	config = fake_config(1);
	cluster = session_make_cluster(&config);
	run_some(cluster, 30);
	CHECK_INT(cql_cluster_nnodes(cluster), 3);
	CHECK_INT(cql_cluster_protocol(cluster), 4);
	for (i = 0; i < 3; i++)
		CHECK(came[i] > 0);
	return cluster;
}

/* Look-ups of some keys, 12 of each; how many nodes each one came to. */
static uint32_t
look_up(cql_cluster *cluster, const char *keyspace, int32_t key)
{
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, key);
	uint32_t nodes = 0;
	uint32_t i;

	params.keyspace = keyspace;
	CHECK_INT(session_run_int(cluster, &params), key);
	memset(came, 0, sizeof(came));
	for (i = 0; i < 12; i++)
		CHECK_INT(session_run_int(cluster, &params), key);
	for (i = 0; i < 3; i++)
		nodes += came[i] > 0;
	return nodes;
}

/* Not by a ring that says nothing of its tablets, and never asked twice. */
static void
test_tablets(void)
{
	cql_cluster *cluster = start_scylla(true);
	cql_token_range *ranges;
	uint32_t n;
	int32_t key;

	for (key = 0; key < 5; key++)
		CHECK_INT(look_up(cluster, "ks", key), 3);
	CHECK_INT(fake_nodes[0].tablet_reads + fake_nodes[1].tablet_reads +
				  fake_nodes[2].tablet_reads,
			  1);
	CHECK(!cql_cluster_same_replicas(cluster, "ks", 1, 1));
	CHECK_INT(cql_cluster_ranges(cluster, "ks", 16, &ranges, &n), CQL_OK);
	CHECK(n >= 16);
	unit_env.free(unit_env.ctx, ranges);
	for (key = 0; key < 5; key++)
		CHECK_INT(look_up(cluster, "vnodes", key), 1);
	CHECK(cql_cluster_same_replicas(cluster, "vnodes", 1, 1));
	CHECK(!extended);
	session_end_cluster(cluster);
}

/* A server that offers tablets may not tell of them to everybody. */
static bool
deny_tablets(fake_node *node, const fake_request *request)
{
	if (!fake_asks(request, "scylla_keyspaces"))
		return count_statements(node, request);
	fake_error(request, CQL_SERVER_UNAUTHORIZED, "no", NULL, 0);
	return true;
}

static void
test_tablets_unknown(void)
{
	cql_cluster *cluster = start_scylla(true);
	uint32_t i;

	for (i = 0; i < 3; i++)
		fake_nodes[i].handle = deny_tablets;
	CHECK_INT(look_up(cluster, "ks", 7), 1);
	session_end_cluster(cluster);
}

/* A node without tokens is asked in its turn, but is nobody's replica. */
static void
test_no_tokens(void)
{
	cql_cluster *cluster = start_scylla(false);
	int32_t key;

	for (key = 0; key < 40; key++)
	{
		CHECK_INT(look_up(cluster, "ks", key), 1);
		CHECK_INT(came[2], 0);
	}
	CHECK_INT(fake_nodes[0].tablet_reads, 0);
	session_end_cluster(cluster);
}

/* ---- Amazon Keyspaces ---- */

/* Its peers are many, with one address. */
static void
test_one_address(void)
{
	cql_config config;
	cql_cluster *cluster;
	uint32_t i;

	start(4);
	for (i = 0; i < 4; i++)
	{
		fake_nodes[i].max_version = 4;
		fake_nodes[i].no_peers_v2 = true;
		fake_nodes[i].advertised = 1;
	}
	config = fake_config(1);
	cluster = session_make_cluster(&config);
	run_some(cluster, 20);
	CHECK_INT(cql_cluster_nnodes(cluster), 1);
	CHECK_INT(fake_nodes[0].accepted, 2); /* one for version 5 */
	session_end_cluster(cluster);
}

static void
make_file(void)
{
	int fd = mkstemp(root_file);

	CHECK(fd >= 0);
	(void) close(fd);
}

static void
drop_file(void)
{
	CHECK(unlink(root_file) == 0);
}

const unit_case unit_cases[] = {
	{"a file for the proxy's certificate", make_file},
	{"nodes behind a proxy", test_proxy},
	{"a proxy that closes its connections", test_proxy_again},
	{"a node behind a proxy", test_proxied_node},
	{"configuration of a proxy", test_proxy_configuration},
	{"the file is removed", drop_file},
	{"tablets", test_tablets},
	{"tablets that are not told of", test_tablets_unknown},
	{"nodes without tokens", test_no_tokens},
	{"many nodes at one address", test_one_address},
	{NULL, NULL}};
