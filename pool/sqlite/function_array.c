#include "pool/sqlite/function_array.h"

#include <stdlib.h>

/* --- writing text[] --------------------------------------------------------- */

void array_begin(struct buffer *out)
{
	buffer_put_u8(out, '{');
}

static bool needs_quotes(struct slice text)
{
	if (!text.length || item_is_null(text))
		return true;
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] && strchr("\"\\{}, \t\n\r\v\f", text.at[i]))
			return true;
	return false;
}

void array_item(struct buffer *out, const struct slice *item)
{
	if (out->bytes[out->length - 1] != '{')
		buffer_put_u8(out, ',');
	if (!item) {
		buffer_put_text(out, "NULL");
		return;
	}
	if (!needs_quotes(*item)) {
		buffer_put_slice(out, *item);
		return;
	}
	buffer_put_u8(out, '"');
	for (size_t i = 0; i < item->length; i++) {
		if (item->at[i] == '"' || item->at[i] == '\\')
			buffer_put_u8(out, '\\');
		buffer_put_u8(out, item->at[i]);
	}
	buffer_put_u8(out, '"');
}

void array_end(struct buffer *out)
{
	buffer_put_u8(out, '}');
}

/* --- reading -------------------------------------------------------------------- */

struct array_reader {
	struct call *call;
	const uint8_t *at;
	const uint8_t *end;
	struct array *array;
	size_t capacity;
	int64_t counts[ARRAY_DIMENSIONS_MAX];
};

static bool fail_array(struct array_reader *r)
{
	return error_set(r->call->error, SQLSTATE_INVALID_TEXT,
			 "malformed array literal");
}

static bool add_item(struct array_reader *r, const uint8_t *from)
{
	struct array *array = r->array;
	struct slice *more;

	if (array->count == ARRAY_ITEMS_MAX)
		return error_set(r->call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "array size exceeds the maximum allowed (%d)",
				 ARRAY_ITEMS_MAX);
	if (array->count == r->capacity) {
		r->capacity = r->capacity ? r->capacity * 2 : 16;
		more = arena_alloc(r->call->scratch,
				   r->capacity * sizeof(*more));
		if (array->count)
			memcpy(more, array->items,
			       array->count * sizeof(*more));
		array->items = more;
	}
	array->items[array->count++] =
		slice_make(from, (size_t)(r->at - from));
	return true;
}

static bool read_item(struct array_reader *r)
{
	const uint8_t *from = r->at;

	if (*r->at != '"') {
		while (r->at < r->end && *r->at != ',' && *r->at != '}' &&
		       *r->at != '{')
			r->at += *r->at == '\\' && r->end - r->at > 1 ? 2 : 1;
		return r->at > from && add_item(r, from);
	}
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++)
		if (*r->at == '\\' && r->end - r->at > 1)
			r->at++;
	if (r->at == r->end)
		return fail_array(r);
	r->at++;
	return add_item(r, from);
}

/* One brace and what is in it; lengths must agree at each level. */
static bool read_braces(struct array_reader *r, int level)
{
	struct array *array = r->array;
	int64_t count = 0;

	if (level == ARRAY_DIMENSIONS_MAX)
		return fail_array(r);
	if (level + 1 > array->dimensions) {
		array->dimensions = level + 1;
		array->lengths[level] = -1;
	}
	r->at++;
	while (r->at < r->end && *r->at != '}') {
		if (!(*r->at == '{' ? read_braces(r, level + 1)
				    : read_item(r)))
			return r->call->error->sqlstate[0] ? false
							   : fail_array(r);
		count++;
		if (r->at < r->end && *r->at == ',')
			r->at++;
	}
	if (r->at == r->end || (array->lengths[level] >= 0 &&
				array->lengths[level] != count))
		return fail_array(r);
	r->at++;
	array->lengths[level] = count;
	return true;
}

/* [1:2][0:3]= before the braces */
static bool read_bounds(struct array_reader *r)
{
	int level = 0;

	for (; r->at < r->end && *r->at == '['; level++) {
		char *after;
		const char *text = arena_dup(r->call->scratch, slice_make(
			r->at + 1, (size_t)(r->end - r->at - 1)));

		if (level == ARRAY_DIMENSIONS_MAX)
			return fail_array(r);
		r->array->lower[level] = strtol(text, &after, 10);
		r->at = memchr(r->at, ']', (size_t)(r->end - r->at));
		if (!r->at || *after != ':' ||
		    r->array->lower[level] != (int32_t)r->array->lower[level])
			return fail_array(r);
		r->at++;
	}
	if (level && (r->at == r->end || *r->at++ != '='))
		return fail_array(r);
	return true;
}

static bool read_vector(struct array_reader *r)
{
	r->array->lower[0] = 0;
	while (r->at < r->end) {
		const uint8_t *from = r->at;

		while (r->at < r->end && *r->at != ' ')
			r->at++;
		if (r->at > from && !add_item(r, from))
			return false;
		while (r->at < r->end && *r->at == ' ')
			r->at++;
	}
	r->array->dimensions = r->array->count ? 1 : 0;
	r->array->lengths[0] = (int64_t)r->array->count;
	return true;
}

