#include "lite_function.h"

#define TS "2024-02-29 13:14:15.678000"

static const struct function_case reckoning[] = {
	{ "'2024-01-31'::timestamp + '1 month'::interval",
	  "pg_timestamp_pl_interval('2024-01-31 00:00:00.000000','1:0:0')",
	  "2024-02-29 00:00:00.000000" },
	{ "'2024-03-31'::timestamp - '1 month 1 day'::interval",
	  "pg_timestamp_mi_interval('2024-03-31 00:00:00.000000','1:1:0')",
	  "2024-02-28 00:00:00.000000" },
	{ "'2024-01-01'::timestamptz + '36:00'::interval",
	  "pg_timestamptz_pl_interval('2024-01-01 00:00:00.000000',"
	  "'0:0:129600000000')", "2024-01-02 12:00:00.000000" },
	{ "'infinity'::timestamp + '1 day'::interval",
	  "pg_timestamp_pl_interval('infinity','0:1:0')", "infinity" },
	{ "", "pg_timestamp_mi('2024-03-01 12:00:00.000000',"
	      "'2024-02-28 00:00:00.000000')", "0:2:43200000000" },
	{ "", "pg_age('2024-03-01 12:00:00.000000',"
	      "'2022-12-31 13:00:00.000000',1114)", "14:0:82800000000" },
	{ "'2024-02-28'::date + 2", "pg_date_pli('2024-02-28',2)",
	  "2024-03-01" },
	{ "'2024-03-01'::date - 1", "pg_date_mii('2024-03-01',1)",
	  "2024-02-29" },
	{ "'2024-03-01'::date - '2024-01-01'::date",
	  "pg_date_mi('2024-03-01','2024-01-01')", "60" },
	{ "'infinity'::date - '2024-01-01'::date",
	  "pg_date_mi('infinity','2024-01-01')", "!22008" },
	{ "'2024-01-01'::date + '1 hour'::interval",
	  "pg_date_pl_interval('2024-01-01','0:0:3600000000')",
	  "2024-01-01 01:00:00.000000" },
	{ "'23:30'::time + '1 hour'::interval",
	  "pg_time_pl_interval('23:30:00.000000','0:0:3600000000')",
	  "00:30:00.000000" },
	{ "", "pg_time_mi('12:00:00.000000','13:30:00.000000')",
	  "0:0:-5400000000" },
	{ "", "pg_interval_add('1:2:3','1:1:1')", "2:3:4" },
	{ "", "pg_interval_sub('1:2:3','1:1:1')", "0:1:2" },
	{ "", "pg_interval_mul('1:1:0',1.5)", "1:16:43200000000" },
	{ "", "pg_interval_div('1:0:0',0.0)", "!22012" },
	{ "", "pg_interval_neg('1:-2:3')", "-1:2:-3" },
	{ "", "pg_justify_hours('0:0:90000000000')", "0:1:3600000000" },
	{ "", "pg_justify_days('0:35:0')", "1:5:0" },
	{ "", "'1:0:0' = '0:30:0' COLLATE pg_interval", "1" },
	{ "", "'0:1:0' < '0:0:90000000000' COLLATE pg_interval", "1" },
	{ "", "SELECT pg_interval_sum(column1), pg_interval_avg(column1) FROM "
	      "(VALUES ('0:1:0'),('0:2:0'))", "0:3:0|0:1:43200000000" },
	{ "'10:00+02'::timetz < '10:00+01'",
	  "pg_timetz_cmp('10:00:00.000000+02','10:00:00.000000+01') < 0",
	  "1" },
};

