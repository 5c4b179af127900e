/*
 * fake.c
 *	  Servers on loopback sockets inside the test program, with a script.
 */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_proxy.h"
#include "murmur3.h"
#include "peer.h"

#define FAKE_IDLE_MS 2 /* without a byte: nothing moves any more */
#define FAKE_MAX_TURNS 200000

fake_node fake_nodes[FAKE_MAX_NODES];
int64_t fake_now = 1000000;
uint32_t fake_count;
uint16_t fake_port;

/* ---- sockets ---- */

static void
fail(const char *what)
{
	perror(what);
	exit(2);
}

static void
listen_node(fake_node *node)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);
	int one = 1;

	memset(&addr, 0, sizeof(addr));
	addr.sin_family = AF_INET;
	addr.sin_port = htons(fake_port);
	memcpy(&addr.sin_addr, node->ip, 4);
	node->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	(void) setsockopt(node->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(node->fd, (struct sockaddr *) &addr, sizeof(addr)) != 0 ||
		listen(node->fd, 64) != 0 ||
		getsockname(node->fd, (struct sockaddr *) &addr, &len) != 0)
		fail("listen");
	fake_port = ntohs(addr.sin_port);
	(void) snprintf(node->address, sizeof(node->address), "127.0.%d.%d:%d",
					node->ip[2], node->ip[3], fake_port);
}

void
fake_start(uint32_t n)
{
	uint32_t i;

	fake_stop_all();
	fake_port = 0;
	for (i = 0; i < n; i++)
	{
		fake_node *node = &fake_nodes[i];
		uint32_t j;

		memset(node, 0, sizeof(*node));
		node->ip[0] = 127;
		node->ip[2] = (uint8_t) (77 + i / 250);
		node->ip[3] = (uint8_t) (i % 250 + 1);
		node->id = (uint16_t) (i + 1);
		node->dc = "dc1";
		node->rack = "r1";
		node->release = "4.1.10";
		node->token = (int64_t) i * 1000;
		node->max_version = 5;
		node->marker = CQL_TYPE_INT;
		for (j = 0; j < FAKE_MAX_CONNS; j++)
			node->conns[j].fd = -1;
		listen_node(node);
	}
	fake_count = n;
}

static void
close_conn(fake_conn *conn)
{
	struct linger linger = {1, 0};

	if (conn->fd < 0)
		return;
	(void) setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger,
					  sizeof(linger));
	(void) close(conn->fd);
	conn->fd = -1;
	fake_proxy_close(conn);
	cql_buf_free(&conn->input);
	cql_buf_free(&conn->plain);
}

void
fake_reset(fake_node *node)
{
	uint32_t i;

	for (i = 0; i < FAKE_MAX_CONNS; i++)
		close_conn(&node->conns[i]);
}

void
fake_stop(fake_node *node)
{
	fake_reset(node);
	if (node->fd >= 0)
		(void) close(node->fd);
	node->fd = -1;
}

void
fake_restart(fake_node *node)
{
	listen_node(node);
}

void
fake_stop_all(void)
{
	uint32_t i;

	for (i = 0; i < fake_count; i++)
		fake_stop(&fake_nodes[i]);
	fake_count = 0;
}

/* ---- answers ---- */

