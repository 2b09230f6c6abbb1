/*
 * Numeric from and to text, integers and floats.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/numeric.h"

#define SCALE_MAX 16383
#define WHOLE_DIGITS_MAX 131072

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static struct slice trim(struct slice text)
{
	while (text.length && is_space(text.at[0])) {
		text.at++;
		text.length--;
	}
	while (text.length && is_space(text.at[text.length - 1]))
		text.length--;
	return text;
}

static bool is_word(struct slice text, const char *word)
{
	if (text.length != strlen(word))
		return false;
	for (size_t i = 0; i < text.length; i++)
		if ((text.at[i] | 0x20) != word[i])
			return false;
	return true;
}

static bool parse_special(struct slice text, struct numeric *ret)
{
	bool sign = text.length && (text.at[0] == '+' || text.at[0] == '-');
	struct slice word =
		sign ? slice_make(text.at + 1, text.length - 1) : text;

	if (is_word(text, "nan")) {
		numeric_set_special(ret, NUMERIC_NAN);
		return true;
	}
	if (!is_word(word, "inf") && !is_word(word, "infinity"))
		return false;
	numeric_set_special(ret, sign && text.at[0] == '-'
					 ? NUMERIC_MINUS_INFINITY
					 : NUMERIC_PLUS_INFINITY);
	return true;
}

enum scan { SCAN_OK, SCAN_BROKEN, SCAN_TOO_BIG };

/* The part after the e. */
static enum scan scan_exponent(struct slice text, long *ret_exponent)
{
	bool negative = text.length && text.at[0] == '-';
	size_t i = text.length && (negative || text.at[0] == '+') ? 1 : 0;
	long exponent = 0;

	if (i == text.length)
		return SCAN_BROKEN;
	for (; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return SCAN_BROKEN;
		if (exponent < INT32_MAX)
			exponent = exponent * 10 + (text.at[i] - '0');
	}
	if (exponent >= INT32_MAX / 2)
		return SCAN_TOO_BIG;
	*ret_exponent = negative ? -exponent : exponent;
	return SCAN_OK;
}

/* Copies the digits without the point; at least one must be there. */
static enum scan scan_digits(struct slice text, char *digits, size_t *ret_count,
			     long *ret_scale, long *ret_exponent)
{
	size_t count = 0, i;
	bool point = false;

	*ret_scale = *ret_exponent = 0;
	for (i = 0; i < text.length; i++) {
		if (text.at[i] >= '0' && text.at[i] <= '9') {
			digits[count++] = (char)text.at[i];
			*ret_scale += point;
		} else if (text.at[i] == '.' && !point) {
			point = true;
		} else {
			break;
		}
	}
	digits[count] = 0;
	*ret_count = count;
	if (count == 0)
		return SCAN_BROKEN;
	if (i == text.length)
		return SCAN_OK;
	if (text.at[i] != 'e' && text.at[i] != 'E')
		return SCAN_BROKEN;
	return scan_exponent(slice_make(text.at + i + 1, text.length - i - 1),
			     ret_exponent);
}

/* `scale` counts the digits after the point before the exponent moves it. */
static bool set_digits(struct numeric *ret, const char *digits, size_t count,
		       long scale, long exponent, bool negative)
{
	size_t zeros = strspn(digits, "0");
	bool zero = zeros == count;

	/* The work must stay in proportion to what was sent. */
	if (!zero &&
	    (long)(count - zeros) - scale + exponent > WHOLE_DIGITS_MAX)
		return false;
	scale -= exponent;
	if (scale > SCALE_MAX)
		return false;
	ret->kind = NUMERIC_FINITE;
	mpz_set_str(ret->units, digits + (zero ? count - 1 : zeros), 10);
	if (negative)
		mpz_neg(ret->units, ret->units);
	if (scale < 0 && !zero)
		numeric_add_places(ret->units, (unsigned long)-scale);
	ret->scale = scale < 0 ? 0 : (int)scale;
	return true;
}

static bool refuse_syntax(struct slice text, struct error *error)
{
	return error_set(error, SQLSTATE_INVALID_TEXT,
			 "invalid input syntax for type numeric: \"%.*s\"",
			 text.length > 400 ? 400 : (int)text.length,
			 (const char *)text.at);
}

bool numeric_parse(struct slice text, struct numeric *ret, struct error *error)
{
	struct slice rest = trim(text);
	bool negative = rest.length && rest.at[0] == '-';
	char small[256];
	char *digits = small;
	size_t count;
	long scale, exponent;
	enum scan scan;
	bool fits = false;

	if (parse_special(rest, ret))
		return true;
	if (rest.length && (negative || rest.at[0] == '+'))
		rest = slice_make(rest.at + 1, rest.length - 1);
	if (rest.length >= sizeof(small))
		digits = must_alloc(rest.length + 1);
	scan = scan_digits(rest, digits, &count, &scale, &exponent);
	if (scan == SCAN_OK)
		fits = set_digits(ret, digits, count, scale, exponent,
				  negative);
	if (digits != small)
		free(digits);
	if (scan == SCAN_BROKEN)
		return refuse_syntax(text, error);
	return fits ? true : numeric_overflow(error);
}

