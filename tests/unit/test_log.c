#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "proxy/log.h"

#define NOW INT64_C(1763721000123456)	/* 2025-11-21T10:30:00.123Z */

static const struct log_field none[] = { { NULL, { LOG_NONE, { .count = 0 } } } };

static const char *line_of(enum log_format format, const char *message,
			   const struct log_field *fields)
{
	static char line[LOG_LINE_BYTES + 1];

	line[log_line(line, format, NOW, LOG_LEVEL_WARN, message, fields)] = 0;
	return line;
}

static const char *value_line(enum log_format format, struct slice value)
{
	struct log_field fields[] = { { "v", log_of_slice(value) }, none[0] };

	return line_of(format, "m", fields);
}

static void a_line_has_time_level_and_message(void **state)
{
	assert_string_equal(line_of(LOG_FORMAT_LOGFMT, "it began", none),
			    "ts=2025-11-21T10:30:00.123Z level=warn "
			    "msg=\"it began\"\n");
	assert_string_equal(line_of(LOG_FORMAT_JSON, "it began", none),
			    "{\"ts\":\"2025-11-21T10:30:00.123Z\","
			    "\"level\":\"warn\",\"msg\":\"it began\"}\n");
}

static void values_keep_their_types(void **state)
{
	const struct log_field fields[] = {
		LOG_FIELD("session", (uint64_t)1 << 63)
		LOG_FIELD("error", -5)
		LOG_FIELD("pinned", (bool)true)
		LOG_FIELD("user", "app")
		LOG_FIELD("nobody", (char *)NULL)
		none[0]
	};

	assert_non_null(strstr(line_of(LOG_FORMAT_JSON, "m", fields),
			       "\"session\":9223372036854775808,\"error\":-5,"
			       "\"pinned\":true,\"user\":\"app\"}"));
	assert_non_null(strstr(line_of(LOG_FORMAT_LOGFMT, "m", fields),
			       " session=9223372036854775808 error=-5 "
			       "pinned=true user=app\n"));
}

static void a_stranger_cannot_begin_a_new_line(void **state)
{
	assert_non_null(strstr(value_line(LOG_FORMAT_LOGFMT,
					  slice_text("a\nts=1\r\x1b[2J\"\\")),
			       " v=\"a\\nts=1\\u000d\\u001b[2J\\\"\\\\\"\n"));
	/* next line, line separator, right-to-left override */
	assert_non_null(strstr(value_line(LOG_FORMAT_JSON,
			       slice_text("\xC2\x85\xE2\x80\xA8\xE2\x80\xAE")),
			       "\"v\":\"\\u0085\\u2028\\u202e\"}"));
}

static void invalid_utf8_is_shown_as_bytes(void **state)
{
	/* lone continuation, overlong, surrogate, cut short */
	struct slice bad = slice_text("\x80\xC0\xAF\xED\xA0\x80\xE2\x82");

	assert_non_null(strstr(value_line(LOG_FORMAT_LOGFMT, bad),
			       "v=\"\\x80\\xc0\\xaf\\xed\\xa0\\x80\\xe2\\x82\""));
	assert_non_null(strstr(value_line(LOG_FORMAT_JSON, bad), "\\\\x80"));
	assert_non_null(strstr(value_line(LOG_FORMAT_JSON,
					  slice_text("z\xC3\xBCrich \xF0\x9F\x8C\x8A")),
			       "z\xC3\xBCrich \xF0\x9F\x8C\x8A"));
}

static void a_zero_byte_is_escaped(void **state)
{
	assert_non_null(strstr(value_line(LOG_FORMAT_LOGFMT,
					  slice_make("a\0b", 3)),
			       "v=\"a\\u0000b\""));
}

static void long_values_and_lines_are_cut_but_stay_whole(void **state)
{
	char big[2000];
	struct log_field fields[12];
	const char *line;
	size_t length;

	memset(big, '\n', sizeof(big));
	for (int i = 0; i < 11; i++)
		fields[i] = (struct log_field){
			"v", log_of_slice(slice_make(big, sizeof(big))) };
	fields[11] = none[0];
	line = line_of(LOG_FORMAT_JSON, "m", fields);
	length = strlen(line);
	assert_true(length <= LOG_LINE_BYTES);
	assert_string_equal(line + length - 6, "...\"}\n");
	assert_ptr_equal(strchr(line, '\n'), line + length - 1);
}

static void levels_above_the_set_one_are_silent(void **state)
{
	int asked = 0;

	log_set(LOG_LEVEL_WARN, LOG_FORMAT_LOGFMT);
	assert_false(log_enabled(LOG_LEVEL_INFO));
	assert_true(log_enabled(LOG_LEVEL_WARN));
	/* and what they would have said is not even computed */
	log_debug("no", "asked", ++asked);
	assert_int_equal(asked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_time_level_and_message),
		cmocka_unit_test(values_keep_their_types),
		cmocka_unit_test(a_stranger_cannot_begin_a_new_line),
		cmocka_unit_test(invalid_utf8_is_shown_as_bytes),
		cmocka_unit_test(a_zero_byte_is_escaped),
		cmocka_unit_test(long_values_and_lines_are_cut_but_stay_whole),
		cmocka_unit_test(levels_above_the_set_one_are_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
