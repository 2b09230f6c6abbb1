/*
 * Exact decimal numbers, as Postgres's numeric: the same digits, the same
 * scale of every result, the same complaints. Arithmetic is GMP's, on the
 * value as a whole number of its last decimal place.
 *
 * Two ways in. The functions named numeric_text_... take and give the
 * storage form (protocol/type.h), results in an arena: right for one
 * operation. `struct numeric` keeps a number between operations: right for
 * sums. It owns memory until numeric_fini(); a result may be one of the
 * operands.
 *
 * Sizes are bounded as in Postgres: 131072 digits before the point, 16383
 * after it, else 22003.
 */
#ifndef WEIR_PROTOCOL_NUMERIC_H
#define WEIR_PROTOCOL_NUMERIC_H

#include <gmp.h>

#include "protocol/arena.h"
#include "protocol/bytes.h"
#include "protocol/error.h"

enum numeric_kind {
	NUMERIC_FINITE,
	NUMERIC_NAN,
	NUMERIC_PLUS_INFINITY,
	NUMERIC_MINUS_INFINITY,
};

struct numeric {
	enum numeric_kind kind;
	mpz_t units; /* the value times 10 to the scale */
	int scale; /* digits after the point, from 0 */
};

void numeric_init(struct numeric *); /* 0 */
void numeric_fini(struct numeric *);
void numeric_set(struct numeric *, const struct numeric *from);

/* What Postgres's input function takes: spaces, exponents, NaN, infinity.
 * 22P02 or 22003. */
bool numeric_parse(struct slice text, struct numeric *ret, struct error *);
void numeric_print(const struct numeric *, struct buffer *out);
struct slice numeric_text(const struct numeric *, struct arena *);

/* The stored text is of the form numeric_print() gives. */
bool numeric_is_text(struct slice text);

void numeric_from_int64(int64_t, struct numeric *ret);
void numeric_from_double(double, struct numeric *ret); /* 15 digits */
void numeric_from_float4(double, struct numeric *ret); /* 6 digits */
/* Rounded half away from zero; `type` is "integer", "bigint" ... */
bool numeric_to_int64(const struct numeric *, int64_t least, int64_t most,
		      const char *type, int64_t *ret, struct error *);
bool numeric_to_double(const struct numeric *, double *ret, struct error *);

enum numeric_operation {
	NUMERIC_ADD,
	NUMERIC_SUB,
	NUMERIC_MUL,
	NUMERIC_DIV, /* the / operator */
	NUMERIC_MOD,
	NUMERIC_QUOTIENT, /* div(): whole part */
	NUMERIC_POWER, /* a to the b */
	NUMERIC_LOG, /* log(b, x): a is the base */
	NUMERIC_GCD,
	NUMERIC_LCM,
	/* of one operand */
	NUMERIC_NEG,
	NUMERIC_ABS,
	NUMERIC_SIGN,
	NUMERIC_CEIL,
	NUMERIC_FLOOR,
	NUMERIC_SQRT,
	NUMERIC_LN,
	NUMERIC_EXP,
	NUMERIC_LOG10,
	NUMERIC_TRIM, /* trim_scale() */
};

/* `b` is ignored by (and may be NULL for) operations of one operand. */
bool numeric_do(enum numeric_operation, const struct numeric *a,
		const struct numeric *b, struct numeric *ret, struct error *);

/* To so many digits after the point, also negative: tens, hundreds. */
void numeric_round(struct numeric *, int digits);
void numeric_trunc(struct numeric *, int digits);

/* numeric(p,s): rounds to the scale; 22003 with the detail about the field
 * when it does not fit. */
bool numeric_limit(struct numeric *, int32_t typmod, struct error *);

/* -1, 0, 1; NaN is equal to itself and above everything. */
int numeric_compare(const struct numeric *a, const struct numeric *b);

/* The same for storage forms; allocates nothing and never fails. */
int numeric_text_compare(struct slice a, struct slice b);

bool numeric_text_do(enum numeric_operation, struct slice a, struct slice b,
		     struct arena *, struct slice *ret, struct error *);
bool numeric_text_round(struct slice text, int digits, struct arena *,
			struct slice *ret, struct error *);
bool numeric_text_trunc(struct slice text, int digits, struct arena *,
			struct slice *ret, struct error *);

/* The binary wire form: groups of four digits (Postgres: numeric_send). */
bool numeric_from_wire(struct slice bytes, struct arena *,
		       struct slice *ret_text, struct error *);
bool numeric_to_wire(struct slice text, struct buffer *out);

/* Between the numeric_*.c files only. */
void numeric_set_special(struct numeric *, enum numeric_kind);
void numeric_add_places(mpz_t, unsigned long places);
bool numeric_overflow(struct error *);
int numeric_sign(const struct numeric *);
bool numeric_check_size(const struct numeric *, struct error *);
void numeric_rescale(struct numeric *, int scale);
size_t numeric_digits(const mpz_t);
int numeric_exponent(const struct numeric *);
int numeric_weight(const struct numeric *, int *ret_first_digit);
void numeric_power_of_ten(mpz_t, unsigned long exponent);
bool numeric_power(const struct numeric *a, const struct numeric *b,
		   struct numeric *ret, struct error *);
bool numeric_log(const struct numeric *base, const struct numeric *x,
		 struct numeric *ret, struct error *);
bool numeric_ln(const struct numeric *, struct numeric *ret, struct error *);
bool numeric_exp(const struct numeric *, struct numeric *ret, struct error *);
/* With so many digits behind the point; -1: as many as sqrt() gives. */
bool numeric_sqrt_at(const struct numeric *, int scale, struct numeric *ret,
		     struct error *);
bool numeric_sqrt(const struct numeric *, struct numeric *ret, struct error *);

/* Of floats: ln x for x > 0, to about `bits` bits after the point; e to the x
 * for |x| up to some thousands, to so many bits. */
void numeric_float_log(mpf_t ret, const mpf_t x, mp_bitcnt_t bits);
void numeric_float_exp(mpf_t ret, const mpf_t x, mp_bitcnt_t bits);

#endif
