/* COPY's text and CSV: records out of bytes, fields out of records, and
 * back. */
#include "pool/sqlite/copy.h"

#include <ctype.h>

/* --- records ------------------------------------------------------------------------ */

static size_t end_of_line(struct slice bytes, size_t at, bool at_end)
{
	if (bytes.at[at] == '\n')
		return at + 1;
	/* A carriage return may be half of an end. */
	if (at + 1 < bytes.length)
		return bytes.at[at + 1] == '\n' ? at + 2 : at + 1;
	return at_end ? at + 1 : 0;
}

size_t copy_cut_line(const struct copy_format *format, struct slice bytes,
		     bool at_end, size_t *scanned, bool *quoted)
{
	for (size_t i = *scanned; i < bytes.length; i++) {
		uint8_t byte = bytes.at[i];
		bool escapes;
		size_t end;

		if (format->kind == COPY_CSV) {
			/* A doubled quote turns it twice. */
			escapes = *quoted && format->escape != format->quote &&
				  byte == (uint8_t)format->escape;
			if (!escapes && byte == (uint8_t)format->quote)
				*quoted = !*quoted;
			if (*quoted && !escapes)
				continue;
		} else {
			escapes = byte == '\\';
		}
		if (escapes && i + 1 == bytes.length && !at_end) {
			*scanned = i;
			return 0;
		}
		if (escapes) {
			i++;
			continue;
		}
		if (byte != '\n' && byte != '\r')
			continue;
		end = end_of_line(bytes, i, at_end);
		if (!end) {
			*scanned = i;
			return 0;
		}
		*scanned = 0;
		return end;
	}
	*scanned = bytes.length;
	if (!at_end || !bytes.length)
		return 0;
	*scanned = 0;
	return bytes.length;
}

/* --- text fields ---------------------------------------------------------------------- */

static int hex_digit(uint8_t byte)
{
	return isdigit(byte) ? byte - '0' :
	       isxdigit(byte) ? tolower(byte) - 'a' + 10 : -1;
}

/* After a backslash; returns how many bytes it took. */
static size_t unescape(const uint8_t *at, size_t left, uint8_t *ret_byte)
{
	static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
	const char *found = memchr(from, at[0], 6);
	int value = 0;
	size_t used = 0;

	if (found) {
		*ret_byte = (uint8_t)to[found - from];
		return 1;
	}
	if (at[0] == 'x' && left > 1 && hex_digit(at[1]) >= 0) {
		for (used = 1; used < 3 && used < left &&
			       hex_digit(at[used]) >= 0; used++)
			value = value * 16 + hex_digit(at[used]);
		*ret_byte = (uint8_t)value;
		return used;
	}
	if (at[0] >= '0' && at[0] <= '7') {
		for (; used < 3 && used < left && at[used] >= '0' &&
		       at[used] <= '7'; used++)
			value = value * 8 + at[used] - '0';
		*ret_byte = (uint8_t)value;
		return used;
	}
	*ret_byte = at[0];
	return 1;
}

static struct copy_field text_field(const struct copy_format *format,
				    struct slice raw, struct arena *arena)
{
	struct copy_field field = { .text = raw };
	uint8_t *out;
	size_t length = 0;

	if (slice_is(raw, format->null)) {
		field.null = true;
		return field;
	}
	if (!memchr(raw.at, '\\', raw.length))
		return field;
	out = arena_alloc(arena, raw.length + 1);
	for (size_t i = 0; i < raw.length; i++) {
		if (raw.at[i] == '\\' && i + 1 < raw.length)
			i += unescape(raw.at + i + 1, raw.length - i - 1,
				      &out[length++]);
		else
			out[length++] = raw.at[i];
	}
	field.text = slice_make(out, length);
	return field;
}

static int split_text(const struct copy_format *format, struct slice line,
		      struct arena *arena, struct copy_field *fields, int most)
{
	size_t start = 0;
	int count = 0;

	for (size_t i = 0; i <= line.length; i++) {
		if (i < line.length && line.at[i] == '\\' &&
		    i + 1 < line.length) {
			i++;
			continue;
		}
		if (i < line.length &&
		    line.at[i] != (uint8_t)format->delimiter)
			continue;
		if (count < most)
			fields[count] = text_field(
				format, slice_make(line.at + start, i - start),
				arena);
		count++;
		start = i + 1;
	}
	return count;
}

