/*
 * Fields of dates and times: extract(), date_trunc().
 */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/datetime.h"
#include "protocol/datetime_words.h"
#include "protocol/numeric.h"

#define FIELD_BYTES_MAX 63

/* --- names of fields ------------------------------------------------------------ */

static bool lower(struct slice text, char name[FIELD_BYTES_MAX + 1])
{
	memset(name, 0, FIELD_BYTES_MAX + 1);
	if (text.length > FIELD_BYTES_MAX)
		return false;
	for (size_t i = 0; i < text.length; i++)
		name[i] = (char)(text.at[i] >= 'A' && text.at[i] <= 'Z'
					 ? text.at[i] | 0x20
					 : text.at[i]);
	return true;
}

/* Units of intervals first, then those only dates have. */
static enum unit find_unit(struct slice field, bool only_units)
{
	char name[FIELD_BYTES_MAX + 1];
	enum token token;
	int value = 0;

	if (!lower(field, name))
		return UNIT_NONE;
	if (words_in_interval(name, &value) == TOKEN_UNIT)
		return (enum unit)value;
	if (only_units)
		return UNIT_NONE;
	token = words_in_date(name, &value);
	if (token == TOKEN_UNIT)
		return (enum unit)value;
	if (token == TOKEN_RESERVED && value == RESERVED_EPOCH)
		return UNIT_EPOCH;
	return UNIT_NONE;
}

static const char *type_words_of(uint32_t type)
{
	const struct type *found = type_by_oid(type);

	return found != NULL ? found->sql_name : "unknown";
}

/* An unknown name, or a field that type has not. */
static bool refuse_field(struct slice field, enum unit unit, uint32_t type,
			 struct error *error)
{
	char name[FIELD_BYTES_MAX + 1];
	int shown;

	if (!lower(field, name))
		memcpy(name, field.at, FIELD_BYTES_MAX);
	shown = (int)strlen(name);
	if (unit == UNIT_NONE)
		return error_set(error, SQLSTATE_INVALID_PARAMETER,
				 "unit \"%.*s\" not recognized for type %s",
				 shown, name, type_words_of(type));
	return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "unit \"%.*s\" not supported for type %s", shown, name,
			 type_words_of(type));
}

/* --- weeks and years -------------------------------------------------------------- */

/* The Monday of ISO week 1: the week with 4 January in it. */
static int64_t iso_year_start(int64_t year)
{
	int64_t fourth = days_from_civil(year, 1, 4);

	return fourth - (week_day(fourth) + 6) % 7;
}

static int64_t iso_year(int64_t days)
{
	int64_t year;
	int month, day;

	days_to_civil(days, &year, &month, &day);
	if (days < iso_year_start(year))
		return year - 1;
	return days >= iso_year_start(year + 1) ? year + 1 : year;
}

static int iso_week(int64_t days)
{
	return (int)((days - iso_year_start(iso_year(days))) / 7) + 1;
}

/* There is no year 0: 1 BC shows as -1. */
static int64_t shown_year(int64_t year)
{
	return year > 0 ? year : year - 1;
}

static int64_t decade_of(int64_t year)
{
	return year >= 0 ? year / 10 : -((8 - (year - 1)) / 10);
}

/* The first century begins with the year 1, the one before with 1 BC. */
static int64_t age_of(int64_t year, int64_t length)
{
	return year > 0 ? (year + length - 1) / length
			: -((length - 1 - (year - 1)) / length);
}

/* --- numbers as texts --------------------------------------------------------------- */

struct answer {
	struct arena *arena;
	struct slice *ret;
};

static bool put_whole(struct answer answer, int64_t value)
{
	*answer.ret = slice_text(
		arena_printf(answer.arena, "%lld", (long long)value));
	return true;
}

/* value / 10^digits, with all the digits */
static bool put_scaled(struct answer answer, __int128 value, int digits)
{
	int64_t scale = digits == 3 ? 1000 : 1000000;
	bool negative = value < 0;
	unsigned __int128 size =
		negative ? -(unsigned __int128)value : (unsigned __int128)value;

	*answer.ret = slice_text(arena_printf(
		answer.arena, "%s%llu.%0*llu", negative ? "-" : "",
		(unsigned long long)(size / (unsigned __int128)scale), digits,
		(unsigned long long)(size % (unsigned __int128)scale)));
	return true;
}

