/*
 * Types that are numbers of a fixed size, and bool. Floats print as the
 * shortest decimal that reads back as the same value (extra_float_digits=1).
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/type_codec.h"

void put_decimal(struct buffer *out, int64_t value)
{
	uint8_t digits[20];
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t at = sizeof(digits);

	do {
		digits[--at] = (uint8_t)('0' + left % 10);
		left /= 10;
	} while (left);
	if (value < 0)
		buffer_put_u8(out, '-');
	buffer_put(out, digits + at, sizeof(digits) - at);
}

/* --- bool --------------------------------------------------------------------- */

/* An unambiguous beginning of a word, in any case. */
static bool begins(struct slice text, const char *word, size_t at_least)
{
	if (text.length < at_least || text.length > strlen(word))
		return false;
	for (size_t i = 0; i < text.length; i++) {
		uint8_t byte = text.at[i];

		if (byte >= 'A' && byte <= 'Z')
			byte |= 0x20;
		if (byte != (uint8_t)word[i])
			return false;
	}
	return true;
}

static bool read_bool(struct type_read_job *job)
{
	struct slice text = text_trim(job->bytes);

	if (begins(text, "true", 1) || begins(text, "yes", 1) ||
	    begins(text, "on", 2) || slice_is(text, "1"))
		return put_integer(job, 1);
	if (begins(text, "false", 1) || begins(text, "no", 1) ||
	    begins(text, "off", 2) || slice_is(text, "0"))
		return put_integer(job, 0);
	return refuse_syntax(job, OID_BOOL);
}

static bool read_bool_binary(struct type_read_job *job)
{
	if (job->bytes.length != 1)
		return refuse_binary(job);
	return put_integer(job, job->bytes.at[0] != 0);
}

static bool stored_bool(struct type_write_job *job)
{
	if (job->value->kind != VALUE_INTEGER ||
	    (job->value->integer != 0 && job->value->integer != 1))
		return refuse_stored(job);
	return true;
}

static bool write_bool(struct type_write_job *job)
{
	if (!stored_bool(job))
		return false;
	buffer_put_u8(job->out, job->value->integer ? 't' : 'f');
	return true;
}

static bool write_bool_binary(struct type_write_job *job)
{
	if (!stored_bool(job))
		return false;
	buffer_put_u8(job->out, (uint8_t)job->value->integer);
	return true;
}

const struct type_codec codec_bool = { read_bool, read_bool_binary, write_bool,
				       write_bool_binary, NULL };

/* --- int2, int4, int8 --------------------------------------------------------- */

enum scan { SCAN_OK, SCAN_BROKEN, SCAN_TOO_BIG };

/* Decimal digits with a sign, white space on both sides. The value is
 * gathered below zero, where there is one more number. */
static enum scan scan_integer(struct slice text, int64_t *ret_value)
{
	bool negative, big = false;
	int64_t value = 0;
	size_t i = 0;

	text = text_trim(text);
	negative = text.length && text.at[0] == '-';
	if (text.length && (text.at[0] == '-' || text.at[0] == '+'))
		i = 1;
	if (i == text.length)
		return SCAN_BROKEN;
	for (; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return SCAN_BROKEN;
		big = big || __builtin_mul_overflow(value, 10, &value) ||
		      __builtin_sub_overflow(value, text.at[i] - '0', &value);
	}
	if (big || (!negative && value == INT64_MIN))
		return SCAN_TOO_BIG;
	*ret_value = negative ? value : -value;
	return SCAN_OK;
}

static bool refuse_range(struct type_read_job *job, uint32_t oid)
{
	int shown = job->bytes.length > 400 ? 400 : (int)job->bytes.length;

	return error_set(job->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "value \"%.*s\" is out of range for type %s", shown,
			 (const char *)job->bytes.at, type_words(oid));
}

static bool read_integer(struct type_read_job *job, uint32_t oid, int64_t least,
			 int64_t most)
{
	int64_t value = 0;

	switch (scan_integer(job->bytes, &value)) {
	case SCAN_BROKEN:
		return refuse_syntax(job, oid);
	case SCAN_TOO_BIG:
		return refuse_range(job, oid);
	case SCAN_OK:
		break;
	}
	if (value < least || value > most)
		return refuse_range(job, oid);
	return put_integer(job, value);
}

