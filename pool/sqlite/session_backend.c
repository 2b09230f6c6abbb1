/*
 * The session on the loop: what the pool sends is gathered until a unit is
 * whole; then the session is the engine's until its replies come back. While
 * it is away nothing of it is touched here but the inbox and a few flags.
 *
 *    inbox ── unit is whole ──► needs nobody? ── yes ──► run here ───┐
 *      ▲                             │ no                            │
 *      │                             ▼                               │
 *      │                  known to write? ── yes ──► the writer ──┐  │
 *      │                             │ no                ▲        │  │
 *      │                             ▼          needs it │        │  │
 *      │                         a reader ───────────────┘        │  │
 *      │                             │                            ▼  ▼
 *      └────────── deliver ◄─────────┴─────── on_done(), from the loop
 */
#include "pool/sqlite/session_left.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/frame.h"

#define BACKLOG_BYTES 262144	/* of the inbox; more is "not drained" */
#define KEPT_BYTES 262144	/* of empty buffers */
#define DECLARED_MAX 64		/* types in a Parse that is looked up */
#define HERE_BYTES 1024		/* of a unit that the loop answers by itself */

static struct lite_session *session_of(struct backend *backend)
{
	return LIST_ENTRY(backend, struct lite_session, backend);
}

static struct lite_session *session_of_job(struct lite_job *job)
{
	return LIST_ENTRY(job, struct lite_session, job);
}

static void shrink(struct buffer *buffer)
{
	if (buffer->capacity > KEPT_BYTES)
		buffer_fini(buffer);
	else
		buffer_clear(buffer);
}

/* --- units ------------------------------------------------------------------------- */

enum unit { UNIT_WHOLE, UNIT_PART, UNIT_BROKEN };

static bool ends_unit(struct lite_session *session, char type)
{
	if (session->copy)
		return type == 'c' || type == 'f';
	if (type == 'E' || type == 'Q')
		session->unit_executes = true;
	return type == 'Q' || type == 'S' || type == 'H' || type == 'F';
}

/* Walks over whole messages from where it stopped the last time. While data
 * is copied in, whatever has come is a unit. */
static enum unit scan(struct lite_session *session)
{
	size_t limit = session->engine->options.message_bytes_max;
	struct frame frame;

	for (;;) {
		struct slice left = slice_make(
			session->inbox.bytes + session->scanned,
			session->inbox.length - session->scanned);

		switch (frame_read(left, limit, &frame)) {
		case FRAME_BROKEN:
			return UNIT_BROKEN;
		case FRAME_WHOLE:
			session->scanned += frame.length;
			if (ends_unit(session, frame.type))
				return UNIT_WHOLE;
			if (session->scanned >= SESSION_UNIT_BYTES)
				return UNIT_WHOLE;
			break;
		default:
			return session->copy && session->scanned ?
				       UNIT_WHOLE : UNIT_PART;
		}
	}
}

static bool starts_with(struct slice text, const char *word)
{
	size_t length = strlen(word);

	return text.length > length &&
	       sqlite3_strnicmp((const char *)text.at, word, (int)length) == 0;
}

static bool looks_like_a_write(struct slice text)
{
	while (text.length && strchr(" \t\r\n", text.at[0])) {
		text.at++;
		text.length--;
	}
	return starts_with(text, "insert") || starts_with(text, "update") ||
	       starts_with(text, "delete");
}

/* The plan of what the message runs, if there is one by now; with a reference.
 * For the rest a thread is needed. */
static struct lite_plan *known_plan(struct lite_session *session,
				    const struct frame *frame)
{
	struct reader reader = reader_make(frame->body);
	struct slice text = read_cstring(&reader);
	struct lite_statement *statement;
	uint32_t types[DECLARED_MAX];
	uint16_t count = 0;

	if (frame->type != 'Q')
		text = read_cstring(&reader);
	if (frame->type == 'P')
		count = read_u16(&reader);
	if (reader.failed || count > DECLARED_MAX)
		return NULL;
	if (frame->type == 'B') {
		statement = session_find_statement(session,
						   (const char *)text.at);
		return lite_plan_ref(statement ? statement->plan : NULL);
	}
	for (uint16_t i = 0; i < count; i++)
		types[i] = read_u32(&reader);
	if (!reader_done(&reader) || !session->environment.length ||
	    session->settings_version != session->settings.version)
		return NULL;
	return session_plan_find(session, text, types, count);
}

