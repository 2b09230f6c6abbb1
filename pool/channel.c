#include "pool/channel.h"

#include <assert.h>
#include <stdlib.h>

#include <uthash.h>

#include "protocol/frame.h"
#include "protocol/message_read.h"
#include "protocol/message_write.h"

struct channel {
	char *name;
	struct list subscriptions;
	UT_hash_handle hh;
};

struct subscription {
	struct list link;	/* of its channel */
	struct list own_link;	/* of its subscriber */
	struct channel *channel;
	struct subscriber *subscriber;
	uint32_t asked;		/* by which request; 0: not asked yet */
	bool heard;
	bool was_heard;		/* before the connection was lost */
};

struct channels {
	struct pool *pool;
	struct want want;
	struct backend *backend;	/* while connected */
	struct channel *by_name;
	struct list subscribers;
	struct list questions;
	struct list inquiries;
	uint32_t last_request;
	bool kept;		/* though nobody needs it now */
	bool stopped;
	uint64_t (*now_ms)(void *context);
	void *context;
};

/* --- asking ------------------------------------------------------------- */

static void put_identifier(struct buffer *sql, const char *name)
{
	buffer_put_u8(sql, '"');
	for (; *name; name++) {
		if (*name == '"')
			buffer_put_u8(sql, '"');
		buffer_put_u8(sql, (uint8_t)*name);
	}
	buffer_put_u8(sql, '"');
}

/* The other half of the numbers is for inquiries, so that the answer to one
 * that was withdrawn is known for what it is. */
#define INQUIRY_BIT (1u << 31)

static void next_request(struct channels *channels)
{
	if (++channels->last_request >= INQUIRY_BIT)
		channels->last_request = 1;
}

static void send(struct channels *channels, const char *sql, uint8_t flags,
		 uint32_t request)
{
	struct buffer message = { 0 };
	struct slice piece;

	write_query(&message, sql);
	backend_expect(channels->backend, 'Q',
		       EXPECT_SWALLOW | EXPECT_WATCH | flags,
		       request, NULL);
	piece = buffer_slice(&message);
	backend_send(channels->backend, &piece, 1);
	buffer_fini(&message);
}

static void ask_for(struct channels *channels, struct channel *channel,
		    struct buffer *sql)
{
	bool asked = false;

	LIST_EACH(link, &channel->subscriptions) {
		struct subscription *each =
			LIST_ENTRY(link, struct subscription, link);

		if (each->asked)
			continue;
		each->asked = channels->last_request;
		asked = true;
	}
	if (!asked)
		return;
	buffer_put_text(sql, sql->length ? ";LISTEN " : "LISTEN ");
	put_identifier(sql, channel->name);
}

/* Asks for everything that was not asked for. */
static void ask(struct channels *channels)
{
	struct channel *channel, *next;
	struct buffer sql = { 0 };

	next_request(channels);
	HASH_ITER(hh, channels->by_name, channel, next)
		ask_for(channels, channel, &sql);
	if (sql.length)
		send(channels, buffer_cstring(&sql), 0,
		     channels->last_request);
	buffer_fini(&sql);
}

static void stop_listening(struct channels *channels, const char *name)
{
	struct buffer sql = { 0 };

	if (!channels->backend)
		return;
	buffer_put_text(&sql, "UNLISTEN ");
	put_identifier(&sql, name);
	/* no request: no subscription waits for it */
	next_request(channels);
	send(channels, buffer_cstring(&sql), 0, channels->last_request);
	buffer_fini(&sql);
}

static void ask_question(struct channels *channels, struct question *question)
{
	struct backend *backend = channels->backend;
	struct buffer messages = { 0 };
	struct slice piece;

	next_request(channels);
	question->request = channels->last_request;
	backend_expect(backend, 'P', EXPECT_SWALLOW | EXPECT_SILENT, 0, NULL);
	write_parse(&messages, "", slice_text(question->text), NULL, 0);
	backend_expect(backend, 'D', EXPECT_SWALLOW | EXPECT_SILENT |
		       EXPECT_WATCH | EXPECT_ROWS, question->request, NULL);
	write_describe(&messages, 'S', "");
	backend_expect(backend, 'S', EXPECT_SWALLOW, 0, NULL);
	message_end(&messages, message_begin(&messages, 'S'));
	piece = buffer_slice(&messages);
	backend_send(backend, &piece, 1);
	buffer_fini(&messages);
}

static void ask_questions(struct channels *channels)
{
	LIST_EACH(link, &channels->questions) {
		struct question *each = LIST_ENTRY(link, struct question, link);

		if (!each->request)
			ask_question(channels, each);
	}
}

static void ask_inquiry(struct channels *channels, struct inquiry *inquiry)
{
	next_request(channels);
	inquiry->request = channels->last_request | INQUIRY_BIT;
	send(channels, inquiry->text, EXPECT_ROWS, inquiry->request);
}

