/*
 * What people write for dates and times (Postgres manual, 8.5.1 and appendix
 * B.1). Words are taken from left to right; each sets some fields, and no
 * field may be set twice. A bare number means what the fields before it and
 * the session's DateStyle leave open.
 */
#include <stdlib.h>

#include "protocol/datetime_reading.h"

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* --- words ------------------------------------------------------------------------- */

static enum outcome refuse_zone(struct reading *reading, const char *name)
{
	error_set(reading->error, SQLSTATE_INVALID_PARAMETER,
		  "time zone \"%s\" not recognized", name);
	return TOLD;
}

static const struct time_zone *find_zone(const struct reading *reading,
					 const char *name)
{
	struct zone_source *zones = reading->settings->zones;

	return zones ? zones->find(zones, slice_text(name)) : NULL;
}

/* hhmmss-zz or hhmmss+zz (only with - does it arrive here) */
static enum outcome parse_run_with_zone(struct reading *reading, char *text,
					unsigned seen)
{
	char *minus = strchr(text, '-');
	enum outcome outcome;

	if (has_all(reading->seen, TIME) || !minus)
		return BROKEN;
	outcome = reading_offset(minus, &reading->west_s);
	if (outcome != FINE)
		return outcome;
	*minus = 0;
	outcome = reading_run(reading, text, seen);
	reading->now |= ZONE;
	return outcome;
}

static enum outcome name_zone(struct reading *reading, const char *name)
{
	reading->named = find_zone(reading, name);
	if (!reading->named)
		return refuse_zone(reading, name);
	reading->now = ZONE;
	return FINE;
}

static void set_julian(struct reading *reading, int32_t julian)
{
	int64_t year;
	int month, day;

	days_to_civil((int64_t)julian - 2451545, &year, &month, &day);
	reading->year = (int32_t)year;
	reading->month = month;
	reading->day = day;
	reading->julian = true;
}

/* "j2451187-08": a day number with a zone behind it */
static enum outcome parse_julian_zone(struct reading *reading, const char *text)
{
	const char *end;
	int32_t julian;

	if (!words_number(text, &end, &julian) || julian < 0)
		return OUT_OF_FIELD;
	set_julian(reading, julian);
	reading->now = DATE | TIME | ZONE;
	reading->prefix = UNIT_NONE;
	return reading_offset(end, &reading->west_s);
}

static enum outcome on_date(struct reading *reading, int index)
{
	char *text = reading->words.at[index].text;

	if (reading->prefix == UNIT_JULIAN)
		return parse_julian_zone(reading, text);
	if (reading->prefix == UNIT_NONE &&
	    !has_all(reading->seen, MONTH | DAY))
		return reading_date(reading, text);
	if (!is_digit(text[0]) && reading->prefix == UNIT_NONE)
		return name_zone(reading, text);
	if (reading->prefix != UNIT_NONE && reading->prefix != UNIT_TIME)
		return BROKEN;
	reading->prefix = UNIT_NONE;
	return parse_run_with_zone(reading, text, reading->seen);
}

/* In a time, a date is welcome only where it cannot be anything else. */
static enum outcome on_date_in_time(struct reading *reading, int index)
{
	const struct words *words = &reading->words;
	char *text = words->at[index].text;

	if (index == 0 && words->count >= 2 &&
	    (words->at[words->count - 1].kind == WORD_DATE ||
	     words->at[1].kind == WORD_TIME))
		return reading_date(reading, text);
	if (!is_digit(text[0]))
		return name_zone(reading, text);
	return parse_run_with_zone(reading, text, reading->seen | DATE);
}

static enum outcome set_fraction_of_day(struct reading *reading,
					const char *text)
{
	char *end;
	int64_t us = (int64_t)(strtod(text, &end) * (double)DAY_US);

	if (*end)
		return BROKEN;
	reading->hour = (int32_t)(us / HOUR_US);
	reading->minute = (int32_t)(us / MINUTE_US % 60);
	reading->second = (int32_t)(us / SECOND_US % 60);
	reading->us = (int32_t)(us % SECOND_US);
	reading->now |= TIME;
	return FINE;
}

