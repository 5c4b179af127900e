/*
 * bound_spelling.c
 *	  Texts that a column cast to text is compared with: which value of the
 *	  column has this spelling, if any.
 *
 * Only what the cast itself gives is equal: 7 is '7', not '07' or ' 7'.
 */
#include "postgres.h"

#include <arpa/inet.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/inet.h"
#include "utils/uuid.h"

#include "bound_value.h"

#define UUID_TEXT_LEN 36

bool
cass_spelled_integer(Datum value, int64 *v)
{
	text *t = DatumGetTextPP(value);
	const char *digits = VARDATA_ANY(t);
	int len = VARSIZE_ANY_EXHDR(t);
	bool negative = len > 0 && digits[0] == '-';
	uint64 magnitude = 0;
	int i = negative ? 1 : 0;

	/* no sign before zero, no zero before other digits, at most 19 digits */
	if (len == i || len - i > 19 || (digits[i] == '0' && len > 1))
		return false;
	for (; i < len; i++)
	{
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		magnitude = magnitude * 10 + (digits[i] - '0');
	}
	if (magnitude > (uint64) PG_INT64_MAX + (negative ? 1 : 0))
		return false;
	*v = (int64) (negative ? 0 - magnitude : magnitude);
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
cass_spelled_uuid(Datum value, uint8 *bytes)
{
	text *t = DatumGetTextPP(value);
	const char *s = VARDATA_ANY(t);
	int n = 0;
	int i;

	if (VARSIZE_ANY_EXHDR(t) != UUID_TEXT_LEN)
		return false;
	for (i = 0; i < UUID_TEXT_LEN; i++)
	{
		int digit = hex_digit(s[i]);

		if (i == 8 || i == 13 || i == 18 || i == 23)
		{
			if (s[i] != '-')
				return false;
			continue;
		}
		if (digit < 0)
			return false;
		if (n % 2 == 0)
			bytes[n / 2] = (uint8) (digit << 4);
		else
			bytes[n / 2] |= (uint8) digit;
		n++;
	}
	return true;
}

/* Text of an address always has the length of its mask. */
bool
cass_spelled_inet(Datum value, Datum *address)
{
	char *spelling = TextDatumGetCString(value);
	char *host = pstrdup(spelling);
	char *slash = strchr(host, '/');
	inet *result = palloc0(sizeof(inet));

	if (slash == NULL)
		return false;
	*slash = '\0';
	if (inet_pton(AF_INET, host, ip_addr(result)) == 1)
		ip_family(result) = PGSQL_AF_INET;
	else if (inet_pton(AF_INET6, host, ip_addr(result)) == 1)
		ip_family(result) = PGSQL_AF_INET6;
	else
		return false;
	ip_bits(result) = ip_maxbits(result);
	SET_INET_VARSIZE(result);
	*address = InetPGetDatum(result);
	return strcmp(spelling, TextDatumGetCString(DirectFunctionCall1(
								network_show, *address))) == 0;
}
