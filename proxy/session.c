#include "proxy/session.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "protocol/frame.h"
#include "protocol/message_read.h"
#include "proxy/auth.h"
#include "proxy/log.h"
#include "proxy/route.h"
#include "proxy/session_made.h"
#include "proxy/session_listen.h"
#include "proxy/session_reading.h"
#include "proxy/session_state.h"

static const char *const state_names[] = {
	[SESSION_HELLO] = "hello", [SESSION_TLS] = "tls",
	[SESSION_LOGIN] = "login", [SESSION_WELCOME] = "welcome",
	[SESSION_IDLE] = "idle", [SESSION_WAITING] = "waiting",
	[SESSION_LEASED] = "leased", [SESSION_CLOSING] = "closing",
};

#define MAY(state) (1u << (state))

/* Which moves there are; see the drawing in session.h. */
static const unsigned may_move[] = {
	[SESSION_HELLO] = MAY(SESSION_TLS) | MAY(SESSION_LOGIN) |
			  MAY(SESSION_WELCOME) | MAY(SESSION_CLOSING),
	[SESSION_TLS] = MAY(SESSION_HELLO) | MAY(SESSION_CLOSING),
	[SESSION_LOGIN] = MAY(SESSION_WELCOME) | MAY(SESSION_CLOSING),
	[SESSION_WELCOME] = MAY(SESSION_IDLE) | MAY(SESSION_CLOSING),
	[SESSION_IDLE] = MAY(SESSION_WAITING) | MAY(SESSION_LEASED) |
			 MAY(SESSION_CLOSING),
	[SESSION_WAITING] = MAY(SESSION_LEASED) | MAY(SESSION_IDLE) |
			    MAY(SESSION_CLOSING),
	[SESSION_LEASED] = MAY(SESSION_IDLE) | MAY(SESSION_CLOSING),
	[SESSION_CLOSING] = 0,
};

void session_enter(struct session *session, enum session_state state)
{
	assert(may_move[session->state] & MAY(state));
	session->state = state;
}

static struct session *session_of(struct stream *stream)
{
	struct session *session = LIST_ENTRY(stream, struct session, stream);

	assert(session->magic == SESSION_MAGIC);
	return session;
}

/* --- output ------------------------------------------------------------- */

void session_send_pieces(struct session *session, const struct slice *pieces,
			 unsigned count)
{
	if (session->state == SESSION_CLOSING)
		return;
	for (unsigned i = 0; i < count; i++)
		session->worker->counters.bytes_to_clients += pieces[i].length;
	if (stream_write(&session->stream, pieces, count) <= QUEUE_BYTES_MAX ||
	    session->output_full)
		return;
	session->output_full = true;
	if (session->backend)
		session->backend->ops->pause(session->backend, true);
	session_check_input(session);
}

void session_send(struct session *session, struct slice bytes)
{
	session_send_pieces(session, &bytes, 1);
}

void session_send_error(struct session *session, const struct error *error)
{
	struct buffer message = { 0 };

	error_write(error, &message);
	session_send(session, buffer_slice(&message));
	buffer_fini(&message);
}

void session_send_ready(struct session *session, char status)
{
	const uint8_t message[6] = { 'Z', 0, 0, 0, 5, (uint8_t)status };

	session_send(session, slice_make(message, sizeof(message)));
}

/* --- input -------------------------------------------------------------- */

static size_t take(struct session *session, struct slice bytes)
{
	switch (session->state) {
	case SESSION_HELLO:
	case SESSION_LOGIN:
		return hello_take(session, bytes);
	case SESSION_IDLE:
	case SESSION_LEASED:
		return relay_take(session, bytes);
	default:
		return 0;	/* wait */
	}
}

/* Goes on until nothing more can be used now; a state may have changed on the
 * way, so that another reader takes over. */
