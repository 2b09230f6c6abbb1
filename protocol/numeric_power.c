/*
 * Roots, exponentials and logarithms of numeric.
 *
 * What must agree with Postgres is the scale of a result; its digits follow,
 * because both are right to the last place. So the scales are chosen with
 * the estimates Postgres uses (numeric.c: estimate_ln_dweight(), power_var()
 * and their kin), and the digits come from GMP's floats with room to spare.
 *
 * Every precision is bounded by the scales, never by what a stranger sends.
 */
#include <math.h>
#include <stdlib.h>

#include "protocol/numeric.h"

#define SIGNIFICANT_DIGITS 16
#define DISPLAY_SCALE_MAX 1000
#define RESULT_SCALE_MAX 2000
#define WHOLE_DIGITS_MAX 131072
#define GUARD_DIGITS 30
#define LOG10_E 0.434294481903252
#define EXACT_DIGITS_MAX 20000

static int clamp_scale(int scale, int at_least)
{
	if (scale < at_least)
		scale = at_least;
	if (scale < 0)
		scale = 0;
	return scale > DISPLAY_SCALE_MAX ? DISPLAY_SCALE_MAX : scale;
}

static mp_bitcnt_t bits_of(long digits)
{
	return (mp_bitcnt_t)((double)digits * 3.3219280948873626) + 64;
}

static bool set_small(struct numeric *ret, unsigned long value, int scale)
{
	ret->kind = NUMERIC_FINITE;
	ret->scale = 0;
	mpz_set_ui(ret->units, value);
	numeric_rescale(ret, scale);
	return true;
}

static bool set_special(struct numeric *ret, enum numeric_kind kind)
{
	numeric_set_special(ret, kind);
	return true;
}

/* --- between numeric and float --------------------------------------------- */

static void to_float(const struct numeric *number, mpf_t ret)
{
	mpz_t power;
	mpf_t below;

	mpz_init(power);
	numeric_power_of_ten(power, (unsigned long)number->scale);
	mpf_init2(below, mpf_get_prec(ret) + 64);
	mpf_set_z(below, power);
	mpf_set_z(ret, number->units);
	mpf_div(ret, ret, below);
	mpz_clear(power);
	mpf_clear(below);
}

/* Rounded to `scale` places. */
static void from_float(const mpf_t value, int scale, struct numeric *ret)
{
	mpz_t power;
	mpf_t work, half;

	mpz_init(power);
	mpf_init2(work, mpf_get_prec(value) + 64);
	mpf_init2(half, 64);
	numeric_power_of_ten(power, (unsigned long)scale);
	mpf_set_z(work, power);
	mpf_mul(work, work, value);
	mpf_set_d(half, mpf_sgn(value) < 0 ? -0.5 : 0.5);
	mpf_add(work, work, half);
	mpz_set_f(ret->units, work);
	ret->kind = NUMERIC_FINITE;
	ret->scale = scale;
	mpz_clear(power);
	mpf_clear(work);
	mpf_clear(half);
}

/* The first digits as a float, and how many decimal places were dropped:
 * the magnitude is about *ret_mantissa * 10^*ret_places. */
static void leading(const struct numeric *number, double *ret_mantissa,
		    int *ret_places)
{
	int exponent = numeric_exponent(number);
	mpf_t value;
	mpf_t below;
	mpz_t power;
	int digits = (int)numeric_digits(number->units);

	mpf_init2(value, 128);
	mpf_init2(below, 128);
	mpz_init(power);
	mpf_set_z(value, number->units);
	mpf_abs(value, value);
	if (digits > 1) {
		numeric_power_of_ten(power, (unsigned long)digits - 1);
		mpf_set_z(below, power);
		mpf_div(value, value, below);
	}
	*ret_mantissa = mpf_get_d(value);
	*ret_places = exponent;
	mpf_clear(value);
	mpf_clear(below);
	mpz_clear(power);
}

/* The value as a double, at most about 1e300 in magnitude. */
static double about(const struct numeric *number)
{
	double mantissa;
	int places;

	if (mpz_sgn(number->units) == 0)
		return 0;
	leading(number, &mantissa, &places);
	if (places > 300)
		places = 300;
	mantissa *= pow(10, places);
	return mpz_sgn(number->units) < 0 ? -mantissa : mantissa;
}

/* --- scales ------------------------------------------------------------------------ */

static double log10_weight(double value)
{
	return value > 0 ? (double)(int)log10(value) : 0;
}

