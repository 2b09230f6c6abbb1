#include "proxy/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const kinds[] = {
	[CHECKPOINT_BEGIN] = "begin",
	[CHECKPOINT_BUCKET] = "bucket",
	[CHECKPOINT_PURGE] = "purge",
};

/* What a signature of a chain cannot be taken for, and the other way round. */
static const char signed_line[] = "weir audit checkpoint\n";
static const char signed_head[] = "weir audit head\n";

/* --- writing ------------------------------------------------------------ */

void digest_put_hex(struct buffer *out, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		buffer_printf(out, "%02x", bytes[i]);
}

static void put_string(struct buffer *out, const char *text)
{
	buffer_put_u8(out, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			buffer_put_u8(out, '\\');
		if (c < ' ')
			buffer_printf(out, "\\u%04x", c);
		else
			buffer_put_u8(out, c);
	}
	buffer_put_u8(out, '"');
}

static void put_text(struct buffer *out, const char *name, const char *text)
{
	buffer_printf(out, ",\"%s\":", name);
	if (text)
		put_string(out, text);
	else
		buffer_put_text(out, "null");
}

static void put_number(struct buffer *out, const char *name, uint64_t number)
{
	buffer_printf(out, ",\"%s\":%" PRIu64, name, number);
}

static void put_bytes(struct buffer *out, const char *name,
		      const uint8_t *bytes, size_t length)
{
	buffer_printf(out, ",\"%s\":\"", name);
	digest_put_hex(out, bytes, length);
	buffer_put_u8(out, '"');
}

static void put_columns(struct buffer *out, const struct digest_columns *all)
{
	buffer_put_text(out, ",\"columns\":[");
	for (unsigned i = 0; i < all->count; i++) {
		if (i)
			buffer_put_u8(out, ',');
		put_string(out, all->names[i]);
		buffer_put_u8(out, ',');
		put_string(out, all->types[i]);
	}
	buffer_put_u8(out, ']');
}

static void put_bucket(struct buffer *out, const struct checkpoint *checkpoint)
{
	put_text(out, "table", checkpoint->table);
	put_text(out, "by", checkpoint->by);
	put_number(out, "bucket", checkpoint->bucket);
	put_text(out, "after", checkpoint->after);
	put_text(out, "upto", checkpoint->upto);
	put_number(out, "rows", checkpoint->rows);
	put_text(out, "oldest", checkpoint->oldest);
	put_text(out, "newest", checkpoint->newest);
	put_text(out, "cutoff", checkpoint->cutoff);
	put_columns(out, &checkpoint->columns);
	put_bytes(out, "digest", checkpoint->digest, DIGEST_BYTES);
}

static void put_body(struct buffer *out, const struct checkpoint *checkpoint)
{
	buffer_printf(out, "{\"n\":%" PRIu64, checkpoint->n);
	put_text(out, "kind", kinds[checkpoint->kind]);
	put_text(out, "time", checkpoint->time);
	if (checkpoint->kind == CHECKPOINT_BEGIN) {
		put_text(out, "database", checkpoint->database);
		put_bytes(out, "key", checkpoint->key, DIGEST_KEY_BYTES);
	} else {
		put_bucket(out, checkpoint);
	}
}

static void signed_text(struct buffer *out, const char *what, uint64_t n,
			const uint8_t chain[DIGEST_BYTES])
{
	buffer_put_text(out, what);
	buffer_put_u64(out, n);
	buffer_put(out, chain, DIGEST_BYTES);
}

void checkpoint_write(struct checkpoint *checkpoint,
		      const uint8_t before[DIGEST_BYTES],
		      const struct digest_key *key, struct buffer *out)
{
	struct buffer line = { 0 }, text = { 0 };

	put_body(&line, checkpoint);
	digest_of(slice_make(before, DIGEST_BYTES), buffer_slice(&line),
		  checkpoint->chain);
	signed_text(&text, signed_line, checkpoint->n, checkpoint->chain);
	digest_key_sign(key, buffer_slice(&text), checkpoint->signature);
	put_bytes(&line, "chain", checkpoint->chain, DIGEST_BYTES);
	put_bytes(&line, "signature", checkpoint->signature,
		  DIGEST_SIGNATURE_BYTES);
	buffer_put_text(&line, "}\n");
	buffer_put_slice(out, buffer_slice(&line));
	buffer_fini(&line);
	buffer_fini(&text);
}

/* --- reading ------------------------------------------------------------ */

/* Reads on as long as everything is as it was written. */
struct line {
	struct reader reader;
	struct arena *arena;
};

static bool fail(struct line *line)
{
	line->reader.failed = true;
	return false;
}

static bool see(struct line *line, const char *text)
{
	size_t length = strlen(text);

	if (line->reader.failed || reader_left(&line->reader) < length ||
	    memcmp(line->reader.at, text, length) != 0)
		return false;
	line->reader.at += length;
	return true;
}

static void expect(struct line *line, const char *text)
{
	if (!see(line, text))
		fail(line);
}

