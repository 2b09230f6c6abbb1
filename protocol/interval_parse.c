/*
 * What people write for intervals (Postgres manual, 8.5.4): "1 day 02:03",
 * "1-2", "@ 3 hours ago", and ISO 8601's "P1DT2H".
 *
 * Words are taken from right to left, so that a unit is known before its
 * number.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "protocol/datetime.h"
#include "protocol/datetime_words.h"

enum outcome { FINE, BROKEN, OUT_OF_FIELD };

struct parse {
	int64_t us;
	int64_t years, months; /* each fits 32 bits */
	int64_t days;
	uint32_t seen; /* units as bits */
	enum unit unit; /* of the number to come */
	uint32_t fields; /* the declared ones, 0x7FFF: all */
	bool ago;
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool fits_int(int64_t value)
{
	return value >= INT32_MIN && value <= INT32_MAX;
}

/* --- adding ---------------------------------------------------------------------- */

static bool add_to(int64_t *field, int64_t value, int64_t scale)
{
	return !__builtin_mul_overflow(value, scale, &value) &&
	       !__builtin_add_overflow(*field, value, field) &&
	       fits_int(*field);
}

/* A fraction of a unit so many microseconds long, rounded. */
static bool add_fraction(struct parse *parse, double fraction, int64_t scale)
{
	int64_t us;

	if (fraction == 0)
		return true;
	fraction *= (double)scale;
	us = (int64_t)fraction;
	fraction -= (double)us;
	if (fraction > 0.5)
		us++;
	else if (fraction < -0.5)
		us--;
	return !__builtin_add_overflow(parse->us, us, &parse->us);
}

static bool add_us(struct parse *parse, int64_t value, double fraction,
		   int64_t scale)
{
	return !__builtin_mul_overflow(value, scale, &value) &&
	       !__builtin_add_overflow(parse->us, value, &parse->us) &&
	       add_fraction(parse, fraction, scale);
}

/* A fraction of so many days: whole days, and the rest as time. */
static bool add_day_fraction(struct parse *parse, double fraction, int scale)
{
	int extra;

	if (fraction == 0)
		return true;
	fraction *= scale;
	extra = (int)fraction;
	fraction -= extra;
	return add_to(&parse->days, extra, 1) &&
	       add_fraction(parse, fraction, DAY_US);
}

static bool add_days(struct parse *parse, int64_t value, double fraction,
		     int scale)
{
	if (!add_to(&parse->days, value, scale))
		return false;
	return scale == 1 ? add_fraction(parse, fraction, DAY_US)
			  : add_day_fraction(parse, fraction, scale);
}

static bool add_months(struct parse *parse, int64_t value, double fraction)
{
	return add_to(&parse->months, value, 1) &&
	       add_day_fraction(parse, fraction, 30);
}

static bool add_years(struct parse *parse, int64_t value, double fraction,
		      int scale)
{
	return add_to(&parse->years, value, scale) &&
	       add_to(&parse->months, (int64_t)rint(fraction * scale * 12), 1);
}

static bool add_unit(struct parse *parse, enum unit unit, int64_t value,
		     double fraction)
{
	switch (unit) {
	case UNIT_MICROSECOND:
		return add_us(parse, value, fraction, 1);
	case UNIT_MILLISECOND:
		return add_us(parse, value, fraction, 1000);
	case UNIT_SECOND:
		return add_us(parse, value, fraction, SECOND_US);
	case UNIT_MINUTE:
		return add_us(parse, value, fraction, MINUTE_US);
	case UNIT_HOUR:
		return add_us(parse, value, fraction, HOUR_US);
	case UNIT_DAY:
		return add_days(parse, value, fraction, 1);
	case UNIT_WEEK:
		return add_days(parse, value, fraction, 7);
	case UNIT_MONTH:
		return add_months(parse, value, fraction);
	case UNIT_YEAR:
		return add_years(parse, value, fraction, 1);
	case UNIT_DECADE:
		return add_years(parse, value, fraction, 10);
	case UNIT_CENTURY:
		return add_years(parse, value, fraction, 100);
	default:
		return add_years(parse, value, fraction, 1000);
	}
}

/* --- words ---------------------------------------------------------------------------- */

