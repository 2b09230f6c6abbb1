/*
 * A pool, its clients and its sibling, over backends that are not there
 * (fake_backend.h): what the tests of the pool share.
 */
#ifndef WEIR_TESTS_POOL_FIXTURE_H
#define WEIR_TESTS_POOL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_backend.h"
#include "pool/pool_inner.h"
#include "pool/setting.h"
#include "protocol/frame.h"

/* A client, as the pool sees one. */
struct client {
	struct want want;
	struct pool *pool;	/* to want again from */
	struct backend *backend;
	struct error refused;
	struct buffer heard;
	unsigned readies, watched, watched_failed;
	bool lost;
};

#define CLIENTS 24

struct fixture {
	struct fake_world world;
	struct pool_bound bound;
	struct pool pool, sibling;	/* another role of the database */
	struct pool_queue users[2];
	struct client clients[CLIENTS];
};

static inline void client_leased(struct want *want, struct backend *backend)
{
	((struct client *)want->holder)->backend = backend;
}

static inline void client_refused(struct want *want, const struct error *error)
{
	((struct client *)want->holder)->refused = *error;
}

static inline void client_reply(void *holder, const struct slice *pieces,
			 unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		buffer_put_slice(&((struct client *)holder)->heard, pieces[i]);
}

static inline void client_ready(void *holder, char status, bool idle)
{
	((struct client *)holder)->readies++;
}

static inline void client_watched(void *holder, char message, uint32_t token,
			   bool succeeded, struct slice body)
{
	if (succeeded)
		((struct client *)holder)->watched++;
	else
		((struct client *)holder)->watched_failed++;
}

static inline void client_drained(void *holder)
{
}

static inline void client_lost(void *holder, const struct error *error)
{
	((struct client *)holder)->lost = true;
	((struct client *)holder)->backend = NULL;
}

static const struct lease_handlers client_handlers = {
	.on_reply = client_reply,
	.on_ready = client_ready,
	.on_watched = client_watched,
	.on_drained = client_drained,
	.on_lost = client_lost,
};

static inline int setup(void **state)
{
	struct fixture *f = must_alloc(sizeof(*f));
	struct pool_limits limits = {
		.queue_timeout_ms = 1000, .lifetime_ms = 60000,
		.idle_timeout_ms = 10000, .clean_timeout_ms = 5000,
	};

	f->bound.backends_max = 2;
	list_init(&f->bound.pools);
	pool_init(&f->pool, "app/alice", &limits, &f->bound, &fake_report,
		  &f->world);
	pool_init(&f->sibling, "app/bob", &limits, &f->bound, &fake_report,
		  &f->world);
	f->pool.open = f->sibling.open = fake_open;
	f->pool.opener = f->sibling.opener = &f->world;
	pool_queue_init(&f->users[0]);
	pool_queue_init(&f->users[1]);
	for (int i = 0; i < CLIENTS; i++) {
		struct client *client = &f->clients[i];

		client->want.holder = client;
		client->want.handlers = &client_handlers;
		client->want.on_leased = client_leased;
		client->want.on_refused = client_refused;
		list_init(&client->want.link);
	}
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < CLIENTS; i++) {
		pool_unwant(&f->clients[i].want);
		buffer_fini(&f->clients[i].heard);
	}
	pool_kill(&f->pool);
	pool_kill(&f->sibling);
	for (unsigned i = 0; i < f->world.opened; i++)
		if (f->world.fakes[i])
			fake_finish_close(&f->world, i);
	pool_fini(&f->pool);
	pool_fini(&f->sibling);
	free(f);
	return 0;
}

/* Client `i` wants a lease; a new backend logs in if one was begun. */
static inline void want(struct fixture *f, int i, uint64_t now)
{
	struct client *client = &f->clients[i];

	pool_want(&f->pool, &client->want, now, &client->backend);
}

static inline void log_in(struct fixture *f, unsigned index)
{
	backend_opened(&f->world.fakes[index]->backend);
}

static inline void ask_simple(struct client *client, uint8_t flags)
{
	static const uint8_t query[] = "Q\0\0\0\x06x";
	struct slice piece = slice_make(query, 7);

	backend_expect(client->backend, 'Q', flags, 7, NULL);
	backend_send(client->backend, &piece, 1);
}

static const uint8_t ready_idle[] = { 'Z', 0, 0, 0, 5, 'I' };
static const uint8_t ready_open[] = { 'Z', 0, 0, 0, 5, 'T' };
static const uint8_t parsed[] = { '1', 0, 0, 0, 4 };
static const uint8_t bound[] = { '2', 0, 0, 0, 4 };

#define HEAR(backend, bytes) \
	backend_received((backend), slice_make((bytes), sizeof(bytes)))

static inline void want_of(struct fixture *f, struct pool *pool, int i, uint64_t now)
{
	pool_want(pool, &f->clients[i].want, now, &f->clients[i].backend);
}

static inline void release(struct fixture *f, int i, uint64_t now)
{
	struct backend *backend = f->clients[i].backend;

	f->clients[i].backend = NULL;
	pool_release(backend, now);
}

static inline unsigned count_closed(const struct fixture *f)
{
	unsigned count = 0;

	for (unsigned i = 0; i < f->world.opened; i++)
		count += !f->world.fakes[i] || f->world.fakes[i]->closed;
	return count;
}

/* What the loop does at once: whatever was closed is gone. */
static inline void finish_closes(struct fixture *f)
{
	for (unsigned i = 0; i < f->world.opened; i++)
		if (f->world.fakes[i] && f->world.fakes[i]->closed)
			fake_finish_close(&f->world, i);
}

static inline void log_all_in(struct fixture *f)
{
	for (unsigned i = 0; i < f->world.opened; i++)
		if (f->world.fakes[i] && f->world.fakes[i]->backend.state ==
		    BACKEND_OPENING)
			log_in(f, i);
}

/* All that are being opened fail. */
static inline void fail_all(struct fixture *f, const char *sqlstate)
{
	unsigned opened = f->world.opened;
	struct error error;

	error_set(&error, sqlstate, "no");
	for (unsigned i = 0; i < opened; i++) {
		struct fake *fake = f->world.fakes[i];

		if (!fake || fake->backend.state != BACKEND_OPENING)
			continue;
		backend_failed(&fake->backend, &error);
		fake_finish_close(&f->world, i);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
