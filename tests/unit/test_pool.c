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

static void client_leased(struct want *want, struct backend *backend)
{
	((struct client *)want->holder)->backend = backend;
}

static void client_refused(struct want *want, const struct error *error)
{
	((struct client *)want->holder)->refused = *error;
}

static void client_reply(void *holder, const struct slice *pieces,
			 unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		buffer_put_slice(&((struct client *)holder)->heard, pieces[i]);
}

static void client_ready(void *holder, char status, bool idle)
{
	((struct client *)holder)->readies++;
}

static void client_watched(void *holder, char message, uint32_t token,
			   bool succeeded, struct slice body)
{
	if (succeeded)
		((struct client *)holder)->watched++;
	else
		((struct client *)holder)->watched_failed++;
}

static void client_drained(void *holder)
{
}

static void client_lost(void *holder, const struct error *error)
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

static int setup(void **state)
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

static int teardown(void **state)
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
static void want(struct fixture *f, int i, uint64_t now)
{
	struct client *client = &f->clients[i];

	pool_want(&f->pool, &client->want, now, &client->backend);
}

static void log_in(struct fixture *f, unsigned index)
{
	backend_opened(&f->world.fakes[index]->backend);
}

static void ask_simple(struct client *client, uint8_t flags)
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

static void opens_a_backend_for_the_first_who_wants(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 1);
	assert_int_equal(f->world.opened, 1);
	assert_null(f->clients[0].backend);
	log_in(f, 0);
	assert_non_null(f->clients[0].backend);
}

static void never_opens_more_than_the_bound(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 4; i++)
		want(f, i, 1);
	assert_int_equal(f->world.opened, 2);
	log_in(f, 0);
	log_in(f, 1);
	assert_int_equal(f->world.opened, 2);
	assert_int_equal(f->pool.waiting_count, 2);
}

static void serves_in_the_order_of_arrival(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 1);
	log_in(f, 0);
	want(f, 1, 2);
	want(f, 2, 3);
	pool_release(f->clients[0].backend, 4);
	f->clients[0].backend = NULL;
	/* The first one comes again: it must not pass those who wait. */
	want(f, 0, 5);
	assert_non_null(f->clients[1].backend);
	assert_null(f->clients[2].backend);
	pool_release(f->clients[1].backend, 6);
	assert_non_null(f->clients[2].backend);
	assert_null(f->clients[0].backend);
}

static void refuses_who_waited_too_long_and_keeps_the_session(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 10);
	pool_tick(&f->pool, 1009);
	assert_string_equal(f->clients[1].refused.sqlstate, "");
	pool_tick(&f->pool, 1010);
	assert_string_equal(f->clients[1].refused.sqlstate, "53300");
	assert_false(f->clients[1].refused.fatal);
	assert_int_equal(f->world.timeouts, 1);
}

static void backs_off_while_the_server_is_down_and_recovers(void **state)
{
	struct fixture *f = *state;

	f->world.refuse = true;
	want(f, 0, 0);
	assert_int_equal(f->world.reports_failed, 1);
	pool_tick(&f->pool, 50);
	assert_int_equal(f->world.reports_failed, 1);
	pool_tick(&f->pool, 150);
	assert_int_equal(f->world.reports_failed, 2);
	f->world.refuse = false;
	pool_tick(&f->pool, 700);
	log_in(f, 0);
	assert_non_null(f->clients[0].backend);
}

static void closes_backends_that_are_old_or_unused(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	log_in(f, 0);
	pool_release(f->clients[0].backend, 1);
	pool_tick(&f->pool, 10000);
	assert_false(f->world.fakes[0]->closed);
	pool_tick(&f->pool, 10002);
	assert_true(f->world.fakes[0]->closed);
	assert_int_equal(f->world.last_reason, CLOSE_IDLE);
}

static void rolls_back_what_a_vanished_client_left_open(void **state)
{
	struct fixture *f = *state;
	struct backend *backend;
	struct slice sent;

	want(f, 0, 0);
	log_in(f, 0);
	backend = f->clients[0].backend;
	ask_simple(&f->clients[0], EXPECT_FORWARD);
	HEAR(backend, ready_open);
	buffer_clear(&f->world.fakes[0]->sent);
	pool_abandon(backend, PARTING_GONE, 5);
	sent = buffer_slice(&f->world.fakes[0]->sent);
	assert_memory_equal(sent.at + 5, "ROLLBACK", 9);
	HEAR(backend, ready_idle);
	assert_int_equal(backend->state, BACKEND_IDLE);
}

static void cancels_what_a_vanished_client_left_running(void **state)
{
	struct fixture *f = *state;
	struct backend *backend;

	want(f, 0, 0);
	log_in(f, 0);
	backend = f->clients[0].backend;
	ask_simple(&f->clients[0], EXPECT_FORWARD);
	pool_abandon(backend, PARTING_GONE, 5);
	assert_true(f->world.fakes[0]->cancelled);
	HEAR(backend, ready_idle);
	assert_int_equal(backend->state, BACKEND_IDLE);
	/* Nobody hears what it still said. */
	assert_int_equal(f->clients[0].heard.length, 0);
}

static void closes_what_cannot_be_cleaned_in_time(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	log_in(f, 0);
	ask_simple(&f->clients[0], EXPECT_FORWARD);
	pool_abandon(f->clients[0].backend, PARTING_GONE, 5);
	pool_tick(&f->pool, 5006);
	assert_true(f->world.fakes[0]->closed);
	assert_int_equal(f->world.last_reason, CLOSE_UNCLEAN);
}

static void tells_the_holder_when_its_backend_is_lost(void **state)
{
	struct fixture *f = *state;
	struct error error;

	want(f, 0, 0);
	log_in(f, 0);
	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "gone");
	backend_lost(f->clients[0].backend, &error);
	assert_true(f->clients[0].lost);
	assert_true(f->world.fakes[0]->closed);
}

