/*
 * What people write for dates and times (Postgres manual, 8.5.1 and appendix
 * B.1). Words are taken from left to right; each sets some fields, and no
 * field may be set twice. A bare number means what the fields before it and
 * the session's DateStyle leave open.
 */
#include <math.h>
#include <stdlib.h>

#include "protocol/datetime.h"
#include "protocol/datetime_words.h"

enum outcome {
	FINE,
	BROKEN,			/* not a date at all */
	OUT_OF_FIELD,		/* a field beyond its bounds */
	OUT_OF_ORDER,		/* the same; month and day may be swapped */
	ZONE_TOO_FAR,
	TOLD,			/* the error is filled already */
};

/* Fields that were set. */
enum {
	YEAR = 1 << 0,
	MONTH = 1 << 1,
	DAY = 1 << 2,
	YEAR_DAY = 1 << 3,
	HOUR = 1 << 4,
	MINUTE = 1 << 5,
	SECOND = 1 << 6,
	FRACTION = 1 << 7,
	ZONE = 1 << 8,
	DAYLIGHT = 1 << 9,
	DAYLIGHT_WORD = 1 << 10,
	MERIDIAN = 1 << 11,
	ERA = 1 << 12,
	WEEK_DAY = 1 << 13,
	RESERVED_WORD = 1 << 14,
	DATE = YEAR | MONTH | DAY,
	TIME = HOUR | MINUTE | SECOND | FRACTION,
};

enum result { IS_DATE, IS_EPOCH, IS_LATE, IS_EARLY };

struct parse {
	const struct type_settings *settings;
	struct error *error;
	struct words words;
	bool time_only;		/* for time and timetz */
	unsigned seen;		/* fields of the words before */
	unsigned now;		/* fields of this word */
	enum result result;
	enum unit prefix;	/* "y" of "y2024" waits for its number */
	bool text_month, julian, two_digits, bc;
	char meridian;		/* 'a', 'p' or 0 */
	int32_t year, month, day, year_day;
	int32_t hour, minute, second, us;
	int32_t west_s;
	const struct time_zone *named;
	const char *abbreviation;	/* in `named`, one that changed */
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
	return byte >= 'a' && byte <= 'z';
}

static bool has_all(unsigned seen, unsigned fields)
{
	return (seen & fields) == fields;
}

/* ".5" to microseconds */
static enum outcome parse_fraction(const char *text, int32_t *ret_us)
{
	char *end;
	double fraction;

	/* Only digits: strtod() would take more. */
	for (const char *at = text + 1; *at; at++)
		if (!is_digit(*at))
			return BROKEN;
	if (!text[1]) {
		*ret_us = 0;
		return FINE;
	}
	fraction = strtod(text, &end);
	*ret_us = (int32_t)rint(fraction * 1000000);
	return FINE;
}

/* "+2", "-03:30", "+0530", "+01:02:03" */
static enum outcome parse_offset(const char *text, int32_t *ret_west_s)
{
	int32_t hours, minutes = 0, seconds = 0;
	const char *end;

	if (*text != '+' && *text != '-')
		return BROKEN;
	if (!words_number(text + 1, &end, &hours))
		return ZONE_TOO_FAR;
	if (*end == ':') {
		if (!words_number(end + 1, &end, &minutes))
			return ZONE_TOO_FAR;
		if (*end == ':' && !words_number(end + 1, &end, &seconds))
			return ZONE_TOO_FAR;
	} else if (!*end && strlen(text) > 3) {
		minutes = hours % 100;
		hours /= 100;
	}
	if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59 ||
	    seconds < 0 || seconds > 59)
		return ZONE_TOO_FAR;
	if (*end)
		return BROKEN;
	*ret_west_s = hours * 3600 + minutes * 60 + seconds;
	if (*text == '+')
		*ret_west_s = -*ret_west_s;
	return FINE;
}

/* "12:34", "12:34:56.789" */
static enum outcome parse_clock(struct parse *parse, const char *text)
{
	const char *end;
	enum outcome outcome = FINE;