static bool known_writes(struct lite_session *session,
			 const struct frame *frame)
{
	struct lite_plan *plan = known_plan(session, frame);
	bool writes = plan && plan->compiled.writes &&
		      !plan->compiled.lock_wait;

	lite_plan_unref(&plan);
	return writes;
}

/* Saves the way over a reader where the first message tells. A wrong guess
 * costs nothing but time; in a transaction, where the writer may be long in
 * coming, nothing is guessed. */
static bool guess_writes(struct lite_session *session)
{
	struct frame frame;
	struct reader reader;

	if (!session->unit_executes || session->status == 'E' ||
	    session->read_only ||
	    frame_read(buffer_slice(&session->input), BUFFER_BYTES_MAX,
		       &frame) != FRAME_WHOLE || !strchr("QPB", frame.type))
		return false;
	if (session->status == 'T' || frame.type == 'B')
		return known_writes(session, &frame);
	reader = reader_make(frame.body);
	if (frame.type == 'P')
		read_cstring(&reader);
	return looks_like_a_write(read_cstring(&reader));
}

static void take_unit(struct lite_session *session)
{
	struct buffer empty = session->input;

	session->position = 0;
	if (session->scanned == session->inbox.length) {
		session->input = session->inbox;
		session->inbox = empty;
		shrink(&session->inbox);
	} else {
		buffer_clear(&session->input);
		buffer_put(&session->input, session->inbox.bytes,
			   session->scanned);
		buffer_consume(&session->inbox, session->scanned);
	}
	session->scanned = 0;
}

/* --- what the loop answers by itself ------------------------------------------------ */

/* Whether a message behind a Bind is of the portal bound, or the Sync. */
static bool is_of_portal(const struct frame *frame, struct slice portal)
{
	struct reader reader = reader_make(frame->body);

	if (frame->type == 'S')
		return true;
	if (frame->type == 'D')
		return read_u8(&reader) == 'P' &&
		       slice_equal(read_cstring(&reader), portal);
	return frame->type == 'E' &&
	       slice_equal(read_cstring(&reader), portal);
}

static bool rest_is_of_portal(struct slice unit, struct slice portal)
{
	struct frame frame;

	while (unit.length) {
		if (frame_read(unit, BUFFER_BYTES_MAX, &frame) != FRAME_WHOLE ||
		    !is_of_portal(&frame, portal))
			return false;
		unit.at += frame.length;
		unit.length -= frame.length;
	}
	return true;
}

/* A Query; or a Bind, and what is done with its portal. */
static bool needs_nobody(struct lite_session *session)
{
	struct slice unit = buffer_slice(&session->input);
	struct reader reader;
	struct frame frame;

	if (!session->unit_executes || session->copy || session->skipping ||
	    session->query_rest.length || unit.length > HERE_BYTES ||
	    frame_read(unit, BUFFER_BYTES_MAX, &frame) != FRAME_WHOLE ||
	    (frame.type != 'Q' && frame.type != 'B'))
		return false;
	session->here = known_plan(session, &frame);
	if (!session->here || !session_plan_needs_nobody(session->here) ||
	    (session->status == 'E' && !session->here->exits))
		return false;
	unit.at += frame.length;
	unit.length -= frame.length;
	reader = reader_make(frame.body);
	return frame.type == 'Q' ||
	       rest_is_of_portal(unit, read_cstring(&reader));
}

/* Sends nobody: a transaction begins, or ends without having written. What it
 * read was answered when it was durable. */
static bool answer_here(struct lite_session *session)
{
	if (!needs_nobody(session) ||
	    !lite_job_begin_here(&session->job, session->engine)) {
		lite_plan_unref(&session->here);
		return false;
	}
	session->running = true;
	session->lost_mark = SIZE_MAX;
	session->wrote_ready = false;
	session_run_here(session);
	lite_job_end_here(&session->job, session->engine);
	return true;
}

static void submit(struct lite_session *session)
{
	session->running = true;
	session->lost_mark = SIZE_MAX;
	session->wrote_ready = false;
	lite_job_submit(&session->job, session->engine);
}