static void swallows_replies_to_messages_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct client *client = &f->clients[0];

	want(f, 0, 0);
	log_in(f, 0);
	ask_simple(client, EXPECT_SWALLOW);
	ask_simple(client, EXPECT_FORWARD);
	HEAR(client->backend, ready_idle);
	assert_int_equal(client->heard.length, 0);
	assert_int_equal(client->readies, 0);
	HEAR(client->backend, ready_idle);
	assert_int_equal(client->heard.length, 6);
	assert_int_equal(client->readies, 1);
}

static void puts_its_own_answers_in_the_right_place(void **state)
{
	struct fixture *f = *state;
	struct client *client = &f->clients[0];
	struct buffer reply = { 0 };

	want(f, 0, 0);
	log_in(f, 0);
	backend_expect(client->backend, 'B', EXPECT_FORWARD, 0, NULL);
	message_end(&reply, message_begin(&reply, '1'));
	backend_expect(client->backend, 'P', EXPECT_INSERT, 0, &reply);
	backend_expect(client->backend, 'S', EXPECT_FORWARD, 0, NULL);
	HEAR(client->backend, bound);
	HEAR(client->backend, ready_idle);
	assert_int_equal(client->heard.length, 5 + 5 + 6);
	assert_int_equal(client->heard.bytes[0], '2');
	assert_int_equal(client->heard.bytes[5], '1');
	assert_int_equal(client->heard.bytes[10], 'Z');
}

static void skips_to_the_sync_after_an_error(void **state)
{
	static const uint8_t failure[] = "E\0\0\0\x0c""C42P01\0";
	struct fixture *f = *state;
	struct client *client = &f->clients[0];
	struct buffer reply = { 0 };

	want(f, 0, 0);
	log_in(f, 0);
	backend_expect(client->backend, 'P', EXPECT_WATCH, 1, NULL);
	message_end(&reply, message_begin(&reply, '1'));
	backend_expect(client->backend, 'P', EXPECT_INSERT, 0, &reply);
	backend_expect(client->backend, 'E', EXPECT_WATCH, 2, NULL);
	backend_expect(client->backend, 'S', EXPECT_FORWARD, 0, NULL);
	backend_received(client->backend, slice_make(failure, 13));
	HEAR(client->backend, ready_idle);
	assert_int_equal(client->watched_failed, 2);
	assert_int_equal(client->heard.length, 13 + 6);
	assert_true(backend_is_quiet(client->backend));
}

static void replaces_the_error_of_a_message_that_had_to_fail(void **state)
{
	static const uint8_t failure[] = "E\0\0\0\x0c""C42601\0";
	struct fixture *f = *state;
	struct client *client = &f->clients[0];
	struct buffer reply = { 0 };
	struct error error;

	want(f, 0, 0);
	log_in(f, 0);
	error_set(&error, SQLSTATE_INSUFFICIENT_PRIVILEGE, "no");
	error_write(&error, &reply);
	backend_expect(client->backend, 'Q', EXPECT_REPLACE, 0, &reply);
	backend_received(client->backend, slice_make(failure, 13));
	HEAR(client->backend, ready_open);
	assert_non_null(memmem(client->heard.bytes, client->heard.length,
			       "42501", 5));
	assert_null(memmem(client->heard.bytes, client->heard.length,
			   "42601", 5));
}

static void finds_messages_however_the_bytes_are_cut(void **state)
{
	/* of the parameter's report the holder hears from the set */
	static const size_t reported = 13;
	static const uint8_t stream[] =
		"1\0\0\0\4" "2\0\0\0\4" "T\0\0\0\6\0\0"
		"D\0\0\0\x0b\0\1\0\0\0\1x" "S\0\0\0\x0c""ab\0cdef\0"
		"C\0\0\0\x0dSELECT 1\0" "Z\0\0\0\5I";
	struct fixture *f = *state;
	struct client *client = &f->clients[0];

	want(f, 0, 0);
	log_in(f, 0);
	for (size_t cut = 0; cut < sizeof(stream); cut++) {
		for (const char *m = "PBDES"; *m; m++)
			backend_expect(client->backend, *m, EXPECT_FORWARD, 0,
				       NULL);
		buffer_clear(&client->heard);
		backend_received(client->backend, slice_make(stream, cut));
		for (size_t i = cut; i < sizeof(stream) - 1; i++)
			backend_received(client->backend,
					 slice_make(stream + i, 1));
		assert_int_equal(client->heard.length,
				 sizeof(stream) - 1 - reported);
		assert_memory_equal(client->heard.bytes, stream, 29);
		assert_memory_equal(client->heard.bytes + 29,
				    stream + 29 + reported, 20);
		assert_true(backend_is_quiet(client->backend));
		assert_int_equal(client->readies, cut + 1);
	}
	assert_int_equal(backend_parameter(client->backend, "ab").length, 4);
}

static void breaks_off_with_a_server_that_breaks_the_protocol(void **state)
{
	static const uint8_t nonsense[] = "D\0\0\0\1";
	struct fixture *f = *state;

	want(f, 0, 0);
	log_in(f, 0);
	ask_simple(&f->clients[0], EXPECT_FORWARD);
	HEAR(f->clients[0].backend, nonsense);
	assert_true(f->clients[0].lost);
}

static void empties_when_stopped(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	log_in(f, 0);
	pool_stop(&f->pool);
	assert_int_equal(f->world.emptied, 0);
	pool_release(f->clients[0].backend, 1);
	assert_true(f->world.fakes[0]->closed);
	fake_finish_close(&f->world, 0);
	assert_int_equal(f->world.emptied, 1);
}

static void ignores_syncs_that_the_server_reads_during_copy(void **state)
{
	static const uint8_t copy_in[] = "G\0\0\0\7\0\0\0";
	static const uint8_t done[] = "C\0\0\0\x0b""COPY 1\0";
	struct fixture *f = *state;
	struct client *client = &f->clients[0];

	want(f, 0, 0);
	log_in(f, 0);
	backend_expect(client->backend, 'E', EXPECT_FORWARD, 0, NULL);
	backend_expect(client->backend, 'S', EXPECT_FORWARD, 0, NULL);
	backend_received(client->backend, slice_make(copy_in, 8));
	assert_true(client->backend->copying_in);
	backend_expect(client->backend, 'S', EXPECT_FORWARD, 0, NULL);
	backend_received(client->backend, slice_make(done, 12));
	HEAR(client->backend, ready_idle);
	assert_true(backend_is_quiet(client->backend));
	assert_false(client->lost);
	HEAR(client->backend, parsed);	/* stray: passes, harms nothing */
}

