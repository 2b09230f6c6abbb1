/*
 * Dates and times as Postgres prints them with DateStyle ISO and
 * IntervalStyle postgres.
 */
#include <stdlib.h>

#include "protocol/datetime.h"

static void put_number(struct buffer *out, int64_t value, int width)
{
	char digits[24];
	int at = (int)sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
		width--;
	} while (value || width > 0);
	buffer_put(out, digits + at, sizeof(digits) - (size_t)at);
}

/* ".5" for half a second; nothing for none. */
static void put_fraction(struct buffer *out, int64_t us)
{
	char digits[7];
	int count = 6;

	if (us == 0)
		return;
	digits[0] = '.';
	for (int i = 6; i > 0; i--) {
		digits[i] = (char)('0' + us % 10);
		us /= 10;
	}
	while (digits[count] == '0')
		count--;
	buffer_put(out, digits, (size_t)count + 1);
}

static void put_date(struct buffer *out, const struct calendar *calendar)
{
	/* Before the year 1 the years are counted back from it. */
	put_number(out,
		   calendar->year > 0 ? calendar->year : 1 - calendar->year, 4);
	buffer_put_u8(out, '-');
	put_number(out, calendar->month, 2);
	buffer_put_u8(out, '-');
	put_number(out, calendar->day, 2);
}

static void put_era(struct buffer *out, const struct calendar *calendar)
{
	if (calendar->year <= 0)
		buffer_put_text(out, " BC");
}

/* "+02", "-03:30", "+00:53:28" */
static void put_offset(struct buffer *out, int32_t offset_s)
{
	int size = abs(offset_s);

	buffer_put_u8(out, offset_s < 0 ? '-' : '+');
	put_number(out, size / 3600, 2);
	if (size % 3600 == 0)
		return;
	buffer_put_u8(out, ':');
	put_number(out, size / 60 % 60, 2);
	if (size % 60 == 0)
		return;
	buffer_put_u8(out, ':');
	put_number(out, size % 60, 2);
}

void time_print(int64_t us, struct buffer *out)
{
	put_number(out, us / HOUR_US, 2);
	buffer_put_u8(out, ':');
	put_number(out, us / MINUTE_US % 60, 2);
	buffer_put_u8(out, ':');
	put_number(out, us / SECOND_US % 60, 2);
	put_fraction(out, us % SECOND_US);
}

void timetz_print(struct timetz value, struct buffer *out)
{
	time_print(value.us, out);
	put_offset(out, -value.west_s);
}

static void put_infinity(struct buffer *out, bool positive)
{
	buffer_put_text(out, positive ? "infinity" : "-infinity");
}

void date_print(int32_t date, struct buffer *out)
{
	struct calendar calendar;

	if (!date_is_finite(date)) {
		put_infinity(out, date == DATE_INFINITY);
		return;
	}
	days_to_civil(date, &calendar.year, &calendar.month, &calendar.day);
	put_date(out, &calendar);
	put_era(out, &calendar);
}

static void put_timestamp(int64_t ts, const int32_t *offset_s,
			  struct buffer *out)
{
	struct calendar calendar;

	timestamp_split(ts, &calendar);
	put_date(out, &calendar);
	buffer_put_u8(out, ' ');
	time_print(timestamp_to_time(ts), out);
	if (offset_s)
		put_offset(out, *offset_s);
	put_era(out, &calendar);
}

void timestamp_print(int64_t ts, struct buffer *out)
{
	if (timestamp_is_finite(ts))
		put_timestamp(ts, NULL, out);
	else
		put_infinity(out, ts == TIMESTAMP_INFINITY);
}

void timestamptz_print(int64_t ts, const struct time_zone *zone,
		       struct buffer *out)
{
	int32_t offset_s;

	if (!timestamp_is_finite(ts)) {
		put_infinity(out, ts == TIMESTAMP_INFINITY);
		return;
	}
	offset_s = timestamptz_offset(ts, zone);
	put_timestamp(timestamptz_to_local(ts, zone), &offset_s, out);
}

/* "3 days": the sign is shown where the part before was negative. */
static void put_part(struct buffer *out, int64_t value, const char *unit,
		     bool *first, bool *negative)
{
	if (value == 0)
		return;
	if (!*first)
		buffer_put_u8(out, ' ');
	if (value < 0)
		buffer_put_u8(out, '-');
	else if (*negative)
		buffer_put_u8(out, '+');
	put_number(out, value < 0 ? -value : value, 1);
	buffer_put_u8(out, ' ');
	buffer_put_text(out, unit);
	if (value != 1)
		buffer_put_u8(out, 's');
	*first = false;
	*negative = value < 0;
}

void interval_print(const struct interval *interval, struct buffer *out)
{
	bool first = true, negative = false;
	uint64_t us;

	put_part(out, interval->months / 12, "year", &first, &negative);
	put_part(out, interval->months % 12, "mon", &first, &negative);
	put_part(out, interval->days, "day", &first, &negative);
	if (interval->us == 0 && !first)
		return;
	if (!first)
		buffer_put_u8(out, ' ');
	if (interval->us < 0)
		buffer_put_u8(out, '-');
	else if (negative)
		buffer_put_u8(out, '+');
	us = interval->us < 0 ? 0 - (uint64_t)interval->us
			      : (uint64_t)interval->us;
	put_number(out, (int64_t)(us / (uint64_t)HOUR_US), 2);
	buffer_put_u8(out, ':');
	put_number(out, (int64_t)(us / (uint64_t)MINUTE_US % 60), 2);
	buffer_put_u8(out, ':');
	put_number(out, (int64_t)(us / (uint64_t)SECOND_US % 60), 2);
	put_fraction(out, (int64_t)(us % (uint64_t)SECOND_US));
}

static int64_t round_to(int64_t us, int digits)
{
	static const int64_t scales[] = {
		1000000, 100000, 10000, 1000, 100, 10
	};
	int64_t scale;

	if (digits < 0 || digits > 5)
		return us;
	scale = scales[digits];
	/* Halves go away from zero, as for any number. */
	if (us >= 0)
		return us > INT64_MAX - scale / 2
			       ? us
			       : (us + scale / 2) / scale * scale;
	return us < INT64_MIN + 1 + scale / 2
		       ? us
		       : -((-us + scale / 2) / scale * scale);
}

int64_t time_round(int64_t us, int32_t typmod)
{
	return timestamp_is_finite(us) ? round_to(us, typmod) : us;
}

/* Drops the fields a declaration such as "interval day to hour" leaves out,
 * then rounds the seconds. */
void interval_limit(struct interval *interval, int32_t typmod)
{
	uint32_t fields = (uint32_t)typmod >> 16 & 0x7FFF;
	uint32_t digits = (uint32_t)typmod & 0xFFFF;

	if (typmod < 0)
		return;
	if (fields != 0x7FFF) {
		bool has_time = fields & (1 << 10 | 1 << 11 | 1 << 12);

		if (!has_time)
			interval->us = 0;
		if (!has_time && !(fields & 1 << 3))
			interval->days = 0;
		if (fields == 1 << 2)
			interval->months = interval->months / 12 * 12;
		if (has_time && !(fields & 1 << 12))
			interval->us -=
				interval->us %
				(fields & 1 << 11 ? MINUTE_US : HOUR_US);
	}
	if (digits <= 6)
		interval->us = round_to(interval->us, (int)digits);
}
