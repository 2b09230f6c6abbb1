#include "proxy/session_prepare_inner.h"

#include <stdlib.h>

#include "pool/shape.h"
#include "protocol/message_read.h"
#include "protocol/message_write.h"
#include "proxy/route.h"
#include "proxy/session_listen.h"
#include "proxy/session_reading.h"
#include "proxy/session_state.h"

static enum found learn_anew(struct session *, const struct prepared *,
			     enum knowledge);

/* --- on the wire -------------------------------------------------------- */

/* Writes a Parse; the text is given with its end byte. */
void prepare_put_parse(struct session *session, const char *name,
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

void prepare_put_close(struct session *session, const char *name, uint8_t flags)
{
	struct buffer message = { 0 };

	relay_expect(session, 'C', EXPECT_SWALLOW | flags, 0);
	write_close(&message, 'S', name);
	relay_put_message(session, &message);
}

/* --- shared statements -------------------------------------------------- */

/* Room for one more on the server: what is forgotten here is closed there. */
static void learn(struct session *session, struct statement *statement,
		  uint64_t since)
{
	struct buffer message = { 0 };
	struct statement *forgotten =
		statement_learn(session->backend, statement, since,
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
			uint64_t since, enum knowledge knowledge)
{
	bool close = knowledge != STATEMENT_UNKNOWN ||
		     session->backend->closing;

	learn(session, statement, since);
	if (close)
		prepare_put_close(session, statement->name, 0);
}

/* The Parse of a statement, and what came of it is asked: `name` is the
 * client's where it is the client's own Parse. */
static void put_learned_parse(struct session *session,
			      struct statement *statement, struct slice types,
			      struct slice name)
{
	struct buffer message = { 0 };

	relay_expect(session, 'P',
		     EXPECT_WATCH | (name.at ? EXPECT_FORWARD : EXPECT_SWALLOW),
		     state_watch_name(session, 'P', statement_ref(statement),
				      name, true));
	prepare_put_parse(session, statement->name,
			  slice_make(statement->text.at,
				     statement->text.length + 1),
			  types);
	relay_expect(session, 'D', EXPECT_SWALLOW | EXPECT_WATCH | EXPECT_ROWS,
		     state_watch_name(session, 'D', statement_ref(statement),
				      name, false));
	write_describe(&message, 'S', statement->name);
	relay_put_message(session, &message);
}

/* A text that may read the clock when it is parsed is shared with nobody. */
static struct statement *get_statement(struct session *session,
				       struct slice text, struct slice types,
				       uint64_t since)
{
	return statement_get(session->worker->statements, text, types,
			     session->settings,
			     sql_may_read_clock(text) ? since : 0,
			     session_reading(session, text));
}

/* The name is taken. The server says so, or what is wrong with the text, which
 * comes first: it is asked to prepare it under the name of the old one. */
static enum step parse_taken(struct session *session, struct slice name,
			     struct slice text, struct slice types)
{
	const struct prepared *old = names_find(session->names, name);
	const char *there = old->statement->by_sql ? old->name :
						      old->statement->name;

	if (old->statement->by_sql)
		prepare_install(session, old->name, 0);
	else if (statement_knowledge(session->backend, old->statement, 0) !=
		 STATEMENT_KNOWN)
		learn_anew(session, old, STATEMENT_UNSURE);
	session->awaited = 0;
	/* Should it succeed after all, another text stands there. */
	relay_expect(session, 'P', EXPECT_FORWARD | EXPECT_WATCH,
		     state_watch_name(session, WATCH_TAKEN,
				      statement_ref(old->statement),
				      slice_make(NULL, 0), false));
	prepare_put_parse(session, there,
			  slice_make(text.at, text.length + 1), types);
	return STEP_TAKEN;
}

static enum step parse_named(struct session *session, struct slice name,
			     struct slice text, struct slice types)
{
	uint64_t since = statements_time(session->worker->statements);
	struct statement *statement;
	struct error error;

	if (names_find(session->names, name) &&
	    name.length <= STATEMENT_NAME_BYTES_MAX)
		return parse_taken(session, name, text, types);
	if (names_find(session->names, name)) {
		error_set(&error, SQLSTATE_DUPLICATE_STATEMENT,
			  "prepared statement \"%.*s\" already exists",
			  (int)name.length, (const char *)name.at);
		return relay_refuse(session, &error, true);
	}
	statement = get_statement(session, text, types, since);
	names_put(&session->names, name, statement_ref(statement), since);
	prepare_names_for(session, statement);
	/* Also where the server knows it: it may have read it before the
	 * tables changed, and whether it is in order the client asks now. */
	learn_again(session, statement, since,
		    statement_knowledge(session->backend, statement, since));
	put_learned_parse(session, statement, statement->types, name);
	statement_unref(&statement);
	return STEP_TAKEN;
}

/* --- waiting ------------------------------------------------------------ */

/* Nothing more of the client is looked at until the watch has been told. */
static enum step wait_for(struct session *session, uint32_t token)
{
	session->awaited = token;
	if (session->backend->batch_open)
		relay_put_own(session, slice_make("H\0\0\0\4", 5));
	return STEP_WAIT;
}

enum step prepare_wait(struct session *session, struct slice name,
		       bool of_settings)
{
	uint32_t token = state_unsettled(session, name, of_settings);

	return token ? wait_for(session, token) : STEP_TAKEN;
}

/* --- the unnamed statement ---------------------------------------------- */

/* A Parse of the unnamed statement is sent next. */
static void note_unnamed(struct session *session)
{
	session->unnamed_here = true;
	session->unnamed_sure = false;
	session->unnamed_used = false;
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
	    !slice_equal(old->types, types) ||
	    old->context != session->settings) {
		session->unnamed =
			statement_get(session->worker->statements, text, types,
				      session->settings, 0,
				      session_reading(session, text));
		statement_unref(&old);
	}
	shape_unref(&session->unnamed_shape);
	session->unnamed_changed = false;
	prepare_names_for(session, session->unnamed);
	note_unnamed(session);
	relay_expect(session, 'P', EXPECT_FORWARD | EXPECT_WATCH,
		     state_watch_name(session, 'P',
				      statement_ref(session->unnamed),
				      slice_make("", 0), false));
	relay_put(session, frame);
	return STEP_TAKEN;
}

static void ask_unnamed_shape(struct session *session)
{
	struct buffer message = { 0 };

	relay_expect(session, 'D', EXPECT_SWALLOW | EXPECT_WATCH | EXPECT_ROWS,
		     state_watch_name(session, 'D',
				      statement_ref(session->unnamed),
				      slice_make("", 0), false));
	write_describe(&message, 'S', "");
	relay_put_message(session, &message);
}

/* Most are used in the batch that prepared them; one that is not may be used
 * on another server. */
void prepare_before_sync(struct session *session)
{
	if (!session->unnamed || session->unnamed_used ||
	    !unnamed_is_here(session) || session->unnamed_sure)
		return;
	session->unnamed_used = true;
	ask_unnamed_shape(session);
}

enum step prepare_parse(struct session *session, struct slice name,
			struct slice text, struct slice types,
			struct slice frame)
{
	if (prepare_wait(session, name, true) == STEP_WAIT)
		return STEP_WAIT;
	if (name.length)
		return parse_named(session, name, text, types);
	return parse_unnamed(session, text, types, frame);
}

/* --- what a name stands for --------------------------------------------- */

static bool same_types(const struct shape *a, const struct shape *b)
{
	return slice_equal(shape_types(a), shape_types(b));
}

/* Prepares it on a server that does not know it as the client does. With the
 * types of parameters that the client was told, under the settings it had. */
static enum found learn_anew(struct session *session,
			     const struct prepared *prepared,
			     enum knowledge knowledge)
{
	struct statement *statement = prepared->statement;
	struct shape *shape = prepared->shape;

	prepare_change_meaning(session, statement, true, 0);
	learn_again(session, statement,
		    statements_time(session->worker->statements), knowledge);
	put_learned_parse(session, statement,
			  shape ? shape_types(shape) : statement->types,
			  slice_make(NULL, 0));
	prepare_change_meaning(session, statement, false, 0);
	/* Where the client knows columns they must be the same still. */
	if (!shape || !shape_has_columns(shape))
		return FOUND_KNOWN;
	session->verified = statement->id;
	wait_for(session, session->last_token);
	return FOUND_WAIT;
}

static enum found find_shared(struct session *session,
			      const struct prepared *prepared)
{
	struct statement *statement = prepared->statement;
	enum knowledge knowledge = statement_knowledge(
		session->backend, statement, prepared->since);
	uint64_t since;
	const struct shape *shape =
		statement_shape(session->backend, statement, &since);

	if (knowledge != STATEMENT_KNOWN)
		return learn_anew(session, prepared, knowledge);
	if (since == prepared->since || !shape || !prepared->shape)
		return FOUND_KNOWN;
	if (same_types(shape, prepared->shape) &&
	    shape_same_columns(shape, prepared->shape))
		return FOUND_KNOWN;
	/* They may have changed back since. */
	if (session->verified != statement->id)
		return learn_anew(session, prepared, knowledge);
	return FOUND_CHANGED;
}

static enum found find_unnamed(struct session *session,
			       struct found_statement *ret_found)
{
	struct statement *statement = session->unnamed;

	if (!statement)
		return FOUND_NOTHING;
	*ret_found = (struct found_statement){ statement, "" };
	prepare_names_for(session, statement);
	if (!unnamed_is_here(session)) {
		struct shape *shape = session->unnamed_shape;

		prepare_change_meaning(session, statement, true, 0);
		note_unnamed(session);
		relay_expect(session, 'P', EXPECT_SWALLOW, 0);
		prepare_put_parse(session, "",
			  slice_make(statement->text.at,
				     statement->text.length + 1),
			  shape ? shape_types(shape) : statement->types);
		prepare_change_meaning(session, statement, false, 0);
		session->unnamed_used = true;
		if (shape && shape_has_columns(shape)) {
			ask_unnamed_shape(session);
			wait_for(session, session->last_token);
			return FOUND_WAIT;
		}
	}
	session->unnamed_used = true;
	return session->unnamed_changed ? FOUND_CHANGED : FOUND_KNOWN;
}

enum found prepare_find(struct session *session, struct slice name,
			struct found_statement *ret_found)
{
	const struct prepared *prepared;
	enum found found;

	if (!name.length)
		return find_unnamed(session, ret_found);
	if (prepare_wait(session, name, false) == STEP_WAIT)
		return FOUND_WAIT;
	prepared = names_find(session->names, name);
	if (!prepared)
		return FOUND_NOTHING;
	*ret_found = (struct found_statement){ prepared->statement,
					       prepared->statement->name };
	if (prepared->statement->by_sql) {
		ret_found->name = prepared->name;
		prepare_install(session, prepared->name, 0);
		return FOUND_KNOWN;
	}
	prepare_names_for(session, prepared->statement);
	found = find_shared(session, prepared);
	if (found != FOUND_WAIT)
		session->verified = 0;
	return found;
}

/* weir's own answer in the right place of the stream. */
static void put_answer(struct session *session, char message, uint8_t flags,
		       uint32_t token, struct buffer *reply)
{
	if (session->backend && !backend_is_quiet(session->backend)) {
		backend_expect(session->backend, message,
			       EXPECT_INSERT | flags, token, reply);
		return;
	}
	session_send(session, buffer_slice(reply));
	buffer_fini(reply);
}

/* Of a statement whose columns have changed Postgres still tells the
 * parameters. */
static void tell_parameters(struct session *session, struct slice name)
{
	const struct prepared *prepared = names_find(session->names, name);
	struct buffer message = { 0 };
	size_t mark = message_begin(&message, 't');

	if (prepared && prepared->shape)
		buffer_put_slice(&message, shape_types(prepared->shape));
	message_end(&message, mark);
	put_answer(session, 'D', 0, 0, &message);
}

enum step prepare_refuse_describe(struct session *session, enum found found,
				  struct slice name)
{
	if (found == FOUND_CHANGED && name.length)
		tell_parameters(session, name);
	return prepare_refuse(session, found, name);
}

enum step prepare_refuse(struct session *session, enum found found,
			 struct slice name)
{
	struct error error;

	if (found == FOUND_WAIT)
		return STEP_WAIT;
	if (found == FOUND_CHANGED) {
		error_set(&error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "cached plan must not change result type");
		/* By which drivers know it, and prepare anew. */
		snprintf(error.routine, sizeof(error.routine),
			 "RevalidateCachedQuery");
	} else if (name.length)
		error_set(&error, SQLSTATE_INVALID_STATEMENT_NAME,
			  "prepared statement \"%.*s\" does not exist",
			  (int)name.length, (const char *)name.at);
	else
		error_set(&error, SQLSTATE_INVALID_STATEMENT_NAME,
			  "unnamed prepared statement does not exist");
	return relay_refuse(session, &error, true);
}

/* Should the server skip to a Sync before the answer's turn comes, it was not
 * done. */
enum step prepare_close(struct session *session, struct slice name)
{
	const struct prepared *prepared;
	struct buffer reply = { 0 };

	if (session->backend && name.length &&
	    prepare_wait(session, name, false) == STEP_WAIT)
		return STEP_WAIT;
	prepared = names_find(session->names, name);
	write_close_complete(&reply);
	if (prepared && session->backend &&
	    !backend_is_quiet(session->backend))
		put_answer(session, 'C', EXPECT_WATCH,
			   state_watch_close(session, prepared), &reply);
	else
		put_answer(session, 'C', 0, 0, &reply);
	/* The server keeps it for whoever prepares the same. */
	if (name.length)
		names_remove(&session->names, name);
	else
		state_drop_unnamed(session);
	return STEP_TAKEN;
}
