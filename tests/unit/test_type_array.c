#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "protocol/array_text.h"
#include "protocol/type.h"

static struct arena arena;
static struct error error;

static int reset(void **state)
{
	arena_fini(&arena);
	memset(&error, 0, sizeof(error));
	return 0;
}

static void reads_as(uint32_t oid, const char *text, const char *stored)
{
	struct value value;

	if (!type_read(oid, -1, WIRE_TEXT, slice_text(text), NULL, &arena,
		       &value, &error))
		fail_msg("%s: %s", text, error.message);
	assert_string_equal(arena_dup(&arena, value.bytes), stored);
}

static void refuses(uint32_t oid, const char *text, const char *sqlstate,
		    const char *detail)
{
	struct value value;

	assert_false(type_read(oid, -1, WIRE_TEXT, slice_text(text), NULL,
			       &arena, &value, &error));
	assert_string_equal(error.sqlstate, sqlstate);
	assert_string_equal(error.detail, detail);
}

static void keeps_arrays_as_postgres_prints_them(void **state)
{
	reads_as(OID_INT4_ARRAY, " { 1 , +2,null } ", "{1,2,NULL}");
	reads_as(OID_TEXT_ARRAY, "{a b,\"\",\"NULL\",x\\,y,\"q\\\"\\\\\"}",
		 "{\"a b\",\"\",\"NULL\",\"x,y\",\"q\\\"\\\\\"}");
	reads_as(OID_INT4_ARRAY, "{{1,2},{3,4}}", "{{1,2},{3,4}}");
	reads_as(OID_INT4_ARRAY, "[0:1]={1,2}", "[0:1]={1,2}");
	reads_as(OID_INT4_ARRAY, "[1:2]={1,2}", "{1,2}");
	reads_as(OID_BOOL_ARRAY, "{yes,0}", "{t,f}");
	reads_as(OID_TIMESTAMPTZ_ARRAY, "{2024-01-01 12:00+02}",
		 "{\"2024-01-01 10:00:00+00\"}");
	reads_as(OID_JSONB_ARRAY, "{\"{\\\"b\\\":1,\\\"a\\\":2}\"}",
		 "{\"{\\\"a\\\": 2, \\\"b\\\": 1}\"}");
	reads_as(OID_INT4_ARRAY, "{}", "{}");
}

static void refuses_malformed_arrays(void **state)
{
	refuses(OID_INT4_ARRAY, "1", "22P02",
		"Array value must start with "
		"\"{\" or dimension information.");
	refuses(OID_INT4_ARRAY, "{1", "22P02", "Unexpected end of input.");
	refuses(OID_INT4_ARRAY, "{1} x", "22P02",
		"Junk after closing right brace.");
	refuses(OID_INT4_ARRAY, "{1,}", "22P02", "Unexpected \"}\" character.");
	refuses(OID_INT4_ARRAY, "{{1,2},{3}}", "22P02",
		"Multidimensional arrays must have sub-arrays with matching "
		"dimensions.");
	refuses(OID_INT4_ARRAY, "{{{{{{{1}}}}}}}", "54000", "");
	refuses(OID_INT4_ARRAY, "{x}", "22P02", "");
	assert_string_equal(error.message,
			    "invalid input syntax for type integer: \"x\"");
}

static void goes_through_the_binary_form(void **state)
{
	static const struct {
		uint32_t oid;
		const char *text;
	} arrays[] = {
		{ OID_INT4_ARRAY, "{1,NULL,3}" },
		{ OID_INT4_ARRAY, "{{1,2},{3,4}}" },
		{ OID_INT4_ARRAY, "[0:1]={1,2}" },
		{ OID_TEXT_ARRAY, "{a,\"b c\",NULL,\"\"}" },
		{ OID_NUMERIC_ARRAY, "{1.50,NaN}" },
		{ OID_TIMESTAMP_ARRAY, "{\"2024-01-01 10:00:00\"}" },
		{ OID_UUID_ARRAY, "{}" },
		{ OID_INTERVAL_ARRAY, "{\"1 mon 2 days\"}" },
	};

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		struct value value, again;
		struct buffer out = { 0 };

		assert_true(type_read(arrays[i].oid, -1, WIRE_TEXT,
				      slice_text(arrays[i].text), NULL, &arena,
				      &value, &error));
		assert_true(type_write(arrays[i].oid, -1, WIRE_BINARY, &value,
				       NULL, &out, &error));
		for (size_t cut = 0; cut < out.length; cut++)
			assert_false(type_read(arrays[i].oid, -1, WIRE_BINARY,
					       slice_make(out.bytes, cut), NULL,
					       &arena, &again, &error));
		assert_true(type_read(arrays[i].oid, -1, WIRE_BINARY,
				      buffer_slice(&out), NULL, &arena, &again,
				      &error));
		assert_true(slice_is(again.bytes, arrays[i].text));
		buffer_fini(&out);
	}
}

