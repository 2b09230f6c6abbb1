/*
 * Dates and times from their parts, and series of timestamps.
 */
#include "pool/sqlite/function_set.h"
#include "pool/sqlite/function_time.h"

#include <stdio.h>

#include "protocol/numeric.h"

/* --- dates and timestamps ------------------------------------------------------- */

/* Negative years are BC: -1 is the year before 1. */
static bool read_day(struct call *call, struct calendar *at)
{
	int64_t year = call_integer(call, 0);

	*at = (struct calendar){ .year = year < 0 ? year + 1 : year,
				 .month = (int)call_integer(call, 1),
				 .day = (int)call_integer(call, 2) };
	if (year && at->month >= 1 && at->month <= 12 && at->day >= 1 &&
	    at->day <= days_in_month(at->year, at->month))
		return true;
	return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
			 "date field value out of range: %lld-%02d-%02d",
			 (long long)year, at->month, at->day);
}

static bool read_clock(struct call *call, int index, int64_t *ret_us)
{
	int64_t hour = call_integer(call, index);
	int64_t minute = call_integer(call, index + 1);
	double second = call_real(call, index + 2);

	if (hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 &&
	    second >= 0 && second <= 60 &&
	    (hour < 24 || (minute == 0 && second == 0))) {
		*ret_us = hour * HOUR_US + minute * MINUTE_US +
			  (int64_t)rint(second * 1e6);
		return true;
	}
	return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
			 "time field value out of range: %lld:%02lld:%02g",
			 (long long)hour, (long long)minute, second);
}

static bool make_date(struct call *call)
{
	struct calendar at;
	int64_t days;

	if (!read_day(call, &at))
		return false;
	days = days_from_civil(at.year, at.month, at.day) -
	       days_from_civil(2000, 1, 1);
	if (days != (int32_t)days)
		return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "date out of range: %lld-%02d-%02d",
				 (long long)at.year, at.month, at.day);
	return give_date(call, (int32_t)days);
}

static bool make_time(struct call *call)
{
	int64_t us;

	return read_clock(call, 0, &us) && give_time(call, us);
}

static bool read_moment(struct call *call, int64_t *ret)
{
	struct calendar at;
	int64_t us;

	if (!read_day(call, &at) || !read_clock(call, 3, &us) ||
	    !timestamp_join(&at, ret, call->error))
		return false;
	*ret += us;
	return true;
}

static bool make_timestamp(struct call *call)
{
	int64_t ts;

	return read_moment(call, &ts) && give_timestamp(call, ts);
}

/* +02, -03:30: as ISO 8601 means it, not as POSIX would. */
static bool read_offset(struct slice zone, int64_t *ret_us)
{
	int hours, minutes = 0;
	char sign, rest;
	char text[16] = "";
	int count;

	if (zone.length < 2 || zone.length >= sizeof(text))
		return false;
	memcpy(text, zone.at, zone.length);
	count = sscanf(text, "%c%2d:%2d%c", &sign, &hours, &minutes, &rest);
	if ((sign != '+' && sign != '-') || count < 2 || count > 3 ||
	    (count == 2 && zone.length > 3) || hours < 0 || hours > 15 ||
	    minutes < 0 || minutes > 59)
		return false;
	*ret_us = (hours * HOUR_US + minutes * MINUTE_US) *
		  (sign == '-' ? -1 : 1);
	return true;
}

/* make_timestamptz(year, month, day, hour, minute, second [, zone]) */
static bool make_timestamptz(struct call *call)
{
	int64_t ts, offset_us;

	if (!read_moment(call, &ts))
		return false;
	if (call->count == 7 && read_offset(call_text(call, 6), &offset_us))
		return give_timestamp(call, ts - offset_us);
	return (call->count == 7
		? timestamp_at_zone(ts, call_text(call, 6),
				    call_settings(call), &ts, call->error)
		: timestamp_to_utc(ts, call_zone(call), &ts, call->error)) &&
	       give_timestamp(call, ts);
}

/* to_timestamp(seconds since 1970) */
static bool from_epoch(struct call *call)
{
	double seconds = call_real(call, 0), us;

	if (isnan(seconds))
		return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "timestamp cannot be NaN");
	if (isinf(seconds))
		return give_timestamp(call, seconds < 0
				      ? TIMESTAMP_MINUS_INFINITY
				      : TIMESTAMP_INFINITY);
	us = rint((seconds - (double)UNIX_EPOCH_S) * 1e6);
	if (us < (double)TIMESTAMP_FIRST || us >= (double)TIMESTAMP_END)
		return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "timestamp out of range: \"%g\"", seconds);
	return give_timestamp(call, (int64_t)us);
}

/* --- intervals ---------------------------------------------------------------------- */

/* make_interval(years, months, weeks, days, hours, minutes, seconds), as many
 * as are given */
static bool make_interval(struct call *call)
{
	int64_t part[6] = { 0 }, months, days;
	double seconds = call->count > 6 ? call_real(call, 6) : 0;
	struct interval interval;
	bool overflow;

	for (int i = 0; i < 6 && i < call->count; i++)
		part[i] = (int32_t)call_integer(call, i);
	months = part[0] * 12 + part[1];
	days = part[2] * 7 + part[3];
	overflow = !isfinite(seconds) || fabs(seconds) > 9e12 ||
		   months != (int32_t)months || days != (int32_t)days;
	interval = (struct interval){ .months = (int32_t)months,
				      .days = (int32_t)days };
	if (!overflow)
		overflow = __builtin_add_overflow(
			part[4] * HOUR_US + part[5] * MINUTE_US,
			(int64_t)rint(seconds * 1e6), &interval.us);
	if (overflow)
		return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "interval out of range");
	return give_interval(call, &interval);
}

