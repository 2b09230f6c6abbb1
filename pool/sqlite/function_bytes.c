/*
 * Bytes as text and back: encodings, digests, single bytes of a bytea.
 */
#include "pool/sqlite/function.h"

#include <stdio.h>

#include <openssl/evp.h>

/* --- bytes as text ------------------------------------------------------------------ */

static const char hex_digits[] = "0123456789abcdef";

static void put_hex(struct buffer *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.length; i++) {
		buffer_put_u8(out, (uint8_t)hex_digits[bytes.at[i] >> 4]);
		buffer_put_u8(out, (uint8_t)hex_digits[bytes.at[i] & 15]);
	}
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Lines of 76 digits, as MIME wants them and Postgres makes them. */
static void put_base64(struct buffer *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.length; i += 3) {
		size_t left = bytes.length - i;
		uint32_t group = (uint32_t)bytes.at[i] << 16;

		if (left > 1)
			group |= (uint32_t)bytes.at[i + 1] << 8;
		if (left > 2)
			group |= bytes.at[i + 2];
		if (i && i % 57 == 0)
			buffer_put_u8(out, '\n');
		for (size_t digit = 0; digit < 4; digit++)
			buffer_put_u8(out, digit > left ? '=' :
				(uint8_t)base64_digits[group >> (18 - 6 * digit)
						       & 63]);
	}
}

static void put_escaped(struct buffer *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.length; i++) {
		if (bytes.at[i] == '\\')
			buffer_put_text(out, "\\\\");
		else if (bytes.at[i] == 0 || bytes.at[i] >= 0x80)
			buffer_printf(out, "\\%03o", bytes.at[i]);
		else
			buffer_put_u8(out, bytes.at[i]);
	}
}

static bool fail_encoding(struct call *call)
{
	return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
			 "unrecognized encoding: \"%s\"",
			 call_cstring(call, 1));
}

static bool encode(struct call *call)
{
	struct slice bytes = call_text(call, 0);
	const char *encoding = call_cstring(call, 1);
	struct buffer out = { 0 };

	if (!check_length(call, bytes.length, 4))
		return false;
	if (!strcasecmp(encoding, "hex"))
		put_hex(&out, bytes);
	else if (!strcasecmp(encoding, "base64"))
		put_base64(&out, bytes);
	else if (!strcasecmp(encoding, "escape"))
		put_escaped(&out, bytes);
	else
		return fail_encoding(call);
	return give_buffer(call, &out);
}

static int hex_value(uint8_t c)
{
	const char *found = c ? strchr(hex_digits, c | (c >= 'A' ? 0x20 : 0))
			      : NULL;

	return found ? (int)(found - hex_digits) : -1;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* "invalid hexadecimal digit: "g"": with the whole character. */
static bool fail_symbol(struct call *call, const char *format,
			const uint8_t *at, const uint8_t *end)
{
	char symbol[8] = "";

	memcpy(symbol, at, utf8_length(at, end));
	return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
			 strcmp(format, "hex")
			 ? "invalid symbol \"%s\" found while decoding base64 "
			   "sequence"
			 : "invalid hexadecimal digit: \"%s\"", symbol);
}

static bool read_hex(struct call *call, struct slice text, struct buffer *out)
{
	const uint8_t *at = text.at, *end = text.at + text.length;

	while (at < end) {
		if (is_space(*at)) {
			at++;
			continue;
		}
		if (hex_value(at[0]) < 0)
			return fail_symbol(call, "hex", at, end);
		if (at + 1 == end)
			return error_set(call->error,
					 SQLSTATE_INVALID_PARAMETER,
					 "invalid hexadecimal data: odd number "
					 "of digits");
		if (hex_value(at[1]) < 0)
			return fail_symbol(call, "hex", at + 1, end);
		buffer_put_u8(out, (uint8_t)(hex_value(at[0]) << 4 |
					     hex_value(at[1])));
		at += 2;
	}
	return true;
}

