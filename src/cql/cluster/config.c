/*
 * config.c
 *	  Copying and checking of a cluster's configuration.
 *
 * Reads the TLS files, does no other I/O.
 */
#include "config.h"

#include <string.h>

#define CONFIG_MAX_BYTES (1u << 20) /* strings of a configuration */

/* Defaults. */
#define CONNECT_TIMEOUT INT64_C(5000000)
#define REQUEST_TIMEOUT INT64_C(12000000)
#define TOPOLOGY_REFRESH INT64_C(60000000)
#define SCHEMA_PAGE_SIZE 5000

static bool
no_memory(cql_error *err)
{
	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	return false;
}

/* Parts "host:port/name" at the slash; host is cut there. */
static bool
take_sni(cql_cluster *cluster, char *host, char sni[CQL_MAX_SNI],
		 cql_error *err)
{
	char *slash = strchr(host, '/');
	cql_address address;

	if (slash == NULL)
		return true;
	*slash = '\0';
	if (cluster->pool.sni_host_id && cql_address_set_sni(&address, slash + 1))
	{
		memcpy(sni, address.sni, CQL_MAX_SNI);
		return true;
	}
	cql_error_set(err, CQL_ERR_ARGUMENT,
				  "invalid host \"%.200s/%.200s\": a name of at most %d bytes "
				  "behind it is for proxies that want host_ids",
				  host, slash + 1, CQL_MAX_SNI - 1);
	return false;
}

static bool
add_contact(cql_cluster *cluster, const char *text, uint16_t port,
			cql_contact *contact, cql_error *err)
{
	char name[CQL_MAX_HOST_NAME];
	char *host;
	cql_address address;

	if (text == NULL)
	{
		cql_error_set(err, CQL_ERR_ARGUMENT, "a contact point has no name");
		return false;
	}
	host = cql_arena_strdup(&cluster->arena, text);
	if (host == NULL)
		return no_memory(err);
	if (!take_sni(cluster, host, contact->sni, err) ||
		!cql_host_parse(host, port, name, &contact->port, err))
		return false;
	contact->numeric = cql_address_numeric(name, contact->port, &address) ||
					   strchr(name, ':') != NULL;
	contact->name = cql_arena_strdup(&cluster->arena, name);
	return contact->name != NULL || no_memory(err);
}

static bool
copy_contacts(cql_cluster *cluster, const cql_config *config, cql_error *err)
{
	uint32_t i;

	if (config->nhosts == 0 || config->nhosts > CQL_MAX_CONTACTS)
	{
		cql_error_set(err, CQL_ERR_ARGUMENT,
					  "number of contact points must be between 1 and %d",
					  CQL_MAX_CONTACTS);
		return false;
	}
	cluster->pool.contacts =
		cql_arena_array(&cluster->arena, config->nhosts, sizeof(cql_contact));
	if (cluster->pool.contacts == NULL)
		return no_memory(err);
	for (i = 0; i < config->nhosts; i++)
	{
		if (!add_contact(cluster, config->hosts[i], config->port,
						 &cluster->pool.contacts[i], err))
			return false;
		cluster->pool.ncontacts++;
	}
	return true;
}

static bool
copy_mappings(cql_cluster *cluster, const cql_config *config, cql_error *err)
{
	uint32_t i;

	if (config->naddress_map == 0)
		return true;
	cluster->pool.mappings = cql_arena_array(
		&cluster->arena, config->naddress_map, sizeof(cql_mapping));
	if (cluster->pool.mappings == NULL)
		return no_memory(err);
	for (i = 0; i < config->naddress_map; i++)
	{
		const char *from = config->address_map[i][0];
		const char *to = config->address_map[i][1];

		if (from == NULL || to == NULL ||
			!cql_address_parse(from, &cluster->pool.mappings[i].from) ||
			!cql_address_parse(to, &cluster->pool.mappings[i].to))
		{
			cql_error_set(
				err, CQL_ERR_ARGUMENT,
				"invalid address map entry \"%.200s\" to \"%.200s\": "
				"both must be numeric addresses",
				from == NULL ? "" : from, to == NULL ? "" : to);
			return false;
		}
		cluster->pool.nmappings++;
	}
	return true;
}

