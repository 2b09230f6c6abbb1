#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "protocol/message_read.h"
#include "protocol/message_write.h"
#include "tests/unit/guard_page.h"

/* What is written here is read back, so the body is cut out of the frame. */
static struct slice body_of(const struct buffer *message)
{
	struct frame frame;

	assert_int_equal(frame_read(buffer_slice(message), FRAME_BYTES_MAX,
				    &frame), FRAME_WHOLE);
	assert_int_equal(frame.length, message->length);
	return frame.body;
}

#define BYTES(text) slice_make(text, sizeof(text) - 1)

static struct slice startup_body(void)
{
	return BYTES("\0\3\0\2user\0app\0database\0db\0_pq_.x\0" "1\0"
		     "options\0-c a=b\0application_name\0\0\0");
}

static void reads_a_startup_packet(void **state)
{
	struct startup_message message;
	struct slice name, value;
	unsigned pairs = 0;

	assert_true(read_startup(startup_body(), &message));
	assert_int_equal(message.major, 3);
	assert_int_equal(message.minor, 2);
	assert_true(slice_is(message.user, "app"));
	assert_true(slice_is(message.database, "db"));
	assert_true(slice_is(message.options, "-c a=b"));
	assert_non_null(message.application_name.at);
	assert_int_equal(message.application_name.length, 0);
	assert_null(message.replication.at);
	assert_int_equal(message.extension_count, 1);
	while (startup_next(&message, &name, &value))
		pairs++;
	assert_int_equal(pairs, 5);
}

static void takes_the_last_of_a_parameter_given_twice(void **state)
{
	struct startup_message message;

	assert_true(read_startup(BYTES("\0\3\0\0user\0a\0user\0b\0\0"),
				 &message));
	assert_true(slice_is(message.user, "b"));
}

static void refuses_a_startup_packet_without_its_terminator(void **state)
{
	struct startup_message message;

	assert_false(read_startup(BYTES("\0\3\0\0user\0a\0"), &message));
	assert_false(read_startup(BYTES("\0\3\0\0user\0a\0\0x"), &message));
	assert_false(read_startup(BYTES("\0\3\0\0user\0\0"), &message) &&
		     message.user.length);
}

static void reads_cancel_requests_of_every_version(void **state)
{
	struct cancel_message message;
	struct buffer out = { 0 };
	uint8_t key[300] = { 1, 2, 3, 4 };

	write_cancel(&out, 77, slice_make(key, 4));
	assert_int_equal(out.length, 16);
	assert_true(read_cancel(slice_make(out.bytes + 4, 12), &message));
	assert_int_equal(message.pid, 77);
	assert_int_equal(message.key.length, 4);
	buffer_clear(&out);
	write_cancel(&out, 77, slice_make(key, 256));
	assert_true(read_cancel(slice_make(out.bytes + 4, out.length - 4),
				&message));
	buffer_clear(&out);
	write_cancel(&out, 77, slice_make(key, 257));
	assert_false(read_cancel(slice_make(out.bytes + 4, out.length - 4),
				 &message));
	assert_false(read_cancel(BYTES("\4\322\026\056\0\0\0\1\0\0\0"),
				 &message));
	buffer_fini(&out);
}

static void reads_back_what_it_writes(void **state)
{
	struct buffer out = { 0 };
	const uint32_t types[2] = { 23, 25 };
	struct parse_message parse;
	struct name_message name;
	struct execute_message execute;
	struct slice text;

	write_parse(&out, "s1", slice_text("select $1"), types, 2);
	assert_true(read_parse(body_of(&out), &parse));
	assert_true(slice_is(parse.name, "s1"));
	assert_true(slice_is(parse.text, "select $1"));
	assert_int_equal(parse.type_count, 2);
	assert_int_equal(parse_type(&parse, 1), 25);
	buffer_clear(&out);
	write_describe(&out, 'S', "s1");
	assert_true(read_name(body_of(&out), &name));
	assert_int_equal(name.kind, 'S');
	assert_true(slice_is(name.name, "s1"));
	buffer_clear(&out);
	write_close(&out, 'X', "s1");
	assert_false(read_name(body_of(&out), &name));
	buffer_clear(&out);
	write_execute(&out, "", 7);
	assert_true(read_execute(body_of(&out), &execute));
	assert_int_equal(execute.rows_max, 7);
	buffer_clear(&out);
	write_execute(&out, "", 0xffffffffu);
	assert_true(read_execute(body_of(&out), &execute));
	assert_int_equal(execute.rows_max, 0);
	buffer_clear(&out);
	write_query(&out, "select 1");
	assert_true(read_text(body_of(&out), &text));
	assert_true(slice_is(text, "select 1"));
	buffer_fini(&out);
}

