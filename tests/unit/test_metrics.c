#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>

#include "proxy/metrics.h"

static void families_have_one_head_and_a_sample_per_series(void **state)
{
	struct metrics series[] = { { .database = "a" }, { .database = "b" } };
	struct buffer out = { 0 };

	metrics_set(&series[0], METRIC_SERVERS_IDLE, 2);
	metrics_set(&series[1], METRIC_SERVERS_ACTIVE, 1);
	metrics_add(&series[1], METRIC_SERVERS_ACTIVE, 3);
	metrics_write(series, 2, &out);
	assert_string_equal(buffer_cstring(&out),
		"# HELP weir_servers Servers in the pool, by what they are "
		"doing.\n# TYPE weir_servers gauge\n"
		"weir_servers{database=\"a\",state=\"idle\"} 2\n"
		"weir_servers{database=\"b\",state=\"active\"} 4\n");
	buffer_fini(&out);
}

static void milliseconds_are_shown_as_seconds(void **state)
{
	struct metrics series = { .database = NULL };
	struct buffer out = { 0 };

	metrics_set(&series, METRIC_LEASE_WAIT_MS, 12005);
	metrics_set(&series, METRIC_LEASES, 7);
	metrics_write(&series, 1, &out);
	assert_non_null(strstr(buffer_cstring(&out),
			       "# TYPE weir_lease_wait_seconds summary\n"
			       "weir_lease_wait_seconds_sum 12.005\n"
			       "weir_lease_wait_seconds_count 7\n"));
	buffer_fini(&out);
}

static void a_database_cannot_break_out_of_its_label(void **state)
{
	struct metrics series = { .database = "a\"} 1\nb\\" };
	struct buffer out = { 0 };

	metrics_set(&series, METRIC_QUERIES, 1);
	metrics_write(&series, 1, &out);
	assert_non_null(strstr(buffer_cstring(&out),
			       "{database=\"a\\\"} 1\\nb\\\\\"} 1\n"));
	buffer_fini(&out);
}

static void nothing_set_is_nothing_shown(void **state)
{
	struct metrics series = { .database = "a" };
	struct buffer out = { 0 };

	metrics_write(&series, 1, &out);
	assert_int_equal(out.length, 0);
}

/* Prometheus's own rules: a counter ends in _total, a name in small letters,
 * a help is a sentence. */
static void every_metric_keeps_the_rules_of_names(void **state)
{
	struct metrics series = { .database = "a" };
	struct buffer out = { 0 };
	char *line, *rest;

	for (int i = 0; i < METRIC_COUNT; i++)
		metrics_set(&series, (enum metric)i, 1);
	metrics_write(&series, 1, &out);
	metrics_write_process(&out);
	buffer_cstring(&out);
	for (line = strtok_r((char *)out.bytes, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char name[80], kind[20];

		if (sscanf(line, "# TYPE %79s %19s", name, kind) == 2) {
			size_t length = strlen(name);
			bool total = length > 6 &&
				strcmp(name + length - 6, "_total") == 0;

			assert_int_equal(total, strcmp(kind, "counter") == 0);
			for (char *at = name; *at; at++)
				assert_true(islower(*at) || *at == '_');
		} else if (strncmp(line, "# HELP ", 7) == 0) {
			assert_int_equal(line[strlen(line) - 1], '.');
		}
	}
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			families_have_one_head_and_a_sample_per_series),
		cmocka_unit_test(milliseconds_are_shown_as_seconds),
		cmocka_unit_test(a_database_cannot_break_out_of_its_label),
		cmocka_unit_test(nothing_set_is_nothing_shown),
		cmocka_unit_test(every_metric_keeps_the_rules_of_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