void
fake_send(fake_conn *conn, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	ssize_t n;

	for (; len > 0; len -= (size_t) n)
	{
		n = send(conn->fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		bytes += n;
	}
}

void
fake_answer(const fake_request *request, uint8_t opcode, const void *body,
			size_t len)
{
	fake_conn *conn = request->conn;
	cql_buf out;
	cql_buf framed;
	const cql_buf *bytes = &out;

	if (conn->fd < 0)
		return;
	cql_buf_init(&out, &peer_env, SIZE_MAX / 2);
	cql_buf_init(&framed, &peer_env, SIZE_MAX / 2);
	(void) cql_envelope_begin(&out);
	cql_buf_append(&out, body, len);
	cql_envelope_end(&out, 0, (uint8_t) (0x80 | request->version),
					 conn->node->flags, request->stream, opcode);
	if (conn->framed)
	{
		(void) cql_segments_encode(out.data, out.len, false, &framed);
		bytes = &framed;
	}
	if (conn->tls != NULL)
		fake_proxy_send(conn, bytes->data, bytes->len);
	else
		fake_send(conn, bytes->data, bytes->len);
	cql_buf_free(&out);
	cql_buf_free(&framed);
}

void
fake_void(const fake_request *request)
{
	static const uint8_t body[] = {0, 0, 0, 1};

	fake_answer(request, CQL_OP_RESULT, body, sizeof(body));
}

void
fake_error(const fake_request *request, int32_t code, const char *message,
		   const void *extra, size_t len)
{
	cql_buf body;

	cql_buf_init(&body, &peer_env, SIZE_MAX / 2);
	cql_put_i32(&body, code);
	cql_put_string(&body, message);
	if (len > 0)
		cql_buf_append(&body, extra, len);
	fake_answer(request, CQL_OP_ERROR, body.data, body.len);
	cql_buf_free(&body);
}

void
fake_unprepared(const fake_request *request)
{
	fake_error(request, CQL_SERVER_UNPREPARED, "not prepared", request->body,
			   (size_t) cql_load_u16(request->body) + 2);
}

void
fake_put_int(cql_buf *body, int32_t value)
{
	cql_put_i32(body, 4);
	cql_put_i32(body, value);
}

/* Metadata of one int column "v"; without its columns on demand. */
static void
put_row_metadata(cql_buf *body, const fake_request *request, bool skip,
				 bool changed)
{
	uint8_t id[16];

	memset(id, request->conn->node->generation, sizeof(id));
	cql_put_i32(body, (skip ? 4 : 1) | (changed ? 8 : 0));
	cql_put_i32(body, 1);
	if (changed)
		cql_put_short_bytes(body, id, sizeof(id));
	if (skip)
		return;
	cql_put_string(body, "ks");
	cql_put_string(body, "t");
	cql_put_string(body, "v");
	cql_put_u16(body, CQL_TYPE_INT);
}

/* What an EXECUTE, or a QUERY with values, says besides them. */
typedef struct execute_info
{
	bool skip;
	bool outdated; /* its metadata id is not the server's */
	int32_t first;
} execute_info;

static execute_info
read_execute(const fake_request *request)
{
	execute_info info = {false, false, -1};
	cql_reader r;
	cql_slice id;
	uint32_t flags;

	cql_reader_init(&r, request->body, request->len);
	if (request->opcode == CQL_OP_QUERY)
		(void) cql_get_long_string(&r);
	else
		(void) cql_get_string(&r);
	if (request->version >= 5 && request->opcode == CQL_OP_EXECUTE)
	{
		id = cql_get_string(&r);
		info.outdated =
			id.len < 1 || id.data[0] != request->conn->node->generation;
	}
	(void) cql_get_u16(&r);
	flags =
		request->version >= 5 ? (uint32_t) cql_get_i32(&r) : cql_get_u8(&r);
	info.skip = (flags & 2) != 0;
	if ((flags & 1) != 0 && cql_get_u16(&r) > 0)
	{
		cql_slice value = cql_get_bytes(&r);

		if (value.len == 4)
			info.first = (int32_t) cql_load_u32(value.data);
	}
	return info;
}

int32_t
fake_first_value(const fake_request *request)
{
	return read_execute(request).first;
}

void
fake_row(const fake_request *request, int32_t value)
{
	execute_info info = {false, false, -1};
	cql_buf body;
	bool changed;

	if (request->opcode == CQL_OP_EXECUTE)
		info = read_execute(request);
	changed = info.skip && info.outdated;
	cql_buf_init(&body, &peer_env, SIZE_MAX / 2);
	cql_put_i32(&body, CQL_RESULT_ROWS);
	put_row_metadata(&body, request, info.skip && !changed, changed);
	cql_put_i32(&body, 1);
	fake_put_int(&body, value);
	fake_answer(request, CQL_OP_RESULT, body.data, body.len);
	cql_buf_free(&body);
}

void
fake_no_row(const fake_request *request)
{
	cql_buf body;

	cql_buf_init(&body, &peer_env, SIZE_MAX / 2);
	cql_put_i32(&body, CQL_RESULT_ROWS);
	put_row_metadata(&body, request, false, false);
	cql_put_i32(&body, 0);
	fake_answer(request, CQL_OP_RESULT, body.data, body.len);
	cql_buf_free(&body);
}

/* ---- what every client asks ---- */

/* A statement's id is the hash of its text; each "?" is an int. */
static void
answer_prepare(const fake_request *request)
{
	uint32_t len = cql_load_u32(request->body);
	int64_t hash = cql_murmur3_token(request->body + 4, len);
	uint8_t id[16];
	cql_buf body;
	int32_t marks = 0;
	int32_t i;

	memcpy(id, &hash, 8);
	memcpy(id + 8, &hash, 8);
	for (i = 0; i < (int32_t) len; i++)
		marks += request->body[4 + i] == '?';
	cql_buf_init(&body, &peer_env, SIZE_MAX / 2);
	cql_put_i32(&body, CQL_RESULT_PREPARED);
	cql_put_short_bytes(&body, id, sizeof(id));
	memset(id, request->conn->node->generation, sizeof(id));
	if (request->version >= 5)
		cql_put_short_bytes(&body, id, sizeof(id));
	cql_put_i32(&body, marks > 0 ? 1 : 0);
	cql_put_i32(&body, marks);
	cql_put_i32(&body, marks > 0 ? 1 : 0);
	if (marks > 0)
	{
		cql_put_u16(&body, 0);
		cql_put_string(&body, "ks");
		cql_put_string(&body, "t");
	}
	for (i = 0; i < marks; i++)
		fake_put_column(&body, "b", request->conn->node->marker);
	put_row_metadata(&body, request, false, false);
	fake_answer(request, CQL_OP_RESULT, body.data, body.len);
	cql_buf_free(&body);
}

bool
fake_asks(const fake_request *request, const char *text)
{
	uint32_t len;

	if (request->opcode != CQL_OP_QUERY && request->opcode != CQL_OP_PREPARE)
		return false;
	len = cql_load_u32(request->body);
	return memmem(request->body + 4, len, text, strlen(text)) != NULL;
}

static void
answer_query(const fake_request *request)
{
	int32_t value;

	if (fake_system_answer(request))
		return;
	value = fake_first_value(request);
	fake_row(request, value < 0 ? 42 : value);
}

static void
answer_startup(const fake_request *request)
{
	static const uint8_t class_name[] = {0, 4, 'A', 'u', 't', 'h'};
	uint8_t opcode = CQL_OP_READY;
	size_t len = 0;

	if (request->conn->node->auth)
	{
		opcode = CQL_OP_AUTHENTICATE;
		len = sizeof(class_name);
	}
	fake_answer(request, opcode, class_name, len);
	request->conn->framed = request->version >= 5;
}

static void
answer_options(const fake_request *request)
{
	cql_buf body;

	cql_buf_init(&body, &peer_env, SIZE_MAX / 2);
	cql_put_u16(&body, request->conn->node->tablets ? 2 : 1);
	if (request->conn->node->tablets)
	{
		cql_put_string(&body, "TABLETS_ROUTING_V1");
		cql_put_u16(&body, 1);
		cql_put_string(&body, "");
	}
	cql_put_string(&body, "PROTOCOL_VERSIONS");
	cql_put_u16(&body, request->conn->node->max_version >= 5 ? 2 : 1);
	cql_put_string(&body, "4/v4");
	if (request->conn->node->max_version >= 5)
		cql_put_string(&body, "5/v5");
	fake_answer(request, CQL_OP_SUPPORTED, body.data, body.len);
	cql_buf_free(&body);
}

static void
answer_request(fake_node *node, const fake_request *request)
{
	if (request->opcode < 32)
		node->seen[request->opcode]++;
	if (request->version > node->max_version && node->mute)
		return;
	if (request->version > node->max_version)
	{
		fake_request older = *request;

		older.version = node->max_version;
		older.stream = 0;
		fake_error(&older, CQL_SERVER_PROTOCOL,
				   "Invalid or unsupported protocol version (5); "
				   "supported versions are (4/v4)",
				   NULL, 0);
		return;
	}
	if (node->silent || (node->handle != NULL && node->handle(node, request)))
		return;
	if (request->opcode == CQL_OP_OPTIONS)
		answer_options(request);
	else if (request->opcode == CQL_OP_STARTUP)
		answer_startup(request);
	else if (request->opcode == CQL_OP_AUTH_RESPONSE)
		fake_error(request, CQL_SERVER_BAD_CREDENTIALS,
				   "Provided username or password is wrong", NULL, 0);
	else if (request->opcode == CQL_OP_PREPARE)
		answer_prepare(request);
	else if (request->opcode == CQL_OP_QUERY)
		answer_query(request);
	else if (request->opcode == CQL_OP_EXECUTE)
		fake_row(request, fake_first_value(request));
	else
		fake_void(request);
}

/* ---- bytes ---- */

/* Payloads of whole segments go to plain; checksums are the tests of others.
 */
static void
unframe(fake_conn *conn)
{
	while (conn->input.len >= 6)
	{
		uint32_t bits = conn->input.data[0] |
						(uint32_t) conn->input.data[1] << 8 |
						(uint32_t) conn->input.data[2] << 16;
		size_t len = bits & 0x1FFFF;

		if (conn->input.len < len + 10)
			return;
		cql_buf_append(&conn->plain, conn->input.data + 6, len);
		cql_buf_consume(&conn->input, len + 10);
	}
}

/* Framing begins between two requests, so each is looked for anew. */
static bool
next_request(fake_conn *conn, cql_buf *whole, fake_request *request)
{
	size_t len;

	if (conn->framed)
		unframe(conn);
	else
	{
		cql_buf_append(&conn->plain, conn->input.data, conn->input.len);
		cql_buf_reset(&conn->input);
	}
	if (conn->plain.len < CQL_ENVELOPE_HEADER)
		return false;
	len = cql_load_u32(conn->plain.data + 5);
	if (conn->plain.len < CQL_ENVELOPE_HEADER + len)
		return false;
	cql_buf_reset(whole);
	cql_buf_append(whole, conn->plain.data, CQL_ENVELOPE_HEADER + len);
	cql_buf_consume(&conn->plain, CQL_ENVELOPE_HEADER + len);
	request->conn = conn;
	request->version = whole->data[0];
	request->flags = whole->data[1];
	request->stream = (int16_t) cql_load_u16(whole->data + 2);
	request->opcode = whole->data[4];
	request->body = whole->data + CQL_ENVELOPE_HEADER;
	request->len = len;
	return true;
}

static bool
serve_conn(fake_conn *conn)
{
	uint8_t bytes[65536];
	ssize_t n = recv(conn->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	fake_request request;
	cql_buf whole;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
	{
		close_conn(conn);
		return true;
	}
	if (conn->tls != NULL)
		fake_proxy_receive(conn, bytes, (size_t) n);
	else
		cql_buf_append(&conn->input, bytes, (size_t) n);
	cql_buf_init(&whole, &peer_env, SIZE_MAX / 2);
	while (conn->fd >= 0 && next_request(conn, &whole, &request))
		answer_request(conn->node, &request);
	cql_buf_free(&whole);
	return true;
}

static bool
accept_conn(fake_node *node)
{
	int fd = accept4(node->fd, NULL, NULL, SOCK_CLOEXEC);
	int one = 1;
	uint32_t i;

	if (fd < 0)
		return false;
	/* An answer held back would look as if nothing moved any more. */
	(void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	node->accepted++;
	for (i = 0; i < FAKE_MAX_CONNS; i++)
	{
		fake_conn *conn = &node->conns[i];

		if (conn->fd >= 0)
			continue;
		memset(conn, 0, sizeof(*conn));
		conn->node = node;
		conn->fd = fd;
		fake_proxy_accept(conn);
		cql_buf_init(&conn->input, &peer_env, SIZE_MAX / 2);
		cql_buf_init(&conn->plain, &peer_env, SIZE_MAX / 2);
		return true;
	}
	(void) close(fd);
	return true;
}

static bool
serve_all(void)
{
	bool moved = false;
	uint32_t i;
	uint32_t j;

	for (i = 0; i < fake_count; i++)
	{
		fake_node *node = &fake_nodes[i];

		if (node->paused)
			continue;
		if (node->fd >= 0)
			moved |= accept_conn(node);
		for (j = 0; j < FAKE_MAX_CONNS; j++)
		{
			if (node->conns[j].fd >= 0)
				moved |= serve_conn(&node->conns[j]);
		}
	}
	return moved;
}

/* ---- turns ---- */

bool
fake_turn(cql_cluster *cluster)
{
	struct pollfd wait = {cql_cluster_waitfd(cluster), POLLIN, 0};
	bool moved =
		cql_cluster_timeout(cluster, fake_now) == 0 || poll(&wait, 1, 0) > 0;

	cql_cluster_step(cluster, fake_now);
	return serve_all() || moved;
}

/* Time passes only when no byte is under way. */
static bool
turn_or_wait(cql_cluster *cluster)
{
	struct pollfd wait = {cql_cluster_waitfd(cluster), POLLIN, 0};
	int64_t timeout;

	if (fake_turn(cluster) || poll(&wait, 1, FAKE_IDLE_MS) > 0 || serve_all())
		return true;
	timeout = cql_cluster_timeout(cluster, fake_now);
	if (timeout < 0)
		return false;
	fake_now += timeout;
	return true;
}

cql_request_state
fake_run(cql_cluster *cluster, cql_request *request)
{
	int turns = 0;

	while (cql_request_get_state(request) == CQL_REQUEST_PENDING &&
		   turns++ < FAKE_MAX_TURNS && turn_or_wait(cluster))
		;
	return cql_request_get_state(request);
}

void
fake_settle(cql_cluster *cluster)
{
	struct pollfd wait = {cql_cluster_waitfd(cluster), POLLIN, 0};

	while (fake_turn(cluster) || poll(&wait, 1, FAKE_IDLE_MS) > 0 ||
		   serve_all())
		;
}

cql_config
fake_config(uint32_t ncontacts)
{
	static const char *hosts[FAKE_MAX_NODES];
	cql_config config;
	uint32_t i;

	memset(&config, 0, sizeof(config));
	for (i = 0; i < ncontacts; i++)
		hosts[i] = fake_nodes[i].address;
	config.hosts = hosts;
	config.nhosts = ncontacts;
	config.heartbeat_interval = 30000000;
	return config;
}

cql_params
fake_params(const char *cql)
{
	cql_params params;

	memset(&params, 0, sizeof(params));
	params.cql = cql;
	params.consistency = CQL_LOCAL_ONE;
	params.serial_consistency = -1;
	params.paging_state.len = CQL_NULL;
	return params;
}