/* Days and a fraction of a day with Postgres's digits: a quotient of two
 * whole numbers has at least sixteen significant ones. */
static bool put_julian(struct answer answer, int64_t days, int64_t us)
{
	struct slice quotient;
	struct error ignored;
	char day_us[24], whole[24], clock[24];

	snprintf(day_us, sizeof(day_us), "%lld", (long long)DAY_US);
	snprintf(whole, sizeof(whole), "%lld", (long long)(days + 2451545));
	snprintf(clock, sizeof(clock), "%lld", (long long)us);
	return numeric_text_do(NUMERIC_DIV, slice_text(clock),
			       slice_text(day_us), answer.arena, &quotient,
			       &ignored) &&
	       numeric_text_do(NUMERIC_ADD, slice_text(whole), quotient,
			       answer.arena, answer.ret, &ignored);
}

/* --- extract ---------------------------------------------------------------------------- */

enum found { FOUND, NOT_HERE };

static enum found clock_field(enum unit unit, int64_t us, struct answer answer)
{
	switch (unit) {
	case UNIT_MICROSECOND:
		put_whole(answer, us % MINUTE_US);
		return FOUND;
	case UNIT_MILLISECOND:
		put_scaled(answer, us % MINUTE_US, 3);
		return FOUND;
	case UNIT_SECOND:
		put_scaled(answer, us % MINUTE_US, 6);
		return FOUND;
	case UNIT_MINUTE:
		put_whole(answer, us / MINUTE_US % 60);
		return FOUND;
	case UNIT_HOUR:
		put_whole(answer, us / HOUR_US);
		return FOUND;
	default:
		return NOT_HERE;
	}
}

static enum found date_field(enum unit unit, int64_t days, struct answer answer)
{
	int64_t year;
	int month, day;
	int64_t value;

	days_to_civil(days, &year, &month, &day);
	switch (unit) {
	case UNIT_DAY:
		value = day;
		break;
	case UNIT_MONTH:
		value = month;
		break;
	case UNIT_QUARTER:
		value = (month - 1) / 3 + 1;
		break;
	case UNIT_WEEK:
		value = iso_week(days);
		break;
	case UNIT_YEAR:
		value = shown_year(year);
		break;
	case UNIT_DECADE:
		value = decade_of(year);
		break;
	case UNIT_CENTURY:
		value = age_of(year, 100);
		break;
	case UNIT_MILLENNIUM:
		value = age_of(year, 1000);
		break;
	case UNIT_ISO_YEAR:
		value = shown_year(iso_year(days));
		break;
	case UNIT_WEEK_DAY:
		value = week_day(days);
		break;
	case UNIT_ISO_WEEK_DAY:
		value = (week_day(days) + 6) % 7 + 1;
		break;
	case UNIT_YEAR_DAY:
		value = days - days_from_civil(year, 1, 1) + 1;
		break;
	default:
		return NOT_HERE;
	}
	put_whole(answer, value);
	return FOUND;
}

static enum found zone_field(enum unit unit, int32_t offset_s,
			     struct answer answer)
{
	switch (unit) {
	case UNIT_ZONE:
		put_whole(answer, offset_s);
		return FOUND;
	case UNIT_ZONE_HOUR:
		put_whole(answer, offset_s / 3600);
		return FOUND;
	case UNIT_ZONE_MINUTE:
		put_whole(answer, offset_s / 60 % 60);
		return FOUND;
	default:
		return NOT_HERE;
	}
}

/* Of infinity, what grows with time is infinite and what repeats is NULL. */
static bool infinite_field(enum unit unit, bool positive, bool *ret_null,
			   struct slice *ret)
{
	switch (unit) {
	case UNIT_YEAR:
	case UNIT_DECADE:
	case UNIT_CENTURY:
	case UNIT_MILLENNIUM:
	case UNIT_JULIAN:
	case UNIT_ISO_YEAR:
	case UNIT_EPOCH:
		*ret = slice_text(positive ? "Infinity" : "-Infinity");
		return true;
	default:
		*ret_null = true;
		return true;
	}
}

