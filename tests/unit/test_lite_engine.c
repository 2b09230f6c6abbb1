/*
 * The engine with jobs of plain SQL: order, sharing of commits, what one
 * member's failure does to the others, and what a killed process leaves.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/sqlite/engine_inner.h"

struct bench {			/* one engine on one loop */
	uv_loop_t loop;
	struct lite_engine *engine;
	char folder[64];
	char path[128];
	bool closed;
};

struct task {			/* a job that runs one text */
	struct lite_job job;
	struct bench *bench;
	char sql[400];
	char answer[64];
	bool stays;		/* the member stays open: interactive */
	bool ends;		/* closes the member that stayed */
	bool rolls_back;
	bool ok, done, evicted;
	struct error error;
};

static int take_row(void *context, int count, char **values, char **names)
{
	struct task *task = context;

	snprintf(task->answer, sizeof(task->answer), "%s",
		 values[0] ? values[0] : "NULL");
	return 0;
}

static bool is_select(const char *sql)
{
	return strncmp(sql, "SELECT", 6) == 0;
}

static enum lite_outcome run_task(struct lite_job *job,
				  struct lite_connection *connection)
{
	struct task *task = (struct task *)(void *)job;
	int code;

	if (!connection->is_writer) {
		if (!is_select(task->sql) && !task->stays && !task->ends)
			return LITE_NEEDS_WRITER;
		if (!is_select(task->sql))
			return LITE_NEEDS_WRITER;
		code = sqlite3_exec(connection->db, task->sql, take_row, task,
				    NULL);
		lite_note_snapshot(connection);
		task->ok = code == SQLITE_OK;
		return LITE_FINISHED;
	}
	if (task->stays && !connection->member && !job->solo) {
		job->solo = true;
		return LITE_NEEDS_WRITER;
	}
	if (!connection->member &&
	    !lite_member_enter(connection, &task->error))
		return LITE_FINISHED;
	if (task->rolls_back || job->closing) {
		lite_member_rollback(connection);
		task->ok = true;
		return LITE_FINISHED;
	}
	code = sqlite3_exec(connection->db, task->sql, take_row, task, NULL);
	if (code != SQLITE_OK) {
		error_set(&task->error, "XX000", "%s",
			  sqlite3_errmsg(connection->db));
		if (!lite_check_loss(connection, code))
			lite_member_rollback(connection);
		return LITE_FINISHED;
	}
	if (task->stays) {
		task->ok = true;
		return LITE_FINISHED;
	}
	if (lite_member_release(connection, job, &task->error))
		task->ok = true;
	else
		lite_member_rollback(connection);
	return LITE_FINISHED;
}

static void refuse_task(struct lite_job *job, const struct error *error)
{
	struct task *task = (struct task *)(void *)job;

	task->ok = false;
	task->error = *error;
}

static void on_task_done(struct lite_job *job, enum lite_outcome outcome)
{
	((struct task *)(void *)job)->done = true;
}

static void on_task_evicted(struct lite_job *job, const struct error *error)
{
	struct task *task = (struct task *)(void *)job;

	task->ok = false;
	task->error = *error;
	task->evicted = task->done = true;
}

static const struct lite_job_handlers task_handlers = {
	.run = run_task,
	.refuse = refuse_task,
	.lost = refuse_task,
	.on_done = on_task_done,
	.on_evicted = on_task_evicted,
};

static int remove_folder(void **state);

static void open_engine(struct bench *bench, const struct lite_options *extra)
{
	struct lite_options options = { 0 };
	struct error error;

	if (extra)
		options = *extra;
	options.path = bench->path;
	bench->closed = false;
	if (lite_engine_open(&bench->loop, &options, &bench->engine, &error))
		fail_msg("%s", error.message);
}

static int make_bench(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	strcpy(bench->folder, "/tmp/weir-engine-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	snprintf(bench->path, sizeof(bench->path), "%s/app.db",
		 bench->folder);
	uv_loop_init(&bench->loop);
	*state = bench;
	return 0;
}