/* Copies a string that may be NULL; the protocol has strings of 64 kB. */
static bool
copy_text(cql_cluster *cluster, const char *what, const char *text,
		  const char **copy, cql_error *err)
{
	if (text == NULL || *text == '\0')
		return true;
	if (strlen(text) > UINT16_MAX)
	{
		cql_error_set(err, CQL_ERR_ARGUMENT, "%s is longer than %d bytes",
					  what, UINT16_MAX);
		return false;
	}
	*copy = cql_arena_strdup(&cluster->arena, text);
	return *copy != NULL || no_memory(err);
}

static bool
copy_texts(cql_cluster *cluster, const cql_config *config, cql_error *err)
{
	cql_conn_config *conn = &cluster->pool.config;

	return copy_text(cluster, "name of the local data center",
					 config->local_dc, &cluster->config_dc, err) &&
		   copy_text(cluster, "name of the rack", config->rack, &cluster->rack,
					 err) &&
		   copy_text(cluster, "user name", config->username, &conn->username,
					 err) &&
		   copy_text(cluster, "password", config->password, &conn->password,
					 err) &&
		   copy_text(cluster, "AWS region", config->aws_region,
					 &conn->aws_region, err) &&
		   copy_text(cluster, "AWS session token", config->aws_session_token,
					 &conn->aws_session_token, err) &&
		   copy_text(cluster, "application name", config->application_name,
					 &conn->application_name, err);
}

static int64_t
duration(int64_t given, int64_t by_default)
{
	return given == 0 ? by_default : given;
}

static bool
copy_numbers(cql_cluster *cluster, const cql_config *config, cql_error *err)
{
	cql_conn_config *conn = &cluster->pool.config;

	if ((config->protocol_version != 0 && config->protocol_version != 4 &&
		 config->protocol_version != 5) ||
		config->connect_timeout < 0 || config->request_timeout < 0 ||
		config->heartbeat_interval < 0 || config->topology_refresh < 0 ||
		config->page_size < 0 ||
		config->connections_per_node > CQL_MAX_CHANNELS ||
		config->max_attempts > CQL_MAX_ATTEMPTS)
	{
		cql_error_set(err, CQL_ERR_ARGUMENT,
					  "protocol version, timeout, number of connections or of "
					  "attempts is out of range");
		return false;
	}
	conn->version =
		config->protocol_version == 0 ? 5 : config->protocol_version;
	conn->pinned = config->protocol_version != 0;
	conn->lz4 = config->lz4;
	conn->password_required = config->password_required;
	conn->connect_timeout = duration(config->connect_timeout, CONNECT_TIMEOUT);
	conn->heartbeat_interval = config->heartbeat_interval;
	cluster->schema_page_size =
		config->page_size == 0 ? SCHEMA_PAGE_SIZE : config->page_size;
	cluster->request_timeout =
		duration(config->request_timeout, REQUEST_TIMEOUT);
	cluster->pool.channels_per_host =
		config->connections_per_node == 0 ? 1 : config->connections_per_node;
	cluster->max_attempts = config->max_attempts == 0 ? CQL_DEFAULT_ATTEMPTS
													  : config->max_attempts;
	cluster->remote_dc = config->remote_dc;
	cluster->pool.sni_host_id = config->sni_host_id;
	cluster->topology_refresh =
		duration(config->topology_refresh, TOPOLOGY_REFRESH);
	cluster->pool.start = config->start;
	cluster->turn = config->start;
	cluster->seed = config->start;
	cluster->max_nodes = config->max_nodes;
	cluster->pool.budget = cql_budget_create(
		&cluster->env, config->receive_memory == 0 ? CQL_RECEIVE_MEMORY
												   : config->receive_memory);
	if (cluster->pool.budget == NULL)
		return no_memory(err);
	return true;
}

bool
cql_cluster_configure(cql_cluster *cluster, const cql_config *config,
					  cql_error *err)
{
	cql_arena_init(&cluster->arena, &cluster->env, CONFIG_MAX_BYTES);
	if (!copy_numbers(cluster, config, err) ||
		!copy_contacts(cluster, config, err) ||
		!copy_mappings(cluster, config, err) ||
		!copy_texts(cluster, config, err))
		return false;
	if (config->sslmode == CQL_SSL_DISABLE && config->sni_host_id)
	{
		cql_error_set(err, CQL_ERR_ARGUMENT,
					  "nodes are told by their TLS server names, but TLS is "
					  "disabled");
		return false;
	}
	if (config->sslmode == CQL_SSL_DISABLE)
		return true;
	cluster->pool.config.tls =
		cql_tls_context_create(&cluster->env, config, err);
	return cluster->pool.config.tls != NULL;
}
