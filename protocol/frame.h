/*
 * Frames: where the next message starts and ends in a partial stream.
 *
 *      typed frame               startup frame (first bytes of a session)
 *      +---+-------+--------     +-------+------+--------
 *      | c | len32 | body        | len32 | code | body
 *      +---+-------+--------     +-------+------+--------
 *            len counts itself and the body, never the letter
 *
 * Pure: bytes in, an answer out, nothing kept. "More" asks for more bytes;
 * "broken" is final for the connection.
 */
#ifndef WEIR_PROTOCOL_FRAME_H
#define WEIR_PROTOCOL_FRAME_H

#include "protocol/bytes.h"

#define FRAME_HEADER_BYTES 5
#define STARTUP_BYTES_MAX 10000	/* as Postgres: MAX_STARTUP_PACKET_LENGTH */
#define FRAME_BYTES_MAX 0x3fffffff	/* as Postgres: PQ_LARGE_MESSAGE_LIMIT */

enum frame_verdict {
	FRAME_WHOLE,	/* a whole frame is there */
	FRAME_PART,	/* the header is there and sound, the body is not whole */
	FRAME_MORE,	/* not even the header is there */
	FRAME_BROKEN,	/* a length that cannot be, or above the cap */
};

struct frame {
	char type;		/* the letter; 0 for a startup frame */
	size_t length;		/* of the whole frame, header included */
	struct slice body;	/* what is there of the body */
};

/* Looks at the first frame of `bytes`. `length_max` caps the whole frame.
 * Fills *ret_frame unless the answer is MORE or BROKEN. */
static inline enum frame_verdict frame_read(struct slice bytes,
					    size_t length_max,
					    struct frame *ret_frame)
{
	uint32_t counted;

	if (bytes.length < FRAME_HEADER_BYTES)
		return FRAME_MORE;
	counted = load_u32(bytes.at + 1);
	if (counted < 4 || counted >= length_max)
		return FRAME_BROKEN;
	ret_frame->type = (char)bytes.at[0];
	ret_frame->length = (size_t)counted + 1;
	ret_frame->body.at = bytes.at + FRAME_HEADER_BYTES;
	if (bytes.length < ret_frame->length) {
		ret_frame->body.length = bytes.length - FRAME_HEADER_BYTES;
		return FRAME_PART;
	}
	ret_frame->body.length = ret_frame->length - FRAME_HEADER_BYTES;
	return FRAME_WHOLE;
}

/* The same for the untyped frames before login. Never answers PART. */
enum frame_verdict frame_read_startup(struct slice bytes,
				      struct frame *ret_frame);

/* Starts a message; returns a mark for message_end(), which patches the
 * length in. */
size_t message_begin(struct buffer *out, char type);
void message_end(struct buffer *out, size_t mark);

#endif