static const char *special_name(enum numeric_kind kind)
{
	if (kind == NUMERIC_NAN)
		return "NaN";
	return kind == NUMERIC_PLUS_INFINITY ? "Infinity" : "-Infinity";
}

/* Writes the text into `text` of numeric_room() bytes; its length. */
static size_t print_digits(const struct numeric *number, char *text)
{
	size_t scale = (size_t)number->scale;
	size_t length, whole;
	char *digits;

	mpz_get_str(text, 10, number->units);
	digits = text + (text[0] == '-');
	length = strlen(digits);
	if (length <= scale) {
		size_t zeros = scale + 1 - length;

		memmove(digits + zeros, digits, length + 1);
		memset(digits, '0', zeros);
		length += zeros;
	}
	whole = length - scale;
	if (scale) {
		memmove(digits + whole + 1, digits + whole, scale + 1);
		digits[whole] = '.';
		length++;
	}
	return (size_t)(digits - text) + length;
}

static size_t numeric_room(const struct numeric *number)
{
	return mpz_sizeinbase(number->units, 10) + (size_t)number->scale + 8;
}

void numeric_print(const struct numeric *number, struct buffer *out)
{
	if (number->kind != NUMERIC_FINITE) {
		buffer_put_text(out, special_name(number->kind));
		return;
	}
	buffer_reserve(out, numeric_room(number));
	out->length += print_digits(number, (char *)out->bytes + out->length);
}

struct slice numeric_text(const struct numeric *number, struct arena *arena)
{
	char *text;

	if (number->kind != NUMERIC_FINITE)
		return slice_text(special_name(number->kind));
	text = arena_alloc(arena, numeric_room(number));
	return slice_make(text, print_digits(number, text));
}

/* --- other numbers --------------------------------------------------------------- */

void numeric_from_int64(int64_t value, struct numeric *ret)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	ret->kind = NUMERIC_FINITE;
	ret->scale = 0;
	mpz_import(ret->units, 1, 1, sizeof(magnitude), 0, 0, &magnitude);
	if (value < 0)
		mpz_neg(ret->units, ret->units);
}

static void from_binary(double value, int digits, struct numeric *ret)
{
	char text[64];
	struct error error;

	if (isnan(value)) {
		numeric_set_special(ret, NUMERIC_NAN);
	} else if (isinf(value)) {
		numeric_set_special(ret, value > 0 ? NUMERIC_PLUS_INFINITY
						   : NUMERIC_MINUS_INFINITY);
	} else {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		numeric_parse(slice_text(text), ret, &error);
	}
}

void numeric_from_double(double value, struct numeric *ret)
{
	from_binary(value, 15, ret);
}

void numeric_from_float4(double value, struct numeric *ret)
{
	from_binary(value, 6, ret);
}

bool numeric_to_int64(const struct numeric *number, int64_t least, int64_t most,
		      const char *type, int64_t *ret, struct error *error)
{
	struct numeric whole, low, high;
	bool fits;

	if (number->kind != NUMERIC_FINITE)
		return error_set(
			error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			"cannot convert %s to %s",
			number->kind == NUMERIC_NAN ? "NaN" : "infinity", type);
	numeric_init(&whole);
	numeric_init(&low);
	numeric_init(&high);
	numeric_set(&whole, number);
	numeric_rescale(&whole, 0);
	numeric_from_int64(least, &low);
	numeric_from_int64(most, &high);
	fits = mpz_cmp(whole.units, low.units) >= 0 &&
	       mpz_cmp(whole.units, high.units) <= 0;
	if (fits) {
		uint64_t magnitude =
			mpz_sgn(whole.units) ? mpz_get_ui(whole.units) : 0;

		*ret = (int64_t)(mpz_sgn(whole.units) < 0 ? 0 - magnitude
							  : magnitude);
	}
	numeric_fini(&whole);
	numeric_fini(&low);
	numeric_fini(&high);
	return fits ? true
		    : error_set(error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				"%s out of range", type);
}

bool numeric_to_double(const struct numeric *number, double *ret,
		       struct error *error)
{
	struct buffer text = { 0 };
	double value;

	numeric_print(number, &text);
	errno = 0;
	value = strtod(buffer_cstring(&text), NULL);
	if (errno == ERANGE && (value == 0 || isinf(value))) {
		error_set(error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			  "\"%.400s\" is out of range for type double "
			  "precision",
			  buffer_cstring(&text));
		buffer_fini(&text);
		return false;
	}
	buffer_fini(&text);
	*ret = value;
	return true;
}
