#include "protocol/numeric.h"

#include <stdlib.h>

/* Limits of Postgres's numeric (utils/numeric.h). */
#define SCALE_MAX 16383
#define WHOLE_DIGITS_MAX 131072
#define SIGNIFICANT_DIGITS 16 /* of a quotient, at least */
#define DISPLAY_SCALE_MAX 1000

void numeric_init(struct numeric *number)
{
	mpz_init(number->units);
	number->kind = NUMERIC_FINITE;
	number->scale = 0;
}

void numeric_fini(struct numeric *number)
{
	mpz_clear(number->units);
}

void numeric_set(struct numeric *number, const struct numeric *from)
{
	if (number == from)
		return;
	number->kind = from->kind;
	number->scale = from->scale;
	mpz_set(number->units, from->units);
}

void numeric_set_special(struct numeric *number, enum numeric_kind kind)
{
	number->kind = kind;
	number->scale = 0;
	mpz_set_ui(number->units, 0);
}

static void set_small(struct numeric *number, long value)
{
	number->kind = NUMERIC_FINITE;
	number->scale = 0;
	mpz_set_si(number->units, value);
}

static bool is_infinite(const struct numeric *number)
{
	return number->kind == NUMERIC_PLUS_INFINITY ||
	       number->kind == NUMERIC_MINUS_INFINITY;
}

/* -1, 0 or 1; of NaN it is nothing. */
int numeric_sign(const struct numeric *number)
{
	if (number->kind == NUMERIC_PLUS_INFINITY)
		return 1;
	if (number->kind == NUMERIC_MINUS_INFINITY)
		return -1;
	return mpz_sgn(number->units);
}

static void set_infinity(struct numeric *number, int sign)
{
	numeric_set_special(number, sign > 0 ? NUMERIC_PLUS_INFINITY
					     : NUMERIC_MINUS_INFINITY);
}

bool numeric_overflow(struct error *error)
{
	return error_set(error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "value overflows numeric format");
}

/* --- digits ------------------------------------------------------------------ */

void numeric_power_of_ten(mpz_t power, unsigned long exponent)
{
	mpz_ui_pow_ui(power, 10, exponent);
}

/* Decimal digits of |units|; 0 has none. */
size_t numeric_digits(const mpz_t units)
{
	size_t digits = mpz_sizeinbase(units, 10);
	mpz_t power;

	if (mpz_sgn(units) == 0)
		return 0;
	/* GMP's answer may be one too many. */
	mpz_init(power);
	numeric_power_of_ten(power, digits - 1);
	if (mpz_cmpabs(units, power) < 0)
		digits--;
	mpz_clear(power);
	return digits;
}

/* The place of the first digit: 0 for 5, 2 for 500, -3 for 0.005. */
int numeric_exponent(const struct numeric *number)
{
	if (mpz_sgn(number->units) == 0)
		return 0;
	return (int)numeric_digits(number->units) - 1 - number->scale;
}

/* Postgres counts in groups of four digits: the place of the first group,
 * and that group. */
int numeric_weight(const struct numeric *number, int *ret_first_digit)
{
	int exponent = numeric_exponent(number);
	int weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
	int wanted = exponent - weight * 4 + 1;
	int present = (int)numeric_digits(number->units);
	mpz_t group, power;

	mpz_inits(group, power, NULL);
	mpz_abs(group, number->units);
	numeric_power_of_ten(power, (unsigned long)abs(present - wanted));
	if (present > wanted)
		mpz_tdiv_q(group, group, power);
	else
		mpz_mul(group, group, power);
	*ret_first_digit = (int)mpz_get_si(group);
	mpz_clears(group, power, NULL);
	return mpz_sgn(number->units) ? weight : 0;
}

