#include "lite_function.h"

static const struct function_case cases[] = {
	{ "SELECT sum(x) FROM (VALUES (2147483647),(1),(null)) v(x)",
	  "SELECT pg_int_sum8(column1) FROM (VALUES (2147483647),(1),(null))",
	  "2147483648" },
	{ "SELECT sum(1) WHERE false", "SELECT pg_int_sum8(1) WHERE 0",
	  "NULL" },
	{ "SELECT avg(x) FROM (VALUES (1),(2),(2)) v(x)",
	  "SELECT pg_int_avg(column1) FROM (VALUES (1),(2),(2))",
	  "1.6666666666666667" },
	{ "SELECT avg(x) FROM (VALUES (9223372036854775807),"
	  "(9223372036854775807)) v(x)",
	  "SELECT pg_int_avg(column1) FROM (VALUES (9223372036854775807),"
	  "(9223372036854775807))", "9223372036854775807" },
	{ "SELECT sum(x) FROM (VALUES (1.50),(2.125)) v(x)",
	  "SELECT pg_numeric_sum(column1) FROM (VALUES ('1.50'),('2.125'))",
	  "3.625" },
	{ "SELECT sum(x) FROM (VALUES (1.5),('NaN'::numeric)) v(x)",
	  "SELECT pg_numeric_sum(column1) FROM (VALUES ('1.5'),('NaN'))",
	  "NaN" },
	{ "SELECT avg(x) FROM (VALUES (1.5),(2)) v(x)",
	  "SELECT pg_numeric_avg(column1) FROM (VALUES ('1.5'),('2'))",
	  "1.7500000000000000" },
	{ "SELECT var_samp(x) FROM (VALUES (1),(2),(4)) v(x)",
	  "SELECT pg_numeric_var_samp(CAST(column1 AS TEXT)) FROM "
	  "(VALUES (1),(2),(4))", "2.3333333333333333" },
	{ "SELECT var_pop(x) FROM (VALUES (1.5),(2),(4)) v(x)",
	  "SELECT pg_numeric_var_pop(column1) FROM "
	  "(VALUES ('1.5'),('2'),('4'))", "1.1666666666666667" },
	{ "SELECT stddev_samp(x) FROM (VALUES (1),(2),(4)) v(x)",
	  "SELECT pg_numeric_stddev_samp(CAST(column1 AS TEXT)) FROM "
	  "(VALUES (1),(2),(4))", "1.5275252316519467" },
	{ "SELECT stddev_pop(x) FROM (VALUES (1),(1)) v(x)",
	  "SELECT pg_numeric_stddev_pop(CAST(column1 AS TEXT)) FROM "
	  "(VALUES (1),(1))", "0" },
	{ "SELECT stddev_samp(x) FROM (VALUES (1)) v(x)",
	  "SELECT pg_numeric_stddev_samp(CAST(column1 AS TEXT)) FROM "
	  "(VALUES (1))", "NULL" },
	{ "SELECT min(x), max(x) FROM (VALUES (10.0),(9),(-1)) v(x)",
	  "SELECT pg_min(column1,1700), pg_max(column1,1700) FROM "
	  "(VALUES ('10.0'),('9'),('-1'))", "-1|10.0" },
	{ "SELECT sum(x), avg(x) FROM (VALUES (1.5::float8),(2)) v(x)",
	  "SELECT pg_float_sum(column1), pg_float_avg(column1) FROM "
	  "(VALUES (1.5),(2.0))", "3.5|1.75" },
	{ "SELECT sum(x) FROM (VALUES (1e308::float8),(1e308)) v(x)",
	  "SELECT pg_float_sum(column1) FROM (VALUES (1e308),(1e308))",
	  "!22003" },
	{ "SELECT stddev_samp(x), var_pop(x) FROM "
	  "(VALUES (1::float8),(2),(4)) v(x)",
	  "SELECT pg_float_stddev_samp(column1), pg_float_var_pop(column1) "
	  "FROM (VALUES (1.0),(2.0),(4.0))",
	  "1.52752523165195|1.55555555555556" },
	{ "SELECT corr(y,x), regr_slope(y,x), regr_intercept(y,x), "
	  "regr_count(y,x) FROM (VALUES (1::float8,2::float8),(2,4),(3,5)) "
	  "v(y,x)",
	  "SELECT pg_corr(column1,column2), pg_regr_slope(column1,column2), "
	  "pg_regr_intercept(column1,column2), pg_regr_count(column1,column2) "
	  "FROM (VALUES (1.0,2.0),(2.0,4.0),(3.0,5.0))",
	  "0.981980506061966|0.642857142857143|-0.357142857142857|3" },
	{ "SELECT string_agg(x,',') FROM (VALUES ('a'),(null),('b')) v(x)",
	  "SELECT pg_string_agg(column1,',') FROM "
	  "(VALUES ('a'),(null),('b'))", "a,b" },
	{ "SELECT string_agg(x,null) FROM (VALUES ('a'),('b')) v(x)",
	  "SELECT pg_string_agg(column1,NULL) FROM (VALUES ('a'),('b'))",
	  "ab" },
	{ "SELECT string_agg('a',',') WHERE false",
	  "SELECT pg_string_agg('a',',') WHERE 0", "NULL" },
	{ "SELECT bit_and(x), bit_or(x), bit_xor(x) FROM "
	  "(VALUES (6),(3)) v(x)",
	  "SELECT pg_bit_and(column1), pg_bit_or(column1), "
	  "pg_bit_xor(column1) FROM (VALUES (6),(3))", "2|7|5" },
};

