#include "lite_function.h"

static const char *known_setting(struct lite_context *context,
				 const char *name)
{
	return strcmp(name, "search_path") ? NULL : "\"$user\", public";
}

static bool next_value(struct lite_context *context, uint32_t oid,
		       int64_t *ret_value, struct error *error)
{
	if (oid != 16400)
		return error_set(error, SQLSTATE_UNDEFINED_TABLE, "none");
	*ret_value = 7;
	return true;
}

static bool take_lock(struct lite_context *context, int how, bool two,
		      int64_t key, bool *ret_done, struct error *error)
{
	*ret_done = how == LITE_LOCK_TRY && two &&
		    key == (INT64_C(1) << 32 | 0xFFFFFFFF);
	return true;
}

static void asks_the_session(void **state)
{
	static const struct function_case cases[] = {
		{ "", "pg_current_setting('search_path')",
		  "\"$user\", public" },
		{ "", "pg_current_setting('no.such')", "!42704" },
		{ "", "pg_current_setting('no.such',1)", "NULL" },
		{ "", "pg_nextval(16400)", "7" },
		{ "", "pg_nextval(1)", "!42P01" },
		{ "", "pg_lastval()", "!0A000" },
		{ "", "pg_try_advisory_lock(1,-1)", "1" },
		{ "", "pg_try_advisory_lock(1)", "0" },
		{ "", "pg_advisory_lock(1)", "" },
		{ "", "pg_current_user()", "app" },
		{ "", "pg_version() LIKE 'PostgreSQL 15.%'", "1" },
		{ "", "pg_backend_pid()", "42" },
		{ "", "pg_regex(pg_gen_random_uuid(),'^[0-9a-f]{8}-[0-9a-f]{4}-"
		      "4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',0)", "1" },
	};
	struct function_test *test = *state;

	test->context.setting = known_setting;
	test->context.next_value = next_value;
	test->context.advisory_lock = take_lock;
	test->context.process_id = 42;
	CHECK_CASES(state, cases);
}

static void sleeping_ends_when_cancelled(void **state)
{
	static const struct function_case cases[] = {
		{ "", "pg_sleep(3600)", "!57014" },
	};
	struct function_test *test = *state;
	atomic_bool cancelled = true;

	test->context.cancelled = &cancelled;
	CHECK_CASES(state, cases);
	test->context.cancelled = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_the_session),
		cmocka_unit_test(sleeping_ends_when_cancelled),
	};

	return cmocka_run_group_tests(tests, open_functions, close_functions);
}