static enum outcome set_field(int32_t *field, int32_t value, unsigned bit,
			      struct reading *reading)
{
	*field = value;
	reading->now = bit;
	return FINE;
}

/* The number behind a unit: y2001, m02, h04, j2451187.5, t040506 */
static enum outcome parse_prefixed(struct reading *reading, char *text,
				   enum unit unit)
{
	const char *end;
	int32_t value;

	if (!words_number(text, &end, &value))
		return OUT_OF_FIELD;
	if (*end && (*end != '.' || (unit != UNIT_JULIAN && unit != UNIT_TIME &&
				     unit != UNIT_SECOND)))
		return BROKEN;
	switch (unit) {
	case UNIT_YEAR:
		return set_field(&reading->year, value, YEAR, reading);
	case UNIT_MONTH:
		if (has_all(reading->seen, MONTH | HOUR))
			return set_field(&reading->minute, value, MINUTE,
					 reading);
		return set_field(&reading->month, value, MONTH, reading);
	case UNIT_DAY:
		return set_field(&reading->day, value, DAY, reading);
	case UNIT_HOUR:
		return set_field(&reading->hour, value, HOUR, reading);
	case UNIT_MINUTE:
		return set_field(&reading->minute, value, MINUTE, reading);
	case UNIT_SECOND:
		set_field(&reading->second, value, SECOND, reading);
		if (*end != '.')
			return FINE;
		reading->now |= FRACTION;
		return reading_fraction(end, &reading->us);
	case UNIT_ZONE:
		reading->now = ZONE;
		return reading_offset(text, &reading->west_s);
	case UNIT_JULIAN:
		if (value < 0)
			return OUT_OF_FIELD;
		reading->now = DATE;
		set_julian(reading, value);
		return *end ? set_fraction_of_day(reading, end) : FINE;
	case UNIT_TIME: {
		enum outcome outcome =
			reading_run(reading, text, reading->seen | DATE);

		return outcome == FINE && reading->now != TIME ? BROKEN
							       : outcome;
	}
	default:
		return BROKEN;
	}
}

static enum outcome on_number(struct reading *reading, int index)
{
	char *text = reading->words.at[index].text;
	enum unit prefix = reading->prefix;
	size_t length = strlen(text);
	char *point = strchr(text, '.');

	reading->prefix = UNIT_NONE;
	if (prefix != UNIT_NONE)
		return parse_prefixed(reading, text, prefix);
	if (point && !(reading->seen & DATE))
		return reading_date(reading, text);
	if (point && point - text > 2)
		return reading_run(reading, text, reading->seen);
	if (length >= 6 && (!(reading->seen & DATE) || !(reading->seen & TIME)))
		return reading_run(reading, text, reading->seen);
	return reading_number(reading, text, reading->seen,
			      reading->text_month);
}

static enum outcome on_number_in_time(struct reading *reading, int index)
{
	const struct words *words = &reading->words;
	char *text = words->at[index].text;
	enum unit prefix = reading->prefix;
	char *point = strchr(text, '.');

	reading->prefix = UNIT_NONE;
	if (prefix != UNIT_NONE)
		return parse_prefixed(reading, text, prefix);
	if (point) {
		if (index == 0 && words->count >= 2 &&
		    words->at[words->count - 1].kind == WORD_DATE)
			return reading_date(reading, text);
		if (point - text > 2)
			return reading_run(reading, text, reading->seen | DATE);
		return BROKEN;
	}
	if (strlen(text) > 4)
		return reading_run(reading, text, reading->seen | DATE);
	return reading_number(reading, text, reading->seen | DATE, false);
}

static void local_now(const struct reading *reading, int64_t *ret_local,
		      int32_t *ret_west_s)
{
	const struct type_settings *settings = reading->settings;

	*ret_local = timestamptz_to_local(settings->now_us, settings->zone);
	*ret_west_s = -timestamptz_offset(settings->now_us, settings->zone);
}

