/*
 * A make-believe backend for tests of the pool: it keeps what it is sent, and
 * answers only what the test tells it to.
 */
#ifndef WEIR_TESTS_FAKE_BACKEND_H
#define WEIR_TESTS_FAKE_BACKEND_H

#include <stdlib.h>

#include "pool/pool.h"

#define FAKE_MAX 256

struct fake {
	struct backend backend;	/* first: a fake is its backend */
	struct buffer sent;
	bool cancelled, paused, closed;
};

struct fake_world {
	struct fake *fakes[FAKE_MAX];	/* all that were opened */
	unsigned opened;
	bool refuse;		/* the next opening fails at once */
	/* what the pool reported */
	unsigned reports_opened, reports_failed, reports_closed, timeouts;
	unsigned emptied, paused;
	uint64_t wake_at_ms, retry_ms;
	enum close_reason last_reason;
};

static size_t fake_send(struct backend *backend, const struct slice *pieces,
			unsigned count)
{
	struct fake *fake = (struct fake *)backend;

	for (unsigned i = 0; i < count; i++)
		buffer_put_slice(&fake->sent, pieces[i]);
	return 0;
}

static void fake_cancel(struct backend *backend)
{
	((struct fake *)backend)->cancelled = true;
}

static void fake_pause(struct backend *backend, bool paused)
{
	((struct fake *)backend)->paused = paused;
}

static void fake_close(struct backend *backend)
{
	((struct fake *)backend)->closed = true;
}

static const struct backend_ops fake_ops = {
	.kind = "fake",
	.send = fake_send,
	.cancel = fake_cancel,
	.pause = fake_pause,
	.close = fake_close,
};

static struct backend *fake_open(void *opener, struct pool *pool,
				 struct error *error)
{
	struct fake_world *world = opener;
	struct fake *fake;

	if (world->refuse) {
		error_set(error, SQLSTATE_CANNOT_CONNECT, "no route to host");
		return NULL;
	}
	fake = must_alloc(sizeof(*fake));
	backend_init(&fake->backend, &fake_ops, pool);
	world->fakes[world->opened++] = fake;
	return &fake->backend;
}

/* What the loop would do later: the closing ends, the memory goes. */
static inline void fake_finish_close(struct fake_world *world, unsigned index)
{
	struct fake *fake = world->fakes[index];

	backend_closed(&fake->backend);
	buffer_fini(&fake->sent);
	free(fake);
	world->fakes[index] = NULL;
}

static void on_opened(void *context, struct pool *pool,
		      struct backend *backend)
{
	((struct fake_world *)context)->reports_opened++;
}

static void on_open_failed(void *context, struct pool *pool,
			   const struct error *error, uint64_t retry_ms)
{
	((struct fake_world *)context)->reports_failed++;
	((struct fake_world *)context)->retry_ms = retry_ms;
}

static void on_closed(void *context, struct pool *pool,
		      struct backend *backend, enum close_reason reason)
{
	((struct fake_world *)context)->reports_closed++;
	((struct fake_world *)context)->last_reason = reason;
}

static void on_lease(void *context, struct pool *pool, uint64_t waited_ms)
{
}

static void on_queue_timeout(void *context, struct pool *pool,
			     uint64_t waited_ms)
{
	((struct fake_world *)context)->timeouts++;
}

static void on_emptied(void *context, struct pool *pool)
{
	((struct fake_world *)context)->emptied++;
}

static void on_paused(void *context, struct pool *pool)
{
	((struct fake_world *)context)->paused++;
}

static void on_wake(void *context, struct pool *pool, uint64_t at_ms)
{
	((struct fake_world *)context)->wake_at_ms = at_ms;
}

static const struct pool_report fake_report = {
	.opened = on_opened,
	.open_failed = on_open_failed,
	.closed = on_closed,
	.leased = on_lease,
	.queue_timeout = on_queue_timeout,
	.emptied = on_emptied,
	.paused = on_paused,
	.wake = on_wake,
};

#endif