	parse->now = TIME;
	parse->second = parse->us = 0;
	if (!words_number(text, &end, &parse->hour))
		return OUT_OF_FIELD;
	if (*end != ':')
		return BROKEN;
	if (!words_number(end + 1, &end, &parse->minute))
		return OUT_OF_FIELD;
	if (*end == '.') {	/* mm:ss.fff */
		outcome = parse_fraction(end, &parse->us);
		parse->second = parse->minute;
		parse->minute = parse->hour;
		parse->hour = 0;
	} else if (*end == ':') {
		if (!words_number(end + 1, &end, &parse->second))
			return OUT_OF_FIELD;
		if (*end == '.')
			outcome = parse_fraction(end, &parse->us);
		else if (*end)
			return BROKEN;
	} else if (*end) {
		return BROKEN;
	}
	if (outcome != FINE)
		return outcome;
	if (parse->hour < 0 || parse->minute < 0 || parse->minute > 59 ||
	    parse->second < 0 || parse->second > 60)
		return OUT_OF_FIELD;
	return FINE;
}

static bool clock_overflows(const struct parse *parse)
{
	int64_t us = parse->hour * HOUR_US + parse->minute * MINUTE_US +
		parse->second * SECOND_US + parse->us;

	return parse->hour < 0 || parse->hour > 24 || parse->minute < 0 ||
	       parse->minute > 59 || parse->second < 0 ||
	       parse->second > 60 || us > DAY_US;
}

/* --- numbers ---------------------------------------------------------------------- */

/* Run together: yyyymmdd, yymmdd, hhmmss, hhmm; the last two with fraction. */
static enum outcome parse_run(struct parse *parse, char *text,
			      unsigned seen)
{
	size_t length = strlen(text);
	char *point = strchr(text, '.');

	if (point) {
		char *end;

		parse->us = (int32_t)rint(strtod(point, &end) * 1000000);
		*point = 0;
		length = (size_t)(point - text);
	} else if (!has_all(seen, DATE) && length >= 6) {
		parse->now = DATE;
		parse->day = atoi(text + length - 2);
		text[length - 2] = 0;
		parse->month = atoi(text + length - 4);
		text[length - 4] = 0;
		parse->year = atoi(text);
		if (length == 6)
			parse->two_digits = true;
		return FINE;
	}
	if (has_all(seen, TIME) || (length != 6 && length != 4))
		return BROKEN;
	parse->now = TIME;
	parse->second = length == 6 ? atoi(text + 4) : 0;
	text[4] = 0;
	parse->minute = atoi(text + 2);
	text[2] = 0;
	parse->hour = atoi(text);
	return FINE;
}

static void set_year(struct parse *parse, int32_t value, size_t digits)
{
	parse->now = YEAR;
	parse->year = value;
	parse->two_digits = digits <= 2;
}

static void set_month(struct parse *parse, int32_t value)
{
	parse->now = MONTH;
	parse->month = value;
}

static void set_day(struct parse *parse, int32_t value)
{
	parse->now = DAY;
	parse->day = value;
}

/* The first number of a date. */
static void parse_first(struct parse *parse, int32_t value, size_t digits)
{
	if (digits >= 3 || parse->settings->date_order == 'Y')
		set_year(parse, value, digits);
	else if (parse->settings->date_order == 'D')
		set_day(parse, value);
	else
		set_month(parse, value);
}

static enum outcome parse_run_or_fraction(struct parse *parse, char *text,
					  const char *end, unsigned seen,
					  bool *ret_done)
{
	*ret_done = false;
	if (*end == '.' && end - text > 2) {
		*ret_done = true;
		return parse_run(parse, text, seen | DATE);
	}
	if (*end == '.')
		return parse_fraction(end, &parse->us);
	return *end ? BROKEN : FINE;
}

/* After a month that was a word, "8 Jan 99" is as good as "Jan 8 99". */
static void after_text_month(struct parse *parse, int32_t value,
			     size_t digits, bool has_year)
{
	if (has_year && digits >= 3 && parse->two_digits) {
		/* What was taken for the year was the day. */
		parse->now = DAY;
		parse->day = parse->year;
		parse->year = value;
		parse->two_digits = false;
	} else if (!has_year &&
		   (digits >= 3 || parse->settings->date_order == 'Y')) {
		set_year(parse, value, digits);
	} else {
		set_day(parse, value);
	}
}

