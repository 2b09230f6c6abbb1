#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "protocol/numeric.h"
#include "protocol/type.h"

static struct arena arena;
static struct error error;

static int reset(void **state)
{
	arena_fini(&arena);
	memset(&error, 0, sizeof(error));
	return 0;
}

static void gives(enum numeric_operation operation, const char *a,
		  const char *b, const char *result)
{
	struct slice text;

	assert_true(numeric_text_do(operation, slice_text(a), slice_text(b),
				    &arena, &text, &error));
	assert_string_equal(arena_dup(&arena, text), result);
}

static void fails(enum numeric_operation operation, const char *a,
		  const char *b, const char *sqlstate)
{
	struct slice text;

	assert_false(numeric_text_do(operation, slice_text(a), slice_text(b),
				     &arena, &text, &error));
	assert_string_equal(error.sqlstate, sqlstate);
}

static void keeps_the_scale_of_sums_and_products(void **state)
{
	gives(NUMERIC_ADD, "1.50", "2.5", "4.00");
	gives(NUMERIC_SUB, "1", "1.00", "0.00");
	gives(NUMERIC_MUL, "1.50", "-2.0", "-3.000");
	gives(NUMERIC_ADD, "99999999999999999999", "1",
	      "100000000000000000000");
}

static void divides_with_the_scale_of_postgres(void **state)
{
	gives(NUMERIC_DIV, "1", "3", "0.33333333333333333333");
	gives(NUMERIC_DIV, "10000", "3", "3333.3333333333333333");
	gives(NUMERIC_DIV, "1", "2.00", "0.50000000000000000000");
	gives(NUMERIC_MOD, "-7.5", "2", "-1.5");
	gives(NUMERIC_QUOTIENT, "-7.5", "2", "-3");
	fails(NUMERIC_DIV, "1", "0.00", "22012");
	fails(NUMERIC_MOD, "1", "0", "22012");
}

static void follows_nan_and_infinity(void **state)
{
	gives(NUMERIC_ADD, "NaN", "1", "NaN");
	gives(NUMERIC_SUB, "Infinity", "Infinity", "NaN");
	gives(NUMERIC_MUL, "Infinity", "-2", "-Infinity");
	gives(NUMERIC_DIV, "1", "-Infinity", "0");
	gives(NUMERIC_POWER, "1", "NaN", "1");
}

static void computes_powers_and_logarithms(void **state)
{
	gives(NUMERIC_POWER, "2", "3", "8.0000000000000000");
	gives(NUMERIC_POWER, "2", "0.5", "1.4142135623730950");
	gives(NUMERIC_POWER, "0.5", "17", "0.0000076293945313");
	gives(NUMERIC_SQRT, "2", "", "1.414213562373095");
	gives(NUMERIC_LN, "2", "", "0.6931471805599453");
	gives(NUMERIC_EXP, "1", "", "2.7182818284590452");
	gives(NUMERIC_LOG10, "1000", "", "3.0000000000000000");
	fails(NUMERIC_SQRT, "-1", "", "2201F");
	fails(NUMERIC_LN, "0", "", "2201E");
	fails(NUMERIC_POWER, "-8", "0.5", "2201F");
	fails(NUMERIC_POWER, "10", "1000000", "22003");
	fails(NUMERIC_EXP, "1e100000", "", "22003");
}

static void rounds_half_away_from_zero(void **state)
{
	struct slice text;

	numeric_text_round(slice_text("-2.5"), 0, &arena, &text, &error);
	assert_true(slice_is(text, "-3"));
	numeric_text_round(slice_text("155"), -1, &arena, &text, &error);
	assert_true(slice_is(text, "160"));
	numeric_text_round(slice_text("1.5"), 3, &arena, &text, &error);
	assert_true(slice_is(text, "1.500"));
	numeric_text_trunc(slice_text("-1.59"), 1, &arena, &text, &error);
	assert_true(slice_is(text, "-1.5"));
	assert_true(numeric_text_trunc(slice_text("5"), INT32_MIN, &arena,
				       &text, &error));
	assert_true(slice_is(text, "0"));
}