static void set_day_from_now(struct reading *reading, int days)
{
	int64_t local, year;
	int32_t west_s;
	int month, day;

	local_now(reading, &local, &west_s);
	days_to_civil(timestamp_to_date(local) + days, &year, &month, &day);
	reading->year = (int32_t)year;
	reading->month = month;
	reading->day = day;
	reading->now = DATE;
}

static void set_now(struct reading *reading)
{
	struct calendar calendar;
	int64_t local;

	local_now(reading, &local, &reading->west_s);
	timestamp_split(local, &calendar);
	reading->hour = calendar.hour;
	reading->minute = calendar.minute;
	reading->second = calendar.second;
	reading->us = calendar.us;
	if (reading->time_only) {
		reading->now = TIME;
		return;
	}
	reading->year = (int32_t)calendar.year;
	reading->month = calendar.month;
	reading->day = calendar.day;
	reading->now = DATE | TIME | ZONE;
}

static enum outcome on_reserved(struct reading *reading, enum reserved word)
{
	if (reading->time_only && word != RESERVED_NOW &&
	    word != RESERVED_MIDNIGHT)
		return BROKEN;
	switch (word) {
	case RESERVED_NOW:
		set_now(reading);
		return FINE;
	case RESERVED_YESTERDAY:
		set_day_from_now(reading, -1);
		return FINE;
	case RESERVED_TODAY:
		set_day_from_now(reading, 0);
		return FINE;
	case RESERVED_TOMORROW:
		set_day_from_now(reading, 1);
		return FINE;
	case RESERVED_MIDNIGHT:
		reading->now = TIME | ZONE;
		reading->hour = reading->minute = reading->second = 0;
		reading->west_s = 0;
		return FINE;
	case RESERVED_EPOCH:
		reading->result = IS_EPOCH;
		break;
	case RESERVED_LATE:
		reading->result = IS_LATE;
		break;
	case RESERVED_EARLY:
		reading->result = IS_EARLY;
		break;
	}
	reading->now = RESERVED_WORD;
	return FINE;
}

static enum outcome on_month(struct reading *reading, int month)
{
	reading->now = MONTH;
	/* "8 jan": the number was the day after all. */
	if ((reading->seen & MONTH) && !reading->text_month &&
	    !(reading->seen & DAY) && reading->month >= 1 &&
	    reading->month <= 31) {
		reading->day = reading->month;
		reading->now = DAY;
	}
	reading->text_month = true;
	reading->month = month;
	return FINE;
}

static enum outcome on_prefix(struct reading *reading, enum token token,
			      int unit)
{
	reading->now = 0;
	if (token == TOKEN_ISO_TIME && !reading->time_only &&
	    !has_all(reading->seen, DATE))
		return BROKEN;
	if (reading->prefix != UNIT_NONE)
		return BROKEN;
	reading->prefix = (enum unit)unit;
	return FINE;
}

static enum outcome on_other_word(struct reading *reading, const char *text)
{
	int value = 0;
	enum token token = words_in_date(text, &value);

	switch (token) {
	case TOKEN_IGNORED:
		return FINE;
	case TOKEN_RESERVED:
		return on_reserved(reading, (enum reserved)value);
	case TOKEN_MONTH:
		return reading->time_only ? BROKEN : on_month(reading, value);
	case TOKEN_WEEK_DAY:
		reading->now = WEEK_DAY;
		return reading->time_only ? BROKEN : FINE;
	case TOKEN_DAYLIGHT:
		reading->now = DAYLIGHT | DAYLIGHT_WORD;
		reading->west_s -= 3600;
		return FINE;
	case TOKEN_MERIDIAN:
		reading->now = MERIDIAN;
		reading->meridian = (char)value;
		return FINE;
	case TOKEN_ERA:
		reading->now = ERA;
		reading->bc = value;
		return FINE;
	case TOKEN_UNIT:
	case TOKEN_ISO_TIME:
		return on_prefix(reading, token, value);
	default:
		break;
	}
	reading->named = find_zone(reading, text);
	reading->now = ZONE;
	return reading->named ? FINE : BROKEN;
}

