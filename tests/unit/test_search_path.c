/* Search paths as they are written. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "protocol/search_path.h"

static struct arena arena;

static const char *joined(const char *const *path)
{
	const char *text = "";

	if (!path)
		return "(none)";
	for (; *path; path++)
		text = arena_printf(&arena, "%s[%s]", text, *path);
	return text;
}

static void value_is(const char *value, const char *wanted)
{
	assert_string_equal(joined(search_path_split(value, "app", &arena)),
			    wanted);
}

static void statement_is(const char *sql, const char *wanted)
{
	assert_string_equal(joined(search_path_of_statement(
				    slice_text(sql), "app", &arena)),
			    wanted);
}

static void reads_values_as_the_server_does(void **state)
{
	value_is("\"$user\", public", "[app][public]");
	value_is("$user,public", "[app][public]");
	value_is("Public , \"Public\"", "[public][Public]");
	value_is("\"a, b\"\t,c", "[a, b][c]");
	value_is("\"say \"\"hi\"\"\"", "[say \"hi\"]");
	value_is("\"\"", "[]");
	value_is("", "");
	value_is("a,", "(none)");
	value_is(",a", "(none)");
	value_is("a b", "(none)");
	value_is("\"a", "(none)");
	value_is("\"a\"b", "(none)");
}

static void reads_the_statements_that_set_it(void **state)
{
	statement_is("SET search_path TO a, \"B\", public", "[a][B][public]");
	statement_is("set session search_path = 'a, b'", "[a, b]");
	statement_is("SET search_path TO \"$user\"", "[app]");
	statement_is("SET search_path = ''", "[]");
	statement_is("SET SCHEMA 'x'", "[x]");
	statement_is("SELECT pg_catalog.set_config('search_path', 'a, \"B\"', "
		     "false)", "[a][B]");
}

static void any_other_statement_is_none(void **state)
{
	statement_is("SET LOCAL search_path TO a", "(none)");
	statement_is("SET search_path TO DEFAULT", "(none)");
	statement_is("SET work_mem TO '1MB'", "(none)");
	statement_is("SELECT set_config('search_path', x, false) FROM t",
		     "(none)");
	statement_is("SELECT set_config('x.y', 'a', false)", "(none)");
	statement_is("SET search_path TO a; SET search_path TO b", "(none)");
	statement_is("nonsense", "(none)");
	statement_is("", "(none)");
}

static int free_arena(void **state)
{
	arena_fini(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_values_as_the_server_does),
		cmocka_unit_test(reads_the_statements_that_set_it),
		cmocka_unit_test(any_other_statement_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, free_arena);
}
