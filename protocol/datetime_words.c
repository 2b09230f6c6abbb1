#include "protocol/datetime_words.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

/* Words are known by their first ten letters, as in Postgres. */
#define WORD_LETTERS 10

struct keyword {
	char word[WORD_LETTERS + 1];
	uint8_t token;
	uint8_t value;
};

/* Both tables in byte order. */
/* clang-format off */
static const struct keyword in_dates[] = {
	{ "-infinity", TOKEN_RESERVED, RESERVED_EARLY },
	{ "ad", TOKEN_ERA, 0 },
	{ "allballs", TOKEN_RESERVED, RESERVED_MIDNIGHT },
	{ "am", TOKEN_MERIDIAN, 'a' },
	{ "apr", TOKEN_MONTH, 4 },
	{ "april", TOKEN_MONTH, 4 },
	{ "at", TOKEN_IGNORED, 0 },
	{ "aug", TOKEN_MONTH, 8 },
	{ "august", TOKEN_MONTH, 8 },
	{ "bc", TOKEN_ERA, 1 },
	{ "d", TOKEN_UNIT, UNIT_DAY },
	{ "dec", TOKEN_MONTH, 12 },
	{ "december", TOKEN_MONTH, 12 },
	{ "dow", TOKEN_UNIT, UNIT_WEEK_DAY },
	{ "doy", TOKEN_UNIT, UNIT_YEAR_DAY },
	{ "dst", TOKEN_DAYLIGHT, 0 },
	{ "epoch", TOKEN_RESERVED, RESERVED_EPOCH },
	{ "feb", TOKEN_MONTH, 2 },
	{ "february", TOKEN_MONTH, 2 },
	{ "fri", TOKEN_WEEK_DAY, 5 },
	{ "friday", TOKEN_WEEK_DAY, 5 },
	{ "h", TOKEN_UNIT, UNIT_HOUR },
	{ "infinity", TOKEN_RESERVED, RESERVED_LATE },
	{ "isodow", TOKEN_UNIT, UNIT_ISO_WEEK_DAY },
	{ "isoyear", TOKEN_UNIT, UNIT_ISO_YEAR },
	{ "j", TOKEN_UNIT, UNIT_JULIAN },
	{ "jan", TOKEN_MONTH, 1 },
	{ "january", TOKEN_MONTH, 1 },
	{ "jd", TOKEN_UNIT, UNIT_JULIAN },
	{ "jul", TOKEN_MONTH, 7 },
	{ "julian", TOKEN_UNIT, UNIT_JULIAN },
	{ "july", TOKEN_MONTH, 7 },
	{ "jun", TOKEN_MONTH, 6 },
	{ "june", TOKEN_MONTH, 6 },
	{ "m", TOKEN_UNIT, UNIT_MONTH },
	{ "mar", TOKEN_MONTH, 3 },
	{ "march", TOKEN_MONTH, 3 },
	{ "may", TOKEN_MONTH, 5 },
	{ "mm", TOKEN_UNIT, UNIT_MINUTE },
	{ "mon", TOKEN_WEEK_DAY, 1 },
	{ "monday", TOKEN_WEEK_DAY, 1 },
	{ "nov", TOKEN_MONTH, 11 },
	{ "november", TOKEN_MONTH, 11 },
	{ "now", TOKEN_RESERVED, RESERVED_NOW },
	{ "oct", TOKEN_MONTH, 10 },
	{ "october", TOKEN_MONTH, 10 },
	{ "on", TOKEN_IGNORED, 0 },
	{ "pm", TOKEN_MERIDIAN, 'p' },
	{ "s", TOKEN_UNIT, UNIT_SECOND },
	{ "sat", TOKEN_WEEK_DAY, 6 },
	{ "saturday", TOKEN_WEEK_DAY, 6 },
	{ "sep", TOKEN_MONTH, 9 },
	{ "sept", TOKEN_MONTH, 9 },
	{ "september", TOKEN_MONTH, 9 },
	{ "sun", TOKEN_WEEK_DAY, 0 },
	{ "sunday", TOKEN_WEEK_DAY, 0 },
	{ "t", TOKEN_ISO_TIME, UNIT_TIME },
	{ "thu", TOKEN_WEEK_DAY, 4 },
	{ "thur", TOKEN_WEEK_DAY, 4 },
	{ "thurs", TOKEN_WEEK_DAY, 4 },
	{ "thursday", TOKEN_WEEK_DAY, 4 },
	{ "today", TOKEN_RESERVED, RESERVED_TODAY },
	{ "tomorrow", TOKEN_RESERVED, RESERVED_TOMORROW },
	{ "tue", TOKEN_WEEK_DAY, 2 },
	{ "tues", TOKEN_WEEK_DAY, 2 },
	{ "tuesday", TOKEN_WEEK_DAY, 2 },
	{ "wed", TOKEN_WEEK_DAY, 3 },
	{ "wednesday", TOKEN_WEEK_DAY, 3 },
	{ "weds", TOKEN_WEEK_DAY, 3 },
	{ "y", TOKEN_UNIT, UNIT_YEAR },
	{ "yesterday", TOKEN_RESERVED, RESERVED_YESTERDAY },
};

