/*
 * Bytes, borrowed and owned, and the two ways of looking at them: a reader
 * and a writer of the wire's integers (network order).
 *
 * A `struct slice` borrows: it is valid until its owner reads or writes
 * again. A `struct buffer` owns heap memory and grows; a zeroed buffer is an
 * empty one and owns nothing. Growth beyond BUFFER_BYTES_MAX, or memory the
 * system does not give, ends the process: callers cap what strangers choose
 * before they put it here.
 *
 * A `struct reader` fails stickily: read every field, then ask once with
 * reader_done() whether all was there and nothing is left over.
 */
#ifndef WEIR_PROTOCOL_BYTES_H
#define WEIR_PROTOCOL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BUFFER_BYTES_MAX ((size_t)1 << 31)

struct slice {
	const uint8_t *at;
	size_t length;
};

static inline struct slice slice_make(const void *at, size_t length)
{
	return (struct slice){ at, length };
}

/* The bytes of a C string, without its end. */
static inline struct slice slice_text(const char *text)
{
	return (struct slice){ (const uint8_t *)text, strlen(text) };
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.length == b.length &&
	       (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
	return slice_equal(a, slice_text(text));
}

/* Whether the text holds the other one, letters of either case alike. */
bool slice_mentions(struct slice text, struct slice other);

/* A copy on the heap, ended by a zero byte; the caller frees it. */
char *slice_dup(struct slice bytes);

/* malloc and friends that end the process loudly instead of failing. */
void *must_alloc(size_t bytes);	/* zeroed */
void *must_realloc(void *old, size_t bytes);
char *must_dup(const char *text);

struct buffer {
	uint8_t *bytes;		/* NULL until first used */
	size_t length;
	size_t capacity;
};

void buffer_reserve(struct buffer *, size_t more);
void buffer_put(struct buffer *, const void *bytes, size_t length);
void buffer_put_slice(struct buffer *, struct slice bytes);
void buffer_put_times(struct buffer *, struct slice bytes, size_t times);
void buffer_put_text(struct buffer *, const char *text);	/* no end byte */
void buffer_put_cstring(struct buffer *, const char *text);	/* with end byte */
void buffer_put_u8(struct buffer *, uint8_t value);
void buffer_put_u16(struct buffer *, uint16_t value);
void buffer_put_u32(struct buffer *, uint32_t value);
void buffer_put_u64(struct buffer *, uint64_t value);
void buffer_printf(struct buffer *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes a 32-bit value at `offset`, which must lie within the length. */
void buffer_patch_u32(struct buffer *, size_t offset, uint32_t value);

/* Drops the first `count` bytes. */
void buffer_consume(struct buffer *, size_t count);

static inline struct slice buffer_slice(const struct buffer *buffer)
{
	return (struct slice){ buffer->bytes, buffer->length };
}

/* Ends the text with a zero byte that is not counted; never NULL. */
const char *buffer_cstring(struct buffer *);

static inline void buffer_clear(struct buffer *buffer)
{
	buffer->length = 0;
}

/* Gives the memory back; the buffer is empty and usable again. */
void buffer_fini(struct buffer *);

/* buffer_fini() for bytes that were secret: overwritten first. */
void buffer_wipe(struct buffer *);

struct reader {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

static inline struct reader reader_make(struct slice bytes)
{
	/* nothing may be at NULL, which cannot be added to */
	return (struct reader){ bytes.at,
				bytes.length ? bytes.at + bytes.length :
					       bytes.at,
				false };
}

static inline size_t reader_left(const struct reader *reader)
{
	return (size_t)(reader->end - reader->at);
}

uint8_t read_u8(struct reader *);
uint16_t read_u16(struct reader *);
uint32_t read_u32(struct reader *);
uint64_t read_u64(struct reader *);
struct slice read_bytes(struct reader *, size_t length);

/* Text up to a zero byte; the slice is without it, but the byte is there. */
struct slice read_cstring(struct reader *);

/* All that was asked for was there, and nothing is left over. */
bool reader_done(const struct reader *);

static inline uint32_t load_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

#endif
