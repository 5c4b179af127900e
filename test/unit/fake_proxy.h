/*
 * fake_proxy.h
 *	  A fake node's socket as a proxy's: it speaks TLS and hands each
 *	  connection to the node that its server name, a host_id, names.
 */
#ifndef TEST_FAKE_PROXY_H
#define TEST_FAKE_PROXY_H

#include "fake.h"

/*
 * The node's socket is a proxy's from now on, with a certificate made out to
 * its address, which is written to file.
 */
extern void fake_proxy_start(fake_node *node, const char *file);
extern void fake_proxy_end(fake_node *node);
/* The host_id of a node as a name. */
extern const char *fake_proxy_name(const fake_node *node);

/* ---- for fake.c ---- */

/* Nothing where the node is no proxy. */
extern void fake_proxy_accept(fake_conn *conn);
extern void fake_proxy_close(fake_conn *conn);
/* Bytes from the client, decrypted into its input. */
extern void fake_proxy_receive(fake_conn *conn, const uint8_t *bytes,
							   size_t len);
extern void fake_proxy_send(fake_conn *conn, const uint8_t *bytes, size_t len);

#endif /* TEST_FAKE_PROXY_H */
