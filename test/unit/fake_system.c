/*
 * fake_system.c
 *	  What a fake node says of itself, the others and the keyspaces.
 */
#include "fake.h"

#include <stdio.h>
#include <string.h>

#include "peer.h"

const char *fake_factor = "1";

void
fake_put_column(cql_buf *body, const char *name, uint16_t type)
{
	cql_put_string(body, name);
	cql_put_u16(body, type);
	if (type == CQL_TYPE_SET || type == CQL_TYPE_MAP)
		cql_put_u16(body, CQL_TYPE_TEXT);
	if (type == CQL_TYPE_MAP)
		cql_put_u16(body, CQL_TYPE_TEXT);
}

static void
put_text(cql_buf *body, const char *text)
{
	cql_put_long_string(body, text);
}

/* A map of texts: count, then key and value of each. */
static void
put_map(cql_buf *body, const char *const *texts, int32_t n)
{
	int32_t size = 4;
	int32_t i;

	for (i = 0; i < 2 * n; i++)
		size += 4 + (int32_t) strlen(texts[i]);
	cql_put_i32(body, size);
	cql_put_i32(body, n);
	for (i = 0; i < 2 * n; i++)
		put_text(body, texts[i]);
}

/* A set of texts: its size, which is known at the end, count, then each. */
static void
put_tokens(cql_buf *body, const fake_node *node)
{
	size_t start = body->len;
	char text[24];
	uint32_t i;

	cql_put_i32(body, 0);
	cql_put_i32(body, (int32_t) node->more_tokens + 1);
	for (i = 0; i <= node->more_tokens; i++)
	{
		(void) snprintf(text, sizeof(text), "%lld",
						(long long) fake_token(node, i));
		put_text(body, text);
	}
	cql_store_u32(body->data + start, (uint32_t) (body->len - start - 4));
}

/* Addresses of a row of peers: peer, native_address, native_port. */
static void
put_addresses(cql_buf *body, const fake_node *node)
{
	static const uint8_t any[4];
	uint8_t ip[4];

	memcpy(ip, node->ip, 4);
	if (node->advertised != 0)
		ip[3] = node->advertised;
	cql_put_i32(body, 4);
	cql_buf_append(body, ip, 4);
	cql_put_i32(body, node->null_address ? -1 : 4);
	if (!node->null_address)
		cql_buf_append(body, node->any_address ? any : ip, 4);
	fake_put_int(body, fake_port);
}

void
fake_host_id(const fake_node *node, uint8_t id[16])
{
	memset(id, node->id & 255, 16);
	id[0] ^= (uint8_t) (node->id >> 8);
}

static void
put_node(cql_buf *body, const fake_node *node, bool peer)
{
	uint8_t id[16];

	fake_host_id(node, id);
	cql_put_i32(body, node->null_id ? -1 : 16);
	if (!node->null_id)
		cql_buf_append(body, id, 16);
	put_text(body, node->dc);
	put_text(body, node->rack);
	if (node->no_tokens)
		cql_put_i32(body, -1);
	else
		put_tokens(body, node);
	if (peer)
		put_addresses(body, node);
	else
	{
		put_text(body, "org.apache.cassandra.dht.Murmur3Partitioner");
		put_text(body, node->release);
		fake_put_int(body, 0);
	}
}

static bool
is_told(const fake_node *node, const fake_node *by, bool peers)
{
	return peers ? node != by && !node->hidden : node == by;
}

static void
answer_nodes(const fake_request *request, bool peers)
{
	cql_buf body;
	int32_t n = 0;
	uint32_t i;

	cql_buf_init(&body, &peer_env, SIZE_MAX / 2);
	cql_put_i32(&body, CQL_RESULT_ROWS);
	cql_put_i32(&body, 1);
	cql_put_i32(&body, 7);
	cql_put_string(&body, "system");
	cql_put_string(&body, "local");
	fake_put_column(&body, "host_id", CQL_TYPE_UUID);
	fake_put_column(&body, "data_center", CQL_TYPE_TEXT);
	fake_put_column(&body, "rack", CQL_TYPE_TEXT);
	fake_put_column(&body, "tokens", CQL_TYPE_SET);
	fake_put_column(&body, peers ? "peer" : "partitioner",
					peers ? CQL_TYPE_INET : CQL_TYPE_TEXT);
	fake_put_column(&body, peers ? "native_address" : "release_version",
					peers ? CQL_TYPE_INET : CQL_TYPE_TEXT);
	fake_put_column(&body, peers ? "native_port" : "unasked", CQL_TYPE_INT);
	for (i = 0; i < fake_count; i++)
		n += is_told(&fake_nodes[i], request->conn->node, peers);
	cql_put_i32(&body, n);
	for (i = 0; i < fake_count; i++)
	{
		if (is_told(&fake_nodes[i], request->conn->node, peers))
			put_node(&body, &fake_nodes[i], peers);
	}
	fake_answer(request, CQL_OP_RESULT, body.data, body.len);
	cql_buf_free(&body);
}

/* SimpleStrategy. */
static void
answer_keyspace(const fake_request *request)
{
	const char *const texts[4] = {
		"class", "org.apache.cassandra.locator.SimpleStrategy",
		"replication_factor", fake_factor};
	cql_buf body;

	cql_buf_init(&body, &peer_env, SIZE_MAX / 2);
	cql_put_i32(&body, CQL_RESULT_ROWS);
	cql_put_i32(&body, 1);
	cql_put_i32(&body, 1);
	cql_put_string(&body, "system_schema");
	cql_put_string(&body, "keyspaces");
	fake_put_column(&body, "replication", CQL_TYPE_MAP);
	cql_put_i32(&body, 1);
	put_map(&body, texts, 2);
	fake_answer(request, CQL_OP_RESULT, body.data, body.len);
	cql_buf_free(&body);
}

/* A row with a count of tablets, or null for the keyspace "vnodes". */
static void
answer_tablets(const fake_request *request)
{
	bool vnodes = memmem(request->body, request->len, "vnodes", 6) != NULL;
	cql_buf body;

	request->conn->node->tablet_reads++;
	cql_buf_init(&body, &peer_env, SIZE_MAX / 2);
	cql_put_i32(&body, CQL_RESULT_ROWS);
	cql_put_i32(&body, 1);
	cql_put_i32(&body, 1);
	cql_put_string(&body, "system_schema");
	cql_put_string(&body, "scylla_keyspaces");
	fake_put_column(&body, "initial_tablets", CQL_TYPE_INT);
	cql_put_i32(&body, 1);
	if (vnodes)
		cql_put_i32(&body, -1);
	else
		fake_put_int(&body, 0);
	fake_answer(request, CQL_OP_RESULT, body.data, body.len);
	cql_buf_free(&body);
}

bool
fake_system_answer(const fake_request *request)
{
	if (fake_asks(request, "system.local"))
		answer_nodes(request, false);
	else if (fake_asks(request, "system.peers_v2") &&
			 request->conn->node->no_peers_v2)
		fake_error(request, CQL_SERVER_INVALID, "unconfigured table", NULL, 0);
	else if (fake_asks(request, "system.peers"))
		answer_nodes(request, true);
	else if (fake_asks(request, "system_schema.scylla_keyspaces"))
		answer_tablets(request);
	else if (fake_asks(request, "system_schema.keyspaces"))
		answer_keyspace(request);
	else
		return false;
	return true;
}
