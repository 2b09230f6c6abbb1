/*
 * Arithmetic on integers and floats, where SQLite would go on with another
 * type or with NULL and Postgres refuses: overflow is 22003, a zero divisor
 * 22012. The width of an integer operation (2, 4, 8) is its last argument.
 */
#include "pool/sqlite/function.h"

#include <stdlib.h>

#define SQLSTATE_BAD_LOGARITHM "2201E"
#define SQLSTATE_BAD_POWER "2201F"

/* --- integers ------------------------------------------------------------ */

static bool give_width(struct call *call, int64_t value, int64_t width)
{
	if ((width == 2 && value != (int16_t)value) ||
	    (width == 4 && value != (int32_t)value))
		return fail_integer_range(call, width);
	return give_integer(call, value);
}

enum int_operation { INT_ADD, INT_SUB, INT_MUL };

static bool int_arithmetic(struct call *call)
{
	int64_t a = call_integer(call, 0), b = call_integer(call, 1), result;
	bool overflow;

	if (call->variant == INT_ADD)
		overflow = __builtin_add_overflow(a, b, &result);
	else if (call->variant == INT_SUB)
		overflow = __builtin_sub_overflow(a, b, &result);
	else
		overflow = __builtin_mul_overflow(a, b, &result);
	if (overflow)
		return fail_integer_range(call, call_integer(call, 2));
	return give_width(call, result, call_integer(call, 2));
}

static bool int_div(struct call *call)
{
	int64_t a = call_integer(call, 0), b = call_integer(call, 1);

	if (b == 0)
		return fail_division(call);
	if (a == INT64_MIN && b == -1)
		return fail_integer_range(call, 8);
	return give_width(call, a / b, call_integer(call, 2));
}

static bool int_mod(struct call *call)
{
	int64_t b = call_integer(call, 1);

	if (b == 0)
		return fail_division(call);
	return give_integer(call, b == -1 ? 0 : call_integer(call, 0) % b);
}

static bool int_neg(struct call *call)
{
	int64_t a = call_integer(call, 0), width = call_integer(call, 1);

	if (a == INT64_MIN)
		return fail_integer_range(call, width);
	return give_width(call, -a, width);
}

static bool int_abs(struct call *call)
{
	return call_integer(call, 0) < 0 ? int_neg(call)
					 : give_argument(call, 0);
}

static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static bool int_gcd(struct call *call)
{
	uint64_t result = common_divisor(magnitude(call_integer(call, 0)),
					 magnitude(call_integer(call, 1)));

	if (result > INT64_MAX)
		return fail_integer_range(call, 8);
	return give_width(call, (int64_t)result, call_integer(call, 2));
}

static bool int_lcm(struct call *call)
{
	uint64_t a = magnitude(call_integer(call, 0));
	uint64_t b = magnitude(call_integer(call, 1)), result;

	if (!a || !b)
		return give_integer(call, 0);
	if (__builtin_mul_overflow(a / common_divisor(a, b), b, &result) ||
	    result > INT64_MAX)
		return fail_integer_range(call, call_integer(call, 2));
	return give_width(call, (int64_t)result, call_integer(call, 2));
}

static bool int_xor(struct call *call)
{
	return give_integer(call, call_integer(call, 0) ^
					  call_integer(call, 1));
}

/* As the machine shifts, which is what Postgres does: the count is taken
 * modulo the width (int2 shifts as int4 and is cut). */
static bool int_shift(struct call *call)
{
	int64_t a = call_integer(call, 0), width = call_integer(call, 2);
	int count = (int)(call_integer(call, 1) & (width == 8 ? 63 : 31));

	if (call->variant)
		return give_integer(call, a >> count);
	a = (int64_t)((uint64_t)a << count);
	return give_integer(call, width == 8   ? a
				  : width == 4 ? (int32_t)a
					       : (int16_t)a);
}

/* --- floats --------------------------------------------------------------- */

static bool fail_overflow(struct call *call)
{
	return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "value out of range: overflow");
}

static bool fail_underflow(struct call *call)
{
	return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "value out of range: underflow");
}

enum float_operation { FLOAT_ADD, FLOAT_SUB, FLOAT_MUL, FLOAT_DIV };

static double compute(int operation, double a, double b)
{
	switch (operation) {
	case FLOAT_ADD:
		return a + b;
	case FLOAT_SUB:
		return a - b;
	case FLOAT_MUL:
		return a * b;
	default:
		return a / b;
	}
}

