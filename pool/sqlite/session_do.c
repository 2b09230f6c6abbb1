/*
 * DO: runs what protocol/plpgsql.h has read. Its statements share the one
 * savepoint of the DO; a block with EXCEPTION has one more, to which it goes
 * back before a handler runs, as Postgres does. All of it runs on the writer,
 * for nothing that has run may run again somewhere else.
 */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/session_utility.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "protocol/frame.h"
#include "protocol/plpgsql.h"

struct block_run {
	struct lite_session *session;
	struct error *error;
	unsigned depth; /* of blocks with handlers */
};

static bool run_list(struct block_run *, const struct plpgsql_statement *);

/* --- one statement -------------------------------------------------------- */

/* Tags and rows are nobody's; what else was said since the mark is kept. */
static void drop_answers(struct lite_session *session, size_t mark)
{
	struct buffer *out = &session->output;
	size_t at = mark, kept = mark;
	struct frame frame;

	while (frame_read(slice_make(out->bytes + at, out->length - at),
			  BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		if (frame.type == 'N') {
			memmove(out->bytes + kept, out->bytes + at,
				frame.length);
			kept += frame.length;
		}
		at += frame.length;
	}
	out->length = kept;
}

static bool may_run(const struct lite_plan *plan, struct error *error)
{
	const struct compiled *compiled = &plan->compiled;
	bool copies = compiled->kind == COMPILED_COPY_IN ||
		      compiled->kind == COMPILED_COPY_OUT;

	if (compiled->parameter_count)
		return error_set(error, SQLSTATE_UNDEFINED_PARAMETER, "%s",
				 "there is no parameter $1");
	if (!copies && !plan->session_columns &&
	    plan->transaction == TRANSACTION_NONE &&
	    (!compiled->tag || strcmp(compiled->tag, "DO") != 0))
		return true;
	return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "%s inside DO is not supported on SQLite",
			 compiled->tag);
}

static bool gives_rows(const struct lite_plan *plan)
{
	return plan->compiled.columns &&
	       plan->compiled.kind != COMPILED_UTILITY &&
	       plan->compiled.kind != COMPILED_DDL;
}

/* A first try may ask for another connection, or for a lock that is taken: too
 * late for that, now that others have run before it. */
static bool as_done(enum session_step step, struct error *error)
{
	if (step == STEP_DONE || step == STEP_FAILED)
		return step == STEP_DONE;
	return error_set(error, SQLSTATE_LOCK_NOT_AVAILABLE, "%s",
			 "a statement inside DO would have to wait for a lock");
}

/* Fills the portal's rows, if there are any. */
static bool run_portal(struct block_run *run, struct lite_portal *portal)
{
	struct lite_session *session = run->session;
	size_t mark = session->output.length;
	enum session_step step;

	if (!may_run(portal->plan, run->error))
		return false;
	step = gives_rows(portal->plan)
		       ? session_materialise(session, portal, run->error)
		       : session_execute(session, portal, 0, run->error);
	drop_answers(session, mark);
	return as_done(step, run->error);
}

static struct lite_portal *run_text(struct block_run *run, struct slice text)
{
	struct lite_portal *portal;
	struct lite_plan *plan;

	if (!session_refresh(run->session, run->error))
		return NULL;
	plan = session_plan(run->session, text, NULL, 0, false, run->error);
	if (!plan)
		return NULL;
	portal = lite_portal_new(plan, "");
	if (!run_portal(run, portal))
		lite_portal_free(run->session, &portal);
	return portal;
}

static bool run_sql(struct block_run *run, struct slice text, bool direct)
{
	struct lite_portal *portal = run_text(run, text);
	bool lost;

	if (!portal)
		return false;
	lost = direct && gives_rows(portal->plan);
	lite_portal_free(run->session, &portal);
	return !lost || error_set(run->error, SQLSTATE_SYNTAX, "%s",
				  "query has no destination for result data");
}

/* The one value of a SELECT, as text in the portal's rows; NULL is NULL. */
static struct slice first_value(const struct lite_portal *portal)
{
	const uint8_t *row = portal->rows.bytes;
	uint32_t length;

	if (portal->rows.length < FRAME_HEADER_BYTES + 6)
		return slice_make(NULL, 0);
	length = load_u32(row + FRAME_HEADER_BYTES + 2);
	return length == UINT32_MAX
		       ? slice_make(NULL, 0)
		       : slice_make(row + FRAME_HEADER_BYTES + 6, length);
}

/* --- EXECUTE, IF, RAISE --------------------------------------------------- */

static bool run_execute(struct block_run *run,
			const struct plpgsql_statement *statement)
{
	struct lite_portal *portal = run_text(run, statement->text);
	struct slice text;
	bool done;

	if (!portal)
		return false;
	text = first_value(portal);
	done = text.at ? run_sql(run, text, false)
		       : error_set(run->error, "22004", "%s",
				   "query string argument of EXECUTE is null");
	lite_portal_free(run->session, &portal);
	return done;
}

static bool run_if(struct block_run *run,
		   const struct plpgsql_statement *statement)
{
	struct lite_portal *portal = run_text(run, statement->text);
	bool yes;

	if (!portal)
		return false;
	yes = slice_is(first_value(portal), "t");
	lite_portal_free(run->session, &portal);
	return run_list(run, yes ? statement->body : statement->otherwise);
}

