/*
 * The guard against two files of statements: tests/guard/refuse.sql and
 * allow.sql, one text per line, and what a line list cannot say.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "protocol/sql_reading.h"
#include "proxy/guard.h"
#include "protocol/sql_facts.h"
#include "long_body.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *const names[] = {
	"public.audit_log", "public.\"AuditTrail\"", "audit.events",
	"public.\"odd name\"",
};
static const char *const public_path[] = { "public", NULL };
static const char *const audit_path[] = { "audit", "public", NULL };
static const struct guard_state usual = {
		.search_path = public_path, .standard_conforming_strings = true,
		.client_encoding_safe = true,
	};

static struct guard *guard;

static struct guard *must_make(const char *const *list, unsigned count,
			       bool fold_case)
{
	struct error error;
	struct guard *made = guard_new(list, count, fold_case, &error);

	if (!made)
		fail_msg("%s", error.message);
	return made;
}

static int make_guard(void **state)
{
	guard = must_make(names, sizeof(names) / sizeof(*names), false);
	return 0;
}

static int drop_guard(void **state)
{
	guard_free(&guard);
	return 0;
}

static enum verdict judge(const char *text)
{
	struct error error;

	return guard_judge(guard, slice_text(text), &usual, &error);
}

static void assert_verdict(struct guard *by, const char *text,
			   const struct guard_state *state,
			   enum verdict expected)
{
	struct error error;
	enum verdict verdict = guard_judge(by, slice_text(text), state, &error);

	if (verdict != expected)
		fail_msg("verdict %d on: %s", verdict, text);
}

/* --- the files --------------------------------------------------------------- */

static int check_line(const char *line, bool allowed)
{
	char *longer = with_long_body(line);
	int wrong = (judge(line) == VERDICT_ALLOW) != allowed;

	if (longer && (judge(longer) == VERDICT_ALLOW) != allowed)
		wrong++;
	if (wrong)
		print_message("%s: %s\n", allowed ? "refused" : "allowed",
			      line);
	free(longer);
	return wrong;
}

static int check_file(const char *path, bool allowed)
{
	FILE *file = fopen(path, "r");
	char line[8192];
	int wrong = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0] && strncmp(line, "-- ", 3) != 0)
			wrong += check_line(line, allowed);
	}
	fclose(file);
	return wrong;
}

static void refuses_every_line_of_refuse_sql(void **state)
{
	assert_int_equal(check_file("tests/guard/refuse.sql", false), 0);
}

static void allows_every_line_of_allow_sql(void **state)
{
	assert_int_equal(check_file("tests/guard/allow.sql", true), 0);
}

/* --- long code --------------------------------------------------------------- */

/* A DO of `bytes` that says one thing over and over, on one line. */
static char *code_of(const char *part, size_t bytes)
{
	char *text = must_alloc(bytes + 64), *at = text;

	at = stpcpy(at, "DO 'BEGIN ");
	while (at + strlen(part) < text + bytes)
		at = stpcpy(at, part);
	strcpy(at, " END'");
	return text;
}

static const struct sql_reading *read_at_once(void *context, struct slice text,
					      bool coerces)
{
	struct sql_reading **reading = context;

	if (!*reading) {
		*reading = sql_reading_new(text, coerces);
		sql_reading_run(*reading);
	}
	return *reading;
}

/* Of the guard alone: it was read elsewhere. */
static double ms_to_judge(const char *part, size_t bytes)
{
	char *text = code_of(part, bytes);
	struct sql_reading *reading = NULL;
	struct guard_state state = usual;
	struct timespec before, after;
	struct error error;

	state.read = read_at_once;
	state.context = &reading;
	read_at_once(&reading, slice_text(text), true);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	guard_judge(guard, slice_text(text), &state, &error);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	sql_reading_unref(&reading);
	free(text);
	return (double)(after.tv_sec - before.tv_sec) * 1e3 +
	       (double)(after.tv_nsec - before.tv_nsec) / 1e6;
}

/* It is done on the loop. */
static void judges_long_code_in_time_that_grows_with_it_only(void **state)
{
	static const char *const parts[] = {
		"update t set role=1; ", "truncate t,", "a+", "do update ",
		"pg_class ", "copy a;", "\"a\"", "u&x", "create ",
	};

	for (size_t i = 0; i < COUNT(parts); i++) {
		double quarter = ms_to_judge(parts[i], 250000);
		double whole = ms_to_judge(parts[i], 1000000);

		if (whole > 8 * quarter + 20)
			fail_msg("%s: %.0f ms, and %.0f ms for a quarter",
				 parts[i], whole, quarter);
	}
}