struct question {
	struct slice field;
	enum unit unit;
	uint32_t type;
	struct slice value;
	const struct type_settings *settings;
	struct answer answer;
	bool *ret_null;
	struct error *error;
};

static bool refuse(const struct question *q)
{
	return refuse_field(q->field, q->unit, q->type, q->error);
}

static bool refuse_stored(const struct question *q)
{
	return error_set(q->error, SQLSTATE_INTERNAL,
			 "stored value \"%.*s\" is not of type %s",
			 q->value.length > 60 ? 60 : (int)q->value.length,
			 (const char *)q->value.at, type_words_of(q->type));
}

static bool is_field_of_timestamp(enum unit unit, bool has_zone)
{
	if (unit == UNIT_ZONE || unit == UNIT_ZONE_HOUR ||
	    unit == UNIT_ZONE_MINUTE)
		return has_zone;
	return unit != UNIT_NONE && unit != UNIT_TIME;
}

static bool extract_timestamp(const struct question *q)
{
	bool has_zone = q->type == OID_TIMESTAMPTZ;
	const struct time_zone *zone = has_zone ? q->settings->zone : NULL;
	int64_t ts, local;

	if (!timestamp_from_storage(q->value, &ts))
		return refuse_stored(q);
	/* Postgres asks infinity first: it has fields of a zone as well. */
	if (!timestamp_is_finite(ts) && is_field_of_timestamp(q->unit, true))
		return infinite_field(q->unit, ts == TIMESTAMP_INFINITY,
				      q->ret_null, q->answer.ret);
	if (!is_field_of_timestamp(q->unit, has_zone))
		return refuse(q);
	local = timestamptz_to_local(ts, zone);
	if (q->unit == UNIT_EPOCH)
		return put_scaled(q->answer,
				  (__int128)ts + UNIX_EPOCH_S * SECOND_US, 6);
	if (q->unit == UNIT_JULIAN)
		return put_julian(q->answer, timestamp_to_date(local),
				  timestamp_to_time(local));
	if (clock_field(q->unit, timestamp_to_time(local), q->answer) ==
		    FOUND ||
	    date_field(q->unit, timestamp_to_date(local), q->answer) == FOUND)
		return true;
	return zone_field(q->unit, timestamptz_offset(ts, zone), q->answer) ==
			       FOUND
		       ? true
		       : refuse(q);
}

static bool is_field_of_date(enum unit unit)
{
	switch (unit) {
	case UNIT_DAY:
	case UNIT_WEEK:
	case UNIT_MONTH:
	case UNIT_QUARTER:
	case UNIT_YEAR:
	case UNIT_DECADE:
	case UNIT_CENTURY:
	case UNIT_MILLENNIUM:
	case UNIT_WEEK_DAY:
	case UNIT_ISO_WEEK_DAY:
	case UNIT_YEAR_DAY:
	case UNIT_ISO_YEAR:
	case UNIT_JULIAN:
	case UNIT_EPOCH:
		return true;
	default:
		return false;
	}
}

static bool extract_date(const struct question *q)
{
	int32_t date;

	if (!date_from_storage(q->value, &date))
		return refuse_stored(q);
	if (!is_field_of_date(q->unit))
		return refuse(q);
	if (!date_is_finite(date))
		return infinite_field(q->unit, date == DATE_INFINITY,
				      q->ret_null, q->answer.ret);
	if (q->unit == UNIT_EPOCH)
		return put_whole(q->answer,
				 ((int64_t)date - UNIX_EPOCH_DAYS) * 86400);
	if (q->unit == UNIT_JULIAN)
		return put_whole(q->answer, (int64_t)date + 2451545);
	return date_field(q->unit, date, q->answer) == FOUND ? true : refuse(q);
}

