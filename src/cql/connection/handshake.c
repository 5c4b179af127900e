/*
 * handshake.c
 *	  From OPTIONS to READY, one function a state (v5 sections 2.3, 4.1.1-5).
 *
 * Includes conn_int.h, encode.h and response.h; conn.c and conn_io.c call it.
 * All answers come on stream 0 and, up to READY or AUTHENTICATE, unframed.
 */
#include "conn_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "encode.h"
#include "response.h"

/* Options of STARTUP at most: see send_startup(). */
#define MAX_STARTUP_OPTIONS 5
/* A list in SUPPORTED, "," joined. */
#define MAX_SUPPORTED_LIST 512

static uint8_t
other_version(const cql_conn *conn)
{
	return conn->version == 5 ? 4 : 5;
}

/* As PROTOCOL_VERSIONS in SUPPORTED spells it. */
static const char *
version_name(uint8_t version)
{
	return version == 5 ? "5/v5" : "4/v4";
}

/*
 * There are servers that do not answer a version they do not know.  Half of
 * the time that is left is for trying another one.
 */
void
cql_conn_greet(cql_conn *conn)
{
	if (conn->config->guessed && conn->connect_deadline >= 0)
		conn->connect_deadline = (conn->connect_deadline + conn->now) / 2;
	conn->state = CQL_CONN_OPTIONS;
	conn->body_offset = cql_envelope_begin(&conn->pending);
	cql_conn_queue(conn, 0, STREAM_HANDSHAKE, CQL_OP_OPTIONS);
}

static void
send_startup(cql_conn *conn)
{
	const char *options[MAX_STARTUP_OPTIONS][2] = {
		{"DRIVER_NAME", CQL_DRIVER_NAME},
		{"DRIVER_VERSION", CQL_DRIVER_VERSION},
		/* An overloaded server says so instead of falling silent. */
		{"THROW_ON_OVERLOAD", "1"},
	};
	const char *application = conn->config->application_name;
	uint32_t n = 3;

	if (conn->lz4)
	{
		options[n][0] = "COMPRESSION";
		options[n++][1] = "lz4";
	}
	if (application != NULL && application[0] != '\0')
	{
		options[n][0] = "APPLICATION_NAME";
		options[n++][1] = application;
	}
	conn->state = CQL_CONN_STARTUP;
	conn->decoder.lz4 = conn->lz4;
	conn->body_offset = cql_envelope_begin(&conn->pending);
	cql_encode_startup(&conn->pending, (const char *const(*)[2]) options, n);
	cql_conn_queue(conn, 0, STREAM_HANDSHAKE, CQL_OP_STARTUP);
}

static void
unexpected(cql_conn *conn, const cql_envelope *envelope, const char *expected)
{
	cql_conn_fail(
		conn, CQL_ERR_PROTOCOL,
		"%s answered with opcode 0x%02X (v%d, stream %d) instead of %s",
		conn->host, envelope->opcode, envelope->version, envelope->stream,
		expected);
}

/* Positions the reader at the message; false on a malformed prefix. */
static bool
open_body(const cql_envelope *envelope, cql_reader *r)
{
	cql_prefix prefix;

	cql_reader_init(r, envelope->body, envelope->len);
	return cql_response_prefix(r, envelope->flags, &prefix);
}

/* One list of SUPPORTED; false when the server does not give it. */
static bool
supported(const cql_envelope *envelope, const char *option, char *list)
{
	cql_reader r;

	return open_body(envelope, &r) &&
		   cql_response_supported(&r, option, list, MAX_SUPPORTED_LIST);
}

static void
options_answered(cql_conn *conn, const cql_envelope *envelope)
{
	char list[MAX_SUPPORTED_LIST];

	if (envelope->opcode != CQL_OP_SUPPORTED)
	{
		unexpected(conn, envelope, "SUPPORTED");
		return;
	}
	/* Where the list names neither, STARTUP will tell. */
	if (supported(envelope, "PROTOCOL_VERSIONS", list) &&
		!cql_response_list_has(list, version_name(conn->version)) &&
		cql_response_list_has(list, version_name(other_version(conn))))
	{
		if (!conn->config->pinned)
			conn->other_version = other_version(conn);
		cql_conn_fail(conn, CQL_ERR_PROTOCOL,
					  "%s does not speak protocol version %d, but %s",
					  conn->host, conn->version, list);
		return;
	}
	conn->has_tablets = supported(envelope, "TABLETS_ROUTING_V1", list);
	conn->lz4 = conn->config->lz4 &&
				supported(envelope, "COMPRESSION", list) &&
				cql_response_list_has(list, "lz4");
	send_startup(conn);
}

/* In v5, everything after READY or AUTHENTICATE is in segments. */
static void
begin_segments(cql_conn *conn)
{
	if (conn->version < 5)
		return;
	conn->segments = true;
	cql_decoder_set_segments(&conn->decoder);
}

/* Who must show a password is not let in by what else the server trusts. */
static void
ready(cql_conn *conn)
{
	if (conn->config->password_required && !conn->auth.done)
		cql_conn_fail(conn, CQL_ERR_UNASKED,
					  "password is required, but %s asks for none",
					  conn->host);
	else
		conn->state = CQL_CONN_READY;
}

