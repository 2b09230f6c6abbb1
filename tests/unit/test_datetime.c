#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "pool/zone_files.h"
#include "protocol/datetime.h"

static struct arena arena;
static struct error error;
static struct zone_files zones;
static struct type_settings settings;

static int reset(void **state)
{
	arena_fini(&arena);
	memset(&error, 0, sizeof(error));
	settings = (struct type_settings){
		.time_zone = "UTC",
		.zones = &zones.source,
		.date_order = 'M',
	};
	return 0;
}

static void reads_as(uint32_t oid, int32_t typmod, const char *text,
		     const char *printed)
{
	struct value value;
	struct buffer out = { 0 };

	if (!type_read(oid, typmod, WIRE_TEXT, slice_text(text), &settings,
		       &arena, &value, &error))
		fail_msg("%s: %s", text, error.message);
	assert_true(type_write(oid, typmod, WIRE_TEXT, &value, &settings, &out,
			       &error));
	assert_string_equal(buffer_cstring(&out), printed);
	buffer_fini(&out);
}

static void refuses(uint32_t oid, const char *text, const char *sqlstate,
		    const char *message)
{
	struct value value;

	assert_false(type_read(oid, -1, WIRE_TEXT, slice_text(text), &settings,
			       &arena, &value, &error));
	assert_string_equal(error.sqlstate, sqlstate);
	assert_string_equal(error.message, message);
}

static void reads_many_spellings_of_a_day(void **state)
{
	static const char *const spellings[] = {
		"1999-01-08",  "Jan 8 1999",  "January 8, 1999",
		"1/8/1999",    "1/8/99",      "08-Jan-99",
		"19990108",    "990108",      "1999.008",
		"J2451187",    "1999-Jan-08", "Fri 8 jan 1999",
		"y1999m01d08",
	};

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		reads_as(OID_DATE, -1, spellings[i], "1999-01-08");
	settings.date_order = 'D';
	reads_as(OID_DATE, -1, "8/1/1999", "1999-01-08");
	settings.date_order = 'Y';
	reads_as(OID_DATE, -1, "99-01-08", "1999-01-08");
	reads_as(OID_DATE, -1, "infinity", "infinity");
	reads_as(OID_DATE, -1, "epoch", "1970-01-01");
}

static void knows_now_in_the_sessions_zone(void **state)
{
	/* 2024-02-29 23:30 UTC is already March in Berlin. */
	settings.now_us = days_from_civil(2024, 2, 29) * DAY_US + 23 * HOUR_US +
			  30 * MINUTE_US;
	settings.zone = zone_files_find(&zones, slice_text("europe/berlin"));
	assert_non_null(settings.zone);
	reads_as(OID_DATE, -1, "today", "2024-03-01");
	reads_as(OID_DATE, -1, "yesterday", "2024-02-29");
	reads_as(OID_DATE, -1, "tomorrow", "2024-03-02");
	reads_as(OID_TIMESTAMPTZ, -1, "now", "2024-03-01 00:30:00+01");
	reads_as(OID_TIMESTAMP, -1, "now", "2024-03-01 00:30:00");
	reads_as(OID_TIME, -1, "now", "00:30:00");
}

static void prints_moments_in_the_sessions_zone(void **state)
{
	settings.zone = zone_files_find(&zones, slice_text("Europe/Berlin"));
	reads_as(OID_TIMESTAMPTZ, -1, "2024-07-01 12:00:00Z",
		 "2024-07-01 14:00:00+02");
	reads_as(OID_TIMESTAMPTZ, -1, "2024-01-01 12:00:00.5 PST",
		 "2024-01-01 21:00:00.5+01");
	reads_as(OID_TIMESTAMPTZ, -1, "2024-03-31 02:30",
		 "2024-03-31 03:30:00+02");
	reads_as(OID_TIMESTAMPTZ, -1, "2024-10-27 02:30",
		 "2024-10-27 02:30:00+01");
	reads_as(OID_TIMESTAMPTZ, -1, "1880-01-01 00:00",
		 "1880-01-01 00:00:00+00:53:28");
	reads_as(OID_TIMESTAMPTZ, -1, "2014-10-05 12:00 MSK",
		 "2014-10-05 10:00:00+02");
	reads_as(OID_TIMESTAMPTZ, -1, "2024-10-05 12:00 MSK",
		 "2024-10-05 11:00:00+02");
	reads_as(OID_TIMESTAMPTZ, -1, "2124-07-01 12:00 America/New_York",
		 "2124-07-01 18:00:00+02");
	settings.zone = zone_files_setting(&zones, slice_text("-3.5"));
	reads_as(OID_TIMESTAMPTZ, -1, "2024-01-01 00:00Z",
		 "2023-12-31 20:30:00-03:30");
	assert_string_equal(time_zone_name(settings.zone), "<-03:30>+03:30");
}

