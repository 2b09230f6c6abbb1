#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/parameter.h"

static void a_changed_value_keeps_its_place(void **state)
{
	struct parameters *set = parameters_new(slice_make("a\0" "1\0b\0" "2", 8));
	struct parameters *before = parameters_ref(set);
	struct buffer changed = { 0 };

	parameters_put(&set, slice_text("a"), slice_text("one"));
	assert_int_equal(parameters_pairs(set).length, 10);
	assert_memory_equal(parameters_pairs(set).at, "a\0one\0b\0" "2", 10);
	parameters_put(&set, slice_text("c"), slice_text(""));
	parameters_changed(before, set, &changed);
	assert_int_equal(changed.length, 9);
	assert_memory_equal(changed.bytes, "a\0one\0c\0", 9);
	buffer_fini(&changed);
	parameters_unref(&before);
	parameters_unref(&set);
}

static void what_did_not_change_is_the_same_set(void **state)
{
	struct parameters *set = parameters_new(slice_make("a\0" "1", 4));
	struct parameters *before = set;

	parameters_put(&set, slice_text("a"), slice_text("1"));
	assert_ptr_equal(set, before);
	assert_true(parameters_equal(set, before));
	assert_null(parameters_find(set, slice_text("b")).at);
	parameters_unref(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_value_keeps_its_place),
		cmocka_unit_test(what_did_not_change_is_the_same_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
