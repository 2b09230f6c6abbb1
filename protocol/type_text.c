/*
 * Types that are texts, or look like one: text and its kin, names, "char",
 * bytea, uuid, and the reg* types, which are OIDs that print as names.
 */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/type_codec.h"

#define NAME_BYTES_MAX 63
#define WIDTH_MAX 10485760 /* Postgres's limit of n in character(n) */

static size_t sequence_length(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xC2 && first <= 0xDF)
		return 2;
	if ((first & 0xF0) == 0xE0)
		return 3;
	if (first >= 0xF0 && first <= 0xF4)
		return 4;
	return 0;
}

/* RFC 3629, section 4: no overlong forms, no surrogates, nothing past
 * U+10FFFF. */
static size_t valid_sequence(const uint8_t *at, size_t left)
{
	size_t length = sequence_length(at[0]);

	if (length == 0 || length > left || at[0] == 0)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	if (length == 3 && ((at[0] == 0xE0 && at[1] < 0xA0) ||
			    (at[0] == 0xED && at[1] > 0x9F)))
		return 0;
	if (length == 4 && ((at[0] == 0xF0 && at[1] < 0x90) ||
			    (at[0] == 0xF4 && at[1] > 0x8F)))
		return 0;
	return length;
}

/* Postgres guesses a sequence's length from its first byte alone. */
static size_t claimed_length(uint8_t first)
{
	if ((first & 0xE0) == 0xC0)
		return 2;
	if ((first & 0xF0) == 0xE0)
		return 3;
	return (first & 0xF8) == 0xF0 ? 4 : 1;
}

static bool refuse_encoding(const uint8_t *at, size_t left, struct error *error)
{
	char shown[40] = "";
	size_t length = claimed_length(at[0]);

	if (length > left)
		length = left;
	for (size_t i = 0; i < length; i++)
		snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown),
			 "%s0x%02x", i ? " " : "", at[i]);
	return error_set(error, "22021",
			 "invalid byte sequence for encoding \"UTF8\": %s",
			 shown);
}

/* Eight bytes at once: none zero, none beyond ASCII. */
static bool is_plain_word(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return !(word & UINT64_C(0x8080808080808080)) &&
	       !((word - UINT64_C(0x0101010101010101)) &
		 UINT64_C(0x8080808080808080));
}

bool text_check(struct slice text, struct error *error)
{
	const uint8_t *at = text.at;
	size_t left = text.length;

	while (left) {
		size_t length = 1;

		if (left >= 8 && is_plain_word(at))
			length = 8;
		else if (at[0] == 0 || at[0] >= 0x80)
			length = valid_sequence(at, left);
		if (length == 0)
			return refuse_encoding(at, left, error);
		at += length;
		left -= length;
	}
	return true;
}

size_t text_characters(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += (text.at[i] & 0xC0) != 0x80;
	return count;
}

struct slice text_head(struct slice text, size_t count)
{
	size_t i = 0;

	while (i < text.length) {
		if ((text.at[i] & 0xC0) != 0x80 && count-- == 0)
			break;
		i++;
	}
	return slice_make(text.at, i);
}

struct slice text_trim(struct slice text)
{
	while (text.length && is_space(text.at[0])) {
		text.at++;
		text.length--;
	}
	while (text.length && is_space(text.at[text.length - 1]))
		text.length--;
	return text;
}

/* --- text, varchar, xml, unknown, enums --------------------------------- */

static bool read_text(struct type_read_job *job)
{
	return put_text(job, job->bytes);
}

static bool read_text_binary(struct type_read_job *job)
{
	return text_check(job->bytes, job->error) && put_text(job, job->bytes);
}

static bool write_text(struct type_write_job *job)
{
	struct slice text;

	if (!stored_text(job, &text))
		return false;
	buffer_put_slice(job->out, text);
	return true;
}

static bool only_spaces(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] != ' ')
			return false;
	return true;
}

/* Cuts text to `count` characters: always when asked to explicitly, else
 * only if nothing but spaces is lost (SQL:2016 9.2). */
static bool cut_text(uint32_t oid, size_t count, bool explicit_cast,
		     struct value *value, struct error *error)
{
	struct slice text = value->bytes;
	struct slice head;