static const struct function_case parts[] = {
	{ "extract(year from '" TS "'::timestamp)",
	  "pg_extract('year','" TS "',1114)", "2024" },
	{ "extract(second from '" TS "'::timestamp)",
	  "pg_extract('second','" TS "',1114)", "15.678000" },
	{ "extract(epoch from '" TS "'::timestamptz)",
	  "pg_extract('epoch','" TS "',1184)", "1709212455.678000" },
	{ "extract(dow from '2024-02-29'::date)",
	  "pg_extract('dow','2024-02-29',1082)", "4" },
	{ "extract(nope from '2024-02-29'::date)",
	  "pg_extract('nope','2024-02-29',1082)", "!22023" },
	{ "date_part('minute','" TS "'::timestamp)",
	  "pg_date_part('minute','" TS "',1114)", "14" },
	{ "date_trunc('hour','" TS "'::timestamp)",
	  "pg_date_trunc('hour','" TS "',1114)",
	  "2024-02-29 13:00:00.000000" },
	{ "date_trunc('quarter','" TS "'::timestamptz)",
	  "pg_date_trunc('quarter','" TS "',1184)",
	  "2024-01-01 00:00:00.000000" },
	{ "", "pg_date_trunc('month','14:5:77',1186)", "14:0:0" },
	{ "'" TS "'::timestamp at time zone '<+03>-3'",
	  "pg_timezone('<+03>-3','" TS "',1114)", "2024-02-29 10:14:15.678000" },
	{ "'" TS "'::timestamptz at time zone 'UTC'",
	  "pg_timezone('UTC','" TS "',1184)", TS },
	{ "'" TS "'::timestamptz at time zone '2 hours'::interval",
	  "pg_timezone_interval('0:0:7200000000','" TS "',1184)",
	  "2024-02-29 15:14:15.678000" },
	{ "date_bin('15 minutes','" TS "'::timestamp,'2001-01-01')",
	  "pg_date_bin('0:0:900000000','" TS "','2001-01-01 00:00:00.000000',"
	  "1114)", "2024-02-29 13:00:00.000000" },
	{ "('2024-01-01'::timestamp,'2024-02-01'::timestamp) overlaps "
	  "('2024-01-15'::timestamp,'2024-03-01'::timestamp)",
	  "pg_overlaps('2024-01-01 00:00:00.000000',"
	  "'2024-02-01 00:00:00.000000','2024-01-15 00:00:00.000000',"
	  "'2024-03-01 00:00:00.000000')", "1" },
	{ "('2024-01-01'::timestamp,'1 day'::interval) overlaps "
	  "('2024-01-02'::timestamp,'2024-03-01'::timestamp)",
	  "pg_overlaps('2024-01-01 00:00:00.000000','0:1:0',"
	  "'2024-01-02 00:00:00.000000','2024-03-01 00:00:00.000000')", "0" },
	{ "make_date(2024,2,29)", "pg_make_date(2024,2,29)", "2024-02-29" },
	{ "make_date(2023,2,29)", "pg_make_date(2023,2,29)", "!22008" },
	{ "make_time(8,15,23.5)", "pg_make_time(8,15,23.5)",
	  "08:15:23.500000" },
	{ "make_time(24,0,1)", "pg_make_time(24,0,1.0)", "!22008" },
	{ "make_timestamp(2024,2,29,8,15,23.5)",
	  "pg_make_timestamp(2024,2,29,8,15,23.5)",
	  "2024-02-29 08:15:23.500000" },
	{ "make_timestamptz(2024,2,29,8,15,23.5,'+02')",
	  "pg_make_timestamptz(2024,2,29,8,15,23.5,'+02')",
	  "2024-02-29 06:15:23.500000" },
	{ "", "pg_make_interval(1,2,3,4,5,6,7.5)", "14:25:18367500000" },
	{ "", "pg_make_interval(0,0,0,10)", "0:10:0" },
	{ "to_timestamp(1709212455.678)",
	  "pg_to_timestamp_epoch(1709212455.678)", TS },
	{ "SELECT * FROM generate_series('2024-01-30'::timestamp,"
	  "'2024-03-30','1 month')",
	  "SELECT value FROM pg_generate_series_ts("
	  "'2024-01-30 00:00:00.000000','2024-03-30 00:00:00.000000','1:0:0',"
	  "1114)",
	  "2024-01-30 00:00:00.000000/2024-02-29 00:00:00.000000/"
	  "2024-03-29 00:00:00.000000" },
	{ "SELECT * FROM generate_series(1.0,2.0,0.5)",
	  "SELECT value FROM pg_generate_series_numeric('1.0','2.0','0.5')",
	  "1.0/1.5/2.0" },
};

