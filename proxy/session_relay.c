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
#include "proxy/session.h"

#include <assert.h>
#include <stdlib.h>

#include "protocol/frame.h"
#include "protocol/message_write.h"
#include "proxy/log.h"
#include "proxy/route.h"
#include "proxy/session_guard.h"
#include "proxy/session_state.h"

#define NAMES_BYTES_MAX 65536	/* within which a Bind names what it binds */
#define SMALL_BYTES_MAX 10000	/* as Postgres: PQ_SMALL_MESSAGE_LIMIT */

enum step {
	STEP_TAKEN,	/* the message is dealt with */
	STEP_MORE,	/* it must be whole, or have more of its body */
	STEP_WAIT,	/* it needs a lease, which is not there yet */
};

/* --- gathering ---------------------------------------------------------- */

static void flush(struct session *session)
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
static void end_session(struct session *session, const struct error *why)
{
	flush(session);
	session_close(session, why);
}

static void put(struct session *session, struct slice bytes)
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
		flush(session);
	out->pieces[out->count++] = bytes;
}

/* The same for bytes that will not live until the flush. */
static void put_own(struct session *session, struct slice bytes)
{
	struct outgoing *out = &session->worker->outgoing;

	if (bytes.length > OUTGOING_OWN_BYTES) {
		put(session, bytes);
		flush(session);
		return;
	}
	if (bytes.length > OUTGOING_OWN_BYTES - out->own_length)
		flush(session);
	memcpy(out->own + out->own_length, bytes.at, bytes.length);
	put(session, slice_make(out->own + out->own_length, bytes.length));
	out->own_length += bytes.length;
}

static void put_message(struct session *session, struct buffer *message)
{
	put_own(session, buffer_slice(message));
	buffer_fini(message);
}

static void expect(struct session *session, char message, uint8_t flags,
		   uint32_t token)
{
	backend_expect(session->backend, message, flags, token, NULL);
}

/* --- leases ------------------------------------------------------------- */

static void begin_lease(struct session *session, struct backend *backend)
{
	session->backend = backend;
	session->unnamed_here = false;
	session_enter(session, SESSION_LEASED);
}

static bool have_lease(struct session *session)
{
	struct backend *backend;

	if (session->backend)
		return true;
	if (pool_want(route_pool(session->route), &session->want,
		      worker_now(session->worker), &backend)) {
		begin_lease(session, backend);
		return true;
	}
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
		expect(session, 'Q', EXPECT_SWALLOW | EXPECT_MUST_SUCCEED, 0);
		put_message(session, &message);
	}
	buffer_fini(&sql);
}

/* A lease, and the backend set as the client's: in front of a batch, for a
 * simple query within one would end it. */
static bool ready_to_send(struct session *session)
{
	if (!have_lease(session))
		return false;
	if (backend_is_quiet(session->backend) &&
	    !session->backend->batch_open) {
		session->query_ms = worker_now(session->worker);
		replay_settings(session);
	}
	return true;
}

/* --- refusing ----------------------------------------------------------- */

static void answer_now(struct session *session, const struct error *error,
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
	put_message(session, &message);
	session->unnamed_here = session->unnamed_here && !extended;
}

static enum step refuse(struct session *session, const struct error *error,
			bool extended)
{
	/* Of its message more may come, which must not reach the server. */
	session->body_dropped = true;
	if (session->backend)
		fail_on_server(session, error, extended);
	else
		answer_now(session, error, extended);
	return STEP_TAKEN;
}

/* --- simple query ------------------------------------------------------- */

/* `DEALLOCATE name` must name the statement as the server knows it: the one
 * that is meant, or NULL for any other text. */
static struct statement *deallocated(struct session *session,
				     const struct statement *statement)
{
	const struct sql_facts *facts = statement->facts;

	if (facts->statement_count != 1 ||
	    facts->session_deeds[0].kind != SESSION_DEALLOCATE)
		return NULL;
	return names_find(session->names,
			  slice_text(facts->session_deeds[0].name));
}

