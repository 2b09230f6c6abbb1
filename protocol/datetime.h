/*
 * Dates, times and intervals, as Postgres reads, prints and reckons them.
 *
 * Plain values, as on Postgres's wire:
 *   date         int32 days since 2000-01-01
 *   time         int64 microseconds since midnight, up to 24:00
 *   timetz       a time and seconds west of Greenwich
 *   timestamp    int64 microseconds since 2000-01-01 00:00 of no zone
 *   timestamptz  the same in UTC
 *   interval     months, days and microseconds, kept apart
 * with the largest and smallest number of date and timestamp for infinity.
 *
 * Everything that can fail fills the error as Postgres would. What depends on
 * a session (zone, DateStyle, now) comes as type_settings.
 */
#ifndef WEIR_PROTOCOL_DATETIME_H
#define WEIR_PROTOCOL_DATETIME_H

#include "protocol/time_zone.h"
#include "protocol/type.h"

#define DAY_US INT64_C(86400000000)
#define HOUR_US INT64_C(3600000000)
#define MINUTE_US INT64_C(60000000)
#define SECOND_US INT64_C(1000000)
#define UNIX_EPOCH_DAYS (-10957) /* 1970-01-01 as a date */
#define UNIX_EPOCH_S INT64_C(946684800) /* 2000-01-01 in Unix seconds */

#define DATE_INFINITY INT32_MAX
#define DATE_MINUS_INFINITY INT32_MIN
#define TIMESTAMP_INFINITY INT64_MAX
#define TIMESTAMP_MINUS_INFINITY INT64_MIN

/* Postgres's bounds: 4714-11-24 BC up to 5874897 and 294276 AD. */
#define YEAR_FIRST (-4713)
#define DATE_FIRST (-2451545)
#define DATE_END INT32_C(2145031949)
#define TIMESTAMP_FIRST INT64_C(-211813488000000000)
#define TIMESTAMP_END INT64_C(9223371331200000000)

struct interval {
	int64_t us;
	int32_t days;
	int32_t months;
};

struct timetz {
	int64_t us;
	int32_t west_s;
};

/* A timestamp taken apart. Year 0 is 1 BC. */
struct calendar {
	int64_t year;
	int month, day; /* from 1 */
	int hour, minute, second, us;
};

static inline bool date_is_finite(int32_t date)
{
	return date != DATE_INFINITY && date != DATE_MINUS_INFINITY;
}

static inline bool timestamp_is_finite(int64_t ts)
{
	return ts != TIMESTAMP_INFINITY && ts != TIMESTAMP_MINUS_INFINITY;
}

/* --- calendar: datetime.c ----------------------------------------------------- */

int64_t days_from_civil(int64_t year, int month, int day);
void days_to_civil(int64_t days, int64_t *ret_year, int *ret_month,
		   int *ret_day);
int days_in_month(int64_t year, int month);
int week_day(int64_t days); /* 0 is Sunday */

void timestamp_split(int64_t ts, struct calendar *); /* finite */
/* 22008 "timestamp out of range" */
bool timestamp_join(const struct calendar *, int64_t *ret, struct error *);

/* Local time of a moment, and back. NULL zone: UTC. */
int64_t timestamptz_to_local(int64_t ts, const struct time_zone *);
bool timestamp_to_utc(int64_t local, const struct time_zone *, int64_t *ret,
		      struct error *);
int32_t timestamptz_offset(int64_t ts, const struct time_zone *);

/* By moment, then by zone. */
int timetz_compare(struct timetz, struct timetz);

/* Conversions between the types, as casts. */
bool date_to_timestamp(int32_t date, int64_t *ret, struct error *);
bool date_to_timestamptz(int32_t date, const struct time_zone *, int64_t *ret,
			 struct error *);
int32_t timestamp_to_date(int64_t ts);
int64_t timestamp_to_time(int64_t ts); /* finite */

/* The storage forms. Reading: false when the text is not one (shorter
 * fractions of a second are taken). Writing: 22008 beyond what Postgres has. */
bool date_from_storage(struct slice, int32_t *ret);
bool time_from_storage(struct slice, int64_t *ret);
bool timetz_from_storage(struct slice, struct timetz *ret);
bool timestamp_from_storage(struct slice, int64_t *ret);
bool interval_from_storage(struct slice, struct interval *ret);
bool date_to_storage(int32_t, struct arena *, struct slice *ret,
		     struct error *);
bool timestamp_to_storage(int64_t, struct arena *, struct slice *ret,
			  struct error *);
