/*
 * varint.c
 *	  Variable-length integers of duration and vector (v5 section 3, [vint]).
 *
 * Pure functions; called by value walkers here and by the type layer.
 */
#include "value.h"

int
cql_uvint_get(const uint8_t *data, size_t len, uint64_t *value)
{
	uint64_t v;
	size_t extra = 0;
	size_t i;

	if (len == 0)
		return 0;
	while (extra < 8 && (data[0] & (0x80u >> extra)))
		extra++;
	if (extra >= len)
		return 0;
	v = data[0] & (0xFFu >> extra);
	for (i = 1; i <= extra; i++)
		v = (v << 8) | data[i];
	*value = v;
	return (int) extra + 1;
}

int
cql_vint_get(const uint8_t *data, size_t len, int64_t *value)
{
	uint64_t v;
	int used = cql_uvint_get(data, len, &v);

	if (used > 0)
		*value = (int64_t) ((v >> 1) ^ (0 - (v & 1)));
	return used;
}

int
cql_uvint_put(uint8_t out[CQL_MAX_VINT], uint64_t value)
{
	int extra = 0;
	int i;

	/* n bytes hold 7 * n bits, but nine hold all 64. */
	while (extra < 8 && (value >> (7 * (extra + 1))) != 0)
		extra++;
	for (i = extra; i > 0; i--)
	{
		out[i] = (uint8_t) value;
		value >>= 8;
	}
	out[0] = (uint8_t) (value | (0xFF00u >> extra));
	return extra + 1;
}

int
cql_vint_put(uint8_t out[CQL_MAX_VINT], int64_t value)
{
	uint64_t sign = value < 0 ? UINT64_MAX : 0;

	return cql_uvint_put(out, ((uint64_t) value << 1) ^ sign);
}