static const struct keyword in_intervals[] = {
	{ "@", TOKEN_IGNORED, 0 },
	{ "ago", TOKEN_AGO, 0 },
	{ "c", TOKEN_UNIT, UNIT_CENTURY },
	{ "cent", TOKEN_UNIT, UNIT_CENTURY },
	{ "centuries", TOKEN_UNIT, UNIT_CENTURY },
	{ "century", TOKEN_UNIT, UNIT_CENTURY },
	{ "d", TOKEN_UNIT, UNIT_DAY },
	{ "day", TOKEN_UNIT, UNIT_DAY },
	{ "days", TOKEN_UNIT, UNIT_DAY },
	{ "dec", TOKEN_UNIT, UNIT_DECADE },
	{ "decade", TOKEN_UNIT, UNIT_DECADE },
	{ "decades", TOKEN_UNIT, UNIT_DECADE },
	{ "decs", TOKEN_UNIT, UNIT_DECADE },
	{ "h", TOKEN_UNIT, UNIT_HOUR },
	{ "hour", TOKEN_UNIT, UNIT_HOUR },
	{ "hours", TOKEN_UNIT, UNIT_HOUR },
	{ "hr", TOKEN_UNIT, UNIT_HOUR },
	{ "hrs", TOKEN_UNIT, UNIT_HOUR },
	{ "m", TOKEN_UNIT, UNIT_MINUTE },
	{ "microsecon", TOKEN_UNIT, UNIT_MICROSECOND },
	{ "mil", TOKEN_UNIT, UNIT_MILLENNIUM },
	{ "millennia", TOKEN_UNIT, UNIT_MILLENNIUM },
	{ "millennium", TOKEN_UNIT, UNIT_MILLENNIUM },
	{ "millisecon", TOKEN_UNIT, UNIT_MILLISECOND },
	{ "mils", TOKEN_UNIT, UNIT_MILLENNIUM },
	{ "min", TOKEN_UNIT, UNIT_MINUTE },
	{ "mins", TOKEN_UNIT, UNIT_MINUTE },
	{ "minute", TOKEN_UNIT, UNIT_MINUTE },
	{ "minutes", TOKEN_UNIT, UNIT_MINUTE },
	{ "mon", TOKEN_UNIT, UNIT_MONTH },
	{ "mons", TOKEN_UNIT, UNIT_MONTH },
	{ "month", TOKEN_UNIT, UNIT_MONTH },
	{ "months", TOKEN_UNIT, UNIT_MONTH },
	{ "ms", TOKEN_UNIT, UNIT_MILLISECOND },
	{ "msec", TOKEN_UNIT, UNIT_MILLISECOND },
	{ "mseconds", TOKEN_UNIT, UNIT_MILLISECOND },
	{ "msecs", TOKEN_UNIT, UNIT_MILLISECOND },
	{ "qtr", TOKEN_UNIT, UNIT_QUARTER },
	{ "quarter", TOKEN_UNIT, UNIT_QUARTER },
	{ "s", TOKEN_UNIT, UNIT_SECOND },
	{ "sec", TOKEN_UNIT, UNIT_SECOND },
	{ "second", TOKEN_UNIT, UNIT_SECOND },
	{ "seconds", TOKEN_UNIT, UNIT_SECOND },
	{ "secs", TOKEN_UNIT, UNIT_SECOND },
	{ "timezone", TOKEN_UNIT, UNIT_ZONE },
	{ "timezone_h", TOKEN_UNIT, UNIT_ZONE_HOUR },
	{ "timezone_m", TOKEN_UNIT, UNIT_ZONE_MINUTE },
	{ "us", TOKEN_UNIT, UNIT_MICROSECOND },
	{ "usec", TOKEN_UNIT, UNIT_MICROSECOND },
	{ "useconds", TOKEN_UNIT, UNIT_MICROSECOND },
	{ "usecs", TOKEN_UNIT, UNIT_MICROSECOND },
	{ "w", TOKEN_UNIT, UNIT_WEEK },
	{ "week", TOKEN_UNIT, UNIT_WEEK },
	{ "weeks", TOKEN_UNIT, UNIT_WEEK },
	{ "y", TOKEN_UNIT, UNIT_YEAR },
	{ "year", TOKEN_UNIT, UNIT_YEAR },
	{ "years", TOKEN_UNIT, UNIT_YEAR },
	{ "yr", TOKEN_UNIT, UNIT_YEAR },
	{ "yrs", TOKEN_UNIT, UNIT_YEAR },
};
/* clang-format on */