static void refuses_a_binary_array_that_lies(void **state)
{
	/* A million items are promised, none is there. */
	static const uint8_t promise[] = { 0, 0,  0, 1,	 0,  0,	 0, 0, 0, 0,
					   0, 23, 0, 15, 66, 64, 0, 0, 0, 1 };
	static const uint8_t other[] = { 0, 0,	0, 1, 0, 0, 0, 0, 0, 0,
					 0, 25, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct value value;

	assert_false(type_read(OID_INT4_ARRAY, -1, WIRE_BINARY,
			       slice_make(promise, sizeof(promise)), NULL,
			       &arena, &value, &error));
	assert_string_equal(error.sqlstate, "22P03");
	assert_false(type_read(OID_INT4_ARRAY, -1, WIRE_BINARY,
			       slice_make(other, sizeof(other)), NULL, &arena,
			       &value, &error));
	assert_string_equal(error.sqlstate, "42804");
}

static void splits_and_joins_values(void **state)
{
	struct value *items;
	size_t count;
	struct slice text;

	assert_true(array_split(OID_TIMESTAMPTZ,
				slice_text("{\"2024-01-01 10:00:00+00\","
					   "NULL}"),
				&arena, &items, &count, &error));
	assert_int_equal(count, 2);
	assert_true(slice_is(items[0].bytes, "2024-01-01 10:00:00.000000"));
	assert_int_equal(items[1].kind, VALUE_NULL);
	assert_true(array_join(OID_TIMESTAMPTZ, items, count, &arena, &text,
			       &error));
	assert_true(slice_is(text, "{\"2024-01-01 10:00:00+00\",NULL}"));
	assert_true(array_join(OID_INT4, NULL, 0, &arena, &text, &error));
	assert_true(slice_is(text, "{}"));
}

static uint32_t element(const struct type_names *names, uint32_t oid)
{
	return oid == OID_USER_FIRST + 1 ? OID_USER_FIRST : 0;
}

static void arrays_of_enums_need_the_schema(void **state)
{
	static const struct type_names names = { .element = element };
	struct type_settings settings = { .names = &names, .date_order = 'M' };
	struct value value;
	struct buffer out = { 0 };

	assert_true(type_read(OID_USER_FIRST + 1, -1, WIRE_TEXT,
			      slice_text("{ sad ,happy}"), &settings, &arena,
			      &value, &error));
	assert_true(slice_is(value.bytes, "{sad,happy}"));
	assert_true(type_write(OID_USER_FIRST + 1, -1, WIRE_BINARY, &value,
			       &settings, &out, &error));
	assert_int_equal(load_u32(out.bytes + 8), OID_USER_FIRST);
	buffer_fini(&out);
}

static void vectors_are_words_between_spaces(void **state)
{
	struct value value;
	struct buffer out = { 0 };

	reads_as(OID_INT2VECTOR, " 1  2 -3", "1 2 -3");
	assert_true(type_read(OID_OIDVECTOR, -1, WIRE_TEXT, slice_text("23 25"),
			      NULL, &arena, &value, &error));
	assert_true(type_write(OID_OIDVECTOR, -1, WIRE_BINARY, &value, NULL,
			       &out, &error));
	assert_int_equal(out.length, 20 + 2 * 8);
	assert_true(type_read(OID_OIDVECTOR, -1, WIRE_BINARY,
			      buffer_slice(&out), NULL, &arena, &value,
			      &error));
	assert_true(slice_is(value.bytes, "23 25"));
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keeps_arrays_as_postgres_prints_them,
				       reset),
		cmocka_unit_test_setup(refuses_malformed_arrays, reset),
		cmocka_unit_test_setup(goes_through_the_binary_form, reset),
		cmocka_unit_test_setup(refuses_a_binary_array_that_lies, reset),
		cmocka_unit_test_setup(splits_and_joins_values, reset),
		cmocka_unit_test_setup(arrays_of_enums_need_the_schema, reset),
		cmocka_unit_test_setup(vectors_are_words_between_spaces, reset),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