static enum outcome on_word(struct reading *reading, const char *text)
{
	const char *zone;
	int32_t offset_s;
	bool daylight;

	/* Zones take precedence over all else. */
	if (!time_zone_abbreviation(slice_text(text), &offset_s, &daylight))
		return on_other_word(reading, text);
	reading->now = ZONE | (daylight ? DAYLIGHT : 0);
	reading->west_s = -offset_s;
	zone = time_zone_of_abbreviation(slice_text(text));
	reading->named = zone ? find_zone(reading, zone) : NULL;
	if (reading->named) {
		reading->now = ZONE;
		reading->abbreviation = text;
	}
	return FINE;
}

static enum outcome on_time(struct reading *reading, const char *text)
{
	enum outcome outcome;

	if (reading->prefix != UNIT_NONE && !reading->time_only) {
		if (reading->prefix != UNIT_TIME)
			return BROKEN;
		reading->prefix = UNIT_NONE;
	}
	outcome = reading_clock(reading, text);
	if (outcome == FINE && !reading->time_only &&
	    reading_clock_overflows(reading))
		return OUT_OF_FIELD;
	return outcome;
}

static enum outcome take_word(struct reading *reading, int index)
{
	char *text = reading->words.at[index].text;

	switch (reading->words.at[index].kind) {
	case WORD_DATE:
		return reading->time_only ? on_date_in_time(reading, index)
					  : on_date(reading, index);
	case WORD_TIME:
		return on_time(reading, text);
	case WORD_ZONE:
		reading->now = ZONE;
		return reading_offset(text, &reading->west_s);
	case WORD_NUMBER:
		return reading->time_only ? on_number_in_time(reading, index)
					  : on_number(reading, index);
	case WORD_STRING:
	case WORD_SPECIAL:
		return on_word(reading, text);
	}
	return BROKEN;
}

static enum outcome take_words(struct reading *reading)
{
	for (int i = 0; i < reading->words.count; i++) {
		enum outcome outcome;

		reading->now = 0;
		outcome = take_word(reading, i);
		if (outcome != FINE)
			return outcome;
		if (reading->now & reading->seen)
			return BROKEN;
		reading->seen |= reading->now;
	}
	/* Postgres does not mind a unit without number in a time. */
	return reading->prefix == UNIT_NONE || reading->time_only ? FINE
								  : BROKEN;
}

/* --- the end ------------------------------------------------------------------------ */

static enum outcome check_year(struct reading *reading)
{
	if (reading->julian)
		return FINE;
	if (reading->bc) {
		if (reading->year <= 0)
			return OUT_OF_FIELD;
		reading->year = 1 - reading->year;
	} else if (reading->two_digits) {
		if (reading->year < 0)
			return OUT_OF_FIELD;
		if (reading->year < 70)
			reading->year += 2000;
		else if (reading->year < 100)
			reading->year += 1900;
	} else if (reading->year <= 0) {
		return OUT_OF_FIELD;
	}
	return FINE;
}

static void set_year_day(struct reading *reading)
{
	int64_t year;
	int month, day;

	days_to_civil(days_from_civil(reading->year, 1, 1) + reading->year_day -
			      1,
		      &year, &month, &day);
	reading->year = (int32_t)year;
	reading->month = month;
	reading->day = day;
}

static enum outcome check_date(struct reading *reading)
{
	if (reading->seen & YEAR) {
		enum outcome outcome = check_year(reading);

		if (outcome != FINE)
			return outcome;
	}
	if (reading->seen & YEAR_DAY)
		set_year_day(reading);
	if ((reading->seen & MONTH) &&
	    (reading->month < 1 || reading->month > 12))
		return OUT_OF_ORDER;
	if ((reading->seen & DAY) && (reading->day < 1 || reading->day > 31))
		return OUT_OF_ORDER;
	if (has_all(reading->seen, DATE) &&
	    reading->day > days_in_month(reading->year, reading->month))
		return OUT_OF_FIELD;
	return FINE;
}

