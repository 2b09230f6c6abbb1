#include "lite_function.h"

static const struct function_case cases[] = {
	{ "1.50 + 2", "pg_numeric_add('1.50','2')", "3.50" },
	{ "1.5 - 2.25", "pg_numeric_sub('1.5','2.25')", "-0.75" },
	{ "1.5 * 1.5", "pg_numeric_mul('1.5','1.5')", "2.25" },
	{ "1.0 / 3", "pg_numeric_div('1.0','3')", "0.33333333333333333333" },
	{ "1.0 / 0", "pg_numeric_div('1.0','0')", "!22012" },
	{ "5.5 % 2", "pg_numeric_mod('5.5','2')", "1.5" },
	{ "div(7,2.0)", "pg_numeric_quotient('7','2.0')", "3" },
	{ "- 1.50", "pg_numeric_neg('1.50')", "-1.50" },
	{ "abs(-1.50)", "pg_numeric_abs('-1.50')", "1.50" },
	{ "sign(-2.5)", "pg_numeric_sign('-2.5')", "-1" },
	{ "ceil(-1.5)", "pg_numeric_ceil('-1.5')", "-1" },
	{ "floor(-1.5)", "pg_numeric_floor('-1.5')", "-2" },
	{ "round(1.005,2)", "pg_numeric_round('1.005',2)", "1.01" },
	{ "round(2.5)", "pg_numeric_round('2.5')", "3" },
	{ "round(1234.5,-2)", "pg_numeric_round('1234.5',-2)", "1200" },
	{ "trunc(129.99,-1)", "pg_numeric_trunc('129.99',-1)", "120" },
	{ "trunc(-1.5)", "pg_numeric_trunc('-1.5')", "-1" },
	{ "sqrt(2.0)", "pg_numeric_sqrt('2.0')", "1.414213562373095" },
	{ "sqrt(-2.0)", "pg_numeric_sqrt('-2.0')", "!2201F" },
	{ "ln(2.0)", "pg_numeric_ln('2.0')", "0.6931471805599453" },
	{ "exp(1.0)", "pg_numeric_exp('1.0')", "2.7182818284590452" },
	{ "log(100.0)", "pg_numeric_log('100.0')", "2.0000000000000000" },
	{ "log(2,64.0)", "pg_numeric_log('2','64.0')", "6.0000000000000000" },
	{ "power(2,10::numeric)", "pg_numeric_power('2','10')",
	  "1024.0000000000000000" },
	{ "gcd(12.0,18)", "pg_numeric_gcd('12.0','18')", "6.0" },
	{ "lcm(4.0,6)", "pg_numeric_lcm('4.0','6')", "12.0" },
	{ "10.0 > 9", "pg_numeric_cmp('10.0','9')", "1" },
	{ "scale(1.500)", "pg_scale('1.500')", "3" },
	{ "min_scale(1.500)", "pg_min_scale('1.500')", "1" },
	{ "trim_scale(1.500)", "pg_trim_scale('1.500')", "1.5" },
	{ "factorial(20)", "pg_factorial(20)", "2432902008176640000" },
	{ "factorial(-1)", "pg_factorial(-1)", "!22003" },
	{ "width_bucket(5.35,0.024,10.06,5)",
	  "pg_numeric_width_bucket('5.35','0.024','10.06',5)", "3" },
	{ "width_bucket(11.0,0,10,5)",
	  "pg_numeric_width_bucket('11.0','0','10',5)", "6" },
	{ "pg_size_pretty(10239::bigint)", "pg_size_pretty(10239)",
	  "10239 bytes" },
	{ "pg_size_pretty(10240::bigint)", "pg_size_pretty(10240)", "10 kB" },
	{ "pg_size_pretty(-123456789012::bigint)",
	  "pg_size_pretty(-123456789012)", "-115 GB" },
	{ "pg_size_pretty(1234.5)", "pg_size_pretty('1234.5')",
	  "1234.5 bytes" },
	{ "SELECT x FROM (VALUES (10),(9.5),(-1),('NaN'::numeric)) v(x) "
	  "ORDER BY x",
	  "SELECT column1 FROM (VALUES ('10'),('9.5'),('-1'),('NaN')) ORDER "
	  "BY column1 COLLATE pg_numeric", "-1/9.5/10/NaN" },
	{ "1.50 = 1.5", "'1.50' = '1.5' COLLATE pg_numeric", "1" },
};

static void numeric_answers_as_postgres(void **state)
{
	CHECK_CASES(state, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numeric_answers_as_postgres),
	};

	return cmocka_run_group_tests(tests, open_functions, close_functions);
}
