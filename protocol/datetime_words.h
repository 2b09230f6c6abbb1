/*
 * The words of a date, time or interval as a person wrote it, before anybody
 * knows what they mean. Shared by datetime_parse.c and interval_parse.c.
 *
 * Postgres cuts text the same way (its manual, appendix B.1), and what it
 * takes follows from that: "jan-08-1999", "20240229T0405", "1 day -2:03".
 */
#ifndef WEIR_PROTOCOL_DATETIME_WORDS_H
#define WEIR_PROTOCOL_DATETIME_WORDS_H

#include <stdint.h>

#include "protocol/bytes.h"

#define WORDS_MAX 25
#define DATE_TEXT_BYTES_MAX 153
#define INTERVAL_TEXT_BYTES_MAX 256

enum word_kind {
	WORD_NUMBER, /* "12", "12.5", ".5" */
	WORD_STRING, /* letters */
	WORD_DATE, /* with - / or . inside: a date, or a zone's name */
	WORD_TIME, /* "12:34:56.7" */
	WORD_ZONE, /* a sign and digits: an offset, or a number */
	WORD_SPECIAL, /* a sign and letters: "-infinity" */
};

struct word {
	enum word_kind kind;
	char *text; /* lower case, may be written to */
};

struct words {
	struct word at[WORDS_MAX];
	int count;
	char bytes[INTERVAL_TEXT_BYTES_MAX];
};

/* False: too long, too many words or a stray byte. */
bool words_cut(struct slice text, size_t bytes_max, struct words *);

enum token {
	TOKEN_UNKNOWN,
	TOKEN_IGNORED, /* "at", "on" */
	TOKEN_MONTH,
	TOKEN_WEEK_DAY,
	TOKEN_RESERVED, /* enum reserved */
	TOKEN_UNIT, /* enum unit */
	TOKEN_MERIDIAN, /* 'a' or 'p' */
	TOKEN_ERA, /* 1: BC */
	TOKEN_ISO_TIME, /* "t" */
	TOKEN_DAYLIGHT, /* "dst": an hour more */
	TOKEN_AGO,
};

enum reserved {
	RESERVED_EARLY,
	RESERVED_LATE,
	RESERVED_EPOCH,
	RESERVED_NOW,
	RESERVED_TODAY,
	RESERVED_TOMORROW,
	RESERVED_YESTERDAY,
	RESERVED_MIDNIGHT, /* "allballs": 00:00 UTC */
};

enum unit {
	UNIT_NONE,
	UNIT_MICROSECOND,
	UNIT_MILLISECOND,
	UNIT_SECOND,
	UNIT_MINUTE,
	UNIT_HOUR,
	UNIT_DAY,
	UNIT_WEEK,
	UNIT_MONTH,
	UNIT_QUARTER,
	UNIT_YEAR,
	UNIT_DECADE,
	UNIT_CENTURY,
	UNIT_MILLENNIUM,
	UNIT_ZONE,
	UNIT_ZONE_HOUR,
	UNIT_ZONE_MINUTE,
	UNIT_WEEK_DAY,
	UNIT_ISO_WEEK_DAY,
	UNIT_YEAR_DAY,
	UNIT_ISO_YEAR,
	UNIT_JULIAN,
	UNIT_EPOCH,
	UNIT_TIME, /* after "t" */
};

/* What a word means in a date, and in an interval or as a field. */
enum token words_in_date(const char *word, int *ret_value);
enum token words_in_interval(const char *word, int *ret_value);

/* strtol() in base 10; false: does not fit into 32 bits. */
bool words_number(const char *text, const char **ret_end, int32_t *ret);
bool words_number64(const char *text, const char **ret_end, int64_t *ret);

#endif