static void ask_inquiries(struct channels *channels)
{
	LIST_EACH(link, &channels->inquiries) {
		struct inquiry *each = LIST_ENTRY(link, struct inquiry, link);

		if (!each->request)
			ask_inquiry(channels, each);
	}
}

/* --- the connection ----------------------------------------------------- */

static bool is_needed(const struct channels *channels)
{
	return channels->by_name || channels->kept ||
	       !list_empty(&channels->questions) ||
	       !list_empty(&channels->inquiries);
}

static void connect_if_needed(struct channels *channels)
{
	struct backend *backend;

	if (channels->backend || channels->want.pool || channels->stopped ||
	    !is_needed(channels))
		return;
	if (pool_want(channels->pool, &channels->want,
		      channels->now_ms(channels->context), &backend))
		channels->want.on_leased(&channels->want, backend);
}

static void on_leased(struct want *want, struct backend *backend)
{
	struct channels *channels = want->holder;

	channels->backend = backend;
	backend->hears = true;
	backend->rows_max = INQUIRY_BYTES_MAX;
	ask(channels);
	ask_questions(channels);
	ask_inquiries(channels);
}

/* Nobody listens any more, or asks. */
static void let_go(struct channels *channels)
{
	struct backend *backend = channels->backend;

	channels->backend = NULL;
	backend->must_discard = true;
	pool_release(backend, channels->now_ms(channels->context));
}

void channels_keep(struct channels *channels, bool keep)
{
	channels->kept = keep;
	if (keep)
		connect_if_needed(channels);
	else if (is_needed(channels))
		return;
	else if (!channels->backend)
		pool_unwant(&channels->want);
	else if (backend_is_quiet(channels->backend))
		let_go(channels);
}

/* --- subscriptions ------------------------------------------------------ */

static void drop_channel(struct channels *channels, struct channel *channel)
{
	HASH_DELETE(hh, channels->by_name, channel);
	free(channel->name);
	free(channel);
}

static void drop_subscription(struct subscription *subscription)
{
	struct subscriber *subscriber = subscription->subscriber;
	struct channel *channel = subscription->channel;

	if (!subscription->heard)
		subscriber->unheard--;
	list_remove(&subscription->link);
	list_remove(&subscription->own_link);
	free(subscription);
	if (!list_empty(&channel->subscriptions))
		return;
	stop_listening(subscriber->channels, channel->name);
	drop_channel(subscriber->channels, channel);
}

static void drop_all(struct subscriber *subscriber)
{
	while (!list_empty(&subscriber->subscriptions))
		drop_subscription(LIST_ENTRY(
			list_first(&subscriber->subscriptions),
			struct subscription, own_link));
}

static void answer(struct question *question, struct slice row_description)
{
	struct question asked = *question;

	question_withdraw(question);
	asked.on_answer(asked.holder, row_description);
}

static void refuse(struct inquiry *inquiry, const struct error *error)
{
	inquiry_withdraw(inquiry);
	inquiry->on_failed(inquiry->holder, error);
}

static void fail_asked(struct channels *channels, const struct error *error)
{
	LIST_EACH_SAFE(link, &channels->questions)
		answer(LIST_ENTRY(link, struct question, link),
		       slice_make(NULL, 0));
	LIST_EACH_SAFE(link, &channels->inquiries)
		refuse(LIST_ENTRY(link, struct inquiry, link), error);
}

static void fail_all(struct channels *channels, const struct error *error)
{
	fail_asked(channels, error);
	LIST_EACH_SAFE(link, &channels->subscribers) {
		struct subscriber *each =
			LIST_ENTRY(link, struct subscriber, link);

		if (subscriber_is_idle(each))
			continue;
		drop_all(each);
		each->on_failed(each->holder, error);
	}
}

static void on_refused(struct want *want, const struct error *error)
{
	fail_all(want->holder, error);
}

static struct subscription *find(const struct subscriber *subscriber,
				 const char *name)
{
	LIST_EACH(link, &subscriber->subscriptions) {
		struct subscription *each =
			LIST_ENTRY(link, struct subscription, own_link);

		if (strcmp(each->channel->name, name) == 0)
			return each;
	}
	return NULL;
}

static struct channel *find_or_add(struct channels *channels,
				   const char *name)
{
	struct channel *channel;

	HASH_FIND_STR(channels->by_name, name, channel);
	if (channel)
		return channel;
	channel = must_alloc(sizeof(*channel));
	channel->name = must_dup(name);
	list_init(&channel->subscriptions);
	HASH_ADD_KEYPTR(hh, channels->by_name, channel->name, strlen(name),
			channel);
	return channel;
}