/* The first two groups of four digits as one number, and the place of the
 * last of them. */
static void first_groups(const struct numeric *number, double *ret_digits,
			 int *ret_places)
{
	int ignored, exponent;
	int weight = numeric_weight(number, &ignored);
	double mantissa;

	leading(number, &mantissa, &exponent);
	*ret_digits = floor(mantissa * pow(10, exponent - weight * 4 + 4));
	*ret_places = (weight - 1) * 4;
}

static int compare_tenths(const struct numeric *number, unsigned long tenths)
{
	struct numeric other;
	int order;

	numeric_init(&other);
	other.scale = 1;
	mpz_set_ui(other.units, tenths);
	order = numeric_compare(number, &other);
	numeric_fini(&other);
	return order;
}

/* About the decimal weight of ln(x), as Postgres estimates it. */
static int log_weight(const struct numeric *x)
{
	double digits, weight;
	int places;

	if (numeric_sign(x) <= 0)
		return 0;
	if (compare_tenths(x, 9) >= 0 && compare_tenths(x, 11) <= 0) {
		struct numeric rest;
		int first, order = 0;
		struct error error;

		numeric_init(&rest);
		set_small(&rest, 1, 0);
		numeric_do(NUMERIC_SUB, x, &rest, &rest, &error);
		if (mpz_sgn(rest.units)) {
			order = numeric_weight(&rest, &first) * 4;
			order += (int)log10_weight(first);
		}
		numeric_fini(&rest);
		return order;
	}
	first_groups(x, &digits, &places);
	weight = log10(fabs(log(digits) + places * 2.302585092994046));
	return isfinite(weight) ? (int)weight : 0;	/* of infinity */
}

/* --- what numeric offers -------------------------------------------------------------- */

/* The root of a number that has one, rounded once. */
static void root_at(const struct numeric *number, int scale,
		    struct numeric *ret)
{
	struct numeric work;
	mpz_t rest;

	numeric_init(&work);
	numeric_set(&work, number);
	if (scale * 2 > work.scale)
		numeric_rescale(&work, scale * 2);
	else
		numeric_trunc(&work, scale * 2);
	mpz_init(rest);
	mpz_sqrtrem(ret->units, rest, work.units);
	if (mpz_cmp(rest, ret->units) > 0)
		mpz_add_ui(ret->units, ret->units, 1);
	ret->kind = NUMERIC_FINITE;
	ret->scale = scale;
	mpz_clear(rest);
	numeric_fini(&work);
}

bool numeric_sqrt_at(const struct numeric *number, int scale,
		     struct numeric *ret, struct error *error)
{
	int first;

	if (number->kind == NUMERIC_NAN)
		return set_special(ret, NUMERIC_NAN);
	if (numeric_sign(number) < 0)
		return error_set(error, "2201F",
				 "cannot take square root of "
				 "a negative number");
	if (number->kind == NUMERIC_PLUS_INFINITY)
		return set_special(ret, NUMERIC_PLUS_INFINITY);
	if (scale < 0)
		scale = clamp_scale(SIGNIFICANT_DIGITS -
				    (numeric_weight(number, &first) * 2 + 1),
				    number->scale);
	root_at(number, scale, ret);
	return true;
}

bool numeric_sqrt(const struct numeric *number, struct numeric *ret,
		  struct error *error)
{
	return numeric_sqrt_at(number, -1, ret, error);
}

static bool check_log(const struct numeric *number, struct error *error)
{
	if (numeric_sign(number) == 0)
		return error_set(error, "2201E",
				 "cannot take logarithm of zero");
	if (numeric_sign(number) < 0)
		return error_set(error, "2201E",
				 "cannot take logarithm of a "
				 "negative number");
	return true;
}

/* ln(number), with `digits` decimal digits after the point. */
static void log_of(const struct numeric *number, long digits, mpf_t ret)
{
	mp_bitcnt_t bits = bits_of(digits + GUARD_DIGITS);
	mpf_t value;

	mpf_init2(value, bits);
	mpf_set_prec(ret, bits + 64);
	to_float(number, value);
	numeric_float_log(ret, value, bits);
	mpf_clear(value);
}

bool numeric_ln(const struct numeric *number, struct numeric *ret,
		struct error *error)
{
	int scale;
	mpf_t result;