/* A number whose meaning follows from what is there already. */
static enum outcome parse_number(struct parse *parse, char *text,
				 unsigned seen, bool text_month)
{
	size_t digits = strlen(text);
	enum outcome outcome;
	const char *end;
	int32_t value;
	bool done;

	if (!words_number(text, &end, &value))
		return OUT_OF_FIELD;
	if (end == text)
		return BROKEN;
	outcome = parse_run_or_fraction(parse, text, end, seen, &done);
	if (outcome != FINE || done)
		return outcome;
	if (digits == 3 && (seen & DATE) == YEAR && value >= 1 &&
	    value <= 366) {
		parse->now = YEAR_DAY | MONTH | DAY;
		parse->year_day = value;
		return FINE;
	}
	switch (seen & DATE) {
	case 0:
		parse_first(parse, value, digits);
		return FINE;
	case YEAR:
	case DAY:
		set_month(parse, value);
		return FINE;
	case MONTH:
	case YEAR | MONTH:
		if (text_month)
			after_text_month(parse, value, digits, seen & YEAR);
		else
			set_day(parse, value);
		return FINE;
	case MONTH | DAY:
		set_year(parse, value, digits);
		return FINE;
	case DATE:
		return parse_run(parse, text, seen);
	}
	return BROKEN;
}

/* Cuts "1999-jan-08" at what is neither digit nor letter. */
static int cut_date(char *text, char *parts[WORDS_MAX])
{
	int count = 0;

	while (*text && count < WORDS_MAX) {
		while (*text && !is_digit(*text) && !is_letter(*text))
			text++;
		if (!*text)
			return 0;
		parts[count++] = text;
		if (is_digit(*text))
			while (is_digit(*text))
				text++;
		else
			while (is_letter(*text))
				text++;
		if (*text)
			*text++ = 0;
	}
	return count;
}

/* Months that are words say so themselves: they come first. */
static enum outcome take_text_months(struct parse *parse, char **parts,
				     int count, unsigned *seen,
				     bool *text_month)
{
	for (int i = 0; i < count; i++) {
		enum token token;
		int value;

		if (!is_letter(parts[i][0]))
			continue;
		token = words_in_date(parts[i], &value);
		if (token == TOKEN_IGNORED)
			continue;
		if (token != TOKEN_MONTH || (*seen & MONTH))
			return BROKEN;
		parse->month = value;
		*text_month = true;
		*seen |= MONTH;
		parts[i] = NULL;
	}
	return FINE;
}

static enum outcome parse_date(struct parse *parse, char *text)
{
	char *parts[WORDS_MAX];
	int count = cut_date(text, parts);
	bool text_month = false;
	unsigned seen = parse->seen;
	enum outcome outcome = take_text_months(parse, parts, count, &seen,
						&text_month);

	if (outcome != FINE || count == 0)
		return BROKEN;
	for (int i = 0; i < count; i++) {
		if (!parts[i])
			continue;
		parse->now = 0;
		outcome = parse_number(parse, parts[i], seen, text_month);
		if (outcome != FINE)
			return outcome;
		if (seen & parse->now)
			return BROKEN;
		seen |= parse->now;
	}
	if ((seen & ~(unsigned)(YEAR_DAY | ZONE)) != DATE)
		return BROKEN;
	parse->now = seen & ~parse->seen;
	return FINE;
}

/* --- words ------------------------------------------------------------------------- */

static enum outcome refuse_zone(struct parse *parse, const char *name)
{
	error_set(parse->error, SQLSTATE_INVALID_PARAMETER,
		  "time zone \"%s\" not recognized", name);
	return TOLD;
}

static const struct time_zone *find_zone(const struct parse *parse,
					 const char *name)
{
	struct zone_source *zones = parse->settings->zones;

	return zones ? zones->find(zones, slice_text(name)) : NULL;
}

/* hhmmss-zz or hhmmss+zz (only with - does it arrive here) */
static enum outcome parse_run_with_zone(struct parse *parse, char *text,
					unsigned seen)
{
	char *minus = strchr(text, '-');
	enum outcome outcome;

	if (has_all(parse->seen, TIME) || !minus)
		return BROKEN;
	outcome = parse_offset(minus, &parse->west_s);
	if (outcome != FINE)
		return outcome;
	*minus = 0;
	outcome = parse_run(parse, text, seen);
	parse->now |= ZONE;
	return outcome;
}

static enum outcome name_zone(struct parse *parse, const char *name)
{
	parse->named = find_zone(parse, name);
	if (!parse->named)
		return refuse_zone(parse, name);
	parse->now = ZONE;
	return FINE;
}

