/*
 * The first bytes of a client: TLS or not, a cancel request or a startup
 * packet, then who it is; then the welcome, with the parameters a server
 * reported, as a private connection would.
 *
 * Until a client has proved who it is, it gets one small buffer and little
 * time, reaches no backend, and is told nothing of what databases there are.
 */
#include "proxy/session.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include <openssl/rand.h>

#include "protocol/frame.h"
#include "protocol/message_read.h"
#include "protocol/message_write.h"
#include "proxy/auth.h"
#include "proxy/config.h"
#include "proxy/log.h"
#include "proxy/route.h"
#include "proxy/session_guard.h"
#include "proxy/session_state.h"

#define HEARD_BYTES_MAX 65536	/* of a server's answer to startup settings */

static void fail_with(struct session *session, struct error *error)
{
	error->fatal = true;
	session->worker->counters.logins_failed++;
	log_info("login refused", "session", session->id, "peer",
		 session->peer, "user", session->user ? session->user : "",
		 "reason", error->message);
	session_close(session, error);
}

static void fail(struct session *session, const char *sqlstate,
		 const char *message)
{
	struct error error;

	error_set(&error, sqlstate, "%s", message);
	fail_with(session, &error);
}

/* --- TLS or not --------------------------------------------------------- */

static size_t on_tls_request(struct session *session, struct slice bytes,
			     size_t length)
{
	bool offered = session->worker->tls && !session->secure;

	if (session->tls_asked) {
		fail(session, SQLSTATE_PROTOCOL_VIOLATION,
		     "TLS was requested twice");
		return length;
	}
	session->tls_asked = true;
	if (!offered) {
		session_send(session, slice_make("N", 1));
		return length;
	}
	/* What came behind the request would be plaintext taken for secured
	 * input (CVE-2021-23214). */
	if (bytes.length > length) {
		fail(session, SQLSTATE_PROTOCOL_VIOLATION,
		     "received unencrypted data after TLS request");
		return bytes.length;
	}
	session_send(session, slice_make("S", 1));
	session_enter(session, SESSION_TLS);
	if (stream_accept_tls(&session->stream, session->worker->tls) < 0)
		session_close(session, NULL);
	return length;
}

void hello_secured(struct session *session)
{
	session->secure = true;
	session_enter(session, SESSION_HELLO);
	session_continue(session);
}

static bool tls_is_required(const struct session *session)
{
	int mode = session->worker->config->tls.mode;

	return !session->secure &&
	       (mode == TLS_REQUIRE || mode == TLS_VERIFY) &&
	       strcmp(session->peer, "unix") != 0;
}

/* --- the startup packet ------------------------------------------------- */

/* Adds one requested setting to what the session starts with. */
static void want_setting(struct session *session, struct slice name,
			 struct slice value)
{
	struct buffer sql = { 0 };
	char *lower = slice_dup(name);

	for (char *at = lower; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at + 32);
	settings_quote(slice_text(lower), value, &sql);
	settings_put(&session->base, lower, buffer_slice(&sql));
	buffer_fini(&sql);
	free(lower);
}

/* One word of `options`, backslashes undone; false at the end. */
static bool next_word(struct slice *options, struct buffer *word)
{
	size_t i = 0;

	while (i < options->length && options->at[i] == ' ')
		i++;
	buffer_clear(word);
	if (i == options->length)
		return false;
	for (; i < options->length && options->at[i] != ' '; i++) {
		if (options->at[i] == '\\' && i + 1 < options->length)
			i++;
		buffer_put_u8(word, options->at[i]);
	}
	options->at += i;
	options->length -= i;
	return true;
}

/* `-c name=value`, `-cname=value` or `--name=value`, as postgres itself reads
 * (Postgres manual, "Shaping SQL"); other switches are not for clients. A lone
 * `--` ends them, and nothing may follow. */
static bool read_options(struct session *session, struct slice options)
{
	struct buffer word = { 0 };
	bool good = true;

	while (good && next_word(&options, &word)) {
		struct slice text = buffer_slice(&word);
		const uint8_t *equal;

		if (slice_is(text, "--")) {
			good = !next_word(&options, &word);
			break;
		}
		if (slice_is(text, "-c")) {
			if (!next_word(&options, &word))
				good = false;
			text = buffer_slice(&word);
		} else if (text.length > 2 && text.at[0] == '-' &&
			   (text.at[1] == 'c' || text.at[1] == '-')) {
			text.at += 2;
			text.length -= 2;
		} else {
			good = false;
		}
		equal = good ? memchr(text.at, '=', text.length) : NULL;
		if (!equal) {
			good = false;
			break;
		}
		for (uint8_t *at = word.bytes; at < equal; at++)
			if (*at == '-')
				*at = '_';
		want_setting(session,
			     slice_make(text.at, (size_t)(equal - text.at)),
			     slice_make(equal + 1, text.length -
					(size_t)(equal + 1 - text.at)));
	}
	buffer_fini(&word);
	return good;
}

