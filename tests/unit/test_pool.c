#include "pool_fixture.h"

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

static void syncs_behind_the_copy_of_a_client_that_left_during_it(void **state)
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
	backend_received(backend, slice_make(copy_in, 8));
	pool_abandon(backend, PARTING_GONE, 5);
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
		TEST(syncs_behind_the_copy_of_a_client_that_left_during_it),
		TEST(lets_a_request_end_whose_client_said_goodbye),
		TEST(closes_a_backend_whose_settings_were_not_restored),
		TEST(long_pipelines_keep_every_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
