#include "lite_function.h"

static const struct function_case cases[] = {
	{ "2147483647 + 1", "pg_int_add(2147483647,1,4)", "!22003" },
	{ "2147483647::int8 + 1", "pg_int_add(2147483647,1,8)",
	  "2147483648" },
	{ "32767::int2 + 1::int2", "pg_int_add(32767,1,2)", "!22003" },
	{ "9223372036854775807 + 1", "pg_int_add(9223372036854775807,1,8)",
	  "!22003" },
	{ "1 - 3", "pg_int_sub(1,3,4)", "-2" },
	{ "65536 * 65536", "pg_int_mul(65536,65536,4)", "!22003" },
	{ "7 / 2", "pg_int_div(7,2,4)", "3" },
	{ "-7 / 2", "pg_int_div(-7,2,4)", "-3" },
	{ "1 / 0", "pg_int_div(1,0,4)", "!22012" },
	{ "(-2147483648) / -1", "pg_int_div(-2147483648,-1,4)", "!22003" },
	{ "-7 % 3", "pg_int_mod(-7,3,4)", "-1" },
	{ "1 % 0", "pg_int_mod(1,0,4)", "!22012" },
	{ "(-9223372036854775808) % -1",
	  "pg_int_mod(-9223372036854775807-1,-1,8)", "0" },
	{ "- (-2147483648)::int", "pg_int_neg(-2147483648,4)", "!22003" },
	{ "abs(-5)", "pg_int_abs(-5,4)", "5" },
	{ "gcd(12,18)", "pg_int_gcd(12,18,4)", "6" },
	{ "lcm(4,6)", "pg_int_lcm(4,6,4)", "12" },
	{ "lcm(2147483647,2)", "pg_int_lcm(2147483647,2,4)", "!22003" },
	{ "5 # 3", "pg_int_xor(5,3)", "6" },
	{ "1 << 33", "pg_int_shl(1,33,4)", "2" },
	{ "1 << 31", "pg_int_shl(1,31,4)", "-2147483648" },
	{ "-8 >> 1", "pg_int_shr(-8,1,4)", "-4" },
	{ "1e308::float8 * 10", "pg_float_mul(1e308,10.0)", "!22003" },
	{ "1e-308::float8 * 1e-300", "pg_float_mul(1e-308,1e-300)",
	  "!22003" },
	{ "1.5::float8 / 0", "pg_float_div(1.5,0.0)", "!22012" },
	{ "'NaN'::float8 / 0", "pg_float_div('NaN',0.0)", "NaN" },
	{ "'NaN'::float8 + 1", "pg_float_add('NaN',1.0)", "NaN" },
	{ "1.1::float8 + 2.25", "pg_float_add(1.1,2.25)", "3.35" },
	{ "3::float8 - 0.5", "pg_float_sub(3.0,0.5)", "2.5" },
	{ "- 2.5::float8", "pg_float_neg(2.5)", "-2.5" },
	{ "round(2.5::float8)", "pg_float_round(2.5)", "2" },
	{ "round(-3.5::float8)", "pg_float_round(-3.5)", "-4" },
	{ "trunc(-3.7::float8)", "pg_float_trunc(-3.7)", "-3" },
	{ "ceil(1.2::float8)", "pg_float_ceil(1.2)", "2" },
	{ "floor(-1.2::float8)", "pg_float_floor(-1.2)", "-2" },
	{ "sign(-1.2::float8)", "pg_float_sign(-1.2)", "-1" },
	{ "sqrt(2::float8)", "pg_float_sqrt(2.0)", "1.4142135623731" },
	{ "sqrt(-1::float8)", "pg_float_sqrt(-1.0)", "!2201F" },
	{ "ln(0::float8)", "pg_float_ln(0.0)", "!2201E" },
	{ "exp(1000::float8)", "pg_float_exp(1000.0)", "!22003" },
	{ "power(2::float8,10)", "pg_float_power(2.0,10.0)", "1024" },
	{ "power(0::float8,-1)", "pg_float_power(0.0,-1.0)", "!2201F" },
	{ "power(-8::float8,0.5)", "pg_float_power(-8.0,0.5)", "!2201F" },
	{ "cbrt(27::float8)", "pg_cbrt(27.0)", "3" },
	{ "acos(2)", "pg_acos(2.0)", "!22003" },
	{ "degrees(pi())", "pg_degrees(pg_pi())", "180" },
	{ "width_bucket(5.35::float8,0.024,10.06,5)",
	  "pg_float_width_bucket(5.35,0.024,10.06,5)", "3" },
	{ "width_bucket(1::float8,0,1,0)",
	  "pg_float_width_bucket(1.0,0.0,1.0,0)", "!2201G" },
	{ "random() between 0 and 1", "pg_random() BETWEEN 0 AND 1", "1" },
};

static void arithmetic_answers_as_postgres(void **state)
{
	CHECK_CASES(state, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic_answers_as_postgres),
	};

	return cmocka_run_group_tests(tests, open_functions, close_functions);
}