/* As Postgres reads a boolean; anything else is no reason to let in. */
static bool is_false(struct slice value)
{
	static const char *const words[] = { "false", "off", "no", "0" };
	const char *text = (const char *)value.at;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == value.length &&
		    strncasecmp(text, words[i], value.length) == 0)
			return true;
	return false;
}

/* Takes one parameter; false with what is wrong with it. */
static bool read_parameter(struct session *session, struct slice name,
			   struct slice value, struct error *error)
{
	if (slice_is(name, "user")) {
		free(session->user);
		session->user = slice_dup(value);
	} else if (slice_is(name, "database")) {
		free(session->database);
		session->database = slice_dup(value);
	} else if (slice_is(name, "replication")) {
		if (is_false(value))
			return true;
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "replication connections are not supported in "
				 "any pool_mode: connect to the server "
				 "directly");
	} else if (slice_is(name, "options")) {
		if (!read_options(session, value))
			return error_set(error, SQLSTATE_SYNTAX,
					 "only -c name=value and --name=value "
					 "are accepted in the startup "
					 "parameter \"options\"");
	} else if (!is_extension_name(name)) {
		if (slice_is(name, "application_name")) {
			free(session->application);
			session->application = slice_dup(value);
		}
		want_setting(session, name, value);
	}
	return true;
}

static bool read_parameters(struct session *session, struct slice bytes)
{
	struct reader reader = reader_make(bytes);
	static const char layout[] = "invalid startup packet layout: expected "
				     "terminator as last byte";
	struct error error;

	while (reader_left(&reader) > 1) {
		struct slice name = read_cstring(&reader);
		struct slice value = read_cstring(&reader);

		if (reader.failed)
			error_set(&error, SQLSTATE_PROTOCOL_VIOLATION, layout);
		else if (read_parameter(session, name, value, &error))
			continue;
		fail_with(session, &error);
		return false;
	}
	if (read_u8(&reader) != 0 || !reader_done(&reader)) {
		fail(session, SQLSTATE_PROTOCOL_VIOLATION, layout);
		return false;
	}
	if (!session->user || !session->user[0]) {
		fail(session, SQLSTATE_INVALID_AUTHORIZATION,
		     "no PostgreSQL user name specified in startup packet");
		return false;
	}
	if (!session->database || !session->database[0]) {
		free(session->database);
		session->database = must_dup(session->user);
	}
	session->settings = settings_ref(session->base);
	return true;
}

/* Any 3.x is served, as 3.2 or as 3.0 (there is no 3.1); that it is another
 * than the client's, or which of its options are unknown, is said once
 * (Postgres 18 manual, "NegotiateProtocolVersion"). */
static void negotiate(struct session *session, uint32_t version,
		      struct slice parameters)
{
	struct reader reader = reader_make(parameters);
	struct buffer message = { 0 }, names = { 0 };
	uint32_t spoken = version < PROTOCOL_3_2 ? PROTOCOL_3_0 : PROTOCOL_3_2;
	uint32_t count = 0;

	session->long_cancel_key = spoken == PROTOCOL_3_2;
	while (reader_left(&reader) > 1 && !reader.failed) {
		struct slice name = read_cstring(&reader);

		read_cstring(&reader);
		if (!is_extension_name(name))
			continue;
		buffer_put_slice(&names, name);
		buffer_put_u8(&names, 0);
		count++;
	}
	if (version != spoken || count) {
		write_negotiate_version(&message, spoken,
					buffer_slice(&names), count);
		session_send(session, buffer_slice(&message));
	}
	buffer_fini(&message);
	buffer_fini(&names);
}

static void go_on_with_login(struct session *session, struct slice message);

/* The limits on clients are judged when a client has proved who it is: nobody
 * else learns how full a database is, or takes a place from those who can.
 * Those who have not yet are bounded among themselves. */
static bool too_many_logins(const struct worker *worker)
{
	return worker->session_count - worker->client_count >
	       worker->config->max_client_conn;
}