bool numeric_check_size(const struct numeric *number, struct error *error)
{
	long digits;

	if (number->kind != NUMERIC_FINITE)
		return true;
	digits = (long)mpz_sizeinbase(number->units, 10) - number->scale;
	if (digits > WHOLE_DIGITS_MAX &&
	    numeric_exponent(number) >= WHOLE_DIGITS_MAX)
		return numeric_overflow(error);
	return number->scale <= SCALE_MAX ? true : numeric_overflow(error);
}

/* Divides by 10^places, halves away from zero. */
static void drop_places(mpz_t units, unsigned long places, bool rounding)
{
	mpz_t power, rest;

	mpz_inits(power, rest, NULL);
	numeric_power_of_ten(power, places);
	mpz_tdiv_qr(units, rest, units, power);
	if (rounding) {
		int sign = mpz_sgn(rest);

		mpz_mul_2exp(rest, rest, 1);
		if (mpz_cmpabs(rest, power) >= 0) {
			if (sign < 0)
				mpz_sub_ui(units, units, 1);
			else
				mpz_add_ui(units, units, 1);
		}
	}
	mpz_clears(power, rest, NULL);
}

void numeric_add_places(mpz_t units, unsigned long places)
{
	mpz_t power;

	if (places == 0)
		return;
	mpz_init(power);
	numeric_power_of_ten(power, places);
	mpz_mul(units, units, power);
	mpz_clear(power);
}

static void set_scale(struct numeric *number, int scale, bool rounding)
{
	if (number->kind != NUMERIC_FINITE)
		return;
	if (scale > number->scale)
		numeric_add_places(number->units,
				   (unsigned long)(scale - number->scale));
	else if (scale < number->scale)
		drop_places(number->units,
			    (unsigned long)(number->scale - scale), rounding);
	number->scale = scale;
}

/* The same value with `scale` digits after the point, rounded. */
void numeric_rescale(struct numeric *number, int scale)
{
	set_scale(number, scale, true);
}

static void set_scale_or_tens(struct numeric *number, int digits, bool rounding)
{
	if (digits > SCALE_MAX)
		digits = SCALE_MAX;
	/* Nothing is left of any number so far down, and the work must not
	 * grow with what a stranger asks for. */
	if (digits < -WHOLE_DIGITS_MAX - 1)
		digits = -WHOLE_DIGITS_MAX - 1;
	if (number->kind != NUMERIC_FINITE)
		return;
	set_scale(number, digits, rounding);
	if (digits < 0) {
		numeric_add_places(number->units, (unsigned long)-digits);
		number->scale = 0;
	}
}

void numeric_round(struct numeric *number, int digits)
{
	set_scale_or_tens(number, digits, true);
}

void numeric_trunc(struct numeric *number, int digits)
{
	set_scale_or_tens(number, digits, false);
}

/* --- arithmetic -------------------------------------------------------------------- */

static int larger(int a, int b)
{
	return a > b ? a : b;
}

