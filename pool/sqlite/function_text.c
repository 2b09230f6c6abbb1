/*
 * Text, character by character: cases, pieces, padding, searching. Text is
 * UTF-8 and counted in characters; where a bytea may stand in its place (a
 * BLOB), bytes are counted. Bytes that are no UTF-8 count as a character
 * each, so that nothing here can run past an end.
 */
#include "pool/sqlite/function.h"

#include <wctype.h>

#define SQLSTATE_SUBSTRING "22011"

/* --- characters ------------------------------------------------------------ */

size_t utf8_length(const uint8_t *at, const uint8_t *end)
{
	size_t length = at[0] < 0xC2	? 1
			: at[0] < 0xE0	? 2
			: at[0] < 0xF0	? 3
			: at[0] < 0xF5	? 4
					: 1;

	if (length > (size_t)(end - at))
		return 1;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xC0) != 0x80)
			return 1;
	return length;
}

uint32_t utf8_decode(const uint8_t *at, size_t length)
{
	switch (length) {
	case 2:
		return (at[0] & 0x1Fu) << 6 | (at[1] & 0x3Fu);
	case 3:
		return (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 |
		       (at[2] & 0x3Fu);
	case 4:
		return (at[0] & 0x07u) << 18 | (at[1] & 0x3Fu) << 12 |
		       (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu);
	default:
		return at[0];
	}
}

void utf8_put(struct buffer *out, uint32_t c)
{
	if (c < 0x80) {
		buffer_put_u8(out, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		buffer_put_u8(out, (uint8_t)(0xC0 | c >> 6));
	} else if (c < 0x10000) {
		buffer_put_u8(out, (uint8_t)(0xE0 | c >> 12));
		buffer_put_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
	} else {
		buffer_put_u8(out, (uint8_t)(0xF0 | c >> 18));
		buffer_put_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3F)));
		buffer_put_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
	}
	buffer_put_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
}

size_t utf8_count(struct slice text)
{
	const uint8_t *at = text.at, *end = text.at + text.length;
	size_t count = 0;

	for (; at < end; at += utf8_length(at, end))
		count++;
	return count;
}

static const uint8_t *skip_characters(const uint8_t *at, const uint8_t *end,
				      size_t count)
{
	for (; count && at < end; count--)
		at += utf8_length(at, end);
	return at;
}

struct slice utf8_slice(struct slice text, size_t skip, size_t count)
{
	const uint8_t *end = text.at + text.length;
	const uint8_t *from = skip_characters(text.at, end, skip);
	const uint8_t *to = skip_characters(from, end, count);

	return slice_make(from, (size_t)(to - from));
}

static bool is_blob(const struct call *call, int index)
{
	return sqlite3_value_type(call->arguments[index]) == SQLITE_BLOB;
}

/* Characters of a text, bytes of a blob. */
static size_t count_units(const struct call *call, int index)
{
	struct slice bytes = call_text(call, index);

	return is_blob(call, index) ? bytes.length : utf8_count(bytes);
}

static struct slice cut_units(const struct call *call, int index, size_t skip,
			      size_t count)
{
	struct slice bytes = call_text(call, index);

	if (!is_blob(call, index))
		return utf8_slice(bytes, skip, count);
	if (skip > bytes.length)
		skip = bytes.length;
	if (count > bytes.length - skip)
		count = bytes.length - skip;
	return slice_make(bytes.at + skip, count);
}

/* Gives bytes as what argument `index` was. */
static bool give_like(struct call *call, int index, struct slice bytes)
{
	return is_blob(call, index) ? give_blob(call, bytes)
				    : give_text(call, bytes);
}

/* --- cases --------------------------------------------------------------------- */

enum letter_case { CASE_LOWER, CASE_UPPER, CASE_INITIAL };

static uint32_t change_letter(locale_t ctype, uint32_t c, bool upper)
{
	if (c < 0x80) {
		if (upper)
			return c >= 'a' && c <= 'z' ? c - 32 : c;
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	}
	if (!ctype)
		return c;
	return upper ? towupper_l(c, ctype) : towlower_l(c, ctype);
}