static enum outcome check_meridian(struct reading *reading)
{
	if (reading->meridian && reading->hour > 12)
		return OUT_OF_FIELD;
	if (reading->meridian == 'a' && reading->hour == 12)
		reading->hour = 0;
	else if (reading->meridian == 'p' && reading->hour != 12)
		reading->hour += 12;
	return FINE;
}

static int64_t clock_us(const struct reading *reading)
{
	return reading->hour * HOUR_US + reading->minute * MINUTE_US +
	       reading->second * SECOND_US + reading->us;
}

static int32_t west_of(const struct time_zone *zone, int64_t days,
		       const struct reading *reading)
{
	int64_t local_s =
		days * 86400 + UNIX_EPOCH_S + clock_us(reading) / SECOND_US;
	int32_t offset_s = time_zone_of_local(zone, local_s);

	if (reading->abbreviation && zone == reading->named)
		time_zone_meant(zone, slice_text(reading->abbreviation),
				local_s - offset_s, &offset_s);
	return -offset_s;
}

static int64_t days_of(const struct reading *reading)
{
	return days_from_civil(reading->year, reading->month, reading->day);
}

static enum outcome settle_date(struct reading *reading)
{
	enum outcome outcome;

	if (reading->result != IS_DATE)
		return FINE;
	outcome = check_date(reading);
	if (outcome == FINE)
		outcome = check_meridian(reading);
	if (outcome != FINE)
		return outcome;
	if (!has_all(reading->seen, DATE))
		return BROKEN;
	if (!reading->named && (reading->seen & ZONE))
		return FINE;
	if (reading->seen & DAYLIGHT_WORD)
		return BROKEN;
	reading->west_s = west_of(reading->named ? reading->named
						 : reading->settings->zone,
				  days_of(reading), reading);
	return FINE;
}

/* A zone that changes its offset asks for a date; today stands in only for
 * the session's own. */
static enum outcome settle_time_zone(struct reading *reading)
{
	const struct time_zone *zone =
		reading->named ? reading->named : reading->settings->zone;
	int32_t offset_s, ignored;
	int64_t local;

	if (!reading->named && (reading->seen & ZONE))
		return FINE;
	if (reading->seen & DAYLIGHT_WORD)
		return BROKEN;
	if (reading->named && !reading->abbreviation &&
	    time_zone_is_fixed(zone, &offset_s)) {
		reading->west_s = -offset_s;
		return FINE;
	}
	if (has_all(reading->seen, DATE)) {
		reading->west_s = west_of(zone, days_of(reading), reading);
		return FINE;
	}
	if ((reading->named && !reading->abbreviation) ||
	    (reading->seen & DATE))
		return BROKEN;
	local_now(reading, &local, &ignored);
	reading->west_s = west_of(zone, timestamp_to_date(local), reading);
	return FINE;
}

static enum outcome settle_time(struct reading *reading)
{
	enum outcome outcome = check_date(reading);

	if (outcome == FINE)
		outcome = check_meridian(reading);
	if (outcome != FINE)
		return outcome;
	if (reading_clock_overflows(reading))
		return OUT_OF_FIELD;
	if (!has_all(reading->seen, TIME))
		return BROKEN;
	return settle_time_zone(reading);
}

static bool refuse(struct reading *reading, enum outcome outcome,
		   struct slice text, const char *type)
{
	int shown = text.length > 400 ? 400 : (int)text.length;
	const char *at = (const char *)text.at;

	switch (outcome) {
	case OUT_OF_FIELD:
	case OUT_OF_ORDER:
		error_set(reading->error, SQLSTATE_DATETIME_OVERFLOW,
			  "date/time field value out of range: \"%.*s\"", shown,
			  at);
		if (outcome == OUT_OF_ORDER)
			error_hint(reading->error,
				   "Perhaps you need a "
				   "different \"datestyle\" setting.");
		return false;
	case ZONE_TOO_FAR:
		return error_set(reading->error, "22009",
				 "time zone displacement out of range: "
				 "\"%.*s\"",
				 shown, at);
	case TOLD:
		return false;
	default:
		return error_set(reading->error, SQLSTATE_INVALID_DATETIME,
				 "invalid input syntax for type %s: \"%.*s\"",
				 type, shown, at);
	}
}

