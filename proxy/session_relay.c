/*
 * The steady state: messages of a client are cut, judged, and sent to the
 * backend as they came, except for the names of prepared statements; replies
 * come back untouched.
 *
 * All that one read brought is gathered and sent in one call. A message that
 * weir refuses is answered on the spot while the session has no lease; within
 * a transaction or a pipeline a message that must fail is sent in its place,
 * so that the server's transaction fails as well, and its error is replaced.
 */
#include "proxy/session_relay.h"

#include "proxy/log.h"
#include "proxy/route.h"
#include "proxy/session_guard.h"
#include "proxy/session_path.h"
#include "proxy/session_prepare.h"
#include "proxy/session_probe.h"
#include "proxy/session_reading.h"
#include "proxy/session_ready.h"
#include "proxy/session_sanction.h"
#include "proxy/session_state.h"

#define SMALL_BYTES_MAX 10000 /* as Postgres: PQ_SMALL_MESSAGE_LIMIT */

/* --- cutting ------------------------------------------------------------ */

/* Which messages are passed on before they are whole: their bulk is data. */
static bool may_stream(char type)
{
	return type == 'd' || type == 'B';
}

/* How long a message of this kind may be, as in Postgres; of a kind that
 * there is not, more than its header need not be seen. */
static size_t length_max(char type)
{
	return strchr("QPBFd", type) && type ? FRAME_BYTES_MAX
					     : SMALL_BYTES_MAX;
}

static size_t pass_body(struct session *session, struct slice bytes)
{
	if (bytes.length > session->body_left)
		bytes.length = session->body_left;
	session->body_left -= bytes.length;
	if (!session->body_dropped)
		relay_put(session, bytes);
	return bytes.length;
}

/* After an error, up to the Sync. */
static bool is_skipped(const struct session *session, char type)
{
	bool skipping = session->discarding ||
			(session->backend && session->backend->skipping);

	return skipping && type != 'S' && type != 'X';
}

static enum step take_message(struct session *session,
			      const struct frame *frame, struct slice there)
{
	enum step step = STEP_TAKEN;

	session->body_dropped = is_skipped(session, frame->type);
	if (!session->body_dropped)
		step = message_take(session, frame, there);
	if (step == STEP_TAKEN) {
		session->body_left = frame->length - there.length;
		session->looked_up = false;
		session->permitted = 0;
		session->spared = false;
		session_reading_forget(session);
	}
	return step;
}

static size_t take_first(struct session *session, struct slice bytes,
			 enum step *ret_step)
{
	struct frame frame;
	struct error error;

	switch (frame_read(bytes, length_max((char)bytes.at[0]), &frame)) {
	case FRAME_WHOLE:
		bytes.length = frame.length;
		*ret_step = take_message(session, &frame, bytes);
		break;
	case FRAME_PART:
		if (!is_skipped(session, frame.type) &&
		    !may_stream(frame.type)) {
			*ret_step = STEP_MORE;
			return 0;
		}
		*ret_step = take_message(session, &frame, bytes);
		break;
	case FRAME_MORE:
		*ret_step = STEP_MORE;
		return 0;
	case FRAME_BROKEN:
		if (!strchr("QPBDECSFHdcfXp", bytes.at[0]) || !bytes.at[0]) {
			message_unknown(session, (char)bytes.at[0]);
			return 0;
		}
		error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
			  "invalid message length");
		error.fatal = true;
		relay_end(session, &error);
		return 0;
	}
	return *ret_step == STEP_TAKEN ? bytes.length : 0;
}

/* The lease may end here if nothing is under way. */
static bool is_done(const struct session *session)
{
	return session->state == SESSION_LEASED &&
	       backend_is_quiet(session->backend) &&
	       !session->backend->batch_open &&
	       session->backend->status == 'I' && !session->body_left &&
	       !session->kept_ready;
}

/* What the server is to be asked, or to stop, was not settled yet. */
static bool is_held(const struct session *session)
{
	return session->pins || session->probe_due ||
	       route_keeps_lease(session->route) || session->listens_here;
}

static void end_lease_if_done(struct session *session)
{
	if (!is_done(session) ||
	    (session->probe_due && probe_start(session)))
		return;
	if (!is_held(session))
		session_end_lease(session);
	if (session->worker->draining)
		session_drain(session);
}

bool relay_is_between(const struct session *session)
{
	return session->state == SESSION_IDLE || is_done(session);
}

/* Its server is cleaned and shared again. */
static void end_overpinned(struct session *session)
{
	struct error error;

	error_set(&error, SQLSTATE_TOO_MANY_CONNECTIONS, "terminating "
		  "connection: too many clients keep a server of this pool");
	error_hint(&error, "Temporary tables, session locks and WITH HOLD "
		   "cursors keep one beyond the transaction. End them sooner, "
		   "or raise max_pinned_servers or pool_size.");
	error.fatal = true;
	session_close(session, &error);
}