/* What a number without a unit counts: the last declared field. */
static enum unit declared_unit(uint32_t fields)
{
	if (fields == 0x7FFF || fields & 1 << 12)
		return UNIT_SECOND;
	if (fields & 1 << 11)
		return UNIT_MINUTE;
	if (fields & 1 << 10)
		return UNIT_HOUR;
	if (fields & 1 << 3)
		return UNIT_DAY;
	if (fields & 1 << 1)
		return UNIT_MONTH;
	return UNIT_YEAR;
}

static enum outcome parse_fraction(const char *text, double *ret)
{
	char *end;

	for (const char *at = text + 1; *at; at++)
		if (!is_digit(*at))
			return BROKEN;
	*ret = text[1] ? strtod(text, &end) : 0;
	return FINE;
}

/* "hh:mm[:ss[.fff]]" or "mm:ss.fff" */
static enum outcome parse_clock(struct parse *parse, const char *text,
				bool negative)
{
	int64_t hours, us = 0;
	int32_t minutes, seconds = 0;
	double fraction = 0;
	const char *end;

	if (!words_number64(text, &end, &hours))
		return OUT_OF_FIELD;
	if (*end != ':')
		return BROKEN;
	if (!words_number(end + 1, &end, &minutes))
		return OUT_OF_FIELD;
	if (*end == ':' && !words_number(end + 1, &end, &seconds))
		return OUT_OF_FIELD;
	else if (*end == '.' ||
		 (!*end && parse->fields == (1 << 11 | 1 << 12) &&
		  strchr(text, ':') == strrchr(text, ':'))) {
		if (strchr(text, ':') == strrchr(text, ':')) {
			if (!fits_int(hours))
				return OUT_OF_FIELD;
			seconds = minutes;
			minutes = (int32_t)hours;
			hours = 0;
		}
	}
	if (*end == '.' && parse_fraction(end, &fraction) != FINE)
		return BROKEN;
	if (*end && *end != '.')
		return BROKEN;
	if (hours < 0 || minutes < 0 || minutes > 59 || seconds < 0 ||
	    seconds > 60)
		return OUT_OF_FIELD;
	if (__builtin_mul_overflow(hours, HOUR_US, &us) ||
	    __builtin_add_overflow(us,
				   minutes * MINUTE_US + seconds * SECOND_US +
					   (int64_t)rint(fraction * 1000000),
				   &us))
		return OUT_OF_FIELD;
	parse->us = negative ? -us : us;
	return FINE;
}

static uint32_t bit(enum unit unit)
{
	return UINT32_C(1) << unit;
}

#define CLOCK_BITS \
	(bit(UNIT_HOUR) | bit(UNIT_MINUTE) | bit(UNIT_SECOND) | \
	 bit(UNIT_MILLISECOND) | bit(UNIT_MICROSECOND))

static enum outcome mark(struct parse *parse, uint32_t bits)
{
	if (parse->seen & bits)
		return BROKEN;
	parse->seen |= bits;
	return FINE;
}

/* SQL's "years-months" */
static enum outcome parse_years_months(struct parse *parse, int64_t years,
				       const char *minus, bool negative)
{
	const char *end;
	int32_t months;

	if (!words_number(minus + 1, &end, &months) || months < 0 ||
	    months >= 12)
		return OUT_OF_FIELD;
	if (*end)
		return BROKEN;
	parse->unit = UNIT_MONTH;
	if (__builtin_mul_overflow(years, 12, &years) ||
	    __builtin_add_overflow(years, negative ? -months : months,
				   &years) ||
	    !add_to(&parse->months, years, 1))
		return OUT_OF_FIELD;
	return mark(parse, bit(UNIT_MONTH));
}

static enum outcome parse_number(struct parse *parse, const char *text)
{
	bool negative = text[0] == '-';
	const char *end;
	double fraction = 0;
	uint32_t bits;
	enum unit unit;
	int64_t value;

