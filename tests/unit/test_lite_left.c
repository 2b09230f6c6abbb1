/* What a session says that it would leave behind, and what of it lives how
 * long: cursors, notifications, locks, temporary tables. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "pool/sqlite/session.h"
#include "tests/unit/lite_client.h"

#define LEFT "T(kind:25,name:25,value:25) "
#define LAST "D(settings,,) C(SHOW) Z(I)"

static const char *left(struct client *client)
{
	return query(client, client->backend->ops->questions->pins);
}

static void assert_left(struct client *client, const char *rows)
{
	char expected[400];

	snprintf(expected, sizeof(expected), LEFT "%s" LAST, rows);
	assert_string_equal(left(client), expected);
}

static void a_new_session_leaves_nothing_behind(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	assert_left(&c, "");
	ok(&c, "CREATE TABLE t (a int)");
	ok(&c, "BEGIN; INSERT INTO t VALUES (1); SET LOCAL jit = on; COMMIT");
	assert_left(&c, "");
	client_close(&c);
}

static void locks_are_told_while_they_are_held(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "SELECT pg_advisory_lock(7)");
	assert_left(&a, "D(lock,,) ");
	ok(&b, "SELECT pg_try_advisory_lock(7)");
	assert_left(&b, "");
	Q(&b, "SELECT classid, objid, objsubid, mode FROM pg_locks",
	  "T(classid:26,objid:26,objsubid:21,mode:25) "
	  "D(0,7,1,ExclusiveLock) C(SELECT 1) Z(I)");
	ok(&b, "SET statement_timeout = 50");
	Q(&b, "SELECT pg_advisory_lock(7)",
	  "T(pg_advisory_lock:2278) E(57014 canceling statement due to "
	  "statement timeout) Z(I)");
	ok(&a, "SELECT pg_advisory_unlock(7)");
	assert_left(&a, "");
	ok(&a, "BEGIN; SELECT pg_advisory_xact_lock(8); COMMIT");
	assert_left(&a, "");
	client_close(&a);
	client_close(&b);
}

static struct lite_session *session_of(struct client *client)
{
	return LIST_ENTRY(client->backend, struct lite_session, backend);
}

static void a_connection_of_its_own_goes_with_its_last_table(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TEMP TABLE x (id serial)");
	assert_left(&c, "D(temp,,) ");
	assert_non_null(session_of(&c)->job.own);
	ok(&c, "CREATE TEMP VIEW v AS SELECT 1");
	ok(&c, "DROP TABLE x");
	assert_left(&c, "D(temp,,) ");
	ok(&c, "DROP VIEW v");
	assert_left(&c, "");
	assert_null(session_of(&c)->job.own);
	ok(&c, "BEGIN; CREATE TEMP TABLE x (a int); ROLLBACK");
	assert_left(&c, "");
	ok(&c, "CREATE TEMP TABLE x (a int)");
	Q(&c, "SELECT * FROM x", "T(a:23) C(SELECT 0) Z(I)");
	ok(&c, "BEGIN");
	ok(&c, "INSERT INTO x VALUES (1)");
	ok(&c, "DISCARD TEMP");
	ok(&c, "ROLLBACK");
	assert_left(&c, "D(temp,,) ");
	ok(&c, "BEGIN");
	ok(&c, "INSERT INTO x VALUES (1)");
	ok(&c, "DISCARD TEMP");
	ok(&c, "COMMIT");
	assert_left(&c, "");
	Q(&c, "SELECT * FROM x", "E(42P01 relation \"x\" does not exist) Z(I)");
	client_close(&c);
}

static void a_temporary_table_may_come_after_a_write(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "BEGIN");
	ok(&a, "CREATE TABLE t (id int PRIMARY KEY)");
	ok(&a, "INSERT INTO t VALUES (1)");
	ok(&a, "SAVEPOINT s");
	ok(&a, "CREATE TEMP TABLE x (a int)");
	ok(&a, "INSERT INTO x SELECT id FROM t");
	ok(&a, "ROLLBACK TO s");
	ok(&a, "CREATE TEMP TABLE x (b int)");
	ok(&a, "INSERT INTO x SELECT id + 1 FROM t");
	ok(&a, "COMMIT");
	Q(&b, "SELECT * FROM t", "T(id:23) D(1) C(SELECT 1) Z(I)");
	Q(&b, "SELECT * FROM x", "E(42P01 relation \"x\" does not exist) Z(I)");
	ok(&b, "INSERT INTO t VALUES (2)");
	Q(&a, "SELECT * FROM t, x", "T(id:23,b:23) D(1,2) D(2,2) C(SELECT 2) "
				    "Z(I)");
	ok(&b, "BEGIN");
	ok(&b, "INSERT INTO t VALUES (3)");
	ok(&b, "CREATE TEMP TABLE y (a int)");
	ok(&b, "ROLLBACK");
	ok(&b, "INSERT INTO t VALUES (3); CREATE TEMP TABLE y (a int)");
	Q(&a, "SELECT count(*) FROM t", "T(count:20) D(3) C(SELECT 1) Z(I)");
	client_close(&a);
	client_close(&b);
}

/* The writer that others have while it keeps the first one knows the table
 * made meanwhile. */
