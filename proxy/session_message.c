/*
 * Message by message: what each does to the session, what of it goes to the
 * backend, and under which name.
 */
#include "proxy/session_relay.h"

#include <stdlib.h>

#include "protocol/message_write.h"
#include "proxy/guard_retain.h"
#include "proxy/route.h"
#include "proxy/session_guard.h"
#include "proxy/session_prepare.h"
#include "proxy/session_reading.h"
#include "proxy/session_sanction.h"
#include "proxy/session_state.h"

#define NAMES_BYTES_MAX 65536 /* within which a Bind names what it binds */

/* --- simple query ------------------------------------------------------- */

/* A lease of a server that shows this text nothing of other sessions. */
static bool ready_for_text(struct session *session, struct slice text)
{
	while (relay_have_lease(session)) {
		if (!session->backend->customs.length ||
		    !relay_is_between(session) || session->pins ||
		    !state_shows_foreign(session, text))
			return relay_ready_to_send(session);
		relay_swap_backend(session);
	}
	return false;
}

/* What is done with a message whose text may not go now; true: it may. */
static bool is_given(struct session *session, enum permission permission,
		     const struct error *error, bool extended,
		     enum step *ret_step)
{
	*ret_step = STEP_WAIT;
	if (permission == PERMISSION_REFUSED)
		*ret_step = relay_refuse(session, error, extended);
	return permission == PERMISSION_GIVEN;
}

/* Whether the text has permission and a server. */
static bool may_go(struct session *session, struct slice text, bool extended,
		   enum step *ret_step)
{
	bool held = session->backend;
	struct error error;

	session->binds_later = extended;
	if (!is_given(session, session_permits(session, text, &error), &error,
		      extended, ret_step))
		return false;
	*ret_step = STEP_WAIT;
	if (!ready_for_text(session, text))
		return false;
	if (!held && !is_given(session,
			       session_still_permits(session, text, &error),
			       &error, extended, ret_step))
		return false;
	if (!extended)
		sanction_note(session);
	return true;
}

/* Whether what it EXECUTEs may run with its arguments. */
static bool may_execute(struct session *session,
			const struct statement *statement, bool extended,
			enum step *ret_step)
{
	struct error error;

	*ret_step = STEP_WAIT;
	return !statement ||
	       is_given(session,
			sanction_permits_execute(session, statement, &error),
			&error, extended, ret_step);
}

static void send_query(struct session *session, struct slice frame,
		       struct statement *statement)
{
	if (statement)
		relay_expect(session, 'Q', EXPECT_WATCH,
			     state_watch(session, statement));
	else
		relay_expect(session, 'Q', EXPECT_FORWARD, 0);
	relay_put(session, frame);
}

static enum step on_query(struct session *session, const struct frame *frame,
			  struct slice there)
{
	struct statement *statement = NULL;
	struct slice text = frame->body;
	enum step step;
	struct error error;

	if (!text.length || text.at[text.length - 1] != 0) {
		error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
			  "invalid string in message");
		return relay_refuse(session, &error, false);
	}
	text.length--;
	if (!session_has_read(session, text))
		return STEP_WAIT;
	if (!may_go(session, text, false, &step))
		return step;
	if (!session->spared && sql_may_touch_session(text)) {
		statement = statement_get(session->worker->statements, text,
					  slice_make("", 0), NULL, 0,
					  session_reading(session, text));
		if (!statement->facts)
			statement_unref(&statement);
	}
	if (statement && prepare_wait(session, slice_make(NULL, 0),
				      false) == STEP_WAIT) {
		statement_unref(&statement);
		return STEP_WAIT;
	}
	if (!may_execute(session, statement, false, &step)) {
		statement_unref(&statement);
		return step;
	}
	/* An unnamed statement does not survive a simple query. */
	session->unnamed_here = false;
	state_drop_unnamed(session);
	prepare_names_for(session, statement);
	state_sent(session, text, statement);
	send_query(session, there, statement);
	session->worker->counters.queries++;
	return STEP_TAKEN;
}

/* --- parse -------------------------------------------------------------- */

static enum step on_parse(struct session *session, const struct frame *frame,
			  struct slice there)
{
	struct reader reader = reader_make(frame->body);
	struct slice name = read_cstring(&reader);
	struct slice text = read_cstring(&reader);
	struct slice types = { reader.at, reader_left(&reader) };
	enum step step;
	struct error error;
	bool given;

