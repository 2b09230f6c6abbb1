#include "pool/backend.h"

#include <assert.h>
#include <stdlib.h>

#include "pool/parameter.h"
#include "pool/pool.h"
#include "pool/setting.h"
#include "pool/statement.h"
#include "protocol/audit_refusal.h"
#include "protocol/frame.h"

#define BACKEND_MAGIC 0x6261636bu

/* Messages whose body must be whole before they are acted upon. They are
 * small; a larger one is a broken server. */
#define SMALL_BYTES_MAX 65536
#define ROWS_BYTES_MAX (1u << 20)
#define CUSTOMS_BYTES_MAX 65536

static uint64_t last_id;	/* ids are for people; workers may share them */

void backend_init(struct backend *backend, const struct backend_ops *ops,
		  struct pool *pool)
{
	*backend = (struct backend){
		.magic = BACKEND_MAGIC,
		.ops = ops,
		.pool = pool,
		.state = BACKEND_OPENING,
		.id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED),
	};
	list_init(&backend->link);
}

void backend_opened(struct backend *backend)
{
	assert(backend->magic == BACKEND_MAGIC);
	backend->status = 'I';
	backend->sequences_clean = true;
	pool_backend_opened(backend);
}

void backend_failed(struct backend *backend, const struct error *error)
{
	backend->dead = true;
	pool_backend_failed(backend, error);
}

void backend_lost(struct backend *backend, const struct error *error)
{
	if (backend->dead)
		return;
	backend->dead = true;
	pool_backend_lost(backend, error);
}

static void free_reply(struct expectation *expectation)
{
	if (expectation->reply)
		buffer_fini(expectation->reply);
	free(expectation->reply);
	expectation->reply = NULL;
}

void backend_closed(struct backend *backend)
{
	while (backend->expected_count) {
		free_reply(&backend->expected[backend->expected_first]);
		backend->expected_first = (backend->expected_first + 1) &
					  (backend->expected_capacity - 1);
		backend->expected_count--;
	}
	free(backend->expected);
	backend->expected = NULL;
	buffer_fini(&backend->partial);
	buffer_fini(&backend->rows);
	buffer_fini(&backend->customs);
	parameters_unref(&backend->parameters);
	known_statements_free(&backend->known);
	settings_unref(&backend->settings);
	pool_backend_closed(backend);
	backend->magic = 0;
}

void backend_drained(struct backend *backend)
{
	if (backend->handlers)
		backend->handlers->on_drained(backend->holder);
}

/* --- reported parameters ------------------------------------------------ */

void backend_set_parameter(struct backend *backend, struct slice name,
			   struct slice value)
{
	parameters_put(&backend->parameters, name, value);
}

struct slice backend_parameter(const struct backend *backend, const char *name)
{
	return parameters_find(backend->parameters, slice_text(name));
}

static bool has_custom(const struct backend *backend, const char *name)
{
	struct reader reader = reader_make(buffer_slice(&backend->customs));

	while (reader_left(&reader))
		if (slice_is(read_cstring(&reader), name))
			return true;
	return false;
}

void backend_note_custom(struct backend *backend, const char *name)
{
	if (!has_custom(backend, name) &&
	    backend->customs.length + strlen(name) < CUSTOMS_BYTES_MAX)
		buffer_put_cstring(&backend->customs, name);
}

/* --- expectations ------------------------------------------------------- */

static struct expectation *expected_at(struct backend *backend, unsigned index)
{
	/* The capacity is a power of two. */
	return &backend->expected[(backend->expected_first + index) &
				  (backend->expected_capacity - 1)];
}

static struct expectation *head(struct backend *backend)
{
	return backend->expected_count ? expected_at(backend, 0) : NULL;
}

static bool ends_a_batch(char message)
{
	return message == 'S' || message == 'Q' || message == 'F';
}

static void grow_ring(struct backend *backend)
{
	unsigned capacity = backend->expected_capacity ?
			    backend->expected_capacity * 2 : 8;
	struct expectation *ring = must_alloc(capacity * sizeof(*ring));

	for (unsigned i = 0; i < backend->expected_count; i++)
		ring[i] = *expected_at(backend, i);
	free(backend->expected);
	backend->expected = ring;
	backend->expected_first = 0;
	backend->expected_capacity = capacity;
}