static size_t take_all(struct session *session, struct slice bytes)
{
	bool was_quiet = !session->backend ||
			 backend_is_quiet(session->backend);
	size_t all = 0, taken;

	do {
		enum session_state state = session->state;

		taken = take(session, bytes);
		bytes.at += taken;
		bytes.length -= taken;
		all += taken;
		if (!taken && state == session->state)
			break;
	} while (bytes.length && session->state != SESSION_CLOSING);
	session_note_sent(session, was_quiet);
	return all;
}

void session_check_input(struct session *session)
{
	/* In the relay a message that must be whole may be longer; while a
	 * session waits, or before it has logged in, enough is enough. */
	bool waits = session->state == SESSION_WAITING ||
		     session->state == SESSION_WELCOME ||
		     (session->state == SESSION_LEASED &&
		      relay_must_settle(session));
	bool full = session->output_full || session->server_full ||
		    (waits && session->stash.length > STASH_BYTES_MAX);

	if (session->state == SESSION_CLOSING || full == session->input_full)
		return;
	session->input_full = full;
	if (full)
		stream_pause(&session->stream);
	else
		stream_resume(&session->stream);
}

void session_continue(struct session *session)
{
	size_t taken;

	if (session->reading_stash)
		return;
	if (session->stash.length) {
		session->reading_stash = true;
		taken = take_all(session, buffer_slice(&session->stash));
		session->reading_stash = false;
		buffer_consume(&session->stash, taken);
	}
	if (!session->stash.length)
		buffer_fini(&session->stash);
	session_check_input(session);
}

static void on_read(struct stream *stream, struct slice bytes)
{
	struct session *session = session_of(stream);
	size_t taken;

	session->worker->counters.bytes_from_clients += bytes.length;
	session->active_ms = worker_now(session->worker);
	if (session->terminating)
		return;
	if (session->stash.length) {
		buffer_put_slice(&session->stash, bytes);
		session_continue(session);
		return;
	}
	taken = take_all(session, bytes);
	if (session->state == SESSION_CLOSING)
		return;
	buffer_put(&session->stash, bytes.at + taken, bytes.length - taken);
	session_check_input(session);
}

static void on_secured(struct stream *stream)
{
	hello_secured(session_of(stream));
}

static void on_stream_drained(struct stream *stream)
{
	struct session *session = session_of(stream);

	if (!session->output_full)
		return;
	session->output_full = false;
	if (session->backend)
		session->backend->ops->pause(session->backend, false);
	session_continue(session);
}

static void on_end(struct stream *stream, int error)
{
	struct session *session = session_of(stream);

	if (session->state == SESSION_TLS)
		log_info("tls handshake failed", "session", session->id,
			 "peer", session->peer, "reason", stream->tls_error);
	session_close(session, NULL);
}

static void on_closed(struct stream *stream)
{
	struct session *session = session_of(stream);
	struct worker *worker = session->worker;

	list_remove(&session->link);
	worker->session_count--;
	state_fini(session);
	buffer_wipe(&session->stash);
	buffer_fini(&session->heard);
	auth_exchange_free(&session->exchange);
	free(session->user);
	free(session->database);
	free(session->application);
	session->magic = 0;
	free(session);
	if (worker->on_session_gone)
		worker->on_session_gone(worker);
}

static const struct stream_handlers stream_handlers = {
	.on_read = on_read,
	.on_secured = on_secured,
	.on_drained = on_stream_drained,
	.on_end = on_end,
	.on_closed = on_closed,
};

/* --- birth -------------------------------------------------------------- */

static void on_leased(struct want *want, struct backend *backend)
{
	struct session *session = want->holder;

	session->backend = backend;
	if (session->state == SESSION_WELCOME)
		hello_welcome(session, backend);
	else
		relay_leased(session, backend);
}

static void on_refused(struct want *want, const struct error *error)
{
	struct session *session = want->holder;

	if (session->state == SESSION_WELCOME)
		hello_refused(session, error);
	else
		relay_refused(session, error);
}