/* --- what a refusal says ------------------------------------------------------- */

static void refuses_in_postgres_words(void **state)
{
	struct error error;

	assert_int_equal(guard_judge(guard,
				     slice_text("select 1; DELETE FROM "
						"audit_log; select 2"),
				     &usual, &error),
			 VERDICT_REFUSE);
	assert_string_equal(error.sqlstate, "42501");
	assert_string_equal(error.message,
			    "permission denied for table audit_log");
	assert_string_equal(error.detail,
			    "weir: public.audit_log is configured "
			    "insert-only; DELETE in statement 2 of 3");
	assert_string_equal(error.hint,
			    "Only SELECT and INSERT are allowed on it.");
	assert_string_equal(error.schema, "public");
	assert_string_equal(error.table, "audit_log");
	assert_string_equal(error.routine, "weir_audit_guard");
	assert_false(error.fatal);
}

static void passes_on_what_the_parser_says(void **state)
{
	struct error error;

	assert_int_equal(guard_judge(guard, slice_text("selct 1"), &usual,
				     &error),
			 VERDICT_UNREAD);
	assert_string_equal(error.sqlstate, "42601");
	assert_string_equal(error.message,
			    "syntax error at or near \"selct\"");
	assert_int_equal(error.position, 1);
}

/* --- the server's state --------------------------------------------------------- */

static void doubts_backslashes_unless_strings_conform(void **state)
{
	struct guard_state unsure = {
		.search_path = public_path, .standard_conforming_strings = false,
		.client_encoding_safe = true,
	};

	assert_verdict(guard, "select '\\'", &usual, VERDICT_ALLOW);
	assert_verdict(guard, "select '\\'", &unsure, VERDICT_REFUSE);
	assert_verdict(guard, "select '\\'' ; DELETE FROM audit_log; --'",
		       &unsure, VERDICT_REFUSE);
	assert_verdict(guard, "select 'x'", &unsure, VERDICT_ALLOW);
}

static void doubts_bytes_beyond_ascii_unless_the_encoding_is_safe(void **state)
{
	struct guard_state unsure = {
		.search_path = public_path, .standard_conforming_strings = true,
		.client_encoding_safe = false,
	};

	assert_verdict(guard, "select 'é'", &usual, VERDICT_ALLOW);
	assert_verdict(guard, "select 'é'", &unsure, VERDICT_REFUSE);
	assert_verdict(guard, "select 'e'", &unsure, VERDICT_ALLOW);
}

static void follows_the_search_path(void **state)
{
	struct guard_state audit = {
		.search_path = audit_path, .standard_conforming_strings = true,
		.client_encoding_safe = true,
	};
	struct guard_state unknown = {
		.search_path = NULL, .standard_conforming_strings = true,
		.client_encoding_safe = true,
	};

	assert_verdict(guard, "delete from events", &usual, VERDICT_ALLOW);
	assert_verdict(guard, "delete from events", &audit, VERDICT_REFUSE);
	assert_verdict(guard, "delete from events", &unknown, VERDICT_REFUSE);
	assert_verdict(guard, "delete from other.events", &unknown,
		       VERDICT_ALLOW);
	assert_verdict(guard, "delete from audit.events", &usual,
		       VERDICT_REFUSE);
	assert_verdict(guard, "set search_path = audit; delete from events",
		       &usual, VERDICT_REFUSE);
	assert_verdict(guard, "delete from events; set search_path = audit",
		       &usual, VERDICT_ALLOW);
	assert_verdict(guard, "prepare p as delete from events", &usual,
		       VERDICT_REFUSE);
}

/* --- names ----------------------------------------------------------------------- */

static void takes_a_bare_name_for_every_schema(void **state)
{
	static const char *const bare[] = { "audit_event" };
	struct guard *made = must_make(bare, 1, false);

	assert_verdict(made, "delete from audit_event", &usual,
		       VERDICT_REFUSE);
	assert_verdict(made, "delete from tenant1.audit_event", &usual,
		       VERDICT_REFUSE);
	assert_verdict(made, "drop schema tenant1 cascade", &usual,
		       VERDICT_REFUSE);
	assert_verdict(made, "delete from \"Audit_Event\"", &usual,
		       VERDICT_ALLOW);
	guard_free(&made);
}