static void put_parse(struct session *session, const char *name,
		      struct slice text, struct slice types);
static void put_close(struct session *session,
		      const struct statement *statement);
static void learn(struct session *session, struct statement *statement);

/* For a DEALLOCATE to succeed there must be something of that name; what it
 * is does not matter, and an empty text is prepared even in a transaction
 * that has failed. */
static void make_deallocatable(struct session *session,
			       struct statement *statement)
{
	if (statement_knowledge(session->backend, statement) ==
	    STATEMENT_KNOWN)
		return;
	learn(session, statement);
	put_close(session, statement);
	expect(session, 'P', EXPECT_SWALLOW, 0);
	put_parse(session, statement->name, slice_make("", 1),
		  slice_make("\0\0", 2));
	statement_doubt(session->backend, statement);
}

static void send_query(struct session *session, struct slice frame,
		       struct statement *statement)
{
	struct buffer message = { 0 };
	struct statement *target = NULL;
	char text[64];

	if (statement) {
		target = deallocated(session, statement);
		if (target)
			make_deallocatable(session, target);
		expect(session, 'Q', EXPECT_WATCH,
		       state_watch(session, statement));
	} else {
		expect(session, 'Q', EXPECT_FORWARD, 0);
	}
	if (!target) {
		put(session, frame);
		return;
	}
	snprintf(text, sizeof(text), "DEALLOCATE %s", target->name);
	write_query(&message, text);
	put_message(session, &message);
}

static enum step on_query(struct session *session, const struct frame *frame,
			  struct slice there)
{
	struct statement *statement = NULL;
	struct slice text = frame->body;
	bool held = session->backend;
	struct error error;

	if (!text.length || text.at[text.length - 1] != 0) {
		error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
			  "invalid string in message");
		error.fatal = true;
		end_session(session, &error);
		return STEP_TAKEN;
	}
	text.length--;
	if (!session_allows(session, text, &error))
		return refuse(session, &error, false);
	if (!ready_to_send(session))
		return STEP_WAIT;
	if (!held && !session_still_allows(session, text, &error))
		return refuse(session, &error, false);
	if (sql_may_touch_session(text)) {
		statement = statement_get(session->worker->statements, text,
					  slice_make("", 0));
		if (!statement->facts)
			statement_unref(&statement);
	}
	/* An unnamed statement does not survive a simple query. */
	session->unnamed_here = false;
	statement_unref(&session->unnamed);
	send_query(session, there, statement);
	session->worker->counters.queries++;
	return STEP_TAKEN;
}

/* --- parse -------------------------------------------------------------- */

/* Writes a Parse; the text is given with its end byte. */
static void put_parse(struct session *session, const char *name,
		      struct slice text, struct slice types)
{
	struct buffer head = { 0 };
	size_t length = strlen(name) + 1 + text.length + types.length;

	buffer_put_u8(&head, 'P');
	buffer_put_u32(&head, (uint32_t)length + 4);
	buffer_put_cstring(&head, name);
	put_message(session, &head);
	put_own(session, text);
	put_own(session, types);
}

static void put_parse_of(struct session *session,
			 const struct statement *statement, const char *name)
{
	put_parse(session, name,
		  slice_make(statement->text.at, statement->text.length + 1),
		  statement->types);
}

static void put_close(struct session *session,
		      const struct statement *statement)
{
	struct buffer message = { 0 };

	expect(session, 'C', EXPECT_SWALLOW, 0);
	write_close(&message, 'S', statement->name);
	put_message(session, &message);
}

/* Room for one more on the server: what is forgotten here is closed there. */
static void learn(struct session *session, struct statement *statement)
{
	struct buffer message = { 0 };
	struct statement *forgotten =
		statement_learn(session->backend, statement,
				route_statements_max(session->route));

	if (!forgotten)
		return;
	session->backend->closing++;
	write_close(&message, 'S', forgotten->name);
	expect(session, 'C', EXPECT_SWALLOW | EXPECT_WATCH,
	       state_watch_name(session, 'C', forgotten,
				slice_make(NULL, 0), true));
	put_message(session, &message);
}