void relay_go_on(struct session *session)
{
	if (session->overpinned) {
		end_overpinned(session);
		return;
	}
	end_lease_if_done(session);
	ready_give_notifications(session);
	if (session->state == SESSION_IDLE || session->state == SESSION_LEASED)
		session_continue(session);
}

/* The batch that was sent must be settled before the next one is looked at;
 * what it copies is a part of it. */
bool relay_must_settle(const struct session *session)
{
	return session->kept_ready || session->awaited ||
	       session->path_asked || session->looking_up ||
	       (session->probing && session->path_moved) ||
	       (session->barrier && !session->backend->batch_open &&
		!session->backend->copying_in &&
		!backend_is_quiet(session->backend));
}

size_t relay_take(struct session *session, struct slice bytes)
{
	size_t all = 0, taken;
	enum step step = STEP_TAKEN;

	while (bytes.length && step == STEP_TAKEN && !session->output_full &&
	       !session->terminating && !relay_must_settle(session) &&
	       (session->state == SESSION_IDLE ||
		session->state == SESSION_LEASED)) {
		taken = session->body_left ? pass_body(session, bytes)
					   : take_first(session, bytes, &step);
		bytes.at += taken;
		bytes.length -= taken;
		all += taken;
	}
	if (session->state == SESSION_CLOSING)
		return all;
	relay_flush(session);
	end_lease_if_done(session);
	return all;
}

/* --- what the lease says ------------------------------------------------ */

void relay_leased(struct session *session, struct backend *backend)
{
	relay_begin_lease(session, backend);
	session_continue(session);
}

/* Takes the message that waited out of the stash and answers it. */
void relay_refused(struct session *session, const struct error *error)
{
	struct frame frame = { 0 };
	bool extended = true;

	session_enter(session, SESSION_IDLE);
	if (frame_read(buffer_slice(&session->stash), FRAME_BYTES_MAX,
		       &frame) == FRAME_WHOLE) {
		extended = frame.type != 'Q' && frame.type != 'F';
		buffer_consume(&session->stash, frame.length);
	} else if (session->stash.length) {
		/* A Bind of which not all is here: the rest is discarded. */
		session->body_left = frame.length - session->stash.length;
		session->body_dropped = true;
		buffer_clear(&session->stash);
	}
	relay_answer(session, error, extended);
	session_continue(session);
}

static void on_reply(void *holder, const struct slice *pieces, unsigned count)
{
	struct session *session = holder;

	if (session->state == SESSION_WELCOME)
		hello_reply(session, pieces, count);
	else
		session_send_pieces(session, pieces, count);
}

static void on_turn(void *holder)
{
	struct session *session = holder;

	if (session->state == SESSION_LEASED)
		session_continue(session);
}

static void reword(void *holder, struct slice body, struct buffer *out)
{
	prepare_reword(holder, body, out);
}

static void on_refused(void *holder, struct slice body)
{
	session_was_refused(holder, body);
}

static void on_exempted(void *holder, const char *table, const char *command)
{
	sanction_note_exempted(holder, table, command);
}

static void on_watched(void *holder, char message, uint32_t token,
		       bool succeeded, struct slice body)
{
	struct session *session = holder;

	if (token == PROBE_TOKEN)
		probe_answered(session, succeeded, body);
	else if (token == PATH_TOKEN)
		session_path_answered(session, succeeded, body);
	else if (token == INSTALL_TOKEN)
		session->first_batch = session->installed_batch;
	else
		state_watched(holder, token, succeeded, body);
}

static void on_drained(void *holder)
{
	struct session *session = holder;

	session->server_full = false;
	session_continue(session);
}

static void on_lost(void *holder, const struct error *error)
{
	struct session *session = holder;
	/* It was told, or would take it for a piece of the message that breaks
	 * off. */
	bool told = session->backend->said_fatal ||
		    (session->backend->body_left &&
		     !session->backend->body_swallowed);
	struct error fatal = *error;

	fatal.fatal = true;
	session->backend = NULL;
	if (session->state == SESSION_WELCOME)
		hello_refused(session, &fatal);
	else
		session_close(session, told ? NULL : &fatal);
}

const struct lease_handlers session_lease_handlers = {
	.on_reply = on_reply,
	.before_ready = ready_before,
	.on_ready = ready_on,
	.on_watched = on_watched,
	.on_turn = on_turn,
	.reword = reword,
	.on_refused = on_refused,
	.on_exempted = on_exempted,
	.on_drained = on_drained,
	.on_lost = on_lost,
};
