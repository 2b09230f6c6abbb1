/*
 * Numbers in dates and times: what is not said by words follows from what is
 * there already, from how many digits there are, and from DateStyle.
 */
#include "protocol/datetime_reading.h"

#include <math.h>
#include <stdlib.h>

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
	return byte >= 'a' && byte <= 'z';
}

/* ".5" to microseconds */
enum outcome reading_fraction(const char *text, int32_t *ret_us)
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
enum outcome reading_offset(const char *text, int32_t *ret_west_s)
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
enum outcome reading_clock(struct reading *reading, const char *text)
{
	const char *end;
	enum outcome outcome = FINE;

	reading->now = TIME;
	reading->second = reading->us = 0;
	if (!words_number(text, &end, &reading->hour))
		return OUT_OF_FIELD;
	if (*end != ':')
		return BROKEN;
	if (!words_number(end + 1, &end, &reading->minute))
		return OUT_OF_FIELD;
	if (*end == '.') { /* mm:ss.fff */
		outcome = reading_fraction(end, &reading->us);
		reading->second = reading->minute;
		reading->minute = reading->hour;
		reading->hour = 0;
	} else if (*end == ':') {
		if (!words_number(end + 1, &end, &reading->second))
			return OUT_OF_FIELD;
		if (*end == '.')
			outcome = reading_fraction(end, &reading->us);
		else if (*end)
			return BROKEN;
	} else if (*end) {
		return BROKEN;
	}
	if (outcome != FINE)
		return outcome;
	if (reading->hour < 0 || reading->minute < 0 || reading->minute > 59 ||
	    reading->second < 0 || reading->second > 60)
		return OUT_OF_FIELD;
	return FINE;
}

bool reading_clock_overflows(const struct reading *reading)
{
	int64_t us = reading->hour * HOUR_US + reading->minute * MINUTE_US +
		     reading->second * SECOND_US + reading->us;

	return reading->hour < 0 || reading->hour > 24 || reading->minute < 0 ||
	       reading->minute > 59 || reading->second < 0 ||
	       reading->second > 60 || us > DAY_US;
}

/* --- numbers ---------------------------------------------------------------------- */

/* Run together: yyyymmdd, yymmdd, hhmmss, hhmm; the last two with fraction. */
enum outcome reading_run(struct reading *reading, char *text, unsigned seen)
{
	size_t length = strlen(text);
	char *point = strchr(text, '.');

	if (point) {
		char *end;

		reading->us = (int32_t)rint(strtod(point, &end) * 1000000);
		*point = 0;
		length = (size_t)(point - text);
	} else if (!has_all(seen, DATE) && length >= 6) {
		reading->now = DATE;
		reading->day = atoi(text + length - 2);
		text[length - 2] = 0;
		reading->month = atoi(text + length - 4);
		text[length - 4] = 0;
		reading->year = atoi(text);
		if (length == 6)
			reading->two_digits = true;
		return FINE;
	}
	if (has_all(seen, TIME) || (length != 6 && length != 4))
		return BROKEN;
	reading->now = TIME;
	reading->second = length == 6 ? atoi(text + 4) : 0;
	text[4] = 0;
	reading->minute = atoi(text + 2);
	text[2] = 0;
	reading->hour = atoi(text);
	return FINE;
}

static void set_year(struct reading *reading, int32_t value, size_t digits)
{
	reading->now = YEAR;
	reading->year = value;
	reading->two_digits = digits <= 2;
}

static void set_month(struct reading *reading, int32_t value)
{
	reading->now = MONTH;
	reading->month = value;
}

static void set_day(struct reading *reading, int32_t value)
{
	reading->now = DAY;
	reading->day = value;
}

/* The first number of a date. */
static void parse_first(struct reading *reading, int32_t value, size_t digits)
{
	if (digits >= 3 || reading->settings->date_order == 'Y')
		set_year(reading, value, digits);
	else if (reading->settings->date_order == 'D')
		set_day(reading, value);
	else
		set_month(reading, value);
}

static enum outcome parse_run_or_fraction(struct reading *reading, char *text,
					  const char *end, unsigned seen,
					  bool *ret_done)
{
	*ret_done = false;
	if (*end == '.' && end - text > 2) {
		*ret_done = true;
		return reading_run(reading, text, seen | DATE);
	}
	if (*end == '.')
		return reading_fraction(end, &reading->us);
	return *end ? BROKEN : FINE;
}

/* After a month that was a word, "8 Jan 99" is as good as "Jan 8 99". */
static void after_text_month(struct reading *reading, int32_t value,
			     size_t digits, bool has_year)
{
	if (has_year && digits >= 3 && reading->two_digits) {
		/* What was taken for the year was the day. */
		reading->now = DAY;
		reading->day = reading->year;
		reading->year = value;
		reading->two_digits = false;
	} else if (!has_year &&
		   (digits >= 3 || reading->settings->date_order == 'Y')) {
		set_year(reading, value, digits);
	} else {
		set_day(reading, value);
	}
}

/* A number whose meaning follows from what is there already. */
enum outcome reading_number(struct reading *reading, char *text, unsigned seen,
			    bool text_month)
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
	outcome = parse_run_or_fraction(reading, text, end, seen, &done);
	if (outcome != FINE || done)
		return outcome;
	if (digits == 3 && (seen & DATE) == YEAR && value >= 1 &&
	    value <= 366) {
		reading->now = YEAR_DAY | MONTH | DAY;
		reading->year_day = value;
		return FINE;
	}
	switch (seen & DATE) {
	case 0:
		parse_first(reading, value, digits);
		return FINE;
	case YEAR:
	case DAY:
		set_month(reading, value);
		return FINE;
	case MONTH:
	case YEAR | MONTH:
		if (text_month)
			after_text_month(reading, value, digits, seen & YEAR);
		else
			set_day(reading, value);
		return FINE;
	case MONTH | DAY:
		set_year(reading, value, digits);
		return FINE;
	case DATE:
		return reading_run(reading, text, seen);
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
static enum outcome take_text_months(struct reading *reading, char **parts,
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
		reading->month = value;
		*text_month = true;
		*seen |= MONTH;
		parts[i] = NULL;
	}
	return FINE;
}

enum outcome reading_date(struct reading *reading, char *text)
{
	char *parts[WORDS_MAX];
	int count = cut_date(text, parts);
	bool text_month = false;
	unsigned seen = reading->seen;
	enum outcome outcome =
		take_text_months(reading, parts, count, &seen, &text_month);

	if (outcome != FINE || count == 0)
		return BROKEN;
	for (int i = 0; i < count; i++) {
		if (!parts[i])
			continue;
		reading->now = 0;
		outcome = reading_number(reading, parts[i], seen, text_month);
		if (outcome != FINE)
			return outcome;
		if (seen & reading->now)
			return BROKEN;
		seen |= reading->now;
	}
	if ((seen & ~(unsigned)(YEAR_DAY | ZONE)) != DATE)
		return BROKEN;
	reading->now = seen & ~reading->seen;
	return FINE;
}
