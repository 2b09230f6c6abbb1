#include "protocol/frame.h"

enum frame_verdict frame_read(struct slice bytes, size_t length_max,
			      struct frame *ret_frame)
{
	uint32_t counted;
	size_t length;

	if (bytes.length < FRAME_HEADER_BYTES)
		return FRAME_MORE;
	counted = load_u32(bytes.at + 1);
	if (counted < 4 || counted >= length_max)
		return FRAME_BROKEN;
	length = (size_t)counted + 1;
	ret_frame->type = (char)bytes.at[0];
	ret_frame->length = length;
	ret_frame->body.at = bytes.at + FRAME_HEADER_BYTES;
	if (bytes.length < length) {
		ret_frame->body.length = bytes.length - FRAME_HEADER_BYTES;
		return FRAME_PART;
	}
	ret_frame->body.length = length - FRAME_HEADER_BYTES;
	return FRAME_WHOLE;
}

enum frame_verdict frame_read_startup(struct slice bytes,
				      struct frame *ret_frame)
{
	uint32_t length;

	if (bytes.length < 4)
		return FRAME_MORE;
	length = load_u32(bytes.at);
	if (length < 8 || length > STARTUP_BYTES_MAX)
		return FRAME_BROKEN;
	if (bytes.length < length)
		return FRAME_MORE;
	ret_frame->type = 0;
	ret_frame->length = length;
	ret_frame->body = slice_make(bytes.at + 4, length - 4);
	return FRAME_WHOLE;
}

size_t message_begin(struct buffer *out, char type)
{
	buffer_put_u8(out, (uint8_t)type);
	buffer_put_u32(out, 0);
	return out->length - 4;
}

void message_end(struct buffer *out, size_t mark)
{
	buffer_patch_u32(out, mark, (uint32_t)(out->length - mark));
}
