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
	uint32_t last_request;
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

static void send(struct channels *channels, struct buffer *sql)
{
	struct buffer message = { 0 };
	struct slice piece;

	write_query(&message, buffer_cstring(sql));
	backend_expect(channels->backend, 'Q', EXPECT_SWALLOW | EXPECT_WATCH,
		       channels->last_request, NULL);
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

	if (!++channels->last_request)
		channels->last_request = 1;
	HASH_ITER(hh, channels->by_name, channel, next)
		ask_for(channels, channel, &sql);
	if (sql.length)
		send(channels, &sql);
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
	channels->last_request++;
	send(channels, &sql);
	buffer_fini(&sql);
}

/* --- the connection ----------------------------------------------------- */

static void connect_if_needed(struct channels *channels)
{
	struct backend *backend;

	if (channels->backend || channels->want.pool || channels->stopped ||
	    !channels->by_name)
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
	ask(channels);
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

static void fail_all(struct channels *channels, const struct error *error)
{
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

static void on_watched(void *holder, char message, uint32_t token,
		       bool succeeded, struct slice body)
{
	struct channels *channels = holder;
	struct error error;

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
	struct backend *backend = channels->backend;

	if (!idle || channels->by_name)
		return;
	/* Nobody listens any more. */
	channels->backend = NULL;
	backend->must_discard = true;
	pool_release(backend, channels->now_ms(channels->context));
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
	return channels;
}

void channels_stop(struct channels *channels)
{
	struct backend *backend = channels->backend;

	channels->stopped = true;
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
	assert(channels->stopped && list_empty(&channels->subscribers));
	free(channels);
}
