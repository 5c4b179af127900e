/*
 * config.c
 *	  Copying and checking of a cluster's configuration.
 *
 * Called by cluster.c; reads the TLS files, does no other I/O.
 */
#include "session.h"

#include <string.h>

#define CONFIG_MAX_BYTES (1u << 20) /* strings of a configuration */

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
	if (cluster->sni_host_id && cql_address_set_sni(&address, slash + 1))
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
add_contact(cql_cluster *cluster, const char *text, cql_contact *contact,
			cql_error *err)
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
		!cql_host_parse(host, cluster->port, name, &contact->port, err))
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
	cluster->contacts =
		cql_arena_array(&cluster->arena, config->nhosts, sizeof(cql_contact));
	if (cluster->contacts == NULL)
		return no_memory(err);
	for (i = 0; i < config->nhosts; i++)
	{
		if (!add_contact(cluster, config->hosts[i], &cluster->contacts[i],
						 err))
			return false;
		cluster->ncontacts++;
	}
	return true;
}

static bool
copy_mappings(cql_cluster *cluster, const cql_config *config, cql_error *err)
{
	uint32_t i;

	if (config->naddress_map == 0)
		return true;
	cluster->mappings = cql_arena_array(&cluster->arena, config->naddress_map,
										sizeof(cql_mapping));
	if (cluster->mappings == NULL)
		return no_memory(err);
	for (i = 0; i < config->naddress_map; i++)
	{
		const char *from = config->address_map[i][0];
		const char *to = config->address_map[i][1];

		if (from == NULL || to == NULL ||
			!cql_address_parse(from, &cluster->mappings[i].from) ||
			!cql_address_parse(to, &cluster->mappings[i].to))
		{
			cql_error_set(
				err, CQL_ERR_ARGUMENT,
				"invalid address map entry \"%.200s\" to \"%.200s\": "
				"both must be numeric addresses",
				from == NULL ? "" : from, to == NULL ? "" : to);
			return false;
		}
		cluster->nmappings++;
	}
	return true;
}

void
cql_cluster_map_address(const cql_cluster *cluster, cql_address *address)
{
	uint16_t port = cql_address_port(address);
	uint32_t i;

	for (i = 0; i < cluster->nmappings; i++)
	{
		const cql_mapping *mapping = &cluster->mappings[i];
		uint16_t from_port = cql_address_port(&mapping->from);

		if (!cql_address_same_ip(&mapping->from, address) ||
			(from_port != 0 && from_port != port))
			continue;
		*address = mapping->to;
		if (cql_address_port(address) == 0)
			cql_address_set_port(address, port);
		return;
	}
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
	cql_conn_config *conn = &cluster->conn_config;

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
	cql_conn_config *conn = &cluster->conn_config;

	if ((config->protocol_version != 0 && config->protocol_version != 4 &&
		 config->protocol_version != 5) ||
		config->connect_timeout < 0 || config->request_timeout < 0 ||
		config->heartbeat_interval < 0 || config->page_size < 0 ||
		config->connections_per_node > CQL_MAX_LINKS ||
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
	conn->connect_timeout =
		duration(config->connect_timeout, CQL_CONNECT_TIMEOUT);
	conn->heartbeat_interval = config->heartbeat_interval;
	cluster->schema_page_size =
		config->page_size == 0 ? CQL_SCHEMA_PAGE_SIZE : config->page_size;
	cluster->request_timeout =
		duration(config->request_timeout, CQL_REQUEST_TIMEOUT);
	cluster->links_per_host =
		config->connections_per_node == 0 ? 1 : config->connections_per_node;
	cluster->max_attempts = config->max_attempts == 0 ? CQL_DEFAULT_ATTEMPTS
													  : config->max_attempts;
	cluster->remote_dc = config->remote_dc;
	cluster->sni_host_id = config->sni_host_id;
	cluster->budget = cql_budget_create(
		&cluster->env, config->receive_memory == 0 ? CQL_RECEIVE_MEMORY
												   : config->receive_memory);
	if (cluster->budget == NULL)
		return no_memory(err);
	cluster->port = config->port == 0 ? CQL_DEFAULT_PORT : config->port;
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
	cluster->conn_config.tls =
		cql_tls_context_create(&cluster->env, config, err);
	return cluster->conn_config.tls != NULL;
}