static bool fail_base64_end(struct call *call)
{
	error_set(call->error, SQLSTATE_INVALID_PARAMETER,
		  "invalid base64 end sequence");
	error_hint(call->error, "Input data is missing padding, is truncated, "
				"or is otherwise corrupted.");
	return false;
}

static bool read_base64(struct call *call, struct slice text,
			struct buffer *out)
{
	const uint8_t *at = text.at, *end = text.at + text.length;
	uint32_t group = 0;
	int digits = 0, padding = 0;

	for (; at < end; at++) {
		const char *found = *at ? strchr(base64_digits, *at) : NULL;

		if (is_space(*at))
			continue;
		if (*at == '=' ? digits < 2 : padding != 0)
			return error_set(call->error,
					 SQLSTATE_INVALID_PARAMETER,
					 "unexpected \"=\" while decoding "
					 "base64 sequence");
		if (*at != '=' && !found)
			return fail_symbol(call, "base64", at, end);
		padding += *at == '=';
		group = group << 6 |
			(found ? (uint32_t)(found - base64_digits) : 0);
		if (++digits < 4)
			continue;
		for (int i = 0; i < 3 - padding; i++)
			buffer_put_u8(out, (uint8_t)(group >> (16 - 8 * i)));
		group = 0;
		digits = 0;
	}
	return digits == 0 || fail_base64_end(call);
}

static bool read_escaped(struct call *call, struct slice text,
			 struct buffer *out)
{
	for (size_t i = 0; i < text.length; i++) {
		const uint8_t *at = text.at + i;
		size_t left = text.length - i;

		if (*at != '\\') {
			buffer_put_u8(out, *at);
		} else if (left >= 4 && at[1] >= '0' && at[1] <= '3' &&
			   at[2] >= '0' && at[2] <= '7' && at[3] >= '0' &&
			   at[3] <= '7') {
			buffer_put_u8(out, (uint8_t)((at[1] - '0') << 6 |
						     (at[2] - '0') << 3 |
						     (at[3] - '0')));
			i += 3;
		} else if (left >= 2 && at[1] == '\\') {
			buffer_put_u8(out, '\\');
			i++;
		} else {
			return error_set(call->error, SQLSTATE_INVALID_TEXT,
					 "invalid input syntax for type bytea");
		}
	}
	return true;
}

static bool decode(struct call *call)
{
	struct slice text = call_text(call, 0);
	const char *encoding = call_cstring(call, 1);
	struct buffer out = { 0 };
	bool ok;

	if (!strcasecmp(encoding, "hex"))
		ok = read_hex(call, text, &out);
	else if (!strcasecmp(encoding, "base64"))
		ok = read_base64(call, text, &out);
	else if (!strcasecmp(encoding, "escape"))
		ok = read_escaped(call, text, &out);
	else
		ok = fail_encoding(call);
	if (ok)
		give_blob(call, buffer_slice(&out));
	buffer_fini(&out);
	return ok;
}

/* to_hex(value, width of its type): two's complement. */
static bool to_hex(struct call *call)
{
	uint64_t value = (uint64_t)call_integer(call, 0);
	char text[24];

	if (call_integer(call, 1) != 8)
		value = (uint32_t)value;
	snprintf(text, sizeof(text), "%llx", (unsigned long long)value);
	return give_text(call, slice_text(text));
}

/* --- digests ------------------------------------------------------------------------ */

enum digest { DIGEST_MD5, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384,
	      DIGEST_SHA512 };

