/*
 * A backend is whatever answers the protocol: a Postgres process at the far
 * end of a socket, a SQLite session inside this process, or the admin
 * console. It takes the bytes of frontend messages and gives the bytes of
 * backend messages; nobody above can tell which kind it is.
 *
 * This file is the part that all kinds share: the *expectations*. Whoever
 * sends a message also says what reply it expects, in order; as replies come
 * in, the scanner here matches them, so that weir can slip in messages of
 * its own (a setting to replay, a statement to re-prepare), swallow their
 * replies, answer some messages itself in the right place of the stream, and
 * know from ReadyForQuery alone when a lease may end. Payload is never
 * copied: runs of replies go to the holder as they came.
 *
 *     OPENING ──► IDLE ──► LEASED ──► IDLE
 *        │          │         │ client gone: CLEANING ──► IDLE
 *        └──────────┴─────────┴──────────┴──► CLOSING ──► (freed)
 *
 * All calls are on the loop thread. A backend never calls its holder from
 * inside backend_send().
 */
#ifndef WEIR_POOL_BACKEND_H
#define WEIR_POOL_BACKEND_H

#include <stdint.h>

#include "protocol/bytes.h"
#include "protocol/error.h"
#include "protocol/list.h"

#define BACKEND_PLACE_BYTES 80

struct backend;
struct gather;
struct parameters;
struct pool;
struct settings;

enum backend_state {
	BACKEND_OPENING,	/* connecting and logging in */
	BACKEND_IDLE,		/* ready, nobody's */
	BACKEND_LEASED,		/* one session's */
	BACKEND_CLEANING,	/* its session left; being rolled back */
	BACKEND_CLOSING,	/* on_closed will free it */
};

/* How a kind is asked what a session left behind, where Postgres's own way
 * will not do; see proxy/session_probe.c for the rows. */
struct backend_questions {
	const char *pins, *sequences;
};

/* What each kind provides. */
struct backend_ops {
	const char *kind;	/* "postgres", "sqlite", "admin" */
	const struct backend_questions *questions;	/* NULL: Postgres's */
	/* Takes bytes of whole or partial frontend messages, in order.
	 * Returns how many bytes wait to be taken (back-pressure). */
	size_t (*send)(struct backend *, const struct slice *pieces,
		       unsigned count);
	/* Asks for the running query to be stopped; it may end by itself. */
	void (*cancel)(struct backend *);
	/* Stops or resumes the flow of replies. */
	void (*pause)(struct backend *, bool paused);
	/* Ends it; backend_closed() must follow from the loop, after which
	 * the kind frees its memory. */
	void (*close)(struct backend *);
};

/*
 * What the holder of a lease hears. `holder` is what the lease was given to.
 * It may give the lease back, or close, inside any of these.
 */
struct lease_handlers {
	/* Replies for the client, in order, borrowed until the return. */
	void (*on_reply)(void *holder, const struct slice *pieces,
			 unsigned count);
	/* A ReadyForQuery for the client has come, and is not passed on yet:
	 * what must be heard before it goes out by backend_insert(). False
	 * keeps it back, and the holder says it when it is time. May be NULL.
	 * `idle`: nothing else is outstanding. */
	bool (*before_ready)(void *holder, char status, bool idle);
	/* A ReadyForQuery went by with this status: 'I', 'T' or 'E'. If `idle`
	 * nothing is outstanding: with status 'I' the lease may end. */
	void (*on_ready)(void *holder, char status, bool idle);
	/* A reply the holder asked to watch completed (EXPECT_WATCH). `body`
	 * is of the message that completed it, or the rows (EXPECT_ROWS). */
	void (*on_watched)(void *holder, char message, uint32_t token,
			   bool succeeded, struct slice body);
	/* What backend_ask_turn() asked for: all that was read is given on. */
	void (*on_turn)(void *holder);	/* may be NULL */
	/* An ErrorResponse that names a statement as weir does: appends what
	 * the client is to read instead, a whole message. May be NULL. */
	void (*reword)(void *holder, struct slice body, struct buffer *out);
	/* An ErrorResponse that is for the client, by which what serves it
	 * refuses to change an insert-only table. May be NULL. */
	void (*on_refused)(void *holder, struct slice body);
	/* The session's user may change insert-only tables, and has changed
	 * one that the text does not name. May be NULL. */
	void (*on_exempted)(void *holder, const char *table,
			    const char *command);
	/* The send queue has drained after backend_send() said it was long. */
	void (*on_drained)(void *holder);
	/* The backend is gone; the lease with it. */
	void (*on_lost)(void *holder, const struct error *);
};

enum expect_flags {
	EXPECT_FORWARD = 0,
	EXPECT_SWALLOW = 1,	/* weir's own message: the client hears nothing,
				   save that a P or C failed */
	EXPECT_INSERT = 2,	/* nothing was sent: `reply` is weir's answer,
				   put in when its turn comes */
	EXPECT_REPLACE = 4,	/* sent so as to fail: the syntax error in
				   answer to it is replaced by `reply` */
	EXPECT_WATCH = 8,	/* tell the holder how it ended, with token */
	EXPECT_MUST_SUCCEED = 16,	/* swallowed, and if it fails the backend
				   is in an unknown state: close it */
	EXPECT_SILENT = 32,	/* swallowed, its failure too: of a batch that
				   is weir's own */
	EXPECT_ROWS = 64,	/* what it tells (rows, descriptions) is kept
				   for on_watched, as whole messages; of a Q
				   that failed, its ErrorResponse alone */
};

