/* The reader threads: who is called when several jobs come at once. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "pool/sqlite/engine_inner.h"

#define READERS 4
#define ROUNDS 50
#define PATIENCE_S 10

/* Its jobs end when all of them run: each needs a reader of its own. */
struct meeting {
	struct lite_job jobs[READERS];
	pthread_mutex_t lock;
	pthread_cond_t all_here;
	unsigned here, missed, done;
};

static struct meeting meeting;

static enum lite_outcome run_meeting(struct lite_job *job,
				     struct lite_connection *connection)
{
	struct timespec until;
	int code = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&meeting.lock);
	if (++meeting.here == READERS)
		pthread_cond_broadcast(&meeting.all_here);
	while (meeting.here < READERS && !code)
		code = pthread_cond_timedwait(&meeting.all_here, &meeting.lock,
					      &until);
	meeting.missed += code != 0;
	pthread_mutex_unlock(&meeting.lock);
	return LITE_FINISHED;
}

static void refuse_meeting(struct lite_job *job, const struct error *error)
{
	meeting.missed++;
}

static void on_meeting_done(struct lite_job *job, enum lite_outcome outcome)
{
	meeting.done++;
}

static const struct lite_job_handlers meeting_handlers = {
	.run = run_meeting,
	.refuse = refuse_meeting,
	.lost = refuse_meeting,
	.on_done = on_meeting_done,
	.on_evicted = refuse_meeting,
};

static void on_closed(void *context)
{
	*(bool *)context = true;
}

static void meet(uv_loop_t *loop, struct lite_engine *engine)
{
	meeting.here = meeting.done = 0;
	for (unsigned i = 0; i < READERS; i++)
		lite_job_submit(&meeting.jobs[i], engine);
	while (meeting.done < READERS)
		uv_run(loop, UV_RUN_ONCE);
	assert_int_equal(meeting.missed, 0);
}

static void jobs_that_come_at_once_run_on_all_readers(void **state)
{
	char folder[] = "/tmp/weir-readers-XXXXXX", path[64], command[80];
	struct lite_options options = { .path = path, .readers = READERS };
	struct lite_engine *engine;
	struct error error;
	bool closed = false;
	uv_loop_t loop;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/app.db", folder);
	uv_loop_init(&loop);
	pthread_mutex_init(&meeting.lock, NULL);
	pthread_cond_init(&meeting.all_here, NULL);
	assert_int_equal(lite_engine_open(&loop, &options, &engine, &error), 0);
	for (unsigned i = 0; i < READERS; i++)
		lite_job_init(&meeting.jobs[i], engine, &meeting_handlers);
	for (unsigned i = 0; i < ROUNDS; i++)
		meet(&loop, engine);
	for (unsigned i = 0; i < READERS; i++)
		lite_job_fini(&meeting.jobs[i], engine);
	lite_engine_close(engine, on_closed, &closed);
	while (!closed)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(uv_loop_close(&loop), 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_that_come_at_once_run_on_all_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
