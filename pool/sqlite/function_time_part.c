/*
 * Parts of dates and times: extract, date_trunc, zones, bins, overlaps.
 */
#include "pool/sqlite/function_time.h"

#include <math.h>
#include <stdlib.h>

/* --- fields ------------------------------------------------------------------- */

/* date_part() adds the seconds of these up as floats, and rounds as they do. */
static bool epoch_part(struct call *call, bool *ret_done)
{
	int64_t type = call_integer(call, 2);
	struct interval interval;
	struct timetz time;

	*ret_done = call->variant && (type == OID_INTERVAL ||
				      type == OID_TIMETZ) &&
		    call_text(call, 0).length == 5 &&
		    !strncasecmp((const char *)call_text(call, 0).at, "epoch",
				 5);
	if (!*ret_done)
		return true;
	if (type == OID_TIMETZ)
		return timetz_from_storage(call_text(call, 1), &time) ?
		       give_real(call, (double)time.us / 1000000.0 +
					       time.west_s) :
		       fail_stored(call, call_text(call, 1), "timetz");
	return call_interval(call, 1, &interval) &&
	       give_real(call, (double)interval.us / 1000000.0 +
				       365.25 * 86400 * (interval.months / 12) +
				       30.0 * 86400 * (interval.months % 12) +
				       86400.0 * interval.days);
}

/* extract(field, value, type); variant 1: date_part(), a float */
static bool extract(struct call *call)
{
	struct slice text;
	bool null, done;

	if (!epoch_part(call, &done))
		return false;
	if (done)
		return true;
	if (!datetime_extract(call_text(call, 0),
			      (uint32_t)call_integer(call, 2),
			      call_text(call, 1), call_settings(call),
			      call->scratch, &text, &null, call->error))
		return false;
	if (null)
		return give_null(call);
	if (!call->variant)
		return give_text(call, text);
	return give_real(call, strtod(arena_dup(call->scratch, text), NULL));
}

/* In a zone that is not the session's. */
static bool trunc_in_zone(struct call *call, int64_t ts)
{
	const struct time_zone *zone = NULL;
	int32_t offset = 0;
	bool fixed = false;

	if (!timestamp_is_finite(ts))	/* Postgres looks at nothing else */
		return give_timestamp(call, ts);
	if (!datetime_find_zone(call_text(call, 3), call_settings(call), &zone,
				&offset, &fixed, call->error))
		return false;
	if (!fixed)
		return timestamptz_trunc(call_text(call, 0), ts, zone, &ts,
					 call->error) &&
		       give_timestamp(call, ts);
	return timestamp_trunc(call_text(call, 0), ts + offset * SECOND_US,
			       &ts, call->error) &&
	       give_timestamp(call, ts - offset * SECOND_US);
}

/* date_trunc(field, value, type [, zone]) */
static bool date_trunc(struct call *call)
{
	uint32_t type = (uint32_t)call_integer(call, 2);
	struct interval interval;
	int64_t ts;

	if (type == OID_INTERVAL)
		return call_interval(call, 1, &interval) &&
		       interval_trunc(call_text(call, 0), &interval, &interval,
				      call->error) &&
		       give_interval(call, &interval);
	if (!call_timestamp(call, 1, &ts))
		return false;
	if (call->count == 4)
		return trunc_in_zone(call, ts);
	return (type == OID_TIMESTAMPTZ
		? timestamptz_trunc(call_text(call, 0), ts, call_zone(call),
				    &ts, call->error)
		: timestamp_trunc(call_text(call, 0), ts, &ts, call->error)) &&
	       give_timestamp(call, ts);
}

/* --- zones ------------------------------------------------------------------------ */

static bool refuse_timetz(struct call *call)
{
	return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "AT TIME ZONE for time with time zone is not "
			 "supported");
}

/* value AT TIME ZONE zone: timezone(zone, value, type) */
static bool at_zone(struct call *call)
{
	uint32_t type = (uint32_t)call_integer(call, 2);
	int64_t ts;

	if (type == OID_TIMETZ)
		return refuse_timetz(call);
	if (!call_timestamp(call, 1, &ts))
		return false;
	return (type == OID_TIMESTAMPTZ
		? timestamptz_at_zone(ts, call_text(call, 0),
				      call_settings(call), &ts, call->error)
		: timestamp_at_zone(ts, call_text(call, 0),
				    call_settings(call), &ts, call->error)) &&
	       give_timestamp(call, ts);
}

static bool at_interval(struct call *call)
{
	uint32_t type = (uint32_t)call_integer(call, 2);
	struct interval zone;
	int64_t ts;

	if (type == OID_TIMETZ)
		return refuse_timetz(call);
	if (!call_interval(call, 0, &zone) || !call_timestamp(call, 1, &ts))
		return false;
	if (!timestamp_is_finite(ts))
		return give_argument(call, 1);
	if (zone.months || zone.days)
		return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
				 "interval time zone must not include months "
				 "or days");
	zone.days = zone.months = 0;
	return timestamp_add(ts, &zone, type == OID_TIMESTAMPTZ ? 1 : -1, &ts,
			     call->error) &&
	       give_timestamp(call, ts);
}

/* --- bins ----------------------------------------------------------------------------- */