static void set_julian(struct parse *parse, int32_t julian)
{
	int64_t year;
	int month, day;

	days_to_civil((int64_t)julian - 2451545, &year, &month, &day);
	parse->year = (int32_t)year;
	parse->month = month;
	parse->day = day;
	parse->julian = true;
}

/* "j2451187-08": a day number with a zone behind it */
static enum outcome parse_julian_zone(struct parse *parse, const char *text)
{
	const char *end;
	int32_t julian;

	if (!words_number(text, &end, &julian) || julian < 0)
		return OUT_OF_FIELD;
	set_julian(parse, julian);
	parse->now = DATE | TIME | ZONE;
	parse->prefix = UNIT_NONE;
	return parse_offset(end, &parse->west_s);
}

static enum outcome on_date(struct parse *parse, int index)
{
	char *text = parse->words.at[index].text;

	if (parse->prefix == UNIT_JULIAN)
		return parse_julian_zone(parse, text);
	if (parse->prefix == UNIT_NONE &&
	    !has_all(parse->seen, MONTH | DAY))
		return parse_date(parse, text);
	if (!is_digit(text[0]) && parse->prefix == UNIT_NONE)
		return name_zone(parse, text);
	if (parse->prefix != UNIT_NONE && parse->prefix != UNIT_TIME)
		return BROKEN;
	parse->prefix = UNIT_NONE;
	return parse_run_with_zone(parse, text, parse->seen);
}

/* In a time, a date is welcome only where it cannot be anything else. */
static enum outcome on_date_in_time(struct parse *parse, int index)
{
	const struct words *words = &parse->words;
	char *text = words->at[index].text;

	if (index == 0 && words->count >= 2 &&
	    (words->at[words->count - 1].kind == WORD_DATE ||
	     words->at[1].kind == WORD_TIME))
		return parse_date(parse, text);
	if (!is_digit(text[0]))
		return name_zone(parse, text);
	return parse_run_with_zone(parse, text, parse->seen | DATE);
}

static enum outcome set_fraction_of_day(struct parse *parse,
					const char *text)
{
	char *end;
	int64_t us = (int64_t)(strtod(text, &end) * (double)DAY_US);

	if (*end)
		return BROKEN;
	parse->hour = (int32_t)(us / HOUR_US);
	parse->minute = (int32_t)(us / MINUTE_US % 60);
	parse->second = (int32_t)(us / SECOND_US % 60);
	parse->us = (int32_t)(us % SECOND_US);
	parse->now |= TIME;
	return FINE;
}

static enum outcome set_field(int32_t *field, int32_t value, unsigned bit,
			      struct parse *parse)
{
	*field = value;
	parse->now = bit;
	return FINE;
}

/* The number behind a unit: y2001, m02, h04, j2451187.5, t040506 */
static enum outcome parse_prefixed(struct parse *parse, char *text,
				   enum unit unit)
{
	const char *end;
	int32_t value;

	if (!words_number(text, &end, &value))
		return OUT_OF_FIELD;
	if (*end && (*end != '.' || (unit != UNIT_JULIAN &&
				     unit != UNIT_TIME &&
				     unit != UNIT_SECOND)))
		return BROKEN;
	switch (unit) {
	case UNIT_YEAR:
		return set_field(&parse->year, value, YEAR, parse);
	case UNIT_MONTH:
		if (has_all(parse->seen, MONTH | HOUR))
			return set_field(&parse->minute, value, MINUTE,
					 parse);
		return set_field(&parse->month, value, MONTH, parse);
	case UNIT_DAY:
		return set_field(&parse->day, value, DAY, parse);
	case UNIT_HOUR:
		return set_field(&parse->hour, value, HOUR, parse);
	case UNIT_MINUTE:
		return set_field(&parse->minute, value, MINUTE, parse);
	case UNIT_SECOND:
		set_field(&parse->second, value, SECOND, parse);
		if (*end != '.')
			return FINE;
		parse->now |= FRACTION;
		return parse_fraction(end, &parse->us);
	case UNIT_ZONE:
		parse->now = ZONE;
		return parse_offset(text, &parse->west_s);
	case UNIT_JULIAN:
		if (value < 0)
			return OUT_OF_FIELD;
		parse->now = DATE;
		set_julian(parse, value);
		return *end ? set_fraction_of_day(parse, end) : FINE;
	case UNIT_TIME: {
		enum outcome outcome = parse_run(parse, text,
						 parse->seen | DATE);

		return outcome == FINE && parse->now != TIME ? BROKEN
							     : outcome;
	}
	default:
		return BROKEN;
	}
}