static void expect_name(struct line *line, const char *name)
{
	expect(line, ",\"");
	expect(line, name);
	expect(line, "\":");
}

static int hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void get_hex(struct line *line, uint8_t *ret, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		struct slice pair = read_bytes(&line->reader, 2);
		int high, low;

		if (line->reader.failed)
			return;
		high = hex_digit(pair.at[0]);
		low = hex_digit(pair.at[1]);
		if (high < 0 || low < 0) {
			fail(line);
			return;
		}
		ret[i] = (uint8_t)(high << 4 | low);
	}
}

static void get_bytes(struct line *line, const char *name, uint8_t *ret,
		      size_t length)
{
	expect_name(line, name);
	expect(line, "\"");
	get_hex(line, ret, length);
	expect(line, "\"");
}

/* No zero in front, and no more than 64 bits. */
static uint64_t get_digits(struct line *line)
{
	uint64_t number = 0;
	unsigned count = 0;

	while (reader_left(&line->reader) && *line->reader.at >= '0' &&
	       *line->reader.at <= '9') {
		uint64_t digit = read_u8(&line->reader) - (uint64_t)'0';

		if ((count && !number) || number > (UINT64_MAX - digit) / 10) {
			fail(line);
			return 0;
		}
		number = number * 10 + digit;
		count++;
	}
	if (!count)
		fail(line);
	return number;
}

static uint64_t get_number(struct line *line, const char *name)
{
	expect_name(line, name);
	return get_digits(line);
}

/* What stands behind a backslash; 0 where nothing written is. */
static uint8_t get_escaped(struct line *line)
{
	uint8_t c = read_u8(&line->reader), low = 0;

	if (c == '"' || c == '\\')
		return c;
	if (c != 'u' || !see(line, "00"))
		return 0;
	get_hex(line, &low, 1);
	return low < ' ' ? low : 0;
}

static const char *get_string(struct line *line)
{
	struct buffer text = { 0 };
	const char *copy = NULL;

	expect(line, "\"");
	while (!line->reader.failed) {
		uint8_t c = read_u8(&line->reader);

		if (c == '"')
			break;
		if (c == '\\')
			c = get_escaped(line);
		else if (c < ' ')
			c = 0;
		if (!c)
			fail(line);
		else
			buffer_put_u8(&text, c);
	}
	if (!line->reader.failed)
		copy = arena_dup(line->arena, buffer_slice(&text));
	buffer_fini(&text);
	return copy;
}

static const char *get_text(struct line *line, const char *name)
{
	expect_name(line, name);
	return get_string(line);
}

static const char *get_text_or_null(struct line *line, const char *name)
{
	expect_name(line, name);
	return see(line, "null") ? NULL : get_string(line);
}

static void get_columns(struct line *line, struct digest_columns *ret)
{
	const char *texts[2 * CHECKPOINT_COLUMNS_MAX];
	unsigned count = 0;

	expect_name(line, "columns");
	expect(line, "[");
	do {
		if (count == 2 * CHECKPOINT_COLUMNS_MAX) {
			fail(line);
			return;
		}
		texts[count++] = get_string(line);
		expect(line, ",");
		texts[count++] = get_string(line);
	} while (see(line, ","));
	expect(line, "]");
	if (line->reader.failed)
		return;
	ret->count = count / 2;
	ret->names = arena_alloc(line->arena, count * sizeof(*texts));
	ret->types = ret->names + count / 2;
	for (unsigned i = 0; i < count; i++)
		(i % 2 ? ret->types : ret->names)[i / 2] = texts[i];
}

static void get_bucket(struct line *line, struct checkpoint *ret)
{
	ret->table = get_text(line, "table");
	ret->by = get_text(line, "by");
	ret->bucket = get_number(line, "bucket");
	ret->after = get_text_or_null(line, "after");
	ret->upto = get_text(line, "upto");
	ret->rows = get_number(line, "rows");
	ret->oldest = get_text_or_null(line, "oldest");
	ret->newest = get_text_or_null(line, "newest");
	ret->cutoff = get_text_or_null(line, "cutoff");
	get_columns(line, &ret->columns);
	get_bytes(line, "digest", ret->digest, DIGEST_BYTES);
}

static void get_kind(struct line *line, struct checkpoint *ret)
{
	expect_name(line, "kind");
	expect(line, "\"");
	ret->kind = CHECKPOINT_BEGIN;
	while (ret->kind < CHECKPOINT_PURGE && !see(line, kinds[ret->kind]))
		ret->kind++;
	if (ret->kind == CHECKPOINT_PURGE)
		expect(line, kinds[ret->kind]);
	expect(line, "\"");
}

bool checkpoint_read(struct slice text, struct arena *arena,
		     struct checkpoint *ret)
{
	struct line line = { reader_make(text), arena };
	struct checkpoint found = { 0 };

