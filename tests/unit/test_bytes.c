#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "guard_page.h"
#include "protocol/arena.h"
#include "protocol/bytes.h"

static const uint8_t numbers[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
				   13, 14, 15, 'a', 'b', 0, 'z' };

static void reads_fields_in_network_order(void **state)
{
	struct reader reader =
		reader_make(slice_make(numbers, sizeof(numbers)));

	assert_int_equal(read_u8(&reader), 1);
	assert_int_equal(read_u16(&reader), 0x0203);
	assert_int_equal(read_u32(&reader), 0x04050607);
	assert_true(read_u64(&reader) == 0x08090a0b0c0d0e0f);
	assert_true(slice_is(read_cstring(&reader), "ab"));
	assert_int_equal(reader_left(&reader), 1);
	assert_false(reader_done(&reader));
	assert_true(slice_is(read_bytes(&reader, 1), "z"));
	assert_true(reader_done(&reader));
}

/* Reads all the fields above; true if all were there and nothing is left. */
static bool read_all(struct slice bytes)
{
	struct reader reader = reader_make(bytes);

	read_u8(&reader);
	read_u16(&reader);
	read_u32(&reader);
	read_u64(&reader);
	read_cstring(&reader);
	read_bytes(&reader, 1);
	return reader_done(&reader);
}

static void fails_on_every_prefix_without_looking_further(void **state)
{
	struct guard_page page = guard_page_make(sizeof(numbers));

	for (size_t length = 0; length < sizeof(numbers); length++)
		assert_false(read_all(guard_page_put(
			&page, slice_make(numbers, length))));
	assert_true(read_all(guard_page_put(
		&page, slice_make(numbers, sizeof(numbers)))));
}

static void stays_failed_once_it_failed(void **state)
{
	struct reader reader = reader_make(slice_make(numbers, 3));

	assert_int_equal(read_u32(&reader), 0);
	assert_int_equal(read_u8(&reader), 0);
	assert_int_equal(read_bytes(&reader, 1).length, 0);
	assert_non_null(read_cstring(&reader).at);
	assert_false(reader_done(&reader));
}

static void wants_the_end_of_a_string(void **state)
{
	struct guard_page page = guard_page_make(4);
	struct reader reader =
		reader_make(guard_page_put(&page, slice_text("abcd")));

	assert_int_equal(read_cstring(&reader).length, 0);
	assert_true(reader.failed);
	reader = reader_make(slice_make(NULL, 0));
	assert_int_equal(read_cstring(&reader).length, 0);
	assert_true(reader.failed);
}

static void refuses_lengths_that_cannot_be(void **state)
{
	struct reader reader = reader_make(slice_make(numbers, 4));

	read_bytes(&reader, SIZE_MAX);
	assert_true(reader.failed);
}

static void writes_what_it_reads(void **state)
{
	struct buffer buffer = { 0 };

	buffer_put_u8(&buffer, 1);
	buffer_put_u16(&buffer, 0x0203);
	buffer_put_u32(&buffer, 0);
	buffer_put_u64(&buffer, 0x08090a0b0c0d0e0f);
	buffer_put_cstring(&buffer, "ab");
	buffer_put_text(&buffer, "z");
	buffer_patch_u32(&buffer, 3, 0x04050607);
	assert_true(slice_equal(buffer_slice(&buffer),
				slice_make(numbers, sizeof(numbers))));
	buffer_fini(&buffer);
}

static void repeats_what_it_is_given(void **state)
{
	struct buffer buffer = { 0 };

	buffer_put_times(&buffer, slice_text("abc"), 0);
	assert_int_equal(buffer.length, 0);
	for (size_t times = 1; times < 9; times++) {
		buffer_clear(&buffer);
		buffer_put_text(&buffer, "<");
		buffer_put_times(&buffer, slice_text("abc"), times);
		assert_int_equal(buffer.length, 1 + 3 * times);
		for (size_t i = 1; i < buffer.length; i++)
			assert_int_equal(buffer.bytes[i], "cab"[i % 3]);
	}
	buffer_fini(&buffer);
}

static void grows_and_empties(void **state)
{
	struct buffer buffer = { 0 };

	for (int i = 0; i < 1000; i++)
		buffer_printf(&buffer, "%03d,", i);
	assert_int_equal(buffer.length, 4000);
	assert_memory_equal(buffer.bytes + 3996, "999,", 4);
	buffer_consume(&buffer, 3996);
	assert_string_equal(buffer_cstring(&buffer), "999,");
	buffer_consume(&buffer, 0);
	buffer_consume(&buffer, 4);
	assert_string_equal(buffer_cstring(&buffer), "");
	buffer_put(&buffer, NULL, 0);
	buffer_clear(&buffer);
	assert_int_equal(buffer.length, 0);
	buffer_wipe(&buffer);
	assert_null(buffer.bytes);
	assert_string_equal(buffer_cstring(&buffer), "");
	buffer_fini(&buffer);
}

static void compares_slices_by_their_bytes(void **state)
{
	assert_true(slice_is(slice_make("abc", 2), "ab"));
	assert_false(slice_is(slice_make("abc", 3), "ab"));
	assert_true(slice_equal(slice_make(NULL, 0), slice_make("x", 0)));
}

static void copies_end_with_a_zero(void **state)
{
	char *copy = slice_dup(slice_make("abc", 2));

	assert_string_equal(copy, "ab");
	free(copy);
	copy = slice_dup(slice_make(NULL, 0));
	assert_string_equal(copy, "");
	free(copy);
}

static void gives_zeroed_aligned_pieces(void **state)
{
	struct arena arena = { 0 };

	for (size_t bytes = 0; bytes < 6000; bytes += 7) {
		uint8_t *piece = arena_alloc(&arena, bytes);

		assert_int_equal((uintptr_t)piece % 16, 0);
		for (size_t i = 0; i < bytes; i++)
			assert_int_equal(piece[i], 0);
		memset(piece, 0xff, bytes);
	}
	arena_reset(&arena);
	assert_int_equal(arena.bytes, 0);
	assert_int_equal(*(uint8_t *)arena_alloc(&arena, 1), 0);
	assert_string_equal(arena_printf(&arena, "%s-%d", "a", 5), "a-5");
	assert_string_equal(arena_dup(&arena, slice_make("abc", 1)), "a");
	arena_fini(&arena);
	assert_string_equal(arena_text(&arena, "again"), "again");
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_fields_in_network_order),
		cmocka_unit_test(fails_on_every_prefix_without_looking_further),
		cmocka_unit_test(stays_failed_once_it_failed),
		cmocka_unit_test(wants_the_end_of_a_string),
		cmocka_unit_test(refuses_lengths_that_cannot_be),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(repeats_what_it_is_given),
		cmocka_unit_test(grows_and_empties),
		cmocka_unit_test(compares_slices_by_their_bytes),
		cmocka_unit_test(copies_end_with_a_zero),
		cmocka_unit_test(gives_zeroed_aligned_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