static enum outcome on_number(struct parse *parse, int index)
{
	char *text = parse->words.at[index].text;
	enum unit prefix = parse->prefix;
	size_t length = strlen(text);
	char *point = strchr(text, '.');

	parse->prefix = UNIT_NONE;
	if (prefix != UNIT_NONE)
		return parse_prefixed(parse, text, prefix);
	if (point && !(parse->seen & DATE))
		return parse_date(parse, text);
	if (point && point - text > 2)
		return parse_run(parse, text, parse->seen);
	if (length >= 6 &&
	    (!(parse->seen & DATE) || !(parse->seen & TIME)))
		return parse_run(parse, text, parse->seen);
	return parse_number(parse, text, parse->seen, parse->text_month);
}

static enum outcome on_number_in_time(struct parse *parse, int index)
{
	const struct words *words = &parse->words;
	char *text = words->at[index].text;
	enum unit prefix = parse->prefix;
	char *point = strchr(text, '.');

	parse->prefix = UNIT_NONE;
	if (prefix != UNIT_NONE)
		return parse_prefixed(parse, text, prefix);
	if (point) {
		if (index == 0 && words->count >= 2 &&
		    words->at[words->count - 1].kind == WORD_DATE)
			return parse_date(parse, text);
		if (point - text > 2)
			return parse_run(parse, text, parse->seen | DATE);
		return BROKEN;
	}
	if (strlen(text) > 4)
		return parse_run(parse, text, parse->seen | DATE);
	return parse_number(parse, text, parse->seen | DATE, false);
}

static void local_now(const struct parse *parse, int64_t *ret_local,
		      int32_t *ret_west_s)
{
	const struct type_settings *settings = parse->settings;

	*ret_local = timestamptz_to_local(settings->now_us, settings->zone);
	*ret_west_s = -timestamptz_offset(settings->now_us, settings->zone);
}

static void set_day_from_now(struct parse *parse, int days)
{
	int64_t local, year;
	int32_t west_s;
	int month, day;

	local_now(parse, &local, &west_s);
	days_to_civil(timestamp_to_date(local) + days, &year, &month, &day);
	parse->year = (int32_t)year;
	parse->month = month;
	parse->day = day;
	parse->now = DATE;
}

static void set_now(struct parse *parse)
{
	struct calendar calendar;
	int64_t local;

	local_now(parse, &local, &parse->west_s);
	timestamp_split(local, &calendar);
	parse->hour = calendar.hour;
	parse->minute = calendar.minute;
	parse->second = calendar.second;
	parse->us = calendar.us;
	if (parse->time_only) {
		parse->now = TIME;
		return;
	}
	parse->year = (int32_t)calendar.year;
	parse->month = calendar.month;
	parse->day = calendar.day;
	parse->now = DATE | TIME | ZONE;
}

static enum outcome on_reserved(struct parse *parse, enum reserved word)
{
	if (parse->time_only && word != RESERVED_NOW &&
	    word != RESERVED_MIDNIGHT)
		return BROKEN;
	switch (word) {
	case RESERVED_NOW:
		set_now(parse);
		return FINE;
	case RESERVED_YESTERDAY:
		set_day_from_now(parse, -1);
		return FINE;
	case RESERVED_TODAY:
		set_day_from_now(parse, 0);
		return FINE;
	case RESERVED_TOMORROW:
		set_day_from_now(parse, 1);
		return FINE;
	case RESERVED_MIDNIGHT:
		parse->now = TIME | ZONE;
		parse->hour = parse->minute = parse->second = 0;
		parse->west_s = 0;
		return FINE;
	case RESERVED_EPOCH:
		parse->result = IS_EPOCH;
		break;
	case RESERVED_LATE:
		parse->result = IS_LATE;
		break;
	case RESERVED_EARLY:
		parse->result = IS_EARLY;
		break;
	}
	parse->now = RESERVED_WORD;
	return FINE;
}

static enum outcome on_month(struct parse *parse, int month)
{
	parse->now = MONTH;
	/* "8 jan": the number was the day after all. */
	if ((parse->seen & MONTH) && !parse->text_month &&
	    !(parse->seen & DAY) && parse->month >= 1 && parse->month <= 31) {
		parse->day = parse->month;
		parse->now = DAY;
	}
	parse->text_month = true;
	parse->month = month;
	return FINE;
}

