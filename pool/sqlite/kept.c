#include "pool/sqlite/kept.h"

#include <stdlib.h>
#include <string.h>

/* --- rows ------------------------------------------------------------------------------ */

static void put_value(struct buffer *out, sqlite3_stmt *statement, int column)
{
	int64_t integer;
	double real;
	int type = sqlite3_column_type(statement, column);

	switch (type) {
	case SQLITE_INTEGER:
		integer = sqlite3_column_int64(statement, column);
		buffer_put_u8(out, VALUE_INTEGER);
		buffer_put(out, &integer, 8);
		break;
	case SQLITE_FLOAT:
		real = sqlite3_column_double(statement, column);
		buffer_put_u8(out, VALUE_REAL);
		buffer_put(out, &real, 8);
		break;
	case SQLITE_NULL:
		buffer_put_u8(out, VALUE_NULL);
		break;
	default:
		buffer_put_u8(out, type == SQLITE_TEXT ? VALUE_TEXT :
							 VALUE_BLOB);
		buffer_put_u32(out, (uint32_t)sqlite3_column_bytes(statement,
								   column));
		buffer_put(out, sqlite3_column_blob(statement, column),
			   (size_t)sqlite3_column_bytes(statement, column));
	}
}

void kept_put_row(struct buffer *out, sqlite3_stmt *statement, int columns)
{
	for (int i = 0; i < columns; i++)
		put_value(out, statement, i);
}

const uint8_t *kept_read_value(const uint8_t *at, struct value *ret_value)
{
	memset(ret_value, 0, sizeof(*ret_value));
	ret_value->kind = *at++;
	switch (ret_value->kind) {
	case VALUE_INTEGER:
		memcpy(&ret_value->integer, at, 8);
		return at + 8;
	case VALUE_REAL:
		memcpy(&ret_value->real, at, 8);
		return at + 8;
	case VALUE_TEXT:
	case VALUE_BLOB:
		ret_value->bytes = slice_make(at + 4, load_u32(at));
		return at + 4 + ret_value->bytes.length;
	default:
		return at;
	}
}

/* Rows are made above only; a blob from elsewhere ends before it is read. */
static bool is_whole(const uint8_t *at, const uint8_t *end)
{
	if (at >= end)
		return false;
	switch (*at) {
	case VALUE_INTEGER:
	case VALUE_REAL:
		return end - at >= 9;
	case VALUE_TEXT:
	case VALUE_BLOB:
		return end - at >= 5 &&
		       (size_t)(end - at - 5) >= load_u32(at + 1);
	default:
		return true;
	}
}

void kept_item(struct slice row, int64_t index, struct value *ret_value)
{
	const uint8_t *at = row.at, *end = row.at + row.length;

	memset(ret_value, 0, sizeof(*ret_value));
	ret_value->kind = VALUE_NULL;
	for (int64_t i = 0; i <= index; i++) {
		if (!is_whole(at, end)) {
			ret_value->kind = VALUE_NULL;
			return;
		}
		at = kept_read_value(at, ret_value);
	}
}

/* --- sets ------------------------------------------------------------------------------ */

void kept_fini(struct kept *kept)
{
	for (int i = 0; i < kept->count; i++) {
		buffer_fini(&kept->sets[i].rows);
		free(kept->sets[i].starts);
		free(kept->sets[i].by_key);
	}
	free(kept->sets);
	*kept = (struct kept){ 0 };
}

void kept_start(struct kept *kept, int count)
{
	if (kept->count)
		kept_fini(kept);
	if (!count)
		return;
	kept->sets = must_alloc((size_t)count * sizeof(*kept->sets));
	kept->count = count;
}

void kept_add(struct kept_set *set, sqlite3_stmt *statement, int columns)
{
	if (set->count == set->capacity) {
		set->capacity = set->capacity * 2 + 64;
		set->starts = must_realloc(set->starts, set->capacity *
					   sizeof(*set->starts));
	}
	set->starts[set->count++] = set->rows.length;
	kept_put_row(&set->rows, statement, columns);
}

struct slice kept_row(const struct kept_set *set, size_t index)
{
	size_t start = set->starts[index];
	size_t end = index + 1 < set->count ? set->starts[index + 1] :
					      set->rows.length;

	return slice_make(set->rows.bytes + start, end - start);
}

static int64_t key_of(const struct kept_set *set, size_t index)
{
	struct value value;

	kept_item(kept_row(set, index), 0, &value);
	return value.kind == VALUE_INTEGER ? value.integer : 0;
}

/* Where the key's row is named, or would be. */
static size_t *place_of(const struct kept_set *set, int64_t key)
{
	size_t at = (size_t)((uint64_t)key * 0x9E3779B97F4A7C15u >> 20) &
		    (set->places - 1);

	while (set->by_key[at] && key_of(set, set->by_key[at] - 1) != key)
		at = (at + 1) & (set->places - 1);
	return &set->by_key[at];
}

static void index_rows(struct kept_set *set)
{
	for (set->places = 64; set->places < set->count * 2;)
		set->places *= 2;
	set->by_key = must_alloc(set->places * sizeof(*set->by_key));
	for (size_t i = 0; i < set->count; i++) {
		size_t *place = place_of(set, key_of(set, i));

		if (!*place)
			*place = i + 1;
	}
}

bool kept_find(struct kept_set *set, int64_t key, size_t *ret_index)
{
	size_t *place;

	if (!set->by_key)
		index_rows(set);
	place = place_of(set, key);
	if (!*place)
		return false;
	*ret_index = *place - 1;
	return true;
}