void backend_expect(struct backend *backend, char message, uint8_t flags,
		    uint32_t token, struct buffer *reply)
{
	struct expectation *last;

	if (!(flags & EXPECT_INSERT))
		backend->batch_open = !ends_a_batch(message);
	backend->batches += ends_a_batch(message);
	if (message == 'S')
		backend->skipping = false;
	if (backend->expected_count == backend->expected_capacity)
		grow_ring(backend);
	last = expected_at(backend, backend->expected_count++);
	*last = (struct expectation){
		.message = message, .flags = flags, .token = token,
		.copy_ends = backend->copy_ends,
	};
	if (reply) {
		last->reply = must_alloc(sizeof(*last->reply));
		*last->reply = *reply;
		*reply = (struct buffer){ 0 };
	}
}

size_t backend_send(struct backend *backend, const struct slice *pieces,
		    unsigned count)
{
	if (backend->dead)
		return 0;
	return backend->ops->send(backend, pieces, count);
}

void backend_end_copy(struct backend *backend)
{
	backend->copy_ends++;
	backend->copying_in = false;
}

void backend_swallow_all(struct backend *backend)
{
	for (unsigned i = 0; i < backend->expected_count; i++) {
		struct expectation *each = expected_at(backend, i);

		each->flags = EXPECT_SWALLOW |
			      (each->flags & (EXPECT_INSERT |
					      EXPECT_MUST_SUCCEED));
		free_reply(each);
	}
}

/* --- the reply scanner -------------------------------------------------- */

/*
 * What goes to the client of one read: runs of bytes as they came, and weir's
 * own small answers in between, given on in one call so that it is one send.
 */
#define GATHER_PIECES 16
#define GATHER_OWN_BYTES 512

struct gather {
	struct slice pieces[GATHER_PIECES];
	unsigned count;
	size_t own_length;
	uint8_t own[GATHER_OWN_BYTES];
};

static void flush(struct backend *backend, struct gather *out)
{
	unsigned count = out->count;

	out->count = 0;
	out->own_length = 0;
	if (count && backend->handlers)
		backend->handlers->on_reply(backend->holder, out->pieces,
					    count);
}

static void put(struct backend *backend, struct gather *out,
		struct slice bytes)
{
	struct slice *last = out->count ? &out->pieces[out->count - 1] : NULL;

	if (!bytes.length)
		return;
	if (last && last->at + last->length == bytes.at) {
		last->length += bytes.length;
		return;
	}
	if (out->count == GATHER_PIECES)
		flush(backend, out);
	out->pieces[out->count++] = bytes;
}

/* The same for bytes that will not live until the flush. */
static void put_copy(struct backend *backend, struct gather *out,
		     struct slice bytes)
{
	if (bytes.length > GATHER_OWN_BYTES) {
		put(backend, out, bytes);
		flush(backend, out);
		return;
	}
	/* No flush may come between the copy and the piece that shows it. */
	if (bytes.length > GATHER_OWN_BYTES - out->own_length ||
	    out->count == GATHER_PIECES)
		flush(backend, out);
	memcpy(out->own + out->own_length, bytes.at, bytes.length);
	put(backend, out, slice_make(out->own + out->own_length,
				     bytes.length));
	out->own_length += bytes.length;
}

static bool is_own(const struct expectation *expectation)
{
	return expectation->flags & (EXPECT_SWALLOW | EXPECT_INSERT);
}

void backend_cancel(struct backend *backend)
{
	const struct expectation *first = head(backend);

	/* A setting that is being restored must not be what is hit. */
	backend->cancel_due = first && is_own(first);
	if (first && !backend->cancel_due)
		backend->ops->cancel(backend);
}

static void cancel_if_due(struct backend *backend)
{
	const struct expectation *first = head(backend);

	if (!backend->cancel_due || (first && is_own(first)))
		return;
	backend->cancel_due = false;
	if (first)
		backend->ops->cancel(backend);
}

/* The head is done: takes it out of the ring and tells who watches it. */
static void finish_head(struct backend *backend, bool succeeded,
			struct slice body)
{
	struct expectation *first = head(backend);
	char message = first->message;
	uint32_t token = first->token;
	bool watched = first->flags & EXPECT_WATCH;

	if (first->reply)
		free_reply(first);
	backend->expected_first = (backend->expected_first + 1) &
				  (backend->expected_capacity - 1);
	backend->expected_count--;
	cancel_if_due(backend);
	if (!watched)
		return;
	if (backend->rows.length)
		body = buffer_slice(&backend->rows);
	if (backend->handlers)
		backend->handlers->on_watched(backend->holder, message, token,
					      succeeded, body);
	buffer_fini(&backend->rows);
}

void backend_insert(struct backend *backend, struct slice bytes)
{
	assert(backend->out);
	put_copy(backend, backend->out, bytes);
}