/* Learns it, and closes what may be there of that name, also because a Close
 * under way may yet be skipped. */
static void learn_again(struct session *session, struct statement *statement,
			enum knowledge knowledge)
{
	bool close = knowledge == STATEMENT_UNSURE || session->backend->closing;

	learn(session, statement);
	if (close)
		put_close(session, statement);
}

/* Before a message that names a statement: prepares it where the backend does
 * not know it. */
static void make_known(struct session *session, struct statement *statement)
{
	enum knowledge knowledge = statement_knowledge(session->backend,
						       statement);

	if (knowledge == STATEMENT_KNOWN)
		return;
	learn_again(session, statement, knowledge);
	expect(session, 'P', EXPECT_SWALLOW | EXPECT_WATCH,
	       state_watch_name(session, 'P', statement_ref(statement),
				slice_make(NULL, 0), true));
	put_parse_of(session, statement, statement->name);
}

/* weir's own answer to a Parse or Close that needs no server. Should the
 * server skip to a Sync before its turn comes, it was not done. */
static void insert(struct session *session, char message, char reply_letter,
		   struct statement *statement, struct slice name)
{
	struct buffer reply = { 0 };

	message_end(&reply, message_begin(&reply, reply_letter));
	if (!session->backend || backend_is_quiet(session->backend)) {
		session_send(session, buffer_slice(&reply));
		buffer_fini(&reply);
	} else if (statement) {
		backend_expect(session->backend, message,
			       EXPECT_INSERT | EXPECT_WATCH,
			       state_watch_name(session, message,
						statement_ref(statement),
						name, false), &reply);
	} else {
		backend_expect(session->backend, message, EXPECT_INSERT, 0,
			       &reply);
	}
}

static enum step parse_named(struct session *session, struct slice name,
			     struct slice text, struct slice types)
{
	struct statement *statement;
	enum knowledge knowledge;
	struct error error;

	if (names_find(session->names, name)) {
		error_set(&error, SQLSTATE_DUPLICATE_STATEMENT,
			  "prepared statement \"%.*s\" already exists",
			  (int)name.length, (const char *)name.at);
		return refuse(session, &error, true);
	}
	statement = statement_get(session->worker->statements, text, types);
	names_put(&session->names, name, statement_ref(statement));
	knowledge = statement_knowledge(session->backend, statement);
	if (knowledge == STATEMENT_KNOWN) {
		insert(session, 'P', '1', statement, name);
		statement_unref(&statement);
		return STEP_TAKEN;
	}
	learn_again(session, statement, knowledge);
	expect(session, 'P', EXPECT_WATCH,
	       state_watch_name(session, 'P', statement, name, true));
	put_parse_of(session, statement, statement->name);
	return STEP_TAKEN;
}

/* A Parse of the unnamed statement is sent next. */
static void note_unnamed(struct session *session)
{
	session->unnamed_here = true;
	session->unnamed_sure = false;
	session->unnamed_batch = session->backend->batches;
}

static bool unnamed_is_here(const struct session *session)
{
	return session->unnamed_here &&
	       (session->unnamed_sure ||
		session->unnamed_batch == session->backend->batches);
}

static enum step parse_unnamed(struct session *session, struct slice text,
			       struct slice types, struct slice frame)
{
	struct statement *old = session->unnamed;

	if (!old || !slice_equal(old->text, text) ||
	    !slice_equal(old->types, types)) {
		session->unnamed = statement_get(session->worker->statements,
						 text, types);
		statement_unref(&old);
	}
	note_unnamed(session);
	expect(session, 'P', EXPECT_FORWARD, 0);
	put(session, frame);
	return STEP_TAKEN;
}

static enum step on_parse(struct session *session, const struct frame *frame,
			  struct slice there)
{
	struct reader reader = reader_make(frame->body);
	struct slice name = read_cstring(&reader);
	struct slice text = read_cstring(&reader);
	struct slice types = { reader.at, reader_left(&reader) };
	bool held = session->backend;
	struct error error;

