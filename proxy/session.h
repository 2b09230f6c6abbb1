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
 * session.c          birth, states, leases, timeouts, death
 * session_hello.c    first bytes: TLS or not, cancel or startup, password
 * session_relay.c    the steady state: frame, guard, lease, backend
 * session_guard.c    what the guard says to it
 * session_state.c    prepared statements and settings that travel
 */
#ifndef WEIR_PROXY_SESSION_H
#define WEIR_PROXY_SESSION_H

#include <uthash.h>

#include "pool/pool.h"
#include "pool/setting.h"
#include "pool/statement.h"
#include "pool/stream.h"
#include "proxy/worker.h"

struct auth_exchange;
struct route;

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
	struct statement *statement;
	char *name;		/* of a Parse: the client's name; or NULL */
};

struct session {
	uint32_t magic;
	enum session_state state;
	struct worker *worker;
	struct list link;	/* in the worker's list */
	struct stream stream;
	struct want want;
	struct backend *backend;	/* while LEASED */
	struct route *route;	/* NULL until the startup packet */
	uint64_t id;
	char *user, *database, *application;
	char peer[64];		/* address, for the log */
	bool local;		/* over loopback or a unix socket */
	bool secure;		/* over TLS */
	bool tls_asked, gss_asked;

	/* client to backend */
	struct buffer stash;	/* input that cannot be used yet */
	size_t body_left;	/* of a message that is being passed through */
	bool discarding;	/* after a local error, up to the Sync */
	bool reading_stash;
	bool input_full;	/* reading is off: too much is waiting */
	bool output_full;	/* the backend is paused: the client is slow */
	bool pinned;		/* keeps its lease: see session_state.c */
	const char *pin_reason;
	bool terminating;	/* Terminate was read */

	/* what travels (session_state.c) */
	struct statement_names *names;
	struct statement *unnamed;	/* the last unnamed Parse */
	bool unnamed_here;	/* this lease's backend has it */
	struct statement *portal;	/* behind the unnamed portal, if what it
					   does must be watched */
	struct settings *base;	/* asked for at startup */
	struct settings *settings;
	struct settings *settings_before;	/* the transaction; if saved */
	struct settings *backend_before;
	bool settings_saved;
	struct list watches;
	uint32_t last_token;

	struct auth_exchange *exchange;	/* while LOGIN */
	uint8_t cancel_key[8];	/* pid and secret, as given to the client */
	UT_hash_handle by_key;
	uint64_t born_ms, active_ms;	/* active: last message either way */
	uint64_t query_ms;	/* start of what is running; 0: nothing */
};

/* Takes over a connected descriptor. */
void session_start(struct worker *, int fd, const char *peer, bool local);

/* Ends it: says why (NULL: nothing), gives the lease back, closes. */
void session_close(struct session *, const struct error *why);

/* Timeouts; call about every second. */
void session_tick(struct session *, uint64_t now_ms);

/* The worker drains: leaves now if idle, else when its transaction ends. */
void session_drain(struct session *);

/* Stops whatever the session with this key is doing (CancelRequest). */
void session_cancel(struct worker *, const uint8_t key[8]);

/* --- between the session's files ---------------------------------------- */

#define SESSION_MAGIC 0x73657373u
#define STASH_BYTES_MAX 65536	/* then reading stops */
#define QUEUE_BYTES_MAX 262144	/* of output, then the other side is paused */

void session_enter(struct session *, enum session_state);
void session_send(struct session *, struct slice bytes);
void session_send_error(struct session *, const struct error *);
void session_send_ready(struct session *, char status);

/* HELLO, TLS, LOGIN: takes what it can of the bytes, returns how many. */
size_t hello_take(struct session *, struct slice bytes);
void hello_secured(struct session *);
/* A backend is at hand, or its parameters are known: says welcome. */
void hello_welcome(struct session *, struct backend *);
void hello_refused(struct session *, const struct error *);

/* IDLE, WAITING, LEASED. */
size_t relay_take(struct session *, struct slice bytes);
void relay_leased(struct session *, struct backend *);
void relay_refused(struct session *, const struct error *);
extern const struct lease_handlers session_lease_handlers;

/* Gives the lease back if it may end here. */
void session_end_lease(struct session *);
/* Uses what was stashed, as far as it goes. */
void session_continue(struct session *);

#endif
