/*
 * write_row.c
 *	  From Datums to the values of a statement, in the form of the wire.
 */
#include "visible.h"
#include "write.h"

#include <sys/time.h>

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#define MAX_KEY_BYTES UINT16_MAX /* of a partition key, as of a clustering */
#define CLOCK_WAIT 2000			 /* microseconds: clocks may be set back */
#define KEY_PART_OVERHEAD 3 /* bytes a value in a key of several columns */

/* The row being encoded. */
typedef struct EncodeState
{
	const CassTarget *target;
	const CassNewRow *in;
	StringInfo out;
	int att;		/* being encoded, or -1 */
	int partition;	/* bytes of the partition key so far */
	int clustering; /* and of the clustering columns */
	int nbounds;	/* put of the row's bounds */
} EncodeState;

static int64 last_time = 0;

static int64
clock_now(void)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	return (int64) tv.tv_sec * 1000000 + tv.tv_usec;
}

int64
cass_next_timestamp(void)
{
	last_time = Max(clock_now(), last_time + 1);
	return last_time;
}

void
cass_await_clock(void)
{
	int64 missing = (last_time / 1000 + 1) * 1000 - clock_now();

	if (missing > 0)
		pg_usleep((long) Min(missing, CLOCK_WAIT));
}

/* ---- values ---- */

static void
put_int32(StringInfo out, int32 v)
{
	uint32 raw = pg_hton32((uint32) v);

	appendBinaryStringInfo(out, (const char *) &raw, sizeof(raw));
}

static void
put_int32_value(StringInfo out, int32 v)
{
	put_int32(out, sizeof(v));
	put_int32(out, v);
}

static void
put_int64_value(StringInfo out, int64 v)
{
	uint64 raw = pg_hton64((uint64) v);

	put_int32(out, sizeof(v));
	appendBinaryStringInfo(out, (const char *) &raw, sizeof(raw));
}

static void
put_datum(StringInfo out, CassCodec *codec, Datum value)
{
	int start = out->len;
	uint32 raw;

	put_int32(out, 0);
	cass_encode(codec, value, out);
	raw = pg_hton32((uint32) (out->len - start - (int) sizeof(raw)));
	memcpy(out->data + start, &raw, sizeof(raw));
}

static void
put_cell(StringInfo out, cql_slice cell)
{
	put_int32(out, Max(cell.len, CQL_NULL));
	if (cell.len > 0)
		appendBinaryStringInfo(out, (const char *) cell.data, cell.len);
}

void
cass_put_key(CassCodec *codec, Datum value, bool isnull, StringInfo out)
{
	if (isnull)
		put_int32(out, CQL_NULL);
	else
		put_datum(out, codec, value);
}

void
cass_encode_key(const CassTarget *target, const Datum *values,
				const bool *isnull, int nkeys, StringInfo out)
{
	int i;

	for (i = 0; i < nkeys; i++)
		cass_put_key(target->shape->atts[target->key_atts[i]].codec, values[i],
					 isnull[i], out);
}

static void
put_value(EncodeState *state, const CassNewRow *in, int att)
{
	bool named = in->all_named || bms_is_member(att + 1, in->named);

	if (in->isnull[att])
		put_int32(state->out, named ? CQL_NULL : CQL_UNSET);
	else
		put_datum(state->out, state->target->shape->atts[att].codec,
				  in->values[att]);
}

/*
 * What a collection gets or loses; none leaves it as it is (an unset value
 * is more than a list to be taken from can bear).  A NULL cannot be added, and
 * is in none to be removed.
 */
static void
put_elements(EncodeState *state, const CassNewRow *in, int att, bool removed)
{
	int start = state->out->len;

	if (!in->isnull[att] &&
		!(removed &&
		  array_contains_nulls(DatumGetArrayTypeP(in->values[att]))))
		put_datum(state->out, state->target->shape->atts[att].codec,
				  in->values[att]);
	if (state->out->len - start > 2 * (int) sizeof(int32))
		return;
	state->out->len = start;
	put_int32(state->out, sizeof(int32));
	put_int32(state->out, 0);
}

static void
put_text(StringInfo out, Datum value)
{
	text *t = DatumGetTextPP(value);
	char *utf8 =
		pg_server_to_any(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t), PG_UTF8);
	int len = utf8 == VARDATA_ANY(t) ? (int) VARSIZE_ANY_EXHDR(t)
									 : (int) strlen(utf8);

	put_int32(out, len);
	appendBinaryStringInfo(out, utf8, len);
}