static void on_closed(void *context)
{
	((struct bench *)context)->closed = true;
}

static void close_engine(struct bench *bench)
{
	lite_engine_close(bench->engine, on_closed, bench);
	while (!bench->closed)
		uv_run(&bench->loop, UV_RUN_ONCE);
	bench->engine = NULL;
}

static int remove_folder(void **state)
{
	struct bench *bench = *state;
	char command[128];

	if (bench->engine)
		close_engine(bench);
	uv_run(&bench->loop, UV_RUN_NOWAIT);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
	snprintf(command, sizeof(command), "rm -rf %s", bench->folder);
	assert_int_equal(system(command), 0);
	free(bench);
	return 0;
}

__attribute__((format(printf, 3, 4)))
static void begin_task(struct bench *bench, struct task *task,
		       const char *format, ...)
{
	va_list args;

	if (!task->bench)
		lite_job_init(&task->job, bench->engine, &task_handlers);
	task->bench = bench;
	va_start(args, format);
	vsnprintf(task->sql, sizeof(task->sql), format, args);
	va_end(args);
	task->ok = task->done = false;
	task->job.to_writer = !is_select(task->sql);
	lite_job_submit(&task->job, bench->engine);
}

static void await(struct task *task)
{
	while (!task->done)
		uv_run(&task->bench->loop, UV_RUN_ONCE);
}

static void end_task(struct task *task)
{
	lite_job_fini(&task->job, task->bench->engine);
}

static struct task do_sql(struct bench *bench, const char *sql)
{
	static struct task task;

	memset(&task, 0, sizeof(task));
	begin_task(bench, &task, "%s", sql);
	await(&task);
	end_task(&task);
	return task;
}

static void assert_sql(struct bench *bench, const char *sql)
{
	struct task task = do_sql(bench, sql);

	if (!task.ok)
		fail_msg("%s: %s", sql, task.error.message);
}

static void assert_answer(struct bench *bench, const char *sql,
			  const char *expected)
{
	struct task task = do_sql(bench, sql);

	assert_true(task.ok);
	assert_string_equal(task.answer, expected);
}

/* --- tests ------------------------------------------------------------------- */

static void makes_a_private_file_and_locks_out_a_second_weir(void **state)
{
	struct bench *bench = *state;
	struct lite_options options = { .path = bench->path };
	static const char *const files[] = { "", "-wal", "-shm",
					     "-weir.lock" };
	struct lite_engine *second;
	struct error error;
	struct stat info;

	open_engine(bench, NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char path[160];

		snprintf(path, sizeof(path), "%s%s", bench->path, files[i]);
		assert_int_equal(stat(path, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0600);
	}
	assert_int_equal(lite_engine_open(&bench->loop, &options, &second,
					  &error), UV_EBUSY);
	assert_non_null(strstr(error.message, "another weir"));
	assert_sql(bench, "CREATE TABLE t (a int)");
	close_engine(bench);
	open_engine(bench, NULL);
	assert_answer(bench, "SELECT count(*) FROM t", "0");
}

static void reads_its_own_writes_on_another_thread(void **state)
{
	struct bench *bench = *state;
	char expected[16];

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a int)");
	for (int i = 1; i < 50; i++) {
		assert_sql(bench, "INSERT INTO t VALUES (1)");
		snprintf(expected, sizeof(expected), "%d", i);
		assert_answer(bench, "SELECT count(*) FROM t", expected);
	}
}

static void many_inserts_share_one_commit(void **state)
{
	struct bench *bench = *state;
	struct task tasks[200];
	struct lite_stats stats;

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a int)");
	memset(tasks, 0, sizeof(tasks));
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 200; i++)
			begin_task(bench, &tasks[i],
				   "INSERT INTO t VALUES (%d)", i);
		for (int i = 0; i < 200; i++) {
			await(&tasks[i]);
			assert_true(tasks[i].ok);
		}
	}
	lite_engine_stats(bench->engine, &stats);
	assert_true(stats.commits < 500);
	assert_true(stats.syncs <= stats.commits);
	for (int i = 0; i < 200; i++)
		end_task(&tasks[i]);
	assert_answer(bench, "SELECT count(*) FROM t", "1000");
}