static void answers_syncs_sent_behind_the_data_of_a_copy(void **state)
{
	static const uint8_t copy_in[] = "G\0\0\0\7\0\0\0";
	static const uint8_t done[] = "C\0\0\0\x0b""COPY 1\0";
	struct fixture *f = *state;
	struct client *client = &f->clients[0];

	want(f, 0, 0);
	log_in(f, 0);
	backend_expect(client->backend, 'E', EXPECT_FORWARD, 0, NULL);
	backend_expect(client->backend, 'S', EXPECT_FORWARD, 0, NULL);
	backend_end_copy(client->backend);
	backend_expect(client->backend, 'S', EXPECT_FORWARD, 0, NULL);
	backend_received(client->backend, slice_make(copy_in, 8));
	assert_false(client->backend->copying_in);
	backend_received(client->backend, slice_make(done, 12));
	assert_false(backend_is_quiet(client->backend));
	HEAR(client->backend, ready_idle);
	assert_true(backend_is_quiet(client->backend));
	assert_false(client->lost);
}

static void skips_a_simple_query_behind_a_failed_batch(void **state)
{
	static const uint8_t failure[] = "E\0\0\0\x0c""C42P01\0";
	struct fixture *f = *state;
	struct client *client = &f->clients[0];

	want(f, 0, 0);
	log_in(f, 0);
	backend_expect(client->backend, 'P', EXPECT_FORWARD, 0, NULL);
	ask_simple(client, EXPECT_FORWARD);
	backend_received(client->backend, slice_make(failure, 13));
	assert_true(backend_is_quiet(client->backend));
	assert_true(client->backend->skipping);
	backend_expect(client->backend, 'S', EXPECT_FORWARD, 0, NULL);
	HEAR(client->backend, ready_idle);
	assert_false(client->backend->skipping);
	assert_false(client->lost);
}

static void replaces_an_error_however_it_is_cut(void **state)
{
	static const uint8_t failure[] = "E\0\0\0\x0c""C42601\0";
	struct fixture *f = *state;
	struct client *client = &f->clients[0];

	want(f, 0, 0);
	log_in(f, 0);
	for (size_t cut = 1; cut < 13; cut++) {
		struct buffer reply = { 0 };

		buffer_put_text(&reply, "no");
		buffer_clear(&client->heard);
		backend_expect(client->backend, 'Q', EXPECT_REPLACE, 0,
			       &reply);
		backend_received(client->backend, slice_make(failure, cut));
		backend_received(client->backend,
				 slice_make(failure + cut, 13 - cut));
		HEAR(client->backend, ready_idle);
		assert_int_equal(client->heard.length, 2 + 6);
	}
}

static void never_commits_what_a_vanished_client_did_not_sync(void **state)
{
	static const uint8_t done[] = "C\0\0\0\x0f""INSERT 0 1\0";
	struct fixture *f = *state;
	struct backend *backend;
	struct buffer *sent;

	want(f, 0, 0);
	log_in(f, 0);
	backend = f->clients[0].backend;
	sent = &f->world.fakes[0]->sent;
	backend_expect(backend, 'E', EXPECT_FORWARD, 0, NULL);
	backend_received(backend, slice_make(done, 16));
	assert_true(backend_is_quiet(backend));
	pool_abandon(backend, PARTING_GONE, 5);
	/* A Parse that fails, and only then the Sync. */
	assert_int_equal(backend->state, BACKEND_CLEANING);
	assert_int_equal(sent->bytes[0], 'P');
	assert_int_equal(sent->bytes[sent->length - 5], 'S');
	HEAR(backend, ready_idle);
	assert_int_equal(backend->state, BACKEND_IDLE);
}

static void ends_the_copy_of_a_client_that_left_before_it_began(void **state)
{
	static const uint8_t copy_in[] = "G\0\0\0\7\0\0\0";
	static const uint8_t failure[] = "E\0\0\0\x0c""C57014\0";
	struct fixture *f = *state;
	struct backend *backend;
	struct buffer *sent;

	want(f, 0, 0);
	log_in(f, 0);
	backend = f->clients[0].backend;
	sent = &f->world.fakes[0]->sent;
	backend_expect(backend, 'E', EXPECT_FORWARD, 0, NULL);
	backend_expect(backend, 'S', EXPECT_FORWARD, 0, NULL);
	pool_abandon(backend, PARTING_GONE, 5);
	buffer_clear(sent);
	backend_received(backend, slice_make(copy_in, 8));
	assert_int_equal(sent->bytes[0], 'f');
	assert_int_equal(sent->bytes[sent->length - 5], 'S');
	backend_received(backend, slice_make(failure, 13));
	HEAR(backend, ready_idle);
	assert_int_equal(backend->state, BACKEND_IDLE);
}

static void lets_a_request_end_whose_client_said_goodbye(void **state)
{
	struct fixture *f = *state;
	struct backend *backend;

	want(f, 0, 0);
	log_in(f, 0);
	backend = f->clients[0].backend;
	ask_simple(&f->clients[0], EXPECT_FORWARD);
	pool_abandon(backend, PARTING_SAID, 5);
	assert_false(f->world.fakes[0]->cancelled);
	HEAR(backend, ready_idle);
	assert_int_equal(backend->state, BACKEND_IDLE);
}

static void closes_a_backend_whose_settings_were_not_restored(void **state)
{
	static const uint8_t failure[] = "E\0\0\0\x0c""C57014\0";
	struct fixture *f = *state;
	struct backend *backend;

	want(f, 0, 0);
	log_in(f, 0);
	backend = f->clients[0].backend;
	ask_simple(&f->clients[0], EXPECT_SWALLOW | EXPECT_MUST_SUCCEED);
	ask_simple(&f->clients[0], EXPECT_FORWARD);
	/* The client leaves; what stops its query hits the replay. */
	pool_abandon(backend, PARTING_GONE, 5);
	backend_received(backend, slice_make(failure, 13));
	assert_true(f->world.fakes[0]->closed);
}

