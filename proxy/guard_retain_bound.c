/*
 * What the parameters of a statement are bound to, as a Bind message has it.
 */
#include "proxy/guard_retain_parts.h"

uint32_t bound_declared_type(struct slice types, int number)
{
	struct reader reader = reader_make(types);
	int count = read_u16(&reader);
	uint32_t type = OID_UNSAID;

	for (int i = 0; i < count && i < number; i++)
		type = read_u32(&reader);
	return number <= count && !reader.failed ? type : OID_UNSAID;
}

static bool read_formats(struct reader *reader, int number, bool *ret_binary)
{
	int count = read_u16(reader);
	uint16_t format = 0;

	for (int i = 0; i < count && !reader->failed; i++) {
		uint16_t each = read_u16(reader);

		if (count == 1 || i == number - 1)
			format = each;
	}
	*ret_binary = format == 1;
	return format < 2 && !reader->failed;
}

bool bound_find(const struct retain_values *values, int number,
		struct bound *ret_bound)
{
	struct reader reader = reader_make(values->bound);
	struct bound bound = {
		.type = bound_declared_type(values->types, number),
	};
	int count;

	if (!values->whole || number < 1 ||
	    !read_formats(&reader, number, &bound.binary))
		return false;
	count = read_u16(&reader);
	for (int i = 0; i < count && i < number && !reader.failed; i++) {
		uint32_t length = read_u32(&reader);

		bound.is_null = length == UINT32_MAX;
		bound.bytes = bound.is_null ? slice_make(NULL, 0) :
					      read_bytes(&reader, length);
	}
	*ret_bound = bound;
	return number <= count && !reader.failed;
}

bool bound_is_text(uint32_t type)
{
	return type == OID_TEXT || type == OID_VARCHAR || type == OID_UNKNOWN;
}

bool bound_read_number(struct slice bytes, int64_t *ret)
{
	struct reader reader = reader_make(bytes);

	switch (bytes.length) {
	case 2:
		*ret = (int16_t)read_u16(&reader);
		return true;
	case 4:
		*ret = (int32_t)read_u32(&reader);
		return true;
	case 8:
		*ret = (int64_t)((uint64_t)read_u32(&reader) << 32);
		*ret |= (int64_t)read_u32(&reader);
		return true;
	default:
		return false;
	}
}
