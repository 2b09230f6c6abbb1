/*
 * Arrays of any type that has a codec, and the two vectors of the catalogs.
 *
 * The wire form (Postgres: array_send):
 *
 *   int32 dimensions | int32 has NULLs | uint32 element type
 *   per dimension: int32 length, int32 lower bound
 *   per item: int32 length (-1: NULL), bytes
 */
#include <stdlib.h>

#include "protocol/array_text.h"
#include "protocol/type_codec.h"

/* Stored arrays show moments in UTC. */
static const struct type_settings stored_settings = {
	.time_zone = "UTC",
	.date_order = 'M',
};

/* Whether an element prints the same for every session. */
static bool prints_alike(uint32_t element)
{
	return element != OID_TIMESTAMPTZ &&
	       type_codec_of(element, NULL) != &codec_reg;
}

/* The stored text of one element from its value. */
static bool store_item(uint32_t element, const struct value *value,
		       struct arena *arena, struct slice *ret,
		       struct error *error)
{
	struct buffer out = { 0 };
	bool ok;

	if (value->kind == VALUE_NULL) {
		*ret = slice_make(NULL, 0);
		return true;
	}
	ok = type_write(element, -1, WIRE_TEXT, value, &stored_settings, &out,
			error);
	if (ok)
		*ret = slice_make(arena_dup(arena, buffer_slice(&out)),
				  out.length);
	buffer_fini(&out);
	return ok;
}

static struct slice store(const struct array_text *array, struct arena *arena)
{
	struct buffer out = { 0 };
	struct slice text;

	array_text_print(array, &out);
	text = slice_make(arena_dup(arena, buffer_slice(&out)), out.length);
	buffer_fini(&out);
	return text;
}

/* Reads each item as the wire wrote it, leaves stored texts. */
static bool read_items(struct type_read_job *job, uint32_t element,
		       enum wire_format format, struct array_text *array)
{
	for (size_t i = 0; i < array->count; i++) {
		struct value value;

		if (!array->items[i].at)
			continue;
		if (!type_read(element, job->typmod, format, array->items[i],
			       job->settings, job->arena, &value, job->error) ||
		    !store_item(element, &value, job->arena, &array->items[i],
				job->error))
			return false;
	}
	return true;
}

static uint32_t element_of(uint32_t oid, const struct type_settings *settings)
{
	return type_element_of(oid, settings);
}

static bool read_array(struct type_read_job *job)
{
	struct array_text array;

	return array_text_parse(job->bytes, job->arena, &array, job->error) &&
	       read_items(job, element_of(job->oid, job->settings), WIRE_TEXT,
			  &array) &&
	       put_text(job, store(&array, job->arena));
}

/* --- the wire -------------------------------------------------------------------- */

static bool read_header(struct type_read_job *job, struct reader *in,
			uint32_t element, struct array_text *array)
{
	int32_t dimensions = (int32_t)read_u32(in);
	uint32_t flags = read_u32(in);
	uint32_t sent = read_u32(in);

	if (in->failed)
		return refuse_binary(job);
	if (dimensions < 0)
		return error_set(job->error, SQLSTATE_INVALID_BINARY,
				 "invalid number of dimensions: %d",
				 dimensions);
	if (dimensions > ARRAY_DIMENSIONS_MAX)
		return error_set(job->error, SQLSTATE_LIMIT_EXCEEDED,
				 "number of array dimensions (%d) exceeds the "
				 "maximum allowed (%d)",
				 dimensions, ARRAY_DIMENSIONS_MAX);
	if (flags > 1)
		return error_set(job->error, SQLSTATE_INVALID_BINARY,
				 "invalid array flags");
	if (sent != element)
		return error_set(job->error, SQLSTATE_DATATYPE_MISMATCH,
				 "binary data has array element type %u (%s) "
				 "instead of expected %u (%s)",
				 sent, type_words(sent), element,
				 type_words(element));
	array->dimensions = dimensions;
	for (int i = 0; i < dimensions; i++) {
		array->lengths[i] = (int32_t)read_u32(in);
		array->lower[i] = (int32_t)read_u32(in);
	}
	return in->failed ? refuse_binary(job)
			  : array_text_count(array, job->error);
}

static bool cut_items(struct type_read_job *job, struct reader *in,
		      struct array_text *array)
{
	/* Each item has a length word: no more than were sent. */
	if (array->count > reader_left(in) / 4)
		return refuse_binary(job);
	array->items =
		arena_alloc(job->arena, array->count * sizeof(*array->items));
	for (size_t i = 0; i < array->count; i++) {
		int32_t length = (int32_t)read_u32(in);

		if (length < -1)
			return refuse_binary(job);
		if (length == -1)
			continue;
		array->items[i] = read_bytes(in, (size_t)length);
		if (in->failed)
			return refuse_binary(job);
	}
	return reader_done(in) ? true : refuse_binary(job);
}

