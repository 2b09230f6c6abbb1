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
	struct value value;
	struct buffer out = { 0 };

	assert_true(type_read(oid, typmod, WIRE_TEXT, slice_text(text), NULL,
			      &arena, &value, &error));
	assert_true(
		type_write(oid, typmod, WIRE_TEXT, &value, NULL, &out, &error));
	assert_string_equal(buffer_cstring(&out), printed);
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

static void table_is_in_order_and_complete(void **state)
{
	for (size_t i = 0; i < type_count(); i++) {
		const struct type *type = type_at(i);

		assert_ptr_equal(type_by_oid(type->oid), type);
		assert_ptr_equal(type_by_name(slice_text(type->name)), type);
		if (type->array)
			assert_int_equal(type_by_oid(type->array)->element,
					 type->oid);
	}
	assert_null(type_at(type_count()));
	assert_null(type_by_oid(OID_USER_FIRST));
}

static void names_have_many_spellings(void **state)
{
	static const struct {
		const char *name;
		uint32_t oid;
	} spellings[] = {
		{ "int", OID_INT4 },
		{ "integer", OID_INT4 },
		{ "int4", OID_INT4 },
		{ "bigint", OID_INT8 },
		{ "decimal", OID_NUMERIC },
		{ "varchar", OID_VARCHAR },
		{ "character varying", OID_VARCHAR },
		{ "double precision", OID_FLOAT8 },
		{ "float", OID_FLOAT8 },
		{ "timestamp with time zone", OID_TIMESTAMPTZ },
		{ "timestamp", OID_TIMESTAMP },
		{ "char", OID_CHAR },
		{ "\"char\"", OID_CHAR },
		{ "character", OID_BPCHAR },
		{ "int[]", OID_INT4_ARRAY },
		{ "_text", OID_TEXT_ARRAY },
		{ "integer[][]", OID_INT4_ARRAY },
		{ "time without time zone", OID_TIME },
	};

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		assert_int_equal(
			type_by_name(slice_text(spellings[i].name))->oid,
			spellings[i].oid);
	assert_null(type_by_name(slice_text("INT")));
	assert_null(type_by_name(slice_text("")));
	assert_null(type_by_name(slice_text("[]")));
	assert_null(type_by_name(slice_text("void[]")));
}

