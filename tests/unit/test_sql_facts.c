#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "protocol/sql_facts.h"

static const char *const session_words[] = {
	[SESSION_SET] = "set",
	[SESSION_SET_LOCAL] = "set local",
	[SESSION_RESET] = "reset",
	[SESSION_RESET_ALL] = "reset all",
	[SESSION_PREPARE] = "prepare",
	[SESSION_EXECUTE] = "execute",
	[SESSION_DEALLOCATE] = "deallocate",
	[SESSION_DEALLOCATE_ALL] = "deallocate all",
	[SESSION_DISCARD] = "discard",
	[SESSION_LISTEN] = "listen",
	[SESSION_UNLISTEN] = "unlisten",
	[SESSION_TEMP] = "temp",
	[SESSION_CURSOR_HOLD] = "hold",
	[SESSION_LOAD] = "load",
	[SESSION_LOCK_CALL] = "lock call",
	[SESSION_SET_CONFIG_CALL] = "set_config",
	[SESSION_SEQUENCE_CALL] = "sequence call",
	[SESSION_SETVAL_CALL] = "setval call",
	[SESSION_NAMES_READ] = "names read",
	[SESSION_CHANNELS_READ] = "channels read",
	[SESSION_SEED_CALL] = "seed call",
	[SESSION_CHAIN] = "chain",
	[SESSION_UNREAD] = "unread",
	[SESSION_SAVEPOINT] = "savepoint",
	[SESSION_RELEASE] = "release",
	[SESSION_ROLLBACK_TO] = "rollback to",
};

static struct arena arena;

static struct sql_facts read_facts(const char *text)
{
	struct sql_facts facts;
	struct error error;

	arena_reset(&arena);
	if (!sql_facts_read(slice_text(text), &arena, &facts, &error))
		fail_msg("%s: %s", text, error.message);
	return facts;
}

/* All that was found in one line: "UPDATE s.t, SELECT u; set x". */
static const char *describe(const char *text)
{
	static struct buffer out;
	struct sql_facts facts = read_facts(text);

	buffer_clear(&out);
	for (int i = 0; i < facts.deed_count; i++) {
		const struct relation_deed *deed = &facts.deeds[i];

		buffer_printf(&out, "%s%s %s%s%s", i ? ", " : "",
			      deed_name(deed->deed),
			      deed->schema ? deed->schema : "",
			      deed->schema ? "." : "",
			      deed->relation ? deed->relation : "*");
	}
	for (int i = 0; i < facts.session_deed_count; i++) {
		const struct session_deed *deed = &facts.session_deeds[i];

		buffer_printf(&out, "; %s%s%s", session_words[deed->kind],
			      deed->name ? " " : "",
			      deed->name ? deed->name : "");
	}
	for (int i = 0; i < facts.code_count; i++)
		buffer_printf(&out, "; %s %s", facts.codes[i].command,
			      facts.codes[i].language);
	if (facts.forbidden)
		buffer_printf(&out, "; forbidden %s", facts.forbidden);
	if (facts.unlisted)
		buffer_put_text(&out, "; unlisted");
	return buffer_cstring(&out);
}

struct row {
	const char *text;
	const char *facts;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *facts = describe(rows[i].text);

		if (strcmp(facts, rows[i].facts) != 0)
			fail_msg("%s\n  expected %s\n  found    %s",
				 rows[i].text, rows[i].facts, facts);
	}
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof(*(rows)))

