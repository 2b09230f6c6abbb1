/* The protocol machine: messages in, replies out, one unit at a time. It
 * runs on a thread of the engine; see session.h. */
#include "pool/sqlite/session.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>
#include <stdlib.h>

#include "protocol/frame.h"
#include "protocol/sql_tree.h"

struct lite_session *lite_session_of(struct lite_context *context)
{
	return context->owner;
}

static struct lite_session *session_of_job(struct lite_job *job)
{
	return LIST_ENTRY(job, struct lite_session, job);
}

static struct lite_session *session_of_names(const struct type_names *names)
{
	return LIST_ENTRY((uintptr_t)names, struct lite_session, names);
}

/* --- what the compiler and the types are told of the session ------------------------- */

static bool print_name(const struct type_names *names, uint32_t type,
		       uint32_t oid, struct buffer *out)
{
	struct lite_session *session =
		session_of_names(names);
	struct arena arena = { 0 };

	if (!session->schema || !reg_is(type))
		return false;
	buffer_put_text(out, reg_text(session->schema, &session->compile,
				      type, oid, &arena));
	arena_fini(&arena);
	return true;
}

static bool find_name(const struct type_names *names, uint32_t type,
		      struct slice name, uint32_t *ret_oid,
		      struct error *error)
{
	struct lite_session *session =
		session_of_names(names);
	struct arena arena = { 0 };
	bool found = reg_read(session->schema, &session->compile, type, name,
			      &arena, ret_oid, error);

	arena_fini(&arena);
	return found;
}

static uint32_t element_of(const struct type_names *names, uint32_t oid)
{
	const struct schema *schema =
		session_of_names(names)->schema;

	for (int i = 0; schema && i < schema->enum_count; i++)
		if (schema->enums[i].array_oid == oid)
			return schema->enums[i].oid;
	return 0;
}

static bool check_label(const struct type_names *names, uint32_t oid,
			struct slice label, struct error *error)
{
	struct lite_session *session = session_of_names(names);
	const struct schema *schema = session->schema;
	const struct schema_enum *found =
		schema ? schema_enum_by_oid(schema, oid) : NULL;
	struct arena arena = { 0 };

	for (int i = 0; found && i < found->label_count; i++)
		if (slice_is(label, found->labels[i]))
			return true;
	if (!found)
		return true;
	error_set(error, SQLSTATE_INVALID_TEXT,
		  "invalid input value for enum %s: \"%.*s\"",
		  reg_text(schema, &session->compile, OID_REGTYPE, oid,
			   &arena),
		  (int)(label.length > 200 ? 200 : label.length),
		  (const char *)label.at);
	arena_fini(&arena);
	return false;
}

void session_init_names(struct lite_session *session)
{
	session->names = (struct type_names){
		.print = print_name,
		.find = find_name,
		.element = element_of,
		.check_label = check_label,
	};
}

/* "$user", public: quoted or not, divided by commas. */
static void split_search_path(struct lite_session *session)
{
	const char *text = lite_settings_get(&session->settings,
					     "search_path");
	size_t count = 0, most = strlen(text) / 2 + 2;
	struct arena *arena = &session->path_arena;

	arena_reset(arena);
	session->search_path = arena_alloc(arena, (most + 1) * sizeof(char *));
	while (*text) {
		char *word = arena_alloc(arena, strlen(text) + 1);
		size_t length = 0;
		bool quoted = false;

		text += strspn(text, " ,");
		for (; *text && (quoted || *text != ','); text++) {
			if (*text == '"')
				quoted = !quoted;
			else if (quoted || *text != ' ')
				word[length++] = *text;
		}
		if (strcmp(word, "$user") == 0)
			word = arena_text(arena, session->user);
		if (length)
			session->search_path[count++] = word;
	}
	session->compile.search_path = session->search_path;
}