/* A set of texts: CQL's form of keys that a map loses. */
static void
put_map_keys(EncodeState *state, const CassNewRow *in, int att, bool several)
{
	StringInfo out = state->out;
	int start = out->len;
	Datum *keys = (Datum *) &in->values[att];
	bool *nulls = (bool *) &in->isnull[att];
	int nkeys = 1;
	uint32 raw[2];
	int n = 0;
	int i;

	if (several && !in->isnull[att])
		deconstruct_array(DatumGetArrayTypeP(in->values[att]), TEXTOID, -1,
						  false, TYPALIGN_INT, &keys, &nulls, &nkeys);
	put_int32(out, 0);
	put_int32(out, 0);
	for (i = 0; i < nkeys; i++)
	{
		if (nulls[i])
			continue;
		put_text(out, keys[i]);
		n++;
	}
	raw[0] = pg_hton32((uint32) (out->len - start - (int) sizeof(int32)));
	raw[1] = pg_hton32((uint32) n);
	memcpy(out->data + start, raw, sizeof(raw));
}

/* Where there is no value before, it is 0: so counts Cassandra. */
static void
put_delta(EncodeState *state, const CassNewRow *in, int att)
{
	uint64 delta;

	if (in->isnull[att] ||
		(in->skip_static && cass_is_static(state->target->shape, att)))
	{
		put_int32(state->out, CQL_UNSET);
		return;
	}
	delta = (uint64) DatumGetInt64(in->values[att]);
	if (in->old_values != NULL && !in->old_isnull[att])
		delta -= (uint64) DatumGetInt64(in->old_values[att]);
	put_int64_value(state->out, (int64) delta);
}

/* Refuses what no key of Cassandra can hold before anything is sent. */
static void
count_key(EncodeState *state, int att, int len)
{
	const CassShape *shape = state->target->shape;
	uint32 npartition = shape->table->npartition;
	bool partition = shape->atts[att].column < (int) npartition;
	int *bytes = partition ? &state->partition : &state->clustering;

	*bytes += len + (partition && npartition > 1 ? KEY_PART_OVERHEAD : 0);
	if (*bytes > MAX_KEY_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("value of key column \"%s\" of foreign table \"%s\" "
						"is too long",
						get_attname(shape->relid, att + 1, false),
						state->target->relname),
				 partition ? errdetail("A partition key of Cassandra has at "
									   "most %d bytes, this one has %d.",
									   MAX_KEY_BYTES, *bytes)
						   : errdetail("The clustering columns of Cassandra "
									   "have at most %d bytes together, these "
									   "have %d.",
									   MAX_KEY_BYTES, *bytes)));
}

static void
put_key(EncodeState *state, const CassNewRow *in, int att)
{
	const CassShape *shape = state->target->shape;
	int column = shape->atts[att].column;
	int start = state->out->len;

	if (in->keys != NULL ? in->keys[column].len < 0 : in->key_isnull[column])
		ereport(
			ERROR,
			(errcode(ERRCODE_NOT_NULL_VIOLATION),
			 errmsg("null value in key column \"%s\" of foreign table "
					"\"%s\"",
					get_attname(shape->relid, att + 1, false),
					state->target->relname),
			 errdetail("Column \"%s\" is part of the primary key of the "
					   "table in Cassandra.",
					   cass_from_cql(shape->table->columns[column].name))));
	if (in->keys != NULL)
		put_cell(state->out, in->keys[column]);
	else
		put_datum(state->out, shape->atts[att].codec, in->key_values[column]);
	if (column == 0 && shape->table->npartition == 1 &&
		state->out->len == start + (int) sizeof(int32))
		ereport(
			ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("empty value in key column \"%s\" of foreign table \"%s\"",
					get_attname(shape->relid, att + 1, false),
					state->target->relname),
			 errdetail("Cassandra has no rows under an empty key.")));
	count_key(state, att, state->out->len - start - (int) sizeof(int32));
}

/* A condition on NULL finds what has no value. */
static void
put_condition(EncodeState *state, const CassNewRow *in, int att)
{
	CassCodec *codec = state->target->shape->atts[att].codec;

	if (in->condition_cells == NULL)
		cass_put_key(codec, in->condition_values[att],
					 in->condition_isnull[att], state->out);
	else
		put_cell(state->out, in->condition_cells[att]);
}

static int64
number_of(Oid type, Datum value)
{
	return type == INT4OID ? DatumGetInt32(value) : DatumGetInt64(value);
}

static void
put_ttl(EncodeState *state, const CassNewRow *in, int att)
{
	int64 ttl = state->target->options->ttl;

	if (att >= 0 && !in->isnull[att])
	{
		ttl = number_of(state->target->ttl_type, in->values[att]);
		if (ttl < 0 || ttl > CASS_MAX_TTL)
			ereport(
				ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("time to live is out of range: " INT64_FORMAT, ttl),
				 errdetail("It must be from 0 (for ever) to %d seconds.",
						   CASS_MAX_TTL)));
	}
	if (ttl < 0)
		put_int32(state->out, CQL_UNSET);
	else
		put_int32_value(state->out, (int32) ttl);
}