static void rounds_to_the_declared_digits(void **state)
{
	reads_as(OID_TIMESTAMP, 0, "2024-12-31 23:59:59.5",
		 "2025-01-01 00:00:00");
	reads_as(OID_TIMESTAMP, 3, "2024-01-01 00:00:00.1235",
		 "2024-01-01 00:00:00.124");
	reads_as(OID_TIME, 0, "23:59:59.6", "24:00:00");
	reads_as(OID_INTERVAL, 0x7FFF0000, "1.6 sec", "00:00:02");
	reads_as(OID_INTERVAL, 0x0008FFFF, "1 mon 2 days 03:04",
		 "1 mon 2 days");
	reads_as(OID_INTERVAL, 0x0C00FFFF, "1 2:3:4", "1 day 02:03:00");
	reads_as(OID_INTERVAL, 0x0008FFFF, "5", "5 days");
}

static void reads_intervals(void **state)
{
	reads_as(OID_INTERVAL, -1, "1 day 02:03:04", "1 day 02:03:04");
	reads_as(OID_INTERVAL, -1, "P1Y2M3DT4H5M6.5S",
		 "1 year 2 mons 3 days 04:05:06.5");
	reads_as(OID_INTERVAL, -1, "1-2", "1 year 2 mons");
	reads_as(OID_INTERVAL, -1, "@ 1 minute ago", "-00:01:00");
	reads_as(OID_INTERVAL, -1, "-1 mon +1 day -2:03",
		 "-1 mons +1 day -02:03:00");
	reads_as(OID_INTERVAL, -1, "1.5 months", "1 mon 15 days");
	reads_as(OID_INTERVAL, -1, "0", "00:00:00");
	refuses(OID_INTERVAL, "1 fortnight", "22007",
		"invalid input syntax for type interval: \"1 fortnight\"");
	refuses(OID_INTERVAL, "2147483648 days", "22015",
		"interval field value out of range: \"2147483648 days\"");
}

static void refuses_as_postgres_does(void **state)
{
	refuses(OID_DATE, "2023-02-29", "22008",
		"date/time field value out of range: \"2023-02-29\"");
	assert_string_equal(error.hint, "");
	refuses(OID_DATE, "13/13/2023", "22008",
		"date/time field value out of range: \"13/13/2023\"");
	assert_string_equal(error.hint, "Perhaps you need a different "
					"\"datestyle\" setting.");
	refuses(OID_TIMESTAMP, "x", "22007",
		"invalid input syntax for type timestamp: \"x\"");
	refuses(OID_TIMESTAMPTZ, "2024-01-01 12:00 Nowhere/City", "22023",
		"time zone \"nowhere/city\" not recognized");
	refuses(OID_TIMESTAMPTZ, "2024-01-01 12:00+17", "22009",
		"time zone displacement out of range: "
		"\"2024-01-01 12:00+17\"");
	refuses(OID_DATE, "5874898-01-01", "22008",
		"date out of range: \"5874898-01-01\"");
	refuses(OID_TIMESTAMP, "294277-01-01", "22008",
		"timestamp out of range: \"294277-01-01\"");
}

static void far_years_sort_as_they_pass(void **state)
{
	static const char *const days[] = {
		"-infinity", "/0000-11-24", "/4712-12-31", "/4713-01-01",
		"0001-01-01", "9999-12-31", "Y0010000-01-01", "Y5874897-12-31",
		"infinity",
	};
	const char *before = "";

	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		struct slice text = slice_text(days[i]);
		int32_t date;

		assert_true(strcmp(before, days[i]) < 0);
		assert_true(date_from_storage(text, &date));
		assert_true(date_to_storage(date, &arena, &text, &error));
		assert_true(slice_is(text, days[i]));
		before = days[i];
	}
}

static void calendar_goes_there_and_back(void **state)
{
	int64_t year;
	int month, day;

	for (int64_t days = -2451545; days < 3000000; days += 97) {
		days_to_civil(days, &year, &month, &day);
		assert_int_equal(days_from_civil(year, month, day), days);
	}
	assert_int_equal(days_from_civil(2000, 1, 1), 0);
	assert_int_equal(week_day(days_from_civil(2024, 2, 29)), 4);
}