/* Whether each brace has what its neighbours have: a column of another
 * program's file may say anything. */
static bool is_even(const struct array *array)
{
	size_t count = array->dimensions > 0 ? 1 : 0;

	for (int i = 0; i < array->dimensions; i++)
		count *= (size_t)array->lengths[i];
	return count == array->count;
}

bool array_parse(struct call *call, struct slice text, struct array *ret)
{
	struct array_reader r = { .call = call, .at = text.at,
				  .end = text.at + text.length, .array = ret };

	*ret = (struct array){ .lower = { 1, 1, 1, 1, 1, 1 } };
	call->error->sqlstate[0] = 0;
	if (!text.length || (*text.at != '{' && *text.at != '['))
		return read_vector(&r);
	if (!read_bounds(&r))
		return false;
	if (r.at == r.end || *r.at != '{' || !read_braces(&r, 0) ||
	    r.at != r.end || !is_even(ret))
		return fail_array(&r);
	if (!ret->count)
		ret->dimensions = 0;
	return true;
}

/* --- printing --------------------------------------------------------------------- */

static const struct slice *print_level(const struct array *array, int level,
				       const struct slice *item,
				       struct buffer *out)
{
	buffer_put_u8(out, '{');
	for (int64_t i = 0; i < array->lengths[level]; i++) {
		if (i)
			buffer_put_u8(out, ',');
		if (level + 1 < array->dimensions)
			item = print_level(array, level + 1, item, out);
		else
			buffer_put_slice(out, *item++);
	}
	buffer_put_u8(out, '}');
	return item;
}

void array_print_bounds(const struct array *array, struct buffer *out)
{
	bool bounds = false;

	for (int i = 0; i < array->dimensions; i++)
		bounds |= array->lower[i] != 1;
	if (!bounds)
		return;
	for (int i = 0; i < array->dimensions; i++)
		buffer_printf(out, "[%lld:%lld]", (long long)array->lower[i],
			      (long long)(array->lower[i] +
					  array->lengths[i] - 1));
	buffer_put_u8(out, '=');
}

void array_print(const struct array *array, struct buffer *out)
{
	if (!array->dimensions) {
		buffer_put_text(out, "{}");
		return;
	}
	array_print_bounds(array, out);
	print_level(array, 0, array->items, out);
}

bool give_array(struct call *call, const struct array *array)
{
	struct buffer out = { 0 };

	array_print(array, &out);
	return give_buffer(call, &out);
}

/* --- items and values ---------------------------------------------------------------- */

uint32_t array_element_type(const struct call *call, uint32_t type)
{
	const struct type *found = type_by_oid(type);
	const struct schema *schema = call->context->schema;

	if (found)
		return found->category == 'A' ? found->element : 0;
	for (int i = 0; schema && i < schema->enum_count; i++)
		if (schema->enums[i].array_oid == type)
			return schema->enums[i].oid;
	return 0;
}

const struct type_settings stored_settings = { .time_zone = "UTC",
						.date_order = 'M' };

static struct slice without_quotes(struct call *call, struct slice item)
{
	uint8_t *text = arena_alloc(call->scratch, item.length + 1);
	size_t length = 0;
	bool quoted = item.length >= 2 && item.at[0] == '"';

	for (size_t i = quoted; i < item.length - quoted; i++) {
		if (item.at[i] == '\\' && i + 1 < item.length - quoted)
			i++;
		text[length++] = item.at[i];
	}
	return slice_make(text, length);
}

bool array_values(struct call *call, const struct array *array,
		  uint32_t element, struct value **ret_values)
{
	struct value *values = arena_alloc(call->scratch,
					   array->count * sizeof(*values) + 1);

	for (size_t i = 0; i < array->count; i++)
		if (!item_is_null(array->items[i]) &&
		    !type_read(element, -1, WIRE_TEXT,
			       without_quotes(call, array->items[i]),
			       &stored_settings, call->scratch, &values[i],
			       call->error))
			return false;
	*ret_values = values;
	return true;
}

bool array_write_item(struct call *call, const struct value *value,
		      uint32_t element, struct slice *ret_item)
{
	struct buffer text = { 0 }, item = { 0 };
	struct slice bytes;
	bool ok = value->kind == VALUE_NULL ||
		  type_write(element, -1, WIRE_TEXT, value, &stored_settings,
			     &text, call->error);

	if (ok) {
		bytes = buffer_slice(&text);
		array_begin(&item);
		array_item(&item, value->kind == VALUE_NULL ? NULL : &bytes);
		ret_item->length = item.length - 1;
		ret_item->at = (uint8_t *)arena_dup(call->scratch,
			slice_make(item.bytes + 1, item.length - 1));
	}
	buffer_fini(&text);
	buffer_fini(&item);
	return ok;
}
