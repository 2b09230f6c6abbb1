/*
 * Weir's side of time_diff.py: "FUNCTION<tab>A<tab>B" lines in, the text of
 * the result out, or "null", or "error STATE|MESSAGE".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool/zone_files.h"
#include "protocol/datetime.h"

static struct type_settings settings = { .time_zone = "UTC",
					 .date_order = 'M' };
static struct arena arena;
static struct error error;
static struct buffer out;

static int64_t ts_of(const char *text, bool zone)
{
	int64_t ts = 0;

	if (zone)
		timestamptz_parse(slice_text(text), &settings, &ts, &error);
	else
		timestamp_parse(slice_text(text), &settings, &ts, &error);
	return ts;
}

static struct interval interval_of(const char *text)
{
	struct interval value = { 0, 0, 0 };

	interval_parse(slice_text(text), -1, &value, &error);
	return value;
}

static bool extract(uint32_t type, const char *field, const char *text)
{
	struct value value;
	struct slice answer;
	bool null;

	if (!type_read(type, -1, WIRE_TEXT, slice_text(text), &settings, &arena,
		       &value, &error) ||
	    !datetime_extract(slice_text(field), type, value.bytes, &settings,
			      &arena, &answer, &null, &error))
		return false;
	if (null)
		buffer_put_text(&out, "null");
	else
		buffer_put_slice(&out, answer);
	return true;
}

static bool on_timestamps(const char *name, const char *a, const char *b,
			  bool *ret_known)
{
	bool zone = name[1] == 'z';
	const char *verb = name + 3;
	int64_t ts = 0;
	struct interval span;
	bool ok;

	if (strncmp(name, "ts_", 3) && strncmp(name, "tz_", 3))
		return *ret_known = false;
	*ret_known = true;
	if (strcmp(verb, "add") == 0 || strcmp(verb, "sub") == 0) {
		int sign = verb[0] == 'a' ? 1 : -1;

		span = interval_of(b);
		ok = zone ? timestamptz_add(ts_of(a, true), &span, sign,
					    settings.zone, &ts, &error)
			  : timestamp_add(ts_of(a, false), &span, sign, &ts,
					  &error);
	} else if (strcmp(verb, "mi") == 0 || strcmp(verb, "age") == 0) {
		if (verb[0] == 'm')
			ok = timestamp_subtract(ts_of(a, zone), ts_of(b, zone),
						&span, &error);
		else
			ok = zone ? timestamptz_age(
					    ts_of(a, true), ts_of(b, true),
					    settings.zone, &span, &error)
				  : timestamp_age(ts_of(a, false),
						  ts_of(b, false), &span,
						  &error);
		if (ok)
			interval_print(&span, &out);
		return ok;
	} else if (strcmp(verb, "trunc") == 0) {
		ok = zone ? timestamptz_trunc(slice_text(a), ts_of(b, true),
					      settings.zone, &ts, &error)
			  : timestamp_trunc(slice_text(a), ts_of(b, false), &ts,
					    &error);
	} else { /* at: the other type comes out */
		ok = zone ? timestamptz_at_zone(ts_of(b, true), slice_text(a),
						&settings, &ts, &error)
			  : timestamp_at_zone(ts_of(b, false), slice_text(a),
					      &settings, &ts, &error);
		zone = !zone;
	}
	if (ok && zone)
		timestamptz_print(ts, settings.zone, &out);
	else if (ok)
		timestamp_print(ts, &out);
	return ok;
}

static bool on_intervals(const char *name, const char *a, const char *b)
{
	struct interval left = interval_of(a);
	struct interval right, ret = { 0, 0, 0 };
	bool ok;

	if (strcmp(name, "i_cmp") == 0) {
		right = interval_of(b);
		buffer_printf(&out, "%d", interval_compare(&left, &right));
		return true;
	}
	if (strcmp(name, "i_mul") == 0) {
		ok = interval_multiply(&left, strtod(b, NULL), &ret, &error);
	} else if (strcmp(name, "i_div") == 0) {
		ok = interval_divide(&left, strtod(b, NULL), &ret, &error);
	} else if (strcmp(name, "i_hours") == 0) {
		ok = interval_justify_hours(&left, &ret, &error);
	} else if (strcmp(name, "i_days") == 0) {
		ok = interval_justify_days(&left, &ret, &error);
	} else if (strcmp(name, "i_justify") == 0) {
		ok = interval_justify(&left, &ret, &error);
	} else if (strcmp(name, "i_trunc") == 0) {
		left = interval_of(b);
		ok = interval_trunc(slice_text(a), &left, &ret, &error);
	} else {
		right = interval_of(b);
		ok = interval_add(&left, &right,
				  strcmp(name, "i_add") == 0 ? 1 : -1, &ret,
				  &error);
	}
	if (ok)
		interval_print(&ret, &out);
	return ok;
}

static bool run(const char *name, const char *a, const char *b)
{
	const struct type *type = type_by_name(slice_text(name));
	bool known;
	bool ok = on_timestamps(name, a, b, &known);

	if (known)
		return ok;
	if (type)
		return extract(type->oid, a, b);
	return on_intervals(name, a, b);
}

int main(int argc, char **argv)
{
	static char line[1 << 16];
	struct zone_files zones;

	zone_files_init(&zones, NULL);
	settings.zones = &zones.source;
	if (argc > 1)
		settings.zone = zone_files_setting(&zones, slice_text(argv[1]));
	while (fgets(line, sizeof(line), stdin)) {
		char *name = strtok(line, "\t\n");
		char *a = strtok(NULL, "\t\n");
		char *b = strtok(NULL, "\t\n");

		memset(&error, 0, sizeof(error));
		buffer_clear(&out);
		if (run(name, a ? a : "", b ? b : ""))
			printf("%s\n", buffer_cstring(&out));
		else
			printf("error %s|%s\n", error.sqlstate, error.message);
		arena_reset(&arena);
	}
	arena_fini(&arena);
	buffer_fini(&out);
	zone_files_fini(&zones);
	return 0;
}