static void zone_files_take_no_paths(void **state)
{
	static const char *const names[] = {
		"/etc/passwd",
		"../../../etc/passwd",
		"Europe/../Europe/Berlin",
		"Europe//Berlin",
		"Europe/",
		".",
		"..",
		"Europe",
		"Europe/Berlin/x",
		"zone.tab",
		"",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(zone_files_find(&zones, slice_text(names[i])));
	assert_non_null(zone_files_find(&zones, slice_text("UTC")));
}

static void broken_zone_files_are_no_zones(void **state)
{
	static uint8_t bytes[8192];
	FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rbe");
	size_t length;

	if (!file)
		skip();
	length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	for (size_t i = 0; i < length; i++) {
		uint8_t *copy = must_alloc(i);
		struct time_zone *zone;

		memcpy(copy, bytes, i);
		zone = time_zone_from_file("x", slice_make(copy, i));
		assert_null(zone);
		free(copy);
	}
	/* Any byte may be wrong; nothing may be read outside. */
	for (size_t i = 0; i < length; i++) {
		struct time_zone *zone;

		bytes[i] ^= 0xFF;
		zone = time_zone_from_file("x", slice_make(bytes, length));
		if (zone)
			time_zone_at(zone, 1700000000);
		time_zone_free(&zone);
		bytes[i] ^= 0xFF;
	}
}

static void months_end_where_the_month_ends(void **state)
{
	int64_t ts, sum;
	struct interval month = { 0, 0, 1 };
	struct slice text;

	assert_true(
		timestamp_from_storage(slice_text("2024-01-31 10:00:00"), &ts));
	assert_true(timestamp_add(ts, &month, 1, &sum, &error));
	assert_true(timestamp_to_storage(sum, &arena, &text, &error));
	assert_true(slice_is(text, "2024-02-29 10:00:00.000000"));
	assert_true(timestamp_add(TIMESTAMP_INFINITY, &month, 1, &sum, &error));
	assert_true(sum == TIMESTAMP_INFINITY);
	month.months = INT32_MAX;
	assert_false(timestamp_add(ts, &month, 1, &sum, &error));
	assert_string_equal(error.message, "timestamp out of range");
}

static void a_day_is_a_day_when_the_clocks_change(void **state)
{
	const struct time_zone *berlin =
		zone_files_find(&zones, slice_text("Europe/Berlin"));
	struct interval day = { 0, 1, 0 }, hours = { 24 * HOUR_US, 0, 0 };
	int64_t noon, sum;

	/* 2024-03-30 12:00 in Berlin */
	assert_true(timestamp_from_storage(slice_text("2024-03-30 11:00:00"),
					   &noon));
	assert_true(timestamptz_add(noon, &day, 1, berlin, &sum, &error));
	assert_true(sum - noon == 23 * HOUR_US);
	assert_true(timestamptz_add(noon, &hours, 1, berlin, &sum, &error));
	assert_true(sum - noon == 24 * HOUR_US);
}

static void extracts_fields_with_their_digits(void **state)
{
	static const struct {
		const char *field, *answer;
	} fields[] = {
		{ "epoch", "1709211845.500000" },
		{ "second", "5.500000" },
		{ "milliseconds", "5500.000" },
		{ "YEAR", "2024" },
		{ "week", "9" },
		{ "dow", "4" },
		{ "julian", "2460370.54450810185185185185" },
		{ "doy", "60" },
	};
	struct slice answer;
	bool null;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		assert_true(datetime_extract(
			slice_text(fields[i].field), OID_TIMESTAMP,
			slice_text("2024-02-29 13:04:05.500000"), &settings,
			&arena, &answer, &null, &error));
		assert_false(null);
		assert_string_equal(arena_dup(&arena, answer),
				    fields[i].answer);
	}
	assert_true(datetime_extract(slice_text("day"), OID_TIMESTAMP,
				     slice_text("infinity"), &settings, &arena,
				     &answer, &null, &error));
	assert_true(null);
	assert_false(datetime_extract(slice_text("hour"), OID_DATE,
				      slice_text("2024-02-29"), &settings,
				      &arena, &answer, &null, &error));
	assert_string_equal(error.sqlstate, "0A000");
	assert_string_equal(error.message,
			    "unit \"hour\" not supported for type date");
}

static int start(void **state)
{
	zone_files_init(&zones, NULL);
	return 0;
}

static int stop(void **state)
{
	zone_files_fini(&zones);
	arena_fini(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_many_spellings_of_a_day, reset),
		cmocka_unit_test_setup(knows_now_in_the_sessions_zone, reset),
		cmocka_unit_test_setup(prints_moments_in_the_sessions_zone,
				       reset),
		cmocka_unit_test_setup(rounds_to_the_declared_digits, reset),
		cmocka_unit_test_setup(reads_intervals, reset),
		cmocka_unit_test_setup(refuses_as_postgres_does, reset),
		cmocka_unit_test_setup(far_years_sort_as_they_pass, reset),
		cmocka_unit_test_setup(calendar_goes_there_and_back, reset),
		cmocka_unit_test_setup(months_end_where_the_month_ends, reset),
		cmocka_unit_test_setup(a_day_is_a_day_when_the_clocks_change,
				       reset),
		cmocka_unit_test_setup(extracts_fields_with_their_digits,
				       reset),
		cmocka_unit_test_setup(zone_files_take_no_paths, reset),
		cmocka_unit_test_setup(broken_zone_files_are_no_zones, reset),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
