#include "protocol/iso_time.h"

#include "protocol/datetime.h"

/* Zones are no further away; Postgres takes no more. */
#define OFFSET_HOURS_MAX 15

struct cursor {
	const uint8_t *at, *end;
};

static bool eat(struct cursor *cursor, const char *any)
{
	if (cursor->at == cursor->end || !*cursor->at ||
	    !strchr(any, *cursor->at))
		return false;
	cursor->at++;
	return true;
}

static bool read_digits(struct cursor *cursor, int count, int most, int *ret)
{
	int number = 0;

	for (; count; count--, cursor->at++) {
		if (cursor->at == cursor->end || *cursor->at < '0' ||
		    *cursor->at > '9')
			return false;
		number = number * 10 + (*cursor->at - '0');
	}
	*ret = number;
	return number <= most;
}

static bool read_date(struct cursor *cursor, int64_t *ret_us)
{
	int year, month, day;

	if (!read_digits(cursor, 4, 9999, &year) || !eat(cursor, "-") ||
	    !read_digits(cursor, 2, 12, &month) || !eat(cursor, "-") ||
	    !read_digits(cursor, 2, 31, &day))
		return false;
	if (!year || !month || !day || day > days_in_month(year, month))
		return false;
	*ret_us = (days_from_civil(year, month, day) - UNIX_EPOCH_DAYS) *
		  DAY_US;
	return true;
}

/* Behind its point. */
static bool read_fraction(struct cursor *cursor, int64_t *us)
{
	int64_t scale = SECOND_US;
	bool more = false;
	int digit, count = 0;

	while (cursor->at < cursor->end && *cursor->at >= '0' &&
	       *cursor->at <= '9' && count++ < 12) {
		read_digits(cursor, 1, 9, &digit);
		scale /= 10;
		*us += digit * scale;
		more |= !scale && digit;
	}
	*us += more;
	return count > 0;
}

static bool read_clock(struct cursor *cursor, int64_t *us)
{
	int hour, minute, second = 0;

	if (!read_digits(cursor, 2, 23, &hour) || !eat(cursor, ":") ||
	    !read_digits(cursor, 2, 59, &minute))
		return false;
	if (eat(cursor, ":") && !read_digits(cursor, 2, 59, &second))
		return false;
	*us += hour * HOUR_US + minute * MINUTE_US + second * SECOND_US;
	return !eat(cursor, ".") || read_fraction(cursor, us);
}

static bool read_offset(struct cursor *cursor, struct iso_time *time)
{
	bool west = *cursor->at == '-';
	int hours, minutes = 0;

	time->has_offset = true;
	if (eat(cursor, "Z"))
		return true;
	if (!eat(cursor, "+-") ||
	    !read_digits(cursor, 2, OFFSET_HOURS_MAX, &hours))
		return false;
	if (cursor->at < cursor->end &&
	    ((void)eat(cursor, ":"), !read_digits(cursor, 2, 59, &minutes)))
		return false;
	time->east_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return true;
}

bool iso_time_read(struct slice text, struct iso_time *ret)
{
	struct cursor cursor = { text.at, text.at + text.length };
	struct iso_time time = { 0 };

	if (!text.length || !read_date(&cursor, &time.us))
		return false;
	if (cursor.at < cursor.end) {
		time.has_time = true;
		if (!eat(&cursor, "T ") || !read_clock(&cursor, &time.us))
			return false;
	}
	if (cursor.at < cursor.end && !read_offset(&cursor, &time))
		return false;
	if (cursor.at != cursor.end)
		return false;
	*ret = time;
	return true;
}
