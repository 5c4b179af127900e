/*
 * buf.c
 *	  Growable byte buffer with a hard maximum and a sticky failure flag.
 *
 * Includes buf.h only; used by everything that reads or writes bytes.
 */
#include "buf.h"

#include <string.h>

/* Smallest allocation of a buffer that is not limited to less. */
#define BUF_FIRST_SIZE 256

void
cql_buf_init(cql_buf *buf, const cql_env *env, size_t max)
{
	memset(buf, 0, sizeof(*buf));
	buf->env = env;
	buf->max = max;
}

void
cql_buf_reset(cql_buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

void
cql_buf_free(cql_buf *buf)
{
	cql_free(buf->env, buf->data);
	buf->data = NULL;
	buf->len = 0;
	buf->cap = 0;
	buf->failed = false;
}

/* Makes cap at least need (<= max), doubling so that appending stays linear.
 */
static bool
buf_grow(cql_buf *buf, size_t need)
{
	size_t cap = buf->cap > buf->max / 2 ? buf->max : buf->cap * 2;
	uint8_t *data;

	if (cap < BUF_FIRST_SIZE)
		cap = BUF_FIRST_SIZE;
	if (cap < need)
		cap = need;
	if (cap > buf->max)
		cap = buf->max;
	data = cql_realloc(buf->env, buf->data, cap);
	if (data == NULL)
		return false;
	buf->data = data;
	buf->cap = cap;
	return true;
}

uint8_t *
cql_buf_reserve(cql_buf *buf, size_t n)
{
	if (buf->failed)
		return NULL;
	if (buf->len > buf->max || n > buf->max - buf->len)
	{
		buf->failed = true;
		return NULL;
	}
	if ((buf->data == NULL || n > buf->cap - buf->len) &&
		!buf_grow(buf, buf->len + n))
	{
		buf->failed = true;
		return NULL;
	}
	return buf->data + buf->len;
}

void
cql_buf_append(cql_buf *buf, const void *data, size_t n)
{
	uint8_t *room = cql_buf_reserve(buf, n);

	if (room == NULL || n == 0)
		return;
	memcpy(room, data, n);
	buf->len += n;
}

void
cql_buf_consume(cql_buf *buf, size_t n)
{
	if (buf->failed || n == 0)
		return;
	if (n < buf->len)
		memmove(buf->data, buf->data + n, buf->len - n);
	buf->len -= n;
}
