#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "proxy/config.h"

static const struct option_row *row_of(const char *path)
{
	const struct option_row *row =
		option_find(OPTION_GLOBAL, slice_text(path));

	if (!row)
		row = option_find(OPTION_DATABASE, slice_text(path));
	assert_non_null(row);
	return row;
}

static bool set(const char *path, void *base, const char *text)
{
	struct buffer why = { 0 };
	bool well = option_set(row_of(path), base, slice_text(text), &why);

	assert_true(well || why.length > 0);
	buffer_fini(&why);
	return well;
}

static void every_default_is_valid(void **state)
{
	for (unsigned i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		struct buffer why = { 0 };
		union {
			struct config config;
			struct config_database database;
		} base = { 0 };

		assert_non_null(row->about);
		assert_non_null(row->argument);
		if (row->initial)
			assert_true(option_set(row, &base,
					       slice_text(row->initial), &why));
		option_clear(row, &base);
	}
}

static void names_do_not_collide(void **state)
{
	char a[64], b[64];

	for (unsigned i = 0; i < option_count; i++) {
		option_variable(&option_rows[i], a, sizeof(a));
		/* Kubernetes sets these for a Service called weir */
		assert_string_not_equal(a, "WEIR_PORT");
		assert_string_not_equal(a, "WEIR_SERVICE_HOST");
		assert_string_not_equal(a, "WEIR_SERVICE_PORT");
		assert_string_not_equal(a, "WEIR_CONFIG");
		for (unsigned j = 0; j < i; j++) {
			option_variable(&option_rows[j], b, sizeof(b));
			assert_string_not_equal(a, b);
		}
	}
}

static void flags_and_variables_follow_the_path(void **state)
{
	char text[64];

	option_flag(row_of("tls.min_version"), text, sizeof(text));
	assert_string_equal(text, "tls-min-version");
	option_variable(row_of("pool_size"), text, sizeof(text));
	assert_string_equal(text, "WEIR_POOL_SIZE");
}

static void durations_take_units(void **state)
{
	static const struct { const char *text; uint64_t ms; } good[] = {
		{ "30", 30000 }, { "30s", 30000 }, { "500ms", 500 },
		{ "5min", 300000 }, { "5 min", 300000 }, { "2h", 7200000 },
		{ "1d", 86400000 }, { "0", 0 },
	};
	static const char *const bad[] = {
		"", "s", "-1", "5m", "1.5s", "30 s x", "99999999999999999999",
		"900d", "0x10",
	};
	struct config_database base = { 0 };

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(set("queue_timeout", &base, good[i].text));
		assert_int_equal(base.queue_timeout_ms, good[i].ms);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(set("queue_timeout", &base, bad[i]));
	assert_false(set("server_connect_timeout", &base, "1ms"));
}

static void numbers_stay_in_their_range(void **state)
{
	struct config_database base = { .pool_size = 7 };

	assert_false(set("pool_size", &base, "0"));
	assert_false(set("pool_size", &base, "10001"));
	assert_false(set("pool_size", &base, "4294967297"));
	assert_false(set("pool_size", &base, "12x"));
	assert_false(set("pool_size", &base, ""));
	assert_int_equal(base.pool_size, 7);
	assert_true(set("pool_size", &base, "10000"));
}

static void permissions_are_octal(void **state)
{
	struct config base = { 0 };

	assert_true(set("listen.unix_mode", &base, "0770"));
	assert_int_equal(base.listen.unix_mode, 0770);
	assert_false(set("listen.unix_mode", &base, "0780"));
	assert_false(set("listen.unix_mode", &base, "7777"));
}

static void a_wrong_word_gets_the_right_ones(void **state)
{
	struct config_database base = { 0 };
	struct buffer why = { 0 };

	assert_false(option_set(row_of("pool_mode"), &base,
				slice_text("transction"), &why));
	assert_string_equal(buffer_cstring(&why),
			    "must be session, transaction or statement; "
			    "did you mean transaction?");
	buffer_fini(&why);
}

static void lists_are_cut_at_commas_outside_quotes(void **state)
{
	struct config_database base = { 0 };
	const struct option_row *row = row_of("audit_tables");

	assert_true(set("audit_tables", &base, " a , public.\"B,c\",,d "));
	assert_int_equal(base.audit_tables.count, 3);
	assert_string_equal(base.audit_tables.items[0], "a");
	assert_string_equal(base.audit_tables.items[1], "public.\"B,c\"");
	assert_string_equal(base.audit_tables.items[2], "d");
	assert_true(set("audit_tables", &base, ""));
	assert_int_equal(base.audit_tables.count, 0);
	option_clear(row, &base);
}

static void far_words_are_not_suggested(void **state)
{
	static const char *const words[] = { "pool_size", "backend", NULL };

	assert_string_equal(option_nearest(slice_text("pool_sze"), words),
			    "pool_size");
	assert_null(option_nearest(slice_text("xyzzy"), words));
	assert_null(option_nearest(slice_text(""), words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_default_is_valid),
		cmocka_unit_test(names_do_not_collide),
		cmocka_unit_test(flags_and_variables_follow_the_path),
		cmocka_unit_test(durations_take_units),
		cmocka_unit_test(numbers_stay_in_their_range),
		cmocka_unit_test(permissions_are_octal),
		cmocka_unit_test(a_wrong_word_gets_the_right_ones),
		cmocka_unit_test(lists_are_cut_at_commas_outside_quotes),
		cmocka_unit_test(far_words_are_not_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