static bool divide_by_zero(struct error *error)
{
	return error_set(error, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
}

/* Copies of two finite numbers, brought to the larger scale of both. */
static int align(const struct numeric *a, const struct numeric *b, mpz_t left,
		 mpz_t right)
{
	int scale = larger(a->scale, b->scale);

	mpz_init_set(left, a->units);
	mpz_init_set(right, b->units);
	numeric_add_places(left, (unsigned long)(scale - a->scale));
	numeric_add_places(right, (unsigned long)(scale - b->scale));
	return scale;
}

static bool add(const struct numeric *a, const struct numeric *b, bool minus,
		struct numeric *ret, struct error *error)
{
	mpz_t left, right;
	int b_sign = minus ? -numeric_sign(b) : numeric_sign(b);

	if (is_infinite(a) || is_infinite(b)) {
		if (is_infinite(a) && is_infinite(b) &&
		    numeric_sign(a) != b_sign)
			numeric_set_special(ret, NUMERIC_NAN);
		else
			set_infinity(ret,
				     is_infinite(a) ? numeric_sign(a) : b_sign);
		return true;
	}
	ret->scale = align(a, b, left, right);
	if (minus)
		mpz_sub(ret->units, left, right);
	else
		mpz_add(ret->units, left, right);
	ret->kind = NUMERIC_FINITE;
	mpz_clears(left, right, NULL);
	return numeric_check_size(ret, error);
}

static bool multiply(const struct numeric *a, const struct numeric *b,
		     struct numeric *ret, struct error *error)
{
	int sign = numeric_sign(a) * numeric_sign(b);

	if (is_infinite(a) || is_infinite(b)) {
		if (sign == 0)
			numeric_set_special(ret, NUMERIC_NAN);
		else
			set_infinity(ret, sign);
		return true;
	}
	ret->scale = a->scale + b->scale;
	mpz_mul(ret->units, a->units, b->units);
	ret->kind = NUMERIC_FINITE;
	if (ret->scale > SCALE_MAX)
		numeric_rescale(ret, SCALE_MAX);
	return numeric_check_size(ret, error);
}

/* Postgres's select_div_scale(): at least 16 significant digits, and no
 * fewer places than either operand has. */
static int quotient_scale(const struct numeric *a, const struct numeric *b)
{
	int a_first, b_first;
	int weight = numeric_weight(a, &a_first);
	int scale;

	weight -= numeric_weight(b, &b_first);
	if (a_first <= b_first)
		weight--;
	scale = larger(SIGNIFICANT_DIGITS - weight * 4,
		       larger(a->scale, b->scale));
	return scale > DISPLAY_SCALE_MAX ? DISPLAY_SCALE_MAX : scale;
}

/* a / b to `scale` places. */
static void divide_to(const struct numeric *a, const struct numeric *b,
		      int scale, bool rounding, struct numeric *ret)
{
	int shift = scale + b->scale - a->scale;
	int sign = numeric_sign(a) * numeric_sign(b);
	mpz_t above, below, rest;

	mpz_init_set(above, a->units);
	mpz_init_set(below, b->units);
	mpz_init(rest);
	mpz_abs(above, above);
	mpz_abs(below, below);
	numeric_add_places(shift >= 0 ? above : below,
			   (unsigned long)abs(shift));
	mpz_tdiv_qr(ret->units, rest, above, below);
	mpz_mul_2exp(rest, rest, 1);
	if (rounding && mpz_cmp(rest, below) >= 0)
		mpz_add_ui(ret->units, ret->units, 1);
	if (sign < 0)
		mpz_neg(ret->units, ret->units);
	ret->kind = NUMERIC_FINITE;
	ret->scale = scale;
	mpz_clears(above, below, rest, NULL);
}

static bool divide(const struct numeric *a, const struct numeric *b, bool whole,
		   struct numeric *ret, struct error *error)
{
	if (is_infinite(a) && is_infinite(b)) {
		numeric_set_special(ret, NUMERIC_NAN);
		return true;
	}
	if (numeric_sign(b) == 0)
		return divide_by_zero(error);
	if (is_infinite(a))
		set_infinity(ret, numeric_sign(a) * numeric_sign(b));
	else if (is_infinite(b))
		set_small(ret, 0);
	else
		divide_to(a, b, whole ? 0 : quotient_scale(a, b), !whole, ret);
	return numeric_check_size(ret, error);
}

static bool modulo(const struct numeric *a, const struct numeric *b,
		   struct numeric *ret, struct error *error)
{
	mpz_t left, right;

	if (numeric_sign(b) == 0)
		return divide_by_zero(error);
	if (is_infinite(a)) {
		numeric_set_special(ret, NUMERIC_NAN);
		return true;
	}
	if (is_infinite(b)) {
		numeric_set(ret, a);
		return true;
	}
	ret->scale = align(a, b, left, right);
	mpz_tdiv_r(ret->units, left, right);
	ret->kind = NUMERIC_FINITE;
	mpz_clears(left, right, NULL);
	return true;
}

static bool divisor(const struct numeric *a, const struct numeric *b,
		    bool multiple, struct numeric *ret, struct error *error)
{
	mpz_t left, right;

	if (is_infinite(a) || is_infinite(b)) {
		numeric_set_special(ret, NUMERIC_NAN);
		return true;
	}
	ret->scale = align(a, b, left, right);
	if (multiple)
		mpz_lcm(ret->units, left, right);
	else
		mpz_gcd(ret->units, left, right);
	ret->kind = NUMERIC_FINITE;
	mpz_clears(left, right, NULL);
	return numeric_check_size(ret, error);
}

static void negate(struct numeric *number)
{
	if (number->kind == NUMERIC_FINITE)
		mpz_neg(number->units, number->units);
	else if (is_infinite(number))
		set_infinity(number, -numeric_sign(number));
}

/* To a whole number, up (1) or down (-1). */
static void to_whole(struct numeric *number, int direction)
{
	mpz_t power;

	if (number->kind != NUMERIC_FINITE)
		return;
	mpz_init(power);
	numeric_power_of_ten(power, (unsigned long)number->scale);
	if (direction > 0)
		mpz_cdiv_q(number->units, number->units, power);
	else
		mpz_fdiv_q(number->units, number->units, power);
	number->scale = 0;
	mpz_clear(power);
}

/* Takes zeros off the end of the fraction. */
static void trim_scale(struct numeric *number)
{
	while (number->scale > 0 && number->kind == NUMERIC_FINITE &&
	       mpz_divisible_ui_p(number->units, 10)) {
		mpz_divexact_ui(number->units, number->units, 10);
		number->scale--;
	}
}

/* Those that cannot fail. `ret` holds the operand. */
static void do_simple(enum numeric_operation operation, struct numeric *ret)
{
	if (ret->kind == NUMERIC_NAN)
		return;
	if (operation == NUMERIC_NEG ||
	    (operation == NUMERIC_ABS && numeric_sign(ret) < 0))
		negate(ret);
	else if (operation == NUMERIC_SIGN)
		set_small(ret, numeric_sign(ret));
	else if (operation == NUMERIC_CEIL)
		to_whole(ret, 1);
	else if (operation == NUMERIC_FLOOR)
		to_whole(ret, -1);
	else if (operation == NUMERIC_TRIM)
		trim_scale(ret);
}

static bool log_of_ten(const struct numeric *a, struct numeric *ret,
		       struct error *error)
{
	struct numeric ten;
	bool ok;

	numeric_init(&ten);
	set_small(&ten, 10);
	ok = numeric_log(&ten, a, ret, error);
	numeric_fini(&ten);
	return ok;
}

static bool do_one(enum numeric_operation operation, const struct numeric *a,
		   struct numeric *ret, struct error *error)
{
	switch (operation) {
	case NUMERIC_SQRT:
		return numeric_sqrt(a, ret, error);
	case NUMERIC_LN:
		return numeric_ln(a, ret, error);
	case NUMERIC_EXP:
		return numeric_exp(a, ret, error);
	case NUMERIC_LOG10:
		return log_of_ten(a, ret, error);
	default:
		numeric_set(ret, a);
		do_simple(operation, ret);
		return true;
	}
}

bool numeric_do(enum numeric_operation operation, const struct numeric *a,
		const struct numeric *b, struct numeric *ret,
		struct error *error)
{
	if (operation >= NUMERIC_NEG)
		return do_one(operation, a, ret, error);
	/* Powers know better: 1 to any power is 1. */
	if (operation == NUMERIC_POWER)
		return numeric_power(a, b, ret, error);
	if (a->kind == NUMERIC_NAN || b->kind == NUMERIC_NAN) {
		numeric_set_special(ret, NUMERIC_NAN);
		return true;
	}
	switch (operation) {
	case NUMERIC_ADD:
	case NUMERIC_SUB:
		return add(a, b, operation == NUMERIC_SUB, ret, error);
	case NUMERIC_MUL:
		return multiply(a, b, ret, error);
	case NUMERIC_DIV:
	case NUMERIC_QUOTIENT:
		return divide(a, b, operation == NUMERIC_QUOTIENT, ret, error);
	case NUMERIC_MOD:
		return modulo(a, b, ret, error);
	case NUMERIC_LOG:
		return numeric_log(a, b, ret, error);
	default:
		return divisor(a, b, operation == NUMERIC_LCM, ret, error);
	}
}

int numeric_compare(const struct numeric *a, const struct numeric *b)
{
	mpz_t left, right;
	int order;

	if (a->kind == NUMERIC_NAN || b->kind == NUMERIC_NAN)
		return (a->kind == NUMERIC_NAN) - (b->kind == NUMERIC_NAN);
	if (is_infinite(a) || is_infinite(b)) {
		int a_rank = is_infinite(a) ? numeric_sign(a) : 0;
		int b_rank = is_infinite(b) ? numeric_sign(b) : 0;

		return (a_rank > b_rank) - (a_rank < b_rank);
	}
	align(a, b, left, right);
	order = mpz_cmp(left, right);
	mpz_clears(left, right, NULL);
	return (order > 0) - (order < 0);
}

static bool refuse_field(int precision, int scale, bool infinite,
			 struct error *error)
{
	int whole = precision - scale;

	error_set(error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
		  "numeric field overflow");
	if (infinite)
		error_detail(error,
			     "A field with precision %d, scale %d "
			     "cannot hold an infinite value.",
			     precision, scale);
	else
		error_detail(error,
			     "A field with precision %d, scale %d must "
			     "round to an absolute value less than %s%d.",
			     precision, scale, whole ? "10^" : "",
			     whole ? whole : 1);
	return false;
}

bool numeric_limit(struct numeric *number, int32_t typmod, struct error *error)
{
	int precision, scale;

	if (typmod < 4 || number->kind == NUMERIC_NAN)
		return true;
	precision = (typmod - 4) >> 16 & 0xFFFF;
	scale = (((typmod - 4) & 0x7FF) ^ 1024) - 1024;
	if (is_infinite(number))
		return refuse_field(precision, scale, true, error);
	set_scale_or_tens(number, scale, true);
	if (mpz_sgn(number->units) &&
	    numeric_exponent(number) >= precision - scale)
		return refuse_field(precision, scale, false, error);
	return true;
}

/* --- storage forms ------------------------------------------------------------------- */

bool numeric_text_do(enum numeric_operation operation, struct slice a,
		     struct slice b, struct arena *arena, struct slice *ret,
		     struct error *error)
{
	struct numeric left, right;
	bool ok;

	numeric_init(&left);
	numeric_init(&right);
	ok = numeric_parse(a, &left, error) &&
	     (operation >= NUMERIC_NEG || numeric_parse(b, &right, error)) &&
	     numeric_do(operation, &left, &right, &left, error);
	if (ok)
		*ret = numeric_text(&left, arena);
	numeric_fini(&left);
	numeric_fini(&right);
	return ok;
}

static bool text_to_digits(struct slice text, int digits, bool rounding,
			   struct arena *arena, struct slice *ret,
			   struct error *error)
{
	struct numeric number;
	bool ok;

	numeric_init(&number);
	ok = numeric_parse(text, &number, error);
	if (ok) {
		if (rounding)
			numeric_round(&number, digits);
		else
			numeric_trunc(&number, digits);
		ok = numeric_check_size(&number, error);
	}
	if (ok)
		*ret = numeric_text(&number, arena);
	numeric_fini(&number);
	return ok;
}

bool numeric_text_round(struct slice text, int digits, struct arena *arena,
			struct slice *ret, struct error *error)
{
	return text_to_digits(text, digits, true, arena, ret, error);
}

bool numeric_text_trunc(struct slice text, int digits, struct arena *arena,
			struct slice *ret, struct error *error)
{
	return text_to_digits(text, digits, false, arena, ret, error);
}
