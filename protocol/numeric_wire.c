/*
 * Numeric on the wire, and the order of stored numbers: work on digits as
 * text, where nothing is computed and nothing allocated but results.
 *
 * The wire form (Postgres: src/backend/utils/adt/numeric.c, numeric_send):
 *
 *   int16 groups | int16 weight | uint16 sign | uint16 scale | groups * int16
 *
 * Each group is four decimal digits, 0..9999. The first stands for
 * 10000^weight; groups that are zero at either end are left out.
 */
#include <ctype.h>

#include "protocol/numeric.h"

#define WIRE_POSITIVE 0x0000
#define WIRE_NEGATIVE 0x4000
#define WIRE_NAN 0xC000
#define WIRE_PLUS_INFINITY 0xD000
#define WIRE_MINUS_INFINITY 0xF000
#define SCALE_MAX 0x3FFF
#define WHOLE_DIGITS_MAX 131072

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* A storage form, taken apart. */
struct parts {
	enum numeric_kind kind;
	bool negative;
	struct slice whole; /* without leading zeros: "" for 0.x */
	struct slice fraction;
};

static bool take_apart(struct slice text, struct parts *parts)
{
	size_t i = 0;

	memset(parts, 0, sizeof(*parts));
	if (slice_is(text, "NaN"))
		parts->kind = NUMERIC_NAN;
	else if (slice_is(text, "Infinity"))
		parts->kind = NUMERIC_PLUS_INFINITY;
	else if (slice_is(text, "-Infinity"))
		parts->kind = NUMERIC_MINUS_INFINITY;
	if (parts->kind != NUMERIC_FINITE)
		return true;
	parts->negative = text.length && text.at[0] == '-';
	if (parts->negative)
		i = 1;
	parts->whole.at = text.at + i;
	while (i < text.length && is_digit(text.at[i]))
		i++;
	parts->whole.length = (size_t)(text.at + i - parts->whole.at);
	if (parts->whole.length == 0)
		return false;
	while (parts->whole.length && parts->whole.at[0] == '0') {
		parts->whole.at++;
		parts->whole.length--;
	}
	if (i == text.length)
		return true;
	if (text.at[i++] != '.' || i == text.length)
		return false;
	parts->fraction = slice_make(text.at + i, text.length - i);
	while (i < text.length && is_digit(text.at[i]))
		i++;
	return i == text.length;
}

bool numeric_is_text(struct slice text)
{
	struct parts parts;

	return take_apart(text, &parts) &&
	       parts.whole.length <= WHOLE_DIGITS_MAX &&
	       parts.fraction.length <= SCALE_MAX;
}

/* --- order ----------------------------------------------------------------- */

static int compare_bytes(struct slice a, struct slice b)
{
	size_t common = a.length < b.length ? a.length : b.length;
	int order = common ? memcmp(a.at, b.at, common) : 0;

	if (order == 0)
		return (a.length > b.length) - (a.length < b.length);
	return order < 0 ? -1 : 1;
}

static struct slice without_end_zeros(struct slice digits)
{
	while (digits.length && digits.at[digits.length - 1] == '0')
		digits.length--;
	return digits;
}

static int compare_magnitude(const struct parts *a, const struct parts *b)
{
	int order;

	if (a->whole.length != b->whole.length)
		return a->whole.length < b->whole.length ? -1 : 1;
	order = compare_bytes(a->whole, b->whole);
	if (order)
		return order;
	return compare_bytes(without_end_zeros(a->fraction),
			     without_end_zeros(b->fraction));
}

static bool is_zero(const struct parts *parts)
{
	return parts->whole.length == 0 &&
	       without_end_zeros(parts->fraction).length == 0;
}

/* -infinity, negative, zero, positive, infinity, NaN */
static int rank(const struct parts *parts)
{
	switch (parts->kind) {
	case NUMERIC_MINUS_INFINITY:
		return -2;
	case NUMERIC_PLUS_INFINITY:
		return 2;
	case NUMERIC_NAN:
		return 3;
	case NUMERIC_FINITE:
		break;
	}
	if (is_zero(parts))
		return 0;
	return parts->negative ? -1 : 1;
}

int numeric_text_compare(struct slice a, struct slice b)
{
	struct parts left, right;
	int left_rank, right_rank;

	/* What is no number (a file written by others) still has an order. */
	if (!take_apart(a, &left) || !take_apart(b, &right))
		return compare_bytes(a, b);
	left_rank = rank(&left);
	right_rank = rank(&right);
	if (left_rank != right_rank)
		return left_rank < right_rank ? -1 : 1;
	if (left_rank == 1)
		return compare_magnitude(&left, &right);
	return left_rank == -1 ? compare_magnitude(&right, &left) : 0;
}

/* --- the wire ---------------------------------------------------------------- */

static bool refuse(struct error *error, const char *what)
{
	return error_set(error, SQLSTATE_INVALID_BINARY, "%s", what);
}

static bool special_from_wire(uint16_t sign, struct slice *ret_text)
{
	if (sign == WIRE_NAN)
		*ret_text = slice_text("NaN");
	else if (sign == WIRE_PLUS_INFINITY)
		*ret_text = slice_text("Infinity");
	else
		*ret_text = slice_text("-Infinity");
	return true;
}