static size_t on_startup(struct session *session, uint32_t version,
			 struct slice parameters, size_t length)
{
	if (version >> 16 != 3) {
		fail(session, SQLSTATE_FEATURE_NOT_SUPPORTED,
		     "unsupported frontend protocol: weir speaks 3.0 and 3.2");
		return length;
	}
	if (tls_is_required(session)) {
		fail(session, SQLSTATE_INVALID_AUTHORIZATION,
		     "this server requires TLS: connect with sslmode=require "
		     "or stricter");
		return length;
	}
	negotiate(session, version, parameters);
	if (!read_parameters(session, parameters))
		return length;
	if (session->worker->draining) {
		fail(session, SQLSTATE_CANNOT_CONNECT_NOW,
		     "weir is shutting down");
		return length;
	}
	if (too_many_logins(session->worker)) {
		session->worker->counters.sessions_refused++;
		fail(session, SQLSTATE_TOO_MANY_CONNECTIONS,
		     "sorry, too many clients already");
		return length;
	}
	session_enter(session, SESSION_LOGIN);
	go_on_with_login(session, slice_make(NULL, 0));
	return length;
}

static size_t on_first_packet(struct session *session, struct slice bytes)
{
	struct frame frame;
	struct cancel_message cancel;
	uint32_t code;

	switch (frame_read_startup(bytes, &frame)) {
	case FRAME_MORE:
	case FRAME_PART:
		return 0;
	case FRAME_BROKEN:
		fail(session, SQLSTATE_PROTOCOL_VIOLATION,
		     "invalid length of startup packet");
		return bytes.length;
	case FRAME_WHOLE:
		break;
	}
	code = load_u32(frame.body.at);
	switch (code) {
	case STARTUP_TLS_REQUEST:
		return on_tls_request(session, bytes, frame.length);
	case STARTUP_GSS_REQUEST:
		if (session->gss_asked) {
			fail(session, SQLSTATE_PROTOCOL_VIOLATION,
			     "GSSAPI encryption was requested twice");
			return frame.length;
		}
		session->gss_asked = true;
		session_send(session, slice_make("N", 1));
		return frame.length;
	case STARTUP_CANCEL:
		if (read_cancel(frame.body, &cancel))
			session_cancel(session->worker, &cancel);
		session_close(session, NULL);
		return frame.length;
	default:
		return on_startup(session, code,
				  slice_make(frame.body.at + 4,
					     frame.body.length - 4),
				  frame.length);
	}
}

/* --- who is it ---------------------------------------------------------- */

static void find_route(struct session *session)
{
	struct error error;
	struct backend *backend;
	struct route *route = route_find(session->worker, session->database,
					 session->user, &error);

	session_enter(session, SESSION_WELCOME);
	if (!route) {
		fail(session, error.sqlstate, error.message);
		return;
	}
	if (!route_join(session, route, &error)) {
		fail(session, error.sqlstate, error.message);
		return;
	}
	if (!session_allows_startup(session, &error)) {
		fail(session, error.sqlstate, error.message);
		return;
	}
	if (route_welcome(route, session->base)) {
		hello_welcome(session, NULL);
		return;
	}
	/* What it asked for is set once on a server, which says whether that
	 * can be, and what it reports then. */
	if (pool_want(route_pool(route), &session->want,
		      worker_now(session->worker), &backend)) {
		session->backend = backend;
		hello_welcome(session, backend);
	}
}

/* `message` is the body of the client's last password message; at == NULL for
 * the first step. */
static void go_on_with_login(struct session *session, struct slice message)
{
	struct buffer out = { 0 };
	struct error error;
	struct auth_peer peer = {
		.fd = session->stream.fd,
		.ssl = session->stream.ssl,
		.local = session->local,
	};
	enum auth_step step = auth_step(session->worker->auth,
					&session->exchange, session->user,
					&peer, message, &out, &error);

	if (out.length)
		session_send(session, buffer_slice(&out));
	buffer_wipe(&out);
	if (step == AUTH_FAILED)
		fail(session, error.sqlstate, error.message);
	else if (step == AUTH_DONE)
		find_route(session);
}