/* More runs than are gathered at once, divided by swallowed replies, with
 * answers of weir's own in between that must each stay what they are. */
static void long_pipelines_keep_every_answer(void **state)
{
	struct fixture *f = *state;
	struct client *client = &f->clients[0];
	struct buffer replies = { 0 };

	want(f, 0, 0);
	log_in(f, 0);
	/* One run more, so that the table is full at an answer of weir's. */
	backend_expect(client->backend, 'B', EXPECT_FORWARD, 0, NULL);
	buffer_put(&replies, bound, sizeof(bound));
	for (int i = 0; i < 40; i++) {
		struct buffer reply = { 0 };
		char text[24];

		snprintf(text, sizeof(text), "[%02d an answer of weir]", i);
		buffer_put_text(&reply, text);
		backend_expect(client->backend, 'P', EXPECT_SWALLOW, 0, NULL);
		backend_expect(client->backend, 'B', EXPECT_FORWARD, 0, NULL);
		backend_expect(client->backend, 'C', EXPECT_INSERT, 0, &reply);
		buffer_put(&replies, parsed, sizeof(parsed));
		buffer_put(&replies, bound, sizeof(bound));
	}
	backend_received(client->backend, buffer_slice(&replies));
	assert_int_equal(client->heard.length,
			 5 + 40 * (5 + 22));
	for (int i = 0; i < 40; i++) {
		char text[24];

		snprintf(text, sizeof(text), "[%02d an answer of weir]", i);
		assert_memory_equal(client->heard.bytes + 5 + i * 27 + 5, text,
				    22);
	}
	buffer_fini(&replies);
}

/* --- queues ------------------------------------------------------------- */

static void want_of(struct fixture *f, struct pool *pool, int i, uint64_t now)
{
	pool_want(pool, &f->clients[i].want, now, &f->clients[i].backend);
}

static void release(struct fixture *f, int i, uint64_t now)
{
	struct backend *backend = f->clients[i].backend;

	f->clients[i].backend = NULL;
	pool_release(backend, now);
}

static unsigned count_closed(const struct fixture *f)
{
	unsigned count = 0;

	for (unsigned i = 0; i < f->world.opened; i++)
		count += !f->world.fakes[i] || f->world.fakes[i]->closed;
	return count;
}

/* What the loop does at once: whatever was closed is gone. */
static void finish_closes(struct fixture *f)
{
	for (unsigned i = 0; i < f->world.opened; i++)
		if (f->world.fakes[i] && f->world.fakes[i]->closed)
			fake_finish_close(&f->world, i);
}

static void log_all_in(struct fixture *f)
{
	for (unsigned i = 0; i < f->world.opened; i++)
		if (f->world.fakes[i] && f->world.fakes[i]->backend.state ==
		    BACKEND_OPENING)
			log_in(f, i);
}

/* All that are being opened fail. */
static void fail_all(struct fixture *f, const char *sqlstate)
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

static void serves_users_in_turn(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	for (int i = 1; i <= 4; i++) {
		f->clients[i].want.queue = &f->users[i == 4];
		want(f, i, (uint64_t)i);
	}
	release(f, 0, 5);
	assert_non_null(f->clients[1].backend);
	release(f, 1, 6);
	/* The only one of the other user passes two that came before. */
	assert_non_null(f->clients[4].backend);
	release(f, 4, 7);
	assert_non_null(f->clients[2].backend);
	release(f, 2, 8);
	assert_non_null(f->clients[3].backend);
}

static void one_who_leaves_the_queue_is_not_missed(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	for (int i = 1; i <= 3; i++) {
		f->clients[i].want.queue = &f->users[i == 2];
		want(f, i, (uint64_t)i);
	}
	pool_unwant(&f->clients[1].want);
	pool_unwant(&f->clients[2].want);
	assert_int_equal(f->pool.waiting_count, 1);
	release(f, 0, 5);
	assert_non_null(f->clients[3].backend);
	assert_int_equal(f->pool.waiting_count, 0);
}

static void refuses_at_the_deadline_of_who_has_one(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 10);
	assert_int_equal(f->world.wake_at_ms, 1010);
	f->clients[2].want.deadline_ms = 500;
	want(f, 2, 20);
	assert_int_equal(f->world.wake_at_ms, 500);
	pool_tick(&f->pool, 499);
	assert_string_equal(f->clients[2].refused.sqlstate, "");
	pool_tick(&f->pool, 500);
	assert_string_equal(f->clients[2].refused.sqlstate, "53300");
	assert_string_equal(f->clients[1].refused.sqlstate, "");
	assert_int_equal(f->world.wake_at_ms, 1010);
	pool_tick(&f->pool, 1010);
	assert_string_equal(f->clients[1].refused.sqlstate, "53300");
	assert_int_equal(f->pool.waiting_count, 0);
}

static void a_deadline_after_the_queue_timeout_changes_nothing(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	f->clients[1].want.deadline_ms = 5000;
	want(f, 1, 0);
	pool_tick(&f->pool, 1000);
	assert_string_equal(f->clients[1].refused.sqlstate, "53300");
}

/* Its session goes on with what it has read meanwhile. */
static void client_wants_again(struct want *want, const struct error *error)
{
	struct client *client = want->holder;

	client->readies++;
	want->deadline_ms = 1;
	pool_want(client->pool, want, 1000, &client->backend);
}

static void who_wants_again_when_refused_waits_for_the_next_round(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	f->clients[1].want.on_refused = client_wants_again;
	f->clients[1].pool = &f->pool;
	want(f, 1, 0);
	pool_tick(&f->pool, 1000);
	assert_int_equal(f->clients[1].readies, 1);
	/* At once, but not from inside. */
	assert_int_equal(f->world.wake_at_ms, 1);
	assert_int_equal(f->pool.waiting_count, 1);
	pool_tick(&f->pool, 1000);
	assert_int_equal(f->clients[1].readies, 2);
}