static void refresh_settings(struct lite_session *session)
{
	const char *style = lite_settings_get(&session->settings, "DateStyle");
	const char *zone = lite_settings_get(&session->settings, "TimeZone");
	const char *order = strchr(style, ',');

	split_search_path(session);
	session->types.time_zone = arena_text(&session->path_arena, zone);
	session->types.zones = session->settings.zones;
	session->types.zone = session->types.zones ?
		session->types.zones->find(session->types.zones,
					   slice_text(zone)) : NULL;
	session->types.names = &session->names;
	session->types.date_order = order && order[1] ? order[2] : 'M';
	session->compile.user = session->user;
	session->compile.database = session->database;
	session->compile.types = &session->types;
	session->settings_version = session->settings.version;
}

static void put_environment(struct lite_session *session)
{
	struct buffer *out = &session->environment;

	buffer_clear(out);
	buffer_put_u64(out, session->schema->generation);
	buffer_put_u8(out, (uint8_t)session->types.date_order);
	buffer_put_cstring(out, session->types.time_zone);
	buffer_put_cstring(out, session->user);
	buffer_put_cstring(out, session->database);
	for (const char *const *name = session->compile.search_path; *name;
	     name++)
		buffer_put_cstring(out, *name);
	buffer_put_u8(out, 0);
}

bool session_refresh(struct lite_session *session, struct error *error)
{
	struct lite_connection *connection = session->connection;
	const struct schema *schema;
	bool changed = session->settings_version != session->settings.version;

	/* On the loop, where nothing is looked up. */
	if (!connection)
		return true;
	schema = lite_connection_schema(connection, error);
	if (!schema)
		return false;
	if (changed)
		refresh_settings(session);
	/* A generation is of one schema for the life of the engine; the
	 * pointer may be reused. */
	if (changed || session->generation != schema->generation) {
		session->schema = schema;
		session->generation = schema->generation;
		put_environment(session);
	}
	session->schema = schema;
	connection->context.schema = schema;
	connection->context.session = &session->compile;
	connection->context.transaction_us = session->transaction_us;
	connection->context.statement_us = session->statement_us;
	session->types.now_us = session->transaction_us;
	return true;
}

/* --- answers --------------------------------------------------------------------------- */

void session_complete(struct lite_session *session, const char *tag)
{
	size_t mark;

	session->tag_mark = session->output.length;
	mark = message_begin(&session->output, 'C');
	buffer_put_cstring(&session->output, tag);
	message_end(&session->output, mark);
}

/* client_min_messages; INFO is always told. */
bool session_hears(const struct lite_session *session, const char *severity)
{
	static const char *const levels[] = { "debug5", "debug4", "debug3",
					      "debug2", "debug1", "log",
					      "notice", "warning", "error" };
	const char *least = lite_settings_get(&session->settings,
					      "client_min_messages");
	int count = sizeof(levels) / sizeof(*levels), from = 0, level = 0;

	while (from < count && strcasecmp(levels[from], least) != 0)
		from++;
	while (level < count && strcasecmp(levels[level], severity) != 0)
		level++;
	return from == count || level >= from;
}

void session_notice(struct lite_session *session, const char *severity,
		    const char *sqlstate, const char *format, ...)
{
	struct error notice;
	char text[400];
	va_list args;

	if (!session_hears(session, severity))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error_set(&notice, sqlstate, "%s", text);
	notice_write(&notice, severity, &session->output);
}

static void put_empty(struct lite_session *session, char type)
{
	message_end(&session->output, message_begin(&session->output, type));
}

void session_fail(struct lite_session *session, struct error *error)
{
	struct lite_connection *connection = session->connection;

	/* A loss takes along what this unit had committed before. */
	if (connection && connection->lost &&
	    session->lost_mark < session->output.length)
		session->output.length = session->lost_mark;
	error->fatal = false;
	error_write(error, &session->output);
	session_undo(session);
	if (session->status == 'T')
		session->status = 'E';
	if (session->status == 'I') {
		struct error ignored;

		session_end_implicit(session, false, &ignored);
	}
}

static void put_ready(struct lite_session *session)
{
	size_t mark;
	struct error error;

	if (!session_end_implicit(session, true, &error))
		error_write(&error, &session->output);
	lite_settings_report(&session->settings, &session->output);
	mark = message_begin(&session->output, 'Z');
	buffer_put_u8(&session->output, (uint8_t)session->status);
	message_end(&session->output, mark);
	session->wrote_ready = true;
}