static bool extract_time(const struct question *q)
{
	struct timetz value = { 0, 0 };
	bool has_zone = q->type == OID_TIMETZ;

	if (has_zone ? !timetz_from_storage(q->value, &value)
		     : !time_from_storage(q->value, &value.us))
		return refuse_stored(q);
	if (clock_field(q->unit, value.us, q->answer) == FOUND)
		return true;
	if (q->unit == UNIT_EPOCH)
		return put_scaled(q->answer,
				  (__int128)value.us + value.west_s * SECOND_US,
				  6);
	if (has_zone && zone_field(q->unit, -value.west_s, q->answer) == FOUND)
		return true;
	return refuse(q);
}

/* A year counts 365.25 days here, a month thirty. */
static bool put_interval_epoch(const struct interval *interval,
			       struct answer answer)
{
	__int128 quarter_days = (__int128)1461 * (interval->months / 12) +
				(__int128)120 * (interval->months % 12) +
				(__int128)4 * interval->days;

	return put_scaled(answer,
			  quarter_days * 21600 * SECOND_US + interval->us, 6);
}

static bool extract_interval(const struct question *q)
{
	struct interval interval;
	int64_t value;
	int years, months;

	if (!interval_from_storage(q->value, &interval))
		return refuse_stored(q);
	years = interval.months / 12;
	months = interval.months % 12;
	switch (q->unit) {
	case UNIT_EPOCH:
		return put_interval_epoch(&interval, q->answer);
	case UNIT_DAY:
		value = interval.days;
		break;
	case UNIT_MONTH:
		value = months;
		break;
	case UNIT_QUARTER:
		value = months / 3 + 1;
		break;
	case UNIT_YEAR:
		value = years;
		break;
	case UNIT_DECADE:
		value = years / 10;
		break;
	case UNIT_CENTURY:
		value = years / 100;
		break;
	case UNIT_MILLENNIUM:
		value = years / 1000;
		break;
	default:
		return clock_field(q->unit, interval.us, q->answer) == FOUND
			       ? true
			       : refuse(q);
	}
	return put_whole(q->answer, value);
}

bool datetime_extract(struct slice field, uint32_t type, struct slice value,
		      const struct type_settings *settings, struct arena *arena,
		      struct slice *ret, bool *ret_null, struct error *error)
{
	struct question q = {
		field,	  find_unit(field, false), type,     value,
		settings, { arena, ret },	   ret_null, error,
	};

	*ret_null = false;
	switch (type) {
	case OID_TIMESTAMP:
	case OID_TIMESTAMPTZ:
		return extract_timestamp(&q);
	case OID_DATE:
		return extract_date(&q);
	case OID_TIME:
	case OID_TIMETZ:
		return extract_time(&q);
	default:
		return extract_interval(&q);
	}
}

/* --- date_trunc ------------------------------------------------------------------------ */

static int64_t first_of(int64_t year, int64_t length)
{
	/* Centuries and millennia begin with a year 1. */
	return year > 0 ? (year + length - 1) / length * length - (length - 1)
			: -((length - 1 - (year - 1)) / length) * length + 1;
}

static void trunc_date(enum unit unit, struct calendar *c)
{
	switch (unit) {
	case UNIT_WEEK: {
		int64_t days = days_from_civil(c->year, c->month, c->day);

		days_to_civil(days - (week_day(days) + 6) % 7, &c->year,
			      &c->month, &c->day);
		return;
	}
	case UNIT_MILLENNIUM:
		c->year = first_of(c->year, 1000);
		break;
	case UNIT_CENTURY:
		c->year = first_of(c->year, 100);
		break;
	case UNIT_DECADE:
		c->year = c->year > 0 ? c->year / 10 * 10
				      : -((8 - (c->year - 1)) / 10) * 10;
		break;
	case UNIT_QUARTER:
		c->month = (c->month - 1) / 3 * 3 + 1;
		c->day = 1;
		return;
	case UNIT_MONTH:
		c->day = 1;
		return;
	case UNIT_YEAR:
		break;
	default:
		return;
	}
	c->month = c->day = 1;
}