static int compare(const void *key, const void *row)
{
	return strncmp(key, ((const struct keyword *)row)->word, WORD_LETTERS);
}

static enum token look_up(const char *word, const struct keyword *table,
			  size_t count, int *ret_value)
{
	const struct keyword *found =
		bsearch(word, table, count, sizeof(*table), compare);

	if (!found)
		return TOKEN_UNKNOWN;
	*ret_value = found->value;
	return (enum token)found->token;
}

enum token words_in_date(const char *word, int *ret_value)
{
	return look_up(word, in_dates, sizeof(in_dates) / sizeof(in_dates[0]),
		       ret_value);
}

enum token words_in_interval(const char *word, int *ret_value)
{
	return look_up(word, in_intervals,
		       sizeof(in_intervals) / sizeof(in_intervals[0]),
		       ret_value);
}

bool words_number64(const char *text, const char **ret_end, int64_t *ret)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	*ret_end = end;
	*ret = value;
	return errno != ERANGE;
}

bool words_number(const char *text, const char **ret_end, int32_t *ret)
{
	int64_t value;

	if (!words_number64(text, ret_end, &value) || value > INT32_MAX ||
	    value < INT32_MIN)
		return false;
	*ret = (int32_t)value;
	return true;
}

/* --- cutting -------------------------------------------------------------------- */

struct cutter {
	const uint8_t *at, *end;
	char *out, *out_end;
	bool full;
};

