/*
 * Reckoning with dates, times and intervals; what time it is. The rules are
 * protocol/datetime.h's.
 */
#include "pool/sqlite/function_time.h"

#include <time.h>

/* --- arguments and results --------------------------------------------------- */

bool fail_stored(struct call *call, struct slice text, const char *type)
{
	return error_set(call->error, SQLSTATE_INTERNAL,
			 "stored value \"%.*s\" is no %s",
			 (int)(text.length > 64 ? 64 : text.length),
			 (const char *)text.at, type);
}

bool call_date(struct call *call, int index, int32_t *ret)
{
	return date_from_storage(call_text(call, index), ret) ||
	       fail_stored(call, call_text(call, index), "date");
}

bool call_time(struct call *call, int index, int64_t *ret)
{
	return time_from_storage(call_text(call, index), ret) ||
	       fail_stored(call, call_text(call, index), "time");
}

bool call_timetz(struct call *call, int index, struct timetz *ret)
{
	return timetz_from_storage(call_text(call, index), ret) ||
	       fail_stored(call, call_text(call, index),
			   "time with time zone");
}

bool call_timestamp(struct call *call, int index, int64_t *ret)
{
	return timestamp_from_storage(call_text(call, index), ret) ||
	       fail_stored(call, call_text(call, index), "timestamp");
}

bool call_interval(struct call *call, int index, struct interval *ret)
{
	return interval_from_storage(call_text(call, index), ret) ||
	       fail_stored(call, call_text(call, index), "interval");
}

bool give_date(struct call *call, int32_t date)
{
	struct slice text;

	return date_to_storage(date, call->scratch, &text, call->error) &&
	       give_text(call, text);
}

bool give_time(struct call *call, int64_t us)
{
	return give_text(call, time_to_storage(us, call->scratch));
}

bool give_timetz(struct call *call, struct timetz time)
{
	return give_text(call, timetz_to_storage(time, call->scratch));
}

bool give_timestamp(struct call *call, int64_t ts)
{
	struct slice text;

	return timestamp_to_storage(ts, call->scratch, &text, call->error) &&
	       give_text(call, text);
}

bool give_interval(struct call *call, const struct interval *interval)
{
	return give_text(call, interval_to_storage(interval, call->scratch));
}

/* --- what time it is ------------------------------------------------------------ */

static bool now(struct call *call)
{
	return give_timestamp(call, call->variant
			      ? call->context->statement_us
			      : call->context->transaction_us);
}

static int64_t clock_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	return ((int64_t)at.tv_sec - UNIX_EPOCH_S) * SECOND_US +
	       at.tv_nsec / 1000;
}

static bool clock_timestamp(struct call *call)
{
	return give_timestamp(call, clock_us());
}

/* "Sat Nov 21 11:30:28.123456 2026 UTC" */
static bool timeofday(struct call *call)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed",
					    "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
					      "May", "Jun", "Jul", "Aug",
					      "Sep", "Oct", "Nov", "Dec" };
	int64_t moment = clock_us();
	int64_t local = timestamptz_to_local(moment, call_zone(call));
	struct calendar at;

	timestamp_split(local, &at);
	return give_text(call, slice_text(arena_printf(
		call->scratch, "%s %s %02d %02d:%02d:%02d.%06d %04lld %s",
		days[week_day(days_from_civil(at.year, at.month, at.day))],
		months[at.month - 1], at.day, at.hour, at.minute, at.second,
		at.us, (long long)at.year,
		time_zone_at(call_zone(call),
			     moment / SECOND_US + UNIX_EPOCH_S)
			.abbreviation)));
}

/* --- timestamps and intervals ------------------------------------------------------ */

/* variant: the sign */
static bool timestamp_plus(struct call *call)
{
	struct interval interval;
	int64_t ts;

	return call_timestamp(call, 0, &ts) &&
	       call_interval(call, 1, &interval) &&
	       timestamp_add(ts, &interval, call->variant, &ts, call->error) &&
	       give_timestamp(call, ts);
}

static bool timestamptz_plus(struct call *call)
{
	struct interval interval;
	int64_t ts;

	return call_timestamp(call, 0, &ts) &&
	       call_interval(call, 1, &interval) &&
	       timestamptz_add(ts, &interval, call->variant, call_zone(call),
			       &ts, call->error) &&
	       give_timestamp(call, ts);
}

static bool timestamp_minus(struct call *call)
{
	struct interval interval;
	int64_t a, b;

	return call_timestamp(call, 0, &a) && call_timestamp(call, 1, &b) &&
	       timestamp_subtract(a, b, &interval, call->error) &&
	       give_interval(call, &interval);
}

