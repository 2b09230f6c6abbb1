/*
 * The calendar, and the storage forms of dates and times.
 *
 * Days count from 2000-01-01 in the Gregorian calendar, also before it was
 * made. A year begins in March here, so that the leap day is its last.
 */
#include "protocol/datetime.h"

#include <stdio.h>
#include <stdlib.h>

#define ERA_DAYS 146097 /* of 400 years */
#define MARCH_DAYS 730425 /* from 0000-03-01 to 2000-01-01 */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = floor_div(year, 400);
	year_of_era = year - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - MARCH_DAYS;
}

void days_to_civil(int64_t days, int64_t *ret_year, int *ret_month,
		   int *ret_day)
{
	int64_t era, day_of_era, year_of_era, day_of_year;
	int march_month;

	days += MARCH_DAYS;
	era = floor_div(days, ERA_DAYS);
	day_of_era = days - era * ERA_DAYS;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
		       day_of_era / 146096) /
		      365;
	day_of_year = day_of_era -
		      (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	march_month = (int)((5 * day_of_year + 2) / 153);
	*ret_day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
	*ret_month = march_month < 10 ? march_month + 3 : march_month - 9;
	*ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

int days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

int week_day(int64_t days)
{
	/* 2000-01-01 was a Saturday. */
	return (int)(((days + 6) % 7 + 7) % 7);
}

void timestamp_split(int64_t ts, struct calendar *calendar)
{
	int64_t days = floor_div(ts, DAY_US);
	int64_t us = ts - days * DAY_US;

	days_to_civil(days, &calendar->year, &calendar->month, &calendar->day);
	calendar->hour = (int)(us / HOUR_US);
	calendar->minute = (int)(us / MINUTE_US % 60);
	calendar->second = (int)(us / SECOND_US % 60);
	calendar->us = (int)(us % SECOND_US);
}

static bool refuse_range(struct error *error)
{
	return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
			 "timestamp out of range");
}

bool timestamp_join(const struct calendar *calendar, int64_t *ret,
		    struct error *error)
{
	int64_t days, ts;

	if (calendar->year < -5000 || calendar->year > 300000)
		return refuse_range(error);
	days = days_from_civil(calendar->year, calendar->month, calendar->day);
	if (days < TIMESTAMP_FIRST / DAY_US - 1 ||
	    days > TIMESTAMP_END / DAY_US)
		return refuse_range(error);
	/* The last days need care: 64 bits end soon after. */
	if (__builtin_mul_overflow(days, DAY_US, &ts) ||
	    __builtin_add_overflow(
		    ts,
		    calendar->hour * HOUR_US + calendar->minute * MINUTE_US +
			    calendar->second * SECOND_US + calendar->us,
		    &ts) ||
	    ts < TIMESTAMP_FIRST || ts >= TIMESTAMP_END)
		return refuse_range(error);
	*ret = ts;
	return true;
}

/* --- zones ---------------------------------------------------------------------- */

int32_t timestamptz_offset(int64_t ts, const struct time_zone *zone)
{
	return time_zone_at(zone, floor_div(ts, SECOND_US) + UNIX_EPOCH_S)
		.offset_s;
}

int64_t timestamptz_to_local(int64_t ts, const struct time_zone *zone)
{
	int64_t local;

	if (!timestamp_is_finite(ts))
		return ts;
	if (__builtin_add_overflow(ts, timestamptz_offset(ts, zone) * SECOND_US,
				   &local))
		return ts;
	return local;
}

bool timestamp_to_utc(int64_t local, const struct time_zone *zone, int64_t *ret,
		      struct error *error)
{
	int64_t seconds, utc;

	if (!timestamp_is_finite(local)) {
		*ret = local;
		return true;
	}
	seconds = floor_div(local, SECOND_US) + UNIX_EPOCH_S;
	if (__builtin_sub_overflow(
		    local, time_zone_of_local(zone, seconds) * SECOND_US,
		    &utc) ||
	    utc < TIMESTAMP_FIRST || utc >= TIMESTAMP_END)
		return refuse_range(error);
	*ret = utc;
	return true;
}

int timetz_compare(struct timetz a, struct timetz b)
{
	int64_t left = a.us + a.west_s * SECOND_US;
	int64_t right = b.us + b.west_s * SECOND_US;

	if (left != right)
		return left < right ? -1 : 1;
	return (a.west_s > b.west_s) - (a.west_s < b.west_s);
}

bool date_to_timestamp(int32_t date, int64_t *ret, struct error *error)
{
	if (!date_is_finite(date)) {
		*ret = date == DATE_INFINITY ? TIMESTAMP_INFINITY
					     : TIMESTAMP_MINUS_INFINITY;
		return true;
	}
	if (date < TIMESTAMP_FIRST / DAY_US || date >= TIMESTAMP_END / DAY_US)
		return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
				 "date out of range for timestamp");
	*ret = date * DAY_US;
	return true;
}