static enum outcome on_prefix(struct parse *parse, enum token token,
			      int unit)
{
	parse->now = 0;
	if (token == TOKEN_ISO_TIME && !parse->time_only &&
	    !has_all(parse->seen, DATE))
		return BROKEN;
	if (parse->prefix != UNIT_NONE)
		return BROKEN;
	parse->prefix = (enum unit)unit;
	return FINE;
}

static enum outcome on_other_word(struct parse *parse, const char *text)
{
	int value = 0;
	enum token token = words_in_date(text, &value);

	switch (token) {
	case TOKEN_IGNORED:
		return FINE;
	case TOKEN_RESERVED:
		return on_reserved(parse, (enum reserved)value);
	case TOKEN_MONTH:
		return parse->time_only ? BROKEN : on_month(parse, value);
	case TOKEN_WEEK_DAY:
		parse->now = WEEK_DAY;
		return parse->time_only ? BROKEN : FINE;
	case TOKEN_DAYLIGHT:
		parse->now = DAYLIGHT | DAYLIGHT_WORD;
		parse->west_s -= 3600;
		return FINE;
	case TOKEN_MERIDIAN:
		parse->now = MERIDIAN;
		parse->meridian = (char)value;
		return FINE;
	case TOKEN_ERA:
		parse->now = ERA;
		parse->bc = value;
		return FINE;
	case TOKEN_UNIT:
	case TOKEN_ISO_TIME:
		return on_prefix(parse, token, value);
	default:
		break;
	}
	parse->named = find_zone(parse, text);
	parse->now = ZONE;
	return parse->named ? FINE : BROKEN;
}

static enum outcome on_word(struct parse *parse, const char *text)
{
	const char *zone;
	int32_t offset_s;
	bool daylight;

	/* Zones take precedence over all else. */
	if (!time_zone_abbreviation(slice_text(text), &offset_s, &daylight))
		return on_other_word(parse, text);
	parse->now = ZONE | (daylight ? DAYLIGHT : 0);
	parse->west_s = -offset_s;
	zone = time_zone_of_abbreviation(slice_text(text));
	parse->named = zone ? find_zone(parse, zone) : NULL;
	if (parse->named) {
		parse->now = ZONE;
		parse->abbreviation = text;
	}
	return FINE;
}

static enum outcome on_time(struct parse *parse, const char *text)
{
	enum outcome outcome;

	if (parse->prefix != UNIT_NONE && !parse->time_only) {
		if (parse->prefix != UNIT_TIME)
			return BROKEN;
		parse->prefix = UNIT_NONE;
	}
	outcome = parse_clock(parse, text);
	if (outcome == FINE && !parse->time_only && clock_overflows(parse))
		return OUT_OF_FIELD;
	return outcome;
}

static enum outcome take_word(struct parse *parse, int index)
{
	char *text = parse->words.at[index].text;

	switch (parse->words.at[index].kind) {
	case WORD_DATE:
		return parse->time_only ? on_date_in_time(parse, index)
					: on_date(parse, index);
	case WORD_TIME:
		return on_time(parse, text);
	case WORD_ZONE:
		parse->now = ZONE;
		return parse_offset(text, &parse->west_s);
	case WORD_NUMBER:
		return parse->time_only ? on_number_in_time(parse, index)
					: on_number(parse, index);
	case WORD_STRING:
	case WORD_SPECIAL:
		return on_word(parse, text);
	}
	return BROKEN;
}

static enum outcome take_words(struct parse *parse)
{
	for (int i = 0; i < parse->words.count; i++) {
		enum outcome outcome;

		parse->now = 0;
		outcome = take_word(parse, i);
		if (outcome != FINE)
			return outcome;
		if (parse->now & parse->seen)
			return BROKEN;
		parse->seen |= parse->now;
	}
	/* Postgres does not mind a unit without number in a time. */
	return parse->prefix == UNIT_NONE || parse->time_only ? FINE : BROKEN;
}

/* --- the end ------------------------------------------------------------------------ */

