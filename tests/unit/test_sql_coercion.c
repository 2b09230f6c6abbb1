#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/sql_coercion.h"

static bool adapts(const char *text)
{
	struct arena arena = { 0 };
	struct sql_coercion coercion;

	assert_true(sql_coercion_read(slice_text(text), &arena, &coercion));
	arena_fini(&arena);
	return coercion.adapts;
}

static void tells_rows_and_arrays_that_constants_may_stand_beside(void **state)
{
	static const char *const texts[] = {
		"SELECT coalesce(t, '(1)') FROM t",
		"SELECT coalesce(u, '(1)') FROM s.t AS u",
		"SELECT coalesce(u.*, '(1)') FROM t u",
		"WITH w AS (SELECT 1) SELECT x FROM (SELECT t FROM t) AS y",
		"SELECT ARRAY[a]", "SELECT ARRAY[1, a + 1]",
		"SELECT ARRAY(SELECT a FROM t)",
		"SELECT array_agg(a) FROM t",
		"SELECT pg_catalog.jsonb_populate_record(x, '{}')",
		"CREATE RULE r AS ON DELETE TO t DO SELECT coalesce(old, '')",
		"SELECT 1; DELETE FROM t WHERE t IS NULL",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!adapts(texts[i]))
			fail_msg("%s", texts[i]);
}

static void takes_columns_and_constants_for_harmless(void **state)
{
	static const char *const texts[] = {
		"", "SELECT * FROM t", "SELECT t.* FROM t", "SELECT 1",
		"SELECT u.a, b FROM t AS u WHERE b = 'x' AND t = 1",
		"SELECT ARRAY[1, 2], ARRAY['a', $1]::text[], ARRAY[ARRAY[1]]",
		"DELETE FROM t WHERE a = 1 RETURNING t.*",
		"SELECT (SELECT a FROM t), EXISTS (SELECT 1 FROM u)",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (adapts(texts[i]))
			fail_msg("%s", texts[i]);
}

static void tells_what_stands_behind_a_dot(void **state)
{
	struct arena arena = { 0 };
	struct sql_coercion coercion;

	assert_true(sql_coercion_read(slice_text("SELECT a, t.b, s.t.C, t.*"
						 " FROM t"),
				      &arena, &coercion));
	assert_int_equal(coercion.attribute_count, 2);
	assert_string_equal(coercion.attributes[0], "b");
	assert_string_equal(coercion.attributes[1], "c");
	assert_false(sql_coercion_read(slice_text("SELEC"), &arena, &coercion));
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			tells_rows_and_arrays_that_constants_may_stand_beside),
		cmocka_unit_test(takes_columns_and_constants_for_harmless),
		cmocka_unit_test(tells_what_stands_behind_a_dot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
