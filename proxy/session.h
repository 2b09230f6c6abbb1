/*
 * One client. Its life:
 *
 *   HELLO ──► TLS ──► HELLO ──► LOGIN ──► WELCOME ──► IDLE ◄──► LEASED
 *     │ cancel request                                  │ ▲        ▲
 *     ▼                                                 ▼ │        │
 *   CLOSING ◄── any                                    WAITING ────┘
 *
 * A session knows two verbs (want a lease, send) and hears four words
 * (leased, reply, ready, lost). It cannot tell Postgres from SQLite.
 *
 * session.c          birth, states, leases, cancel requests, death
 * session_timeout.c  how long each thing may take
 * session_hello.c    first bytes: TLS or not, cancel or startup, password
 * session_relay.c    the steady state: frame, guard, lease, backend
 * session_ready.c    what comes before a ReadyForQuery, and after
 * session_gather.c   what goes to the backend in one call; refusals
 * session_message.c  each message of the client
 * session_prepare.c  its prepared statements, on whatever server;
 *                    session_prepare_sql.c its own names there
 * session_guard.c    what the guard says to it; session_path.c where its
 *                    names are looked for
 * session_made.c     what it has made that no catalog shows yet
 * session_state.c    what it carries: session_setting.c its settings,
 *                    session_watch.c what is under way, session_pin.c what
 *                    cannot be carried
 * session_probe.c    asking the server what was left behind
 * session_sanction.c what insert-only tables let pass all the same
 * session_listen.c   LISTEN and its notifications
 * session_cancel.c   a CancelRequest
 */
#ifndef WEIR_PROXY_SESSION_H
#define WEIR_PROXY_SESSION_H

#include <uthash.h>

#include "pool/parameter.h"
#include "pool/pool.h"
#include "pool/setting.h"
#include "pool/statement.h"
#include "pool/stream.h"
#include "protocol/arena.h"
#include "proxy/catalog_watch.h"
#include "proxy/worker.h"

struct auth_exchange;
struct cancelled_wait;
struct cancel_message;
struct long_text;
struct made;
struct retain_values;
struct route;
struct subscriber;

#define CANCEL_SECRET_BYTES 32

enum session_state {
	SESSION_HELLO,		/* its first bytes are awaited */
	SESSION_TLS,		/* in the handshake */
	SESSION_LOGIN,		/* proving who it is */
	SESSION_WELCOME,	/* known; a backend's parameters are awaited */
	SESSION_IDLE,		/* no lease, none wanted */
	SESSION_WAITING,	/* in the queue of its pool */
	SESSION_LEASED,
	SESSION_CLOSING,
};

/* A statement under way whose end changes what the session carries. */
struct watch {
	struct list link;
	uint32_t token;
	char message;
	bool learned;		/* a Parse that the backend counts on, or the
				   Close of one that it forgot */
	struct statement *statement;
	uint32_t batch;		/* in which it was sent */
	uint64_t since;		/* of the name; see names_put() */
	char *name;		/* the client's, of a Parse or Close; or NULL */
};

/* The message of a watch on a Parse that must fail, for its name is taken. */
#define WATCH_TAKEN 'T'

/* What was set at a SAVEPOINT, and how many channel deeds there were. */
struct savepoint {
	struct list link;
	char *name;
	struct settings *settings, *backend_settings;
	unsigned deed_count;
};

/* A portal of the transaction whose running must be followed. */
struct portal {
	struct list link;
	char *name;
	struct statement *statement;
};

enum pin {
	PIN_TEMP, PIN_CURSOR, PIN_LOAD, PIN_LOCK, PIN_SEQUENCE, PIN_SEED,
	PIN_UNKNOWN,
	PIN_COUNT,
};

/* How a server with these parameters cuts a text into words. */
struct lexer_state {
	struct parameters *of;	/* held */
	bool standard_strings, safe_encoding;
	bool sound;		/* both */
};

/* Where the session itself said that names are to be looked for; see
 * session_path.c. */
struct own_path {
	struct settings *of;	/* it was read from these; held */
	struct arena arena;
	const char *const *schemas;
	uint32_t id;
	const char *usual[3];	/* of SQLite */
};

/* Why a ReadyForQuery was kept back from the client. */
enum kept_ready {
	READY_NOT_KEPT,
	READY_AFTER_REPLAY,	/* what RESET went back to is being set */
	READY_AFTER_LISTEN,	/* the listening connection is not ready yet */
};

