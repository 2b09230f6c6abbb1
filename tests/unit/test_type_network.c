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

static void reads_as(uint32_t oid, int32_t typmod, const char *text,
		     const char *printed)
{
	struct value value, again;
	struct buffer out = { 0 };

	if (!type_read(oid, typmod, WIRE_TEXT, slice_text(text), NULL, &arena,
		       &value, &error))
		fail_msg("%s: %s", text, error.message);
	assert_string_equal(arena_dup(&arena, value.bytes), printed);
	assert_true(
		type_write(oid, -1, WIRE_BINARY, &value, NULL, &out, &error));
	for (size_t cut = 0; cut < out.length; cut++)
		assert_false(type_read(oid, -1, WIRE_BINARY,
				       slice_make(out.bytes, cut), NULL, &arena,
				       &again, &error));
	assert_true(type_read(oid, -1, WIRE_BINARY, buffer_slice(&out), NULL,
			      &arena, &again, &error));
	assert_true(slice_equal(value.bytes, again.bytes));
	buffer_fini(&out);
}

static void refuses(uint32_t oid, int32_t typmod, const char *text,
		    const char *sqlstate, const char *message)
{
	struct value value;

	assert_false(type_read(oid, typmod, WIRE_TEXT, slice_text(text), NULL,
			       &arena, &value, &error));
	assert_string_equal(error.sqlstate, sqlstate);
	assert_string_equal(error.message, message);
}

static void reads_addresses_and_networks(void **state)
{
	reads_as(OID_INET, -1, "10.0.0.1/32", "10.0.0.1");
	reads_as(OID_INET, -1, "10.1/16", "10.1.0.0/16");
	reads_as(OID_INET, -1, "2001:DB8:0:0:0:0:0:1/64", "2001:db8::1/64");
	reads_as(OID_INET, -1, "::ffff:1.2.3.4", "::ffff:1.2.3.4");
	reads_as(OID_CIDR, -1, "192.168.1", "192.168.1.0/24");
	reads_as(OID_CIDR, -1, "::/0", "::/0");
	reads_as(OID_MACADDR, -1, "0800.2B01.0203", "08:00:2b:01:02:03");
	refuses(OID_INET, -1, "1.2.3", "22P02",
		"invalid input syntax for type inet: \"1.2.3\"");
	refuses(OID_CIDR, -1, "10.0.0.1/8", "22P02",
		"invalid cidr value: \"10.0.0.1/8\"");
	assert_string_equal(error.detail,
			    "Value has bits set to right of mask.");
}

static void reads_bits(void **state)
{
	struct value value = { .kind = VALUE_TEXT, .bytes = slice_text("101") };

	reads_as(OID_VARBIT, -1, "x1F", "00011111");
	reads_as(OID_VARBIT, 4, "b101", "101");
	reads_as(OID_BIT, 3, "101", "101");
	reads_as(OID_TID, -1, "(7,3)", "(7,3)");
	refuses(OID_BIT, 4, "101", "22026",
		"bit string length 3 does not match type bit(4)");
	refuses(OID_VARBIT, 2, "101", "22001",
		"bit string too long for type bit varying(2)");
	refuses(OID_VARBIT, -1, "12", "22P02",
		"\"2\" is not a valid binary digit");
	assert_true(
		type_coerce_length(OID_BIT, 5, true, &value, &arena, &error));
	assert_true(slice_is(value.bytes, "10100"));
}

static void refuses_types_it_does_not_have(void **state)
{
	refuses(OID_MONEY, -1, "1", "0A000", "type money is not supported");
	refuses(600, -1, "(1,2)", "0A000", "type point is not supported");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_addresses_and_networks, reset),
		cmocka_unit_test_setup(reads_bits, reset),
		cmocka_unit_test_setup(refuses_types_it_does_not_have, reset),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