	if (number->kind == NUMERIC_NAN)
		return set_special(ret, NUMERIC_NAN);
	if (!check_log(number, error))
		return false;
	if (number->kind == NUMERIC_PLUS_INFINITY)
		return set_special(ret, NUMERIC_PLUS_INFINITY);
	scale = clamp_scale(SIGNIFICANT_DIGITS - log_weight(number),
			    number->scale);
	mpf_init(result);
	log_of(number, scale, result);
	from_float(result, scale, ret);
	mpf_clear(result);
	return true;
}

static bool log_special(const struct numeric *base, const struct numeric *x,
			struct numeric *ret)
{
	if (base->kind == NUMERIC_NAN || x->kind == NUMERIC_NAN ||
	    (base->kind != NUMERIC_FINITE && x->kind != NUMERIC_FINITE))
		return set_special(ret, NUMERIC_NAN);
	if (base->kind != NUMERIC_FINITE)
		return set_small(ret, 0, 0);
	return set_special(ret, NUMERIC_PLUS_INFINITY);
}

bool numeric_log(const struct numeric *base, const struct numeric *x,
		 struct numeric *ret, struct error *error)
{
	int base_weight = log_weight(base);
	int x_weight = log_weight(x);
	bool special =
		base->kind != NUMERIC_FINITE || x->kind != NUMERIC_FINITE;
	mpf_t above, below;
	int scale;

	if (base->kind == NUMERIC_NAN || x->kind == NUMERIC_NAN)
		return set_special(ret, NUMERIC_NAN);
	if (special && (numeric_sign(base) < 0 || numeric_sign(x) < 0))
		return check_log(numeric_sign(base) < 0 ? base : x, error);
	if (!check_log(base, error) || !check_log(x, error))
		return false;
	if (special)
		return log_special(base, x, ret);
	scale = SIGNIFICANT_DIGITS - (x_weight - base_weight);
	scale = clamp_scale(scale,
			    base->scale > x->scale ? base->scale : x->scale);
	mpf_init(above);
	mpf_init(below);
	log_of(x, scale + abs(base_weight) * 2 + abs(x_weight), above);
	log_of(base, scale + abs(base_weight) * 2 + abs(x_weight), below);
	if (mpf_sgn(below) == 0) {
		mpf_clear(above);
		mpf_clear(below);
		return error_set(error, SQLSTATE_DIVISION_BY_ZERO,
				 "division by zero");
	}
	mpf_div(above, above, below);
	from_float(above, scale, ret);
	mpf_clear(above);
	mpf_clear(below);
	return true;
}

bool numeric_exp(const struct numeric *number, struct numeric *ret,
		 struct error *error)
{
	double value = about(number);
	double weight = value * LOG10_E;
	mpf_t argument, result;
	mp_bitcnt_t bits;
	int scale;

	if (number->kind == NUMERIC_MINUS_INFINITY)
		return set_small(ret, 0, 0);
	if (number->kind != NUMERIC_FINITE)
		return set_special(ret, number->kind);
	if (weight < -RESULT_SCALE_MAX)
		weight = -RESULT_SCALE_MAX;
	if (weight > RESULT_SCALE_MAX)
		weight = RESULT_SCALE_MAX;
	scale = clamp_scale(SIGNIFICANT_DIGITS - (int)weight, number->scale);
	if (fabs(value) >= RESULT_SCALE_MAX * 3)
		return value > 0 ? numeric_overflow(error)
				 : set_small(ret, 0, scale);
	bits = bits_of(scale + (long)fabs(value * LOG10_E) + GUARD_DIGITS);
	mpf_init2(argument, bits);
	mpf_init2(result, bits + 256);
	to_float(number, argument);
	numeric_float_exp(result, argument, bits);
	from_float(result, scale, ret);
	mpf_clear(argument);
	mpf_clear(result);
	return numeric_check_size(ret, error);
}

/* --- powers ---------------------------------------------------------------------------- */

/* |value| = units^n / 10^(scale*n), kept whole: the last digit is exact. */
static void power_exactly(const struct numeric *base, unsigned long n,
			  bool invert, int scale, struct numeric *ret)
{
	mpz_t above, below, rest;

	mpz_inits(above, below, rest, NULL);
	mpz_abs(above, base->units);
	mpz_pow_ui(above, above, n);
	numeric_power_of_ten(below, (unsigned long)base->scale * n);
	if (invert)
		mpz_swap(above, below);
	numeric_add_places(above, (unsigned long)scale);
	mpz_tdiv_qr(ret->units, rest, above, below);
	mpz_mul_2exp(rest, rest, 1);
	if (mpz_cmp(rest, below) >= 0)
		mpz_add_ui(ret->units, ret->units, 1);
	ret->kind = NUMERIC_FINITE;
	ret->scale = scale;
	mpz_clears(above, below, rest, NULL);
}

