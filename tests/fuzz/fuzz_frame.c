/* A stream of any bytes: a frame lies within what is there, and a verdict
 * once reached does not change as more bytes arrive. */
#include <stdint.h>
#include <stdlib.h>

#include "protocol/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct slice bytes, enum frame_verdict verdict,
		  const struct frame *frame)
{
	if (verdict == FRAME_WHOLE && frame->length > bytes.length)
		abort();
	if ((verdict == FRAME_WHOLE || verdict == FRAME_PART) &&
	    frame->body.length &&
	    (frame->body.at < bytes.at || frame->body.at +
	     frame->body.length > bytes.at + bytes.length))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum frame_verdict before = FRAME_MORE, startup_before = FRAME_MORE;

	if (size > 512)
		return 0;
	for (size_t length = 0; length <= size; length++) {
		struct slice bytes = slice_make(data, length);
		struct frame frame = { 0 };
		enum frame_verdict now = frame_read(bytes, 4096, &frame);

		check(bytes, now, &frame);
		if ((before == FRAME_WHOLE || before == FRAME_BROKEN) &&
		    now != before)
			abort();
		before = now;
		now = frame_read_startup(bytes, &frame);
		check(bytes, now, &frame);
		if (startup_before != FRAME_MORE && now != startup_before)
			abort();
		startup_before = now;
	}
	return 0;
}