static const struct function_case windows[] = {
	{ "SELECT string_agg(x,',') OVER (ORDER BY x ROWS 1 PRECEDING) FROM "
	  "(VALUES ('a'),('b'),('c')) v(x)",
	  "SELECT pg_string_agg(column1,',') OVER (ORDER BY column1 ROWS 1 "
	  "PRECEDING) FROM (VALUES ('a'),('b'),('c'))", "a/a,b/b,c" },
	{ "SELECT sum(x) OVER (ORDER BY x ROWS 1 PRECEDING) FROM "
	  "(VALUES (1.125),(2.5),(3)) v(x)",
	  "SELECT pg_numeric_sum(column1) OVER (ORDER BY column1 ROWS 1 "
	  "PRECEDING) FROM (VALUES ('1.125'),('2.5'),('3'))",
	  "1.125/3.625/5.5" },
	{ "SELECT avg(x) OVER (ORDER BY x ROWS 1 PRECEDING) FROM "
	  "(VALUES (1),(2),(4)) v(x)",
	  "SELECT pg_int_avg(column1) OVER (ORDER BY column1 ROWS 1 "
	  "PRECEDING) FROM (VALUES (1),(2),(4))",
	  "1.00000000000000000000/1.5000000000000000/3.0000000000000000" },
	{ "SELECT sum(x) OVER (ORDER BY x ROWS 1 PRECEDING) FROM "
	  "(VALUES (1::float8),(2),(1e300),('Infinity')) v(x)",
	  "SELECT pg_moving_float_sum(column1) OVER (ORDER BY column1 ROWS 1 "
	  "PRECEDING) FROM (VALUES (1.0),(2.0),(1e300),(9e999))",
	  "1/3/1e+300/inf" },
	{ "SELECT array_agg(x) OVER (ORDER BY x) FROM (VALUES (1),(2)) v(x)",
	  "SELECT pg_array_agg(column1,23) OVER (ORDER BY column1) FROM "
	  "(VALUES (1),(2))", "{1}/{1,2}" },
};

static void aggregates_answer_as_postgres(void **state)
{
	CHECK_CASES(state, cases);
}

static void aggregates_stand_over_windows(void **state)
{
	CHECK_CASES(state, windows);
}

static void refuses_a_moving_frame_where_rows_cannot_leave(void **state)
{
	static const struct function_case refused[] = {
		{ "", "SELECT pg_corr(column1,1.0) OVER (ORDER BY column1 "
		      "ROWS 1 PRECEDING) FROM (VALUES (1.0),(2.0),(3.0))",
		  "!0A000" },
	};

	CHECK_CASES(state, refused);
}

static void forgets_rows_of_a_long_moving_frame(void **state)
{
	static const struct function_case longer[] = {
		{ "", "SELECT max(length(s)) FROM (SELECT "
		      "pg_string_agg('xxxxxxxxxx',',') OVER (ORDER BY value "
		      "ROWS 2 PRECEDING) s FROM pg_generate_series(1,10000))",
		  "32" },
		{ "", "SELECT sum(s), count(s) FROM (SELECT "
		      "pg_moving_float_sum(value*1.0) OVER (ORDER BY value "
		      "ROWS BETWEEN 3 PRECEDING AND 2 PRECEDING) s FROM "
		      "pg_generate_series(1,10000))",
		  "99960004|9998" },
	};

	CHECK_CASES(state, longer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aggregates_answer_as_postgres),
		cmocka_unit_test(aggregates_stand_over_windows),
		cmocka_unit_test(
			refuses_a_moving_frame_where_rows_cannot_leave),
		cmocka_unit_test(forgets_rows_of_a_long_moving_frame),
	};

	return cmocka_run_group_tests(tests, open_functions, close_functions);
}
