/*
 * Arithmetic on numeric: the storage form in and out, protocol/numeric.h
 * between. Also the collation that sorts stored numerics.
 */
#include "pool/sqlite/function.h"

#include "protocol/numeric.h"

#define DIGITS_MAX 20000	/* beyond the scale a numeric can have */
#define FACTORIAL_MAX 32177	/* the last that fits 131072 digits */

static bool give_operation(struct call *call, enum numeric_operation operation,
			   struct slice a, struct slice b)
{
	struct slice result;

	return numeric_text_do(operation, a, b, call->scratch, &result,
			       call->error) &&
	       give_text(call, result);
}

static bool binary(struct call *call)
{
	return give_operation(call, (enum numeric_operation)call->variant,
			      call_text(call, 0), call_text(call, 1));
}

static bool unary(struct call *call)
{
	return give_operation(call, (enum numeric_operation)call->variant,
			      call_text(call, 0), slice_text("0"));
}

static bool compare(struct call *call)
{
	return give_integer(call, numeric_text_compare(call_text(call, 0),
						       call_text(call, 1)));
}

/* round(x [, digits]) and trunc(x [, digits]) */
static bool to_digits(struct call *call)
{
	int64_t digits = call->count == 2 ? call_integer(call, 1) : 0;
	struct slice result;
	bool ok;

	if (digits > DIGITS_MAX)
		digits = DIGITS_MAX;
	if (digits < -DIGITS_MAX * 10)
		digits = -DIGITS_MAX * 10;
	ok = call->variant
		     ? numeric_text_trunc(call_text(call, 0), (int)digits,
					  call->scratch, &result, call->error)
		     : numeric_text_round(call_text(call, 0), (int)digits,
					  call->scratch, &result, call->error);
	return ok && give_text(call, result);
}

/* --- scales --------------------------------------------------------------------- */

static int scale_of(struct slice text)
{
	const uint8_t *point = text.length ? memchr(text.at, '.', text.length)
					   : NULL;

	return point ? (int)(text.at + text.length - point - 1) : 0;
}

static bool is_special(struct slice text)
{
	return text.length && text.at[text.length - 1] > '9';
}

/* scale(): as written; min_scale() (variant 1): as needed */
static bool scale(struct call *call)
{
	struct slice text = call_text(call, 0);

	if (is_special(text))
		return give_null(call);
	if (call->variant &&
	    !numeric_text_do(NUMERIC_TRIM, text, slice_text("0"),
			     call->scratch, &text, call->error))
		return false;
	return give_integer(call, scale_of(text));
}

/* --- factorial, width_bucket ------------------------------------------------------ */

static bool factorial(struct call *call)
{
	int64_t n = call_integer(call, 0);
	struct numeric result;
	bool ok;

	if (n < 0)
		return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "factorial of a negative number is "
				 "undefined");
	if (n > FACTORIAL_MAX)
		return numeric_overflow(call->error);
	numeric_init(&result);
	mpz_fac_ui(result.units, (unsigned long)n);
	ok = give_text(call, numeric_text(&result, call->scratch));
	numeric_fini(&result);
	return ok;
}

static bool fail_bucket(struct call *call, const char *message)
{
	return error_set(call->error, "2201G", "%s", message);
}

/* (x - low) * count / (high - low), whole part, from 1. */
static bool give_bucket(struct call *call, struct numeric *x,
			struct numeric *low, struct numeric *high,
			int64_t count)
{
	struct numeric n;
	int64_t bucket;
	bool ok;

	numeric_init(&n);
	numeric_from_int64(count, &n);
	ok = numeric_do(NUMERIC_SUB, x, low, x, call->error) &&
	     numeric_do(NUMERIC_SUB, high, low, high, call->error) &&
	     numeric_do(NUMERIC_MUL, x, &n, x, call->error) &&
	     numeric_do(NUMERIC_QUOTIENT, x, high, x, call->error) &&
	     numeric_to_int64(x, 0, INT32_MAX - 1, "integer", &bucket,
			      call->error) &&
	     give_integer(call, bucket + 1);
	numeric_fini(&n);
	return ok;
}

static bool bucket_of(struct call *call, struct numeric *x,
		      struct numeric *low, struct numeric *high)
{
	int64_t count = call_integer(call, 3);
	int order = numeric_compare(low, high);
	int below, above;

	if (count <= 0)
		return fail_bucket(call, "count must be greater than zero");
	if (x->kind == NUMERIC_NAN || low->kind == NUMERIC_NAN ||
	    high->kind == NUMERIC_NAN)
		return fail_bucket(call, "operand, lower bound, and upper "
					 "bound cannot be NaN");
	if (low->kind != NUMERIC_FINITE || high->kind != NUMERIC_FINITE)
		return fail_bucket(call, "lower and upper bounds must be "
					 "finite");
	if (order == 0)
		return fail_bucket(call, "lower bound cannot equal upper "
					 "bound");
	below = numeric_compare(x, low);
	above = numeric_compare(x, high);
	if (order < 0 ? below < 0 : below > 0)
		return give_integer(call, 0);
	if (order < 0 ? above >= 0 : above <= 0)
		return give_integer(call, count + 1);
	return give_bucket(call, x, low, high, count);
}

/* width_bucket(operand, low, high, count) */
static bool width_bucket(struct call *call)
{
	struct numeric values[3];
	bool ok = true;

	for (int i = 0; i < 3; i++) {
		numeric_init(&values[i]);
		ok = ok && numeric_parse(call_text(call, i), &values[i],
					 call->error);
	}
	ok = ok && bucket_of(call, &values[0], &values[1], &values[2]);
	for (int i = 0; i < 3; i++)
		numeric_fini(&values[i]);
	return ok;
}