static bool run(struct reading *reading, struct slice text, bool time_only,
		const char *type, const struct type_settings *settings,
		struct error *error)
{
	enum outcome outcome = BROKEN;

	memset(reading, 0, sizeof(*reading));
	reading->settings = settings;
	reading->error = error;
	reading->time_only = time_only;
	if (words_cut(text, DATE_TEXT_BYTES_MAX, &reading->words))
		outcome = take_words(reading);
	if (outcome == FINE)
		outcome =
			time_only ? settle_time(reading) : settle_date(reading);
	return outcome == FINE ? true : refuse(reading, outcome, text, type);
}

static bool refuse_range(const char *type, struct slice text,
			 struct error *error)
{
	return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
			 "%s out of range: \"%.*s\"", type,
			 text.length > 400 ? 400 : (int)text.length,
			 (const char *)text.at);
}

bool date_parse(struct slice text, const struct type_settings *settings,
		int32_t *ret, struct error *error)
{
	struct reading reading;
	int64_t days;

	if (!run(&reading, text, false, "date", settings, error))
		return false;
	switch (reading.result) {
	case IS_EPOCH:
		*ret = UNIX_EPOCH_DAYS;
		return true;
	case IS_LATE:
		*ret = DATE_INFINITY;
		return true;
	case IS_EARLY:
		*ret = DATE_MINUS_INFINITY;
		return true;
	case IS_DATE:
		break;
	}
	days = days_of(&reading);
	if (days < DATE_FIRST || days >= DATE_END)
		return refuse_range("date", text, error);
	*ret = (int32_t)days;
	return true;
}

bool time_parse(struct slice text, const struct type_settings *settings,
		int64_t *ret, struct error *error)
{
	struct reading reading;

	if (!run(&reading, text, true, "time", settings, error))
		return false;
	*ret = clock_us(&reading);
	return true;
}

bool timetz_parse(struct slice text, const struct type_settings *settings,
		  struct timetz *ret, struct error *error)
{
	struct reading reading;

	if (!run(&reading, text, true, "time with time zone", settings, error))
		return false;
	*ret = (struct timetz){ clock_us(&reading), reading.west_s };
	return true;
}

static bool parse_timestamp(struct slice text, const char *type, bool with_zone,
			    const struct type_settings *settings, int64_t *ret,
			    struct error *error)
{
	struct reading reading;
	int64_t days, ts;

	if (!run(&reading, text, false, type, settings, error))
		return false;
	if (reading.result == IS_EPOCH)
		*ret = UNIX_EPOCH_DAYS * DAY_US;
	else if (reading.result == IS_LATE)
		*ret = TIMESTAMP_INFINITY;
	else if (reading.result == IS_EARLY)
		*ret = TIMESTAMP_MINUS_INFINITY;
	if (reading.result != IS_DATE)
		return true;
	days = days_of(&reading);
	if (__builtin_mul_overflow(days, DAY_US, &ts) ||
	    __builtin_add_overflow(ts, clock_us(&reading), &ts) ||
	    (with_zone &&
	     __builtin_add_overflow(ts, reading.west_s * SECOND_US, &ts)) ||
	    ts < TIMESTAMP_FIRST || ts >= TIMESTAMP_END)
		return refuse_range("timestamp", text, error);
	*ret = ts;
	return true;
}

bool timestamp_parse(struct slice text, const struct type_settings *settings,
		     int64_t *ret, struct error *error)
{
	return parse_timestamp(text, "timestamp", false, settings, ret, error);
}

bool timestamptz_parse(struct slice text, const struct type_settings *settings,
		       int64_t *ret, struct error *error)
{
	return parse_timestamp(text, "timestamp with time zone", true, settings,
			       ret, error);
}
