/*
 * frames.c
 *	  What the fuzz targets of envelopes and segments share.
 */
#include "frames.h"

#include <stdlib.h>
#include <string.h>

#include "walk.h"

#define MAX_INPUT (1u << 20)

/* A digest of what the decoder gave, to compare two ways of feeding it. */
typedef struct outcome
{
	uint64_t digest;
	size_t count;
	int rc;
} outcome;

static void
add(outcome *out, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		out->digest = (out->digest ^ p[i]) * UINT64_C(0x100000001b3);
}

static void
take(cql_decoder *dec, outcome *out)
{
	cql_envelope envelope;
	cql_error err;

	while ((out->rc = cql_decoder_next(dec, &envelope, &err)) == 1)
	{
		uint8_t fields[3] = {envelope.version, envelope.flags,
							 envelope.opcode};

		if (envelope.len > CQL_MAX_BODY ||
			(envelope.len == 0) != (envelope.body == NULL))
			abort();
		add(out, fields, sizeof(fields));
		add(out, &envelope.stream, sizeof(envelope.stream));
		add(out, &envelope.len, sizeof(envelope.len));
		add(out, envelope.body, envelope.len);
		out->count++;
		free(envelope.body);
	}
}

static outcome
decode(bool segments, bool lz4, const uint8_t *data, size_t size, size_t chunk)
{
	cql_decoder dec;
	outcome out = {0, 0, 0};

	cql_decoder_init(&dec, &walk_env);
	dec.lz4 = lz4;
	if (segments)
		cql_decoder_set_segments(&dec);
	while (size > 0 && out.rc == 0)
	{
		size_t room;
		uint8_t *into = cql_decoder_room(&dec, 1, &room);

		if (into == NULL)
			abort();
		if (room > chunk)
			room = chunk;
		if (room > size)
			room = size;
		memcpy(into, data, room);
		cql_decoder_received(&dec, room);
		data += room;
		size -= room;
		take(&dec, &out);
	}
	cql_decoder_free(&dec);
	return out;
}

int
fuzz_frames(bool segments, bool lz4, const uint8_t *data, size_t size)
{
	outcome whole;
	outcome parts;

	if (size > MAX_INPUT)
		return 0;
	whole = decode(segments, lz4, data, size, size);
	parts = decode(segments, lz4, data, size, 3);
	if (whole.rc != parts.rc || whole.count != parts.count ||
		whole.digest != parts.digest)
		abort();
	return 0;
}

/* CRCs that a fuzzer cannot guess are put in before the segments are read. */
static size_t
repair_segment(bool lz4, uint8_t *data, size_t size)
{
	size_t header = lz4 ? 5 : 3;
	size_t len;
	uint32_t crc;
	int i;

	if (size < header + 3)
		return size;
	crc = cql_crc24(data, header);
	for (i = 0; i < 3; i++)
		data[header + (size_t) i] = (uint8_t) (crc >> (8 * i));
	len = (size_t) data[0] | (size_t) data[1] << 8 |
		  (size_t) (data[2] & 1) << 16;
	if (size < header + 3 + len + 4)
		return size;
	crc = cql_crc32(data + header + 3, len);
	for (i = 0; i < 4; i++)
		data[header + 3 + len + (size_t) i] = (uint8_t) (crc >> (8 * i));
	return header + 3 + len + 4;
}

int
fuzz_segments(bool lz4, const uint8_t *data, size_t size)
{
	uint8_t *copy;
	size_t done = 0;

	fuzz_frames(true, lz4, data, size);
	if (size == 0 || size > MAX_INPUT)
		return 0;
	copy = malloc(size);
	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	while (done < size)
		done += repair_segment(lz4, copy + done, size - done);
	fuzz_frames(true, lz4, copy, size);
	free(copy);
	return 0;
}