	if (text.length <= count)
		return true;
	head = text_head(text, count);
	if (!explicit_cast &&
	    !only_spaces(slice_make(text.at + head.length,
				    text.length - head.length)))
		return error_set(error, SQLSTATE_STRING_TRUNCATION,
				 "value too long for type %s(%zu)",
				 type_words(oid), count);
	value->bytes = head;
	return true;
}

static bool coerce_varchar(uint32_t oid, int32_t typmod, bool explicit_cast,
			   struct value *value, struct arena *arena,
			   struct error *error)
{
	if (typmod < 4 || value->kind != VALUE_TEXT)
		return true;
	return cut_text(OID_VARCHAR, (size_t)typmod - 4, explicit_cast, value,
			error);
}

static bool coerce_bpchar(uint32_t oid, int32_t typmod, bool explicit_cast,
			  struct value *value, struct arena *arena,
			  struct error *error)
{
	size_t width = typmod < 4 ? 0 : (size_t)typmod - 4;
	size_t characters, missing;
	char *padded;

	if (typmod < 4 || value->kind != VALUE_TEXT)
		return true;
	if (width > WIDTH_MAX)
		return error_set(error, SQLSTATE_INVALID_PARAMETER,
				 "length for type character cannot exceed %d",
				 WIDTH_MAX);
	if (!cut_text(OID_BPCHAR, width, explicit_cast, value, error))
		return false;
	characters = text_characters(value->bytes);
	if (characters >= width)
		return true;
	missing = width - characters;
	padded = arena_alloc(arena, value->bytes.length + missing + 1);
	if (value->bytes.length)
		memcpy(padded, value->bytes.at, value->bytes.length);
	memset(padded + value->bytes.length, ' ', missing);
	value->bytes = slice_make(padded, value->bytes.length + missing);
	return true;
}

const struct type_codec codec_text = { read_text, read_text_binary, write_text,
				       write_text, NULL };
const struct type_codec codec_varchar = { read_text, read_text_binary,
					  write_text, write_text,
					  coerce_varchar };
const struct type_codec codec_bpchar = { read_text, read_text_binary,
					 write_text, write_text,
					 coerce_bpchar };

/* --- name: cut to 63 bytes, at a character -------------------------------- */

static bool read_name(struct type_read_job *job)
{
	size_t length = job->bytes.length;

	if (length > NAME_BYTES_MAX) {
		length = NAME_BYTES_MAX;
		while (length && (job->bytes.at[length] & 0xC0) == 0x80)
			length--;
	}
	return put_text(job, slice_make(job->bytes.at, length));
}

static bool read_name_binary(struct type_read_job *job)
{
	return text_check(job->bytes, job->error) && read_name(job);
}

const struct type_codec codec_name = { read_name, read_name_binary, write_text,
				       write_text, NULL };

/* --- "char": one byte, of which weir stores what is text -------------------- */

static bool put_char(struct type_read_job *job, uint8_t byte)
{
	char *text = arena_alloc(job->arena, 1);

	if (byte >= 0x80)
		return error_set(job->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "\"char\" beyond ASCII is not supported on "
				 "SQLite");
	*text = (char)byte;
	return put_text(job, slice_make(text, byte != 0));
}

static bool read_char(struct type_read_job *job)
{
	const uint8_t *at = job->bytes.at;

	if (job->bytes.length == 4 && at[0] == '\\' && (at[1] | 7) == '7' &&
	    (at[2] | 7) == '7' && (at[3] | 7) == '7')
		return put_char(job, (uint8_t)((at[1] & 7) << 6 |
					       (at[2] & 7) << 3 | (at[3] & 7)));
	return put_char(job, job->bytes.length ? at[0] : 0);
}

static bool read_char_binary(struct type_read_job *job)
{
	if (job->bytes.length != 1)
		return refuse_binary(job);
	return put_char(job, job->bytes.at[0]);
}

static bool write_char_binary(struct type_write_job *job)
{
	struct slice text;

	if (!stored_text(job, &text))
		return false;
	buffer_put_u8(job->out, text.length ? text.at[0] : 0);
	return true;
}

const struct type_codec codec_char = { read_char, read_char_binary, write_text,
				       write_char_binary, NULL };

/* --- bytea -------------------------------------------------------------------- */