bool date_to_timestamptz(int32_t date, const struct time_zone *zone,
			 int64_t *ret, struct error *error)
{
	int64_t local;

	return date_to_timestamp(date, &local, error) &&
	       timestamp_to_utc(local, zone, ret, error);
}

int32_t timestamp_to_date(int64_t ts)
{
	if (!timestamp_is_finite(ts))
		return ts == TIMESTAMP_INFINITY ? DATE_INFINITY
						: DATE_MINUS_INFINITY;
	return (int32_t)floor_div(ts, DAY_US);
}

int64_t timestamp_to_time(int64_t ts)
{
	return ts - floor_div(ts, DAY_US) * DAY_US;
}

/* --- storage forms: reading -------------------------------------------------------- */

static bool scan_digits(struct reader *in, int count, int *ret)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		uint8_t byte = read_u8(in);

		if (byte < '0' || byte > '9')
			return false;
		value = value * 10 + (byte - '0');
	}
	*ret = value;
	return !in->failed;
}

static bool take(struct reader *in, char byte)
{
	if (in->at == in->end || *in->at != (uint8_t)byte)
		return false;
	in->at++;
	return true;
}

/* '2024', and as type.h says 'Y0010000' and '/4712' outside 1 to 9999. */
static bool scan_year(struct reader *in, int *ret)
{
	if (take(in, 'Y'))
		return scan_digits(in, 7, ret) && *ret > 9999;
	if (take(in, '/')) {
		if (!scan_digits(in, 4, ret) || *ret > -YEAR_FIRST)
			return false;
		*ret += YEAR_FIRST;
		return true;
	}
	return scan_digits(in, 4, ret) && *ret >= 1;
}

static bool scan_date(struct reader *in, int32_t *ret)
{
	int year, month, day;

	if (!scan_year(in, &year) || !take(in, '-') ||
	    !scan_digits(in, 2, &month) || !take(in, '-') ||
	    !scan_digits(in, 2, &day) || month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month))
		return false;
	*ret = (int32_t)days_from_civil(year, month, day);
	return true;
}

static bool scan_fraction(struct reader *in, int *ret_us)
{
	int us = 0, digits = 0;

	if (take(in, '.'))
		while (in->at < in->end && *in->at >= '0' && *in->at <= '9' &&
		       digits < 6) {
			us = us * 10 + (*in->at++ - '0');
			digits++;
		}
	for (; digits < 6; digits++)
		us *= 10;
	*ret_us = us;
	return true;
}

static bool scan_time(struct reader *in, int64_t *ret)
{
	int hour, minute, second, us;

	if (!scan_digits(in, 2, &hour) || !take(in, ':') ||
	    !scan_digits(in, 2, &minute) || !take(in, ':') ||
	    !scan_digits(in, 2, &second) || !scan_fraction(in, &us) ||
	    minute > 59 || second > 59)
		return false;
	*ret = hour * HOUR_US + minute * MINUTE_US + second * SECOND_US + us;
	return *ret <= DAY_US;
}

bool date_from_storage(struct slice text, int32_t *ret)
{
	struct reader in = reader_make(text);

	if (slice_is(text, "infinity"))
		*ret = DATE_INFINITY;
	else if (slice_is(text, "-infinity"))
		*ret = DATE_MINUS_INFINITY;
	else
		return scan_date(&in, ret) && reader_done(&in);
	return true;
}

bool time_from_storage(struct slice text, int64_t *ret)
{
	struct reader in = reader_make(text);

	return scan_time(&in, ret) && reader_done(&in);
}

bool timetz_from_storage(struct slice text, struct timetz *ret)
{
	struct reader in = reader_make(text);
	int hour, minute = 0, second = 0;
	bool west;

	if (!scan_time(&in, &ret->us))
		return false;
	west = take(&in, '-');
	if ((!west && !take(&in, '+')) || !scan_digits(&in, 2, &hour))
		return false;
	if (take(&in, ':') && !scan_digits(&in, 2, &minute))
		return false;
	if (take(&in, ':') && !scan_digits(&in, 2, &second))
		return false;
	if (hour > 15 || minute > 59 || second > 59 || !reader_done(&in))
		return false;
	ret->west_s = hour * 3600 + minute * 60 + second;
	if (!west)
		ret->west_s = -ret->west_s;
	return true;
}

bool timestamp_from_storage(struct slice text, int64_t *ret)
{
	struct reader in = reader_make(text);
	int32_t date;
	int64_t time;

	if (slice_is(text, "infinity")) {
		*ret = TIMESTAMP_INFINITY;
		return true;
	}
	if (slice_is(text, "-infinity")) {
		*ret = TIMESTAMP_MINUS_INFINITY;
		return true;
	}
	if (!scan_date(&in, &date) || !(take(&in, ' ') || take(&in, 'T')) ||
	    !scan_time(&in, &time) || !reader_done(&in))
		return false;
	*ret = date * DAY_US + time;
	return true;
}