	if (reader.failed || types.length < 2) {
		error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
			  "invalid Parse message");
		return refuse(session, &error, true);
	}
	if (!session_allows(session, text, &error))
		return refuse(session, &error, true);
	if (!ready_to_send(session))
		return STEP_WAIT;
	if (!held && !session_still_allows(session, text, &error))
		return refuse(session, &error, true);
	if (name.length)
		return parse_named(session, name, text, types);
	return parse_unnamed(session, text, types, there);
}

/* --- messages that name a statement ------------------------------------- */

static enum step unknown_statement(struct session *session, struct slice name)
{
	struct error error;

	if (name.length)
		error_set(&error, SQLSTATE_INVALID_STATEMENT_NAME,
			  "prepared statement \"%.*s\" does not exist",
			  (int)name.length, (const char *)name.at);
	else
		error_set(&error, SQLSTATE_INVALID_STATEMENT_NAME,
			  "unnamed prepared statement does not exist");
	return refuse(session, &error, true);
}

/* The statement behind a name, prepared on the leased backend; NULL: none. */
static struct statement *find_statement(struct session *session,
					struct slice name)
{
	struct statement *statement = name.length ?
		names_find(session->names, name) : session->unnamed;

	if (!statement)
		return NULL;
	if (name.length) {
		make_known(session, statement);
	} else if (!unnamed_is_here(session)) {
		note_unnamed(session);
		expect(session, 'P', EXPECT_SWALLOW, 0);
		put_parse_of(session, statement, "");
	}
	return statement;
}

static void watch_portal(struct session *session, struct slice portal,
			 struct statement *statement)
{
	/* What a named portal does is not followed, so that its server is
	 * nobody else's. */
	if (portal.length) {
		if (statement->facts)
			state_pin(session, PIN_PORTAL);
		return;
	}
	statement_unref(&session->portal);
	if (statement->facts)
		session->portal = statement_ref(statement);
}

/* The beginning of a Bind up to its formats, under the server's name. On the
 * stack: this is the path of every prepared statement. */
static void put_bind_head(struct session *session, struct slice portal,
			  const struct statement *statement, size_t rest)
{
	uint8_t head[FRAME_HEADER_BYTES + 128], *at = head;
	size_t name = strlen(statement->name) + 1;
	size_t counted = 4 + portal.length + 1 + name + rest;

	*at++ = 'B';
	*at++ = (uint8_t)(counted >> 24);
	*at++ = (uint8_t)(counted >> 16);
	*at++ = (uint8_t)(counted >> 8);
	*at++ = (uint8_t)counted;
	if (portal.length) {
		put_own(session, slice_make(head, FRAME_HEADER_BYTES));
		put_own(session, portal);
		at = head;
	}
	*at++ = 0;
	memcpy(at, statement->name, name);
	at += name;
	put_own(session, slice_make(head, (size_t)(at - head)));
}

static enum step invalid_message(struct session *session)
{
	struct error error;

	error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
		  "invalid string in message");
	return refuse(session, &error, true);
}

static enum step on_bind(struct session *session, const struct frame *frame,
			 struct slice there)
{
	struct reader reader = reader_make(frame->body);
	struct slice portal = read_cstring(&reader);
	struct slice name = read_cstring(&reader);
	struct statement *statement;
	size_t rest;

	if (reader.failed && there.length < frame->length &&
	    there.length < NAMES_BYTES_MAX)
		return STEP_MORE;
	if (!ready_to_send(session))
		return STEP_WAIT;
	if (reader.failed)
		return invalid_message(session);
	statement = find_statement(session, name);
	if (!statement)
		return unknown_statement(session, name);
	watch_portal(session, portal, statement);
	expect(session, 'B', EXPECT_FORWARD, 0);
	if (!name.length) {
		put(session, there);
		return STEP_TAKEN;
	}
	rest = frame->length - FRAME_HEADER_BYTES - portal.length - 1 -
	       name.length - 1;
	put_bind_head(session, portal, statement, rest);
	put(session, slice_make(reader.at, reader_left(&reader)));
	return STEP_TAKEN;
}

