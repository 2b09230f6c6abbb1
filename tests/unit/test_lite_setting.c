#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <strings.h>

#include "pool/sqlite/setting.h"

static void the_table_is_sorted(void **state)
{
	for (size_t i = 1; i < lite_setting_count(); i++)
		if (strcasecmp(lite_setting_at(i - 1)->name,
			       lite_setting_at(i)->name) >= 0)
			fail_msg("%s", lite_setting_at(i)->name);
}

static void assert_set(struct lite_settings *settings, const char *name,
		       const char *value, const char *shown)
{
	struct error error;

	if (!lite_settings_set(settings, name, value, false, &error))
		fail_msg("%s: %s", name, error.message);
	assert_string_equal(lite_settings_get(settings, name), shown);
}

static void values_are_shown_as_postgres_shows_them(void **state)
{
	struct lite_settings settings;
	struct error error;

	lite_settings_init(&settings, "me", NULL);
	assert_string_equal(lite_settings_get(&settings, "datestyle"),
			    "ISO, MDY");
	assert_set(&settings, "statement_timeout", "5000", "5s");
	assert_int_equal(lite_settings_integer(&settings, "statement_timeout"),
			 5000);
	assert_set(&settings, "statement_timeout", "90s", "90s");
	assert_set(&settings, "statement_timeout", "2min", "2min");
	assert_set(&settings, "work_mem", "65536", "64MB");
	assert_set(&settings, "jit", "yes", "on");
	assert_set(&settings, "DateStyle", "iso, dmy", "ISO, DMY");
	assert_set(&settings, "client_encoding", "'utf-8'", "UTF8");
	assert_set(&settings, "app.user_id", "7", "7");
	assert_null(lite_settings_get(&settings, "nonsense"));
	assert_false(lite_settings_set(&settings, "nonsense", "1", false,
				       &error));
	assert_string_equal(error.sqlstate, "42704");
	assert_false(lite_settings_set(&settings, "server_version", "1", false,
				       &error));
	assert_string_equal(error.sqlstate, "55P02");
	assert_false(lite_settings_set(&settings, "statement_timeout", "soon",
				       false, &error));
	assert_string_equal(error.sqlstate, "22023");
	assert_false(lite_settings_set(&settings, "DateStyle", "German", false,
				       &error));
	assert_string_equal(error.sqlstate, "0A000");
	lite_settings_fini(&settings);
}

static void rollback_takes_changes_back_and_local_ones_end(void **state)
{
	struct lite_settings settings;
	struct error error;
	size_t mark;

	lite_settings_init(&settings, "me", NULL);
	assert_set(&settings, "jit", "on", "on");
	lite_settings_end(&settings, true);
	assert_set(&settings, "jit", "off", "off");
	lite_settings_end(&settings, false);
	assert_string_equal(lite_settings_get(&settings, "jit"), "on");
	assert_true(lite_settings_set(&settings, "jit", "off", true, &error));
	assert_string_equal(lite_settings_get(&settings, "jit"), "off");
	mark = lite_settings_mark(&settings);
	assert_false(lite_settings_set(&settings, "role", "a", false, &error));
	assert_string_equal(error.sqlstate, "22023");
	assert_set(&settings, "role", "me", "me");
	lite_settings_undo(&settings, mark);
	assert_string_equal(lite_settings_get(&settings, "role"), "none");
	lite_settings_end(&settings, true);
	assert_string_equal(lite_settings_get(&settings, "jit"), "on");
	lite_settings_reset_all(&settings);
	assert_string_equal(lite_settings_get(&settings, "jit"), "off");
	lite_settings_fini(&settings);
}

static void a_transaction_is_as_by_default_until_told(void **state)
{
	struct lite_settings settings;

	lite_settings_init(&settings, "me", NULL);
	assert_set(&settings, "default_transaction_isolation", "serializable",
		   "serializable");
	lite_settings_end(&settings, true);
	assert_string_equal(lite_settings_get(&settings,
					      "transaction_isolation"),
			    "serializable");
	assert_set(&settings, "transaction_isolation", "read committed",
		   "read committed");
	lite_settings_end(&settings, true);
	assert_string_equal(lite_settings_get(&settings,
					      "transaction_isolation"),
			    "serializable");
	lite_settings_fini(&settings);
}

static void reported_settings_are_told_once_when_they_change(void **state)
{
	struct lite_settings settings;
	struct buffer out = { 0 };

	lite_settings_init(&settings, "me", NULL);
	lite_settings_list_reported(&settings, &out);
	assert_true(out.length > 100);
	buffer_clear(&out);
	assert_set(&settings, "application_name", "x", "x");
	assert_set(&settings, "work_mem", "1MB", "1MB");
	lite_settings_report(&settings, &out);
	assert_int_equal(out.length, 5 + sizeof("application_name") + 2);
	buffer_clear(&out);
	lite_settings_end(&settings, true);
	lite_settings_report(&settings, &out);
	assert_int_equal(out.length, 0);
	buffer_fini(&out);
	lite_settings_fini(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted),
		cmocka_unit_test(values_are_shown_as_postgres_shows_them),
		cmocka_unit_test(rollback_takes_changes_back_and_local_ones_end),
		cmocka_unit_test(a_transaction_is_as_by_default_until_told),
		cmocka_unit_test(reported_settings_are_told_once_when_they_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