static void power_in_floats(const struct numeric *base, unsigned long n,
			    bool invert, int scale, long digits,
			    struct numeric *ret)
{
	mp_bitcnt_t bits = bits_of(digits + scale + GUARD_DIGITS * 2);
	mpf_t value;

	mpf_init2(value, bits);
	to_float(base, value);
	mpf_abs(value, value);
	mpf_pow_ui(value, value, n);
	if (invert)
		mpf_ui_div(value, 1, value);
	from_float(value, scale, ret);
	mpf_clear(value);
}

/* A whole exponent of 32 bits. */
static bool power_whole(const struct numeric *base, long exponent,
			struct numeric *ret, struct error *error)
{
	int scale = clamp_scale(SIGNIFICANT_DIGITS, base->scale);
	unsigned long n = (unsigned long)labs(exponent);
	bool negative = numeric_sign(base) < 0 && n % 2;
	double mantissa, weight;
	int places;

	if (exponent == 0)
		return set_small(ret, 1, scale);
	if (numeric_sign(base) == 0)
		return exponent < 0
			       ? error_set(error, SQLSTATE_DIVISION_BY_ZERO,
					   "division by zero")
			       : set_small(ret, 0, scale);
	leading(base, &mantissa, &places);
	weight = (double)exponent * (log10(mantissa) + places);
	if (weight > WHOLE_DIGITS_MAX)
		return numeric_overflow(error);
	if (weight + 1 < -scale || weight + 1 < -DISPLAY_SCALE_MAX)
		return set_small(ret, 0, scale);
	if (numeric_digits(base->units) * n + (size_t)base->scale * n <
	    EXACT_DIGITS_MAX)
		power_exactly(base, n, exponent < 0, scale, ret);
	else
		power_in_floats(base, n,
				exponent<0, scale, weight> 0 ? (long)weight : 0,
				ret);
	if (negative)
		mpz_neg(ret->units, ret->units);
	return numeric_check_size(ret, error);
}

static bool is_whole(const struct numeric *number)
{
	struct numeric cut;
	bool whole;

	if (number->kind != NUMERIC_FINITE)
		return number->kind != NUMERIC_NAN;
	numeric_init(&cut);
	numeric_set(&cut, number);
	numeric_trunc(&cut, 0);
	whole = numeric_compare(&cut, number) == 0;
	numeric_fini(&cut);
	return whole;
}

static bool is_odd(const struct numeric *number)
{
	struct numeric cut;
	bool odd;

	numeric_init(&cut);
	numeric_set(&cut, number);
	numeric_trunc(&cut, 0);
	odd = mpz_odd_p(cut.units);
	numeric_fini(&cut);
	return odd;
}

/* ln(base) * exponent to about eight digits, rounded where Postgres rounds:
 * it decides the result's scale. */
static double rough_product(const mpf_t logarithm, int weight,
			    const struct numeric *exponent)
{
	int scale = 8 - weight > 0 ? 8 - weight : 0;
	struct numeric product;
	struct error ignored;
	double value;

	numeric_init(&product);
	from_float(logarithm, scale, &product);
	numeric_do(NUMERIC_MUL, &product, exponent, &product, &ignored);
	numeric_rescale(&product, scale);
	value = about(&product);
	numeric_fini(&product);
	return value;
}

/* exp(ln(|base|) * exponent); the base is not zero. */
static bool power_by_logarithm(const struct numeric *base,
			       const struct numeric *exponent,
			       struct numeric *ret, struct error *error)
{
	struct numeric size;
	int weight, places = numeric_exponent(exponent);
	bool negative = numeric_sign(base) < 0 && is_odd(exponent);
	bool grows;
	mpf_t logarithm, factor;
	double value;
	long digits;
	int scale;