struct expectation {
	char message;		/* the frontend letter: P B D E C S Q F */
	uint8_t flags;
	bool failed;
	uint32_t token;		/* the holder's own, for EXPECT_WATCH */
	uint32_t copy_ends;	/* how many had been sent before it */
	struct buffer *reply;	/* for INSERT and REPLACE, else NULL; owned */
};

struct backend {
	uint32_t magic;
	const struct backend_ops *ops;
	struct pool *pool;
	struct list link;	/* in the list of its state */
	enum backend_state state;
	uint64_t id;		/* unique for the life of the process */

	const struct lease_handlers *handlers;	/* NULL: nobody's */
	void *holder;

	char status;		/* of the last ReadyForQuery: I T E; 0 before */
	bool copying_in;	/* the server is in COPY FROM STDIN, and the
				   end of its data was not sent yet */
	uint32_t copy_ends;	/* CopyDone and CopyFail sent so far */
	bool batch_open;	/* an extended query was begun and its Sync was
				   not sent yet */
	uint32_t batches;	/* Syncs and simple queries sent so far */
	bool skipping;		/* an error: the server reads past everything
				   until a Sync that was not sent yet */
	bool said_fatal;	/* the holder has heard why it ends */
	bool ended;		/* since the ReadyForQuery before: a COMMIT or
				   ROLLBACK */
	bool mixed;		/* and an error behind it */
	bool undone;		/* since the ReadyForQuery before: an error, or
				   a ROLLBACK; with status I, what was SET in
				   the meantime is undone */
	bool doomed;		/* close as soon as nobody holds it */
	bool must_discard;	/* DISCARD ALL before anybody else gets it */
	bool hears;		/* notifications are passed on */
	bool sequences_clean;	/* currval and lastval know nothing of what
				   another session did */
	struct buffer customs;	/* names of custom parameters that were set
				   here, each ended by a zero byte */
	bool dead;		/* backend_lost() was called */

	/* the ring of expectations */
	struct expectation *expected;
	unsigned expected_first, expected_count, expected_capacity;

	/* the reply scanner */
	struct gather *out;	/* what this read passes on; NULL between reads */
	struct buffer partial;	/* a message not whole yet that must be */
	size_t body_left;	/* of a message being passed through */
	bool body_swallowed;

	/* what this backend knows and how it is set (statement.h, setting.h) */
	struct known_statements *known;
	unsigned closing;	/* statements whose Close is not answered */
	struct settings *settings;	/* applied now; NULL: as at login */
	struct parameters *parameters;	/* as last reported */
	uint32_t path_id;	/* its search path at login (route_path()); 0:
				   not asked */
	struct buffer rows;	/* of an EXPECT_ROWS */
	size_t rows_max;	/* bytes of them; 0: as usual */
	bool turn_asked;
	bool cancel_due;	/* once it is the client's turn */

	uint64_t opened_ms, idle_since_ms, leased_ms;
	uint64_t leases;	/* how many it has served */

	/* the pool's own notes */
	bool pinned;		/* while LEASED: see pool_pin() */
	unsigned generation, round;	/* the pool's when it was begun */
	/* Where it is connected to, "address:port"; "" where that means
	 * nothing. Set by the kind before backend_opened(). */
	char place[BACKEND_PLACE_BYTES];
};

/* --- for the kinds ------------------------------------------------------ */

void backend_init(struct backend *, const struct backend_ops *, struct pool *);
/* Logged in and ready: `parameters` holds name\0value\0 pairs. */
void backend_opened(struct backend *);
/* Could not be opened; backend_closed() follows by the kind's own doing. */
void backend_failed(struct backend *, const struct error *);
/* Bytes of backend messages, cut anywhere; borrowed. */
void backend_received(struct backend *, struct slice bytes);
void backend_drained(struct backend *);
/* The far end is gone. The pool will call ops->close(). */
void backend_lost(struct backend *, const struct error *);
/* Everything is closed: the pool forgets it. The kind frees afterwards. */
void backend_closed(struct backend *);

/* Remembers a reported parameter (ParameterStatus). */
void backend_set_parameter(struct backend *, struct slice name,
			   struct slice value);
/* A custom parameter is set on it; the name will be known to it for good. */
void backend_note_custom(struct backend *, const char *name);
/* Its last reported value, or a slice with at == NULL. */
struct slice backend_parameter(const struct backend *, const char *name);

/* --- for the holder ----------------------------------------------------- */

/* Says what the next message sent will be answered with. `reply` (may be
 * NULL) is taken over and emptied. */
void backend_expect(struct backend *, char message, uint8_t flags,
		    uint32_t token, struct buffer *reply);
size_t backend_send(struct backend *, const struct slice *pieces,
		    unsigned count);
/* A CopyDone or CopyFail is sent next: a Sync behind it is answered. */
void backend_end_copy(struct backend *);

/* Puts bytes between the replies, where the stream is now: only from inside
 * before_ready() and on_watched(). Copied. */
void backend_insert(struct backend *, struct slice bytes);

/* Stops what runs of the holder's; where weir's own is in front, when that is
 * over. */
void backend_cancel(struct backend *);

/* on_turn() follows when what is being read has been gone through; the holder
 * may then send and answer. */
static inline void backend_ask_turn(struct backend *backend)
{
	backend->turn_asked = true;
}

/* The holder has nothing outstanding. */
static inline bool backend_is_quiet(const struct backend *backend)
{
	return backend->expected_count == 0;
}

/* From now on every outstanding reply is swallowed: its client is gone. What
 * must succeed must still. */
void backend_swallow_all(struct backend *);

#endif
