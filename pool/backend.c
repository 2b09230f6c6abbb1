#include "pool/backend.h"

#include <assert.h>
#include <stdlib.h>

#include "pool/pool.h"
#include "pool/setting.h"
#include "pool/statement.h"
#include "protocol/frame.h"

#define BACKEND_MAGIC 0x6261636bu
#define PARAMETERS_BYTES_MAX 65536

/* Messages whose body must be whole before they are acted upon. They are
 * small; a larger one is a broken server. */
#define SMALL_BYTES_MAX 65536

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

void backend_closed(struct backend *backend)
{
	while (backend->expected_count) {
		buffer_fini(&backend->expected[backend->expected_first].reply);
		backend->expected_first = (backend->expected_first + 1) %
					  backend->expected_capacity;
		backend->expected_count--;
	}
	free(backend->expected);
	backend->expected = NULL;
	buffer_fini(&backend->partial);
	buffer_fini(&backend->parameters);
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

static bool find_parameter(const struct backend *backend, struct slice name,
			   size_t *ret_at, struct slice *ret_value)
{
	struct reader reader = reader_make(buffer_slice(&backend->parameters));

	while (reader_left(&reader)) {
		size_t at = (size_t)(reader.at - backend->parameters.bytes);
		struct slice found = read_cstring(&reader);
		struct slice value = read_cstring(&reader);

		if (reader.failed)
			return false;
		if (slice_equal(found, name)) {
			*ret_at = at;
			*ret_value = value;
			return true;
		}
	}
	return false;
}

void backend_set_parameter(struct backend *backend, struct slice name,
			   struct slice value)
{
	struct buffer *all = &backend->parameters;
	struct slice old;
	size_t at;

	if (find_parameter(backend, name, &at, &old)) {
		size_t length = name.length + old.length + 2;

		if (slice_equal(old, value))
			return;
		memmove(all->bytes + at, all->bytes + at + length,
			all->length - at - length);
		all->length -= length;
	}
	if (all->length + name.length + value.length > PARAMETERS_BYTES_MAX)
		return;
	buffer_put_slice(all, name);
	buffer_put_u8(all, 0);
	buffer_put_slice(all, value);
	buffer_put_u8(all, 0);
}

struct slice backend_parameter(const struct backend *backend, const char *name)
{
	struct slice value = { NULL, 0 };
	size_t at;

	find_parameter(backend, slice_text(name), &at, &value);
	return value;
}

/* --- expectations ------------------------------------------------------- */

static struct expectation *expected_at(struct backend *backend, unsigned index)
{
	return &backend->expected[(backend->expected_first + index) %
				  backend->expected_capacity];
}

static struct expectation *head(struct backend *backend)
{
	return backend->expected_count ? expected_at(backend, 0) : NULL;
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

	if (backend->expected_count == backend->expected_capacity)
		grow_ring(backend);
	last = expected_at(backend, backend->expected_count++);
	*last = (struct expectation){
		.message = message, .flags = flags, .token = token,
	};
	if (reply) {
		last->reply = *reply;
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

void backend_swallow_all(struct backend *backend)
{
	for (unsigned i = 0; i < backend->expected_count; i++) {
		struct expectation *each = expected_at(backend, i);

		each->flags = EXPECT_SWALLOW |
			      (each->flags & EXPECT_INSERT);
		buffer_fini(&each->reply);
	}
}

/* --- the reply scanner -------------------------------------------------- */

static void reply(struct backend *backend, struct slice bytes)
{
	if (bytes.length && backend->handlers)
		backend->handlers->on_reply(backend->holder, bytes);
}

/* The head is done: tells who watches it and takes it out of the ring. */
static void finish_head(struct backend *backend, bool succeeded,
			struct slice body)
{
	struct expectation done = *head(backend);

	backend->expected_first = (backend->expected_first + 1) %
				  backend->expected_capacity;
	backend->expected_count--;
	buffer_fini(&done.reply);
	if ((done.flags & EXPECT_WATCH) && backend->handlers)
		backend->handlers->on_watched(backend->holder, done.message,
					      done.token, succeeded, body);
}

/* weir's own answers whose turn has come. */
static void insert_answers(struct backend *backend)
{
	struct expectation *first;

	while ((first = head(backend)) && (first->flags & EXPECT_INSERT)) {
		struct buffer answer = first->reply;

		first->reply = (struct buffer){ 0 };
		if (!(first->flags & EXPECT_SWALLOW))
			reply(backend, buffer_slice(&answer));
		buffer_fini(&answer);
		finish_head(backend, true, slice_make(NULL, 0));
	}
}

static bool ends_a_batch(char message)
{
	return message == 'S' || message == 'Q' || message == 'F';
}

/* After an error the server skips what follows up to the Sync. */
static void skip_to_sync(struct backend *backend)
{
	struct expectation *first;

	while ((first = head(backend)) && !ends_a_batch(first->message))
		finish_head(backend, false, slice_make(NULL, 0));
}

static bool on_error_response(struct backend *backend, struct slice body)
{
	struct expectation *first = head(backend);
	bool forward = true;

	backend->undone = true;
	backend->copying_in = false;
	if (!first)
		return true;	/* the server's own: it is shutting down */
	if (first->flags & EXPECT_MUST_SUCCEED)
		backend->doomed = true;
	if (first->flags & EXPECT_SWALLOW)
		forward = first->flags & EXPECT_MUST_SUCCEED;
	first->failed = true;
	if (first->flags & EXPECT_REPLACE) {
		reply(backend, buffer_slice(&first->reply));
		forward = false;
	}
	if (!ends_a_batch(first->message)) {
		finish_head(backend, false, body);
		skip_to_sync(backend);
	}
	return forward;
}

/* A Sync that the server reads during COPY FROM STDIN is ignored by it
 * (Postgres manual, "COPY Operations"): it will not be answered. */
static void forget_syncs_behind_copy(struct backend *backend)
{
	unsigned kept = 1;

	backend->copying_in = true;
	if (head(backend)->message != 'E')
		return;
	for (unsigned i = 1; i < backend->expected_count; i++)
		if (expected_at(backend, i)->message != 'S')
			*expected_at(backend, kept++) = *expected_at(backend, i);
	backend->expected_count = kept;
}

static void on_command_complete(struct backend *backend, struct slice body)
{
	struct expectation *first = head(backend);

	if (body.length == sizeof("ROLLBACK") &&
	    memcmp(body.at, "ROLLBACK", sizeof("ROLLBACK")) == 0)
		backend->undone = true;
	backend->copying_in = false;
	if (first && first->message == 'E')
		finish_head(backend, true, body);
}

static void finish_if(struct backend *backend, char message, struct slice body)
{
	struct expectation *first = head(backend);

	if (first && first->message == message)
		finish_head(backend, true, body);
}

static void on_parameter_status(struct backend *backend, struct slice body)
{
	struct reader reader = reader_make(body);
	struct slice name = read_cstring(&reader);
	struct slice value = read_cstring(&reader);

	if (reader_done(&reader))
		backend_set_parameter(backend, name, value);
}

/* Acts on one message; says whether the client gets it. */
static bool on_message(struct backend *backend, char type, struct slice body)
{
	struct expectation *first = head(backend);
	bool forward = !first || !(first->flags & EXPECT_SWALLOW);

	switch (type) {
	case 'D': case 'd': case 't': case 'N':
		break;
	case 'C':
		on_command_complete(backend, body);
		break;
	case '1':
		finish_if(backend, 'P', body);
		break;
	case '2':
		finish_if(backend, 'B', body);
		break;
	case '3':
		finish_if(backend, 'C', body);
		break;
	case 'T': case 'n':
		finish_if(backend, 'D', body);
		break;
	case 'I': case 's':
		finish_if(backend, 'E', body);
		break;
	case 'G':
		if (first)
			forget_syncs_behind_copy(backend);
		break;
	case 'S':
		on_parameter_status(backend, body);
		break;
	case 'A':
		forward = true;
		break;
	case 'E':
		forward = on_error_response(backend, body);
		break;
	}
	return forward;
}

/* ReadyForQuery: the one place where a lease may end. `run` is what was
 * there for the client before it; the message itself is `frame`. */
static void on_ready_for_query(struct backend *backend, struct slice body,
			       struct slice frame)
{
	struct expectation *first;
	bool forward;

	skip_to_sync(backend);
	first = head(backend);
	if (!first || body.length != 1) {
		backend->doomed = true;
		return;
	}
	forward = !(first->flags & EXPECT_SWALLOW);
	backend->status = (char)body.at[0];
	backend->copying_in = false;
	finish_head(backend, !first->failed, body);
	if (forward)
		reply(backend, frame);
	insert_answers(backend);
	if (forward || !backend->expected_count) {
		bool undone = backend->undone;

		if (backend->handlers)
			backend->handlers->on_ready(backend->holder,
						    backend->status,
						    !backend->expected_count);
		if (undone)
			backend->undone = false;
	}
}

static bool must_be_whole(char type)
{
	return memchr("ZSC123nsIKG", type, 11) != NULL;
}

/* A run of bytes that goes to the client as it came. */
struct run {
	const uint8_t *start;
	const uint8_t *end;
};

static void flush_run(struct backend *backend, struct run *run)
{
	struct slice bytes = { run->start, (size_t)(run->end - run->start) };

	run->start = run->end;
	reply(backend, bytes);
}

static void extend_run(struct backend *backend, struct run *run,
		       struct slice bytes)
{
	if (run->end != bytes.at) {
		flush_run(backend, run);
		run->start = bytes.at;
	}
	run->end = bytes.at + bytes.length;
}

/* One message of which `there` is at hand (all of it, for small kinds). */
static void take_message(struct backend *backend, const struct frame *frame,
			 struct slice there, struct run *run)
{
	unsigned expected = backend->expected_count;
	struct expectation *first = head(backend);
	bool forward;

	if (frame->type == 'Z') {
		flush_run(backend, run);
		on_ready_for_query(backend, frame->body, there);
		return;
	}
	/* Whoever is told something on the way must have heard what came
	 * before it. */
	if (frame->type == 'E' || (first && (first->flags & EXPECT_WATCH)))
		flush_run(backend, run);
	forward = on_message(backend, frame->type, frame->body);
	backend->body_left = frame->length - there.length;
	backend->body_swallowed = !forward;
	if (forward)
		extend_run(backend, run, there);
	if (backend->expected_count != expected && head(backend) &&
	    (head(backend)->flags & EXPECT_INSERT)) {
		flush_run(backend, run);
		insert_answers(backend);
	}
}

static void break_backend(struct backend *backend, const char *why)
{
	struct error error;

	error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
		  "the server broke the protocol: %s", why);
	error.fatal = true;
	backend_lost(backend, &error);
}

/* Goes on with a message whose beginning was kept. Returns how many bytes it
 * took of `bytes`. */
static size_t complete_partial(struct backend *backend, struct slice bytes,
			       struct run *run)
{
	struct buffer *partial = &backend->partial;
	struct frame frame;
	size_t wanted = FRAME_HEADER_BYTES, taken = 0, more;

	if (partial->length >= FRAME_HEADER_BYTES)
		wanted = (size_t)load_u32(partial->bytes + 1) + 1;
	more = wanted - partial->length;
	taken = more < bytes.length ? more : bytes.length;
	buffer_put(partial, bytes.at, taken);
	if (partial->length < wanted)
		return taken;
	switch (frame_read(buffer_slice(partial), BUFFER_BYTES_MAX, &frame)) {
	case FRAME_PART:
		if (must_be_whole(frame.type)) {
			if (frame.length > SMALL_BYTES_MAX)
				break_backend(backend, "message too long");
			return taken;
		}
		break;
	case FRAME_WHOLE:
		break;
	default:
		break_backend(backend, "impossible message length");
		return taken;
	}
	take_message(backend, &frame, buffer_slice(partial), run);
	flush_run(backend, run);
	buffer_clear(partial);
	return taken;
}

/* The first message of `bytes`; returns how many bytes it took. */
static size_t take_first(struct backend *backend, struct slice bytes,
			 struct run *run)
{
	struct frame frame;
	struct slice there;

	switch (frame_read(bytes, BUFFER_BYTES_MAX, &frame)) {
	case FRAME_WHOLE:
		there = slice_make(bytes.at, frame.length);
		break;
	case FRAME_PART:
		if (must_be_whole(frame.type)) {
			if (frame.length > SMALL_BYTES_MAX)
				break_backend(backend, "message too long");
			buffer_put_slice(&backend->partial, bytes);
			return bytes.length;
		}
		there = bytes;
		break;
	case FRAME_MORE:
		buffer_put_slice(&backend->partial, bytes);
		return bytes.length;
	default:
		break_backend(backend, "impossible message length");
		return bytes.length;
	}
	take_message(backend, &frame, there, run);
	return there.length;
}

void backend_received(struct backend *backend, struct slice bytes)
{
	struct run run = { bytes.at, bytes.at };
	size_t taken;

	while (bytes.length && !backend->dead) {
		if (backend->body_left) {
			taken = backend->body_left < bytes.length ?
				backend->body_left : bytes.length;
			backend->body_left -= taken;
			if (!backend->body_swallowed)
				extend_run(backend, &run,
					   slice_make(bytes.at, taken));
		} else if (backend->partial.length) {
			taken = complete_partial(backend, bytes, &run);
		} else {
			taken = take_first(backend, bytes, &run);
		}
		bytes.at += taken;
		bytes.length -= taken;
	}
	flush_run(backend, &run);
}
