#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "protocol/sql_tree.h"

static struct sql_tree *must_parse(const char *text)
{
	struct error error;
	struct sql_tree *tree = sql_tree_new(slice_text(text), &error);

	assert_non_null(tree);
	return tree;
}

static void assert_refused(struct slice text, const char *sqlstate,
			   const char *message, int position)
{
	struct error error = { 0 };

	assert_null(sql_tree_new(text, &error));
	assert_string_equal(error.sqlstate, sqlstate);
	assert_string_equal(error.message, message);
	assert_int_equal(error.position, position);
}

static void assert_statement(const struct sql_tree *tree, size_t index,
			     const char *text, size_t offset)
{
	struct sql_statement statement = sql_tree_statement(tree, index);

	assert_non_null(statement.node);
	assert_true(slice_is(statement.text, text));
	assert_int_equal(statement.offset, offset);
}

static void cuts_a_text_into_its_statements(void **state)
{
	struct sql_tree *tree =
		must_parse(" select 'a;b' ;;\n-- note\nselect 2; select 3 ");

	assert_int_equal(sql_tree_count(tree), 3);
	assert_statement(tree, 0, "select 'a;b'", 1);
	assert_statement(tree, 1, "-- note\nselect 2", 17);
	assert_statement(tree, 2, "select 3", 35);
	sql_tree_free(&tree);
	assert_null(tree);
	sql_tree_free(&tree);
}

static void reads_only_as_far_as_the_slice(void **state)
{
	struct error error;
	struct sql_tree *tree =
		sql_tree_new(slice_make("select 1; drop", 8), &error);

	assert_non_null(tree);
	assert_int_equal(sql_tree_count(tree), 1);
	assert_statement(tree, 0, "select 1", 0);
	sql_tree_free(&tree);
}

static void takes_nothing_for_an_empty_query(void **state)
{
	static const char *const texts[] = { "", " ", ";", " ;; -- x",
					     "/* a */" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct sql_tree *tree = must_parse(texts[i]);

		assert_int_equal(sql_tree_count(tree), 0);
		sql_tree_free(&tree);
	}
}

static void complains_as_postgres_does(void **state)
{
	assert_refused(slice_text("select 'é' from from"), "42601",
		       "syntax error at or near \"from\"", 17);
	assert_refused(slice_text("select (1"),
		       "42601", "syntax error at end of input", 10);
	assert_refused(slice_text("select 'abc"), "42601",
		       "unterminated quoted string at or near \"'abc\"", 8);
	assert_refused(slice_text("select E'\\u12'"), "22025",
		       "invalid Unicode escape", 10);
	assert_refused(slice_text("select U&'\\zzzz'"), "42601",
		       "invalid Unicode escape", 11);
	assert_refused(slice_text("create assertion x check(true)"), "0A000",
		       "CREATE ASSERTION is not yet implemented", 0);
	assert_refused(slice_text("select cast(1 as float(0))"), "22023",
		       "precision for type float must be at least 1 bit", 24);
	assert_refused(slice_text("select 1 from t limit 1,2"), "42601",
		       "LIMIT #,# syntax is not supported", 17);
}

static void refuses_a_zero_byte(void **state)
{
	assert_refused(slice_make("select 1\0drop", 13), "22021",
		       "invalid byte sequence for encoding \"UTF8\": 0x00", 0);
}

static char *repeated(const char *start, const char *unit, size_t count,
		      const char *end)
{
	struct buffer text = { 0 };

	buffer_put_text(&text, start);
	for (size_t i = 0; i < count; i++)
		buffer_put_text(&text, unit);
	buffer_put_cstring(&text, end);
	return (char *)text.bytes;
}

static void assert_too_deep(const char *start, const char *unit, size_t count,
			    const char *end)
{
	char *text = repeated(start, unit, count, end);

	assert_refused(slice_text(text), "54001", "stack depth limit exceeded",
		       0);
	free(text);
}

static void survives_deep_texts(void **state)
{
	assert_too_deep("select 1", "+1", 2100, "");
	assert_too_deep("select 1", "+1", 500000, "");
	assert_too_deep("select 1", " union all select 1", 50000, "");
	assert_too_deep("select * from t", " cross join t", 60000, "");
	assert_too_deep("select ", "not ", 200000, "true");
	assert_too_deep("select ", "(select ", 100000, "1");
	assert_too_deep("select ", "(", 500000, "1");
	assert_too_deep("select a", "[1]::int", 100000, "");
	assert_too_deep("explain select 1", "::int", 4000, "");
}