static void tells_what_data_statements_write(void **state)
{
	static const struct row rows[] = {
		{ "select 1", "" },
		{ "select * from a, s.b", "SELECT a, SELECT s.b" },
		{ "insert into t select * from u", "INSERT t, SELECT u" },
		{ "insert into t values (1) on conflict do nothing",
		  "INSERT t" },
		{ "insert into t values (1) on conflict (a) do update set a=1",
		  "INSERT ... ON CONFLICT DO UPDATE t" },
		{ "update only s.\"T\" x set a=1 from u",
		  "UPDATE s.T, SELECT u" },
		{ "delete from db.s.t using u", "DELETE s.t, SELECT u" },
		{ "merge into t using u on true when matched then delete",
		  "MERGE t, SELECT u" },
		{ "merge into t using u on true when not matched then "
		  "insert values (1)",
		  "INSERT t, SELECT u" },
		{ "with d as (delete from t returning *) select * from d",
		  "SELECT d, DELETE t" },
		{ "truncate a, only s.b", "TRUNCATE a, TRUNCATE s.b" },
		{ "copy t from stdin", "COPY FROM t" },
		{ "copy t to stdout", "SELECT t" },
		{ "copy (delete from t returning a) to stdout", "DELETE t" },
		{ "copy t from program 'x'",
		  "COPY FROM t; forbidden COPY ... PROGRAM" },
		{ "explain analyze update t set a=1", "UPDATE t" },
		{ "prepare p as delete from t", "DELETE t; prepare p" },
		{ "select 1; delete from t", "DELETE t" },
		{ "select * from t for update", "LOCK t" },
		{ "select * from t a join u on true for share of u",
		  "LOCK u, SELECT t, SELECT u" },
		{ "select * from (select * from t) x, u for update of x",
		  "LOCK t, SELECT u, SELECT x" },
		{ "lock table t in row exclusive mode", "SELECT t" },
		{ "lock t", "LOCK t" },
		{ "update pg_settings set setting = 'x'",
		  "UPDATE pg_settings; "
		  "forbidden writing to a system catalog" },
	};

	CHECK(rows);
}

static void tells_what_ddl_does(void **state)
{
	static const struct row rows[] = {
		{ "create table t (a int references u)",
		  "CREATE t, SELECT u" },
		{ "create temp table t ()", "CREATE TEMPORARY t; temp t" },
		{ "create table pg_temp.t ()",
		  "CREATE TEMPORARY pg_temp.t; temp t" },
		{ "select 1 into temp t", "CREATE TEMPORARY t; temp t" },
		{ "create temp view v as select 1",
		  "CREATE TEMPORARY v; temp v" },
		{ "create temp table t (a int constraint k unique)",
		  "CREATE TEMPORARY t, CREATE TEMPORARY k; temp t" },
		{ "create table p1 partition of p default",
		  "CREATE p1, maintenance p" },
		{ "create index i on t (a)",
		  "maintenance t, CREATE TEMPORARY i" },
		{ "drop table a, s.b", "DROP a, DROP s.b" },
		{ "drop type ty", "DROP ty" },
		{ "drop trigger tr on s.t", "ALTER s.t" },
		{ "drop schema s", "" },
		{ "drop schema s cascade", "DROP s.*" },
		{ "drop function f cascade",
		  "" },
		{ "alter table t add column a int", "ALTER t" },
		{ "alter table t add column a int not null", "ALTER t" },
		{ "alter table t alter a set statistics 5", "maintenance t" },
		{ "alter table t alter a set statistics 5, drop b",
		  "ALTER t" },
		{ "alter table t set (autovacuum_enabled = off)",
		  "maintenance t" },
		{ "alter table p attach partition t default",
		  "maintenance p, ALTER t" },
		{ "alter table p detach partition t", "ALTER p, ALTER t" },
		{ "alter table t inherit p", "ALTER t, ALTER p" },
		{ "alter index t rename to u",
		  "RENAME t, CREATE TEMPORARY u" },
		{ "alter table t rename column a to b", "RENAME t" },
		{ "alter schema s rename to x", "RENAME s.*" },
		{ "alter table t set schema x", "RENAME t" },
		{ "create rule r as on insert to t do also delete from u",
		  "ALTER t, DELETE u" },
		{ "create trigger x before insert on t execute function f()",
		  "ALTER t" },
		{ "create policy p on t using (true)", "ALTER t" },
		{ "grant select, insert on t to x", "maintenance t" },
		{ "grant select, update on t to x", "ALTER t" },
		{ "revoke update on t from x", "maintenance t" },
		{ "revoke insert on t from x", "ALTER t" },
		{ "grant all on all tables in schema s to x", "ALTER s.*" },
		{ "grant all on schema s to x", "" },
		{ "comment on column s.t.a is 'x'", "maintenance s.t" },
		{ "vacuum t, u", "maintenance t, maintenance u" },
		{ "alter extension e add table s.t", "ALTER s.t" },
		{ "drop owned by x", "; forbidden DROP OWNED" },
		{ "create function f() returns int language sql as 'select 1'",
		  "; CREATE FUNCTION sql" },
		{ "create function f() returns void begin atomic "
		  "delete from t; end",
		  "DELETE t" },
		{ "do 'begin end'", "; DO plpgsql" },
		{ "alter role x set search_path to y",
		  "; forbidden ALTER ROLE ... SET search_path" },
		{ "alter role x set statement_timeout to 1", "" },
		{ "create extension \"uuid-ossp\"", "" },
		{ "create extension dblink",
		  "; forbidden CREATE EXTENSION dblink" },
	};

	CHECK(rows);
}