/* --- series -------------------------------------------------------------------------- */

struct time_series {
	int64_t next, stop;
	struct interval step;
	bool forward;
	bool zoned;
};

/* pg_generate_series_ts(start, stop, step, type) */
static bool series(struct set *set)
{
	struct call *call = set->call;
	struct interval nothing = { 0 };
	struct time_series *state = arena_alloc(call->scratch, sizeof(*state));
	int order;

	if (!call_timestamp(call, 0, &state->next) ||
	    !call_timestamp(call, 1, &state->stop) ||
	    !call_interval(call, 2, &state->step))
		return false;
	order = interval_compare(&state->step, &nothing);
	if (!order)
		return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
				 "step size cannot equal zero");
	state->forward = order > 0;
	state->zoned = call_integer(call, 3) == OID_TIMESTAMPTZ;
	set->series = state;
	set->values = arena_alloc(call->scratch, sizeof(*set->values));
	return true;
}

/* Text of a series lives in a buffer of its own, not to fill the arena. */
static bool show(struct set *set, struct slice text)
{
	struct value *value = set->values;

	if (!value->bytes.at || text.length > 32) {
		value->bytes.at = arena_alloc(set->call->scratch,
					      text.length > 32 ? text.length
							       : 32);
	}
	value->kind = VALUE_TEXT;
	memcpy((void *)(uintptr_t)value->bytes.at, text.at, text.length);
	value->bytes.length = text.length;
	return true;
}

static bool series_next(struct set *set, bool *ret_end)
{
	struct time_series *state = set->series;
	struct call *call = set->call;
	struct slice text;
	bool ok;

	*ret_end = state->forward ? state->next > state->stop
				  : state->next < state->stop;
	if (*ret_end)
		return true;
	arena_reset(&call->functions->scratch);
	ok = timestamp_to_storage(state->next, &call->functions->scratch,
				  &text, call->error) &&
	     show(set, text);
	return ok && (state->zoned
		      ? timestamptz_add(state->next, &state->step, 1,
					call_zone(call), &state->next,
					call->error)
		      : timestamp_add(state->next, &state->step, 1,
				      &state->next, call->error));
}

/* --- series of numerics ----------------------------------------------------------------- */

struct numeric_series {
	struct slice next, stop, step;
	int direction;
};

static bool special(struct slice text)
{
	return text.length && text.at[text.length - 1] > '9';
}

static bool numeric_series(struct set *set)
{
	struct call *call = set->call;
	struct numeric_series *state =
		arena_alloc(call->scratch, sizeof(*state));
	static const char *const names[] = { "start", "stop", "step size" };

	for (int i = 0; i < 3; i++)
		if (special(call_text(call, i)))
			return error_set(call->error,
					 SQLSTATE_INVALID_PARAMETER,
					 "%s value cannot be NaN or infinity",
					 names[i]);
	state->next = call_text(call, 0);
	state->stop = call_text(call, 1);
	state->step = call_text(call, 2);
	state->direction = numeric_text_compare(state->step, slice_text("0"));
	if (!state->direction)
		return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
				 "step size cannot equal zero");
	set->series = state;
	set->values = arena_alloc(call->scratch, sizeof(*set->values));
	set->values->kind = VALUE_TEXT;
	return true;
}

static bool numeric_series_next(struct set *set, bool *ret_end)
{
	struct numeric_series *state = set->series;
	int order = numeric_text_compare(state->next, state->stop);

	*ret_end = order * state->direction > 0;
	if (*ret_end)
		return true;
	set->values->bytes = state->next;
	if (++set->count > SET_ROWS_MAX)
		return error_set(set->call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "more than %d rows of a function",
				 SET_ROWS_MAX);
	return numeric_text_do(NUMERIC_ADD, state->next, state->step,
			       set->call->scratch, &state->next,
			       set->call->error);
}

static const struct set_row sets[] = {
	{ "pg_generate_series_ts", "value", 1, 4, 4, 0, series, series_next,
	  0 },
	{ "pg_generate_series_numeric", "value", 1, 3, 3, 0, numeric_series,
	  numeric_series_next, 0 },
	{ 0 },
};

static const struct function_row rows[] = {
	{ "pg_make_date", 3, 0, make_date, 0 },
	{ "pg_make_time", 3, 0, make_time, 0 },
	{ "pg_make_timestamp", 6, 0, make_timestamp, 0 },
	{ "pg_make_timestamptz", 6, 0, make_timestamptz, 0 },
	{ "pg_make_timestamptz", 7, 0, make_timestamptz, 0 },
	{ "pg_make_interval", FUNCTION_FROM(0), 0, make_interval, 0 },
	{ "pg_to_timestamp_epoch", 1, 0, from_epoch, 0 },
	{ 0 },
};

int functions_time_make(sqlite3 *db, struct functions *functions)
{
	int rc = functions_add(db, functions, rows);

	return rc == SQLITE_OK ? functions_add_sets(db, functions, sets) : rc;
}