/* An optional third argument of 4 computes in single precision. */
static bool float_arithmetic(struct call *call)
{
	double a = call_real(call, 0), b = call_real(call, 1), result;
	bool zero_is_exact = call->variant < FLOAT_MUL || a == 0 ||
			     (call->variant == FLOAT_MUL ? b == 0 : isinf(b));

	if (call->variant == FLOAT_DIV && b == 0 && !isnan(a))
		return fail_division(call);
	result = compute(call->variant, a, b);
	if (call->count == 3 && call_integer(call, 2) == 4)
		result = (float)result;
	if (isinf(result) && !isinf(a) && !isinf(b))
		return fail_overflow(call);
	if (result == 0 && !zero_is_exact)
		return fail_underflow(call);
	return give_real(call, result);
}

enum float_function {
	FLOAT_NEG, FLOAT_ABS, FLOAT_SIGN, FLOAT_CEIL, FLOAT_FLOOR, FLOAT_ROUND,
	FLOAT_TRUNC, FLOAT_SQRT, FLOAT_CBRT, FLOAT_EXP, FLOAT_LN, FLOAT_LOG,
	FLOAT_SIN, FLOAT_COS, FLOAT_TAN, FLOAT_COT, FLOAT_ASIN, FLOAT_ACOS,
	FLOAT_ATAN, FLOAT_SINH, FLOAT_COSH, FLOAT_TANH, FLOAT_ASINH,
	FLOAT_ACOSH, FLOAT_ATANH, FLOAT_DEGREES, FLOAT_RADIANS,
};

static double apply_rounding(int function, double x)
{
	switch (function) {
	case FLOAT_NEG:
		return -x;
	case FLOAT_ABS:
		return fabs(x);
	case FLOAT_SIGN:
		return x > 0 ? 1 : x < 0 ? -1 : 0;
	case FLOAT_CEIL:
		return ceil(x);
	case FLOAT_FLOOR:
		return floor(x);
	case FLOAT_ROUND:
		return rint(x);
	default:
		return trunc(x);
	}
}

static double apply(int function, double x)
{
	switch (function) {
	case FLOAT_SQRT: return sqrt(x);
	case FLOAT_CBRT: return cbrt(x);
	case FLOAT_EXP: return exp(x);
	case FLOAT_LN: return log(x);
	case FLOAT_LOG: return log10(x);
	case FLOAT_SIN: return sin(x);
	case FLOAT_COS: return cos(x);
	case FLOAT_TAN: return tan(x);
	case FLOAT_COT: return 1.0 / tan(x);
	case FLOAT_ASIN: return asin(x);
	case FLOAT_ACOS: return acos(x);
	case FLOAT_ATAN: return atan(x);
	case FLOAT_SINH: return sinh(x);
	case FLOAT_COSH: return cosh(x);
	case FLOAT_TANH: return tanh(x);
	case FLOAT_ASINH: return asinh(x);
	case FLOAT_ACOSH: return acosh(x);
	case FLOAT_ATANH: return atanh(x);
	case FLOAT_DEGREES: return x / 0.0174532925199432957692;
	case FLOAT_RADIANS: return x * 0.0174532925199432957692;
	default: return apply_rounding(function, x);
	}
}

static bool fail_logarithm(struct call *call, double x)
{
	return error_set(call->error, SQLSTATE_BAD_LOGARITHM, x == 0
			 ? "cannot take logarithm of zero"
			 : "cannot take logarithm of a negative number");
}

static bool in_domain(int function, double x)
{
	switch (function) {
	case FLOAT_SIN:
	case FLOAT_COS:
	case FLOAT_TAN:
	case FLOAT_COT:
		return !isinf(x);
	case FLOAT_ASIN:
	case FLOAT_ACOS:
	case FLOAT_ATANH:
		return isnan(x) || (x >= -1 && x <= 1);
	case FLOAT_ACOSH:
		return isnan(x) || x >= 1;
	default:
		return true;
	}
}

static bool float_function(struct call *call)
{
	double x = call_real(call, 0), result;
	int function = call->variant;

	if (function == FLOAT_SQRT && x < 0)
		return error_set(call->error, SQLSTATE_BAD_POWER,
				 "cannot take square root of a negative "
				 "number");
	if ((function == FLOAT_LN || function == FLOAT_LOG) && x <= 0)
		return fail_logarithm(call, x);
	if (!in_domain(function, x))
		return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "input is out of range");
	result = apply(function, x);
	if (isinf(result) && !isinf(x) && function != FLOAT_COT &&
	    function != FLOAT_ATANH)
		return fail_overflow(call);
	if (function == FLOAT_EXP && result == 0 && !isinf(x))
		return fail_underflow(call);
	return give_real(call, result);
}