static bool read_int2(struct type_read_job *job)
{
	return read_integer(job, OID_INT2, INT16_MIN, INT16_MAX);
}

static bool read_int4(struct type_read_job *job)
{
	return read_integer(job, OID_INT4, INT32_MIN, INT32_MAX);
}

static bool read_int8(struct type_read_job *job)
{
	return read_integer(job, OID_INT8, INT64_MIN, INT64_MAX);
}

static bool read_int2_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	int16_t value = (int16_t)read_u16(&reader);

	return reader_done(&reader) ? put_integer(job, value)
				    : refuse_binary(job);
}

static bool read_int4_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	int32_t value = (int32_t)read_u32(&reader);

	return reader_done(&reader) ? put_integer(job, value)
				    : refuse_binary(job);
}

static bool read_int8_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	int64_t value = (int64_t)read_u64(&reader);

	return reader_done(&reader) ? put_integer(job, value)
				    : refuse_binary(job);
}

static bool stored_integer(struct type_write_job *job, int64_t least,
			   int64_t most)
{
	if (job->value->kind != VALUE_INTEGER || job->value->integer < least ||
	    job->value->integer > most)
		return refuse_stored(job);
	return true;
}

static bool write_int2(struct type_write_job *job)
{
	if (!stored_integer(job, INT16_MIN, INT16_MAX))
		return false;
	put_decimal(job->out, job->value->integer);
	return true;
}

static bool write_int4(struct type_write_job *job)
{
	if (!stored_integer(job, INT32_MIN, INT32_MAX))
		return false;
	put_decimal(job->out, job->value->integer);
	return true;
}

static bool write_int8(struct type_write_job *job)
{
	if (!stored_integer(job, INT64_MIN, INT64_MAX))
		return false;
	put_decimal(job->out, job->value->integer);
	return true;
}

static bool write_int2_binary(struct type_write_job *job)
{
	if (!stored_integer(job, INT16_MIN, INT16_MAX))
		return false;
	buffer_put_u16(job->out, (uint16_t)job->value->integer);
	return true;
}

static bool write_int4_binary(struct type_write_job *job)
{
	if (!stored_integer(job, INT32_MIN, INT32_MAX))
		return false;
	buffer_put_u32(job->out, (uint32_t)job->value->integer);
	return true;
}

static bool write_int8_binary(struct type_write_job *job)
{
	if (!stored_integer(job, INT64_MIN, INT64_MAX))
		return false;
	buffer_put_u64(job->out, (uint64_t)job->value->integer);
	return true;
}

const struct type_codec codec_int2 = { read_int2, read_int2_binary, write_int2,
				       write_int2_binary, NULL };
const struct type_codec codec_int4 = { read_int4, read_int4_binary, write_int4,
				       write_int4_binary, NULL };
const struct type_codec codec_int8 = { read_int8, read_int8_binary, write_int8,
				       write_int8_binary, NULL };

/* --- oid, xid, cid --------------------------------------------------------------- */

/* An unsigned number; as in Postgres, -1 is taken for 4294967295. */
static bool read_oid(struct type_read_job *job)
{
	int64_t value = 0;

	switch (scan_integer(job->bytes, &value)) {
	case SCAN_BROKEN:
		return refuse_syntax(job, job->oid);
	case SCAN_TOO_BIG:
		return refuse_range(job, job->oid);
	case SCAN_OK:
		break;
	}
	if (value < INT32_MIN || value > (int64_t)UINT32_MAX)
		return refuse_range(job, job->oid);
	return put_integer(job, (uint32_t)value);
}

static bool read_oid_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	uint32_t value = read_u32(&reader);

	return reader_done(&reader) ? put_integer(job, value)
				    : refuse_binary(job);
}