/* age(a, b), age(b): from today's midnight; the type is the last argument */
static bool age(struct call *call)
{
	bool zoned = call_integer(call, call->count - 1) == OID_TIMESTAMPTZ;
	const struct time_zone *zone = call_zone(call);
	struct interval interval;
	int64_t a, b;

	if (!call_timestamp(call, call->count - 2, &b))
		return false;
	if (call->count == 3) {
		if (!call_timestamp(call, 0, &a))
			return false;
	} else {
		a = timestamptz_to_local(call->context->transaction_us, zone);
		if (!date_to_timestamp(timestamp_to_date(a), &a,
				       call->error) ||
		    (zoned && !timestamp_to_utc(a, zone, &a, call->error)))
			return false;
	}
	if (!timestamp_is_finite(a) || !timestamp_is_finite(b))
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "age() of infinity is not supported");
	return (zoned ? timestamptz_age(a, b, zone, &interval, call->error)
		      : timestamp_age(a, b, &interval, call->error)) &&
	       give_interval(call, &interval);
}

/* --- dates ---------------------------------------------------------------------------- */

/* variant: the sign */
static bool date_plus_days(struct call *call)
{
	int32_t date;

	return call_date(call, 0, &date) &&
	       date_add_days(date, call->variant * call_integer(call, 1),
			     &date, call->error) &&
	       give_date(call, date);
}

static bool date_minus(struct call *call)
{
	int32_t a, b;

	if (!call_date(call, 0, &a) || !call_date(call, 1, &b))
		return false;
	if (!date_is_finite(a) || !date_is_finite(b))
		return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "cannot subtract infinite dates");
	return give_integer(call, (int64_t)a - b);
}

static bool date_plus_interval(struct call *call)
{
	struct interval interval;
	int32_t date;
	int64_t ts;

	return call_date(call, 0, &date) &&
	       call_interval(call, 1, &interval) &&
	       date_to_timestamp(date, &ts, call->error) &&
	       timestamp_add(ts, &interval, call->variant, &ts, call->error) &&
	       give_timestamp(call, ts);
}

/* --- times of day ------------------------------------------------------------------------ */

static bool time_plus(struct call *call)
{
	struct interval interval;
	int64_t us;

	return call_time(call, 0, &us) && call_interval(call, 1, &interval) &&
	       give_time(call, time_add(us, &interval, call->variant));
}

static bool time_minus(struct call *call)
{
	struct interval interval = { 0 };
	int64_t a, b;

	if (!call_time(call, 0, &a) || !call_time(call, 1, &b))
		return false;
	interval.us = a - b;
	return give_interval(call, &interval);
}

/* --- intervals ---------------------------------------------------------------------------- */

static bool interval_plus(struct call *call)
{
	struct interval a, b;

	return call_interval(call, 0, &a) && call_interval(call, 1, &b) &&
	       interval_add(&a, &b, call->variant, &a, call->error) &&
	       give_interval(call, &a);
}

/* variant 0: times a float, 1: divided by it */
static bool interval_scale(struct call *call)
{
	struct interval interval;
	double factor = call_real(call, 1);

	if (!call_interval(call, 0, &interval))
		return false;
	return (call->variant ? interval_divide(&interval, factor, &interval,
						call->error)
			      : interval_multiply(&interval, factor, &interval,
						  call->error)) &&
	       give_interval(call, &interval);
}

enum interval_change { CHANGE_NEGATE, CHANGE_HOURS, CHANGE_DAYS, CHANGE_ALL };

static bool interval_change(struct call *call)
{
	static bool (*const changes[])(const struct interval *,
				       struct interval *, struct error *) = {
		[CHANGE_NEGATE] = interval_negate,
		[CHANGE_HOURS] = interval_justify_hours,
		[CHANGE_DAYS] = interval_justify_days,
		[CHANGE_ALL] = interval_justify,
	};
	struct interval interval;

	return call_interval(call, 0, &interval) &&
	       changes[call->variant](&interval, &interval, call->error) &&
	       give_interval(call, &interval);
}

int compare_intervals(struct slice a, struct slice b)
{
	struct interval left = { 0 }, right = { 0 };
	bool known_left = interval_from_storage(a, &left);
	bool known_right = interval_from_storage(b, &right);

	/* what is no interval sorts before all that are */
	if (!known_left || !known_right)
		return known_left - known_right;
	return interval_compare(&left, &right);
}

static int collate(void *context, int length_a, const void *a, int length_b,
		   const void *b)
{
	return compare_intervals(slice_make(a, (size_t)length_a),
				 slice_make(b, (size_t)length_b));
}

/* --- sums of intervals ------------------------------------------------------------------------ */

struct interval_sum {
	struct interval sum;
	int64_t count;
};

static bool change_sum(struct call *call, void *state, int sign)
{
	struct interval_sum *sum = state;
	struct interval interval;

	sum->count += sign;
	return call_interval(call, 0, &interval) &&
	       interval_add(&sum->sum, &interval, sign, &sum->sum,
			    call->error);
}

