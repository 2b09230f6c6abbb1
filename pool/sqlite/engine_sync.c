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
		engine->news.loop = true;
}

/* With the lock held; false: time to go. */
static bool wait_for_commits(struct lite_engine *engine)
{
	while (engine->committed == engine->durable || engine->failed) {
		if (engine->sync_stopping)
			return false;
		lite_engine_wait(engine, &engine->sync_wanted, NULL);
	}
	return true;
}

void *lite_sync_main(void *argument)
{
	struct lite_engine *engine = argument;
	int code = 0;

	lite_engine_lock(engine);
	while (wait_for_commits(engine)) {
		/* Only commits that returned before the sync begins. */
		uint64_t target = engine->committed;
		bool synced;

		lite_engine_unlock(engine);
		synced = lite_file_sync(engine, &code);
		if (!synced)
			lite_engine_fail(engine, "fdatasync of the WAL", code);
		lite_engine_lock(engine);
		if (!synced || engine->failed)
			continue;
		engine->durable = target;
		engine->stats.syncs++;
		release_waiting(engine);
	}
	engine->threads_left--;
	engine->news.loop = true;
	lite_engine_unlock(engine);
	return NULL;
}