static bool put_argument(struct block_run *run,
			 const struct plpgsql_argument *argument,
			 struct buffer *out)
{
	struct lite_portal *portal = run_text(run, argument->text);
	struct slice value;

	if (!portal)
		return false;
	value = first_value(portal);
	buffer_put_slice(out, value.at ? value : slice_text("<NULL>"));
	lite_portal_free(run->session, &portal);
	return true;
}

static bool put_message(struct block_run *run,
			const struct plpgsql_statement *statement,
			struct buffer *out)
{
	const struct plpgsql_argument *argument = statement->arguments;

	for (const char *at = statement->format; *at; at++) {
		if (*at != '%' || at[1] == '%') {
			buffer_put_u8(out, (uint8_t)*at);
			at += *at == '%';
			continue;
		}
		if (!put_argument(run, argument, out))
			return false;
		argument = argument->next;
	}
	return true;
}

static bool run_raise(struct block_run *run,
		      const struct plpgsql_statement *statement)
{
	static const char raise_exception[] = "P0001";
	const char *level = statement->level;
	struct buffer text = { 0 };
	bool done = put_message(run, statement, &text);

	if (done && strcmp(level, "ERROR") == 0)
		done = error_set(run->error, raise_exception, "%s",
				 buffer_cstring(&text));
	/* DEBUG and LOG are for the log. */
	else if (done && strcmp(level, "DEBUG") != 0 &&
		 strcmp(level, "LOG") != 0)
		session_notice(run->session, level,
			       strcmp(level, "WARNING") == 0 ? SQLSTATE_WARNING
							     : "00000",
			       "%s", buffer_cstring(&text));
	buffer_fini(&text);
	return done;
}

/* --- blocks --------------------------------------------------------------- */

static bool savepoint(struct block_run *run, const char *verb)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "%s _weir_b%u", verb, run->depth);
	return lite_run_own(run->session->connection, sql) == SQLITE_OK ||
	       error_set(run->error, SQLSTATE_INTERNAL, "%s",
			 "could not use a savepoint");
}

static void go_back(struct block_run *run, size_t settings, unsigned notes)
{
	struct lite_session *session = run->session;
	struct error ignored, kept = *run->error;

	if (session->connection->schema_dirty)
		session->connection->schema_stale = true;
	savepoint(run, "ROLLBACK TO");
	savepoint(run, "RELEASE");
	lite_sequences_forget(session->engine->sequences,
			      session->connection->schema_stale);
	lite_settings_undo(&session->settings, settings);
	session_undo_notifications(session, notes);
	*run->error = kept;
	session_refresh(session, &ignored);
}

static bool run_block(struct block_run *run,
		      const struct plpgsql_statement *block)
{
	struct lite_session *session = run->session;
	size_t settings = lite_settings_mark(&session->settings);
	unsigned notes = session_mark_notifications(session);
	const struct plpgsql_handler *handler;
	bool done;

	if (!block->handlers)
		return run_list(run, block->body);
	run->depth++;
	if (!savepoint(run, "SAVEPOINT"))
		return false;
	done = run_list(run, block->body);
	if (done)
		done = savepoint(run, "RELEASE");
	handler = done || session->connection->lost
			  ? NULL
			  : plpgsql_handler_for(block, run->error->sqlstate);
	if (handler)
		go_back(run, settings, notes);
	run->depth--;
	return handler ? run_list(run, handler->body) : done;
}

static bool run_list(struct block_run *run,
		     const struct plpgsql_statement *statement)
{
	bool done = true;

	for (; done && statement; statement = statement->next)
		switch (statement->kind) {
		case PLPGSQL_SQL:
			done = run_sql(run, statement->text, true);
			break;
		case PLPGSQL_PERFORM:
			done = run_sql(run, statement->text, false);
			break;
		case PLPGSQL_EXECUTE:
			done = run_execute(run, statement);
			break;
		case PLPGSQL_IF:
			done = run_if(run, statement);
			break;
		case PLPGSQL_RAISE:
			done = run_raise(run, statement);
			break;
		case PLPGSQL_BLOCK:
			done = run_block(run, statement);
			break;
		}
	return done;
}

/* --- the statement -------------------------------------------------------- */

static const char *option(const DoStmt *node, const char *name)
{
	ListCell *cell;

	foreach(cell, node->args)
	{
		const DefElem *each = lfirst(cell);

		if (strcmp(each->defname, name) == 0)
			return strVal(each->arg);
	}
	return NULL;
}

enum session_step session_do(struct lite_session *session, const DoStmt *node,
			     struct error *error)
{
	const char *language = option(node, "language");
	struct block_run run = { .session = session, .error = error };
	struct plpgsql_statement *block;
	struct arena arena = { 0 };
	enum session_step step;

	if (language && strcasecmp(language, "plpgsql") != 0)
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "DO in the language \"%s\" is not supported "
				 "on SQLite",
				 language),
		       STEP_FAILED;
	session->alone = true;
	step = lite_session_enter(session, true, "DO", error);
	if (step != STEP_DONE)
		return step;
	block = plpgsql_parse(slice_text(option(node, "as")), &arena, error);
	session->in_block = true;
	if (!block || !run_block(&run, block))
		step = STEP_FAILED;
	session->in_block = false;
	arena_fini(&arena);
	if (step == STEP_DONE)
		session_leave(session);
	return step;
}