static enum outcome check_year(struct parse *parse)
{
	if (parse->julian)
		return FINE;
	if (parse->bc) {
		if (parse->year <= 0)
			return OUT_OF_FIELD;
		parse->year = 1 - parse->year;
	} else if (parse->two_digits) {
		if (parse->year < 0)
			return OUT_OF_FIELD;
		if (parse->year < 70)
			parse->year += 2000;
		else if (parse->year < 100)
			parse->year += 1900;
	} else if (parse->year <= 0) {
		return OUT_OF_FIELD;
	}
	return FINE;
}

static void set_year_day(struct parse *parse)
{
	int64_t year;
	int month, day;

	days_to_civil(days_from_civil(parse->year, 1, 1) + parse->year_day - 1,
		      &year, &month, &day);
	parse->year = (int32_t)year;
	parse->month = month;
	parse->day = day;
}

static enum outcome check_date(struct parse *parse)
{
	if (parse->seen & YEAR) {
		enum outcome outcome = check_year(parse);

		if (outcome != FINE)
			return outcome;
	}
	if (parse->seen & YEAR_DAY)
		set_year_day(parse);
	if ((parse->seen & MONTH) &&
	    (parse->month < 1 || parse->month > 12))
		return OUT_OF_ORDER;
	if ((parse->seen & DAY) && (parse->day < 1 || parse->day > 31))
		return OUT_OF_ORDER;
	if (has_all(parse->seen, DATE) &&
	    parse->day > days_in_month(parse->year, parse->month))
		return OUT_OF_FIELD;
	return FINE;
}

static enum outcome check_meridian(struct parse *parse)
{
	if (parse->meridian && parse->hour > 12)
		return OUT_OF_FIELD;
	if (parse->meridian == 'a' && parse->hour == 12)
		parse->hour = 0;
	else if (parse->meridian == 'p' && parse->hour != 12)
		parse->hour += 12;
	return FINE;
}

static int64_t clock_us(const struct parse *parse)
{
	return parse->hour * HOUR_US + parse->minute * MINUTE_US +
	       parse->second * SECOND_US + parse->us;
}

static int32_t west_of(const struct time_zone *zone, int64_t days,
		       const struct parse *parse)
{
	int64_t local_s = days * 86400 + UNIX_EPOCH_S +
		clock_us(parse) / SECOND_US;
	int32_t offset_s = time_zone_of_local(zone, local_s);

	if (parse->abbreviation && zone == parse->named)
		time_zone_meant(zone, slice_text(parse->abbreviation),
				local_s - offset_s, &offset_s);
	return -offset_s;
}

static int64_t days_of(const struct parse *parse)
{
	return days_from_civil(parse->year, parse->month, parse->day);
}

static enum outcome settle_date(struct parse *parse)
{
	enum outcome outcome;

	if (parse->result != IS_DATE)
		return FINE;
	outcome = check_date(parse);
	if (outcome == FINE)
		outcome = check_meridian(parse);
	if (outcome != FINE)
		return outcome;
	if (!has_all(parse->seen, DATE))
		return BROKEN;
	if (!parse->named && (parse->seen & ZONE))
		return FINE;
	if (parse->seen & DAYLIGHT_WORD)
		return BROKEN;
	parse->west_s = west_of(parse->named ? parse->named
					     : parse->settings->zone,
				days_of(parse), parse);
	return FINE;
}

/* A zone that changes its offset asks for a date; today stands in only for
 * the session's own. */
static enum outcome settle_time_zone(struct parse *parse)
{
	const struct time_zone *zone = parse->named ? parse->named
						    : parse->settings->zone;
	int32_t offset_s, ignored;
	int64_t local;

	if (!parse->named && (parse->seen & ZONE))
		return FINE;
	if (parse->seen & DAYLIGHT_WORD)
		return BROKEN;
	if (parse->named && !parse->abbreviation &&
	    time_zone_is_fixed(zone, &offset_s)) {
		parse->west_s = -offset_s;
		return FINE;
	}
	if (has_all(parse->seen, DATE)) {
		parse->west_s = west_of(zone, days_of(parse), parse);
		return FINE;
	}
	if ((parse->named && !parse->abbreviation) || (parse->seen & DATE))
		return BROKEN;
	local_now(parse, &local, &ignored);
	parse->west_s = west_of(zone, timestamp_to_date(local), parse);
	return FINE;
}

static enum outcome settle_time(struct parse *parse)
{
	enum outcome outcome = check_date(parse);