static bool is_word(locale_t ctype, uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		       (c >= 'A' && c <= 'Z');
	return ctype && iswalnum_l(c, ctype);
}

static void put_cased(struct buffer *out, locale_t ctype, struct slice text,
		      enum letter_case wanted)
{
	const uint8_t *at = text.at, *end = text.at + text.length;
	bool inside = false;

	while (at < end) {
		size_t length = utf8_length(at, end);
		uint32_t c = utf8_decode(at, length);

		if (length == 1 && c >= 0x80)
			buffer_put_u8(out, (uint8_t)c);	/* no UTF-8 */
		else
			utf8_put(out, change_letter(ctype, c,
				 wanted == CASE_UPPER ||
				 (wanted == CASE_INITIAL && !inside)));
		inside = is_word(ctype, c);
		at += length;
	}
}

static bool change_case(struct call *call)
{
	struct buffer out = { 0 };

	put_cased(&out, (locale_t)call->functions->ctype, call_text(call, 0),
		  (enum letter_case)call->variant);
	return give_buffer(call, &out);
}

/* --- lengths and pieces --------------------------------------------------------- */

static bool text_length(struct call *call)
{
	return give_integer(call, (int64_t)count_units(call, 0));
}

static bool octet_length(struct call *call)
{
	return give_integer(call, (int64_t)call_text(call, 0).length *
					  call->variant);
}

/* From position `from` (1 is the first), as SQL counts: positions before the
 * first take part of the count. */
static bool give_substring(struct call *call, int64_t from, int64_t count)
{
	int64_t end;

	if (count < 0)
		return error_set(call->error, SQLSTATE_SUBSTRING,
				 "negative substring length not allowed");
	if (__builtin_add_overflow(from, count, &end))
		end = INT64_MAX;
	if (from < 1)
		from = 1;
	if (end <= from)
		return give_like(call, 0, slice_make("", 0));
	return give_like(call, 0, cut_units(call, 0, (size_t)(from - 1),
					    (size_t)(end - from)));
}

static bool substring(struct call *call)
{
	return give_substring(call, call_integer(call, 1),
			      call->count == 3 ? call_integer(call, 2)
					       : INT64_MAX);
}

static bool overlay(struct call *call)
{
	int64_t from = (int32_t)call_integer(call, 2);
	int64_t count = call->count == 4 ? (int32_t)call_integer(call, 3)
					 : (int64_t)count_units(call, 1);
	int64_t end = from + count;
	size_t rest = end < 1 ? 0 : (size_t)(end - 1);
	struct buffer out = { 0 };

	if (from <= 0)
		return error_set(call->error, SQLSTATE_SUBSTRING,
				 "negative substring length not allowed");
	if (end != (int32_t)end)
		return fail_integer_range(call, 4);
	buffer_put_slice(&out, cut_units(call, 0, 0, (size_t)(from - 1)));
	buffer_put_slice(&out, call_text(call, 1));
	buffer_put_slice(&out, cut_units(call, 0, rest, SIZE_MAX));
	if (!is_blob(call, 0))
		return give_buffer(call, &out);
	give_blob(call, buffer_slice(&out));
	buffer_fini(&out);
	return true;
}

/* left(): the first n, or all but the last -n; right(): mirrored. */
static bool take_side(struct call *call)
{
	int64_t count = (int64_t)count_units(call, 0), n = call_integer(call, 1);
	int64_t kept = n >= 0 ? n : count + n;

	if (kept < 0)
		kept = 0;
	if (kept > count)
		kept = count;
	return give_text(call, cut_units(call, 0, call->variant
					 ? (size_t)(count - kept) : 0,
					 (size_t)kept));
}

static const uint8_t *find_bytes(struct slice text, struct slice wanted)
{
	return wanted.length ? memmem(text.at, text.length, wanted.at,
				      wanted.length)
			     : text.at;
}