static void
put_timestamp(EncodeState *state, const CassNewRow *in, int att)
{
	if (att >= 0 && !in->isnull[att])
	{
		Datum value = in->values[att];

		if (state->target->timestamp_type == TIMESTAMPTZOID)
			put_int64_value(state->out, DatumGetTimestampTz(value) +
											(int64) (POSTGRES_EPOCH_JDATE -
													 UNIX_EPOCH_JDATE) *
												USECS_PER_DAY);
		else
			put_int64_value(state->out,
							number_of(state->target->timestamp_type, value));
	}
	else if (state->target->options->timestamps == CASS_TIMESTAMPS_CLIENT)
		put_int64_value(state->out, state->target->time != 0
										? state->target->time
										: cass_next_timestamp());
	else
		put_int32(state->out, CQL_UNSET);
}

static void
put_marker(EncodeState *state, const CassNewRow *in, const CassMarker *marker)
{
	switch (marker->kind)
	{
		case CASS_MARKER_VALUE:
			put_value(state, in, marker->att);
			break;
		case CASS_MARKER_DELTA:
			put_delta(state, in, marker->att);
			break;
		case CASS_MARKER_ELEMENTS:
			put_elements(state, in, marker->att, false);
			break;
		case CASS_MARKER_REMOVED:
			put_elements(state, in, marker->att, true);
			break;
		case CASS_MARKER_MAP_KEY:
			put_map_keys(state, in, marker->att, false);
			break;
		case CASS_MARKER_MAP_KEYS:
			put_map_keys(state, in, marker->att, true);
			break;
		case CASS_MARKER_KEY:
			put_key(state, in, marker->att);
			break;
		case CASS_MARKER_BOUND:
			put_cell(state->out, in->bounds[state->nbounds++]);
			break;
		case CASS_MARKER_CONDITION:
			put_condition(state, in, marker->att);
			break;
		case CASS_MARKER_TTL:
			put_ttl(state, in, marker->att);
			break;
		case CASS_MARKER_TIMESTAMP:
			put_timestamp(state, in, marker->att);
			break;
	}
}

/* Cassandra would take it and have no row. */
static void
check_has_value(const EncodeState *state, const CassDml *dml)
{
	int i;

	for (i = 0; i < dml->nmarkers; i++)
	{
		if (dml->markers[i].kind == CASS_MARKER_VALUE &&
			!state->in->isnull[dml->markers[i].att])
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_NOT_NULL_VIOLATION),
			 errmsg("row of foreign table \"%s\" has no value",
					state->target->relname),
			 errdetail("The table has COMPACT STORAGE in Cassandra: a row of "
					   "it is there as long as a column outside of the key is "
					   "not null.")));
}

/* ---- reading an encoded row ---- */

/* The value at *pos, which moves behind it. */
static cql_slice
next_value(const char **pos)
{
	cql_slice value;
	uint32 raw;

	memcpy(&raw, *pos, sizeof(raw));
	value.len = (int32) pg_ntoh32(raw);
	value.data = (const uint8 *) *pos + sizeof(raw);
	*pos += sizeof(raw) + Max(value.len, 0);
	return value;
}

/* Value of a key column; len CQL_UNSET where the statement has none. */
static cql_slice
find_key(const CassShape *shape, const CassDml *dml, const char *pos,
		 int column)
{
	cql_slice none = {NULL, CQL_UNSET};
	int i;

	for (i = 0; i < dml->nmarkers; i++)
	{
		const CassMarker *marker = &dml->markers[i];
		cql_slice value = next_value(&pos);

		if (marker->kind == CASS_MARKER_KEY &&
			shape->atts[marker->att].column == column)
			return value;
	}
	return none;
}

static void
show_key(CassShownKey *shown, const CassTarget *target, int column,
		 Datum value)
{
	AttrNumber attnum = target->key_atts[column] + 1;
	Oid output;
	bool varlena;

	getTypeOutputInfo(cass_codec_typid(target->shape->atts[attnum - 1].codec),
					  &output, &varlena);
	cass_shown_add(shown, attnum, target->shape->table->columns[column].name,
				   OidOutputFunctionCall(output, value));
}

/* The same of a value as Cassandra has it; nothing is decoded. */
static void
show_key_cell(CassShownKey *shown, const CassTarget *target, int column,
			  cql_slice cell)
{
	AttrNumber attnum = target->key_atts[column] + 1;
	char *text = cass_cell_text(target->shape->atts[attnum - 1].type, cell);

	if (text != NULL)
		cass_shown_add(shown, attnum,
					   target->shape->table->columns[column].name, text);
}

