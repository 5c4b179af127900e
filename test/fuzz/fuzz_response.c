/*
 * fuzz_response.c
 *	  Fuzz target: bodies of all response messages.
 *
 * First byte: protocol version (lowest bit: 0 v4, 1 v5) and message; second
 * byte: flags of the envelope; then the body.
 */
#include <stdlib.h>
#include <string.h>

#include "result.h"
#include "walk.h"

typedef void (*message_reader)(cql_envelope *envelope);

/* Metadata as a statement prepared earlier has it: (int, list<text>). */
static cql_metadata_ref *
make_known(void)
{
	static const uint8_t metadata[] = {0,
									   0,
									   0,
									   1,
									   0,
									   0,
									   0,
									   2,
									   0,
									   1,
									   'k',
									   0,
									   1,
									   't',
									   0,
									   1,
									   'a',
									   0,
									   CQL_TYPE_INT,
									   0,
									   1,
									   'b',
									   0,
									   CQL_TYPE_LIST,
									   0,
									   CQL_TYPE_TEXT};
	cql_reader r;
	cql_rows_header header;
	cql_metadata_ref *known;

	cql_reader_init(&r, metadata, sizeof(metadata));
	if (cql_metadata_rows(&walk_env, &r, &header, &known) != CQL_OK)
		abort();
	return known;
}

static void
read_rows(cql_result *result)
{
	const cql_metadata *meta = cql_result_metadata(result);
	cql_slice *cells = calloc(meta->ncolumns + 1, sizeof(*cells));
	uint32_t nrows = 0;
	cql_error err;

	while (cql_result_next(result, cells, &err) > 0)
	{
		nrows++;
		for (uint32_t i = 0; i < meta->ncolumns; i++)
			walk_value(meta->columns[i].type, cells[i]);
	}
	if (nrows > cql_result_nrows(result))
		abort();
	free(cells);
}

/* Names and types are printed, so that every byte of them is read. */
static void
read_metadata(const cql_metadata *meta)
{
	char text[512];

	for (uint32_t i = 0; i < meta->ncolumns; i++)
	{
		if (strlen(meta->columns[i].keyspace) > UINT16_MAX ||
			strlen(meta->columns[i].table) > UINT16_MAX ||
			strlen(meta->columns[i].name) > UINT16_MAX)
			abort();
		(void) cql_type_print(meta->columns[i].type, text, sizeof(text));
	}
	for (uint32_t i = 0; i < meta->nkeys; i++)
	{
		if (meta->keys[i] >= meta->ncolumns)
			abort();
	}
}

static void
read_result(cql_envelope *envelope)
{
	cql_metadata_ref *known = make_known();
	cql_prepared_info info;
	cql_error err;
	cql_result *result =
		cql_result_make(&walk_env, envelope, known, "127.0.0.1:9042", &err);

	cql_metadata_release(known);
	if (result == NULL)
	{
		if (err.code == CQL_OK)
			abort();
		return;
	}
	for (uint32_t i = 0; cql_result_warning(result, i) != NULL; i++)
		(void) strlen(cql_result_warning(result, i));
	walk_value(cql_type_scalar(CQL_TYPE_BLOB),
			   cql_result_paging_state(result));
	read_metadata(cql_result_metadata(result));
	if (cql_result_prepared(result, &info))
	{
		cql_result_free(result);
		read_metadata(&info.bound->meta);
		cql_metadata_release(info.bound);
		cql_metadata_release(info.rows);
		return;
	}
	read_rows(result);
	cql_result_free(result);
}

/* Positions the reader behind the parts in front of the message. */
static bool
open_message(const cql_envelope *envelope, cql_reader *r)
{
	cql_prefix prefix;

	cql_reader_init(r, envelope->body, envelope->len);
	return cql_response_prefix(r, envelope->flags, &prefix);
}

static void
read_error(cql_envelope *envelope)
{
	cql_reader r;
	cql_error err;
	cql_slice unprepared;

	if (!open_message(envelope, &r))
		return;
	cql_response_error(&r, envelope->version, &err, &unprepared);
	if (err.code == CQL_OK ||
		memchr(err.details, 0, sizeof(err.details)) == NULL)
		abort();
	(void) cql_response_error_version(err.message);
	walk_value(cql_type_scalar(CQL_TYPE_BLOB), unprepared);
}

static void
read_supported(cql_envelope *envelope)
{
	cql_reader r;
	char list[64];

	if (open_message(envelope, &r) &&
		cql_response_supported(&r, "COMPRESSION", list, sizeof(list)))
		(void) cql_response_list_has(list, "lz4");
}

static void
read_schema_change(cql_envelope *envelope)
{
	cql_reader r;
	cql_schema_change change;

	if (open_message(envelope, &r))
		(void) cql_response_schema_change(&r, &change);
}

static void
read_authenticate(cql_envelope *envelope)
{
	cql_reader r;
	char name[64];

	if (open_message(envelope, &r))
		(void) cql_response_authenticate(&r, name, sizeof(name));
}

static const message_reader readers[] = {read_result, read_error,
										 read_supported, read_schema_change,
										 read_authenticate};

#define NREADERS (sizeof(readers) / sizeof(readers[0]))

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cql_envelope envelope = {0};

	if (size < 2)
		return 0;
	envelope.version = (uint8_t) (4 + (data[0] & 1));
	envelope.flags = data[1] & (uint8_t) ~CQL_FLAG_COMPRESSED;
	envelope.len = size - 2;
	/* Exactly as long as the body, for the address sanitizer. */
	envelope.body = malloc(envelope.len > 0 ? envelope.len : 1);
	if (envelope.body == NULL)
		return 0;
	memcpy(envelope.body, data + 2, envelope.len);
	readers[(data[0] >> 1) % NREADERS](&envelope);
	free(envelope.body);
	return 0;
}