	numeric_init(&size);
	numeric_set(&size, base);
	mpz_abs(size.units, size.units);
	weight = log_weight(&size);
	grows = (compare_tenths(&size, 10) > 0) == (numeric_sign(exponent) > 0);
	/* Too large to be worth computing: at least 10^6 by the estimate,
	 * which is off by one or two places. */
	if (weight + places > 7 && compare_tenths(&size, 10) != 0) {
		numeric_fini(&size);
		return grows ? numeric_overflow(error)
			     : set_small(ret, 0, DISPLAY_SCALE_MAX);
	}
	mpf_init(logarithm);
	mpf_init(factor);
	digits = (weight < 0 ? -weight : 0) + (places > 0 ? places : 0) + 40;
	log_of(&size, digits, logarithm);
	mpf_set_prec(factor, mpf_get_prec(logarithm));
	to_float(exponent, factor);
	mpf_mul(factor, factor, logarithm);
	value = rough_product(logarithm, weight, exponent);
	if (fabs(value) > RESULT_SCALE_MAX * 3.01) {
		mpf_clear(logarithm);
		mpf_clear(factor);
		numeric_fini(&size);
		return value > 0 ? numeric_overflow(error)
				 : set_small(ret, 0, DISPLAY_SCALE_MAX);
	}
	scale = clamp_scale(SIGNIFICANT_DIGITS - (int)(value * LOG10_E),
			    base->scale > exponent->scale ? base->scale
							  : exponent->scale);
	digits += scale + (long)fabs(value * LOG10_E);
	log_of(&size, digits, logarithm);
	mpf_set_prec(factor, mpf_get_prec(logarithm));
	to_float(exponent, factor);
	mpf_mul(factor, factor, logarithm);
	mpf_set_prec(logarithm, mpf_get_prec(factor) + 256);
	numeric_float_exp(logarithm, factor, bits_of(digits));
	from_float(logarithm, scale, ret);
	if (negative)
		mpz_neg(ret->units, ret->units);
	mpf_clear(logarithm);
	mpf_clear(factor);
	numeric_fini(&size);
	return numeric_check_size(ret, error);
}

static bool is_one(const struct numeric *number)
{
	return number->kind == NUMERIC_FINITE &&
	       compare_tenths(number, 10) == 0;
}

/* One of the two is infinite, none is NaN (Postgres follows POSIX pow()). */
static bool power_infinite(const struct numeric *base,
			   const struct numeric *exponent, struct numeric *ret)
{
	int base_sign = numeric_sign(base);
	int sign = numeric_sign(exponent);
	struct numeric size;
	int order;

	if (is_one(base) || sign == 0)
		return set_small(ret, 1, 0);
	if (base_sign == 0)
		return set_small(ret, 0, 0);
	if (exponent->kind != NUMERIC_FINITE) {
		numeric_init(&size);
		numeric_do(NUMERIC_ABS, base, NULL, &size, NULL);
		order = base->kind == NUMERIC_FINITE ? compare_tenths(&size, 10)
						     : 1;
		numeric_fini(&size);
		if (order == 0)
			return set_small(ret, 1, 0);
		return (order > 0) == (sign > 0)
			       ? set_special(ret, NUMERIC_PLUS_INFINITY)
			       : set_small(ret, 0, 0);
	}
	if (sign < 0)
		return set_small(ret, 0, 0);
	if (base_sign < 0 && is_odd(exponent))
		return set_special(ret, NUMERIC_MINUS_INFINITY);
	return set_special(ret, NUMERIC_PLUS_INFINITY);
}

static bool power_nan(const struct numeric *base,
		      const struct numeric *exponent, struct numeric *ret)
{
	bool zero =
		exponent->kind == NUMERIC_FINITE && numeric_sign(exponent) == 0;

	if (is_one(base) || zero)
		return set_small(ret, 1, 0);
	return set_special(ret, NUMERIC_NAN);
}

bool numeric_power(const struct numeric *base, const struct numeric *exponent,
		   struct numeric *ret, struct error *error)
{
	bool whole = is_whole(exponent);
	int64_t n;
	struct error ignored;

	if (base->kind == NUMERIC_NAN || exponent->kind == NUMERIC_NAN)
		return power_nan(base, exponent, ret);
	if (numeric_sign(base) == 0 && numeric_sign(exponent) < 0)
		return error_set(error, "2201F",
				 "zero raised to a negative "
				 "power is undefined");
	if (numeric_sign(base) < 0 && !whole)
		return error_set(error, "2201F",
				 "a negative number raised to "
				 "a non-integer power yields a complex "
				 "result");
	if (base->kind != NUMERIC_FINITE || exponent->kind != NUMERIC_FINITE)
		return power_infinite(base, exponent, ret);
	if (whole && numeric_to_int64(exponent, INT32_MIN, INT32_MAX, "integer",
				      &n, &ignored))
		return power_whole(base, n, ret, error);
	if (numeric_sign(base) == 0)
		return set_small(ret, 0, SIGNIFICANT_DIGITS);
	return power_by_logarithm(base, exponent, ret, error);
}