void subscriber_listen(struct subscriber *subscriber, const char *name)
{
	struct channels *channels = subscriber->channels;
	struct subscription *subscription;

	if (find(subscriber, name))
		return;
	subscription = must_alloc(sizeof(*subscription));
	subscription->subscriber = subscriber;
	subscription->channel = find_or_add(channels, name);
	list_append(&subscription->channel->subscriptions, &subscription->link);
	list_append(&subscriber->subscriptions, &subscription->own_link);
	subscriber->unheard++;
	if (channels->backend)
		ask(channels);
	else
		connect_if_needed(channels);
}

void subscriber_unlisten(struct subscriber *subscriber, const char *name)
{
	struct subscription *subscription;

	if (!name) {
		drop_all(subscriber);
		return;
	}
	subscription = find(subscriber, name);
	if (subscription)
		drop_subscription(subscription);
}

bool subscriber_listens(const struct subscriber *subscriber, const char *name)
{
	return find(subscriber, name);
}

void subscriber_each(const struct subscriber *subscriber,
		     void (*visit)(void *context, const char *sql),
		     void *context)
{
	LIST_EACH(link, &subscriber->subscriptions) {
		struct subscription *each =
			LIST_ENTRY(link, struct subscription, own_link);
		struct buffer sql = { 0 };

		buffer_put_text(&sql, "LISTEN ");
		put_identifier(&sql, each->channel->name);
		visit(context, buffer_cstring(&sql));
		buffer_fini(&sql);
	}
}

void subscriber_init(struct subscriber *subscriber, struct channels *channels)
{
	list_init(&subscriber->subscriptions);
	subscriber->channels = channels;
	subscriber->unheard = 0;
	list_append(&channels->subscribers, &subscriber->link);
}

void subscriber_fini(struct subscriber *subscriber)
{
	drop_all(subscriber);
	list_remove(&subscriber->link);
}

/* --- questions ---------------------------------------------------------- */

void channels_ask(struct channels *channels, struct question *question,
		  struct slice text)
{
	question->request = 0;
	question->text = slice_dup(text);
	list_append(&channels->questions, &question->link);
	if (channels->backend)
		ask_question(channels, question);
	else
		connect_if_needed(channels);
}

void question_withdraw(struct question *question)
{
	if (!question->text)
		return;
	list_remove(&question->link);
	free(question->text);
	question->text = NULL;
}

void channels_inquire(struct channels *channels, struct inquiry *inquiry,
		      struct slice text)
{
	inquiry->request = 0;
	inquiry->text = slice_dup(text);
	list_append(&channels->inquiries, &inquiry->link);
	if (channels->backend)
		ask_inquiry(channels, inquiry);
	else
		connect_if_needed(channels);
}

void inquiry_withdraw(struct inquiry *inquiry)
{
	if (!inquiry->text)
		return;
	list_remove(&inquiry->link);
	free(inquiry->text);
	inquiry->text = NULL;
}

/* --- hearing ------------------------------------------------------------ */

static void hand_out(struct channels *channels, struct slice message,
		     const char *name)
{
	struct channel *channel;

	HASH_FIND_STR(channels->by_name, name, channel);
	if (!channel)
		return;
	LIST_EACH_SAFE(link, &channel->subscriptions) {
		struct subscription *each =
			LIST_ENTRY(link, struct subscription, link);

		if (each->heard)
			each->subscriber->on_notification(
				each->subscriber->holder, message);
	}
}

/* Everything else in answer to what is asked here is swallowed. Messages come
 * whole: the scanner of backend.c sees to that for this kind. */
static void on_reply(void *holder, const struct slice *pieces, unsigned count)
{
	struct channels *channels = holder;
	struct notification_message notification;
	struct frame frame;

	for (unsigned i = 0; i < count; i++) {
		struct slice left = pieces[i];

		while (frame_read(left, BUFFER_BYTES_MAX, &frame) ==
		       FRAME_WHOLE) {
			if (frame.type == 'A' &&
			    read_notification(frame.body, &notification))
				hand_out(channels,
					 slice_make(left.at, frame.length),
					 (const char *)notification.channel.at);
			left.at += frame.length;
			left.length -= frame.length;
		}
	}
}

/* It is asked anew when the connection is there again. */
static void on_lost(void *holder, const struct error *error)
{
	struct channels *channels = holder;

	channels->backend = NULL;
	fail_asked(channels, error);
	LIST_EACH(link, &channels->subscribers) {
		struct subscriber *subscriber =
			LIST_ENTRY(link, struct subscriber, link);

		LIST_EACH(own, &subscriber->subscriptions) {
			struct subscription *each =
				LIST_ENTRY(own, struct subscription, own_link);

			each->was_heard |= each->heard;
			subscriber->unheard += each->heard;
			each->heard = false;
			each->asked = 0;
		}
	}
	connect_if_needed(channels);
}