static bool write_oid(struct type_write_job *job)
{
	if (!stored_integer(job, 0, UINT32_MAX))
		return false;
	put_decimal(job->out, job->value->integer);
	return true;
}

static bool write_oid_binary(struct type_write_job *job)
{
	if (!stored_integer(job, 0, UINT32_MAX))
		return false;
	buffer_put_u32(job->out, (uint32_t)job->value->integer);
	return true;
}

const struct type_codec codec_oid = { read_oid, read_oid_binary, write_oid,
				      write_oid_binary, NULL };

/* --- float4, float8 --------------------------------------------------------------- */

static bool put_float(struct type_read_job *job, double value)
{
	/* SQLite turns NaN into NULL. */
	if (isnan(value))
		return put_text(job, slice_text("NaN"));
	return put_real(job, value);
}

static bool refuse_float_range(struct type_read_job *job, const char *start,
			       const char *end, uint32_t oid)
{
	int shown = end - start > 400 ? 400 : (int)(end - start);

	return error_set(job->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "\"%.*s\" is out of range for type %s", shown, start,
			 type_words(oid));
}

static bool read_float(struct type_read_job *job, uint32_t oid)
{
	struct slice text = text_trim(job->bytes);
	char *start = arena_dup(job->arena, text);
	char *end = start;
	double value;

	errno = 0;
	value = oid == OID_FLOAT4 ? (double)strtof(start, &end)
				  : strtod(start, &end);
	if (end == start)
		return refuse_syntax(job, oid);
	/* Results that are merely denormal are fine. */
	if (errno == ERANGE && (value == 0 || isinf(value)))
		return refuse_float_range(job, start, end, oid);
	if (*end)
		return refuse_syntax(job, oid);
	return put_float(job, value);
}

static bool read_float4(struct type_read_job *job)
{
	return read_float(job, OID_FLOAT4);
}

static bool read_float8(struct type_read_job *job)
{
	return read_float(job, OID_FLOAT8);
}

static bool read_float4_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	uint32_t bits = read_u32(&reader);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return reader_done(&reader) ? put_float(job, (double)value)
				    : refuse_binary(job);
}

static bool read_float8_binary(struct type_read_job *job)
{
	struct reader reader = reader_make(job->bytes);
	uint64_t bits = read_u64(&reader);
	double value;

	memcpy(&value, &bits, sizeof(value));
	return reader_done(&reader) ? put_float(job, value)
				    : refuse_binary(job);
}

static bool stored_float(struct type_write_job *job, double *ret_value)
{
	const struct value *value = job->value;

	if (value->kind == VALUE_REAL)
		*ret_value = value->real;
	else if (value->kind == VALUE_INTEGER) /* SQLite keeps 1.0 as 1 */
		*ret_value = (double)value->integer;
	else if (value->kind == VALUE_TEXT && slice_is(value->bytes, "NaN"))
		*ret_value = (double)NAN;
	else
		return refuse_stored(job);
	return true;
}

/* The text is exactly halfway between the value and its neighbour. */
static bool is_halfway(const char *text, double value, bool single)
{
	long double read = strtold(text, NULL);
	double towards = read > value ? (double)INFINITY : 0;
	long double neighbour =
		single ? (long double)nextafterf((float)value, (float)towards)
		       : (long double)nextafter(value, towards);
	long double middle = value + (neighbour - value) / 2;
	size_t length = strcspn(text, "e");
	char exact[64];

	/* The middle has one bit more than the value: a long double holds
	 * it, but `text` may have been rounded to it. */
	if (read != middle)
		return false;
	snprintf(exact, sizeof(exact), "%.40Le", middle);
	return strncmp(exact, text, length) == 0 &&
	       strspn(exact + length, ".0") == strcspn(exact + length, "e");
}

/* Half of the readers round a tie down, half up: Postgres prints none. */
static bool reads_back(const char *text, double value, bool single)
{
	if (single ? strtof(text, NULL) != (float)value
		   : strtod(text, NULL) != value)
		return false;
	return !is_halfway(text, value, single);
}

/*
 * The fewest digits that read back. Where the gap below a value is half the
 * gap above (powers of two), the nearest decimal of some length may lie just
 * outside while its upper neighbour lies inside, so that one is tried too.
 */