static void a_failing_member_undoes_only_itself(void **state)
{
	struct bench *bench = *state;
	struct task tasks[60];

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a int UNIQUE);"
			  "CREATE TABLE c (a int REFERENCES t(a) "
			  "DEFERRABLE INITIALLY DEFERRED)");
	memset(tasks, 0, sizeof(tasks));
	for (int i = 0; i < 60; i++)
		begin_task(bench, &tasks[i], "%s VALUES (%d)%s",
			   i % 3 == 2 ? "INSERT INTO c" : "INSERT INTO t",
			   i % 3 == 2 ? i + 1000 : i,
			   i % 3 == 1 ? "; INSERT INTO t VALUES (0)" : "");
	for (int i = 0; i < 60; i++) {
		await(&tasks[i]);
		assert_int_equal(tasks[i].ok, i % 3 == 0);
		if (i % 3 == 2)
			assert_string_equal(tasks[i].error.sqlstate, "23503");
		end_task(&tasks[i]);
	}
	assert_answer(bench, "SELECT count(*) FROM t", "20");
	assert_answer(bench, "SELECT count(*) FROM c", "0");
}

static void an_open_transaction_keeps_the_writer_and_can_roll_back(void **state)
{
	struct bench *bench = *state;
	struct task holder = { .stays = true }, other = { 0 };

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a int)");
	begin_task(bench, &holder, "INSERT INTO t VALUES (1)");
	await(&holder);
	assert_true(holder.ok);
	begin_task(bench, &other, "INSERT INTO t VALUES (2)");
	assert_answer(bench, "SELECT count(*) FROM t", "0");
	assert_false(other.done);
	holder.rolls_back = true;
	begin_task(bench, &holder, "-");
	await(&holder);
	await(&other);
	assert_true(other.ok);
	end_task(&holder);
	end_task(&other);
	assert_answer(bench, "SELECT sum(a) FROM t", "2");
}

/* Those of a group are answered when it has committed, not when the open
 * transaction behind it ends. */
static void nobodys_answer_waits_for_an_open_transaction(void **state)
{
	struct bench *bench = *state;
	struct task blocker = { .stays = true }, holder = { .stays = true };
	struct task others[20];

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a int)");
	begin_task(bench, &blocker, "INSERT INTO t VALUES (0)");
	await(&blocker);
	memset(others, 0, sizeof(others));
	for (int i = 0; i < 20; i++)
		begin_task(bench, &others[i], "INSERT INTO t VALUES (1)");
	begin_task(bench, &holder, "INSERT INTO t VALUES (2)");
	blocker.stays = false;
	begin_task(bench, &blocker, "INSERT INTO t VALUES (3)");
	await(&blocker);
	await(&holder);
	for (int i = 0; i < 20; i++) {
		await(&others[i]);
		assert_true(others[i].ok);
		end_task(&others[i]);
	}
	holder.rolls_back = true;
	begin_task(bench, &holder, "-");
	await(&holder);
	end_task(&holder);
	end_task(&blocker);
	assert_answer(bench, "SELECT sum(a) FROM t", "23");
}