/* --- simple queries ---------------------------------------------------------------------- */

static void forget_query(struct lite_session *session)
{
	lite_portal_free(session, &session->query_portal);
	session->query_described = false;
}

/* Of a text of several statements, one of which is a COPY. */
static void keep_query(struct lite_session *session, struct slice text)
{
	if (!session->query_multiple || session->query_rest.length)
		return;
	buffer_put_slice(&session->query_rest, text);
	buffer_put_u8(&session->query_rest, 0);
}

/* Postgres describes what RETURNING gives when it has worked; and finds what
 * is wrong with constants (22012, 22P02 ...) before it runs anything. */
static bool fails_undescribed(const struct lite_plan *plan,
			      const struct error *error)
{
	if (plan->compiled.kind == COMPILED_COPY_OUT)
		return false;
	return plan->compiled.kind != COMPILED_QUERY ||
	       (plan->from_nothing && strncmp(error->sqlstate, "22", 2) == 0 &&
		strcmp(error->sqlstate, SQLSTATE_INVALID_PARAMETER) != 0);
}

static enum session_step run_query_plan(struct lite_session *session,
					struct lite_plan *plan,
					struct error *error)
{
	size_t mark = session->output.length;
	const struct compiled_column *columns = plan->compiled.columns;
	int count = plan->compiled.column_count;
	enum session_step step;

	if (!session->query_portal)
		session->query_portal =
			lite_portal_new(lite_plan_ref(plan), "");
	if (plan->session_columns &&
	    !session_utility_columns(session, plan, &columns, &count, error))
		return STEP_FAILED;
	if (plan->compiled.parameter_count &&
	    plan->compiled.kind != COMPILED_COPY_IN)
		return error_set(error, SQLSTATE_UNDEFINED_PARAMETER, "%s",
				 "there is no parameter $1"), STEP_FAILED;
	if (columns && !session->query_described &&
	    plan->compiled.kind != COMPILED_COPY_IN &&
	    plan->compiled.kind != COMPILED_COPY_OUT)
		session_put_row_description(session, columns, count, NULL);
	session->query_described = true;
	step = session_execute(session, session->query_portal, 0, error);
	if (step == STEP_FULL)
		return step;
	if (step == STEP_MOVE || step == STEP_WAIT ||
	    (step == STEP_FAILED && columns && fails_undescribed(plan, error)))
		session->output.length = mark;
	if (!session->copy)
		forget_query(session);
	return step;
}

static enum session_step run_query_tree(struct lite_session *session,
					struct sql_tree *tree,
					struct slice text, struct error *error)
{
	size_t count = sql_tree_count(tree);
	enum session_step step = STEP_DONE;

	session->query_multiple = count > 1;
	for (; session->query_next < count; session->query_next++) {
		struct sql_statement statement =
			sql_tree_statement(tree, session->query_next);
		struct lite_plan *plan;

		/* Behind a COMMIT another transaction begins. */
		if (!session->began_implicit)
			session_start_clock(session);
		if (!session_refresh(session, error))
			return STEP_FAILED;
		plan = session_plan_node(session, statement, NULL, 0, error);
		if (!plan)
			return STEP_FAILED;
		if (count == 1)
			session_plan_keep(session, plan, text);
		step = run_query_plan(session, plan, error);
		lite_plan_unref(&plan);
		if (step != STEP_DONE || session->copy)
			break;
	}
	return step;
}

/* The same text as before needs no parser. */
static enum session_step run_query_text(struct lite_session *session,
					struct slice text, struct error *error)
{
	struct lite_plan *plan = session->here ? lite_plan_ref(session->here) :
		session_plan_find(session, text, NULL, 0);
	struct sql_tree *tree;
	enum session_step step;

