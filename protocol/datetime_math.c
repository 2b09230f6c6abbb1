/*
 * Reckoning with dates, timestamps and intervals.
 *
 * An interval is added in three steps, as Postgres does it: months (a day
 * that the month has not becomes its last), then days, then time; the first
 * two in local time where there is a zone.
 */
#include <math.h>
#include <stdlib.h>

#include "protocol/datetime.h"

static bool refuse_timestamp(struct error *error)
{
	return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
			 "timestamp out of range");
}

static bool refuse_interval(struct error *error)
{
	return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
			 "interval out of range");
}

/* --- timestamps and intervals ------------------------------------------------- */

static void add_months(struct calendar *calendar, int64_t months)
{
	int64_t month = calendar->year * 12 + calendar->month - 1 + months;
	int days;

	calendar->year = month / 12 - (month % 12 < 0);
	calendar->month = (int)(month - calendar->year * 12) + 1;
	days = days_in_month(calendar->year, calendar->month);
	if (calendar->day > days)
		calendar->day = days;
}

/* Months, then days, of a local time. */
static bool add_dates(int64_t local, int64_t months, int64_t days, int64_t *ret,
		      struct error *error)
{
	struct calendar calendar;

	if (months) {
		timestamp_split(local, &calendar);
		add_months(&calendar, months);
		if (!timestamp_join(&calendar, &local, error))
			return false;
	}
	if (days) {
		int64_t us;

		if (__builtin_mul_overflow(days, DAY_US, &us) ||
		    __builtin_add_overflow(local, us, &local) ||
		    local < TIMESTAMP_FIRST || local >= TIMESTAMP_END)
			return refuse_timestamp(error);
	}
	*ret = local;
	return true;
}

static bool add_time(int64_t ts, int64_t us, int sign, int64_t *ret,
		     struct error *error)
{
	bool overflow = sign > 0 ? __builtin_add_overflow(ts, us, &ts)
				 : __builtin_sub_overflow(ts, us, &ts);

	if (overflow || ts < TIMESTAMP_FIRST || ts >= TIMESTAMP_END)
		return refuse_timestamp(error);
	*ret = ts;
	return true;
}

bool timestamp_add(int64_t ts, const struct interval *interval, int sign,
		   int64_t *ret, struct error *error)
{
	if (!timestamp_is_finite(ts)) {
		*ret = ts;
		return true;
	}
	return add_dates(ts, (int64_t)interval->months * sign,
			 (int64_t)interval->days * sign, &ts, error) &&
	       add_time(ts, interval->us, sign, ret, error);
}

/* One of the two steps that happen in local time. */
static bool add_local(int64_t ts, int64_t months, int64_t days,
		      const struct time_zone *zone, int64_t *ret,
		      struct error *error)
{
	if (months == 0 && days == 0) {
		*ret = ts;
		return true;
	}
	return add_dates(timestamptz_to_local(ts, zone), months, days, &ts,
			 error) &&
	       timestamp_to_utc(ts, zone, ret, error);
}

bool timestamptz_add(int64_t ts, const struct interval *interval, int sign,
		     const struct time_zone *zone, int64_t *ret,
		     struct error *error)
{
	if (!timestamp_is_finite(ts)) {
		*ret = ts;
		return true;
	}
	return add_local(ts, (int64_t)interval->months * sign, 0, zone, &ts,
			 error) &&
	       add_local(ts, 0, (int64_t)interval->days * sign, zone, &ts,
			 error) &&
	       add_time(ts, interval->us, sign, ret, error);
}

/* Round the clock; months and days do not matter. */
int64_t time_add(int64_t us, const struct interval *interval, int sign)
{
	int64_t sum = us + sign * (interval->us % DAY_US);

	sum %= DAY_US;
	return sum < 0 ? sum + DAY_US : sum;
}

bool date_add_days(int32_t date, int64_t days, int32_t *ret,
		   struct error *error)
{
	int64_t sum;

	if (!date_is_finite(date)) {
		*ret = date;
		return true;
	}
	if (__builtin_add_overflow((int64_t)date, days, &sum) ||
	    sum < DATE_FIRST || sum >= DATE_END)
		return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
				 "date out of range");
	*ret = (int32_t)sum;
	return true;
}

bool timestamp_subtract(int64_t a, int64_t b, struct interval *ret,
			struct error *error)
{
	int64_t us = (int64_t)((uint64_t)a - (uint64_t)b);