/* What was asked for by this request is heard from now on. */
static void settle(struct subscriber *subscriber, uint32_t request)
{
	bool settled = false, gap = false;

	LIST_EACH(link, &subscriber->subscriptions) {
		struct subscription *each =
			LIST_ENTRY(link, struct subscription, own_link);

		if (each->heard || each->asked != request)
			continue;
		each->heard = settled = true;
		gap |= each->was_heard;
		each->was_heard = false;
		subscriber->unheard--;
	}
	if (gap)
		subscriber->on_gap(subscriber->holder);
	if (settled && !subscriber->unheard)
		subscriber->on_heard(subscriber->holder);
}

/* `told` is a ParameterDescription and what comes behind it. */
static void on_described(struct channels *channels, uint32_t request,
			 struct slice told)
{
	struct slice columns = { NULL, 0 };
	struct frame frame;

	if (frame_read(told, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		told.at += frame.length;
		told.length -= frame.length;
		if (frame_read(told, BUFFER_BYTES_MAX, &frame) ==
			    FRAME_WHOLE && frame.type == 'T')
			columns = slice_make(told.at, frame.length);
	}
	LIST_EACH_SAFE(link, &channels->questions) {
		struct question *each = LIST_ENTRY(link, struct question, link);

		if (each->request == request)
			answer(each, columns);
	}
}

static struct inquiry *find_inquiry(const struct channels *channels,
				    uint32_t request)
{
	LIST_EACH(link, &channels->inquiries) {
		struct inquiry *each = LIST_ENTRY(link, struct inquiry, link);

		if (each->request == request)
			return each;
	}
	return NULL;
}

static void fail_inquiry(struct inquiry *inquiry, struct slice body)
{
	struct error error;
	struct frame frame;

	error_set(&error, SQLSTATE_LIMIT_EXCEEDED,
		  "the answer is too long");
	if (frame_read(body, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE &&
	    frame.type == 'E')
		read_error(frame.body, &error, NULL);
	refuse(inquiry, &error);
}

static void on_inquired(struct inquiry *inquiry, bool succeeded,
			struct slice body)
{
	if (!inquiry)
		return;
	if (!succeeded) {
		fail_inquiry(inquiry, body);
		return;
	}
	inquiry_withdraw(inquiry);
	inquiry->on_rows(inquiry->holder, body);
}

static void on_watched(void *holder, char message, uint32_t token,
		       bool succeeded, struct slice body)
{
	struct channels *channels = holder;
	struct error error;

	if (token & INQUIRY_BIT) {
		on_inquired(find_inquiry(channels, token), succeeded, body);
		return;
	}
	if (message == 'D') {
		on_described(channels, token, body);
		return;
	}
	if (!succeeded) {
		error_set(&error, SQLSTATE_NOT_IN_PREREQUISITE_STATE,
			  "the server does not let weir listen");
		fail_all(channels, &error);
		return;
	}
	LIST_EACH_SAFE(link, &channels->subscribers)
		settle(LIST_ENTRY(link, struct subscriber, link), token);
}

static void on_ready(void *holder, char status, bool idle)
{
	struct channels *channels = holder;

	if (idle && !is_needed(channels))
		let_go(channels);
}

static void on_drained(void *holder)
{
}

static const struct lease_handlers handlers = {
	.on_reply = on_reply,
	.on_ready = on_ready,
	.on_watched = on_watched,
	.on_drained = on_drained,
	.on_lost = on_lost,
};

/* --- life --------------------------------------------------------------- */

struct channels *channels_new(struct pool *pool,
			      uint64_t (*now_ms)(void *context), void *context)
{
	struct channels *channels = must_alloc(sizeof(*channels));

	channels->pool = pool;
	channels->now_ms = now_ms;
	channels->context = context;
	channels->want.on_leased = on_leased;
	channels->want.on_refused = on_refused;
	channels->want.handlers = &handlers;
	channels->want.holder = channels;
	list_init(&channels->want.link);
	list_init(&channels->subscribers);
	list_init(&channels->questions);
	list_init(&channels->inquiries);
	return channels;
}

void channels_stop(struct channels *channels)
{
	struct backend *backend = channels->backend;

	channels->stopped = true;
	channels->kept = false;
	channels->backend = NULL;
	pool_unwant(&channels->want);
	if (backend)
		pool_abandon(backend, PARTING_BROKEN,
			     channels->now_ms(channels->context));
}

void channels_free(struct channels **pointer)
{
	struct channels *channels = *pointer;

	*pointer = NULL;
	if (!channels)
		return;
	assert(channels->stopped && list_empty(&channels->subscribers) &&
	       list_empty(&channels->inquiries));
	free(channels);
}