static bool float_power(struct call *call)
{
	double x = call_real(call, 0), y = call_real(call, 1), result;

	if (x == 0 && y < 0)
		return error_set(call->error, SQLSTATE_BAD_POWER,
				 "zero raised to a negative power is "
				 "undefined");
	if (x < 0 && isfinite(y) && floor(y) != y)
		return error_set(call->error, SQLSTATE_BAD_POWER,
				 "a negative number raised to a non-integer "
				 "power yields a complex result");
	result = pow(x, y);
	if (isinf(result) && isfinite(x) && isfinite(y))
		return fail_overflow(call);
	if (result == 0 && x != 0 && isfinite(x) && isfinite(y))
		return fail_underflow(call);
	return give_real(call, result);
}

static bool float_atan2(struct call *call)
{
	return give_real(call, atan2(call_real(call, 0), call_real(call, 1)));
}

/* NaN is greater than every number and equal to itself: -1, 0, 1. */
static bool float_cmp(struct call *call)
{
	double a = call_real(call, 0), b = call_real(call, 1);

	if (isnan(a) || isnan(b))
		return give_integer(call, isnan(a) - isnan(b));
	return give_integer(call, (a > b) - (a < b));
}

/* float8 -> float4: what the shorter type can hold. */
static bool float_narrow(struct call *call)
{
	double x = call_real(call, 0);
	float narrow = (float)x;

	if (isinf(narrow) && !isinf(x))
		return fail_overflow(call);
	if (narrow == 0 && x != 0)
		return fail_underflow(call);
	return give_real(call, narrow);
}

static bool float_pi(struct call *call)
{
	return give_real(call, M_PI);
}

/* float8: width_bucket(operand, low, high, count) */
static bool width_bucket(struct call *call)
{
	double x = call_real(call, 0), low = call_real(call, 1);
	double high = call_real(call, 2);
	int64_t count = call_integer(call, 3), bucket;

	if (count <= 0)
		return error_set(call->error, "2201G",
				 "count must be greater than zero");
	if (isnan(x) || isnan(low) || isnan(high))
		return error_set(call->error, "2201G",
				 "operand, lower bound, and upper bound cannot "
				 "be NaN");
	if (isinf(low) || isinf(high))
		return error_set(call->error, "2201G",
				 "lower and upper bounds must be finite");
	if (low == high)
		return error_set(call->error, "2201G",
				 "lower bound cannot equal upper bound");
	if (low < high ? x < low : x > low)
		return give_integer(call, 0);
	if (low < high ? x >= high : x <= high)
		return give_integer(call, count + 1);
	bucket = (int64_t)((double)count * ((x - low) / (high - low)));
	return give_integer(call, (bucket >= count ? count - 1 : bucket) + 1);
}

static bool random_real(struct call *call)
{
	uint64_t bits;

	sqlite3_randomness(sizeof(bits), &bits);
	return give_real(call, ldexp((double)(bits >> 11), -53));
}

/* pg_positive(value, SQLSTATE, name): the argument of a window function. */
static bool positive(struct call *call)
{
	int64_t value = call_integer(call, 0);

	if (value > 0)
		return give_integer(call, value);
	return error_set(call->error, arena_dup(call->scratch,
						call_text(call, 1)),
			 "argument of %.*s must be greater than zero",
			 (int)call_text(call, 2).length,
			 (const char *)call_text(call, 2).at);
}

/* pg_limit(rows, kind): 0 LIMIT, 1 OFFSET, 2 WITH TIES. */
static bool limit(struct call *call)
{
	int64_t kind = call_integer(call, 1);

	if (sqlite3_value_type(call->arguments[0]) == SQLITE_NULL)
		return kind < 2 ? give_integer(call, kind - 1) :
				  error_set(call->error, "2201W", "%s",
					    "row count cannot be null in "
					    "FETCH FIRST ... WITH TIES clause");
	if (call_integer(call, 0) < 0)
		return error_set(call->error, kind == 1 ? "2201X" : "2201W",
				 "%s must not be negative",
				 kind == 1 ? "OFFSET" : "LIMIT");
	return give_argument(call, 0);
}