static void accepts_wide_texts(void **state)
{
	char *text = repeated("select 1 where a = 1", " or a = 2", 50000, "");
	struct sql_tree *tree = must_parse(text);

	sql_tree_free(&tree);
	free(text);
	text = repeated("insert into t values (1)", ",(1, 'x')", 50000, "");
	tree = must_parse(text);
	sql_tree_free(&tree);
	free(text);
}

static void caps_the_length(void **state)
{
	char *text = repeated("select 1", " ", SQL_TEXT_BYTES_MAX, "");

	assert_refused(slice_text(text), "54000",
		       "statement text is too long", 0);
	free(text);
}

static bool count_node(struct Node *node, int depth, void *context)
{
	++*(int *)context;
	return true;
}

static bool stop_at_once(struct Node *node, int depth, void *context)
{
	return false;
}

static void walks_every_node_and_stops_when_told(void **state)
{
	struct error error = { 0 };
	struct sql_tree *tree = must_parse("select a, 1 from t");
	struct Node *node = sql_tree_statement(tree, 0).node;
	int count = 0;

	assert_true(sql_walk(node, count_node, &count, &error));
	/* select, 2 targets, column and its name, constant and its value,
	 * table */
	assert_int_equal(count, 8);
	count = 0;
	assert_true(sql_walk_outline(node, count_node, &count, &error));
	/* neither the column's name nor the constant's value */
	assert_int_equal(count, 6);
	assert_false(sql_walk(node, stop_at_once, NULL, &error));
	assert_string_equal(error.sqlstate, "");
	sql_tree_free(&tree);
}

static void keeps_trees_apart(void **state)
{
	struct sql_tree *first = must_parse("select 1");
	struct sql_tree *second = must_parse("drop table t");
	int count = 0;
	struct error error;

	sql_tree_free(&first);
	assert_true(sql_walk(sql_tree_statement(second, 0).node, count_node,
			     &count, &error));
	assert_int_equal(count, 2);
	first = must_parse("select 2");
	sql_tree_free(&second);
	assert_statement(first, 0, "select 2", 0);
	sql_tree_free(&first);
}

static void *parse_many(void *argument)
{
	struct error error;

	for (int i = 0; i < 2000; i++) {
		const char *text = i % 7 ? "select a, b from t where c = $1" :
					   "select from from";
		struct sql_tree *tree = sql_tree_new(slice_text(text), &error);

		if (!tree != !(i % 7))
			return argument;
		sql_tree_free(&tree);
	}
	return NULL;
}

static void parses_in_several_threads(void **state)
{
	pthread_t threads[4];
	void *failed;

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, parse_many,
						&failed), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
}

static void stands_bytes_that_are_no_utf8(void **state)
{
	char text[] = "select '\xff\xfe', \"\xf0\", \xe2 from";
	struct error error;
	struct sql_tree *tree;

	for (size_t length = 0; length < sizeof(text); length++) {
		tree = sql_tree_new(slice_make(text, length), &error);
		sql_tree_free(&tree);
	}
}

static void counts_positions_in_characters(void **state)
{
	struct slice text = slice_text("select 'é', x");

	assert_int_equal(sql_position(text, 0), 1);
	assert_int_equal(sql_position(text, 13), 13);
	assert_int_equal(sql_position(text, -1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_a_text_into_its_statements),
		cmocka_unit_test(reads_only_as_far_as_the_slice),
		cmocka_unit_test(takes_nothing_for_an_empty_query),
		cmocka_unit_test(complains_as_postgres_does),
		cmocka_unit_test(refuses_a_zero_byte),
		cmocka_unit_test(survives_deep_texts),
		cmocka_unit_test(accepts_wide_texts),
		cmocka_unit_test(caps_the_length),
		cmocka_unit_test(walks_every_node_and_stops_when_told),
		cmocka_unit_test(keeps_trees_apart),
		cmocka_unit_test(parses_in_several_threads),
		cmocka_unit_test(stands_bytes_that_are_no_utf8),
		cmocka_unit_test(counts_positions_in_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