	if (!timestamp_is_finite(a) || !timestamp_is_finite(b))
		return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
				 "cannot subtract infinite timestamps");
	*ret = (struct interval){ us % DAY_US, (int32_t)(us / DAY_US), 0 };
	return true;
}

/* --- age ------------------------------------------------------------------------ */

/* The fields of a minus b, field by field, for a not before b. */
struct difference {
	int64_t year;
	int month, day, hour, minute, second, us;
};

static void subtract_fields(const struct calendar *a, const struct calendar *b,
			    struct difference *ret)
{
	*ret = (struct difference){
		a->year - b->year, a->month - b->month,	  a->day - b->day,
		a->hour - b->hour, a->minute - b->minute, a->second - b->second,
		a->us - b->us,
	};
}

static void borrow(int *field, int *higher, int size)
{
	while (*field < 0) {
		*field += size;
		--*higher;
	}
}

/* Makes every field positive; a missing month is as long as `month`. */
static void carry(struct difference *d, const struct calendar *month)
{
	borrow(&d->us, &d->second, 1000000);
	borrow(&d->second, &d->minute, 60);
	borrow(&d->minute, &d->hour, 60);
	borrow(&d->hour, &d->day, 24);
	while (d->day < 0) {
		d->day += days_in_month(month->year, month->month);
		d->month--;
	}
	while (d->month < 0) {
		d->month += 12;
		d->year--;
	}
}

static bool age(int64_t a, int64_t b, struct interval *ret, struct error *error)
{
	struct calendar left, right;
	struct difference d;
	bool negative = a < b;

	timestamp_split(a, &left);
	timestamp_split(b, &right);
	/* The month that lends its days is the earlier one. */
	if (negative)
		subtract_fields(&right, &left, &d);
	else
		subtract_fields(&left, &right, &d);
	carry(&d, negative ? &left : &right);
	ret->months = (int32_t)(d.year * 12 + d.month);
	ret->days = d.day;
	ret->us = d.hour * HOUR_US + d.minute * MINUTE_US +
		  d.second * SECOND_US + d.us;
	return negative ? interval_negate(ret, ret, error) : true;
}

bool timestamp_age(int64_t a, int64_t b, struct interval *ret,
		   struct error *error)
{
	if (!timestamp_is_finite(a) || !timestamp_is_finite(b))
		return refuse_timestamp(error);
	return age(a, b, ret, error);
}

bool timestamptz_age(int64_t a, int64_t b, const struct time_zone *zone,
		     struct interval *ret, struct error *error)
{
	if (!timestamp_is_finite(a) || !timestamp_is_finite(b))
		return refuse_timestamp(error);
	return age(timestamptz_to_local(a, zone), timestamptz_to_local(b, zone),
		   ret, error);
}

/* --- intervals --------------------------------------------------------------------- */

bool interval_add(const struct interval *a, const struct interval *b, int sign,
		  struct interval *ret, struct error *error)
{
	struct interval sum = *a;
	bool overflow;

	if (sign > 0)
		overflow =
			__builtin_add_overflow(a->us, b->us, &sum.us) ||
			__builtin_add_overflow(a->days, b->days, &sum.days) ||
			__builtin_add_overflow(a->months, b->months,
					       &sum.months);
	else
		overflow =
			__builtin_sub_overflow(a->us, b->us, &sum.us) ||
			__builtin_sub_overflow(a->days, b->days, &sum.days) ||
			__builtin_sub_overflow(a->months, b->months,
					       &sum.months);
	if (overflow)
		return refuse_interval(error);
	*ret = sum;
	return true;
}

bool interval_negate(const struct interval *interval, struct interval *ret,
		     struct error *error)
{
	struct interval zero = { 0, 0, 0 };

	return interval_add(&zero, interval, -1, ret, error);
}

/* To a whole number of microseconds, as a float of seconds. */
static double round_seconds(double seconds)
{
	return rint(seconds * 1000000.0) / 1000000.0;
}

static bool fits_int(double value)
{
	return !isnan(value) && value >= -2147483648.0 && value <= 2147483647.0;
}

/* Fractions of months become days (of 30 to a month), those of days time. */
static bool cascade(double months, double days, double us, struct interval *ret,
		    struct error *error)
{
	double month_days, seconds;
	int64_t extra;
	int32_t day;