/* One open transaction after the other, each queueing again at once. */
static void nobody_who_wants_to_write_is_starved(void **state)
{
	struct bench *bench = *state;
	struct task tasks[8];
	int done = 0;

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a integer PRIMARY KEY, who int)");
	memset(tasks, 0, sizeof(tasks));
	for (int i = 0; i < 8; i++) {
		tasks[i].stays = true;
		begin_task(bench, &tasks[i],
			   "INSERT INTO t (who) VALUES (%d)", i);
	}
	/* Whoever has written commits, and queues again at once. */
	while (done < 80) {
		for (int i = 0; i < 8; i++) {
			if (!tasks[i].done)
				continue;
			assert_true(tasks[i].ok);
			done += !tasks[i].stays;
			tasks[i].stays = !tasks[i].stays;
			begin_task(bench, &tasks[i], tasks[i].stays ?
				   "INSERT INTO t (who) VALUES (%d)" :
				   "UPDATE t SET who = who WHERE who = %d", i);
		}
		uv_run(&bench->loop, UV_RUN_ONCE);
	}
	for (int i = 0; i < 8; i++) {
		while (!tasks[i].done)
			uv_run(&bench->loop, UV_RUN_ONCE);
		if (!tasks[i].stays)
			continue;
		tasks[i].stays = false;
		begin_task(bench, &tasks[i], "UPDATE t SET who = %d WHERE 0",
			   i);
	}
	for (int i = 0; i < 8; i++) {
		await(&tasks[i]);
		end_task(&tasks[i]);
	}
	assert_answer(bench, "SELECT min(n) * 2 >= max(n) AND count(*) = 8 "
			     "FROM (SELECT count(*) AS n FROM t WHERE a <= 80 GROUP BY who)", "1");
}

static void waiting_for_the_writer_ends_with_55P03(void **state)
{
	struct bench *bench = *state;
	struct lite_options options = { .writer_wait_ms = 100 };
	struct task holder = { .stays = true }, other = { 0 };

	open_engine(bench, &options);
	assert_sql(bench, "CREATE TABLE t (a int)");
	begin_task(bench, &holder, "INSERT INTO t VALUES (1)");
	await(&holder);
	begin_task(bench, &other, "INSERT INTO t VALUES (2)");
	await(&other);
	assert_false(other.ok);
	assert_string_equal(other.error.sqlstate, "55P03");
	begin_task(bench, &other, "INSERT INTO t VALUES (3)");
	lite_job_cancel(&other.job, bench->engine);
	await(&other);
	assert_string_equal(other.error.sqlstate, "57014");
	holder.stays = false;
	begin_task(bench, &holder, "INSERT INTO t VALUES (4)");
	await(&holder);
	assert_true(holder.ok);
	end_task(&holder);
	end_task(&other);
	assert_answer(bench, "SELECT sum(a) FROM t", "5");
}

static void an_idle_holder_is_evicted_when_others_wait(void **state)
{
	struct bench *bench = *state;
	struct lite_options options = { .holder_idle_ms = 100 };
	struct task holder = { .stays = true }, other = { 0 };

	open_engine(bench, &options);
	assert_sql(bench, "CREATE TABLE t (a int)");
	begin_task(bench, &holder, "INSERT INTO t VALUES (1)");
	await(&holder);
	begin_task(bench, &other, "INSERT INTO t VALUES (2)");
	await(&other);
	assert_true(other.ok);
	assert_true(holder.evicted);
	assert_string_equal(holder.error.sqlstate, "25P03");
	end_task(&holder);
	end_task(&other);
	assert_answer(bench, "SELECT sum(a) FROM t", "2");
}

static void a_full_disk_loses_the_group_and_acknowledges_nobody(void **state)
{
	struct bench *bench = *state;
	struct task tasks[40], last = { 0 };
	int ok = 0, lost = 0;
	char expected[16];

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a int, b blob)");
	/* a stand-in for a disk of 40 pages */
	assert_int_equal(lite_run_own(bench->engine->writer,
				      "PRAGMA max_page_count = 40"), 0);
	memset(tasks, 0, sizeof(tasks));
	for (int i = 0; i < 40; i++)
		begin_task(bench, &tasks[i], "INSERT INTO t VALUES (%d, %s)",
			   i, i == 30 ? "zeroblob(1000000)" : "NULL");
	for (int i = 0; i < 40; i++) {
		await(&tasks[i]);
		ok += tasks[i].ok;
		lost += !tasks[i].ok;
		if (i != 30 && !tasks[i].ok)
			assert_string_equal(tasks[i].error.sqlstate, "53100");
		end_task(&tasks[i]);
	}
	assert_true(lost >= 1);
	snprintf(expected, sizeof(expected), "%d", ok);
	assert_answer(bench, "SELECT count(*) FROM t", expected);
	begin_task(bench, &last, "INSERT INTO t VALUES (99, NULL)");
	await(&last);
	assert_true(last.ok);
	end_task(&last);
}