/* weir's own answers whose turn has come. */
static void insert_answers(struct backend *backend, struct gather *out)
{
	struct expectation *first;

	while ((first = head(backend)) && (first->flags & EXPECT_INSERT)) {
		if (!(first->flags & EXPECT_SWALLOW))
			put_copy(backend, out, buffer_slice(first->reply));
		finish_head(backend, true, slice_make(NULL, 0));
	}
}

/* After an error in an extended query the server reads past everything, a
 * simple query too, up to the Sync (Postgres manual, "Extended Query"): what
 * the holder keeps back until something is answered need not wait any more. */
static void skip_to_sync(struct backend *backend)
{
	struct expectation *first;

	while ((first = head(backend)) && first->message != 'S')
		finish_head(backend, false, slice_make(NULL, 0));
	backend->skipping = !first;
	if (backend->skipping)
		backend_ask_turn(backend);
}

static void break_backend(struct backend *backend, const char *why)
{
	struct error error;

	error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
		  "the server broke the protocol: %s", why);
	error.fatal = true;
	backend_lost(backend, &error);
}

/* Whether this field of an ErrorResponse has this value. */
static bool field_is(struct slice body, uint8_t field, const char *value)
{
	struct reader reader = reader_make(body);
	uint8_t code;

	while ((code = read_u8(&reader)) && !reader.failed) {
		struct slice text = read_cstring(&reader);

		if (code == field)
			return slice_is(text, value);
	}
	return false;
}

static bool on_error_response(struct backend *backend, struct gather *out,
			      struct slice body)
{
	struct expectation *first = head(backend);
	bool forward = true;

	if (!first || !(first->flags & EXPECT_SILENT)) {
		backend->undone = true;
		backend->mixed = backend->ended;
	}
	backend->copying_in = false;
	if (!first)
		return true;	/* the server's own: it is shutting down */
	/* A server that ends says so in answer to anything. */
	if (field_is(body, 'V', "FATAL") || field_is(body, 'V', "PANIC"))
		return true;
	if (first->flags & EXPECT_MUST_SUCCEED) {
		break_backend(backend, "the session's settings could not be "
			      "restored on another server");
		return false;
	}
	first->failed = true;
	if (first->flags & EXPECT_SILENT)
		forward = false;
	if ((first->flags & EXPECT_REPLACE) &&
	    field_is(body, 'C', SQLSTATE_SYNTAX)) {
		put_copy(backend, out, buffer_slice(first->reply));
		forward = false;
	}
	if (ends_a_batch(first->message))
		return forward && !(first->flags & EXPECT_SWALLOW);
	finish_head(backend, false, body);
	skip_to_sync(backend);
	return forward;
}

/* A Sync that the server reads during COPY FROM STDIN is ignored by it
 * (Postgres manual, "COPY Operations"): it will not be answered, and the batch
 * is open still. Those sent behind the end of the data will be. */
static void on_copy_in(struct backend *backend)
{
	uint32_t ends = head(backend)->copy_ends;
	bool open = head(backend)->message == 'E';
	unsigned kept = 1;

	backend->copying_in = backend->copy_ends == ends;
	for (unsigned i = 1; i < backend->expected_count; i++) {
		struct expectation *each = expected_at(backend, i);

		if (each->message == 'S' && each->copy_ends == ends)
			continue;
		open = open && !ends_a_batch(each->message);
		*expected_at(backend, kept++) = *each;
	}
	backend->expected_count = kept;
	backend->batch_open |= open;
	if (backend->copying_in)
		backend_ask_turn(backend);
	if (backend->copying_in && backend->state == BACKEND_CLEANING)
		pool_backend_copies(backend);
}

static void finish_if(struct backend *backend, char message,
		      struct slice body)
{
	struct expectation *first = head(backend);

	if (first && first->message == message)
		finish_head(backend, true, body);
}

static void on_command_complete(struct backend *backend, struct slice body)
{
	struct slice tag = slice_make(body.at, body.length ?
				      body.length - 1 : 0);

	if (slice_is(tag, "ROLLBACK"))
		backend->undone = backend->ended = true;
	else if (slice_is(tag, "COMMIT")) {
		backend->undone = false;
		backend->ended = true;
	}
	backend->copying_in = false;
	finish_if(backend, 'E', body);
}

static void on_parameter_status(struct backend *backend, struct slice body)
{
	struct reader reader = reader_make(body);
	struct slice name = read_cstring(&reader);
	struct slice value = read_cstring(&reader);

	if (reader_done(&reader))
		backend_set_parameter(backend, name, value);
}

/* The frontend message that a reply completes; 0: none. */
static const char completed_by[256] = {
	['1'] = 'P', ['2'] = 'B', ['3'] = 'C', ['T'] = 'D', ['n'] = 'D',
	['I'] = 'E', ['s'] = 'E',
};

