#include "pool/shape.h"

#include <stdlib.h>

#include "protocol/frame.h"

struct shape {
	unsigned references;
	bool has_columns;
	struct buffer types, columns;
};

/* count, then of each: name, table, number, type, length, modifier, format */
static bool read_columns(struct shape *shape, struct slice body)
{
	struct reader reader = reader_make(body);
	unsigned count = read_u16(&reader);

	for (unsigned i = 0; i < count && !reader.failed; i++) {
		struct slice name = read_cstring(&reader);

		read_u32(&reader);
		read_u16(&reader);
		buffer_put_slice(&shape->columns, name);
		buffer_put_u8(&shape->columns, 0);
		buffer_put_u32(&shape->columns, read_u32(&reader));
		read_u16(&reader);
		buffer_put_u32(&shape->columns, read_u32(&reader));
		read_u16(&reader);
	}
	shape->has_columns = true;
	return reader_done(&reader);
}

static bool read_messages(struct shape *shape, struct slice messages)
{
	struct frame frame;

	if (frame_read(messages, BUFFER_BYTES_MAX, &frame) != FRAME_WHOLE ||
	    frame.type != 't')
		return false;
	buffer_put_slice(&shape->types, frame.body);
	messages.at += frame.length;
	messages.length -= frame.length;
	if (frame_read(messages, BUFFER_BYTES_MAX, &frame) != FRAME_WHOLE)
		return false;
	return frame.type == 'n' ||
	       (frame.type == 'T' && read_columns(shape, frame.body));
}

struct shape *shape_new(struct slice messages)
{
	struct shape *shape = must_alloc(sizeof(*shape));

	shape->references = 1;
	if (!read_messages(shape, messages))
		shape_unref(&shape);
	return shape;
}

struct shape *shape_ref(struct shape *shape)
{
	if (shape)
		shape->references++;
	return shape;
}

void shape_unref(struct shape **pointer)
{
	struct shape *shape = *pointer;

	*pointer = NULL;
	if (!shape || --shape->references)
		return;
	buffer_fini(&shape->types);
	buffer_fini(&shape->columns);
	free(shape);
}

struct slice shape_types(const struct shape *shape)
{
	return buffer_slice(&shape->types);
}

bool shape_has_columns(const struct shape *shape)
{
	return shape->has_columns;
}

bool shape_same_columns(const struct shape *a, const struct shape *b)
{
	return a == b || (a->has_columns == b->has_columns &&
			  slice_equal(buffer_slice(&a->columns),
				      buffer_slice(&b->columns)));
}
