#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/shape.h"
#include "protocol/message_write.h"

static struct shape *shape_of(uint32_t parameter, const char *name,
			      uint32_t table, uint32_t type)
{
	const struct column column = {
		.name = name, .table_oid = table, .type_oid = type,
		.type_length = 4, .type_modifier = -1,
	};
	struct buffer messages = { 0 };
	struct shape *shape;

	write_parameter_description(&messages, &parameter, 1);
	if (name)
		write_row_description(&messages, &column, 1);
	else
		write_no_data(&messages);
	shape = shape_new(buffer_slice(&messages));
	buffer_fini(&messages);
	return shape;
}

static void parameters_are_as_a_parse_has_them(void **state)
{
	struct shape *shape = shape_of(23, "a", 1, 25);

	assert_non_null(shape);
	assert_memory_equal(shape_types(shape).at, "\0\1\0\0\0\x17", 6);
	assert_int_equal(shape_types(shape).length, 6);
	shape_unref(&shape);
}

static void columns_count_by_name_and_type_not_by_table(void **state)
{
	struct shape *shape = shape_of(23, "a", 1, 25);
	struct shape *of_another_table = shape_of(20, "a", 2, 25);
	struct shape *renamed = shape_of(23, "b", 1, 25);
	struct shape *retyped = shape_of(23, "a", 1, 23);
	struct shape *without = shape_of(23, NULL, 0, 0);

	assert_true(shape_has_columns(shape));
	assert_false(shape_has_columns(without));
	assert_true(shape_same_columns(shape, of_another_table));
	assert_false(shape_same_columns(shape, renamed));
	assert_false(shape_same_columns(shape, retyped));
	assert_false(shape_same_columns(shape, without));
	shape_unref(&shape);
	shape_unref(&of_another_table);
	shape_unref(&renamed);
	shape_unref(&retyped);
	shape_unref(&without);
}

static void nonsense_has_no_shape(void **state)
{
	struct buffer messages = { 0 };
	uint32_t parameter = 23;
	struct column column = { .name = "a" };
	struct shape *shape;

	write_parameter_description(&messages, &parameter, 1);
	write_row_description(&messages, &column, 1);
	for (size_t cut = 0; cut < messages.length; cut++) {
		shape = shape_new(slice_make(messages.bytes, cut));
		assert_null(shape);
	}
	buffer_fini(&messages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_as_a_parse_has_them),
		cmocka_unit_test(columns_count_by_name_and_type_not_by_table),
		cmocka_unit_test(nonsense_has_no_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