static bool keeps_rows(struct backend *backend)
{
	return backend->expected_count &&
	       (head(backend)->flags & EXPECT_ROWS);
}

static size_t rows_max(const struct backend *backend)
{
	return backend->rows_max ? backend->rows_max : ROWS_BYTES_MAX;
}

static size_t whole_max(struct backend *backend)
{
	return keeps_rows(backend) ? rows_max(backend) : SMALL_BYTES_MAX;
}

/* Errors may be long; one that is only passed on may be cut. */
static bool must_be_whole(struct backend *backend, const struct frame *frame)
{
	if (frame->type == 'E')
		return frame->length <= SMALL_BYTES_MAX;
	if (keeps_rows(backend) && strchr("DTt", frame->type))
		return true;
	return memchr("ZSC123nsIKGA", frame->type, 12) != NULL;
}

/* Whether a ReadyForQuery that is the client's goes out now. */
static bool may_pass(struct backend *backend)
{
	const struct lease_handlers *handlers = backend->handlers;

	return !handlers || !handlers->before_ready ||
	       handlers->before_ready(backend->holder, backend->status,
				      !backend->expected_count);
}

/* ReadyForQuery: the one place where a lease may end. */
static void on_ready_for_query(struct backend *backend, struct gather *out,
			       const struct frame *frame, struct slice whole)
{
	struct expectation *first;
	bool forward;

	while ((first = head(backend)) && !ends_a_batch(first->message))
		finish_head(backend, false, slice_make(NULL, 0));
	if (!first || frame->body.length != 1) {
		break_backend(backend, "ReadyForQuery out of turn");
		return;
	}
	forward = !(first->flags & EXPECT_SWALLOW);
	backend->status = (char)frame->body.at[0];
	backend->copying_in = false;
	backend->skipping = false;
	finish_head(backend, !first->failed, frame->body);
	if (backend->dead)
		return;
	if (forward && may_pass(backend))
		put(backend, out, whole);
	insert_answers(backend, out);
	if (!forward && backend->expected_count)
		return;
	flush(backend, out);
	if (backend->handlers)
		backend->handlers->on_ready(backend->holder, backend->status,
					    !backend->expected_count);
	backend->undone = backend->ended = backend->mixed = false;
}

/* The names that weir gives statements are none of the client's business. */
static bool put_reworded(struct backend *backend, struct gather *out,
			 const struct frame *frame)
{
	struct buffer message = { 0 };

	if (frame->type != 'E' || !backend->handlers ||
	    !backend->handlers->reword ||
	    !memmem(frame->body.at, frame->body.length,
		    "\"" STATEMENT_NAME_PREFIX, 1 + strlen(STATEMENT_NAME_PREFIX)))
		return false;
	backend->handlers->reword(backend->holder, frame->body, &message);
	put_copy(backend, out, buffer_slice(&message));
	buffer_fini(&message);
	return true;
}

static void tell_refused(struct backend *backend, struct slice body)
{
	if (backend->handlers && backend->handlers->on_refused &&
	    field_is(body, 'R', AUDIT_REFUSAL_ROUTINE))
		backend->handlers->on_refused(backend->holder, body);
}

/* Of a simple query too much is a failure like others, whose rows nobody
 * wants. */
static void keep_row(struct backend *backend, char type, struct slice whole)
{
	struct expectation *first = head(backend);
	bool simple = first->message == 'Q';

	if (type == 'E')
		buffer_clear(&backend->rows);
	else if (simple && first->failed)
		return;
	if (backend->rows.length + whole.length <= rows_max(backend)) {
		buffer_put_slice(&backend->rows, whole);
	} else if (simple) {
		first->failed = true;
		buffer_fini(&backend->rows);
	} else {
		break_backend(backend, "too much in answer to weir's own");
	}
}

/* What EXPECT_ROWS keeps: rows and descriptions, and why a query failed. */
static bool is_kept(struct backend *backend, char type)
{
	if (!keeps_rows(backend))
		return false;
	return strchr("DTtn", type) ||
	       (type == 'E' && head(backend)->message == 'Q');
}

