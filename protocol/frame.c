#include "protocol/frame.h"

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