static void tells_what_touches_the_session(void **state)
{
	static const struct row rows[] = {
		{ "set Search_Path to a, b", "; set search_path" },
		{ "set \"Search_Path\" to a", "; set search_path" },
		{ "set local x.y = 1", "; set local x.y" },
		{ "set x to default", "; reset x" },
		{ "set names 'utf8'", "; set client_encoding" },
		{ "set names 'sjis'", "; set client_encoding; "
				      "forbidden SET client_encoding" },
		{ "set time zone 'UTC'", "; set timezone" },
		{ "set role r", "; set role" },
		{ "set schema 's'", "; set search_path" },
		{ "set session authorization default",
		  "; reset session_authorization" },
		{ "set session authorization 'x'",
		  "; set session_authorization; "
		  "forbidden SET session_authorization" },
		{ "set session characteristics as transaction read only, "
		  "isolation level serializable",
		  "; set default_transaction_read_only"
		  "; set default_transaction_isolation" },
		{ "set transaction read only", "; set local transaction" },
		{ "reset all", "; reset all" },
		{ "reset x", "; reset x" },
		{ "discard all", "; discard all" },
		{ "discard temp", "; discard temp" },
		{ "execute p(1)", "; execute p" },
		{ "create table t as execute p", "CREATE t; execute p" },
		{ "deallocate p", "; deallocate p" },
		{ "deallocate all", "; deallocate all" },
		{ "listen a", "; listen a" },
		{ "unlisten *", "; unlisten" },
		{ "declare c cursor for select 1", "" },
		{ "declare c cursor with hold for select 1", "; hold c" },
		{ "load 'x'", "; load; forbidden LOAD" },
		{ "select pg_advisory_lock(1)",
		  "; lock call pg_advisory_lock" },
		{ "select pg_advisory_xact_lock(1)", "" },
		{ "select lastval()", "; sequence call lastval" },
		{ "select set_config('Work_Mem', '4MB', false)",
		  "; set_config work_mem" },
		{ "select set_config($1, $2, false)",
		  "; set_config; "
		  "forbidden set_config() of a computed name" },
		{ "set standard_conforming_strings = on",
		  "; set standard_conforming_strings" },
		{ "set standard_conforming_strings = off",
		  "; set standard_conforming_strings; "
		  "forbidden SET standard_conforming_strings" },
		{ "select s.set_config('x', 'y', false)", "" },
		{ "select setval('public.\"T_id_seq\"', 1)",
		  "ALTER public.T_id_seq; setval call" },
		{ "select dblink_exec('', 'x')",
		  "; forbidden calling dblink_exec()" },
	};

	CHECK(rows);
}

static void keeps_the_text_of_a_set_for_replay(void **state)
{
	struct sql_facts facts =
		read_facts("select 1; set x to 'a;b' ; reset y");

	assert_int_equal(facts.session_deed_count, 2);
	assert_string_equal(facts.session_deeds[0].text, "set x to 'a;b'");
	assert_int_equal(facts.session_deeds[0].statement, 1);
	assert_null(facts.session_deeds[1].text);
	facts = read_facts("select set_config('a.b', 'v', true)");
	assert_string_equal(facts.session_deeds[0].text, "v");
	assert_true(facts.session_deeds[0].local);
}