static void formats_types_with_their_modifier(void **state)
{
	static const struct {
		uint32_t oid;
		int32_t typmod;
		const char *text;
	} formats[] = {
		{ OID_VARCHAR, 24, "character varying(20)" },
		{ OID_VARCHAR, -1, "character varying" },
		{ OID_BPCHAR, 5, "character(1)" },
		{ OID_BPCHAR, -1, "bpchar" },
		{ OID_NUMERIC, (10 << 16 | 2) + 4, "numeric(10,2)" },
		{ OID_NUMERIC, (3 << 16 | (-2 & 0x7FF)) + 4, "numeric(3,-2)" },
		{ OID_TIMESTAMPTZ, 3, "timestamp(3) with time zone" },
		{ OID_TIMESTAMP, 0, "timestamp(0) without time zone" },
		{ OID_TIME, 6, "time(6) without time zone" },
		{ OID_INT4_ARRAY, -1, "integer[]" },
		{ OID_VARCHAR_ARRAY, 7, "character varying(3)[]" },
		{ OID_INTERVAL, 0x7FFF0003, "interval(3)" },
		{ OID_INTERVAL, 0x1C080003, "interval day to second(3)" },
		{ OID_INTERVAL, 0x0004FFFF, "interval year" },
		{ OID_CHAR, -1, "\"char\"" },
		{ OID_BIT, 3, "bit(3)" },
		{ OID_VARBIT, 3, "bit varying(3)" },
		{ OID_INT2VECTOR, -1, "int2vector" },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		assert_string_equal(
			type_format(&arena, formats[i].oid, formats[i].typmod),
			formats[i].text);
	assert_null(type_format(&arena, 99999, -1));
}

static void reads_numbers_as_postgres_does(void **state)
{
	reads_as(OID_BOOL, -1, " tRu ", "t");
	reads_as(OID_BOOL, -1, "off", "f");
	reads_as(OID_INT4, -1, "\t-0012 ", "-12");
	reads_as(OID_INT8, -1, "-9223372036854775808", "-9223372036854775808");
	reads_as(OID_FLOAT8, -1, "1e15", "1e+15");
	reads_as(OID_FLOAT8, -1, "0.1", "0.1");
	reads_as(OID_FLOAT8, -1, "5e-324", "5e-324");
	reads_as(OID_FLOAT8, -1, "-inf", "-Infinity");
	reads_as(OID_FLOAT8, -1, "nan", "NaN");
	reads_as(OID_FLOAT4, -1, "16777216", "1.6777216e+07");
	reads_as(OID_OID, -1, "-1", "4294967295");
	refuses(OID_BOOL, -1, "o", "22P02",
		"invalid input syntax for type boolean: \"o\"");
	refuses(OID_INT4, -1, "x", "22P02",
		"invalid input syntax for type integer: \"x\"");
	refuses(OID_INT2, -1, "32768", "22003",
		"value \"32768\" is out of range for type smallint");
	refuses(OID_INT8, -1, "9223372036854775808", "22003",
		"value \"9223372036854775808\" is out of range for type "
		"bigint");
	refuses(OID_FLOAT8, -1, "1e400", "22003",
		"\"1e400\" is out of range for type double precision");
}

static void limits_texts_to_their_length(void **state)
{
	struct value value = { .kind = VALUE_TEXT };

	reads_as(OID_VARCHAR, 7, "日本語", "日本語");
	reads_as(OID_VARCHAR, 7, "abc  ", "abc");
	reads_as(OID_BPCHAR, 9, "é", "é    ");
	refuses(OID_VARCHAR, 7, "abcd", "22001",
		"value too long for type character varying(3)");
	refuses(OID_BPCHAR, 7, "abcd", "22001",
		"value too long for type character(3)");
	value.bytes = slice_text("日本語語");
	assert_true(type_coerce_length(OID_VARCHAR, 7, true, &value, &arena,
				       &error));
	assert_true(slice_is(value.bytes, "日本語"));
}

static void refuses_what_is_not_utf8(void **state)
{
	refuses(OID_TEXT, -1, "abcdefgh\xc3(", "22021",
		"invalid byte sequence for encoding \"UTF8\": 0xc3 0x28");
	refuses(OID_TEXT, -1, "\xed\xa0\x80", "22021",
		"invalid byte sequence for encoding \"UTF8\": 0xed 0xa0 0x80");
}

static void refuses_a_foreign_stored_value(void **state)
{
	struct value value = { .kind = VALUE_TEXT, .bytes = slice_text("x") };
	struct buffer out = { 0 };

	buffer_put_text(&out, "kept");
	assert_false(type_write(OID_INT4, -1, WIRE_TEXT, &value, NULL, &out,
				&error));
	assert_string_equal(error.sqlstate, "XX000");
	assert_string_equal(error.message,
			    "stored value \"x\" is not of type integer");
	assert_int_equal(out.length, 4);
	buffer_fini(&out);
}

static void refuses_binary_of_a_wrong_size(void **state)
{
	static const uint32_t oids[] = { OID_BOOL, OID_INT2,   OID_INT4,
					 OID_INT8, OID_FLOAT4, OID_FLOAT8,
					 OID_UUID, OID_OID };
	static const uint8_t bytes[17];
	struct value value;

	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		for (size_t length = 0; length <= sizeof(bytes); length++) {
			const struct type *type = type_by_oid(oids[i]);
			bool fits = type->length == (int16_t)length;

			assert_int_equal(type_read(oids[i], -1, WIRE_BINARY,
						   slice_make(bytes, length),
						   NULL, &arena, &value,
						   &error),
					 fits);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(table_is_in_order_and_complete, reset),
		cmocka_unit_test_setup(names_have_many_spellings, reset),
		cmocka_unit_test_setup(formats_types_with_their_modifier,
				       reset),
		cmocka_unit_test_setup(reads_numbers_as_postgres_does, reset),
		cmocka_unit_test_setup(limits_texts_to_their_length, reset),
		cmocka_unit_test_setup(refuses_what_is_not_utf8, reset),
		cmocka_unit_test_setup(refuses_a_foreign_stored_value, reset),
		cmocka_unit_test_setup(refuses_binary_of_a_wrong_size, reset),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