	session->query_multiple = false;
	if (plan && (session->status != 'E' || plan->exits)) {
		step = run_query_plan(session, plan, error);
		lite_plan_unref(&plan);
		return step;
	}
	lite_plan_unref(&plan);
	tree = session_read_tree(text, error);
	if (!tree)
		return STEP_FAILED;
	if (sql_tree_count(tree) == 0)
		put_empty(session, 'I');
	step = run_query_tree(session, tree, text, error);
	sql_tree_free(&tree);
	return step;
}

static void end_query(struct lite_session *session)
{
	forget_query(session);
	session->query_next = 0;
	session->query_multiple = false;
	buffer_clear(&session->query_rest);
	put_ready(session);
}

/* Of a Query, the last tag is sent when it is committed. */
static void commit_query(struct lite_session *session)
{
	struct error error = { 0 };

	if (session_end_implicit(session, true, &error))
		return;
	session->output.length = session->tag_mark;
	error_write(&error, &session->output);
}

static enum session_step run_query(struct lite_session *session,
				   struct slice text)
{
	struct error error = { 0 };
	enum session_step step = session_refresh(session, &error) ?
		run_query_text(session, text, &error) : STEP_FAILED;

	if (step == STEP_MOVE || step == STEP_FULL || step == STEP_WAIT)
		return step;
	if (step == STEP_FAILED) {
		session_fail(session, &error);
	} else if (session->copy) {
		/* ReadyForQuery follows the COPY. */
		keep_query(session, text);
		return STEP_DONE;
	} else {
		commit_query(session);
	}
	end_query(session);
	return STEP_DONE;
}

static enum session_step on_query(struct lite_session *session,
				  struct slice body)
{
	struct reader reader = reader_make(body);
	struct slice text = read_cstring(&reader);
	struct error error;

	session->bound_last = NULL;
	lite_portal_free(session, &session->unnamed_portal);
	lite_statement_free(session, &session->unnamed);
	if (reader_done(&reader))
		return run_query(session, text);
	error_set(&error, SQLSTATE_PROTOCOL_VIOLATION, "%s",
		  "invalid message format");
	session_fail(session, &error);
	end_query(session);
	return STEP_DONE;
}

/* What stands behind a COPY; its CopyDone is the message at hand. */
static enum session_step go_on_query(struct lite_session *session)
{
	struct buffer *rest = &session->query_rest;

	return run_query(session, slice_make(rest->bytes, rest->length - 1));
}

/* --- extended queries ----------------------------------------------------------------------- */

static enum session_step on_execute(struct lite_session *session,
				    struct slice body, struct error *error)
{
	struct reader reader = reader_make(body);
	struct slice name = read_cstring(&reader);
	uint32_t most = read_u32(&reader);
	size_t mark = session->output.length;
	struct lite_portal *portal;
	struct lite_plan *plan;
	enum session_step step;

	if (!reader_done(&reader))
		return error_set(error, SQLSTATE_PROTOCOL_VIOLATION, "%s",
				 "invalid message format"), STEP_FAILED;
	portal = session_find_portal(session, (const char *)name.at);
	if (!portal)
		return error_set(error, SQLSTATE_INVALID_CURSOR,
				 "portal \"%s\" does not exist",
				 (const char *)name.at), STEP_FAILED;
	if (session->status == 'E' && !portal->plan->exits)
		return error_set(error, SQLSTATE_IN_FAILED_TRANSACTION, "%s",
				 "current transaction is aborted, commands "
				 "ignored until end of transaction block"),
		       STEP_FAILED;
	if (most > INT32_MAX)
		most = 0;
	/* COMMIT and DISCARD close the portal that runs them. */
	plan = lite_plan_ref(portal->plan);
	step = session_execute(session, portal, most, error);
	if (step == STEP_MOVE || step == STEP_WAIT)
		session->output.length = mark;
	if (step == STEP_DONE && plan->transaction == TRANSACTION_NONE)
		session->pipelined = true;
	lite_plan_unref(&plan);
	return step;
}

/* What Postgres finds wrong with constants it finds when they are bound. */
static void note_bound(struct lite_session *session, char type,
		       struct slice body, size_t mark)
{
	const struct lite_portal *portal = NULL;

