/*
 * duration.c
 *	  The CQL type duration: as interval, and as text in both of CQL's forms.
 *
 * Three zig-zag vints: months, days, nanoseconds, all of one sign; months and
 * days are 32-bit (protocol v5 section 6, [vint] section 3).
 */
#include "codec.h"

#include "common/int.h"
#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#define NS_PER_US INT64CONST(1000)
#define NS_PER_MS INT64CONST(1000000)
#define NS_PER_S INT64CONST(1000000000)
#define NS_PER_MIN (60 * NS_PER_S)
#define NS_PER_HOUR (60 * NS_PER_MIN)

void
cass_read_duration(const cql_type *type, cql_slice cell,
				   CassDuration *duration)
{
	int64_t *parts[3] = {&duration->months, &duration->days, &duration->ns};
	const uint8_t *pos = cell.data;
	size_t left = cell.len;
	int i;

	for (i = 0; i < 3; i++)
	{
		int used = cql_vint_get(pos, left, parts[i]);

		if (used <= 0)
			cass_malformed(type);
		pos += used;
		left -= used;
	}
	if (left != 0 || duration->months != (int32) duration->months ||
		duration->days != (int32) duration->days)
		cass_malformed(type);
}

bool
cass_put_duration(StringInfo out, const CassDuration *duration)
{
	uint8_t bytes[3 * CQL_MAX_VINT];
	int len;
	bool positive =
		duration->months > 0 || duration->days > 0 || duration->ns > 0;
	bool negative =
		duration->months < 0 || duration->days < 0 || duration->ns < 0;

	if ((positive && negative) ||
		duration->months != (int32) duration->months ||
		duration->days != (int32) duration->days)
		return false;
	len = cql_vint_put(bytes, duration->months);
	len += cql_vint_put(bytes + len, duration->days);
	len += cql_vint_put(bytes + len, duration->ns);
	appendBinaryStringInfo(out, (const char *) bytes, len);
	return true;
}

/* What is below a microsecond is cut off. */
Datum
cass_decode_interval(CassCodec *codec, cql_slice cell, bool *isnull)
{
	CassDuration duration;
	Interval *interval;

	cass_read_duration(codec->type, cell, &duration);
	interval = palloc(sizeof(Interval));
	interval->month = (int32) duration.months;
	interval->day = (int32) duration.days;
	interval->time = duration.ns / NS_PER_US;
	return IntervalPGetDatum(interval);
}

/* The infinite intervals of PostgreSQL 17 overflow like other large ones. */
void
cass_encode_interval(CassCodec *codec, Datum value, StringInfo out)
{
	Interval *interval = DatumGetIntervalP(value);
	CassDuration duration;

	duration.months = interval->month;
	duration.days = interval->day;
	if (pg_mul_s64_overflow(interval->time, NS_PER_US, &duration.ns) ||
		!cass_put_duration(out, &duration))
		ereport(
			ERROR,
			(errcode(ERRCODE_INTERVAL_FIELD_OVERFLOW),
			 errmsg("interval %s cannot be stored as CQL type duration",
					DatumGetCString(DirectFunctionCall1(interval_out, value))),
			 errdetail("Months, days and time of a duration have one sign, "
					   "and its time is at most 2562047 hours.")));
}

/* Units from large to small, as printed and as they must follow in a text. */
typedef enum UnitPart
{
	PART_MONTHS,
	PART_DAYS,
	PART_NS
} UnitPart;

typedef struct Unit
{
	const char *name;
	UnitPart part;
	int64 size;
	bool printed;
} Unit;

static const Unit units[] = {
	{"y", PART_MONTHS, MONTHS_PER_YEAR, true},
	{"mo", PART_MONTHS, 1, true},
	{"w", PART_DAYS, 7, false},
	{"d", PART_DAYS, 1, true},
	{"h", PART_NS, NS_PER_HOUR, true},
	{"m", PART_NS, NS_PER_MIN, true},
	{"s", PART_NS, NS_PER_S, true},
	{"ms", PART_NS, NS_PER_MS, true},
	{"us", PART_NS, NS_PER_US, true},
	{"\xC2\xB5s", PART_NS, NS_PER_US, false},
	{"ns", PART_NS, 1, true},
};

#define NUNITS ((int) lengthof(units))

/* As Cassandra prints it, but "0s" where that prints nothing. */
void
cass_print_duration(StringInfo out, const CassDuration *duration)
{
	/* Magnitudes, as unsigned: the smallest integers have one, too. */
	uint64 rest[3];
	int start = out->len;
	int i;

	rest[PART_MONTHS] = duration->months < 0 ? -(uint64) duration->months
											 : (uint64) duration->months;
	rest[PART_DAYS] = duration->days < 0 ? -(uint64) duration->days
										 : (uint64) duration->days;
	rest[PART_NS] =
		duration->ns < 0 ? -(uint64) duration->ns : (uint64) duration->ns;
	if (duration->months < 0 || duration->days < 0 || duration->ns < 0)
		appendStringInfoChar(out, '-');
	for (i = 0; i < NUNITS; i++)
	{
		uint64 count = rest[units[i].part] / units[i].size;

		if (!units[i].printed || count == 0)
			continue;
		rest[units[i].part] %= units[i].size;
		appendStringInfo(out, UINT64_FORMAT "%s", count, units[i].name);
	}
	if (out->len == start)
		appendStringInfoString(out, "0s");
}