static void waits_for_ever_where_there_is_no_limit(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	f->pool.limits.queue_timeout_ms = 0;
	f->pool.limits.lifetime_ms = 0;
	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 0);
	pool_tick(&f->pool, 1000000);
	assert_int_equal(f->pool.waiting_count, 1);
	release(f, 0, 1000001);
	assert_non_null(f->clients[1].backend);
}

static void says_how_many_are_pinned_when_it_refuses(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	pool_pin(f->clients[1].backend);
	want(f, 2, 0);
	pool_tick(&f->pool, 1000);
	assert_non_null(strstr(f->clients[2].refused.hint, "1 of them"));
	pool_unpin(f->clients[1].backend);
	want(f, 3, 1000);
	pool_tick(&f->pool, 2000);
	assert_null(strstr(f->clients[3].refused.hint, "pinned"));
}

/* --- sharing ------------------------------------------------------------ */

static void evicts_an_idle_one_of_a_sibling(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	release(f, 0, 1);
	release(f, 1, 1);
	want_of(f, &f->sibling, 2, 2);
	/* They may be between two transactions. */
	assert_int_equal(count_closed(f), 0);
	assert_int_equal(f->world.wake_at_ms, 21);
	pool_tick(&f->sibling, 21);
	/* One is enough. */
	assert_int_equal(count_closed(f), 1);
	assert_int_equal(f->world.last_reason, CLOSE_EVICTED);
	pool_tick(&f->sibling, 22);
	assert_int_equal(count_closed(f), 1);
	finish_closes(f);
	log_all_in(f);
	assert_non_null(f->clients[2].backend);
}

static void what_nobody_here_needs_goes_to_a_waiting_sibling(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	want_of(f, &f->sibling, 2, 1);
	assert_int_equal(count_closed(f), 0);
	release(f, 0, 2);
	assert_int_equal(count_closed(f), 1);
	finish_closes(f);
	log_all_in(f);
	assert_non_null(f->clients[2].backend);
}

/* Clients 0-7 keep the pool busy, 8-11 come to the sibling. */
static void siblings_share_the_bound_and_settle(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 4;
	for (int i = 0; i < 8; i++)
		want(f, i, 0);
	log_all_in(f);
	for (int i = 8; i < 12; i++)
		want_of(f, &f->sibling, i, 1);
	for (int i = 0; i < 4; i++) {
		release(f, i, 2);
		finish_closes(f);
		log_all_in(f);
		want(f, i, 2);
	}
	assert_int_equal(pool_live(&f->pool), 2);
	assert_int_equal(pool_live(&f->sibling), 2);
	assert_int_equal(f->world.opened, 6);
	/* Whatever goes on now, nobody takes from the other again. */
	for (uint64_t now = 3; now < 900; now++)
		for (int i = 0; i < 12; i++)
			if (f->clients[i].backend) {
				release(f, i, now);
				finish_closes(f);
				want_of(f, i < 8 ? &f->pool : &f->sibling, i,
					now);
			}
	assert_int_equal(f->world.opened, 6);
}

static void a_lone_client_keeps_the_server_of_its_role(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 4; i++)
		want(f, i, 0);
	log_all_in(f);
	want_of(f, &f->sibling, 4, 1);
	release(f, 0, 2);
	finish_closes(f);
	log_all_in(f);
	/* One each. However often it gives its own back, nothing is opened. */
	for (uint64_t now = 3; now < 600; now += 3) {
		release(f, 4, now);
		pool_tick(&f->pool, now + 1);
		want_of(f, &f->sibling, 4, now + 2);
		assert_non_null(f->clients[4].backend);
	}
	assert_int_equal(f->world.opened, 3);
}

static void a_place_changes_hands_where_there_is_only_one(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	want_of(f, &f->sibling, 2, 1);
	want(f, 1, 1);
	release(f, 0, 200);
	/* Not yet: it would be opened and closed for every transaction. */
	assert_non_null(f->clients[1].backend);
	want(f, 0, 201);
	pool_tick(&f->sibling, 260);
	release(f, 1, 260);
	assert_int_equal(f->world.last_reason, CLOSE_EVICTED);
	finish_closes(f);
	log_all_in(f);
	assert_non_null(f->clients[2].backend);
}

/* --- limits ------------------------------------------------------------- */

static void the_reserve_is_for_who_waited_too_long(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	f->bound.reserve_max = 1;
	f->pool.limits.reserve_timeout_ms = 500;
	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 10);
	want(f, 2, 10);
	pool_tick(&f->pool, 509);
	assert_int_equal(f->world.opened, 1);
	pool_tick(&f->pool, 510);
	assert_int_equal(f->world.opened, 2);
	log_all_in(f);
	assert_non_null(f->clients[1].backend);
	/* Never more than both together. */
	pool_tick(&f->pool, 800);
	assert_int_equal(f->world.opened, 2);
	/* While somebody waits it is used on. */
	release(f, 1, 801);
	assert_non_null(f->clients[2].backend);
	assert_int_equal(count_closed(f), 0);
	release(f, 2, 802);
	assert_int_equal(f->world.last_reason, CLOSE_SURPLUS);
	assert_int_equal(count_closed(f), 1);
	finish_closes(f);
	release(f, 0, 803);
	assert_int_equal(count_closed(f), 1);
}

static void there_is_no_reserve_unless_asked_for(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 0);
	pool_tick(&f->pool, 999);
	assert_int_equal(f->world.opened, 1);
}

static void keeps_some_open_before_anybody_came(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 5;
	f->pool.limits.backends_min = 3;
	pool_tick(&f->pool, 1);
	assert_int_equal(f->world.opened, 0);
	pool_warm(&f->pool);
	pool_tick(&f->pool, 2);
	assert_int_equal(f->world.opened, 3);
	log_all_in(f);
	/* They are not closed for being idle, and the bound is the bound. */
	pool_tick(&f->pool, 20000);
	assert_int_equal(count_closed(f), 0);
	f->pool.limits.backends_min = 50;
	pool_tick(&f->pool, 20001);
	assert_int_equal(f->world.opened, 5);
}