	if (outcome == FINE)
		outcome = check_meridian(parse);
	if (outcome != FINE)
		return outcome;
	if (clock_overflows(parse))
		return OUT_OF_FIELD;
	if (!has_all(parse->seen, TIME))
		return BROKEN;
	return settle_time_zone(parse);
}

static bool refuse(struct parse *parse, enum outcome outcome,
		   struct slice text, const char *type)
{
	int shown = text.length > 400 ? 400 : (int)text.length;
	const char *at = (const char *)text.at;

	switch (outcome) {
	case OUT_OF_FIELD:
	case OUT_OF_ORDER:
		error_set(parse->error, SQLSTATE_DATETIME_OVERFLOW,
			  "date/time field value out of range: \"%.*s\"",
			  shown, at);
		if (outcome == OUT_OF_ORDER)
			error_hint(parse->error, "Perhaps you need a "
				   "different \"datestyle\" setting.");
		return false;
	case ZONE_TOO_FAR:
		return error_set(parse->error, "22009",
				 "time zone displacement out of range: "
				 "\"%.*s\"", shown, at);
	case TOLD:
		return false;
	default:
		return error_set(parse->error, SQLSTATE_INVALID_DATETIME,
				 "invalid input syntax for type %s: \"%.*s\"",
				 type, shown, at);
	}
}

static bool run(struct parse *parse, struct slice text, bool time_only,
		const char *type, const struct type_settings *settings,
		struct error *error)
{
	enum outcome outcome = BROKEN;

	memset(parse, 0, sizeof(*parse));
	parse->settings = settings;
	parse->error = error;
	parse->time_only = time_only;
	if (words_cut(text, DATE_TEXT_BYTES_MAX, &parse->words))
		outcome = take_words(parse);
	if (outcome == FINE)
		outcome = time_only ? settle_time(parse)
				    : settle_date(parse);
	return outcome == FINE ? true : refuse(parse, outcome, text, type);
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
	struct parse parse;
	int64_t days;

	if (!run(&parse, text, false, "date", settings, error))
		return false;
	switch (parse.result) {
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
	days = days_of(&parse);
	if (days < DATE_FIRST || days >= DATE_END)
		return refuse_range("date", text, error);
	*ret = (int32_t)days;
	return true;
}

bool time_parse(struct slice text, const struct type_settings *settings,
		int64_t *ret, struct error *error)
{
	struct parse parse;

	if (!run(&parse, text, true, "time", settings, error))
		return false;
	*ret = clock_us(&parse);
	return true;
}

bool timetz_parse(struct slice text, const struct type_settings *settings,
		  struct timetz *ret, struct error *error)
{
	struct parse parse;

	if (!run(&parse, text, true, "time with time zone", settings, error))
		return false;
	*ret = (struct timetz){ clock_us(&parse), parse.west_s };
	return true;
}

static bool parse_timestamp(struct slice text, const char *type,
			    bool with_zone,
			    const struct type_settings *settings,
			    int64_t *ret, struct error *error)
{
	struct parse parse;
	int64_t days, ts;

	if (!run(&parse, text, false, type, settings, error))
		return false;
	if (parse.result == IS_EPOCH)
		*ret = UNIX_EPOCH_DAYS * DAY_US;
	else if (parse.result == IS_LATE)
		*ret = TIMESTAMP_INFINITY;
	else if (parse.result == IS_EARLY)
		*ret = TIMESTAMP_MINUS_INFINITY;
	if (parse.result != IS_DATE)
		return true;
	days = days_of(&parse);
	if (__builtin_mul_overflow(days, DAY_US, &ts) ||
	    __builtin_add_overflow(ts, clock_us(&parse), &ts) ||
	    (with_zone && __builtin_add_overflow(ts, parse.west_s * SECOND_US,
						 &ts)) ||
	    ts < TIMESTAMP_FIRST || ts >= TIMESTAMP_END)
		return refuse_range("timestamp", text, error);
	*ret = ts;
	return true;
}

bool timestamp_parse(struct slice text, const struct type_settings *settings,
		     int64_t *ret, struct error *error)
{
	return parse_timestamp(text, "timestamp", false, settings, ret,
			       error);
}

bool timestamptz_parse(struct slice text,
		       const struct type_settings *settings, int64_t *ret,
		       struct error *error)
{
	return parse_timestamp(text, "timestamp with time zone", true,
			       settings, ret, error);
}