static bool digest(struct call *call)
{
	static const char *const names[] = { "MD5", "SHA224", "SHA256",
					     "SHA384", "SHA512" };
	struct slice bytes = call_text(call, 0);
	uint8_t sum[EVP_MAX_MD_SIZE];
	size_t length = 0;
	struct buffer out = { 0 };

	if (!EVP_Q_digest(NULL, names[call->variant], NULL, bytes.at,
			  bytes.length, sum, &length))
		return error_set(call->error, SQLSTATE_INTERNAL,
				 "could not compute %s hash",
				 names[call->variant]);
	if (call->variant != DIGEST_MD5)
		return give_blob(call, slice_make(sum, length));
	put_hex(&out, slice_make(sum, length));
	return give_buffer(call, &out);
}

static bool bytea_concat(struct call *call)
{
	struct buffer out = { 0 };

	buffer_put_slice(&out, call_text(call, 0));
	buffer_put_slice(&out, call_text(call, 1));
	give_blob(call, buffer_slice(&out));
	buffer_fini(&out);
	return true;
}

static bool check_index(struct call *call, size_t length)
{
	int64_t index = call_integer(call, 1);

	return (index >= 0 && (size_t)index < length) ||
	       error_set(call->error, "2202E",
			 "index %lld out of valid range, 0..%lld",
			 (long long)index, (long long)length - 1);
}

static bool get_byte(struct call *call)
{
	struct slice bytes = call_text(call, 0);

	return check_index(call, bytes.length) &&
	       give_integer(call, bytes.at[call_integer(call, 1)]);
}

static bool set_byte(struct call *call)
{
	struct slice bytes = call_text(call, 0);
	char *copy = arena_dup(call->scratch, bytes);

	if (!check_index(call, bytes.length))
		return false;
	copy[call_integer(call, 1)] = (char)call_integer(call, 2);
	return give_blob(call, slice_make(copy, bytes.length));
}

static bool check_utf8(struct call *call, struct slice text)
{
	const uint8_t *at = text.at, *end = text.at + text.length;

	while (at < end) {
		size_t length = utf8_length(at, end);

		if (*at == 0 || (length == 1 && *at >= 0x80))
			return error_set(call->error, "22021",
					 "invalid byte sequence for encoding "
					 "\"UTF8\": 0x%02x", *at);
		at += length;
	}
	return true;
}

/* convert_to(), convert_from(): the one encoding there is. */
static bool convert(struct call *call)
{
	const char *encoding = call_cstring(call, 1);

	if (strcasecmp(encoding, "utf8") && strcasecmp(encoding, "utf-8") &&
	    strcasecmp(encoding, "unicode"))
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "encoding \"%s\" is not supported", encoding);
	if (!call->variant)
		return give_blob(call, call_text(call, 0));
	return check_utf8(call, call_text(call, 0)) &&
	       give_text(call, call_text(call, 0));
}

static bool bit_count(struct call *call)
{
	struct slice bytes = call_text(call, 0);
	int64_t count = 0;

	for (size_t i = 0; i < bytes.length; i++)
		count += __builtin_popcount(bytes.at[i]);
	return give_integer(call, count);
}

static const struct function_row rows[] = {
	{ "pg_bit_count", 1, 0, bit_count, 0 },
	{ "pg_encode", 2, 0, encode, 0 },
	{ "pg_decode", 2, 0, decode, 0 },
	{ "pg_to_hex", 2, 0, to_hex, 0 },
	{ "pg_bytea_concat", 2, 0, bytea_concat, 0 },
	{ "pg_get_byte", 2, 0, get_byte, 0 },
	{ "pg_set_byte", 3, 0, set_byte, 0 },
	{ "pg_md5", 1, 0, digest, DIGEST_MD5 },
	{ "pg_sha224", 1, 0, digest, DIGEST_SHA224 },
	{ "pg_sha256", 1, 0, digest, DIGEST_SHA256 },
	{ "pg_sha384", 1, 0, digest, DIGEST_SHA384 },
	{ "pg_sha512", 1, 0, digest, DIGEST_SHA512 },
	{ "pg_convert_to", 2, 0, convert, 0 },
	{ "pg_convert_from", 2, 0, convert, 1 },
	{ 0 },
};

int functions_bytes(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