static bool lower_bounds_fit(struct type_read_job *job,
			     const struct array_text *array)
{
	for (int i = 0; i < array->dimensions; i++) {
		int32_t upper;

		if (__builtin_add_overflow(array->lower[i], array->lengths[i],
					   &upper))
			return error_set(job->error, SQLSTATE_LIMIT_EXCEEDED,
					 "array lower bound is too large: %d",
					 array->lower[i]);
	}
	return true;
}

static bool read_array_binary(struct type_read_job *job)
{
	uint32_t element = element_of(job->oid, job->settings);
	struct reader in = reader_make(job->bytes);
	struct array_text array = { 0 };

	return read_header(job, &in, element, &array) &&
	       lower_bounds_fit(job, &array) && cut_items(job, &in, &array) &&
	       read_items(job, element, WIRE_BINARY, &array) &&
	       put_text(job, store(&array, job->arena));
}

static bool parse_stored(struct type_write_job *job, struct arena *arena,
			 struct array_text *array)
{
	struct error ignored;

	if (job->value->kind != VALUE_TEXT ||
	    !array_text_parse(job->value->bytes, arena, array, &ignored))
		return refuse_stored(job);
	return true;
}

/* Elements that depend on the session are printed for it. */
static bool write_array_for_session(struct type_write_job *job,
				    uint32_t element, struct arena *arena)
{
	struct array_text array;

	if (!parse_stored(job, arena, &array))
		return false;
	for (size_t i = 0; i < array.count; i++) {
		struct buffer text = { 0 };
		struct value value;
		bool ok;

		if (!array.items[i].at)
			continue;
		ok = type_read(element, -1, WIRE_TEXT, array.items[i],
			       &stored_settings, arena, &value, job->error) &&
		     type_write(element, -1, WIRE_TEXT, &value, job->settings,
				&text, job->error);
		if (ok)
			array.items[i] = slice_make(
				arena_dup(arena, buffer_slice(&text)),
				text.length);
		buffer_fini(&text);
		if (!ok)
			return false;
	}
	array_text_print(&array, job->out);
	return true;
}

static bool write_array(struct type_write_job *job)
{
	uint32_t element = element_of(job->oid, job->settings);
	struct arena arena = { 0 };
	bool ok;

	if (job->value->kind != VALUE_TEXT || job->value->bytes.length < 2)
		return refuse_stored(job);
	if (prints_alike(element)) {
		buffer_put_slice(job->out, job->value->bytes);
		return true;
	}
	ok = write_array_for_session(job, element, &arena);
	arena_fini(&arena);
	return ok;
}

static void put_header(struct buffer *out, const struct array_text *array,
		       uint32_t element)
{
	bool nulls = false;

	for (size_t i = 0; i < array->count; i++)
		nulls = nulls || !array->items[i].at;
	buffer_put_u32(out, (uint32_t)array->dimensions);
	buffer_put_u32(out, nulls);
	buffer_put_u32(out, element);
	for (int i = 0; i < array->dimensions; i++) {
		buffer_put_u32(out, (uint32_t)array->lengths[i]);
		buffer_put_u32(out, (uint32_t)array->lower[i]);
	}
}

static bool put_item(struct type_write_job *job, uint32_t element,
		     struct slice item, struct arena *arena)
{
	struct value value;
	size_t start = job->out->length;

	if (!item.at) {
		buffer_put_u32(job->out, UINT32_MAX);
		return true;
	}
	buffer_put_u32(job->out, 0);
	if (!type_read(element, -1, WIRE_TEXT, item, &stored_settings, arena,
		       &value, job->error) ||
	    !type_write(element, -1, WIRE_BINARY, &value, job->settings,
			job->out, job->error))
		return false;
	buffer_patch_u32(job->out, start,
			 (uint32_t)(job->out->length - start - 4));
	return true;
}

static bool write_items(struct type_write_job *job, uint32_t element,
			struct arena *arena)
{
	struct array_text array;

	if (!parse_stored(job, arena, &array))
		return false;
	put_header(job->out, &array, element);
	for (size_t i = 0; i < array.count; i++)
		if (!put_item(job, element, array.items[i], arena))
			return false;
	return true;
}

static bool write_array_binary(struct type_write_job *job)
{
	struct arena arena = { 0 };
	bool ok = write_items(job, element_of(job->oid, job->settings), &arena);

	arena_fini(&arena);
	return ok;
}

/* A modifier is that of the elements. */
static bool coerce_array(uint32_t oid, int32_t typmod, bool explicit_cast,
			 struct value *value, struct arena *arena,
			 struct error *error)
{
	uint32_t element = element_of(oid, NULL);
	struct array_text array;

	if (value->kind != VALUE_TEXT || element == 0)
		return true;
	if (!array_text_parse(value->bytes, arena, &array, error))
		return false;
	for (size_t i = 0; i < array.count; i++) {
		struct value item;

		if (!array.items[i].at)
			continue;
		if (!type_read(element, -1, WIRE_TEXT, array.items[i],
			       &stored_settings, arena, &item, error) ||
		    !type_coerce_length(element, typmod, explicit_cast, &item,
					arena, error) ||
		    !store_item(element, &item, arena, &array.items[i], error))
			return false;
	}
	value->bytes = store(&array, arena);
	return true;
}