static bool position(struct call *call)
{
	struct slice text = call_text(call, 0);
	const uint8_t *found = find_bytes(text, call_text(call, 1));
	struct slice before = { text.at, 0 };

	if (!found)
		return give_integer(call, 0);
	before.length = (size_t)(found - text.at);
	return give_integer(call, 1 + (int64_t)(is_blob(call, 0)
						? before.length
						: utf8_count(before)));
}

static bool starts_with(struct call *call)
{
	struct slice text = call_text(call, 0), start = call_text(call, 1);

	return give_bool(call, text.length >= start.length &&
			       !memcmp(text.at, start.at, start.length));
}

/* --- trimming and padding ------------------------------------------------------- */

enum trim_side { TRIM_LEFT = 1, TRIM_RIGHT = 2, TRIM_BOTH = 3 };

static bool holds(struct slice set, const uint8_t *character, size_t length,
		  bool bytes)
{
	const uint8_t *at = set.at, *end = set.at + set.length;

	while (at < end) {
		size_t size = bytes ? 1 : utf8_length(at, end);

		if (size == length && !memcmp(at, character, length))
			return true;
		at += size;
	}
	return false;
}

/* Where the last character before `end` begins. */
static const uint8_t *step_back(const uint8_t *start, const uint8_t *end,
				bool bytes)
{
	const uint8_t *at = end - 1;

	if (bytes)
		return at;
	for (int i = 0; i < 3 && at > start && (*at & 0xC0) == 0x80; i++)
		at--;
	return at + utf8_length(at, end) == end ? at : end - 1;
}

static struct slice trim_set(struct slice text, struct slice set, int sides,
			     bool bytes)
{
	const uint8_t *at = text.at, *end = text.at + text.length;

	while (sides & TRIM_LEFT && at < end) {
		size_t length = bytes ? 1 : utf8_length(at, end);

		if (!holds(set, at, length, bytes))
			break;
		at += length;
	}
	while (sides & TRIM_RIGHT && at < end) {
		const uint8_t *last = step_back(at, end, bytes);

		if (!holds(set, last, (size_t)(end - last), bytes))
			break;
		end = last;
	}
	return slice_make(at, (size_t)(end - at));
}

static bool trim(struct call *call)
{
	struct slice set = call->count == 2 ? call_text(call, 1)
					    : slice_text(" ");

	return give_like(call, 0, trim_set(call_text(call, 0), set,
					   call->variant, is_blob(call, 0)));
}

static void put_padding(struct buffer *out, struct slice fill, size_t count)
{
	size_t each = utf8_count(fill);

	if (!each)	/* no text: another program has written it */
		return;
	buffer_put_times(out, fill, count / each);
	buffer_put_slice(out, utf8_slice(fill, 0, count % each));
}

static bool pad(struct call *call)
{
	struct slice text = call_text(call, 0);
	struct slice fill = call->count == 3 ? call_text(call, 2)
					     : slice_text(" ");
	int64_t wanted = call_integer(call, 1);
	size_t count = utf8_count(text), target = wanted > 0 ? (size_t)wanted : 0;
	struct buffer out = { 0 };

	if (target <= count || !fill.length)
		return give_text(call, utf8_slice(text, 0, target));
	if (!check_length(call, target, fill.length > 4 ? 4 : fill.length))
		return false;
	if (call->variant == TRIM_RIGHT)
		buffer_put_slice(&out, text);
	put_padding(&out, fill, target - count);
	if (call->variant == TRIM_LEFT)
		buffer_put_slice(&out, text);
	return give_buffer(call, &out);
}

/* --- rewriting -------------------------------------------------------------------- */

static bool repeat(struct call *call)
{
	struct slice text = call_text(call, 0);
	int64_t count = call_integer(call, 1);
	struct buffer out = { 0 };

	if (count < 0 || !text.length)
		count = 0;
	if (!check_length(call, (size_t)count, text.length))
		return false;
	buffer_put_times(&out, text, (size_t)count);
	return give_buffer(call, &out);
}