static void does_not_evict_to_keep_some_open(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	release(f, 0, 1);
	f->sibling.limits.backends_min = 1;
	pool_warm(&f->sibling);
	pool_tick(&f->sibling, 2);
	assert_int_equal(count_closed(f), 0);
	assert_int_equal(f->world.opened, 2);
}

static void counts_a_pinned_backend_once(void **state)
{
	struct fixture *f = *state;

	f->bound.pinned_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	assert_true(pool_may_pin(&f->pool));
	pool_pin(f->clients[0].backend);
	pool_pin(f->clients[0].backend);
	assert_int_equal(f->pool.pinned_count, 1);
	assert_false(pool_may_pin(&f->pool));
	assert_false(pool_may_pin(&f->sibling));
	pool_unpin(f->clients[0].backend);
	pool_unpin(f->clients[0].backend);
	assert_int_equal(f->pool.pinned_count, 0);
	pool_pin(f->clients[0].backend);
	release(f, 0, 1);
	assert_int_equal(f->pool.pinned_count, 0);
	assert_true(pool_may_pin(&f->pool));
}

static void a_lost_backend_is_not_pinned(void **state)
{
	struct fixture *f = *state;
	struct error error;

	want(f, 0, 0);
	log_in(f, 0);
	pool_pin(f->clients[0].backend);
	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "gone");
	backend_lost(f->clients[0].backend, &error);
	assert_int_equal(f->pool.pinned_count, 0);
	assert_int_equal(f->bound.pinned, 0);
}

/* --- outages ------------------------------------------------------------ */

static void backs_off_longer_each_time_and_by_chance(void **state)
{
	struct fixture *f = *state;
	uint64_t first = 0, expected = 100;
	bool differs = false;

	f->world.refuse = true;
	f->pool.limits.queue_timeout_ms = 0;
	f->pool.chance = 7;
	want(f, 0, 0);
	first = f->world.retry_ms;
	for (int i = 0; i < 8; i++) {
		assert_in_range(f->world.retry_ms, expected,
				expected + expected / 4);
		differs |= f->world.retry_ms != expected;
		expected = expected * 2 > 4000 ? 4000 : expected * 2;
		pool_tick(&f->pool, f->pool.retry_at_ms - 1);
		assert_int_equal(f->world.reports_failed, i + 1);
		pool_tick(&f->pool, f->pool.retry_at_ms);
		assert_int_equal(f->world.reports_failed, i + 2);
	}
	assert_true(differs);
	/* The same dice, the same wait; others, another one. */
	f->sibling.chance = 7;
	want_of(f, &f->sibling, 1, 0);
	assert_int_equal(f->world.retry_ms, first);
}

static void openings_that_fail_together_count_once(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 20;
	for (int i = 0; i < 20; i++)
		want(f, i, 0);
	assert_int_equal(f->world.opened, 20);
	fail_all(f, "08001");
	assert_int_equal(f->pool.backoff_ms, 100);
	/* One at a time from now on. */
	pool_tick(&f->pool, 130);
	assert_int_equal(f->world.opened, 21);
	pool_tick(&f->pool, 140);
	assert_int_equal(f->world.opened, 21);
}

static void an_outage_of_a_minute_is_no_storm(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 20;
	f->pool.limits.queue_timeout_ms = 0;
	for (int i = 0; i < 20; i++)
		want(f, i, 0);
	for (uint64_t now = 0; now < 60000; now += 100) {
		pool_tick(&f->pool, now);
		fail_all(f, "57P03");
	}
	/* All at first, then about every four seconds; nobody is refused. */
	assert_in_range(f->world.opened, 30, 42);
	assert_int_equal(f->pool.waiting_count, 20);
	/* It is back: one, and then all the others at once. */
	pool_tick(&f->pool, 70000);
	log_in(f, f->world.opened - 1);
	assert_int_equal(f->pool.opening_count, 19);
	log_all_in(f);
	for (int i = 0; i < 20; i++)
		assert_non_null(f->clients[i].backend);
}

static void after_many_were_lost_it_tries_one_first(void **state)
{
	struct fixture *f = *state;
	struct error error;
	unsigned before;

	f->bound.backends_max = 20;
	for (int i = 0; i < 20; i++)
		want(f, i, 0);
	log_all_in(f);
	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "gone");
	for (int i = 0; i < 20; i++)
		backend_lost(f->clients[i].backend, &error);
	finish_closes(f);
	before = f->world.opened;
	for (int i = 0; i < 20; i++)
		want(f, i, 1);
	pool_tick(&f->pool, 2);
	assert_int_equal(f->world.opened, before + 1);
	log_all_in(f);
	assert_int_equal(f->world.opened, before + 20);
}

static void a_wrong_password_refuses_unless_somebody_is_served(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 1);
	fail_all(f, "28P01");
	pool_tick(&f->pool, 2);
	assert_string_equal(f->clients[1].refused.sqlstate, "");
	release(f, 0, 3);
	assert_non_null(f->clients[1].backend);
	pool_abandon(f->clients[1].backend, PARTING_BROKEN, 4);
	finish_closes(f);
	want(f, 2, 5);
	pool_tick(&f->pool, 6);
	assert_string_equal(f->clients[2].refused.sqlstate, "28P01");
}

static void tops_up_in_parallel_after_an_outage(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 5;
	f->pool.limits.backends_min = 4;
	pool_warm(&f->pool);
	pool_tick(&f->pool, 0);
	assert_int_equal(f->world.opened, 4);
	fail_all(f, "08001");
	pool_tick(&f->pool, 130);
	assert_int_equal(f->world.opened, 5);
	log_in(f, 4);
	assert_int_equal(f->world.opened, 8);
}

/* --- strict_dev --------------------------------------------------------- */

/* `i` gets a lease, opening what is begun for it, and gives it back. */
static uint64_t take_turn(struct fixture *f, int i, uint64_t now)
{
	uint64_t id;

	want(f, i, now);
	log_all_in(f);
	id = f->clients[i].backend->id;
	release(f, i, now);
	return id;
}

