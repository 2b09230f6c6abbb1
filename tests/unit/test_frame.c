#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "guard_page.h"
#include "protocol/frame.h"

static const uint8_t query[] = { 'Q', 0, 0, 0, 9, 'a', 'b', 'c', 'd', 0 };
static const uint8_t startup[] = { 0, 0, 0, 9, 0, 3, 0, 0, 0 };

static struct guard_page page;

static struct slice ending_at_the_page(const uint8_t *bytes, size_t length)
{
	return guard_page_put(&page, slice_make(bytes, length));
}

static void needs_the_whole_header(void **state)
{
	struct frame frame = { .length = 77 };

	for (size_t length = 0; length < FRAME_HEADER_BYTES; length++) {
		assert_int_equal(frame_read(ending_at_the_page(query, length),
					    FRAME_BYTES_MAX, &frame),
				 FRAME_MORE);
		assert_int_equal(frame.length, 77);
	}
}

static void shows_a_frame_at_every_split(void **state)
{
	struct frame frame;

	for (size_t length = FRAME_HEADER_BYTES; length <= sizeof(query);
	     length++) {
		enum frame_verdict verdict =
			frame_read(ending_at_the_page(query, length),
				   FRAME_BYTES_MAX, &frame);

		assert_int_equal(verdict, length == sizeof(query) ?
						  FRAME_WHOLE :
						  FRAME_PART);
		assert_int_equal(frame.type, 'Q');
		assert_int_equal(frame.length, sizeof(query));
		assert_int_equal(frame.body.length,
				 length - FRAME_HEADER_BYTES);
	}
}

static void leaves_the_next_frame_alone(void **state)
{
	uint8_t two[2 * sizeof(query)];
	struct frame frame;

	memcpy(two, query, sizeof(query));
	memcpy(two + sizeof(query), query, sizeof(query));
	assert_int_equal(frame_read(slice_make(two, sizeof(two)),
				    FRAME_BYTES_MAX, &frame),
			 FRAME_WHOLE);
	assert_int_equal(frame.length, sizeof(query));
	assert_true(slice_equal(frame.body, slice_make("abcd", 5)));
}

static enum frame_verdict verdict_on_length(uint32_t length, size_t most)
{
	uint8_t bytes[5] = { 'Q', (uint8_t)(length >> 24),
			     (uint8_t)(length >> 16), (uint8_t)(length >> 8),
			     (uint8_t)length };
	struct frame frame;

	return frame_read(ending_at_the_page(bytes, sizeof(bytes)), most,
			  &frame);
}

static void refuses_lengths_that_cannot_be(void **state)
{
	assert_int_equal(verdict_on_length(0, 100), FRAME_BROKEN);
	assert_int_equal(verdict_on_length(3, 100), FRAME_BROKEN);
	assert_int_equal(verdict_on_length(4, 100), FRAME_WHOLE);
	assert_int_equal(verdict_on_length(99, 100), FRAME_PART);
	assert_int_equal(verdict_on_length(100, 100), FRAME_BROKEN);
	assert_int_equal(verdict_on_length(0xffffffff, FRAME_BYTES_MAX),
			 FRAME_BROKEN);
	assert_int_equal(verdict_on_length(0x80000000, FRAME_BYTES_MAX),
			 FRAME_BROKEN);
	assert_int_equal(verdict_on_length(FRAME_BYTES_MAX - 1,
					   FRAME_BYTES_MAX),
			 FRAME_PART);
}

static void reads_startup_frames_whole_or_not_at_all(void **state)
{
	struct frame frame;

	for (size_t length = 0; length < sizeof(startup); length++)
		assert_int_equal(frame_read_startup(
					 ending_at_the_page(startup, length),
					 &frame),
				 FRAME_MORE);
	assert_int_equal(frame_read_startup(ending_at_the_page(
						    startup, sizeof(startup)),
					    &frame),
			 FRAME_WHOLE);
	assert_int_equal(frame.type, 0);
	assert_int_equal(frame.length, 9);
	assert_int_equal(frame.body.length, 5);
}

static enum frame_verdict verdict_on_startup(uint32_t length)
{
	uint8_t bytes[4] = { (uint8_t)(length >> 24), (uint8_t)(length >> 16),
			     (uint8_t)(length >> 8), (uint8_t)length };
	struct frame frame;

	return frame_read_startup(ending_at_the_page(bytes, sizeof(bytes)),
				  &frame);
}

static void refuses_startup_frames_too_short_or_too_long(void **state)
{
	assert_int_equal(verdict_on_startup(0), FRAME_BROKEN);
	assert_int_equal(verdict_on_startup(7), FRAME_BROKEN);
	assert_int_equal(verdict_on_startup(8), FRAME_MORE);
	assert_int_equal(verdict_on_startup(STARTUP_BYTES_MAX), FRAME_MORE);
	assert_int_equal(verdict_on_startup(STARTUP_BYTES_MAX + 1),
			 FRAME_BROKEN);
	assert_int_equal(verdict_on_startup(0xffffffff), FRAME_BROKEN);
}

static void writes_frames_it_can_read(void **state)
{
	struct buffer out = { 0 };
	struct frame frame;
	size_t mark;

	mark = message_begin(&out, 'Z');
	buffer_put_u8(&out, 'I');
	message_end(&out, mark);
	mark = message_begin(&out, '1');
	message_end(&out, mark);
	assert_int_equal(frame_read(buffer_slice(&out), 100, &frame),
			 FRAME_WHOLE);
	assert_int_equal(frame.type, 'Z');
	assert_true(slice_is(frame.body, "I"));
	buffer_consume(&out, frame.length);
	assert_int_equal(frame_read(buffer_slice(&out), 100, &frame),
			 FRAME_WHOLE);
	assert_int_equal(frame.type, '1');
	assert_int_equal(frame.body.length, 0);
	assert_int_equal(frame.length, out.length);
	buffer_fini(&out);
}

static int make_page(void **state)
{
	page = guard_page_make(64);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_the_whole_header),
		cmocka_unit_test(shows_a_frame_at_every_split),
		cmocka_unit_test(leaves_the_next_frame_alone),
		cmocka_unit_test(refuses_lengths_that_cannot_be),
		cmocka_unit_test(reads_startup_frames_whole_or_not_at_all),
		cmocka_unit_test(refuses_startup_frames_too_short_or_too_long),
		cmocka_unit_test(writes_frames_it_can_read),
	};

	return cmocka_run_group_tests(tests, make_page, NULL);
}