struct slice time_to_storage(int64_t, struct arena *);
struct slice timetz_to_storage(struct timetz, struct arena *);
struct slice interval_to_storage(const struct interval *, struct arena *);

/* --- text: datetime_parse.c, interval_parse.c, datetime_print.c --------------- */

bool date_parse(struct slice, const struct type_settings *, int32_t *ret,
		struct error *);
bool time_parse(struct slice, const struct type_settings *, int64_t *ret,
		struct error *);
bool timetz_parse(struct slice, const struct type_settings *,
		  struct timetz *ret, struct error *);
bool timestamp_parse(struct slice, const struct type_settings *, int64_t *ret,
		     struct error *);
bool timestamptz_parse(struct slice, const struct type_settings *, int64_t *ret,
		       struct error *);
/* `typmod` decides what a bare number means; it is not yet applied. */
bool interval_parse(struct slice, int32_t typmod, struct interval *ret,
		    struct error *);

/* DateStyle ISO, IntervalStyle postgres. */
void date_print(int32_t, struct buffer *out);
void time_print(int64_t, struct buffer *out);
void timetz_print(struct timetz, struct buffer *out);
void timestamp_print(int64_t, struct buffer *out);
void timestamptz_print(int64_t, const struct time_zone *, struct buffer *out);
void interval_print(const struct interval *, struct buffer *out);

/* Rounding to the digits of a typmod; -1 leaves all. */
int64_t time_round(int64_t us, int32_t typmod); /* time and timestamp */
void interval_limit(struct interval *, int32_t typmod);

/* --- reckoning: datetime_math.c ------------------------------------------------ */

/* `sign` is 1 to add, -1 to subtract. */
bool timestamp_add(int64_t ts, const struct interval *, int sign, int64_t *ret,
		   struct error *);
bool timestamptz_add(int64_t ts, const struct interval *, int sign,
		     const struct time_zone *, int64_t *ret, struct error *);
int64_t time_add(int64_t us, const struct interval *, int sign);
bool timestamp_subtract(int64_t a, int64_t b, struct interval *ret,
			struct error *);
bool timestamp_age(int64_t a, int64_t b, struct interval *ret, struct error *);
bool timestamptz_age(int64_t a, int64_t b, const struct time_zone *,
		     struct interval *ret, struct error *);
bool date_add_days(int32_t date, int64_t days, int32_t *ret, struct error *);

bool interval_add(const struct interval *, const struct interval *, int sign,
		  struct interval *ret, struct error *);
bool interval_negate(const struct interval *, struct interval *ret,
		     struct error *);
bool interval_multiply(const struct interval *, double factor,
		       struct interval *ret, struct error *);
bool interval_divide(const struct interval *, double divisor,
		     struct interval *ret, struct error *);
int interval_compare(const struct interval *, const struct interval *);
bool interval_justify_hours(const struct interval *, struct interval *ret,
			    struct error *);
bool interval_justify_days(const struct interval *, struct interval *ret,
			   struct error *);
bool interval_justify(const struct interval *, struct interval *ret,
		      struct error *);

/* --- fields: datetime_field.c ---------------------------------------------------- */

/*
 * extract(): the numeric's text. *ret_null: the answer is NULL (a field of
 * infinity). `field` in any case. `type` is date, time, timetz, timestamp,
 * timestamptz or interval; `value` is its storage form.
 */
bool datetime_extract(struct slice field, uint32_t type, struct slice value,
		      const struct type_settings *, struct arena *,
		      struct slice *ret, bool *ret_null, struct error *);

bool timestamp_trunc(struct slice field, int64_t ts, int64_t *ret,
		     struct error *);
bool timestamptz_trunc(struct slice field, int64_t ts, const struct time_zone *,
		       int64_t *ret, struct error *);
bool interval_trunc(struct slice field, const struct interval *,
		    struct interval *ret, struct error *);

/* --- zones by name: datetime_zone.c ----------------------------------------------- */

/* The zone an expression names: abbreviation, IANA name, POSIX zone. 22023
 * when there is none. An abbreviation gives no zone but its offset, save for
 * those that changed over the years, which give the zone that knows. */
bool datetime_find_zone(struct slice name, const struct type_settings *,
			const struct time_zone **ret_zone,
			int32_t *ret_offset_s, bool *ret_is_offset,
			struct error *);

/* AT TIME ZONE for timestamp -> timestamptz and back. */
bool timestamp_at_zone(int64_t local, struct slice zone,
		       const struct type_settings *, int64_t *ret,
		       struct error *);
bool timestamptz_at_zone(int64_t ts, struct slice zone,
			 const struct type_settings *, int64_t *ret,
			 struct error *);

#endif
