#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "protocol/audit_refusal.h"

static void it_reads_as_postgres_would_say_it(void **state)
{
	struct error error;

	audit_refusal_put(&(struct audit_refusal){
		.schema = "public", .table = "log", .command = "DELETE",
		.through = "view public.recent", .statement = 1, .count = 2,
	}, &error);
	assert_string_equal(error.sqlstate, "42501");
	assert_string_equal(error.message, "permission denied for table log");
	assert_string_equal(error.detail, "weir: public.log is configured "
			    "insert-only; DELETE in statement 1 of 2 (through "
			    "view public.recent)");
	assert_string_equal(error.hint, "Only SELECT and INSERT are allowed on "
			    "it, and this could change it through view "
			    "public.recent.");
	assert_string_equal(error.schema, "public");
	assert_string_equal(error.table, "log");
}

static void what_it_was_made_of_is_read_again(void **state)
{
	static const struct audit_refusal refusals[] = {
		{ .table = "log", .command = "DROP" },
		{ .table = "log", .command = "ALTER TABLE", .statement = 3,
		  .count = 3 },
		{ .schema = "a", .table = "log", .command = "MERGE",
		  .through = "foreign key k of a.log (ON DELETE CASCADE)" },
		{ .schema = "a", .table = "log", .command = "UPDATE",
		  .through = "rule r", .statement = 1, .count = 1 },
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		const char *through = refusals[i].through;
		struct audit_refused refused;
		struct error error;

		audit_refusal_put(&refusals[i], &error);
		assert_false(audit_refusal_read(&error, &refused));
		audit_refusal_sign(&error);
		assert_true(audit_refusal_read(&error, &refused));
		assert_string_equal(refused.command, refusals[i].command);
		assert_string_equal(refused.through, through ? through : "");
	}
}

static void other_words_say_nothing_of_it(void **state)
{
	static const char *const details[] = {
		"", "weir: tables are configured insert-only, and so on.",
		" is configured insert-only; ", " is configured insert-only; x (through ",
	};
	struct audit_refused refused;
	struct error error;

	for (size_t i = 0; i < sizeof(details) / sizeof(*details); i++) {
		error_set(&error, SQLSTATE_INSUFFICIENT_PRIVILEGE, "no");
		error_detail(&error, "%s", details[i]);
		audit_refusal_sign(&error);
		assert_true(audit_refusal_read(&error, &refused));
		assert_string_equal(refused.through, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_as_postgres_would_say_it),
		cmocka_unit_test(what_it_was_made_of_is_read_again),
		cmocka_unit_test(other_words_say_nothing_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