	if (type == 'B')
		portal = session_find_portal(session, (const char *)body.at);
	else if (session->bound_last && type == 'D' && body.at[0] == 'P' &&
		 session_find_portal(session, (const char *)body.at + 1) ==
			 session->bound_last)
		return;
	session->bound_last = portal;
	session->bound_mark = mark;
}

static void take_back_bind(struct lite_session *session, struct slice body,
			   const struct error *error)
{
	const struct lite_portal *portal = session->bound_last;

	if (portal && strcmp(portal->name, (const char *)body.at) == 0 &&
	    portal->plan->compiled.kind == COMPILED_QUERY &&
	    fails_undescribed(portal->plan, error))
		session->output.length = session->bound_mark;
}

static enum session_step on_extended(struct lite_session *session, char type,
				     struct slice body)
{
	struct error error = { 0 };
	enum session_step step = STEP_DONE;
	size_t mark = session->output.length;
	bool done = true;

	if (session->skipping)
		return STEP_DONE;
	if (!session_refresh(session, &error))
		done = false;
	else if (type == 'P')
		done = session_parse(session, body, &error);
	else if (type == 'B')
		done = session_bind(session, body, &error);
	else if (type == 'D')
		done = session_describe(session, body, &error);
	else if (type == 'C')
		done = lite_session_close(session, body, &error);
	else
		step = on_execute(session, body, &error);
	if (step == STEP_MOVE || step == STEP_FULL || step == STEP_WAIT)
		return step;
	if (step == STEP_FAILED)
		take_back_bind(session, body, &error);
	if (done)
		note_bound(session, type, body, mark);
	if (!done || step == STEP_FAILED) {
		session->bound_last = NULL;
		session_fail(session, &error);
		session->skipping = true;
	}
	return STEP_DONE;
}

static void fail_format(struct lite_session *session)
{
	struct error error;

	error_set(&error, SQLSTATE_PROTOCOL_VIOLATION, "%s",
		  "invalid message format");
	session_fail(session, &error);
}

static void on_flush(struct lite_session *session, struct slice body)
{
	session->bound_last = NULL;
	if (!body.length || session->skipping)
		return;
	fail_format(session);
	session->skipping = true;
}

static void on_sync(struct lite_session *session, struct slice body)
{
	session->bound_last = NULL;
	session->skipping = false;
	session->pipelined = false;
	if (body.length)
		fail_format(session);
	put_ready(session);
}

static void refuse_message(struct lite_session *session, char type)
{
	struct error error;

	if (type == 'F')
		error_set(&error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
			  "function calls by message are not supported on "
			  "SQLite");
	else
		error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
			  "invalid frontend message type %d", type);
	session_fail(session, &error);
	if (type == 'F')
		put_ready(session);
}

/* --- COPY ------------------------------------------------------------------------------------- */

static enum session_step on_copy(struct lite_session *session, char type,
				 struct slice body)
{
	bool simple = session->query_portal != NULL;
	struct error error = { 0 };
	enum session_step step;

	/* Sync and Flush are ignored while data comes (Postgres manual,
	 * "COPY Operations"). */
	if (type == 'S' || type == 'H')
		return STEP_DONE;
	session->desynchronised = type != 'd' && type != 'c' && type != 'f';
	if (!session_refresh(session, &error))
		step = STEP_FAILED;
	else
		step = session_copy_message(session, type, body, &error);
	if (step == STEP_MOVE || (step == STEP_DONE && session->copy))
		return step;
	session_copy_end(session);
	if (step == STEP_FAILED) {
		session_fail(session, &error);
		session->skipping = !simple;
	}
	if (session->desynchronised || !simple)
		return STEP_DONE;
	if (step == STEP_DONE && session->query_rest.length) {
		forget_query(session);
		session->query_next++;
		return go_on_query(session);
	}
	if (step == STEP_DONE)
		commit_query(session);
	end_query(session);
	return STEP_DONE;
}

/* --- the unit ----------------------------------------------------------------------------------- */

