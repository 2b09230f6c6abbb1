/*
 * Formats of to_char(), to_date() and to_timestamp(), taken apart: a row of
 * keywords and of text that stands for itself (Postgres manual, section 9.8).
 * Keywords are matched longest first, in any case.
 */
#ifndef WEIR_POOL_SQLITE_FUNCTION_TO_CHAR_H
#define WEIR_POOL_SQLITE_FUNCTION_TO_CHAR_H

#include "pool/sqlite/function_time.h"

enum field {
	F_YEAR, F_YEAR3, F_YEAR2, F_YEAR1, F_YEAR_COMMA, F_ISO_YEAR,
	F_ISO_YEAR3, F_ISO_YEAR2, F_ISO_YEAR1, F_CENTURY, F_ERA, F_ERA_DOTS,
	F_MONTH_NAME, F_MONTH_SHORT, F_MONTH, F_DAY_NAME, F_DAY_SHORT,
	F_DAY_OF_YEAR, F_ISO_DAY_OF_YEAR, F_DAY, F_WEEK_DAY, F_ISO_WEEK_DAY,
	F_WEEK_OF_MONTH, F_WEEK, F_ISO_WEEK, F_JULIAN, F_QUARTER, F_ROMAN,
	F_HOUR24, F_HOUR12, F_MINUTE, F_SECOND, F_MS, F_US, F_FRACTION,
	F_SECONDS_OF_DAY, F_MERIDIEM, F_MERIDIEM_DOTS, F_ZONE, F_ZONE_HOURS,
	F_ZONE_MINUTES, F_OFFSET,
};

struct keyword {
	const char *name;	/* upper case */
	enum field field;
};

/* One piece of a format. */
struct piece {
	const struct keyword *keyword;	/* NULL: literal */
	struct slice text;		/* as written */
	bool quoted;			/* literal: a backslash hides the next */
	bool fill;			/* FM: no padding */
	bool ordinal;			/* TH behind it */
	bool ordinal_upper;
	bool digits_follow;		/* to_date(): the next is a number */
};

struct format {
	const uint8_t *at;
	const uint8_t *end;
};

/* The keyword at the cursor; NULL: there is none. */
const struct keyword *format_match(const struct format *);

/* The next piece; false at the end. */
bool format_take(struct format *, struct piece *ret);

/* A literal's characters, one by one; an empty slice is the end. */
struct slice piece_next(const struct piece *, size_t *place);

extern const char *const month_names[12];
extern const char *const day_names[7];	/* Sunday first */

int functions_from_char(sqlite3 *, struct functions *);

#endif
