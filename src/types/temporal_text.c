/*
 * temporal_text.c
 *	  Text of dates, times and timestamps over CQL's whole ranges, as
 *	  Cassandra's toJson writes it.
 *
 * Days and milliseconds since 1970-01-01 UTC, proleptic Gregorian calendar,
 * astronomical years (0 is 1 BC).  For timestamps before the year 1 toJson
 * writes the year without its era; here it has a sign, like that of dates.
 */
#include "codec.h"

#include "common/int.h"

#define MS_PER_DAY INT64CONST(86400000)
#define NS_PER_S INT64CONST(1000000000)
#define NS_PER_MS 1000000
#define MS_OF_2000 INT64CONST(946684800000)
#define DAYS_PER_ERA 146097 /* of 400 years */
#define DAYS_TO_1970 719468 /* from 0000-03-01 */
#define MAX_YEAR_DIGITS 9

/* Quotient and remainder rounded towards minus infinity. */
static int64
floor_divide(int64 value, int64 divisor, int64 *rest)
{
	int64 quotient = value / divisor;

	*rest = value % divisor;
	if (*rest < 0)
	{
		*rest += divisor;
		quotient--;
	}
	return quotient;
}

void
cass_print_date(StringInfo out, int64 days)
{
	int64 day;
	int64 era = floor_divide(days + DAYS_TO_1970, DAYS_PER_ERA, &day);
	int64 year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64 month;

	/* Years and months counted from March on. */
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5 - 1;
	month += month < 10 ? 3 : -9;
	year += era * 400 + (month <= 2 ? 1 : 0);
	if (year < 0 || year > 9999)
		appendStringInfoChar(out, year < 0 ? '-' : '+');
	appendStringInfo(out, "%04d-%02d-%02d", abs((int) year), (int) month,
					 (int) day);
}

static void
print_clock(StringInfo out, int64 seconds)
{
	appendStringInfo(out, "%02d:%02d:%02d", (int) (seconds / 3600),
					 (int) (seconds / 60 % 60), (int) (seconds % 60));
}

void
cass_print_time(StringInfo out, int64 ns)
{
	print_clock(out, ns / NS_PER_S);
	appendStringInfo(out, ".%09d", (int) (ns % NS_PER_S));
}

void
cass_print_timestamp(StringInfo out, int64 ms)
{
	int64 rest;

	cass_print_date(out, floor_divide(ms, MS_PER_DAY, &rest));
	appendStringInfoChar(out, ' ');
	print_clock(out, rest / 1000);
	appendStringInfo(out, ".%03dZ", (int) (rest % 1000));
}

/* min to max digits at *text; their number, or -1. */
static int64
parse_digits(const char **text, int min, int max)
{
	int64 value = 0;
	int n = 0;

	while (n < max && **text >= '0' && **text <= '9')
	{
		value = value * 10 + (**text - '0');
		(*text)++;
		n++;
	}
	return n < min ? -1 : value;
}

static bool
parse_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static int
days_of_month(int64 year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static int64
days_from_date(int64 year, int month, int day)
{
	int64 year_of_era;
	int64 era;
	int64 day_of_year;

	if (month <= 2)
		year--;
	era = floor_divide(year, 400, &year_of_era);
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 -
		   year_of_era / 100 + day_of_year - DAYS_TO_1970;
}

/* "[+-]year-month-day" at *text */
static bool
parse_day(const char **text, int64 *days)
{
	bool negative = **text == '-';
	int64 year;
	int64 month;
	int64 day;

	if (**text == '-' || **text == '+')
		(*text)++;
	year = parse_digits(text, 1, MAX_YEAR_DIGITS);
	if (year < 0 || !parse_char(text, '-'))
		return false;
	if (negative)
		year = -year;
	month = parse_digits(text, 1, 2);
	if (month < 1 || month > 12 || !parse_char(text, '-'))
		return false;
	day = parse_digits(text, 1, 2);
	if (day < 1 || day > days_of_month(year, (int) month))
		return false;
	*days = days_from_date(year, (int) month, (int) day);
	return true;
}

/* "hour:minute[:second[.fraction]]" at *text, in nanoseconds */
static bool
parse_clock(const char **text, int64 *ns)
{
	int64 hour = parse_digits(text, 2, 2);
	int64 minute;
	int64 second = 0;
	int64 unit = NS_PER_S / 10;

	if (hour < 0 || hour > 23 || !parse_char(text, ':'))
		return false;
	minute = parse_digits(text, 2, 2);
	if (minute < 0 || minute > 59)
		return false;
	*ns = 0;
	if (parse_char(text, ':'))
	{
		second = parse_digits(text, 2, 2);
		if (second < 0 || second > 59)
			return false;
		if (parse_char(text, '.'))
		{
			if (**text < '0' || **text > '9')
				return false;
			for (; unit > 0 && **text >= '0' && **text <= '9'; unit /= 10)
				*ns += (*(*text)++ - '0') * unit;
		}
	}
	*ns += ((hour * 60 + minute) * 60 + second) * NS_PER_S;
	return true;
}

/* "Z", "+hh[[:]mm]", "-hh[[:]mm]" or nothing, in milliseconds */
static bool
parse_zone(const char **text, int64 *ms)
{
	bool negative = **text == '-';
	int64 hour;
	int64 minute = 0;

	*ms = 0;
	if (**text == '\0' || parse_char(text, 'Z'))
		return true;
	if (**text != '-' && **text != '+')
		return false;
	(*text)++;
	hour = parse_digits(text, 2, 2);
	if (parse_char(text, ':') || **text != '\0')
		minute = parse_digits(text, 2, 2);
	if (hour < 0 || hour > 18 || minute < 0 || minute > 59)
		return false;
	*ms = (hour * 60 + minute) * 60000 * (negative ? -1 : 1);
	return true;
}

bool
cass_parse_date(const char *text, int64 *days)
{
	return parse_day(&text, days) && *text == '\0';
}

bool
cass_parse_time(const char *text, int64 *ns)
{
	return parse_clock(&text, ns) && *text == '\0';
}

/* days * MS_PER_DAY + ms, where neither step may overflow before the sum does
 */
static bool
add_days(int64 days, int64 ms, int64 *sum)
{
	if (days < 0)
	{
		days++;
		ms -= MS_PER_DAY;
	}
	return !pg_mul_s64_overflow(days, MS_PER_DAY, sum) &&
		   !pg_add_s64_overflow(*sum, ms, sum);
}

/* To milliseconds, as timestamps of SQL are: ties go from 2000. */
static bool
round_to_ms(int64 ns, int64 *ms)
{
	if (ns < NS_PER_MS / 2 || (ns == NS_PER_MS / 2 && *ms < MS_OF_2000))
		return true;
	return !pg_add_s64_overflow(*ms, 1, ms);
}

/* Without a zone it means UTC; a plain integer is milliseconds. */
bool
cass_parse_timestamp(const char *text, int64 *ms)
{
	int64 days;
	int64 ns = 0;
	int64 zone;

	if (strspn(text + (*text == '-'), "0123456789") ==
		strlen(text + (*text == '-')))
	{
		char *end;

		errno = 0;
		*ms = strtoi64(text, &end, 10);
		return end > text && *end == '\0' && errno == 0;
	}
	if (!parse_day(&text, &days))
		return false;
	if ((parse_char(&text, ' ') || parse_char(&text, 'T')) &&
		!parse_clock(&text, &ns))
		return false;
	return parse_zone(&text, &zone) && *text == '\0' &&
		   add_days(days, ns / NS_PER_MS - zone, ms) &&
		   round_to_ms(ns % NS_PER_MS, ms);
}
