#include "proxy/session_ready.h"

#include "protocol/message_write.h"
#include "proxy/route.h"
#include "proxy/session_listen.h"
#include "proxy/session_made.h"
#include "proxy/session_relay.h"
#include "proxy/session_state.h"

/* --- what is said in front of it ---------------------------------------- */

/* Reports of parameters are not passed on as they come, for a server changes
 * them also when weir sets it for a client; what has changed in this client's
 * eyes is told here, as Postgres does from version 14 on. */
static void put_parameters(struct session *session, struct buffer *out)
{
	struct parameters *now = session->backend->parameters;
	struct buffer changed = { 0 };

	if (session->told == now)
		return;
	if (parameters_equal(session->told, now)) {
		/* One set for both, so that next time two pointers tell. */
		parameters_unref(&session->backend->parameters);
		session->backend->parameters = parameters_ref(session->told);
		return;
	}
	parameters_changed(session->told, now, &changed);
	write_parameter_statuses(out, buffer_slice(&changed));
	buffer_fini(&changed);
	parameters_unref(&session->told);
	session->told = parameters_ref(now);
}

static void put_notifications(struct session *session, char status,
			      struct buffer *out)
{
	if (status != 'I' || !session->notifications.length)
		return;
	buffer_put_slice(out, buffer_slice(&session->notifications));
	buffer_fini(&session->notifications);
}

/* --- what is done before it --------------------------------------------- */

/* After a RESET the server has its own default, and the client is to have
 * what it asked for at startup. */
static bool replay(struct session *session)
{
	struct buffer sql = { 0 }, message = { 0 };
	struct slice piece;
	bool needed = state_replay(session, &sql);

	if (needed) {
		write_query(&message, buffer_cstring(&sql));
		relay_expect(session, 'Q', EXPECT_SWALLOW | EXPECT_MUST_SUCCEED,
			     0);
		piece = buffer_slice(&message);
		backend_send(session->backend, &piece, 1);
		buffer_fini(&message);
	}
	buffer_fini(&sql);
	return needed;
}

static enum kept_ready why_kept(struct session *session, char status,
				bool idle)
{
	if (!idle)
		return READY_NOT_KEPT;
	if (status == 'I' && !session->backend->undone &&
	    session->channel_deed_count && listen_settle(session))
		return READY_AFTER_LISTEN;
	if (session->barrier && replay(session))
		return READY_AFTER_REPLAY;
	return READY_NOT_KEPT;
}

bool ready_before(void *holder, char status, bool idle)
{
	struct session *session = holder;
	struct buffer out = { 0 };

	if (session->state != SESSION_LEASED)
		return true;
	state_ready(session, status, session->backend->undone);
	if (session->backend->undone)
		session->unnamed_here = false;
	if (idle && status == 'I') {
		session->worker->counters.transactions++;
		session_made_end(session);
	}
	session->kept_ready = why_kept(session, status, idle);
	if (session->kept_ready)
		return false;
	put_parameters(session, &out);
	put_notifications(session, status, &out);
	if (out.length)
		backend_insert(session->backend, buffer_slice(&out));
	buffer_fini(&out);
	return true;
}

/* --- what was kept back ------------------------------------------------- */

static void say_ready(struct session *session)
{
	char status = session->backend->status;
	struct buffer out = { 0 };

	session->kept_ready = READY_NOT_KEPT;
	put_parameters(session, &out);
	put_notifications(session, status, &out);
	write_ready(&out, status);
	session_send(session, buffer_slice(&out));
	buffer_fini(&out);
}

/* The server listened until the subscription stood: now it stops. */
static void stop_hearing(struct session *session)
{
	struct backend *backend = session->backend;
	struct buffer message = { 0 };
	struct slice piece;

	backend->hears = session->listens_here = false;
	write_query(&message, "UNLISTEN *");
	relay_expect(session, 'Q', EXPECT_SWALLOW | EXPECT_MUST_SUCCEED, 0);
	piece = buffer_slice(&message);
	backend_send(backend, &piece, 1);
	buffer_fini(&message);
	session->unnamed_here = false;
}

void ready_after_listen(struct session *session)
{
	if (!session->listens_here)
		return;
	session->backend->hears = false;
	if (session->kept_ready == READY_AFTER_LISTEN) {
		stop_hearing(session);
		say_ready(session);
	} else if (relay_is_between(session) && !session->probe_due) {
		stop_hearing(session);
	}
}

void ready_give_notifications(struct session *session)
{
	struct buffer out = { 0 };

	/* Not into an answer, and not within a transaction. */
	if (!session->notifications.length ||
	    (session->state != SESSION_WAITING && !relay_is_between(session)))
		return;
	put_notifications(session, 'I', &out);
	session_send(session, buffer_slice(&out));
	buffer_fini(&out);
}

/* --- what ends with it -------------------------------------------------- */

/* In statement mode nobody keeps a server for longer than a statement. */
static void refuse_transaction(struct session *session)
{
	struct error error;

	if (!route_is_per_statement(session->route))
		return;
	error_set(&error, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "transactions of several statements are not allowed with "
		  "pool_mode statement");
	error_hint(&error, "Use pool_mode transaction.");
	error.fatal = true;
	session_close(session, &error);
}

void ready_on(void *holder, char status, bool idle)
{
	struct session *session = holder;
	bool barrier;

	if (session->state == SESSION_WELCOME) {
		hello_welcome(session, session->backend);
		return;
	}
	session_note_ready(session, status, idle);
	if (!idle || session->kept_ready == READY_AFTER_LISTEN)
		return;
	if (session->kept_ready == READY_AFTER_REPLAY)
		say_ready(session);
	barrier = session->barrier;
	session->barrier = false;
	session->unnamed_sure = true;
	if (session->terminating) {
		session_close(session, NULL);
		return;
	}
	if (status != 'I') {
		refuse_transaction(session);
		if (barrier && session->state == SESSION_LEASED)
			session_continue(session);
		return;
	}
	if (session->listens_here && !listen_waits(session) &&
	    !session->probe_due)
		stop_hearing(session);
	relay_go_on(session);
}