struct session {
	uint32_t magic;
	enum session_state state;
	struct worker *worker;
	struct list link;	/* in the worker's list */
	struct stream stream;
	struct want want;
	struct backend *backend;	/* while LEASED */
	struct route *route;	/* NULL until it has proved who it is */
	bool joined;		/* counted among the clients of its route */
	uint64_t id;
	char *user, *database, *application;
	char peer[64];		/* address, for the log */
	bool local;		/* over loopback or a unix socket */
	bool secure;		/* over TLS */
	bool tls_asked, gss_asked;

	/* client to backend */
	struct buffer stash;	/* input that cannot be used yet */
	size_t body_left;	/* of a message that is being passed through */
	bool body_dropped;	/* that message is refused, or skipped */
	bool discarding;	/* after a local error, up to the Sync */
	bool reading_stash;
	bool input_full;	/* reading is off: too much is waiting */
	bool output_full;	/* the client is slow: nothing more is taken
				   of it, and the backend is paused */
	bool server_full;	/* the backend is slow */
	unsigned pins;		/* a bit for each enum pin: it keeps its lease;
				   see session_state.c */
	uint64_t pinned_ms;	/* since when */
	bool overpinned;	/* one too many of its pool: it is ended */
	struct statement *suspect;	/* what was run last that may pin */
	uint8_t probe_due;	/* enum probe: to be asked at its end */
	bool probing;		/* the answer is awaited */
	bool style_set;		/* SET datestyle, in this exchange */
	struct buffer asked_settings;	/* names to ask for, zero-ended each */
	uint64_t verified;	/* the statement that was prepared anew for the
				   message at hand; 0: none */
	uint32_t first_batch;	/* of what was sent since all was answered, but
				   for what was installed in front */
	uint32_t installed_batch;
	uint32_t awaited;	/* the watch that must be told before more of
				   the client is looked at; 0: none */
	bool barrier;		/* the next batch waits for the ReadyForQuery
				   of this one */
	enum kept_ready kept_ready;
	bool terminating;	/* Terminate was read */
	struct cancelled_wait *cancelled;	/* while WAITING, see
						   session_cancel.c */

	/* what travels (session_state.c) */
	struct statement_names *names;
	struct statement *unnamed;	/* the last unnamed Parse */
	struct statement *unnamed_read;	/* the last that was answered; what
					   stands where a batch fails */
	bool unnamed_here;	/* this lease's backend has it, or will */
	bool unnamed_sure;	/* it has; else only in the batch of its Parse,
				   which may be skipped after an error */
	uint32_t unnamed_batch;
	bool unnamed_used;	/* bound, or asked for its shape */
	bool unnamed_changed;	/* its columns are not what they were */
	struct shape *unnamed_shape;
	struct list portals;	/* of this transaction, if what they do must
				   be followed */
	struct parameters *told;	/* what the client was told last */
	struct settings *base;	/* asked for at startup */
	struct settings *settings;
	struct settings *settings_before;	/* the transaction; if saved */
	struct settings *backend_before;
	bool settings_saved;
	struct list savepoints;	/* since the first SET of the transaction */
	struct list watches;
	struct list undoing;	/* watches that failed, in order: their
				   names are put right at the next
				   ReadyForQuery */
	uint32_t last_token;

	struct list channel_deeds;	/* of this transaction, in order */
	unsigned channel_deed_count;
	struct subscriber *subscriber;	/* NULL: listens to nothing */
	bool listens_here;	/* the leased server listens, until the lease
				   ends */
	struct buffer notifications;	/* not given to the client yet */

	struct lexer_state lexer;
	struct own_path own_path;
	bool path_moved;	/* perhaps, in this transaction */
	uint32_t judged_path;	/* the id of the one a text was judged by */
	struct made *made;	/* session_made.c; NULL: nothing */
	struct catalog_wait lookup;	/* session_guard.c */
	uint64_t refused_look;	/* the last one before the refusal that made
				   it look again; 0: there was none */
	uint64_t permitted;	/* the message at hand was, in this state of
				   path and catalog; 0: not yet */
	bool spared;	/* and does nothing to the session; false: not known */
	struct long_text *being_read;	/* session_reading.c; NULL: none */
	struct list read_texts;	/* of the message at hand */
	bool looking_up;	/* an answer is awaited */
	bool looked_up;		/* for the message at hand */
	bool path_asked;	/* the server's answer is awaited */
	bool sanctioned;	/* the text judged last passed by exception */
	bool binds_later;	/* the text that is judged is a Parse's, */
	struct slice declared;	/* with these types: count and OIDs */
	/* of the Bind that is judged; else NULL */
	const struct retain_values *bound_values;