static bool add_interval(struct call *call, void *state)
{
	return change_sum(call, state, 1);
}

static bool remove_interval(struct call *call, void *state)
{
	return change_sum(call, state, -1);
}

/* variant 1: the average */
static bool interval_sum_value(struct call *call, void *state)
{
	struct interval_sum *sum = state;
	struct interval result = sum->sum;

	if (!sum->count)
		return give_null(call);
	if (call->variant && !interval_divide(&sum->sum, (double)sum->count,
					      &result, call->error))
		return false;
	return give_interval(call, &result);
}

static const struct aggregate_row aggregates[] = {
	{ "pg_interval_sum", 1, 0, sizeof(struct interval_sum), add_interval,
	  remove_interval, interval_sum_value, NULL, 0 },
	{ "pg_interval_avg", 1, 0, sizeof(struct interval_sum), add_interval,
	  remove_interval, interval_sum_value, NULL, 1 },
	{ 0 },
};

/* pg_date_moment(date, type): its midnight, to be compared; further away than
 * timestamps go the text sorts all the same. */
static bool date_moment(struct call *call)
{
	struct error error;
	int32_t date;
	int64_t ts;
	bool local = call_integer(call, 1) == OID_TIMESTAMP;

	if (!date_from_storage(call_text(call, 0), &date))
		return fail_stored(call, call_text(call, 0), "date");
	if (local ? date_to_timestamp(date, &ts, &error)
		  : date_to_timestamptz(date, call_zone(call), &ts, &error))
		return give_timestamp(call, ts);
	return give_text(call, slice_text(arena_printf(call->scratch,
		"%.*s 00:00:00.000000", (int)call_text(call, 0).length,
		(const char *)call_text(call, 0).at)));
}

static const struct function_row rows[] = {
	{ "pg_date_moment", 2, 0, date_moment, 0 },
	{ "pg_now", 0, FUNCTION_VOLATILE, now, 0 },
	{ "pg_transaction_timestamp", 0, FUNCTION_VOLATILE, now, 0 },
	{ "pg_statement_timestamp", 0, FUNCTION_VOLATILE, now, 1 },
	{ "pg_clock_timestamp", 0, FUNCTION_VOLATILE, clock_timestamp, 0 },
	{ "pg_timeofday", 0, FUNCTION_VOLATILE, timeofday, 0 },
	{ "pg_timestamp_pl_interval", 2, 0, timestamp_plus, 1 },
	{ "pg_timestamp_mi_interval", 2, 0, timestamp_plus, -1 },
	{ "pg_timestamptz_pl_interval", 2, 0, timestamptz_plus, 1 },
	{ "pg_timestamptz_mi_interval", 2, 0, timestamptz_plus, -1 },
	{ "pg_timestamp_mi", 2, 0, timestamp_minus, 0 },
	{ "pg_timestamptz_mi", 2, 0, timestamp_minus, 0 },
	{ "pg_age", 2, 0, age, 0 },
	{ "pg_age", 3, 0, age, 0 },
	{ "pg_date_pli", 2, 0, date_plus_days, 1 },
	{ "pg_date_mii", 2, 0, date_plus_days, -1 },
	{ "pg_date_mi", 2, 0, date_minus, 0 },
	{ "pg_date_pl_interval", 2, 0, date_plus_interval, 1 },
	{ "pg_date_mi_interval", 2, 0, date_plus_interval, -1 },
	{ "pg_time_pl_interval", 2, 0, time_plus, 1 },
	{ "pg_time_mi_interval", 2, 0, time_plus, -1 },
	{ "pg_time_mi", 2, 0, time_minus, 0 },
	{ "pg_interval_add", 2, 0, interval_plus, 1 },
	{ "pg_interval_sub", 2, 0, interval_plus, -1 },
	{ "pg_interval_mul", 2, 0, interval_scale, 0 },
	{ "pg_interval_div", 2, 0, interval_scale, 1 },
	{ "pg_interval_neg", 1, 0, interval_change, CHANGE_NEGATE },
	{ "pg_justify_hours", 1, 0, interval_change, CHANGE_HOURS },
	{ "pg_justify_days", 1, 0, interval_change, CHANGE_DAYS },
	{ "pg_justify_interval", 1, 0, interval_change, CHANGE_ALL },
	{ 0 },
};

int functions_time(sqlite3 *db, struct functions *functions)
{
	int rc = functions_add(db, functions, rows);

	if (rc == SQLITE_OK)
		rc = functions_add_aggregates(db, functions, aggregates);
	if (rc == SQLITE_OK)
		rc = functions_add_collation(db, functions, "pg_interval",
					     collate);
	if (rc == SQLITE_OK)
		rc = functions_time_part(db, functions);
	return rc == SQLITE_OK ? functions_time_make(db, functions) : rc;
}