	if (parse->unit == UNIT_NONE)
		parse->unit = declared_unit(parse->fields);
	if (!words_number64(text, &end, &value))
		return OUT_OF_FIELD;
	if (*end == '-')
		return parse_years_months(parse, value, end, negative);
	if (*end == '.' && parse_fraction(end, &fraction) != FINE)
		return BROKEN;
	if (*end && *end != '.')
		return BROKEN;
	if (negative)
		fraction = -fraction;
	unit = parse->unit;
	if (unit > UNIT_MILLENNIUM || unit == UNIT_QUARTER)
		return BROKEN;
	bits = bit(unit);
	/* Subseconds leave no room for milliseconds. */
	if (unit == UNIT_SECOND && fraction != 0)
		bits |= bit(UNIT_MILLISECOND) | bit(UNIT_MICROSECOND);
	if (!add_unit(parse, unit, value, fraction))
		return OUT_OF_FIELD;
	/* "1 02:03" and "1 2 hours" leave days to the left. */
	if (unit == UNIT_HOUR)
		parse->unit = UNIT_DAY;
	return mark(parse, bits);
}

static enum outcome parse_unit(struct parse *parse, const char *text)
{
	int value = 0;

	switch (words_in_interval(text, &value)) {
	case TOKEN_IGNORED:
		return FINE;
	case TOKEN_UNIT:
		parse->unit = (enum unit)value;
		return FINE;
	case TOKEN_AGO:
		parse->ago = true;
		parse->unit = UNIT_ZONE; /* no number may follow */
		return FINE;
	default:
		return BROKEN;
	}
}

static enum outcome on_clock(struct parse *parse, const char *text,
			     bool negative)
{
	enum outcome outcome;
	int64_t before = parse->us;

	outcome = parse_clock(parse, text, negative);
	if (outcome == FINE)
		outcome = mark(parse, CLOCK_BITS);
	if (outcome == FINE)
		parse->unit = UNIT_DAY;
	else
		parse->us = before;
	return outcome;
}

static enum outcome take_word(struct parse *parse, const struct word *word)
{
	switch (word->kind) {
	case WORD_TIME:
		return on_clock(parse, word->text, false);
	case WORD_ZONE:
		/* A sign and a time, or only a number. */
		if (strchr(word->text + 1, ':') &&
		    on_clock(parse, word->text + 1, word->text[0] == '-') ==
			    FINE)
			return FINE;
		return parse_number(parse, word->text);
	case WORD_DATE:
	case WORD_NUMBER:
		return parse_number(parse, word->text);
	case WORD_STRING:
	case WORD_SPECIAL:
		return parse_unit(parse, word->text);
	}
	return BROKEN;
}

static bool negate(struct parse *parse)
{
	if (parse->us == INT64_MIN)
		return false;
	parse->us = -parse->us;
	parse->days = -parse->days;
	parse->months = -parse->months;
	parse->years = -parse->years;
	return true;
}

static enum outcome parse_words(struct parse *parse, struct slice text)
{
	struct words words;

	if (!words_cut(text, INTERVAL_TEXT_BYTES_MAX, &words))
		return BROKEN;
	for (int i = words.count - 1; i >= 0; i--) {
		enum outcome outcome = take_word(parse, &words.at[i]);

		if (outcome != FINE)
			return outcome;
	}
	if (parse->seen == 0)
		return BROKEN;
	return parse->ago && !negate(parse) ? OUT_OF_FIELD : FINE;
}

/* --- ISO 8601 ----------------------------------------------------------------------------- */

static enum outcome iso_number(const char **at, int64_t *ret_value,
			       double *ret_fraction)
{
	char *end;
	double value;

	if (!is_digit(**at) && **at != '-' && **at != '.')
		return BROKEN;
	errno = 0;
	value = strtod(*at, &end);
	if (end == *at || errno)
		return BROKEN;
	if (!(value >= -1e15 && value <= 1e15))
		return OUT_OF_FIELD;
	*at = end;
	*ret_value = (int64_t)value;
	*ret_fraction = value - (double)*ret_value;
	return FINE;
}

/* Digits before point or end: eight are yyyymmdd, six hhmmss. */
static size_t width(const char *at)
{
	return strspn(at + (*at == '-'), "0123456789");
}

static enum unit iso_unit(char letter, bool time)
{
	switch (letter) {
	case 'Y':
		return time ? UNIT_NONE : UNIT_YEAR;
	case 'M':
		return time ? UNIT_MINUTE : UNIT_MONTH;
	case 'W':
		return time ? UNIT_NONE : UNIT_WEEK;
	case 'D':
		return time ? UNIT_NONE : UNIT_DAY;
	case 'H':
		return time ? UNIT_HOUR : UNIT_NONE;
	case 'S':
		return time ? UNIT_SECOND : UNIT_NONE;
	}
	return UNIT_NONE;
}