static void tell_broken(struct lite_session *session, const char *why)
{
	struct error error;

	error_set(&error, SQLSTATE_PROTOCOL_VIOLATION, "%s", why);
	error.fatal = true;
	session->lost = true;
	backend_lost(&session->backend, &error);
}

static void start(struct lite_session *session)
{
	if (session->running || session->pending || session->closing ||
	    session->lost || !session->opened)
		return;
	switch (scan(session)) {
	case UNIT_WHOLE:
		take_unit(session);
		session->job.to_writer = false;
		if (!answer_here(session)) {
			session_limit_wait(session);
			session->job.to_writer = guess_writes(session);
			submit(session);
		}
		session->unit_executes = false;
		break;
	case UNIT_BROKEN:
		tell_broken(session, "invalid message length");
		break;
	default:
		break;
	}
}

/* --- replies --------------------------------------------------------------------------- */

static void finish_closing(struct lite_session *session);

static void submit_closing(struct lite_session *session)
{
	if (session->job.closing)
		return;
	session->job.closing = true;
	session->job.to_writer = false;
	submit(session);
}

static void tell_drained(struct lite_session *session)
{
	if (!session->backlog ||
	    (session->running && session->inbox.length > BACKLOG_BYTES))
		return;
	session->backlog = false;
	backend_drained(&session->backend);
}

static void open_session(struct lite_session *session)
{
	struct buffer pairs = { 0 };
	struct reader reader;

	session->opened = true;
	lite_settings_list_reported(&session->settings, &pairs);
	reader = reader_make(buffer_slice(&pairs));
	while (reader_left(&reader)) {
		struct slice name = read_cstring(&reader);
		struct slice value = read_cstring(&reader);

		backend_set_parameter(&session->backend, name, value);
	}
	buffer_fini(&pairs);
	backend_opened(&session->backend);
}

/* The client's turn, in a transaction; unless more was sent off already, and
 * the status is a thread's to change. */
static void limit_idle(struct lite_session *session)
{
	int64_t limit_ms;

	if (session->running || session->lost || session->closing ||
	    session->status == 'I')
		return;
	limit_ms = lite_settings_integer(&session->settings,
					 "idle_in_transaction_session_timeout");
	if (limit_ms)
		lite_job_limit_idle(&session->job, session->engine,
				    (uint64_t)limit_ms);
}

/* The holder may do anything in its callbacks, close included; `pending`
 * keeps the session from being sent off meanwhile, and `delivering` from being
 * delivered twice by a holder that resumes. */
static void tell_exempted(struct lite_session *session)
{
	const struct backend *backend = &session->backend;
	unsigned count = session->exempted_count;

	session->exempted_count = 0;
	for (unsigned i = 0; i < count; i++)
		if (backend->handlers && backend->handlers->on_exempted)
			backend->handlers->on_exempted(
				backend->holder, session->exempted[i].table,
				session->exempted[i].command);
}

static void deliver(struct lite_session *session, enum lite_outcome outcome)
{
	session->pending = true;
	session->delivering = true;
	tell_exempted(session);
	if (!session->opened)
		open_session(session);
	else if (session->output.length && !session->closing)
		backend_received(&session->backend,
				 buffer_slice(&session->output));
	session_deliver_notifications(session);
	shrink(&session->output);
	session->pending = false;
	session->delivering = false;
	if (session->closing) {
		submit_closing(session);
	} else if (session->desynchronised) {
		tell_broken(session, "terminating connection because protocol "
			    "synchronization was lost");
	} else if (outcome == LITE_SUSPENDED) {
		submit(session);
	} else {
		shrink(&session->input);
		start(session);
		limit_idle(session);
		tell_drained(session);
	}
}

static void on_done(struct lite_job *job, enum lite_outcome outcome)
{
	struct lite_session *session = session_of_job(job);

	session->running = false;
	if (job->closing) {
		finish_closing(session);
		return;
	}
	if (session->paused && !session->closing) {
		session->pending = true;
		session->pending_outcome = outcome;
		return;
	}
	deliver(session, outcome);
}