static size_t on_password(struct session *session, struct slice bytes)
{
	struct frame frame;
	struct slice body;

	switch (frame_read(bytes, AUTH_MESSAGE_BYTES_MAX, &frame)) {
	case FRAME_MORE:
	case FRAME_PART:
		return 0;
	case FRAME_BROKEN:
		fail(session, SQLSTATE_PROTOCOL_VIOLATION,
		     "invalid password message");
		return bytes.length;
	case FRAME_WHOLE:
		break;
	}
	body = frame.body;
	if (frame.type != 'p')
		fail(session, SQLSTATE_PROTOCOL_VIOLATION,
		     "expected password response");
	else
		go_on_with_login(session, body);
	return frame.length;
}

size_t hello_take(struct session *session, struct slice bytes)
{
	if (session->state == SESSION_LOGIN)
		return on_password(session, bytes);
	return on_first_packet(session, bytes);
}

/* --- the welcome -------------------------------------------------------- */

static void give_cancel_key(struct session *session)
{
	uint32_t pid;
	struct session *other;
	int drawn;

	do {
		drawn = RAND_bytes((uint8_t *)&pid, sizeof(pid));
		/* Drivers read it as signed. */
		pid &= INT32_MAX;
		HASH_FIND(by_pid, session->worker->by_cancel_pid, &pid,
			  sizeof(pid), other);
	} while (drawn == 1 && (other || !pid));
	if (drawn == 1)
		drawn = RAND_bytes(session->cancel_secret,
				   sizeof(session->cancel_secret));
	assert(drawn == 1);
	session->cancel_pid = pid;
	HASH_ADD(by_pid, session->worker->by_cancel_pid, cancel_pid,
		 sizeof(session->cancel_pid), session);
}

static void say_welcome(struct session *session, struct parameters *parameters)
{
	struct buffer out = { 0 };

	session->told = parameters_ref(parameters);

	write_authentication_ok(&out);
	write_parameter_statuses(&out, parameters_pairs(parameters));
	give_cancel_key(session);
	write_backend_key(&out, session->cancel_pid,
			  slice_make(session->cancel_secret,
				     session->long_cancel_key ?
				     CANCEL_SECRET_BYTES :
				     CANCEL_KEY_SHORT_BYTES));
	write_ready(&out, 'I');
	session_enter(session, SESSION_IDLE);
	session_send(session, buffer_slice(&out));
	buffer_fini(&out);
	log_debug("session opened", "session", session->id, "peer",
		  session->peer, "user", session->user, "database",
		  session->database);
}

/* Asks the leased backend for the session's settings; hello_welcome() comes
 * again when they are there. */
static bool replay_first(struct session *session, struct backend *backend)
{
	struct buffer sql = { 0 }, message = { 0 };
	struct slice piece;
	bool asked = state_replay(session, &sql);

	if (asked) {
		write_query(&message, buffer_cstring(&sql));
		backend_expect(backend, 'Q', EXPECT_FORWARD, 0, NULL);
		piece = buffer_slice(&message);
		backend_send(backend, &piece, 1);
		buffer_fini(&message);
	}
	buffer_fini(&sql);
	return asked;
}

void hello_reply(struct session *session, const struct slice *pieces,
		 unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (session->heard.length + pieces[i].length <= HEARD_BYTES_MAX)
			buffer_put_slice(&session->heard, pieces[i]);
}

/* The server's own words for what it refuses. */
static void fail_as_heard(struct session *session)
{
	struct slice left = buffer_slice(&session->heard);
	struct slice severity;
	struct error error;
	struct frame frame;

	error_set(&error, SQLSTATE_INVALID_PARAMETER,
		  "the server refuses a startup parameter or option");
	while (frame_read(left, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		if (frame.type == 'E' &&
		    read_error(frame.body, &error, &severity))
			break;
		left.at += frame.length;
		left.length -= frame.length;
	}
	fail_with(session, &error);
}

void hello_welcome(struct session *session, struct backend *backend)
{
	if (!backend) {
		say_welcome(session, route_welcome(session->route,
						   session->base));
		session_continue(session);
		return;
	}
	if (backend->undone) {
		/* The server refuses what it asked for. */
		settings_unref(&backend->settings);
		backend->must_discard = true;
		fail_as_heard(session);
		return;
	}
	if (replay_first(session, backend))
		return;
	buffer_fini(&session->heard);
	route_learn_welcome(session->route, session->base,
			    backend->parameters);
	say_welcome(session, backend->parameters);
	session->backend = NULL;
	pool_release(backend, worker_now(session->worker));
	session_continue(session);
}

void hello_refused(struct session *session, const struct error *error)
{
	struct error fatal = *error;

	fail_with(session, &fatal);
}