	if (!fits_int(months) || !fits_int(days))
		return refuse_interval(error);
	ret->months = (int32_t)months;
	day = (int32_t)days;
	month_days = round_seconds((months - ret->months) * 30);
	seconds = round_seconds((days - day + month_days - (int)month_days) *
				86400);
	if (fabs(seconds) >= 86400) {
		extra = (int)(seconds / 86400);
		if (__builtin_add_overflow(day, extra, &day))
			return refuse_interval(error);
		seconds -= (double)extra * 86400;
	}
	if (__builtin_add_overflow(day, (int32_t)month_days, &ret->days))
		return refuse_interval(error);
	us = rint(us + seconds * 1000000);
	if (isnan(us) || us < -9223372036854775808.0 ||
	    us >= 9223372036854775808.0)
		return refuse_interval(error);
	ret->us = (int64_t)us;
	return true;
}

bool interval_multiply(const struct interval *interval, double factor,
		       struct interval *ret, struct error *error)
{
	struct interval from = *interval;

	return cascade(from.months * factor, from.days * factor,
		       (double)from.us * factor, ret, error);
}

bool interval_divide(const struct interval *interval, double divisor,
		     struct interval *ret, struct error *error)
{
	struct interval from = *interval;

	if (divisor == 0)
		return error_set(error, SQLSTATE_DIVISION_BY_ZERO,
				 "division by zero");
	return cascade(from.months / divisor, from.days / divisor,
		       (double)from.us / divisor, ret, error);
}

/* As one number: a month is thirty days, a day 24 hours. */
static __int128 total(const struct interval *interval)
{
	return ((__int128)interval->months * 30 + interval->days) * DAY_US +
	       interval->us;
}

int interval_compare(const struct interval *a, const struct interval *b)
{
	__int128 left = total(a), right = total(b);

	return (left > right) - (left < right);
}

/* Makes days and time agree in sign. */
static bool balance_days(struct interval *interval, struct error *error)
{
	int32_t step = 0;

	if (interval->days > 0 && interval->us < 0)
		step = 1;
	else if (interval->days < 0 && interval->us > 0)
		step = -1;
	interval->us += step * DAY_US;
	return !__builtin_sub_overflow(interval->days, step, &interval->days)
		       ? true
		       : refuse_interval(error);
}

static bool balance_months(struct interval *interval, struct error *error)
{
	bool too_low =
		interval->days < 0 || (interval->days == 0 && interval->us < 0);
	bool too_high =
		interval->days > 0 || (interval->days == 0 && interval->us > 0);
	int32_t step = 0;

	if (interval->months > 0 && too_low)
		step = 1;
	else if (interval->months < 0 && too_high)
		step = -1;
	interval->days += step * 30;
	return !__builtin_sub_overflow(interval->months, step,
				       &interval->months)
		       ? true
		       : refuse_interval(error);
}

bool interval_justify_hours(const struct interval *interval,
			    struct interval *ret, struct error *error)
{
	struct interval sum = *interval;
	int64_t days = sum.us / DAY_US;

	sum.us %= DAY_US;
	if (__builtin_add_overflow(sum.days, days, &sum.days) ||
	    !balance_days(&sum, error))
		return refuse_interval(error);
	*ret = sum;
	return true;
}

bool interval_justify_days(const struct interval *interval,
			   struct interval *ret, struct error *error)
{
	struct interval sum = *interval;
	int32_t months = sum.days / 30;

	sum.days %= 30;
	if (__builtin_add_overflow(sum.months, months, &sum.months))
		return refuse_interval(error);
	if (sum.months > 0 && sum.days < 0) {
		sum.days += 30;
		sum.months--;
	} else if (sum.months < 0 && sum.days > 0) {
		sum.days -= 30;
		sum.months++;
	}
	*ret = sum;
	return true;
}

bool interval_justify(const struct interval *interval, struct interval *ret,
		      struct error *error)
{
	struct interval sum = *interval;
	int32_t months, days;

	/* Days may only just fit: carry them on before hours add to them. */
	if ((sum.days > 0 && sum.us > 0) || (sum.days < 0 && sum.us < 0)) {
		months = sum.days / 30;
		sum.days %= 30;
		if (__builtin_add_overflow(sum.months, months, &sum.months))
			return refuse_interval(error);
	}
	days = (int32_t)(sum.us / DAY_US);
	sum.us %= DAY_US;
	if (__builtin_add_overflow(sum.days, days, &sum.days))
		return refuse_interval(error);
	months = sum.days / 30;
	sum.days %= 30;
	if (__builtin_add_overflow(sum.months, months, &sum.months))
		return refuse_interval(error);
	if (!balance_months(&sum, error) || !balance_days(&sum, error))
		return false;
	*ret = sum;
	return true;
}