/* False: not a field to cut at. */
static bool trunc_calendar(enum unit unit, struct calendar *c)
{
	switch (unit) {
	case UNIT_MICROSECOND:
		return true;
	case UNIT_MILLISECOND:
		c->us = c->us / 1000 * 1000;
		return true;
	case UNIT_DAY:
	case UNIT_WEEK:
	case UNIT_MONTH:
	case UNIT_QUARTER:
	case UNIT_YEAR:
	case UNIT_DECADE:
	case UNIT_CENTURY:
	case UNIT_MILLENNIUM:
		trunc_date(unit, c);
		c->hour = 0;
		/* fall through */
	case UNIT_HOUR:
		c->minute = 0;
		/* fall through */
	case UNIT_MINUTE:
		c->second = 0;
		/* fall through */
	case UNIT_SECOND:
		c->us = 0;
		return true;
	default:
		return false;
	}
}

static bool check_trunc(struct slice field, enum unit unit, uint32_t type,
			struct error *error)
{
	struct calendar ignored = { 2000, 1, 1, 0, 0, 0, 0 };

	if (trunc_calendar(unit, &ignored))
		return true;
	return refuse_field(field, unit, type, error);
}

bool timestamp_trunc(struct slice field, int64_t ts, int64_t *ret,
		     struct error *error)
{
	enum unit unit = find_unit(field, true);
	struct calendar calendar;

	if (!timestamp_is_finite(ts)) {
		*ret = ts;
		return true;
	}
	if (!check_trunc(field, unit, OID_TIMESTAMP, error))
		return false;
	timestamp_split(ts, &calendar);
	trunc_calendar(unit, &calendar);
	return timestamp_join(&calendar, ret, error);
}

bool timestamptz_trunc(struct slice field, int64_t ts,
		       const struct time_zone *zone, int64_t *ret,
		       struct error *error)
{
	enum unit unit = find_unit(field, true);
	struct calendar calendar;
	int64_t local;

	if (!timestamp_is_finite(ts)) {
		*ret = ts;
		return true;
	}
	if (!check_trunc(field, unit, OID_TIMESTAMPTZ, error))
		return false;
	timestamp_split(timestamptz_to_local(ts, zone), &calendar);
	trunc_calendar(unit, &calendar);
	if (!timestamp_join(&calendar, &local, error))
		return false;
	/* Up to the hour the offset stays: the clock may show it twice. */
	if (unit <= UNIT_HOUR) {
		*ret = local - timestamptz_offset(ts, zone) * SECOND_US;
		return true;
	}
	return timestamp_to_utc(local, zone, ret, error);
}

static int64_t unit_us(enum unit unit)
{
	switch (unit) {
	case UNIT_MICROSECOND:
		return 1;
	case UNIT_MILLISECOND:
		return 1000;
	case UNIT_SECOND:
		return SECOND_US;
	case UNIT_MINUTE:
		return MINUTE_US;
	case UNIT_HOUR:
		return HOUR_US;
	default:
		return 0;
	}
}

static int unit_months(enum unit unit)
{
	switch (unit) {
	case UNIT_MONTH:
		return 1;
	case UNIT_QUARTER:
		return 3;
	case UNIT_YEAR:
		return 12;
	case UNIT_DECADE:
		return 120;
	case UNIT_CENTURY:
		return 1200;
	case UNIT_MILLENNIUM:
		return 12000;
	default:
		return 0;
	}
}

bool interval_trunc(struct slice field, const struct interval *interval,
		    struct interval *ret, struct error *error)
{
	enum unit unit = find_unit(field, true);
	struct interval cut = *interval;

	if (unit_us(unit)) {
		cut.us -= cut.us % unit_us(unit);
	} else if (unit == UNIT_DAY) {
		cut.us = 0;
	} else if (unit_months(unit)) {
		cut.us = 0;
		cut.days = 0;
		cut.months -= cut.months % unit_months(unit);
	} else {
		refuse_field(field, unit, OID_INTERVAL, error);
		if (unit == UNIT_WEEK)
			error_detail(error, "Months usually have fractional "
					    "weeks.");
		return false;
	}
	*ret = cut;
	return true;
}