static int hex_value(uint8_t digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool refuse_hex(struct type_read_job *job, const uint8_t *at)
{
	struct slice rest = slice_make(
		at, (size_t)(job->bytes.at + job->bytes.length - at));
	struct slice digit = text_head(rest, 1);

	return error_set(job->error, SQLSTATE_INVALID_PARAMETER,
			 "invalid hexadecimal digit: \"%.*s\"",
			 (int)digit.length, (const char *)digit.at);
}

/* "\x" and pairs of digits; white space may stand between the pairs. */
static bool read_bytea_hex(struct type_read_job *job)
{
	const uint8_t *at = job->bytes.at + 2;
	const uint8_t *end = job->bytes.at + job->bytes.length;
	uint8_t *bytes = arena_alloc(job->arena, job->bytes.length / 2 + 1);
	size_t length = 0;

	while (at < end) {
		if (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') {
			at++;
			continue;
		}
		if (hex_value(*at) < 0)
			return refuse_hex(job, at);
		if (++at == end)
			return error_set(job->error, SQLSTATE_INVALID_PARAMETER,
					 "invalid hexadecimal data: odd "
					 "number of digits");
		if (hex_value(*at) < 0)
			return refuse_hex(job, at);
		bytes[length++] =
			(uint8_t)(hex_value(at[-1]) << 4 | hex_value(*at));
		at++;
	}
	return put_blob(job, slice_make(bytes, length));
}

static bool is_octal(const uint8_t *at, const uint8_t *end)
{
	return end - at >= 3 && at[0] >= '0' && at[0] <= '3' && at[1] >= '0' &&
	       at[1] <= '7' && at[2] >= '0' && at[2] <= '7';
}

/* The older form: bytes as they are, "\\" and "\ooo". */
static bool read_bytea_escape(struct type_read_job *job)
{
	const uint8_t *at = job->bytes.at;
	const uint8_t *end = at + job->bytes.length;
	uint8_t *bytes = arena_alloc(job->arena, job->bytes.length + 1);
	size_t length = 0;

	while (at < end) {
		if (*at != '\\') {
			bytes[length++] = *at++;
		} else if (is_octal(at + 1, end)) {
			bytes[length++] =
				(uint8_t)((at[1] - '0') << 6 |
					  (at[2] - '0') << 3 | (at[3] - '0'));
			at += 4;
		} else if (end - at >= 2 && at[1] == '\\') {
			bytes[length++] = '\\';
			at += 2;
		} else {
			return error_set(job->error, SQLSTATE_INVALID_TEXT,
					 "invalid input syntax for type bytea");
		}
	}
	return put_blob(job, slice_make(bytes, length));
}

static bool read_bytea(struct type_read_job *job)
{
	if (job->bytes.length >= 2 && memcmp(job->bytes.at, "\\x", 2) == 0)
		return read_bytea_hex(job);
	return read_bytea_escape(job);
}

static bool read_bytea_binary(struct type_read_job *job)
{
	return put_blob(job, job->bytes);
}

static bool write_bytea(struct type_write_job *job)
{
	static const char digits[] = "0123456789abcdef";
	struct slice bytes = job->value->bytes;
	uint8_t *at;

	if (job->value->kind != VALUE_BLOB)
		return refuse_stored(job);
	buffer_put_text(job->out, "\\x");
	buffer_reserve(job->out, bytes.length * 2);
	at = job->out->bytes + job->out->length;
	for (size_t i = 0; i < bytes.length; i++) {
		*at++ = (uint8_t)digits[bytes.at[i] >> 4];
		*at++ = (uint8_t)digits[bytes.at[i] & 15];
	}
	job->out->length += bytes.length * 2;
	return true;
}

static bool write_bytea_binary(struct type_write_job *job)
{
	if (job->value->kind != VALUE_BLOB)
		return refuse_stored(job);
	buffer_put_slice(job->out, job->value->bytes);
	return true;
}

const struct type_codec codec_bytea = { read_bytea, read_bytea_binary,
					write_bytea, write_bytea_binary, NULL };

/* --- uuid ------------------------------------------------------------------------ */

#define UUID_BYTES 16
#define UUID_TEXT_BYTES 36

/* Braces are allowed round it, and a dash after every second byte. */
static bool scan_uuid(struct slice text, uint8_t bytes[UUID_BYTES])
{
	const uint8_t *at = text.at;
	const uint8_t *end = at + text.length;
	bool braces = at < end && *at == '{';

	if (braces)
		at++;
	for (int i = 0; i < UUID_BYTES; i++) {
		if (end - at < 2 || hex_value(at[0]) < 0 ||
		    hex_value(at[1]) < 0)
			return false;
		bytes[i] = (uint8_t)(hex_value(at[0]) << 4 | hex_value(at[1]));
		at += 2;
		if (at < end && *at == '-' && i % 2 == 1 && i < 15)
			at++;
	}
	if (braces && (at == end || *at++ != '}'))
		return false;
	return at == end;
}

static bool put_uuid(struct type_read_job *job, const uint8_t bytes[UUID_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(job->arena, UUID_TEXT_BYTES + 1);
	char *at = text;

	for (int i = 0; i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = digits[bytes[i] >> 4];
		*at++ = digits[bytes[i] & 15];
	}
	return put_text(job, slice_make(text, UUID_TEXT_BYTES));
}

static bool read_uuid(struct type_read_job *job)
{
	uint8_t bytes[UUID_BYTES];

	if (!scan_uuid(job->bytes, bytes))
		return refuse_syntax(job, OID_UUID);
	return put_uuid(job, bytes);
}

static bool read_uuid_binary(struct type_read_job *job)
{
	if (job->bytes.length != UUID_BYTES)
		return refuse_binary(job);
	return put_uuid(job, job->bytes.at);
}

static bool write_uuid_binary(struct type_write_job *job)
{
	uint8_t bytes[UUID_BYTES];

	if (job->value->kind != VALUE_TEXT ||
	    !scan_uuid(job->value->bytes, bytes))
		return refuse_stored(job);
	buffer_put(job->out, bytes, sizeof(bytes));
	return true;
}

const struct type_codec codec_uuid = { read_uuid, read_uuid_binary, write_text,
				       write_uuid_binary, NULL };

/* --- void: a function's result that is nothing ---------------------------------- */

static bool read_void(struct type_read_job *job)
{
	return put_text(job, slice_make("", 0));
}

static bool write_void(struct type_write_job *job)
{
	return true;
}

const struct type_codec codec_void = { read_void, read_void, write_void,
				       write_void, NULL };

/* --- reg*: an OID that prints as a name ----------------------------------------- */

static bool scan_oid(struct slice text, uint32_t *ret_oid)
{
	uint64_t oid = 0;

	if (text.length == 0 || text.length > 10)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		oid = oid * 10 + (uint64_t)(text.at[i] - '0');
	}
	if (oid > UINT32_MAX)
		return false;
	*ret_oid = (uint32_t)oid;
	return true;
}

static bool read_reg(struct type_read_job *job)
{
	const struct type_names *names = job->settings->names;
	const struct type *type;
	uint32_t oid = 0;

	if (slice_is(job->bytes, "-") || scan_oid(job->bytes, &oid))
		return put_integer(job, oid);
	if (names && names->find) {
		if (!names->find(names, job->oid, job->bytes, &oid, job->error))
			return false;
		return put_integer(job, oid);
	}
	type = job->oid == OID_REGTYPE ? type_by_name(job->bytes) : NULL;
	if (type)
		return put_integer(job, type->oid);
	return error_set(job->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "names cannot be given for type %s here",
			 type_words(job->oid));
}

static bool write_reg(struct type_write_job *job)
{
	const struct type_names *names = job->settings->names;
	uint32_t oid = (uint32_t)job->value->integer;
	const struct type *type;

	if (job->value->kind != VALUE_INTEGER)
		return refuse_stored(job);
	if (oid == 0) {
		bool operator = job->oid == OID_REGOPER || job->oid == 2204;

		buffer_put_u8(job->out, operator ? '0' : '-');
		return true;
	}
	if (names && names->print &&
	    names->print(names, job->oid, oid, job->out))
		return true;
	type = job->oid == OID_REGTYPE ? type_by_oid(oid) : NULL;
	if (type)
		buffer_put_text(job->out, type->sql_name);
	else
		put_decimal(job->out, oid);
	return true;
}

static bool read_reg_binary(struct type_read_job *job)
{
	return codec_oid.read_binary(job);
}

static bool write_reg_binary(struct type_write_job *job)
{
	return codec_oid.write_binary(job);
}

const struct type_codec codec_reg = { read_reg, read_reg_binary, write_reg,
				      write_reg_binary, NULL };