static enum step on_describe(struct session *session,
			     const struct frame *frame, struct slice there)
{
	struct reader reader = reader_make(frame->body);
	uint8_t kind = read_u8(&reader);
	struct slice name = read_cstring(&reader);
	struct buffer message = { 0 };
	struct statement *statement;

	if (!ready_to_send(session))
		return STEP_WAIT;
	if (kind == 'S' && reader_done(&reader)) {
		statement = find_statement(session, name);
		if (!statement)
			return unknown_statement(session, name);
		expect(session, 'D', EXPECT_FORWARD, 0);
		write_describe(&message, 'S',
			       name.length ? statement->name : "");
		put_message(session, &message);
		return STEP_TAKEN;
	}
	expect(session, 'D', EXPECT_FORWARD, 0);
	put(session, there);
	return STEP_TAKEN;
}

static enum step on_close_message(struct session *session,
				  const struct frame *frame,
				  struct slice there)
{
	struct reader reader = reader_make(frame->body);
	uint8_t kind = read_u8(&reader);
	struct slice name = read_cstring(&reader);

	if (kind == 'S' && reader_done(&reader)) {
		/* The server keeps it for whoever prepares the same. */
		insert(session, 'C', '3', names_find(session->names, name),
		       name);
		if (name.length)
			names_remove(&session->names, name);
		else
			statement_unref(&session->unnamed);
		return STEP_TAKEN;
	}
	if (!ready_to_send(session))
		return STEP_WAIT;
	expect(session, 'C', EXPECT_FORWARD, 0);
	put(session, there);
	return STEP_TAKEN;
}

static enum step on_execute(struct session *session, const struct frame *frame,
			    struct slice there)
{
	struct reader reader = reader_make(frame->body);
	struct slice portal = read_cstring(&reader);

	if (!ready_to_send(session))
		return STEP_WAIT;
	if (session->portal && !reader.failed && !portal.length)
		expect(session, 'E', EXPECT_WATCH,
		       state_watch(session, statement_ref(session->portal)));
	else
		expect(session, 'E', EXPECT_FORWARD, 0);
	put(session, there);
	session->worker->counters.queries++;
	return STEP_TAKEN;
}

static enum step on_sync(struct session *session, struct slice there)
{
	if (!session->backend) {
		session->discarding = false;
		session_send_ready(session, 'I');
		return STEP_TAKEN;
	}
	/* During COPY FROM STDIN the server reads past it. */
	if (!session->backend->copying_in)
		expect(session, 'S', EXPECT_FORWARD, 0);
	put(session, there);
	return STEP_TAKEN;
}

/* --- cutting ------------------------------------------------------------ */

static enum step on_function_call(struct session *session,
				  const struct frame *frame,
				  struct slice there)
{
	struct error error;

	if (!session_allows_call(session, frame->body, &error))
		return refuse(session, &error, false);
	if (!ready_to_send(session))
		return STEP_WAIT;
	expect(session, 'F', EXPECT_FORWARD, 0);
	put(session, there);
	return STEP_TAKEN;
}

static enum step on_unknown(struct session *session, char type)
{
	struct error error;

	error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
		  "invalid frontend message type %d", type);
	error.fatal = true;
	end_session(session, &error);
	return STEP_TAKEN;
}

/* What was asked before is done and answered first, as Postgres does. */
static enum step on_terminate(struct session *session)
{
	session->terminating = true;
	if (!session->backend || backend_is_quiet(session->backend) ||
	    session->backend->batch_open)
		end_session(session, NULL);
	return STEP_TAKEN;
}

