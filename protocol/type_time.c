/*
 * Codecs of dates, times and intervals; datetime_*.c know how.
 */
#include <stdlib.h>

#include "protocol/datetime.h"
#include "protocol/type_codec.h"

#define ZONE_SECONDS_MAX (16 * 3600)

static bool refuse_range(struct error *error, const char *what)
{
	return error_set(error, SQLSTATE_DATETIME_OVERFLOW, "%s out of range",
			 what);
}

/* --- date ----------------------------------------------------------------------- */

static bool put_date(struct type_read_job *job, int32_t date)
{
	struct slice text;

	return date_to_storage(date, job->arena, &text, job->error) &&
	       put_text(job, text);
}

static bool read_date(struct type_read_job *job)
{
	int32_t date;

	return date_parse(job->bytes, job->settings, &date, job->error) &&
	       put_date(job, date);
}

static bool read_date_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	int32_t date = (int32_t)read_u32(&reader);

	if (!reader_done(&reader))
		return refuse_binary(job);
	if (date_is_finite(date) && (date < DATE_FIRST || date >= DATE_END))
		return refuse_range(job->error, "date");
	return put_date(job, date);
}

static bool stored_date(struct type_write_job *job, int32_t *ret)
{
	if (job->value->kind != VALUE_TEXT ||
	    !date_from_storage(job->value->bytes, ret))
		return refuse_stored(job);
	return true;
}

static bool write_date(struct type_write_job *job)
{
	int32_t date;

	if (!stored_date(job, &date))
		return false;
	date_print(date, job->out);
	return true;
}

static bool write_date_binary(struct type_write_job *job)
{
	int32_t date;

	if (!stored_date(job, &date))
		return false;
	buffer_put_u32(job->out, (uint32_t)date);
	return true;
}

const struct type_codec codec_date = { read_date, read_date_binary, write_date,
				       write_date_binary, NULL };

/* --- time ----------------------------------------------------------------------- */

static bool read_time(struct type_read_job *job)
{
	int64_t us;

	return time_parse(job->bytes, job->settings, &us, job->error) &&
	       put_text(job, time_to_storage(us, job->arena));
}

static bool read_time_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	int64_t us = (int64_t)read_u64(&reader);

	if (!reader_done(&reader))
		return refuse_binary(job);
	if (us < 0 || us > DAY_US)
		return refuse_range(job->error, "time");
	return put_text(job, time_to_storage(us, job->arena));
}

static bool stored_time(struct type_write_job *job, int64_t *ret)
{
	if (job->value->kind != VALUE_TEXT ||
	    !time_from_storage(job->value->bytes, ret))
		return refuse_stored(job);
	return true;
}

static bool write_time(struct type_write_job *job)
{
	int64_t us;

	if (!stored_time(job, &us))
		return false;
	time_print(us, job->out);
	return true;
}

static bool write_time_binary(struct type_write_job *job)
{
	int64_t us;

	if (!stored_time(job, &us))
		return false;
	buffer_put_u64(job->out, (uint64_t)us);
	return true;
}

static bool coerce_time(uint32_t oid, int32_t typmod, bool explicit_cast,
			struct value *value, struct arena *arena,
			struct error *error)
{
	int64_t us;

	if (value->kind == VALUE_TEXT && time_from_storage(value->bytes, &us))
		value->bytes = time_to_storage(time_round(us, typmod), arena);
	return true;
}

const struct type_codec codec_time = { read_time, read_time_binary, write_time,
				       write_time_binary, coerce_time };

/* --- timetz ------------------------------------------------------------------------ */

static bool read_timetz(struct type_read_job *job)
{
	struct timetz value;

	return timetz_parse(job->bytes, job->settings, &value, job->error) &&
	       put_text(job, timetz_to_storage(value, job->arena));
}

static bool read_timetz_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	struct timetz value;

	value.us = (int64_t)read_u64(&reader);
	value.west_s = (int32_t)read_u32(&reader);
	if (!reader_done(&reader))
		return refuse_binary(job);
	if (value.us < 0 || value.us > DAY_US)
		return refuse_range(job->error, "time");
	if (value.west_s <= -ZONE_SECONDS_MAX ||
	    value.west_s >= ZONE_SECONDS_MAX)
		return error_set(job->error, "22009",
				 "time zone displacement out of range");
	return put_text(job, timetz_to_storage(value, job->arena));
}

static bool stored_timetz(struct type_write_job *job, struct timetz *ret)
{
	if (job->value->kind != VALUE_TEXT ||
	    !timetz_from_storage(job->value->bytes, ret))
		return refuse_stored(job);
	return true;
}

static bool write_timetz(struct type_write_job *job)
{
	struct timetz value;

	if (!stored_timetz(job, &value))
		return false;
	timetz_print(value, job->out);
	return true;
}

static bool write_timetz_binary(struct type_write_job *job)
{
	struct timetz value;

	if (!stored_timetz(job, &value))
		return false;
	buffer_put_u64(job->out, (uint64_t)value.us);
	buffer_put_u32(job->out, (uint32_t)value.west_s);
	return true;
}

