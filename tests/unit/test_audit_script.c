/*
 * The statement that asks, as far as it is put together from names, and the
 * script that is put together from its answers. That both are right is for
 * Postgres to say: tests/test_audit_lock.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/audit_findings.h"
#include "proxy/audit_script.h"

static void names_are_literals_in_any_lexer_state(void **state)
{
	const struct audit_table tables[] = {
		{ .name = "it's\\" },
		{ .schema = "s", .name = "t", .retain_column = "at",
		  .retain_s = 86400, .retain_type = "date" },
	};
	const struct audit_subject subject = { .role = "a'b",
					       .tables = tables, .count = 2 };
	struct buffer sql = { 0 };

	audit_findings_sql(&subject, &sql);
	assert_non_null(strstr(buffer_cstring(&sql),
			       "VALUES (E'a''b'::text, E'audit_owner'::text)"));
	assert_non_null(strstr(buffer_cstring(&sql),
			       "(NULL::text, E'it''s\\\\'::text, NULL::text, "
			       "NULL::int8, NULL::text), (E's'::text, "
			       "E't'::text, E'at'::text, 86400::int8, "
			       "E'date'::text)"));
	buffer_fini(&sql);
}

static void check_script(const struct audit_report *report, const char *owner,
			 void (*check)(const char *script))
{
	struct buffer out = { 0 };

	audit_script_print(report, owner, &out);
	check(buffer_cstring(&out));
	buffer_fini(&out);
}

static void check_order(const char *script)
{
	const char *first = strstr(script, "ONE;"), *second;

	assert_non_null(strstr(script, "\nBEGIN;\n"));
	assert_non_null(first);
	assert_null(strstr(first + 1, "ONE;"));
	second = strstr(script, "TWO;");
	assert_true(second > first);
	assert_non_null(strstr(second, "\nCOMMIT;\n"));
	assert_non_null(strstr(second, "human has to decide"));
}

static void remedies_stand_once_and_by_their_steps(void **state)
{
	struct audit_finding findings[] = {
		{ SEVERITY_CRITICAL, "late", "o", "", "TWO;", 40 },
		{ SEVERITY_CRITICAL, "early", "o", "", "ONE;", 20 },
		{ SEVERITY_HIGH, "early too", "p", "", "ONE;", 20 },
		{ SEVERITY_INFO, "by hand", "q", "", "", 0 },
	};
	struct audit_report report = { .database = "d", .role = "r",
				       .findings = findings, .count = 4 };

	check_script(&report, "owner", check_order);
}

static void check_names(const char *script)
{
	assert_null(strstr(script, "\nDROP"));
	assert_non_null(strstr(script, "<> E'd''' THEN"));
	assert_non_null(strstr(script, "CREATE ROLE \"o\"\"w'ner\" NOLOGIN"));
	assert_non_null(strstr(script, "rolname = E'o\"w''ner'"));
}

static void no_name_ends_a_comment_or_a_literal(void **state)
{
	struct audit_finding findings[] = {
		{ SEVERITY_HIGH, "found", "x\nDROP TABLE y;", "", "ONE;", 1 },
		{ SEVERITY_HIGH, "found", "x\r\nDROP TABLE y;", "", "", 1 },
	};
	struct audit_report report = { .database = "d'", .role = "r\nDROP",
				       .findings = findings, .count = 2 };

	check_script(&report, "o\"w'ner", check_names);
}

static void check_nothing(const char *script)
{
	for (const char *line = script; *line; line = strchr(line, '\n') + 1)
		assert_true(*line == '-' || *line == '\n');
}

static void without_remedies_nothing_is_to_be_run(void **state)
{
	struct audit_finding findings[] = {
		{ SEVERITY_HIGH, "found", "x", "", "", 0 },
	};
	struct audit_report report = { .database = "d", .role = "r",
				       .findings = findings, .count = 1 };

	check_script(&report, "owner", check_nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_literals_in_any_lexer_state),
		cmocka_unit_test(remedies_stand_once_and_by_their_steps),
		cmocka_unit_test(no_name_ends_a_comment_or_a_literal),
		cmocka_unit_test(without_remedies_nothing_is_to_be_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
