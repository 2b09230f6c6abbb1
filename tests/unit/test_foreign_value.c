#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "protocol/foreign_value.h"

static struct value text(const char *words)
{
	return (struct value){ .kind = VALUE_TEXT,
			       .bytes = slice_text(words) };
}

static struct value integer(int64_t number)
{
	return (struct value){ .kind = VALUE_INTEGER, .integer = number };
}

static struct value real(double number)
{
	return (struct value){ .kind = VALUE_REAL, .real = number };
}

struct reading {
	uint32_t type;
	int32_t typmod;
	struct value stored;
	const char *own;	/* NULL: refused */
};

static void check_reading(const struct reading *row)
{
	struct arena arena = { 0 };
	struct value value;
	struct error error = { 0 };
	bool done = foreign_read(row->type, row->typmod, &row->stored, &arena,
				 &value, &error);

	if (!row->own) {
		assert_false(done);
		assert_int_equal(strlen(error.sqlstate), 5);
	} else {
		assert_true(done);
		assert_int_equal(value.kind, VALUE_TEXT);
		assert_true(slice_is(value.bytes, row->own));
	}
	arena_fini(&arena);
}

#define NUMERIC_10_2 ((10 << 16 | 2) + 4)

static void reads_what_other_programs_write_and_bends_nothing(void **unused)
{
	const struct reading rows[] = {
		{ OID_TIMESTAMP, -1, text("2024-02-29 13:00:00"),
		  "2024-02-29 13:00:00.000000" },
		{ OID_TIMESTAMP, -1, text("2024-02-29T13:00:00.5"),
		  "2024-02-29 13:00:00.500000" },
		{ OID_TIMESTAMP, -1, text("2024-02-29"),
		  "2024-02-29 00:00:00.000000" },
		{ OID_TIMESTAMP, -1, text("2024-02-29 13:00Z"),
		  "2024-02-29 13:00:00.000000" },
		{ OID_TIMESTAMP, -1, text("2024-02-29 13:00+02:00"), NULL },
		{ OID_TIMESTAMP, -1, text("2024-02-30 13:00"), NULL },
		{ OID_TIMESTAMP, -1, text("29.02.2024"), NULL },
		{ OID_TIMESTAMP, -1, text("now"), NULL },
		{ OID_TIMESTAMP, -1, text("2024-02-29 13:00:00.0000001"),
		  NULL },
		{ OID_TIMESTAMP, -1, text("2024-02-29 13:00:00.1234560"),
		  "2024-02-29 13:00:00.123456" },
		{ OID_TIMESTAMP, 0, text("2024-02-29 13:00:00.5"), NULL },
		{ OID_TIMESTAMP, -1, integer(1709211600), NULL },
		{ OID_TIMESTAMPTZ, -1, text("2024-02-29 13:00:00+02:00"),
		  "2024-02-29 11:00:00.000000" },
		{ OID_TIMESTAMPTZ, -1, text("2024-02-29 13:00:00"),
		  "2024-02-29 13:00:00.000000" },
		{ OID_DATE, -1, text("2024-02-29"), "2024-02-29" },
		{ OID_DATE, -1, text("2024-02-29 00:00:00"), "2024-02-29" },
		{ OID_DATE, -1, text("2024-02-29 13:00:00"), NULL },
		{ OID_TIME, -1, text("06:30"), "06:30:00.000000" },
		{ OID_TIME, -1, text("06:30+02"), NULL },
		{ OID_NUMERIC, -1, real(1.5), "1.5" },
		{ OID_NUMERIC, -1, integer(20), "20" },
		{ OID_NUMERIC, NUMERIC_10_2, real(1.5), "1.50" },
		{ OID_NUMERIC, NUMERIC_10_2, real(1.555), NULL },
		{ OID_NUMERIC, NUMERIC_10_2, text("abc"), NULL },
		{ OID_UUID, -1, text("6F2C1A345B6D4E7F8A9B0C1D2E3F4A5B"),
		  "6f2c1a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b" },
		{ OID_UUID, -1, text("6f2c1A345b6d4e7f8a9b0c1d2e3f4a5b"),
		  NULL },
		{ OID_UUID, -1, text("{6f2c1a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b}"),
		  NULL },
		{ OID_JSONB, -1, text("{\"b\":1,\"a\":2}"),
		  "{\"a\": 2, \"b\": 1}" },
		{ OID_JSONB, -1, integer(5), "5" },
		{ OID_JSONB, -1, text("{"), NULL },
		{ OID_TEXT, -1, integer(5), "5" },
		{ OID_INTERVAL, -1, integer(90061000001),
		  "0:1:3661000001" },
		{ OID_INTERVAL, -1, text("1 day 02:00"), "0:1:7200000000" },
		{ OID_INTERVAL, -1, real(1.5), NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_reading(&rows[i]);
}

static void booleans_are_0_and_1_or_words(void **unused)
{
	struct arena arena = { 0 };
	struct value value, one = integer(1), two = integer(2),
		     word = text("true"), half = real(0.5);
	struct error error;

	assert_true(foreign_read(OID_BOOL, -1, &one, &arena, &value, &error));
	assert_int_equal(value.integer, 1);
	assert_true(foreign_read(OID_BOOL, -1, &word, &arena, &value, &error));
	assert_int_equal(value.integer, 1);
	assert_false(foreign_read(OID_BOOL, -1, &two, &arena, &value, &error));
	assert_false(foreign_read(OID_BOOL, -1, &half, &arena, &value,
				  &error));
	arena_fini(&arena);
}

static bool writes(uint32_t type, char affinity, char spelling,
		   const char *own, struct arena *arena,
		   struct value *ret_stored)
{
	struct foreign_form form = { affinity, spelling };
	struct value value = text(own);
	struct error error;

	return foreign_write(type, -1, form, &value, arena, ret_stored,
			     &error);
}

static void writes_as_the_program_would(void **unused)
{
	static const char uuid[] = "6f2c1a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b";
	struct arena arena = { 0 };
	struct value stored;

	assert_true(writes(OID_TIMESTAMP, 'n', 's',
			   "2024-02-29 13:00:00.000000", &arena, &stored));
	assert_true(slice_is(stored.bytes, "2024-02-29 13:00:00"));
	assert_true(writes(OID_TIMESTAMP, 'n', 'f',
			   "2024-02-29 13:00:00.000000", &arena, &stored));
	assert_true(slice_is(stored.bytes, "2024-02-29 13:00:00.000000"));
	assert_false(writes(OID_TIMESTAMP, 'n', 's', "infinity", &arena,
			    &stored));
	assert_true(writes(OID_UUID, 't', 'h', uuid, &arena, &stored));
	assert_true(slice_is(stored.bytes,
			     "6f2c1a345b6d4e7f8a9b0c1d2e3f4a5b"));
	assert_true(writes(OID_UUID, 'b', 'b', uuid, &arena, &stored));
	assert_int_equal(stored.kind, VALUE_BLOB);
	assert_int_equal(stored.bytes.length, 16);
	assert_int_equal(stored.bytes.at[15], 0x5b);
	assert_true(writes(OID_INTERVAL, 'i', 0, "0:1:3661000001", &arena,
			   &stored));
	assert_int_equal(stored.integer, 90061000001);
	assert_false(writes(OID_INTERVAL, 'i', 0, "1:0:0", &arena, &stored));
	assert_false(writes(OID_INTERVAL, 'i', 0, "0:2000000000:0", &arena,
			    &stored));
	assert_true(writes(OID_INTERVAL, 't', 0, "1:0:0", &arena, &stored));
	assert_true(slice_is(stored.bytes, "1 mon"));
	arena_fini(&arena);
}

static void digits_that_sqlite_would_lose_are_refused(void **unused)
{
	struct arena arena = { 0 };
	struct value stored;

	assert_true(writes(OID_NUMERIC, 'n', 0, "1.50", &arena, &stored));
	assert_int_equal(stored.kind, VALUE_REAL);
	assert_true(writes(OID_NUMERIC, 'n', 0, "9007199254740993", &arena,
			   &stored));
	assert_int_equal(stored.integer, 9007199254740993);
	assert_false(writes(OID_NUMERIC, 'r', 0, "9007199254740993", &arena,
			    &stored));
	assert_false(writes(OID_NUMERIC, 'n', 0, "12345678901234567890.123",
			    &arena, &stored));
	assert_true(writes(OID_NUMERIC, 't', 0, "12345678901234567890.123",
			   &arena, &stored));
	assert_int_equal(stored.kind, VALUE_TEXT);
	assert_false(writes(OID_NUMERIC, 'n', 0, "NaN", &arena, &stored));
	assert_false(writes(OID_TEXT, 'n', 0, "0012", &arena, &stored));
	assert_false(writes(OID_TEXT, 'n', 0, " 12 ", &arena, &stored));
	assert_false(writes(OID_TEXT, 'n', 0, "1e5", &arena, &stored));
	assert_true(writes(OID_TEXT, 'n', 0, "12", &arena, &stored));
	assert_true(writes(OID_TEXT, 't', 0, "0012", &arena, &stored));
	assert_true(writes(OID_TEXT, 'n', 0, "12 apples", &arena, &stored));
	assert_false(writes(OID_JSONB, 'n', 0, "1.50", &arena, &stored));
	arena_fini(&arena);
}

static void affinities_are_sqlites(void **unused)
{
	static const struct {
		const char *declared;
		char affinity;
	} rows[] = {
		{ "INTEGER", 'i' }, { "POINT", 'i' }, { "VARCHAR(20)", 't' },
		{ "uuid text", 't' }, { "", 'b' }, { "BLOB", 'b' },
		{ "DOUBLE PRECISION", 'r' }, { "DATETIME", 'n' },
		{ "NUMERIC(10, 2)", 'n' }, { "CHARINT", 'i' },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(foreign_affinity(rows[i].declared),
				 rows[i].affinity);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			reads_what_other_programs_write_and_bends_nothing),
		cmocka_unit_test(booleans_are_0_and_1_or_words),
		cmocka_unit_test(writes_as_the_program_would),
		cmocka_unit_test(digits_that_sqlite_would_lose_are_refused),
		cmocka_unit_test(affinities_are_sqlites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