static enum step on_message(struct session *session, const struct frame *frame,
			    struct slice there)
{
	switch (frame->type) {
	case 'Q':
		return on_query(session, frame, there);
	case 'P':
		return on_parse(session, frame, there);
	case 'B':
		return on_bind(session, frame, there);
	case 'D':
		return on_describe(session, frame, there);
	case 'E':
		return on_execute(session, frame, there);
	case 'C':
		return on_close_message(session, frame, there);
	case 'S':
		return on_sync(session, there);
	case 'F':
		return on_function_call(session, frame, there);
	case 'c': case 'f':
		if (session->backend)
			backend_end_copy(session->backend);
		/* fall through */
	case 'H': case 'd':
		/* Outside of anything the server ignores them as well. */
		if (session->backend)
			put(session, there);
		return STEP_TAKEN;
	case 'X':
		return on_terminate(session);
	default:
		return on_unknown(session, frame->type);
	}
}

/* Which messages are passed on before they are whole: their bulk is data. */
static bool may_stream(char type)
{
	return type == 'd' || type == 'B';
}

/* How long a message of this kind may be, as in Postgres; of a kind that
 * there is not, more than its header need not be seen. */
static size_t length_max(char type)
{
	return strchr("QPBFd", type) && type ? FRAME_BYTES_MAX :
					       SMALL_BYTES_MAX;
}

static size_t pass_body(struct session *session, struct slice bytes)
{
	if (bytes.length > session->body_left)
		bytes.length = session->body_left;
	session->body_left -= bytes.length;
	if (!session->body_dropped)
		put(session, bytes);
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
		step = on_message(session, frame, there);
	if (step == STEP_TAKEN)
		session->body_left = frame->length - there.length;
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
			on_unknown(session, (char)bytes.at[0]);
			return 0;
		}
		error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
			  "invalid message length");
		error.fatal = true;
		end_session(session, &error);
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
	       session->backend->status == 'I' && !session->body_left;
}

static void end_lease_if_done(struct session *session)
{
	if (!is_done(session))
		return;
	if (!session->pins && !route_keeps_lease(session->route))
		session_end_lease(session);
	if (session->worker->draining)
		session_drain(session);
}

bool relay_is_between(const struct session *session)
{
	return session->state == SESSION_IDLE || is_done(session);
}

size_t relay_take(struct session *session, struct slice bytes)
{
	size_t all = 0, taken;
	enum step step = STEP_TAKEN;

	while (bytes.length && step == STEP_TAKEN && !session->output_full &&
	       !session->terminating &&
	       (session->state == SESSION_IDLE ||
		session->state == SESSION_LEASED)) {
		taken = session->body_left ? pass_body(session, bytes) :
			take_first(session, bytes, &step);
		bytes.at += taken;
		bytes.length -= taken;
		all += taken;
	}
	if (session->state == SESSION_CLOSING)
		return all;
	flush(session);
	end_lease_if_done(session);
	return all;
}

/* --- what the lease says ------------------------------------------------ */

void relay_leased(struct session *session, struct backend *backend)
{
	begin_lease(session, backend);
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
	answer_now(session, error, extended);
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

static void on_ready(void *holder, char status, bool idle)
{
	struct session *session = holder;

	if (session->state == SESSION_WELCOME) {
		hello_welcome(session, session->backend);
		return;
	}
	state_ready(session, status, session->backend->undone);
	if (session->backend->undone)
		session->unnamed_here = false;
	if (!idle)
		return;
	session->unnamed_sure = true;
	if (session->terminating) {
		session_close(session, NULL);
		return;
	}
	session->query_ms = 0;
	session->active_ms = worker_now(session->worker);
	if (status != 'I') {
		refuse_transaction(session);
		return;
	}
	session->worker->counters.transactions++;
	end_lease_if_done(session);
}

static void on_watched(void *holder, char message, uint32_t token,
		       bool succeeded, struct slice body)
{
	state_watched(holder, token, succeeded);
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
	bool told = session->backend->said_fatal;
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
	.on_ready = on_ready,
	.on_watched = on_watched,
	.on_drained = on_drained,
	.on_lost = on_lost,
};
