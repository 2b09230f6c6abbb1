#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_backend.h"
#include "pool/channel.h"
#include "protocol/message_write.h"

struct listener {
	struct subscriber subscriber;
	unsigned heard, gaps, failures;
	struct buffer notifications;
};

struct fixture {
	struct fake_world world;
	struct pool_bound bound;
	struct pool pool;
	struct channels *channels;
	struct listener alice, bob;
	struct buffer answer;
	unsigned answers, refusals;
	struct error refusal;
};

static void on_notification(void *holder, struct slice message)
{
	struct listener *listener = holder;

	buffer_put_slice(&listener->notifications, message);
}

static void on_heard(void *holder)
{
	((struct listener *)holder)->heard++;
}

static void on_gap(void *holder)
{
	((struct listener *)holder)->gaps++;
}

static void on_failed(void *holder, const struct error *error)
{
	((struct listener *)holder)->failures++;
}

static uint64_t now(void *context)
{
	return 1000;
}

static void start(struct fixture *f, struct listener *listener)
{
	subscriber_init(&listener->subscriber, f->channels);
	listener->subscriber.holder = listener;
	listener->subscriber.on_notification = on_notification;
	listener->subscriber.on_heard = on_heard;
	listener->subscriber.on_gap = on_gap;
	listener->subscriber.on_failed = on_failed;
}

static int setup(void **state)
{
	struct fixture *f = must_alloc(sizeof(*f));
	const struct pool_limits limits = { .queue_timeout_ms = 30000 };

	f->bound.backends_max = 1;
	list_init(&f->bound.pools);
	pool_init(&f->pool, "listening", &limits, &f->bound, &fake_report,
		  &f->world);
	f->pool.open = fake_open;
	f->pool.opener = &f->world;
	f->channels = channels_new(&f->pool, now, NULL);
	start(f, &f->alice);
	start(f, &f->bob);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	subscriber_fini(&f->alice.subscriber);
	subscriber_fini(&f->bob.subscriber);
	channels_stop(f->channels);
	pool_stop(&f->pool);
	pool_kill(&f->pool);
	for (unsigned i = 0; i < f->world.opened; i++)
		if (f->world.fakes[i])
			fake_finish_close(&f->world, i);
	channels_free(&f->channels);
	pool_fini(&f->pool);
	buffer_fini(&f->alice.notifications);
	buffer_fini(&f->bob.notifications);
	buffer_fini(&f->answer);
	free(f);
	return 0;
}

static struct backend *backend_of(struct fixture *f, unsigned index)
{
	return &f->world.fakes[index]->backend;
}

static bool was_sent(struct fixture *f, unsigned index, const char *text)
{
	struct buffer *sent = &f->world.fakes[index]->sent;
	bool found = sent->length &&
		     memmem(sent->bytes, sent->length, text, strlen(text));

	buffer_clear(sent);
	return found;
}

static void receive(struct fixture *f, unsigned index, struct buffer *message)
{
	backend_received(backend_of(f, index), buffer_slice(message));
	buffer_fini(message);
}

static void complete(struct fixture *f, unsigned index, const char *tag)
{
	struct buffer message = { 0 };

	write_command_complete(&message, tag);
	write_ready(&message, 'I');
	receive(f, index, &message);
}

static void notify(struct fixture *f, unsigned index, const char *channel)
{
	struct buffer message = { 0 };
	size_t mark = message_begin(&message, 'A');

	buffer_put_u32(&message, 1);
	buffer_put_cstring(&message, channel);
	buffer_put_cstring(&message, "");
	message_end(&message, mark);
	receive(f, index, &message);
}

static void is_heard_from_the_answer_on(void **state)
{
	struct fixture *f = *state;

	subscriber_listen(&f->alice.subscriber, "a\"b");
	backend_opened(backend_of(f, 0));
	assert_true(was_sent(f, 0, "LISTEN \"a\"\"b\""));
	notify(f, 0, "a\"b");
	assert_int_equal(f->alice.notifications.length, 0);
	complete(f, 0, "LISTEN");
	assert_int_equal(f->alice.heard, 1);
	notify(f, 0, "a\"b");
	notify(f, 0, "another");
	assert_int_equal(f->alice.notifications.length, 14);
	assert_int_equal(f->bob.notifications.length, 0);
}

