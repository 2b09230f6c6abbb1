/*
 * bit and bit varying, stored as texts of 0 and 1; and tid, the place of a
 * row, stored as '(block,number)'.
 *
 * The wire form of bits: int32 how many, then bytes, the first bit highest.
 */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/type_codec.h"

#define BITS_MAX 83886080 /* Postgres's limit of a declared length */

static int hex_value(uint8_t digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool refuse_digit(struct type_read_job *job, size_t at, const char *kind)
{
	struct slice rest =
		slice_make(job->bytes.at + at, job->bytes.length - at);
	struct slice digit = text_head(rest, 1);

	return error_set(job->error, SQLSTATE_INVALID_TEXT,
			 "\"%.*s\" is not a valid %s digit", (int)digit.length,
			 (const char *)digit.at, kind);
}

/* "b101", "x5", "101" */
static bool read_bits(struct type_read_job *job)
{
	struct slice text = job->bytes;
	uint8_t first = text.length ? text.at[0] | 0x20 : 0;
	size_t start = first == 'b' || first == 'x';
	bool hex = first == 'x';
	char *bits = arena_alloc(job->arena, text.length * 4 + 1);
	size_t count = 0;

	for (size_t i = start; i < text.length; i++) {
		int value = hex_value(text.at[i]);

		if (value < 0 || (!hex && value > 1))
			return refuse_digit(job, i,
					    hex ? "hexadecimal" : "binary");
		for (int bit = hex ? 3 : 0; bit >= 0; bit--)
			bits[count++] = (char)('0' + (value >> bit & 1));
	}
	return put_text(job, slice_make(bits, count));
}

static bool read_bits_binary(struct type_read_job *job)
{
	struct reader in = reader_make(job->bytes);
	uint32_t count = read_u32(&in);
	char *bits;

	if (in.failed || count > INT32_MAX ||
	    reader_left(&in) != ((size_t)count + 7) / 8)
		return refuse_binary(job);
	bits = arena_alloc(job->arena, (size_t)count + 1);
	for (uint32_t i = 0; i < count; i++)
		bits[i] = in.at[i / 8] & 0x80 >> i % 8 ? '1' : '0';
	return put_text(job, slice_make(bits, count));
}

static bool stored_bits(struct type_write_job *job, struct slice *ret)
{
	if (!stored_text(job, ret))
		return false;
	for (size_t i = 0; i < ret->length; i++)
		if (ret->at[i] != '0' && ret->at[i] != '1')
			return refuse_stored(job);
	return true;
}

static bool write_bits(struct type_write_job *job)
{
	struct slice bits;

	if (!stored_bits(job, &bits))
		return false;
	buffer_put_slice(job->out, bits);
	return true;
}

static bool write_bits_binary(struct type_write_job *job)
{
	struct slice bits;
	uint8_t byte = 0;

	if (!stored_bits(job, &bits))
		return false;
	buffer_put_u32(job->out, (uint32_t)bits.length);
	for (size_t i = 0; i < bits.length; i++) {
		if (bits.at[i] == '1')
			byte |= (uint8_t)(0x80 >> i % 8);
		if (i % 8 == 7 || i + 1 == bits.length) {
			buffer_put_u8(job->out, byte);
			byte = 0;
		}
	}
	return true;
}

static bool coerce_bit(uint32_t oid, int32_t typmod, bool explicit_cast,
		       struct value *value, struct arena *arena,
		       struct error *error)
{
	size_t wanted = (size_t)typmod, length = value->bytes.length;
	char *bits;

	if (value->kind != VALUE_TEXT || typmod <= 0 || typmod > BITS_MAX ||
	    length == wanted)
		return true;
	if (!explicit_cast)
		return error_set(error, "22026",
				 "bit string length %zu does not match type "
				 "bit(%d)",
				 length, typmod);
	bits = arena_alloc(arena, wanted + 1);
	memset(bits, '0', wanted);
	if (length)
		memcpy(bits, value->bytes.at,
		       length < wanted ? length : wanted);
	value->bytes = slice_make(bits, wanted);
	return true;
}

static bool coerce_varbit(uint32_t oid, int32_t typmod, bool explicit_cast,
			  struct value *value, struct arena *arena,
			  struct error *error)
{
	size_t most = (size_t)typmod;

	if (value->kind != VALUE_TEXT || typmod <= 0 ||
	    value->bytes.length <= most)
		return true;
	if (!explicit_cast)
		return error_set(error, SQLSTATE_STRING_TRUNCATION,
				 "bit string too long for type bit "
				 "varying(%d)",
				 typmod);
	value->bytes.length = most;
	return true;
}

const struct type_codec codec_bit = { read_bits, read_bits_binary, write_bits,
				      write_bits_binary, coerce_bit };
const struct type_codec codec_varbit = { read_bits, read_bits_binary,
					 write_bits, write_bits_binary,
					 coerce_varbit };

/* --- tid ------------------------------------------------------------------------- */

static bool scan_part(struct reader *in, uint32_t most, char end, uint32_t *ret)
{
	uint64_t value = 0;
	const uint8_t *start = in->at;

	while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
		value = value * 10 + (uint64_t)(*in->at++ - '0');
		if (value > most)
			return false;
	}
	*ret = (uint32_t)value;
	return in->at > start && in->at < in->end && *in->at++ == (uint8_t)end;
}

static bool scan_tid(struct slice text, uint32_t *block, uint32_t *number)
{
	struct reader in = reader_make(text);

	return read_u8(&in) == '(' && scan_part(&in, UINT32_MAX, ',', block) &&
	       scan_part(&in, UINT16_MAX, ')', number) && in.at == in.end;
}

static bool put_tid(struct type_read_job *job, uint32_t block, uint32_t number)
{
	return put_text(job, slice_text(arena_printf(job->arena, "(%u,%u)",
						     block, number)));
}

static bool read_tid(struct type_read_job *job)
{
	uint32_t block, number;

	if (!scan_tid(job->bytes, &block, &number))
		return refuse_syntax(job, OID_TID);
	return put_tid(job, block, number);
}

static bool read_tid_binary(struct type_read_job *job)
{
	struct reader in = reader_make(job->bytes);
	uint32_t block = read_u32(&in);
	uint16_t number = read_u16(&in);

	return reader_done(&in) ? put_tid(job, block, number)
				: refuse_binary(job);
}

static bool write_tid(struct type_write_job *job)
{
	struct slice text;

	if (!stored_text(job, &text))
		return false;
	buffer_put_slice(job->out, text);
	return true;
}

static bool write_tid_binary(struct type_write_job *job)
{
	uint32_t block, number;

	if (job->value->kind != VALUE_TEXT ||
	    !scan_tid(job->value->bytes, &block, &number))
		return refuse_stored(job);
	buffer_put_u32(job->out, block);
	buffer_put_u16(job->out, (uint16_t)number);
	return true;
}

const struct type_codec codec_tid = { read_tid, read_tid_binary, write_tid,
				      write_tid_binary, NULL };