static void a_new_writer_guards_what_is_new(void **state)
{
	static const char *const tables[] = { "audit", NULL };
	struct lite_options options = { .protected_tables = tables };
	struct lite_connection *writer;
	struct client a, b;
	char *why = NULL;

	server_open(*state, &options);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "BEGIN");
	ok(&a, "CREATE TABLE audit (id int PRIMARY KEY)");
	ok(&a, "CREATE TEMP TABLE x (a int)");
	ok(&a, "INSERT INTO audit VALUES (1)");
	ok(&a, "COMMIT");
	ok(&b, "INSERT INTO audit VALUES (2)");
	writer = session_of(&b)->engine->writer;
	assert_ptr_not_equal(writer, session_of(&a)->job.own);
	writer->trust = LITE_OWN;
	sqlite3_exec(writer->db, "DELETE FROM audit", NULL, NULL, &why);
	writer->trust = LITE_CLIENT;
	assert_string_equal(why, LITE_PROTECTED_MESSAGE "audit");
	sqlite3_free(why);
	client_close(&a);
	client_close(&b);
}

static void channels_settings_and_statements_are_told(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "LISTEN a; LISTEN b; UNLISTEN a");
	ok(&c, "SELECT set_config('my.own', 'x', false)");
	ok(&c, "PREPARE p AS SELECT 1");
	assert_left(&c, "D(channel,b,) D(setting,my.own,x) "
			"D(prepared,p,PREPARE p AS SELECT 1) ");
	Q(&c, "SELECT * FROM pg_listening_channels()",
	  "T(pg_listening_channels:25) D(b) C(SELECT 1) Z(I)");
	Q(&c, "LISTEN c; COMMIT; SELECT * FROM pg_listening_channels()",
	  "C(LISTEN) N(25P01 there is no transaction in progress) C(COMMIT) "
	  "T(pg_listening_channels:25) D(b) D(c) C(SELECT 2) Z(I)");
	Q(&c, "SELECT name, statement, parameter_types, from_sql FROM "
	      "pg_prepared_statements",
	  "T(name:25,statement:25,parameter_types:2211,from_sql:16) "
	  "D(p,PREPARE p AS SELECT 1,{},t) C(SELECT 1) Z(I)");
	ok(&c, "DISCARD ALL");
	assert_left(&c, "");
	client_close(&c);
}