static void strict_dev_gives_a_different_one_each_time(void **state)
{
	struct fixture *f = *state;
	uint64_t last, next;

	f->bound.backends_max = 3;
	f->pool.limits.rotate = true;
	last = take_turn(f, 0, 0);
	for (uint64_t now = 1; now < 20; now++) {
		next = take_turn(f, 0, now);
		assert_int_not_equal(last, next);
		last = next;
	}
	assert_int_equal(f->world.opened, 2);
}

static void strict_dev_takes_the_one_unused_for_longest(void **state)
{
	struct fixture *f = *state;
	uint64_t ids[3];

	f->bound.backends_max = 3;
	f->pool.limits.rotate = true;
	for (int i = 0; i < 3; i++)
		want(f, i, 0);
	log_all_in(f);
	for (int i = 0; i < 3; i++) {
		ids[i] = f->clients[i].backend->id;
		release(f, i, 1);
	}
	assert_int_equal(take_turn(f, 1, 2), ids[0]);
	assert_int_equal(take_turn(f, 1, 3), ids[1]);
	assert_int_equal(take_turn(f, 1, 4), ids[2]);
}

static void strict_dev_gives_the_same_one_rather_than_wait(void **state)
{
	struct fixture *f = *state;
	uint64_t id;

	f->pool.limits.rotate = true;
	/* No other can be opened. */
	f->bound.backends_max = 1;
	id = take_turn(f, 0, 0);
	assert_int_equal(take_turn(f, 0, 1), id);
	/* The other one is in use, perhaps for long. */
	f->bound.backends_max = 2;
	want(f, 1, 2);
	assert_non_null(f->clients[1].backend);
	assert_int_not_equal(take_turn(f, 0, 3), id);
	id = take_turn(f, 0, 4);
	assert_int_equal(take_turn(f, 0, 5), id);
}

static void strict_dev_does_not_wait_for_what_fails_to_open(void **state)
{
	struct fixture *f = *state;
	uint64_t id;

	f->pool.limits.rotate = true;
	id = take_turn(f, 0, 0);
	want(f, 0, 1);
	assert_null(f->clients[0].backend);
	fail_all(f, "08001");
	assert_int_equal(f->clients[0].backend->id, id);
	release(f, 0, 2);
	/* And not again while it backs off, nor when it fails at once. */
	assert_int_equal(take_turn(f, 0, 3), id);
	f->pool.backoff_ms = f->pool.retry_at_ms = 0;
	f->world.refuse = true;
	assert_int_equal(take_turn(f, 0, 4), id);
}

/* --- the operator ------------------------------------------------------- */

static void a_pause_lets_what_is_leased_end(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	release(f, 1, 1);
	/* In the middle of a pipeline. */
	backend_expect(f->clients[0].backend, 'P', EXPECT_FORWARD, 0, NULL);
	pool_pause(&f->pool, 2);
	assert_true(f->world.fakes[1]->closed);
	assert_false(f->world.fakes[0]->closed);
	finish_closes(f);
	HEAR(f->clients[0].backend, parsed);
	backend_expect(f->clients[0].backend, 'S', EXPECT_FORWARD, 0, NULL);
	HEAR(f->clients[0].backend, ready_idle);
	assert_int_equal(f->clients[0].readies, 1);
	assert_int_equal(f->world.paused, 0);
	release(f, 0, 3);
	finish_closes(f);
	assert_int_equal(f->world.paused, 1);
	pool_tick(&f->pool, 4);
	assert_int_equal(f->world.paused, 1);
}

static void nobody_is_served_during_a_pause_but_all_are_after_it(void **state)
{
	struct fixture *f = *state;

	pool_pause(&f->pool, 0);
	assert_int_equal(f->world.paused, 1);
	want(f, 0, 1);
	want(f, 1, 900);
	pool_tick(&f->pool, 950);
	assert_int_equal(f->world.opened, 0);
	/* Their time runs. */
	pool_tick(&f->pool, 1001);
	assert_string_equal(f->clients[0].refused.sqlstate, "57P03");
	pool_resume(&f->pool, 1002);
	log_all_in(f);
	assert_non_null(f->clients[1].backend);
}

static void a_pause_does_not_touch_siblings(void **state)
{
	struct fixture *f = *state;

	pool_pause(&f->pool, 0);
	want_of(f, &f->sibling, 0, 1);
	log_all_in(f);
	assert_non_null(f->clients[0].backend);
}

static void a_reconnect_replaces_each_one_when_it_is_free(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 3;
	for (int i = 0; i < 3; i++)
		want(f, i, 0);
	log_in(f, 0);
	log_in(f, 1);
	release(f, 1, 1);
	/* One leased, one idle, one being opened. */
	pool_reconnect(&f->pool, 2);
	assert_false(f->world.fakes[0]->closed);
	assert_true(f->world.fakes[2]->closed);
	finish_closes(f);
	release(f, 0, 3);
	assert_true(f->world.fakes[0]->closed);
	assert_int_equal(f->world.last_reason, CLOSE_OUTDATED);
	finish_closes(f);
	/* What is opened from then on stays. */
	want(f, 3, 4);
	log_all_in(f);
	release(f, 3, 5);
	assert_false(f->world.fakes[f->world.opened - 1]->closed);
}

static void a_kill_tells_the_holders_and_pauses(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_in(f, 0);
	pool_kill_all(&f->pool, 1);
	assert_true(f->clients[0].lost);
	assert_int_equal(count_closed(f), 2);
	finish_closes(f);
	assert_int_equal(f->world.paused, 1);
	want(f, 2, 2);
	pool_tick(&f->pool, 3);
	assert_int_equal(f->pool.backend_count, 0);
	pool_resume(&f->pool, 4);
	log_all_in(f);
	assert_non_null(f->clients[2].backend);
}

/* --- the primary -------------------------------------------------------- */

static void log_in_at(struct fixture *f, unsigned index, const char *place)
{
	strcpy(f->world.fakes[index]->backend.place, place);
	log_in(f, index);
}