static void whoever_comes_later_is_asked_for_anew(void **state)
{
	struct fixture *f = *state;

	subscriber_listen(&f->alice.subscriber, "a");
	backend_opened(backend_of(f, 0));
	complete(f, 0, "LISTEN");
	assert_true(was_sent(f, 0, "LISTEN"));
	subscriber_listen(&f->bob.subscriber, "a");
	assert_true(was_sent(f, 0, "LISTEN \"a\""));
	notify(f, 0, "a");
	assert_int_equal(f->alice.notifications.length, 12);
	assert_int_equal(f->bob.notifications.length, 0);
	complete(f, 0, "LISTEN");
	assert_int_equal(f->bob.heard, 1);
	subscriber_unlisten(&f->alice.subscriber, "a");
	assert_false(was_sent(f, 0, "UNLISTEN"));
	subscriber_unlisten(&f->bob.subscriber, NULL);
	assert_true(was_sent(f, 0, "UNLISTEN \"a\""));
}

static void tells_of_the_gap_when_the_connection_was_lost(void **state)
{
	struct fixture *f = *state;
	struct error error;

	subscriber_listen(&f->alice.subscriber, "a");
	backend_opened(backend_of(f, 0));
	complete(f, 0, "LISTEN");
	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "gone");
	backend_lost(backend_of(f, 0), &error);
	subscriber_listen(&f->bob.subscriber, "a");
	fake_finish_close(&f->world, 0);
	pool_tick(&f->pool, 5000);
	assert_int_equal(f->world.opened, 2);
	backend_opened(backend_of(f, 1));
	assert_true(was_sent(f, 1, "LISTEN \"a\""));
	complete(f, 1, "LISTEN");
	assert_int_equal(f->alice.gaps, 1);
	assert_int_equal(f->bob.gaps, 0);
	assert_int_equal(f->bob.heard, 1);
}

static void on_answer(void *holder, struct slice row_description)
{
	struct fixture *f = holder;

	f->answers++;
	buffer_put_slice(&f->answer, row_description);
}

static void answers_of_which_columns_a_text_is(void **state)
{
	struct fixture *f = *state;
	struct question question = { .holder = f, .on_answer = on_answer };
	const struct column column = { .name = "c", .type_oid = 23 };
	struct buffer message = { 0 };

	channels_ask(f->channels, &question, slice_text("select 1"));
	backend_opened(backend_of(f, 0));
	assert_true(was_sent(f, 0, "select 1"));
	write_parse_complete(&message);
	write_parameter_description(&message, NULL, 0);
	write_row_description(&message, &column, 1);
	write_ready(&message, 'I');
	receive(f, 0, &message);
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->answer.bytes[0], 'T');
	/* nobody needs the connection any more */
	assert_int_not_equal(backend_of(f, 0)->state, BACKEND_LEASED);
}

static void a_withdrawn_question_is_not_answered(void **state)
{
	struct fixture *f = *state;
	struct question question = { .holder = f, .on_answer = on_answer };
	struct error error;

	channels_ask(f->channels, &question, slice_text("select 1"));
	question_withdraw(&question);
	channels_ask(f->channels, &question, slice_text("select 2"));
	backend_opened(backend_of(f, 0));
	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "gone");
	backend_lost(backend_of(f, 0), &error);
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->answer.length, 0);
}

static void whoever_waits_too_long_is_told(void **state)
{
	struct fixture *f = *state;

	f->world.refuse = true;
	subscriber_listen(&f->alice.subscriber, "a");
	pool_tick(&f->pool, 60000);
	assert_int_equal(f->alice.failures, 1);
	assert_true(subscriber_is_idle(&f->alice.subscriber));
}

static void on_rows(void *holder, struct slice messages)
{
	on_answer(holder, messages);
}

static void on_refused(void *holder, const struct error *error)
{
	struct fixture *f = holder;

	f->refusals++;
	f->refusal = *error;
}

static struct inquiry inquiry_of(struct fixture *f)
{
	return (struct inquiry){ .holder = f, .on_rows = on_rows,
				 .on_failed = on_refused };
}

static void put_row(struct buffer *message, size_t length)
{
	char *value = must_alloc(length + 1);
	size_t mark = begin_row(message, 1);

	memset(value, 'v', length);
	put_value(message, slice_make(value, length));
	end_row(message, mark);
	free(value);
}

