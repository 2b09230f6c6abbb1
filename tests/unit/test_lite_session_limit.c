/* What a session waits for and how much it may use: advisory locks, old
 * readers, memory; and a commit that is lost. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "pool/sqlite/engine_inner.h"
#include "tests/unit/lite_client.h"

static void advisory_locks_are_waited_for(void **state)
{
	struct buffer out = { 0 };
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "SELECT pg_advisory_lock(7)");
	Q(&b, "SELECT pg_try_advisory_lock(7) AS ok",
	  "T(ok:16) D(f) C(SELECT 1) Z(I)");
	put_query(&out, "SELECT pg_advisory_lock(7) AS ok");
	client_send(&b, &out);
	Q(&a, "SELECT pg_advisory_unlock(7) AS ok",
	  "T(ok:16) D(t) C(SELECT 1) Z(I)");
	assert_string_equal(await_ready(&b, 1),
			    "T(ok:2278) D() C(SELECT 1) Z(I)");
	client_close(&b);
	Q(&a, "SELECT pg_try_advisory_lock(7) AS ok",
	  "T(ok:16) D(t) C(SELECT 1) Z(I)");
	client_close(&a);
}

static void waiting_for_an_advisory_lock_ends(void **state)
{
	struct lite_options options = { .writer_wait_ms = 100 };
	struct buffer out = { 0 };
	struct client a, b;

	server_open(*state, &options);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "CREATE TABLE t (id int)");
	ok(&a, "SELECT pg_advisory_lock(7)");
	ok(&b, "SET lock_timeout = 60");
	Q(&b, "SELECT pg_advisory_lock(7) AS l",
	  "T(l:2278) E(55P03 canceling statement due to lock timeout) Z(I)");
	ok(&b, "SET lock_timeout = 0");
	put_query(&out, "SELECT pg_advisory_lock(7) AS l");
	client_send(&b, &out);
	usleep(10000);
	b.backend->ops->cancel(b.backend);
	assert_string_equal(await_ready(&b, 1),
			    "T(l:2278) E(57014 canceling statement due to "
			    "user request) Z(I)");
	/* The holder of the writer may not wait for ever. */
	ok(&b, "BEGIN");
	ok(&b, "INSERT INTO t VALUES (1)");
	Q(&b, "SELECT pg_advisory_xact_lock(7) AS l",
	  "T(l:2278) E(55P03 canceling statement due to lock timeout) Z(E)");
	client_close(&b);
	client_close(&a);
}

/* Nothing behind an old snapshot can be dropped from the log: who sleeps in one
 * is cut off when the log has grown long, who runs a statement is stopped. */
static void old_readers_do_not_make_the_log_grow_for_ever(void **state)
{
	struct lite_options options = { .log_frames_max = 1500,
					.snapshot_ms = 1 };
	struct client sleeper, runner, writer;
	struct buffer out = { 0 };
	struct lite_stats stats;

	server_open(*state, &options);
	client_open(*state, &sleeper);
	client_open(*state, &runner);
	client_open(*state, &writer);
	ok(&writer, "CREATE TABLE t (b text)");
	ok(&sleeper, "BEGIN ISOLATION LEVEL REPEATABLE READ");
	ok(&sleeper, "SELECT count(*) FROM t");
	put_query(&out, "SELECT count(*) FROM generate_series(1, 1000000000), "
			"(SELECT count(*) FROM t) AS s");
	client_send(&runner, &out);
	for (int i = 0; i < 40; i++)
		ok(&writer, "INSERT INTO t VALUES (repeat('x', 400000))");
	while (!sleeper.lost)
		pump(*state);
	assert_string_equal(sleeper.error.sqlstate, "72000");
	assert_non_null(strstr(await_ready(&runner, 1),
			       "E(72000 snapshot too old)"));
	lite_engine_stats(writer.server->engine, &stats);
	assert_true(stats.snapshots_cut >= 2);
	ok(&writer, "SELECT 1");
	client_close(&sleeper);
	client_close(&runner);
	client_close(&writer);
}

/* The others go on. */
static void a_sort_that_needs_too_much_memory_is_stopped(void **state)
{
	struct lite_options options = { .memory_bytes_max = 48 << 20 };
	static const char stopped[] = "E(53200 out of memory | ";
	struct client hog, other;
	struct buffer out = { 0 };

	server_open(*state, &options);
	client_open(*state, &hog);
	client_open(*state, &other);
	ok(&other, "CREATE TABLE t (b text)");
	put_query(&out, "SELECT count(DISTINCT repeat('x', 10000) || g) FROM "
			"generate_series(1, 100000000) AS g");
	client_send(&hog, &out);
	for (int i = 0; i < 50; i++)
		ok(&other, "INSERT INTO t VALUES ('x')");
	assert_non_null(strstr(await_ready(&hog, 1), stopped));
	put_query(&out, "INSERT INTO t SELECT repeat('x', 10000) || g FROM "
			"generate_series(1, 100000000) AS g ORDER BY md5(g::text)");
	client_send(&hog, &out);
	assert_non_null(strstr(await_ready(&hog, 1), stopped));
	Q(&other, "SELECT count(*) AS c FROM t", "T(c:20) D(50) C(SELECT 1) Z(I)");
	client_close(&hog);
	client_close(&other);
}

static void a_lost_commit_is_told_to_whoever_it_was(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "CREATE TABLE t (id int PRIMARY KEY, v bytea)");
	ok(&a, "CREATE TABLE limits (id int)");
	assert_int_equal(
		lite_run_own(a.server->engine->writer,
			     "PRAGMA max_page_count = 120"), 0);
	assert_non_null(strstr(
		query(&a, "INSERT INTO t VALUES (1, "
			  "decode(repeat('00', 2000000), 'hex'))"),
		"E(53100"));
	Q(&a, "SELECT count(*) FROM t", "T(count:20) D(0) C(SELECT 1) Z(I)");
	ok(&a, "BEGIN");
	ok(&a, "INSERT INTO t VALUES (1, NULL)");
	ok(&a, "SAVEPOINT s");
	assert_non_null(strstr(
		query(&a, "INSERT INTO t VALUES (2, "
			  "decode(repeat('00', 2000000), 'hex'))"),
		"E(53100"));
	assert_non_null(strstr(query(&a, "ROLLBACK TO s"), "E(25P02"));
	Q(&b, "INSERT INTO t VALUES (3, NULL)", "C(INSERT 0 1) Z(I)");
	Q(&a, "COMMIT", "C(ROLLBACK) Z(I)");
	Q(&a, "SELECT id FROM t", "T(id:23) D(3) C(SELECT 1) Z(I)");
	client_close(&b);
	client_close(&a);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make_server, remove_server)
	const struct CMUnitTest tests[] = {
		T(advisory_locks_are_waited_for),
		T(waiting_for_an_advisory_lock_ends),
		T(old_readers_do_not_make_the_log_grow_for_ever),
		T(a_sort_that_needs_too_much_memory_is_stopped),
		T(a_lost_commit_is_told_to_whoever_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
