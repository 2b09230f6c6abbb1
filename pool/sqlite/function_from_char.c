/*
 * to_date() and to_timestamp(): reading what a format describes. As lenient as
 * Postgres: a separator stands for any other, blanks do not matter.
 */
#include "pool/sqlite/function_to_char.h"

struct scan {
	struct call *call;
	const uint8_t *at;
	const uint8_t *end;
	struct calendar found;
	int pm;			/* -1 unknown, 0 AM, 1 PM */
	int before_christ;	/* BC was read */
	bool half_day;		/* the hour is one of twelve */
	int64_t day_of_year;
	bool bc;
	int offset_sign;	/* 0: no offset was read */
	int64_t offset_hours, offset_minutes;
};

#define OFFSET_HOURS_MAX 15

static bool is_separator(uint8_t c)
{
	return c < 0x80 && !(c >= '0' && c <= '9') &&
	       !((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool fail_value(struct scan *scan, const struct piece *piece)
{
	error_set(scan->call->error, SQLSTATE_INVALID_DATETIME,
		  "invalid value \"%.*s\" for \"%.*s\"",
		  (int)(scan->end - scan->at > 32 ? 32 : scan->end - scan->at),
		  (const char *)scan->at, (int)piece->text.length,
		  (const char *)piece->text.at);
	return false;
}

static bool fail_short(struct scan *scan, const struct piece *piece,
		       int width, int left)
{
	struct error *error = scan->call->error;

	error_set(error, SQLSTATE_INVALID_DATETIME,
		  "source string too short for \"%.*s\" formatting field",
		  (int)piece->text.length, (const char *)piece->text.at);
	error_detail(error, "Field requires %d characters, but only %d remain.",
		     width, left);
	error_hint(error, "%s", "If your source string is not fixed-width, try "
		   "using the \"FM\" modifier.");
	return false;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A sign and digits, as strtol() takes them, before `end`; where no digit
 * stands nothing is read. */
static int64_t scan_digits(struct scan *scan, const uint8_t *end)
{
	const uint8_t *at = scan->at, *first;
	bool minus = at < end && *at == '-';
	int64_t value = 0;

	at += at < end && (*at == '-' || *at == '+');
	for (first = at; at < end && *at >= '0' && *at <= '9'; at++)
		value = value > INT32_MAX ? value : value * 10 + (*at - '0');
	if (at > first)
		scan->at = at;
	return minus ? -value : value;
}

/*
 * A whole number, as Postgres reads it: exactly `width` characters where what
 * follows in the format is a number too, else as many digits as there are.
 * The length that is returned counts the blanks before it.
 */
static bool read_int(struct scan *scan, const struct piece *piece, int width,
		     int64_t *ret, int *ret_length)
{
	const uint8_t *start = scan->at, *first, *end = scan->end;
	bool fixed = piece->digits_follow && !piece->fill;

	while (scan->at < end && is_blank(*scan->at))
		scan->at++;
	first = scan->at;
	if (fixed && end - first < width)
		return fail_short(scan, piece, width, (int)(end - first));
	*ret = scan_digits(scan, fixed ? first + width : end);
	if (scan->at == first || (fixed && scan->at != first + width)) {
		scan->at = first;
		return fail_value(scan, piece);
	}
	if (*ret > INT32_MAX || *ret < INT32_MIN)
		return error_set(scan->call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "value for \"%.*s\" in source string is out "
				 "of range", (int)piece->text.length,
				 (const char *)piece->text.at);
	*ret_length = (int)(scan->at - start);
	return true;
}

static bool read_name(struct scan *scan, const struct piece *piece,
		      const char *const *names, int count, size_t length,
		      int *ret)
{
	for (int i = 0; i < count; i++) {
		size_t size = strlen(names[i]);

		if (length && size > length)
			size = length;
		if ((size_t)(scan->end - scan->at) >= size &&
		    !strncasecmp((const char *)scan->at, names[i], size)) {
			scan->at += size;
			*ret = i;
			return true;
		}
	}
	return fail_value(scan, piece);
}

/* Of a second; `unit`: so many digits are a whole number of what is meant. */
static bool read_fraction(struct scan *scan, const struct piece *piece,
			  int places, int unit)
{
	int64_t value;
	int length;

	if (!read_int(scan, piece, places, &value, &length))
		return false;
	for (; length < unit; length++)
		value *= 10;
	for (; unit < 6; unit++)
		value *= 10;
	scan->found.us = value < 0 || value >= SECOND_US ? -1 : (int)value;
	return true;
}

static bool read_offset(struct scan *scan, const struct piece *piece)
{
	int digits;
	int sign = scan->at < scan->end && *scan->at == '-' ? -1 : 1;

	if (scan->at < scan->end && (*scan->at == '-' || *scan->at == '+'))
		scan->at++;
	scan->offset_sign = sign;
	return read_int(scan, piece, 2, &scan->offset_hours, &digits);
}

static bool read_meridiem(struct scan *scan, const struct piece *piece,
			  bool dots)
{
	static const char *const plain[] = { "am", "pm" };
	static const char *const dotted[] = { "a.m.", "p.m." };

	return read_name(scan, piece, dots ? dotted : plain, 2, 0, &scan->pm);
}

/* The longer ones first: I begins most of them. */
static const char *const roman_months[] = {
	"xii", "xi", "x", "ix", "viii", "vii", "vi", "v", "iv", "iii", "ii",
	"i",
};

static bool read_era(struct scan *scan, const struct piece *piece, bool dots)
{
	static const char *const plain[] = { "ad", "bc" };
	static const char *const dotted[] = { "a.d.", "b.c." };

	return read_name(scan, piece, dots ? dotted : plain, 2, 0,
			 &scan->before_christ);
}

/* Two digits stand for the nearest year to 2020: Postgres's rule. */
static int64_t full_year(int64_t year, int digits)
{
	if (digits > 3)
		return year;
	if (year < 70)
		return year + 2000;
	if (year < 100)
		return year + 1900;
	return year + (year < 520 ? 2000 : 1000);
}

static bool read_year(struct scan *scan, const struct piece *piece)
{
	int64_t year;
	int digits, width = (int)piece->text.length;

	if (!read_int(scan, piece, width, &year, &digits))
		return false;
	scan->found.year = width == 4 ? year : full_year(year, digits);
	return true;
}

static bool fail_keyword(struct scan *scan, const struct piece *piece)
{
	return error_set(scan->call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "\"%.*s\" in the format of to_date() and "
			 "to_timestamp() is not supported",
			 (int)piece->text.length,
			 (const char *)piece->text.at);
}

static bool read_field(struct scan *scan, const struct piece *piece)
{
	struct calendar *found = &scan->found;
	int64_t value;
	int digits, index;

	switch (piece->keyword->field) {
	case F_YEAR: case F_YEAR3: case F_YEAR2: case F_YEAR1:
		return read_year(scan, piece);
	case F_MONTH_NAME:
		if (!read_name(scan, piece, month_names, 12, 0, &index))
			return false;
		found->month = index + 1;
		return true;
	case F_MONTH_SHORT:
		if (!read_name(scan, piece, month_names, 12, 3, &index))
			return false;
		found->month = index + 1;
		return true;
	case F_DAY_NAME:
		return read_name(scan, piece, day_names, 7, 0, &index);
	case F_DAY_SHORT:
		return read_name(scan, piece, day_names, 7, 3, &index);
	case F_MERIDIEM:
		return read_meridiem(scan, piece, false);
	case F_MERIDIEM_DOTS:
		return read_meridiem(scan, piece, true);
	case F_ROMAN:
		if (!read_name(scan, piece, roman_months, 12, 0, &index))
			return false;
		found->month = 12 - index;
		return true;
	case F_ERA:
		return read_era(scan, piece, false);
	case F_ERA_DOTS:
		return read_era(scan, piece, true);
	case F_MS:
		return read_fraction(scan, piece, 3, 3);
	case F_US:
		return read_fraction(scan, piece, 6, 6);
	case F_FRACTION:
		return read_fraction(scan, piece, piece->text.at[2] - '0', 6);
	case F_ZONE_HOURS:
		return read_offset(scan, piece);
	case F_DAY_OF_YEAR:
		return read_int(scan, piece, 3, &scan->day_of_year, &digits);
	default:
		break;
	}
	if (!read_int(scan, piece, 2, &value, &digits))
		return false;
	switch (piece->keyword->field) {
	case F_MONTH:
		found->month = (int)value;
		return true;
	case F_DAY:
		found->day = (int)value;
		return true;
	case F_HOUR12:
		scan->half_day = true;
		found->hour = (int)value;
		return true;
	case F_HOUR24:
		found->hour = (int)value;
		return true;
	case F_MINUTE:
		found->minute = (int)value;
		return true;
	case F_SECOND:
		found->second = (int)value;
		return true;
	case F_ZONE_MINUTES:
		scan->offset_minutes = value;
		if (!scan->offset_sign)
			scan->offset_sign = 1;
		return true;
	default:
		return fail_keyword(scan, piece);
	}
}

static bool is_other(int64_t before, int64_t now)
{
	return before && before != now;
}

/* What is read twice must be the same; a zero is as good as nothing. */
static bool read_again(struct scan *scan, const struct piece *piece)
{
	struct scan before = *scan;
	const struct calendar *old = &before.found, *found = &scan->found;

	if (!read_field(scan, piece))
		return false;
	if (!is_other(old->year, found->year) &&
	    !is_other(old->month, found->month) &&
	    !is_other(old->day, found->day) &&
	    !is_other(old->hour, found->hour) &&
	    !is_other(old->minute, found->minute) &&
	    !is_other(old->second, found->second) &&
	    !is_other(before.day_of_year, scan->day_of_year))
		return true;
	error_set(scan->call->error, SQLSTATE_INVALID_DATETIME,
		  "conflicting values for \"%.*s\" field in formatting string",
		  (int)piece->text.length, (const char *)piece->text.at);
	error_detail(scan->call->error, "%s", "This value contradicts a "
		     "previous setting for the same field type.");
	return false;
}

/* A separator stands for any one; other text for as many characters. */
static void skip_literal(struct scan *scan, const struct piece *piece)
{
	size_t place = 0;
	struct slice one;

	while ((one = piece_next(piece, &place)).length) {
		bool separator = is_separator(one.at[0]);

		if (scan->at == scan->end)
			return;
		if (separator && *scan->at != '+' && *scan->at != '-' &&
		    !is_separator(*scan->at))
			continue;
		if (separator && (*scan->at == '+' || *scan->at == '-') &&
		    one.at[0] == ' ')
			continue;
		scan->at += utf8_length(scan->at, scan->end);
	}
}

static bool starts_with_digits(const struct format *format)
{
	const struct keyword *next = format_match(format);

	if (!next)
		return *format->at >= '0' && *format->at <= '9';
	switch (next->field) {
	case F_MONTH_NAME: case F_MONTH_SHORT: case F_DAY_NAME:
	case F_DAY_SHORT: case F_MERIDIEM: case F_MERIDIEM_DOTS: case F_ERA:
	case F_ERA_DOTS: case F_ROMAN: case F_ZONE: case F_OFFSET:
		return false;
	default:
		return true;
	}
}

static bool fail_out_of_range(struct scan *scan)
{
	return error_set(scan->call->error, SQLSTATE_DATETIME_OVERFLOW,
			 "date/time field value out of range: \"%s\"",
			 call_cstring(scan->call, 0));
}

/* As read from `text`, seconds east of UTC. */
static bool give_offset(const struct scan *scan, struct slice text,
			int32_t *ret_s)
{
	if (scan->offset_hours < 0 || scan->offset_hours > OFFSET_HOURS_MAX ||
	    scan->offset_minutes < 0 || scan->offset_minutes > 59)
		return error_set(scan->call->error, "22009",
				 "time zone displacement out of range: \"%.*s\"",
				 (int)(text.length > 64 ? 64 : text.length),
				 (const char *)text.at);
	*ret_s = scan->offset_sign * (int32_t)(scan->offset_hours * 3600 +
					       scan->offset_minutes * 60);
	return true;
}

static bool check_found(struct scan *scan)
{
	struct calendar *found = &scan->found;

	if (!found->month)
		found->month = 1;
	if (!found->day)
		found->day = 1;
	if (scan->before_christ)
		found->year = -found->year;
	if (found->year < 0)
		found->year++;	/* before 1 AD comes 1 BC, as year 0 */
	if (scan->half_day) {
		if (found->hour < 1 || found->hour > 12) {
			error_set(scan->call->error,
				  SQLSTATE_INVALID_DATETIME,
				  "hour \"%d\" is invalid for the 12-hour "
				  "clock", found->hour);
			error_hint(scan->call->error,
				   "Use the 24-hour clock, or give an hour "
				   "between 1 and 12.");
			return false;
		}
	}
	if (scan->pm == 1 && found->hour < 12)
		found->hour += 12;
	else if (scan->pm == 0 && found->hour == 12)
		found->hour = 0;
	if (scan->day_of_year) {
		int64_t year;

		if (!found->year && !scan->before_christ)
			return error_set(scan->call->error,
					 SQLSTATE_INVALID_DATETIME,
					 "cannot calculate day of year without "
					 "year information");
		if (scan->day_of_year < 0 || scan->day_of_year >
		    337 + days_in_month(found->year, 2))
			return fail_out_of_range(scan);
		days_to_civil(days_from_civil(found->year, 1, 1) + scan->day_of_year - 1,
			      &year, &found->month, &found->day);
	}
	if (found->hour < 0 || found->minute < 0 || found->second < 0 ||
	    found->us < 0 ||
	    found->month < 1 || found->month > 12 || found->day < 1 ||
	    found->day > days_in_month(found->year, found->month) ||
	    found->hour > 23 || found->minute > 59 || found->second > 59)
		return fail_out_of_range(scan);
	return true;
}

static bool read_moment(struct call *call, struct scan *scan)
{
	struct slice text = call_text(call, 0), pattern = call_text(call, 1);
	struct format format = { pattern.at, pattern.at + pattern.length };
	struct piece piece;

	*scan = (struct scan){ .call = call, .at = text.at,
			       .end = text.at + text.length, .pm = -1 };
	while (scan->at < scan->end && *scan->at == ' ')
		scan->at++;
	while (scan->at < scan->end && format_take(&format, &piece)) {
		piece.digits_follow = !piece.ordinal && format.at < format.end &&
				      starts_with_digits(&format);
		if (!piece.keyword)
			skip_literal(scan, &piece);
		else if (!read_again(scan, &piece))
			return false;
		for (int i = 0; piece.ordinal && i < 2 && scan->at < scan->end;
		     i++)	/* st, nd, rd or th */
			scan->at += utf8_length(scan->at, scan->end);
		/* blanks in the text never matter */
		while (piece.keyword && scan->at < scan->end &&
		       *scan->at == ' ' && format.at < format.end &&
		       *format.at != ' ')
			scan->at++;
	}
	return check_found(scan);
}

/* to_timestamp(text, format) and, variant 1, to_date(text, format) */
static bool to_timestamp(struct call *call)
{
	struct scan scan;
	int32_t offset_s;
	int64_t ts;

	if (!read_moment(call, &scan) ||
	    (scan.offset_sign &&
	     !give_offset(&scan, call_text(call, 0), &offset_s)) ||
	    !timestamp_join(&scan.found, &ts, call->error))
		return false;
	if (call->variant)
		return give_date(call, timestamp_to_date(ts));
	if (scan.offset_sign)
		ts -= offset_s * SECOND_US;
	else if (!timestamp_to_utc(ts, call_zone(call), &ts, call->error))
		return false;
	return give_timestamp(call, ts);
}

static bool to_number(struct call *call)
{
	return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "to_number() is not supported");
}

static const struct function_row rows[] = {
	{ "pg_to_timestamp", 2, 0, to_timestamp, 0 },
	{ "pg_to_date", 2, 0, to_timestamp, 1 },
	{ "pg_to_number", 2, 0, to_number, 0 },
	{ 0 },
};

int functions_from_char(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