static bool is_digit(int byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(int byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_space(int byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* The next byte, 0 at the end. */
static int peek(const struct cutter *in)
{
	return in->at < in->end ? *in->at : 0;
}

static void put(struct cutter *in, char byte)
{
	if (in->out >= in->out_end)
		in->full = true;
	else
		*in->out++ = byte;
}

static void copy(struct cutter *in)
{
	int byte = *in->at++;

	put(in, (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte));
}

static void copy_digits(struct cutter *in)
{
	while (is_digit(peek(in)))
		copy(in);
}

static void copy_letters(struct cutter *in)
{
	while (is_letter(peek(in)))
		copy(in);
}

/* After digits and one of - / . */
static enum word_kind cut_date(struct cutter *in)
{
	int delimiter = peek(in);
	enum word_kind kind = WORD_DATE;

	copy(in);
	if (!is_digit(peek(in))) {
		while (is_digit(peek(in)) || is_letter(peek(in)) ||
		       (peek(in) && peek(in) == delimiter))
			copy(in);
		return WORD_DATE;
	}
	/* With one point it may be a number with a fraction. */
	if (delimiter == '.')
		kind = WORD_NUMBER;
	copy_digits(in);
	if (peek(in) == delimiter) {
		kind = WORD_DATE;
		while (is_digit(peek(in)) || peek(in) == delimiter)
			copy(in);
	}
	return kind;
}

static enum word_kind cut_number(struct cutter *in)
{
	copy_digits(in);
	if (peek(in) == ':') {
		while (is_digit(peek(in)) || peek(in) == ':' || peek(in) == '.')
			copy(in);
		return WORD_TIME;
	}
	if (peek(in) == '-' || peek(in) == '/' || peek(in) == '.')
		return cut_date(in);
	return WORD_NUMBER;
}

/* Letters; with digits or signs behind them a date or the name of a zone,
 * unless the letters are a word of their own ("t12", "jan8"). */
static enum word_kind cut_letters(struct cutter *in, const char *start)
{
	bool goes_on;
	int ignored;

	copy_letters(in);
	goes_on = peek(in) == '-' || peek(in) == '/' || peek(in) == '.';
	if (!goes_on && (peek(in) == '+' || is_digit(peek(in))) &&
	    in->out < in->out_end) {
		*in->out = 0;
		goes_on = words_in_date(start, &ignored) == TOKEN_UNKNOWN;
	}
	if (!goes_on)
		return WORD_STRING;
	do
		copy(in);
	while (is_digit(peek(in)) || is_letter(peek(in)) ||
	       (peek(in) && strchr("+-/_.:", peek(in))));
	return WORD_DATE;
}

static bool cut_signed(struct cutter *in, enum word_kind *ret_kind)
{
	copy(in);
	while (is_space(peek(in)))
		in->at++;
	if (is_digit(peek(in))) {
		*ret_kind = WORD_ZONE;
		while (is_digit(peek(in)) ||
		       (peek(in) && strchr(":.-", peek(in))))
			copy(in);
		return true;
	}
	*ret_kind = WORD_SPECIAL;
	copy_letters(in);
	return in->out[-1] != '+' && in->out[-1] != '-';
}

static bool is_mark(int byte)
{
	return byte > ' ' && byte < 127 && !is_digit(byte) && !is_letter(byte);
}

/* One word; false: a byte that begins none. */
static bool cut_word(struct cutter *in, const char *start,
		     enum word_kind *ret_kind)
{
	int byte = peek(in);

	if (is_digit(byte)) {
		*ret_kind = cut_number(in);
	} else if (byte == '.') {
		*ret_kind = WORD_NUMBER;
		copy(in);
		copy_digits(in);
	} else if (is_letter(byte)) {
		*ret_kind = cut_letters(in, start);
	} else if (byte == '+' || byte == '-') {
		return cut_signed(in, ret_kind);
	} else {
		return false;
	}
	return true;
}

bool words_cut(struct slice text, size_t bytes_max, struct words *words)
{
	struct cutter in = { .at = text.at,
			     .end = text.at + text.length,
			     .out = words->bytes,
			     .out_end = words->bytes + bytes_max };

	words->count = 0;
	while (in.at < in.end) {
		struct word *word = &words->at[words->count];
		int byte = peek(&in);

		if (is_space(byte) || (is_mark(byte) && byte != '.' &&
				       byte != '+' && byte != '-')) {
			in.at++;
			continue;
		}
		if (words->count == WORDS_MAX)
			return false;
		word->text = in.out;
		if (!cut_word(&in, word->text, &word->kind))
			return false;
		put(&in, 0);
		words->count++;
		if (in.full)
			return false;
	}
	return true;
}
