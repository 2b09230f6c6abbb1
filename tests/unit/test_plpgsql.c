/* What a DO holds, and what it may not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "protocol/plpgsql.h"

static struct arena arena;
static struct error error;

static const struct plpgsql_statement *parsed(const char *text)
{
	const struct plpgsql_statement *block =
		plpgsql_parse(slice_text(text), &arena, &error);

	if (!block)
		fail_msg("%s: %s %s", text, error.sqlstate, error.message);
	return block;
}

static void refuses(const char *text, const char *sqlstate)
{
	assert_null(plpgsql_parse(slice_text(text), &arena, &error));
	assert_string_equal(error.sqlstate, sqlstate);
}

static void statements_end_at_a_semicolon_outside_of_quotes(void **state)
{
	const struct plpgsql_statement *block = parsed(
		"begin insert into t values (';', $a$ ; $b$ $a$, \";\", "
		"E'\\';'); -- ;\n /* ; /* ; */ */ update t set a = 1; end;");
	const struct plpgsql_statement *one = block->body, *two = one->next;

	assert_int_equal(block->kind, PLPGSQL_BLOCK);
	assert_int_equal(one->kind, PLPGSQL_SQL);
	assert_true(slice_equal(
		one->text,
		slice_text(
			"insert into t values (';', $a$ ; $b$ $a$, \";\", E'\\';')")));
	assert_true(slice_is(two->text, "update t set a = 1"));
	assert_null(two->next);
}

static void the_first_handler_that_matches_is_taken(void **state)
{
	const struct plpgsql_statement *block = parsed(
		"begin null; exception when unique_violation or "
		"check_violation then update t set a = 1; when "
		"integrity_constraint_violation then update t set a = 2; when "
		"sqlstate '22012' then update t set a = 3; when others then "
		"null; end");

	assert_true(slice_is(plpgsql_handler_for(block, "23514")->body->text,
			     "update t set a = 1"));
	assert_true(slice_is(plpgsql_handler_for(block, "23502")->body->text,
			     "update t set a = 2"));
	assert_true(slice_is(plpgsql_handler_for(block, "22012")->body->text,
			     "update t set a = 3"));
	assert_null(plpgsql_handler_for(block, "42P01")->body);
	assert_null(plpgsql_handler_for(block, "57014"));
}

static void an_elsif_is_an_if_in_the_else(void **state)
{
	const struct plpgsql_statement *statement =
		parsed("begin if a then perform 1; elsif b then perform 2; else "
		       "perform 3; end if; end")
			->body;

	assert_true(slice_is(statement->text, "SELECT (a)::boolean"));
	assert_true(
		slice_is(statement->otherwise->text, "SELECT (b)::boolean"));
	assert_true(
		slice_is(statement->otherwise->otherwise->text, "SELECT 3"));
}

static void what_is_beyond_it_is_refused_by_its_name(void **state)
{
	refuses("declare x int; begin null; end", "0A000");
	assert_non_null(strstr(error.message, "DECLARE"));
	refuses("begin x := 1; end", "0A000");
	refuses("begin for i in 1..2 loop null; end loop; end", "0A000");
	refuses("begin return; end", "0A000");
	refuses("<<here>> begin null; end", "42601");
}

static void no_prefix_is_taken_for_the_whole(void **state)
{
	static const char text[] =
		"begin if a = 'b' then raise notice '%', 1; elsif c then "
		"execute 'd'; end if; begin perform 1; exception when others "
		"then delete from t; end; end";

	parsed(text);
	for (size_t length = 0; length + 1 < sizeof(text); length++)
		assert_null(plpgsql_parse(slice_make(text, length), &arena,
					  &error));
}

static void deep_nesting_is_an_error(void **state)
{
	struct buffer text = { 0 };

	for (int i = 0; i < 1000; i++)
		buffer_put_text(&text, "begin ");
	refuses(buffer_cstring(&text), "54001");
	buffer_fini(&text);
}

static int forget(void **state)
{
	arena_fini(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			statements_end_at_a_semicolon_outside_of_quotes),
		cmocka_unit_test(the_first_handler_that_matches_is_taken),
		cmocka_unit_test(an_elsif_is_an_if_in_the_else),
		cmocka_unit_test(what_is_beyond_it_is_refused_by_its_name),
		cmocka_unit_test(no_prefix_is_taken_for_the_whole),
		cmocka_unit_test(deep_nesting_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