/* Digits at *text, as a number; false where there is none or it overflows. */
static bool
parse_count(const char **text, int64 *count)
{
	const char *start = *text;

	*count = 0;
	while (**text >= '0' && **text <= '9')
	{
		if (pg_mul_s64_overflow(*count, 10, count) ||
			pg_add_s64_overflow(*count, **text - '0', count))
			return false;
		(*text)++;
	}
	return *text > start;
}

static bool
add_part(CassDuration *duration, UnitPart part, int64 count, int64 size)
{
	int64 *sum = part == PART_MONTHS ? &duration->months
				 : part == PART_DAYS ? &duration->days
									 : &duration->ns;

	return !pg_mul_s64_overflow(count, size, &count) &&
		   !pg_add_s64_overflow(*sum, count, sum);
}

/* The unit at *text, after the one before; -1 where there is none. */
static int
parse_unit(const char **text, int before)
{
	int len = 0;
	int i;

	while ((*text)[len] != '\0' && strchr("0123456789", (*text)[len]) == NULL)
		len++;
	for (i = before + 1; i < NUNITS; i++)
	{
		if ((int) strlen(units[i].name) == len &&
			pg_strncasecmp(units[i].name, *text, len) == 0)
		{
			*text += len;
			return i;
		}
	}
	return -1;
}

/* "1y2mo3w4d5h6m7s8ms9us10ns" */
static bool
parse_units(const char *text, CassDuration *duration)
{
	int unit = -1;

	do
	{
		int64 count;

		if (!parse_count(&text, &count))
			return false;
		unit = parse_unit(&text, unit);
		if (unit < 0 ||
			!add_part(duration, units[unit].part, count, units[unit].size))
			return false;
	} while (*text != '\0');
	return true;
}

/* "P1Y2M3W4DT5H6M7S", without the P */
static bool
parse_iso(const char *text, CassDuration *duration)
{
	static const char date_letters[] = "YMWD";
	static const Unit date_units[] = {
		{"Y", PART_MONTHS, MONTHS_PER_YEAR, true},
		{"M", PART_MONTHS, 1, true},
		{"W", PART_DAYS, 7, true},
		{"D", PART_DAYS, 1, true},
	};
	static const char time_letters[] = "HMS";
	static const Unit time_units[] = {
		{"H", PART_NS, NS_PER_HOUR, true},
		{"M", PART_NS, NS_PER_MIN, true},
		{"S", PART_NS, NS_PER_S, true},
	};
	const char *letters = date_letters;
	const Unit *iso = date_units;
	bool in_time = false;

	while (*text != '\0')
	{
		int64 count;
		const char *letter;

		if (*text == 'T' && !in_time)
		{
			in_time = true;
			letters = time_letters;
			iso = time_units;
			text++;
		}
		if (!parse_count(&text, &count) || *text == '\0' ||
			(letter = strchr(letters, *text)) == NULL)
			return false;
		iso += letter - letters;
		if (!add_part(duration, iso->part, count, iso->size))
			return false;
		/* Only smaller units may follow. */
		letters = letter + 1;
		iso++;
		text++;
	}
	return true;
}

bool
cass_parse_duration(const char *text, CassDuration *duration)
{
	bool negative = *text == '-';
	bool ok;

	duration->months = duration->days = duration->ns = 0;
	if (negative)
		text++;
	ok = *text == 'P' ? text[1] != '\0' && parse_iso(text + 1, duration)
					  : parse_units(text, duration);
	if (negative)
	{
		duration->months = -duration->months;
		duration->days = -duration->days;
		duration->ns = -duration->ns;
	}
	return ok;
}

Datum
cass_decode_duration_text(CassCodec *codec, cql_slice cell, bool *isnull)
{
	CassDuration duration;
	StringInfoData out;

	cass_read_duration(codec->type, cell, &duration);
	initStringInfo(&out);
	cass_print_duration(&out, &duration);
	return PointerGetDatum(cstring_to_text_with_len(out.data, out.len));
}

void
cass_encode_duration_text(CassCodec *codec, Datum value, StringInfo out)
{
	char *string = TextDatumGetCString(value);
	CassDuration duration;

	if (!cass_parse_duration(string, &duration) ||
		!cass_put_duration(out, &duration))
		cass_bad_text(codec->type, string);
}