static void older_ones_go_when_the_primary_has_moved(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 4;
	f->pool.limits.follow_primary = true;
	want(f, 0, 0);
	want(f, 1, 0);
	log_in_at(f, 0, "10.0.0.1:5432");
	log_in_at(f, 1, "10.0.0.1:5432");
	release(f, 1, 1);
	assert_int_equal(count_closed(f), 0);
	f->pool.limits.backends_min = 3;
	pool_tick(&f->pool, 1);
	log_in_at(f, 2, "10.0.0.2:5432");
	assert_true(f->world.fakes[1]->closed);
	assert_false(f->world.fakes[0]->closed);
	release(f, 0, 2);
	assert_true(f->world.fakes[0]->closed);
	assert_false(f->world.fakes[2]->closed);
}

static void places_do_not_matter_where_any_server_will_do(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_in_at(f, 0, "10.0.0.1:5432");
	log_in_at(f, 1, "10.0.0.2:5432");
	release(f, 0, 1);
	release(f, 1, 1);
	assert_int_equal(count_closed(f), 0);
}

static void report(struct fixture *f, int i, const char *name)
{
	backend_set_parameter(f->clients[i].backend, slice_text(name),
			      slice_text("on"));
}

static void a_server_that_became_read_only_is_closed_when_free(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 4;
	f->pool.limits.follow_primary = true;
	for (int i = 0; i < 4; i++)
		want(f, i, 0);
	log_all_in(f);
	/* One may be its client's doing: only that one goes. */
	report(f, 0, "default_transaction_read_only");
	release(f, 0, 1);
	assert_true(f->world.fakes[0]->closed);
	release(f, 1, 1);
	assert_int_equal(count_closed(f), 1);
	/* A standby: all are there. */
	report(f, 2, "in_hot_standby");
	release(f, 2, 2);
	assert_int_equal(count_closed(f), 3);
	release(f, 3, 3);
	assert_int_equal(count_closed(f), 4);
}

static void a_client_may_set_itself_read_only(void **state)
{
	static const char sql[] = "SET default_transaction_read_only = on";
	struct fixture *f = *state;

	f->pool.limits.follow_primary = true;
	want(f, 0, 0);
	log_in(f, 0);
	report(f, 0, "default_transaction_read_only");
	settings_put(&f->clients[0].backend->settings,
		     "default_transaction_read_only", slice_text(sql));
	release(f, 0, 1);
	assert_int_equal(count_closed(f), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opens_a_backend_for_the_first_who_wants),
		TEST(never_opens_more_than_the_bound),
		TEST(serves_in_the_order_of_arrival),
		TEST(refuses_who_waited_too_long_and_keeps_the_session),
		TEST(backs_off_while_the_server_is_down_and_recovers),
		TEST(closes_backends_that_are_old_or_unused),
		TEST(rolls_back_what_a_vanished_client_left_open),
		TEST(cancels_what_a_vanished_client_left_running),
		TEST(closes_what_cannot_be_cleaned_in_time),
		TEST(tells_the_holder_when_its_backend_is_lost),
		TEST(swallows_replies_to_messages_of_its_own),
		TEST(puts_its_own_answers_in_the_right_place),
		TEST(skips_to_the_sync_after_an_error),
		TEST(replaces_the_error_of_a_message_that_had_to_fail),
		TEST(finds_messages_however_the_bytes_are_cut),
		TEST(breaks_off_with_a_server_that_breaks_the_protocol),
		TEST(empties_when_stopped),
		TEST(ignores_syncs_that_the_server_reads_during_copy),
		TEST(answers_syncs_sent_behind_the_data_of_a_copy),
		TEST(skips_a_simple_query_behind_a_failed_batch),
		TEST(replaces_an_error_however_it_is_cut),
		TEST(never_commits_what_a_vanished_client_did_not_sync),
		TEST(ends_the_copy_of_a_client_that_left_before_it_began),
		TEST(lets_a_request_end_whose_client_said_goodbye),
		TEST(closes_a_backend_whose_settings_were_not_restored),
		TEST(long_pipelines_keep_every_answer),
		TEST(serves_users_in_turn),
		TEST(one_who_leaves_the_queue_is_not_missed),
		TEST(refuses_at_the_deadline_of_who_has_one),
		TEST(a_deadline_after_the_queue_timeout_changes_nothing),
		TEST(who_wants_again_when_refused_waits_for_the_next_round),
		TEST(waits_for_ever_where_there_is_no_limit),
		TEST(says_how_many_are_pinned_when_it_refuses),
		TEST(evicts_an_idle_one_of_a_sibling),
		TEST(what_nobody_here_needs_goes_to_a_waiting_sibling),
		TEST(siblings_share_the_bound_and_settle),
		TEST(a_lone_client_keeps_the_server_of_its_role),
		TEST(a_place_changes_hands_where_there_is_only_one),
		TEST(the_reserve_is_for_who_waited_too_long),
		TEST(there_is_no_reserve_unless_asked_for),
		TEST(keeps_some_open_before_anybody_came),
		TEST(does_not_evict_to_keep_some_open),
		TEST(counts_a_pinned_backend_once),
		TEST(a_lost_backend_is_not_pinned),
		TEST(backs_off_longer_each_time_and_by_chance),
		TEST(openings_that_fail_together_count_once),
		TEST(an_outage_of_a_minute_is_no_storm),
		TEST(after_many_were_lost_it_tries_one_first),
		TEST(a_wrong_password_refuses_unless_somebody_is_served),
		TEST(tops_up_in_parallel_after_an_outage),
		TEST(strict_dev_gives_a_different_one_each_time),
		TEST(strict_dev_takes_the_one_unused_for_longest),
		TEST(strict_dev_gives_the_same_one_rather_than_wait),
		TEST(strict_dev_does_not_wait_for_what_fails_to_open),
		TEST(a_pause_lets_what_is_leased_end),
		TEST(nobody_is_served_during_a_pause_but_all_are_after_it),
		TEST(a_pause_does_not_touch_siblings),
		TEST(a_reconnect_replaces_each_one_when_it_is_free),
		TEST(a_kill_tells_the_holders_and_pauses),
		TEST(older_ones_go_when_the_primary_has_moved),
		TEST(places_do_not_matter_where_any_server_will_do),
		TEST(a_server_that_became_read_only_is_closed_when_free),
		TEST(a_client_may_set_itself_read_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
