/*
 * What one read of a client brings is gathered and goes to its backend in one
 * call: the lease it needs, what is put in front of it, and how a message is
 * refused.
 */
#include "proxy/session_relay.h"

#include <stdlib.h>

#include "protocol/message_write.h"
#include "proxy/route.h"
#include "proxy/session_path.h"
#include "proxy/session_reading.h"
#include "proxy/session_state.h"

void relay_flush(struct session *session)
{
	struct outgoing *out = &session->worker->outgoing;
	unsigned count = out->count;

	out->count = 0;
	out->own_length = 0;
	if (!count || !session->backend)
		return;
	if (backend_send(session->backend, out->pieces, count) >
	    QUEUE_BYTES_MAX) {
		session->server_full = true;
		session_check_input(session);
	}
}

/* Ends the session; what it sent before goes to the server. */
void relay_end(struct session *session, const struct error *why)
{
	relay_flush(session);
	session_close(session, why);
}

void relay_put(struct session *session, struct slice bytes)
{
	struct outgoing *out = &session->worker->outgoing;
	struct slice *last = out->count ? &out->pieces[out->count - 1] : NULL;

	if (!bytes.length)
		return;
	if (last && last->at + last->length == bytes.at) {
		last->length += bytes.length;
		return;
	}
	if (out->count == OUTGOING_PIECES)
		relay_flush(session);
	out->pieces[out->count++] = bytes;
}

/* The same for bytes that will not live until the flush. */
void relay_put_own(struct session *session, struct slice bytes)
{
	struct outgoing *out = &session->worker->outgoing;

	if (bytes.length > OUTGOING_OWN_BYTES) {
		relay_put(session, bytes);
		relay_flush(session);
		return;
	}
	/* No flush may come between the copy and the piece that shows it. */
	if (bytes.length > OUTGOING_OWN_BYTES - out->own_length ||
	    out->count == OUTGOING_PIECES)
		relay_flush(session);
	memcpy(out->own + out->own_length, bytes.at, bytes.length);
	relay_put(session,
		  slice_make(out->own + out->own_length, bytes.length));
	out->own_length += bytes.length;
}

void relay_put_message(struct session *session, struct buffer *message)
{
	relay_put_own(session, buffer_slice(message));
	buffer_fini(message);
}

void relay_expect(struct session *session, char message, uint8_t flags,
		  uint32_t token)
{
	backend_expect(session->backend, message, flags, token, NULL);
}

/* --- leases ------------------------------------------------------------- */

void relay_begin_lease(struct session *session, struct backend *backend)
{
	session->backend = backend;
	session->unnamed_here = false;
	backend->hears = route_keeps_lease(session->route);
	if (!route_follows_sequences(session->route))
		backend->sequences_clean = false;
	session_enter(session, SESSION_LEASED);
}

bool relay_have_lease(struct session *session)
{
	struct backend *backend;

	if (session->backend)
		return true;
	if (pool_want(route_pool(session->route), &session->want,
		      worker_now(session->worker), &backend)) {
		relay_begin_lease(session, backend);
		return true;
	}
	session_reading_lighten(session);
	session_enter(session, SESSION_WAITING);
	return false;
}

/* Puts in front what makes the backend look like the client's own. */
static void replay_settings(struct session *session)
{
	struct buffer sql = { 0 }, message = { 0 };

	if (session->settings == session->backend->settings)
		return;
	if (state_replay(session, &sql)) {
		write_query(&message, buffer_cstring(&sql));
		relay_expect(session, 'Q', EXPECT_SWALLOW | EXPECT_MUST_SUCCEED,
			     0);
		relay_put_message(session, &message);
	}
	buffer_fini(&sql);
}

/* Gives the lease back for another one, of a server that has not what this
 * one has: it is closed. */
void relay_swap_backend(struct session *session)
{
	session->backend->doomed = true;
	session_end_lease(session);
}

/* A lease, and the backend set as the client's: in front of a batch, for a
 * simple query within one would end it. */
bool relay_ready_to_send(struct session *session)
{
	if (!relay_have_lease(session))
		return false;
	if (backend_is_quiet(session->backend) &&
	    !session->backend->batch_open) {
		if (session_path_ask(session))
			return false;
		session->first_batch = session->backend->batches;
		replay_settings(session);
	}
	return true;
}

/* --- refusing ----------------------------------------------------------- */

void relay_answer(struct session *session, const struct error *error,
		  bool extended)
{
	struct buffer answer = { 0 };

	error_write(error, &answer);
	if (!extended)
		write_ready(&answer, 'I');
	session_send(session, buffer_slice(&answer));
	buffer_fini(&answer);
	session->discarding = extended;
}

/* Sends a message that is a syntax error anywhere; the server's answer to it
 * is replaced by `error`. */
static void fail_on_server(struct session *session, const struct error *error,
			   bool extended)
{
	struct buffer answer = { 0 }, message = { 0 };
	static const char nonsense[] = "weir_refused_this_statement";

	if (extended)
		write_parse(&message, "", slice_text(nonsense), NULL, 0);
	else
		write_query(&message, nonsense);
	error_write(error, &answer);
	backend_expect(session->backend, extended ? 'P' : 'Q', EXPECT_REPLACE,
		       0, &answer);
	relay_put_message(session, &message);
	session->unnamed_here = session->unnamed_here && !extended;
}

enum step relay_refuse(struct session *session, const struct error *error,
		       bool extended)
{
	/* Of its message more may come, which must not reach the server. */
	session->body_dropped = true;
	if (session->backend)
		fail_on_server(session, error, extended);
	else
		relay_answer(session, error, extended);
	return STEP_TAKEN;
}
