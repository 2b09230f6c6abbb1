#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/setting.h"

static void put(struct settings **set, const char *name, const char *sql)
{
	assert_true(settings_put(set, name, slice_text(sql)));
}

static const char *replay(const struct settings *now,
			  const struct settings *wanted, struct buffer *sql)
{
	buffer_clear(sql);
	settings_replay(now, wanted, sql);
	return buffer_cstring(sql);
}

static void replays_only_what_differs(void **state)
{
	struct settings *now = NULL, *wanted = NULL;
	struct buffer sql = { 0 };

	put(&now, "a", "SET a = 1");
	put(&now, "b", "SET b = 1");
	put(&wanted, "b", "SET b = 1");
	put(&wanted, "c", "SET c = 1");
	assert_string_equal(replay(now, wanted, &sql),
			    "RESET \"a\"\n;SET c = 1");
	assert_string_equal(replay(now, now, &sql), "");
	settings_unref(&now);
	settings_unref(&wanted);
	buffer_fini(&sql);
}

static void a_comment_at_the_end_of_a_set_hides_nothing(void **state)
{
	struct settings *wanted = NULL;
	struct buffer sql = { 0 };

	put(&wanted, "a", "SET a = 1 -- why");
	put(&wanted, "b", "SET b = 1");
	assert_string_equal(replay(NULL, wanted, &sql),
			    "SET a = 1 -- why\n;SET b = 1");
	settings_unref(&wanted);
	buffer_fini(&sql);
}

static void gives_up_an_identity_first_and_takes_it_on_last(void **state)
{
	struct settings *now = NULL, *wanted = NULL;
	struct buffer sql = { 0 };

	put(&now, "a", "SET a = 1");
	put(&now, "role", "SET ROLE x");
	put(&wanted, "role", "SET ROLE y");
	put(&wanted, "session_authorization", "SET SESSION AUTHORIZATION z");
	put(&wanted, "z", "SET z = 1");
	assert_string_equal(replay(now, wanted, &sql),
			    "RESET \"role\"\n;RESET \"a\"\n;SET z = 1\n;"
			    "SET SESSION AUTHORIZATION z\n;SET ROLE y");
	settings_unref(&now);
	settings_unref(&wanted);
	buffer_fini(&sql);
}

static void a_set_cannot_grow_past_its_bound(void **state)
{
	struct settings *set = NULL;
	static char text[SETTINGS_BYTES_MAX];

	memset(text, 'x', sizeof(text) - 100);
	put(&set, "a", text);
	assert_true(settings_put(&set, "a", slice_text(text)));
	assert_false(settings_put(&set, "b", slice_text(text)));
	put(&set, "b", "SET b = 1");
	assert_false(settings_put(&set, "b", slice_text(text)));
	assert_string_equal(settings_find(set, "b"), "SET b = 1");
	settings_unref(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replays_only_what_differs),
		cmocka_unit_test(a_comment_at_the_end_of_a_set_hides_nothing),
		cmocka_unit_test(gives_up_an_identity_first_and_takes_it_on_last),
		cmocka_unit_test(a_set_cannot_grow_past_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