	if (reader.failed || types.length < 2) {
		error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
			  "invalid string in message");
		return relay_refuse(session, &error, true);
	}
	if (!session_has_read(session, text))
		return STEP_WAIT;
	session->declared = types;
	given = may_go(session, text, true, &step);
	session->declared = slice_make(NULL, 0);
	if (!given)
		return step;
	return prepare_parse(session, name, text, types, there);
}

/* --- messages that name a statement ------------------------------------- */

/* The beginning of a Bind up to its formats, under the server's name. On the
 * stack: this is the path of every prepared statement. */
static void put_bind_head(struct session *session, struct slice portal,
			  const char *statement, size_t rest)
{
	uint8_t head[FRAME_HEADER_BYTES + 128], *at = head;
	size_t name = strlen(statement) + 1;
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
	memcpy(at, statement, name);
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

static bool executes(const struct statement *statement)
{
	const struct sql_facts *facts = statement->facts;

	for (int i = 0; facts && i < facts->session_deed_count; i++)
		if (facts->session_deeds[i].kind == SESSION_EXECUTE)
			return true;
	return false;
}

/* The Bind as it is read up to its formats. */
static bool may_be_bound(struct session *session, struct statement *statement,
			 const struct reader *rest, bool whole,
			 enum step *ret_step)
{
	const struct retain_values values = {
		.types = statement->types,
		.bound = { rest->at, reader_left(rest) },
		.whole = whole,
	};
	enum permission permission;
	struct error error;

	*ret_step = STEP_WAIT;
	if (executes(statement) &&
	    (prepare_wait(session, slice_make(NULL, 0), false) == STEP_WAIT ||
	     !may_execute(session, statement, true, ret_step)))
		return false;
	session->bound_values = &values;
	session->binds_later = false;
	permission = session_permits_bound(session, statement, &error);
	session->bound_values = NULL;
	return is_given(session, permission, &error, true, ret_step);
}

/* Where values may have to be judged a Bind must be all there. */
static bool is_whole_enough(const struct session *session,
			    const struct frame *frame, struct slice there,
			    bool names_read)
{
	if (there.length >= frame->length || there.length >= NAMES_BYTES_MAX)
		return true;
	return names_read && !sanction_is_possible(session);
}

static enum step on_bind(struct session *session, const struct frame *frame,
			 struct slice there)
{
	struct reader reader = reader_make(frame->body);
	struct slice portal = read_cstring(&reader);
	struct slice name = read_cstring(&reader);
	struct found_statement found;
	enum found how;
	enum step step;
	size_t rest;

	if (!is_whole_enough(session, frame, there, !reader.failed))
		return STEP_MORE;
	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	if (reader.failed)
		return invalid_message(session);
	how = prepare_find(session, name, &found);
	if (how != FOUND_KNOWN)
		return prepare_refuse(session, how, name);
	if (!may_be_bound(session, found.statement, &reader,
			  there.length >= frame->length, &step))
		return step;
	state_bind(session, portal, found.statement);
	relay_expect(session, 'B', EXPECT_FORWARD, 0);
	if (!name.length || found.statement->by_sql) {
		relay_put(session, there);
		return STEP_TAKEN;
	}
	rest = frame->length - FRAME_HEADER_BYTES - portal.length - 1 -
	       name.length - 1;
	put_bind_head(session, portal, found.name, rest);
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
	struct found_statement found;
	enum found how;

	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	if (kind == 'S' && reader_done(&reader)) {
		how = prepare_find(session, name, &found);
		if (how != FOUND_KNOWN)
			return prepare_refuse_describe(session, how, name);
		relay_expect(session, 'D', EXPECT_FORWARD, 0);
		write_describe(&message, 'S', found.name);
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
		return prepare_close(session, name);
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
	struct statement *statement;

	if (!relay_ready_to_send(session))
		return STEP_WAIT;
	statement = reader.failed ? NULL : state_bound(session, portal);
	if (statement) {
		state_sent(session, statement->text, statement);
		relay_expect(session, 'E', EXPECT_WATCH,
			     state_watch(session, statement_ref(statement)));
	} else {
		relay_expect(session, 'E', EXPECT_FORWARD, 0);
	}
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
	if (!session->backend->skipping)
		prepare_before_sync(session);
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
		/* Outside of anything the server ignores them as well. What
		 * is left of one must not go to the server of the next query,
		 * which may be in the same read. */
		session->body_dropped = !session->backend;
		if (session->backend)
			relay_put(session, there);
		return STEP_TAKEN;
	case 'X':
		return on_terminate(session);
	default:
		return message_unknown(session, frame->type);
	}
}