const struct type_codec codec_array = { read_array, read_array_binary,
					write_array, write_array_binary,
					coerce_array };

/* --- for functions: flat arrays as values ------------------------------------------- */

bool array_split(uint32_t element_oid, struct slice text, struct arena *arena,
		 struct value **ret_items, size_t *ret_count,
		 struct error *error)
{
	struct array_text array;
	struct value *items;

	if (!array_text_parse(text, arena, &array, error))
		return false;
	items = arena_alloc(arena, array.count * sizeof(*items));
	for (size_t i = 0; i < array.count; i++)
		if (array.items[i].at &&
		    !type_read(element_oid, -1, WIRE_TEXT, array.items[i],
			       &stored_settings, arena, &items[i], error))
			return false;
	*ret_items = items;
	*ret_count = array.count;
	return true;
}

bool array_join(uint32_t element_oid, const struct value *items, size_t count,
		struct arena *arena, struct slice *ret_text,
		struct error *error)
{
	struct array_text array = { .dimensions = count > 0,
				    .lengths = { (int32_t)count },
				    .lower = { 1 },
				    .count = count };

	if (count > ARRAY_ITEMS_MAX)
		return error_set(error, SQLSTATE_LIMIT_EXCEEDED,
				 "array size exceeds the maximum allowed (%d)",
				 ARRAY_ITEMS_MAX);
	array.items = arena_alloc(arena, count * sizeof(*array.items));
	for (size_t i = 0; i < count; i++)
		if (!store_item(element_oid, &items[i], arena, &array.items[i],
				error))
			return false;
	*ret_text = store(&array, arena);
	return true;
}

/* --- int2vector, oidvector: "1 2 3", counted from 0 on the wire ----------------------- */

static struct slice cut_number(struct slice *text)
{
	struct slice rest = text_trim(*text);
	size_t length = 0;

	while (length < rest.length && !is_space(rest.at[length]))
		length++;
	*text = slice_make(rest.at + length, rest.length - length);
	return slice_make(rest.at, length);
}

static bool read_vector(struct type_read_job *job)
{
	uint32_t element = element_of(job->oid, NULL);
	struct buffer out = { 0 };
	struct slice rest = job->bytes, word;
	bool ok = true;

	while (ok && (word = cut_number(&rest)).length) {
		struct value value;

		ok = type_read(element, -1, WIRE_TEXT, word, job->settings,
			       job->arena, &value, job->error);
		if (out.length)
			buffer_put_u8(&out, ' ');
		if (ok)
			put_decimal(&out, value.integer);
	}
	if (ok)
		put_text(job,
			 slice_make(arena_dup(job->arena, buffer_slice(&out)),
				    out.length));
	buffer_fini(&out);
	return ok;
}

static bool read_vector_binary(struct type_read_job *job)
{
	uint32_t element = element_of(job->oid, NULL);
	struct reader in = reader_make(job->bytes);
	struct buffer out = { 0 };
	struct array_text array = { 0 };

	if (!read_header(job, &in, element, &array) ||
	    !cut_items(job, &in, &array) ||
	    !read_items(job, element, WIRE_BINARY, &array))
		return false;
	if (array.dimensions > 1)
		return refuse_binary(job);
	for (size_t i = 0; i < array.count; i++) {
		if (!array.items[i].at) {
			buffer_fini(&out);
			return refuse_binary(job);
		}
		if (i)
			buffer_put_u8(&out, ' ');
		buffer_put_slice(&out, array.items[i]);
	}
	put_text(job, slice_make(arena_dup(job->arena, buffer_slice(&out)),
				 out.length));
	buffer_fini(&out);
	return true;
}

static bool write_vector(struct type_write_job *job)
{
	struct slice text;

	if (!stored_text(job, &text))
		return false;
	buffer_put_slice(job->out, text);
	return true;
}

static bool put_vector(struct type_write_job *job, struct slice text,
		       struct arena *arena)
{
	uint32_t element = element_of(job->oid, NULL);
	size_t start = job->out->length;
	uint32_t count = 0;
	struct slice word;

	buffer_put_u32(job->out, 1);
	buffer_put_u32(job->out, 0);
	buffer_put_u32(job->out, element);
	buffer_put_u32(job->out, 0);
	buffer_put_u32(job->out, 0);
	for (; (word = cut_number(&text)).length; count++)
		if (!put_item(job, element, word, arena))
			return false;
	buffer_patch_u32(job->out, start + 12, count);
	return true;
}

static bool write_vector_binary(struct type_write_job *job)
{
	struct arena arena = { 0 };
	struct slice text;
	bool ok = stored_text(job, &text) && put_vector(job, text, &arena);

	arena_fini(&arena);
	return ok;
}

const struct type_codec codec_vector = { read_vector, read_vector_binary,
					 write_vector, write_vector_binary,
					 NULL };