char *
cass_row_key(const CassRow *row, const char *data, const char *prefix)
{
	const CassTarget *target = row->target;
	CassShownKey shown;
	int i;

	cass_shown_init(&shown, target->shape->relid);
	for (i = 0; i < cass_nkeys(target->shape->table); i++)
	{
		cql_slice cell =
			find_key(target->shape, row->dml, data + row->start, i);
		CassCodec *codec = target->shape->atts[target->key_atts[i]].codec;
		bool isnull = true;
		Datum value = 0;

		if (cell.len >= 0)
			value = cass_decode(codec, cell, &isnull);
		if (!isnull)
			show_key(&shown, target, i, value);
	}
	return cass_shown_text(&shown, prefix);
}

char *
cass_new_row_key(const CassTarget *target, const CassNewRow *in,
				 const char *prefix)
{
	CassShownKey shown;
	int i;

	cass_shown_init(&shown, target->shape->relid);
	for (i = 0; i < cass_nkeys(target->shape->table); i++)
	{
		if (in->keys != NULL)
			show_key_cell(&shown, target, i, in->keys[i]);
		else if (!in->key_isnull[i])
			show_key(&shown, target, i, in->key_values[i]);
	}
	return cass_shown_text(&shown, prefix);
}

bool
cass_may_show_key(const CassTarget *target)
{
	int i;

	for (i = 0; i < cass_nkeys(target->shape->table); i++)
	{
		if (!cass_may_show(target->shape->relid, target->key_atts[i] + 1))
			return false;
	}
	return true;
}

int
cass_row_largest(const CassRow *row, const char *data, int *bytes)
{
	const char *pos = data + row->start;
	int largest = -1;
	int i;

	*bytes = 0;
	for (i = 0; i < row->dml->nmarkers; i++)
	{
		cql_slice value = next_value(&pos);

		if (value.len <= *bytes)
			continue;
		*bytes = value.len;
		largest = row->dml->markers[i].att;
	}
	return largest;
}

/* ---- routing ---- */

static void
put_uint16(StringInfo out, uint16 v)
{
	uint16 raw = pg_hton16(v);

	appendBinaryStringInfo(out, (const char *) &raw, sizeof(raw));
}

/*
 * The partition key as the partitioner hashes it.  A key of one column is
 * used where it lies; others are put together behind the values.
 */
static void
route(const CassTarget *target, const CassDml *dml, StringInfo out,
	  CassRow *row)
{
	uint32 n = target->shape->table->npartition;
	cql_slice value;
	uint32 i;

	if (n == 1)
	{
		value = find_key(target->shape, dml, out->data + row->start, 0);
		row->key_start = (int) ((const char *) value.data - out->data);
		row->key_len = value.len;
	}
	else
	{
		row->key_start = out->len;
		for (i = 0; i < n; i++)
		{
			value =
				find_key(target->shape, dml, out->data + row->start, (int) i);
			enlargeStringInfo(out, value.len + 3);
			value =
				find_key(target->shape, dml, out->data + row->start, (int) i);
			put_uint16(out, (uint16) value.len);
			appendBinaryStringInfo(out, (const char *) value.data, value.len);
			appendStringInfoCharMacro(out, '\0');
		}
		row->key_len = out->len - row->key_start;
	}
	row->token = cql_murmur3_token((const uint8 *) out->data + row->key_start,
								   row->key_len);
}

/* Names the column and the row's key. */
static void
encode_context(void *arg)
{
	EncodeState *state = arg;
	const CassTarget *target = state->target;

	if (geterrcode() == ERRCODE_OUT_OF_MEMORY || state->att < 0)
		return;
	/* the column may be of another type by now, which would take the value */
	cass_shape_doubt(target->shape);
	errcontext("column \"%s\" of foreign table \"%s\"%s",
			   get_attname(target->shape->relid, state->att + 1, true),
			   target->relname, cass_new_row_key(target, state->in, ", row "));
}

void
cass_encode_row(const CassTarget *target, const CassDml *dml,
				const CassNewRow *in, StringInfo out, CassRow *row)
{
	EncodeState state = {.target = target, .in = in, .out = out, .att = -1};
	ErrorContextCallback callback;
	int i;

	callback.callback = encode_context;
	callback.arg = &state;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	row->target = target;
	row->dml = dml;
	row->start = out->len;
	for (i = 0; i < dml->nmarkers; i++)
	{
		state.att = dml->markers[i].att;
		put_marker(&state, in, &dml->markers[i]);
	}
	state.att = -1;
	if (dml->needs_value)
		check_has_value(&state, dml);
	error_context_stack = callback.previous;
	row->len = out->len - row->start;
	route(target, dml, out, row);
}
