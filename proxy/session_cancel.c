/*
 * A CancelRequest, for whatever a session is doing.
 *
 * What runs is stopped by its server. What waits for one is answered here, as
 * a server would that has just begun: that answer has the columns in front, so
 * the listening connection is asked for them, and not waited for long.
 */
#include "proxy/session.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "pool/channel.h"
#include "protocol/frame.h"
#include "protocol/message_read.h"
#include "proxy/route.h"

#define COLUMNS_TIMEOUT_MS 300

struct cancelled_wait {
	struct question question;
	struct session *session;	/* NULL: it has been answered */
	uv_timer_t timer;
};

/* Process ids are no secret: who has one is found by it, and how long the
 * comparison of the secret takes tells nothing of it. */
static struct session *find_by_key(struct worker *worker,
				   const struct cancel_message *message)
{
	struct session *session;
	size_t length;

	HASH_FIND(by_pid, worker->by_cancel_pid, &message->pid,
		  sizeof(message->pid), session);
	if (!session)
		return NULL;
	length = session->long_cancel_key ? CANCEL_SECRET_BYTES :
					    CANCEL_KEY_SHORT_BYTES;
	if (message->key.length != length ||
	    CRYPTO_memcmp(message->key.at, session->cancel_secret, length) != 0)
		return NULL;
	return session;
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* Whoever waited is told, or gone. */
static struct session *end_waiting(struct cancelled_wait *wait)
{
	struct session *session = wait->session;

	wait->session = NULL;
	session->cancelled = NULL;
	question_withdraw(&wait->question);
	uv_close((uv_handle_t *)&wait->timer, on_timer_closed);
	return session;
}

static void answer(struct session *session, struct slice row_description)
{
	struct error error;

	if (row_description.length)
		session_send(session, row_description);
	error_set(&error, SQLSTATE_QUERY_CANCELED,
		  "canceling statement due to user request");
	relay_refused(session, &error);
}

static void on_answer(void *holder, struct slice row_description)
{
	answer(end_waiting(holder), row_description);
}

static void on_timeout(uv_timer_t *timer)
{
	answer(end_waiting(timer->data), slice_make(NULL, 0));
}

/* The text of the simple query that waits, if it gives rows as it runs. */
static struct slice waiting_query(struct session *session)
{
	struct slice text = { NULL, 0 };
	struct frame frame;

	if (frame_read(buffer_slice(&session->stash), FRAME_BYTES_MAX,
		       &frame) != FRAME_WHOLE || frame.type != 'Q' ||
	    !frame.body.length)
		return text;
	text = slice_make(frame.body.at, frame.body.length - 1);
	return sql_is_plain_read(text) ? text : slice_make(NULL, 0);
}

static void cancel_waiting(struct session *session)
{
	struct slice text = waiting_query(session);
	struct cancelled_wait *wait;

	if (session->cancelled)
		return;
	pool_unwant(&session->want);
	if (!text.at) {
		answer(session, slice_make(NULL, 0));
		return;
	}
	wait = must_alloc(sizeof(*wait));
	wait->session = session;
	wait->question.holder = wait;
	wait->question.on_answer = on_answer;
	wait->timer.data = wait;
	session->cancelled = wait;
	uv_timer_init(session->worker->loop, &wait->timer);
	uv_timer_start(&wait->timer, on_timeout, COLUMNS_TIMEOUT_MS, 0);
	channels_ask(route_channels(session->route), &wait->question, text);
}

void session_cancel_fini(struct session *session)
{
	if (session->cancelled)
		end_waiting(session->cancelled);
}

void session_cancel(struct worker *worker, const struct cancel_message *message)
{
	struct session *session = find_by_key(worker, message);

	if (!session)
		return;
	worker->counters.cancels++;
	if (session->state == SESSION_WAITING)
		cancel_waiting(session);
	else if (session->state == SESSION_LEASED)
		backend_cancel(session->backend);
}