static void a_used_sequence_is_told(void **state)
{
	struct client c;
	const char *ask;

	server_open(*state, NULL);
	client_open(*state, &c);
	ask = c.backend->ops->questions->sequences;
	Q(&c, ask, LEFT "C(SHOW) Z(I)");
	ok(&c, "CREATE SEQUENCE s; SELECT nextval('s')");
	Q(&c, ask, LEFT "D(sequence,,) C(SHOW) Z(I)");
	ok(&c, "DISCARD SEQUENCES");
	Q(&c, ask, LEFT "C(SHOW) Z(I)");
	ok(&c, "SELECT nextval('s'); DROP SEQUENCE s");
	Q(&c, "SELECT lastval()", "T(lastval:20) E(55000 lastval is not yet "
				  "defined in this session) Z(I)");
	client_close(&c);
}

static void a_held_cursor_outlives_a_later_rollback(void **state)
{
	struct client c;
	struct buffer out = { 0 };

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "DECLARE h CURSOR WITH HOLD FOR SELECT generate_series(1, 5)");
	assert_left(&c, "D(cursor,,) ");
	ok(&c, "BEGIN");
	ok(&c, "DECLARE i CURSOR WITH HOLD FOR SELECT 1");
	ok(&c, "ROLLBACK");
	Q(&c, "FETCH i", "E(34000 cursor \"i\" does not exist) Z(I)");
	Q(&c, "FETCH h", "T(generate_series:23) D(1) C(FETCH 1) Z(I)");
	put_execute(&out, "h", 2);
	put_execute(&out, "h", 0);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "D(2) D(3) s() D(4) D(5) C(SELECT 2) Z(I)");
	ok(&c, "CLOSE h");
	assert_left(&c, "");
	client_close(&c);
}

static void a_savepoint_takes_its_notifications_back(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "LISTEN x");
	ok(&b, "BEGIN; NOTIFY x, 'one'; SAVEPOINT s; NOTIFY x, 'two'; LISTEN y;"
	       "ROLLBACK TO s; NOTIFY x, 'three'; COMMIT");
	assert_string_equal(client_line(&a), "A(x:one) A(x:three)");
	assert_left(&b, "");
	client_close(&a);
	client_close(&b);
}

static void what_stands_behind_a_copy_is_run(void **state)
{
	struct client c;
	struct buffer out = { 0 };

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (a int)");
	put_query(&out, "COPY t FROM STDIN; COPY t FROM STDIN; TABLE t");
	put_plain(&out, 'd', "1\n");
	put_plain(&out, 'c', "");
	put_plain(&out, 'd', "2\n");
	put_plain(&out, 'c', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "G() C(COPY 1) G() C(COPY 1) T(a:23) D(1) D(2) "
			    "C(SELECT 2) Z(I)");
	put_query(&out, "COPY t FROM STDIN; TABLE t");
	put_plain(&out, 'd', "x\n");
	put_plain(&out, 'c', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "G() E(22P02 invalid input syntax for type "
			    "integer: \"x\") Z(I)");
	Q(&c, "SELECT count(*) FROM t", "T(count:20) D(2) C(SELECT 1) Z(I)");
	put_query(&out, "COPY t FROM STDIN");
	put_query(&out, "TABLE t");
	client_send(&c, &out);
	await_ready(&c, 1);
	assert_true(c.lost);
	assert_true(c.error.fatal);
	client_close(&c);
}

static void constants_fail_before_they_are_described(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	Q(&c, "SELECT 1/0", "E(22012 division by zero) Z(I)");
	assert_string_equal(extended(&c, "SELECT 1/0", NULL),
			    "1() E(22012 division by zero) Z(I)");
	Q(&c, "SELECT 1/(2-i) FROM generate_series(1, 2) AS i",
	  "T(?column?:23) D(1) E(22012 division by zero) Z(I)");
	client_close(&c);
}