static const struct function_row rows[] = {
	{ "pg_limit", 2, FUNCTION_NULLS, limit, 0 },
	{ "pg_int_add", 3, 0, int_arithmetic, INT_ADD },
	{ "pg_int_sub", 3, 0, int_arithmetic, INT_SUB },
	{ "pg_int_mul", 3, 0, int_arithmetic, INT_MUL },
	{ "pg_int_div", 3, 0, int_div, 0 },
	{ "pg_int_mod", 3, 0, int_mod, 0 },
	{ "pg_int_neg", 2, 0, int_neg, 0 },
	{ "pg_int_abs", 2, 0, int_abs, 0 },
	{ "pg_int_gcd", 3, 0, int_gcd, 0 },
	{ "pg_int_lcm", 3, 0, int_lcm, 0 },
	{ "pg_int_xor", 2, 0, int_xor, 0 },
	{ "pg_int_shl", 3, 0, int_shift, 0 },
	{ "pg_int_shr", 3, 0, int_shift, 1 },
	{ "pg_float_add", 2, 0, float_arithmetic, FLOAT_ADD },
	{ "pg_float_sub", 2, 0, float_arithmetic, FLOAT_SUB },
	{ "pg_float_mul", 2, 0, float_arithmetic, FLOAT_MUL },
	{ "pg_float_div", 2, 0, float_arithmetic, FLOAT_DIV },
	{ "pg_float_add", 3, 0, float_arithmetic, FLOAT_ADD },
	{ "pg_float_sub", 3, 0, float_arithmetic, FLOAT_SUB },
	{ "pg_float_mul", 3, 0, float_arithmetic, FLOAT_MUL },
	{ "pg_float_div", 3, 0, float_arithmetic, FLOAT_DIV },
	{ "pg_float_neg", 1, 0, float_function, FLOAT_NEG },
	{ "pg_float_abs", 1, 0, float_function, FLOAT_ABS },
	{ "pg_positive", 3, 0, positive, 0 },
	{ "pg_float_sign", 1, 0, float_function, FLOAT_SIGN },
	{ "pg_float_ceil", 1, 0, float_function, FLOAT_CEIL },
	{ "pg_float_floor", 1, 0, float_function, FLOAT_FLOOR },
	{ "pg_float_round", 1, 0, float_function, FLOAT_ROUND },
	{ "pg_float_trunc", 1, 0, float_function, FLOAT_TRUNC },
	{ "pg_float_sqrt", 1, 0, float_function, FLOAT_SQRT },
	{ "pg_float_cbrt", 1, 0, float_function, FLOAT_CBRT },
	{ "pg_float_exp", 1, 0, float_function, FLOAT_EXP },
	{ "pg_float_ln", 1, 0, float_function, FLOAT_LN },
	{ "pg_float_log", 1, 0, float_function, FLOAT_LOG },
	{ "pg_float_log10", 1, 0, float_function, FLOAT_LOG },
	{ "pg_float_power", 2, 0, float_power, 0 },
	{ "pg_float_cmp", 2, 0, float_cmp, 0 },
	{ "pg_float_narrow", 1, 0, float_narrow, 0 },
	{ "pg_sqrt", 1, 0, float_function, FLOAT_SQRT },
	{ "pg_power", 2, 0, float_power, 0 },
	{ "pg_cbrt", 1, 0, float_function, FLOAT_CBRT },
	{ "pg_sin", 1, 0, float_function, FLOAT_SIN },
	{ "pg_cos", 1, 0, float_function, FLOAT_COS },
	{ "pg_tan", 1, 0, float_function, FLOAT_TAN },
	{ "pg_cot", 1, 0, float_function, FLOAT_COT },
	{ "pg_asin", 1, 0, float_function, FLOAT_ASIN },
	{ "pg_acos", 1, 0, float_function, FLOAT_ACOS },
	{ "pg_atan", 1, 0, float_function, FLOAT_ATAN },
	{ "pg_atan2", 2, 0, float_atan2, 0 },
	{ "pg_sinh", 1, 0, float_function, FLOAT_SINH },
	{ "pg_cosh", 1, 0, float_function, FLOAT_COSH },
	{ "pg_tanh", 1, 0, float_function, FLOAT_TANH },
	{ "pg_asinh", 1, 0, float_function, FLOAT_ASINH },
	{ "pg_acosh", 1, 0, float_function, FLOAT_ACOSH },
	{ "pg_atanh", 1, 0, float_function, FLOAT_ATANH },
	{ "pg_degrees", 1, 0, float_function, FLOAT_DEGREES },
	{ "pg_radians", 1, 0, float_function, FLOAT_RADIANS },
	{ "pg_pi", 0, 0, float_pi, 0 },
	{ "pg_float_width_bucket", 4, 0, width_bucket, 0 },
	{ "pg_random", 0, FUNCTION_VOLATILE, random_real, 0 },
	{ 0 },
};

int functions_number(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