static const struct function_case formats[] = {
	{ "to_char('" TS "'::timestamp,'YYYY-MM-DD HH24:MI:SS.MS')",
	  "pg_to_char('" TS "','YYYY-MM-DD HH24:MI:SS.MS',1114)",
	  "2024-02-29 13:14:15.678" },
	{ "to_char('" TS "'::timestamp,'FMMonth FMDDth, YYYY HH12:MI am')",
	  "pg_to_char('" TS "','FMMonth FMDDth, YYYY HH12:MI am',1114)",
	  "February 29th, 2024 01:14 pm" },
	{ "to_char('" TS "'::timestamp,'Day|DAY|dy|Mon|MONTH|month|')",
	  "pg_to_char('" TS "','Day|DAY|dy|Mon|MONTH|month|',1114)",
	  "Thursday |THURSDAY |thu|Feb|FEBRUARY |february |" },
	{ "to_char('" TS "'::timestamp,'IYYY-IW-ID DDD IDDD Q WW W CC J D')",
	  "pg_to_char('" TS "','IYYY-IW-ID DDD IDDD Q WW W CC J D',1114)",
	  "2024-09-4 060 060 1 09 5 21 2460370 5" },
	{ "to_char('" TS "'::timestamp,'YY YYY Y Y,YYY BC rm RM US FF3 SSSS')",
	  "pg_to_char('" TS "','YY YYY Y Y,YYY BC rm RM US FF3 SSSS',1114)",
	  "24 024 4 2,024 AD ii   II   678000 678 47655" },
	{ "to_char('" TS "'::timestamptz,'HH24:MI TZ tz TZH:TZM OF')",
	  "pg_to_char('" TS "','HH24:MI TZ tz TZH:TZM OF',1184)",
	  "13:14 UTC utc +00:00 +00" },
	{ "to_char('" TS "'::timestamp,'\"at\" HH24h FMHH12 FMMI P.M.')",
	  "pg_to_char('" TS "','\"at\" HH24h FMHH12 FMMI P.M.',1114)",
	  "at 13h 1 14 P.M." },
	{ "to_char('27:05:06'::interval,'HH24:MI:SS')",
	  "pg_to_char('0:0:97506000000','HH24:MI:SS',1186)", "27:05:06" },
	{ "to_char('1 day'::interval,'Month')",
	  "pg_to_char('0:1:0','Month',1186)", "!22007" },
	{ "to_date('29 Feb 2024','DD Mon YYYY')",
	  "pg_to_date('29 Feb 2024','DD Mon YYYY')", "2024-02-29" },
	{ "to_date('20240229','YYYYMMDD')", "pg_to_date('20240229','YYYYMMDD')",
	  "2024-02-29" },
	{ "to_date('2024/2/9','YYYY-MM-DD')",
	  "pg_to_date('2024/2/9','YYYY-MM-DD')", "2024-02-09" },
	{ "to_date('2024-13-01','YYYY-MM-DD')",
	  "pg_to_date('2024-13-01','YYYY-MM-DD')", "!22008" },
	{ "to_date('xx','YYYY')", "pg_to_date('xx','YYYY')", "!22007" },
	{ "to_timestamp('2024-02-29 01:14:15 PM','YYYY-MM-DD HH12:MI:SS AM')",
	  "pg_to_timestamp('2024-02-29 01:14:15 PM',"
	  "'YYYY-MM-DD HH12:MI:SS AM')", "2024-02-29 13:14:15.000000" },
	{ "to_timestamp('29/02/24 13:14:15.678','DD/MM/YY HH24:MI:SS.MS')",
	  "pg_to_timestamp('29/02/24 13:14:15.678','DD/MM/YY HH24:MI:SS.MS')",
	  TS },
};