static void a_path_is_followed_by_what_was_prepared(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE SCHEMA one; CREATE SCHEMA two; "
	       "CREATE TABLE one.t (a int); CREATE TABLE two.t (a int); "
	       "INSERT INTO one.t VALUES (1); INSERT INTO two.t VALUES (2)");
	ok(&c, "SET search_path = one");
	ok(&c, "PREPARE p AS SELECT a FROM t");
	Q(&c, "EXECUTE p", "T(a:23) D(1) C(SELECT 1) Z(I)");
	ok(&c, "SET search_path = two");
	Q(&c, "EXECUTE p", "T(a:23) D(2) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void a_statement_that_sleeps_times_out(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "SET statement_timeout = 50");
	Q(&c, "SELECT pg_sleep(20)",
	  "T(pg_sleep:2278) E(57014 canceling statement due to statement "
	  "timeout) Z(I)");
	client_close(&c);
}

static void settings_that_would_change_answers_are_refused(void **state)
{
	static const char *const refused[] = {
		"SET ROLE other", "SET SESSION AUTHORIZATION other",
		"SET transform_null_equals = on", "SET array_nulls = off",
		"SET timezone_abbreviations = 'India'",
	};
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (strncmp(query(&c, refused[i]), "E(", 2) != 0)
			fail_msg("got through: %s", refused[i]);
	Q(&c, "SET ROLE other", "E(22023 role \"other\" does not exist) Z(I)");
	ok(&c, "SET ROLE me");
	ok(&c, "SET ROLE none");
	client_close(&c);
}

static void the_view_of_settings_shows_the_sessions(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "SET work_mem = '5MB'; SET statement_timeout = '3s'");
	Q(&c, "SELECT name, setting, unit, source, boot_val, reset_val FROM "
	      "pg_settings WHERE name IN ('work_mem', 'statement_timeout', "
	      "'jit') ORDER BY name",
	  "T(name:25,setting:25,unit:25,source:25,boot_val:25,reset_val:25) "
	  "D(jit,off,NULL,default,off,off) "
	  "D(statement_timeout,3000,ms,session,0,0) "
	  "D(work_mem,5120,kB,session,4096,4096) C(SELECT 3) Z(I)");
	Q(&c, "SELECT enumvals FROM pg_settings WHERE name = 'bytea_output'",
	  "T(enumvals:1009) D({hex}) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void what_may_not_be_in_a_transaction_is_refused_there(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	Q(&c, "SELECT 1 AS a; DISCARD ALL",
	  "T(a:23) D(1) C(SELECT 1) E(25001 DISCARD ALL cannot run inside a "
	  "transaction block) Z(I)");
	Q(&c, "SET LOCAL jit = on; SHOW jit",
	  "C(SET) T(jit:25) D(on) C(SHOW) Z(I)");
	Q(&c, "BEGIN; SET jit = on; COMMIT; SET jit = off; SELECT 1/0",
	  "C(BEGIN) C(SET) C(COMMIT) C(SET) E(22012 division by zero) Z(I)");
	Q(&c, "SHOW jit", "T(jit:25) D(on) C(SHOW) Z(I)");
	client_close(&c);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make_server, remove_server)
	const struct CMUnitTest tests[] = {
		T(a_new_session_leaves_nothing_behind),
		T(locks_are_told_while_they_are_held),
		T(a_connection_of_its_own_goes_with_its_last_table),
		T(a_temporary_table_may_come_after_a_write),
		T(a_new_writer_guards_what_is_new),
		T(channels_settings_and_statements_are_told),
		T(a_used_sequence_is_told),
		T(a_held_cursor_outlives_a_later_rollback),
		T(a_savepoint_takes_its_notifications_back),
		T(what_stands_behind_a_copy_is_run),
		T(constants_fail_before_they_are_described),
		T(a_path_is_followed_by_what_was_prepared),
		T(a_statement_that_sleeps_times_out),
		T(settings_that_would_change_answers_are_refused),
		T(the_view_of_settings_shows_the_sessions),
		T(what_may_not_be_in_a_transaction_is_refused_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