static bool replace(struct call *call)
{
	struct slice text = call_text(call, 0), from = call_text(call, 1);
	struct slice to = call_text(call, 2);
	struct buffer out = { 0 };
	const uint8_t *found;

	if (!from.length)
		return give_text(call, text);
	while ((found = find_bytes(text, from))) {
		size_t before = (size_t)(found - text.at);

		buffer_put(&out, text.at, before);
		buffer_put_slice(&out, to);
		text.at += before + from.length;
		text.length -= before + from.length;
		if (!check_length(call, out.length, 1)) {
			buffer_fini(&out);
			return false;
		}
	}
	buffer_put_slice(&out, text);
	return give_buffer(call, &out);
}

static bool reverse(struct call *call)
{
	struct slice text = call_text(call, 0);
	const uint8_t *end = text.at + text.length;
	struct buffer out = { 0 };

	while (end > text.at) {
		const uint8_t *last = step_back(text.at, end, false);

		buffer_put(&out, last, (size_t)(end - last));
		end = last;
	}
	return give_buffer(call, &out);
}

/* Which character of the set this is, or SIZE_MAX. */
static size_t index_in(struct slice set, const uint8_t *character,
		       size_t length)
{
	const uint8_t *at = set.at, *end = set.at + set.length;

	for (size_t index = 0; at < end; index++) {
		size_t size = utf8_length(at, end);

		if (size == length && !memcmp(at, character, length))
			return index;
		at += size;
	}
	return SIZE_MAX;
}

static bool translate(struct call *call)
{
	struct slice text = call_text(call, 0), from = call_text(call, 1);
	struct slice to = call_text(call, 2);
	const uint8_t *at = text.at, *end = text.at + text.length;
	struct buffer out = { 0 };

	while (at < end) {
		size_t length = utf8_length(at, end);
		size_t index = index_in(from, at, length);

		if (index == SIZE_MAX)
			buffer_put(&out, at, length);
		else
			buffer_put_slice(&out, utf8_slice(to, index, 1));
		at += length;
	}
	return give_buffer(call, &out);
}

static size_t count_pieces(struct slice text, struct slice delimiter)
{
	size_t count = 1;
	const uint8_t *found;

	while ((found = find_bytes(text, delimiter))) {
		size_t used = (size_t)(found - text.at) + delimiter.length;

		text = slice_make(text.at + used, text.length - used);
		count++;
	}
	return count;
}

static struct slice piece_at(struct slice text, struct slice delimiter,
			     size_t index)
{
	const uint8_t *found = find_bytes(text, delimiter);

	while (found && index--) {
		size_t used = (size_t)(found - text.at) + delimiter.length;

		text = slice_make(text.at + used, text.length - used);
		found = find_bytes(text, delimiter);
	}
	return found ? slice_make(text.at, (size_t)(found - text.at)) : text;
}

static bool split_part(struct call *call)
{
	struct slice text = call_text(call, 0), delimiter = call_text(call, 1);
	int64_t field = call_integer(call, 2), count;

	if (field == 0)
		return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
				 "field position must not be zero");
	count = delimiter.length ? (int64_t)count_pieces(text, delimiter) : 1;
	if (field < 0)
		field += count + 1;
	if (field < 1 || field > count)
		return give_text(call, slice_make("", 0));
	return give_text(call, delimiter.length
			 ? piece_at(text, delimiter, (size_t)field - 1)
			 : text);
}

/* --- single characters ---------------------------------------------------------- */

static bool ascii(struct call *call)
{
	struct slice text = call_text(call, 0);

	if (!text.length)
		return give_integer(call, 0);
	return give_integer(call, utf8_decode(text.at,
		utf8_length(text.at, text.at + text.length)));
}

static bool chr(struct call *call)
{
	int64_t code = call_integer(call, 0);
	struct buffer out = { 0 };

	if (code < 0)
		return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
				 "character number must be positive");
	if (code == 0)
		return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "null character not permitted");
	if (code > 0x10FFFF)
		return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "requested character too large for encoding: "
				 "%lld", (long long)code);
	if (code >= 0xD800 && code < 0xE000)
		return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "requested character not valid for encoding: "
				 "%lld", (long long)code);
	utf8_put(&out, (uint32_t)code);
	return give_buffer(call, &out);
}