static struct slice bind_body(void)
{
	return BYTES("p\0s\0" "\0\1" "\0\1"
		     "\0\3" "\0\0\0\2" "ab" "\xff\xff\xff\xff" "\0\0\0\0"
		     "\0\2" "\0\0" "\0\1");
}

static void reads_bind_with_nulls_and_formats(void **state)
{
	struct bind_message message;
	struct slice value;

	assert_true(read_bind(bind_body(), &message));
	assert_true(slice_is(message.portal, "p"));
	assert_true(slice_is(message.statement, "s"));
	assert_int_equal(message.value_count, 3);
	assert_true(bind_next(&message, &value));
	assert_true(slice_is(value, "ab"));
	assert_true(bind_next(&message, &value));
	assert_null(value.at);
	assert_true(bind_next(&message, &value));
	assert_non_null(value.at);
	assert_int_equal(value.length, 0);
	assert_false(bind_next(&message, &value));
	assert_int_equal(format_at(message.formats, message.format_count, 2),
			 1);
	assert_int_equal(format_at(message.result_formats,
				   message.result_format_count, 0), 0);
	assert_int_equal(format_at(message.result_formats,
				   message.result_format_count, 1), 1);
	assert_int_equal(format_at(message.result_formats, 0, 9), 0);
}

static void refuses_negative_lengths_other_than_null(void **state)
{
	struct bind_message message;

	assert_false(read_bind(BYTES("\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"),
			       &message));
	assert_false(read_bind(BYTES("\0\0\0\0\0\1\x80\0\0\0\0\0"),
			       &message));
}

static void does_not_believe_counts(void **state)
{
	struct bind_message bind;
	struct parse_message parse;
	struct row_message row;

	assert_false(read_bind(BYTES("\0\0\xff\xff"), &bind));
	assert_false(read_bind(BYTES("\0\0\0\0\xff\xff\0\0"), &bind));
	assert_false(read_parse(BYTES("\0\0\xff\xff"), &parse));
	assert_false(read_row(BYTES("\xff\xff\0\0\0\1x"), &row));
}

static void reads_rows(void **state)
{
	struct buffer out = { 0 };
	struct row_message row;
	struct slice value;
	size_t mark = begin_row(&out, 2);

	put_value(&out, slice_text("x"));
	put_value(&out, slice_make(NULL, 0));
	end_row(&out, mark);
	assert_true(read_row(body_of(&out), &row));
	assert_int_equal(row.column_count, 2);
	assert_true(row_next(&row, &value));
	assert_true(slice_is(value, "x"));
	assert_true(row_next(&row, &value));
	assert_null(value.at);
	assert_false(row_next(&row, &value));
	buffer_fini(&out);
}

static void reads_an_error_whatever_fields_it_has(void **state)
{
	struct error error, again;
	struct buffer out = { 0 };
	struct slice severity;

	error_set(&error, "42P01", "relation \"x\" does not exist");
	error_hint(&error, "look again");
	error.position = 15;
	error_write(&error, &out);
	assert_true(read_error(body_of(&out), &again, &severity));
	assert_string_equal(again.sqlstate, "42P01");
	assert_string_equal(again.message, error.message);
	assert_string_equal(again.hint, "look again");
	assert_int_equal(again.position, 15);
	assert_false(again.fatal);
	assert_true(slice_is(severity, "ERROR"));
	/* CVE-2026-6666: an error without an SQLSTATE */
	assert_true(read_error(BYTES("\0"), &again, NULL));
	assert_string_equal(again.sqlstate, "XX000");
	assert_true(read_error(BYTES("VFATAL\0Mgone\0\0"), &again, NULL));
	assert_true(again.fatal);
	buffer_fini(&out);
}

static void cuts_what_is_too_long_in_an_error(void **state)
{
	struct buffer body = { 0 };
	struct error error;

	buffer_put_u8(&body, 'M');
	for (int i = 0; i < 5000; i++)
		buffer_put_u8(&body, 'x');
	buffer_put_u8(&body, 0);
	buffer_put_text(&body, "P99999999999999999999");
	buffer_put_u8(&body, 0);
	buffer_put_u8(&body, 0);
	assert_true(read_error(buffer_slice(&body), &error, NULL));
	assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
	assert_int_equal(error.position, 0);
	buffer_fini(&body);
}

