/*
 * fake_proxy.c
 *	  A fake node's socket as a proxy's.
 */
#include "fake_proxy.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "tls_server.h"

const char *
fake_proxy_name(const fake_node *node)
{
	static cql_address address; /* just its name */
	uint8_t id[16];

	fake_host_id(node, id);
	cql_address_set_host_id(&address, id);
	return address.sni;
}

void
fake_proxy_start(fake_node *node, const char *file)
{
	char name[32];
	test_cert cert;

	(void) snprintf(name, sizeof(name), "IP:127.0.77.%d", node->ip[3]);
	cert = test_cert_make("proxy", name, true, NULL, -1, 30);
	test_cert_save(&cert, file, NULL, NULL);
	node->tls = test_server_context(&cert, NULL, 0);
	test_cert_free(&cert);
}

void
fake_proxy_end(fake_node *node)
{
	SSL_CTX_free(node->tls);
	node->tls = NULL;
}

void
fake_proxy_accept(fake_conn *conn)
{
	if (conn->node->tls != NULL)
		conn->tls = test_server_new(conn->node->tls);
}

void
fake_proxy_close(fake_conn *conn)
{
	SSL_free(conn->tls);
	conn->tls = NULL;
}

/* What OpenSSL has for the client. */
static void
flush(fake_conn *conn)
{
	uint8_t bytes[16384];
	int n;

	while ((n = BIO_read(SSL_get_wbio(conn->tls), bytes, sizeof(bytes))) > 0)
		fake_send(conn, bytes, (size_t) n);
	ERR_clear_error();
}

/* The handshake is through: the name is known. */
static void
find_node(fake_conn *conn)
{
	const char *name =
		SSL_get_servername(conn->tls, TLSEXT_NAMETYPE_host_name);
	uint32_t i;

	for (i = 0; name != NULL && i < fake_count; i++)
	{
		if (strcmp(name, fake_proxy_name(&fake_nodes[i])) == 0)
			conn->node = &fake_nodes[i];
	}
}

void
fake_proxy_receive(fake_conn *conn, const uint8_t *bytes, size_t len)
{
	uint8_t plain[16384];
	int n;

	(void) BIO_write(SSL_get_rbio(conn->tls), bytes, (int) len);
	while ((n = SSL_read(conn->tls, plain, sizeof(plain))) > 0)
	{
		find_node(conn);
		cql_buf_append(&conn->input, plain, (size_t) n);
	}
	flush(conn);
}

void
fake_proxy_send(fake_conn *conn, const uint8_t *bytes, size_t len)
{
	(void) SSL_write(conn->tls, bytes, (int) len);
	flush(conn);
}
