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
	{NULL, NULL}};
