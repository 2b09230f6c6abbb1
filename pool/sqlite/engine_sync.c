/*
 * The sync thread: makes commits durable, many with one fdatasync. While it
 * runs the writer goes on; whoever committed meanwhile is covered by the
 * next one. It never waits to fill a group.
 */
#include "pool/sqlite/engine_inner.h"

static void release_waiting(struct lite_engine *engine)
{
	struct list *link;
	bool any = false;

	while ((link = list_first(&engine->waiting))) {
		struct lite_job *job = LIST_ENTRY(link, struct lite_job, link);

		if (job->wait_for > engine->durable)
			break;
		list_remove(link);
		list_append(&engine->done, link);
		any = true;
	}
	if (any)
		uv_async_send(&engine->async);
}

/* With the lock held; false: time to go. */
static bool wait_for_commits(struct lite_engine *engine)
{
	while (engine->committed == engine->durable || engine->failed) {
		if (engine->sync_stopping)
			return false;
		pthread_cond_wait(&engine->sync_wanted, &engine->lock);
	}
	return true;
}

void *lite_sync_main(void *argument)
{
	struct lite_engine *engine = argument;
	int code = 0;

	pthread_mutex_lock(&engine->lock);
	while (wait_for_commits(engine)) {
		/* Only commits that returned before the sync begins. */
		uint64_t target = engine->committed;
		bool synced;

		pthread_mutex_unlock(&engine->lock);
		synced = lite_file_sync(engine, &code);
		if (!synced)
			lite_engine_fail(engine, "fdatasync of the WAL", code);
		pthread_mutex_lock(&engine->lock);
		if (!synced || engine->failed)
			continue;
		engine->durable = target;
		engine->stats.syncs++;
		release_waiting(engine);
	}
	engine->threads_left--;
	uv_async_send(&engine->async);
	pthread_mutex_unlock(&engine->lock);
	return NULL;
}