	if (text.length > CHECKPOINT_LINE_BYTES_MAX)
		return false;
	expect(&line, "{\"n\":");
	found.n = get_digits(&line);
	get_kind(&line, &found);
	found.time = get_text(&line, "time");
	if (found.kind == CHECKPOINT_BEGIN) {
		found.database = get_text(&line, "database");
		get_bytes(&line, "key", found.key, DIGEST_KEY_BYTES);
	} else {
		get_bucket(&line, &found);
	}
	get_bytes(&line, "chain", found.chain, DIGEST_BYTES);
	get_bytes(&line, "signature", found.signature, DIGEST_SIGNATURE_BYTES);
	expect(&line, "}");
	if (!reader_done(&line.reader))
		return false;
	*ret = found;
	return true;
}

/* --- proving ------------------------------------------------------------ */

/* How long `,"chain":"..","signature":".."}` is. */
#define SEAL_BYTES (sizeof(",\"chain\":\"\",\"signature\":\"\"}") - 1 + \
		    2 * (DIGEST_BYTES + DIGEST_SIGNATURE_BYTES))

bool checkpoint_follows(const struct checkpoint *checkpoint, struct slice line,
			const uint8_t before[DIGEST_BYTES])
{
	uint8_t chain[DIGEST_BYTES];

	if (line.length < SEAL_BYTES)
		return false;
	digest_of(slice_make(before, DIGEST_BYTES),
		  slice_make(line.at, line.length - SEAL_BYTES), chain);
	return memcmp(chain, checkpoint->chain, DIGEST_BYTES) == 0;
}

static bool is_signed(const char *what, uint64_t n,
		      const uint8_t chain[DIGEST_BYTES],
		      const uint8_t signature[DIGEST_SIGNATURE_BYTES],
		      const struct digest_key *key)
{
	struct buffer text = { 0 };
	bool good;

	signed_text(&text, what, n, chain);
	good = digest_key_verify(key, buffer_slice(&text), signature);
	buffer_fini(&text);
	return good;
}

bool checkpoint_is_signed(const struct checkpoint *checkpoint,
			  const struct digest_key *key)
{
	return is_signed(signed_line, checkpoint->n, checkpoint->chain,
			 checkpoint->signature, key);
}

/* --- the head ----------------------------------------------------------- */

void checkpoint_head_write(const struct checkpoint *last,
			   const struct digest_key *key, struct buffer *out)
{
	uint8_t signature[DIGEST_SIGNATURE_BYTES];
	struct buffer text = { 0 };

	signed_text(&text, signed_head, last->n, last->chain);
	digest_key_sign(key, buffer_slice(&text), signature);
	buffer_fini(&text);
	buffer_printf(out, "{\"n\":%" PRIu64, last->n);
	put_bytes(out, "chain", last->chain, DIGEST_BYTES);
	put_bytes(out, "signature", signature, sizeof(signature));
	buffer_put_text(out, "}\n");
}

bool checkpoint_head_read(struct slice text, struct checkpoint_head *ret)
{
	struct line line = { reader_make(text), NULL };
	struct checkpoint_head found = { 0 };

	expect(&line, "{\"n\":");
	found.n = get_digits(&line);
	get_bytes(&line, "chain", found.chain, DIGEST_BYTES);
	get_bytes(&line, "signature", found.signature, DIGEST_SIGNATURE_BYTES);
	expect(&line, "}");
	if (!reader_done(&line.reader))
		return false;
	*ret = found;
	return true;
}

bool checkpoint_head_is_signed(const struct checkpoint_head *head,
			       const struct digest_key *key)
{
	return is_signed(signed_head, head->n, head->chain, head->signature,
			 key);
}

bool digest_columns_equal(const struct digest_columns *a,
			  const struct digest_columns *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (strcmp(a->names[i], b->names[i]) != 0 ||
		    strcmp(a->types[i], b->types[i]) != 0)
			return false;
	return true;
}

static bool has_column(const struct digest_columns *columns, const char *name,
		       const char *type)
{
	for (unsigned i = 0; i < columns->count; i++)
		if (strcmp(columns->names[i], name) == 0)
			return strcmp(columns->types[i], type) == 0;
	return false;
}

int digest_columns_lost(const struct digest_columns *sealed,
			const struct digest_columns *now)
{
	for (unsigned i = 0; i < sealed->count; i++)
		if (!has_column(now, sealed->names[i], sealed->types[i]))
			return (int)i;
	return -1;
}

static const char **copy_texts(const char *const *texts, unsigned count,
			       struct arena *arena)
{
	const char **copy = arena_alloc(arena, count * sizeof(*copy));

	for (unsigned i = 0; i < count; i++)
		copy[i] = arena_text(arena, texts[i]);
	return copy;
}

const struct digest_columns *
digest_columns_copy(const struct digest_columns *columns, struct arena *arena)
{
	struct digest_columns *copy = arena_alloc(arena, sizeof(*copy));

	copy->count = columns->count;
	copy->names = copy_texts(columns->names, columns->count, arena);
	copy->types = copy_texts(columns->types, columns->count, arena);
	return copy;
}