static void folds_case_where_the_backend_does(void **state)
{
	static const char *const bare[] = { "audit_log", "\"AuditTrail\"" };
	struct guard *made = must_make(bare, 2, true);

	assert_verdict(made, "delete from \"AUDIT_LOG\"", &usual,
		       VERDICT_REFUSE);
	assert_verdict(made, "update audittrail set a = 1", &usual,
		       VERDICT_REFUSE);
	assert_verdict(made, "delete from main.audit_log", &usual,
		       VERDICT_REFUSE);
	assert_verdict(made, "insert into AuditTrail values (1)", &usual,
		       VERDICT_ALLOW);
	guard_free(&made);
	made = must_make(names, 3, true);
	assert_verdict(made, "delete from AUDIT.\"Events\"", &usual,
		       VERDICT_REFUSE);
	assert_verdict(made, "delete from events", &usual, VERDICT_ALLOW);
	assert_verdict(made, "delete from public.events", &usual,
		       VERDICT_ALLOW);
	assert_verdict(made, "delete from MAIN.audit_log", &usual,
		       VERDICT_REFUSE);
	guard_free(&made);
}

static void tells_that_a_text_moves_the_path_even_again(void **state)
{
	for (int i = 0; i < 2; i++) {
		assert_int_equal(judge("SET LOCAL search_path = audit"),
				 VERDICT_ALLOW);
		assert_true(guard_moves_path(guard));
		judge("SELECT 1");
		assert_false(guard_moves_path(guard));
	}
}

static void says_to_write_the_schema_where_the_path_is_not_known(void **state)
{
	struct guard_state unknown = usual;
	struct error error;

	unknown.search_path = NULL;
	guard_judge(guard, slice_text("DELETE FROM events"), &unknown, &error);
	assert_non_null(strstr(error.hint, "write its schema"));
	assert_string_equal(guard_refused_command(guard), "DELETE");
	assert_string_equal(guard_refused_reason(guard), "insert-only table");
}

static void reads_names_by_the_rules_of_sql(void **state)
{
	static const char *const wrong[] = {
		"", "a b", "a;b", "a.", "\"a", "select", "a IS NULL --",
		"1a", "a-b",
	};
	static const char *const cut[] = {
		"audit_trail_of_every_change_made_to_any_customer_account_"
		"record_and_more"
	};
	struct error error;
	struct guard *made;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (guard_new(&wrong[i], 1, false, &error))
			fail_msg("took for a name: %s", wrong[i]);
		assert_string_equal(error.sqlstate, "42601");
	}
	made = must_make(cut, 1, false);
	assert_verdict(made,
		       "delete from audit_trail_of_every_change_made_to_any_"
		       "customer_account_record",
		       &usual, VERDICT_REFUSE);
	guard_free(&made);
}

/* --- bounds ------------------------------------------------------------------------ */

static char *repeated(const char *start, const char *unit, size_t count,
		      const char *end)
{
	struct buffer text = { 0 };

	buffer_put_text(&text, start);
	for (size_t i = 0; i < count; i++)
		buffer_put_text(&text, unit);
	buffer_put_cstring(&text, end);
	return (char *)text.bytes;
}

static void assert_long(const char *start, const char *unit, size_t count,
			const char *end, enum verdict expected)
{
	char *text = repeated(start, unit, count, end);

	assert_verdict(guard, text, &usual, expected);
	free(text);
}

static void reads_long_texts_to_their_end(void **state)
{
	assert_long("SELECT 1;", "SELECT 1;", 200, "DELETE FROM audit_log",
		    VERDICT_REFUSE);
	assert_long("DELETE FROM audit_log WHERE ", "(", 0, "true",
		    VERDICT_REFUSE);
	assert_long("DELETE FROM audit_log WHERE false", " OR id=1", 4000, "",
		    VERDICT_REFUSE);
	assert_long("SELECT 1 WHERE 1 IN (0", ",1", 50000,
		    "); DELETE FROM audit_log", VERDICT_REFUSE);
	assert_long("INSERT INTO audit_log(ref) VALUES (1", "+1", 1000, ")",
		    VERDICT_ALLOW);
	assert_long("SELECT 1", "+1", 200000, "", VERDICT_UNREAD);
	assert_long("SELECT 1 /*", "padding ", 140000,
		    "*/; DELETE FROM audit_log", VERDICT_UNREAD);
}

/* As the session does: what is asked for is there the next time. */
static const struct sql_reading *read_later(void *context, struct slice text,
					    bool coerces)
{
	struct sql_reading **reading = context;

	if (*reading && slice_equal((*reading)->text, text))
		return *reading;
	sql_reading_unref(reading);
	*reading = sql_reading_new(text, coerces);
	sql_reading_run(*reading);
	return NULL;
}