/* date_bin(stride, value, origin, type) */
static bool date_bin(struct call *call)
{
	struct interval stride;
	int64_t ts, origin, difference, rest;

	if (!call_interval(call, 0, &stride) || !call_timestamp(call, 1, &ts) ||
	    !call_timestamp(call, 2, &origin))
		return false;
	if (!timestamp_is_finite(ts))
		return give_argument(call, 1);
	if (!timestamp_is_finite(origin))
		return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "origin out of range");
	if (stride.months)
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "timestamps cannot be binned into intervals "
				 "containing months or years");
	if (__builtin_add_overflow(stride.us, stride.days * DAY_US,
				   &stride.us))
		return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "interval out of range");
	if (stride.us <= 0)
		return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "stride must be greater than zero");
	if (__builtin_sub_overflow(ts, origin, &difference))
		return error_set(call->error, SQLSTATE_DATETIME_OVERFLOW,
				 "interval out of range");
	rest = difference % stride.us;
	if (rest < 0)
		rest += stride.us;
	return give_timestamp(call, ts - rest);
}

/* --- overlaps ---------------------------------------------------------------------------- */

/* One end of a period: its text, which sorts as the time does. */
struct end {
	bool null;
	struct slice text;
};

struct period {
	struct end start, end;
};

static int compare_ends(const struct end *a, const struct end *b)
{
	size_t common = a->text.length < b->text.length ? a->text.length
							: b->text.length;
	struct timetz x, y;
	int order;

	if (timetz_from_storage(a->text, &x) &&
	    timetz_from_storage(b->text, &y))
		return timetz_compare(x, y);
	order = memcmp(a->text.at, b->text.at, common);
	return order ? order : (a->text.length > b->text.length) -
				       (a->text.length < b->text.length);
}

/* Stored intervals have no point; stored times and timestamps do. */
static bool is_interval(struct slice text)
{
	return !memchr(text.at, '.', text.length) &&
	       memchr(text.at, ':', text.length);
}

/* The start plus an interval. The type of the start is not known here: days
 * and months are added only where no zone can matter. */
static bool add_length(struct call *call, const struct end *start, int index,
		       struct end *ret)
{
	struct interval length;
	int32_t offset;
	int64_t at;

	ret->null = start->null;
	if (start->null)
		return true;
	if (!call_interval(call, index, &length))
		return false;
	if (time_from_storage(start->text, &at)) {
		ret->text = time_to_storage(time_add(at, &length, 1),
					    call->scratch);
		return true;
	}
	if ((length.days || length.months) && call_zone(call) &&
	    !time_zone_is_fixed(call_zone(call), &offset))
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "OVERLAPS with intervals of days or months is "
				 "not supported in this time zone");
	return timestamp_from_storage(start->text, &at) &&
	       timestamp_add(at, &length, 1, &at, call->error) &&
	       timestamp_to_storage(at, call->scratch, &ret->text,
				    call->error);
}

static bool read_period(struct call *call, int index, struct period *period)
{
	struct end *start = &period->start, *end = &period->end, other;

	start->null = call_null(call, index);
	end->null = call_null(call, index + 1);
	start->text = call_text(call, index);
	end->text = call_text(call, index + 1);
	if (!end->null && is_interval(end->text) &&
	    !add_length(call, start, index + 1, end))
		return false;
	if (start->null ||
	    (!end->null && compare_ends(start, end) > 0)) {
		other = *start;
		*start = *end;
		*end = other;
	}
	return true;
}

/* (a, b) OVERLAPS (c, d), with Postgres's answers where ends are NULL. */
static bool overlaps(struct call *call)
{
	struct period a, b, *first = &a, *second = &b;
	int order;

	if (!read_period(call, 0, &a) || !read_period(call, 2, &b))
		return false;
	if (a.start.null || b.start.null)
		return give_null(call);
	order = compare_ends(&a.start, &b.start);
	if (order == 0)
		return a.end.null || b.end.null ? give_null(call)
						: give_bool(call, true);
	if (order > 0) {
		first = &b;
		second = &a;
	}
	if (first->end.null)
		return give_null(call);
	if (compare_ends(&second->start, &first->end) < 0)
		return give_bool(call, true);
	return second->end.null ? give_null(call) : give_bool(call, false);
}

/* --- frames of windows ------------------------------------------------------------ */

/* However far one goes from infinity, one is still there. */
static bool give_moment(struct call *call, int64_t ts)
{
	if (timestamp_is_finite(ts))
		return give_integer(call, ts);
	return give_real(call, ts == TIMESTAMP_INFINITY ? HUGE_VAL :
							  -HUGE_VAL);
}

/* SQLite's RANGE reckons with numbers: frame_key(value, type, in days) makes
 * one of a moment. Days differ where clocks are put forward and back. */
static bool frame_key(struct call *call)
{
	uint32_t type = (uint32_t)call_integer(call, 1);
	int32_t date, offset;
	int64_t ts;

	if (type == OID_TIMESTAMPTZ && call_integer(call, 2) &&
	    !time_zone_is_fixed(call_zone(call), &offset))
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "RANGE with an offset of days is not "
				 "supported on SQLite for timestamp with time "
				 "zone where the time zone has daylight "
				 "saving");
	if (type != OID_DATE)
		return call_timestamp(call, 0, &ts) && give_moment(call, ts);
	return call_date(call, 0, &date) &&
	       date_to_timestamp(date, &ts, call->error) &&
	       give_moment(call, ts);
}

static const struct function_row rows[] = {
	{ "pg_frame_key", 3, 0, frame_key, 0 },
	{ "pg_extract", 3, 0, extract, 0 },
	{ "pg_date_part", 3, 0, extract, 1 },
	{ "pg_date_trunc", 3, 0, date_trunc, 0 },
	{ "pg_date_trunc", 4, 0, date_trunc, 0 },
	{ "pg_timezone", 3, 0, at_zone, 0 },
	{ "pg_timezone_interval", 3, 0, at_interval, 0 },
	{ "pg_date_bin", 4, 0, date_bin, 0 },
	{ "pg_overlaps", 4, FUNCTION_NULLS, overlaps, 0 },
	{ 0 },
};

int functions_time_part(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
