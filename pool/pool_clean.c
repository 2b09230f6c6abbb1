/*
 * Giving a lease back. Who releases leaves a quiet backend; who is gone may
 * leave a running query, an open transaction, half a pipeline or a COPY: the
 * pool asks in its place for what brings the backend back to ReadyForQuery
 * with status I, hears the answers as its holder, and only then lets anybody
 * else have it.
 */
#include "pool/pool_inner.h"

#include <assert.h>

#include "pool/setting.h"
#include "pool/statement.h"
#include "protocol/frame.h"

/* Sends one simple query of weir's own; nobody hears the answer. Where it
 * fails, what the next client would meet is unknown. */
static void ask(struct backend *backend, const char *sql)
{
	struct buffer message = { 0 };
	struct slice piece;
	size_t mark = message_begin(&message, 'Q');

	buffer_put_cstring(&message, sql);
	message_end(&message, mark);
	backend_expect(backend, 'Q', EXPECT_SWALLOW | EXPECT_MUST_SUCCEED, 0,
		       NULL);
	piece = buffer_slice(&message);
	backend_send(backend, &piece, 1);
	buffer_fini(&message);
}

static void cleaning_on_ready(void *holder, char status, bool idle)
{
	struct backend *backend = holder;

	if (!idle)
		return;
	if (status != 'I') {
		ask(backend, "ROLLBACK");
	} else if (backend->must_discard) {
		backend->must_discard = false;
		known_statements_free(&backend->known);
		backend->closing = 0;
		settings_unref(&backend->settings);
		backend->sequences_clean = true;
		ask(backend, "DISCARD ALL");
	} else {
		pool_make_idle(backend);
	}
}

static void cleaning_on_reply(void *holder, const struct slice *pieces,
			      unsigned count)
{
}

static void cleaning_on_watched(void *holder, char message, uint32_t token,
				bool succeeded, struct slice body)
{
}

static void cleaning_on_drained(void *holder)
{
}

static void cleaning_on_lost(void *holder, const struct error *error)
{
}

static const struct lease_handlers cleaning_handlers = {
	.on_reply = cleaning_on_reply,
	.on_ready = cleaning_on_ready,
	.on_watched = cleaning_on_watched,
	.on_drained = cleaning_on_drained,
	.on_lost = cleaning_on_lost,
};

static void start_cleaning(struct backend *backend)
{
	pool_enter(backend, BACKEND_CLEANING);
	if (backend->pool->limits.reset_on_release)
		backend->must_discard = true;
	backend->handlers = &cleaning_handlers;
	backend->holder = backend;
	backend->idle_since_ms = backend->pool->now_ms;
}

void pool_release(struct backend *backend, uint64_t now_ms)
{
	struct pool *pool = backend->pool;

	assert(backend->state == BACKEND_LEASED && backend_is_quiet(backend));
	pool->now_ms = now_ms;
	if ((pool->limits.reset_on_release || backend->must_discard) &&
	    !backend->doomed && !backend->dead) {
		start_cleaning(backend);
		cleaning_on_ready(backend, backend->status, true);
		return;
	}
	pool_make_idle(backend);
}

/* A client that left between its last message and its Sync, or during COPY:
 * says in its place what brings the server to ReadyForQuery. What was not
 * synced must not be committed by our Sync, so something fails before it. */
static void finish_batch(struct backend *backend)
{
	struct buffer message = { 0 };
	struct slice piece;

	if (backend->copying_in) {
		size_t mark = message_begin(&message, 'f');

		buffer_put_cstring(&message, "client gone");
		message_end(&message, mark);
		backend_end_copy(backend);
	}
	if (backend->batch_open) {
		size_t mark = message_begin(&message, 'P');

		buffer_put(&message, "\0client_gone\0\0\0", 15);
		message_end(&message, mark);
		message_end(&message, message_begin(&message, 'S'));
		backend_expect(backend, 'P', EXPECT_SWALLOW, 0, NULL);
		backend_expect(backend, 'S', EXPECT_SWALLOW, 0, NULL);
	}
	piece = buffer_slice(&message);
	if (piece.length)
		backend_send(backend, &piece, 1);
	buffer_fini(&message);
}

void pool_backend_copies(struct backend *backend)
{
	finish_batch(backend);
}

void pool_abandon(struct backend *backend, enum parting parting,
		  uint64_t now_ms)
{
	backend->pool->now_ms = now_ms;
	assert(backend->state == BACKEND_LEASED);
	if (parting == PARTING_BROKEN || backend->dead || backend->doomed) {
		pool_close_backend(backend, CLOSE_UNCLEAN);
		return;
	}
	start_cleaning(backend);
	if (backend_is_quiet(backend) && !backend->batch_open) {
		backend->ops->pause(backend, false);
		cleaning_on_ready(backend, backend->status, true);
		return;
	}
	backend_swallow_all(backend);
	if (parting != PARTING_SAID || backend->batch_open)
		backend->ops->cancel(backend);
	finish_batch(backend);
	/* Last, for replies that were held back may come in at once. */
	backend->ops->pause(backend, false);
}
