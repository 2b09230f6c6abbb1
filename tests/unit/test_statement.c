#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pool/backend.h"
#include "pool/statement.h"

struct fixture {
	struct statements *all;
	struct backend backend;
	struct statement *one, *two;
};

static struct statement *get(struct fixture *f, const char *text)
{
	return statement_get(f->all, slice_text(text), slice_make("\0\0", 2));
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

static void a_parse_counts_in_its_own_batch_until_it_is_answered(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(statement_knowledge(&f->backend, f->one),
			 STATEMENT_UNKNOWN);
	assert_null(statement_learn(&f->backend, f->one, 10));
	assert_int_equal(statement_knowledge(&f->backend, f->one),
			 STATEMENT_KNOWN);
	f->backend.batches++;
	assert_int_equal(statement_knowledge(&f->backend, f->one),
			 STATEMENT_UNSURE);
	statement_confirm(&f->backend, f->one);
	assert_int_equal(statement_knowledge(&f->backend, f->one),
			 STATEMENT_KNOWN);
	statement_doubt(&f->backend, f->one);
	assert_int_equal(statement_knowledge(&f->backend, f->one),
			 STATEMENT_UNSURE);
}

static void an_answer_that_comes_late_revives_nothing(void **state)
{
	struct fixture *f = *state;
	struct statement *forgotten;

	statement_learn(&f->backend, f->one, 1);
	forgotten = statement_learn(&f->backend, f->two, 1);
	statement_confirm(&f->backend, f->one);
	assert_int_equal(statement_knowledge(&f->backend, f->one),
			 STATEMENT_UNKNOWN);
	statement_unref(&forgotten);
}

static void the_one_unused_for_longest_makes_room(void **state)
{
	struct fixture *f = *state;
	struct statement *forgotten;

	statement_learn(&f->backend, f->one, 1);
	forgotten = statement_learn(&f->backend, f->two, 1);
	assert_ptr_equal(forgotten, f->one);
	assert_int_equal(statement_knowledge(&f->backend, f->one),
			 STATEMENT_UNKNOWN);
	/* To learn it again needs no room. */
	assert_null(statement_learn(&f->backend, f->two, 1));
	statement_unref(&forgotten);
}

static void a_close_that_was_skipped_leaves_doubt(void **state)
{
	struct fixture *f = *state;
	struct statement *forgotten;

	statement_learn(&f->backend, f->one, 1);
	forgotten = statement_learn(&f->backend, f->two, 1);
	statement_doubt(&f->backend, forgotten);
	assert_int_equal(statement_knowledge(&f->backend, f->one),
			 STATEMENT_UNSURE);
	statement_unref(&forgotten);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_text_is_kept_once),
		TEST(a_parse_counts_in_its_own_batch_until_it_is_answered),
		TEST(an_answer_that_comes_late_revives_nothing),
		TEST(the_one_unused_for_longest_makes_room),
		TEST(a_close_that_was_skipped_leaves_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