/* One message of which `there` is at hand (all of it, for small kinds). */
static void take_message(struct backend *backend, struct gather *out,
			 const struct frame *frame, struct slice there)
{
	struct expectation *first = head(backend);
	bool forward = !first || !(first->flags & EXPECT_SWALLOW);

	if (frame->type == 'Z') {
		on_ready_for_query(backend, out, frame, there);
		return;
	}
	if (frame->type == 'E')
		forward = on_error_response(backend, out, frame->body);
	else if (frame->type == 'A')
		forward = backend->hears;
	else if (frame->type == 'S')
		forward = false;	/* the holder tells of changes */
	if (backend->dead)
		return;
	if (frame->type == 'E' && forward) {
		backend->said_fatal = field_is(frame->body, 'V', "FATAL") ||
				      field_is(frame->body, 'V', "PANIC");
		tell_refused(backend, frame->body);
	}
	backend->body_left = frame->length - there.length;
	backend->body_swallowed = !forward;
	if (is_kept(backend, (char)frame->type))
		keep_row(backend, (char)frame->type, there);
	if (forward && !put_reworded(backend, out, frame))
		put(backend, out, there);
	if (frame->type == 'C')
		on_command_complete(backend, frame->body);
	else if (frame->type == 'S')
		on_parameter_status(backend, frame->body);
	else if (frame->type == 'G' && first)
		on_copy_in(backend);
	else if (completed_by[(uint8_t)frame->type])
		finish_if(backend, completed_by[(uint8_t)frame->type],
			  frame->body);
	if (!backend->body_left && backend->expected_count &&
	    (head(backend)->flags & EXPECT_INSERT))
		insert_answers(backend, out);
}

static void keep_partial(struct backend *backend, struct slice bytes,
			 const struct frame *frame)
{
	if (frame && frame->length > whole_max(backend))
		break_backend(backend, "message too long");
	else
		buffer_put_slice(&backend->partial, bytes);
}

/* Goes on with a message whose beginning was kept. Returns how many bytes it
 * took of `bytes`. */
static size_t complete_partial(struct backend *backend, struct gather *out,
			       struct slice bytes)
{
	struct buffer *partial = &backend->partial;
	struct frame frame;
	size_t wanted = FRAME_HEADER_BYTES, taken;
	enum frame_verdict verdict;

	if (partial->length >= FRAME_HEADER_BYTES)
		wanted = (size_t)load_u32(partial->bytes + 1) + 1;
	taken = wanted - partial->length;
	if (taken > bytes.length)
		taken = bytes.length;
	buffer_put(partial, bytes.at, taken);
	verdict = frame_read(buffer_slice(partial), BUFFER_BYTES_MAX, &frame);
	if (verdict == FRAME_BROKEN) {
		break_backend(backend, "impossible message length");
	} else if (verdict == FRAME_PART && must_be_whole(backend, &frame)) {
		if (frame.length > whole_max(backend))
			break_backend(backend, "message too long");
	} else if (verdict != FRAME_MORE) {
		take_message(backend, out, &frame, buffer_slice(partial));
		flush(backend, out);
		buffer_clear(partial);
	}
	return taken;
}

/* The first message of `bytes`; returns how many bytes it took. */
static size_t take_first(struct backend *backend, struct gather *out,
			 struct slice bytes)
{
	struct frame frame;

	switch (frame_read(bytes, BUFFER_BYTES_MAX, &frame)) {
	case FRAME_WHOLE:
		bytes.length = frame.length;
		take_message(backend, out, &frame, bytes);
		break;
	case FRAME_PART:
		if (must_be_whole(backend, &frame))
			keep_partial(backend, bytes, &frame);
		else
			take_message(backend, out, &frame, bytes);
		break;
	case FRAME_MORE:
		keep_partial(backend, bytes, NULL);
		break;
	case FRAME_BROKEN:
		break_backend(backend, "impossible message length");
		break;
	}
	return bytes.length;
}

static size_t pass_body(struct backend *backend, struct gather *out,
			struct slice bytes)
{
	if (bytes.length > backend->body_left)
		bytes.length = backend->body_left;
	backend->body_left -= bytes.length;
	if (!backend->body_swallowed)
		put(backend, out, bytes);
	if (!backend->body_left)
		insert_answers(backend, out);
	return bytes.length;
}

void backend_received(struct backend *backend, struct slice bytes)
{
	struct gather out;
	size_t taken;

	out.count = 0;
	out.own_length = 0;
	backend->out = &out;
	while (bytes.length && !backend->dead) {
		if (backend->body_left)
			taken = pass_body(backend, &out, bytes);
		else if (backend->partial.length)
			taken = complete_partial(backend, &out, bytes);
		else
			taken = take_first(backend, &out, bytes);
		bytes.at += taken;
		bytes.length -= taken;
	}
	backend->out = NULL;
	flush(backend, &out);
	if (!backend->turn_asked)
		return;
	backend->turn_asked = false;
	if (backend->handlers && backend->handlers->on_turn && !backend->dead)
		backend->handlers->on_turn(backend->holder);
}
