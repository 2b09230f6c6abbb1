/*
 * A date or time on its way from text to fields: between datetime_parse.c,
 * which takes words from left to right, and datetime_number.c, which knows
 * what numbers mean. Nobody else includes this.
 */
#ifndef WEIR_PROTOCOL_DATETIME_READING_H
#define WEIR_PROTOCOL_DATETIME_READING_H

#include "protocol/datetime.h"
#include "protocol/datetime_words.h"

enum outcome {
	FINE,
	BROKEN, /* not a date at all */
	OUT_OF_FIELD, /* a field beyond its bounds */
	OUT_OF_ORDER, /* the same; month and day may be swapped */
	ZONE_TOO_FAR,
	TOLD, /* the error is filled already */
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

struct reading {
	const struct type_settings *settings;
	struct error *error;
	struct words words;
	bool time_only; /* for time and timetz */
	unsigned seen; /* fields of the words before */
	unsigned now; /* fields of this word */
	enum result result;
	enum unit prefix; /* "y" of "y2024" waits for its number */
	bool text_month, julian, two_digits, bc;
	char meridian; /* 'a', 'p' or 0 */
	int32_t year, month, day, year_day;
	int32_t hour, minute, second, us;
	int32_t west_s;
	const struct time_zone *named;
	const char *abbreviation; /* in `named`, one that changed */
};

static inline bool has_all(unsigned seen, unsigned fields)
{
	return (seen & fields) == fields;
}

/* ".5" to microseconds */
enum outcome reading_fraction(const char *text, int32_t *ret_us);

/* "+2", "-03:30", "+0530", "+01:02:03" */
enum outcome reading_offset(const char *text, int32_t *ret_west_s);

/* "12:34", "12:34:56.789" */
enum outcome reading_clock(struct reading *, const char *text);
bool reading_clock_overflows(const struct reading *);

/* Digits run together: yyyymmdd, yymmdd, hhmmss, hhmm. `seen` are the fields
 * that are not to be found in them. */
enum outcome reading_run(struct reading *, char *text, unsigned seen);

/* A number whose meaning follows from the fields seen. */
enum outcome reading_number(struct reading *, char *text, unsigned seen,
			    bool text_month);

/* Numbers and a month's name between - / or . */
enum outcome reading_date(struct reading *, char *text);

#endif