static void on_evicted(struct lite_job *job, const struct error *error)
{
	struct lite_session *session = session_of_job(job);

	session->running = false;
	session->lost = true;
	if (session->closing)
		submit_closing(session);
	else if (!session->opened)
		backend_failed(&session->backend, error);
	else
		backend_lost(&session->backend, error);
}

static const struct lite_job_handlers job_handlers = {
	.run = lite_session_run,
	.refuse = lite_session_refuse,
	.lost = lite_session_lost,
	.on_done = on_done,
	.on_evicted = on_evicted,
};

/* --- what the pool calls ------------------------------------------------------------------ */

static size_t lite_send(struct backend *backend, const struct slice *pieces,
			unsigned count)
{
	struct lite_session *session = session_of(backend);

	if (session->closing || session->lost)
		return 0;
	for (unsigned i = 0; i < count; i++)
		buffer_put_slice(&session->inbox, pieces[i]);
	start(session);
	/* A message that is not whole needs the rest of it, however long. */
	if (!session->running && !session->pending)
		return 0;
	if (session->inbox.length > BACKLOG_BYTES)
		session->backlog = true;
	return session->inbox.length;
}

static void lite_cancel(struct backend *backend)
{
	struct lite_session *session = session_of(backend);

	if (session->running)
		lite_job_cancel(&session->job, session->engine);
}

static void lite_pause(struct backend *backend, bool paused)
{
	struct lite_session *session = session_of(backend);

	session->paused = paused;
	if (paused || !session->pending || session->delivering ||
	    session->closing)
		return;
	session->pending = false;
	deliver(session, session->pending_outcome);
}

static void lite_close(struct backend *backend)
{
	struct lite_session *session = session_of(backend);

	if (session->closing)
		return;
	session->closing = true;
	if (session->running)
		lite_job_cancel(&session->job, session->engine);
	else if (!session->pending || session->paused)
		submit_closing(session);
}

static const struct backend_ops lite_ops = {
	.kind = "sqlite",
	.questions = &session_left_questions,
	.send = lite_send,
	.cancel = lite_cancel,
	.pause = lite_pause,
	.close = lite_close,
};

/* --- life ------------------------------------------------------------------------------------ */

static void free_session(struct lite_session *session)
{
	lite_portal_free(session, &session->query_portal);
	session_close_portals(session);
	session_drop_statements(session, true, 0);
	session_copy_end(session);
	session->copy = session->copy_out;
	session_copy_end(session);
	session_free_notifications(session);
	while (session->savepoint_count)
		free(session->savepoints[--session->savepoint_count].name);
	free(session->savepoints);
	free(session->deferrals);
	late_rows_fini(&session->late);
	free(session->currvals);
	lite_locks_release(session, true);
	lite_settings_fini(&session->settings);
	zone_files_fini(&session->zones);
	arena_fini(&session->path_arena);
	arena_fini(&session->scratch);
	buffer_fini(&session->inbox);
	buffer_fini(&session->input);
	buffer_fini(&session->output);
	buffer_fini(&session->query_rest);
	buffer_fini(&session->environment);
	buffer_fini(&session->key);
	free(session->user);
	free(session->database);
	free(session);
}

static void finish_closing(struct lite_session *session)
{
	struct lite_engine *engine = session->engine;

	backend_closed(&session->backend);
	lite_portal_free(session, &session->query_portal);
	session_close_portals(session);
	lite_job_fini(&session->job, engine);
	free_session(session);
}

struct backend *lite_backend_new(struct lite_engine *engine,
				 struct pool *pool, const char *user,
				 const char *database)
{
	struct lite_session *session = must_alloc(sizeof(*session));
	static atomic_int last_process = 1000;

	backend_init(&session->backend, &lite_ops, pool);
	session->engine = engine;
	session->user = must_dup(user);
	session->database = must_dup(database);
	session->process_id = atomic_fetch_add(&last_process, 1);
	session->status = 'I';
	zone_files_init(&session->zones, NULL);
	lite_settings_init(&session->settings, user, &session->zones.source);
	session_init_names(session);
	session_init_notifications(session);
	lite_job_init(&session->job, engine, &job_handlers);
	snprintf(session->job.name, sizeof(session->job.name),
		 "session %d (user \"%.32s\")", session->process_id, user);
	/* An empty job: it is ready once a thread has seen it. */
	submit(session);
	return &session->backend;
}
