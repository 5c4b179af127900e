/*
 * error.c
 *	  Filling of cql_error.
 *
 * Includes error.h only; every module of the client reports through it.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
cql_error_clear(cql_error *err)
{
	if (err == NULL)
		return;
	memset(err, 0, sizeof(*err));
	err->code = CQL_OK;
	err->server_code = -1;
	err->consistency = -1;
	err->received = -1;
	err->required = -1;
	err->failures = -1;
	err->data_present = -1;
}

void
cql_error_set(cql_error *err, cql_code code, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return;
	cql_error_clear(err);
	err->code = code;
	va_start(args, fmt);
	(void) vsnprintf(err->message, sizeof(err->message), fmt, args);
	va_end(args);
}

void
cql_error_detail(cql_error *err, const char *fmt, ...)
{
	va_list args;
	size_t len;

	if (err == NULL)
		return;
	len = strlen(err->details);
	if (len > 0 && len < sizeof(err->details) - 1)
		err->details[len++] = '\n';
	va_start(args, fmt);
	(void) vsnprintf(err->details + len, sizeof(err->details) - len, fmt,
					 args);
	va_end(args);
}

/*
 * Length of the valid UTF-8 sequence at data (RFC 3629: shortest form, no
 * surrogates, at most U+10FFFF), or 0.
 */
static size_t
utf8_length(const uint8_t *data, size_t len)
{
	uint8_t first = data[0];
	uint8_t low = 0x80;
	uint8_t high = 0xBF;
	size_t n;
	size_t i;

	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4)
		return 0;
	n = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	if (first == 0xE0)
		low = 0xA0;
	else if (first == 0xED)
		high = 0x9F;
	else if (first == 0xF0)
		low = 0x90;
	else if (first == 0xF4)
		high = 0x8F;
	if (n > len || data[1] < low || data[1] > high)
		return 0;
	for (i = 2; i < n; i++)
	{
		if ((data[i] & 0xC0) != 0x80)
			return 0;
	}
	return n;
}

void
cql_error_text(char *out, size_t size, const uint8_t *data, size_t len)
{
	size_t used = 0;
	size_t i = 0;

	if (size == 0)
		return;
	while (i < len)
	{
		size_t n = utf8_length(data + i, len - i);
		bool printable = n > 0 && data[i] >= 0x20 && data[i] != 0x7F;

		if (used + (printable ? n : 1) >= size)
			break;
		if (printable)
			memcpy(out + used, data + i, n);
		else
			out[used] = '?';
		used += printable ? n : 1;
		i += n > 0 ? n : 1;
	}
	out[used] = '\0';
}