static void stops_for_good_when_the_log_is_not_ours_any_more(void **state)
{
	struct bench *bench = *state;
	struct task idle = { 0 }, task = { 0 }, later = { 0 };
	char wal[160];

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a int)");
	begin_task(bench, &idle, "SELECT 1");
	await(&idle);
	idle.done = false;
	snprintf(wal, sizeof(wal), "%s-wal", bench->path);
	assert_int_equal(unlink(wal), 0);
	begin_task(bench, &task, "INSERT INTO t VALUES (1)");
	await(&task);
	assert_true(task.evicted);
	assert_string_equal(task.error.sqlstate, "58030");
	await(&idle);
	assert_true(idle.evicted);
	begin_task(bench, &later, "INSERT INTO t VALUES (1)");
	await(&later);
	assert_true(later.evicted);
	end_task(&idle);
	end_task(&task);
	end_task(&later);
}

static void insert_only_tables_cannot_be_changed(void **state)
{
	struct bench *bench = *state;
	static const char *const tables[] = { "public.\"Audit\"", NULL };
	static const char *const bad[] = {
		"UPDATE Audit SET b = 2",
		"DELETE FROM Audit",
		"INSERT INTO parent VALUES (5)",
		("INSERT INTO Audit VALUES (1, 5) ON CONFLICT (a) "
		 "DO UPDATE SET b = 5"),
		"DROP TABLE Audit",
		"ALTER TABLE Audit RENAME TO other",
		"DELETE FROM parent",
		"DELETE FROM _weir_x",
		"PRAGMA writable_schema = 1",
		"ATTACH 'x' AS y",
	};
	struct lite_options options = { .protected_tables = NULL };

	open_engine(bench, &options);
	assert_sql(bench, "CREATE TABLE parent (a int PRIMARY KEY)");
	assert_sql(bench, "CREATE TABLE Audit (a int PRIMARY KEY REFERENCES "
			  "parent ON DELETE CASCADE, b int)");
	assert_int_equal(lite_run_own(bench->engine->writer,
				      "CREATE TABLE _weir_x (a int);"
				      "CREATE TRIGGER t AFTER INSERT ON parent "
				      "WHEN NEW.a = 5 BEGIN INSERT OR/**/REPLACE "
				      "INTO Audit VALUES (1, 5); END"), 0);
	close_engine(bench);
	options.protected_tables = tables;
	open_engine(bench, &options);
	assert_sql(bench, "INSERT INTO parent VALUES (1)");
	assert_sql(bench, "INSERT INTO Audit VALUES (1, 2)");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (do_sql(bench, bad[i]).ok)
			fail_msg("got through: %s", bad[i]);
	assert_answer(bench, "SELECT sum(b) FROM Audit", "2");
}

/* The child acknowledges each row by a byte on the pipe; what was
 * acknowledged when it is killed must be in the file. */
static void insert_until_killed(const char *folder, const char *path, int fd)
{
	struct bench bench = { 0 };
	struct task tasks[16];
	int next = 0;

	snprintf(bench.path, sizeof(bench.path), "%s", path);
	uv_loop_init(&bench.loop);
	open_engine(&bench, NULL);
	memset(tasks, 0, sizeof(tasks));
	for (int i = 0; i < 16; i++)
		begin_task(&bench, &tasks[i], "INSERT INTO t VALUES (%d)",
			   next++);
	for (;;) {
		uv_run(&bench.loop, UV_RUN_ONCE);
		for (int i = 0; i < 16; i++) {
			int row;

			if (!tasks[i].done)
				continue;
			row = atoi(strchr(tasks[i].sql, '(') + 1);
			if (!tasks[i].ok ||
			    write(fd, &row, sizeof(row)) != sizeof(row))
				_exit(1);
			begin_task(&bench, &tasks[i],
				   "INSERT INTO t VALUES (%d)", next++);
		}
	}
}