static bool try_digits(double value, bool single, int digits, char *text)
{
	char *last;

	snprintf(text, 32, "%.*e", digits - 1, value);
	if (reads_back(text, value, single))
		return true;
	last = strchr(text, 'e') - 1;
	if (*last < '0' || *last >= '9')
		return false;
	++*last;
	return reads_back(text, value, single);
}

/* d.ddde[+-]xx, the shortest. `value` is finite and positive. */
static void shortest(double value, bool single, char text[32])
{
	int sure = single ? 6 : 15; /* every decimal this long is kept */
	int most = single ? 9 : 17;
	int digits = 1;

	/* Normal numbers whose shortest form is no longer than that show it
	 * at that length, with zeros at the end. */
	if (value >= (single ? 1.17549435e-38 : 2.2250738585072014e-308))
		digits = sure;
	while (digits < most && !try_digits(value, single, digits, text))
		digits++;
	if (digits == most)
		snprintf(text, 32, "%.*e", most - 1, value);
}

/* Lays digits out as Postgres does: plain from 1e-4 up to the number of
 * digits that are surely exact, else with an exponent. */
static void lay_out(struct buffer *out, const char *text, bool single)
{
	char digits[20];
	int count = 0;
	int exponent;

	for (; *text != 'e'; text++)
		if (*text != '.')
			digits[count++] = *text;
	exponent = atoi(text + 1);
	while (count > 1 && digits[count - 1] == '0')
		count--;
	if (exponent < -4 || exponent >= (single ? 6 : 15)) {
		buffer_put(out, digits, 1);
		if (count > 1) {
			buffer_put_u8(out, '.');
			buffer_put(out, digits + 1, (size_t)count - 1);
		}
		buffer_printf(out, "e%c%02d", exponent < 0 ? '-' : '+',
			      abs(exponent));
		return;
	}
	if (exponent < 0)
		buffer_put(out, "0.0000", (size_t)(1 - exponent));
	for (int i = 0; i < count || i <= exponent; i++) {
		if (i == exponent + 1 && exponent >= 0)
			buffer_put_u8(out, '.');
		buffer_put_u8(out, (uint8_t)(i < count ? digits[i] : '0'));
	}
}

void type_put_float(struct buffer *out, double value, bool single)
{
	char text[32];

	if (single)
		value = (double)(float)value;
	if (isnan(value)) {
		buffer_put_text(out, "NaN");
		return;
	}
	if (signbit(value))
		buffer_put_u8(out, '-');
	value = fabs(value);
	if (isinf(value)) {
		buffer_put_text(out, "Infinity");
	} else if (value == 0) {
		buffer_put_u8(out, '0');
	} else {
		shortest(value, single, text);
		lay_out(out, text, single);
	}
}

static bool write_float(struct type_write_job *job, bool single)
{
	double value = 0;

	if (!stored_float(job, &value))
		return false;
	type_put_float(job->out, value, single);
	return true;
}

static bool write_float4(struct type_write_job *job)
{
	return write_float(job, true);
}

static bool write_float8(struct type_write_job *job)
{
	return write_float(job, false);
}

static bool write_float4_binary(struct type_write_job *job)
{
	double stored = 0;
	float value;
	uint32_t bits;

	if (!stored_float(job, &stored))
		return false;
	value = (float)stored;
	memcpy(&bits, &value, sizeof(bits));
	buffer_put_u32(job->out, bits);
	return true;
}

static bool write_float8_binary(struct type_write_job *job)
{
	double value = 0;
	uint64_t bits;

	if (!stored_float(job, &value))
		return false;
	memcpy(&bits, &value, sizeof(bits));
	buffer_put_u64(job->out, bits);
	return true;
}

const struct type_codec codec_float4 = { read_float4, read_float4_binary,
					 write_float4, write_float4_binary,
					 NULL };
const struct type_codec codec_float8 = { read_float8, read_float8_binary,
					 write_float8, write_float8_binary,
					 NULL };