static bool coerce_timetz(uint32_t oid, int32_t typmod, bool explicit_cast,
			  struct value *value, struct arena *arena,
			  struct error *error)
{
	struct timetz time;

	if (value->kind != VALUE_TEXT ||
	    !timetz_from_storage(value->bytes, &time))
		return true;
	time.us = time_round(time.us, typmod);
	value->bytes = timetz_to_storage(time, arena);
	return true;
}

const struct type_codec codec_timetz = { read_timetz, read_timetz_binary,
					 write_timetz, write_timetz_binary,
					 coerce_timetz };

/* --- timestamp, timestamptz -------------------------------------------------------- */

static bool put_timestamp(struct type_read_job *job, int64_t ts)
{
	struct slice text;

	return timestamp_to_storage(ts, job->arena, &text, job->error) &&
	       put_text(job, text);
}

static bool read_timestamp(struct type_read_job *job)
{
	int64_t ts;

	return timestamp_parse(job->bytes, job->settings, &ts, job->error) &&
	       put_timestamp(job, ts);
}

static bool read_timestamptz(struct type_read_job *job)
{
	int64_t ts;

	return timestamptz_parse(job->bytes, job->settings, &ts, job->error) &&
	       put_timestamp(job, ts);
}

static bool read_timestamp_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	int64_t ts = (int64_t)read_u64(&reader);

	if (!reader_done(&reader))
		return refuse_binary(job);
	if (timestamp_is_finite(ts) &&
	    (ts < TIMESTAMP_FIRST || ts >= TIMESTAMP_END))
		return refuse_range(job->error, "timestamp");
	return put_timestamp(job, ts);
}

static bool stored_timestamp(struct type_write_job *job, int64_t *ret)
{
	if (job->value->kind != VALUE_TEXT ||
	    !timestamp_from_storage(job->value->bytes, ret))
		return refuse_stored(job);
	return true;
}

static bool write_timestamp(struct type_write_job *job)
{
	int64_t ts;

	if (!stored_timestamp(job, &ts))
		return false;
	timestamp_print(ts, job->out);
	return true;
}

static bool write_timestamptz(struct type_write_job *job)
{
	int64_t ts;

	if (!stored_timestamp(job, &ts))
		return false;
	timestamptz_print(ts, job->settings->zone, job->out);
	return true;
}

static bool write_timestamp_binary(struct type_write_job *job)
{
	int64_t ts;

	if (!stored_timestamp(job, &ts))
		return false;
	buffer_put_u64(job->out, (uint64_t)ts);
	return true;
}

static bool coerce_timestamp(uint32_t oid, int32_t typmod, bool explicit_cast,
			     struct value *value, struct arena *arena,
			     struct error *error)
{
	int64_t ts;

	if (typmod > 5 || value->kind != VALUE_TEXT ||
	    !timestamp_from_storage(value->bytes, &ts))
		return true;
	return timestamp_to_storage(time_round(ts, typmod), arena,
				    &value->bytes, error);
}

const struct type_codec codec_timestamp = {
	read_timestamp,		read_timestamp_binary, write_timestamp,
	write_timestamp_binary, coerce_timestamp,
};
const struct type_codec codec_timestamptz = {
	read_timestamptz,	read_timestamp_binary, write_timestamptz,
	write_timestamp_binary, coerce_timestamp,
};

/* --- interval ------------------------------------------------------------------------ */

static bool read_interval(struct type_read_job *job)
{
	struct interval value;

	return interval_parse(job->bytes, job->typmod, &value, job->error) &&
	       put_text(job, interval_to_storage(&value, job->arena));
}

static bool read_interval_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	struct interval value;

	value.us = (int64_t)read_u64(&reader);
	value.days = (int32_t)read_u32(&reader);
	value.months = (int32_t)read_u32(&reader);
	if (!reader_done(&reader))
		return refuse_binary(job);
	return put_text(job, interval_to_storage(&value, job->arena));
}

static bool stored_interval(struct type_write_job *job, struct interval *ret)
{
	if (job->value->kind != VALUE_TEXT ||
	    !interval_from_storage(job->value->bytes, ret))
		return refuse_stored(job);
	return true;
}

static bool write_interval(struct type_write_job *job)
{
	struct interval value;

	if (!stored_interval(job, &value))
		return false;
	interval_print(&value, job->out);
	return true;
}

static bool write_interval_binary(struct type_write_job *job)
{
	struct interval value;

	if (!stored_interval(job, &value))
		return false;
	buffer_put_u64(job->out, (uint64_t)value.us);
	buffer_put_u32(job->out, (uint32_t)value.days);
	buffer_put_u32(job->out, (uint32_t)value.months);
	return true;
}

static bool coerce_interval(uint32_t oid, int32_t typmod, bool explicit_cast,
			    struct value *value, struct arena *arena,
			    struct error *error)
{
	struct interval interval;

	if (value->kind != VALUE_TEXT ||
	    !interval_from_storage(value->bytes, &interval))
		return true;
	interval_limit(&interval, typmod);
	value->bytes = interval_to_storage(&interval, arena);
	return true;
}

const struct type_codec codec_interval = {
	read_interval,	       read_interval_binary, write_interval,
	write_interval_binary, coerce_interval,
};