static bool count_nulls(struct call *call)
{
	int nulls = 0;

	for (int i = 0; i < call->count; i++)
		nulls += call_null(call, i);
	return give_integer(call, call->variant ? nulls : call->count - nulls);
}

static const struct function_row rows[] = {
	{ "pg_lower", 1, 0, change_case, CASE_LOWER },
	{ "pg_upper", 1, 0, change_case, CASE_UPPER },
	{ "pg_initcap", 1, 0, change_case, CASE_INITIAL },
	{ "pg_length", 1, 0, text_length, 0 },
	{ "pg_char_length", 1, 0, text_length, 0 },
	{ "pg_octet_length", 1, 0, octet_length, 1 },
	{ "pg_bit_length", 1, 0, octet_length, 8 },
	{ "pg_substring", 2, 0, substring, 0 },
	{ "pg_substring", 3, 0, substring, 0 },
	{ "pg_bytea_substring", 2, 0, substring, 0 },
	{ "pg_bytea_substring", 3, 0, substring, 0 },
	{ "pg_overlay", 3, 0, overlay, 0 },
	{ "pg_overlay", 4, 0, overlay, 0 },
	{ "pg_bytea_overlay", 3, 0, overlay, 0 },
	{ "pg_bytea_overlay", 4, 0, overlay, 0 },
	{ "pg_left", 2, 0, take_side, 0 },
	{ "pg_right", 2, 0, take_side, 1 },
	{ "pg_position", 2, 0, position, 0 },
	{ "pg_strpos", 2, 0, position, 0 },
	{ "pg_bytea_position", 2, 0, position, 0 },
	{ "pg_starts_with", 2, 0, starts_with, 0 },
	{ "pg_btrim", 1, 0, trim, TRIM_BOTH },
	{ "pg_btrim", 2, 0, trim, TRIM_BOTH },
	{ "pg_bytea_btrim", 2, 0, trim, TRIM_BOTH },
	{ "pg_ltrim", 1, 0, trim, TRIM_LEFT },
	{ "pg_ltrim", 2, 0, trim, TRIM_LEFT },
	{ "pg_bytea_ltrim", 2, 0, trim, TRIM_LEFT },
	{ "pg_rtrim", 1, 0, trim, TRIM_RIGHT },
	{ "pg_rtrim", 2, 0, trim, TRIM_RIGHT },
	{ "pg_bytea_rtrim", 2, 0, trim, TRIM_RIGHT },
	{ "pg_lpad", 2, 0, pad, TRIM_LEFT },
	{ "pg_lpad", 3, 0, pad, TRIM_LEFT },
	{ "pg_rpad", 2, 0, pad, TRIM_RIGHT },
	{ "pg_rpad", 3, 0, pad, TRIM_RIGHT },
	{ "pg_repeat", 2, 0, repeat, 0 },
	{ "pg_replace", 3, 0, replace, 0 },
	{ "pg_reverse", 1, 0, reverse, 0 },
	{ "pg_translate", 3, 0, translate, 0 },
	{ "pg_split_part", 3, 0, split_part, 0 },
	{ "pg_ascii", 1, 0, ascii, 0 },
	{ "pg_chr", 1, 0, chr, 0 },
	{ "pg_num_nulls", FUNCTION_FROM(0), FUNCTION_NULLS, count_nulls, 1 },
	{ "pg_num_nonnulls", FUNCTION_FROM(0), FUNCTION_NULLS, count_nulls, 0 },
	{ 0 },
};

int functions_text(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}

struct slice text_lower(struct call *call, struct slice text)
{
	struct buffer out = { 0 };
	struct slice copy;

	put_cased(&out, (locale_t)call->functions->ctype, text, CASE_LOWER);
	copy.length = out.length;
	copy.at = (uint8_t *)arena_dup(call->scratch, buffer_slice(&out));
	buffer_fini(&out);
	return copy;
}
