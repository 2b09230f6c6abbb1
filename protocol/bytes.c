#include "protocol/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <openssl/crypto.h>

static void out_of_memory(size_t bytes)
{
	fprintf(stderr, "weir: out of memory (asked for %zu bytes)\n", bytes);
	abort();
}

void *must_alloc(size_t bytes)
{
	void *memory = calloc(1, bytes ? bytes : 1);

	if (!memory)
		out_of_memory(bytes);
	return memory;
}

void *must_realloc(void *old, size_t bytes)
{
	void *memory = realloc(old, bytes ? bytes : 1);

	if (!memory)
		out_of_memory(bytes);
	return memory;
}

char *must_dup(const char *text)
{
	return slice_dup(slice_text(text));
}

bool slice_mentions(struct slice text, struct slice other)
{
	for (size_t at = 0; at + other.length <= text.length; at++)
		if (strncasecmp((const char *)text.at + at,
				(const char *)other.at, other.length) == 0)
			return true;
	return false;
}

char *slice_dup(struct slice bytes)
{
	char *copy = must_alloc(bytes.length + 1);

	if (bytes.length)
		memcpy(copy, bytes.at, bytes.length);
	return copy;
}

void buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 64;

	if (more <= buffer->capacity - buffer->length)
		return;
	if (more > BUFFER_BYTES_MAX - buffer->length)
		out_of_memory(more);
	while (capacity - buffer->length < more)
		capacity *= 2;
	buffer->bytes = must_realloc(buffer->bytes, capacity);
	buffer->capacity = capacity;
}

void buffer_put(struct buffer *buffer, const void *bytes, size_t length)
{
	if (!length)
		return;
	buffer_reserve(buffer, length);
	memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
}

void buffer_put_slice(struct buffer *buffer, struct slice bytes)
{
	buffer_put(buffer, bytes.at, bytes.length);
}

/* What is there is doubled, for as long as that is not too much. */
void buffer_put_times(struct buffer *buffer, struct slice bytes, size_t times)
{
	size_t total = bytes.length * times, done = bytes.length, more;
	uint8_t *at;

	if (!total)
		return;
	buffer_reserve(buffer, total);
	at = buffer->bytes + buffer->length;
	memcpy(at, bytes.at, bytes.length);
	for (; done < total; done += more) {
		more = done < total - done ? done : total - done;
		memcpy(at + done, at, more);
	}
	buffer->length += total;
}

void buffer_put_text(struct buffer *buffer, const char *text)
{
	buffer_put(buffer, text, strlen(text));
}

void buffer_put_cstring(struct buffer *buffer, const char *text)
{
	buffer_put(buffer, text, strlen(text) + 1);
}

void buffer_put_u8(struct buffer *buffer, uint8_t value)
{
	buffer_put(buffer, &value, 1);
}

void buffer_put_u16(struct buffer *buffer, uint16_t value)
{
	uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	buffer_put(buffer, bytes, sizeof(bytes));
}

void buffer_put_u32(struct buffer *buffer, uint32_t value)
{
	buffer_put_u16(buffer, (uint16_t)(value >> 16));
	buffer_put_u16(buffer, (uint16_t)value);
}

void buffer_put_u64(struct buffer *buffer, uint64_t value)
{
	buffer_put_u32(buffer, (uint32_t)(value >> 32));
	buffer_put_u32(buffer, (uint32_t)value);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args, again;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length > 0) {
		buffer_reserve(buffer, (size_t)length + 1);
		vsnprintf((char *)buffer->bytes + buffer->length,
			  (size_t)length + 1, format, again);
		buffer->length += (size_t)length;
	}
	va_end(again);
}

void buffer_patch_u32(struct buffer *buffer, size_t offset, uint32_t value)
{
	uint8_t *at = buffer->bytes + offset;

	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

void buffer_consume(struct buffer *buffer, size_t count)
{
	if (!count)
		return;
	buffer->length -= count;
	memmove(buffer->bytes, buffer->bytes + count, buffer->length);
}

const char *buffer_cstring(struct buffer *buffer)
{
	buffer_reserve(buffer, 1);
	buffer->bytes[buffer->length] = 0;
	return (const char *)buffer->bytes;
}

void buffer_fini(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){ 0 };
}

void buffer_wipe(struct buffer *buffer)
{
	if (buffer->bytes)
		OPENSSL_cleanse(buffer->bytes, buffer->capacity);
	buffer_fini(buffer);
}

static const uint8_t *take(struct reader *reader, size_t length)
{
	const uint8_t *at = reader->at;

	if (reader->failed || length > reader_left(reader)) {
		reader->failed = true;
		return NULL;
	}
	reader->at += length;
	return at;
}

uint8_t read_u8(struct reader *reader)
{
	const uint8_t *at = take(reader, 1);

	return at ? at[0] : 0;
}

uint16_t read_u16(struct reader *reader)
{
	const uint8_t *at = take(reader, 2);

	return at ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

uint32_t read_u32(struct reader *reader)
{
	const uint8_t *at = take(reader, 4);

	return at ? load_u32(at) : 0;
}

uint64_t read_u64(struct reader *reader)
{
	const uint8_t *at = take(reader, 8);

	return at ? (uint64_t)load_u32(at) << 32 | load_u32(at + 4) : 0;
}

struct slice read_bytes(struct reader *reader, size_t length)
{
	const uint8_t *at = take(reader, length);

	return at ? slice_make(at, length) : slice_make("", 0);
}

struct slice read_cstring(struct reader *reader)
{
	const uint8_t *end;
	struct slice text;

	if (reader->failed || !reader_left(reader) ||
	    !(end = memchr(reader->at, 0, reader_left(reader)))) {
		reader->failed = true;
		return slice_make("", 0);
	}
	text = slice_make(reader->at, (size_t)(end - reader->at));
	reader->at = end + 1;
	return text;
}

bool reader_done(const struct reader *reader)
{
	return !reader->failed && reader->at == reader->end;
}
