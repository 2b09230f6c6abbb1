#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "proxy/retain_rule.h"

static void names_ages_and_types_are_read(void **state)
{
	struct arena arena = { 0 };
	struct retain_rule rule;

	assert_null(retain_rule_read("Audit_Event.At 365d", &arena, &rule));
	assert_null(rule.schema);
	assert_string_equal(rule.table, "audit_event");
	assert_string_equal(rule.column, "at");
	assert_int_equal(rule.age_s, 365 * 86400);
	assert_int_equal(rule.type, RETAIN_ANY);
	assert_null(retain_rule_read("public.\"Audit\"\"Trail\".\"when\"  2w text",
				     &arena, &rule));
	assert_string_equal(rule.schema, "public");
	assert_string_equal(rule.table, "Audit\"Trail");
	assert_string_equal(rule.column, "when");
	assert_int_equal(rule.age_s, 14 * 86400);
	assert_int_equal(rule.type, RETAIN_TEXT);
	arena_fini(&arena);
}

static void what_is_no_rule_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "audit_event", "audit_event 365d", "audit_event.at",
		"audit_event.at ", "audit_event.at d", "audit_event.at 365",
		"audit_event.at 365y", "audit_event.at 0d", "audit_event.at 23h",
		"audit_event.at 40000d", "audit_event.at 99999999999999999999d",
		"audit_event.at 1d bigint", "a.b.c.d 1d", "a..b 1d", ".a 1d",
		"\"a.b 1d", "a.\"\" 1d", "audit_event.at=365d", "1a.b 2d",
		"audit_event.at 1dd",
	};
	struct arena arena = { 0 };
	struct retain_rule rule;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (!retain_rule_read(wrong[i], &arena, &rule))
			fail_msg("taken: %s", wrong[i]);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_ages_and_types_are_read),
		cmocka_unit_test(what_is_no_rule_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