static const struct function_case numbers[] = {
	{ "to_char(1234.5,'9,999.99')", "pg_to_char('1234.5','9,999.99',1700)",
	  " 1,234.50" },
	{ "to_char(-1234,'9,999,999')", "pg_to_char(-1234,'9,999,999',23)",
	  "    -1,234" },
	{ "to_char(5,'FM999')", "pg_to_char(5,'FM999',23)", "5" },
	{ "to_char(5,'000')", "pg_to_char(5,'000',23)", " 005" },
	{ "to_char(-5,'000')", "pg_to_char(-5,'000',23)", "-005" },
	{ "to_char(5,'FM000')", "pg_to_char(5,'FM000',23)", "005" },
	{ "to_char(0,'9')", "pg_to_char(0,'9',23)", " 0" },
	{ "to_char(0.5,'99.99')", "pg_to_char('0.5','99.99',1700)",
	  "   .50" },
	{ "to_char(0.5,'90.99')", "pg_to_char('0.5','90.99',1700)",
	  "  0.50" },
	{ "to_char(0.1,'FM9.99')", "pg_to_char('0.1','FM9.99',1700)", ".1" },
	{ "to_char(0.1,'FM0.99')", "pg_to_char('0.1','FM0.99',1700)", "0.1" },
	{ "to_char(5,'FM9.99')", "pg_to_char(5,'FM9.99',23)", "5." },
	{ "to_char(5,'FM9.90')", "pg_to_char(5,'FM9.90',23)", "5.00" },
	{ "to_char(0,'FM9.99')", "pg_to_char(0,'FM9.99',23)", "0." },
	{ "to_char(12345,'999')", "pg_to_char(12345,'999',23)", " ###" },
	{ "to_char(12345.67,'999.99')", "pg_to_char('12345.67','999.99',1700)",
	  " ###.##" },
	{ "to_char(1234567.891,'FM999G999G990D00')",
	  "pg_to_char('1234567.891','FM999G999G990D00',1700)",
	  "1,234,567.89" },
	{ "to_char(-5,'S999')", "pg_to_char(-5,'S999',23)", "  -5" },
	{ "to_char(5,'S999')", "pg_to_char(5,'S999',23)", "  +5" },
	{ "to_char(5,'999S')", "pg_to_char(5,'999S',23)", "  5+" },
	{ "to_char(-5,'999MI')", "pg_to_char(-5,'999MI',23)", "  5-" },
	{ "to_char(5,'999MI')", "pg_to_char(5,'999MI',23)", "  5 " },
	{ "to_char(-5,'999PR')", "pg_to_char(-5,'999PR',23)", "  <5>" },
	{ "to_char(5,'999PR')", "pg_to_char(5,'999PR',23)", "   5 " },
	{ "to_char(-5,'SG999')", "pg_to_char(-5,'SG999',23)", "-  5" },
	{ "to_char(5,'PL999')", "pg_to_char(5,'PL999',23)", "+   5" },
	{ "to_char(-5,'999PL')", "pg_to_char(-5,'999PL',23)", "  -5 " },
	{ "to_char(5,'FMPL999')", "pg_to_char(5,'FMPL999',23)", "+5" },
	{ "to_char(-5,'FMMI999')", "pg_to_char(-5,'FMMI999',23)", "-5" },
	{ "to_char(12,'99\"%\"')", "pg_to_char(12,'99\"%\"',23)", " 12%" },
	{ "to_char(12.5,'FM99.9%')", "pg_to_char('12.5','FM99.9%',1700)",
	  "12.5%" },
	{ "to_char(1.5::float8,'9.99')", "pg_to_char(1.5,'9.99',701)",
	  " 1.50" },
	{ "to_char(-0.5,'9.9')", "pg_to_char('-0.5','9.9',1700)", " -.5" },
	{ "to_char(1234,'FM9,999')", "pg_to_char(1234,'FM9,999',23)", "1,234" },
	{ "to_char(34,'FM9,999')", "pg_to_char(34,'FM9,999',23)", "34" },
	{ "to_char(34,'0,999')", "pg_to_char(34,'0,999',23)", " 0,034" },
};

static void reckons_with_time_as_postgres(void **state)
{
	CHECK_CASES(state, reckoning);
}

static void takes_time_apart_as_postgres(void **state)
{
	CHECK_CASES(state, parts);
}

static void formats_time_as_postgres(void **state)
{
	CHECK_CASES(state, formats);
}

static void formats_numbers_as_postgres(void **state)
{
	CHECK_CASES(state, numbers);
}

