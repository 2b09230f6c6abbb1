/*
 * The natural logarithm and its reverse, of GMP floats of any precision.
 */
#include <math.h>
#include <stdlib.h>

#include "protocol/numeric.h"

/* 2 atanh((x-1)/(x+1)) by its series; x close to 1. */
static void log_series(mpf_t ret, const mpf_t x, mp_bitcnt_t bits)
{
	mpf_t y, square, power, term;

	mpf_init2(y, bits);
	mpf_init2(square, bits);
	mpf_init2(power, bits);
	mpf_init2(term, bits);
	mpf_sub_ui(y, x, 1);
	mpf_add_ui(term, x, 1);
	mpf_div(y, y, term);
	mpf_mul(square, y, y);
	mpf_set(power, y);
	mpf_set(ret, y);
	for (unsigned long n = 3; mpf_sgn(power) != 0; n += 2) {
		long power_exponent, sum_exponent;

		mpf_mul(power, power, square);
		mpf_div_ui(term, power, n);
		if (mpf_sgn(term) == 0)
			break;
		mpf_get_d_2exp(&power_exponent, term);
		mpf_get_d_2exp(&sum_exponent, ret);
		if (sum_exponent - power_exponent > (long)bits)
			break;
		mpf_add(ret, ret, term);
	}
	mpf_mul_2exp(ret, ret, 1);
	mpf_clear(y);
	mpf_clear(square);
	mpf_clear(power);
	mpf_clear(term);
}

/* By square roots to the neighbourhood of 1, then the series. */
static void log_near_one(mpf_t ret, const mpf_t x, mp_bitcnt_t bits)
{
	unsigned long roots = (unsigned long)sqrt((double)bits) / 2 + 2;
	mpf_t root;

	bits += roots * 2;
	mpf_init2(root, bits);
	mpf_set(root, x);
	for (unsigned long i = 0; i < roots; i++)
		mpf_sqrt(root, root);
	log_series(ret, root, bits);
	mpf_mul_2exp(ret, ret, roots);
	mpf_clear(root);
}

void numeric_float_log(mpf_t ret, const mpf_t x, mp_bitcnt_t bits)
{
	mpf_t part, two;
	long exponent;

	if (mpf_cmp_d(x, 0.5) > 0 && mpf_cmp_d(x, 2) < 0) {
		log_near_one(ret, x, bits);
		return;
	}
	bits += 64;
	mpf_init2(part, bits);
	mpf_init2(two, bits);
	mpf_get_d_2exp(&exponent, x);
	if (exponent >= 0)
		mpf_div_2exp(part, x, (mp_bitcnt_t)exponent);
	else
		mpf_mul_2exp(part, x, (mp_bitcnt_t)-exponent);
	log_near_one(ret, part, bits);
	mpf_set_ui(two, 2);
	log_near_one(part, two, bits);
	mpf_set_si(two, exponent);
	mpf_mul(part, part, two);
	mpf_add(ret, ret, part);
	mpf_clear(part);
	mpf_clear(two);
}

/* e to the x, |x| at most some thousands: halved until small, then Taylor,
 * then squared back. */
void numeric_float_exp(mpf_t ret, const mpf_t x, mp_bitcnt_t bits)
{
	unsigned long halvings = (unsigned long)sqrt((double)bits) / 2 + 16;
	mpf_t part, term;

	bits += halvings * 2;
	mpf_init2(part, bits);
	mpf_init2(term, bits);
	mpf_abs(part, x);
	mpf_div_2exp(part, part, halvings);
	mpf_set_ui(ret, 1);
	mpf_set_ui(term, 1);
	for (unsigned long n = 1; mpf_sgn(part) != 0; n++) {
		long exponent;

		mpf_mul(term, term, part);
		mpf_div_ui(term, term, n);
		mpf_get_d_2exp(&exponent, term);
		if (exponent < -(long)bits)
			break;
		mpf_add(ret, ret, term);
	}
	for (unsigned long i = 0; i < halvings; i++)
		mpf_mul(ret, ret, ret);
	if (mpf_sgn(x) < 0)
		mpf_ui_div(ret, 1, ret);
	mpf_clear(part);
	mpf_clear(term);
}