static void tells_transaction_statements(void **state)
{
	struct sql_facts facts =
		read_facts("begin; start transaction; savepoint a; "
			   "rollback to a; release a; commit; end; abort; "
			   "prepare transaction 'x'; select 1");
	static const enum transaction_deed deeds[] = {
		TRANSACTION_BEGIN, TRANSACTION_BEGIN, TRANSACTION_SAVEPOINT,
		TRANSACTION_ROLLBACK_TO, TRANSACTION_RELEASE,
		TRANSACTION_COMMIT, TRANSACTION_COMMIT, TRANSACTION_ROLLBACK,
		TRANSACTION_PREPARE, TRANSACTION_NONE,
	};

	assert_int_equal(facts.statement_count, 10);
	for (int i = 0; i < 10; i++)
		assert_int_equal(facts.statements[i].transaction, deeds[i]);
	assert_string_equal(facts.statements[9].tag, "SelectStmt");
}

static void tells_what_a_reader_may_run(void **state)
{
	static const char *const readers[] = {
		"select a, lower(b), count(*) from t where c = any($1)",
		"select now(), pg_catalog.version()", "show all",
		"values (1)", "explain analyze select 1", "copy t to stdout",
		"declare c cursor for select 1",
		"with x as (select 1) select * from x order by 1 limit 2",
	};
	static const char *const others[] = {
		"select nextval('s')", "select my_function()",
		"select s.lower('x')", "select * from t for update",
		"insert into t values (1)", "set x to 1", "begin",
		"explain delete from t", "create table t ()",
		"with x as (insert into t values (1) returning *) table x",
		"select 1 into t", "copy t from stdin", "lock t",
		"declare c cursor with hold for select 1", "notify x",
		"vacuum", "select pg_advisory_lock(1)",
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		if (!read_facts(readers[i]).statements[0].reads_only)
			fail_msg("does not read only: %s", readers[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (read_facts(others[i]).statements[0].reads_only)
			fail_msg("reads only: %s", others[i]);
}

static void tells_what_cannot_be_told(void **state)
{
	assert_true(read_facts("select f()").statements[0].opaque);
	assert_true(read_facts("call p()").statements[0].opaque);
	assert_true(read_facts("do ''").statements[0].opaque);
	assert_false(read_facts("select lower('X'), coalesce(a, now()) from t")
			     .statements[0].opaque);
}

static void assigns_deeds_to_their_statements(void **state)
{
	struct sql_facts facts =
		read_facts("select 1; update t set a = 1; delete from u");

	assert_int_equal(facts.statements[0].deed_count, 0);
	assert_int_equal(facts.statements[1].first_deed, 0);
	assert_int_equal(facts.statements[1].deed_count, 1);
	assert_int_equal(facts.statements[2].first_deed, 1);
	assert_int_equal(facts.deeds[1].statement, 2);
	assert_string_equal(facts.deeds[1].relation, "u");
}

static void knows_every_kind_of_statement(void **state)
{
	FILE *file = fopen("tests/unit/every_statement.sql", "r");
	char line[4096];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "--", 2) == 0)
			continue;
		line[strcspn(line, "\n")] = 0;
		if (read_facts(line).unlisted)
			fail_msg("unlisted: %s", line);
		if (line[0] && !read_facts(line).statements[0].tag)
			fail_msg("no tag: %s", line);
	}
	fclose(file);
}