/* Closes for an error of the authenticator's making. */
static void
authentication_failed(cql_conn *conn, const cql_error *why)
{
	cql_error err = *why;
	const char *name = conn->auth.authenticator;
	bool tell = name[0] != '\0' && !cql_auth_known(&conn->auth) &&
				strstr(why->message, name) == NULL;

	(void) snprintf(err.message, sizeof(err.message),
					"authentication with %s failed: %.700s%s%s%s", conn->host,
					why->message, tell ? " (authenticator " : "",
					tell ? name : "", tell ? ")" : "");
	cql_conn_close(conn, &err);
}

/* Queues the AUTH_RESPONSE that has been written, or gives up. */
static void
send_token(cql_conn *conn, bool written, const cql_error *err)
{
	if (written)
	{
		/* A signature is good for once, and tells nothing of the secret. */
		conn->password_in_clear =
			conn->auth.done && conn->in_clear && conn->auth.region == NULL;
		cql_conn_queue(conn, 0, STREAM_HANDSHAKE, CQL_OP_AUTH_RESPONSE);
	}
	else
		authentication_failed(conn, err);
}

static void
startup_answered(cql_conn *conn, const cql_envelope *envelope)
{
	cql_reader r;
	cql_error err;
	bool written;

	if (envelope->opcode == CQL_OP_READY)
	{
		begin_segments(conn);
		ready(conn);
		return;
	}
	if (envelope->opcode != CQL_OP_AUTHENTICATE || !open_body(envelope, &r) ||
		!cql_response_authenticate(&r, conn->auth.authenticator,
								   sizeof(conn->auth.authenticator)))
	{
		unexpected(conn, envelope, "READY");
		return;
	}
	begin_segments(conn);
	if (conn->connect_deadline >= 0)
		conn->connect_deadline = conn->opened + conn->config->connect_timeout;
	conn->state = CQL_CONN_AUTH;
	conn->body_offset = cql_envelope_begin(&conn->pending);
	written = cql_auth_start(&conn->auth, &conn->pending, &err);
	send_token(conn, written, &err);
}

static void
auth_answered(cql_conn *conn, const cql_envelope *envelope)
{
	cql_reader r;
	cql_slice challenge;
	cql_error err;
	bool written;

	if (envelope->opcode == CQL_OP_AUTH_SUCCESS)
	{
		ready(conn);
		return;
	}
	if (envelope->opcode != CQL_OP_AUTH_CHALLENGE || !open_body(envelope, &r))
	{
		unexpected(conn, envelope, "AUTH_SUCCESS");
		return;
	}
	challenge = cql_get_bytes(&r);
	conn->body_offset = cql_envelope_begin(&conn->pending);
	written = cql_auth_challenge(&conn->auth, challenge, &conn->pending, &err);
	send_token(conn, written, &err);
}

/*
 * Which version to try after an ERROR about ours: what its text names, unless
 * that is ours once more ("Invalid protocol version (5)").
 */
static void
note_other_version(cql_conn *conn, const cql_error *err)
{
	int named = cql_response_error_version(err->message);

	if (conn->config->pinned || err->server_code != CQL_SERVER_PROTOCOL ||
		conn->state == CQL_CONN_AUTH)
		return;
	if (conn->version == 5)
		conn->other_version = 4;
	else if (named > conn->version)
		conn->other_version = named;
}

/* ERROR, at any time before READY; old servers send it in their version. */
static void
refused(cql_conn *conn, const cql_envelope *envelope)
{
	cql_reader r;
	cql_error err;
	char text[sizeof(err.message)];

	(void) open_body(envelope, &r);
	cql_response_error(&r, envelope->version, &err, NULL);
	if (conn->state == CQL_CONN_AUTH || err.code == CQL_ERR_AUTH)
	{
		authentication_failed(conn, &err);
		return;
	}
	note_other_version(conn, &err);
	memcpy(text, err.message, sizeof(text));
	(void) snprintf(err.message, sizeof(err.message),
					"%s refused the connection (protocol v%d): %.800s",
					conn->host, conn->version, text);
	cql_conn_close(conn, &err);
}

void
cql_conn_handshake(cql_conn *conn, const cql_envelope *envelope)
{
	if (envelope->opcode == CQL_OP_ERROR)
	{
		refused(conn, envelope);
		return;
	}
	if (envelope->version != conn->version ||
		envelope->stream != STREAM_HANDSHAKE)
	{
		unexpected(conn, envelope, "an answer on its stream");
		return;
	}
	switch (conn->state)
	{
		case CQL_CONN_OPTIONS:
			options_answered(conn, envelope);
			break;
		case CQL_CONN_STARTUP:
			startup_answered(conn, envelope);
			break;
		case CQL_CONN_AUTH:
			auth_answered(conn, envelope);
			break;
		default:
			break;
	}
}

static const char *
phase_name(cql_conn_state state)
{
	switch (state)
	{
		case CQL_CONN_CONNECTING:
			return "no TCP connection";
		case CQL_CONN_TLS:
			return "the TLS handshake did not end";
		case CQL_CONN_OPTIONS:
			return "no answer to OPTIONS";
		case CQL_CONN_STARTUP:
			return "no answer to STARTUP";
		default:
			return "authentication did not end";
	}
}

void
cql_conn_handshake_timeout(cql_conn *conn)
{
	bool silent =
		conn->state == CQL_CONN_OPTIONS || conn->state == CQL_CONN_STARTUP;

	if (silent && conn->version == 5 && !conn->config->pinned)
		conn->other_version = 4;
	cql_conn_fail(conn, CQL_ERR_CONNECT,
				  "could not connect to %s: timeout: %s within %" PRId64 " ms",
				  conn->host, phase_name(conn->state),
				  (conn->connect_deadline - conn->opened) / 1000);
}