static void a_killed_process_loses_nothing_it_acknowledged(void **state)
{
	struct bench *bench = *state;
	int rounds = getenv("WEIR_KILLS") ? atoi(getenv("WEIR_KILLS")) : 8;

	for (int round = 0; round < rounds; round++) {
		int ends[2], row, missing = 0;
		struct task task;
		pid_t child;

		open_engine(bench, NULL);
		assert_sql(bench, "DROP TABLE IF EXISTS t");
		assert_sql(bench, "CREATE TABLE t (a int)");
		close_engine(bench);
		assert_int_equal(pipe(ends), 0);
		child = fork();
		if (child == 0)
			insert_until_killed(bench->folder, bench->path,
					    ends[1]);
		close(ends[1]);
		/* not before it is at work */
		assert_int_equal(read(ends[0], &row, sizeof(row)),
				 sizeof(row));
		usleep(20000 + (unsigned)rand() % 60000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		open_engine(bench, NULL);
		while (read(ends[0], &row, sizeof(row)) == sizeof(row)) {
			char sql[80];

			snprintf(sql, sizeof(sql),
				 "SELECT count(*) FROM t WHERE a = %d", row);
			task = do_sql(bench, sql);
			missing += strcmp(task.answer, "1") != 0;
		}
		close(ends[0]);
		assert_int_equal(missing, 0);
		/* on a busy machine it may be killed before its first row */
		assert_answer(bench, "SELECT count(*) = 0 OR "
				     "count(*) >= max(a) - 31 FROM t", "1");
		close_engine(bench);
	}
}

static void closing_waits_for_what_was_begun(void **state)
{
	struct bench *bench = *state;
	struct task tasks[100];

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a int)");
	memset(tasks, 0, sizeof(tasks));
	for (int i = 0; i < 100; i++)
		begin_task(bench, &tasks[i], "INSERT INTO t VALUES (%d)", i);
	lite_engine_close(bench->engine, on_closed, bench);
	for (int i = 0; i < 100; i++) {
		await(&tasks[i]);
		assert_true(tasks[i].ok);
		end_task(&tasks[i]);
	}
	while (!bench->closed)
		uv_run(&bench->loop, UV_RUN_ONCE);
	open_engine(bench, NULL);
	assert_answer(bench, "SELECT count(*) FROM t", "100");
}

static void checkpoints_keep_the_log_short(void **state)
{
	struct bench *bench = *state;
	struct lite_stats stats;
	struct stat info;
	char wal[160];

	open_engine(bench, NULL);
	assert_sql(bench, "CREATE TABLE t (a blob)");
	for (int i = 0; i < 40; i++)
		assert_sql(bench, "INSERT INTO t VALUES (randomblob(400000))");
	lite_engine_stats(bench->engine, &stats);
	assert_true(stats.checkpoints >= 2);
	snprintf(wal, sizeof(wal), "%s-wal", bench->path);
	assert_int_equal(stat(wal, &info), 0);
	assert_true(info.st_size < 12 << 20);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make_bench, remove_folder)
	const struct CMUnitTest tests[] = {
		T(makes_a_private_file_and_locks_out_a_second_weir),
		T(reads_its_own_writes_on_another_thread),
		T(many_inserts_share_one_commit),
		T(a_failing_member_undoes_only_itself),
		T(an_open_transaction_keeps_the_writer_and_can_roll_back),
		T(nobodys_answer_waits_for_an_open_transaction),
		T(nobody_who_wants_to_write_is_starved),
		T(waiting_for_the_writer_ends_with_55P03),
		T(an_idle_holder_is_evicted_when_others_wait),
		T(a_full_disk_loses_the_group_and_acknowledges_nobody),
		T(stops_for_good_when_the_log_is_not_ours_any_more),
		T(insert_only_tables_cannot_be_changed),
		T(a_killed_process_loses_nothing_it_acknowledged),
		T(closing_waits_for_what_was_begun),
		T(checkpoints_keep_the_log_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