/* --- CSV fields ------------------------------------------------------------------------- */

/* One field from *at on; leaves *at on the delimiter or the end. */
static bool csv_field(const struct copy_format *format, struct slice line,
		      size_t *at, struct arena *arena,
		      struct copy_field *ret_field)
{
	uint8_t *out = arena_alloc(arena, line.length - *at + 1);
	size_t length = 0, i = *at;
	bool quoted = false, was_quoted = false;

	for (; i < line.length; i++) {
		uint8_t byte = line.at[i];
		uint8_t next = i + 1 < line.length ? line.at[i + 1] : 0;

		if (!quoted && byte == (uint8_t)format->delimiter)
			break;
		if (quoted && byte == (uint8_t)format->escape &&
		    (next == (uint8_t)format->quote ||
		     next == (uint8_t)format->escape) && i + 1 < line.length) {
			out[length++] = next;
			i++;
		} else if (byte == (uint8_t)format->quote) {
			quoted = !quoted;
			was_quoted = true;
		} else {
			out[length++] = byte;
		}
	}
	*at = i;
	ret_field->text = slice_make(out, length);
	ret_field->null = !was_quoted &&
			  slice_is(ret_field->text, format->null);
	return !quoted;
}

static int split_csv(const struct copy_format *format, struct slice line,
		     struct arena *arena, struct copy_field *fields, int most,
		     struct error *error)
{
	struct copy_field field;
	size_t at = 0;
	int count = 0;

	for (;;) {
		if (!csv_field(format, line, &at, arena, &field)) {
			error_set(error, "22P04", "%s",
				  "unterminated CSV quoted field");
			return -1;
		}
		if (count < most)
			fields[count] = field;
		count++;
		if (at >= line.length)
			return count;
		at++;
	}
}

int copy_split(const struct copy_format *format, struct slice line,
	       struct arena *arena, struct copy_field *fields, int most,
	       struct error *error)
{
	if (format->kind == COPY_CSV)
		return split_csv(format, line, arena, fields, most, error);
	return split_text(format, line, arena, fields, most);
}

/* --- out ----------------------------------------------------------------------------------- */

static void put_text(const struct copy_format *format, struct slice text,
		     struct buffer *out)
{
	static const char from[] = "\b\f\n\r\t\v", to[] = "bfnrtv";

	for (size_t i = 0; i < text.length; i++) {
		uint8_t byte = text.at[i];
		const char *found = byte ? memchr(from, byte, 6) : NULL;

		if (found && byte != (uint8_t)format->delimiter) {
			buffer_put_u8(out, '\\');
			buffer_put_u8(out, (uint8_t)to[found - from]);
			continue;
		}
		if (byte == '\\' || byte == (uint8_t)format->delimiter) {
			buffer_put_u8(out, '\\');
			if (found)
				byte = (uint8_t)to[found - from];
		}
		buffer_put_u8(out, byte);
	}
}

/* A line that is "\." ends the data. */
static bool needs_quotes(const struct copy_format *format, struct slice text,
			 bool alone)
{
	if (slice_is(text, format->null) || (alone && slice_is(text, "\\.")))
		return true;
	for (size_t i = 0; i < text.length; i++) {
		uint8_t byte = text.at[i];

		if (byte == (uint8_t)format->delimiter ||
		    byte == (uint8_t)format->quote || byte == '\n' ||
		    byte == '\r')
			return true;
	}
	return false;
}

void copy_put_field(const struct copy_format *format, struct slice text,
		    bool forced, bool alone, struct buffer *out)
{
	if (format->kind == COPY_TEXT) {
		put_text(format, text, out);
		return;
	}
	if (!forced && !needs_quotes(format, text, alone)) {
		buffer_put_slice(out, text);
		return;
	}
	buffer_put_u8(out, (uint8_t)format->quote);
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == (uint8_t)format->quote ||
		    text.at[i] == (uint8_t)format->escape)
			buffer_put_u8(out, (uint8_t)format->escape);
		buffer_put_u8(out, text.at[i]);
	}
	buffer_put_u8(out, (uint8_t)format->quote);
}