/* The group for 10000^weight, of groups beginning at 10000^first. */
static unsigned group_at(const uint16_t *groups, int count, int first,
			 int weight)
{
	int index = first - weight;

	return index >= 0 && index < count ? groups[index] : 0;
}

static struct slice print_groups(const uint16_t *groups, int count, int weight,
				 bool negative, int scale, struct arena *arena)
{
	int whole = weight < 0 ? 0 : weight;
	char *text = arena_alloc(arena, (size_t)whole * 4 + (size_t)scale + 16);
	char *at = text;
	char *start, *point;
	bool zero = true;

	if (negative)
		*at++ = '-';
	start = at;
	for (int w = whole; w >= 0; w--) {
		unsigned group = group_at(groups, count, weight, w);

		for (unsigned unit = 1000; unit; unit /= 10) {
			char digit = (char)('0' + group / unit % 10);

			if (at > start || digit != '0' || (w == 0 && unit == 1))
				*at++ = digit;
		}
	}
	point = at;
	if (scale)
		*at++ = '.';
	for (int i = 0; i < scale; i++) {
		static const unsigned units[] = { 1000, 100, 10, 1 };
		unsigned group = group_at(groups, count, weight, -1 - i / 4);

		*at++ = (char)('0' + group / units[i % 4] % 10);
	}
	/* There is no negative zero. */
	for (const char *digit = start; digit < at; digit++)
		zero = zero && (*digit == '0' || digit == point);
	if (zero && negative)
		text++;
	return slice_make(text, (size_t)(at - text));
}

bool numeric_from_wire(struct slice bytes, struct arena *arena,
		       struct slice *ret_text, struct error *error)
{
	struct reader reader = reader_make(bytes);
	int count = read_u16(&reader);
	int weight = (int16_t)read_u16(&reader);
	uint16_t sign = read_u16(&reader);
	int scale = read_u16(&reader);
	uint16_t *groups;

	if (reader.failed || reader_left(&reader) != (size_t)count * 2)
		return refuse(error, "incorrect binary data format for type "
				     "numeric");
	if (sign != WIRE_POSITIVE && sign != WIRE_NEGATIVE &&
	    sign != WIRE_NAN && sign != WIRE_PLUS_INFINITY &&
	    sign != WIRE_MINUS_INFINITY)
		return refuse(error,
			      "invalid sign in external \"numeric\" value");
	if (scale > SCALE_MAX)
		return refuse(error,
			      "invalid scale in external \"numeric\" value");
	groups = arena_alloc(arena, (size_t)count * sizeof(*groups));
	for (int i = 0; i < count; i++) {
		groups[i] = read_u16(&reader);
		if (groups[i] > 9999)
			return refuse(error, "invalid digit in external "
					     "\"numeric\" value");
	}
	if (sign != WIRE_POSITIVE && sign != WIRE_NEGATIVE)
		return special_from_wire(sign, ret_text);
	*ret_text = print_groups(groups, count, weight, sign != WIRE_POSITIVE,
				 scale, arena);
	return true;
}

/* The decimal digit for 10^place, '0' outside of what is written. */
static unsigned digit_at(const struct parts *parts, long place)
{
	long index;

	if (place >= 0) {
		index = (long)parts->whole.length - 1 - place;
		return index < 0 ? 0 : parts->whole.at[index] - '0';
	}
	index = -1 - place;
	return index >= (long)parts->fraction.length
		       ? 0
		       : parts->fraction.at[index] - '0';
}

static unsigned group_of(const struct parts *parts, long weight)
{
	unsigned group = 0;

	for (long place = weight * 4 + 3; place >= weight * 4; place--)
		group = group * 10 + digit_at(parts, place);
	return group;
}

static void put_header(struct buffer *out, uint16_t count, int16_t weight,
		       uint16_t sign, uint16_t scale)
{
	buffer_put_u16(out, count);
	buffer_put_u16(out, (uint16_t)weight);
	buffer_put_u16(out, sign);
	buffer_put_u16(out, scale);
}

bool numeric_to_wire(struct slice text, struct buffer *out)
{
	struct parts parts;
	long first, last;

	if (!numeric_is_text(text) || !take_apart(text, &parts))
		return false;
	if (parts.kind == NUMERIC_NAN) {
		put_header(out, 0, 0, WIRE_NAN, 0);
		return true;
	}
	if (parts.kind != NUMERIC_FINITE) {
		put_header(out, 0, 0,
			   parts.kind == NUMERIC_PLUS_INFINITY
				   ? WIRE_PLUS_INFINITY
				   : WIRE_MINUS_INFINITY,
			   32);
		return true;
	}
	if (is_zero(&parts)) {
		put_header(out, 0, 0, WIRE_POSITIVE,
			   (uint16_t)parts.fraction.length);
		return true;
	}
	first = ((long)parts.whole.length + 3) / 4 - 1;
	last = -(((long)parts.fraction.length + 3) / 4);
	while (group_of(&parts, first) == 0)
		first--;
	while (group_of(&parts, last) == 0)
		last++;
	put_header(out, (uint16_t)(first - last + 1), (int16_t)first,
		   parts.negative ? WIRE_NEGATIVE : WIRE_POSITIVE,
		   (uint16_t)parts.fraction.length);
	for (long weight = first; weight >= last; weight--)
		buffer_put_u16(out, (uint16_t)group_of(&parts, weight));
	return true;
}