/* --- sizes ----------------------------------------------------------------------- */

/* Halves as Postgres does: the sign apart, half away from zero. */
static int64_t half_rounded(int64_t value)
{
	return value < 0 ? (value - 1) / 2 : (value + 1) / 2;
}

static bool give_size(struct call *call, int64_t size)
{
	static const struct {
		const char *name;
		int64_t limit;
		bool round;
		int bits;
	} units[] = {
		{ "bytes", 10 * 1024, false, 0 },
		{ "kB", 20 * 1024 - 1, true, 10 },
		{ "MB", 20 * 1024 - 1, true, 20 },
		{ "GB", 20 * 1024 - 1, true, 30 },
		{ "TB", 20 * 1024 - 1, true, 40 },
		{ "PB", 20 * 1024 - 1, true, 50 },
	};
	size_t last = sizeof(units) / sizeof(*units) - 1;

	for (size_t i = 0;; i++) {
		uint64_t amount = size < 0 ? -(uint64_t)size : (uint64_t)size;
		int bits;

		if (i == last || amount < (uint64_t)units[i].limit) {
			if (units[i].round)
				size = half_rounded(size);
			return give_text(call, slice_text(arena_printf(
				call->scratch, "%lld %s", (long long)size,
				units[i].name)));
		}
		/* one bit is kept for rounding at the end */
		bits = units[i + 1].bits - units[i].bits -
		       (units[i + 1].round ? 1 : 0) + (units[i].round ? 1 : 0);
		size /= (int64_t)1 << bits;
	}
}

/* pg_size_pretty(bigint or numeric) */
static bool size_pretty(struct call *call)
{
	struct numeric value;
	int64_t size;
	bool ok;

	if (sqlite3_value_type(call->arguments[0]) == SQLITE_INTEGER)
		return give_size(call, call_integer(call, 0));
	if (numeric_text_compare(call_text(call, 0), slice_text("10240")) < 0 &&
	    numeric_text_compare(call_text(call, 0), slice_text("-10240")) > 0)
		return give_text(call, slice_text(arena_printf(
			call->scratch, "%s bytes", call_cstring(call, 0))));
	numeric_init(&value);
	ok = numeric_parse(call_text(call, 0), &value, call->error);
	numeric_trunc(&value, 0);
	ok = ok && numeric_to_int64(&value, INT64_MIN, INT64_MAX, "bigint",
				    &size, call->error) &&
	     give_size(call, size);
	numeric_fini(&value);
	return ok;
}

/* --- the collation ------------------------------------------------------------------ */

static int collate(void *context, int length_a, const void *a, int length_b,
		   const void *b)
{
	return numeric_text_compare(slice_make(a, (size_t)length_a),
				    slice_make(b, (size_t)length_b));
}

static const struct function_row rows[] = {
	{ "pg_numeric_add", 2, 0, binary, NUMERIC_ADD },
	{ "pg_numeric_sub", 2, 0, binary, NUMERIC_SUB },
	{ "pg_numeric_mul", 2, 0, binary, NUMERIC_MUL },
	{ "pg_numeric_div", 2, 0, binary, NUMERIC_DIV },
	{ "pg_numeric_mod", 2, 0, binary, NUMERIC_MOD },
	{ "pg_numeric_quotient", 2, 0, binary, NUMERIC_QUOTIENT },
	{ "pg_numeric_power", 2, 0, binary, NUMERIC_POWER },
	{ "pg_numeric_log", 2, 0, binary, NUMERIC_LOG },
	{ "pg_numeric_gcd", 2, 0, binary, NUMERIC_GCD },
	{ "pg_numeric_lcm", 2, 0, binary, NUMERIC_LCM },
	{ "pg_numeric_neg", 1, 0, unary, NUMERIC_NEG },
	{ "pg_numeric_abs", 1, 0, unary, NUMERIC_ABS },
	{ "pg_numeric_sign", 1, 0, unary, NUMERIC_SIGN },
	{ "pg_numeric_ceil", 1, 0, unary, NUMERIC_CEIL },
	{ "pg_numeric_floor", 1, 0, unary, NUMERIC_FLOOR },
	{ "pg_numeric_sqrt", 1, 0, unary, NUMERIC_SQRT },
	{ "pg_numeric_ln", 1, 0, unary, NUMERIC_LN },
	{ "pg_numeric_exp", 1, 0, unary, NUMERIC_EXP },
	{ "pg_numeric_log", 1, 0, unary, NUMERIC_LOG10 },
	{ "pg_trim_scale", 1, 0, unary, NUMERIC_TRIM },
	{ "pg_numeric_round", 1, 0, to_digits, 0 },
	{ "pg_numeric_round", 2, 0, to_digits, 0 },
	{ "pg_numeric_trunc", 1, 0, to_digits, 1 },
	{ "pg_numeric_trunc", 2, 0, to_digits, 1 },
	{ "pg_numeric_cmp", 2, 0, compare, 0 },
	{ "pg_scale", 1, 0, scale, 0 },
	{ "pg_min_scale", 1, 0, scale, 1 },
	{ "pg_factorial", 1, 0, factorial, 0 },
	{ "pg_numeric_width_bucket", 4, 0, width_bucket, 0 },
	{ "pg_size_pretty", 1, 0, size_pretty, 0 },
	{ 0 },
};

int functions_numeric(sqlite3 *db, struct functions *functions)
{
	int rc = functions_add(db, functions, rows);

	return rc == SQLITE_OK
		       ? functions_add_collation(db, functions, "pg_numeric",
						 collate)
		       : rc;
}