static void asks_for_long_texts_to_be_read_before_it_judges(void **state)
{
	static const struct {
		const char *begin, *end;
		enum verdict verdict;
	} cases[] = {
		{ "SELECT 1 /*", "*/", VERDICT_ALLOW },
		{ "SELECT 1 /*", "*/; DELETE FROM audit_log", VERDICT_REFUSE },
		{ "SELECT /*", "*/ FROM WHERE", VERDICT_UNREAD },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sql_reading *reading = NULL;
		struct guard_state later = usual;
		struct buffer text = { 0 };

		later.read = read_later;
		later.context = &reading;
		buffer_put_text(&text, cases[i].begin);
		for (size_t j = 0; j < SQL_LONG_BYTES; j++)
			buffer_put_u8(&text, 'x');
		buffer_put_text(&text, cases[i].end);
		assert_verdict(guard, buffer_cstring(&text), &later,
			       VERDICT_READ);
		assert_verdict(guard, buffer_cstring(&text), &later,
			       cases[i].verdict);
		sql_reading_unref(&reading);
		buffer_fini(&text);
	}
}

static void remembers_what_it_allowed(void **state)
{
	static const char *const bare[] = { "audit_log" };
	struct guard *made = must_make(bare, 1, false);
	struct guard_state other = {
		.search_path = audit_path, .standard_conforming_strings = true,
		.client_encoding_safe = true,
	};
	struct guard_counters counters;

	for (int i = 0; i < 3; i++)
		assert_verdict(made, "select 1", &usual, VERDICT_ALLOW);
	assert_verdict(made, "select 1", &other, VERDICT_ALLOW);
	for (int i = 0; i < 3; i++)
		assert_verdict(made, "drop table audit_log", &usual,
			       VERDICT_REFUSE);
	assert_verdict(made, "selct", &usual, VERDICT_UNREAD);
	counters = guard_counters(made);
	assert_int_equal(counters.judged, 8);
	assert_int_equal(counters.remembered, 2);
	assert_int_equal(counters.refused, 3);
	assert_int_equal(counters.unread, 1);
	guard_free(&made);
}

static void knows_which_texts_spare_their_session(void **state)
{
	static const char *const sparing[] = {
		"select a from t where b = 5",
		"insert into t values (1)",
		"select lower(a) from t",
	};
	static const char *const touching[] = {
		"select pg_advisory_lock(1)",
		"select mine(1)",
		"listen c",
		"set timezone = 'UTC'",
		"select currval('s')",
		"create temp table x (a int)",
	};

	for (int twice = 0; twice < 2; twice++) {
		for (size_t i = 0; i < COUNT(sparing); i++) {
			assert_int_equal(judge(sparing[i]), VERDICT_ALLOW);
			assert_true(guard_spares_session(guard));
		}
		for (size_t i = 0; i < COUNT(touching); i++) {
			judge(touching[i]);
			assert_false(guard_spares_session(guard));
		}
	}
	assert_true(guard_counters(guard).remembered >= COUNT(sparing));
}

static void forgets_rather_than_grows(void **state)
{
	char text[64];
	struct guard_counters before, after;

	for (int i = 0; i < 40000; i++) {
		snprintf(text, sizeof(text), "select %d", i);
		assert_int_equal(judge(text), VERDICT_ALLOW);
	}
	before = guard_counters(guard);
	assert_int_equal(judge(text), VERDICT_ALLOW);
	assert_int_equal(judge("select 0"), VERDICT_ALLOW);
	after = guard_counters(guard);
	assert_true(after.remembered - before.remembered >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_every_line_of_refuse_sql),
		cmocka_unit_test(allows_every_line_of_allow_sql),
		cmocka_unit_test(
			judges_long_code_in_time_that_grows_with_it_only),
		cmocka_unit_test(refuses_in_postgres_words),
		cmocka_unit_test(passes_on_what_the_parser_says),
		cmocka_unit_test(doubts_backslashes_unless_strings_conform),
		cmocka_unit_test(
			doubts_bytes_beyond_ascii_unless_the_encoding_is_safe),
		cmocka_unit_test(follows_the_search_path),
		cmocka_unit_test(takes_a_bare_name_for_every_schema),
		cmocka_unit_test(folds_case_where_the_backend_does),
		cmocka_unit_test(tells_that_a_text_moves_the_path_even_again),
		cmocka_unit_test(
			says_to_write_the_schema_where_the_path_is_not_known),
		cmocka_unit_test(reads_names_by_the_rules_of_sql),
		cmocka_unit_test(reads_long_texts_to_their_end),
		cmocka_unit_test(asks_for_long_texts_to_be_read_before_it_judges),
		cmocka_unit_test(remembers_what_it_allowed),
		cmocka_unit_test(knows_which_texts_spare_their_session),
		cmocka_unit_test(forgets_rather_than_grows),
	};

	return cmocka_run_group_tests(tests, make_guard, drop_guard);
}