static void scans_for_words_that_touch_the_session(void **state)
{
	static const char *const touching[] = {
		"SET x TO 1", " set x to 1", "/**/set x to 1",
		"select 1; set x to 1", "select set_config('a', 'b', true)",
		"select pg_try_advisory_lock_shared(1)",
		"select U&\"\\0073et_config\"('a', 'b', false)",
		"create temporary table t ()", "select 1 into temp t",
		"create table pg_temp_3.t ()", "discard all",
		"update pg_settings set setting = 'x'", "LISTEN a",
		"with x as (select lastval()) select 1", "EXECUTE p",
		"explain analyze execute p", "Prepare p as select 1",
		"declare c cursor with hold for select 1", "load 'x'",
		"rollback to x", "Savepoint a",
		"select own_function()", "select a, s.f (1) from t",
		"select f/* */(1)", "select \"F\"(1)", "do $$ begin end $$",
		"call p()", "select * from pg_prepared_statements",
		"insert into t select f(1)", "select 1 from f(1) as x(a)",
		"refresh materialized view v", "create extension e",
		"select setval('s', 1)",
	};
	static const char *const calm[] = {
		"", "select 1", "update t set a = 1 where b = $1;",
		"insert into t (a) values (1) on conflict do update set a = 1",
		"select case when a then b end from settings",
		"delete from t", "select reset_at, begins from t;\n",
		"explain select 1", "begin", "COMMIT",
		"select count(*), now() from t where a in (1, 2) and (b)",
		"insert into public.t (a, b) values ($1, $2)",
		"insert into \"T\" (\"a\") values (lower($1)) returning id",
		"select coalesce(a, 1)::numeric(10, 2) from t as x (a)",
		"update t set (a, b) = (1, 2) where exists (select 1)",
		"select * from t where a = any($1) order by abs(b)",
	};

	for (size_t i = 0; i < sizeof(touching) / sizeof(*touching); i++)
		if (!sql_may_touch_session(slice_text(touching[i])))
			fail_msg("overlooked: %s", touching[i]);
	for (size_t i = 0; i < sizeof(calm) / sizeof(*calm); i++)
		if (sql_may_touch_session(slice_text(calm[i])))
			fail_msg("needlessly parsed: %s", calm[i]);
}

/* The scan must never overlook what the facts find. */
static void scan_agrees_with_the_facts(void **state)
{
	FILE *file = fopen("tests/unit/every_statement.sql", "r");
	char line[4096];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		struct sql_facts facts;
		bool touches;

		if (strncmp(line, "--", 2) == 0)
			continue;
		facts = read_facts(line);
		touches = facts.session_deed_count;
		if (touches && !sql_may_touch_session(slice_text(line)))
			fail_msg("overlooked: %s", line);
	}
	fclose(file);
}

