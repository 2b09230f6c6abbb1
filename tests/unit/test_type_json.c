#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

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
		fail_msg("%s: %s", text, error.detail);
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

static void json_stays_as_it_came(void **state)
{
	reads_as(OID_JSON, " {\"b\" : 1,\"a\":[ ],\"b\":2e0} ",
		 " {\"b\" : 1,\"a\":[ ],\"b\":2e0} ");
	reads_as(OID_JSON, "\"\\u0000\"", "\"\\u0000\"");
}

static void jsonb_has_one_form(void **state)
{
	reads_as(OID_JSONB, "{\"bb\":1,\"a\":[1,{}],\"bb\":2e1}",
		 "{\"a\": [1, {}], \"bb\": 20}");
	reads_as(OID_JSONB, "[1.50, -0, \"\\u00e9\\ud83d\\ude00\\n\\/\"]",
		 "[1.50, 0, \"é😀\\n/\"]");
	reads_as(OID_JSONB, "null", "null");
	reads_as(OID_JSONB, "{\"\":{\"b\":{},\"a\":[[],[]]}}",
		 "{\"\": {\"a\": [[], []], \"b\": {}}}");
	reads_as(OID_JSONB, "\"\\u0001\\u007f\"", "\"\\u0001\x7f\"");
}

static void refuses_what_is_not_json(void **state)
{
	refuses(OID_JSON, "", "22P02", "The input string ended unexpectedly.");
	refuses(OID_JSON, "{\"a\":1,}", "22P02",
		"Expected string, but found \"}\".");
	refuses(OID_JSON, "[1 2]", "22P02",
		"Expected \",\" or \"]\", but found \"2\".");
	refuses(OID_JSONB, "TRUE", "22P02", "Token \"TRUE\" is invalid.");
	refuses(OID_JSONB, "\"\\u0000\"", "22P05",
		"\\u0000 cannot be converted to text.");
	refuses(OID_JSONB, "1e200000", "22003", "");
}

static void depth_does_not_use_the_stack(void **state)
{
	size_t deep = 1000000;
	char *text = arena_alloc(&arena, deep + 1);
	struct value value;

	memset(text, '[', deep);
	assert_false(type_read(OID_JSONB, -1, WIRE_TEXT, slice_make(text, deep),
			       NULL, &arena, &value, &error));
	assert_string_equal(error.sqlstate, "54001");
	memset(text + 5000, ']', 5000);
	assert_true(type_read(OID_JSONB, -1, WIRE_TEXT, slice_make(text, 10000),
			      NULL, &arena, &value, &error));
	assert_int_equal(value.bytes.length, 10000);
}

static void jsonb_has_a_version_on_the_wire(void **state)
{
	struct value value;
	struct buffer out = { 0 };

	assert_true(type_read(OID_JSONB, -1, WIRE_BINARY,
			      slice_text("\x01{\"a\":1}"), NULL, &arena, &value,
			      &error));
	assert_true(type_write(OID_JSONB, -1, WIRE_BINARY, &value, NULL, &out,
			       &error));
	assert_string_equal(buffer_cstring(&out), "\x01{\"a\": 1}");
	buffer_fini(&out);
	assert_false(type_read(OID_JSONB, -1, WIRE_BINARY, slice_text("\x02{}"),
			       NULL, &arena, &value, &error));
	assert_false(type_read(OID_JSONB, -1, WIRE_BINARY, slice_text(""), NULL,
			       &arena, &value, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(json_stays_as_it_came, reset),
		cmocka_unit_test_setup(jsonb_has_one_form, reset),
		cmocka_unit_test_setup(refuses_what_is_not_json, reset),
		cmocka_unit_test_setup(depth_does_not_use_the_stack, reset),
		cmocka_unit_test_setup(jsonb_has_a_version_on_the_wire, reset),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
