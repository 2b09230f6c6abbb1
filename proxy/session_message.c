/*
 * Message by message: what each does to the session, what of it goes to the
 * backend, and under which name.
 */
#include "proxy/session_relay.h"

#include <stdlib.h>

#include "protocol/message_write.h"
#include "proxy/route.h"
#include "proxy/session_guard.h"
#include "proxy/session_state.h"

#define NAMES_BYTES_MAX 65536 /* within which a Bind names what it binds */

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
	if (statement_knowledge(session->backend, statement) == STATEMENT_KNOWN)
		return;
	learn(session, statement);
	put_close(session, statement);
	relay_expect(session, 'P', EXPECT_SWALLOW, 0);
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
		relay_expect(session, 'Q', EXPECT_WATCH,
			     state_watch(session, statement));
	} else {
		relay_expect(session, 'Q', EXPECT_FORWARD, 0);
	}
	if (!target) {
		relay_put(session, frame);
		return;
	}
	snprintf(text, sizeof(text), "DEALLOCATE %s", target->name);
	write_query(&message, text);
	relay_put_message(session, &message);
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
		relay_end(session, &error);
		return STEP_TAKEN;
	}
	text.length--;
	if (!session_allows(session, text, &error))
		return relay_refuse(session, &error, false);
	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	if (!held && !session_still_allows(session, text, &error))
		return relay_refuse(session, &error, false);
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
	relay_put_message(session, &head);
	relay_put_own(session, text);
	relay_put_own(session, types);
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

	relay_expect(session, 'C', EXPECT_SWALLOW, 0);
	write_close(&message, 'S', statement->name);
	relay_put_message(session, &message);
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
	relay_expect(session, 'C', EXPECT_SWALLOW | EXPECT_WATCH,
		     state_watch_name(session, 'C', forgotten,
				      slice_make(NULL, 0), true));
	relay_put_message(session, &message);
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
	enum knowledge knowledge =
		statement_knowledge(session->backend, statement);

	if (knowledge == STATEMENT_KNOWN)
		return;
	learn_again(session, statement, knowledge);
	relay_expect(session, 'P', EXPECT_SWALLOW | EXPECT_WATCH,
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
		backend_expect(
			session->backend, message, EXPECT_INSERT | EXPECT_WATCH,
			state_watch_name(session, message,
					 statement_ref(statement), name, false),
			&reply);
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
		return relay_refuse(session, &error, true);
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
	relay_expect(session, 'P', EXPECT_WATCH,
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
		session->unnamed =
			statement_get(session->worker->statements, text, types);
		statement_unref(&old);
	}
	note_unnamed(session);
	relay_expect(session, 'P', EXPECT_FORWARD, 0);
	relay_put(session, frame);
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
		return relay_refuse(session, &error, true);
	}
	if (!session_allows(session, text, &error))
		return relay_refuse(session, &error, true);
	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	if (!held && !session_still_allows(session, text, &error))
		return relay_refuse(session, &error, true);
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
	return relay_refuse(session, &error, true);
}

/* The statement behind a name, prepared on the leased backend; NULL: none. */
static struct statement *find_statement(struct session *session,
					struct slice name)
{
	struct statement *statement = name.length
					      ? names_find(session->names, name)
					      : session->unnamed;

	if (!statement)
		return NULL;
	if (name.length) {
		make_known(session, statement);
	} else if (!unnamed_is_here(session)) {
		note_unnamed(session);
		relay_expect(session, 'P', EXPECT_SWALLOW, 0);
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
		relay_put_own(session, slice_make(head, FRAME_HEADER_BYTES));
		relay_put_own(session, portal);
		at = head;
	}
	*at++ = 0;
	memcpy(at, statement->name, name);
	at += name;
	relay_put_own(session, slice_make(head, (size_t)(at - head)));
}

static enum step invalid_message(struct session *session)
{
	struct error error;

	error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
		  "invalid string in message");
	return relay_refuse(session, &error, true);
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
	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	if (reader.failed)
		return invalid_message(session);
	statement = find_statement(session, name);
	if (!statement)
		return unknown_statement(session, name);
	watch_portal(session, portal, statement);
	relay_expect(session, 'B', EXPECT_FORWARD, 0);
	if (!name.length) {
		relay_put(session, there);
		return STEP_TAKEN;
	}
	rest = frame->length - FRAME_HEADER_BYTES - portal.length - 1 -
	       name.length - 1;
	put_bind_head(session, portal, statement, rest);
	relay_put(session, slice_make(reader.at, reader_left(&reader)));
	return STEP_TAKEN;
}

static enum step on_describe(struct session *session, const struct frame *frame,
			     struct slice there)
{
	struct reader reader = reader_make(frame->body);
	uint8_t kind = read_u8(&reader);
	struct slice name = read_cstring(&reader);
	struct buffer message = { 0 };
	struct statement *statement;

	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	if (kind == 'S' && reader_done(&reader)) {
		statement = find_statement(session, name);
		if (!statement)
			return unknown_statement(session, name);
		relay_expect(session, 'D', EXPECT_FORWARD, 0);
		write_describe(&message, 'S',
			       name.length ? statement->name : "");
		relay_put_message(session, &message);
		return STEP_TAKEN;
	}
	relay_expect(session, 'D', EXPECT_FORWARD, 0);
	relay_put(session, there);
	return STEP_TAKEN;
}

static enum step on_close_message(struct session *session,
				  const struct frame *frame, struct slice there)
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
	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	relay_expect(session, 'C', EXPECT_FORWARD, 0);
	relay_put(session, there);
	return STEP_TAKEN;
}

static enum step on_execute(struct session *session, const struct frame *frame,
			    struct slice there)
{
	struct reader reader = reader_make(frame->body);
	struct slice portal = read_cstring(&reader);

	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	if (session->portal && !reader.failed && !portal.length)
		relay_expect(
			session, 'E', EXPECT_WATCH,
			state_watch(session, statement_ref(session->portal)));
	else
		relay_expect(session, 'E', EXPECT_FORWARD, 0);
	relay_put(session, there);
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
		relay_expect(session, 'S', EXPECT_FORWARD, 0);
	relay_put(session, there);
	return STEP_TAKEN;
}

/* --- every message ------------------------------------------------------ */

static enum step on_function_call(struct session *session,
				  const struct frame *frame, struct slice there)
{
	struct error error;

	if (!session_allows_call(session, frame->body, &error))
		return relay_refuse(session, &error, false);
	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	relay_expect(session, 'F', EXPECT_FORWARD, 0);
	relay_put(session, there);
	return STEP_TAKEN;
}

enum step message_unknown(struct session *session, char type)
{
	struct error error;

	error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
		  "invalid frontend message type %d", type);
	error.fatal = true;
	relay_end(session, &error);
	return STEP_TAKEN;
}

/* What was asked before is done and answered first, as Postgres does. */
static enum step on_terminate(struct session *session)
{
	session->terminating = true;
	if (!session->backend || backend_is_quiet(session->backend) ||
	    session->backend->batch_open)
		relay_end(session, NULL);
	return STEP_TAKEN;
}

enum step message_take(struct session *session, const struct frame *frame,
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
	case 'c':
	case 'f':
		if (session->backend)
			backend_end_copy(session->backend);
		/* fall through */
	case 'H':
	case 'd':
		/* Outside of anything the server ignores them as well. */
		if (session->backend)
			relay_put(session, there);
		return STEP_TAKEN;
	case 'X':
		return on_terminate(session);
	default:
		return message_unknown(session, frame->type);
	}
}