static void now_is_what_the_context_says(void **state)
{
	static const struct function_case cases[] = {
		{ "", "pg_now()", "2000-01-01 00:00:01.000000" },
		{ "", "pg_statement_timestamp()",
		  "2000-01-01 00:00:02.000000" },
		{ "", "pg_clock_timestamp() > '2024'", "1" },
		{ "", "pg_age('1999-12-31 00:00:00.000000',1184)", "0:1:0" },
	};
	struct function_test *test = *state;

	test->context.transaction_us = 1000000;
	test->context.statement_us = 2000000;
	CHECK_CASES(state, cases);
}

/* The clocks of Berlin are put forward on 2024-03-31 at 01:00 UTC. */
static void follows_the_zone_of_the_session(void **state)
{
	static const struct function_case berlin[] = {
		{ "", "pg_timestamptz_pl_interval('2024-03-30 12:00:00.000000',"
		      "'0:1:0')", "2024-03-31 11:00:00.000000" },
		{ "", "pg_timestamptz_pl_interval('2024-03-30 12:00:00.000000',"
		      "'0:0:86400000000')", "2024-03-31 12:00:00.000000" },
		{ "", "pg_date_trunc('day','2024-07-01 23:30:00.000000',1184)",
		  "2024-07-01 22:00:00.000000" },
		{ "", "pg_date_trunc('day','2024-07-01 23:30:00.000000',1184,"
		      "'America/New_York')", "2024-07-01 04:00:00.000000" },
		{ "", "pg_extract('hour','2024-07-01 23:30:00.000000',1184)",
		  "1" },
		{ "", "pg_to_char('2024-07-01 23:30:00.000000',"
		      "'DD HH24 TZ TZH OF',1184)", "02 01 CEST +02 +02" },
		{ "", "pg_cast('2024-07-01 23:30:00.000000',1184,25,-1,1)",
		  "2024-07-02 01:30:00+02" },
		{ "", "pg_cast('2024-07-01 23:30:00.000000',1184,1082,-1,1)",
		  "2024-07-02" },
		{ "", "pg_cast('2024-07-01 23:30:00.000000',1184,1266,-1,1)",
		  "01:30:00.000000+02" },
		{ "", "pg_cast('2024-07-01',1082,1184,-1,1)",
		  "2024-06-30 22:00:00.000000" },
		{ "", "pg_to_json('2024-07-01 23:30:00.000000',1184)",
		  "\"2024-07-02T01:30:00+02:00\"" },
		{ "", "pg_timezone('Asia/Kolkata','2024-07-01 12:00:00.000000',"
		      "1184)", "2024-07-01 17:30:00.000000" },
		{ "", "pg_make_timestamptz(2024,7,1,12,0,0.0)",
		  "2024-07-01 10:00:00.000000" },
		{ "", "pg_to_timestamp('2024-07-01','YYYY-MM-DD')",
		  "2024-06-30 22:00:00.000000" },
		{ "", "pg_array_build(1184,'2024-07-01 12:00:00.000000')",
		  "{\"2024-07-01 12:00:00+00\"}" },
		{ "", "pg_array_to_string('{\"2024-07-01 12:00:00+00\"}',',',"
		      "1184)", "2024-07-01 14:00:00+02" },
	};
	struct function_test *test = *state;

	test->settings.zone = zone_files_find(&test->zones,
					      slice_text("Europe/Berlin"));
	assert_non_null(test->settings.zone);
	CHECK_CASES(state, berlin);
	test->settings.zone = NULL;
}

static void refuses_what_is_stored_wrongly(void **state)
{
	static const struct function_case cases[] = {
		{ "", "pg_timestamp_pl_interval('x','0:1:0')", "!XX000" },
		{ "", "pg_timestamp_pl_interval('" TS "','')", "!XX000" },
		{ "", "pg_date_pli('',1)", "!XX000" },
		{ "", "'' < '0:1:0' COLLATE pg_interval", "1" },
	};

	CHECK_CASES(state, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reckons_with_time_as_postgres),
		cmocka_unit_test(takes_time_apart_as_postgres),
		cmocka_unit_test(formats_time_as_postgres),
		cmocka_unit_test(formats_numbers_as_postgres),
		cmocka_unit_test(now_is_what_the_context_says),
		cmocka_unit_test(follows_the_zone_of_the_session),
		cmocka_unit_test(refuses_what_is_stored_wrongly),
	};

	return cmocka_run_group_tests(tests, open_functions, close_functions);
}
