#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pool/backend.h"
#include "pool/setting.h"
#include "pool/statement.h"

struct fixture {
	struct statements *all;
	struct backend backend;
	struct statement *one, *two;
};

static struct statement *get(struct fixture *f, const char *text)
{
	return statement_get(f->all, slice_text(text), slice_make("\0\0", 2),
			     NULL, 0, NULL);
}

static int setup(void **state)
{
	struct fixture *f = must_alloc(sizeof(*f));

	f->all = statements_new();
	f->one = get(f, "SELECT 1");
	f->two = get(f, "SELECT 2");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	known_statements_free(&f->backend.known);
	statement_unref(&f->one);
	statement_unref(&f->two);
	statements_free(&f->all);
	free(f);
	return 0;
}

static void a_text_is_kept_once(void **state)
{
	struct fixture *f = *state;
	struct statement *again = get(f, "SELECT 1");

	assert_ptr_equal(again, f->one);
	assert_ptr_not_equal(f->one, f->two);
	statement_unref(&again);
}

static void a_text_means_something_else_under_other_settings(void **state)
{
	struct fixture *f = *state;
	struct settings *path = NULL, *harmless = NULL;
	struct statement *other, *same, *moment, *prepared;

	settings_put(&path, "search_path", slice_text("set search_path = a"));
	settings_put(&harmless, "work_mem", slice_text("set work_mem = 1"));
	other = statement_get(f->all, slice_text("SELECT 1"),
			      slice_make("\0\0", 2), path, 0, NULL);
	same = statement_get(f->all, slice_text("SELECT 1"),
			     slice_make("\0\0", 2), harmless, 0, NULL);
	moment = statement_get(f->all, slice_text("SELECT 1"),
			       slice_make("\0\0", 2), NULL, 7, NULL);
	prepared = statement_of_sql(f->all, slice_text("SELECT 1"), NULL);
	assert_ptr_equal(same, f->one);
	assert_ptr_not_equal(other, f->one);
	assert_ptr_not_equal(moment, f->one);
	assert_ptr_not_equal(prepared, f->one);
	assert_true(prepared->by_sql && !f->one->by_sql);
	statement_unref(&other);
	statement_unref(&same);
	statement_unref(&moment);
	statement_unref(&prepared);
	settings_unref(&path);
	settings_unref(&harmless);
}

static void a_reading_older_than_the_clients_own_is_made_again(void **state)
{
	struct fixture *f = *state;
	uint64_t since;

	since = statements_time(f->all);
	statement_learn(&f->backend, f->one, since, 10);
	statement_confirm(&f->backend, f->one);
	since = statements_time(f->all);
	assert_int_equal(statement_knowledge(&f->backend, f->one, since),
			 STATEMENT_UNSURE);
	statement_learn(&f->backend, f->one, since, 10);
	statement_confirm(&f->backend, f->one);
	assert_int_equal(statement_knowledge(&f->backend, f->one, since),
			 STATEMENT_KNOWN);
	/* whoever prepared it earlier may use the newer one */
	assert_int_equal(statement_knowledge(&f->backend, f->one, 0),
			 STATEMENT_KNOWN);
}

static void names_of_clients_stand_on_a_backend_one_at_a_time(void **state)
{
	struct fixture *f = *state;
	bool sure;
	char *oldest;

	assert_null(statement_installed(&f->backend, "a", &sure));
	assert_true(sure);
	statement_install(&f->backend, "a", f->one);
	statement_install(&f->backend, "b", f->two);
	assert_ptr_equal(statement_installed(&f->backend, "a", &sure), f->one);
	statement_install(&f->backend, "a", f->two);
	assert_ptr_equal(statement_installed(&f->backend, "a", &sure), f->two);
	statement_install(&f->backend, "a", NULL);
	assert_null(statement_installed(&f->backend, "a", &sure));
	assert_true(sure);
	statement_doubt_installed(&f->backend);
	assert_null(statement_installed(&f->backend, "a", &sure));
	assert_false(sure);
	assert_null(statement_uninstall_oldest(&f->backend, 2));
	oldest = statement_uninstall_oldest(&f->backend, 1);
	assert_string_equal(oldest, "b");
	free(oldest);
}

static void a_parse_counts_in_its_own_batch_until_it_is_answered(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(statement_knowledge(&f->backend, f->one, 0),
			 STATEMENT_UNKNOWN);
	assert_null(statement_learn(&f->backend, f->one, 1, 10));
	assert_int_equal(statement_knowledge(&f->backend, f->one, 0),
			 STATEMENT_KNOWN);
	f->backend.batches++;
	assert_int_equal(statement_knowledge(&f->backend, f->one, 0),
			 STATEMENT_UNSURE);
	statement_confirm(&f->backend, f->one);
	assert_int_equal(statement_knowledge(&f->backend, f->one, 0),
			 STATEMENT_KNOWN);
	statement_doubt(&f->backend, f->one);
	assert_int_equal(statement_knowledge(&f->backend, f->one, 0),
			 STATEMENT_UNSURE);
}

static void an_answer_that_comes_late_revives_nothing(void **state)
{
	struct fixture *f = *state;
	struct statement *forgotten;

	statement_learn(&f->backend, f->one, 1, 1);
	forgotten = statement_learn(&f->backend, f->two, 1, 1);
	statement_confirm(&f->backend, f->one);
	assert_int_equal(statement_knowledge(&f->backend, f->one, 0),
			 STATEMENT_UNKNOWN);
	statement_unref(&forgotten);
}

static void the_one_unused_for_longest_makes_room(void **state)
{
	struct fixture *f = *state;
	struct statement *forgotten;

	statement_learn(&f->backend, f->one, 1, 1);
	forgotten = statement_learn(&f->backend, f->two, 1, 1);
	assert_ptr_equal(forgotten, f->one);
	assert_int_equal(statement_knowledge(&f->backend, f->one, 0),
			 STATEMENT_UNKNOWN);
	/* To learn it again needs no room. */
	assert_null(statement_learn(&f->backend, f->two, 1, 1));
	statement_unref(&forgotten);
}

static void a_close_that_was_skipped_leaves_doubt(void **state)
{
	struct fixture *f = *state;
	struct statement *forgotten;

	statement_learn(&f->backend, f->one, 1, 1);
	forgotten = statement_learn(&f->backend, f->two, 1, 1);
	statement_doubt(&f->backend, forgotten);
	assert_int_equal(statement_knowledge(&f->backend, f->one, 0),
			 STATEMENT_UNSURE);
	statement_unref(&forgotten);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_text_is_kept_once),
		TEST(a_text_means_something_else_under_other_settings),
		TEST(a_reading_older_than_the_clients_own_is_made_again),
		TEST(names_of_clients_stand_on_a_backend_one_at_a_time),
		TEST(a_parse_counts_in_its_own_batch_until_it_is_answered),
		TEST(an_answer_that_comes_late_revives_nothing),
		TEST(the_one_unused_for_longest_makes_room),
		TEST(a_close_that_was_skipped_leaves_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