static double microseconds_per_reading(const char *text)
{
	struct timespec start, end;
	int count = 20000;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	for (int i = 0; i < count; i++)
		read_facts(text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	return ((double)(end.tv_sec - start.tv_sec) * 1e6 +
		(double)(end.tv_nsec - start.tv_nsec) / 1e3) /
	       count;
}

/* Space-separated, in order. */
static void assert_operators(const char *text, const char *expected)
{
	struct sql_facts facts = read_facts(text);
	char found[256] = "";

	for (int i = 0; i < facts.operator_count; i++) {
		const struct call_deed *each = &facts.operators[i];

		snprintf(found + strlen(found), sizeof(found) - strlen(found),
			 "%s%s%s%s", i ? " " : "",
			 each->schema ? each->schema : "",
			 each->schema ? "." : "", each->name);
	}
	assert_string_equal(found, expected);
}

static void tells_operators_that_are_written_or_implied(void **state)
{
	assert_operators("SELECT a + b + c - d FROM t", "- +");
	assert_operators("SELECT a OPERATOR(s.@@) b, "
			 "a OPERATOR(pg_catalog.=) b", "s.@@");
	assert_operators("SELECT 1 WHERE a BETWEEN 1 AND 2", ">= <=");
	assert_operators("SELECT 1 WHERE a NOT BETWEEN SYMMETRIC 1 AND 2",
			 "< >");
	assert_operators("SELECT 1 WHERE a IN (SELECT b FROM t)", "=");
	assert_operators("SELECT 1 WHERE a NOT IN (1, 2)", "<>");
	assert_operators("SELECT 1 WHERE a @@ ALL (SELECT b FROM t)", "@@");
	assert_operators("SELECT CASE a WHEN 1 THEN 2 END", "=");
	assert_operators("SELECT CASE WHEN a THEN 2 END", "");
	assert_operators("SELECT 1 FROM t JOIN u USING (a)", "=");
	assert_operators("SELECT 1 FROM t NATURAL JOIN u", "=");
	assert_operators("SELECT 1 FROM t ORDER BY a USING <<", "<<");
	assert_operators("SELECT nullif(a, b), a IS DISTINCT FROM b", "=");
	assert_operators("SELECT 1 WHERE a NOT ILIKE 'x'", "!~~*");
	assert_operators("SELECT 1 FROM t WHERE EXISTS (SELECT 1)", "");
}

static void tells_types_that_functions_make_values_of(void **state)
{
	struct sql_facts facts = read_facts(
		"SELECT pg_input_is_valid(a, 'S.Dom[]') FROM t");
	static const char *const forbidden[] = {
		"SELECT pg_input_is_valid(a, b) FROM t",
		"SELECT pg_input_is_valid('1', '\"dom\"')",
		"SELECT pg_input_is_valid('1', 's . dom')",
		"SELECT pg_input_is_valid('1', '/**/dom')",
		"SELECT pg_input_error_info('1', 't.a%type')",
		"SELECT record_in('(1)', 't'::regtype, -1)",
		"SELECT pg_catalog.array_in('{1}', 16384, -1)",
	};

	assert_null(facts.forbidden);
	assert_string_equal(facts.calls[1].schema, "s");
	assert_string_equal(facts.calls[1].name, "dom");
	assert_null(read_facts("SELECT pg_input_is_valid('1', "
			       "'timestamp(3) with time zone')").forbidden);
	assert_null(read_facts("SELECT record_in(7)").forbidden);
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		if (!read_facts(forbidden[i]).forbidden)
			fail_msg("passes: %s", forbidden[i]);
}

static void costs_little(void **state)
{
	double cost = microseconds_per_reading(
		"select id, name from t where id = $1");

	print_message("facts of a short SELECT: %.1f us\n", cost);
	assert_true(cost < 200);	/* sanitizers, slow machines */
}

/* A megabyte of them. */
static bool read_many(const char *start, const char *each, struct error *error)
{
	struct buffer text = { 0 };
	struct arena own = { 0 };
	struct sql_facts facts;
	bool good;

	buffer_put_text(&text, start);
	while (text.length + strlen(each) < SQL_TEXT_BYTES_MAX)
		buffer_put_text(&text, each);
	good = sql_facts_read(slice_make(text.bytes, text.length - 1), &own,
			      &facts, error);
	arena_fini(&own);
	buffer_fini(&text);
	return good;
}

static void keeps_no_more_than_it_has_room_for(void **state)
{
	struct error error = { 0 };

	assert_true(read_many("", "insert into t values (1);", &error));
	assert_false(read_many("select from ", "a,", &error));
	assert_string_equal(error.sqlstate, "54001");
	assert_false(read_many("drop table ", "a,", &error));
	assert_string_equal(error.sqlstate, "54001");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_data_statements_write),
		cmocka_unit_test(tells_what_ddl_does),
		cmocka_unit_test(tells_what_touches_the_session),
		cmocka_unit_test(keeps_the_text_of_a_set_for_replay),
		cmocka_unit_test(tells_transaction_statements),
		cmocka_unit_test(tells_what_a_reader_may_run),
		cmocka_unit_test(tells_what_cannot_be_told),
		cmocka_unit_test(assigns_deeds_to_their_statements),
		cmocka_unit_test(knows_every_kind_of_statement),
		cmocka_unit_test(tells_operators_that_are_written_or_implied),
		cmocka_unit_test(scans_for_words_that_touch_the_session),
		cmocka_unit_test(scan_agrees_with_the_facts),
		cmocka_unit_test(tells_types_that_functions_make_values_of),
		cmocka_unit_test(costs_little),
		cmocka_unit_test(keeps_no_more_than_it_has_room_for),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