static void orders_stored_texts(void **state)
{
	static const char *const ordered[] = {
		"-Infinity",
		"-100",
		"-99.5",
		"-0.01",
		"0.00",
		"0.010",
		"0.02",
		"1",
		"1.5",
		"10.0",
		"9999999999999999999999",
		"Infinity",
		"NaN",
	};
	size_t count = sizeof(ordered) / sizeof(ordered[0]);

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			assert_int_equal(
				numeric_text_compare(slice_text(ordered[i]),
						     slice_text(ordered[j])),
				(i > j) - (i < j));
	assert_int_equal(
		numeric_text_compare(slice_text("1.50"), slice_text("1.5")), 0);
	assert_int_equal(
		numeric_text_compare(slice_text("0"), slice_text("-0.00")), 0);
}

static void limits_a_field(void **state)
{
	struct value value;

	assert_true(type_read(OID_NUMERIC, (5 << 16 | 2) + 4, WIRE_TEXT,
			      slice_text("123.455"), NULL, &arena, &value,
			      &error));
	assert_true(slice_is(value.bytes, "123.46"));
	assert_false(type_read(OID_NUMERIC, (5 << 16 | 2) + 4, WIRE_TEXT,
			       slice_text("999.995"), NULL, &arena, &value,
			       &error));
	assert_string_equal(error.message, "numeric field overflow");
	assert_string_equal(error.detail,
			    "A field with precision 5, scale 2 must round to "
			    "an absolute value less than 10^3.");
	assert_true(type_read(OID_NUMERIC, (3 << 16 | (-2 & 0x7FF)) + 4,
			      WIRE_TEXT, slice_text("12345"), NULL, &arena,
			      &value, &error));
	assert_true(slice_is(value.bytes, "12300"));
}

static void refuses_numbers_without_bound(void **state)
{
	struct value value;
	static const char *const big[] = { "1e131072", "1e-16384",
					   "1e999999999999" };

	for (size_t i = 0; i < sizeof(big) / sizeof(big[0]); i++) {
		assert_false(type_read(OID_NUMERIC, -1, WIRE_TEXT,
				       slice_text(big[i]), NULL, &arena, &value,
				       &error));
		assert_string_equal(error.sqlstate, "22003");
		assert_string_equal(error.message,
				    "value overflows numeric format");
	}
}

static void reads_every_prefix_of_the_wire_form(void **state)
{
	/* 12345.6789 */
	static const uint8_t wire[] = { 0, 3, 0, 1,    0,    0,	   0,
					4, 0, 1, 0x09, 0x29, 0x1A, 0x85 };
	struct slice text;

	for (size_t length = 0; length < sizeof(wire); length++) {
		uint8_t *copy = malloc(length ? length : 1);

		memcpy(copy, wire, length);
		assert_false(numeric_from_wire(slice_make(copy, length), &arena,
					       &text, &error));
		free(copy);
	}
	assert_true(numeric_from_wire(slice_make(wire, sizeof(wire)), &arena,
				      &text, &error));
	assert_string_equal(arena_dup(&arena, text), "12345.6789");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keeps_the_scale_of_sums_and_products,
				       reset),
		cmocka_unit_test_setup(divides_with_the_scale_of_postgres,
				       reset),
		cmocka_unit_test_setup(follows_nan_and_infinity, reset),
		cmocka_unit_test_setup(computes_powers_and_logarithms, reset),
		cmocka_unit_test_setup(rounds_half_away_from_zero, reset),
		cmocka_unit_test_setup(orders_stored_texts, reset),
		cmocka_unit_test_setup(limits_a_field, reset),
		cmocka_unit_test_setup(refuses_numbers_without_bound, reset),
		cmocka_unit_test_setup(reads_every_prefix_of_the_wire_form,
				       reset),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