	struct auth_exchange *exchange;	/* while LOGIN */
	struct buffer heard;	/* while WELCOME: what a server says to what
				   was asked for */
	bool long_cancel_key;	/* protocol 3.2: all of the secret, not 4 bytes */
	uint32_t cancel_pid;	/* as given to the client, with the secret */
	uint8_t cancel_secret[CANCEL_SECRET_BYTES];
	UT_hash_handle by_pid;

	/* session_timeout.c */
	uint64_t born_ms, active_ms;	/* active: last message either way */
	uint64_t query_ms;	/* start of what is running; 0: nothing */
	uint64_t transaction_ms;	/* its first message; 0: in none */
	bool query_stopped;	/* a cancel was sent for being late */
};

/* Takes over a connected descriptor. */
void session_start(struct worker *, int fd, const char *peer, bool local);

/* Ends it: says why (NULL: nothing), gives the lease back, closes. */
void session_close(struct session *, const struct error *why);

/* Timeouts of all sessions; call some twenty times a second. */
void sessions_tick(struct worker *, uint64_t now_ms);

/* A session that keeps its server, for SHOW PINS. */
struct pinned {
	uint64_t session;
	const char *user, *database, *application;
	unsigned pins;		/* a bit for each enum pin */
	struct slice statement;	/* the text that was run; may hold literals */
	uint64_t since_ms;	/* by the clock of the loop */
};
/* Visits every one; what is visited is borrowed. */
void session_each_pinned(struct worker *,
			 void (*visit)(void *context, const struct pinned *),
			 void *context);

/* The worker drains: leaves now if idle, else when its transaction ends. */
void session_drain(struct session *);

/* Stops whatever the session with this key is doing (CancelRequest); a key
 * that nobody has is nobody's business. */
void session_cancel(struct worker *, const struct cancel_message *);
void session_cancel_fini(struct session *);

/* --- between the session's files ---------------------------------------- */

#define SESSION_MAGIC 0x73657373u
#define CANCEL_KEY_SHORT_BYTES 4	/* up to protocol 3.0 */
#define STASH_BYTES_MAX 65536	/* then reading stops */
#define QUEUE_BYTES_MAX 262144	/* of output, then the other side is paused */
#define PATH_TOKEN (UINT32_MAX - 3)	/* of what session_path.c asks */
#define INSTALL_TOKEN (UINT32_MAX - 2)	/* of weir's own batch in front */
#define BATCH_TOKEN (UINT32_MAX - 1)	/* of the next ReadyForQuery */
#define PROBE_TOKEN UINT32_MAX	/* of the watch on a probe's answer */

void session_enter(struct session *, enum session_state);
/* The session that holds a lease, or NULL when it is somebody else. */
struct session *session_that_leases(const struct backend *);
/* Closes with a fatal error; the hint may be NULL. */
void session_end(struct session *, const char *sqlstate, const char *message,
		 const char *hint);

/* The clocks: input was used (`was_quiet`: nothing was under way before), and
 * a ReadyForQuery went by. */
void session_note_sent(struct session *, bool was_quiet);
void session_note_ready(struct session *, char status, bool idle);

void session_send(struct session *, struct slice bytes);
void session_send_pieces(struct session *, const struct slice *pieces,
			 unsigned count);
void session_send_error(struct session *, const struct error *);
void session_send_ready(struct session *, char status);

/* HELLO, TLS, LOGIN: takes what it can of the bytes, returns how many. */
size_t hello_take(struct session *, struct slice bytes);
void hello_secured(struct session *);
/* A backend is at hand, or its parameters are known: says welcome. */
void hello_welcome(struct session *, struct backend *);
void hello_refused(struct session *, const struct error *);
/* What the backend says to the settings asked for at startup. */
void hello_reply(struct session *, const struct slice *pieces, unsigned count);

/* IDLE, WAITING, LEASED. */
size_t relay_take(struct session *, struct slice bytes);
void relay_leased(struct session *, struct backend *);
void relay_refused(struct session *, const struct error *);
/* What can be done now that a request has ended: goes on with what waits. */
void relay_go_on(struct session *);
/* What was sent must be settled before more of the client is looked at. */
bool relay_must_settle(const struct session *);
/* No request of it is under way, and no transaction. */
bool relay_is_between(const struct session *);
extern const struct lease_handlers session_lease_handlers;

/* Gives the lease back if it may end here. */
void session_end_lease(struct session *);
/* Stops reading while input cannot be used, and starts again. */
void session_check_input(struct session *);
/* Uses what was stashed, as far as it goes. */
void session_continue(struct session *);

#endif