static bool scan_signed(struct reader *in, int64_t least, int64_t most,
			int64_t *ret)
{
	bool negative = take(in, '-');
	int64_t value = 0;
	const uint8_t *start = in->at;

	while (in->at < in->end && *in->at >= '0' && *in->at <= '9')
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, *in->at++ - '0', &value))
			return false;
	if (in->at == start || (!negative && value == INT64_MIN))
		return false;
	*ret = negative ? value : -value;
	return *ret >= least && *ret <= most;
}

bool interval_from_storage(struct slice text, struct interval *ret)
{
	struct reader in = reader_make(text);
	int64_t months, days, us;

	if (!scan_signed(&in, INT32_MIN, INT32_MAX, &months) ||
	    !take(&in, ':') || !scan_signed(&in, INT32_MIN, INT32_MAX, &days) ||
	    !take(&in, ':') || !scan_signed(&in, INT64_MIN, INT64_MAX, &us) ||
	    !reader_done(&in))
		return false;
	*ret = (struct interval){ us, (int32_t)days, (int32_t)months };
	return true;
}

/* --- storage forms: writing ----------------------------------------------------------- */

static char *put_digits(char *at, int value, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + count;
}

static char *put_year(char *at, int year)
{
	if (year > 9999) {
		*at++ = 'Y';
		return put_digits(at, year, 7);
	}
	if (year < 1) {
		*at++ = '/';
		year -= YEAR_FIRST;
	}
	return put_digits(at, year, 4);
}

static char *put_date(char *at, const struct calendar *calendar)
{
	at = put_year(at, (int)calendar->year);
	*at++ = '-';
	at = put_digits(at, calendar->month, 2);
	*at++ = '-';
	return put_digits(at, calendar->day, 2);
}

static char *put_time(char *at, int64_t us)
{
	at = put_digits(at, (int)(us / HOUR_US), 2);
	*at++ = ':';
	at = put_digits(at, (int)(us / MINUTE_US % 60), 2);
	*at++ = ':';
	at = put_digits(at, (int)(us / SECOND_US % 60), 2);
	*at++ = '.';
	return put_digits(at, (int)(us % SECOND_US), 6);
}

static struct slice infinity(bool positive)
{
	return slice_text(positive ? "infinity" : "-infinity");
}

bool date_to_storage(int32_t date, struct arena *arena, struct slice *ret,
		     struct error *error)
{
	struct calendar calendar;
	char *text;

	if (!date_is_finite(date)) {
		*ret = infinity(date == DATE_INFINITY);
		return true;
	}
	if (date < DATE_FIRST || date >= DATE_END)
		return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
				 "date out of range");
	days_to_civil(date, &calendar.year, &calendar.month, &calendar.day);
	text = arena_alloc(arena, 16);
	*ret = slice_make(text, (size_t)(put_date(text, &calendar) - text));
	return true;
}

bool timestamp_to_storage(int64_t ts, struct arena *arena, struct slice *ret,
			  struct error *error)
{
	struct calendar calendar;
	char *text, *at;

	if (!timestamp_is_finite(ts)) {
		*ret = infinity(ts == TIMESTAMP_INFINITY);
		return true;
	}
	if (ts < TIMESTAMP_FIRST || ts >= TIMESTAMP_END)
		return refuse_range(error);
	timestamp_split(ts, &calendar);
	text = arena_alloc(arena, 40);
	at = put_date(text, &calendar);
	*at++ = ' ';
	at = put_time(at, timestamp_to_time(ts));
	*ret = slice_make(text, (size_t)(at - text));
	return true;
}

struct slice time_to_storage(int64_t us, struct arena *arena)
{
	char *text = arena_alloc(arena, 16);

	return slice_make(text, (size_t)(put_time(text, us) - text));
}

struct slice timetz_to_storage(struct timetz value, struct arena *arena)
{
	char *text = arena_alloc(arena, 32);
	char *at = put_time(text, value.us);
	int size = abs(value.west_s);

	*at++ = value.west_s > 0 ? '-' : '+';
	at = put_digits(at, size / 3600, 2);
	if (size % 3600) {
		*at++ = ':';
		at = put_digits(at, size / 60 % 60, 2);
	}
	if (size % 60) {
		*at++ = ':';
		at = put_digits(at, size % 60, 2);
	}
	return slice_make(text, (size_t)(at - text));
}

struct slice interval_to_storage(const struct interval *interval,
				 struct arena *arena)
{
	return slice_text(arena_printf(arena, "%d:%d:%lld", interval->months,
				       interval->days,
				       (long long)interval->us));
}