static enum session_step on_message(struct lite_session *session,
				    const struct frame *frame)
{
	if (session->copy)
		return on_copy(session, frame->type, frame->body);
	if (session->query_rest.length)
		return go_on_query(session);
	session_start_clock(session);
	switch (frame->type) {
	case 'Q':
		if (session->skipping)
			return STEP_DONE;
		return on_query(session, frame->body);
	case 'P': case 'B': case 'D': case 'E': case 'C':
		return on_extended(session, frame->type, frame->body);
	case 'S':
		on_sync(session, frame->body);
		return STEP_DONE;
	case 'H':
		on_flush(session, frame->body);
		return STEP_DONE;
	case 'X': case 'd': case 'c': case 'f':
		return STEP_DONE;
	default:
		refuse_message(session, frame->type);
		return STEP_DONE;
	}
}

static void attach(struct lite_session *session,
		   struct lite_connection *connection)
{
	session->connection = connection;
	connection->context.owner = session;
	connection->context.process_id = session->process_id;
}

/* The frame at which the unit stands. */
static struct frame current_frame(const struct lite_session *session)
{
	struct slice left = slice_make(
		session->input.bytes + session->position,
		session->input.length - session->position);
	struct frame frame;

	if (frame_read(left, BUFFER_BYTES_MAX, &frame) != FRAME_WHOLE)
		abort();	/* the loop gave whole messages */
	return frame;
}

static enum lite_outcome end_run(struct lite_session *session,
				 enum lite_outcome outcome)
{
	session->connection->context.owner = NULL;
	session->connection = NULL;
	session->schema = NULL;
	session->job.keep_connection = session->snapshot;
	return outcome;
}

enum lite_outcome lite_session_run(struct lite_job *job,
				   struct lite_connection *connection)
{
	struct lite_session *session = session_of_job(job);

	attach(session, connection);
	if (!session->output.length)
		session->bound_last = NULL;
	if (job->closing) {
		session_abandon(session);
		return end_run(session, LITE_FINISHED);
	}
	while (session->position < session->input.length &&
	       !session->desynchronised) {
		struct frame frame = current_frame(session);

		switch (on_message(session, &frame)) {
		case STEP_MOVE:
			job->solo = !session_shares_commit(session);
			session_end_snapshot(session);
			return end_run(session, LITE_NEEDS_WRITER);
		case STEP_FULL:
			return end_run(session, LITE_SUSPENDED);
		case STEP_WAIT:
			return end_run(session, LITE_WAITS);
		default:
			session->position += frame.length;
		}
	}
	return end_run(session, LITE_FINISHED);
}

void session_run_here(struct lite_session *session)
{
	if (!session->output.length)
		session->bound_last = NULL;
	while (session->position < session->input.length) {
		struct frame frame = current_frame(session);
		enum session_step step = on_message(session, &frame);

		assert(step == STEP_DONE);
		session->position += frame.length;
	}
	lite_plan_unref(&session->here);
}

/* The writer could not be had for the message at hand: it failed, and what
 * follows it up to Sync is skipped. */
void lite_session_refuse(struct lite_job *job, const struct error *reason)
{
	struct lite_session *session = session_of_job(job);
	struct error error = *reason;
	bool first = true, simple;

	while (session->position < session->input.length) {
		struct frame frame = current_frame(session);

		session->position += frame.length;
		simple = frame.type == 'Q' || session->query_rest.length;
		if (first) {
			session_fail(session, &error);
			session->skipping = !simple;
		}
		if (frame.type == 'S')
			session->skipping = false;
		if (frame.type == 'S' || (simple && !session->skipping))
			end_query(session);
		first = false;
	}
}

void lite_session_lost(struct lite_job *job, const struct error *error)
{
	struct lite_session *session = session_of_job(job);

	if (session->lost_mark < session->output.length)
		session->output.length = session->lost_mark;
	error_write(error, &session->output);
	session_drop_statements(session, false, session->lost_serial);
	session->status = 'I';
	session->savepoint_count = 0;
	if (session->wrote_ready)
		put_ready(session);
	else
		session->skipping = true;
}