static void writes_login_messages_as_the_manual_draws_them(void **state)
{
	static const char *const names[] = { "SCRAM-SHA-256", NULL };
	struct buffer out = { 0 };

	write_authentication_sasl(&out, names);
	assert_int_equal(out.length, 1 + 4 + 4 + 14 + 1);
	assert_memory_equal(out.bytes, "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0",
			    out.length);
	buffer_clear(&out);
	write_negotiate_version(&out, PROTOCOL_3_0, BYTES("_pq_.x\0"), 1);
	assert_memory_equal(out.bytes, "v\0\0\0\x13\0\3\0\0\0\0\0\1_pq_.x\0",
			    20);
	buffer_clear(&out);
	write_parameter_statuses(&out, BYTES("a\0b\0c\0\0"));
	assert_memory_equal(out.bytes, "S\0\0\0\x08" "a\0b\0" "S\0\0\0\x07"
			    "c\0\0", 17);
	assert_int_equal(out.length, 17);
	buffer_clear(&out);
	write_backend_key(&out, 1, BYTES("abcd"));
	write_ready(&out, 'I');
	assert_memory_equal(out.bytes, "K\0\0\0\x0c\0\0\0\1" "abcd"
			    "Z\0\0\0\5I", 19);
	buffer_fini(&out);
}

static void writes_row_descriptions(void **state)
{
	struct column column = { "id", 16384, 1, 23, 4, -1, 0 };
	struct buffer out = { 0 };

	write_row_description(&out, &column, 1);
	assert_memory_equal(out.bytes, "T\0\0\0\x1b\0\1id\0\0\0\x40\0\0\1"
			    "\0\0\0\x17\0\4\xff\xff\xff\xff\0\0", 28);
	assert_int_equal(out.length, 28);
	buffer_fini(&out);
}

static bool reads_any(unsigned which, struct slice body)
{
	union {
		struct startup_message startup;
		struct cancel_message cancel;
		struct parse_message parse;
		struct bind_message bind;
		struct name_message name;
		struct execute_message execute;
		struct sasl_message sasl;
		struct notification_message notification;
		struct row_message row;
		struct error error;
	} message;
	struct slice a, b;

	switch (which) {
	case 0: return read_startup(body, &message.startup);
	case 1: return read_cancel(body, &message.cancel);
	case 2: return read_parse(body, &message.parse);
	case 3: return read_bind(body, &message.bind);
	case 4: return read_name(body, &message.name);
	case 5: return read_execute(body, &message.execute);
	case 6: return read_sasl_initial(body, &message.sasl);
	case 7: return read_notification(body, &message.notification);
	case 8: return read_row(body, &message.row);
	case 9: return read_error(body, &message.error, NULL);
	case 10: return read_parameter_status(body, &a, &b);
	default: return read_text(body, &a);
	}
}

/* A whole body is read; every part of it is refused, and nothing is looked at
 * beyond its end. */
static void refuses_every_prefix(void **state)
{
	const struct slice bodies[] = {
		startup_body(),
		BYTES("\4\322\026\056\0\0\0\1\0\0\0\2"),
		BYTES("s1\0select $1\0\0\2\0\0\0\x17\0\0\0\x19"),
		bind_body(),
		BYTES("Ss1\0"),
		BYTES("p\0\0\0\0\7"),
		BYTES("SCRAM-SHA-256\0\0\0\0\4n,,x"),
		BYTES("\0\0\0\1channel\0payload\0"),
		BYTES("\0\2\0\0\0\1x\xff\xff\xff\xff"),
		BYTES("SERROR\0VERROR\0C42P01\0Mno\0\0"),
		BYTES("TimeZone\0UTC\0"),
		BYTES("select 1\0"),
	};
	struct guard_page page = guard_page_make(4096);

	for (unsigned i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_true(reads_any(i, guard_page_put(&page, bodies[i])));
		for (size_t n = 0; n < bodies[i].length; n++)
			assert_false(reads_any(i, guard_page_put(&page,
				slice_make(bodies[i].at, n))));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_startup_packet),
		cmocka_unit_test(takes_the_last_of_a_parameter_given_twice),
		cmocka_unit_test(refuses_a_startup_packet_without_its_terminator),
		cmocka_unit_test(reads_cancel_requests_of_every_version),
		cmocka_unit_test(reads_back_what_it_writes),
		cmocka_unit_test(reads_bind_with_nulls_and_formats),
		cmocka_unit_test(refuses_negative_lengths_other_than_null),
		cmocka_unit_test(does_not_believe_counts),
		cmocka_unit_test(reads_rows),
		cmocka_unit_test(reads_an_error_whatever_fields_it_has),
		cmocka_unit_test(cuts_what_is_too_long_in_an_error),
		cmocka_unit_test(writes_login_messages_as_the_manual_draws_them),
		cmocka_unit_test(writes_row_descriptions),
		cmocka_unit_test(refuses_every_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