static bool add_basic(struct parse *parse, int64_t value, double fraction,
		      bool time)
{
	if (time)
		return add_us(parse, value / 10000, 0, HOUR_US) &&
		       add_us(parse, value / 100 % 100, 0, MINUTE_US) &&
		       add_us(parse, value % 100, 0, SECOND_US) &&
		       add_fraction(parse, fraction, 1);
	return add_to(&parse->years, value / 10000, 1) &&
	       add_to(&parse->months, value / 100 % 100, 1) &&
	       add_to(&parse->days, value % 100, 1) &&
	       add_fraction(parse, fraction, DAY_US);
}

/* "0001-02-03" or "04:05:06": three parts, the later ones may miss. `at` is
 * behind the first part. */
static enum outcome iso_parts(struct parse *parse, const char **at,
			      int64_t value, double fraction, bool time)
{
	static const enum unit dates[] = { UNIT_YEAR, UNIT_MONTH, UNIT_DAY };
	static const enum unit times[] = { UNIT_HOUR, UNIT_MINUTE,
					   UNIT_SECOND };
	char separator = time ? ':' : '-';

	for (int i = 0;; i++) {
		enum outcome outcome;

		if (!add_unit(parse, time ? times[i] : dates[i], value,
			      fraction))
			return OUT_OF_FIELD;
		if (!**at || (!time && **at == 'T'))
			return FINE;
		if (**at != separator || i == 2)
			return BROKEN;
		++*at;
		outcome = iso_number(at, &value, &fraction);
		if (outcome != FINE)
			return outcome;
	}
}

static enum outcome parse_iso(struct parse *parse, const char *at)
{
	bool time = false, any = false;

	if (strlen(at) < 2 || *at++ != 'P')
		return BROKEN;
	while (*at) {
		const char *start = at;
		enum outcome outcome;
		enum unit unit;
		double fraction;
		int64_t value;

		if (*at == 'T') {
			time = true;
			any = false;
			at++;
			continue;
		}
		outcome = iso_number(&at, &value, &fraction);
		if (outcome != FINE)
			return outcome;
		unit = iso_unit(*at, time);
		if (unit != UNIT_NONE) {
			if (!add_unit(parse, unit, value, fraction))
				return OUT_OF_FIELD;
			at++;
		} else if ((!*at || (!time && *at == 'T')) && !any &&
			   width(start) == (time ? 6 : 8)) {
			if (!add_basic(parse, value, fraction, time))
				return OUT_OF_FIELD;
		} else if (!any && (!*at || *at == (time ? ':' : '-') ||
				    (!time && *at == 'T'))) {
			outcome = iso_parts(parse, &at, value, fraction, time);
			if (outcome != FINE)
				return outcome;
		} else {
			return BROKEN;
		}
		any = true;
	}
	return FINE;
}

static bool refuse(enum outcome outcome, struct slice text, struct error *error)
{
	int shown = text.length > 400 ? 400 : (int)text.length;

	if (outcome == OUT_OF_FIELD)
		return error_set(error, "22015",
				 "interval field value out of range: \"%.*s\"",
				 shown, (const char *)text.at);
	return error_set(error, SQLSTATE_INVALID_DATETIME,
			 "invalid input syntax for type interval: \"%.*s\"",
			 shown, (const char *)text.at);
}

static void parse_init(struct parse *parse, int32_t typmod)
{
	*parse = (struct parse){
		.fields = typmod < 0 ? 0x7FFF : (uint32_t)typmod >> 16 & 0x7FFF,
	};
}

bool interval_parse(struct slice text, int32_t typmod, struct interval *ret,
		    struct error *error)
{
	struct parse parse;
	enum outcome outcome;
	int64_t months;

	parse_init(&parse, typmod);
	outcome = parse_words(&parse, text);
	if (outcome == BROKEN && text.length < 256) {
		char copy[256] = "";

		memcpy(copy, text.at, text.length);
		parse_init(&parse, typmod);
		outcome = parse_iso(&parse, copy);
	}
	if (outcome != FINE)
		return refuse(outcome, text, error);
	months = parse.years * 12 + parse.months;
	if (!fits_int(months))
		return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
				 "interval out of range");
	*ret = (struct interval){ parse.us, (int32_t)parse.days,
				  (int32_t)months };
	return true;
}