/* LISTEN and questions have their answers in between. */
static void gives_the_rows_of_an_inquiry(void **state)
{
	struct fixture *f = *state;
	struct inquiry inquiry = inquiry_of(f);
	const struct column column = { .name = "c", .type_oid = 23 };
	struct buffer message = { 0 };

	subscriber_listen(&f->alice.subscriber, "a");
	channels_inquire(f->channels, &inquiry, slice_text("SELECT rows"));
	subscriber_listen(&f->bob.subscriber, "b");
	backend_opened(backend_of(f, 0));
	assert_true(was_sent(f, 0, "SELECT rows"));
	complete(f, 0, "LISTEN");
	write_row_description(&message, &column, 1);
	put_row(&message, 5);
	/* more than is kept of others' answers */
	put_row(&message, 3 << 20);
	write_command_complete(&message, "SELECT 2");
	write_ready(&message, 'I');
	receive(f, 0, &message);
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->answer.bytes[0], 'T');
	assert_true(f->answer.length > 3 << 20);
	assert_int_equal(f->alice.heard, 1);
	notify(f, 0, "b");
	assert_int_equal(f->bob.notifications.length, 12);
}

static void says_why_an_inquiry_failed(void **state)
{
	struct fixture *f = *state;
	struct inquiry inquiry = inquiry_of(f);
	struct buffer message = { 0 };
	struct error error;

	subscriber_listen(&f->alice.subscriber, "a");
	backend_opened(backend_of(f, 0));
	complete(f, 0, "LISTEN");
	channels_inquire(f->channels, &inquiry, slice_text("SELECT rows"));
	put_row(&message, 5);
	error_set(&error, SQLSTATE_UNDEFINED_TABLE, "no such table");
	error_write(&error, &message);
	write_ready(&message, 'I');
	receive(f, 0, &message);
	assert_int_equal(f->refusals, 1);
	assert_string_equal(f->refusal.message, "no such table");
	assert_int_equal(f->answers, 0);
	/* nobody else's business */
	assert_int_equal(f->alice.failures, 0);
	channels_inquire(f->channels, &inquiry, slice_text("SELECT rows"));
	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "gone");
	backend_lost(backend_of(f, 0), &error);
	assert_int_equal(f->refusals, 2);
}

static void says_when_there_are_too_many_rows(void **state)
{
	struct fixture *f = *state;
	struct inquiry inquiry = inquiry_of(f);
	struct buffer message = { 0 };

	channels_inquire(f->channels, &inquiry, slice_text("SELECT rows"));
	backend_opened(backend_of(f, 0));
	for (size_t sent = 0; sent <= INQUIRY_BYTES_MAX; sent += 8 << 20) {
		put_row(&message, 8 << 20);
		receive(f, 0, &message);
	}
	assert_int_equal(f->refusals, 0);
	write_ready(&message, 'I');
	receive(f, 0, &message);
	assert_int_equal(f->refusals, 1);
	assert_int_equal(f->answers, 0);
	assert_false(backend_of(f, 0)->dead);
}

static void forgets_an_inquiry_that_was_withdrawn(void **state)
{
	struct fixture *f = *state;
	struct inquiry inquiry = inquiry_of(f);
	struct buffer message = { 0 };
	struct error error;

	subscriber_listen(&f->alice.subscriber, "a");
	backend_opened(backend_of(f, 0));
	complete(f, 0, "LISTEN");
	channels_inquire(f->channels, &inquiry, slice_text("SELECT rows"));
	inquiry_withdraw(&inquiry);
	error_set(&error, SQLSTATE_UNDEFINED_TABLE, "no such table");
	error_write(&error, &message);
	write_ready(&message, 'I');
	receive(f, 0, &message);
	assert_int_equal(f->refusals, 0);
	assert_int_equal(f->alice.failures, 0);
}

static void keeps_the_connection_for_as_long_as_it_is_told(void **state)
{
	struct fixture *f = *state;
	struct error error;

	channels_keep(f->channels, true);
	assert_int_equal(f->world.opened, 1);
	backend_opened(backend_of(f, 0));
	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "gone");
	backend_lost(backend_of(f, 0), &error);
	fake_finish_close(&f->world, 0);
	pool_tick(&f->pool, 5000);
	assert_int_equal(f->world.opened, 2);
	backend_opened(backend_of(f, 1));
	assert_int_equal(backend_of(f, 1)->state, BACKEND_LEASED);
	channels_keep(f->channels, false);
	assert_int_not_equal(backend_of(f, 1)->state, BACKEND_LEASED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(is_heard_from_the_answer_on),
		TEST(whoever_comes_later_is_asked_for_anew),
		TEST(tells_of_the_gap_when_the_connection_was_lost),
		TEST(answers_of_which_columns_a_text_is),
		TEST(a_withdrawn_question_is_not_answered),
		TEST(whoever_waits_too_long_is_told),
		TEST(gives_the_rows_of_an_inquiry),
		TEST(says_why_an_inquiry_failed),
		TEST(says_when_there_are_too_many_rows),
		TEST(forgets_an_inquiry_that_was_withdrawn),
		TEST(keeps_the_connection_for_as_long_as_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