void session_start(struct worker *worker, int fd, const char *peer, bool local)
{
	static uint64_t last_id;
	struct session *session = must_alloc(sizeof(*session));
	int status;

	session->magic = SESSION_MAGIC;
	session->worker = worker;
	session->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	session->local = local;
	session->born_ms = session->active_ms = worker_now(worker);
	snprintf(session->peer, sizeof(session->peer), "%s", peer);
	session->want.on_leased = on_leased;
	session->want.on_refused = on_refused;
	session->want.handlers = &session_lease_handlers;
	session->want.holder = session;
	list_init(&session->want.link);
	list_init(&session->watches);
	list_init(&session->undoing);
	list_init(&session->read_texts);
	list_init(&session->savepoints);
	list_init(&session->portals);
	list_init(&session->channel_deeds);
	status = stream_init(&session->stream, worker->loop, fd,
			     &stream_handlers, &worker->shared);
	if (status < 0) {
		log_warn("cannot serve a connection", "peer", peer, "error",
			 uv_strerror(status));
		close(fd);
		free(session);
		return;
	}
	list_append(&worker->sessions, &session->link);
	worker->session_count++;
	worker->counters.sessions_opened++;
	stream_resume(&session->stream);
}

/* --- leases ------------------------------------------------------------- */

struct session *session_that_leases(const struct backend *backend)
{
	struct session *session = backend->holder;

	if (backend->handlers != &session_lease_handlers)
		return NULL;
	assert(session->magic == SESSION_MAGIC);
	return session;
}

void session_end_lease(struct session *session)
{
	struct backend *backend = session->backend;

	/* Its next holder may be faster than this client. */
	if (session->output_full)
		backend->ops->pause(backend, false);
	session->server_full = false;
	session->backend = NULL;
	session->unnamed_here = false;
	session_enter(session, SESSION_IDLE);
	pool_release(backend, worker_now(session->worker));
}

static void abandon_lease(struct session *session)
{
	struct backend *backend = session->backend;
	enum parting parting = session->terminating ? PARTING_SAID :
			       PARTING_GONE;

	if (!backend)
		return;
	if (session->body_left && !session->body_dropped)
		parting = PARTING_BROKEN;
	session->backend = NULL;
	state_before_abandon(session, backend);
	pool_abandon(backend, parting, worker_now(session->worker));
}

/* --- death -------------------------------------------------------------- */

/* What is said now would be taken for a piece of the message that is being
 * passed on, or comes before there is anybody to hear it. */
static bool cannot_hear(const struct session *session)
{
	const struct backend *backend = session->backend;

	return session->state == SESSION_TLS ||
	       (backend && backend->body_left && !backend->body_swallowed);
}

void session_close(struct session *session, const struct error *why)
{
	if (session->state == SESSION_CLOSING)
		return;
	if (why && !cannot_hear(session))
		session_send_error(session, why);
	pool_unwant(&session->want);
	session_enter(session, SESSION_CLOSING);
	session_cancel_fini(session);
	catalog_unwait(&session->lookup);
	session_reading_leave(session);
	session_made_leave(session);
	listen_fini(session);
	abandon_lease(session);
	route_leave(session);
	if (session->by_pid.tbl)
		HASH_DELETE(by_pid, session->worker->by_cancel_pid, session);
	log_debug("session closed", "session", session->id, "peer",
		  session->peer, "reason", why ? why->message : "client left");
	stream_close(&session->stream, false);
}

void session_end(struct session *session, const char *sqlstate,
		 const char *message, const char *hint)
{
	struct error error;

	error_set(&error, sqlstate, "%s", message);
	if (hint)
		error_hint(&error, "%s", hint);
	error.fatal = true;
	log_info("session ended", "session", session->id, "peer",
		 session->peer, "state", state_names[session->state],
		 "reason", message);
	session_close(session, &error);
}

void session_drain(struct session *session)
{
	if (session->state == SESSION_WAITING ||
	    (session->state == SESSION_LEASED && !relay_is_between(session)))
		return;	/* at the end of its transaction */
	session_end(session, SQLSTATE_ADMIN_SHUTDOWN,
		    "terminating connection: weir is shutting down", NULL);
}
