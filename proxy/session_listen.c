#include "proxy/session_listen.h"

#include <stdlib.h>

#include "pool/channel.h"
#include "protocol/frame.h"
#include "protocol/message_read.h"
#include "proxy/log.h"
#include "proxy/route.h"
#include "proxy/session_prepare.h"
#include "proxy/session_ready.h"

#define NOTIFICATIONS_BYTES_MAX (1u << 20)	/* waiting for one client */

struct channel_deed {
	struct list link;
	bool on;
	char *channel;		/* NULL: all */
};

/* --- in a transaction --------------------------------------------------- */

void listen_deed(struct session *session, bool on, const char *channel)
{
	struct channel_deed *deed;

	/* In session mode the server is the client's own. */
	if (route_keeps_lease(session->route))
		return;
	deed = must_alloc(sizeof(*deed));
	deed->on = on;
	deed->channel = channel ? must_dup(channel) : NULL;
	list_append(&session->channel_deeds, &deed->link);
	session->channel_deed_count++;
}

static void drop_deed(struct session *session, struct list *link)
{
	struct channel_deed *deed = LIST_ENTRY(link, struct channel_deed, link);

	session->channel_deed_count--;
	list_remove(link);
	free(deed->channel);
	free(deed);
}

void listen_undo(struct session *session, unsigned kept)
{
	while (session->channel_deed_count > kept)
		drop_deed(session, session->channel_deeds.prev);
}

/* The server gives out what it hears until the subscription stands, but not
 * what is heard already. */
void listen_sent(struct session *session, const struct sql_facts *facts)
{
	session->listens_here = session->barrier = true;
	for (int i = 0; i < facts->session_deed_count; i++) {
		const struct session_deed *deed = &facts->session_deeds[i];

		if (deed->kind == SESSION_LISTEN &&
		    !(session->subscriber &&
		      subscriber_listens(session->subscriber, deed->name)))
			session->backend->hears = true;
	}
}

static void on_channel(void *context, const char *sql)
{
	prepare_run(context, sql);
}

bool listen_install(struct session *session)
{
	if (!listen_any(session) || session->backend->status != 'I')
		return false;
	session->listens_here = true;
	subscriber_each(session->subscriber, on_channel, session);
	return true;
}

/* --- what is heard ------------------------------------------------------ */

static void on_notification(void *holder, struct slice message)
{
	struct session *session = holder;
	struct error error;

	if (session->notifications.length + message.length >
	    NOTIFICATIONS_BYTES_MAX) {
		error_set(&error, SQLSTATE_LIMIT_EXCEEDED, "terminating "
			  "connection: too many notifications wait for it");
		error_hint(&error, "Read notifications more often, and keep "
			   "transactions short: none is given out within one.");
		error.fatal = true;
		session_close(session, &error);
		return;
	}
	buffer_put_slice(&session->notifications, message);
	ready_give_notifications(session);
}

/* The server held back what is heard from now on; the client may go on. */
static void on_heard(void *holder)
{
	struct session *session = holder;

	if (session->state == SESSION_LEASED)
		ready_after_listen(session);
}

static void on_gap(void *holder)
{
	struct session *session = holder;
	struct error notice;
	struct buffer message = { 0 };

	error_set(&notice, SQLSTATE_WARNING, "notifications may have been lost");
	error_detail(&notice, "The connection on which weir listens was lost "
		     "and opened again.");
	notice_write(&notice, "WARNING", &message);
	on_notification(session, buffer_slice(&message));
	buffer_fini(&message);
}

static void on_failed(void *holder, const struct error *why)
{
	struct session *session = holder;
	struct error error;

	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "terminating "
		  "connection: weir cannot listen for it: %.300s",
		  why->message);
	error.fatal = true;
	session_close(session, &error);
}

/* --- subscribing -------------------------------------------------------- */

static struct subscriber *subscriber_of(struct session *session)
{
	struct subscriber *subscriber = session->subscriber;

	if (subscriber)
		return subscriber;
	subscriber = must_alloc(sizeof(*subscriber));
	subscriber_init(subscriber, route_channels(session->route));
	subscriber->holder = session;
	subscriber->on_notification = on_notification;
	subscriber->on_heard = on_heard;
	subscriber->on_gap = on_gap;
	subscriber->on_failed = on_failed;
	session->subscriber = subscriber;
	return subscriber;
}

void listen_found(struct session *session, struct slice channel)
{
	char *name = slice_dup(channel);

	session->listens_here = session->backend->hears = true;
	subscriber_listen(subscriber_of(session), name);
	free(name);
}

bool listen_waits(const struct session *session)
{
	return session->subscriber && session->subscriber->unheard;
}

bool listen_any(const struct session *session)
{
	return session->subscriber && !subscriber_is_idle(session->subscriber);
}

/* Whoever stops listening is not given what has not been given out yet, as in
 * Postgres. */
static void drop_notifications(struct session *session, const char *channel)
{
	struct slice left = buffer_slice(&session->notifications);
	struct notification_message notification;
	struct buffer kept = { 0 };
	struct frame frame;

	while (frame_read(left, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		bool dropped = frame.type == 'A' &&
			       read_notification(frame.body, &notification) &&
			       (!channel ||
				slice_is(notification.channel, channel));

		if (!dropped)
			buffer_put(&kept, left.at, frame.length);
		left.at += frame.length;
		left.length -= frame.length;
	}
	buffer_fini(&session->notifications);
	session->notifications = kept;
}

static void unlisten(struct session *session, const char *channel)
{
	if (!session->subscriber)
		return;
	subscriber_unlisten(session->subscriber, channel);
	drop_notifications(session, channel);
}

bool listen_settle(struct session *session)
{
	while (session->channel_deed_count) {
		struct list *link = list_first(&session->channel_deeds);
		struct channel_deed *deed =
			LIST_ENTRY(link, struct channel_deed, link);

		if (deed->on)
			subscriber_listen(subscriber_of(session),
					  deed->channel);
		else
			unlisten(session, deed->channel);
		drop_deed(session, link);
	}
	return listen_waits(session);
}

void listen_fini(struct session *session)
{
	listen_undo(session, 0);
	if (session->subscriber)
		subscriber_fini(session->subscriber);
	free(session->subscriber);
	session->subscriber = NULL;
	buffer_fini(&session->notifications);
}
